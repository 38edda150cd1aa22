use std::fs;

use super::*;

fn walked(sources: &[FileSource], links: Links) -> Walked {
    walk(sources, links, &CancellationToken::new(), &|_| {}).unwrap()
}

fn names(walked: &Walked) -> Vec<(&str, &str)> {
    walked
        .found
        .iter()
        .map(|found| {
            let what = match &found.what {
                What::File { .. } => "",
                What::Refused(why) => why.as_str(),
                What::Manifest => "manifest",
            };
            (found.relative.as_str(), what)
        })
        .collect()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in [
        "w/1.png",
        "w/2.jpg",
        "w/deep/3.png",
        "w/.hidden.png",
        "w/.dir/4.png",
        "x[1].png",
    ] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    folder
}

#[test]
fn finds_what_was_named() {
    let folder = folder();
    let w = folder.path().join("w");
    let all = walked(&[FileSource::Named(w.clone())], Links::Refuse);
    assert_eq!(
        names(&all),
        [
            ("w/.dir/4.png", ""),
            ("w/.hidden.png", ""),
            ("w/1.png", ""),
            ("w/2.jpg", ""),
            ("w/deep/3.png", "")
        ]
    );
    assert!(matches!(
        all.found[2].what,
        What::File {
            size: 7,
            modified: Some(_)
        }
    ));
    let inside = walked(
        &[FileSource::typed(&w.join("")), FileSource::Named(w.join("1.png"))],
        Links::Refuse,
    );
    assert_eq!(inside.found.len(), 5, "a file that was found twice is there once");
    assert_eq!(inside.found[2].relative, "1.png");
    let odd = folder.path().join("x[1].png");
    assert_eq!(FileSource::typed(&odd), FileSource::Named(odd));
    let missing = walk(
        &[FileSource::Named(w.join("none"))],
        Links::Refuse,
        &CancellationToken::new(),
        &|_| {},
    );
    assert!(matches!(missing, Err(PlanError::NoFile(_))));
}

#[test]
fn finds_what_matches() {
    let folder = folder();
    let of = |pattern: &str| {
        let typed = FileSource::typed(&folder.path().join(pattern));
        assert!(matches!(typed, FileSource::Pattern(_)));
        walk(&[typed], Links::Refuse, &CancellationToken::new(), &|_| {})
    };
    assert_eq!(names(&of("w/*.png").unwrap()), [("1.png", "")]);
    assert_eq!(names(&of("w/**/*.png").unwrap()), [("1.png", ""), ("deep/3.png", "")]);
    assert_eq!(names(&of("*/{1,2}.*").unwrap()), [("w/1.png", ""), ("w/2.jpg", "")]);
    assert_eq!(names(&of("w/.*.png").unwrap()), [(".hidden.png", "")]);
    assert!(matches!(of("w/*.gif"), Err(PlanError::NothingMatches(_))));
    assert!(matches!(of("none/*.gif"), Err(PlanError::NoFile(_))));
    assert!(matches!(of("w/[.gif"), Err(PlanError::Pattern { .. })));
}

#[test]
fn the_manifest_of_a_folder_is_no_file_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join(Manifest::FILE_NAME);
    fs::write(&manifest, "").unwrap();
    let all = walked(&[FileSource::Inside(folder.path().to_owned())], Links::Refuse);
    assert_eq!(names(&all), [(Manifest::FILE_NAME, "manifest")]);
    // Who names it, means it.
    let named = walked(&[FileSource::Named(manifest)], Links::Refuse);
    assert_eq!(names(&named), [(Manifest::FILE_NAME, "")]);
}

#[test]
fn stops_when_told() {
    let folder = folder();
    let stop = CancellationToken::new();
    stop.cancel();
    let result = walk(
        &[FileSource::Inside(folder.path().to_owned())],
        Links::Refuse,
        &stop,
        &|_| {},
    );
    assert!(matches!(result, Err(PlanError::Stopped)));
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_and_only_when_asked() {
    use std::os::unix::fs::symlink;

    let folder = folder();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("secret"), "s").unwrap();
    let w = folder.path().join("w");
    symlink("1.png", w.join("to_file")).unwrap();
    symlink("deep", w.join("to_folder")).unwrap();
    symlink("..", w.join("deep/up")).unwrap();
    symlink(elsewhere.path(), w.join("out")).unwrap();
    symlink(elsewhere.path().join("secret"), w.join("out_file")).unwrap();
    symlink("none", w.join("broken")).unwrap();
    let refused = walked(&[FileSource::Inside(w.clone())], Links::Refuse);
    let links: Vec<_> = names(&refused).into_iter().filter(|(_, why)| !why.is_empty()).collect();
    assert_eq!(
        links,
        ["broken", "deep/up", "out", "out_file", "to_file", "to_folder"].map(|name| (name, FOLLOW_LINKS))
    );
    let followed = walked(&[FileSource::Inside(w.clone())], Links::Follow);
    assert_eq!(
        names(&followed),
        [
            (".dir/4.png", ""),
            (".hidden.png", ""),
            ("1.png", ""),
            ("2.jpg", ""),
            ("broken", NOWHERE),
            ("deep/3.png", ""),
            ("deep/up", LOOP),
            ("out", OUTSIDE),
            ("out_file", OUTSIDE),
            ("to_file", ""),
            ("to_folder/3.png", ""),
            ("to_folder/up", LOOP),
        ]
    );
    let named = walked(
        &[
            FileSource::Named(w.join("to_file")),
            FileSource::typed(&w.join("to_folder/")),
        ],
        Links::Refuse,
    );
    assert_eq!(names(&named), [("to_file", FOLLOW_LINKS), ("to_folder", FOLLOW_LINKS)]);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_without_being_opened() {
    let folder = tempfile::tempdir().unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let all = walked(
        &[
            FileSource::Inside(folder.path().to_owned()),
            FileSource::Named("/dev/null".into()),
        ],
        Links::Refuse,
    );
    let whys: Vec<&str> = names(&all)
        .into_iter()
        .map(|(_, why)| why.split(':').next().unwrap())
        .collect();
    assert_eq!(
        whys,
        [
            "This is a pipe, not a file",
            "This is a socket, not a file.",
            "This is a device, not a file"
        ]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_unicode_are_refused_and_told() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(OsStr::from_bytes(b"a\xff")), "a").unwrap();
    let dir = folder.path().join(OsStr::from_bytes(b"d\xff"));
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("inside"), "a").unwrap();
    let all = walked(&[FileSource::Inside(folder.path().to_owned())], Links::Refuse);
    assert_eq!(names(&all), [("a\u{fffd}", NO_UNICODE), ("d\u{fffd}", NO_UNICODE)]);
    // What is behind it is not known, so nothing may be deleted for not being here.
    assert_eq!(all.unseen.len(), 1);
    assert!(all.found.iter().all(|found| found.path.to_str().is_some()));
}

#[test]
fn what_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone");
    let error = WalkDir::new(&gone).into_iter().next().unwrap().unwrap_err();
    let stop = CancellationToken::new();
    let mut walk = Walk {
        links: Links::Refuse,
        stop: &stop,
        observe: &|_| {},
        walked: Walked::default(),
        seen: HashSet::new(),
    };
    walk.failed(folder.path(), "", &error, None);
    assert_eq!(walk.walked.found, []);
    assert_eq!(walk.walked.unseen[0].place, gone.display().to_string());
    assert!(walk.walked.unseen[0].why.starts_with("It cannot be read: "));
}
