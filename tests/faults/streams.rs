//! Uploads and downloads that are streamed, through a proxy that cuts them, to the embedded server.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use storymimi_studio::http::{NetworkClass, Outcome, Source, SourceFile};
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::supabase::{
    BucketName, ByteRange, Class, Error, NewBucket, ObjectKey, ObjectStream, Objects, Supabase, Upload,
};
use storymimi_studio::workspace::{ApiKey, ProjectUrl};
use tempfile::TempDir;

use crate::client;
use crate::proxy::{self, Cut};
use crate::script::{Act, answer, body_bytes, length, serve};

struct Project {
    server: Server,
    folder: TempDir,
}

impl Project {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::load_or_create(&folder.path().join("secrets.json")).unwrap();
        let server = Server::start(Config::new(folder.path().join("local"), secrets))
            .await
            .unwrap();
        let project = Self { server, folder };
        let bucket = NewBucket {
            name: bucket(),
            public: false,
            file_size_limit: None,
            allowed_mime_types: None,
        };
        project
            .supabase(project.server.url())
            .buckets()
            .create(&bucket)
            .await
            .unwrap();
        project
    }

    fn supabase(&self, url: &str) -> Supabase {
        supabase(url, self.server.service_key())
    }

    /// The objects by way of a proxy that cuts connections.
    async fn objects(&self, cuts: Vec<Cut>) -> Objects {
        self.through(cuts).await.bucket(&bucket())
    }

    /// The project by way of a proxy that cuts connections.
    async fn through(&self, cuts: Vec<Cut>) -> Supabase {
        let (url, _) = proxy::before(self.server.url(), cuts).await;
        self.supabase(&url)
    }
}

fn supabase(url: &str, key: &str) -> Supabase {
    Supabase::new(client(), ProjectUrl::parse(url).unwrap(), ApiKey::parse(key).unwrap())
}

fn bucket() -> BucketName {
    BucketName::parse("b").unwrap()
}

fn key(text: &str) -> ObjectKey {
    ObjectKey::parse(text).unwrap()
}

/// Bytes of which no two places look alike.
fn bytes(count: u32) -> Bytes {
    (0..count / 4).flat_map(u32::to_le_bytes).collect::<Vec<u8>>().into()
}

fn replace() -> Upload {
    Upload {
        upsert: true,
        ..Upload::new("application/octet-stream")
    }
}

async fn rest(object: ObjectStream) -> Result<Vec<u8>, Error> {
    object
        .into_stream()
        .try_fold(Vec::new(), |mut all, piece| async move {
            all.extend_from_slice(&piece);
            Ok(all)
        })
        .await
}

#[tokio::test]
async fn a_file_goes_up_and_comes_down_over_a_line_that_is_cut_again_and_again() {
    let project = Project::start().await;
    // More than the buffers on the way hold: a cut within the request is seen as one.
    let content = bytes(24 << 20);
    let path = project.folder.path().join("picture.bin");
    std::fs::write(&path, &content).unwrap();
    let file = SourceFile::look(&path).await.unwrap();

    // Up: from its beginning each time, since one request cannot be gone on with.
    let told: Arc<Mutex<Vec<u64>>> = Arc::default();
    let log = Arc::clone(&told);
    let source = file.whole().on_progress(move |sent| log.lock().unwrap().push(sent));
    let way = project
        .through(vec![Cut::up(3 << 20), Cut::up(0), Cut::up(5 << 20)])
        .await;
    let objects = way.bucket(&bucket());
    // It may not replace anything: what was cut within the request was not stored, so it is made again.
    objects
        .upload_from(&key("k"), &source, &Upload::new("application/octet-stream"))
        .await
        .unwrap();
    let told = told.lock().unwrap().clone();
    assert_eq!(told.last(), Some(&(24 << 20)));
    let starts = told.windows(2).filter(|pair| pair[1] <= pair[0]).count();
    assert!((2..=3).contains(&starts), "told anew for each attempt: {starts}");
    let exchanges = way.http().transcript().exchanges();
    let last = exchanges.last().unwrap();
    assert_eq!((last.attempt, last.request_size), (4, 24 << 20));

    // Down: from where it broke off, so that five cuts are not too many for four attempts.
    let way = project.through(vec![Cut::down(3 << 20); 6]).await;
    let objects = way.bucket(&bucket());
    let object = objects.open(&key("k"), None, None).await.unwrap();
    assert_eq!(
        (object.facts.size, object.remaining()),
        (Some(24 << 20), Some(24 << 20))
    );
    assert!(
        rest(object).await.unwrap() == content,
        "the same bytes, once and in order"
    );
    let exchanges = way.http().transcript().exchanges();
    let received: u64 = exchanges.iter().map(|exchange| exchange.response_size).sum();
    assert_eq!(received, 24 << 20, "nothing was read twice");
    let failed = exchanges
        .iter()
        .filter(|exchange| matches!(exchange.outcome, Outcome::Failed { .. }));
    assert_eq!((failed.count(), exchanges.len()), (6, 7));
}

#[tokio::test]
async fn a_line_that_brings_nothing_is_given_up() {
    let project = Project::start().await;
    let objects = project.objects(vec![]).await;
    objects
        .upload_from(&key("k"), &Source::bytes(bytes(1 << 20)), &replace())
        .await
        .unwrap();
    let mut cuts = vec![Cut::down(500 << 10)];
    cuts.extend([Cut::down(0); 40]);
    let objects = project.objects(cuts).await;
    let error = rest(objects.open(&key("k"), None, None).await.unwrap())
        .await
        .unwrap_err();
    assert_eq!((error.class, error.retry_may_help), (Class::Network, true), "{error}");
}

#[tokio::test]
async fn ranges_conditions_and_objects_that_are_not_there() {
    let project = Project::start().await;
    let objects = project.objects(vec![]).await;
    let content = bytes(1_000);
    let source = Source::bytes(content.clone());
    objects.upload_from(&key("k"), &source, &replace()).await.unwrap();
    for (range, expected) in [
        (ByteRange::Between(10, 19), 10..20),
        (ByteRange::Between(990, 5_000), 990..1_000),
        (ByteRange::From(900), 900..1_000),
        (ByteRange::Last(7), 993..1_000),
        (ByteRange::Last(5_000), 0..1_000),
    ] {
        let object = objects.open(&key("k"), Some(range), None).await.unwrap();
        assert_eq!(
            (object.position(), object.remaining(), object.facts.size),
            (expected.start as u64, Some(expected.len() as u64), Some(1_000)),
            "{range:?}"
        );
        assert_eq!(rest(object).await.unwrap(), content[expected]);
    }
    let beyond = objects
        .open(&key("k"), Some(ByteRange::From(1_000)), None)
        .await
        .unwrap_err();
    assert_eq!(beyond.code.as_deref(), Some("InvalidRange"));
    let missing = objects.open(&key("nothing"), None, None).await.unwrap_err();
    assert_eq!(
        (missing.class, missing.code.as_deref()),
        (Class::NotFound, Some("NoSuchKey"))
    );

    let etag = objects.open(&key("k"), None, None).await.unwrap().facts.etag.unwrap();
    assert!(objects.open_if_changed(&key("k"), &etag).await.unwrap().is_none());
    assert!(objects.open(&key("k"), None, Some(&etag)).await.is_ok());
    let other = Source::bytes(bytes(2_000));
    objects.upload_from(&key("k"), &other, &replace()).await.unwrap();
    let changed = objects.open_if_changed(&key("k"), &etag).await.unwrap().unwrap();
    assert_eq!(rest(changed).await.unwrap().len(), 2_000);
    let replaced = objects.open(&key("k"), None, Some(&etag)).await.unwrap_err();
    assert_eq!(replaced.class, Class::NotFound);

    let empty = Source::bytes(Bytes::new());
    objects.upload_from(&key("empty"), &empty, &replace()).await.unwrap();
    let object = objects.open(&key("empty"), None, None).await.unwrap();
    assert_eq!(object.remaining(), Some(0));
    assert!(rest(object).await.unwrap().is_empty());
}

#[tokio::test]
async fn two_versions_are_never_mixed() {
    let project = Project::start().await;
    let direct = project.objects(vec![]).await;
    let upload = |content: Bytes| {
        let direct = direct.clone();
        async move {
            direct
                .upload_from(&key("k"), &Source::bytes(content), &replace())
                .await
                .unwrap()
        }
    };
    upload(bytes(4 << 20)).await;
    let objects = project.objects(vec![Cut::down(1 << 20)]).await;
    let mut object = objects.open(&key("k"), None, None).await.unwrap();
    object.chunk().await.unwrap().unwrap();
    upload(bytes(4 << 20).iter().map(|byte| !byte).collect()).await;
    let error = rest(object).await.unwrap_err();
    assert_eq!(error.class, Class::NotFound);
    assert!(error.to_string().contains("replaced"), "{error}");
}

/// A proxy on the way knows no ranges: it sends everything, and what is not wanted is left out.
#[tokio::test]
async fn a_server_that_ignores_ranges_is_understood() {
    let head = "HTTP/1.1 200 OK\r\netag: \"1\"\r\ncontent-length: 10\r\n\r\n";
    let (url, _) = serve(vec![
        vec![Act::All, Act::Say(format!("{head}0123456789"))],
        vec![Act::All, Act::Say(format!("{head}01234")), Act::Pause, Act::Reset],
        vec![Act::All, Act::Say(format!("{head}0123456789"))],
    ])
    .await;
    let objects = supabase(&url, "sb_secret_0123456789abcdef").bucket(&bucket());
    let object = objects
        .open(&key("k"), Some(ByteRange::Between(3, 6)), None)
        .await
        .unwrap();
    assert_eq!(rest(object).await.unwrap(), b"3456");
    let object = objects.open(&key("k"), None, None).await.unwrap();
    assert_eq!(rest(object).await.unwrap(), b"0123456789");
}

#[tokio::test]
async fn a_part_that_is_not_the_one_asked_for_is_not_believed() {
    for headers in [
        "",
        "content-range: bytes 0-3/10\r\n",
        "content-range: bytes 3-9/10\r\n",
        "content-range: bytes */10\r\n",
        "content-range: bytes 6-3/10\r\n",
    ] {
        let part = answer("206 Partial Content", headers, "3456");
        let (url, _) = serve(vec![vec![Act::All, part]]).await;
        let objects = supabase(&url, "sb_secret_0123456789abcdef").bucket(&bucket());
        let asked = Some(ByteRange::Between(3, 6));
        let error = objects.open(&key("k"), asked, None).await.unwrap_err();
        assert_eq!(error.class, Class::Unexpected, "{headers}");
    }
}

#[tokio::test]
async fn a_source_that_is_not_what_it_said_stores_nothing() {
    let project = Project::start().await;
    let objects = project.objects(vec![]).await;
    let path = project.folder.path().join("a");
    std::fs::write(&path, bytes(2 << 20)).unwrap();
    let changed = SourceFile::look(&path).await.unwrap().whole();
    std::fs::write(&path, bytes(1 << 20)).unwrap();
    let gives = |length: u64, pieces: Vec<Bytes>| {
        Source::new(length, move || {
            Box::pin(futures_util::stream::iter(pieces.clone().into_iter().map(Ok)))
        })
    };
    let piece = bytes(300_000);
    let failing = Source::new(600_000, {
        let piece = piece.clone();
        move || {
            let broken = std::io::Error::other("the disk is gone");
            Box::pin(futures_util::stream::iter([Ok(piece.clone()), Err(broken)]))
        }
    });
    for (name, source) in [
        ("changed", changed),
        ("shorter", gives(600_000, vec![piece.clone()])),
        ("longer", gives(300_000, vec![piece.clone(), Bytes::from_static(b"x")])),
        ("longer in one piece", gives(200_000, vec![piece.clone()])),
        ("not empty", gives(0, vec![piece.clone()])),
        ("failing", failing),
    ] {
        let error = objects.upload_from(&key(name), &source, &replace()).await.unwrap_err();
        assert_eq!(
            (error.class, error.retry_may_help),
            (Class::Source, false),
            "{name}: {error}"
        );
        assert!(error.to_string().contains("could not be read"), "{name}: {error}");
        let look = objects.info(&key(name)).await.unwrap_err();
        assert_eq!(look.class, Class::NotFound, "{name}");
    }
    let pieces = vec![Bytes::new(), piece.clone(), Bytes::new(), piece, Bytes::new()];
    objects
        .upload_from(&key("good"), &gives(600_000, pieces), &replace())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_stream_is_in_the_transcript_from_its_begin_to_its_end() {
    let project = Project::start().await;
    let way = project.through(vec![]).await;
    let objects = way.bucket(&bucket());
    let content = bytes(3 << 20);
    objects
        .upload_from(&key("k"), &Source::bytes(content), &replace())
        .await
        .unwrap();
    let transcript = Arc::clone(way.http().transcript());
    let upload = transcript.exchanges().pop().unwrap();
    assert_eq!((upload.request_size, &upload.outcome), (3 << 20, &Outcome::Answered));
    assert!(upload.curl().ends_with("--data-binary @FILE"), "{}", upload.curl());

    let object = objects.open(&key("k"), None, None).await.unwrap();
    let open = transcript.exchanges().pop().unwrap();
    assert_eq!((&open.outcome, open.duration), (&Outcome::Pending, None));
    rest(object).await.unwrap();
    let whole = transcript.exchanges().pop().unwrap();
    assert_eq!((whole.id, &whole.outcome), (open.id, &Outcome::Answered));
    assert_eq!(whole.response_size, 3 << 20);
    assert!(whole.first_byte.unwrap() <= whole.duration.unwrap());

    let mut object = objects.open(&key("k"), None, None).await.unwrap();
    object.chunk().await.unwrap();
    drop(object);
    let dropped = transcript.exchanges().pop().unwrap();
    assert_eq!(dropped.outcome, Outcome::Cancelled);
    assert!(dropped.response_size > 0 && dropped.response_size < 3 << 20);
}

/// Not more than a few pieces are read from a source before the server has taken them.
#[tokio::test]
async fn a_source_is_read_no_faster_than_it_is_sent() {
    const PIECE: usize = 1 << 20;
    const PIECES: u64 = 1_000;
    let read = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&read);
    let source = Source::new(PIECES << 20, move || {
        let counter = Arc::clone(&counter);
        Box::pin(futures_util::stream::iter((0..PIECES).map(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(Bytes::from(vec![0; PIECE]))
        })))
    });
    // The server takes 16 MB, and then no more.
    let (url, seen) = serve(vec![vec![Act::Head, Act::Some(16 << 20), Act::Silence]]).await;
    let objects = supabase(&url, "sb_secret_0123456789abcdef").bucket(&bucket());
    let task = tokio::spawn(async move { objects.upload_from(&key("k"), &source, &replace()).await });
    while body_bytes(&seen.lock().unwrap().first().cloned().unwrap_or_default()) < 16 << 20 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let read = read.load(Ordering::SeqCst);
    // What the buffers of two sockets hold comes on top.
    assert!((16..64).contains(&read), "{read} MB were read");
    assert_eq!(length(&seen.lock().unwrap()[0]), 1_000 << 20);
}

#[tokio::test]
async fn keys_never_follow_a_redirect() {
    let (elsewhere, visits) = serve(vec![vec![Act::All, answer("200 OK", "", "[]")]]).await;
    for status in [
        "301 Moved",
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let there = answer(status, &format!("location: {elsewhere}/storage/v1/bucket\r\n"), "");
        let (url, seen) = serve(vec![vec![Act::All, there]]).await;
        let project = supabase(&url, "sb_secret_0123456789abcdef");
        let objects = project.bucket(&bucket());
        let source = Source::bytes(bytes(1_000));
        let errors = [
            project.buckets().list().await.unwrap_err(),
            objects.open(&key("k"), None, None).await.unwrap_err(),
            objects.upload_from(&key("k"), &source, &replace()).await.unwrap_err(),
            objects.remove(&[key("k")]).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.class, Class::Unexpected, "{status}");
            assert!(error.to_string().contains("redirects to http://127.0.0.1"), "{error}");
        }
        assert_eq!(seen.lock().unwrap().len(), 4);
    }
    assert!(visits.lock().unwrap().is_empty(), "somebody went there");
}

#[tokio::test]
async fn plain_http_is_for_this_computer_only() {
    let error = client()
        .send(storymimi_studio::http::Call::new(
            "Test",
            "",
            axum::http::Method::GET,
            "http://project.example.com/rest/v1/stories",
        ))
        .await
        .unwrap_err();
    assert_eq!((error.class, error.attempts), (NetworkClass::Request, 0));
    assert!(error.to_string().contains("https://"), "{error}");
}
