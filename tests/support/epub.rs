//! An EPUB as a reader opens it: a ZIP archive whose parts are read back and whose pages have to be well formed.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use resvg::usvg::roxmltree::Document;

/// The parts by their names.
pub struct Epub {
    parts: BTreeMap<String, Vec<u8>>,
    first: String,
}

impl Epub {
    /// Reads all parts.
    pub fn read(bytes: &[u8]) -> Self {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let first = archive.by_index(0).unwrap().name().unwrap().into_owned();
        assert_eq!(&bytes[30..38], b"mimetype", "readers know the file by that");
        assert_eq!(&bytes[38..58], b"application/epub+zip");
        let mut parts = BTreeMap::new();
        for at in 0..archive.len() {
            let mut file = archive.by_index(at).unwrap();
            let mut part = Vec::new();
            file.read_to_end(&mut part).unwrap();
            let name = file.name().unwrap().into_owned();
            parts.insert(name, part);
        }
        Self { parts, first }
    }

    /// A part, if it is there.
    pub fn find(&self, name: &str) -> Option<&Vec<u8>> {
        self.parts.get(name)
    }

    /// A part that is a text.
    pub fn text(&self, name: &str) -> String {
        let part = self.find(name).unwrap_or_else(|| panic!("{name} is missing"));
        String::from_utf8(part.clone()).unwrap()
    }

    /// Whether everything is where the package says, once, and well formed; and every picture has a description.
    pub fn check(&self) {
        assert_eq!(self.first, "mimetype");
        let package = self.text("EPUB/package.opf");
        let package = parsed("package.opf", &package);
        let items: BTreeMap<&str, &str> = package
            .descendants()
            .filter(|node| node.has_tag_name(("http://www.idpf.org/2007/opf", "item")))
            .map(|node| (node.attribute("id").unwrap(), node.attribute("href").unwrap()))
            .collect();
        for href in items.values() {
            assert!(self.parts.contains_key(&format!("EPUB/{href}")), "{href}");
        }
        // All but the archive's own parts are listed.
        assert_eq!(items.len(), self.parts.len() - 3);
        for node in package.descendants().filter(|node| node.tag_name().name() == "itemref") {
            assert!(items.contains_key(node.attribute("idref").unwrap()));
        }
        for (name, part) in self.parts.iter().filter(|(name, _)| name.ends_with(".xhtml")) {
            let text = std::str::from_utf8(part).unwrap();
            // The parser knows no document types; this one has no content.
            let text = text.replace("<!DOCTYPE html>", "");
            let page = parsed(name, &text);
            for node in page.descendants() {
                if let Some(link) = node.attribute("href").or(node.attribute("src")) {
                    assert!(self.parts.contains_key(&format!("EPUB/{link}")), "{name}: {link}");
                }
                if node.tag_name().name() == "img" {
                    assert!(node.attribute("alt").is_some_and(|alt| !alt.is_empty()), "{name}");
                }
                assert!(!matches!(node.tag_name().name(), "script" | "b"), "{name}");
            }
        }
    }
}

fn parsed<'a>(name: &str, text: &'a str) -> Document<'a> {
    Document::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}
