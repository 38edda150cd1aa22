//! What kind of file an object is, by its name and by the type declared for it. The bytes are not looked at here.

/// File name extensions and the types that belong to them, the usual one first.
const TYPES: [(&str, &[&str]); 16] = [
    ("png", &["image/png"]),
    ("jpg", &["image/jpeg", "image/jpg"]),
    ("jpeg", &["image/jpeg", "image/jpg"]),
    ("webp", &["image/webp"]),
    ("gif", &["image/gif"]),
    ("svg", &["image/svg+xml"]),
    ("avif", &["image/avif"]),
    ("bmp", &["image/bmp"]),
    ("pdf", &["application/pdf"]),
    ("zip", &["application/zip", "application/x-zip-compressed"]),
    ("json", &["application/json"]),
    ("txt", &["text/plain"]),
    ("html", &["text/html"]),
    ("mp3", &["audio/mpeg", "audio/mp3"]),
    ("wav", &["audio/wav", "audio/x-wav", "audio/wave"]),
    ("mp4", &["video/mp4"]),
];

/// Types that can be decoded for the screen.
const SHOWN: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// The type itself, without parameters such as `; charset=utf-8`, in lower case.
fn bare(content_type: &str) -> String {
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

fn types_of(name: &str) -> Option<&'static [&'static str]> {
    let (_, extension) = name.rsplit_once('.')?;
    TYPES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(extension))
        .map(|(_, types)| *types)
}

/// Whether an object may be a picture that can be shown: by its declared type or by its name, because an upload that
/// declared nothing, or the wrong thing, can still be one.
pub fn may_be_picture(name: &str, content_type: Option<&str>) -> bool {
    let by_type = content_type.is_some_and(|declared| SHOWN.contains(&bare(declared).as_str()));
    by_type || types_of(name).is_some_and(|types| SHOWN.contains(&types[0]))
}

/// The type that the name promises, if another one is declared.
pub fn mismatch(name: &str, content_type: Option<&str>) -> Option<&'static str> {
    let types = types_of(name)?;
    let declared = bare(content_type?);
    (!types.contains(&declared.as_str())).then_some(types[0])
}

/// A short word for a type: `png` for `image/png`, `svg` for `image/svg+xml`, the whole of a wildcard.
pub fn short(content_type: &str) -> String {
    let bare = bare(content_type);
    match bare.split_once('/') {
        Some((_, "*")) | None => bare,
        Some((_, kind)) => kind.split('+').next().unwrap_or(kind).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_pictures_by_type_or_name() {
        assert!(may_be_picture("a", Some("image/png")));
        assert!(may_be_picture("a.WEBP", None));
        assert!(may_be_picture("a.png", Some("multipart/form-data")));
        assert!(
            !may_be_picture("a.svg", Some("image/svg+xml")),
            "vector pictures are not decoded"
        );
        assert!(!may_be_picture("a.pdf", Some("application/pdf")));
    }

    #[test]
    fn sees_a_declared_type_that_is_not_the_names() {
        assert_eq!(mismatch("a.png", Some("image/jpeg")), Some("image/png"));
        assert_eq!(mismatch("a.jpeg", Some("IMAGE/JPG; q=1")), None);
        assert_eq!(mismatch("a.unknown", Some("image/png")), None);
        assert_eq!(mismatch("a.png", None), None);
    }

    #[test]
    fn shortens_types() {
        assert_eq!(
            ["image/png", "image/svg+xml", "audio/*", "text/plain; charset=utf-8"].map(short),
            ["png", "svg", "audio/*", "plain"]
        );
    }
}
