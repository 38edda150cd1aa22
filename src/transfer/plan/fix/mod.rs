//! Uploads that a person looks through before anything is sent: what is wrong with each file, what helps, and what was
//! chosen. Looking ([`source`], [`there`]) is apart from deciding ([`row`]), which is plain computation and asks nobody; so
//! a folder or a rule can be changed as often as somebody likes, and only keys that nobody has asked for are asked for.

mod name;
mod row;
mod sheet;
mod source;
mod there;
mod trouble;

pub use name::Template;
pub use row::{Choice, Made, Recipe, Row, Standing, State};
pub use sheet::{Counts, IfTaken, Sheet, Terms};
pub use source::Source;
pub use there::{Aim, Met};
pub use trouble::{Fix, Kind as TroubleKind, Trouble};

use super::request::counted;
use super::{KeyTarget, Kind, Plan, Planner, Rules};

impl Planner<'_> {
    /// The plan of what was reviewed: it does what the sheet says, file by file. Asks nobody.
    #[must_use]
    pub fn reviewed(&self, sheet: &Sheet, rules: &Rules) -> Plan {
        let terms = sheet.terms();
        let items = sheet.items();
        let acting = items.iter().filter(|item| item.action.acts()).count();
        let target = KeyTarget::Under(terms.prefix()).words(terms.bucket.as_str());
        let title = format!("Upload {} to {target}", counted(acting, "file"));
        self.plan(Kind::Upload, title, rules, items, Vec::new())
    }
}
