//! How numbers and names are written for people, on paper and on screen alike.

mod calendar;

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use calendar::{calendar_day, seconds_of, timestamp};

/// In which units sizes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Units {
    /// `1.5 MiB`, powers of 1024, with one decimal, as Nix prints them. Whole bytes have no decimal.
    #[default]
    Binary,
    /// `1.6 MB`, powers of 1000.
    Decimal,
    /// `1572864`.
    Bytes,
}

impl Units {
    /// Bytes in these units, at most eleven cells for less than 100 GB.
    pub fn size(self, bytes: u64) -> String {
        match self {
            Self::Binary => scaled(bytes, 1024.0, &UNITS),
            Self::Decimal => scaled(bytes, 1000.0, &DECIMAL_UNITS),
            Self::Bytes => bytes.to_string(),
        }
    }

    /// As [`Units::size`], with as many decimals as it takes to tell it from another size, up to four.
    pub fn size_beside(self, bytes: u64, other: u64) -> String {
        let (step, units) = match self {
            Self::Binary => (1024.0, &UNITS),
            Self::Decimal => (1000.0, &DECIMAL_UNITS),
            Self::Bytes => return self.size(bytes),
        };
        let precise = |bytes, decimals| scaled_to(bytes, step, units, decimals);
        let apart = (1..4).find(|&decimals| precise(bytes, decimals) != precise(other, decimals));
        // Of the same size one decimal says it all.
        let decimals = if bytes == other {
            1
        } else {
            apart.unwrap_or(4)
        };
        precise(bytes, decimals)
    }

    /// As [`Units::size`], with its unit even where sizes are exact, for running text: `3 bytes`.
    pub fn in_words(self, bytes: u64) -> String {
        match self {
            Self::Bytes => format!("{bytes} byte{}", if bytes == 1 { "" } else { "s" }),
            _ => self.size(bytes),
        }
    }

    /// As [`Units::size`], with `≥` before a sum in which sizes are unknown.
    pub fn at_least(self, known: u64, is_exact: bool) -> String {
        let least = if is_exact { "" } else { "≥ " };
        format!("{least}{}", self.size(known))
    }

    /// As [`Units::size`], `–` where the size is unknown.
    pub fn known(self, bytes: Option<u64>) -> String {
        bytes.map_or_else(|| "–".to_owned(), |bytes| self.size(bytes))
    }

    /// A difference in bytes with its sign: `−740.1 MiB`, `+1.0 KiB`, `0 B`.
    pub fn signed(self, bytes: i64) -> String {
        let sign = match bytes {
            0 => "",
            i64::MIN..0 => "−",
            _ => "+",
        };
        format!("{sign}{}", self.size(bytes.unsigned_abs()))
    }
}

const DECIMAL_UNITS: [&str; 7] = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

fn scaled(bytes: u64, step: f64, units: &[&str; 7]) -> String {
    scaled_to(bytes, step, units, 1)
}

fn scaled_to(bytes: u64, step: f64, units: &[&str; 7], decimals: usize) -> String {
    let mut value = bytes as f64;
    if value < step {
        return format!("{bytes} B");
    }
    let mut unit = 0;
    // 1023.96 KiB would be rounded to 1024.0 KiB: the next unit reads better.
    while value >= step - 0.05 && unit + 1 < units.len() {
        value /= step;
        unit += 1;
    }
    format!("{value:.decimals$} {}", units[unit])
}

/// A size rounded down to a whole number: `1020 KiB` for `1020.7 KiB`.
pub fn without_decimals(size: &str) -> Cow<'_, str> {
    let Some((whole, rest)) = size.split_once('.') else {
        return Cow::Borrowed(size);
    };
    let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    Cow::Owned(format!("{whole}{unit}"))
}

/// A count with its thousands parted by thin gaps: `1 308`.
pub fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// `1 path`, `2 paths`: a count with its noun.
pub fn counted(number: usize, noun: &str) -> String {
    format!(
        "{} {noun}{}",
        count(number as u64),
        if number == 1 { "" } else { "s" }
    )
}

/// An age in seconds, in the unit that reads best.
pub fn age(seconds: i64) -> String {
    let units = [
        (365 * 86_400, "year"),
        (86_400, "day"),
        (3600, "hour"),
        (60, "minute"),
    ];
    let fitting = units.into_iter().find(|&(length, _)| seconds >= length);
    match fitting {
        Some((length, unit)) => counted(usize::try_from(seconds / length).unwrap_or(0), unit),
        None => "just now".to_owned(),
    }
}

/// Seconds since 1970 as a date and time of day, UTC.
pub fn date(seconds: i64) -> String {
    let (days, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = calendar_day(days);
    format!(
        "{year}-{month:02}-{day:02} {:02}:{:02} UTC",
        time / 3600,
        time / 60 % 60
    )
}

/// A run of numbers as a line of bars, the least of them low and the greatest high.
pub fn sparkline(numbers: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let least = numbers.iter().min().copied().unwrap_or(0);
    let range = numbers.iter().max().map_or(0, |most| most - least);
    let bar = |&number: &u64| {
        let (above, range) = (u128::from(number - least), u128::from(range));
        let place = (above * 7 + range / 2).checked_div(range).unwrap_or(0);
        BARS[place as usize]
    };
    numbers.iter().map(bar).collect()
}

/// The text with everything that could disturb a terminal written out as `\u{…}`: control characters, line breaks and
/// characters that change the direction of writing or have no width.
pub fn sanitise(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_harmless) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_harmless(character) {
            clean.push(character);
        } else {
            clean.extend(character.escape_unicode());
        }
    }
    Cow::Owned(clean)
}

/// Whether a character takes room, shows something, and changes neither the direction of writing nor the line.
///
/// Besides control characters and those without width, that leaves out line and paragraph separators, interlinear
/// annotations, and the fillers that take room and show nothing.
pub fn is_harmless(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_control();
    }
    character.width().is_some_and(|width| width > 0)
        && !matches!(character,
            '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// How many terminal cells a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text cut to `cells` terminal cells, the last one an ellipsis if something had to go. Not padded.
pub fn fit(text: &str, cells: usize) -> Cow<'_, str> {
    if text.len() <= cells || text.width() <= cells {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut used = 0;
    for character in text.chars() {
        let wide = character.width().unwrap_or(0);
        if used + wide + 1 > cells {
            break;
        }
        kept.push(character);
        used += wide;
    }
    if cells > 0 {
        kept.push('…');
    }
    Cow::Owned(kept)
}

/// As much of a text as has room in this many cells, at least one character of it; and the rest.
pub fn split(text: &str, cells: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += character.width().unwrap_or(0);
        if used > cells && at > 0 {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// The end of a text that fits into this many cells.
pub fn fit_end(text: &str, cells: usize) -> String {
    if text.width() <= cells {
        return text.to_owned();
    }
    format!("…{}", tail(text, cells.saturating_sub(1)))
}

/// The end of a text that fits into this many cells, without an ellipsis.
fn tail(text: &str, cells: usize) -> &str {
    let mut used = 0;
    let beyond = text.char_indices().rev().find(|(_, character)| {
        used += character.width().unwrap_or(0);
        used > cells
    });
    let mut end = beyond.map_or(text, |(at, character)| &text[at + character.len_utf8()..]);
    // Some characters take more room together than each by itself.
    while end.width() > cells {
        let mut characters = end.chars();
        characters.next();
        end = characters.as_str();
    }
    end
}

/// Below this many cells the two ends of a text tell less than its beginning.
const LEAST_ENDS: usize = 12;

/// The text cut in its middle: names of store paths differ at their ends, in versions and outputs. What is kept of both
/// ends, and an ellipsis between them; `None` for the end where the text is kept whole, or cut behind.
pub fn ends(text: &str, cells: usize) -> (Cow<'_, str>, Option<&str>) {
    if cells < LEAST_ENDS || text.len() <= cells || text.width() <= cells {
        return (fit(text, cells), None);
    }
    let tail = tail(text, cells * 2 / 5);
    (fit(text, cells - tail.width()), Some(tail))
}

/// As [`ends`], in one piece.
pub fn fit_middle(text: &str, cells: usize) -> Cow<'_, str> {
    match ends(text, cells) {
        (whole, None) => whole,
        (head, Some(tail)) => Cow::Owned(head.into_owned() + tail),
    }
}

/// A text in lines of at most `width` cells, broken between words.
pub fn wrapped(what: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in what.split(' ') {
        let last = lines
            .last_mut()
            .map(|line| line.width())
            .unwrap_or_default();
        if last > 0 && last + 1 + word.width() > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// As [`wrapped`]; words too long for a line are broken.
pub fn broken(what: &str, width: usize) -> Vec<String> {
    // The widest letter takes two cells.
    let width = width.max(2);
    let mut lines = Vec::new();
    for part in wrapped(what, width) {
        let mut rest = part.as_str();
        while !rest.is_empty() {
            let (line, behind) = split(rest, width);
            lines.push(line.to_owned());
            rest = behind;
        }
    }
    lines
}

/// As [`broken`], the lines after the first one set in.
pub fn hanging(what: &str, width: usize) -> Vec<String> {
    let mut lines = broken(what, width.saturating_sub(2));
    for line in lines.iter_mut().skip(1) {
        line.insert_str(0, "  ");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_numbers_goes_from_low_to_high() {
        assert_eq!(sparkline(&[]), "");
        assert_eq!(sparkline(&[5, 5]), "▁▁");
        assert_eq!(sparkline(&[100, 135, 170, 100]), "▁▅█▁");
        assert_eq!(sparkline(&[0, u64::MAX]), "▁█");
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        let cases = [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (1_709_251_199, "2024-02-29 23:59 UTC"),
            (-1, "1969-12-31 23:59 UTC"),
        ];
        for (seconds, text) in cases {
            assert_eq!(date(seconds), text);
        }
        for odd in [i64::MIN, i64::MAX] {
            assert!(!date(odd).is_empty());
        }
    }

    #[test]
    fn ages_are_told_in_the_unit_that_reads_best() {
        let ages = [-5, 59, 60, 7200, 86_400, 400 * 86_400].map(age);
        let expected = [
            "just now", "just now", "1 minute", "2 hours", "1 day", "1 year",
        ];
        assert_eq!(ages, expected);
    }

    #[test]
    fn sizes_have_one_decimal_and_the_unit_that_reads_best() {
        let cases = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_048_575, "1.0 MiB"),
            (335_338_701, "319.8 MiB"),
            (u64::MAX, "16.0 EiB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(Units::Binary.size(bytes), text);
        }
        let decimal = [
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_960, "1.0 MB"),
            (2_500_000, "2.5 MB"),
        ];
        for (bytes, text) in decimal {
            assert_eq!(Units::Decimal.size(bytes), text);
        }
        assert_eq!(Units::Bytes.size(99_999_999_999), "99999999999");
        assert_eq!(Units::Bytes.signed(-5), "−5");
        assert_eq!(Units::Decimal.known(None), "–");
        assert_eq!(Units::Binary.signed(-1024), "−1.0 KiB");
        assert_eq!(Units::Binary.signed(i64::MIN), "−8.0 EiB");
        assert_eq!(
            [1, 3].map(|bytes| Units::Bytes.in_words(bytes)),
            ["1 byte", "3 bytes"]
        );
        assert_eq!(Units::Binary.at_least(1024, false), "≥ 1.0 KiB");
    }

    #[test]
    fn sizes_beside_each_other_can_be_told_apart() {
        let (before, after) = (3_328_599_654, 3_298_534_883);
        let beside = |a, b| Units::Binary.size_beside(a, b);
        assert_eq!(beside(before, after), "3.10 GiB");
        assert_eq!(beside(after, before), "3.07 GiB");
        assert_eq!(beside(before, before), "3.1 GiB");
        assert_eq!(beside(before, 1 << 30), "3.1 GiB");
        assert_eq!(beside(before, before - 1), "3.1000 GiB");
        assert_eq!(Units::Bytes.size_beside(5, 4), "5");
    }

    #[test]
    fn counts_are_parted_in_thousands() {
        assert_eq!(
            [count(7_u64), count(1308_u64), count(1_000_000_u64)],
            ["7", "1 308", "1 000 000"]
        );
        assert_eq!(
            [counted(1, "path"), counted(1308, "path")],
            ["1 path", "1 308 paths"]
        );
    }

    #[test]
    fn nothing_in_a_name_can_disturb_the_screen() {
        assert_eq!(sanitise("perl-5.36"), "perl-5.36");
        assert_eq!(
            sanitise("a\u{1b}[2Jb\nc\u{202e}d\u{200b}"),
            "a\\u{1b}[2Jb\\u{a}c\\u{202e}d\\u{200b}"
        );
        assert_eq!(sanitise("é漢"), "é漢");
    }

    #[test]
    fn texts_are_cut_by_cells() {
        assert_eq!(fit("linux-image", 6), "linux…");
        assert_eq!(fit("漢字漢字", 5), "漢字…");
        assert_eq!(fit("漢字漢字", 4), "漢…");
        assert_eq!(fit("abc", 0), "");
    }

    #[test]
    fn the_end_of_a_long_text_is_kept() {
        assert_eq!(fit_end("retained", 8), "retained");
        assert_eq!(fit_end("retained", 4), "…ned");
        assert_eq!(fit_end("漢字漢字", 4), "…字");
        assert_eq!(fit_end("abc", 0), "…");
        assert_eq!(split("漢字漢字", 5), ("漢字", "漢字"));
        assert_eq!(split("漢字", 0), ("漢", "字"));
    }

    #[test]
    fn names_keep_both_ends() {
        assert_eq!(
            fit_middle("nixos-system-demo-23.05-specialisation", 20),
            "nixos-syste…lisation"
        );
        assert_eq!(fit_middle("linux-image", 6), "linux…");
        assert_eq!(fit_middle("linux-image", 11), "linux-image");
        for cells in 0..30 {
            for name in ["漢字漢字漢字漢字漢字漢字", "libgl1-mesa-dri-22.3.6"] {
                assert!(width(&fit_middle(name, cells)) <= cells, "{name} {cells}");
            }
        }
    }
}
