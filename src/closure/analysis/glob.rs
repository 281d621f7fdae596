//! Patterns over names: `*` any text, `?` any one character, `[a-c]` one of a set, `[!a-c]` one outside it.

/// Whether the whole text matches the pattern. Upper and lower case differ. A `[` that nothing closes stands for itself.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to go on when something fails to match: behind the last star, one character later each time.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            p += 1;
            retry = Some((p, t));
        } else if let Some(length) = one(&pattern[p..], text[t]) {
            p += length;
            t += 1;
        } else if let Some((after_star, from)) = retry {
            (p, t) = (after_star, from + 1);
            retry = Some((after_star, from + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&rest| rest == b'*')
}

/// Whether the text has a character with a meaning in patterns.
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The parts of a pattern that stand for themselves alone, in their order: what matches has them all.
pub(super) fn fixed_parts(pattern: &str) -> Vec<&[u8]> {
    let bytes = pattern.as_bytes();
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let length = match bytes[at] {
            b'*' | b'?' => 1,
            b'[' => class(&bytes[at + 1..], 0).map_or(0, |(length, _)| length + 1),
            _ => 0,
        };
        if length > 0 {
            parts.push(&bytes[start..at]);
            start = at + length;
        }
        at += length.max(1);
    }
    parts.push(&bytes[start..]);
    parts
}

/// The length of the pattern's first item if it matches `byte`.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match *pattern.first()? {
        b'?' => Some(1),
        b'[' => match class(&pattern[1..], byte) {
            Some((length, true)) => Some(length + 1),
            Some((_, false)) => None,
            None => (byte == b'[').then_some(1),
        },
        literal => (literal == byte).then_some(1),
    }
}

/// The length of a set's inner part with the closing bracket, and whether `byte` is in the set. `None` if it is not closed.
fn class(pattern: &[u8], byte: u8) -> Option<(usize, bool)> {
    let negated = matches!(pattern.first(), Some(b'!' | b'^'));
    let first = usize::from(negated);
    let mut at = first;
    let mut found = false;
    loop {
        let low = *pattern.get(at)?;
        // A bracket at the very beginning is a member of the set.
        if low == b']' && at > first {
            return Some((at + 1, found != negated));
        }
        match (pattern.get(at + 1), pattern.get(at + 2)) {
            (Some(b'-'), Some(&high)) if high != b']' => {
                found |= (low..=high).contains(&byte);
                at += 3;
            }
            _ => {
                found |= low == byte;
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        let cases = [
            ("perl*", "perl-5.36", true),
            ("perl", "perl-5.36", false),
            ("*man", "perl-5.36-man", true),
            ("perl-5.3?", "perl-5.36", true),
            ("perl-5.3[0-5]", "perl-5.36", false),
            ("perl-5.3[!0-5]", "perl-5.36", true),
            ("[]a]", "]", true),
            ("a[b", "a[b", true),
            ("*a*b*c", "xaxxbxbc", true),
            ("", "", true),
            ("*", "", true),
            ("?", "", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    fn naive(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|at| naive(rest, &text[at..])),
            Some(_) => text.split_first().is_some_and(|(&byte, rest)| {
                one(pattern, byte).is_some_and(|length| naive(&pattern[length..], rest))
            }),
        }
    }

    proptest! {
        #[test]
        fn stars_match_whatever_backtracking_finds(pattern in "[ab*?\\[\\]-]{0,8}", text in "[ab]{0,8}") {
            prop_assert_eq!(matches(&pattern, &text), naive(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
