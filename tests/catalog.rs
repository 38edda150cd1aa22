//! Indexes of buckets of the real local server: listed in pages, gone on with after an end in the middle, kept, refreshed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/counting.rs"]
mod counting;
#[path = "support/rows.rs"]
mod rows;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use futures_util::FutureExt as _;
use storymimi_studio::catalog::{Coverage, Index, Query};
use storymimi_studio::http::Http;
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::service::{EventReceiver, Indexing, Service};
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey, Supabase, Upload};
use storymimi_studio::workspace::{ApiKey, Home, ProjectUrl, Provider, Workspace};
use tempfile::TempDir;

/// The page from which on the server does not answer, and the cursors that it was asked for.
#[derive(Clone, Default)]
struct Line {
    broken_from: Arc<AtomicUsize>,
    refuses_cursors: Arc<std::sync::atomic::AtomicBool>,
    asked: Arc<Mutex<Vec<Option<String>>>>,
}

struct Fixture {
    server: Server,
    folder: TempDir,
    line: Line,
    url: String,
}

fn bucket() -> BucketName {
    BucketName::parse("b").unwrap()
}

impl Fixture {
    /// A bucket of so many objects behind a line that counts pages.
    async fn start(objects: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let config = Config::new(data.clone(), Secrets::supabase_defaults());
        let server = Server::start(config).await.unwrap();
        let line = Line::default();
        line.broken_from.store(usize::MAX, Ordering::SeqCst);
        let spoiled = line.clone();
        let spoil = move |server: counting::Server, asked: counting::Asked| {
            let line = spoiled.clone();
            async move {
                if !asked.path.contains("/list-v2/") {
                    return server.pass(&asked).await;
                }
                let body: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
                let cursor = body["cursor"].as_str().map(str::to_owned);
                let number = {
                    let mut pages = line.asked.lock().unwrap();
                    pages.push(cursor.clone());
                    pages.len()
                };
                if number > line.broken_from.load(Ordering::SeqCst) {
                    // It never answers: whoever waits is ended meanwhile.
                    std::future::pending::<()>().await;
                }
                if cursor.is_some() && line.refuses_cursors.load(Ordering::SeqCst) {
                    let refused =
                        r#"{"statusCode":"400","error":"InvalidParameter","message":"Invalid Parameter cursor"}"#;
                    return (StatusCode::BAD_REQUEST, [("content-type", "application/json")], refused).into_response();
                }
                server.pass(&asked).await
            }
            .boxed()
        };
        let url = counting::Proxy::spoiling(server.url(), spoil).await.url;
        let fixture = Self {
            server,
            folder,
            line,
            url,
        };
        let (service, _) = fixture.open();
        let made = NewBucket {
            name: bucket(),
            public: false,
            file_size_limit: None,
            allowed_mime_types: None,
        };
        service.create_bucket(&made).await.unwrap();
        rows::seed(&data, bucket().as_str(), objects as u64);
        fixture
    }

    /// The program, started anew.
    fn open(&self) -> (Service, EventReceiver) {
        let key = ApiKey::parse(self.server.service_key()).unwrap();
        let provider = Provider::built_in(self.server.ai_base_url(), key.secret().clone());
        let workspace = Workspace::local(ProjectUrl::parse(&self.url).unwrap(), key, provider);
        let home = Home::at(self.folder.path());
        Service::open(workspace, &home, tokio::runtime::Handle::current()).unwrap()
    }

    fn project(&self) -> Supabase {
        let key = ApiKey::parse(self.server.service_key()).unwrap();
        let url = ProjectUrl::parse(self.server.url()).unwrap();
        Supabase::new(Http::new(Arc::default()).unwrap(), url, key)
    }

    fn asked(&self) -> Vec<Option<String>> {
        std::mem::take(&mut self.line.asked.lock().unwrap())
    }
}

/// Waits until it holds of the service; a test that waits for nothing ends by its own patience.
async fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let wait = async {
        loop {
            match look() {
                Some(found) => return found,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.unwrap()
}

async fn whole(service: &Service) -> Index {
    service.whole_index(&bucket(), Duration::ZERO, &|_| {}).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_was_ended_in_the_middle_goes_on_there_after_the_next_start() {
    let fixture = Fixture::start(26_000).await;
    fixture.line.broken_from.store(20, Ordering::SeqCst);
    let (service, events) = fixture.open();
    service.watch_bucket(&bucket());
    let partial = until(|| service.index(&bucket()).filter(|index| index.len() >= 1_000)).await;
    assert!(
        matches!(partial.state(), Coverage::Partial { .. }),
        "{:?}",
        partial.state()
    );
    until(|| (fixture.line.asked.lock().unwrap().len() > 20).then_some(())).await;
    assert!(matches!(
        service.indexing(&bucket()),
        Indexing::Listing { listed: 1.., .. }
    ));
    assert!(
        events
            .drain()
            .any(|event| matches!(event, storymimi_studio::service::Event::Indexed(of) if of == bucket()))
    );
    service.close().await;
    drop((service, partial));
    fixture.asked();

    fixture.line.broken_from.store(usize::MAX, Ordering::SeqCst);
    let (service, _events) = fixture.open();
    let kept = service.kept_index(&bucket()).await.unwrap().unwrap();
    assert!(
        matches!(kept.state(), Coverage::Partial { listed: 9_000.., .. }),
        "{:?}",
        kept.state()
    );
    let index = whole(&service).await;
    assert_eq!(index.len(), 26_000);
    assert!(matches!(index.state(), Coverage::Complete { .. }));
    let asked = fixture.asked();
    assert!(asked[0].is_some(), "it goes on at its cursor");
    assert_eq!(asked.len(), 26 - kept.len() / 1_000);

    // What is complete is there at the next start, and refreshed behind what is shown.
    service.close().await;
    let (service, _events) = fixture.open();
    let kept = service.kept_index(&bucket()).await.unwrap().unwrap();
    assert_eq!(kept.rows().collect::<Vec<_>>(), index.rows().collect::<Vec<_>>());
    assert_eq!(whole(&service).await.len(), 26_000);
    assert!(fixture.asked()[0].is_none(), "it is listed from the beginning");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_the_server_refuses_leads_to_a_new_listing() {
    let fixture = Fixture::start(12_000).await;
    fixture.line.broken_from.store(10, Ordering::SeqCst);
    let (service, _events) = fixture.open();
    service.watch_bucket(&bucket());
    until(|| (fixture.line.asked.lock().unwrap().len() > 10).then_some(())).await;
    service.close().await;
    drop(service);
    fixture.line.broken_from.store(usize::MAX, Ordering::SeqCst);
    fixture.line.refuses_cursors.store(true, Ordering::SeqCst);
    fixture.asked();
    let (service, _events) = fixture.open();
    service.watch_bucket(&bucket());
    // The first page of the new listing passes; its second one has a cursor, too, and is refused for good.
    let problem = until(|| match service.indexing(&bucket()) {
        Indexing::Failed(problem) => Some(problem),
        _ => None,
    })
    .await;
    assert!(!problem.what.is_empty());
    let asked = fixture.asked();
    assert!(asked[0].is_some() && asked[1].is_none(), "{asked:?}");
    assert!(
        matches!(service.index(&bucket()).unwrap().state(), Coverage::Partial { .. }),
        "never silently short"
    );
    fixture.line.refuses_cursors.store(false, Ordering::SeqCst);
    assert_eq!(whole(&service).await.len(), 12_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_our_own_jobs_change_is_known_soon_and_a_bucket_that_is_gone_has_no_index() {
    let fixture = Fixture::start(6_000).await;
    let (service, _events) = fixture.open();
    let key = ObjectKey::parse("stories/000003/cover.png").unwrap();
    let objects = fixture.project().bucket(&bucket());
    objects
        .upload(&key, "cover".into(), &Upload::new("image/png"))
        .await
        .unwrap();
    assert_eq!(whole(&service).await.len(), 6_001);
    fixture.asked();
    // More than is listed whole at each change: only what the job did is looked at.
    let order = storymimi_studio::transfer::plan::DeleteOrder {
        bucket: bucket(),
        sources: vec![storymimi_studio::transfer::plan::KeySource::Key(key.clone())],
        rules: storymimi_studio::transfer::Rules::default(),
    };
    let plan = service
        .plan_deletion(&order, &|_| {}, &tokio_util::sync::CancellationToken::new())
        .await
        .unwrap();
    let job = service.submit(plan).await.unwrap();
    service.run_transfer(job).await.unwrap();
    let index = until(|| {
        service
            .index(&bucket())
            .filter(|index| index.position(key.as_str()).is_none())
    })
    .await;
    let trash = index
        .answer(&Query {
            folder: "_trash/".to_owned(),
            deep: true,
            ..Query::default()
        })
        .unwrap();
    assert_eq!((trash.objects.len(), index.len()), (1, 6_001));
    assert!(fixture.asked().len() < 6, "it was not listed whole");
    let (kept, index) = (
        service.kept_index(&bucket()).await.unwrap().unwrap(),
        service.index(&bucket()).unwrap(),
    );
    assert_eq!(kept.rows().collect::<Vec<_>>(), index.rows().collect::<Vec<_>>());
    drop(kept);

    let database = rusqlite::Connection::open(fixture.folder.path().join("data/project.sqlite3")).unwrap();
    database.busy_timeout(Duration::from_secs(60)).unwrap();
    database
        .execute("DELETE FROM objects WHERE bucket_id = 'b'", [])
        .unwrap();
    database.execute("DELETE FROM buckets WHERE id = 'b'", []).unwrap();
    service.refresh_bucket(&bucket());
    let problem = until(|| match service.indexing(&bucket()) {
        Indexing::Failed(problem) => Some(problem),
        _ => None,
    })
    .await;
    assert!(problem.what.contains('b'));
    assert!(service.index(&bucket()).is_none() && service.kept_index(&bucket()).await.unwrap().is_none());
}
