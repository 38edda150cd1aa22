//! How much a picture may cost to open, and the clock that is looked at meanwhile.

use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};
use std::time::{Duration, Instant};

/// How much a picture may cost to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub max_bytes: u64,
    /// Pixels, width times height.
    pub max_pixels: u64,
    /// Bytes of memory while decoding, the pixels included.
    pub max_alloc: u64,
    /// Time for decoding. It is looked at between rows of a PNG and whenever a decoder asks for more of the file; JPEG and lossy
    /// WebP are decoded in one go, which the other limits keep below some seconds.
    pub max_time: Duration,
}

impl Default for Limits {
    /// 64 megapixels, which no picture of a story comes near and a bomb exceeds; 64 MB of file; memory for the pixels at
    /// 8 bytes each; 10 seconds.
    fn default() -> Self {
        Self {
            max_bytes: 64_000_000,
            max_pixels: 64_000_000,
            max_alloc: 512_000_000,
            max_time: Duration::from_secs(10),
        }
    }
}

/// When to give a picture up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    /// Begins to count. A time that no clock can hold is none.
    pub(super) fn start(limits: &Limits) -> Self {
        Self(Instant::now().checked_add(limits.max_time))
    }

    pub(super) fn is_over(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}

/// The bytes of a picture, which stop coming when the time is over: the only way to stop a decoder from outside.
pub(super) struct Timed<'a> {
    bytes: Cursor<&'a [u8]>,
    deadline: Deadline,
    asked: u32,
}

impl<'a> Timed<'a> {
    /// Questions between two looks at the clock: some decoders ask for eight bytes at a time.
    const LOOK: u32 = 64;

    pub(super) fn new(bytes: &'a [u8], deadline: Deadline) -> Self {
        Self {
            bytes: Cursor::new(bytes),
            deadline,
            asked: 0,
        }
    }

    fn look(&mut self) -> io::Result<()> {
        let due = self.asked.is_multiple_of(Self::LOOK);
        self.asked = self.asked.wrapping_add(1);
        if due && self.deadline.is_over() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.look()?;
        self.bytes.read(into)
    }
}

impl BufRead for Timed<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.look()?;
        self.bytes.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.bytes.consume(amount);
    }
}

impl Seek for Timed<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stop_coming_when_the_time_is_over() {
        let over = Limits {
            max_time: Duration::ZERO,
            ..Limits::default()
        };
        let mut byte = [0];
        let mut timed = Timed::new(b"abc", Deadline::start(&over));
        let error = timed.read(&mut byte).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let endless = Limits {
            max_time: Duration::MAX,
            ..Limits::default()
        };
        let mut timed = Timed::new(b"abc", Deadline::start(&endless));
        assert_eq!(timed.read(&mut byte).unwrap(), 1);
    }
}
