//! What a provider does when nothing goes wrong, and the answers that are wrong in themselves.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Cursor;

use axum::body::{Body, Bytes};
use axum::http::{Method, Response, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::ImageFormat;
use serde_json::{Value, json};
use storymimi_studio::workspace::Dialect;

use super::fail::{refusal, reply};
use super::{Asked, AtWork, Does, Dropped, FakeProvider, PAINTER, WRITER, form};

type Answer = Result<Response<Body>, Dropped>;

/// Answers one request.
pub(super) async fn answer(provider: &FakeProvider, asked: &Asked) -> Answer {
    let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
    let dialect = dialect(path);
    if asked.method == Method::GET {
        return get(provider, dialect, path, query);
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    match name {
        "completions" => text(provider, dialect, asked).await,
        "interrupt" => {
            provider
                .state
                .interrupts
                .fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            provider.state.stop.notify_waiters();
            Ok(reply(200, &json!({})))
        }
        "queue" => Ok(reply(200, &json!({}))),
        "image" => {
            let file = form(asked).into_iter().find(|part| part.name == "image").unwrap();
            let mut uploads = provider.state.uploads.lock().unwrap();
            let name = format!("uploaded-{}.png", uploads.len() + 1);
            uploads.push((name.clone(), file.bytes.into()));
            Ok(reply(200, &json!({ "name": name, "subfolder": "", "type": "input" })))
        }
        _ => {
            let _at_work = AtWork::begin(provider);
            picture(provider, dialect, asked).await
        }
    }
}

fn dialect(path: &str) -> Dialect {
    match path {
        _ if path.starts_with("/openai/") => Dialect::OpenAi,
        _ if path.starts_with("/api/") => Dialect::OpenRouter,
        _ if path.starts_with("/together/") => Dialect::Together,
        _ if path.starts_with("/v1beta/openai/") => Dialect::OpenAi,
        _ if path.starts_with("/v1beta/") => Dialect::Gemini,
        _ if path.starts_with("/v1/") => Dialect::OpenaiLoose,
        _ if path.starts_with("/sdapi/") => Dialect::Sdapi,
        _ => Dialect::Comfy,
    }
}

fn get(provider: &FakeProvider, dialect: Dialect, path: &str, query: &str) -> Answer {
    let rows = |ids: &[&str]| {
        ids.iter()
            .map(|id| json!({ "id": id, "object": "model" }))
            .collect::<Vec<_>>()
    };
    let body = match (dialect, path) {
        (_, path) if path.starts_with("/pictures/") || path == "/view" => {
            let name = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "filename");
            let name = name.map_or_else(|| path.to_owned(), |(_, name)| name.into_owned());
            let file = provider.state.files.lock().unwrap().get(&name).cloned();
            return Ok(match file {
                Some(bytes) => Response::new(Body::from(bytes)),
                None => reply(404, &json!({ "error": "no such file" })),
            });
        }
        (Dialect::OpenRouter, path) if path.ends_with("/endpoints") => json!({ "data": { "endpoints": [
            { "pricing": [{ "billable": "output_image", "unit": "image", "cost_usd": "0.039" }] } ] } }),
        (Dialect::OpenRouter, path) if path.ends_with("/images/models") => json!({ "data": rows(&[PAINTER]) }),
        (Dialect::OpenRouter, _) => json!({ "data": [
            { "id": WRITER, "architecture": { "output_modalities": ["text"] } },
            { "id": PAINTER, "architecture": { "output_modalities": ["image"] } } ] }),
        (Dialect::Together, _) => json!([{ "id": WRITER, "type": "chat" }, { "id": PAINTER, "type": "image" }]),
        (Dialect::Gemini, _) => json!({ "models": [
            { "name": format!("models/{WRITER}"), "supportedGenerationMethods": ["generateContent"] },
            { "name": "models/fake-image", "supportedGenerationMethods": ["generateContent"] } ] }),
        (Dialect::Sdapi, path) if path.ends_with("/progress") => {
            json!({ "progress": 0.5, "eta_relative": 3.0, "state": {}, "current_image": null })
        }
        (Dialect::Sdapi, _) => json!([{ "title": "fake-painter [abc]", "model_name": PAINTER }]),
        (_, "/queue") => {
            let workflows = provider.state.workflows.lock().unwrap();
            let running = workflows.iter().filter(|(_, entry)| entry.is_none());
            let running: Vec<Value> = running.map(|(id, _)| json!([0, id, {}, {}, []])).collect();
            json!({ "queue_running": running, "queue_pending": [] })
        }
        (_, path) if path.starts_with("/history/") => {
            let id = path.trim_start_matches("/history/");
            match provider.state.workflows.lock().unwrap().get(id) {
                Some(Some(entry)) => json!({ id: entry }),
                _ => json!({}),
            }
        }
        (_, path) if path.starts_with("/object_info/") => {
            json!({ "CheckpointLoaderSimple": { "input": { "required": { "ckpt_name": [[PAINTER], {}] } } } })
        }
        _ => json!({ "object": "list", "data": rows(&[WRITER, PAINTER]) }),
    };
    Ok(reply(200, &body))
}

/// The brief of a request for a text: the first object in the message of the user.
fn brief(asked: &Asked) -> Value {
    let message = asked.json["messages"][1]["content"].as_str().unwrap_or_default();
    let start = message.find('{').unwrap_or(message.len());
    let mut values = serde_json::Deserializer::from_str(&message[start..]).into_iter();
    values.next().and_then(Result::ok).unwrap_or_default()
}

fn story(brief: &Value, count: u64) -> Value {
    let scenes: Vec<Value> = (1..=count)
        .map(|n| {
            json!({ "title": format!("Page {n}"), "text": format!("Page {n} of the story."),
                "image_prompt": format!("picture {n}"), "alt_text": format!("What page {n} shows.") })
        })
        .collect();
    let cast = json!([{ "name": "Mia", "look": "a girl in a red coat", "is_child": true }]);
    json!({ "title": brief["title"], "cast": cast, "scenes": scenes })
}

/// What a model writes that keeps to the words it was given. The child's name is the first word of the title.
fn retold(brief: &Value, count: u64) -> Value {
    let words = brief["prompt"].as_str().unwrap_or_default();
    let title = brief["title"].as_str().unwrap_or_default();
    let name = title.split_whitespace().next().unwrap_or_default();
    let scene = json!({ "title": title, "text": words, "image_prompt": format!("{name} looks at the sea"),
        "alt_text": format!("{name} at the sea") });
    let cast = json!([{ "name": name, "look": format!("{name} has a red coat"), "is_child": true }]);
    json!({ "title": title, "cast": cast, "scenes": vec![scene; usize::try_from(count).unwrap()] })
}

async fn text(provider: &FakeProvider, dialect: Dialect, asked: &Asked) -> Answer {
    let brief = brief(asked);
    let count = brief["scenes"].as_u64().unwrap_or(1);
    let does = provider.does(&brief.to_string());
    if asked.json["model"] != WRITER {
        return refusal(dialect, Does::ModelGone).ok_or(Dropped);
    }
    if let Does::BadField(field) = does
        && asked.json.get(field).is_none()
    {
        // It is not there, so there is nothing to complain about.
    } else if let Some(refusal) = refusal(dialect, does) {
        return Ok(refusal);
    }
    if does == Does::DropBefore {
        return Err(Dropped);
    }
    if let Does::After(time) = does {
        provider.work_for(time).await;
    }
    provider.pay_for_text();
    if does == Does::DropAfter {
        return Err(Dropped);
    }
    let whole = story(&brief, count).to_string();
    let (content, finish) = match does {
        Does::Fenced => (format!("Here it is:\n```json\n{whole}\n```\nEnjoy {{it}}!"), "stop"),
        Does::TruncatedJson => (whole[..whole.len() / 2].to_owned(), "stop"),
        Does::OutOfTokens => (whole[..whole.len() / 2].to_owned(), "length"),
        Does::WrongCount => (story(&brief, count + 1).to_string(), "stop"),
        Does::Retells => (retold(&brief, count).to_string(), "stop"),
        Does::Prose => ("Once upon a time there was a fox.".to_owned(), "stop"),
        Does::ContentFilter => (String::new(), "content_filter"),
        _ => (whole, "stop"),
    };
    if matches!(does, Does::Streams | Does::MidStreamError) {
        return Ok(streamed(&content, does == Does::MidStreamError));
    }
    let message = match does {
        Does::Refusal => json!({ "role": "assistant", "content": null, "refusal": "I cannot write about that." }),
        _ => json!({ "role": "assistant", "content": content, "refusal": null }),
    };
    let mut body = json!({
        "model": WRITER, "choices": [{ "index": 0, "message": message, "finish_reason": finish }],
        "usage": { "prompt_tokens": 10, "completion_tokens": 100 },
    });
    if dialect == Dialect::OpenRouter {
        body["usage"]["cost"] = json!(0.002);
    }
    Ok(reply(200, &body))
}

fn streamed(content: &str, breaks: bool) -> Response<Body> {
    let half = content.len() / 2;
    let piece = |text: &str| json!({ "model": WRITER, "choices": [{ "delta": { "content": text } }] });
    let last = if breaks {
        json!({ "error": { "code": 502, "message": "The model's machine went away" } })
    } else {
        json!({ "choices": [{ "delta": { "content": content[half..] }, "finish_reason": "stop" }] })
    };
    let text = format!(
        ": PROCESSING\n\ndata: {}\n\ndata: {last}\n\ndata: [DONE]\n\n",
        piece(&content[..half])
    );
    Response::builder()
        .header(header::CONTENT_TYPE, "text/event-stream")
        .body(Body::from(text))
        .unwrap()
}

/// What of a request for a picture decides how it looks.
struct Wanted {
    words: String,
    seed: Option<u64>,
    model: String,
}

impl Wanted {
    fn of(dialect: Dialect, asked: &Asked) -> Self {
        let json = &asked.json;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match dialect {
            Dialect::Gemini => {
                let parts = json["contents"][0]["parts"].as_array();
                let words = parts.into_iter().flatten().find_map(|part| part["text"].as_str());
                let model = asked.path.rsplit('/').next().unwrap_or_default();
                Self {
                    words: words.unwrap_or_default().to_owned(),
                    seed: json["generationConfig"]["seed"].as_u64(),
                    model: model.trim_end_matches(":generateContent").to_owned(),
                }
            }
            Dialect::Comfy => Self {
                words: text(&json["prompt"]["6"]["inputs"]["text"]),
                seed: json["prompt"]["3"]["inputs"]["seed"].as_u64(),
                model: text(&json["prompt"]["4"]["inputs"]["ckpt_name"]),
            },
            Dialect::Sdapi => Self {
                words: text(&json["prompt"]),
                seed: json["seed"].as_u64(),
                model: text(&json["override_settings"]["sd_model_checkpoint"]),
            },
            // A form with files in it.
            _ if json.is_null() => {
                let field = |name: &str| {
                    let body = String::from_utf8_lossy(&asked.bytes).into_owned();
                    let (_, rest) = body.split_once(&format!("name=\"{name}\"\r\n\r\n"))?;
                    Some(rest.split("\r\n").next().unwrap_or_default().to_owned())
                };
                Self {
                    words: field("prompt").unwrap_or_default(),
                    seed: None,
                    model: field("model").unwrap_or_default(),
                }
            }
            _ => Self {
                words: text(&json["prompt"]),
                seed: json["seed"].as_u64(),
                model: text(&json["model"]),
            },
        }
    }
}

async fn picture(provider: &FakeProvider, dialect: Dialect, asked: &Asked) -> Answer {
    let wanted = Wanted::of(dialect, asked);
    let does = provider.does(&wanted.words);
    if wanted.model != PAINTER && !wanted.model.is_empty() {
        return refusal(dialect, Does::ModelGone).ok_or(Dropped);
    }
    let worked_all_the_same = matches!(
        does,
        Does::Moderated { output: true } | Does::GatewayTimeout | Does::RequestTimeout | Does::BadGateway
    );
    if worked_all_the_same {
        provider.pay_for_picture(&wanted.words, wanted.seed);
    }
    if let Some(refusal) = refusal(dialect, does) {
        return Ok(refusal);
    }
    if does == Does::DropBefore {
        return Err(Dropped);
    }
    if dialect == Dialect::Comfy {
        return Ok(workflow_begun(provider, does, wanted));
    }
    if let Does::After(time) = does
        && !provider.work_for(time).await
    {
        return Ok(reply(200, &json!({ "images": [], "info": "{}" })));
    }
    if does == Does::Held {
        provider.held().await;
    }
    let number = provider.pay_for_picture(&wanted.words, wanted.seed);
    let takes = *provider.state.takes.lock().unwrap();
    tokio::time::sleep(takes).await;
    match does {
        Does::DropAfter => return Err(Dropped),
        Does::CutOff => return Ok(cut_off()),
        _ => {}
    }
    let bytes = drawn(does, &wanted, number);
    let base64 = STANDARD.encode(&bytes);
    let place = match does {
        Does::Url => {
            let path = format!("/pictures/{}.png", provider.state.files.lock().unwrap().len());
            provider.state.files.lock().unwrap().insert(path.clone(), bytes);
            Some(format!("{}{path}", provider.url()))
        }
        Does::UrlGone => Some(format!("{}/pictures/gone.png", provider.url())),
        Does::UrlElsewhere => Some("http://192.0.2.1/picture.png".to_owned()),
        _ => None,
    };
    let body = success(dialect, does, &wanted, &base64, place);
    if does == Does::TruncatedJson {
        let text = body.to_string();
        return Ok(Response::new(Body::from(text[..text.len() / 2].to_owned())));
    }
    Ok(reply(200, &body))
}

/// An answer whose line ends in its middle.
fn cut_off() -> Response<Body> {
    let begin = futures_util::stream::iter([Ok(Bytes::from_static(b"{\"data\":["))]);
    let end = futures_util::stream::iter([Err(std::io::Error::other("the line ended"))]);
    Response::new(Body::from_stream(futures_util::StreamExt::chain(begin, end)))
}

/// The answer with the picture, in the dialect's form.
fn success(dialect: Dialect, does: Does, wanted: &Wanted, base64: &str, place: Option<String>) -> Value {
    let empty = matches!(does, Does::EmptyData | Does::Refusal);
    match dialect {
        Dialect::Gemini => {
            let part = match place {
                Some(_) => json!({ "text": format!("![picture](data:image/png;base64,{base64})") }),
                None => json!({ "inlineData": { "mimeType": "image/png", "data": base64 } }),
            };
            let parts = match does {
                Does::EmptyData => json!([]),
                Does::Refusal => json!([{ "text": "I would rather not draw that." }]),
                _ => json!([{ "text": "Here is your picture." }, part]),
            };
            let finish = if empty { "NO_IMAGE" } else { "STOP" };
            json!({ "candidates": [{ "content": { "role": "model", "parts": parts }, "finishReason": finish }] })
        }
        Dialect::Sdapi => {
            let seed = wanted.seed.unwrap_or(4_242);
            let info = json!({ "seed": seed, "sd_model_name": PAINTER }).to_string();
            let images = if empty {
                json!([])
            } else {
                json!([place.unwrap_or_else(|| base64.to_owned())])
            };
            json!({ "images": images, "parameters": {}, "info": info })
        }
        _ => {
            let entry = match place {
                Some(url) => json!({ "url": url }),
                None => json!({ "b64_json": base64, "revised_prompt": format!("revised: {}", wanted.words) }),
            };
            let data = if empty { json!([]) } else { json!([entry]) };
            let mut body = json!({ "created": 0, "data": data, "usage": { "total_tokens": 10 } });
            if dialect == Dialect::OpenRouter {
                body["usage"]["cost"] = json!(0.039);
            }
            if does == Does::BlackFlagged {
                body["has_nsfw_concepts"] = json!([true]);
            }
            body
        }
    }
}

/// The bytes of a picture: the same for the same words and seed; without a seed each is another one.
fn drawn(does: Does, wanted: &Wanted, number: usize) -> Vec<u8> {
    if does == Does::NotAPicture {
        return b"<html><title>Too many requests</title></html>".to_vec();
    }
    let mut hash = DefaultHasher::new();
    (&wanted.words, wanted.seed, wanted.seed.is_none().then_some(number)).hash(&mut hash);
    let [red, green, blue, ..] = hash.finish().to_le_bytes();
    let black = matches!(does, Does::Black | Does::BlackFlagged);
    let picture = image::RgbImage::from_fn(96, 72, |x, y| match (black, (x / 8 + y / 8) % 2) {
        (true, _) => image::Rgb([0, 0, 0]),
        (false, 0) => image::Rgb([red, green, blue]),
        (false, _) => image::Rgb([255 - red, 200, blue]),
    });
    let format = match does {
        Does::Jpeg => ImageFormat::Jpeg,
        Does::Webp => ImageFormat::WebP,
        _ => ImageFormat::Png,
    };
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A workflow of ComfyUI as a user saves it, with places for everything.
pub(super) fn workflow() -> Value {
    json!({
        "3": { "class_type": "KSampler", "inputs": { "seed": "%seed%", "steps": "%steps%", "denoise": "%strength%",
            "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0] } },
        "4": { "class_type": "CheckpointLoaderSimple", "inputs": { "ckpt_name": "%model%" } },
        "5": { "class_type": "EmptyLatentImage", "inputs": { "width": "%width%", "height": "%height%" } },
        "6": { "class_type": "CLIPTextEncode", "inputs": { "text": "%prompt%", "clip": ["4", 1] } },
        "7": { "class_type": "CLIPTextEncode", "inputs": { "text": "%negative%", "clip": ["4", 1] } },
        "8": { "class_type": "LoadImage", "inputs": { "image": "%image%" } },
        "9": { "class_type": "SaveImage", "inputs": { "images": ["3", 0], "filename_prefix": "story" } },
    })
}

/// Takes a workflow into the queue; it is over when its time is.
fn workflow_begun(provider: &FakeProvider, does: Does, wanted: Wanted) -> Response<Body> {
    let id = uuid::Uuid::new_v4().to_string();
    provider.state.workflows.lock().unwrap().insert(id.clone(), None);
    let (working, number) = (provider.clone(), id.clone());
    tokio::spawn(async move {
        if let Does::After(time) = does
            && !working.work_for(time).await
        {
            working.state.workflows.lock().unwrap().remove(&number);
            return;
        }
        if does == Does::Forgets {
            working.state.workflows.lock().unwrap().remove(&number);
            return;
        }
        let done = json!({ "status_str": "success", "completed": true, "messages": [] });
        let entry = match does {
            Does::Breaks => json!({ "outputs": {}, "status": { "status_str": "error", "completed": false, "messages": [
                ["execution_error", { "node_type": "KSampler", "exception_message": "out of memory\n" }] ] } }),
            Does::EmptyData => json!({ "outputs": {}, "status": done }),
            _ => {
                let before = working.pay_for_picture(&wanted.words, wanted.seed);
                let name = format!("story_{number}.png");
                if does != Does::UrlGone {
                    let bytes = drawn(does, &wanted, before);
                    working.state.files.lock().unwrap().insert(name.clone(), bytes);
                }
                let image = json!({ "filename": name, "subfolder": "", "type": "output" });
                json!({ "outputs": { "9": { "images": [image] } }, "status": done })
            }
        };
        working.state.workflows.lock().unwrap().insert(number, Some(entry));
    });
    reply(200, &json!({ "prompt_id": id, "number": 1, "node_errors": {} }))
}
