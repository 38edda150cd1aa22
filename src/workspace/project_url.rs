//! The address of a project, made valid once.

use std::fmt;

use url::{Host, Url};

/// Scheme, host and port of a project, without a path and without a trailing slash.
///
/// HTTPS only, but for loopback, where the local server listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProjectUrl(String);

/// Why a text is not the address of a project.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProjectUrlError {
    /// Nothing was given.
    #[error("the project URL is empty")]
    Empty,
    /// Not an address at all.
    #[error("“{0}” is not a web address")]
    NotAnAddress(String),
    /// Plain HTTP to a host other than this machine.
    #[error("{0} is not encrypted; only this machine may be reached without https")]
    NotEncrypted(String),
}

impl ProjectUrl {
    /// Reads an address as people paste it: without a scheme, with the scheme doubled, with a path of one of the
    /// APIs, or copied from the dashboard's address bar.
    ///
    /// # Errors
    /// If no host can be found in it, or if it is plain HTTP to another machine.
    pub fn parse(text: &str) -> Result<Self, ProjectUrlError> {
        let mut text = text.trim().trim_matches(['"', '\'']).trim();
        if text.is_empty() {
            return Err(ProjectUrlError::Empty);
        }
        let shown = text;
        let mut scheme = "";
        loop {
            if let Some(rest) = text.strip_prefix("https://") {
                (scheme, text) = ("https", rest);
            } else if let Some(rest) = text.strip_prefix("http://") {
                (scheme, text) = (if scheme.is_empty() { "http" } else { scheme }, rest);
            } else {
                break;
            }
        }
        let bad = || ProjectUrlError::NotAnAddress(shown.chars().take(120).collect());
        let guess = if scheme.is_empty() { "https" } else { scheme };
        let url = Url::parse(&format!("{guess}://{text}")).map_err(|_| bad())?;
        let host = url.host().ok_or_else(bad)?;
        let loopback = is_loopback(&host);
        if !loopback
            && !matches!(&host, Host::Domain(name) if name.contains('.'))
            && !matches!(host, Host::Ipv4(_) | Host::Ipv6(_))
        {
            return Err(bad());
        }
        if let Some(reference) = dashboard_project(&url) {
            return Ok(Self(format!("https://{reference}.supabase.co")));
        }
        let scheme = match (scheme, loopback) {
            ("", true) => "http",
            ("http", false) => return Err(ProjectUrlError::NotEncrypted(format!("http://{host}"))),
            ("", false) => "https",
            (given, _) => given,
        };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self(format!("{scheme}://{host}{port}")))
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

fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => name.as_ref() == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// `https://supabase.com/dashboard/project/<ref>/…` is what the browser shows while one looks at a project.
fn dashboard_project(url: &Url) -> Option<String> {
    if !matches!(url.host_str(), Some("supabase.com" | "app.supabase.com")) {
        return None;
    }
    let mut segments = url.path_segments()?;
    segments.find(|segment| *segment == "project")?;
    segments
        .next()
        .filter(|reference| {
            !reference.is_empty() && reference.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
        .map(str::to_owned)
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
    fn refuses_what_is_no_project() {
        assert_eq!(ProjectUrl::parse("  "), Err(ProjectUrlError::Empty));
        assert!(matches!(
            ProjectUrl::parse("hello"),
            Err(ProjectUrlError::NotAnAddress(_))
        ));
        assert!(matches!(
            ProjectUrl::parse("https://"),
            Err(ProjectUrlError::NotAnAddress(_))
        ));
        assert!(matches!(
            ProjectUrl::parse("http://abc.supabase.co"),
            Err(ProjectUrlError::NotEncrypted(_))
        ));
    }
}
