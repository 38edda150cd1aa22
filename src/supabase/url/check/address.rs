//! Scheme, host, API root and way in.

use std::ops::Range;

use super::super::build::{authenticated_url, public_url};
use super::super::explained::{Access, ObjectRef, ProblemKind as Kind, SegmentKind, Severity};
use super::super::split::{Layout, Scheme, project_host};
use super::{Check, edit, fix};
use crate::workspace::ProjectUrl;

impl Check<'_> {
    pub(super) fn address(&mut self) {
        self.scheme();
        if self.parts.scheme() == Some(Scheme::S3) {
            return;
        }
        let Some(host) = self.parts.host.clone() else {
            if !self.is_bare() {
                self.missing_host();
            }
            return;
        };
        if let Some(user) = self.parts.user_info.clone() {
            self.add(
                Severity::Error,
                Kind::UserInfo,
                Some(SegmentKind::Host),
                "A name or password stands before the host",
                "Everybody who gets the link can read it, and storage does not use it",
                fix("Remove it", vec![edit(user, "")]),
            );
        }
        match self.parts.origin() {
            Some(origin) => self.host(&host, &origin),
            // That host is there, but no project's.
            None if self.parts.layout == Layout::Dashboard => {}
            None => self.add(
                Severity::Error,
                Kind::InvalidHost,
                Some(SegmentKind::Host),
                "There is no such host",
                "A project's host looks like abcdefghijklmnopqrst.supabase.co",
                self.context
                    .project
                    .and_then(|project| fix("Use the project", vec![edit(host, without_scheme(project))])),
            ),
        }
    }

    fn scheme(&mut self) {
        let schemes = &self.parts.schemes;
        let loopback = self.parts.origin().is_some_and(|origin| origin.is_loopback());
        let segment = Some(SegmentKind::Scheme);
        let (Some((_, first)), Some((_, last))) = (schemes.first(), schemes.last()) else {
            if let Some(host) = &self.parts.host {
                let start = self.parts.inner.start..self.parts.user_info.as_ref().unwrap_or(host).start;
                let scheme = if loopback { "http://" } else { "https://" };
                self.add(
                    Severity::Error,
                    Kind::MissingScheme,
                    Some(SegmentKind::Host),
                    format!("{scheme} is missing"),
                    "Browsers take the host for a folder of the page they are on",
                    fix("Add it", vec![edit(start, scheme)]),
                );
            }
            return;
        };
        let all = first.start..last.end;
        let (encrypted, wanted) = match self.parts.scheme() {
            Some(Scheme::Http) => (false, "http://"),
            Some(Scheme::S3) => return,
            _ => (true, "https://"),
        };
        if schemes.len() > 1 {
            let same = schemes.iter().all(|(scheme, _)| *scheme == schemes[0].0);
            let what = if same { wanted } else { "A scheme" };
            let times = if schemes.len() == 2 {
                "twice".to_owned()
            } else {
                format!("{} times", schemes.len())
            };
            // Removing the first ones leaves the last as it is written.
            let plain = self.parts.at(last).eq_ignore_ascii_case(wanted);
            let edit = if plain {
                edit(first.start..last.start, "")
            } else {
                edit(all, wanted)
            };
            self.add(
                Severity::Error,
                Kind::DoubledScheme,
                segment,
                format!("{what} appears {times}"),
                "The project URL already had a scheme when this link was built",
                fix(if schemes.len() == 2 { "Remove one" } else { "Keep one" }, vec![edit]),
            );
        } else if !self.parts.at(last).eq_ignore_ascii_case(wanted) {
            self.add(
                Severity::Warning,
                Kind::MalformedScheme,
                segment,
                format!("The link does not begin with {wanted}"),
                "Browsers repair it silently, most programs refuse it",
                fix("Correct it", vec![edit(all, wanted)]),
            );
        } else if !encrypted && !loopback && self.parts.host.is_some() {
            self.add(
                Severity::Warning,
                Kind::NotEncrypted,
                segment,
                "The link is not encrypted",
                "Encrypted pages do not show pictures from http links",
                fix("Use https", vec![edit(all, "https://")]),
            );
        }
    }

    fn missing_host(&mut self) {
        let mut start = self.parts.path_range.start;
        let add = match (self.context.project, self.parts.schemes.is_empty()) {
            (Some(project), true) => Some(project.to_string()),
            (Some(project), false) => Some(without_scheme(project).to_owned()),
            (None, _) => None,
        };
        let slash = if self.parts.text[start..].starts_with(['/', '\\']) {
            ""
        } else {
            "/"
        };
        if self.parts.schemes.is_empty() {
            start = self.parts.inner.start;
        }
        self.add(
            Severity::Error,
            Kind::MissingHost,
            Some(SegmentKind::Host),
            "The host is missing",
            "The server answers with links like this one; the project's address belongs before it",
            add.and_then(|host| fix("Add the project", vec![edit(start..start, format!("{host}{slash}"))])),
        );
    }

    fn host(&mut self, host: &Range<usize>, origin: &ProjectUrl) {
        let segment = Some(SegmentKind::Host);
        let uploads = matches!(
            &self.parts.layout,
            Layout::Object {
                access: Some((Access::Resumable | Access::SignedUpload | Access::S3, _)),
                ..
            }
        );
        let project_host = project_host(self.parts.at(host).split(':').next().unwrap_or_default());
        if let Some(reading) = project_host.filter(|_| !uploads) {
            self.add(
                Severity::Note,
                Kind::UploadHost,
                segment,
                "This is the host for large uploads",
                format!("Readers use {reading}"),
                fix("Use it", vec![edit(host.clone(), reading)]),
            );
        }
        if let Some(project) = self.context.project
            && project != origin
            && matches!(self.parts.layout, Layout::Object { .. })
        {
            self.add(
                Severity::Warning,
                Kind::OtherProject,
                segment,
                "The picture is in another project",
                format!("The open project is {}", without_scheme(project)),
                None,
            );
        }
    }

    /// Root and way in, of an address that names an object or should.
    pub(super) fn route(
        &mut self,
        root: &Range<usize>,
        access: Option<&(Access, Range<usize>)>,
        bucket: Option<usize>,
        key: &Range<usize>,
    ) {
        if self.is_bare() {
            return;
        }
        self.extra_slashes(bucket.unwrap_or(key.start));
        self.backslashes();
        let next = access.map_or(bucket.unwrap_or(key.start), |(_, way)| way.start);
        let Some(next_bytes) = self.parts.path.get(next).cloned() else {
            self.add_root_alone(root);
            return;
        };
        let words: Vec<&str> = root
            .clone()
            .map(|index| self.parts.segment(index))
            .filter(|word| !word.is_empty())
            .collect();
        let segment = Some(SegmentKind::ApiRoot);
        let replace = |with: &str| {
            vec![edit(
                self.parts.path[root.start].start..next_bytes.start,
                format!("{with}/"),
            )]
        };
        match &words[..] {
            ["storage", "v1"] => {}
            [] => self.add(
                Severity::Error,
                Kind::MissingApiRoot,
                segment,
                "/storage/v1 is missing",
                "The Storage API of a project begins there",
                fix("Add it", vec![edit(next_bytes.start..next_bytes.start, "storage/v1/")]),
            ),
            words if words.len() > 2 && words.chunks(2).all(|pair| pair == ["storage", "v1"]) => {
                let fixed = fix("Remove one", replace("storage/v1"));
                self.add(
                    Severity::Error,
                    Kind::DoubledApiRoot,
                    segment,
                    "/storage/v1 appears twice",
                    "The address already ended in it when this link was built",
                    fixed,
                );
            }
            // Behind another server's proxy the API may begin anywhere.
            [.., "storage", "v1"] if !self.is_own() => {}
            words => {
                let headline = format!("/{} is not where storage is", words.join("/"));
                let fixed = fix("Correct it", replace("storage/v1"));
                self.add(
                    Severity::Error,
                    Kind::WrongApiRoot,
                    segment,
                    headline,
                    "The Storage API of a project begins at /storage/v1",
                    fixed,
                );
            }
        }
        self.way_in(access, bucket);
    }

    fn add_root_alone(&mut self, root: &Range<usize>) {
        let headline = if root.is_empty() {
            "This is the address of a project"
        } else {
            "This is the Storage API itself"
        };
        self.add(
            Severity::Error,
            Kind::MissingBucket,
            Some(SegmentKind::Bucket),
            headline,
            "The way in, the bucket and the key are missing",
            None,
        );
    }

    fn way_in(&mut self, access: Option<&(Access, Range<usize>)>, bucket: Option<usize>) {
        let segment = Some(SegmentKind::Access);
        let Some(way) = access else {
            if let Some(bucket) = bucket {
                let route = match self.visibility(self.parts.segment(bucket)) {
                    Some(false) => "object/authenticated/",
                    _ => "object/public/",
                };
                let at = self.parts.path[bucket].start;
                self.add(
                    Severity::Error,
                    Kind::MissingAccess,
                    segment,
                    format!("/{} is missing", route.trim_end_matches('/')),
                    "Storage does not know in which way the object is asked for",
                    fix("Add it", vec![edit(at..at, route)]),
                );
            }
            return;
        };
        let bytes = self.route_bytes(way);
        let written: Vec<&str> = way
            .1
            .clone()
            .map(|index| self.parts.segment(index))
            .filter(|word| !word.is_empty())
            .collect();
        if matches!(written[..], ["public" | "authenticated" | "sign"]) {
            self.add(
                Severity::Error,
                Kind::MissingAccess,
                segment,
                "/object is missing",
                "Objects are read below /object",
                fix("Add it", vec![edit(bytes.start..bytes.start, "object/")]),
            );
        }
        match way.0 {
            Access::S3 if self.parts.host.is_some() => {
                let public = bucket
                    .filter(|_| self.parts.query.is_none())
                    .and_then(|bucket| self.visibility(self.parts.segment(bucket)));
                let route = public.map(|public| {
                    if public {
                        "object/public"
                    } else {
                        "object/authenticated"
                    }
                });
                self.add(
                    Severity::Warning,
                    Kind::S3Address,
                    segment,
                    "This is the address for S3 clients",
                    "Requests to it are signed with S3 keys; a browser cannot open it",
                    route.and_then(|route| fix("Use /object", vec![edit(bytes, route)])),
                );
            }
            Access::Resumable | Access::SignedUpload => self.add(
                Severity::Note,
                Kind::UploadAddress,
                segment,
                "This is the address of an upload",
                "It takes a picture in and never shows one",
                None,
            ),
            _ => {}
        }
    }

    fn extra_slashes(&mut self, end: usize) {
        let path = &self.parts.path;
        let edits: Vec<_> = (0..end.min(path.len()))
            .filter(|index| path[*index].is_empty() && path[*index].start < self.parts.path_range.end)
            .map(|index| edit(path[index].start..path[index].start + 1, ""))
            .collect();
        if !edits.is_empty() {
            self.add(
                Severity::Error,
                Kind::ExtraSlashes,
                Some(SegmentKind::ApiRoot),
                "There is one slash too many",
                "Servers take // for a folder without a name",
                fix("Remove it", edits),
            );
        }
    }

    pub(super) fn backslashes(&mut self) {
        let edits: Vec<_> = self
            .parts
            .at(&self.parts.path_range)
            .match_indices('\\')
            .map(|(at, _)| self.parts.path_range.start + at)
            .map(|at| edit(at..at + 1, "/"))
            .collect();
        if !edits.is_empty() {
            self.add(
                Severity::Error,
                Kind::Backslash,
                Some(SegmentKind::Folder),
                "Backslashes stand where slashes belong",
                "The path was joined like a Windows file name",
                fix("Turn them", edits),
            );
        }
    }

    /// Addresses that name no object.
    pub(super) fn other_layout(&mut self) {
        let (kind, segment, headline, detail) = match self.parts.layout {
            Layout::Dashboard => (
                Kind::DashboardLink,
                SegmentKind::ApiRoot,
                "This is a page of the dashboard",
                "Only members of the project can open it; copy the object's own URL there",
            ),
            Layout::OtherApi => (
                Kind::NotAnObject,
                SegmentKind::ApiRoot,
                "This address is not an object's",
                "Objects are below /storage/v1/object",
            ),
            _ => (
                Kind::NotStorage,
                SegmentKind::Host,
                "This is not a Storage link",
                "The picture comes from another server, and its life is not in this project's hands",
            ),
        };
        let severity = if kind == Kind::NotStorage {
            Severity::Note
        } else {
            Severity::Error
        };
        self.add(severity, kind, Some(segment), headline, detail, None);
    }

    /// A path alone is how databases and answers of the server name an object.
    pub(super) fn bare(&mut self, object: Option<&ObjectRef>) {
        self.backslashes();
        let start = self.parts.inner.start;
        let url =
            object
                .zip(self.context.project)
                .map(|(object, project)| match self.visibility(object.bucket.as_str()) {
                    Some(false) => authenticated_url(project, &object.bucket, &object.key),
                    _ => public_url(project, &object.bucket, &object.key),
                });
        let (kind, headline) = match self.parts.scheme() {
            Some(Scheme::S3) => (Kind::S3Address, "This is an S3 path, not a URL"),
            _ => (Kind::BarePath, "This is a path, not a URL"),
        };
        self.add(
            Severity::Note,
            kind,
            None,
            headline,
            "It names the object inside the project and opens nothing by itself",
            url.and_then(|url| fix("Make a URL", vec![edit(start..self.parts.path_range.end, url)])),
        );
    }
}

fn without_scheme(project: &ProjectUrl) -> &str {
    project
        .as_str()
        .split_once("://")
        .map_or(project.as_str(), |(_, host)| host)
}
