//! Work on many segments by all cores.

use std::ops::Range;
use std::thread;

/// Segments that are worth a thread.
const WORTH: usize = 4;

/// `many` segments in as many pieces as there are cores, if each is worth it. At least one piece.
pub(super) fn pieces(many: usize) -> Vec<Range<usize>> {
    let cores = thread::available_parallelism().map_or(1, usize::from).min(8);
    let pieces = (many / WORTH).clamp(1, cores);
    let bound = |piece: usize| many * piece / pieces;
    (0..pieces).map(|piece| bound(piece)..bound(piece + 1)).collect()
}

/// Does the work for each piece at the same time; the results are in the order of the pieces.
pub(super) fn at_once<T: Send>(pieces: Vec<Range<usize>>, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let mut pieces = pieces.into_iter();
    let Some(first) = pieces.next() else { return Vec::new() };
    let work = &work;
    thread::scope(|scope| {
        let others: Vec<_> = pieces.map(|piece| scope.spawn(move || work(piece))).collect();
        let mut results = vec![work(first)];
        for other in others {
            match other.join() {
                Ok(result) => results.push(result),
                // As if it had happened here.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}
