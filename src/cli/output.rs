//! Standard output and standard error, for people and for scripts.

use std::io::{self, IsTerminal as _, Write};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::service::Problem;

/// Where a command's result goes.
pub struct Output {
    json: bool,
    out: Box<dyn Write + Send>,
    progress: bool,
}

impl Output {
    /// Standard output; progress is shown on standard error only if that is a terminal and no JSON is asked for.
    #[must_use]
    pub fn standard(json: bool) -> Self {
        Self {
            json,
            out: Box::new(io::stdout()),
            progress: !json && io::stderr().is_terminal(),
        }
    }

    /// A writer of a test's own.
    #[must_use]
    pub fn to(out: Box<dyn Write + Send>, json: bool) -> Self {
        Self {
            json,
            out,
            progress: false,
        }
    }

    /// Prints a result: the document, or the lines that `text` makes of it.
    ///
    /// # Errors
    /// If nobody reads any more or the disk is full.
    pub fn result<T: Serialize>(&mut self, value: &T, text: impl FnOnce(&T) -> String) -> Result<(), Problem> {
        let printed = if self.json {
            serde_json::to_string_pretty(value).map_err(io::Error::other)
        } else {
            Ok(text(value))
        };
        let result = printed.and_then(|printed| {
            let printed = printed.trim_end();
            if !printed.is_empty() {
                writeln!(self.out, "{printed}")?;
            }
            self.out.flush()
        });
        written(result)
    }

    /// Prints bytes as they are. Answers whether anybody still reads.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<bool, Problem> {
        let result = self.out.write_all(bytes).and_then(|()| self.out.flush());
        let reads = result.is_ok();
        written(result).map(|()| reads)
    }

    /// Whether one JSON document is asked for.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A way to say what is going on meanwhile.
    #[must_use]
    pub fn progress(&self) -> ProgressLine {
        ProgressLine { shown: self.progress }
    }
}

/// `storymimi-studio story list | head -1` is no failure.
fn written(result: io::Result<()>) -> Result<(), Problem> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Problem::new(
            format!("The result could not be written: {error}."),
            "Check where the output goes.",
        )),
        Ok(()) => Ok(()),
    }
}

/// One line on the terminal that is written over and over.
#[derive(Clone, Copy, Debug)]
pub struct ProgressLine {
    shown: bool,
}

impl ProgressLine {
    /// Shows a text in the place of the one before.
    pub fn show(self, text: &str) {
        if self.shown {
            // Progress that cannot be shown is not worth a failure.
            let _ = write!(io::stderr(), "\r\x1b[2K{text}");
            let _ = io::stderr().flush();
        }
    }

    /// Clears the line.
    pub fn clear(self) {
        self.show("");
    }
}

/// Prints a failure on standard error.
pub fn report(problem: &Problem, json: bool) {
    let mut problem = problem.clone();
    if problem.field == Some("passphrase") {
        problem.advice.push_str(" Commands read it from STORYMIMI_PASSPHRASE.");
    }
    say("error", &problem, json);
}

/// Prints what should be known of something that works, on standard error.
pub fn warn(problem: &Problem, json: bool) {
    say("warning", problem, json);
}

fn say(kind: &str, problem: &Problem, json: bool) {
    let mut error = io::stderr();
    let text = if json {
        serde_json::to_string_pretty(&json!({ kind: problem })).unwrap_or_else(|_| problem.what.clone())
    } else {
        let lines = [
            problem.what.as_str(),
            problem.advice.as_str(),
            problem.technical.as_str(),
        ];
        lines
            .into_iter()
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    };
    // There is nowhere left to say that standard error is closed.
    let _ = writeln!(error, "{text}");
}

/// A time in a text: to the second, so that a column of them lines up. Documents have it whole.
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Rows of columns, each as wide as its longest cell.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for (cell, width) in cells.zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width + 2 - cell.chars().count()));
        }
        line.trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_needed() {
        let rows = [
            vec!["a".to_owned(), "1".to_owned()],
            vec!["größer".to_owned(), "2".to_owned()],
        ];
        assert_eq!(table(&["name", "n"], &rows), "name    n\na       1\ngrößer  2");
    }
}
