//! Names and keys as paths of calls.

use super::url::{encode_key, encode_segment};
use super::{BucketName, ObjectKey};

/// `bucket/key`, encoded. None if a segment is `.` or `..`: every URL parser resolves those, encoded or not, so the
/// request would reach another object than the one that was named.
pub(super) fn object_path(bucket: &BucketName, key: &ObjectKey) -> Option<String> {
    let reachable = !key.as_str().split('/').any(is_dots);
    Some(format!("{}/{}", bucket_path(bucket)?, encode_key(key.as_str()))).filter(|_| reachable)
}

/// A bucket's name, encoded. None for `.` and `..`, as above.
pub(super) fn bucket_path(bucket: &BucketName) -> Option<String> {
    Some(encode_segment(bucket.as_str())).filter(|_| !is_dots(bucket.as_str()))
}

fn is_dots(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn key(text: &str) -> ObjectKey {
        ObjectKey::parse(text).unwrap()
    }

    #[test]
    fn encodes_each_segment() {
        assert_eq!(
            encode_key("a b/c+d&e=f?g,h;i@j:k$l.png"),
            "a%20b/c%2Bd%26e%3Df%3Fg%2Ch%3Bi%40j%3Ak%24l.png"
        );
        assert_eq!(encode_key("/a//it's (1)!*.png"), "/a//it's%20(1)!*.png");
    }

    #[test]
    fn dot_segments_are_not_sent_elsewhere() {
        let bucket = BucketName::parse("b").unwrap();
        for bad in ["..", "a/../b", "./a", "a/."] {
            assert_eq!(object_path(&bucket, &key(bad)), None, "{bad}");
        }
        for good in ["a..b", "...", "a/.hidden"] {
            assert!(object_path(&bucket, &key(good)).is_some(), "{good}");
        }
        assert_eq!(bucket_path(&BucketName::parse("..").unwrap()), None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_sent_is_what_was_named(text in "[A-Za-z0-9_/!.*'() &$@=;:+,?-]{1,60}") {
            let (bucket, key) = (BucketName::parse("b").unwrap(), key(&text));
            if let Some(path) = object_path(&bucket, &key) {
                let url = Url::parse(&format!("http://h/{path}")).unwrap();
                let decoded = percent_encoding::percent_decode_str(url.path()).decode_utf8().unwrap();
                proptest::prop_assert_eq!(decoded, format!("/b/{text}"));
                proptest::prop_assert!(url.query().is_none() && url.fragment().is_none());
            }
        }
    }
}
