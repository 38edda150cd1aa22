//! Transfers over a bad line to a bad server: each ends in success or in one clear error, and nothing is lost or doubled.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/counting.rs"]
mod counting;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use counting::{Asked, Proxy, Server as Behind};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use storymimi_studio::http::{Http, Secret, Transcript};
use storymimi_studio::journal::Journal;
use storymimi_studio::local::{Config, EditorBuckets, Policy, Secrets, Server};
use storymimi_studio::service::{Report, Service};
use storymimi_studio::supabase::{Auth, BucketName, NewBucket, ObjectKey, Session, Supabase, ThisRunOnly};
use storymimi_studio::transfer::plan::{
    BadNames, DownloadOrder, FileSource, KeySource, KeyTarget, Links, Planner, Taken, UploadOrder,
};
use storymimi_studio::transfer::{Engine, FailureKind, ItemState, JobState, Limits, Proof, Rules, Standing};
use storymimi_studio::workspace::{ApiKey, Home, ProjectUrl, Provider, Workspace};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A workspace behind a bad line, and the same server by a good one.
struct Bad {
    service: Service,
    good: Service,
    proxy: Proxy,
    folder: TempDir,
    _server: Server,
}

impl Bad {
    async fn line(spoil: impl Fn(Behind, Asked) -> BoxFuture<'static, Response> + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new(folder.path().join("server"), Secrets::supabase_defaults());
        let server = Server::start(config).await.unwrap();
        let proxy = Proxy::spoiling(server.url(), spoil).await;
        let service = |url: &str, home: &str| {
            let key = ApiKey::parse(server.service_key()).unwrap();
            let provider = Provider::built_in(server.ai_base_url(), key.secret().clone());
            let workspace = Workspace::local(ProjectUrl::parse(url).unwrap(), key, provider);
            let home = Home::at(&folder.path().join(home));
            Service::open(workspace, &home, tokio::runtime::Handle::current())
                .unwrap()
                .0
        };
        let (good, service) = (service(server.url(), "good"), service(&proxy.url, "bad"));
        let bucket = NewBucket {
            name: bucket(),
            public: false,
            file_size_limit: None,
            allowed_mime_types: None,
        };
        good.create_bucket(&bucket).await.unwrap();
        std::fs::create_dir(folder.path().join("source")).unwrap();
        Self {
            service,
            good,
            proxy,
            folder,
            _server: server,
        }
    }

    fn file(&self, name: &str, size: usize) -> PathBuf {
        let path = self.folder.path().join("source").join(name);
        std::fs::write(&path, content(size)).unwrap();
        path
    }

    async fn upload(&self, rules: Rules) -> Report {
        let order = UploadOrder {
            sources: vec![FileSource::Inside(self.folder.path().join("source"))],
            bucket: bucket(),
            target: KeyTarget::Under(String::new()),
            bad_names: BadNames::Refuse,
            taken: Taken::Refuse,
            links: Links::Refuse,
            rules,
        };
        // Planning is not what is tested: it goes by the good line.
        let mut plan = self
            .good
            .plan_upload(&order, &|_| {}, &CancellationToken::new())
            .await
            .unwrap();
        plan.project.clone_from(&self.proxy.url);
        let job = self.service.submit(plan).await.unwrap();
        self.service.run_transfer(job).await.unwrap()
    }

    async fn download(&self, to: &Path) -> Report {
        let order = DownloadOrder {
            sources: vec![KeySource::Inside(String::new())],
            bucket: bucket(),
            folder: to.to_owned(),
            name: None,
            taken: Taken::Refuse,
            rules: Rules::default(),
        };
        let mut plan = self
            .good
            .plan_download(&order, &|_| {}, &CancellationToken::new())
            .await
            .unwrap();
        plan.project.clone_from(&self.proxy.url);
        let job = self.service.submit(plan).await.unwrap();
        self.service.run_transfer(job).await.unwrap()
    }

    /// The bytes of an object, by the good line.
    async fn stored(&self, key: &str) -> Option<Vec<u8>> {
        let key = ObjectKey::parse(key).unwrap();
        let object = self.good.download(&bucket(), &key).await.ok()?;
        Some(object.bytes.to_vec())
    }
}

fn bucket() -> BucketName {
    BucketName::parse("b").unwrap()
}

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at * 31 % 251) as u8).collect()
}

/// Rules by which what is larger than a thousand bytes goes in pieces.
fn in_pieces() -> Rules {
    Rules {
        resumable_above: 1_000,
        ..Rules::default()
    }
}

fn page(status: StatusCode) -> Response {
    (
        status,
        [("content-type", "text/html")],
        "<html><h1>Bad gateway</h1></html>",
    )
        .into_response()
}

/// An answer that ends before its length.
fn cut(response: Response) -> Response {
    let (parts, _) = response.into_parts();
    let broken = futures_util::stream::iter([Ok(bytes::Bytes::from_static(b"{")), Err(std::io::Error::other("cut"))]);
    Response::from_parts(parts, Body::from_stream(broken))
}

fn is_upload(asked: &Asked) -> bool {
    asked.method == Method::POST && asked.path.starts_with("/storage/v1/object/b/")
}

#[tokio::test]
async fn an_upload_whose_reply_is_lost_is_found_and_not_doubled() {
    let lost = Arc::new(AtomicUsize::new(0));
    let count = lost.clone();
    let bad = Bad::line(move |server, asked| {
        let count = count.clone();
        Box::pin(async move {
            let answer = server.pass(&asked).await;
            if !is_upload(&asked) || count.fetch_add(1, Ordering::SeqCst) % 2 == 1 {
                return answer;
            }
            if asked.number % 2 == 0 {
                page(StatusCode::GATEWAY_TIMEOUT)
            } else {
                cut(answer)
            }
        })
    })
    .await;
    for number in 0..12 {
        bad.file(&format!("{number:02}.bin"), 100 + number);
    }
    let report = bad.upload(Rules::default()).await;
    assert_eq!(report.job.state, JobState::Done, "{report:?}");
    assert!(report.items.iter().all(|item| item.state
        == ItemState::Done {
            proof: Proof::ServerHash
        }));
    assert!(lost.load(Ordering::SeqCst) >= 12);
    for number in 0..12 {
        assert_eq!(
            bad.stored(&format!("{number:02}.bin")).await.unwrap(),
            content(100 + number)
        );
    }
}

#[tokio::test]
async fn a_wrong_etag_is_not_believed_before_the_bytes_and_wrong_bytes_are_removed_and_told() {
    let bad = Bad::line(|server, mut asked| {
        Box::pin(async move {
            if is_upload(&asked) && asked.path.ends_with("wrong.bin") {
                // One byte of it is stored as another one.
                let mut bytes = asked.body.to_vec();
                bytes[7] ^= 1;
                asked.body = bytes.into();
            }
            let answer = server.pass(&asked).await;
            let looks = asked.path.contains("/object/list") || asked.path.contains("/object/info/");
            if !looks {
                return answer;
            }
            // Whatever the server says of the ETag of one object is wrong.
            let (parts, body) = answer.into_parts();
            let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
            let mut told: Value = serde_json::from_slice(&body).unwrap();
            spoil_etag(&mut told, "lied.bin");
            let mut answer = (parts.status, axum::Json(told)).into_response();
            answer
                .headers_mut()
                .extend(parts.headers.into_iter().filter(|(name, _)| {
                    name.as_ref()
                        .is_some_and(|name| name != "content-length" && name != "content-type")
                }));
            answer
        })
    })
    .await;
    for name in ["lied.bin", "right.bin", "wrong.bin"] {
        bad.file(name, 300);
    }
    let report = bad.upload(Rules::default()).await;
    assert_eq!(report.job.state, JobState::Failed, "{report:#?}");
    let states: Vec<_> = report.items.iter().map(|item| &item.state).collect();
    let done = |proof| ItemState::Done { proof };
    assert_eq!(states[..2], [&done(Proof::ReadBack), &done(Proof::ServerHash)]);
    let ItemState::Failed(failure) = states[2] else {
        panic!("{states:?}")
    };
    assert_eq!(failure.kind, FailureKind::Corrupt, "{failure:?}");
    assert!(bad.stored("right.bin").await.is_some());
    assert!(
        bad.stored("wrong.bin").await.is_none(),
        "what arrived wrong is not left there"
    );
}

fn spoil_etag(told: &mut Value, name: &str) {
    match told {
        Value::Array(all) => all.iter_mut().for_each(|one| spoil_etag(one, name)),
        Value::Object(fields) => {
            let is_it = ["name", "key"]
                .iter()
                .any(|field| fields.get(*field).is_some_and(|found| found == name));
            if is_it {
                for place in ["etag", "eTag"] {
                    if fields.contains_key(place) {
                        fields.insert(place.to_owned(), json!("\"00000000000000000000000000000000\""));
                    }
                    if let Some(Value::Object(metadata)) = fields.get_mut("metadata")
                        && metadata.contains_key(place)
                    {
                        metadata.insert(place.to_owned(), json!("\"00000000000000000000000000000000\""));
                    }
                }
            }
            fields.values_mut().for_each(|one| spoil_etag(one, name));
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_storm_of_refusals_passes() {
    let left = Arc::new(AtomicUsize::new(25));
    let bad = Bad::line(move |server, asked| {
        let refuse = left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
            .is_ok();
        Box::pin(async move {
            if refuse {
                let body = json!({"statusCode": "429", "error": "SlowDown", "message": "too many", "code": "SlowDown"});
                return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "0")], axum::Json(body)).into_response();
            }
            server.pass(&asked).await
        })
    })
    .await;
    for number in 0..30 {
        bad.file(&format!("{number:02}.bin"), 50);
    }
    let report = bad.upload(Rules::default()).await;
    assert_eq!(report.job.state, JobState::Done, "{report:?}");
    assert_eq!(report.job.counts.done, 30);
}

#[tokio::test]
async fn an_upload_whose_session_is_forgotten_begins_anew_and_is_there_once() {
    let forgotten = Arc::new(AtomicUsize::new(0));
    let count = forgotten.clone();
    let bad = Bad::line(move |server, asked| {
        let count = count.clone();
        Box::pin(async move {
            let piece = asked.method == Method::PATCH && asked.path.contains("/upload/resumable/");
            if piece && count.fetch_add(1, Ordering::SeqCst) == 0 {
                // The real server says it this way once the time of an upload is over.
                return (StatusCode::GONE, "The file for this url no longer exists").into_response();
            }
            server.pass(&asked).await
        })
    })
    .await;
    bad.file("large.bin", 15 << 20);
    let report = bad.upload(in_pieces()).await;
    assert_eq!(report.job.state, JobState::Done, "{report:?}");
    assert!(forgotten.load(Ordering::SeqCst) > 1, "pieces were sent");
    assert_eq!(bad.stored("large.bin").await.unwrap(), content(15 << 20));
}

#[tokio::test]
async fn downloads_that_end_early_or_lie_about_their_length_are_whole_in_the_end() {
    let spoilt = Arc::new(AtomicUsize::new(0));
    let count = spoilt.clone();
    let bad = Bad::line(move |server, asked| {
        let count = count.clone();
        Box::pin(async move {
            let answer = server.pass(&asked).await;
            let read = asked.method == Method::GET && asked.path.contains("/object/authenticated/");
            if !read || answer.status().is_client_error() {
                return answer;
            }
            let number = count.fetch_add(1, Ordering::SeqCst);
            let (mut parts, body) = answer.into_parts();
            let body = axum::body::to_bytes(body, 1 << 24).await.unwrap();
            match number {
                // Half of it, and the line is cut.
                0 => {
                    let half = body.slice(..body.len() / 2);
                    let broken = [Ok(half), Err(std::io::Error::other("cut"))];
                    Response::from_parts(parts, Body::from_stream(futures_util::stream::iter(broken)))
                }
                // Fewer bytes than there are, and a length that says so.
                1 => {
                    let short = body.slice(..body.len() - 1);
                    parts.headers.insert("content-length", short.len().into());
                    Response::from_parts(parts, Body::from(short))
                }
                _ => Response::from_parts(parts, Body::from(body)),
            }
        })
    })
    .await;
    let sizes = [200_000, 150_000, 90_000];
    for (number, size) in sizes.into_iter().enumerate() {
        bad.file(&format!("{number}.bin"), size);
    }
    let up = bad.upload(Rules::default()).await;
    assert_eq!(up.job.state, JobState::Done);
    let to = bad.folder.path().join("down");
    let mut report = bad.download(&to).await;
    for _ in 0..2 {
        // A length that lies is told as what it is; once more is then right.
        if report.job.state == JobState::Done {
            break;
        }
        assert!(
            report
                .not_done()
                .all(|item| matches!(&item.state, ItemState::Failed(failure) if !failure.what.is_empty()))
        );
        let job = report.job.id;
        bad.service
            .engine()
            .retry(storymimi_studio::transfer::Target::Job(job))
            .await
            .unwrap();
        report = bad.service.run_transfer(job).await.unwrap();
    }
    assert_eq!(report.job.state, JobState::Done, "{report:?}");
    let mut names: Vec<_> = std::fs::read_dir(&to)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    let whole = [".storymimi-manifest.jsonl", "0.bin", "1.bin", "2.bin"];
    assert_eq!(names, whole, "no partial file is left");
    for (number, size) in sizes.into_iter().enumerate() {
        assert_eq!(std::fs::read(to.join(format!("{number}.bin"))).unwrap(), content(size));
    }
    assert!(spoilt.load(Ordering::SeqCst) > sizes.len());
}

#[tokio::test]
async fn while_the_server_is_away_everything_waits_and_goes_on_when_it_is_back() {
    let since: Arc<OnceLock<Instant>> = Arc::default();
    let away = since.clone();
    let bad = Bad::line(move |server, asked| {
        let away = away.clone();
        Box::pin(async move {
            let begun = *away.get_or_init(Instant::now);
            // A while after the first few.
            let gone = (Duration::from_millis(150)..Duration::from_secs(4)).contains(&begun.elapsed());
            if gone {
                page(StatusCode::SERVICE_UNAVAILABLE)
            } else {
                server.pass(&asked).await
            }
        })
    })
    .await;
    for number in 0..200 {
        bad.file(&format!("{number:03}.bin"), 40);
    }
    let report = bad.upload(Rules::default()).await;
    assert_eq!(report.job.state, JobState::Done, "{report:?}");
    assert_eq!(report.job.counts.done, 200);
    assert!(
        since.get().unwrap().elapsed() > Duration::from_secs(4),
        "it was gone for a while"
    );
    let requests = bad.proxy.requests();
    assert!(requests <= 240, "{requests} requests for 200 files and an outage");
}

#[tokio::test]
async fn a_token_that_ends_in_mid_job_is_refreshed_and_the_job_goes_on() {
    const EMAIL: &str = "editor@example.org";
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::new(folder.path().join("server"), Secrets::supabase_defaults());
    config.policy = Policy::Editors(EditorBuckets::All);
    let server = Server::start(config).await.unwrap();
    let password = Secret::exact("a password with spaces");
    server.ensure_user(EMAIL, &password).await.unwrap();
    let http = || Http::new(Arc::new(Transcript::default())).unwrap();
    let key = |text: &str| ApiKey::parse(text).unwrap();
    let admin = Supabase::new(
        http(),
        ProjectUrl::parse(server.url()).unwrap(),
        key(server.service_key()),
    );
    let made = NewBucket {
        name: bucket(),
        public: false,
        file_size_limit: None,
        allowed_mime_types: None,
    };
    admin.buckets().create(&made).await.unwrap();

    // The first token is refused after ten uploads, as one that has ended.
    let first: Arc<OnceLock<String>> = Arc::default();
    let (ended, uploads) = (first.clone(), AtomicUsize::new(0));
    let proxy = Proxy::spoiling(server.url(), move |server, asked| {
        let bearer = asked
            .headers
            .get("authorization")
            .map(|value| value.to_str().unwrap().to_owned());
        let is_first = bearer.is_some_and(|bearer| ended.get().is_some_and(|first| bearer.ends_with(first.as_str())));
        let refuse = is_upload(&asked) && is_first && uploads.fetch_add(1, Ordering::SeqCst) >= 10;
        Box::pin(async move {
            if refuse {
                let body = json!({"statusCode": "403", "error": "Unauthorized",
                    "message": "\"exp\" claim timestamp check failed", "code": "InvalidJWT"});
                return (StatusCode::BAD_REQUEST, axum::Json(body)).into_response();
            }
            server.pass(&asked).await
        })
    })
    .await;
    let url = ProjectUrl::parse(&proxy.url).unwrap();
    let http = http();
    let auth = Auth::new(http.clone(), url.clone(), key(server.anon_key()));
    let tokens = auth.sign_in(EMAIL, &password).await.unwrap();
    first.set(tokens.access.expose().to_owned()).unwrap();
    // Tokens of one session and one second are the same text.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let session = Session::new(auth, tokens, Arc::new(ThisRunOnly));
    let project = Supabase::signed_in(http, url, key(server.anon_key()), session.clone());
    let journal = Journal::open(&folder.path().join("journal")).unwrap();
    let engine = Engine::open(project.clone(), journal, Limits::default());

    let source = folder.path().join("source");
    std::fs::create_dir(&source).unwrap();
    for number in 0..30 {
        std::fs::write(source.join(format!("{number:02}.bin")), content(60)).unwrap();
    }
    let never = CancellationToken::new();
    let planner = Planner {
        project: &project,
        stop: &never,
        observe: &|_| {},
    };
    let order = UploadOrder {
        sources: vec![FileSource::Inside(source)],
        bucket: bucket(),
        target: KeyTarget::Under(String::new()),
        bad_names: BadNames::Refuse,
        taken: Taken::Refuse,
        links: Links::Refuse,
        rules: Rules::default(),
    };
    let job = engine.submit(planner.upload(&order).await.unwrap()).await.unwrap();
    let job = engine.run(job).await.unwrap();
    let stuck = engine.some(job.id, Standing::Stuck, 1).await.unwrap();
    assert_eq!((job.state, job.counts.done), (JobState::Done, 30), "{stuck:?}");
    let now = session.access_token().await.unwrap();
    assert_ne!(now.expose(), first.get().unwrap(), "another token was asked for");
}
