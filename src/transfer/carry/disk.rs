//! Files that are whole come to rest: on the disk, and then under their names. Many at once, because what costs is the sync:
//! a file system that is asked for many files at the same time writes its own journal once for all of them, and the names
//! in a folder are synced once for all that came into it.
//!
//! Whoever finds nobody at it does it, on the blocking pool, until no file waits any more; so there is no thread to end.
//! Those that come meanwhile are the next group. Each is told what became of its own.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::failure::ending;
use super::part::Part;
use crate::transfer::job::Failure;
use crate::transfer::plan::Seen;

/// Files that are put in their places together, at most.
const GROUP: usize = 32;
/// Files whose bytes are here and that are not yet in their places, at most: each keeps a file and a folder open.
const ROOM: usize = 2 * GROUP;
/// Files that the system is asked to sync at the same time.
const AT_ONCE: usize = 8;

/// Where downloads come to rest. Clones share it.
#[derive(Clone)]
pub struct Disk {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Mutex<Queue>,
    room: Arc<Semaphore>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// Whether somebody is at it, who will see what waits.
    busy: bool,
}

/// A file that is to be put in its place.
struct Waiting {
    part: Part,
    /// What may be in its place.
    replaces: Option<Seen>,
    reply: oneshot::Sender<io::Result<()>>,
    _room: OwnedSemaphorePermit,
}

/// Leave to have one more file whose bytes are here and that is not in its place.
pub(super) struct Room(OwnedSemaphorePermit);

impl Default for Disk {
    fn default() -> Self {
        Self {
            inner: Arc::new(Inner {
                queue: Mutex::default(),
                room: Arc::new(Semaphore::new(ROOM)),
            }),
        }
    }
}

impl Disk {
    /// Waits until the disk is not too far behind.
    pub(super) async fn room(&self) -> Result<Room, Failure> {
        // It is never closed.
        let room = Arc::clone(&self.inner.room).acquire_owned().await;
        room.map(Room).map_err(|_| ending())
    }

    /// Puts a whole file in its place: when this answers, its bytes and its name are on the disk. `replaces` is what may be
    /// there. It goes on if nobody waits for it any more.
    pub(super) async fn put(&self, part: Part, replaces: Option<Seen>, room: Room) -> Result<io::Result<()>, Failure> {
        let (reply, answer) = oneshot::channel();
        let waiting = Waiting {
            part,
            replaces,
            reply,
            _room: room.0,
        };
        let leads = {
            let mut queue = self.inner.queue();
            queue.waiting.push(waiting);
            !std::mem::replace(&mut queue.busy, true)
        };
        if leads {
            let lead = Lead {
                disk: Arc::clone(&self.inner),
                ended: false,
            };
            tokio::task::spawn_blocking(move || lead.put_all());
        }
        answer.await.map_err(|_| ending())
    }
}

impl Inner {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // What is done under the lock cannot panic half-way.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The duty to put files in their places until none waits any more.
struct Lead {
    disk: Arc<Inner>,
    ended: bool,
}

impl Lead {
    fn put_all(mut self) {
        loop {
            let group: Vec<_> = {
                let mut queue = self.disk.queue();
                if queue.waiting.is_empty() {
                    queue.busy = false;
                    self.ended = true;
                    return;
                }
                let end = queue.waiting.len().min(GROUP);
                queue.waiting.drain(..end).collect()
            };
            put_group(group);
        }
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if !self.ended {
            // The runtime ended before its turn came. Those who wait are told by the end of their channel.
            let mut queue = self.disk.queue();
            queue.busy = false;
            queue.waiting.clear();
        }
    }
}

/// Bytes, then names, then folders, each on the disk before the next is begun.
fn put_group(mut group: Vec<Waiting>) {
    let synced = sync(&group);
    let mut named = Vec::with_capacity(group.len());
    for (waiting, synced) in group.drain(..).zip(synced) {
        let Waiting {
            part,
            replaces,
            reply,
            _room,
        } = waiting;
        match synced.and_then(|()| part.name_it(replaces.as_ref())) {
            Ok(folder) => named.push((folder, reply, _room)),
            Err(error) => tell(reply, Err(error)),
        }
    }
    let mut folders: HashMap<_, io::Result<()>> = HashMap::new();
    for (folder, reply, _room) in named {
        // A folder without an identity is synced for each.
        let result = match folder.identity() {
            Some(identity) => again(folders.entry(identity).or_insert_with(|| folder.sync())),
            None => folder.sync(),
        };
        tell(reply, result);
    }
}

/// Syncs the files of a group, several at the same time.
fn sync(group: &[Waiting]) -> Vec<io::Result<()>> {
    let share = group.len().div_ceil(AT_ONCE).max(1);
    // No thread is worth its while for what is there already.
    if share == group.len() || group.iter().all(|waiting| waiting.part.is_settled()) {
        return group.iter().map(|waiting| waiting.part.sync()).collect();
    }
    std::thread::scope(|scope| {
        let work = |waiting: &[Waiting]| waiting.iter().map(|waiting| waiting.part.sync()).collect::<Vec<_>>();
        let (first, rest) = group.split_at(share);
        let started: Vec<_> = rest
            .chunks(share)
            .map(|chunk| {
                let thread = std::thread::Builder::new().name("sync".to_owned());
                (chunk, thread.spawn_scoped(scope, move || work(chunk)))
            })
            .collect();
        let mut synced = work(first);
        for (chunk, started) in started {
            synced.extend(match started.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(results)) => results,
                // No thread to be had, or it is gone: here.
                Ok(Err(_)) | Err(_) => work(chunk),
            });
        }
        synced
    })
}

/// The same result once more: errors of the system are no copies of themselves.
fn again(result: &io::Result<()>) -> io::Result<()> {
    match result {
        Ok(()) => Ok(()),
        Err(error) => Err(error.raw_os_error().map_or_else(
            || io::Error::new(error.kind(), error.to_string()),
            io::Error::from_raw_os_error,
        )),
    }
}

fn tell(reply: oneshot::Sender<io::Result<()>>, result: io::Result<()>) {
    // Nobody may be waiting any more.
    let _ = reply.send(result);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::folder::Folder;
    use super::*;

    fn part(root: &Path, name: &str, bytes: &'static [u8]) -> Part {
        let folder = Folder::open(Some(root), &root.join(name)).unwrap();
        let part = format!(".{}.part", name.replace('/', "-"));
        let mut part = Part::open(folder, part, 0).unwrap();
        part.write(bytes).unwrap();
        part
    }

    async fn put(disk: &Disk, part: Part, replaces: Option<Seen>) -> io::Result<()> {
        let room = disk.room().await.unwrap();
        disk.put(part, replaces, room).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn many_come_to_rest_together_and_each_is_told_of_its_own() {
        let root = tempfile::tempdir().unwrap();
        let disk = Disk::default();
        let names: Vec<String> = (0..3 * ROOM).map(|n| format!("{}/{n}.png", n % 5)).collect();
        for name in names.iter().step_by(7) {
            std::fs::create_dir_all(root.path().join(name).parent().unwrap()).unwrap();
            std::fs::write(root.path().join(name), b"another's").unwrap();
        }
        let puts = names.iter().map(|name| {
            let (disk, part) = (disk.clone(), part(root.path(), name, b"bytes"));
            tokio::spawn(async move { put(&disk, part, None).await })
        });
        let puts: Vec<_> = puts.collect();
        for (number, (name, put)) in names.iter().zip(puts).enumerate() {
            let taken = number % 7 == 0;
            let result = put.await.unwrap().map_err(|error| error.kind());
            assert_eq!(
                result,
                if taken {
                    Err(io::ErrorKind::AlreadyExists)
                } else {
                    Ok(())
                }
            );
            let expected: &[u8] = if taken { b"another's" } else { b"bytes" };
            assert_eq!(std::fs::read(root.path().join(name)).unwrap(), expected);
        }
        // Each is told a moment before its room is free, and the last one before whoever was at it finds nothing more.
        let rests = async {
            while disk.inner.room.available_permits() < ROOM || disk.inner.queue().busy {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        };
        let minute = std::time::Duration::from_mins(1);
        assert!(
            tokio::time::timeout(minute, rests).await.is_ok(),
            "room or queue is kept"
        );
        assert!(disk.inner.queue().waiting.is_empty());
        assert_eq!(disk.inner.room.available_permits(), ROOM);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_to_be_replaced_is_and_who_gives_up_stops_nothing() {
        let root = tempfile::tempdir().unwrap();
        let disk = Disk::default();
        std::fs::write(root.path().join("a"), b"before").unwrap();
        let planned = Seen {
            size: Some(6),
            ..Seen::default()
        };
        put(&disk, part(root.path(), "a", b"after"), Some(planned.clone()))
            .await
            .unwrap();
        assert_eq!(std::fs::read(root.path().join("a")).unwrap(), b"after");
        let other = put(&disk, part(root.path(), "a", b"later"), Some(planned)).await;
        assert_eq!(other.unwrap_err().kind(), io::ErrorKind::AlreadyExists);

        // Polled once, so that it is on its way, and dropped.
        let _ = futures_util::poll!(Box::pin(put(&disk, part(root.path(), "b", b"b"), None)));
        put(&disk, part(root.path(), "c", b"c"), None).await.unwrap();
        assert_eq!(std::fs::read(root.path().join("b")).unwrap(), b"b");
    }

    #[test]
    fn a_runtime_that_ends_leaves_it_usable() {
        let root = tempfile::tempdir().unwrap();
        let disk = Disk::default();
        let runtime = || {
            tokio::runtime::Builder::new_current_thread()
                .max_blocking_threads(1)
                .build()
                .unwrap()
        };
        runtime().block_on(async {
            tokio::task::spawn_blocking(|| std::thread::sleep(std::time::Duration::from_millis(50)));
            let _ = futures_util::poll!(Box::pin(put(&disk, part(root.path(), "a", b"a"), None)));
        });
        runtime()
            .block_on(put(&disk, part(root.path(), "b", b"b"), None))
            .unwrap();
        assert_eq!(std::fs::read(root.path().join("b")).unwrap(), b"b");
    }
}
