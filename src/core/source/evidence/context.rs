//! The printable text around an occurrence, short enough for a line on the screen.

use crate::model::store_path::HASH_PART_LEN;
use crate::text::is_harmless;

/// How many bytes are shown before and behind the hash part at most.
const BEFORE: usize = 80;
const BEHIND: usize = 96;

/// The line that holds the hash part at `at`, without the white space around it.
pub(crate) fn line_around(bytes: &[u8], at: usize) -> String {
    cut(bytes, at, |byte| byte == b'\n' || byte == b'\r')
}

/// The printable run that holds the hash part at `at`.
pub(crate) fn printable_around(bytes: &[u8], at: usize) -> String {
    cut(bytes, at, |byte| {
        byte != b'\t' && !(b' '..=b'~').contains(&byte)
    })
}

fn cut(bytes: &[u8], at: usize, ends: impl Fn(u8) -> bool) -> String {
    let from = at.saturating_sub(BEFORE);
    let to = (at + HASH_PART_LEN + BEHIND).min(bytes.len());
    let before = bytes[from..at].iter().rposition(|&byte| ends(byte));
    let behind = bytes[at..to].iter().position(|&byte| ends(byte));
    let start = before.map_or(from, |position| from + position + 1);
    let end = behind.map_or(to, |position| at + position);
    let text = String::from_utf8_lossy(&bytes[start..end]);
    // A cut through the middle of a character leaves a replacement character at the border.
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == char::REPLACEMENT_CHARACTER);
    let mut shown = String::with_capacity(text.len() + 2 * '…'.len_utf8());
    if before.is_none() && from > 0 {
        shown.push('…');
    }
    if text.chars().all(is_harmless) {
        shown.push_str(text);
    } else {
        let harmless = |c: char| if is_harmless(c) { c } else { ' ' };
        shown.extend(text.chars().map(harmless));
    }
    if behind.is_none() && to < bytes.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::hash_part;

    #[test]
    fn the_line_is_shown_and_long_ones_are_cut() {
        let hash = hash_part(7);
        let text = format!("first\n\texec {hash}-x \u{1b}[2J\nlast");
        let at = text.find(&hash).expect("it is there");
        assert_eq!(
            line_around(text.as_bytes(), at),
            format!("exec {hash}-x  [2J")
        );
        let long = format!("{}{hash}{}", "é".repeat(100), "é".repeat(100));
        let shown = line_around(long.as_bytes(), 200);
        assert!(shown.contains(&hash) && shown.len() <= BEFORE + HASH_PART_LEN + BEHIND + 6);
        assert!(shown.starts_with("…é") && shown.ends_with("é…"), "{shown}");
        assert!(!shown.contains(char::REPLACEMENT_CHARACTER));
    }

    #[test]
    fn of_binary_data_the_printable_run_is_shown() {
        let hash = hash_part(7);
        let bytes = [b"\0abc\xff/nix/store/", hash.as_bytes(), b"-x/lib\0more"].concat();
        assert_eq!(
            printable_around(&bytes, 16),
            format!("/nix/store/{hash}-x/lib")
        );
    }
}
