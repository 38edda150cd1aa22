//! The metadata of an object while it is edited in place.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::service::{Load, Problem, Service};
use crate::supabase::{BucketName, ObjectInfo, ObjectKey};
use crate::transfer::plan::{HeaderEdit, MetadataEdit, UNTOUCHED};

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRow {
    /// Its name.
    pub name: String,
    /// Its value: a text as it is, anything else as JSON.
    pub value: String,
    /// What was there when editing began; none for a new row.
    was: Option<(String, Value)>,
}

impl MetadataRow {
    /// Whether this program needs it, so that it stays as it is.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.was
            .as_ref()
            .is_some_and(|(name, _)| UNTOUCHED.contains(&name.as_str()))
    }

    /// What is typed: a value that was no text stays none while it can be read as JSON.
    fn typed(&self) -> Value {
        match &self.was {
            Some((_, was)) if self.value == shown(was) => was.clone(),
            Some((_, was)) if !was.is_string() => {
                serde_json::from_str(&self.value).unwrap_or_else(|_| Value::String(self.value.clone()))
            }
            _ => Value::String(self.value.clone()),
        }
    }
}

/// A value as it is shown.
#[must_use]
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The table while it is edited.
#[derive(Debug)]
pub struct MetadataForm {
    /// Its rows.
    pub rows: Vec<MetadataRow>,
    /// What was there when editing began.
    base: Map<String, Value>,
    /// What somebody has made of it meanwhile.
    theirs: Option<Map<String, Value>>,
    check: Load<ObjectInfo>,
    saving: bool,
    ready: bool,
}

impl MetadataForm {
    /// What is there, to be edited.
    #[must_use]
    pub fn of(info: &ObjectInfo) -> Self {
        let rows = info.metadata.iter().map(|(name, value)| MetadataRow {
            name: name.clone(),
            value: shown(value),
            was: Some((name.clone(), value.clone())),
        });
        Self {
            rows: rows.collect(),
            base: info.metadata.clone(),
            theirs: None,
            check: Load::default(),
            saving: false,
            ready: false,
        }
    }

    /// One row more.
    pub fn add(&mut self) {
        self.rows.push(MetadataRow {
            name: String::new(),
            value: String::new(),
            was: None,
        });
    }

    /// Takes a row away; not one that this program needs.
    pub fn remove(&mut self, row: usize) {
        if self.rows.get(row).is_some_and(|row| !row.is_fixed()) {
            self.rows.remove(row);
        }
    }

    /// What is to be changed: only what is another than when editing began, so that what others add meanwhile stays.
    ///
    /// # Errors
    /// Says what is wrong, or that nothing is changed.
    pub fn edit(&self) -> Result<HeaderEdit, String> {
        let mut names = HashSet::new();
        let mut edit = MetadataEdit::default();
        for row in &self.rows {
            let name = row.name.trim();
            if name.is_empty() {
                return Err("A row has no name".to_owned());
            }
            if !names.insert(name) {
                return Err(format!("“{name}” is there twice"));
            }
            let value = row.typed();
            if self.base.get(name) != Some(&value) {
                edit.set.insert(name.to_owned(), value);
            }
        }
        let gone = self.base.keys().filter(|name| !names.contains(name.as_str()));
        edit.unset = gone.cloned().collect();
        if edit == MetadataEdit::default() {
            return Err("Nothing is changed yet".to_owned());
        }
        let edit = HeaderEdit {
            metadata: Some(edit),
            ..HeaderEdit::default()
        };
        edit.check()?;
        Ok(edit)
    }

    /// Why it cannot be saved now.
    #[must_use]
    pub fn why_not(&self) -> Option<String> {
        if self.theirs.is_some() {
            return Some("Decide first whose changes are to stay".to_owned());
        }
        if self.saving {
            return Some("It is being looked at once more".to_owned());
        }
        self.edit().err()
    }

    /// Saves it, after a look whether it is still what it was when editing began.
    pub fn save(&mut self) {
        self.saving = true;
        self.check.clear();
    }

    /// Whether it was looked at and is to be saved now. Answers so once.
    pub fn take_ready(&mut self) -> bool {
        std::mem::take(&mut self.ready)
    }

    /// Whether it is being looked at.
    #[must_use]
    pub fn is_saving(&self) -> bool {
        self.saving
    }

    /// Why it could not be looked at.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        self.check.problem()
    }

    pub(super) fn poll(&mut self, service: &Service, bucket: &BucketName, key: &ObjectKey) {
        if self.saving && self.check.is_idle() {
            let (bucket, key) = (bucket.clone(), key.clone());
            self.check
                .start(service.load(|service| async move { service.object_info(&bucket, &key).await }));
        }
        if self.check.poll() && self.saving {
            self.saving = false;
            if let Some(info) = self.check.value().cloned() {
                self.theirs(&info);
                self.ready = self.theirs.is_none();
            }
        }
    }

    /// What is there now.
    pub(super) fn theirs(&mut self, info: &ObjectInfo) {
        self.theirs = (info.metadata != self.base).then(|| info.metadata.clone());
    }

    /// What somebody has changed since editing began, as a sentence.
    #[must_use]
    pub fn conflict(&self) -> Option<String> {
        let theirs = self.theirs.as_ref()?;
        let set = theirs
            .iter()
            .filter(|(name, value)| self.base.get(*name) != Some(value))
            .map(|(name, value)| format!("{name} is {} now", shown(value)));
        let gone = self.base.keys().filter(|name| !theirs.contains_key(*name));
        let all: Vec<String> = set.chain(gone.map(|name| format!("{name} is gone"))).collect();
        Some(format!("{}.", all.join(", ")))
    }

    /// Goes on with what was typed; what others changed elsewhere stays as they made it.
    pub fn keep_mine(&mut self) {
        let Some(theirs) = self.theirs.take() else { return };
        // Rows that were not touched take what is there now.
        self.rows.retain_mut(|row| {
            let Some((name, was)) = row.was.clone() else {
                return true;
            };
            let untouched = row.name == name && row.value == shown(&was);
            match theirs.get(&name) {
                Some(value) if untouched => {
                    row.value = shown(value);
                    row.was = Some((name, value.clone()));
                    true
                }
                None if untouched => false,
                _ => true,
            }
        });
        for (name, value) in &theirs {
            if !self.base.contains_key(name) && !self.rows.iter().any(|row| row.name.trim() == name) {
                self.rows.push(MetadataRow {
                    name: name.clone(),
                    value: shown(value),
                    was: Some((name.clone(), value.clone())),
                });
            }
        }
        self.base = theirs;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn info(metadata: &Value) -> ObjectInfo {
        serde_json::from_value(json!({"name": "a", "metadata": metadata})).unwrap()
    }

    fn metadata(form: &MetadataForm) -> MetadataEdit {
        form.edit().unwrap().metadata.unwrap()
    }

    #[test]
    fn only_what_was_touched_is_changed() {
        let mut form = MetadataForm::of(&info(&json!({"a": "1", "b": 2, "c": "3", "upload_id": "m"})));
        assert!(form.edit().is_err(), "nothing is changed");
        form.rows[0].value = "one".to_owned();
        form.rows[1].value = "3".to_owned();
        form.remove(2);
        form.add();
        form.rows.last_mut().unwrap().name = "d".to_owned();
        let edit = metadata(&form);
        assert_eq!(
            Value::Object(edit.set),
            json!({"a": "one", "b": 3, "d": ""}),
            "a number stays one"
        );
        assert_eq!((edit.unset, edit.replace), (vec!["c".to_owned()], false));
    }

    #[test]
    fn what_the_program_needs_cannot_be_taken_away() {
        let mut form = MetadataForm::of(&info(&json!({"upload_id": "m"})));
        form.remove(0);
        assert_eq!(form.rows.len(), 1);
    }

    #[test]
    fn a_name_is_there_once() {
        let mut form = MetadataForm::of(&info(&json!({"a": "1"})));
        form.add();
        assert!(form.edit().unwrap_err().contains("no name"));
        form.rows[1].name = " a ".to_owned();
        assert!(form.edit().unwrap_err().contains("twice"));
    }

    #[test]
    fn what_others_changed_meanwhile_is_said_and_kept() {
        let mut form = MetadataForm::of(&info(&json!({"a": "1", "b": "2", "c": "3"})));
        form.rows[0].value = "mine".to_owned();
        form.theirs(&info(&json!({"a": "1", "b": "theirs", "d": "new"})));
        let said = form.conflict().unwrap();
        assert!(
            said.contains("b is theirs now") && said.contains("d is new now") && said.contains("c is gone"),
            "{said}"
        );
        assert!(form.why_not().is_some(), "nothing is saved over it");
        form.keep_mine();
        assert_eq!(form.conflict(), None);
        let edit = metadata(&form);
        assert_eq!(Value::Object(edit.set), json!({"a": "mine"}));
        assert!(edit.unset.is_empty());
        form.theirs(&info(&json!({"a": "1", "b": "theirs", "d": "new"})));
        assert_eq!(form.conflict(), None, "that is what it begins from now");
    }
}
