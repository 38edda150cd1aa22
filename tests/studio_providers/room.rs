//! Room on the disk: what was forgotten makes room in its time, and what was paid for is kept when there is none.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use storymimi_studio::service::{BatchScope, Service};
use storymimi_studio::story::{
    BatchSettings, Manuscript, ManuscriptScene, PictureRef, Story, Variant, VariantId, VariantState, Verdict, Wanted,
};
use storymimi_studio::workspace::{Dialect, EngineId, Home, Money};

use super::support::project::Project;
use super::support::provider::FakeProvider;
use super::{over, story};

struct Bench {
    project: Project,
    fake: FakeProvider,
}

impl Bench {
    async fn start(days: u32) -> Self {
        let fake = FakeProvider::start().await;
        let mut provider = fake.provider(Dialect::Together);
        "Painter".clone_into(&mut provider.name);
        provider.price = Some(Money::parse("0.04").unwrap());
        let project = Project::with(|workspace| {
            workspace.keep_forgotten_days = days;
            *workspace = workspace.clone().with_providers(vec![provider]);
        })
        .await;
        Self { project, fake }
    }

    fn service(&self) -> &Service {
        &self.project.service
    }

    fn pictures(&self) -> PathBuf {
        let home = Home::at(self.project.folder.path());
        home.journal(&self.service().workspace().id).join("pictures")
    }

    /// So many candidates of the first scene.
    async fn candidates(&self, story: &Story, count: usize) -> Vec<Variant> {
        let wanted = Wanted {
            seed: Some(7),
            ..Wanted::new(EngineId::new("Painter"), "a fox in the snow")
        };
        let scene = &story.scenes[0].scene_id;
        let batch = self
            .service()
            .start_variants(&story.story_id, scene, wanted, count)
            .await
            .unwrap();
        over(self.service(), &batch).await;
        self.service().batch_variants(&batch).await.unwrap()
    }

    fn file(&self, variant: &Variant) -> PathBuf {
        self.pictures().join(&variant.picture.as_ref().unwrap().sha256)
    }

    /// As if a time had gone by since a candidate was made and forgotten.
    fn age(&self, variants: &[&Variant], days: u64) {
        let before = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
        let millis = before.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
        let db = rusqlite::Connection::open(self.pictures().with_file_name("journal.sqlite3")).unwrap();
        db.busy_timeout(Duration::from_secs(10)).unwrap();
        for variant in variants {
            let file = fs::File::options().write(true).open(self.file(variant)).unwrap();
            file.set_modified(before).unwrap();
            db.execute(
                "UPDATE generation SET forgotten_at = ?2 WHERE id = ?1 AND forgotten = 1",
                rusqlite::params![variant.id.to_string(), i64::try_from(millis).unwrap()],
            )
            .unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forgotten_candidates_go_after_the_days_that_the_workspace_says_and_nothing_else_does() {
    let bench = Bench::start(10).await;
    let service = bench.service();
    service.keep_drawing();
    let story = story(&bench.project, &["a fox in the snow"]).await;
    let made = bench.candidates(&story, 5).await;
    let [gone, young, kept, base, there] = made.as_slice() else {
        panic!("five were asked for");
    };
    service.judge(&kept.id, Verdict::Kept).await.unwrap();
    // Another one is to be made from it, perhaps once more.
    let wanted = Wanted {
        base: Some(PictureRef::Variant(base.id)),
        seed: Some(99),
        ..Wanted::new(EngineId::new("Painter"), "a bear in the snow")
    };
    let next = service
        .start_variants(&story.story_id, &story.scenes[0].scene_id, wanted, 1)
        .await
        .unwrap();
    over(service, &next).await;
    for forgotten in [gone, young, kept, base] {
        service.forget_variant(&forgotten.id).await.unwrap();
    }
    bench.age(&[gone, kept, base, there], 11);
    bench.age(&[young], 9);

    let spent = service.spending().await.unwrap();
    let looked = service.purge_candidates(None, true).await.unwrap();
    assert_eq!((looked.pictures, looked.files), (1, 1));
    assert!(bench.file(gone).exists(), "nothing was removed yet");
    let purged = service.purge_candidates(None, false).await.unwrap();
    assert_eq!(purged, looked);
    assert!(!bench.file(gone).exists());
    for stays in [young, kept, base, there] {
        assert!(bench.file(stays).exists(), "{}", stays.letter());
    }
    assert_eq!(service.spending().await.unwrap(), spent, "it was paid for all the same");
    // Somebody who wants room now says for how many days.
    let purged = service.purge_candidates(Some(8), false).await.unwrap();
    assert_eq!((purged.pictures, bench.file(young).exists()), (1, false));
    // The letters of those that are gone are nobody else's.
    let more = bench.candidates(&story, 1).await;
    assert_eq!(more[0].letter(), "G");
    service.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_draft_has_chosen_or_a_scene_was_given_stays() {
    let bench = Bench::start(1).await;
    let service = bench.service();
    let story = story(&bench.project, &["a fox in the snow"]).await;
    let scope = BatchScope::Stories(vec![story.story_id.clone()]);
    let plan = service
        .plan_batch(&scope, &BatchSettings::missing(EngineId::new("Painter")))
        .await
        .unwrap();
    let never = tokio_util::sync::CancellationToken::new();
    let batch = service.run_batch(&plan, &|_| {}, &never).await.unwrap();
    let placed = service.batch_variants(&batch.id).await.unwrap().remove(0);
    service.keep_drawing();
    let chosen = bench.candidates(&story, 1).await.remove(0);
    service.save_manuscript(&draft(chosen.id)).await.unwrap();
    for forgotten in [&placed, &chosen] {
        service.forget_variant(&forgotten.id).await.unwrap();
    }
    bench.age(&[&placed, &chosen], 400);
    let purged = service.purge_candidates(None, false).await.unwrap();
    assert_eq!((purged.pictures, purged.files), (0, 0));
    assert!(bench.file(&placed).exists() && bench.file(&chosen).exists());
    service.close().await;
}

/// A draft of one scene, with that candidate.
fn draft(chosen: VariantId) -> Manuscript {
    let brief = storymimi_studio::story::Brief::new("Snow", "A fox in the snow", 1, 7).unwrap();
    Manuscript {
        scenes: vec![ManuscriptScene {
            scene_id: storymimi_studio::story::SceneId::fresh(),
            title: "t".into(),
            text: "Snow.".into(),
            image_prompt: "snow".into(),
            alt_text: "Snow".into(),
            chosen: Some(chosen),
        }],
        ..Manuscript::new(brief)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_paid_for_waits_for_room_and_no_other_is_paid_for_meanwhile() {
    let bench = Bench::start(30).await;
    let service = bench.service();
    let story = story(&bench.project, &["a fox in the snow"]).await;
    // There is no place for pictures: a file is where their folder should be.
    let (pictures, aside) = (bench.pictures(), bench.pictures().with_file_name("aside"));
    fs::rename(&pictures, &aside).unwrap();
    fs::write(&pictures, b"").unwrap();
    service.keep_drawing();
    let wanted = Wanted {
        seed: Some(7),
        ..Wanted::new(EngineId::new("Painter"), "a fox in the snow")
    };
    let scene = &story.scenes[0].scene_id;
    let batch = service.start_variants(&story.story_id, scene, wanted, 6).await.unwrap();
    let told = async {
        loop {
            let shown = service.batch(&batch).await.unwrap();
            if let Some(why) = shown.waiting.filter(|why| why.contains("waits in memory")) {
                return why;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let why = tokio::time::timeout(Duration::from_secs(60), told).await.unwrap();
    assert!(why.contains("A picture that was made waits in memory."), "{why}");
    // Longer than it is waited between two attempts.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let at_once = service.workspace().provider.concurrent;
    let paid = bench.fake.paid().pictures;
    assert!(
        paid <= at_once,
        "{paid} were paid for, of which {at_once} were asked for at once"
    );

    fs::remove_file(&pictures).unwrap();
    fs::rename(&aside, &pictures).unwrap();
    let ended = over(service, &batch).await;
    assert_eq!(
        (ended.counts.made, bench.fake.paid().pictures),
        (6, 6),
        "each was paid for once"
    );
    for variant in service.batch_variants(&batch).await.unwrap() {
        assert_eq!((&variant.state, variant.attempts), (&VariantState::Made, 1));
        assert!(bench.file(&variant).exists());
    }
    service.close().await;
}
