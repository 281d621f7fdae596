//! A day of the calendar, as budgets name it.

use std::fmt;

use crate::text::calendar_day;

/// A day of the Gregorian calendar, of a year with at most four digits. Later days are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: u16,
    month: u8,
    /// Of the month, from 1.
    number: u8,
}

const SECONDS: i64 = 86_400;

impl Day {
    /// A day, if the calendar has it.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 => 28 + u8::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let exists = year <= 9999 && (1..=days).contains(&day);
        exists.then_some(Self {
            year,
            month,
            number: day,
        })
    }

    /// A day written as `2026-11-28`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().splitn(3, '-');
        let mut number = |digits: usize| -> Option<u16> {
            let part = parts.next()?;
            let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse().ok().filter(|_| is_number)
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        Self::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }

    /// The day of a second, counted from 1970, UTC. Days beyond the calendar are its ends.
    pub fn of_unix(seconds: i64) -> Self {
        let (year, month, day) = calendar_day(seconds.div_euclid(SECONDS));
        let small = |number: i64| u8::try_from(number).ok();
        let found = u16::try_from(year).ok();
        let found = found.and_then(|year| Self::new(year, small(month)?, small(day)?));
        let (first, last) = (
            Self {
                year: 0,
                month: 1,
                number: 1,
            },
            Self {
                year: 9999,
                month: 12,
                number: 31,
            },
        );
        found.unwrap_or(if year < 0 { first } else { last })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_days() {
        for text in ["2024-02-29", "2000-02-29", "2026-12-31", "0001-01-01"] {
            assert_eq!(
                Day::parse(text).map(|day| day.to_string()).as_deref(),
                Some(text)
            );
        }
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-04-31",
            "2026-1-1",
            "26-01-01",
            "2026-01-01-01",
            "+026-01-01",
            "",
            "2026",
            "tomorrow",
            "２０２６-01-01",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        assert!(Day::parse("2026-11-28") < Day::parse("2026-12-01"));
        assert_eq!(Day::of_unix(i64::MAX).to_string(), "9999-12-31");
        assert_eq!(Day::of_unix(i64::MIN).to_string(), "0000-01-01");
        assert_eq!(Day::of_unix(0).to_string(), "1970-01-01");
    }

    proptest! {
        #[test]
        fn days_follow_each_other(days in -700_000_i64..2_900_000) {
            let (day, next) = (Day::of_unix(days * SECONDS), Day::of_unix((days + 1) * SECONDS));
            prop_assert!(day < next);
            prop_assert_eq!(Day::parse(&day.to_string()), Some(day));
            let first = Day { number: 1, ..next };
            prop_assert!(next.number == day.number + 1 || next == first, "{} {}", day, next);
        }
    }
}
