//! The query and the fragment: tokens, sizes, and what does not belong there.

use std::ops::Range;

use super::super::explained::{Access, Edit, Fix, ObjectRef, ProblemKind as Kind, SegmentKind, Severity};
use super::super::secret::{is_hidden, is_secret_name};
use super::super::split::Parts;
use super::super::token::{self, show_time};
use super::{Check, count, edit, fix};

/// One `name=value` of a query, with its place in the text.
pub(in crate::supabase::url) struct Parameter<'a> {
    pub name: &'a str,
    pub value: &'a str,
    /// Name and value.
    pub range: Range<usize>,
}

/// What only the render route reads. `format` and `quality` alone count: they too change nothing elsewhere.
const TRANSFORMS: [&str; 5] = ["width", "height", "resize", "quality", "format"];
/// Query names that anybody puts behind a storage URL: a `?` before one of them begins a second query.
const KNOWN: [&str; 9] = [
    "token", "download", "v", "t", "width", "height", "quality", "resize", "format",
];

/// The parameters of a query. A `?` is a letter of a value, unless a known name follows.
pub(in crate::supabase::url) fn parameters<'a>(parts: &Parts<'a>) -> Vec<Parameter<'a>> {
    let Some(query) = parts.query.clone() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut start = query.start;
    while start <= query.end {
        let rest = &parts.text[start..query.end];
        let end = start
            + rest
                .char_indices()
                .find(|(at, c)| *c == '&' || (*c == '?' && begins_again(&rest[at + 1..])))
                .map_or(rest.len(), |(at, _)| at);
        let text = &parts.text[start..end];
        if !text.is_empty() {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            found.push(Parameter {
                name,
                value,
                range: start..end,
            });
        }
        start = end + 1;
    }
    found
}

fn begins_again(rest: &str) -> bool {
    rest.split_once('=')
        .is_some_and(|(name, _)| KNOWN.contains(&name.to_lowercase().as_str()))
}

impl Check<'_> {
    pub(super) fn query(&mut self, access: Option<&(Access, Range<usize>)>, object: Option<&ObjectRef>) {
        if let Some(fragment) = self.parts.fragment.clone() {
            self.add(
                Severity::Warning,
                Kind::Fragment,
                Some(SegmentKind::Query),
                "What follows # never reaches the server",
                "A # cannot be in a key either; the link works without it",
                fix("Remove it", vec![edit(fragment, "")]),
            );
        }
        let parameters = parameters(self.parts);
        self.query_form(&parameters);
        let route = access.map(|(access, _)| *access);
        self.secrets_in(&parameters, route);
        if let Some((route, _)) = access {
            self.tokens(&parameters, *route, object);
            if route.is_render() {
                self.transform_values(&parameters);
            }
        }
        if let Some(access) = access {
            self.ignored_transform(&parameters, access);
        }
    }

    fn query_form(&mut self, parameters: &[Parameter<'_>]) {
        let Some(query) = self.parts.query.clone() else {
            return;
        };
        if parameters.is_empty() {
            self.add(
                Severity::Note,
                Kind::EmptyQuery,
                Some(SegmentKind::Query),
                "The link ends in a ?",
                "Older Python clients add it; some programs take the link for another one",
                fix("Remove it", vec![edit(query.start - 1..query.end, "")]),
            );
            return;
        }
        let again: Vec<Edit> = parameters
            .iter()
            .skip(1)
            .map(|parameter| parameter.range.start - 1)
            .filter(|at| self.parts.text.as_bytes()[*at] == b'?')
            .map(|at| edit(at..at + 1, "&"))
            .collect();
        if !again.is_empty() {
            self.add(
                Severity::Error,
                Kind::SecondQuestionMark,
                Some(SegmentKind::Query),
                "There is a second ?",
                "Parameters after the first are joined with &",
                fix("Use &", again),
            );
        }
        let mut edits = Vec::new();
        for parameter in parameters.iter().filter(|parameter| !is_secret_name(parameter.name)) {
            let text = self.parts.at(&parameter.range);
            for (at, c) in text.char_indices().filter(|(_, c)| must_be_encoded(*c)) {
                let at = parameter.range.start + at;
                edits.push(edit(
                    at..at + c.len_utf8(),
                    super::super::encode_segment(c.encode_utf8(&mut [0; 4])),
                ));
            }
        }
        if !edits.is_empty() {
            self.add(
                Severity::Warning,
                Kind::QueryNotEncoded,
                Some(SegmentKind::Query),
                format!(
                    "{} not encoded in the query",
                    count(edits.len(), "character", "characters")
                ),
                "Programs read different things out of it",
                fix("Encode", edits),
            );
        }
    }

    /// Keys that do not belong into a link at all.
    fn secrets_in(&mut self, parameters: &[Parameter<'_>], route: Option<Access>) {
        for parameter in parameters {
            let name = parameter.name.to_lowercase();
            let expected = name == "token" || (name.starts_with("x-amz-") && matches!(route, Some(Access::S3) | None));
            if !expected && self.secrets.any_in(&parameter.range) {
                let change = self.remove("Remove it", &parameter.range);
                self.add(
                    Severity::Error,
                    Kind::SecretInUrl,
                    Some(SegmentKind::Query),
                    "A key or password is in the link",
                    "Storage does not read it from there; replace it with a new one if this link was ever shared",
                    change,
                );
            }
        }
    }

    fn tokens(&mut self, parameters: &[Parameter<'_>], route: Access, object: Option<&ObjectRef>) {
        let segment = Some(SegmentKind::Query);
        let token = parameters
            .iter()
            .find(|parameter| parameter.name.eq_ignore_ascii_case("token"));
        let Some(token) = token.filter(|token| !token.value.is_empty()) else {
            if route.takes_token() {
                self.add(
                    Severity::Error,
                    Kind::MissingToken,
                    segment,
                    "The token is missing",
                    "A signed link works only with the token that the server made for it",
                    None,
                );
            }
            return;
        };
        if !route.takes_token() {
            let change = self.remove("Remove it", &token.range);
            self.add(
                Severity::Warning,
                Kind::TokenUnused,
                segment,
                format!("The token is not used on {}/", route.path()),
                "Signed links go to /object/sign/",
                change,
            );
            return;
        }
        if is_hidden(token.value) {
            self.add(
                Severity::Warning,
                Kind::TokenHidden,
                segment,
                "The token was hidden when this link was copied",
                "Sign the link again to open it",
                None,
            );
            return;
        }
        let Some(facts) = token::read(token.value) else {
            self.add(
                Severity::Error,
                Kind::TokenUnreadable,
                segment,
                "The token is not one of storage's",
                "It was cut off or changed while the link was copied; sign the link again",
                None,
            );
            return;
        };
        if let (Some(ends), Some(now)) = (facts.ends, self.context.now)
            && ends <= now
        {
            self.add(
                Severity::Error,
                Kind::TokenExpired,
                segment,
                format!("The token ended {}", show_time(ends)),
                "Visitors get 400 InvalidJWT; sign the link again",
                None,
            );
        }
        if let (Some(signed), Some(object)) = (facts.object, object)
            && signed != format!("{}/{}", object.bucket, object.key)
        {
            self.add(
                Severity::Error,
                Kind::TokenForOther,
                segment,
                "The token was signed for another object",
                "Visitors get 400 InvalidSignature; sign this object's own link",
                None,
            );
        }
    }

    fn transform_values(&mut self, parameters: &[Parameter<'_>]) {
        for parameter in parameters {
            let name = parameter.name;
            let number = parameter.value.parse::<u32>().ok();
            let rule = match name {
                "width" | "height" if number.is_none_or(|number| number > 2500) => "a whole number up to 2500",
                "quality" if number.is_none_or(|number| !(20..=100).contains(&number)) => {
                    "a whole number from 20 to 100"
                }
                "resize" if !["cover", "contain", "fill"].contains(&parameter.value) => "cover, contain or fill",
                "format" if !["origin", "avif", "webp"].contains(&parameter.value) => "origin, avif or webp",
                _ => continue,
            };
            let change = self.remove("Remove it", &parameter.range);
            self.add(
                Severity::Error,
                Kind::BadTransform,
                Some(SegmentKind::Query),
                format!("{name} has a value that storage refuses"),
                format!("It must be {rule}"),
                change,
            );
        }
    }

    fn ignored_transform(&mut self, parameters: &[Parameter<'_>], access: &(Access, Range<usize>)) {
        let (route, _) = access;
        let used: Vec<&Parameter<'_>> = parameters
            .iter()
            .filter(|parameter| TRANSFORMS.contains(&parameter.name))
            .collect();
        let Some(first) = used.first().filter(|_| !route.is_render()) else {
            return;
        };
        let headline = match &used[..] {
            [one] => format!("{} does nothing on {}/", one.name, root_of(*route)),
            many => {
                let names: Vec<&str> = many.iter().map(|parameter| parameter.name).collect();
                format!("{} do nothing on {}/", join(&names), root_of(*route))
            }
        };
        let render = match route {
            Access::Public => Some("render/image/public"),
            Access::Authenticated | Access::Direct => Some("render/image/authenticated"),
            _ => None,
        };
        let (detail, change) = match render {
            Some(render) => (
                "Resizing needs the /render/image/ route",
                fix("Use render", vec![edit(self.route_bytes(access), render)]),
            ),
            None if *route == Access::Signed => (
                "The size of a signed picture is a part of its signature",
                self.remove("Remove it", &first.range),
            ),
            None => ("Nothing is resized there", self.remove("Remove it", &first.range)),
        };
        self.add(
            Severity::Note,
            Kind::TransformIgnored,
            Some(SegmentKind::Query),
            headline,
            detail,
            change,
        );
    }

    /// Takes a parameter out, with the separator that is then too much.
    fn remove(&self, label: &'static str, range: &Range<usize>) -> Option<Fix> {
        let query = self.parts.query.clone()?;
        let range = if range.start > query.start || range.end >= query.end {
            range.start - 1..range.end
        } else {
            range.start..range.end + 1
        };
        fix(label, vec![edit(range, "")])
    }
}

/// `/object` of `/object/public`: the part that does not resize.
fn root_of(route: Access) -> &'static str {
    let path = route.path();
    path[1..].find('/').map_or(path, |at| &path[..=at])
}

fn join(names: &[&str]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => names.concat(),
    }
}

fn must_be_encoded(c: char) -> bool {
    !c.is_ascii() || c.is_ascii_control() || " \"<>^`{|}\\".contains(c)
}
