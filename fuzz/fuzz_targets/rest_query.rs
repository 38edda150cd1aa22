//! Any text as the query of the local rest API: refused with a code, or statements that the database takes. A query that is
//! understood and then fails in the database is a bug: something that a client sent has reached the SQL.

#![no_main]

use std::cell::OnceCell;

use libfuzzer_sys::fuzz_target;
use storymimi_studio::local::fuzzing::Queries;

struct Project {
    queries: Queries,
    _folder: tempfile::TempDir,
}

thread_local! {
    static PROJECT: OnceCell<Project> = const { OnceCell::new() };
}

fuzz_target!(|input: (bool, &str)| {
    let (scenes, text) = input;
    PROJECT.with(|project| {
        let project = project.get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            Project { queries: Queries::new(folder.path()).unwrap(), _folder: folder }
        });
        let table = if scenes { "scenes" } else { "stories" };
        let Err(refused) = project.queries.run(table, text) else { return };
        let code = refused["code"].as_str().unwrap_or_default();
        assert!(!code.starts_with("XX"), "{refused} for {text:?}");
    });
});
