//! A value that must never be seen: keys, tokens, passwords.

use std::fmt;

use zeroize::Zeroizing;

/// A key, token or password. It prints as `…`, leaves no copy in memory when dropped, and is read only through
/// [`Secret::expose`], so that every place that sends one can be found by name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a value over. Surrounding white space is dropped: keys are pasted.
    #[must_use]
    pub fn new(value: &str) -> Self {
        Self(Zeroizing::new(value.trim().to_owned()))
    }

    /// Takes a value over as it is: white space may be part of a password.
    #[must_use]
    pub fn exact(value: &str) -> Self {
        Self(Zeroizing::new(value.to_owned()))
    }

    /// The value itself, for a request header and for the mask that keeps it out of logs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_not_printed() {
        let secret = Secret::new(" sb_secret_abc\n");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(secret.expose(), "sb_secret_abc");
    }
}
