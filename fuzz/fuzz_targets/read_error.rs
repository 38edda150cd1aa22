//! Any bytes as the answer of a server: an error that can be told, never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use storymimi_studio::supabase::fuzzing::error;

fuzz_target!(|input: (u16, bool, Option<&str>, &[u8])| {
    let (status, idempotent, location, body) = input;
    // Statuses that servers send, more often than chance would.
    let status = 100 + status % 500;
    let Some((_, told)) = error(status, location, body.to_vec(), idempotent) else {
        return;
    };
    let text = told.to_string();
    assert!(!text.trim().is_empty());
    // An error is a sentence for people, however long the server's is.
    assert!(text.chars().count() < 2_000 + location.map_or(0, str::len), "{} characters", text.chars().count());
    assert!(!told.class.hint().is_empty());
    assert!(!told.hint().is_empty());
});
