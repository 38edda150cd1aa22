//! Objects of the open bucket for the command palette, found off the window's thread.

use super::State;
use crate::catalog::{Mode, Order, Query, SortBy};
use crate::service::{Load, Service};
use crate::supabase::{BucketName, ObjectKey};

/// Objects that one search gives to the palette; it shows fewer.
const MOST: usize = 200;

/// What was found last.
#[derive(Debug, Default)]
pub(super) struct Palette {
    asked: Option<String>,
    found: Load<(BucketName, Vec<ObjectKey>)>,
}

impl State {
    /// Searches for what is typed into the palette; `None` while it is closed. Answers whether there is something new to
    /// be shown.
    pub fn search_for_palette(&mut self, query: Option<&str>, service: &Service) -> bool {
        let text = query.map(str::trim).filter(|text| !text.is_empty());
        let Some((text, bucket)) = text.zip(self.open.as_ref()) else {
            self.palette = Palette::default();
            return false;
        };
        if self.palette.asked.as_deref() != Some(text)
            && let Some(index) = service.index(bucket)
        {
            self.palette.asked = Some(text.to_owned());
            let query = Query {
                deep: true,
                text: text.to_owned(),
                mode: Mode::Fuzzy,
                order: Order {
                    by: SortBy::Match,
                    descending: false,
                },
                ..Query::default()
            };
            let bucket = bucket.clone();
            self.palette.found.start(service.load(|service| async move {
                let contents = service.answer(index.clone(), query).await?;
                let best = contents.objects.iter().take(MOST);
                let keys = best.filter_map(|object| ObjectKey::parse(index.row(*object)?.key).ok());
                Ok((bucket, keys.collect()))
            }));
        }
        self.palette.found.poll()
    }

    /// What [`Self::search_for_palette`] found.
    pub fn found(&self) -> impl Iterator<Item = (&BucketName, &ObjectKey)> {
        let found = self.palette.found.value().into_iter();
        found.flat_map(|(bucket, keys)| keys.iter().map(move |key| (bucket, key)))
    }
}
