//! The address of a project, made valid once.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::TypedUrl;

/// Scheme, host and port of a project, without a path and without a trailing slash.
///
/// HTTPS only, but for loopback, where the local server listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectUrl(String);

/// Why a text is not the address of a project. The text is not repeated: a password may stand in it.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProjectUrlError {
    /// Nothing was given.
    #[error("the project URL is empty")]
    Empty,
    /// Not an address at all.
    #[error("this is not a web address")]
    NotAnAddress,
    /// Plain HTTP to a host other than this machine.
    #[error("{0} is not encrypted; only this machine may be reached without https")]
    NotEncrypted(String),
    /// A key, in the wrong field.
    #[error("this is a key, not the address of a project")]
    Key,
    /// The connection string of the database.
    #[error("this is the address of the database, not of the project")]
    Database,
    /// A page of the dashboard that belongs to no project.
    #[error("this is a page of the dashboard that belongs to no project")]
    Dashboard,
}

impl ProjectUrl {
    /// Reads an address as people paste it; [`TypedUrl`] says what was taken off.
    ///
    /// # Errors
    /// If no host can be found in it, or if it is plain HTTP to another machine.
    pub fn parse(text: &str) -> Result<Self, ProjectUrlError> {
        TypedUrl::read(text).url
    }

    /// The address of a hosted project.
    pub(super) fn of_reference(reference: &str) -> Self {
        Self(format!("https://{reference}.supabase.co"))
    }

    /// An address of its parts. An empty `scheme` is chosen by the host.
    pub(super) fn of(scheme: &str, host: &Host, port: Option<u16>) -> Result<Self, ProjectUrlError> {
        let loopback = is_loopback(host);
        let host = match host {
            Host::Domain(name) if !loopback => {
                // The parser also takes characters that no host has. The dot of an absolute name says nothing more.
                let name = name.trim_end_matches('.');
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                let labels = || name.split('.');
                if labels().count() < 2 || !labels().all(|label| !label.is_empty() && label.chars().all(plain)) {
                    return Err(ProjectUrlError::NotAnAddress);
                }
                name.to_owned()
            }
            host => host.to_string(),
        };
        let scheme = match (scheme, loopback) {
            ("", true) => "http",
            ("http", false) => return Err(ProjectUrlError::NotEncrypted(format!("http://{host}"))),
            ("", false) => "https",
            (given, _) => given,
        };
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self(format!("{scheme}://{host}{port}")))
    }

    /// The host's name or number, without a port.
    #[must_use]
    pub fn host(&self) -> &str {
        let authority = self.0.split_once("://").map_or(self.0.as_str(), |(_, host)| host);
        match authority.rfind(':') {
            Some(at) if !authority[at..].contains(']') => &authority[..at],
            _ => authority,
        }
    }

    /// The host, with the port where it is not the usual one: `127.0.0.1:54321`.
    #[must_use]
    pub fn host_and_port(&self) -> &str {
        self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest)
    }

    /// The reference of a hosted project: `abc` of `https://abc.supabase.co`.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        self.host()
            .strip_suffix(".supabase.co")
            .filter(|reference| !reference.contains('.'))
    }

    /// The address, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the project runs on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        Url::parse(&self.0)
            .ok()
            .and_then(|url| url.host().map(|host| is_loopback(&host)))
            .unwrap_or(false)
    }
}

impl fmt::Display for ProjectUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => name.as_ref() == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

impl TryFrom<String> for ProjectUrl {
    type Error = ProjectUrlError;

    fn try_from(text: String) -> Result<Self, ProjectUrlError> {
        Self::parse(&text)
    }
}

impl From<ProjectUrl> for String {
    fn from(url: ProjectUrl) -> Self {
        url.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        ProjectUrl::parse(text).unwrap().to_string()
    }

    #[test]
    fn reads_addresses_as_they_are_pasted() {
        for text in [
            "https://abc.supabase.co",
            "https://abc.supabase.co/",
            " abc.supabase.co ",
            "https://https://abc.supabase.co",
            "https://abc.supabase.co/storage/v1/object",
            "https://supabase.com/dashboard/project/abc/storage/files",
            "\"https://abc.supabase.co\"",
        ] {
            assert_eq!(parsed(text), "https://abc.supabase.co", "{text}");
        }
        assert_eq!(parsed("127.0.0.1:54321"), "http://127.0.0.1:54321");
        assert_eq!(parsed("http://localhost:54321/rest/v1"), "http://localhost:54321");
        assert_eq!(parsed("http://[::1]:80"), "http://[::1]");
    }

    #[test]
    fn knows_its_host_and_reference() {
        let facts = |text: &str| {
            let url = ProjectUrl::parse(text).unwrap();
            (url.host().to_owned(), url.reference().map(str::to_owned))
        };
        assert_eq!(facts("abc.supabase.co"), ("abc.supabase.co".into(), Some("abc".into())));
        assert_eq!(facts("https://x.example.org:8443"), ("x.example.org".into(), None));
        assert_eq!(facts("http://[::1]:54321"), ("[::1]".into(), None));
    }

    #[test]
    fn refuses_what_is_no_project() {
        assert_eq!(ProjectUrl::parse("  "), Err(ProjectUrlError::Empty));
        assert_eq!(ProjectUrl::parse("hello"), Err(ProjectUrlError::NotAnAddress));
        assert_eq!(ProjectUrl::parse("https://"), Err(ProjectUrlError::NotAnAddress));
        assert!(matches!(
            ProjectUrl::parse("http://abc.supabase.co"),
            Err(ProjectUrlError::NotEncrypted(_))
        ));
    }
}
