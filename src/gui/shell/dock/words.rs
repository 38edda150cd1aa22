//! Times and durations as the dock writes them.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The time of day here: "09:41:07.212".
pub(super) fn time(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::system())
        .strftime("%H:%M:%S.%3f")
        .to_string()
}

/// The time of day here, to the second: "09:41:07".
pub(super) fn time_of_day(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::system())
        .strftime("%H:%M:%S")
        .to_string()
}

/// "38 ms", "2.31 s", "1:05".
pub(super) fn duration(duration: Duration) -> String {
    match duration.as_millis() {
        millis @ ..1_000 => format!("{millis} ms"),
        millis @ ..60_000 => format!("{:.2} s", millis as f64 / 1e3),
        _ => clock(duration.as_secs()),
    }
}

/// A running time: "0:07", "1:02:03".
pub(super) fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        let text = |millis| duration(Duration::from_millis(millis));
        assert_eq!(text(38), "38 ms");
        assert_eq!(text(2_314), "2.31 s");
        assert_eq!(text(65_000), "1:05");
        assert_eq!(clock(3_723), "1:02:03");
    }
}
