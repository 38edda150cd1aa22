//! A text cut into the parts of a storage URL, tolerant of everything that is seen in the wild. Says where things are, not
//! whether they are right.

use std::ops::Range;

use super::explained::{Access, Context};
use crate::workspace::ProjectUrl;

/// Longer texts are not looked into: no key, name and token together come near.
pub(super) const MAX_TEXT: usize = 16 * 1024;

/// Routes to an object, the longer ones first, because the shorter ones are their beginnings.
const ROUTES: [(&[&str], Access); 13] = [
    (&["object", "info", "public"], Access::InfoPublic),
    (&["object", "info", "authenticated"], Access::InfoAuthenticated),
    (&["object", "upload", "sign"], Access::SignedUpload),
    (&["render", "image", "public"], Access::RenderPublic),
    (&["render", "image", "authenticated"], Access::RenderAuthenticated),
    (&["render", "image", "sign"], Access::RenderSigned),
    (&["upload", "resumable"], Access::Resumable),
    (&["object", "public"], Access::Public),
    (&["object", "authenticated"], Access::Authenticated),
    (&["object", "sign"], Access::Signed),
    (&["object", "info"], Access::Info),
    (&["object"], Access::Direct),
    (&["s3"], Access::S3),
];

/// How the text begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
    S3,
}

/// What kind of address it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Nothing at all.
    Nothing,
    /// No link and no path; the reason as a sentence without a full stop.
    NoUrl(&'static str),
    /// A page of the dashboard.
    Dashboard,
    /// Another API of a project, or a route of storage that is no object's.
    OtherApi,
    /// An address outside of Supabase.
    NotStorage,
    /// An object, or as much of it as is there. Numbers are indexes of `Parts::path`.
    Object {
        root: Range<usize>,
        access: Option<(Access, Range<usize>)>,
        bucket: Option<usize>,
        key: Range<usize>,
    },
}

/// The parts of a text, as byte ranges of it.
#[derive(Clone, Debug)]
pub(super) struct Parts<'a> {
    pub text: &'a str,
    /// Without white space and quotation marks around.
    pub inner: Range<usize>,
    /// Every scheme at the beginning, with its slashes.
    pub schemes: Vec<(Scheme, Range<usize>)>,
    /// `user:password@`
    pub user_info: Option<Range<usize>>,
    /// Host and port.
    pub host: Option<Range<usize>>,
    /// Where the path begins, its first slash included, and where it ends.
    pub path_range: Range<usize>,
    /// What is between the slashes of the path; empty ones too, but for the one before the first slash.
    pub path: Vec<Range<usize>>,
    /// Behind the `?`.
    pub query: Option<Range<usize>>,
    /// From the `#` on.
    pub fragment: Option<Range<usize>>,
    pub layout: Layout,
}

impl<'a> Parts<'a> {
    pub fn of(text: &'a str, context: &Context<'_>) -> Self {
        let inner = trimmed(text);
        let mut parts = Self {
            text,
            path_range: inner.clone(),
            inner,
            schemes: Vec::new(),
            user_info: None,
            host: None,
            path: Vec::new(),
            query: None,
            fragment: None,
            layout: Layout::Nothing,
        };
        let whole = &text[parts.inner.clone()];
        if whole.is_empty() || ["null", "none", "undefined"].contains(&whole.to_lowercase().as_str()) {
            return parts;
        }
        if let Some(reason) = no_url(whole) {
            parts.layout = Layout::NoUrl(reason);
            return parts;
        }
        parts.take_schemes();
        parts.take_tail();
        parts.take_host(context);
        parts.take_path();
        parts.layout = parts.find_layout(context);
        parts
    }

    /// The text of a range.
    pub fn at(&self, range: &Range<usize>) -> &'a str {
        &self.text[range.clone()]
    }

    /// The text of a path segment.
    pub fn segment(&self, index: usize) -> &'a str {
        &self.text[self.path[index].clone()]
    }

    /// The bytes of several path segments with the slashes between them. Empty at the path's end if there are none.
    pub fn span(&self, segments: &Range<usize>) -> Range<usize> {
        if segments.is_empty() {
            return self.path_range.end..self.path_range.end;
        }
        self.path[segments.start].start..self.path[segments.end - 1].end
    }

    /// The scheme that the link ends up with.
    pub fn scheme(&self) -> Option<Scheme> {
        let has = |wanted| self.schemes.iter().any(|(scheme, _)| *scheme == wanted);
        [Scheme::S3, Scheme::Https, Scheme::Http]
            .into_iter()
            .find(|scheme| has(*scheme))
    }

    /// Scheme and host as an origin; the host for uploads stands for its project.
    pub fn origin(&self) -> Option<ProjectUrl> {
        let host = self.at(self.host.as_ref()?);
        let reading = project_host(host).unwrap_or_else(|| host.to_owned());
        let scheme = match self.scheme() {
            Some(Scheme::Http) => "http://",
            Some(_) => "https://",
            None => "",
        };
        ProjectUrl::parse(&format!("{scheme}{reading}"))
            .or_else(|_| ProjectUrl::parse(&format!("https://{reading}")))
            .ok()
    }

    fn take_schemes(&mut self) {
        while let Some((scheme, length)) = scheme_at(&self.text[self.path_range.clone()], !self.schemes.is_empty()) {
            let start = self.path_range.start;
            self.schemes.push((scheme, start..start + length));
            self.path_range.start += length;
        }
    }

    /// Query and fragment. In a bare path a `?` can be a letter of the key: only with a value behind it is it a query.
    fn take_tail(&mut self) {
        let rest = self.at(&self.path_range);
        let (start, end) = (self.path_range.start, self.path_range.end);
        let hash = rest.find('#').map(|at| start + at);
        let before_hash = &self.text[start..hash.unwrap_or(end)];
        self.fragment = hash.map(|at| at..end);
        let is_url = !self.schemes.is_empty() || before_hash.contains("storage/v1") || before_hash.contains("object/");
        let question = before_hash
            .find('?')
            .filter(|at| is_url || before_hash[at + 1..].is_empty() || before_hash[at + 1..].contains('='))
            .map(|at| start + at);
        let path_end = start + before_hash.len();
        self.query = question.map(|at| at + 1..path_end);
        self.path_range.end = question.unwrap_or(path_end);
    }

    fn take_host(&mut self, context: &Context<'_>) {
        if self.scheme() == Some(Scheme::S3) {
            return;
        }
        let rest = self.at(&self.path_range);
        let slashes = rest.len() - rest.trim_start_matches(['/', '\\']).len();
        let candidate = &rest[slashes..];
        let candidate = &candidate[..candidate.find(['/', '\\']).unwrap_or(candidate.len())];
        let is_host = if self.schemes.is_empty() {
            match slashes {
                0 => looks_like_host(candidate, &rest[candidate.len()..], context),
                2 => candidate.contains('.') && looks_like_host(candidate, &rest[2 + candidate.len()..], context),
                _ => false,
            }
        } else {
            // `https:///storage/…`: the host was an empty variable.
            slashes == 0 && !matches!(candidate, "" | "storage" | "object" | "render" | "upload")
        };
        if !is_host {
            return;
        }
        let mut start = self.path_range.start + slashes;
        let end = start + candidate.len();
        if let Some(at) = candidate.rfind('@') {
            self.user_info = Some(start..start + at + 1);
            start += at + 1;
        }
        self.host = Some(start..end);
        self.path_range.start = end;
    }

    fn take_path(&mut self) {
        let path = self.at(&self.path_range);
        let mut start = self.path_range.start;
        let leading = path.starts_with(['/', '\\']);
        for (index, segment) in path.split(['/', '\\']).enumerate() {
            let end = start + segment.len();
            if !(index == 0 && (leading || path.is_empty())) {
                self.path.push(start..end);
            }
            start = end + 1;
        }
    }

    fn find_layout(&self, context: &Context<'_>) -> Layout {
        // Empty segments before the bucket are passed over; in the key they count.
        let solid: Vec<usize> = (0..self.path.len()).filter(|i| !self.path[*i].is_empty()).collect();
        let words: Vec<&str> = solid.iter().map(|i| self.segment(*i)).collect();
        if self.scheme() == Some(Scheme::S3) {
            let bucket = solid.first().copied();
            return self.object(0..0, Some((Access::S3, 0..0)), bucket);
        }
        if self.host.is_some() && self.is_dashboard(&words) {
            return Layout::Dashboard;
        }
        if let Some((at, length, access)) = find_route(&words, self.host.is_none()) {
            let root = 0..solid[at];
            let way = solid[at]..solid[at + length - 1] + 1;
            let bucket = solid.get(at + length).copied();
            return self.object(root, Some((access, way)), bucket);
        }
        let roots = words.chunks(2).take_while(|pair| *pair == ["storage", "v1"]).count() * 2;
        if roots > 0 {
            return self.behind_root(&solid, &words, roots);
        }
        match &words[..] {
            ["rest" | "auth" | "functions" | "realtime" | "graphql", "v1", ..] => Layout::OtherApi,
            _ if self.host.is_none() => self.bare(&solid, &words, context),
            _ if self.is_supabase(context) => self.object(0..0, None, solid.first().copied()),
            _ => Layout::NotStorage,
        }
    }

    /// `/storage/v1/…` without a known route: the `/object` before `public` forgotten, or the whole way in.
    fn behind_root(&self, solid: &[usize], words: &[&str], roots: usize) -> Layout {
        let root = 0..solid.get(roots).copied().unwrap_or(self.path.len());
        let short = match words.get(roots).copied() {
            Some("public") => Some(Access::Public),
            Some("authenticated") => Some(Access::Authenticated),
            Some("sign") => Some(Access::Signed),
            Some("bucket" | "cdn" | "iceberg" | "vector" | "health" | "status" | "version" | "render" | "upload") => {
                return Layout::OtherApi;
            }
            _ => None,
        };
        match short {
            Some(access) => {
                let at = solid[roots];
                self.object(root, Some((access, at..at + 1)), solid.get(roots + 1).copied())
            }
            None => self.object(root, None, solid.get(roots).copied()),
        }
    }

    /// `bucket/key`, or a key alone if there is a default bucket and the first word is no bucket that is known.
    fn bare(&self, solid: &[usize], words: &[&str], context: &Context<'_>) -> Layout {
        let Some(first) = words.first() else {
            return Layout::NoUrl("It is only slashes");
        };
        let is_bucket = context.buckets.iter().any(|(name, _)| name.as_str() == *first)
            || context.default_bucket.is_some_and(|name| name.as_str() == *first);
        let whole_is_key = solid.len() < 2 || (!is_bucket && context.default_bucket.is_some());
        if whole_is_key {
            return Layout::Object {
                root: 0..0,
                access: None,
                bucket: None,
                key: solid[0]..self.path.len(),
            };
        }
        self.object(0..0, None, Some(solid[0]))
    }

    fn object(&self, root: Range<usize>, access: Option<(Access, Range<usize>)>, bucket: Option<usize>) -> Layout {
        let key = bucket.map_or(self.path.len(), |at| at + 1)..self.path.len();
        // An upload under way has an id in the place of bucket and key.
        if let Some((Access::Resumable, way)) = &access {
            let key = way.end..self.path.len();
            return Layout::Object {
                root,
                access,
                bucket: None,
                key,
            };
        }
        Layout::Object {
            root,
            access,
            bucket,
            key,
        }
    }

    fn is_dashboard(&self, words: &[&str]) -> bool {
        let host = self.host.as_ref().map(|host| self.at(host).to_lowercase());
        matches!(
            host.as_deref(),
            Some("supabase.com" | "app.supabase.com" | "www.supabase.com")
        ) && words.contains(&"project")
    }

    fn is_supabase(&self, context: &Context<'_>) -> bool {
        let host = self.host.as_ref().map_or("", |host| self.at(host)).to_lowercase();
        host.ends_with(".supabase.co")
            || self
                .origin()
                .is_some_and(|origin| origin.is_loopback() || Some(&origin) == context.project)
    }
}

/// The host of the project that a host for uploads belongs to.
pub(super) fn project_host(host: &str) -> Option<String> {
    let reference = host.to_lowercase();
    let reference = reference.strip_suffix(".storage.supabase.co")?;
    (!reference.is_empty()).then(|| format!("{reference}.supabase.co"))
}

/// Without white space and quotation marks around. An apostrophe can end a key: it goes only as one of a pair.
fn trimmed(text: &str) -> Range<usize> {
    let around = |c: char| c.is_whitespace() || matches!(c, '"' | '`' | '<' | '>' | '“' | '”');
    let mut inner = 0..text.len();
    loop {
        let rest = &text[inner.clone()];
        let mut start = inner.start + rest.len() - rest.trim_start_matches(around).len();
        let mut end = (inner.start + rest.trim_end_matches(around).len()).max(start);
        if end - start >= 2 && text[start..end].starts_with('\'') && text[start..end].ends_with('\'') {
            (start, end) = (start + 1, end - 1);
        }
        if (start..end) == inner {
            return inner;
        }
        inner = start..end;
    }
}

fn no_url(text: &str) -> Option<&'static str> {
    if text.len() > MAX_TEXT {
        return Some("It is longer than any address can be");
    }
    if text.contains(char::is_control) {
        return Some("It has line breaks or control characters");
    }
    let scheme = text.split_once(':').map(|(scheme, rest)| (scheme.to_lowercase(), rest));
    match scheme.as_ref().map(|(scheme, rest)| (scheme.as_str(), *rest)) {
        Some(("data", _)) => return Some("It is a picture written as text (a data URL), not a link"),
        Some(("blob" | "javascript" | "mailto" | "about", _)) => return Some("Only a browser understands it"),
        Some(("file", _)) => return Some("It names a file on one computer"),
        Some(("http" | "https" | "s3", _)) => return None,
        Some((scheme, rest))
            if rest.starts_with("//") && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) =>
        {
            return Some("Storage is reached over https");
        }
        Some((drive, rest)) if drive.len() == 1 && rest.starts_with('\\') => {
            return Some("It names a file on one computer");
        }
        _ => {}
    }
    let last = text.rsplit(['/', '\\']).next().unwrap_or(text);
    let has_ending = last.split(['?', '#']).next().unwrap_or(last).contains('.');
    let is_path = text.contains(['/', '\\']);
    if !has_ending && (!is_path || text.contains(char::is_whitespace)) && !text.contains('?') && !text.contains(':') {
        return Some("It has no host, no folder and no file name");
    }
    None
}

/// A scheme at the beginning of a text and how long it is with its slashes. `https//` counts only behind another scheme.
fn scheme_at(text: &str, behind_another: bool) -> Option<(Scheme, usize)> {
    for (name, scheme) in [("https", Scheme::Https), ("http", Scheme::Http), ("s3", Scheme::S3)] {
        if !text
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
        {
            continue;
        }
        let rest = &text[name.len()..];
        let colon = usize::from(rest.starts_with(':'));
        let slashes = rest[colon..].len() - rest[colon..].trim_start_matches(['/', '\\']).len();
        let least = match (scheme, colon, behind_another) {
            (Scheme::S3, 1, false) | (_, 0, true) => 2,
            (Scheme::S3, ..) => return None,
            (_, 1, _) => 1,
            _ => return None,
        };
        if slashes >= least {
            return Some((scheme, name.len() + colon + slashes));
        }
    }
    None
}

/// Whether the first word of a text without a scheme is a host.
fn looks_like_host(word: &str, rest: &str, context: &Context<'_>) -> bool {
    let word = word.rsplit('@').next().unwrap_or(word).to_lowercase();
    let (name, port) = word
        .rsplit_once(':')
        .map_or((word.as_str(), ""), |(name, port)| (name, port));
    if !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit()) && !name.is_empty() {
        return true;
    }
    name == "localhost"
        || name.ends_with(".supabase.co")
        || name.ends_with(".supabase.com")
        || name == "supabase.com"
        || (name.matches('.').count() == 3 && name.parse::<std::net::Ipv4Addr>().is_ok())
        || context
            .project
            .is_some_and(|project| project.as_str().split("://").nth(1) == Some(word.as_str()))
        || (name.contains('.') && (rest.contains("/storage/v1/") || rest.contains("/object/public/")))
}

/// The first route in a path: where it begins, how many words it has, and what it is. What stands before it must be a way of
/// writing the API root, not a bucket.
fn find_route(words: &[&str], bare: bool) -> Option<(usize, usize, Access)> {
    for at in 0..words.len().min(7) {
        let before = &words[..at];
        let is_root = before.ends_with(&["storage", "v1"])
            || before
                .iter()
                .all(|word| matches!(*word, "storage" | "api" | "rest" | "v0" | "v1" | "v2" | "v3"));
        if !is_root {
            continue;
        }
        for (route, access) in ROUTES {
            if !words[at..].starts_with(route) || (access == Access::S3 && !before.ends_with(&["v1"])) {
                continue;
            }
            // Without host and root "object" can be a bucket: then a bucket and a key must follow the route.
            let rest = words.len() - at - route.len();
            if bare && at == 0 && rest < 2 && access != Access::Resumable {
                continue;
            }
            return Some((at, route.len(), access));
        }
    }
    None
}
