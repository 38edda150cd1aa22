//! The keychain of the operating system, on a thread of its own: it may ask its user for a password and wait.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use keyring::v1::{Entry, Error};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::VaultError;
use crate::workspace::Home;

/// A place that keeps texts by name and asks its own user for permission.
pub(super) trait Keychain: Send + Sync {
    /// Whether it works.
    fn status(&self) -> Result<(), VaultError>;
    fn set(&self, id: &str, text: &str) -> Result<(), VaultError>;
    fn get(&self, id: &str) -> Result<Option<Zeroizing<String>>, VaultError>;
    /// Deletes what may not be there.
    fn delete(&self, id: &str) -> Result<(), VaultError>;
}

/// A system without one.
pub(super) struct NoKeychain;

impl Keychain for NoKeychain {
    fn status(&self) -> Result<(), VaultError> {
        Err(VaultError::Keychain("there is none".to_owned()))
    }

    fn set(&self, _: &str, _: &str) -> Result<(), VaultError> {
        self.status()
    }

    fn get(&self, _: &str) -> Result<Option<Zeroizing<String>>, VaultError> {
        self.status().map(|()| None)
    }

    fn delete(&self, _: &str) -> Result<(), VaultError> {
        self.status()
    }
}

/// Keychain Services, the Credential Manager or the Secret Service.
pub(super) struct SystemKeychain {
    /// Tells the homes of one user apart.
    home: String,
    worker: Worker,
    status: OnceLock<Result<(), String>>,
}

const SERVICE: &str = "storymimi-studio";
/// As long as somebody may need to type the keychain's own password.
const PATIENCE: Duration = Duration::from_secs(60);
/// For the question whether there is a keychain, which asks nobody.
const FIRST_WORD: Duration = Duration::from_secs(5);

impl SystemKeychain {
    pub(super) fn new(home: &Home) -> Self {
        let digest = Sha256::digest(home.path().as_os_str().as_encoded_bytes());
        Self {
            home: digest[..4].iter().fold(String::new(), |mut text, byte| {
                // Writing to a text does not fail.
                let _ = write!(text, "{byte:02x}");
                text
            }),
            worker: Worker::default(),
            status: OnceLock::new(),
        }
    }

    fn with<T: Send + 'static>(
        &self,
        id: &str,
        work: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, VaultError> {
        self.status()?;
        let user = format!("{}/{id}", self.home);
        let done = move || Entry::new(SERVICE, &user).and_then(|entry| work(&entry));
        self.worker.run(PATIENCE, done)?.map_err(|error| refused(&error))
    }
}

impl Keychain for SystemKeychain {
    fn status(&self) -> Result<(), VaultError> {
        if let Some(known) = self.status.get() {
            return known.clone().map_err(VaultError::Keychain);
        }
        let answer = self.worker.run(FIRST_WORD, || {
            Entry::store_status().as_ref().copied().map_err(|error| match error {
                Error::PlatformFailure(_) | Error::NoStorageAccess(_) | Error::NoDefaultStore => {
                    "there is none that answers".to_owned()
                }
                other => other.to_string(),
            })
        })?;
        self.status.get_or_init(|| answer).clone().map_err(VaultError::Keychain)
    }

    fn set(&self, id: &str, text: &str) -> Result<(), VaultError> {
        // The first part says how many there are: it goes last, when the others are in their places.
        for (number, part) in parts(text, PART).into_iter().enumerate().rev() {
            self.with(&part_id(id, number), move |entry| entry.set_password(&part))?;
        }
        Ok(())
    }

    fn get(&self, id: &str) -> Result<Option<Zeroizing<String>>, VaultError> {
        let part = |number: usize| {
            self.with(&part_id(id, number), |entry| match entry.get_password() {
                Ok(text) => Ok(Some(Zeroizing::new(text))),
                Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(error),
            })
        };
        joined(part)
    }

    fn delete(&self, id: &str) -> Result<(), VaultError> {
        for number in 0..MOST_PARTS {
            let gone = self.with(&part_id(id, number), |entry| match entry.delete_credential() {
                Ok(()) => Ok(true),
                Err(Error::NoEntry) => Ok(false),
                Err(error) => Err(error),
            })?;
            if !gone && number > 0 {
                break;
            }
        }
        Ok(())
    }
}

/// The Credential Manager takes 2,560 bytes of UTF-16 at most, and a session's tokens are longer.
const PART: usize = if cfg!(windows) { 1_200 } else { 64 << 10 };
/// More parts no secret has.
const MOST_PARTS: usize = 16;

fn part_id(id: &str, number: usize) -> String {
    if number == 0 {
        id.to_owned()
    } else {
        format!("{id}/{number}")
    }
}

/// Cuts a text. Before the first part stands how many there are, and how the whole begins as a hash: parts of two
/// texts, one written over the other, are not taken for one.
pub(super) fn parts(text: &str, most: usize) -> Vec<Zeroizing<String>> {
    let mut parts = vec![Zeroizing::new(String::new())];
    for c in text.chars() {
        let last = parts.len() - 1;
        if parts[last].len() + c.len_utf8() > most {
            parts.push(Zeroizing::new(String::with_capacity(most)));
        }
        let last = parts.len() - 1;
        parts[last].push(c);
    }
    let head = Zeroizing::new(format!("{} {:08x} {}", parts.len(), mark(text), parts[0].as_str()));
    parts[0] = head;
    parts
}

/// Puts a text together again. None if there is no first part.
pub(super) fn joined(
    part: impl Fn(usize) -> Result<Option<Zeroizing<String>>, VaultError>,
) -> Result<Option<Zeroizing<String>>, VaultError> {
    let Some(head) = part(0)? else { return Ok(None) };
    let mut words = head.splitn(3, ' ');
    let number = |word: Option<&str>, radix| u32::from_str_radix(word?, radix).ok();
    let (Some(count), Some(expected), Some(first)) = (number(words.next(), 10), number(words.next(), 16), words.next())
    else {
        return Err(VaultError::Damaged);
    };
    if count as usize > MOST_PARTS {
        return Err(VaultError::Damaged);
    }
    let mut text = Zeroizing::new(first.to_owned());
    for number in 1..count as usize {
        text.push_str(&part(number)?.ok_or(VaultError::Damaged)?);
    }
    if mark(&text) == expected {
        Ok(Some(text))
    } else {
        Err(VaultError::Damaged)
    }
}

fn mark(text: &str) -> u32 {
    let digest = Sha256::digest(text.as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// The reason without the value: two of keyring's errors carry what was stored.
fn refused(error: &Error) -> VaultError {
    let why = match error {
        Error::BadEncoding(_) | Error::BadDataFormat(..) => return VaultError::Damaged,
        Error::NoStorageAccess(_) => "it is locked, or refuses this program".to_owned(),
        Error::Ambiguous(_) => "it has two entries of the same name".to_owned(),
        Error::PlatformFailure(source) => source.to_string(),
        other => other.to_string(),
    };
    VaultError::Keychain(why)
}

type Work = Box<dyn FnOnce() + Send>;

/// One thread, started when first needed, that does one thing at a time. Whoever asks waits only so long; work whose
/// asker has gone before it began is not done.
#[derive(Default)]
pub(super) struct Worker {
    sender: OnceLock<Option<SyncSender<Work>>>,
}

impl Worker {
    /// Things that may wait for a thread that is stuck; more are refused.
    const QUEUE: usize = 16;

    pub(super) fn run<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, VaultError> {
        let sender = self.sender.get_or_init(|| {
            let (sender, receiver) = sync_channel(Self::QUEUE);
            let thread = std::thread::Builder::new().name("keychain".to_owned());
            thread.spawn(move || serve(&receiver)).ok().map(|_| sender)
        });
        let Some(sender) = sender else {
            return Err(VaultError::Keychain("no thread could be started for it".to_owned()));
        };
        let (answer, wait) = sync_channel(1);
        let gone = Arc::new(AtomicBool::new(false));
        let asker = Arc::clone(&gone);
        let work: Work = Box::new(move || {
            if !asker.load(Ordering::Acquire) {
                // If nobody waits any more, the answer is dropped.
                let _ = answer.send(work());
            }
        });
        match sender.try_send(work) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(VaultError::KeychainSilent),
            Err(TrySendError::Disconnected(_)) => {
                return Err(VaultError::Keychain("its thread has ended".to_owned()));
            }
        }
        wait.recv_timeout(patience).map_err(|error| {
            gone.store(true, Ordering::Release);
            match error {
                RecvTimeoutError::Timeout => VaultError::KeychainSilent,
                RecvTimeoutError::Disconnected => VaultError::Keychain("it failed in the middle".to_owned()),
            }
        })
    }
}

fn serve(receiver: &Receiver<Work>) {
    for work in receiver {
        // One failing call must not end the thread for those after it.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    }
}
