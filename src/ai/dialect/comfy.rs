//! ComfyUI: a workflow of the user's with placeholders in it, queued, waited for, and fetched.
//!
//! The workflow is what ComfyUI saves as "API format", under `workflow` in what the provider is given besides. In its
//! texts `%prompt%`, `%negative%`, `%model%`, `%image%` and `%reference1%` to `%reference4%` are filled in, and a text
//! that is nothing but `%seed%`, `%steps%`, `%width%`, `%height%` or `%strength%` becomes that number.

use std::time::Duration;

use ::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::multipart::Form;
use super::super::{Abilities, Ai, AiError, Interrupt, PaintProgress, PaintRequest, Painted, Reference};
use super::merge;
use crate::http::Reply;
use crate::workspace::Provider;

/// Where in what a provider is given besides its workflow is.
pub(in crate::ai) const WORKFLOW: &str = "workflow";
/// How often it is asked whether the picture is there.
const LOOK_EVERY: Duration = Duration::from_millis(700);
/// How often in a row a workflow may be neither waiting, at work nor over, before it is believed to be lost.
const LOST_AFTER: u32 = 5;
/// The most pictures that show who is meant.
const REFERENCES: usize = 4;
/// Steps of a workflow that asks for them, unless said.
const STEPS: u32 = 20;
/// How far a picture may go from its base, unless said.
const STRENGTH: f32 = 0.6;

/// What a workflow takes is what it has a place for.
pub(in crate::ai) fn abilities(provider: &Provider, nothing: Abilities) -> Abilities {
    let text = provider.extra.get(WORKFLOW).map(Value::to_string).unwrap_or_default();
    let has = |name: &str| text.contains(&format!("%{name}%"));
    Abilities {
        seed: has("seed"),
        negative: has("negative"),
        steps: has("steps"),
        base: has("image"),
        strength: has("strength"),
        references: (1..=REFERENCES)
            .filter(|number| has(&format!("reference{number}")))
            .count(),
        progress: false,
        ..nothing
    }
}

pub(in crate::ai) async fn paint(
    ai: &Ai,
    request: &PaintRequest,
    progress: &(dyn Fn(PaintProgress) + Sync),
) -> Result<Painted, AiError> {
    let workflow = ai
        .provider()
        .extra
        .get(WORKFLOW)
        .filter(|workflow| workflow.is_object())
        .ok_or_else(|| {
            AiError::NotAble(
                "ComfyUI needs a workflow: save one in API format and paste it as “workflow” into what is sent besides"
                    .to_owned(),
            )
        })?;
    let seed = request.seed.unwrap_or_else(|| Uuid::new_v4().as_u64_pair().0 >> 12);
    let mut values = Values::new(ai, request, seed);
    if let Some(base) = &request.base {
        values.image = Some(upload(ai, base).await.map_err(AiError::before_work)?);
    }
    for reference in &request.references {
        let name = upload(ai, reference).await.map_err(AiError::before_work)?;
        values.references.push(name);
    }
    let mut graph = workflow.clone();
    values.fill(&mut graph);
    let mut body = json!({ "prompt": graph, "client_id": Uuid::new_v4().to_string() });
    merge(&mut body, &ai.extra());
    let reply = ai
        .send(ai.drawing(ai.at_root(Method::POST, "/prompt")?.json(body)))
        .await?;
    let queued = read(&reply)?;
    if let Some(error) = ai.within(&reply, &queued) {
        return Err(error);
    }
    let id = queued["prompt_id"].as_str().map(str::to_owned);
    let id = id.ok_or_else(|| AiError::unreadable(&reply, "ComfyUI gave no number for the picture"))?;
    // What waits is taken out of the queue; what is at work is stopped, if it is ours.
    let dequeue = ai.at_root(Method::POST, "/queue")?.json(json!({ "delete": [id] }));
    let stop = ai.at_root(Method::POST, "/interrupt")?.json(json!({ "prompt_id": id }));
    let dequeue = Interrupt::new(ai, "Take out of the queue", dequeue);
    let stop = Interrupt::new(ai, "Stop drawing", stop);
    let result = wait(ai, &id, progress).await;
    dequeue.disarm();
    stop.disarm();
    let (reply, entry) = result.map_err(AiError::once_begun)?;
    let place = output(&entry).ok_or(AiError::NoImage {
        exchange: Some(reply.exchange),
    })?;
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(place)
        .finish();
    let call = ai.at_root(Method::GET, &format!("/view?{query}"))?;
    let picture = ai.send(ai.fetching(call)).await.map_err(AiError::not_fetched)?;
    let painted = ai.checked(picture.body.clone(), &picture, request).await?;
    let seeded = abilities(ai.provider(), Abilities::of(ai.provider())).seed;
    Ok(Painted {
        seed: seeded.then_some(seed),
        ..painted
    })
}

/// Waits until the workflow is over, and gives its entry in the history.
async fn wait(ai: &Ai, id: &str, progress: &(dyn Fn(PaintProgress) + Sync)) -> Result<(Reply, Value), AiError> {
    let mut missing = 0;
    loop {
        let history = ai
            .send(ai.at_root(Method::GET, &format!("/history/{id}"))?.endpoint("history"))
            .await?;
        let entry = read(&history)?[id].take();
        if entry.is_object() {
            let status = &entry["status"];
            if status["status_str"].as_str() == Some("error") {
                return Err(AiError::Broke {
                    message: fault(status),
                    exchange: Some(history.exchange),
                });
            }
            if status["completed"].as_bool() != Some(false) {
                return Ok((history, entry));
            }
        }
        let queue = ai.send(ai.at_root(Method::GET, "/queue")?.endpoint("history")).await?;
        missing = if holds(&read(&queue)?, id) { 0 } else { missing + 1 };
        if missing >= LOST_AFTER {
            return Err(AiError::Broke {
                message: "ComfyUI does not know the picture any more; it was started again, or its queue was emptied"
                    .to_owned(),
                exchange: Some(queue.exchange),
            });
        }
        progress(PaintProgress::default());
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Whether the queue has it, waiting or at work.
fn holds(queue: &Value, id: &str) -> bool {
    ["queue_running", "queue_pending"].iter().any(|name| {
        let jobs = queue[*name].as_array();
        jobs.into_iter().flatten().any(|job| job[1].as_str() == Some(id))
    })
}

/// What went wrong in a workflow: the node, and what it said.
fn fault(status: &Value) -> String {
    let messages = status["messages"].as_array();
    let error = messages
        .into_iter()
        .flatten()
        .find(|message| message[0].as_str() == Some("execution_error"));
    let said = error.map_or(&Value::Null, |error| &error[1]);
    match (said["node_type"].as_str(), said["exception_message"].as_str()) {
        (Some(node), Some(words)) => format!("{node}: {}", words.trim().chars().take(300).collect::<String>()),
        (_, Some(words)) => words.trim().chars().take(300).collect(),
        _ => "the workflow failed".to_owned(),
    }
}

/// Where the first picture is that was saved; else the first preview.
fn output(entry: &Value) -> Option<[(&'static str, String); 3]> {
    let outputs = entry["outputs"].as_object()?;
    let images = outputs
        .values()
        .flat_map(|node| node["images"].as_array().into_iter().flatten());
    let image = images.min_by_key(|image| image["type"].as_str() != Some("output"))?;
    let text = |name: &str| image[name].as_str().unwrap_or_default().to_owned();
    Some([
        ("filename", Some(text("filename")).filter(|name| !name.is_empty())?),
        ("subfolder", text("subfolder")),
        ("type", text("type")),
    ])
}

/// Puts a picture where workflows can load it, and gives the name it has there.
async fn upload(ai: &Ai, picture: &Reference) -> Result<String, AiError> {
    let mut form = Form::new();
    // A name of its own: two pictures of one name would be one.
    let name = format!("storymimi-{}-{}", Uuid::new_v4().simple(), picture.file_name(1));
    form.file("image", &name, &picture.media_type, &picture.bytes);
    form.text("overwrite", "false");
    let call = ai.at_root(Method::POST, "/upload/image")?.body(form.into_body());
    let reply = ai.send(call).await?;
    let said = read(&reply)?;
    let name = said["name"].as_str().unwrap_or(&name);
    Ok(match said["subfolder"].as_str().filter(|folder| !folder.is_empty()) {
        Some(folder) => format!("{folder}/{name}"),
        None => name.to_owned(),
    })
}

fn read(reply: &Reply) -> Result<Value, AiError> {
    serde_json::from_slice(&reply.body).map_err(|source| AiError::unreadable(reply, source))
}

/// What is filled into a workflow.
struct Values {
    prompt: String,
    negative: String,
    model: String,
    seed: u64,
    steps: u32,
    strength: f32,
    width: u32,
    height: u32,
    image: Option<String>,
    references: Vec<String>,
}

impl Values {
    fn new(ai: &Ai, request: &PaintRequest, seed: u64) -> Self {
        let (width, height) = Abilities::of(ai.provider())
            .sizes
            .nearest(request.width, request.height);
        Self {
            prompt: request.prompt.clone(),
            negative: request.negative.clone().unwrap_or_default(),
            model: ai.image_model(request),
            seed,
            steps: request.steps.unwrap_or(STEPS),
            strength: request.strength.unwrap_or(STRENGTH),
            width,
            height,
            image: None,
            references: Vec::new(),
        }
    }

    /// Fills every text of the workflow. What is put in is not looked into again: a prompt may say `%seed%`.
    fn fill(&self, value: &mut Value) {
        match value {
            Value::Array(values) => values.iter_mut().for_each(|value| self.fill(value)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.fill(value)),
            Value::String(text) => match text.as_str() {
                "%seed%" => *value = self.seed.into(),
                "%steps%" => *value = self.steps.into(),
                "%width%" => *value = self.width.into(),
                "%height%" => *value = self.height.into(),
                "%strength%" => *value = f64::from(self.strength).into(),
                _ if text.contains('%') => *text = self.filled(text),
                _ => {}
            },
            _ => {}
        }
    }

    fn filled(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            filled.push_str(&rest[..at]);
            rest = &rest[at..];
            let name = rest[1..].split_once('%').map(|(name, _)| name);
            match name.and_then(|name| Some((name.len(), self.named(name)?))) {
                Some((length, value)) => {
                    filled.push_str(&value);
                    rest = &rest[length + 2..];
                }
                None => {
                    filled.push('%');
                    rest = &rest[1..];
                }
            }
        }
        filled.push_str(rest);
        filled
    }

    fn named(&self, name: &str) -> Option<String> {
        Some(match name {
            "prompt" => self.prompt.clone(),
            "negative" => self.negative.clone(),
            "model" => self.model.clone(),
            "seed" => self.seed.to_string(),
            "steps" => self.steps.to_string(),
            "width" => self.width.to_string(),
            "height" => self.height.to_string(),
            "strength" => self.strength.to_string(),
            "image" => self.image.clone().unwrap_or_default(),
            _ => {
                let number: usize = name.strip_prefix("reference")?.parse().ok()?;
                let known = (1..=REFERENCES).contains(&number);
                let at = number.checked_sub(1).filter(|_| known)?;
                self.references.get(at).cloned().unwrap_or_default()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_is_filled_once_and_numbers_stay_numbers() {
        let values = Values {
            prompt: "100% \"fox\" %seed%".to_owned(),
            negative: String::new(),
            model: "m.safetensors".to_owned(),
            seed: 7,
            steps: 20,
            strength: 0.5,
            width: 1024,
            height: 768,
            image: None,
            references: vec!["a.png".to_owned()],
        };
        let mut graph = json!({
            "3": { "inputs": { "seed": "%seed%", "steps": "%steps%", "model": ["4", 0], "denoise": "%strength%" } },
            "6": { "inputs": { "text": "a picture book: %prompt%, 50% off, %who%, %reference1%%reference2%%reference9%" } },
            "7": { "inputs": { "width": "%width%", "ckpt_name": "%model%" } },
        });
        values.fill(&mut graph);
        assert_eq!(
            graph,
            json!({
                "3": { "inputs": { "seed": 7, "steps": 20, "model": ["4", 0], "denoise": 0.5 } },
                "6": { "inputs": {
                    "text": "a picture book: 100% \"fox\" %seed%, 50% off, %who%, a.png%reference9%" } },
                "7": { "inputs": { "width": 1024, "ckpt_name": "m.safetensors" } },
            })
        );
    }
}
