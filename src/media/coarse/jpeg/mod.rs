//! JPEG for small pictures: of each block of eight by eight only as many frequencies are turned into pixels as are wanted, so that a
//! quarter of the size takes a sixteenth of the work. Baseline pictures of one scan, grey or with colour differences.

mod block;
mod huffman;

use huffman::{Bits, Table};

use super::{Deadline, Halved, Refused, Samples, Shrunk, full_to_rgb};

/// A picture whose headers were read, up to its scan.
pub(super) struct Frame<'a> {
    pub(super) size: (u32, u32),
    components: Vec<Component>,
    steps: [[u16; 64]; 4],
    first: [Option<Box<Table>>; 4],
    others: [Option<Box<Table>>; 4],
    /// Blocks (of all components) between two restarts; 0 if there are none.
    interval: u32,
    scan: &'a [u8],
}

#[derive(Clone, Copy, Default)]
struct Component {
    id: u8,
    /// Blocks of it, across and down, in a block of all components: 1 or 2.
    across: u32,
    down: u32,
    steps: usize,
    first: usize,
    others: usize,
}

/// What is decoded of a component: a row of blocks.
struct Plane {
    samples: Vec<u8>,
    stride: usize,
    /// Pixels of a block, across and down.
    side: usize,
    /// How often each of its pixels is repeated, across and down.
    repeat: (usize, usize),
    last: i32,
}

impl<'a> Frame<'a> {
    /// Reads the headers.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Refused> {
        let mut frame = Self {
            size: (0, 0),
            components: Vec::new(),
            steps: [[0; 64]; 4],
            first: [const { None }; 4],
            others: [const { None }; 4],
            interval: 0,
            scan: &[],
        };
        let mut at = 2;
        loop {
            let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) else {
                return Err(Refused);
            };
            // Fill bytes may stand before a marker.
            if marker == 0xff {
                at += 1;
                continue;
            }
            let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
            let data = bytes.get(at + 4..end).ok_or(Refused)?;
            match marker {
                0xc0 | 0xc1 => frame.start(data)?,
                0xc4 => frame.tables(data)?,
                // Other ways of coding.
                0xc2..=0xcf => return Err(Refused),
                0xdb => frame.quantization(data)?,
                0xdd => frame.interval = u32::from(u16::from_be_bytes(*data.first_chunk().ok_or(Refused)?)),
                0xda => {
                    frame.scan(data)?;
                    frame.scan = bytes.get(end..).ok_or(Refused)?;
                    return Ok(frame);
                }
                // Adobe's says how colours are kept: 1 is as everybody does.
                0xee if data.starts_with(b"Adobe") && data.get(11) != Some(&1) => return Err(Refused),
                0xe0..=0xef | 0xfe => {}
                _ => return Err(Refused),
            }
            at = end;
        }
    }

    /// The size, and how the components are sampled.
    fn start(&mut self, data: &[u8]) -> Result<(), Refused> {
        let (head, rest) = data.split_first_chunk::<6>().ok_or(Refused)?;
        let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
        self.size = (side(head[3], head[4]), side(head[1], head[2]));
        if head[0] != 8
            || !matches!(head[5], 1 | 3)
            || !self.components.is_empty()
            || self.size.0 == 0
            || self.size.1 == 0
        {
            return Err(Refused);
        }
        for &[id, sampling, steps] in rest.as_chunks().0.iter().take(usize::from(head[5])) {
            let is_alone = head[5] == 1;
            let component = Component {
                id,
                // A component alone is not interleaved, whatever is said of it.
                across: if is_alone { 1 } else { u32::from(sampling >> 4) },
                down: if is_alone { 1 } else { u32::from(sampling & 15) },
                steps: usize::from(steps),
                ..Component::default()
            };
            if !matches!((component.across, component.down), (1 | 2, 1 | 2)) || component.steps > 3 {
                return Err(Refused);
            }
            self.components.push(component);
        }
        // Brightness is never kept with less than the colours, and these are kept alike.
        let mut colours = self.components.iter().skip(1);
        if colours.any(|component| (component.across, component.down) != (1, 1)) {
            return Err(Refused);
        }
        let ids: Vec<u8> = self.components.iter().map(|component| component.id).collect();
        if self.components.len() != usize::from(head[5]) || ids == *b"RGB" {
            return Err(Refused);
        }
        Ok(())
    }

    fn tables(&mut self, mut data: &[u8]) -> Result<(), Refused> {
        while let Some((head, rest)) = data.split_first_chunk::<17>() {
            let [class, counts @ ..] = head;
            let length = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, after) = rest.split_at_checked(length).ok_or(Refused)?;
            let tables = if class >> 4 == 0 {
                &mut self.first
            } else {
                &mut self.others
            };
            let place = tables.get_mut(usize::from(class & 15)).ok_or(Refused)?;
            *place = Some(Box::new(Table::new(counts, symbols).ok_or(Refused)?));
            data = after;
        }
        Ok(())
    }

    fn quantization(&mut self, mut data: &[u8]) -> Result<(), Refused> {
        while let Some((&kind, rest)) = data.split_first() {
            let into = self.steps.get_mut(usize::from(kind & 15)).ok_or(Refused)?;
            let length = if kind >> 4 == 0 { 64 } else { 128 };
            let (values, after) = rest.split_at_checked(length).ok_or(Refused)?;
            for (place, step) in into.iter_mut().enumerate() {
                *step = if length == 64 {
                    u16::from(values[place])
                } else {
                    u16::from_be_bytes([values[place * 2], values[place * 2 + 1]])
                };
            }
            data = after;
        }
        Ok(())
    }

    /// The header of the scan: one of all components.
    fn scan(&mut self, data: &[u8]) -> Result<(), Refused> {
        let count = self.components.len();
        if count == 0 || data.len() != 4 + 2 * count || usize::from(data[0]) != count {
            return Err(Refused);
        }
        for (component, pair) in self.components.iter_mut().zip(data[1..].as_chunks::<2>().0) {
            if component.id != pair[0] {
                return Err(Refused);
            }
            component.first = usize::from(pair[1] >> 4);
            component.others = usize::from(pair[1] & 15);
        }
        // All frequencies at once, with all their bits.
        if data[1 + 2 * count..] != [0, 63, 0] {
            return Err(Refused);
        }
        Ok(())
    }

    /// Decodes it in cells that are not larger than `cell`.
    pub(super) fn read(self, cell: (u32, u32), deadline: Deadline) -> Result<Shrunk, Refused> {
        let by = match cell.0.min(cell.1) {
            ..2 => return Err(Refused),
            2..4 => 2,
            4..8 => 4,
            8.. => 8,
        };
        let samples = if self.components.len() == 1 {
            Samples::Grey
        } else {
            Samples::Rgb
        };
        let mut rows = Halved::new(samples, self.size, by, cell);
        let most = |one: fn(&Component) -> u32| self.components.iter().map(one).max().unwrap_or(1);
        let (across, down) = (most(|component| component.across), most(|component| component.down));
        let columns = self.size.0.div_ceil(8 * across);
        let mut planes: Vec<Plane> = self
            .components
            .iter()
            .map(|component| Plane::new(component, (across, down), columns, 8 / by))
            .collect();
        let tables = self.coding()?;
        let width = self.size.0.div_ceil(by) as usize;
        let mut line = vec![0; width * samples.bytes()];
        let mut bits = Bits::new(self.scan);
        let mut until = self.interval;
        for row in 0..self.size.1.div_ceil(8 * down) {
            if deadline.is_over() {
                return Err(Refused);
            }
            for column in 0..columns as usize {
                if self.interval > 0 {
                    if until == 0 {
                        bits.restart()?;
                        planes.iter_mut().for_each(|plane| plane.last = 0);
                        until = self.interval;
                    }
                    until -= 1;
                }
                for ((component, plane), (first, others)) in self.components.iter().zip(&mut planes).zip(&tables) {
                    let (across, down) = (component.across as usize, component.down as usize);
                    for place in 0..across * down {
                        let mut block = [0; 64];
                        let has_others = bits.block(first, others, &mut plane.last, &mut block)?;
                        let at = place / across * plane.side * plane.stride
                            + (column * across + place % across) * plane.side;
                        let into = &mut plane.samples[at..];
                        block::paint(
                            &block,
                            has_others,
                            &self.steps[component.steps],
                            plane.side,
                            plane.stride,
                            into,
                        );
                    }
                }
            }
            // Rows beyond the last one are not taken.
            let high = (8 / by * down) as usize;
            let left = (self.size.1.div_ceil(by) as usize).saturating_sub(row as usize * high);
            for row in 0..high.min(left) {
                fill(&planes, row, &mut line);
                rows.shrink.push(&line);
            }
        }
        bits.end()?;
        match samples {
            Samples::Grey => rows.finish(|grey| grey),
            _ => rows.finish(full_to_rgb),
        }
    }

    /// The tables of each component.
    fn coding(&self) -> Result<Vec<(&Table, &Table)>, Refused> {
        let both = |component: &Component| {
            let first = self.first.get(component.first)?.as_deref()?;
            Some((first, self.others.get(component.others)?.as_deref()?))
        };
        self.components.iter().map(both).collect::<Option<_>>().ok_or(Refused)
    }
}

impl Plane {
    fn new(component: &Component, most: (u32, u32), columns: u32, side: u32) -> Self {
        let (across, down) = (most.0 / component.across, most.1 / component.down);
        // What has fewer blocks keeps more of each.
        let own = (side * across.min(down)).min(4).max(side);
        let stride = (columns * component.across * own) as usize;
        let grown = own / side;
        Self {
            samples: vec![0; stride * (component.down * own) as usize],
            stride,
            side: own as usize,
            repeat: ((across / grown) as usize, (down / grown) as usize),
            last: 0,
        }
    }
}

/// A row of pixels of all components.
fn fill(planes: &[Plane], row: usize, line: &mut [u8]) {
    let channels = planes.len();
    for (channel, plane) in planes.iter().enumerate() {
        let samples = &plane.samples[row / plane.repeat.1 * plane.stride..];
        let into = line.iter_mut().skip(channel).step_by(channels);
        if plane.repeat.0 == 1 {
            into.zip(samples).for_each(|(into, sample)| *into = *sample);
        } else {
            let repeated = samples.iter().flat_map(|sample| [*sample; 2]);
            into.zip(repeated).for_each(|(into, sample)| *into = sample);
        }
    }
}
