//! What is to be changed of many objects at once: type, rule for caches, metadata.

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Chosen, ShownPlan};
use crate::service::{Problem, Service};
use crate::transfer::Plan;
use crate::transfer::plan::{EditOrder, HeaderEdit, MetadataEdit};

/// Rules for caches that are offered, and what each means.
pub const CACHING: [(&str, &str); 4] = [
    ("max-age=3600", "an hour, as uploads have it"),
    (
        "max-age=31536000, immutable",
        "a year: for names that never get other bytes",
    ),
    ("no-cache", "kept, but asked about each time"),
    ("no-store", "never kept"),
];

/// A change of headers.
#[derive(Debug)]
pub struct HeaderForm {
    /// Of which objects.
    pub chosen: Chosen,
    /// Whether the type is changed.
    pub change_type: bool,
    /// The new type.
    pub content_type: String,
    /// Whether the rule for caches is changed.
    pub change_caching: bool,
    /// The new rule.
    pub cache_control: String,
    /// Metadata that is set: names and values.
    pub set: Vec<(String, String)>,
    /// Names of metadata that is taken away, with commas between them.
    pub unset: String,
    /// Whether all other metadata is taken away.
    pub replace: bool,
    /// What will happen.
    pub plan: ShownPlan<HeaderEdit>,
}

impl HeaderForm {
    /// Nothing is changed yet.
    #[must_use]
    pub fn new(chosen: Chosen) -> Self {
        Self {
            chosen,
            change_type: false,
            content_type: String::new(),
            change_caching: false,
            cache_control: CACHING[0].0.to_owned(),
            set: Vec::new(),
            unset: String::new(),
            replace: false,
            plan: ShownPlan::default(),
        }
    }

    /// What is changed of each.
    ///
    /// # Errors
    /// Says what is wrong, or that nothing is changed.
    pub fn edit(&self) -> Result<HeaderEdit, String> {
        let mut metadata = MetadataEdit {
            replace: self.replace,
            ..MetadataEdit::default()
        };
        for (name, value) in &self.set {
            let name = name.trim();
            if name.is_empty() {
                return Err("A row of the metadata has no name".to_owned());
            }
            let before = metadata.set.insert(name.to_owned(), Value::String(value.clone()));
            if before.is_some() {
                return Err(format!("“{name}” is there twice"));
            }
        }
        let names = self.unset.split(',').map(str::trim).filter(|name| !name.is_empty());
        metadata.unset = names.map(str::to_owned).collect();
        let edit = HeaderEdit {
            content_type: self.change_type.then(|| self.content_type.trim().to_ascii_lowercase()),
            cache_control: self.change_caching.then(|| self.cache_control.trim().to_owned()),
            metadata: (metadata != MetadataEdit::default()).then_some(metadata),
        };
        if edit.is_empty() {
            return Err("Nothing is changed yet".to_owned());
        }
        edit.check()?;
        Ok(edit)
    }

    pub(super) fn poll(&mut self, service: &Service) {
        let chosen = self.chosen.clone();
        self.plan.follow(service, self.edit().ok(), move |service, edit| {
            plan(service, chosen, edit)
        });
    }

    /// Why it cannot be started.
    #[must_use]
    pub fn why_not(&self) -> Option<String> {
        self.edit().err().or_else(|| self.plan.why_not().map(str::to_owned))
    }
}

async fn plan(service: Service, chosen: Chosen, edit: HeaderEdit) -> Result<Plan, Problem> {
    let bucket = chosen.bucket.clone();
    let sources = tokio::task::spawn_blocking(move || chosen.sources());
    let order = EditOrder {
        sources: sources.await.map_err(|_| Problem::stopped())?,
        bucket,
        edit,
    };
    service.plan_edit(&order, &|_| {}, &CancellationToken::new()).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supabase::BucketName;

    #[test]
    fn only_what_is_ticked_is_changed() {
        let mut form = HeaderForm::new(Chosen::of_folder(BucketName::parse("b").unwrap(), "a/", None));
        assert!(form.edit().is_err());
        form.change_type = true;
        assert!(form.edit().unwrap_err().contains("no media type"));
        form.content_type = " Image/WEBP ".to_owned();
        assert_eq!(form.edit().unwrap().content_type.as_deref(), Some("image/webp"));
        assert_eq!(form.edit().unwrap().cache_control, None);
        form.set.push(("owner".to_owned(), "marta".to_owned()));
        form.unset = "draft, , old".to_owned();
        let metadata = form.edit().unwrap().metadata.unwrap();
        assert_eq!(
            (metadata.set.len(), metadata.unset.len(), metadata.replace),
            (1, 2, false)
        );
        form.set.push(("owner".to_owned(), "ole".to_owned()));
        assert!(form.edit().unwrap_err().contains("twice"));
    }
}
