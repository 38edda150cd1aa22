//! Which addresses are called at all. The one place that decides it.

use url::{Host, Url};

use super::Call;

/// An address that may be called, and what is told apart by it.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) url: Url,
    /// Scheme, host and port, as people and errors name it.
    pub(super) origin: String,
    /// The kind of endpoint: what the call says, or the first segment of its path (`storage`, `rest`, `auth`, `v1`).
    pub(super) endpoint: String,
}

impl Address {
    /// The address of the call, or the sentence that says why it is not called.
    pub(super) fn of(call: &Call) -> Result<Self, String> {
        if let Some(name) = call.bad_header {
            return Err(format!("The header {name} has characters that cannot be sent."));
        }
        let no_address = || format!("No request can be made to {}. Check the address.", call.url);
        let url = Url::parse(&call.url).map_err(|_| no_address())?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("An address must not have a name or password in it.".to_owned());
        }
        let origin = url.origin().ascii_serialization();
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => {
                return Err(format!(
                    "{origin} would be called without encryption, and keys would be readable on the way. Use an address \
                     that begins with https://; http:// is for servers on this computer only."
                ));
            }
            _ => return Err(no_address()),
        }
        let endpoint = call
            .endpoint
            .or_else(|| url.path_segments()?.next())
            .unwrap_or_default()
            .to_owned();
        Ok(Self { url, origin, endpoint })
    }

    /// Whether it is on this machine and in plain HTTP.
    pub(super) fn is_local(&self) -> bool {
        !self.is_encrypted()
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use ::http::Method;

    use super::*;

    fn of(url: &str) -> Result<Address, String> {
        Address::of(&Call::new("Test", "", Method::GET, url))
    }

    #[test]
    fn only_this_computer_is_called_without_encryption() {
        for good in [
            "https://abc.supabase.co/rest/v1/stories",
            "http://127.0.0.1:54321/",
            "http://127.8.8.8/",
            "http://localhost:54321/",
            "http://[::1]:54321/",
            "HTTP://LOCALHOST/",
        ] {
            assert!(of(good).is_ok(), "{good}");
        }
        for bad in [
            "http://abc.supabase.co/",
            "http://localhost.example.com/",
            "http://127.0.0.1.example.com/",
            "http://192.168.1.7:54321/",
            "http://0.0.0.0/",
            "http://[::ffff:10.0.0.1]/",
        ] {
            let why = of(bad).unwrap_err();
            assert!(
                why.contains("without encryption") && why.contains("https://"),
                "{bad}: {why}"
            );
        }
        for none in [
            "",
            "not an address",
            "ftp://x/y",
            "http://",
            "file:///etc/passwd",
            "data:,x",
        ] {
            assert!(of(none).unwrap_err().starts_with("No request can be made"), "{none}");
        }
    }

    #[test]
    fn endpoints_of_one_host_are_told_apart() {
        let kind = |url: &str| of(url).unwrap().endpoint;
        assert_eq!(kind("https://x.co/storage/v1/object/b/k"), "storage");
        assert_eq!(kind("https://x.co/rest/v1/stories?select=*"), "rest");
        assert_eq!(kind("https://x.co"), "");
        let call = Call::new(
            "Test",
            "",
            Method::GET,
            "https://x.co/storage/v1/render/image/public/b/k",
        )
        .endpoint("render");
        assert_eq!(Address::of(&call).unwrap().endpoint, "render");
    }
}
