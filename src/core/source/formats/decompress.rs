//! Files that are compressed with gzip, xz or zstd, recognised by how they begin.

use std::io::{self, BufReader, Read};

/// No closure is larger than this once unpacked, in bytes.
const MAX_BYTES: u64 = 8 << 30;
/// From here on, in bytes, the ratio is looked at.
const SUSPICIOUS_BYTES: u64 = 64 << 20;
/// Hashes hardly shrink, so no list of store paths shrinks more than this.
const MAX_RATIO: u64 = 200;
const PIECE: usize = 1 << 20;

/// Why compressed content could not be unpacked.
#[derive(Debug)]
pub(crate) enum UnpackError {
    /// What the decompressor says about this format.
    Broken(&'static str, io::Error),
    /// It becomes larger than any closure: this many bytes so far.
    TooLarge(u64),
}

type Decoder<'a> = Box<dyn Read + 'a>;

/// The unpacked content, or `None` if it is not compressed. `check` is asked after every piece whether to go on.
pub(crate) fn unpack<E: From<UnpackError>>(
    bytes: &[u8],
    check: impl FnMut() -> Result<(), E>,
) -> Result<Option<Vec<u8>>, E> {
    unpack_up_to(MAX_BYTES, bytes, check)
}

/// As [`unpack`], for content of which it is known how large it can be, in bytes.
pub(crate) fn unpack_up_to<E: From<UnpackError>>(
    most: u64,
    bytes: &[u8],
    mut check: impl FnMut() -> Result<(), E>,
) -> Result<Option<Vec<u8>>, E> {
    let Some((format, decoder)) = decoder(bytes) else {
        return Ok(None);
    };
    let broken = |error| UnpackError::Broken(format, error);
    let mut decoder = decoder.map_err(broken)?;
    let mut content = Vec::new();
    loop {
        let before = content.len();
        let piece = decoder.by_ref().take(PIECE as u64);
        BufReader::with_capacity(0, piece)
            .read_to_end(&mut content)
            .map_err(broken)?;
        if content.len() == before {
            return Ok(Some(content));
        }
        check()?;
        let size = content.len() as u64;
        let swollen = size > SUSPICIOUS_BYTES && size / MAX_RATIO > bytes.len() as u64;
        if size > most || swollen {
            return Err(UnpackError::TooLarge(size).into());
        }
    }
}

/// Whether content begins as compressed content does.
pub(crate) fn is_packed(bytes: &[u8]) -> bool {
    decoder(bytes).is_some()
}

fn decoder(bytes: &[u8]) -> Option<(&'static str, io::Result<Decoder<'_>>)> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let decoder = flate2::read::MultiGzDecoder::new(bytes);
        return Some(("gzip", Ok(Box::new(decoder))));
    }
    if bytes.starts_with(b"\xfd7zXZ\0") {
        let decoder = liblzma::read::XzDecoder::new_multi_decoder(bytes);
        return Some(("xz", Ok(Box::new(decoder))));
    }
    if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let decoder = zstd::Decoder::with_buffer(bytes);
        return Some((
            "zstd",
            decoder.map(|decoder| Box::new(decoder) as Decoder<'_>),
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    impl From<UnpackError> for String {
        fn from(error: UnpackError) -> Self {
            format!("{error:?}")
        }
    }

    fn unpacked(bytes: &[u8]) -> Result<Option<Vec<u8>>, String> {
        unpack(bytes, || Ok(()))
    }

    fn packed(content: &[u8]) -> Vec<Vec<u8>> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(content).expect("to memory");
        let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 6);
        xz.write_all(content).expect("to memory");
        vec![
            gzip.finish().expect("to memory"),
            xz.finish().expect("to memory"),
            zstd::encode_all(content, 3).expect("to memory"),
        ]
    }

    #[test]
    fn each_format_is_unpacked_and_plain_content_left_alone() {
        let content = b"[{\"path\":\"/nix/store/x\"}]".repeat(100_000);
        for bytes in packed(&content) {
            assert_eq!(unpacked(&bytes), Ok(Some(content.clone())));
            let cut = unpacked(&bytes[..bytes.len() / 2]);
            assert!(cut.expect_err("cut off").contains("Broken"));
        }
        assert_eq!(unpacked(b"{}"), Ok(None));
        assert_eq!(unpacked(b""), Ok(None));
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let zeros = io::repeat(0).take(SUSPICIOUS_BYTES + 3 * PIECE as u64);
        let bomb = zstd::encode_all(zeros, 1).expect("to memory");
        assert!(unpacked(&bomb).expect_err("a bomb").contains("TooLarge"));
    }
}
