//! What of a plan is not done, told to whoever asked for it: nothing is skipped in silence.

use crate::media::group_thousands;
use crate::service::Problem;
use crate::transfer::{Action, Kind, Place, Plan, PlanItem};

/// So many are named, the rest is a number.
const NAMED: usize = 3;

/// What of a plan is not done.
#[derive(Debug)]
pub(super) struct LeftOut {
    kind: Kind,
    items: u64,
    refused: u64,
    identical: u64,
    unseen: u64,
    /// The first ones, each with its reason.
    reasons: Vec<String>,
}

impl LeftOut {
    pub(super) fn of(plan: &Plan) -> Self {
        let refused = || plan.items.iter().filter(|item| item.action == Action::Refuse);
        let unseen = plan.unseen.iter().map(|unseen| reason(&unseen.place, &unseen.why));
        let reasons = refused().map(|item| reason(&name(item), &item.why)).chain(unseen);
        let identical = plan.items.iter().filter(|item| item.action == Action::Identical);
        Self {
            kind: plan.kind,
            items: plan.items.len() as u64,
            refused: refused().count() as u64,
            identical: identical.count() as u64,
            unseen: plan.unseen.len() as u64,
            reasons: reasons.take(NAMED).collect(),
        }
    }

    /// What was refused or could not be looked at, if anything.
    pub(super) fn problem(&self) -> Option<Problem> {
        let left = self.refused + self.unseen;
        if left == 0 {
            return None;
        }
        let done = match self.kind {
            Kind::Upload => "uploaded",
            Kind::Download => "saved",
            Kind::Move => "moved",
            Kind::Copy => "copied",
            Kind::Delete => "moved to the trash",
            Kind::Restore => "brought back",
            Kind::Edit => "edited",
            Kind::Empty => "emptied",
            Kind::DeleteBucket => "deleted",
        };
        let be = if left == 1 { "is" } else { "are" };
        let mut what = format!(
            "{} of {} {be} not {done}. {}",
            group_thousands(left),
            group_thousands(self.items + self.unseen),
            self.reasons.join("; ")
        );
        let more = left.saturating_sub(self.reasons.len() as u64);
        if more > 0 {
            what.push_str(&format!("; and {} more", group_thousands(more)));
        }
        what.push('.');
        let advice = match self.kind {
            Kind::Upload => "What is there already stays as it is. Rename the files, or delete what is there first.",
            Kind::Download | Kind::Move | Kind::Copy => "Choose another name or folder for them.",
            Kind::Delete | Kind::Restore => "They stay where they are.",
            Kind::Edit | Kind::Empty | Kind::DeleteBucket => "They stay as they are.",
        };
        Some(Problem::new(what, advice))
    }

    /// Why nothing has to be done.
    pub(super) fn needless(&self) -> String {
        match (self.identical, self.kind) {
            (0, _) => "There is nothing to do: no file was found".to_owned(),
            (_, Kind::Empty) => "The bucket is empty already".to_owned(),
            (1, Kind::Edit) => "It is served so already".to_owned(),
            (many, Kind::Edit) => format!("All {} are served so already", group_thousands(many)),
            (1, Kind::Download) => "The file is there already, with the same bytes".to_owned(),
            (1, _) => "It is there already, with the same bytes".to_owned(),
            (many, _) => format!("All {} are there already, with the same bytes", group_thousands(many)),
        }
    }
}

fn reason(name: &str, why: &str) -> String {
    format!("{name}: {}", why.trim_end_matches('.'))
}

/// What people call an item: the file, or the object.
fn name(item: &PlanItem) -> String {
    match &item.from {
        Place::File { file } => file.file_name().map_or_else(
            || file.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        ),
        Place::Object { key, .. } | Place::Elsewhere { key, .. } => key.clone(),
        Place::Bucket { bucket } => bucket.clone(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::transfer::{Rules, Seen, Unseen};

    fn plan(actions: &[(Action, &str)]) -> Plan {
        let items = actions.iter().enumerate().map(|(at, (action, why))| PlanItem {
            from: Place::file(format!("/home/me/{at}.png")),
            to: None,
            action: *action,
            why: (*why).to_owned(),
            media_type: None,
            size: None,
            dimensions: None,
            seen: Seen::default(),
            replaces: None,
            renamed_from: None,
        });
        Plan {
            format: Plan::FORMAT,
            project: String::new(),
            made_at: Timestamp::UNIX_EPOCH,
            kind: Kind::Upload,
            title: String::new(),
            rules: Rules::default(),
            items: items.collect(),
            unseen: Vec::new(),
        }
    }

    #[test]
    fn the_first_reasons_are_told_and_the_rest_is_counted() {
        let mut plan = plan(&[
            (Action::New, ""),
            (Action::Refuse, "something else is there"),
            (Action::Refuse, "the name is no key."),
            (Action::Refuse, "c"),
            (Action::Refuse, "d"),
        ]);
        plan.unseen.push(Unseen {
            place: "/home/me/locked".to_owned(),
            why: "Permission denied.".to_owned(),
        });
        let problem = LeftOut::of(&plan).problem().unwrap();
        assert_eq!(
            problem.what,
            "5 of 6 are not uploaded. 1.png: something else is there; 2.png: the name is no key; 3.png: c; and 2 more."
        );
    }

    #[test]
    fn what_is_there_already_is_no_problem() {
        let left = LeftOut::of(&plan(&[(Action::Identical, ""), (Action::Identical, "")]));
        assert_eq!(left.problem(), None);
        assert_eq!(left.needless(), "All 2 are there already, with the same bytes");
    }
}
