//! Books out of stories, from a real project: what is in them, that they are the same again, and that nothing hostile or missing
//! breaks them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/project.rs"]
#[allow(dead_code, reason = "each test program uses its own part of this")]
mod project;

#[path = "support/epub.rs"]
mod epub;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use bytes::Bytes;
use project::{Project, png};
use serde_json::{Value, json};
use storymimi_studio::media;
use storymimi_studio::service::{JobState, Problem, Service};
use storymimi_studio::story::export::{ExportSettings, ExportStep, Exported, Format, PageSize};
use storymimi_studio::story::{Brief, DigitalSource, Provenance, Story, StoryId};
use storymimi_studio::supabase::{BucketName, ObjectKey, Supabase, Upload};
use tokio_util::sync::CancellationToken;

async fn create(service: &Service, scenes: usize) -> Story {
    let brief = Brief::new(
        "Pip and the Lost Star",
        "A small fox named Pip in a green scarf finds a star in a snowy forest",
        scenes,
        7,
    );
    let outcome = service
        .create_story(&brief.unwrap(), &|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    outcome.story
}

fn client(project: &Project) -> Supabase {
    let workspace = project.service.workspace();
    let http = storymimi_studio::http::Http::new(std::sync::Arc::default()).unwrap();
    Supabase::new(http, workspace.url.clone(), workspace.key.clone())
}

fn settings(format: Format) -> ExportSettings {
    ExportSettings {
        format,
        ..ExportSettings::default()
    }
}

async fn export(service: &Service, story: &Story, settings: &ExportSettings, to: &Path) -> Result<Exported, Problem> {
    service
        .export_story(story, settings, to, &|_| {}, &CancellationToken::new())
        .await
}

/// Files beside each other in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A program of this system, if it is there.
fn program(name: &str) -> Option<Command> {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {name}")])
        .output()
        .ok()?;
    found.status.success().then(|| Command::new(name))
}

/// Text and pages of a PDF, as another program reads them.
fn pdf_text(path: &Path) -> Option<(usize, String)> {
    let info = program("pdfinfo")?.arg(path).output().unwrap();
    assert!(info.status.success(), "{}", String::from_utf8_lossy(&info.stderr));
    let info = String::from_utf8_lossy(&info.stdout).into_owned();
    let pages = info.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap();
    let text = program("pdftotext")?
        .arg("-layout")
        .arg(path)
        .arg("-")
        .output()
        .unwrap();
    assert!(text.stderr.is_empty(), "{}", String::from_utf8_lossy(&text.stderr));
    Some((
        pages.trim().parse().unwrap(),
        String::from_utf8_lossy(&text.stdout).into_owned(),
    ))
}

/// A story whose rows are written here, with pictures as the URLs say.
async fn rows(project: &Project, title: &str, scenes: &[Value]) -> Story {
    let id = StoryId::fresh();
    let supabase = client(project);
    let story = json!([{ "story_id": id, "title": title, "prompt": "p", "status": "completed" }]);
    let _: Vec<Value> = supabase.rest().from("stories").insert(&story).await.unwrap();
    let rows: Vec<Value> = scenes
        .iter()
        .enumerate()
        .map(|(at, scene)| {
            let mut row = json!({ "scene_id": uuid::Uuid::new_v4(), "story_id": id, "sequence": at, "text": "", "title": "",
                "image_url": null, "alt_text": null, "image_prompt": "" });
            for (name, value) in scene.as_object().unwrap() {
                row[name] = value.clone();
            }
            row
        })
        .collect();
    let _: Vec<Value> = supabase.rest().from("scenes").insert(&rows).await.unwrap();
    project.service.story(&id).await.unwrap()
}

async fn put(project: &Project, key: &str, bytes: Vec<u8>, mime: &str) -> String {
    let supabase = client(project);
    let bucket = BucketName::parse("story-images").unwrap();
    let key = ObjectKey::parse(key).unwrap();
    let upload = Upload::new(mime);
    supabase
        .bucket(&bucket)
        .upload(&key, Bytes::from(bytes), &upload)
        .await
        .unwrap();
    storymimi_studio::supabase::url::public_url(&project.service.workspace().url, &bucket, &key)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_of_a_story_is_whole_and_the_same_again() {
    let project = Project::start().await;
    let story = create(&project.service, 3).await;
    let folder = tempfile::tempdir().unwrap();
    for format in Format::ALL {
        let at = |name: &str| folder.path().join(format!("{format}-{name}"));
        let steps = Mutex::new(Vec::new());
        let observe = |step: ExportStep| steps.lock().unwrap().push(step);
        let first = project
            .service
            .export_story(&story, &settings(format), &at("1"), &observe, &CancellationToken::new())
            .await
            .unwrap();
        assert_eq!(first.notes, Vec::<String>::new(), "{format}");
        assert!(first.pages >= 3 && first.bytes > 1000, "{first:?}");
        let steps = steps.into_inner().unwrap();
        assert!(steps.contains(&ExportStep::Pictures { done: 3, of: 3 }), "{steps:?}");
        assert_eq!(steps.last(), Some(&ExportStep::Writing));
        export(&project.service, &story, &settings(format), &at("2"))
            .await
            .unwrap();
        if format == Format::Folder {
            assert_eq!(
                names(&at("1")),
                [
                    "scene-01.png",
                    "scene-02.png",
                    "scene-03.png",
                    "story.json",
                    "story.txt"
                ]
            );
            for name in names(&at("1")) {
                assert_eq!(
                    std::fs::read(at("1").join(&name)).unwrap(),
                    std::fs::read(at("2").join(&name)).unwrap(),
                    "{name}"
                );
            }
        } else {
            let bytes = std::fs::read(at("1")).unwrap();
            assert_eq!(bytes.len() as u64, first.bytes);
            assert!(
                bytes == std::fs::read(at("2")).unwrap(),
                "{format} differs from one time to the next"
            );
        }
    }
    assert_eq!(
        names(folder.path()).len(),
        10,
        "nothing else is left: {:?}",
        names(folder.path())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_says_what_is_in_it_and_is_replaced_only_if_it_is_ours() {
    let project = Project::start().await;
    let story = create(&project.service, 2).await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("book");
    export(&project.service, &story, &settings(Format::Folder), &to)
        .await
        .unwrap();
    let manifest: Value = serde_json::from_slice(&std::fs::read(to.join("story.json")).unwrap()).unwrap();
    assert_eq!(
        (manifest["title"].as_str(), manifest["language"].as_str()),
        (Some("Pip and the Lost Star"), Some("en"))
    );
    for scene in manifest["scenes"].as_array().unwrap() {
        let picture = &scene["picture"];
        let bytes = std::fs::read(to.join(picture["file"].as_str().unwrap())).unwrap();
        assert_eq!(picture["sha256"], storymimi_studio::journal::sha256(&bytes));
        assert_eq!(picture["provenance"]["model"], "builtin-illustrator");
        assert!(!scene["alt_text"].as_str().unwrap().is_empty());
    }
    let colophon = manifest["colophon"].to_string();
    assert!(
        colophon.contains("without AI") && !colophon.contains("AI-generated"),
        "{colophon}"
    );

    let again = export(&project.service, &story, &settings(Format::Folder), &to)
        .await
        .unwrap_err();
    assert!(again.what.contains("is there already"), "{}", again.what);
    std::fs::write(to.join("scene-01.png"), "changed").unwrap();
    let overwrite = ExportSettings {
        overwrite: true,
        ..settings(Format::Folder)
    };
    export(&project.service, &story, &overwrite, &to).await.unwrap();
    assert_ne!(std::fs::read(to.join("scene-01.png")).unwrap(), b"changed");
    // Somebody's own folder is not taken the place of, and a folder is no place for a file.
    let mine = folder.path().join("mine");
    std::fs::create_dir(&mine).unwrap();
    std::fs::write(mine.join("letter"), "dear").unwrap();
    for format in [Format::Folder, Format::Pdf] {
        let settings = ExportSettings {
            format,
            ..overwrite.clone()
        };
        let problem = export(&project.service, &story, &settings, &mine).await.unwrap_err();
        assert!(problem.what.contains("no exported story"), "{}", problem.what);
    }
    assert_eq!(names(folder.path()), ["book", "mine"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_is_tagged_in_the_size_that_was_asked_for_and_other_programs_read_it() {
    let project = Project::start().await;
    let story = create(&project.service, 2).await;
    let folder = tempfile::tempdir().unwrap();
    for (size, points) in [
        (PageSize::Square, "612 612"),
        (PageSize::A4Landscape, "841.8898 595.27563"),
        (PageSize::A5, "419.52756 595.27563"),
        (PageSize::Letter, "612 792"),
    ] {
        for bleed in [false, true] {
            let to = folder.path().join(format!("{size}-{bleed}.pdf"));
            let settings = ExportSettings {
                size,
                bleed,
                ..settings(Format::Pdf)
            };
            let made = export(&project.service, &story, &settings, &to).await.unwrap();
            let bytes = std::fs::read(&to).unwrap();
            let has = |text: &str| memchr::memmem::find(&bytes, text.as_bytes()).is_some();
            assert!(bytes.starts_with(b"%PDF-1.") && bytes.trim_ascii_end().ends_with(b"%%EOF"));
            for part in [
                "/StructTreeRoot",
                "/MarkInfo",
                "pdfuaid:part",
                "/Lang",
                "/TrimBox",
                "/Outlines",
            ] {
                assert!(has(part), "{size}: {part}");
            }
            assert_eq!(has("/BleedBox"), bleed);
            // Without a bleed the whole page is what stays.
            assert!(bleed || has(&format!("/MediaBox[0 0 {points}]")), "{size}: {points}");
            assert_eq!(memchr::memmem::find_iter(&bytes, b"/Type/Page/").count(), made.pages);
            assert!(has("/Alt"), "pictures are described");
            if let Some((pages, text)) = pdf_text(&to) {
                assert_eq!(pages, made.pages);
                for word in ["Pip and the Lost Star", "About this book", "without AI"] {
                    assert!(text.contains(word), "{size}: {word} in {text}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_words_and_missing_pictures_are_handled_and_said() {
    let project = Project::start().await;
    create(&project.service, 1).await;
    let picture = put(&project, "a.png", png(640, 480), "image/png").await;
    let jpeg = {
        let pixels = media::Pixels::new(40, 90, vec![120; 40 * 90 * 4]).unwrap();
        media::encode(&pixels, media::MediaType::Jpeg, 80).unwrap()
    };
    let tall = put(&project, "tall.jpg", jpeg, "image/jpeg").await;
    let webp = {
        let pixels = media::Pixels::new(8, 8, vec![200; 8 * 8 * 4]).unwrap();
        media::encode(&pixels, media::MediaType::Webp, 80).unwrap()
    };
    let webp = put(&project, "w.webp", webp, "image/webp").await;
    let mut form =
        b"--b0und\r\nContent-Disposition: form-data; name=\"\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"
            .to_vec();
    form.extend(png(9, 9));
    form.extend(b"\r\n--b0und--\r\n");
    let wrapped = put(&project, "wrapped.png", form, "image/png").await;
    let broken = put(
        &project,
        "broken.png",
        b"\x89PNG\r\n\x1a\nnothing".to_vec(),
        "image/png",
    )
    .await;
    let gone = picture.replace("a.png", "gone.png");
    let scenes = [
        json!({ "title": "<script>alert('x')</script>", "text": "\u{1b}[31m ]]> &amp; \u{202e}drow\u{ffff}", "image_url": picture,
            "alt_text": "\"><img src=x onerror=y>" }),
        json!({ "title": "שלום עולם", "text": "שלום 🦊 星の子 مرحبا", "image_url": tall }),
        json!({ "text": "word ".repeat(2_000), "image_url": webp, "alt_text": "w" }),
        json!({ "text": "x".repeat(10_000), "image_url": wrapped, "alt_text": "x" }),
        json!({ "title": "Gone", "text": "y", "image_url": gone }),
        json!({ "title": "Broken", "text": "z".repeat(30_000), "image_url": broken }),
        json!({ "title": "Elsewhere", "image_url": "https://example.com/a.png" }),
        json!({}),
    ];
    let story = rows(&project, "<b>Book</b> & \u{7}“more” 🦊 שלום", &scenes).await;
    let folder = tempfile::tempdir().unwrap();
    for format in [Format::Pdf, Format::Epub, Format::Sheet, Format::Folder] {
        let to = folder.path().join(format.word());
        let made = export(&project.service, &story, &settings(format), &to).await.unwrap();
        let notes = made.notes.join("\n");
        for said in [
            "scene 5 is left out: its object is not there",
            "scene 6 is left out:",
            "scene 7 is left out: it is not in this project",
            "Scene 8 has no picture.",
            "Scene 2 has no description",
            "The text of scene 6 is cut after 20,000",
        ] {
            assert!(notes.contains(said), "{format}: {said} in {notes}");
        }
        assert_eq!(
            notes.contains("the font has") || notes.contains("The font has"),
            format == Format::Pdf,
            "{notes}"
        );
    }
    let book = epub::Epub::read(&std::fs::read(folder.path().join("epub")).unwrap());
    book.check();
    let scene = book.text("EPUB/scene-001.xhtml");
    assert!(
        scene.contains("&lt;script&gt;") && !scene.contains("<script"),
        "{scene}"
    );
    assert!(!scene.contains('\u{202e}') && !scene.contains('\u{1b}'));
    assert_eq!(
        book.find("EPUB/images/scene-003.png").map(|bytes| media::detect(bytes)),
        Some(Some(media::MediaType::Png))
    );
    assert_eq!(
        book.find("EPUB/images/scene-004.png").map(Vec::len),
        Some(png(9, 9).len())
    );
    epubcheck(&folder.path().join("epub"), folder.path());
    if let Some((pages, text)) = pdf_text(&folder.path().join("pdf")) {
        assert!(pages > 10, "long texts go on over pages: {pages}");
        assert!(text.contains("<script>alert('x')</script>"), "words are words: {text}");
        assert!(text.matches('x').count() >= 10_000, "nothing is lost");
    }
}

/// Runs the validator of the format's makers, where it is installed.
fn epubcheck(book: &Path, folder: &Path) {
    // Debian's program is the archive itself, which only some systems start by its name.
    let jar = ["/usr/share/java/epubcheck.jar", "/usr/bin/epubcheck"];
    let jar = jar.into_iter().find(|jar| Path::new(jar).exists());
    let (Some(jar), Some(mut java)) = (jar, program("java")) else {
        return;
    };
    let named = folder.join("checked.epub");
    std::fs::copy(book, &named).unwrap();
    let output = java.arg("-jar").arg(jar).arg(&named).output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
    assert!(said.contains("No errors or warnings detected"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_epub_is_valid_and_describes_its_pictures() {
    let project = Project::start().await;
    let story = create(&project.service, 3).await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("pip.epub");
    export(&project.service, &story, &settings(Format::Epub), &to)
        .await
        .unwrap();
    let book = epub::Epub::read(&std::fs::read(&to).unwrap());
    book.check();
    let package = book.text("EPUB/package.opf");
    for part in [
        "<dc:title>Pip and the Lost Star</dc:title>",
        "<dc:language>en</dc:language>",
        "schema:accessMode\">visual",
        "schema:accessibilityHazard\">none",
        "properties=\"cover-image\"",
    ] {
        assert!(package.contains(part), "{part} in {package}");
    }
    for scene in &story.scenes {
        let page = book.text(&format!("EPUB/scene-{:03}.xhtml", scene.index + 1));
        assert!(page.contains("<img src=\"images/scene-"), "{page}");
        assert!(!page.contains("alt=\"\""), "{page}");
    }
    assert!(book.text("EPUB/colophon.xhtml").contains("without AI"));
    epubcheck(&to, folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_what_is_stopped_or_cannot_be_made() {
    let project = Project::start().await;
    let story = create(&project.service, 2).await;
    let folder = tempfile::tempdir().unwrap();
    for format in Format::ALL {
        let cancel = CancellationToken::new();
        let observe = |_: ExportStep| cancel.cancel();
        let to = folder.path().join(format.word());
        let stopped = project
            .service
            .export_story(&story, &settings(format), &to, &observe, &cancel)
            .await
            .unwrap_err();
        assert!(stopped.what.contains("topped"), "{format}: {}", stopped.what);
    }
    let empty = rows(&project, "Empty", &[]).await;
    let no_scenes = export(
        &project.service,
        &empty,
        &settings(Format::Pdf),
        &folder.path().join("e"),
    )
    .await
    .unwrap_err();
    assert!(no_scenes.what.contains("no scenes"), "{}", no_scenes.what);
    let bare = rows(&project, "Bare", &[json!({ "text": "words only" })]).await;
    let sheet = export(
        &project.service,
        &bare,
        &settings(Format::Sheet),
        &folder.path().join("s"),
    )
    .await
    .unwrap_err();
    assert!(sheet.what.contains("None of the 1 pictures"), "{}", sheet.what);
    let nowhere = folder.path().join("none").join("a.pdf");
    let problem = export(&project.service, &story, &settings(Format::Pdf), &nowhere)
        .await
        .unwrap_err();
    assert!(problem.what.contains("could not be written"), "{}", problem.what);
    assert_eq!(names(folder.path()), Vec::<String>::new());
    // Words alone are a book, too.
    let made = export(
        &project.service,
        &bare,
        &settings(Format::Pdf),
        &folder.path().join("b.pdf"),
    )
    .await
    .unwrap();
    assert_eq!(made.notes, ["Scene 1 has no picture."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_a_job_that_says_how_it_ended() {
    let project = Project::start().await;
    let story = create(&project.service, 2).await;
    let to: PathBuf = project.folder.path().join("out.pdf");
    let id = project.service.start_export(&story, settings(Format::Pdf), to.clone());
    let state = loop {
        let jobs = project.service.jobs().list();
        let job = jobs.into_iter().find(|job| job.id == id).unwrap();
        if job.state.is_over() {
            break job.state;
        }
        tokio::task::yield_now().await;
    };
    assert!(
        matches!(&state, JobState::Done(said) if said.contains("out.pdf")),
        "{state:?}"
    );
    assert!(to.exists());
    project.service.jobs().retry(id);
    let state = loop {
        let jobs = project.service.jobs().list();
        let job = jobs.into_iter().find(|job| job.id == id).unwrap();
        if job.state.is_over() {
            break job.state;
        }
        tokio::task::yield_now().await;
    };
    assert!(
        matches!(&state, JobState::Failed(problem) if problem.what.contains("there already")),
        "{state:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provenance_of_a_picture_is_in_its_bytes_and_beside_them() {
    let project = Project::start().await;
    let story = create(&project.service, 1).await;
    let scene = &story.scenes[0];
    let told = project
        .service
        .picture_provenance(&story, &scene.scene_id)
        .await
        .unwrap();
    assert_eq!(told.engine.as_deref(), Some("Built-in illustrator (no AI)"));
    assert_eq!(told.source(), Some(DigitalSource::Algorithmic));
    assert_eq!(
        (told.width, told.height, told.is_signed),
        (Some(1024), Some(768), Some(false))
    );
    let bytes = reqwest::get(scene.image_url.as_deref().unwrap())
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(told.sha256, Some(storymimi_studio::journal::sha256(&bytes)));
    // The picture tells by itself, too, whoever has it; but never the words.
    let inside = Provenance::from_picture(&bytes);
    assert_eq!(
        (inside.model.as_deref(), inside.seed),
        (Some("builtin-illustrator"), told.seed)
    );
    assert_eq!(
        inside.prompt_sha256,
        Some(storymimi_studio::journal::sha256(scene.image_prompt.trim().as_bytes()))
    );
    assert!(memchr::memmem::find(&bytes, scene.image_prompt.as_bytes()).is_none());

    // What other programs wrote is told; bytes that were brought are stored as they came.
    let foreign = media::with_texts(&png(16, 12), &[("parameters", "a fox\nSteps: 4, Seed: 9")]).unwrap();
    let url = put(&project, "foreign.png", foreign, "image/png").await;
    let story = rows(&project, "Foreign", &[json!({ "text": "t", "image_url": url })]).await;
    let told = project
        .service
        .picture_provenance(&story, &story.scenes[0].scene_id)
        .await
        .unwrap();
    assert_eq!((told.engine, told.foreign.len()), (None, 1));
    assert!(told.foreign[0].text.contains("Seed: 9"));
    let bare = rows(&project, "Bare", &[json!({ "text": "t" })]).await;
    assert!(
        project
            .service
            .picture_provenance(&bare, &bare.scenes[0].scene_id)
            .await
            .is_err()
    );
}
