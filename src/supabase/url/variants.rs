//! Every form that the URL of one object can take.

use super::build::{
    Render, authenticated_render_url, authenticated_url, download_url, public_url, render_url, signed_url,
};
use super::explained::{Context, ObjectRef, Variant, VariantKind};

/// What stands where the server's token will be.
const TOKEN: &str = "…";

/// The forms of an object's URL. None without a project to build them for.
pub(super) fn variants(object: &ObjectRef, context: &Context<'_>) -> Vec<Variant> {
    let Some(project) = object.origin.as_ref().or(context.project) else {
        return Vec::new();
    };
    let (bucket, key) = (&object.bucket, &object.key);
    let own = context.project.is_none_or(|open| open == project);
    let known = context.buckets.iter().find(|(name, _)| own && name == bucket);
    let public = known.map(|(_, public)| *public);
    let private = public == Some(false);
    let variant = |kind, url, complete, works, note: &str| Variant {
        kind,
        url,
        complete,
        works,
        note: note.to_owned(),
    };
    let anyone = match public {
        Some(true) => "Anyone",
        Some(false) => "Bucket is private",
        None => "Anyone, if the bucket is public",
    };
    let download = if private {
        signed_url(project, bucket, key, TOKEN, Some(""))
    } else {
        download_url(project, bucket, key, None)
    };
    let render = if private {
        authenticated_render_url(project, bucket, key, &Render::default())
    } else {
        render_url(project, bucket, key, &Render::default())
    };
    vec![
        variant(
            VariantKind::Public,
            public_url(project, bucket, key),
            true,
            !private,
            anyone,
        ),
        variant(
            VariantKind::Authenticated,
            authenticated_url(project, bucket, key),
            true,
            true,
            "Signed-in users",
        ),
        variant(
            VariantKind::Signed,
            signed_url(project, bucket, key, TOKEN, None),
            false,
            true,
            "Needs a token from the server",
        ),
        variant(
            VariantKind::Download,
            download,
            !private,
            true,
            if private {
                "Needs a token from the server"
            } else {
                "Saves the file"
            },
        ),
        variant(VariantKind::Render, render, true, true, "Billed per picture"),
    ]
}
