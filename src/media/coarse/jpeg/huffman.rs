//! The entropy coding of JPEG: ITU-T T.81, annexes C and F.

use super::Refused;

/// Bits of a code that are looked up at once.
const LOOKED_UP: u32 = 10;

/// In an entry of the table: the code and its value are known. Else the code alone; 0 if it is longer.
const WHOLE: u32 = 1 << 7;

/// A table of codes.
pub(super) struct Table {
    /// From the low bits: the length in six, a mark, the symbol or the run of zeros in eight, the value in sixteen.
    entries: [u32; 1 << LOOKED_UP],
    /// The first code of each length, shifted to sixteen bits, that is of a greater one.
    limits: [u32; 17],
    /// What is added to a code of each length to get its symbol's place.
    offsets: [i32; 17],
    symbols: [u8; 256],
}

impl Table {
    /// Of the number of codes of each length and their symbols; None if these are no codes.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table = Self {
            entries: [0; 1 << LOOKED_UP],
            limits: [0; 17],
            offsets: [0; 17],
            symbols: [0; 256],
        };
        table.symbols.get_mut(..symbols.len())?.copy_from_slice(symbols);
        let (mut code, mut place) = (0_u32, 0_usize);
        for (length, count) in (1_u32..).zip(counts) {
            table.offsets[length as usize] = place as i32 - code as i32;
            for _ in 0..*count {
                if code >= 1 << length {
                    return None;
                }
                if length <= LOOKED_UP {
                    let first = (code << (LOOKED_UP - length)) as usize;
                    let many = 1 << (LOOKED_UP - length);
                    for (rest, entry) in (0_u32..).zip(table.entries.get_mut(first..first + many)?) {
                        *entry = entered(table.symbols[place], length, rest);
                    }
                }
                code += 1;
                place += 1;
            }
            table.limits[length as usize] = code << (16 - length);
            code <<= 1;
        }
        Some(table)
    }

    /// A code longer than what is looked up, from the next sixteen bits: its symbol and its length.
    #[cold]
    fn long(&self, next: u32) -> Option<(u8, u32)> {
        let length = (LOOKED_UP + 1..=16).find(|length| next < self.limits[*length as usize])?;
        let place = (next >> (16 - length)) as i32 + self.offsets[length as usize];
        let symbol = self.symbols.get(usize::try_from(place).ok()?)?;
        Some((*symbol, length))
    }
}

/// The entry of a symbol whose code has this length, and which is followed by these bits.
fn entered(symbol: u8, length: u32, rest: u32) -> u32 {
    let size = u32::from(symbol & 15);
    let left = LOOKED_UP - length;
    if size == 0 || size > left {
        return u32::from(symbol) << 8 | length;
    }
    let value = extended(rest >> (left - size), size);
    (value as u32) << 16 | u32::from(symbol >> 4) << 8 | WHOLE | (length + size)
}

/// Table F.1: the smaller half of the numbers of a size are negative ones.
fn extended(value: u32, size: u32) -> i32 {
    let value = value as i32;
    if value < 1 << (size - 1) {
        value - (1 << size) + 1
    } else {
        value
    }
}

/// The bits between two markers. Behind their end there are zeros.
pub(super) struct Bits<'a> {
    /// What follows the marker after them.
    rest: &'a [u8],
    /// The marker.
    marker: u8,
    /// Bytes without what keeps them apart from markers.
    bytes: Vec<u8>,
    at: usize,
    /// The next bits are the highest.
    next: u64,
    held: u32,
}

impl<'a> Bits<'a> {
    /// Of a scan, which is copied.
    pub(super) fn new(scan: &'a [u8]) -> Self {
        let mut bits = Self {
            rest: scan,
            marker: 0,
            bytes: Vec::with_capacity(scan.len()),
            at: 0,
            next: 0,
            held: 0,
        };
        bits.gather();
        bits
    }

    fn gather(&mut self) {
        self.bytes.clear();
        (self.at, self.next, self.held, self.marker) = (0, 0, 0, 0);
        while let Some(mark) = memchr::memchr(0xff, self.rest) {
            let Some(&after) = self.rest.get(mark + 1) else { break };
            self.bytes.extend_from_slice(&self.rest[..mark]);
            match after {
                0 => self.bytes.push(0xff),
                // A fill byte.
                0xff => {
                    self.rest = &self.rest[mark + 1..];
                    continue;
                }
                marker => self.marker = marker,
            }
            self.rest = &self.rest[mark + 2..];
            if self.marker != 0 {
                return;
            }
        }
    }

    /// Goes on behind the next restart.
    pub(super) fn restart(&mut self) -> Result<(), Refused> {
        if self.is_over() || !matches!(self.marker, 0xd0..=0xd7) {
            return Err(Refused);
        }
        self.gather();
        Ok(())
    }

    /// Sees that the picture ends here, and that nothing was missing.
    pub(super) fn end(&self) -> Result<(), Refused> {
        if self.is_over() || self.marker != 0xd9 {
            return Err(Refused);
        }
        Ok(())
    }

    /// Whether more bits were taken than there are.
    fn is_over(&self) -> bool {
        self.at * 8 > self.bytes.len() * 8 + self.held as usize
    }

    /// Sees that there are 32 bits at least.
    #[inline(always)]
    fn fill(&mut self) {
        if self.held < 32 {
            let next = match self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<4>) {
                Some(next) => u32::from_be_bytes(*next),
                None => self.last(),
            };
            self.next |= u64::from(next) << (32 - self.held);
            self.at += 4;
            self.held += 32;
        }
    }

    #[cold]
    fn last(&self) -> u32 {
        let byte = |at: usize| self.bytes.get(self.at + at).copied().unwrap_or_default();
        u32::from_be_bytes([byte(0), byte(1), byte(2), byte(3)])
    }

    #[inline(always)]
    fn skip(&mut self, many: u32) {
        self.next <<= many;
        self.held -= many;
    }

    /// A value of a size from 1 to 15.
    #[inline(always)]
    fn value(&mut self, size: u32) -> i32 {
        let value = extended((self.next >> (64 - size)) as u32, size);
        self.skip(size);
        value
    }

    /// The next symbol, whose code is taken, for an entry that does not know its value.
    #[inline(always)]
    fn symbol(&mut self, table: &Table, entry: u32) -> Result<u8, Refused> {
        let (symbol, length) = if entry == 0 {
            table.long((self.next >> 48) as u32).ok_or(Refused)?
        } else {
            ((entry >> 8) as u8, entry & 63)
        };
        self.skip(length);
        Ok(symbol)
    }

    /// Reads a block, in the order of the file. `last` is the first value of the component's block before. Answers whether there
    /// is anything but the first value.
    #[inline]
    pub(super) fn block(
        &mut self,
        first: &Table,
        others: &Table,
        last: &mut i32,
        block: &mut [i16; 64],
    ) -> Result<bool, Refused> {
        self.fill();
        let entry = first.entries[(self.next >> (64 - LOOKED_UP)) as usize];
        if entry & WHOLE != 0 && entry >> 8 & 0xff == 0 {
            self.skip(entry & 63);
            *last += entry as i32 >> 16;
        } else if entry & WHOLE != 0 {
            // A first value has no run before it.
            return Err(Refused);
        } else {
            let size = self.symbol(first, entry)?;
            if size > 15 {
                return Err(Refused);
            }
            if size > 0 {
                *last += self.value(u32::from(size));
            }
        }
        // More than this is in no picture.
        *last = (*last).clamp(-32_768, 32_767);
        block[0] = *last as i16;
        let mut at = 1;
        while at < 64 {
            self.fill();
            let entry = others.entries[(self.next >> (64 - LOOKED_UP)) as usize];
            if entry & WHOLE != 0 {
                self.skip(entry & 63);
                at += (entry >> 8 & 0xff) as usize;
                block[at & 63] = (entry >> 16) as i16;
                at += 1;
                continue;
            }
            let symbol = self.symbol(others, entry)?;
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size > 0 {
                at += run;
                block[at & 63] = self.value(size) as i16;
                at += 1;
            } else if run == 15 {
                at += 16;
            } else {
                return Ok(at > 1);
            }
        }
        if at > 64 { Err(Refused) } else { Ok(true) }
    }
}
