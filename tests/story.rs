//! What the story service promises, against the real embedded server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use storymimi_studio::http::{self, Exchange};
use storymimi_studio::service::Service;
use storymimi_studio::story::{Brief, Outcome, Source, Status, Step};
use storymimi_studio::supabase::{BucketName, BucketUpdate, ObjectKey, Supabase};
use storymimi_studio::workspace::Dialect;
use support::project::{Project, png};
use support::provider::{Does, FakeProvider, Paid};
use tokio_util::sync::CancellationToken;

fn brief(scenes: usize) -> Brief {
    Brief::new(
        "Pip and the Lost Star",
        "A small fox named Pip in a green scarf finds a star in a snowy forest",
        scenes,
        7,
    )
    .unwrap()
}

async fn create(service: &Service, scenes: usize) -> Outcome {
    service
        .create_story(&brief(scenes), &|_| {}, &CancellationToken::new())
        .await
        .unwrap()
}

fn client(project: &Project) -> Supabase {
    let workspace = project.service.workspace();
    let http = storymimi_studio::http::Http::new(std::sync::Arc::default()).unwrap();
    Supabase::new(http, workspace.url.clone(), workspace.key.clone())
}

fn paid(texts: usize, pictures: usize) -> Paid {
    Paid { texts, pictures }
}

fn bucket() -> BucketName {
    BucketName::parse("story-images").unwrap()
}

#[tokio::test]
async fn a_story_is_written_drawn_stored_and_linked() {
    let project = Project::start().await;
    let steps = Mutex::new(Vec::new());
    let observe = |step: Step| steps.lock().unwrap().push(step);
    let outcome = project
        .service
        .create_story(&brief(3), &observe, &CancellationToken::new())
        .await
        .unwrap();
    let story = outcome.story;
    assert!(outcome.failures.is_empty());
    assert_eq!(
        (story.status, story.title.as_str()),
        (Status::Completed, "Pip and the Lost Star")
    );
    assert_eq!(story.scenes.len(), 3);
    assert!(story.created_at.is_some() && story.updated_at.is_some());
    assert_eq!(story.user_id.as_deref(), Some("local"));
    assert_eq!(story.cover_image_url, story.scenes[0].image_url);
    assert_eq!(
        story.made_with.image_engine.as_deref(),
        Some("Built-in illustrator (no AI)")
    );

    let objects = project.service.objects(&bucket(), "").await.unwrap();
    assert_eq!(objects.len(), 3);
    for scene in &story.scenes {
        let url = scene.image_url.as_deref().unwrap();
        let (_, key) = url.split_once("/storage/v1/object/public/story-images/").unwrap();
        let uuid = key
            .strip_prefix(&format!("scene_{}_", scene.index))
            .and_then(|rest| rest.strip_suffix(".png"));
        assert!(uuid::Uuid::parse_str(uuid.unwrap()).is_ok(), "{key}");
        // Anybody may read it, without a key, and it is what its type says.
        let reply = reqwest::get(url).await.unwrap();
        assert_eq!(
            (
                reply.status().as_u16(),
                reply.headers()["content-type"].to_str().unwrap()
            ),
            (200, "image/png")
        );
        let picture = image::load_from_memory(&reply.bytes().await.unwrap()).unwrap();
        assert_eq!((picture.width(), picture.height()), (1024, 768));
        let info = project
            .service
            .object_info(&bucket(), &ObjectKey::parse(key).unwrap())
            .await
            .unwrap();
        assert_eq!(info.metadata["generator"], "Built-in illustrator (no AI)");
        assert!(scene.alt_text.is_some() && !scene.text.is_empty());
    }
    let steps = steps.into_inner().unwrap();
    assert!(matches!(steps.first(), Some(Step::Bucket)));
    assert_eq!(
        steps.iter().filter(|step| matches!(step, Step::Stored { .. })).count(),
        3
    );
    let listed = project.service.stories(0).await.unwrap();
    assert_eq!(listed, [story]);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_story_and_pictures() {
    let project = Project::start().await;
    let (first, second) = (
        create(&project.service, 2).await.story,
        create(&project.service, 2).await.story,
    );
    for (a, b) in first.scenes.iter().zip(&second.scenes) {
        assert_eq!(a.text, b.text);
        let (a, b) = (a.image_url.as_deref().unwrap(), b.image_url.as_deref().unwrap());
        assert_ne!(a, b);
        let bytes = |url: String| async move { reqwest::get(url).await.unwrap().bytes().await.unwrap() };
        assert_eq!(bytes(a.to_owned()).await, bytes(b.to_owned()).await);
    }
}

#[tokio::test]
async fn a_refused_picture_leaves_the_rest_and_the_reason_and_is_finished_later() {
    let painter = FakeProvider::start().await;
    let provider = painter.provider(Dialect::OpenAi);
    let project = Project::with(|workspace| workspace.provider = provider).await;
    painter.when("picture 2", Does::Moderated { output: false });
    let outcome = create(&project.service, 3).await;
    assert_eq!((outcome.story.status, outcome.story.pictures()), (Status::Failed, 2));
    assert_eq!(outcome.failures.len(), 1);
    let reason = outcome.story.scenes[1].image_error.as_deref().unwrap();
    assert!(reason.contains("rejected by the safety system"), "{reason}");
    assert_eq!(painter.paid(), paid(1, 2));
    let id = outcome.story.story_id.clone();
    let problem = outcome.into_problem().unwrap();
    assert!(problem.what.starts_with("Scene 2 has no picture."), "{}", problem.what);

    painter.recover();
    let outcome = project
        .service
        .resume_story(&id, &|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!((outcome.story.status, outcome.story.pictures()), (Status::Completed, 3));
    assert_eq!(outcome.story.scenes[1].image_error, None);
    assert_eq!(painter.paid(), paid(1, 3), "only the missing picture was paid for");
}

#[tokio::test]
async fn pictures_that_could_not_be_uploaded_are_not_paid_for_again() {
    let painter = FakeProvider::start().await;
    let provider = painter.provider(Dialect::OpenAi);
    let project = Project::with(|workspace| workspace.provider = provider).await;
    // The bucket is there already, and takes no PNG.
    let buckets = client(&project).buckets();
    let jpeg_only = Some(vec!["image/jpeg".to_owned()]);
    let new = storymimi_studio::supabase::NewBucket {
        name: bucket(),
        public: true,
        file_size_limit: None,
        allowed_mime_types: jpeg_only,
    };
    buckets.create(&new).await.unwrap();
    let outcome = create(&project.service, 2).await;
    assert_eq!((outcome.story.status, outcome.story.pictures()), (Status::Failed, 0));
    assert!(
        outcome.story.scenes[0]
            .image_error
            .as_deref()
            .unwrap()
            .contains("image/jpeg")
    );
    assert_eq!(painter.paid(), paid(1, 2));

    buckets
        .update(
            &bucket(),
            &BucketUpdate {
                allowed_mime_types: Some(None),
                ..BucketUpdate::default()
            },
        )
        .await
        .unwrap();
    let id = outcome.story.story_id;
    let outcome = project
        .service
        .resume_story(&id, &|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(outcome.story.status, Status::Completed);
    assert_eq!(painter.paid(), paid(1, 2), "the journal had both pictures");
}

#[tokio::test]
async fn scenes_that_were_written_are_not_written_again() {
    let painter = FakeProvider::start().await;
    let provider = painter.provider(Dialect::OpenAi);
    let project = Project::with(|workspace| workspace.provider = provider).await;
    let story = create(&project.service, 2).await.story;
    // As after a crash between the model's answer and the rows: the draft is in the journal, the rows are not there.
    let rest = client(&project).rest();
    let gone: Vec<serde_json::Value> = rest
        .from("scenes")
        .eq("story_id", &story.story_id)
        .delete()
        .await
        .unwrap();
    assert_eq!(gone.len(), 2);
    let again = project
        .service
        .resume_story(&story.story_id, &|_| {}, &CancellationToken::new())
        .await
        .unwrap()
        .story;
    let texts =
        |story: &storymimi_studio::story::Story| story.scenes.iter().map(|s| s.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&again), texts(&story));
    // The scenes have the ids of the draft, so their pictures are found, too: stored before, and still there.
    assert_eq!(painter.paid(), paid(1, 2));
    assert_eq!(again.scenes[0].image_url, story.scenes[0].image_url);
}

#[tokio::test]
async fn a_cancelled_story_goes_on_where_it_stopped() {
    let project = Project::start().await;
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let observe = move |step: Step| {
        if matches!(step, Step::Stored { .. }) {
            stop.cancel();
        }
    };
    let outcome = project
        .service
        .create_story(&brief(6), &observe, &cancel)
        .await
        .unwrap();
    assert!(outcome.cancelled);
    assert_eq!(outcome.story.status, Status::Pending);
    let before = outcome.story.pictures();
    assert!((1..6).contains(&before), "{before}");
    let id = outcome.story.story_id;
    let done = project
        .service
        .resume_story(&id, &|_| {}, &CancellationToken::new())
        .await
        .unwrap()
        .story;
    assert_eq!((done.status, done.pictures()), (Status::Completed, 6));
    assert_eq!(
        project.service.objects(&bucket(), "").await.unwrap().len(),
        6,
        "no picture was stored twice"
    );
}

#[tokio::test]
async fn an_own_picture_takes_the_place_of_the_old_one_and_can_be_taken_back() {
    let project = Project::start().await;
    let service = &project.service;
    let story = create(&project.service, 2).await.story;
    let scene = story.scenes[0].clone();
    let source = Source::File {
        bytes: Bytes::from(png(20, 10)),
        name: "own.png".into(),
    };
    let replaced = service
        .replace_picture(&story, &scene.scene_id, source, &CancellationToken::new())
        .await
        .unwrap();
    let now = service.story(&story.story_id).await.unwrap();
    assert_eq!(now.scenes[0].image_url, replaced.now);
    assert_ne!(now.scenes[0].image_url, scene.image_url);
    assert_eq!(now.cover_image_url, replaced.now, "the cover moved with it");
    assert_eq!(
        project.service.objects(&bucket(), "").await.unwrap().len(),
        3,
        "the old object is kept"
    );

    service.put_back(&replaced).await.unwrap();
    let back = service.story(&story.story_id).await.unwrap();
    assert_eq!(
        (&back.scenes[0].image_url, &back.cover_image_url),
        (&scene.image_url, &scene.image_url)
    );
}

#[tokio::test]
async fn the_second_of_two_editors_is_told_and_leaves_nothing_behind() {
    let project = Project::start().await;
    let service = &project.service;
    let seen = create(&project.service, 1).await.story;
    let scene = seen.scenes[0].scene_id.clone();
    let file = |side| Source::File {
        bytes: Bytes::from(png(side, side)),
        name: "x.png".into(),
    };
    let first = service
        .replace_picture(&seen, &scene, file(10), &CancellationToken::new())
        .await
        .unwrap();
    // The second editor still sees the picture of before.
    let second = service
        .replace_picture(&seen, &scene, file(20), &CancellationToken::new())
        .await;
    assert!(
        second
            .unwrap_err()
            .what
            .starts_with("Somebody else replaced this picture")
    );
    assert_eq!(
        service.story(&seen.story_id).await.unwrap().scenes[0].image_url,
        first.now
    );
    assert_eq!(
        project.service.objects(&bucket(), "").await.unwrap().len(),
        2,
        "the refused picture is gone again"
    );
}

#[tokio::test]
async fn files_that_are_no_pictures_or_too_large_change_nothing() {
    let project = Project::start().await;
    let service = &project.service;
    let story = create(&project.service, 1).await.story;
    let scene = story.scenes[0].scene_id.clone();
    let large = vec![0xFF; 6_000_000];
    let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xE0];
    jpeg.extend(&large);
    for (bytes, expected) in [
        (b"%PDF-1.7 hello".to_vec(), "not a picture"),
        (Vec::new(), "empty"),
        (jpeg, "the bucket accepts up to 5 MB"),
    ] {
        let source = Source::File {
            bytes: Bytes::from(bytes),
            name: "x".into(),
        };
        let error = service
            .replace_picture(&story, &scene, source, &CancellationToken::new())
            .await
            .unwrap_err();
        assert!(error.what.contains(expected), "{}", error.what);
    }
    assert_eq!(service.story(&story.story_id).await.unwrap(), story);
    assert_eq!(project.service.objects(&bucket(), "").await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_last_missing_picture_completes_the_story() {
    let painter = FakeProvider::start().await;
    let provider = painter.provider(Dialect::OpenAi);
    let project = Project::with(|workspace| workspace.provider = provider).await;
    painter.when("picture 1", Does::Moderated { output: false });
    let story = create(&project.service, 2).await.story;
    assert_eq!(story.status, Status::Failed);
    let source = Source::File {
        bytes: Bytes::from(png(20, 10)),
        name: "own.png".into(),
    };
    let scene = story.scenes[0].scene_id.clone();
    project
        .service
        .replace_picture(&story, &scene, source, &CancellationToken::new())
        .await
        .unwrap();
    let whole = project.service.story(&story.story_id).await.unwrap();
    assert_eq!(
        (whole.status, whole.scenes[0].image_error.as_deref()),
        (Status::Completed, None)
    );
}

#[tokio::test]
async fn a_provider_is_asked_no_faster_than_the_workspace_says() {
    let painter = FakeProvider::start().await;
    let provider = painter.provider(Dialect::OpenAi);
    let slow = provider.clone();
    let project = Project::with(|workspace| {
        workspace.provider = slow;
        // The text takes the only request of this minute.
        workspace.requests_per_minute = NonZeroU32::new(1);
    })
    .await;
    let stop = CancellationToken::new();
    let waits = async {
        let transcript = project.service.transcript();
        let mut news = transcript.subscribe();
        loop {
            let drawing = |exchange: &&Arc<Exchange>| exchange.operation == "Draw picture";
            if let Some(exchange) = transcript.exchanges().iter().find(drawing) {
                break exchange.outcome.clone();
            }
            news.recv().await.unwrap();
        }
    };
    let held = async {
        let seen = waits.await;
        let asked = painter.paid();
        stop.cancel();
        (seen, asked)
    };
    let brief = brief(1);
    let (made, (seen, asked)) = tokio::join!(project.service.create_story(&brief, &|_| {}, &stop), held);
    assert_eq!(
        (seen, asked),
        (http::Outcome::Pending, paid(1, 0)),
        "the picture has to wait"
    );
    // Stopped while it waited: nothing was asked for, so nothing is paid.
    drop(made);
    assert_eq!(painter.paid(), paid(1, 0));

    let project = Project::with(|workspace| workspace.provider = provider).await;
    create(&project.service, 1).await;
    assert_eq!(painter.paid(), paid(2, 1), "no limit unless one is given");
}
