//! Objects that become files.

use std::fs;
use std::path::Path;

use axum::http::Method;
use storymimi_studio::supabase::{Class, Upload};
use storymimi_studio::transfer::carry::{self, Carried};
use storymimi_studio::transfer::{FailureKind, Place, Proof, Seen};

use crate::between::{Deed, Passing};
use crate::{MIB, Trial, World, at, content, file_seen, once, project_at};

fn is_get(passing: &Passing) -> bool {
    passing.is(&Method::GET, "object/authenticated/")
}

/// Names in a folder, also those that begin with a dot.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn proof(carried: &Carried) -> Option<Proof> {
    match carried {
        Carried::Landed(_, proof) => *proof,
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_its_name_only_when_it_is_whole_and_right() {
    let world = World::start().await;
    world.put("s/a.png", content(300_000)).await;
    let (project, log) = world.through(|_| Deed::Pass).await;
    let path = world.path("files/s/deep/a.png");
    let trial = Trial::download(&world, "s/a.png", path.clone()).await;
    let carried = carry::download(&trial.carry(&project)).await.unwrap();
    assert_eq!(proof(&carried), Some(Proof::ServerHash));
    assert_eq!(fs::read(&path).unwrap(), content(300_000));
    assert_eq!(names(path.parent().unwrap()), ["a.png"]);
    assert_eq!(log.take().len(), 1);
    assert_eq!(trial.way.arrived(), 300_000);

    // A run that ended before the journal knew.
    let found = carry::reconcile(&trial.carry(&project)).await.unwrap().unwrap();
    assert_eq!(proof(&found), Some(Proof::ServerHash));
    assert_eq!(carry::download(&trial.carry(&project)).await, Ok(Carried::Identical));
    let proofs = carry::verify(&project, &[&trial.item]).await;
    assert_eq!(proofs[0].1, Ok(Proof::ServerHash));
    assert!(log.take().is_empty(), "the disk says it");

    world.put("empty", Vec::new()).await;
    let trial = Trial::download(&world, "empty", world.path("files/empty")).await;
    let carried = carry::download(&trial.carry(&project)).await.unwrap();
    assert_eq!(proof(&carried), Some(Proof::ServerHash));
    assert_eq!(fs::read(world.path("files/empty")).unwrap(), b"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_goes_on_where_it_was_stopped() {
    let world = World::start().await;
    let whole = content(4 * MIB);
    world.put("a", whole.clone()).await;
    let path = world.path("files/a");
    let mut trial = Trial::download(&world, "a", path.clone()).await;
    let stop = trial.stop.clone();
    trial.way.on_admit = Some(Box::new(move |admitted| {
        if admitted > MIB as u64 {
            stop.cancel();
        }
    }));
    let project = world.project();
    assert_eq!(carry::download(&trial.carry(&project)).await, Ok(Carried::Stopped));
    assert!(!path.exists());
    let left = names(&world.path("files"));
    assert_eq!(left.len(), 1);
    let part = world.path("files").join(&left[0]);
    let had = fs::metadata(&part).unwrap().len();
    assert!(had > MIB as u64 / 2 && had < 4 * MIB as u64, "{had}");

    trial.next_run();
    trial.way.on_admit = None;
    trial.way.admitted = 0.into();
    assert_eq!(carry::reconcile(&trial.carry(&project)).await, Ok(None));
    let carried = carry::download(&trial.carry(&project)).await.unwrap();
    assert_eq!(proof(&carried), Some(Proof::ServerHash));
    let read = trial.way.admitted.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(read, 4 * MIB as u64 - had, "only what was missing is read");
    assert_eq!(fs::read(&path).unwrap(), whole);
    assert_eq!(names(&world.path("files")), ["a"]);

    // A partial file that has been spoilt is not gone on with to the end.
    fs::remove_file(&path).unwrap();
    let mut spoilt = whole[..2 * MIB].to_vec();
    spoilt[9] ^= 1;
    fs::write(&part, spoilt).unwrap();
    let carried = carry::download(&trial.carry(&project)).await.unwrap();
    assert_eq!(proof(&carried), Some(Proof::ServerHash));
    assert_eq!(fs::read(&path).unwrap(), whole);

    // Whole, but without its name yet.
    fs::rename(&path, &part).unwrap();
    trial.way.admitted = 0.into();
    let carried = carry::download(&trial.carry(&project)).await.unwrap();
    assert_eq!(proof(&carried), Some(Proof::ServerHash));
    assert_eq!(trial.way.admitted.load(std::sync::atomic::Ordering::SeqCst), 0);

    // And when nobody wants it any more.
    fs::rename(&path, &part).unwrap();
    carry::discard(&trial.carry(&project)).await.unwrap();
    assert!(names(&world.path("files")).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_object_than_the_planned_one_is_not_mixed_in() {
    let world = World::start().await;
    let whole = content(4 * MIB);
    world.put("a", whole).await;
    let path = world.path("files/a");
    let project = world.project();
    let mut trial = Trial::download(&world, "a", path.clone()).await;
    let stop = trial.stop.clone();
    trial.way.on_admit = Some(Box::new(move |_| stop.cancel()));
    assert_eq!(carry::download(&trial.carry(&project)).await, Ok(Carried::Stopped));
    world.objects().remove_one(&at("a")).await.unwrap();
    let mut other = content(4 * MIB);
    other.reverse();
    world.put("a", other).await;
    trial.next_run();
    trial.way.on_admit = None;
    let failed = carry::download(&trial.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Changed, "{failed:?}");
    assert!(names(&world.path("files")).is_empty());

    world.objects().remove_one(&at("a")).await.unwrap();
    let failed = carry::download(&trial.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Changed);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_end_early_or_lie_about_their_length_give_no_file() {
    // One that goes to the disk at once, and one that is written while it comes.
    for size in [100_000, 2 * MIB] {
        let world = World::start().await;
        let whole = content(size);
        world.put("a", whole.clone()).await;
        let path = world.path("files/a");
        let trial = Trial::download(&world, "a", path.clone()).await;

        // The line breaks once: it goes on by itself.
        let (project, log) = world.through(once(is_get, Deed::CutReply(size / 2))).await;
        let carried = carry::download(&trial.carry(&project)).await.unwrap();
        assert_eq!(proof(&carried), Some(Proof::ServerHash));
        assert_eq!(fs::read(&path).unwrap(), whole);
        assert_eq!(log.take().len(), 2);
        assert_eq!(names(&world.path("files")), ["a"]);
        fs::remove_file(&path).unwrap();

        // Once too short: read again. Always too short: an error, and nothing is kept.
        let (project, log) = world.through(once(is_get, Deed::ShortenReply(1_000))).await;
        assert!(carry::download(&trial.carry(&project)).await.is_ok());
        assert_eq!(fs::read(&path).unwrap(), whole);
        assert_eq!(
            log.take()
                .iter()
                .filter(|line| line.starts_with("GET object/authenticated"))
                .count(),
            2
        );
        fs::remove_file(&path).unwrap();
        let (project, _) = world
            .through(|passing| {
                if is_get(passing) {
                    Deed::ShortenReply(1_000)
                } else {
                    Deed::Pass
                }
            })
            .await;
        let failed = carry::download(&trial.carry(&project)).await.unwrap_err();
        assert_eq!(failed.kind, FailureKind::Corrupt, "{failed:?}");
        assert!(names(&world.path("files")).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_etags_are_no_hashes_is_not_called_a_liar() {
    const OPAQUE: &str = "\"00112233445566778899aabbccddeeff\"";
    let world = World::start().await;
    world.put("a", content(50_000)).await;
    let opaque = |passing: &Passing| {
        if is_get(passing) {
            Deed::Header("etag", OPAQUE)
        } else {
            Deed::Pass
        }
    };
    let (project, log) = world.through(opaque).await;
    let path = world.path("files/a");
    let mut trial = Trial::download(&world, "a", path.clone()).await;
    trial.item.plan.seen.etag = Some(OPAQUE.into());
    let carried = carry::download(&trial.carry(&project)).await.unwrap();
    assert_eq!(
        proof(&carried),
        Some(Proof::SizeOnly),
        "read twice, the same both times"
    );
    assert_eq!(fs::read(&path).unwrap(), content(50_000));
    assert_eq!(
        log.take()
            .iter()
            .filter(|line| line.starts_with("GET object/authenticated"))
            .count(),
        2
    );
    // Found again by what was kept.
    trial.next_run();
    assert!(matches!(
        carry::reconcile(&trial.carry(&project)).await,
        Ok(Some(Carried::Landed(..)))
    ));

    // With what its uploader noted beside it, once is enough.
    let how = Upload::new("image/png").with_hash_of(&content(60_000));
    world
        .objects()
        .upload(&at("noted"), content(60_000).into(), &how)
        .await
        .unwrap();
    log.take();
    let mut trial = Trial::download(&world, "noted", world.path("files/noted")).await;
    trial.item.plan.seen.etag = Some(OPAQUE.into());
    let carried = carry::download(&trial.carry(&project)).await.unwrap();
    assert_eq!(proof(&carried), Some(Proof::ReadBack));
    assert_eq!(log.take().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_there_are_kept_or_replaced_as_planned() {
    let world = World::start().await;
    let project = world.project();
    world.put("a", content(50_000)).await;
    let path = world.file("a", b"mine");
    let trial = Trial::download(&world, "a", path.clone()).await;
    let failed = carry::download(&trial.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Changed, "{failed:?}");
    assert_eq!(carry::reconcile(&trial.carry(&project)).await, Ok(None));
    assert_eq!(fs::read(&path).unwrap(), b"mine");

    let trial = trial.replacing(file_seen(&path));
    fs::write(&path, b"mine, and more").unwrap();
    let failed = carry::download(&trial.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Changed);
    assert_eq!(fs::read(&path).unwrap(), b"mine, and more");

    let trial = trial.replacing(file_seen(&path));
    let carried = carry::download(&trial.carry(&project)).await.unwrap();
    assert_eq!(proof(&carried), Some(Proof::ServerHash));
    assert_eq!(fs::read(&path).unwrap(), content(50_000));
    // Changed while it was on its way: the part stays, the file too.
    fs::write(&path, b"old").unwrap();
    let mut trial = Trial::download(&world, "a", path.clone())
        .await
        .replacing(file_seen(&path));
    let meddled = path.clone();
    trial.way.on_admit = Some(Box::new(move |_| fs::write(&meddled, b"meddled with").unwrap()));
    let failed = carry::download(&trial.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Changed);
    assert_eq!(fs::read(&path).unwrap(), b"meddled with");
    assert_eq!(
        names(&world.path("files")),
        ["a"]
            .map(str::to_owned)
            .into_iter()
            .chain(parts(&world))
            .collect::<Vec<_>>()
            .sorted()
    );
}

fn parts(world: &World) -> Vec<String> {
    names(&world.path("files"))
        .into_iter()
        .filter(|name| name.ends_with(".part"))
        .collect()
}

trait Sorted {
    fn sorted(self) -> Self;
}

impl Sorted for Vec<String> {
    fn sorted(mut self) -> Self {
        self.sort();
        self
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_outside_of_the_chosen_folder() {
    let world = World::start().await;
    let project = world.project();
    world.put("a", content(50_000)).await;
    fs::create_dir(world.path("outside")).unwrap();
    let mut paths = vec![
        world.path("outside/a"),
        world.path("files/../outside/a"),
        world.path("files"),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(world.path("outside"), world.path("files/link")).unwrap();
        std::os::unix::fs::symlink("../outside", world.path("files/relative")).unwrap();
        paths.extend([world.path("files/link/a"), world.path("files/relative/deep/a")]);
    }
    for path in paths {
        let trial = Trial::download(&world, "a", path.clone()).await;
        let failed = carry::download(&trial.carry(&project)).await.unwrap_err();
        assert_eq!(failed.kind, FailureKind::Refused, "{}: {failed:?}", path.display());
    }
    assert!(names(&world.path("outside")).is_empty());

    // A name that is a link is taken, wherever it leads.
    #[cfg(unix)]
    {
        fs::write(world.path("outside/precious"), b"precious").unwrap();
        std::os::unix::fs::symlink(world.path("outside/precious"), world.path("files/a")).unwrap();
        let trial = Trial::download(&world, "a", world.path("files/a")).await;
        assert!(carry::download(&trial.carry(&project)).await.is_err());
        let trial = trial.replacing(Seen::default());
        assert!(carry::download(&trial.carry(&project)).await.is_err());
        assert_eq!(fs::read(world.path("outside/precious")).unwrap(), b"precious");
    }
}

/// Set in the process whose files may not grow.
const CHILD: &str = "STORYMIMI_TEST_SMALL_DISK";

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_keeps_what_has_arrived_and_goes_on_from_there() {
    let world = World::start().await;
    let whole = content(3 * MIB);
    world.put("a", whole.clone()).await;
    // A process of its own whose files end after a part of that, as those of a full disk do.
    let child = std::process::Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 2048; exec \"$0\" --exact downloads::the_child_with_the_small_disk --nocapture",
        ])
        .arg(std::env::current_exe().unwrap())
        .env(
            CHILD,
            format!(
                "{} {} {}",
                world.server.url(),
                world.server.service_key(),
                world.path("files").display()
            ),
        )
        .output();
    let output = tokio::task::spawn_blocking(move || child.unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("it was refused for want of room"),
        "{said}"
    );
    let left = parts(&world);
    assert_eq!((left.len(), names(&world.path("files")).len()), (1, 1));
    let had = fs::metadata(world.path("files").join(&left[0])).unwrap().len();
    assert!(had >= MIB as u64 && had < 3 * MIB as u64, "{had}");

    // Now there is room.
    let mut trial = Trial::download(&world, "a", world.path("files/a")).await;
    trial.item.job = storymimi_studio::transfer::JobId(uuid::Uuid::from_u128(7));
    let carried = carry::download(&trial.carry(&world.project())).await.unwrap();
    assert_eq!(proof(&carried), Some(Proof::ServerHash));
    assert_eq!(
        trial.way.admitted.load(std::sync::atomic::Ordering::SeqCst),
        3 * MIB as u64 - had
    );
    assert_eq!(fs::read(world.path("files/a")).unwrap(), whole);
}

/// The other process of the test above; does nothing when it is run by itself.
#[tokio::test(flavor = "multi_thread")]
async fn the_child_with_the_small_disk() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let mut words = told.splitn(3, ' ');
    let mut next = || words.next().unwrap();
    let (project, folder) = (project_at(next(), next()), next());
    let objects = project.bucket(&crate::bucket("b"));
    let info = objects.info(&at("a")).await.unwrap();
    let seen = Seen {
        size: info.size,
        etag: info.etag,
        modified: None,
    };
    let to = Place::File {
        file: Path::new(folder).join("a"),
    };
    let mut trial = Trial::new(
        storymimi_studio::transfer::Kind::Download,
        crate::object("b", "a"),
        Some(to),
        seen,
    );
    trial.item.job = storymimi_studio::transfer::JobId(uuid::Uuid::from_u128(7));
    let failed = carry::download(&trial.carry(&project)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Refused, "{failed:?}");
    assert!(
        failed.what.contains("no room") && failed.hint.contains("kept"),
        "{failed:?}"
    );
    println!("it was refused for want of room");
    assert!(objects.info(&at("a")).await.is_ok_and(|info| info.size.is_some()));
    let gone = objects.info(&at("nothing")).await.unwrap_err();
    assert_eq!(gone.class, Class::NotFound);
}
