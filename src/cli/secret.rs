//! Secrets that commands are given: from the environment or from standard input, never from the command line, which
//! other users of a computer may read, nor from a terminal, which would show them.

use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Read};

use crate::http::Secret;
use crate::service::Problem;

/// Bytes of a line at most.
const LONGEST: u64 = 64 << 10;

/// The secret in the environment's `variable`, else the next line of standard input. `what` it is stands in the sentence
/// that says it is missing: "key".
///
/// # Errors
/// If there is none, or standard input is a terminal.
pub fn secret(variable: &str, what: &str) -> Result<Secret, Problem> {
    let given = std::env::var(variable).ok().map(zeroize::Zeroizing::new);
    let input = io::stdin();
    let is_terminal = input.is_terminal();
    choose(given.as_ref().map(|given| given.as_str()), is_terminal, input.lock()).map_err(|advice| {
        Problem::new(
            format!("There is no {what}."),
            format!("Set {variable}, or write it to standard input{advice}"),
        )
    })
}

fn choose(given: Option<&str>, is_terminal: bool, input: impl Read) -> Result<Secret, &'static str> {
    if let Some(given) = given.filter(|given| !given.trim().is_empty()) {
        return Ok(Secret::exact(given));
    }
    if is_terminal {
        return Err(" from a file or another program. At a terminal it would be shown while it is typed.");
    }
    let mut line = zeroize::Zeroizing::new(String::new());
    // No byte more than the line: what follows is another secret's.
    let read = BufReader::with_capacity(1, input.take(LONGEST)).read_line(&mut line);
    match (read, line.trim_end_matches(['\r', '\n'])) {
        (Ok(_), value) if !value.is_empty() => Ok(Secret::exact(value)),
        _ => Err(". It is not taken from the command line, which others can read."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_each_unless_the_environment_has_it() {
        let mut input: &[u8] = b" one \r\ntwo\n\n";
        let mut next = |given| choose(given, false, &mut input).map(|secret| secret.expose().to_owned());
        assert_eq!(next(Some("three")).unwrap(), "three");
        assert_eq!(next(Some(" ")).unwrap(), " one ");
        assert_eq!(next(None).unwrap(), "two");
        assert!(next(None).unwrap_err().contains("command line"));
    }

    #[test]
    fn nothing_is_read_from_a_terminal_which_would_show_it() {
        let mut input: &[u8] = b"typed\n";
        assert!(choose(None, true, &mut input).unwrap_err().contains("would be shown"));
        assert_eq!(input, b"typed\n");
        assert_eq!(choose(Some("given"), true, &mut input).unwrap().expose(), "given");
    }
}
