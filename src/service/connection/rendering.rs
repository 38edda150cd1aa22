//! Can the project give pictures in other sizes?

use std::time::{Duration, Instant};

use ::http::Method;

use super::entry::Entered;
use super::{Draft, Found, lasted};
use crate::http::{Call, Retry};
use crate::service::Problem;
use crate::supabase::{BucketName, Class, ObjectKey, url};

/// The longest side of the preview, in pixels.
const SIDE: u32 = 64;
/// A picture is scaled while we wait.
const SILENCE: Duration = Duration::from_secs(15);

/// Asks for a small preview of a picture that is there. Hosted projects count each picture that is rendered, so it is
/// one, and the smallest.
pub(super) async fn preview(draft: &Draft, entered: &Entered) -> (Found, Option<()>) {
    let picture = entered
        .objects
        .iter()
        .filter(|object| {
            let kind = object.content_type.as_deref().unwrap_or_default();
            matches!(kind, "image/png" | "image/jpeg" | "image/webp")
        })
        .min_by_key(|object| object.size.unwrap_or(u64::MAX))
        .and_then(|object| object.object_key().ok());
    let (Some(key), Ok(bucket)) = (picture, BucketName::parse(&draft.bucket)) else {
        return (
            Found::skipped(format!("No picture in {} to try it with", draft.bucket)),
            None,
        );
    };
    (ask(draft, entered, &bucket, &key).await, None)
}

async fn ask(draft: &Draft, entered: &Entered, bucket: &BucketName, key: &ObjectKey) -> Found {
    let render = url::Render {
        width: Some(SIDE),
        height: Some(SIDE),
        resize: Some(url::Resize::Contain),
        ..url::Render::default()
    };
    let address = url::authenticated_render_url(&draft.url, bucket, key, &render);
    let call = Call::new(
        "Test picture rendering",
        format!("{bucket}/{key}"),
        Method::GET,
        address,
    )
    .endpoint("render")
    .stall_after(SILENCE)
    .at_most(8 << 20)
    .classify(|_| Retry::Never);
    let started = Instant::now();
    let own = "Previews are made on this computer instead.";
    match entered.supabase.reply_to(call).await {
        Ok(reply) if reply.is_success() && reply.content_type().is_some_and(|kind| kind.starts_with("image/")) => {
            Found::ok(format!("A {SIDE} px preview in {}", lasted(started.elapsed())))
        }
        Ok(reply) if reply.is_success() => Found::warning("The answer is no picture", own),
        Ok(reply) => {
            let text = String::from_utf8_lossy(&reply.body);
            if text.contains("FeatureNotEnabled") {
                Found::warning("Not part of this project's plan", own)
            } else if text.contains("Route GET:") || reply.status.as_u16() == 404 {
                Found::warning("This server does not scale pictures", own)
            } else {
                Found::warning(format!("Refused (HTTP {})", reply.status.as_u16()), own)
            }
        }
        Err(error) if error.class == Class::BadKey => Found::problem(&Problem::from(error)),
        Err(error) => Found::warning(error.message.clone(), own),
    }
}
