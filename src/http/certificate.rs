//! What a server's certificate says, for people: when it ends, and who stands behind it. Whether it is to be trusted
//! was decided before, when the connection was made.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// The facts of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// When it ends.
    pub not_after: Timestamp,
    /// Who issued it, as in RFC 4514: `CN=WE1,O=Google Trust Services,C=US`.
    pub issuer: String,
}

/// The latest certificates by origin.
#[derive(Debug, Default)]
pub(super) struct Certificates {
    all: Mutex<HashMap<String, Known>>,
}

#[derive(Debug)]
struct Known {
    der: Vec<u8>,
    facts: Option<CertificateFacts>,
}

impl Certificates {
    pub(super) fn get(&self, origin: &str) -> Option<CertificateFacts> {
        self.lock().get(origin)?.facts.clone()
    }

    /// Learns from a connection; a certificate that is known already is not read again.
    pub(super) fn learn(&self, origin: &str, der: &[u8]) {
        let mut all = self.lock();
        if all.get(origin).is_none_or(|known| known.der != der) {
            let known = Known {
                der: der.to_vec(),
                facts: read(der),
            };
            all.insert(origin.to_owned(), known);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// None for what is no certificate.
fn read(der: &[u8]) -> Option<CertificateFacts> {
    let certificate = Certificate::from_der(der).ok()?;
    let certificate = certificate.tbs_certificate();
    let not_after = certificate.validity().not_after.to_unix_duration().as_secs();
    Some(CertificateFacts {
        not_after: Timestamp::from_second(i64::try_from(not_after).ok()?).ok()?,
        issuer: certificate.issuer().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// Made with: `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj "/C=DE/O=Test, Inc/CN=test"`
    const DER: &str = "MIIBtTCCAVugAwIBAgIUZ9uQUOWkM0uRsBwNU/MJkKkJOqkwCgYIKoZIzj0EAwIwMDELMAkGA1UEBhMCREUxEjAQBgNVBAoMCVRl\
        c3QsIEluYzENMAsGA1UEAwwEdGVzdDAeFw0yNjExMjUxNTA3MjZaFw0zNjExMjIxNTA3MjZaMDAxCzAJBgNVBAYTAkRFMRIwEAYD\
        VQQKDAlUZXN0LCBJbmMxDTALBgNVBAMMBHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAScyvJToVA8mnJz8pw3zSqqG9s8\
        uXY3DsedjAp8hbhDYwhL09JwmXdrE/7L6l8RY96D5ac4/tvF5fxAxb9Sye0To1MwUTAdBgNVHQ4EFgQUvuKDXG1R/zDC51gF2/b7\
        SbKH1oowHwYDVR0jBBgwFoAUvuKDXG1R/zDC51gF2/b7SbKH1oowDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBL\
        +COjSVm2joPLoATjOyZg5rBlQn54pR1BypWkDTbJOQIhAJ2zrZXpGzcFIQDWmosy4jw/6pyVO7tnqIMfuvuiy2Fq";

    #[test]
    fn reads_when_it_ends_and_who_issued_it() {
        let der = STANDARD.decode(DER).unwrap();
        let certificates = Certificates::default();
        certificates.learn("https://x", &der);
        let facts = certificates.get("https://x").unwrap();
        assert_eq!(facts.issuer, "CN=test,O=Test\\, Inc,C=DE");
        assert_eq!(facts.not_after.to_string(), "2036-11-22T15:07:26Z");
        // The next one takes its place, whatever it is.
        certificates.learn("https://x", b"no certificate");
        assert_eq!(certificates.get("https://x"), None);
    }

    #[test]
    fn a_certificate_that_was_cut_is_none() {
        let der = STANDARD.decode(DER).unwrap();
        for end in 0..der.len() {
            assert_eq!(read(&der[..end]), None, "{end}");
        }
    }
}
