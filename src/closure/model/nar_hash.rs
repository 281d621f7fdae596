//! Hashes as Nix writes them: base 16, Nix's own base 32, base 64 (SRI).

use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use thiserror::Error;

use super::store_path::NIX_BASE32;

/// The SHA-256 of a path's NAR serialisation. Displayed as SRI: `sha256-<base 64>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NarHash(pub [u8; 32]);

/// A text is not a SHA-256 in a form that Nix writes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{0}' is not a SHA-256 in base 16, base 32 or SRI form")]
pub struct ParseHashError(pub String);

impl NarHash {
    /// Parses `sha256:<base 16>`, `sha256:<base 32>`, `sha256-<base 64>` (SRI), or the digits of one of them alone.
    pub fn parse(text: &str) -> Result<Self, ParseHashError> {
        let digits = text
            .strip_prefix("sha256:")
            .or_else(|| text.strip_prefix("sha256-"))
            .unwrap_or(text);
        // As databases have it: the usual case takes no memory.
        if let Some(bytes) = decode_base16_of(digits) {
            return Ok(Self(bytes));
        }
        digest(digits, 32)
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| ParseHashError(text.to_owned()))
    }

    /// The digits in Nix's base 32, as narinfo files and registrations have them behind `sha256:`.
    pub fn to_base32(self) -> String {
        encode_base32(&self.0)
    }
}

impl fmt::Display for NarHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256-{}", encode_base64(&self.0))
    }
}

/// Splits `<algorithm>:<digits>` or `<algorithm>-<digits>` and decodes the digits, whichever base they are in. `None`
/// when the algorithm is not one of Nix's or the digits are not of its length.
pub fn parse_any(text: &str) -> Option<(&str, Vec<u8>)> {
    let at = text.find([':', '-'])?;
    let (algorithm, digits) = (&text[..at], &text[at + 1..]);
    let len = match algorithm {
        "md5" => 16,
        "sha1" => 20,
        "sha256" | "blake3" => 32,
        "sha512" => 64,
        _ => return None,
    };
    digest(digits, len).map(|bytes| (algorithm, bytes))
}

/// The `len` bytes of a digest; its base shows by the number of digits.
fn digest(digits: &str, len: usize) -> Option<Vec<u8>> {
    let bare = digits.trim_end_matches('=').len();
    let bytes = if digits.len() == len * 2 {
        decode_base16(digits)
    } else if digits.len() == base32_len(len) {
        decode_base32(digits)
    } else if bare == (len * 4).div_ceil(3)
        && (bare == digits.len() || digits.len().is_multiple_of(4))
    {
        decode_base64(digits)
    } else {
        None
    }?;
    (bytes.len() == len).then_some(bytes)
}

const fn base32_len(bytes: usize) -> usize {
    (bytes * 8).div_ceil(5)
}

/// Nix's base 32: five bits a digit, the last digit first.
pub fn encode_base32(bytes: &[u8]) -> String {
    let digit = |at: usize| {
        let (byte, shift) = (at * 5 / 8, at * 5 % 8);
        let low = u16::from(bytes[byte]);
        let high = u16::from(bytes.get(byte + 1).copied().unwrap_or(0));
        NIX_BASE32[usize::from((low | high << 8) >> shift & 31)] as char
    };
    (0..base32_len(bytes.len())).rev().map(digit).collect()
}

/// The bytes that [`encode_base32`] makes this text from. `None` for other characters or bits too many.
pub fn decode_base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = vec![0_u8; text.len() * 5 / 8];
    for (at, &character) in text.as_bytes().iter().rev().enumerate() {
        let value = NIX_BASE32.iter().position(|&digit| digit == character)? as u16;
        let (byte, shift) = (at * 5 / 8, at * 5 % 8);
        let [low, high] = (value << shift).to_le_bytes();
        for (at, part) in [(byte, low), (byte + 1, high)] {
            match bytes.get_mut(at) {
                Some(slot) => *slot |= part,
                None if part == 0 => {}
                None => return None,
            }
        }
    }
    Some(bytes)
}

/// The value of each hexadecimal digit; 255 for other characters.
const NIBBLES: [u8; 256] = {
    let mut nibbles = [u8::MAX; 256];
    let mut value = 0;
    while value < 16 {
        let digit = b"0123456789abcdef"[value];
        nibbles[digit as usize] = value as u8;
        nibbles[digit.to_ascii_uppercase() as usize] = value as u8;
        value += 1;
    }
    nibbles
};

/// As [`decode_base16`], of just as many bytes.
fn decode_base16_of<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    if text.len() != BYTES * 2 {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = [pair[0], pair[1]].map(|digit| NIBBLES[usize::from(digit)]);
        if high > 15 || low > 15 {
            return None;
        }
        *byte = high << 4 | low;
    }
    Some(bytes)
}

fn decode_base16(text: &str) -> Option<Vec<u8>> {
    let nibble = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    text.as_bytes()
        .chunks(2)
        .map(|pair| Some(nibble(pair[0])? << 4 | nibble(*pair.get(1)?)?))
        .collect()
}

/// Padding may be left out, as Nix takes it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn encode_base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    const SRI: &str = "sha256-BlwNjj/aoZM26GTe/XiJd1wAZ/vplhgrMRQ41TylmXE=";

    #[test]
    fn one_hash_in_every_form() {
        let forms = [
            SRI,
            "sha256-BlwNjj/aoZM26GTe/XiJd1wAZ/vplhgrMRQ41TylmXE",
            "sha256:0wcrllydaf0l64mii5p9zdkh0p3pi5wgvpk4x0v978fs7y70sp06",
            "0wcrllydaf0l64mii5p9zdkh0p3pi5wgvpk4x0v978fs7y70sp06",
            "sha256:065c0d8e3fdaa19336e864defd7889775c0067fbe996182b311438d53ca59971",
            "065c0d8e3fdaa19336e864defd7889775c0067fbe996182b311438d53ca59971",
        ];
        for form in forms {
            let hash = NarHash::parse(form).expect(form);
            assert_eq!(hash.to_string(), SRI);
            assert_eq!(hash.to_base32(), forms[3]);
        }
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        let too_many_bits = format!("sha256:{}", "z".repeat(52));
        for bad in [
            "",
            "sha256:",
            "sha256-",
            "=",
            "sha256-====",
            "sha1:0wcrllydaf0l64mii5p9zdkh0p3pi5wgvpk4x0v978fs7y70sp06",
            "sha256:e65c0d8e3fdaa19336e864defd7889775c0067fbe996182b311438d53ca5997",
            "sha256-BlwNjj/aoZM26GTe/XiJd1wAZ/vplhgrMRQ41TylmXF=",
            "sha256-BlwNjj/aoZM26GTe/XiJd1wAZ/vplhgrMRQ41TylmX=",
            "sha256:0wcrllydaf0l64mii5p9zdkh0p3pi5wgvpk4x0v978fs7y70spü",
            &too_many_bits,
        ] {
            assert!(NarHash::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_base_gives_back_what_it_was_given() {
        let mut random = Random::new(7);
        for len in [16, 20, 32, 64] {
            let bytes: Vec<u8> = (0..len).map(|_| random.number() as u8).collect();
            assert_eq!(decode_base32(&encode_base32(&bytes)).as_ref(), Some(&bytes));
            assert_eq!(decode_base64(&encode_base64(&bytes)).as_ref(), Some(&bytes));
        }
        let (algorithm, bytes) = parse_any("md5:0hs4l2kkwy7bdnyvq2h2bqgbxj").expect("26 digits");
        assert_eq!((algorithm, bytes.len()), ("md5", 16));
    }
}
