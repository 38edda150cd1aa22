//! One folder of a bucket, page by page: its objects and the folders in it.

use std::collections::HashSet;

use super::list_page::PAGE;
use super::{Class, Entry, Error, FlatQuery, LevelQuery, ListApi, ListSort, Objects};

/// A folder that is being listed. Each [`Browse::next`] is one request, or two on old servers.
#[derive(Debug)]
pub struct Browse {
    objects: Objects,
    /// As a prefix: empty, or ending in `/`.
    folder: String,
    sort: ListSort,
    descending: bool,
    state: State,
    /// Folders that were told already.
    seen: HashSet<String>,
    any: bool,
}

#[derive(Debug)]
enum State {
    Flat { cursor: Option<String> },
    Level { offset: usize },
    Done,
}

/// A page of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderPage {
    /// Its objects, with whole keys.
    pub entries: Vec<Entry>,
    /// The folders in it, as prefixes that end in `/`.
    pub folders: Vec<String>,
    /// There are objects behind a doubled slash. They cannot be browsed to: the folder that leads there is this folder
    /// itself. A flat listing shows them.
    pub behind_slashes: bool,
    /// Where the page is from.
    pub api: Option<ListApi>,
}

impl Objects {
    /// The objects and folders of one folder; the bucket's own level for an empty text.
    #[must_use]
    pub fn browse(&self, folder: &str, sort: ListSort, descending: bool) -> Browse {
        let folder = match folder.trim_end_matches('/') {
            "" => String::new(),
            name => format!("{name}/"),
        };
        Browse {
            objects: self.clone(),
            folder,
            sort,
            descending,
            state: State::Flat { cursor: None },
            seen: HashSet::new(),
            any: false,
        }
    }
}

impl Browse {
    /// The next page; None at the end.
    ///
    /// # Errors
    /// [`Class::BucketNotFound`] if the folder is empty because there is no such bucket. After an error the same page can be
    /// asked for again.
    pub async fn next(&mut self) -> Result<Option<FolderPage>, Error> {
        let mut page = match &self.state {
            State::Flat { cursor } => {
                let cursor = cursor.clone();
                self.flat(cursor).await?
            }
            State::Level { offset } => {
                let offset = *offset;
                self.level(offset).await?
            }
            State::Done => return Ok(None),
        };
        // A folder that is its own parent would be walked into for ever.
        let own = self.folder.as_str();
        let inside = |folder: &String| {
            folder
                .strip_prefix(own)
                .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        };
        let seen = &mut self.seen;
        page.behind_slashes |= page.folders.iter().any(|folder| !inside(folder));
        page.folders
            .retain(|folder| inside(folder) && seen.insert(folder.clone()));
        self.any |= !page.entries.is_empty() || !page.folders.is_empty() || page.behind_slashes;
        if !self.any && matches!(self.state, State::Done) {
            let objects = &self.objects;
            objects.project().buckets().get(objects.bucket()).await?;
        }
        Ok(Some(page))
    }

    async fn flat(&mut self, cursor: Option<String>) -> Result<FolderPage, Error> {
        let query = FlatQuery {
            prefix: self.folder.clone(),
            cursor,
            by_folder: true,
            sort: self.sort,
            descending: self.descending,
        };
        let page = match self.objects.flat_page(&query).await {
            Ok(page) => page,
            // Servers from before the second API know no such route.
            Err(error)
                if query.cursor.is_none() && error.class == Class::NotFound && error.http_status == Some(404) =>
            {
                return self.level(0).await;
            }
            Err(error) => return Err(error),
        };
        self.state = match page.next {
            Some(cursor) => State::Flat { cursor: Some(cursor) },
            None => State::Done,
        };
        Ok(FolderPage {
            entries: page.entries,
            folders: page.folders,
            behind_slashes: false,
            api: Some(ListApi::V2),
        })
    }

    async fn level(&mut self, offset: usize) -> Result<FolderPage, Error> {
        let query = LevelQuery {
            folder: self.folder.trim_end_matches('/').to_owned(),
            search: None,
            offset,
            sort: self.sort,
            descending: self.descending,
        };
        let page = self.objects.level_page(&query).await?;
        self.state = if page.full {
            State::Level { offset: offset + PAGE }
        } else {
            State::Done
        };
        Ok(FolderPage {
            entries: page.entries,
            folders: page.folders,
            behind_slashes: page.nameless,
            api: Some(ListApi::V1),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json as value};

    use super::super::testing::{bucket, json, no_bucket, project};
    use super::*;

    fn folder(name: &str) -> Value {
        value!({"key": name, "name": name, "id": null, "metadata": null})
    }

    fn file(name: &str) -> Value {
        value!({"name": name, "id": "i", "metadata": {"size": 7}})
    }

    async fn all(mut browse: Browse) -> (Vec<String>, Vec<String>, bool) {
        let (mut files, mut folders, mut hidden) = (Vec::new(), Vec::new(), false);
        while let Some(page) = browse.next().await.unwrap() {
            files.extend(page.entries.into_iter().map(|entry| entry.key));
            folders.extend(page.folders);
            hidden |= page.behind_slashes;
        }
        (files, folders, hidden)
    }

    #[tokio::test]
    async fn a_folder_is_read_to_its_end_and_never_into_itself() {
        let (project, seen) = project(|request| match request.json()["cursor"].as_str() {
            None => json(
                200,
                value!({"hasNext": true, "nextCursor": "c", "folders": [folder("k/a/"), folder("k/")], "objects": [file("k/1")]}),
            ),
            _ => json(
                200,
                value!({"hasNext": false, "folders": [folder("k/a/"), folder("k//"), folder("k/b")], "objects": [file("k/2")]}),
            ),
        })
        .await;
        let browse = project.bucket(&bucket("b")).browse("k", ListSort::Name, false);
        let (files, folders, hidden) = all(browse).await;
        assert_eq!(
            (files, folders, hidden),
            (
                vec!["k/1".to_owned(), "k/2".to_owned()],
                vec!["k/a/".to_owned(), "k/b/".to_owned()],
                true
            )
        );
        let request = seen.lock().unwrap()[0].json();
        assert_eq!(
            (&request["prefix"], &request["limit"], &request["with_delimiter"]),
            (&value!("k/"), &value!(1_000), &value!(true))
        );
    }

    #[tokio::test]
    async fn old_servers_are_asked_by_the_first_api() {
        let (project, seen) = project(|request| {
            if request.path.contains("/list-v2/") {
                return json(
                    404,
                    value!({"message": "Route POST:/object/list-v2/b not found", "error": "Not Found", "statusCode": 404}),
                );
            }
            let rows = if request.json()["offset"] == 0 {
                let mut rows = vec![folder("sub"), folder("")];
                rows.extend((0..998).map(|n| file(&format!("{n}"))));
                rows
            } else {
                vec![file("last")]
            };
            json(200, rows.into_iter().collect())
        })
        .await;
        let browse = project.bucket(&bucket("b")).browse("k/", ListSort::Updated, true);
        let (files, folders, hidden) = all(browse).await;
        assert_eq!((files.len(), folders, hidden), (999, vec!["k/sub/".to_owned()], true));
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 3);
        assert_eq!(seen[1].json()["prefix"], "k");
        assert_eq!(
            seen[1].json()["sortBy"],
            value!({"column": "updated_at", "order": "desc"})
        );
    }

    #[tokio::test]
    async fn nothing_is_believed_of_a_bucket_that_exists_only() {
        let (gone, _) = project(|request| {
            if request.method == ::http::Method::GET {
                return no_bucket();
            }
            if request.path.contains("list-v2") {
                return json(200, value!({"hasNext": false, "folders": [], "objects": []}));
            }
            json(200, value!([]))
        })
        .await;
        let objects = gone.bucket(&bucket("b"));
        let error = objects.browse("", ListSort::Name, false).next().await.unwrap_err();
        assert_eq!(error.class, Class::BucketNotFound);
        let error = objects.search("", "pip").await.unwrap_err();
        assert_eq!(error.class, Class::BucketNotFound);
    }

    #[tokio::test]
    async fn a_search_is_read_to_its_end() {
        let (project, seen) = project(|request| {
            if request.json()["offset"] == 0 {
                return json(200, (0..1_000).map(|n| file(&format!("pip{n}"))).collect());
            }
            json(200, value!([file("PIP"), folder("pips")]))
        })
        .await;
        let found = project.bucket(&bucket("b")).search("/d/", "pip").await.unwrap();
        assert_eq!(
            (found.entries.len(), found.folders),
            (1_001, vec!["d/pips/".to_owned()])
        );
        assert_eq!(found.entries[0].key, "d/pip0");
        let request = seen.lock().unwrap()[0].json();
        assert_eq!((&request["prefix"], &request["search"]), (&value!("d"), &value!("pip")));
    }
}
