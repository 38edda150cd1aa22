//! The explanation of a URL as a whole, and the fixes applied.

use std::ops::Range;

use super::check::{Checked, Parameter, check, parameters};
use super::explained::{Access, Context, Explained, Fix, ObjectRef, ProblemKind, Segment, SegmentKind, UrlProblem};
use super::secret::{Secrets, is_hidden};
use super::split::{Layout, Parts, Scheme};
use super::token::{self, show_time};
use super::variants::variants;
use crate::workspace::ProjectUrl;

/// More rounds than there are kinds of fixes; each round removes one problem.
const MAX_FIXES: usize = 40;

/// What a link or path in a story's row means, and what is wrong with it. Cheaper than [`explain`]; for many links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaRef {
    /// The object.
    pub object: ObjectRef,
    /// What is wrong with the link, in its order.
    pub problems: Vec<UrlProblem>,
}

impl MediaRef {
    /// Reads a URL, `bucket/key`, or a key alone if the context has a default bucket.
    ///
    /// # Errors
    /// With the problems, if no object can be made out: the text is empty, no link, a link to elsewhere, or its key is none.
    pub fn parse(text: &str, context: &Context<'_>) -> Result<Self, Vec<UrlProblem>> {
        let Checked { problems, object } = checked(text, context);
        match object {
            Some(object) => Ok(Self { object, problems }),
            None => Err(problems),
        }
    }

    /// Whether the link has a problem of this kind.
    #[must_use]
    pub fn has(&self, kind: ProblemKind) -> bool {
        self.problems.iter().any(|problem| problem.kind == kind)
    }
}

/// Takes any text apart as the URL of a stored object: says what each part is for, what is wrong, and how it is mended.
/// Never fails; of a text that is no URL it says so.
#[must_use]
pub fn explain(text: &str, context: &Context<'_>) -> Explained {
    let parts = Parts::of(text, context);
    let secrets = Secrets::find(text);
    let Checked { problems, object } = check(&parts, context, &secrets);
    let fixed = fixed(text, context);
    let variants = object
        .as_ref()
        .map_or_else(Vec::new, |object| variants(object, context));
    Explained {
        segments: segments(&parts, &secrets, &problems, context),
        problems,
        parsed: object,
        fixed,
        variants,
    }
}

/// Applies one fix to the text it was made for. Tokens in the text stay in it. A fix that was made for another text changes
/// nothing.
#[must_use]
pub fn apply(text: &str, fix: &Fix) -> String {
    let mut fixed = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in &fix.edits {
        let (Some(before), Some(_)) = (text.get(at..edit.range.start), text.get(edit.range.clone())) else {
            return text.to_owned();
        };
        fixed.push_str(before);
        fixed.push_str(&edit.with);
        at = edit.range.end;
    }
    fixed.push_str(text.get(at..).unwrap_or_default());
    fixed
}

/// Applies every fix there is, until none is left. Tokens in the text stay in it.
#[must_use]
pub fn apply_all(text: &str, context: &Context<'_>) -> String {
    let mut text = text.to_owned();
    for _ in 0..MAX_FIXES {
        let Some(fix) = checked(&text, context)
            .problems
            .into_iter()
            .find_map(|problem| problem.fix)
        else {
            break;
        };
        text = apply(&text, &fix);
    }
    text
}

fn checked(text: &str, context: &Context<'_>) -> Checked {
    check(&Parts::of(text, context), context, &Secrets::find(text))
}

/// The text with all fixes, if it is then the URL of an object.
fn fixed(text: &str, context: &Context<'_>) -> Option<String> {
    let fixed = apply_all(text, context);
    let object = checked(&fixed, context).object?;
    object.origin?;
    Some(Secrets::find(&fixed).show(0..fixed.len()))
}

/// A part before the gaps between the parts are given to them.
struct Piece {
    kind: SegmentKind,
    core: Range<usize>,
    meaning: String,
}

fn segments(parts: &Parts<'_>, secrets: &Secrets<'_>, problems: &[UrlProblem], context: &Context<'_>) -> Vec<Segment> {
    let text = parts.text;
    let mut pieces = pieces(parts, context);
    pieces.retain(|piece| !piece.core.is_empty());
    if pieces.is_empty() && !text.is_empty() {
        let core = if parts.inner.is_empty() {
            0..text.len()
        } else {
            parts.inner.clone()
        };
        pieces.push(Piece {
            kind: SegmentKind::File,
            core,
            meaning: "This text names nothing in storage.".to_owned(),
        });
    }
    // A separator belongs to the part behind it; what is around the link belongs to the first and the last.
    let count = pieces.len();
    let mut start = 0;
    let mut segments = Vec::with_capacity(count);
    for (index, piece) in pieces.into_iter().enumerate() {
        let end = if index + 1 == count { text.len() } else { piece.core.end };
        let severity = problems
            .iter()
            .filter(|problem| problem.segment == Some(piece.kind))
            .map(|problem| problem.severity)
            .max();
        segments.push(Segment {
            kind: piece.kind,
            range: start..end,
            text: secrets.show(piece.core.clone()),
            core: piece.core,
            meaning: piece.meaning,
            severity,
        });
        start = end;
    }
    segments
}

fn pieces(parts: &Parts<'_>, context: &Context<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut push = |kind, core: Range<usize>, meaning: String| pieces.push(Piece { kind, core, meaning });
    if let (Some((_, first)), Some((_, last))) = (parts.schemes.first(), parts.schemes.last()) {
        let meaning = match parts.scheme() {
            Some(Scheme::Http) => "The connection is not encrypted.",
            Some(Scheme::S3) => "A path for S3 clients.",
            _ => "The connection is encrypted.",
        };
        push(SegmentKind::Scheme, first.start..last.end, meaning.to_owned());
    }
    if let Some(host) = &parts.host {
        push(
            SegmentKind::Host,
            host.clone(),
            host_meaning(parts.origin().as_ref(), context),
        );
    }
    match &parts.layout {
        Layout::Nothing | Layout::NoUrl(_) => return Vec::new(),
        Layout::Dashboard => push(
            SegmentKind::ApiRoot,
            parts.path_range.clone(),
            "A page of the dashboard, for members of the project.".to_owned(),
        ),
        Layout::OtherApi => push(
            SegmentKind::ApiRoot,
            parts.path_range.clone(),
            "An address of the project that is no object's.".to_owned(),
        ),
        Layout::NotStorage => {
            let last = parts.path.len().saturating_sub(1);
            push(
                SegmentKind::Folder,
                parts.span(&(0..last)),
                "A folder of another server.".to_owned(),
            );
            push(
                SegmentKind::File,
                parts.span(&(last..parts.path.len())),
                "A file of another server.".to_owned(),
            );
        }
        Layout::Object {
            root,
            access,
            bucket,
            key,
        } => {
            push(
                SegmentKind::ApiRoot,
                with_slash(parts, root),
                "Where the Storage API of a project begins.".to_owned(),
            );
            if let Some((access, way)) = access {
                push(
                    SegmentKind::Access,
                    with_slash(parts, way),
                    access_meaning(*access).to_owned(),
                );
            }
            if let Some(bucket) = *bucket {
                let known = context
                    .buckets
                    .iter()
                    .find(|(name, _)| name.as_str() == parts.segment(bucket));
                let meaning = match known {
                    Some((_, true)) => "The bucket, a public one: anybody who has a link can read.",
                    Some((_, false)) => "The bucket, a private one: a user or a signed link can read.",
                    None => "The bucket that the object is in.",
                };
                push(SegmentKind::Bucket, parts.path[bucket].clone(), meaning.to_owned());
            }
            if !key.is_empty() {
                let last = key.end - 1;
                let mut folder = parts.span(&(key.start..last));
                // `bucket//file`: the folder without a name is the slash itself.
                if last > key.start && folder.is_empty() {
                    folder.end += 1;
                }
                push(
                    SegmentKind::Folder,
                    folder,
                    "The folder, which is the beginning of the object's key.".to_owned(),
                );
                let meaning = if matches!(access, Some((Access::Resumable, _))) {
                    "The id of an upload: bucket, key and version, encoded."
                } else {
                    "The file name, which is the end of the object's key."
                };
                push(SegmentKind::File, parts.path[last].clone(), meaning.to_owned());
            }
        }
    }
    let tail = match (&parts.query, &parts.fragment) {
        (Some(query), Some(fragment)) => query.start..fragment.end,
        (Some(query), None) if query.is_empty() => query.start - 1..query.end,
        (Some(query), None) => query.clone(),
        (None, Some(fragment)) => fragment.clone(),
        (None, None) => return pieces,
    };
    pieces.push(Piece {
        kind: SegmentKind::Query,
        core: tail,
        meaning: query_meaning(parts),
    });
    pieces
}

/// Path segments with the slash before the first.
fn with_slash(parts: &Parts<'_>, segments: &Range<usize>) -> Range<usize> {
    let bytes = parts.span(segments);
    if bytes.is_empty() || bytes.start == parts.path_range.start {
        return bytes;
    }
    let end = bytes.start + parts.at(&bytes).trim_end_matches(['/', '\\']).len();
    bytes.start - 1..end
}

fn host_meaning(origin: Option<&ProjectUrl>, context: &Context<'_>) -> String {
    let Some(origin) = origin else {
        return "The server, but no server can have this name.".to_owned();
    };
    if Some(origin) == context.project {
        return "The server of the open project.".to_owned();
    }
    if origin.is_loopback() {
        return "This machine, where the local server runs.".to_owned();
    }
    let reference = origin
        .as_str()
        .strip_prefix("https://")
        .and_then(|host| host.strip_suffix(".supabase.co"));
    match reference {
        Some(reference) => format!("The server of the Supabase project {reference}."),
        None => "The server that is asked.".to_owned(),
    }
}

fn access_meaning(access: Access) -> &'static str {
    match access {
        Access::Bare => "No way in.",
        Access::Direct => "Reads with a key or a user's token; uploads go here too.",
        Access::Public => "Anybody can read, if the bucket is public.",
        Access::Authenticated => "Reads with a key or a user's token.",
        Access::Signed => "Whoever has the token in the link can read, until it ends.",
        Access::Info | Access::InfoAuthenticated => "Facts about the object as JSON, with a key or a user's token.",
        Access::InfoPublic => "Facts about the object as JSON, if the bucket is public.",
        Access::SignedUpload => "Whoever has the token can upload this one object.",
        Access::RenderPublic => "Resized by the server, for anybody if the bucket is public.",
        Access::RenderAuthenticated => "Resized by the server, with a key or a user's token.",
        Access::RenderSigned => "Resized by the server, for whoever has the token.",
        Access::Resumable => "An upload in pieces.",
        Access::S3 => "The S3 protocol, with signed requests.",
    }
}

fn query_meaning(parts: &Parts<'_>) -> String {
    let said: Vec<String> = parameters(parts).iter().filter_map(parameter_meaning).collect();
    match &said[..] {
        [] => "Parameters that storage does not read.".to_owned(),
        said => format!("{}.", said.join("; ")),
    }
}

fn parameter_meaning(parameter: &Parameter<'_>) -> Option<String> {
    let said = match parameter.name {
        "token" if is_hidden(parameter.value) => "token opens the link and is hidden".to_owned(),
        "token" => match token::read(parameter.value).and_then(|facts| facts.ends) {
            Some(ends) => format!("token opens the link until {}", show_time(ends)),
            None => "token opens the link".to_owned(),
        },
        "download" => "download saves the file instead of showing it".to_owned(),
        "v" | "t" | "cacheNonce" => format!("{} makes caches fetch the picture again", parameter.name),
        "width" | "height" | "resize" | "quality" | "format" => format!("{} shapes a rendered picture", parameter.name),
        _ => return None,
    };
    Some(said)
}

#[cfg(test)]
mod tests;
