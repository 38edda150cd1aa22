//! A project URL as it is typed or pasted: the clean address, what was taken off, and what looks odd.

use std::ops::Range;

use url::{Host, Url};

use super::{ProjectUrl, ProjectUrlError};

/// What stands in the field of a project's URL. Cheap enough to be read anew at every key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedUrl {
    /// The address, or why there is none.
    pub url: Result<ProjectUrl, ProjectUrlError>,
    /// What does not belong to it, in the order of the text.
    pub removed: Vec<Removed>,
    /// What looks odd about the address.
    pub warnings: Vec<UrlWarning>,
}

/// A part of the typed text that is no part of the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Where it is, in bytes of the text as typed.
    pub range: Range<usize>,
    /// What it is, to be read after "removed": "a second https://", "/rest/v1/". Never a password or a token.
    pub words: String,
}

/// Something about an address that is worth a second look before a key is sent there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlWarning {
    /// The host's name has letters from outside ASCII, which may look like others.
    LookAlike {
        /// The name as it is really asked for.
        sent_as: String,
    },
    /// Nearly the name of Supabase's own hosts, but not it.
    Misspelt {
        /// The host that was probably meant.
        meant: String,
    },
    /// A host of Supabase whose project reference has not its 20 letters.
    Reference {
        /// How many it has.
        letters: usize,
    },
}

impl UrlWarning {
    /// The warning in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::LookAlike { sent_as } => format!(
                "This name has letters that may look like others; it really is {sent_as}. Make sure that it is yours."
            ),
            Self::Misspelt { meant } => format!("Is {meant} meant? Projects of Supabase are at ….supabase.co."),
            Self::Reference { letters } => {
                format!("A project's reference has 20 small letters; this one has {letters} characters.")
            }
        }
    }
}

/// The text with the part that is still looked at.
struct Reader<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    removed: Vec<Removed>,
}

impl TypedUrl {
    /// Reads a text as people type and paste it: with the scheme missing or doubled, with a path of one of the APIs,
    /// with quotes or a setting's name around it, or copied from the dashboard's address bar.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut reader = Reader {
            text,
            start: 0,
            end: text.len(),
            removed: Vec::new(),
        };
        let mut warnings = Vec::new();
        let url = reader.read(&mut warnings);
        let mut removed = reader.removed;
        removed.sort_by_key(|part| part.range.start);
        Self { url, removed, warnings }
    }

    /// "removed a second https:// and /rest/v1/", if anything was.
    #[must_use]
    pub fn removed_words(&self) -> Option<String> {
        // Both quotation marks are said once.
        let mut words: Vec<&str> = Vec::new();
        for part in &self.removed {
            if !words.contains(&part.words.as_str()) {
                words.push(&part.words);
            }
        }
        let (last, before) = words.split_last()?;
        Some(if before.is_empty() {
            format!("removed {last}")
        } else {
            format!("removed {} and {last}", before.join(", "))
        })
    }
}

/// The registrable name under which Supabase serves projects.
const SUPABASE: &str = "supabase.co";
/// Letters of a project's reference.
const REFERENCE: usize = 20;

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.start..self.end]
    }

    fn remove(&mut self, range: Range<usize>, words: impl Into<String>) {
        if !range.is_empty() {
            let words = words.into();
            self.removed.push(Removed { range, words });
        }
    }

    /// Drops what `is` says from both ends.
    fn trim(&mut self, is: impl Fn(char) -> bool) {
        let before = self.rest();
        let left = before.len() - before.trim_start_matches(&is).len();
        self.start += left;
        let rest = self.rest();
        self.end -= rest.len() - rest.trim_end_matches(&is).len();
    }

    fn read(&mut self, warnings: &mut Vec<UrlWarning>) -> Result<ProjectUrl, ProjectUrlError> {
        self.trim(char::is_whitespace);
        if self.rest().is_empty() {
            return Err(ProjectUrlError::Empty);
        }
        self.take_setting_name();
        self.take_quotes();
        if is_key(self.rest()) {
            return Err(ProjectUrlError::Key);
        }
        let scheme = self.take_schemes()?;
        let authority_end = self.start
            + self
                .rest()
                .find(|c: char| "/?#\\".contains(c) || c.is_whitespace())
                .unwrap_or(self.rest().len());
        let path = authority_end..self.end;
        self.end = authority_end;
        if let Some(at) = self.rest().rfind('@') {
            let range = self.start..self.start + at + 1;
            self.start = range.end;
            self.remove(range, "a name and password");
        }
        if let Some(url) = self.dashboard(path.clone())? {
            return Ok(url);
        }
        self.take_full_stop();
        self.remove(path.clone(), path_words(&self.text[path]));
        let authority = self.rest();
        if scheme.is_empty() && is_reference(authority) {
            return Ok(ProjectUrl::of_reference(authority));
        }
        let guess = if scheme.is_empty() { "https" } else { scheme };
        let url = Url::parse(&format!("{guess}://{authority}")).map_err(|_| ProjectUrlError::NotAnAddress)?;
        let host = url.host().ok_or(ProjectUrlError::NotAnAddress)?.to_owned();
        if let Host::Domain(name) = &host {
            if let Some(url) = self.service_host(name) {
                return Ok(url);
            }
            look_at(name, warnings);
        }
        ProjectUrl::of(scheme, &host, url.port())
    }

    /// `NEXT_PUBLIC_SUPABASE_URL=`, `export SUPABASE_URL=`, `url:` before the address.
    fn take_setting_name(&mut self) {
        let rest = self.rest();
        let Some(at) = rest.find(['=', ':']) else { return };
        let name = rest[..at].trim();
        let last = name.rsplit(' ').next().unwrap_or_default();
        let is_name = last.to_ascii_uppercase().trim_matches(['"', '\'']).ends_with("URL")
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ' | '"' | '\''));
        if is_name {
            let range = self.start..self.start + at + 1;
            self.start = range.end;
            self.remove(range, format!("{name}="));
            self.trim(char::is_whitespace);
        }
    }

    /// Quotes and the punctuation of the code that it was copied from.
    fn take_quotes(&mut self) {
        let (start, end) = (self.start, self.end);
        self.trim(|c| c.is_whitespace() || "\"'`“”‘’«»<>,;()".contains(c));
        for range in [start..self.start, self.end..end] {
            if !self.text[range.clone()].trim().is_empty() {
                self.remove(range, "the quotation marks");
            }
        }
    }

    /// All schemes at the beginning, `https:/` and `https//` among them; the best one stays.
    fn take_schemes(&mut self) -> Result<&'static str, ProjectUrlError> {
        let mut found: Vec<(&'static str, Range<usize>)> = Vec::new();
        while let Some((scheme, length)) = scheme_at(self.rest()) {
            found.push((scheme, self.start..self.start + length));
            self.start += length;
        }
        if let Some(at) = self.rest().find("://") {
            let scheme = self.rest()[..at].to_ascii_lowercase();
            if scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c)) {
                return Err(if scheme.starts_with("postgres") {
                    ProjectUrlError::Database
                } else {
                    ProjectUrlError::NotAnAddress
                });
            }
        }
        let Some(kept) = found
            .iter()
            .rposition(|(scheme, _)| *scheme == "https")
            .or(found.len().checked_sub(1))
        else {
            return Ok("");
        };
        let scheme = found[kept].0;
        for (at, (_, range)) in found.into_iter().enumerate() {
            if at != kept {
                let words = format!("a second {}", &self.text[range.clone()]);
                self.remove(range, words);
            }
        }
        Ok(scheme)
    }

    /// `https://supabase.com/dashboard/project/<ref>/…` is what the browser shows while one looks at a project.
    fn dashboard(&mut self, path: Range<usize>) -> Result<Option<ProjectUrl>, ProjectUrlError> {
        let host = self.rest().to_ascii_lowercase();
        if !matches!(
            host.as_str(),
            "supabase.com" | "www.supabase.com" | "app.supabase.com" | "app.supabase.io"
        ) {
            return Ok(None);
        }
        let text = &self.text[path.clone()];
        if matches!(text, "" | "/") {
            // The host alone is a plain address, though hardly the one that is meant: the warning says so.
            return Ok(None);
        }
        let marker = "/project/";
        let at = text.find(marker).ok_or(ProjectUrlError::Dashboard)? + marker.len();
        let length = text[at..].find(['/', '?', '#']).unwrap_or(text.len() - at);
        let reference = &text[at..at + length];
        if reference.is_empty() || !reference.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
            return Err(ProjectUrlError::Dashboard);
        }
        let url = ProjectUrl::of_reference(reference);
        let kept = path.start + at..path.start + at + length;
        self.remove(self.start..kept.start, "the dashboard's address");
        self.remove(kept.end..path.end, path_words(&self.text[kept.end..path.end]));
        Ok(Some(url))
    }

    /// A full stop after the host, as at the end of a sentence.
    fn take_full_stop(&mut self) {
        let rest = self.rest();
        let dots = rest.len() - rest.trim_end_matches('.').len();
        if dots > 0 {
            let range = self.end - dots..self.end;
            self.end = range.start;
            self.remove(range, "the full stop");
        }
    }

    /// `db.<ref>.supabase.co` and `<ref>.storage.supabase.co` are hosts of one service of a project.
    fn service_host(&mut self, name: &str) -> Option<ProjectUrl> {
        let labels: Vec<&str> = name.strip_suffix(SUPABASE)?.trim_end_matches('.').split('.').collect();
        let (reference, range, words) = match labels.as_slice() {
            ["db", reference] => (*reference, self.start..self.start + 3, "db."),
            [reference, service @ ("storage" | "functions" | "realtime")] => {
                let start = self.start + reference.len();
                let range = start..start + 1 + service.len();
                (
                    *reference,
                    range,
                    if *service == "storage" {
                        ".storage"
                    } else {
                        ".functions"
                    },
                )
            }
            _ => return None,
        };
        let url = ProjectUrl::of_reference(reference);
        self.remove(range, words);
        Some(url)
    }
}

/// What a path is called that was taken off. Only names of APIs and pages are shown: what follows them may be a token.
fn path_words(path: &str) -> String {
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let segments: Vec<&str> = path[..end]
        .split(['/', '\\'])
        .filter(|segment| !segment.is_empty())
        .collect();
    let known = |segment: &&str| {
        segment.len() <= 12
            && segment
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let shown: Vec<&str> = segments.iter().copied().take(2).take_while(known).collect();
    let mut words = shown.iter().fold(String::new(), |words, segment| words + "/" + segment);
    if shown.len() < segments.len() || end < path.len() {
        words.push_str("/…");
    } else {
        words.push_str(&path[path.trim_end_matches('/').len()..]);
    }
    if words.is_empty() {
        "what follows it".to_owned()
    } else {
        words
    }
}

/// `https://` at the beginning, also as browsers and people mangle it.
fn scheme_at(text: &str) -> Option<(&'static str, usize)> {
    let is = |scheme: &str| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let scheme = ["https", "http"].into_iter().find(|scheme| is(scheme))?;
    let after = &text[scheme.len()..];
    let mark = ["://", ":/", "//"].into_iter().find(|mark| after.starts_with(mark))?;
    Some((scheme, scheme.len() + mark.len()))
}

fn is_reference(text: &str) -> bool {
    text.len() == REFERENCE && text.bytes().all(|b| b.is_ascii_lowercase())
}

/// A key in the field of the URL; it is not repeated.
fn is_key(text: &str) -> bool {
    ["sb_", "sbp_", "eyJ"].iter().any(|prefix| text.starts_with(prefix))
}

fn look_at(name: &str, warnings: &mut Vec<UrlWarning>) {
    if name.split('.').any(|label| label.starts_with("xn--")) {
        warnings.push(UrlWarning::LookAlike {
            sent_as: name.to_owned(),
        });
        return;
    }
    if let Some(reference) = name.strip_suffix(SUPABASE).and_then(|before| before.strip_suffix('.')) {
        if !reference.contains('.') && reference.len() != REFERENCE {
            let letters = reference.chars().count();
            warnings.push(UrlWarning::Reference { letters });
        }
        return;
    }
    let labels: Vec<&str> = name.rsplitn(3, '.').collect();
    if let [top, registered, rest @ ..] = labels.as_slice() {
        let domain = format!("{registered}.{top}");
        // supabase.in and supabase.net serve projects of an older kind and branches.
        let other = matches!(domain.as_str(), "supabase.in" | "supabase.net" | "supabase.red");
        if !other && distance(&domain, SUPABASE) <= 2 {
            let meant = rest
                .first()
                .map_or_else(|| SUPABASE.to_owned(), |rest| format!("{rest}.{SUPABASE}"));
            warnings.push(UrlWarning::Misspelt { meant });
        }
    }
}

/// How many letters must be added, dropped, changed or swapped with their neighbour (Damerau–Levenshtein, restricted).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &to) in b.iter().enumerate() {
            let change = last[j] + usize::from(from != to);
            let mut least = change.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && from == b[j - 1] && a[i - 1] == to {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests;
