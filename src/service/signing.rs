//! Links that read objects without a key, many at once, and as a table for other programs.

use std::time::Duration;

use super::{Problem, Service};
use crate::supabase::{BucketName, ObjectKey, SignedUrl, Signing};

/// What came of signing one object. Printing it does not show the link.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The object.
    pub key: ObjectKey,
    /// The link, or why there is none.
    pub link: Result<SignedUrl, Problem>,
}

impl Service {
    /// Links to objects of a bucket, in their order: for whoever has one, until it ends. `download` makes them save the
    /// object under its own name instead of showing it. Each has an outcome of its own.
    ///
    /// # Errors
    /// If the bucket is not there, the time is less than a second, or a request fails.
    pub async fn sign(
        &self,
        bucket: &BucketName,
        keys: &[ObjectKey],
        expires: Duration,
        download: bool,
    ) -> Result<Vec<Signed>, Problem> {
        let how = Signing {
            lasts: expires,
            save_as: download.then(String::new),
        };
        let links = self.inner.supabase.bucket(bucket).sign_many(keys, &how).await?;
        let signed = keys.iter().zip(links).map(|(key, link)| Signed {
            key: key.clone(),
            link: link.map_err(Problem::from),
        });
        Ok(signed.collect())
    }
}

/// Links as a table of comma-separated values (RFC 4180): key, link, end (RFC 3339), reason where there is none. Safe to open
/// with a spreadsheet: no field of it is taken for a formula, whatever keys are called.
#[must_use]
pub fn signed_csv(signed: &[Signed]) -> String {
    let mut csv = String::from("\"key\",\"url\",\"expires\",\"problem\"\r\n");
    for one in signed {
        let (url, ends, problem) = match &one.link {
            Ok(link) => {
                let ends = link.ends.map(|ends| ends.to_string());
                (link.expose(), ends.unwrap_or_default(), String::new())
            }
            Err(problem) => ("", String::new(), problem.sentences()),
        };
        let fields = [field(one.key.as_str()), link_field(url), field(&ends), field(&problem)];
        csv.push_str(&fields.join(","));
        csv.push_str("\r\n");
    }
    csv
}

/// One field: always in quotes, on one line, and with a mark before what a spreadsheet would work out.
///
/// A text that begins with one of [`BEGINS`] is a formula, also after blanks. So is, for a spreadsheet of a country that writes
/// 1,5 and takes `;` between fields, what follows a `;` in the middle of one.
pub(super) fn field(text: &str) -> String {
    let mut field = String::with_capacity(text.len() + 3);
    field.push('"');
    let mut at_beginning = true;
    for c in text.chars() {
        if at_beginning && BEGINS.contains(c) {
            field.push('\'');
        }
        match c {
            '"' => field.push_str("\"\""),
            // A reader that knows nothing of quotes would begin a new row, and with it a new field.
            c if c.is_control() => field.push(' '),
            c => field.push(c),
        }
        let blank = c.is_whitespace() || c.is_control();
        at_beginning = SEPARATES.contains(c) || blank && (at_beginning || c != ' ');
    }
    field.push('"');
    field
}

/// What a formula begins with, in narrow and in wide letters.
const BEGINS: &str = "=+-@|%＝＋－＠";
/// What may be taken for the end of a field. The quotes are, where they are not understood.
const SEPARATES: &str = ",;\"";

/// A link without what separates fields; it means the same. Nothing of it begins a formula.
fn link_field(url: &str) -> String {
    field(&url.replace(',', "%2C").replace(';', "%3B"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads what [`signed_csv`] writes, as RFC 4180 says.
    fn rows(csv: &str) -> Vec<Vec<String>> {
        let mut rows = vec![vec![String::new()]];
        let mut quoted = false;
        let mut letters = csv.chars().peekable();
        while let Some(c) = letters.next() {
            let row = rows.last_mut().unwrap();
            match (c, quoted) {
                ('"', true) if letters.peek() == Some(&'"') => {
                    letters.next();
                    row.last_mut().unwrap().push('"');
                }
                ('"', _) => quoted = !quoted,
                (',', false) => row.push(String::new()),
                ('\r', false) => {}
                ('\n', false) => rows.push(vec![String::new()]),
                (c, _) => row.last_mut().unwrap().push(c),
            }
        }
        rows.pop();
        rows
    }

    fn not_signed(key: &str, why: &str) -> Signed {
        Signed {
            key: ObjectKey::parse(key).unwrap(),
            link: Err(Problem::new(why, "")),
        }
    }

    #[test]
    fn a_table_is_read_back_as_it_was_written() {
        let signed = [not_signed("a, b/c.png", "The server said “\"no\"”.")];
        let rows = rows(&signed_csv(&signed));
        assert_eq!(rows[0], ["key", "url", "expires", "problem"]);
        assert_eq!(rows[1], ["a, b/c.png", "", "", "The server said “\"no\"”."]);
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn no_field_is_a_formula_and_none_breaks_out_of_its_place() {
        // What is tried on spreadsheets, and every pair of the signs that mean something to one.
        let mut hostile: Vec<String> = [
            "=cmd|' /C calc'!A0",
            "=HYPERLINK(\"http://evil\",\"click\")",
            "+1+1",
            "-2+3",
            "@SUM(1)",
            "\t=1",
            "\r=1",
            "\n=1",
            " =1",
            "\u{a0}=1",
            "＝1",
            "a\"\r\n\"=1",
            "a\",\"=1",
            "%0A=1",
            "|calc",
            "a;=1",
            "a; \t=1",
            "a\";=1",
        ]
        .map(str::to_owned)
        .to_vec();
        let signs = [
            '=', '+', '-', '@', '"', '\'', ',', ';', '\t', '\r', '\n', ' ', '\0', 'a', '＝',
        ];
        for one in signs {
            for other in signs {
                hostile.push(format!("{one}{other}=1"));
            }
        }
        for text in hostile {
            let csv = signed_csv(&[not_signed("k", &text)]);
            let rows = rows(&csv);
            assert_eq!((rows.len(), rows[1].len()), (2, 4), "{text:?}");
            let read = &rows[1][3];
            for part in read.split([',', ';']) {
                let begins = part.trim_start_matches(|c: char| c.is_whitespace() || c.is_control());
                assert!(
                    !begins.starts_with(['=', '+', '-', '@', '|', '%', '＝']),
                    "{text:?} became {read:?}"
                );
            }
            assert!(!read.chars().any(char::is_control), "{text:?} became {read:?}");
            // A reader that knows nothing of quotes finds as many lines.
            assert_eq!(csv.lines().count(), 2, "{text:?}");
        }
    }

    #[test]
    fn keys_can_be_formulas_too() {
        let rows = rows(&signed_csv(&[not_signed("=1+1.png", ""), not_signed("a/=1", "")]));
        assert_eq!((rows[1][0].as_str(), rows[2][0].as_str()), ("'=1+1.png", "a/=1"));
    }
}
