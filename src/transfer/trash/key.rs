//! Where things are in the trash.

use jiff::civil::Date;

use super::super::JobId;
use super::Trash;
use crate::journal::sha256;
use crate::supabase::ObjectKey;

/// What every key in the trash begins with.
pub const TRASH_PREFIX: &str = "_trash/";

/// Whether a key is one of the trash.
#[must_use]
pub fn is_in_trash(key: &ObjectKey) -> bool {
    key.as_str().starts_with(TRASH_PREFIX)
}

impl Trash {
    /// Where an object goes that a job throws away or replaces: `_trash/<date>/<job>/<original key>`. Where that would be
    /// longer than a key can be, the SHA-256 of the original key is in its place; the journal's record knows the key.
    #[must_use]
    pub fn key(key: &ObjectKey, job: JobId, date: Date) -> ObjectKey {
        turn(key, job, date, 1)
    }
}

/// As [`Trash::key`], for the object that is the `number`th of this key that a job puts into the trash.
pub(super) fn turn(key: &ObjectKey, job: JobId, date: Date, number: u32) -> ObjectKey {
    let folder = match number {
        0 | 1 => format!("{TRASH_PREFIX}{date}/{job}"),
        number => format!("{TRASH_PREFIX}{date}/{job}.{number}"),
    };
    ObjectKey::parse(&format!("{folder}/{key}"))
        .or_else(|_| ObjectKey::parse(&format!("{folder}/{}", sha256(key.as_str().as_bytes()))))
        // A date, a UUID and 64 digits are a key whatever the original one is.
        .unwrap_or_else(|_| key.clone())
}

/// Whether a key in the trash, of whichever job, is that of an object that had this key.
pub(super) fn was(trash: &str, key: &ObjectKey) -> bool {
    let rest = trash.strip_prefix(TRASH_PREFIX).and_then(|rest| {
        let (date, rest) = rest.split_once('/')?;
        let (job, rest) = rest.split_once('/')?;
        let job = job.split_once('.').map_or(job, |(job, _)| job);
        (date.parse::<Date>().is_ok() && job.parse::<JobId>().is_ok()).then_some(rest)
    });
    rest.is_some_and(|rest| rest == key.as_str() || rest == sha256(key.as_str().as_bytes()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn key(text: &str) -> ObjectKey {
        ObjectKey::parse(text).unwrap()
    }

    #[test]
    fn keys_say_when_by_which_job_and_what() {
        let job: JobId = "8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f".parse().unwrap();
        let day = date(2026, 3, 7);
        let there = Trash::key(&key("winter/a b.png"), job, day);
        assert_eq!(
            there.as_str(),
            "_trash/2026-03-07/8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f/winter/a b.png"
        );
        assert!(is_in_trash(&there) && !is_in_trash(&key("trash/a")));
        assert_ne!(turn(&key("winter/a b.png"), job, day, 2), there);
        for (number, original) in [(1, "winter/a b.png"), (2, "a"), (12, &"k".repeat(850))] {
            let there = turn(&key(original), job, day, number);
            assert!(was(there.as_str(), &key(original)), "{there}");
            assert!(!was(there.as_str(), &key("b.png")), "{there}");
        }
        assert!(!was("_trash/a b.png", &key("a b.png")));
        assert!(!was("_trash/2026-03-07/x/a", &key("a")));
    }

    proptest::proptest! {
        #[test]
        fn every_key_has_a_place_of_its_own(one in "[A-Za-z0-9_/!.*'() &$@=;:+,?-]{1,850}", other in "[a-c/]{1,850}") {
            let job = JobId(uuid::Uuid::nil());
            let place = |text: &str| Trash::key(&key(text), job, date(2026, 1, 1));
            proptest::prop_assert!(is_in_trash(&place(&one)) && is_in_trash(&place(&other)));
            proptest::prop_assert!(was(place(&one).as_str(), &key(&one)));
            proptest::prop_assert_eq!(place(&one) == place(&other), one == other);
        }
    }
}
