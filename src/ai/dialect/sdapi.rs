//! The API of AUTOMATIC1111, which Forge, SD.Next and KoboldCpp speak as well: one long request for the picture, and
//! short ones beside it that ask how far it is. Who gives up interrupts the server, which would go on otherwise.

use std::time::Duration;

use ::http::Method;
use serde_json::{Value, json};

use super::super::{Abilities, Ai, AiError, Interrupt, PaintProgress, PaintRequest, Painted};
use super::{merge, set};

/// How often it is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Where the API is below the server's address.
const API: &str = "/sdapi/v1";

pub(in crate::ai) async fn paint(
    ai: &Ai,
    request: &PaintRequest,
    progress: &(dyn Fn(PaintProgress) + Sync),
) -> Result<Painted, AiError> {
    let (width, height) = Abilities::of(ai.provider())
        .sizes
        .nearest(request.width, request.height);
    let mut body = json!({
        "prompt": request.prompt, "width": width, "height": height, "n_iter": 1, "batch_size": 1,
        // 32 bits; -1 is one of the server's own.
        "seed": request.seed.map_or(-1, |seed| i64::from(narrow(seed))),
    });
    set(&mut body, "steps", request.steps);
    set(&mut body, "negative_prompt", request.negative.as_deref());
    let model = ai.image_model(request);
    if !model.is_empty() {
        body["override_settings"] = json!({ "sd_model_checkpoint": model });
    }
    let path = match &request.base {
        Some(base) => {
            body["init_images"] = json!([base.base64()]);
            set(&mut body, "denoising_strength", request.strength);
            format!("{API}/img2img")
        }
        None => format!("{API}/txt2img"),
    };
    merge(&mut body, &ai.extra());
    let call = ai.drawing(ai.at_root(Method::POST, &path)?.json(body));
    let interrupt = ai.at_root(Method::POST, &format!("{API}/interrupt"))?;
    let interrupt = Interrupt::new(ai, "Stop drawing", interrupt);
    let reply = {
        let work = ai.send(call);
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                reply = &mut work => break reply,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            tokio::select! {
                biased;
                reply = &mut work => break reply,
                how_far = how_far(ai) => progress(how_far),
            }
        }
    };
    // It has ended by itself, or cannot be reached.
    interrupt.disarm();
    let reply = reply?;
    let painted = ai.painted(&reply, request).await?;
    let info = info(&reply.body);
    Ok(Painted {
        seed: info["seed"].as_u64().or(painted.seed),
        model: info["sd_model_name"].as_str().map_or(painted.model, str::to_owned),
        ..painted
    })
}

/// A seed in 32 bits; those that fit stay as they are.
fn narrow(seed: u64) -> u32 {
    u32::try_from(seed).unwrap_or_else(|_| u32::try_from((seed >> 32) ^ (seed & 0xffff_ffff)).unwrap_or_default())
}

/// How far the server is; nothing known if it does not say.
async fn how_far(ai: &Ai) -> PaintProgress {
    let Ok(call) = ai.at_root(Method::GET, &format!("{API}/progress?skip_current_image=true")) else {
        return PaintProgress::default();
    };
    // The picture is what counts: a progress that cannot be had is no failure.
    let Ok(reply) = ai.send(call.endpoint("progress").at_most(1 << 20)).await else {
        return PaintProgress::default();
    };
    let said: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, reason = "a fraction needs few digits")]
    let fraction = said["progress"]
        .as_f64()
        .map(|fraction| fraction.clamp(0.0, 1.0) as f32);
    let left = said["eta_relative"].as_f64().filter(|left| *left > 0.0);
    PaintProgress {
        fraction,
        left: left.and_then(|left| Duration::try_from_secs_f64(left).ok()),
    }
}

/// What the picture was made with: JSON within a text of the answer.
fn info(body: &[u8]) -> Value {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    body["info"]
        .as_str()
        .and_then(|info| serde_json::from_str(info).ok())
        .unwrap_or_default()
}
