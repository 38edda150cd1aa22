//! URLs of many objects: public ones, or signed ones that end; as a list, or as a table for a spreadsheet.

use std::sync::Arc;

use super::Chosen;
use crate::gui::panel::buckets::inspect::Expiry;
use crate::http::Secret;
use crate::service::{Load, Problem, Service, Signed, signed_csv};
use crate::supabase::{BucketName, ObjectKey, url};
use crate::transfer::plan::KeySource;

/// Which URLs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UrlKind {
    /// For everybody, as long as the bucket is public.
    #[default]
    Public,
    /// For whoever has one, until it ends.
    Signed,
}

/// What URLs are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Question {
    kind: UrlKind,
    expiry: Expiry,
    download: bool,
}

/// URLs that were made.
#[derive(Clone)]
pub struct Made {
    /// How many there are.
    pub count: usize,
    /// Objects that there is none for, and why, the first of them.
    pub refused: Vec<(ObjectKey, Problem)>,
    /// How many those are.
    pub refused_count: usize,
    /// One a line.
    pub list: Secret,
    /// As comma-separated values.
    pub csv: Secret,
}

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Made")
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

/// The URLs of objects.
#[derive(Debug)]
pub struct UrlForm {
    /// Of which objects.
    pub chosen: Chosen,
    /// Which URLs.
    pub kind: UrlKind,
    /// For how long signed ones last.
    pub expiry: Expiry,
    /// Whether a browser saves what they lead to instead of showing it.
    pub download: bool,
    asked: Option<Question>,
    wanted: bool,
    made: Load<Arc<Made>>,
}

impl UrlForm {
    /// Public ones of a public bucket, else signed ones.
    #[must_use]
    pub fn new(chosen: Chosen, public: bool) -> Self {
        Self {
            chosen,
            kind: if public { UrlKind::Public } else { UrlKind::Signed },
            expiry: Expiry::default(),
            download: false,
            asked: None,
            wanted: false,
            made: Load::default(),
        }
    }

    fn question(&self) -> Question {
        Question {
            kind: self.kind,
            expiry: self.expiry,
            download: self.download,
        }
    }

    /// Signs. Public URLs are made without being asked for: nothing is sent for them.
    pub fn sign(&mut self) {
        self.wanted = true;
    }

    pub(super) fn poll(&mut self, service: &Service) {
        let question = self.question();
        let other = self.asked.is_some_and(|asked| asked != question);
        if other {
            self.made.clear();
            self.asked = None;
        }
        let due = self.kind == UrlKind::Public && self.asked.is_none();
        if due || std::mem::take(&mut self.wanted) {
            self.asked = Some(question);
            let chosen = self.chosen.clone();
            self.made.start(
                service.load(move |service| async move { make(&service, chosen, question).await.map(Arc::new) }),
            );
        }
        self.made.poll();
    }

    /// Those that were made for what is asked now.
    #[must_use]
    pub fn made(&self) -> Option<&Arc<Made>> {
        self.made.value().filter(|_| self.asked == Some(self.question()))
    }

    /// Why there are none.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        self.made.problem()
    }

    /// Whether they are being made.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.made.is_loading()
    }
}

/// Refused objects that are named.
const NAMED: usize = 4;

async fn make(service: &Service, chosen: Chosen, question: Question) -> Result<Made, Problem> {
    let bucket = chosen.bucket.clone();
    let sources = tokio::task::spawn_blocking(move || chosen.sources());
    let sources = sources.await.map_err(|_| Problem::stopped())?;
    let keys = keys(service, &bucket, sources).await?;
    if question.kind == UrlKind::Public {
        let project = service.workspace().url.clone();
        let made = move || {
            public(&keys, |key| {
                if question.download {
                    url::download_url(&project, &bucket, key, None)
                } else {
                    url::public_url(&project, &bucket, key)
                }
            })
        };
        return tokio::task::spawn_blocking(made).await.map_err(|_| Problem::stopped());
    }
    let signed = service
        .sign(&bucket, &keys, question.expiry.duration(), question.download)
        .await?;
    Ok(of_signed(&signed))
}

/// The objects that were named, and those in folders that were.
async fn keys(service: &Service, bucket: &BucketName, sources: Vec<KeySource>) -> Result<Vec<ObjectKey>, Problem> {
    let mut keys = Vec::with_capacity(sources.len());
    for source in sources {
        match source {
            KeySource::Key(key) => keys.push(key),
            KeySource::Folder(folder) | KeySource::Inside(folder) | KeySource::Pattern(folder) => {
                let rows = service.objects(bucket, &folder).await?;
                keys.extend(rows.iter().filter_map(|row| row.object_key().ok()));
            }
        }
    }
    Ok(keys)
}

fn public(keys: &[ObjectKey], url: impl Fn(&ObjectKey) -> String) -> Made {
    let urls: Vec<String> = keys.iter().map(url).collect();
    let mut csv = String::from("\"key\",\"url\"\r\n");
    for (key, url) in keys.iter().zip(&urls) {
        csv.push_str(&format!("{},{}\r\n", safe(key.as_str()), safe(url)));
    }
    Made {
        count: urls.len(),
        refused: Vec::new(),
        refused_count: 0,
        list: Secret::exact(&urls.join("\n")),
        csv: Secret::exact(&csv),
    }
}

/// A field that no spreadsheet takes for a formula. Keys have no quotes and no line breaks.
fn safe(text: &str) -> String {
    let mark = if text.starts_with(['=', '+', '-', '@']) {
        "'"
    } else {
        ""
    };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

fn of_signed(signed: &[Signed]) -> Made {
    let links: Vec<&str> = signed
        .iter()
        .filter_map(|one| one.link.as_ref().ok().map(crate::supabase::SignedUrl::expose))
        .collect();
    let refused = signed
        .iter()
        .filter_map(|one| Some((one.key.clone(), one.link.as_ref().err()?.clone())));
    Made {
        count: links.len(),
        refused: refused.take(NAMED).collect(),
        refused_count: signed.len() - links.len(),
        list: Secret::exact(&links.join("\n")),
        csv: Secret::exact(&signed_csv(signed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_urls_are_a_list_and_a_safe_table() {
        let key = |key: &str| ObjectKey::parse(key).unwrap();
        let made = public(&[key("a b.png"), key("=1+1.png")], |key| {
            format!("https://x/{}", key.as_str().len())
        });
        assert_eq!(made.list.expose(), "https://x/7\nhttps://x/8");
        assert_eq!(
            made.csv.expose(),
            "\"key\",\"url\"\r\n\"a b.png\",\"https://x/7\"\r\n\"'=1+1.png\",\"https://x/8\"\r\n"
        );
        assert!(!format!("{made:?}").contains("https"));
    }
}
