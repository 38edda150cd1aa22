use super::*;
use crate::journal::samples;

fn new(engine: &str, scene: &str) -> NewGeneration {
    NewGeneration {
        id: Uuid::new_v4(),
        story: "story".into(),
        scene: scene.into(),
        engine: engine.into(),
        free: engine == "free",
        request: "{}".into(),
        estimate: Some(40),
        place: false,
    }
}

/// A picture whose seed fits into no signed number.
fn picture(bytes: &'static [u8]) -> NewPicture {
    NewPicture {
        seed: Some(u64::MAX),
        ..samples::picture(bytes)
    }
}

struct Desk {
    folder: tempfile::TempDir,
    journal: Journal,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        Self { folder, journal }
    }

    /// As after a crash.
    fn reopen(&mut self) {
        self.journal = Journal::open(self.folder.path()).unwrap();
    }

    async fn batch(&self, generations: Vec<NewGeneration>) -> (Uuid, i64) {
        let id = Uuid::new_v4();
        let number = self.journal.add_batch(id, "b".into(), generations, 1).await.unwrap();
        (id, number)
    }

    async fn due(&self) -> Vec<Uuid> {
        let rows = self.journal.generations_due(0, 9).await.unwrap();
        rows.iter().map(|row| row.id.parse().unwrap()).collect()
    }

    async fn state(&self, id: Uuid) -> String {
        self.journal.generation(id).await.unwrap().unwrap().state
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_is_there_after_a_crash_with_its_bytes_and_all_that_is_known() {
    let mut desk = Desk::new();
    let one = new("e", "s");
    let id = one.id;
    desk.batch(vec![one]).await;
    assert_eq!(desk.due().await, [id]);
    assert!(desk.journal.begin_generation(id, "sent".into(), 5).await.unwrap());
    assert!(
        !desk.journal.begin_generation(id, "sent".into(), 5).await.unwrap(),
        "asked for once"
    );
    desk.journal.generation_made(id, picture(b"png"), 9).await.unwrap();
    desk.reopen();
    let row = desk.journal.generation(id).await.unwrap().unwrap();
    assert_eq!((row.state.as_str(), row.attempts, row.cost), ("made", 1, Some(30)));
    assert_eq!((row.seed, row.sent.as_deref()), (Some(u64::MAX), Some("sent")));
    let kept = row.picture.unwrap();
    let bytes = desk
        .journal
        .generation_bytes(kept.sha256.clone())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((&bytes[..], kept.size), (&b"png"[..], 3));
    std::fs::write(desk.folder.path().join("pictures").join(&kept.sha256), b"pn").unwrap();
    assert_eq!(
        desk.journal.generation_bytes(kept.sha256).await.unwrap(),
        None,
        "damaged bytes do not count"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_only_what_costs_nothing_is_asked_for_again() {
    let mut desk = Desk::new();
    let (paid, free, waits) = (new("e", "s"), new("free", "s"), new("e", "s"));
    let (paid_id, free_id, waits_id) = (paid.id, free.id, waits.id);
    desk.batch(vec![paid, free, waits]).await;
    for id in [paid_id, free_id] {
        desk.journal.begin_generation(id, String::new(), 5).await.unwrap();
    }
    desk.reopen();
    let found = desk.journal.reconcile_generations(7).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(desk.state(paid_id).await, "uncertain");
    assert_eq!(desk.state(free_id).await, "queued");
    assert_eq!(desk.due().await, [free_id, waits_id]);
    // It may have been charged for.
    let spent = desk.journal.generations_spent(0).await.unwrap();
    let paid = spent.iter().find(|spent| spent.engine == "e").unwrap();
    assert_eq!((paid.cost, paid.perhaps, paid.pictures), (0, 40, 0));
    let charged = desk.journal.generations_charged(0).await.unwrap();
    assert_eq!(charged, [("e".to_owned(), 40), ("free".to_owned(), 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wanted_of_a_batch_decides_what_is_asked_for() {
    let desk = Desk::new();
    let (first, second) = (new("e", "1"), new("e", "2"));
    let ids = [first.id, second.id];
    let (a, _) = desk.batch(vec![first]).await;
    let (b, from) = desk.batch(vec![second]).await;
    assert_eq!(desk.due().await, ids);
    assert_eq!(desk.journal.generations_due(from, 9).await.unwrap().len(), 1);
    assert!(desk.journal.place_batch(b, true).await.unwrap());
    assert_eq!(desk.due().await, [ids[1], ids[0]]);
    assert!(desk.journal.place_batch(b, false).await.unwrap());
    assert_eq!(desk.due().await, ids);

    assert!(desk.journal.want_batch(a, "pause", 3).await.unwrap());
    assert_eq!(desk.due().await, [ids[1]]);
    assert!(
        !desk.journal.begin_generation(ids[0], String::new(), 3).await.unwrap(),
        "paused meanwhile"
    );
    desk.journal.hold_batch(b, "no money".into()).await.unwrap();
    assert!(desk.due().await.is_empty());
    assert!(desk.journal.want_batch(b, "run", 3).await.unwrap());
    assert_eq!(desk.due().await, [ids[1]], "whoever goes on lifts what held it up");

    assert!(desk.journal.want_batch(a, "cancel", 4).await.unwrap());
    assert_eq!(desk.state(ids[0]).await, "cancelled");
    assert_eq!(desk.journal.end_batches(4).await.unwrap(), [a.to_string()]);
    assert!(!desk.journal.want_batch(a, "run", 4).await.unwrap(), "it has ended");
    assert_eq!(desk.journal.open_batches().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn again_is_asked_for_what_failed_and_never_for_what_was_refused_or_may_be_paid() {
    let desk = Desk::new();
    let all: Vec<NewGeneration> = (0..4).map(|_| new("e", "s")).collect();
    let ids: Vec<Uuid> = all.iter().map(|one| one.id).collect();
    let (batch, _) = desk.batch(all).await;
    for (id, state) in ids.iter().zip(["failed", "refused", "uncertain", "cancelled"]) {
        desk.journal
            .end_generation(*id, state, (Some("{}".into()), None), 3)
            .await
            .unwrap();
    }
    assert_eq!(desk.journal.end_batches(4).await.unwrap().len(), 1);
    assert_eq!(desk.journal.retry_batch(batch).await.unwrap(), 2);
    assert_eq!(desk.due().await, [ids[0], ids[3]]);
    assert_eq!(desk.state(ids[1]).await, "refused");
    assert_eq!(desk.state(ids[2]).await, "uncertain");
    assert!(!desk.journal.requeue_generation(ids[2]).await.unwrap());
    assert!(
        desk.journal.requeue_generation(ids[1]).await.unwrap(),
        "somebody says so of this one"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_has_not_ended_while_a_picture_is_to_be_put_into_its_scene() {
    let desk = Desk::new();
    let mut one = new("e", "s");
    one.place = true;
    let id = one.id;
    let (batch, _) = desk.batch(vec![one]).await;
    desk.journal.begin_generation(id, String::new(), 2).await.unwrap();
    assert!(
        desk.journal.generations_to_place(0, 9).await.unwrap().is_empty(),
        "not made yet"
    );
    desk.journal.generation_made(id, picture(b"x"), 3).await.unwrap();
    assert!(desk.journal.end_batches(4).await.unwrap().is_empty());
    assert_eq!(desk.journal.generations_to_place(0, 9).await.unwrap().len(), 1);
    desk.journal
        .generation_stored(id, "b".into(), "k".into())
        .await
        .unwrap();
    desk.journal
        .generation_placed(id, "failed", Some("{}".into()))
        .await
        .unwrap();
    assert_eq!(desk.journal.end_batches(4).await.unwrap(), [batch.to_string()]);
    assert_eq!(desk.journal.retry_batch(batch).await.unwrap(), 1);
    let rows = desk.journal.generations_to_place(0, 9).await.unwrap();
    assert_eq!(
        rows[0].stored_at,
        Some(("b".into(), "k".into())),
        "it is not stored twice"
    );
    desk.journal.generation_placed(id, "done", None).await.unwrap();
    assert_eq!(desk.journal.end_batches(5).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forgotten_is_not_shown_and_was_paid_for_all_the_same() {
    let desk = Desk::new();
    let (one, two) = (new("e", "s"), new("e", "s"));
    let ids = [one.id, two.id];
    desk.batch(vec![one, two]).await;
    desk.journal.begin_generation(ids[0], String::new(), 2).await.unwrap();
    assert!(
        !desk.journal.forget_generation(ids[0], 9).await.unwrap(),
        "somebody is at it"
    );
    desk.journal.generation_made(ids[0], picture(b"x"), 3).await.unwrap();
    assert!(desk.journal.forget_generation(ids[0], 9).await.unwrap());
    assert!(desk.journal.forget_generation(ids[1], 9).await.unwrap());
    assert!(desk.due().await.is_empty(), "what is forgotten is not asked for");
    let place = || ("story".to_owned(), "s".to_owned());
    let (story, scene) = place();
    assert!(desk.journal.generations_of(story, scene).await.unwrap().is_empty());
    assert_eq!(desk.journal.generations_spent(0).await.unwrap()[0].cost, 30);
    let brought = Uuid::new_v4();
    let bring = desk
        .journal
        .bring_generation(brought, place(), "fox.png".into(), picture(b"y"), 5);
    bring.await.unwrap();
    let row = desk.journal.generation(brought).await.unwrap().unwrap();
    assert_eq!(
        (row.ordinal, row.engine, row.cost),
        (2, None, None),
        "no letter is given twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_with_much_to_do_is_in_nobodys_way() {
    let desk = Desk::new();
    let mut all: Vec<NewGeneration> = (0..20).map(|at| new("busy", &at.to_string())).collect();
    all.push(new("free", "s"));
    desk.batch(all).await;
    let rows = desk.journal.generations_due(0, 3).await.unwrap();
    let engines: Vec<&str> = rows.iter().map(|row| row.engine.as_deref().unwrap()).collect();
    assert_eq!(engines, ["busy", "busy", "busy", "free"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_answers_a_recipe_is_found_by_it() {
    let desk = Desk::new();
    let recipe = Recipe {
        scene_id: "s".into(),
        provider: "p".into(),
        model: "m".into(),
        prompt: "fox".into(),
        seed: 1,
        size: (4, 3),
    };
    let one = new("e", "s");
    let id = one.id;
    desk.batch(vec![one]).await;
    desk.journal.begin_generation(id, String::new(), 2).await.unwrap();
    assert!(!desk.journal.has_picture(&recipe).unwrap());
    let made = NewPicture {
        recipe: Some(recipe.clone()),
        ..picture(b"fox")
    };
    desk.journal.generation_made(id, made, 3).await.unwrap();
    assert!(desk.journal.has_picture(&recipe).unwrap());
    assert_eq!(&desk.journal.picture(&recipe).unwrap().unwrap().bytes[..], b"fox");
}
