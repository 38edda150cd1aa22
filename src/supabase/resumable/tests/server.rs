//! A server that keeps uploads as the recorded one does, and fails where it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use ::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::super::Supabase;
use super::super::super::testing::{Log, Seen, json, project, storage_error};
use super::super::UploadMetadata;

/// What the server does with the next piece, instead of what it should.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    /// Keeps so many of its bytes, and the answer is lost. Of an upload that begins, its name is lost, too.
    Keep(usize),
    /// Refuses with this status and text, and does nothing.
    Refuse(u16, &'static str),
    /// Forgets the upload.
    Forget,
    /// Keeps all bytes, stores the object, forgets the upload, and the answer is lost.
    StoreAndForget,
    /// Answers with another offset.
    Lie(u64),
}

#[derive(Default)]
pub(super) struct Store {
    pub(super) upload: Option<Vec<u8>>,
    length: Option<usize>,
    metadata: String,
    pub(super) object: Option<(Vec<u8>, Value)>,
    pub(super) faults: VecDeque<Fault>,
    /// Looks that are refused without a reason.
    pub(super) refused_looks: u32,
}

impl Store {
    /// As `onUploadFinish`: the object is stored unless the key is taken.
    fn finish(&mut self, upsert: bool) -> bool {
        if self.object.is_some() && !upsert {
            return false;
        }
        let metadata = UploadMetadata::parse(&self.metadata);
        let user = serde_json::from_str(metadata.get("metadata").unwrap()).unwrap();
        self.object = self.upload.clone().map(|bytes| (bytes, user));
        true
    }

    fn answer(&mut self, request: &Seen) -> Response {
        let text = |status: u16, text: &str| (StatusCode::from_u16(status).unwrap(), text.to_owned()).into_response();
        let header = |name: &str| request.header(name).map(str::to_owned);
        if request.path.contains("/object/info/") {
            return match &self.object {
                Some((bytes, metadata)) => json(
                    200,
                    json!({"name": "a", "id": "i", "size": bytes.len(), "metadata": metadata}),
                ),
                None => storage_error("404", "NoSuchKey", "Object not found"),
            };
        }
        if request.header("tus-resumable") != Some("1.0.0") {
            return text(412, "Tus-Resumable Required\n");
        }
        match request.method.as_str() {
            "POST" => {
                let upsert = header("x-upsert").as_deref() == Some("true");
                let fault = self.faults.pop_front();
                if let Some(Fault::Refuse(status, words)) = fault {
                    return text(status, words);
                }
                if self.object.is_some() && !upsert {
                    return text(409, "The resource already exists");
                }
                let most = match fault {
                    Some(Fault::Keep(most)) => most,
                    _ => usize::MAX,
                };
                let kept: Vec<u8> = request.body.iter().copied().take(most).collect();
                self.length = header("upload-length").map(|length| length.parse().unwrap());
                self.metadata = header("upload-metadata").unwrap();
                let offset = kept.len();
                self.upload = Some(kept);
                let done = self.length == Some(offset) && self.finish(upsert);
                if fault.is_some() {
                    return text(502, "<html><title>Bad Gateway</title>");
                }
                let place = format!("https://inner.example/path/{}", URL_SAFE_NO_PAD.encode("b/a/v"));
                let mut answer = (StatusCode::CREATED, [("location", place)]).into_response();
                if offset > 0 {
                    answer.headers_mut().insert("upload-offset", offset.into());
                }
                if done {
                    answer.headers_mut().insert("tus-complete", "1".parse().unwrap());
                }
                answer
            }
            "HEAD" => {
                if self.refused_looks > 0 {
                    self.refused_looks -= 1;
                    return StatusCode::BAD_REQUEST.into_response();
                }
                let Some(upload) = &self.upload else {
                    return StatusCode::NOT_FOUND.into_response();
                };
                let mut answer = [
                    ("upload-offset", upload.len().to_string()),
                    ("upload-metadata", self.metadata.clone()),
                ]
                .into_response();
                if let Some(length) = self.length {
                    answer.headers_mut().insert("upload-length", length.into());
                }
                answer
            }
            "PATCH" => {
                let Some(mut upload) = self.upload.take() else {
                    return text(404, "The file for this url was not found\n");
                };
                let fault = self.faults.pop_front();
                let answer = (|| {
                    match fault {
                        Some(Fault::Refuse(status, words)) => return text(status, words),
                        _ if self.length.is_some() && header("upload-length").is_some() => {
                            return text(400, "Upload-Length was said already\n");
                        }
                        Some(Fault::Keep(most)) => {
                            if let Some(length) = header("upload-length") {
                                self.length = Some(length.parse().unwrap());
                            }
                            upload.extend(request.body.iter().take(most));
                            return text(502, "<html><title>Bad Gateway</title>");
                        }
                        Some(Fault::StoreAndForget) => {
                            upload.extend(&request.body);
                            return text(502, "<html><title>Bad Gateway</title>");
                        }
                        _ => {}
                    }
                    if header("upload-offset") != Some(upload.len().to_string()) {
                        return text(409, "Upload-Offset conflict\n");
                    }
                    upload.extend(&request.body);
                    if let Some(length) = header("upload-length") {
                        self.length = Some(length.parse().unwrap());
                    }
                    let told = match fault {
                        Some(Fault::Lie(offset)) => offset,
                        _ => upload.len() as u64,
                    };
                    (StatusCode::NO_CONTENT, [("upload-offset", told.to_string())]).into_response()
                })();
                let whole = self.length == Some(upload.len());
                self.upload = Some(upload);
                if matches!(fault, Some(Fault::StoreAndForget)) {
                    self.finish(false);
                    self.upload = None;
                    return answer;
                }
                if matches!(fault, Some(Fault::Forget)) {
                    self.upload = None;
                    return text(410, "The file for this url has expired\n");
                }
                if whole && !matches!(fault, Some(Fault::Refuse(..))) {
                    if !self.finish(header("x-upsert").as_deref() == Some("true")) {
                        return text(409, "The resource already exists");
                    }
                    let mut answer = answer;
                    answer.headers_mut().insert("tus-complete", "1".parse().unwrap());
                    return answer;
                }
                answer
            }
            "DELETE" => match self.upload.take() {
                Some(_) => StatusCode::NO_CONTENT.into_response(),
                None => text(404, "The file for this url was not found\n"),
            },
            _ => text(400, "Invalid\n"),
        }
    }
}

pub(super) type Shared = Arc<Mutex<Store>>;

/// A server that fails in turn as `faults` say, and what it holds.
pub(super) async fn server(faults: &[Fault]) -> (Supabase, Log, Shared) {
    let store = Arc::new(Mutex::new(Store {
        faults: faults.iter().copied().collect(),
        ..Store::default()
    }));
    let answers = Arc::clone(&store);
    let (project, seen) = project(move |request| answers.lock().unwrap().answer(request)).await;
    (project, seen, store)
}
