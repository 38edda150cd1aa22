//! The two properties of XMP that matter for a picture of a book: what it shows, and what kind of source it has. IPTC Photo Metadata
//! Standard 2023.2.

use std::fmt::Write as _;

use resvg::usvg::roxmltree::{Document, Node};

const CORE: &str = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/";
const EXTENSION: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
/// Characters of a property that are taken.
const VALUE_MAX: usize = 4_000;

/// An XMP packet that says what a picture shows, and what kind of source it has.
#[must_use]
pub fn packet(alt: Option<&str>, source_type: Option<&str>) -> String {
    let mut inside = String::new();
    // Writing to a String cannot fail.
    if let Some(alt) = alt {
        let _ = write!(
            inside,
            "<Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></Iptc4xmpCore:AltTextAccessibility>",
            escaped(alt)
        );
    }
    if let Some(source_type) = source_type {
        let _ = write!(
            inside,
            "<Iptc4xmpExt:DigitalSourceType>{}</Iptc4xmpExt:DigitalSourceType>",
            escaped(source_type)
        );
    }
    format!(
        concat!(
            "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>",
            "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">",
            "<rdf:Description rdf:about=\"\" xmlns:Iptc4xmpCore=\"{}\" xmlns:Iptc4xmpExt=\"{}\">{}</rdf:Description>",
            "</rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>"
        ),
        CORE, EXTENSION, inside
    )
}

/// What the picture shows.
pub(super) fn alt_text(packet: &str) -> Option<String> {
    property(packet, CORE, "AltTextAccessibility")
}

/// The URI of the kind of its source.
pub(super) fn source_type(packet: &str) -> Option<String> {
    property(packet, EXTENSION, "DigitalSourceType")
}

/// A property as an element, an attribute, or the first of its translations. Packets come from anybody: a document with a DTD is
/// refused by the parser, so that no entity grows.
fn property(packet: &str, space: &str, name: &str) -> Option<String> {
    let start = packet.find('<')?;
    let end = packet.rfind('>')?;
    let document = Document::parse(packet.get(start..=end)?).ok()?;
    let found = document.descendants().find_map(|node| {
        if node.has_tag_name((space, name)) {
            first_text(node)
        } else {
            node.attribute((space, name)).map(str::to_owned)
        }
    })?;
    let value: String = found.trim().chars().take(VALUE_MAX).collect();
    (!value.is_empty()).then_some(value)
}

fn first_text(node: Node<'_, '_>) -> Option<String> {
    const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    node.attribute((RDF, "resource")).map(str::to_owned).or_else(|| {
        let texts = node.descendants().filter(Node::is_text);
        texts
            .filter_map(|inner| inner.text())
            .find(|text| !text.trim().is_empty())
            .map(str::to_owned)
    })
}

/// Text for an XML document: what is markup is escaped, what XML 1.0 cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}' => {
                safe.push(c);
            }
            _ => {}
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_write_is_understood() {
        let attribute = concat!(
            "<?xpacket begin='' id='x'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>",
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' ",
            "xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' ",
            "Iptc4xmpExt:DigitalSourceType='http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia'/>",
            "</rdf:RDF></x:xmpmeta><?xpacket end='w'?>\0\0  "
        );
        assert!(source_type(attribute).unwrap().ends_with("/trainedAlgorithmicMedia"));
        assert_eq!(alt_text(attribute), None);
    }

    #[test]
    fn hostile_packets_say_nothing() {
        let bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><x>&b;</x>";
        for packet in ["", "<", "><", "<a", bomb, "<a></b>", "plain"] {
            assert_eq!(alt_text(packet), None, "{packet}");
        }
        let strange = super::packet(Some("a\u{0}b\u{1b}\u{ffff}]]>"), None);
        assert_eq!(alt_text(&strange).as_deref(), Some("ab]]>"));
    }
}
