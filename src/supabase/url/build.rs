//! The addresses of one stored object, one function each. Pure strings: that a URL can be built proves neither that the
//! bucket is public nor that the object exists.

use super::encode::{encode_key, encode_segment};
use crate::supabase::{BucketName, ObjectKey};
use crate::workspace::ProjectUrl;

/// Where storage answers below a project's address.
pub const API_ROOT: &str = "/storage/v1";

/// How a rendered picture is fitted into the size asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resize {
    /// Fills the size, cutting what hangs over. The server's default.
    Cover,
    /// Fits into the size.
    Contain,
    /// Fills the size, distorting.
    Fill,
}

/// The format of a rendered picture. Without one the server chooses by the `Accept` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenderFormat {
    /// As stored.
    Origin,
    /// AVIF.
    Avif,
    /// WebP.
    Webp,
}

/// What the render route (`/render/image/…`) can be asked for. `None` leaves a choice to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Render {
    /// Pixels; storage clamps to 2,000 (hosted projects: 2,500).
    pub width: Option<u32>,
    /// Pixels; storage clamps to 2,000 (hosted projects: 2,500).
    pub height: Option<u32>,
    /// How it is fitted.
    pub resize: Option<Resize>,
    /// 20 to 100; the server's default is 80.
    pub quality: Option<u8>,
    /// The format wanted.
    pub format: Option<RenderFormat>,
}

impl Resize {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cover => "cover",
            Self::Contain => "contain",
            Self::Fill => "fill",
        }
    }
}

impl RenderFormat {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Avif => "avif",
            Self::Webp => "webp",
        }
    }
}

impl Render {
    /// The query without its `?`, empty if nothing is asked for: `width=640&quality=80`.
    #[must_use]
    pub fn query(&self) -> String {
        let mut parts = Vec::new();
        if let Some(width) = self.width {
            parts.push(format!("width={width}"));
        }
        if let Some(height) = self.height {
            parts.push(format!("height={height}"));
        }
        if let Some(resize) = self.resize {
            parts.push(format!("resize={}", resize.as_str()));
        }
        if let Some(quality) = self.quality {
            parts.push(format!("quality={quality}"));
        }
        if let Some(format) = self.format {
            parts.push(format!("format={}", format.as_str()));
        }
        parts.join("&")
    }
}

/// `…/object/public/<bucket>/<key>`: what anybody can open if the bucket is public. This is the URL that stories store.
#[must_use]
pub fn public_url(project: &ProjectUrl, bucket: &BucketName, key: &ObjectKey) -> String {
    object_route(project, "/object/public", bucket, key)
}

/// `…/object/authenticated/<bucket>/<key>`: read with a key or a user's token. Unlike [`object_url`] it is unambiguous for
/// every bucket name, so all reads of our own go through it.
#[must_use]
pub fn authenticated_url(project: &ProjectUrl, bucket: &BucketName, key: &ObjectKey) -> String {
    object_route(project, "/object/authenticated", bucket, key)
}

/// `…/object/<bucket>/<key>`: where an object is written (POST, PUT) and deleted (DELETE).
#[must_use]
pub fn object_url(project: &ProjectUrl, bucket: &BucketName, key: &ObjectKey) -> String {
    object_route(project, "/object", bucket, key)
}

/// The public URL with `?download`: the browser saves instead of showing. Without a name the file keeps its own.
#[must_use]
pub fn download_url(project: &ProjectUrl, bucket: &BucketName, key: &ObjectKey, file_name: Option<&str>) -> String {
    let name = file_name.map(encode_segment).unwrap_or_default();
    format!("{}?download={name}", public_url(project, bucket, key))
}

/// The public URL through the render route. Hosted projects bill every distinct picture rendered.
#[must_use]
pub fn render_url(project: &ProjectUrl, bucket: &BucketName, key: &ObjectKey, render: &Render) -> String {
    with_query(
        object_route(project, "/render/image/public", bucket, key),
        &render.query(),
    )
}

/// The render route for those who send a key or a user's token.
#[must_use]
pub fn authenticated_render_url(project: &ProjectUrl, bucket: &BucketName, key: &ObjectKey, render: &Render) -> String {
    with_query(
        object_route(project, "/render/image/authenticated", bucket, key),
        &render.query(),
    )
}

/// `…/object/info/<bucket>/<key>`: size, type, ETag and user metadata as JSON.
#[must_use]
pub fn info_url(project: &ProjectUrl, bucket: &BucketName, key: &ObjectKey) -> String {
    // Storage has `/object/info/public/…` and `/object/info/authenticated/…` too and takes a bucket of that name for them.
    let route = match bucket.as_str() {
        "public" | "authenticated" => "/object/info/authenticated",
        _ => "/object/info",
    };
    object_route(project, route, bucket, key)
}

/// A signed URL from the token that the server gave. Rebuilt from bucket and key, because the server's answer has the key
/// unencoded; the download name is not part of the signature.
#[must_use]
pub fn signed_url(
    project: &ProjectUrl,
    bucket: &BucketName,
    key: &ObjectKey,
    token: &str,
    download: Option<&str>,
) -> String {
    with_token(object_route(project, "/object/sign", bucket, key), token, download)
}

/// As [`signed_url`], for a picture that the server renders. What it renders is inside the token.
#[must_use]
pub fn signed_render_url(
    project: &ProjectUrl,
    bucket: &BucketName,
    key: &ObjectKey,
    token: &str,
    download: Option<&str>,
) -> String {
    with_token(
        object_route(project, "/render/image/sign", bucket, key),
        token,
        download,
    )
}

/// `…/object/upload/sign/<bucket>/<key>?token=…`: where one object can be stored (PUT) by whoever has the token.
#[must_use]
pub fn upload_url(project: &ProjectUrl, bucket: &BucketName, key: &ObjectKey, token: &str) -> String {
    with_token(object_route(project, "/object/upload/sign", bucket, key), token, None)
}

/// `…/upload/resumable`: where a resumable upload is created (TUS 1.0).
#[must_use]
pub fn resumable_url(project: &ProjectUrl) -> String {
    format!("{project}{API_ROOT}/upload/resumable")
}

fn object_route(project: &ProjectUrl, route: &str, bucket: &BucketName, key: &ObjectKey) -> String {
    format!(
        "{project}{API_ROOT}{route}/{}/{}",
        encode_segment(bucket.as_str()),
        encode_key(key.as_str())
    )
}

fn with_token(mut url: String, token: &str, download: Option<&str>) -> String {
    url.push_str("?token=");
    url.push_str(token);
    if let Some(name) = download {
        url.push_str("&download=");
        url.push_str(&encode_segment(name));
    }
    url
}

fn with_query(mut url: String, query: &str) -> String {
    if !query.is_empty() {
        url.push('?');
        url.push_str(query);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object() -> (ProjectUrl, BucketName, ObjectKey) {
        (
            ProjectUrl::parse("https://https://abc.supabase.co/").unwrap(),
            BucketName::parse("my bucket").unwrap(),
            ObjectKey::parse("pip/scene 3&4.png").unwrap(),
        )
    }

    #[test]
    fn builds_one_scheme_one_host_and_encoded_segments() {
        let (project, bucket, key) = object();
        let at = "https://abc.supabase.co/storage/v1";
        let tail = "my%20bucket/pip/scene%203%264.png";
        assert_eq!(
            public_url(&project, &bucket, &key),
            format!("{at}/object/public/{tail}")
        );
        assert_eq!(
            authenticated_url(&project, &bucket, &key),
            format!("{at}/object/authenticated/{tail}")
        );
        assert_eq!(object_url(&project, &bucket, &key), format!("{at}/object/{tail}"));
        assert_eq!(info_url(&project, &bucket, &key), format!("{at}/object/info/{tail}"));
        assert_eq!(
            download_url(&project, &bucket, &key, Some("Pip & Co.png")),
            format!("{at}/object/public/{tail}?download=Pip%20%26%20Co.png")
        );
        assert_eq!(
            signed_url(&project, &bucket, &key, "abc.def.ghi", Some("")),
            format!("{at}/object/sign/{tail}?token=abc.def.ghi&download=")
        );
        assert_eq!(resumable_url(&project), format!("{at}/upload/resumable"));
    }

    #[test]
    fn renders_with_what_was_asked_for_only() {
        let (project, bucket, key) = object();
        let plain = render_url(&project, &bucket, &key, &Render::default());
        assert!(plain.ends_with("/render/image/public/my%20bucket/pip/scene%203%264.png"));
        let render = Render {
            width: Some(640),
            resize: Some(Resize::Contain),
            quality: Some(80),
            format: Some(RenderFormat::Webp),
            ..Render::default()
        };
        assert!(
            render_url(&project, &bucket, &key, &render).ends_with("?width=640&resize=contain&quality=80&format=webp")
        );
    }

    #[test]
    fn a_bucket_called_public_keeps_its_info() {
        let (project, _, key) = object();
        let bucket = BucketName::parse("public").unwrap();
        assert!(info_url(&project, &bucket, &key).contains("/object/info/authenticated/public/"));
    }
}
