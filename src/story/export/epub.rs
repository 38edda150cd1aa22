//! An electronic book: EPUB 3.2, reflowable, with a description of each picture. Written by hand, as it is a ZIP archive of XHTML
//! pages; `epubcheck` reads it in the tests.

use std::io::{Cursor, Write as _};

use jiff::Timestamp;
use jiff::civil::DateTime as Naive;
use tokio_util::sync::CancellationToken;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::book::{Art, Book, Page};
use super::text::escaped;
use super::{ExportError, Finished, Made, colophon};
use crate::media::{Limits, MediaType, decode, encode};

const STYLE: &str = "\
body { margin: 1em; line-height: 1.5; }
h1, h2 { text-align: center; line-height: 1.2; }
figure { margin: 0 0 1em 0; text-align: center; page-break-inside: avoid; break-inside: avoid; }
img { max-width: 100%; max-height: 75vh; }
.cover { text-align: center; }
.colophon { font-size: 0.9em; }
";

/// A picture as it is in the book.
struct Item {
    /// Of which scene; 0 for a cover of its own.
    number: usize,
    /// Its place below `EPUB/`.
    path: String,
    mime: &'static str,
    bytes: Vec<u8>,
}

pub(super) fn make(book: &Book, cancel: &CancellationToken) -> Result<Finished, ExportError> {
    let mut notes = Vec::new();
    let mut pictures: Vec<Option<Item>> = Vec::new();
    for page in &book.pages {
        if cancel.is_cancelled() {
            return Err(ExportError::Cancelled);
        }
        let item = page.art.as_ref().map(|art| item(page.number, art)).transpose();
        pictures.push(item.unwrap_or_else(|error| {
            notes.push(format!("The picture of scene {} is left out: {error}", page.number));
            None
        }));
    }
    // A cover of its own comes last among the pictures; it belongs to no scene.
    let front = book.front.as_ref().map(|art| item(0, art)).transpose();
    let front = front.unwrap_or_else(|error| {
        notes.push(format!("The cover is left out: {error}"));
        None
    });
    let cover_number = match (&front, book.front_page.and_then(|place| pictures.get(place)?.as_ref())) {
        (Some(_), _) => Some(0),
        (None, Some(chosen)) => Some(chosen.number),
        (None, None) => pictures.iter().flatten().next().map(|first| first.number),
    };
    let pictures = Pictures {
        scenes: pictures,
        front,
        cover: cover_number,
    };
    let mut archive = Archive::new();
    // First, not packed, and without anything around it: that is how readers know the file.
    archive.store("mimetype", b"application/epub+zip")?;
    archive.pack("META-INF/container.xml", CONTAINER.as_bytes())?;
    archive.pack("EPUB/package.opf", package(book, &pictures).as_bytes())?;
    archive.pack("EPUB/nav.xhtml", navigation(book).as_bytes())?;
    archive.pack("EPUB/style.css", STYLE.as_bytes())?;
    archive.pack("EPUB/cover.xhtml", cover(book, &pictures).as_bytes())?;
    for (page, picture) in book.pages.iter().zip(&pictures.scenes) {
        let name = format!("EPUB/{}", page_name(page));
        archive.pack(&name, scene(book, page, picture.as_ref()).as_bytes())?;
    }
    archive.pack("EPUB/colophon.xhtml", last_page(book).as_bytes())?;
    for picture in pictures.all() {
        if cancel.is_cancelled() {
            return Err(ExportError::Cancelled);
        }
        // Pictures are packed already.
        archive.store(&format!("EPUB/{}", picture.path), &picture.bytes)?;
    }
    Ok(Finished {
        made: Made::File(archive.finish()?),
        pages: book.pages.len() + 2,
        notes,
    })
}

/// All pictures of the book.
struct Pictures {
    /// One a page.
    scenes: Vec<Option<Item>>,
    front: Option<Item>,
    /// The number of the one that is the cover.
    cover: Option<usize>,
}

impl Pictures {
    fn all(&self) -> impl Iterator<Item = &Item> {
        self.scenes.iter().flatten().chain(&self.front)
    }

    fn cover(&self) -> Option<&Item> {
        self.all().find(|item| Some(item.number) == self.cover)
    }
}

fn failed(error: impl std::fmt::Display) -> ExportError {
    ExportError::Format {
        format: "EPUB",
        why: error.to_string(),
    }
}

/// A ZIP archive in memory, the same for the same content.
struct Archive(ZipWriter<Cursor<Vec<u8>>>);

impl Archive {
    fn new() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }

    fn store(&mut self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        self.add(name, bytes, CompressionMethod::Stored)
    }

    fn pack(&mut self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        self.add(name, bytes, CompressionMethod::Deflated)
    }

    fn add(&mut self, name: &str, bytes: &[u8], method: CompressionMethod) -> Result<(), ExportError> {
        // The time of the archive's own beginning, not of this machine's clock.
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(0o644);
        self.0.start_file(name, options).map_err(failed)?;
        self.0.write_all(bytes).map_err(failed)
    }

    fn finish(self) -> Result<Vec<u8>, ExportError> {
        self.0.finish().map(Cursor::into_inner).map_err(failed)
    }
}

/// A picture as readers take it: PNG, JPEG and GIF as they are, anything else as PNG.
fn item(number: usize, art: &Art) -> Result<Item, ExportError> {
    let (bytes, kind) = match art.media_type {
        MediaType::Png | MediaType::Jpeg | MediaType::Gif => (art.bytes.to_vec(), art.media_type),
        _ => {
            let pixels = decode(&art.bytes, &Limits::default())?;
            (encode(&pixels, MediaType::Png, 100)?, MediaType::Png)
        }
    };
    let name = match number {
        0 => "cover".to_owned(),
        number => format!("scene-{number:03}"),
    };
    Ok(Item {
        number,
        path: format!("images/{name}.{}", kind.extension()),
        mime: kind.mime(),
        bytes,
    })
}

fn page_name(page: &Page) -> String {
    format!("scene-{:03}.xhtml", page.number)
}

const CONTAINER: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
    "<container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\">\n",
    "<rootfiles><rootfile full-path=\"EPUB/package.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles>\n",
    "</container>\n"
);

fn package(book: &Book, pictures: &Pictures) -> String {
    let id = match uuid::Uuid::parse_str(book.story_id.as_str()) {
        Ok(id) => format!("urn:uuid:{id}"),
        Err(_) => format!("storymimi-story:{}", escaped(book.story_id.as_str())),
    };
    let language = book.language.as_str();
    let direction = if book.is_rtl { "rtl" } else { "ltr" };
    let mut text = format!(
        concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "<package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"id\" xml:lang=\"{language}\" ",
            "dir=\"{direction}\" prefix=\"schema: http://schema.org/\">\n",
            "<metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n",
            "<dc:identifier id=\"id\">{id}</dc:identifier>\n<dc:title>{title}</dc:title>\n<dc:language>{language}</dc:language>\n",
            "<meta property=\"dcterms:modified\">{modified}</meta>\n",
        ),
        language = language,
        direction = direction,
        id = id,
        title = escaped(&book.title),
        modified = modified(book),
    );
    if let Some(writer) = book.writer.as_deref().filter(|writer| !writer.is_empty()) {
        text.push_str(&format!("<dc:creator>{}</dc:creator>\n", escaped(writer)));
    }
    let all_described = book
        .pages
        .iter()
        .all(|page| page.art.is_none() || page.alt_text.is_some());
    let mut facts = vec![
        ("accessMode", "textual"),
        ("accessibilityFeature", "readingOrder"),
        ("accessibilityFeature", "tableOfContents"),
    ];
    if pictures.all().next().is_some() {
        facts.extend([
            ("accessMode", "visual"),
            ("accessModeSufficient", "textual,visual"),
            ("accessibilityFeature", "alternativeText"),
        ]);
    }
    if all_described {
        facts.push(("accessModeSufficient", "textual"));
    }
    facts.push(("accessibilityHazard", "none"));
    facts.push((
        "accessibilitySummary",
        if all_described {
            "Every picture has a description."
        } else {
            "Some pictures are described by the titles of their scenes only."
        },
    ));
    for (property, value) in facts {
        text.push_str(&format!("<meta property=\"schema:{property}\">{value}</meta>\n"));
    }
    text.push_str(concat!(
        "</metadata>\n<manifest>\n",
        "<item id=\"nav\" href=\"nav.xhtml\" media-type=\"application/xhtml+xml\" properties=\"nav\"/>\n",
        "<item id=\"style\" href=\"style.css\" media-type=\"text/css\"/>\n",
        "<item id=\"cover\" href=\"cover.xhtml\" media-type=\"application/xhtml+xml\"/>\n",
        "<item id=\"colophon\" href=\"colophon.xhtml\" media-type=\"application/xhtml+xml\"/>\n",
    ));
    for page in &book.pages {
        let (number, name) = (page.number, page_name(page));
        text.push_str(&format!(
            "<item id=\"scene-{number}\" href=\"{name}\" media-type=\"application/xhtml+xml\"/>\n"
        ));
    }
    for picture in pictures.all() {
        let is_cover = Some(picture.number) == pictures.cover;
        let properties = if is_cover { " properties=\"cover-image\"" } else { "" };
        text.push_str(&format!(
            "<item id=\"picture-{}\" href=\"{}\" media-type=\"{}\"{properties}/>\n",
            picture.number, picture.path, picture.mime
        ));
    }
    text.push_str(&format!(
        "</manifest>\n<spine page-progression-direction=\"{direction}\">\n<itemref idref=\"cover\"/>\n"
    ));
    for page in &book.pages {
        text.push_str(&format!("<itemref idref=\"scene-{}\"/>\n", page.number));
    }
    text.push_str("<itemref idref=\"colophon\"/>\n</spine>\n</package>\n");
    text
}

/// When the book was changed last: when the story was. A story that does not say it gives the beginning of the format's time.
fn modified(book: &Book) -> String {
    let read = |text: &str| {
        let with_zone = text.parse::<Timestamp>().ok();
        let naive = || {
            let civil = text.parse::<Naive>().ok()?;
            jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
        };
        with_zone.or_else(naive)
    };
    let dates = [book.updated_at.as_deref(), book.created_at.as_deref()];
    let date = dates.into_iter().flatten().find_map(read);
    date.map_or_else(
        || "2000-01-01T00:00:00Z".to_owned(),
        |date| date.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}

/// A page around its body.
fn xhtml(book: &Book, title: &str, kind: &str, body: &str) -> String {
    format!(
        concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n",
            "<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" ",
            "lang=\"{language}\" xml:lang=\"{language}\" dir=\"{direction}\">\n",
            "<head>\n<meta charset=\"utf-8\"/>\n<title>{title}</title>\n",
            "<link rel=\"stylesheet\" type=\"text/css\" href=\"style.css\"/>\n</head>\n",
            "<body{kind}>\n{body}</body>\n</html>\n"
        ),
        language = book.language.as_str(),
        direction = if book.is_rtl { "rtl" } else { "ltr" },
        title = escaped(title),
        kind = kind,
        body = body,
    )
}

fn figure(alt: &str, picture: &Item) -> String {
    format!(
        "<figure><img src=\"{}\" alt=\"{}\"/></figure>\n",
        picture.path,
        escaped(alt)
    )
}

fn cover(book: &Book, pictures: &Pictures) -> String {
    let alt = book.cover().map(|(alt, _)| alt).unwrap_or_default();
    let picture = pictures
        .cover()
        .map(|picture| figure(&alt, picture))
        .unwrap_or_default();
    let body = format!(
        "<section class=\"cover\" epub:type=\"titlepage\">\n{picture}<h1>{}</h1>\n</section>\n",
        escaped(&book.title)
    );
    xhtml(book, &book.title, "", &body)
}

fn scene(book: &Book, page: &Page, picture: Option<&Item>) -> String {
    let mut body = format!(
        "<section epub:type=\"chapter\" role=\"doc-chapter\">\n<h2>{}</h2>\n",
        escaped(&page.heading())
    );
    if let Some(picture) = picture {
        body.push_str(&figure(&page.alt(), picture));
    }
    for paragraph in page.text.lines() {
        body.push_str(&format!("<p>{}</p>\n", escaped(paragraph)));
    }
    body.push_str("</section>\n");
    xhtml(book, &page.heading(), " epub:type=\"bodymatter\"", &body)
}

fn last_page(book: &Book) -> String {
    let lines: String = colophon::lines(book)
        .iter()
        .map(|line| format!("<p>{}</p>\n", escaped(line)))
        .collect();
    let body = format!(
        "<section class=\"colophon\" epub:type=\"colophon\" role=\"doc-colophon\">\n<h2>About this book</h2>\n{lines}</section>\n"
    );
    xhtml(book, "About this book", " epub:type=\"backmatter\"", &body)
}

fn navigation(book: &Book) -> String {
    let mut list = format!("<li><a href=\"cover.xhtml\">{}</a></li>\n", escaped(&book.title));
    for page in &book.pages {
        list.push_str(&format!(
            "<li><a href=\"{}\">{}</a></li>\n",
            page_name(page),
            escaped(&page.heading())
        ));
    }
    list.push_str("<li><a href=\"colophon.xhtml\">About this book</a></li>\n");
    let first = book.pages.first().map(page_name).unwrap_or_default();
    let body = format!(
        concat!(
            "<nav epub:type=\"toc\" role=\"doc-toc\" aria-label=\"Contents\">\n<h1>Contents</h1>\n<ol>\n{list}</ol>\n</nav>\n",
            "<nav epub:type=\"landmarks\" aria-label=\"Landmarks\" hidden=\"\">\n<ol>\n",
            "<li><a epub:type=\"titlepage\" href=\"cover.xhtml\">Cover</a></li>\n",
            "<li><a epub:type=\"bodymatter\" href=\"{first}\">Story</a></li>\n</ol>\n</nav>\n"
        ),
        list = list,
        first = first
    );
    xhtml(book, "Contents", "", &body)
}
