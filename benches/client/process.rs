//! What a process has used, as Linux tells it. Elsewhere nothing is known and zero is told.

use std::fs;
use std::time::Duration;

/// Clock ticks a second in `/proc`: 100 on every Linux that Rust runs on (`USER_HZ`).
const TICKS: u64 = 100;

/// CPU time of a process and its threads.
pub fn cpu(process: u32) -> Duration {
    time(&fields(process)[11..13])
}

/// CPU time of processes, of those that they started, and of those that these started in turn, ended ones with them.
pub fn cpu_of_all(processes: &[u32]) -> Duration {
    let all: Vec<(u32, Vec<u64>)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .map(|id| (id, fields(id)))
        .collect();
    let mut counted = processes.to_vec();
    let mut next = 0;
    while let Some(parent) = counted.get(next).copied() {
        let children = all.iter().filter(|(_, fields)| fields[1] == u64::from(parent));
        counted.extend(children.map(|(id, _)| *id));
        next += 1;
    }
    // The times of an ended process go over to its parent.
    let found = all.iter().filter(|(id, _)| counted.contains(id));
    found.map(|(_, fields)| time(&fields[11..15])).sum()
}

/// The numbers of `/proc/…/stat` behind the name, which is in parentheses and may hold anything. The first one is the state,
/// a letter; then the parent, and from 11 on the user's and the system's time of the process, and those of its ended
/// children.
fn fields(process: u32) -> Vec<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let mut fields: Vec<u64> = rest
        .split_whitespace()
        .map(|field| field.parse().unwrap_or_default())
        .collect();
    fields.resize(fields.len().max(15), 0);
    fields
}

fn time(ticks: &[u64]) -> Duration {
    Duration::from_millis(ticks.iter().sum::<u64>() * 1000 / TICKS)
}

/// The most memory that this process had resident since [`forget_peak`], in bytes.
pub fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// Begins to measure the peak anew.
pub fn forget_peak() {
    // Without the permission the peak is that of the whole run: too high, never too low.
    let _ = fs::write("/proc/self/clear_refs", "5");
}
