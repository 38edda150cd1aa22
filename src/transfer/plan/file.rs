//! Plans as files: JSON, written whole or not at all, believed in nothing when they are read.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::path::Path;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Plan, PlanError, PlanItem};
use crate::media::format_bytes;
use crate::transfer::whole::write_whole;
use crate::workspace::ProjectUrl;

/// Bytes of a plan at most: a million items with long names.
const SIZE_MAX: u64 = 1 << 30;

impl Plan {
    /// Writes the plan to a file, which takes the place of what was there. Blocks.
    ///
    /// # Errors
    /// If it cannot be written; what was there stays then.
    pub fn save(&self, path: &Path) -> Result<(), PlanError> {
        write_whole(path, |file| {
            serde_json::to_writer_pretty(&mut *file, self)?;
            file.write_all(b"\n")
        })
        .map_err(|source| PlanError::Io {
            what: "written",
            path: path.to_owned(),
            source,
        })
    }

    /// Reads a plan and checks it ([`Plan::check`]). Blocks.
    ///
    /// # Errors
    /// If it cannot be read, is no plan, or must not be carried out in this project; with the item that is wrong.
    pub fn read(path: &Path, project: &ProjectUrl) -> Result<Self, PlanError> {
        let plan: Self = open(path)?;
        plan.check(project)?;
        Ok(plan)
    }

    /// As [`Plan::read`], of a file that may hold several, as a list: they are carried out one after the other. Blocks.
    ///
    /// # Errors
    /// As [`Plan::read`], for any of them.
    pub fn read_all(path: &Path, project: &ProjectUrl) -> Result<Vec<Self>, PlanError> {
        let Several(plans) = open(path)?;
        for plan in &plans {
            plan.check(project)?;
        }
        Ok(plans)
    }
}

/// Reads what a file holds, and does not believe that it is small or a file.
fn open<T: DeserializeOwned>(path: &Path) -> Result<T, PlanError> {
    let unreadable = |source| PlanError::Io {
        what: "read",
        path: path.to_owned(),
        source,
    };
    let facts = path.metadata().map_err(unreadable)?;
    if !facts.is_file() {
        return Err(PlanError::NotAPlan("it is no file".to_owned()));
    }
    if facts.len() > SIZE_MAX {
        let (size, most) = (format_bytes(facts.len()), format_bytes(SIZE_MAX));
        return Err(PlanError::NotAPlan(format!(
            "it has {size}, and plans have up to {most}"
        )));
    }
    let file = File::open(path).map_err(unreadable)?;
    // A file that grows is not read for ever.
    serde_json::from_reader(BufReader::new(file.take(SIZE_MAX))).map_err(|error| match error.io_error_kind() {
        Some(kind) => unreadable(kind.into()),
        None => PlanError::NotAPlan(plain(&error)),
    })
}

/// A parser's words repeat what it read.
fn plain(error: &serde_json::Error) -> String {
    let text: String = error.to_string().chars().take(300).collect();
    text.escape_debug().to_string()
}

/// Reads the items one by one, so that an error says which one is wrong.
pub(super) fn items<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PlanItem>, D::Error> {
    struct Items;

    impl<'de> Visitor<'de> for Items {
        type Value = Vec<PlanItem>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of items")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut items = Vec::new();
            loop {
                let next = seq.next_element::<PlanItem>();
                match next.map_err(|error| A::Error::custom(format_args!("item {}: {error}", items.len() + 1)))? {
                    Some(item) => items.push(item),
                    None => return Ok(items),
                }
            }
        }
    }

    from.deserialize_seq(Items)
}

/// One plan, or a list of them.
struct Several(Vec<Plan>);

impl<'de> Deserialize<'de> for Several {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Plans;

        impl<'de> Visitor<'de> for Plans {
            type Value = Several;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a plan or a list of plans")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Several, A::Error> {
                let plan = Plan::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Several(vec![plan]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Several, A::Error> {
                let mut plans = Vec::new();
                while let Some(plan) = seq.next_element()? {
                    plans.push(plan);
                }
                Ok(Several(plans))
            }
        }

        from.deserialize_any(Plans)
    }
}
