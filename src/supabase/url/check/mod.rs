//! What is wrong with the parts of a URL, and which change of the text mends it. One file a stretch of the URL.

mod address;
mod object;
mod query;

pub(super) use query::{Parameter, parameters};

use std::ops::Range;

use super::explained::{Access, Context, Edit, Fix, ObjectRef, ProblemKind, SegmentKind, Severity, UrlProblem};
use super::secret::Secrets;
use super::split::{Layout, Parts, Scheme};

/// What checking found.
pub(super) struct Checked {
    pub problems: Vec<UrlProblem>,
    pub object: Option<ObjectRef>,
}

/// Everything a check looks at, and what it found so far.
struct Check<'a> {
    parts: &'a Parts<'a>,
    context: &'a Context<'a>,
    secrets: &'a Secrets<'a>,
    problems: Vec<UrlProblem>,
}

/// Checks all parts. The problems come in the order of the URL's parts.
pub(super) fn check(parts: &Parts<'_>, context: &Context<'_>, secrets: &Secrets<'_>) -> Checked {
    let mut check = Check {
        parts,
        context,
        secrets,
        problems: Vec::new(),
    };
    let object = check.run();
    let mut problems = check.problems;
    problems.sort_by_key(|problem| problem.segment);
    Checked { problems, object }
}

impl Check<'_> {
    fn run(&mut self) -> Option<ObjectRef> {
        if self.ends_before_parts() {
            return None;
        }
        self.surroundings();
        self.address();
        let Layout::Object {
            root,
            access,
            bucket,
            key,
        } = &self.parts.layout
        else {
            self.other_layout();
            self.query(None, None);
            return None;
        };
        self.route(root, access.as_ref(), *bucket, key);
        let object = self.object(access.as_ref(), *bucket, key);
        self.query(access.as_ref(), object.as_ref());
        if self.is_bare() {
            self.bare(object.as_ref());
        }
        object
    }

    /// A path without host and without route, or an `s3://` address.
    fn is_bare(&self) -> bool {
        let without_route = matches!(&self.parts.layout, Layout::Object { access: None, .. });
        self.parts.host.is_none() && (without_route || self.parts.scheme() == Some(Scheme::S3))
    }

    fn ends_before_parts(&mut self) -> bool {
        match &self.parts.layout {
            Layout::Nothing => {
                let detail = if self.parts.inner.is_empty() {
                    "Paste a picture's URL, or a path such as story-images/scene_1.png".to_owned()
                } else {
                    let word = self.parts.at(&self.parts.inner);
                    format!("The text is the word “{word}”: the link was never filled in")
                };
                self.add(
                    Severity::Error,
                    ProblemKind::Empty,
                    None,
                    "There is no link",
                    detail,
                    None,
                );
                true
            }
            Layout::NoUrl(reason) => {
                self.add(
                    Severity::Error,
                    ProblemKind::NotAUrl,
                    None,
                    "This is not a link to a picture",
                    (*reason).to_owned(),
                    None,
                );
                true
            }
            _ => false,
        }
    }

    fn surroundings(&mut self) {
        let (inner, all) = (self.parts.inner.clone(), self.parts.text.len());
        if inner == (0..all) {
            return;
        }
        let edits = vec![edit(0..inner.start, ""), edit(inner.end..all, "")];
        self.add(
            Severity::Warning,
            ProblemKind::Surroundings,
            None,
            "There are spaces or quotation marks around the link",
            "They are not a part of it".to_owned(),
            fix("Trim", edits),
        );
    }

    fn add(
        &mut self,
        severity: Severity,
        kind: ProblemKind,
        segment: Option<SegmentKind>,
        headline: impl Into<String>,
        detail: impl Into<String>,
        fix: Option<Fix>,
    ) {
        self.problems.push(UrlProblem {
            severity,
            kind,
            headline: headline.into(),
            detail: detail.into(),
            segment,
            fix,
        });
    }

    /// Whether the link goes to the open project, as far as that can be said.
    fn is_own(&self) -> bool {
        match (self.parts.origin(), self.context.project) {
            (Some(origin), Some(project)) => origin == *project,
            _ => true,
        }
    }

    /// Whether a bucket is public: `None` if it is not known.
    fn visibility(&self, bucket: &str) -> Option<bool> {
        let known = self.context.buckets.iter().find(|(name, _)| name.as_str() == bucket);
        known.filter(|_| self.is_own()).map(|(_, public)| *public)
    }

    /// The bytes of a route in the path, without the slash before it.
    fn route_bytes(&self, access: &(Access, Range<usize>)) -> Range<usize> {
        self.parts.span(&access.1)
    }
}

fn edit(range: Range<usize>, with: impl Into<String>) -> Edit {
    Edit {
        range,
        with: with.into(),
    }
}

/// A fix, unless it would change nothing.
fn fix(label: &'static str, mut edits: Vec<Edit>) -> Option<Fix> {
    edits.retain(|edit| !(edit.range.is_empty() && edit.with.is_empty()));
    (!edits.is_empty()).then_some(Fix { label, edits })
}

/// "1 space is", "2 spaces are".
fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 {one} is")
    } else {
        format!("{number} {many} are")
    }
}
