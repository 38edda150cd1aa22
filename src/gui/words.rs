//! Numbers and times as they are written in the window.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use crate::media;

/// `1204331` as "1,204,331".
pub fn grouped(number: usize) -> String {
    media::group_thousands(number as u64)
}

/// "1 object", "12,408 objects".
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// The time of a thing as short as it stays clear: "09:41" today, "Yesterday", "21 Nov", "15 Jun 2025".
pub fn short_time(time: Timestamp, now: &ZonedDateTime) -> String {
    let time = time.to_zoned_datetime(now.time_zone().clone());
    let (day, today) = (time.date(), now.date());
    let format = if day == today {
        "%H:%M"
    } else if today.yesterday().is_ok_and(|yesterday| yesterday == day) {
        return "Yesterday".to_owned();
    } else if day.year() == today.year() {
        "%-d %b"
    } else {
        "%-d %b %Y"
    };
    time.strftime(format).to_string()
}

/// The time of a thing as a whole: "21 Nov 2026, 09:41".
pub fn whole_time(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned_datetime(zone.clone())
        .strftime("%-d %b %Y, %H:%M")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(
            [0, 12, 999, 1_000, 1_204_331].map(grouped),
            ["0", "12", "999", "1,000", "1,204,331"]
        );
        assert_eq!(count(1, "object", "objects"), "1 object");
        assert_eq!(count(2_000, "object", "objects"), "2,000 objects");
    }

    #[test]
    fn times_are_as_short_as_they_stay_clear() {
        let now = "2026-11-24T10:00:00+00:00[UTC]".parse().unwrap();
        let short = |time: &str| short_time(time.parse().unwrap(), &now);
        assert_eq!(short("2026-11-24T09:41:07Z"), "09:41");
        assert_eq!(short("2026-11-23T23:59:00Z"), "Yesterday");
        assert_eq!(short("2026-11-03T09:00:00Z"), "3 Nov");
        assert_eq!(short("2025-06-15T09:00:00Z"), "15 Jun 2025");
        assert_eq!(
            whole_time("2026-11-03T09:00:00Z".parse().unwrap(), &TimeZone::UTC),
            "3 Nov 2026, 09:00"
        );
    }
}
