//! Looks for servers of models on this computer. Only when somebody asks for it, only on this computer, without a key, and
//! with questions that change nothing.

use std::sync::Arc;
use std::time::Duration;

use ::http::Method;
use futures_util::future::join_all;
use serde::Serialize;
use serde_json::Value;

use crate::http::{Call, Http, Options, Retry, RetryPolicy, Transcript};
use crate::workspace::Dialect;

/// How long a server on this computer may think before it is believed to be another one.
const PATIENCE: Duration = Duration::from_secs(3);
/// The most names that are read.
const MOST: usize = 200;

/// A server of models on this computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Nearby {
    /// What it is, as far as it tells: "Ollama".
    pub name: String,
    /// How it is spoken to.
    pub dialect: Dialect,
    /// What the paths of its API are appended to.
    pub base_url: String,
    /// Its models.
    pub models: Vec<String>,
}

/// Where something may be, and how one sees what it is.
#[derive(Clone, Copy, Debug)]
struct Door {
    port: u16,
    path: &'static str,
    name: &'static str,
    dialect: Dialect,
    api: &'static str,
}

/// The ports that these servers have unless they are told otherwise.
const DOORS: [Door; 6] = [
    Door {
        port: 11434,
        path: "/v1/models",
        name: "Ollama",
        dialect: Dialect::OpenaiLoose,
        api: "/v1",
    },
    Door {
        port: 1234,
        path: "/v1/models",
        name: "LM Studio",
        dialect: Dialect::OpenaiLoose,
        api: "/v1",
    },
    Door {
        port: 8080,
        path: "/v1/models",
        name: "LocalAI or llama.cpp",
        dialect: Dialect::OpenaiLoose,
        api: "/v1",
    },
    Door {
        port: 7860,
        path: "/sdapi/v1/sd-models",
        name: "AUTOMATIC1111 or Forge",
        dialect: Dialect::Sdapi,
        api: "",
    },
    Door {
        port: 5001,
        path: "/sdapi/v1/sd-models",
        name: "KoboldCpp",
        dialect: Dialect::Sdapi,
        api: "",
    },
    Door {
        port: 8188,
        path: "/object_info/CheckpointLoaderSimple",
        name: "ComfyUI",
        dialect: Dialect::Comfy,
        api: "",
    },
];

/// The servers of models that answer on this computer, at the ports they usually have. What is said goes into
/// `transcript`.
pub async fn nearby(transcript: Arc<Transcript>) -> Vec<Nearby> {
    // Nobody at home is the usual answer, and no reason to knock again.
    let once = Options {
        retry: RetryPolicy {
            attempts: 1,
            ..RetryPolicy::default()
        },
        ..Options::default()
    };
    match Http::with_options(transcript, once) {
        Ok(http) => behind(&http, &DOORS).await,
        Err(_) => Vec::new(),
    }
}

async fn behind(http: &Http, doors: &[Door]) -> Vec<Nearby> {
    let found = join_all(doors.iter().map(|door| knock(http, *door))).await;
    found.into_iter().flatten().collect()
}

async fn knock(http: &Http, door: Door) -> Option<Nearby> {
    let root = format!("http://127.0.0.1:{}", door.port);
    let url = format!("{root}{}", door.path);
    let call = Call::new("Look for models here", root.clone(), Method::GET, url)
        .stall_after(PATIENCE)
        .at_most(8 << 20)
        .classify(|_| Retry::Never);
    let reply = http.send(call).await.ok().filter(|reply| reply.is_success())?;
    let said: Value = serde_json::from_slice(&reply.body).ok()?;
    let models = match door.dialect {
        Dialect::Comfy => {
            let names = &said["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"][0];
            texts(names.as_array()?.iter().map(Some))
        }
        Dialect::Sdapi => texts(said.as_array()?.iter().map(|row| row.get("title"))),
        _ => texts(said["data"].as_array()?.iter().map(|row| row.get("id"))),
    };
    // stable-diffusion.cpp's server has the port of another one, and one model of a fixed name.
    let name = if models.iter().any(|model| model == "sd-cpp-local") {
        "stable-diffusion.cpp"
    } else {
        door.name
    };
    Some(Nearby {
        name: name.to_owned(),
        dialect: door.dialect,
        base_url: format!("{root}{}", door.api),
        models,
    })
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a Value>>) -> Vec<String> {
    let texts = values.filter_map(|value| value?.as_str());
    texts.map(|text| text.chars().take(200).collect()).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use axum::Json;
    use axum::Router;
    use axum::routing::get;
    use serde_json::json;

    use super::*;
    use crate::http::testing::{impatient, serve};

    #[tokio::test]
    async fn servers_are_told_by_what_they_answer() {
        let routes = Router::new()
            .route(
                "/v1/models",
                get(|| async { Json(json!({ "data": [{ "id": "sd-cpp-local" }, { "no": 1 }] })) }),
            )
            .route(
                "/sdapi/v1/sd-models",
                get(|| async { Json(json!({ "detail": "Not Found" })) }),
            )
            .route("/object_info/CheckpointLoaderSimple", get(|| async { "<html>" }));
        let url = serve(routes).await;
        let port = url.rsplit(':').next().unwrap().parse().unwrap();
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = Door {
            port: free.local_addr().unwrap().port(),
            ..DOORS[0]
        };
        drop(free);
        let here = [1, 3, 5].map(|at| Door { port, ..DOORS[at] });
        let doors: Vec<Door> = here.into_iter().chain([nobody]).collect();
        let found = behind(&impatient(), &doors).await;
        assert_eq!(
            found,
            [Nearby {
                name: "stable-diffusion.cpp".to_owned(),
                dialect: Dialect::OpenaiLoose,
                base_url: format!("{url}/v1"),
                models: vec!["sd-cpp-local".to_owned()],
            }],
            "what answers otherwise is something else"
        );
    }
}
