//! `object sign`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::plan_text::escaped;
use super::{run, sources, split_all};
use crate::cli::output::Output;
use crate::cli::story::stop_on_interrupt;
use crate::service::{Problem, Service, Signed, signed_csv, write_whole};

/// Which objects, and for how long.
#[derive(Debug, Args)]
pub struct Sign {
    /// Which, all of one bucket: BUCKET/KEY, BUCKET/FOLDER/, BUCKET/PATTERN
    #[arg(required = true)]
    what: Vec<String>,
    /// For how long a link works: 90s, 15m, 1h, 7d
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = lasting)]
    expires: Duration,
    /// Make readers save the object instead of seeing it
    #[arg(long)]
    download: bool,
    /// Write the links as a table of comma-separated values to this file; - is standard output
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    csv: Option<PathBuf>,
}

pub(super) async fn command(sign: &Sign, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let (bucket, keys) = split_all(&sign.what)?;
    let stop = stop_on_interrupt();
    let found = service
        .find_objects(&bucket, &sources(&keys)?, &run::planning(output), &stop)
        .await;
    output.progress().clear();
    let signed = service.sign(&bucket, &found?, sign.expires, sign.download).await?;
    match &sign.csv {
        Some(path) if path.as_os_str() == "-" => {
            output.bytes(signed_csv(&signed).as_bytes())?;
        }
        Some(path) => {
            write_whole(path, signed_csv(&signed).as_bytes())?;
            let count = run::items(signed.len() as u64, "link");
            output.result(&Value::Null, |_| {
                format!("{count} in {}", escaped(&path.to_string_lossy()))
            })?;
        }
        None => {
            let rows: Vec<Value> = signed.iter().map(document).collect();
            output.result(&rows, |_| signed.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        }
    }
    let failed: Vec<&Signed> = signed.iter().filter(|one| one.link.is_err()).collect();
    let Some(Err(problem)) = failed.first().map(|one| &one.link) else {
        return Ok(());
    };
    let (failed, all) = (failed.len() as u64, run::items(signed.len() as u64, "object"));
    Err(Problem::new(
        format!("{failed} of {all} could not be signed. {}", problem.what),
        problem.advice.clone(),
    ))
}

fn document(one: &Signed) -> Value {
    match &one.link {
        Ok(link) => json!({ "key": one.key.as_str(), "url": link.expose(), "expires": link.ends }),
        Err(problem) => json!({ "key": one.key.as_str(), "problem": problem }),
    }
}

fn line(one: &Signed) -> String {
    match &one.link {
        Ok(link) => link.expose().to_owned(),
        Err(problem) => format!("{}: {}", escaped(one.key.as_str()), problem.what),
    }
}

/// "90", "90s", "15m", "1h", "7d", "2w".
fn lasting(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit: u64 = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        other => return Err(format!("{other} is no unit of time; write s, m, h or d")),
    };
    let number: u64 = digits.parse().map_err(|_| format!("{digits} is no whole number"))?;
    // What servers can count, and nobody means more than ten years.
    match number
        .checked_mul(unit)
        .filter(|seconds| (1..=10 * 366 * 24 * 60 * 60).contains(seconds))
    {
        Some(seconds) => Ok(Duration::from_secs(seconds)),
        None => Err("at least one second, and at most ten years".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_units() {
        let read = |text| lasting(text).map(|time| time.as_secs());
        assert_eq!(read("90"), Ok(90));
        assert_eq!(read("15m"), Ok(900));
        assert_eq!(read("7d"), Ok(604_800));
        for bad in ["", "0", "1y", "-1", "h", "99999999999999w", "11000d"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
