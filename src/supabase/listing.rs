//! Listing a bucket page by page: the flat second API, which loses nothing, and the first one where that is missing.

use std::collections::{HashSet, VecDeque};

use super::list_page::PAGE;
use super::{Class, Entry, Error, FlatQuery, LevelQuery, Objects};

/// A listing under way. Each [`Listing::next`] is one request.
#[derive(Debug)]
pub struct Listing {
    objects: Objects,
    prefix: String,
    state: State,
    listed_any: bool,
}

#[derive(Debug)]
enum State {
    /// The second API, after this cursor.
    V2 {
        cursor: Option<String>,
    },
    /// The first API: folders that are still to be walked, with the rows of the first one already seen.
    V1 {
        folders: VecDeque<String>,
        offset: usize,
        walked: HashSet<String>,
    },
    Done,
}

/// Which API a page came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListApi {
    /// Flat and complete.
    V2,
    /// Folder by folder. In folders of more than a page it may leave objects out (names that begin like the one
    /// before them), so nothing should be called orphaned or missing by it.
    V1,
}

/// A page of a listing.
#[derive(Clone, Debug)]
pub struct ListPage {
    /// Objects, by key. May be empty although more follow.
    pub entries: Vec<Entry>,
    /// Where they are from.
    pub api: ListApi,
}

impl Listing {
    pub(super) fn new(objects: Objects, prefix: &str) -> Self {
        Self {
            objects,
            prefix: prefix.to_owned(),
            state: State::V2 { cursor: None },
            listed_any: false,
        }
    }

    /// As a new one that goes on at a cursor that another one had.
    pub(super) fn after(objects: Objects, prefix: &str, cursor: String) -> Self {
        Self {
            state: State::V2 { cursor: Some(cursor) },
            // The pages before were listed by the other one.
            listed_any: true,
            ..Self::new(objects, prefix)
        }
    }

    /// Where the next page begins, if the server can be asked for it later, too: the second API, after a page.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        match &self.state {
            State::V2 { cursor } => cursor.as_deref(),
            State::V1 { .. } | State::Done => None,
        }
    }

    /// The next page; None at the end.
    ///
    /// # Errors
    /// [`Class::BucketNotFound`] if there is nothing to list because there is no such bucket (the server says only
    /// that the list is empty). After an error the same page can be asked for again.
    pub async fn next(&mut self) -> Result<Option<ListPage>, Error> {
        let page = match &self.state {
            State::V2 { .. } => self.next_v2().await?,
            State::V1 { .. } => self.next_v1().await?,
            State::Done => return Ok(None),
        };
        self.listed_any |= !page.entries.is_empty();
        if !self.listed_any && matches!(self.state, State::Done) {
            self.objects.project.buckets().get(&self.objects.bucket).await?;
        }
        Ok(Some(page))
    }

    async fn next_v2(&mut self) -> Result<ListPage, Error> {
        let State::V2 { cursor } = &self.state else {
            return Ok(empty(ListApi::V2));
        };
        let query = FlatQuery {
            prefix: self.prefix.clone(),
            cursor: cursor.clone(),
            ..FlatQuery::default()
        };
        let page = match self.objects.flat_page(&query).await {
            Ok(page) => page,
            // Servers from before the second API know no such route.
            Err(error)
                if query.cursor.is_none() && error.class == Class::NotFound && error.http_status == Some(404) =>
            {
                self.state = State::V1 {
                    folders: VecDeque::from([folder_of(&self.prefix).to_owned()]),
                    offset: 0,
                    walked: HashSet::new(),
                };
                return self.next_v1().await;
            }
            Err(error) => return Err(error),
        };
        self.state = match page.next {
            Some(cursor) => State::V2 { cursor: Some(cursor) },
            None => State::Done,
        };
        Ok(ListPage {
            entries: page.entries,
            api: ListApi::V2,
        })
    }

    async fn next_v1(&mut self) -> Result<ListPage, Error> {
        let State::V1 { folders, offset, .. } = &self.state else {
            return Ok(empty(ListApi::V1));
        };
        let Some(folder) = folders.front().cloned() else {
            self.state = State::Done;
            return Ok(empty(ListApi::V1));
        };
        let query = LevelQuery {
            folder: folder.trim_end_matches('/').to_owned(),
            offset: *offset,
            ..LevelQuery::default()
        };
        let mut page = self.objects.level_page(&query).await?;
        page.entries.retain(|entry| entry.key.starts_with(&self.prefix));
        if let State::V1 {
            folders,
            offset,
            walked,
        } = &mut self.state
        {
            for inner in page.folders {
                let wanted = inner.starts_with(&self.prefix) || self.prefix.starts_with(&inner);
                if wanted && walked.insert(inner.clone()) {
                    folders.push_back(inner);
                }
            }
            if page.full {
                *offset += PAGE;
            } else {
                folders.pop_front();
                *offset = 0;
            }
            if folders.is_empty() {
                self.state = State::Done;
            }
        }
        Ok(ListPage {
            entries: page.entries,
            api: ListApi::V1,
        })
    }
}

fn empty(api: ListApi) -> ListPage {
    ListPage {
        entries: Vec::new(),
        api,
    }
}

/// The part of a prefix up to its last slash: the folder in which keys that begin with it lie.
fn folder_of(prefix: &str) -> &str {
    prefix.rfind('/').map_or("", |slash| &prefix[..=slash])
}

#[cfg(test)]
mod tests {
    use ::http::Method;
    use serde_json::{Value, json};

    use super::super::testing::{Seen, json, no_bucket, project};
    use super::super::{BucketName, Supabase};
    use super::*;

    fn objects(project: &Supabase) -> Objects {
        project.bucket(&BucketName::parse("b").unwrap())
    }

    fn keys(entries: &[Entry]) -> Vec<&str> {
        entries.iter().map(|entry| entry.key.as_str()).collect()
    }

    fn row(name: &str) -> Value {
        json!({"name": name, "id": "i", "metadata": {"size": "70", "mimetype": "image/png", "eTag": "\"e\"", "new": []}, "more": 1})
    }

    #[tokio::test]
    async fn follows_the_cursor_to_the_end() {
        let (project, seen) = project(|request| match request.json()["cursor"].as_str() {
            None => json(
                200,
                json!({"hasNext": true, "nextCursor": "c1", "folders": [], "objects": [row("p/a"), row("p/b")]}),
            ),
            Some("c1") => json(200, json!({"hasNext": true, "nextCursor": "c2", "objects": []})),
            _ => json(200, json!({"hasNext": false, "objects": [row("p//c")]})),
        })
        .await;
        let entries = objects(&project).list_all("p/").await.unwrap();
        assert_eq!(keys(&entries), ["p/a", "p/b", "p//c"]);
        assert_eq!(
            (entries[0].size, entries[0].content_type.as_deref()),
            (Some(70), Some("image/png"))
        );
        let request = seen.lock().unwrap()[0].json();
        assert_eq!(
            (&request["with_delimiter"], &request["limit"], &request["prefix"]),
            (&json!(false), &json!(1_000), &json!("p/"))
        );
    }

    #[tokio::test]
    async fn a_cursor_that_leads_nowhere_is_an_error_and_not_a_loop() {
        for next in [json!("same"), Value::Null] {
            let (project, seen) =
                project(move |_| json(200, json!({"hasNext": true, "nextCursor": next, "objects": []}))).await;
            assert_eq!(
                objects(&project).list_all("").await.unwrap_err().class,
                Class::Unexpected
            );
            assert!(seen.lock().unwrap().len() <= 2);
        }
    }

    #[tokio::test]
    async fn an_empty_listing_is_believed_only_of_a_bucket_that_exists() {
        let nothing = || json(200, json!({"hasNext": false, "objects": []}));
        let (gone, _) = project(move |r| {
            if r.method == Method::POST {
                nothing()
            } else {
                no_bucket()
            }
        })
        .await;
        assert_eq!(
            objects(&gone).list_all("").await.unwrap_err().class,
            Class::BucketNotFound
        );
        let (there, _) = project(move |r| {
            if r.method == Method::POST {
                nothing()
            } else {
                json(200, json!({"id": "b", "name": "b"}))
            }
        })
        .await;
        assert!(objects(&there).list_all("").await.unwrap().is_empty());
    }

    /// A server that knows the first API only: one level at a time, folders without an id.
    fn first_api(all: &'static [&'static str]) -> impl Fn(&Seen) -> axum::response::Response {
        move |request| {
            if request.path.contains("/list-v2/") {
                return json(
                    404,
                    json!({"message": "Route POST:/object/list-v2/b not found", "error": "Not Found", "statusCode": 404}),
                );
            }
            if request.method == Method::GET {
                return json(200, json!({"id": "b", "name": "b"}));
            }
            let body = request.json();
            let folder = match body["prefix"].as_str().unwrap() {
                "" => String::new(),
                prefix => format!("{prefix}/"),
            };
            let offset = usize::try_from(body["offset"].as_u64().unwrap()).unwrap();
            let mut rows: Vec<(String, bool)> = Vec::new();
            for inner in all.iter().filter_map(|key| key.strip_prefix(folder.as_str())) {
                let (name, is_folder) = inner.split_once('/').map_or((inner, false), |(name, _)| (name, true));
                if !rows.contains(&(name.to_owned(), is_folder)) {
                    rows.push((name.to_owned(), is_folder));
                }
            }
            let rows = rows.into_iter().skip(offset).take(1_000);
            json(
                200,
                rows.map(|(name, folder)| {
                    if folder {
                        json!({"name": name, "id": null, "metadata": null})
                    } else {
                        row(&name)
                    }
                })
                .collect(),
            )
        }
    }

    #[tokio::test]
    async fn walks_folders_where_only_the_first_api_is_known() {
        let (project, _) = project(first_api(&[
            "a.png",
            "s/1.png",
            "s/2.png",
            "s/deep/3.png",
            "sun/4.png",
            "s//lost.png",
        ]))
        .await;
        let mut all = objects(&project).list_all("").await.unwrap();
        all.sort_by(|a, b| a.key.cmp(&b.key));
        // The doubled slash leads back to its parent in this API; what lies behind it cannot be listed.
        assert_eq!(keys(&all), ["a.png", "s/1.png", "s/2.png", "s/deep/3.png", "sun/4.png"]);
        assert_eq!(keys(&objects(&project).list_all("s/").await.unwrap()).len(), 3);
        assert_eq!(keys(&objects(&project).list_all("su").await.unwrap()), ["sun/4.png"]);
        assert_eq!(
            keys(&objects(&project).list_all("s/de").await.unwrap()),
            ["s/deep/3.png"]
        );
        let page = objects(&project).list("").next().await.unwrap().unwrap();
        assert_eq!(page.api, ListApi::V1);
    }
}
