//! Numbers, texts and sections as bytes. Whatever is read is checked against what is there.

use crate::model::PathSet;

/// The bytes end too early or say something impossible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Corrupt(pub(super) &'static str);

/// Appends a number in groups of seven bits, low ones first.
pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a text with its length.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Appends a section: its name, its length, its content.
pub(crate) fn put_section(out: &mut Vec<u8>, name: &str, content: &[u8]) {
    put_text(out, name);
    put_number(out, content.len() as u64);
    out.extend_from_slice(content);
}

/// Texts in two runs, lengths and characters: that shrinks better than one.
#[derive(Default)]
pub(crate) struct TextsOut {
    lengths: Vec<u8>,
    text: Vec<u8>,
}

impl TextsOut {
    pub(crate) fn push(&mut self, text: impl AsRef<[u8]>) {
        let text = text.as_ref();
        put_number(&mut self.lengths, text.len() as u64);
        self.text.extend_from_slice(text);
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.lengths.len() + self.text.len() + 5);
        put_number(&mut out, self.lengths.len() as u64);
        out.extend(self.lengths);
        out.extend(self.text);
        out
    }
}

/// Bits of the positions for which `is_set` holds, eight a byte.
pub(crate) fn bits(count: usize, mut is_set: impl FnMut(usize) -> bool) -> Vec<u8> {
    let mut bytes = vec![0; count.div_ceil(8)];
    for at in (0..count).filter(|&at| is_set(at)) {
        bytes[at / 8] |= 1 << (at % 8);
    }
    bytes
}

/// Whether the bit at this position is set. Positions beyond the end are not.
pub(crate) fn bit(bytes: &[u8], at: usize) -> bool {
    bytes
        .get(at / 8)
        .is_some_and(|byte| byte >> (at % 8) & 1 == 1)
}

/// What is left to be read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Input<'a>(pub(super) &'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn number(&mut self) -> Result<u64, Corrupt> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first().ok_or(Corrupt("a number is cut off"))?;
            self.0 = rest;
            let part = u64::from(byte & 0x7f);
            if part << shift >> shift != part {
                break;
            }
            number |= part << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Corrupt("a number is too large"))
    }

    /// A number of things that each take at least one byte of `self`.
    pub(crate) fn count(&mut self) -> Result<usize, Corrupt> {
        let number = self.number()?;
        usize::try_from(number)
            .ok()
            .filter(|&count| count <= self.0.len())
            .ok_or(Corrupt("a count is larger than the file"))
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Corrupt> {
        let (taken, rest) = self
            .0
            .split_at_checked(len)
            .ok_or(Corrupt("a section is cut off"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Corrupt> {
        let len = self.count()?;
        utf8(self.take(len)?)
    }

    /// A section's name and content.
    pub(crate) fn section(&mut self) -> Result<(&'a str, &'a [u8]), Corrupt> {
        let name = self.text()?;
        let len = self.count()?;
        Ok((name, self.take(len)?))
    }
}

/// The other end of [`TextsOut`].
#[derive(Clone, Copy, Default)]
pub(crate) struct TextsIn<'a> {
    lengths: Input<'a>,
    text: Input<'a>,
}

impl<'a> TextsIn<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Corrupt> {
        let mut text = Input(bytes);
        let len = text.count()?;
        let lengths = Input(text.take(len)?);
        Ok(Self { lengths, text })
    }

    pub(crate) fn next(&mut self) -> Result<&'a str, Corrupt> {
        utf8(self.next_bytes()?)
    }

    /// The next text, which need not be UTF-8.
    pub(crate) fn next_bytes(&mut self) -> Result<&'a [u8], Corrupt> {
        let len = self.lengths.number()?;
        let len = usize::try_from(len).map_err(|_| Corrupt("a text is cut off"))?;
        self.text.take(len)
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Corrupt> {
    std::str::from_utf8(bytes).map_err(|_| Corrupt("a text is not UTF-8"))
}

/// A set of paths as bits in id order.
pub(crate) fn set_bits(set: &PathSet, order: &[crate::model::PathId]) -> Vec<u8> {
    bits(order.len(), |at| set.contains(order[at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for number in [
            0,
            1,
            127,
            128,
            300,
            u64::from(u32::MAX),
            u64::MAX - 1,
            u64::MAX,
        ] {
            let mut bytes = Vec::new();
            put_number(&mut bytes, number);
            let mut input = Input(&bytes);
            assert_eq!(input.number(), Ok(number));
            assert!(input.is_empty());
            assert!(Input(&bytes[..bytes.len() - 1]).number().is_err());
        }
        assert!(Input(&[0xff; 12]).number().is_err());
    }

    #[test]
    fn texts_come_back() {
        let mut out = TextsOut::default();
        for text in ["", "a", "größer\n\0"] {
            out.push(text);
        }
        let bytes = out.into_bytes();
        let mut texts = TextsIn::new(&bytes).expect("whole");
        assert_eq!(texts.next(), Ok(""));
        assert_eq!(texts.next(), Ok("a"));
        assert_eq!(texts.next(), Ok("größer\n\0"));
        assert!(texts.next().is_err());
    }
}
