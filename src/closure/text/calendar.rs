//! The Gregorian calendar: days and times counted from 1970, and how they are written.

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Year, month and day of a day counted from 1 January 1970, in the Gregorian calendar.
pub fn calendar_day(days: i64) -> (i64, i64, i64) {
    // Years are counted from March, so that the leap day comes last; 719 468 days lie between year 0 and 1970.
    let days = days.saturating_add(719_468);
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

/// The day counted from 1 January 1970; the contrary of [`calendar_day`].
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let (year, shifted) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Seconds since 1970 as a date and time: `2026-11-28T11:02:24Z`.
pub fn timestamp(seconds: i64) -> String {
    let (days, time) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = calendar_day(days);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Seconds since 1970 of a date and time as [`timestamp`] writes it; `None` if it is none.
pub fn seconds_of(timestamp: &str) -> Option<i64> {
    let bytes = timestamp.as_bytes();
    let pattern = b"0000-00-00T00:00:00Z";
    let fits = |(&byte, &sign): (&u8, &u8)| match sign {
        b'0' => byte.is_ascii_digit(),
        _ => byte == sign,
    };
    if bytes.len() != pattern.len() || !bytes.iter().zip(pattern).all(fits) {
        return None;
    }
    let number = |at: usize, digits: usize| timestamp[at..at + digits].parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    let days = day_number(year, month, day);
    let exists = (1..=12).contains(&month) && calendar_day(days) == (year, month, day);
    let in_day = hour < 24 && minute < 60 && second < 60;
    (exists && in_day).then_some(days * DAY + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(timestamp(seconds), text);
            assert_eq!(seconds_of(text), Some(seconds));
        }
        for text in [
            "",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00",
            "+026-01-01T00:00:00Z",
            "２０２６-01-01T00:0",
        ] {
            assert_eq!(seconds_of(text), None, "{text}");
        }
        let far = [i64::MIN, i64::MAX].map(timestamp);
        assert!(far.iter().all(|text| seconds_of(text).is_none()));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(seconds in -62_000_000_000_i64..253_402_300_800) {
            prop_assert_eq!(seconds_of(&timestamp(seconds)), Some(seconds));
        }
    }
}
