//! The narinfo records of binary caches, with all variants that real caches produce.

use nix_narinfo::{NarInfo as StrictNarInfo, NixSignature, TrustedPublicKey};

use crate::model::store_path::{HASH_PART_LEN, split_base_name};
use crate::model::{NarHash, StoreDir};
use crate::source::formats::records::{Full, Record, Records, base_name};

/// One record, as the text says. Only the store path is sure to be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NarInfo<'t> {
    /// Full store path.
    pub store_path: &'t str,
    /// Where the archive is; empty if the record does not say.
    pub url: &'t str,
    /// How the archive is packed, if the record says.
    pub compression: Option<&'t str>,
    /// Hash of the NAR.
    pub nar_hash: Option<&'t str>,
    /// Size of the NAR in bytes.
    pub nar_size: Option<u64>,
    /// Size of the archive in bytes.
    pub file_size: Option<u64>,
    /// References as they stand there: base names, in some caches full paths.
    pub references: Vec<&'t str>,
    /// The derivation, if it is known.
    pub deriver: Option<&'t str>,
    /// Content address.
    pub content_address: Option<&'t str>,
    /// Signatures, each `<key name>:<base 64>`.
    pub signatures: Vec<&'t str>,
    /// What Nix would not accept but the meaning of which is clear.
    pub oddities: Vec<&'static str>,
}

/// Every record has a NAR size and a line of references, if only an empty one, and ends with a line.
const CUT_OFF: &str = "a record without NAR size, references or end, perhaps cut off";

/// Nix takes such a record for corrupt.
const NO_HASH: &str = "a record without a NAR hash (SHA-256)";

impl<'t> NarInfo<'t> {
    /// Reads a record. An error says in words what makes it useless.
    pub fn parse(text: &'t str) -> Result<Self, String> {
        let mut info = Self::default();
        let mut has_references = false;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match line.split_once(':') {
                Some((key, value)) => {
                    has_references |= key.trim() == "References";
                    info.field(key.trim(), value.trim())?;
                }
                None => info.warn("a line without a key in a record, skipped"),
            }
        }
        if info.store_path.is_empty() {
            return Err("has no StorePath".to_owned());
        }
        if info.url.is_empty() {
            info.warn("a record without the URL of an archive");
        } else if info.url.contains("://") {
            info.warn("a record whose archive is at another address");
        }
        if info
            .nar_hash
            .is_none_or(|hash| NarHash::parse(hash).is_err())
        {
            info.warn(NO_HASH);
        }
        let has_size = text.contains("NarSize:");
        if !has_size || !has_references || !text.ends_with('\n') {
            info.warn(CUT_OFF);
        }
        Ok(info)
    }

    fn field(&mut self, key: &str, value: &'t str) -> Result<(), String> {
        match key {
            "StorePath" if !self.store_path.is_empty() => {
                return Err("has two StorePaths".to_owned());
            }
            "StorePath" => self.store_path = value,
            "URL" => self.url = value,
            "Compression" => self.compression = Some(value),
            "NarHash" => self.nar_hash = Some(value),
            "NarSize" if self.nar_size.is_some() => {
                self.warn("a record that gives two NAR sizes, the first one counts");
            }
            "NarSize" => self.nar_size = self.number(value),
            "FileSize" => self.file_size = self.number(value),
            "References" => self.references(value),
            "Deriver" => self.deriver = Some(value).filter(|name| *name != "unknown-deriver"),
            "CA" => self.content_address = Some(value).filter(|text| !text.is_empty()),
            "Sig" => self.signatures.push(value),
            "Signature" => self.warn("a signature in the form of Guix, not looked at"),
            _ => {}
        }
        Ok(())
    }

    fn references(&mut self, value: &'t str) {
        self.references.extend(value.split_whitespace());
        if self.references.iter().any(|path| path.contains('/')) {
            self.warn("references as full paths in a record");
        }
    }

    fn number(&mut self, value: &str) -> Option<u64> {
        let number = value.parse().ok();
        if number.is_none() {
            self.warn("an invalid size in a record, treated as unknown");
        }
        number
    }

    fn warn(&mut self, what: &'static str) {
        if !self.oddities.contains(&what) {
            self.oddities.push(what);
        }
    }

    /// Whether something seems to be missing at its end. Then the next answer may be better.
    pub(crate) fn seems_cut_off(&self) -> bool {
        self.oddities.contains(&CUT_OFF)
    }

    /// The hash part of the store path, as far as it has one.
    pub fn hash_part(&self) -> &'t str {
        let base = base_name(self.store_path);
        base.get(..HASH_PART_LEN).unwrap_or(base)
    }

    /// Hands the record over, with its oddities.
    pub(crate) fn record(&self, records: &mut Records) -> Result<(), Full> {
        let name = base_name(self.store_path);
        for oddity in &self.oddities {
            records.warn(oddity, name);
        }
        let record = Record {
            path: self.store_path,
            nar_size: self.nar_size,
            download_size: self.file_size,
            // What is wrong with it has been said.
            nar_hash: self.nar_hash.filter(|_| !self.oddities.contains(&NO_HASH)),
            deriver: self.deriver,
            content_address: self.content_address,
            ..Record::default()
        };
        let signatures = self
            .signatures
            .iter()
            .map(|&text| text.to_owned())
            .collect();
        records.add(&record, self.references.iter().copied(), signatures)
    }

    /// Whether one of the keys has signed the record, or its path is the one its content address leads to. `text` is what the
    /// record was parsed from.
    pub(crate) fn is_trusted(&self, text: &str, keys: &[TrustedPublicKey]) -> bool {
        let Some(fingerprint) = self.fingerprint() else {
            return false;
        };
        let signed = self.signatures.iter().any(|signature| {
            NixSignature::parse(signature)
                .and_then(|signature| signature.verify(fingerprint.as_bytes(), keys))
                .unwrap_or(false)
        });
        signed || self.content_address.is_some() && self.is_content_addressed(text)
    }

    fn is_content_addressed(&self, text: &str) -> bool {
        let dir = self.store_path.rsplit_once('/').map(|(dir, _)| dir);
        let dir = dir.and_then(|dir| nix_derivation::StoreDir::new(dir).ok());
        dir.is_some_and(|dir| {
            StrictNarInfo::parse_in(&dir, text.as_bytes())
                .is_ok_and(|strict| strict.is_content_addressed(&dir))
        })
    }

    /// What a signature signs: store path, NAR hash, NAR size and references, these sorted and in full. It is made of what
    /// is used of the record: one with a path that is none, or is in another directory, has no fingerprint.
    pub(crate) fn fingerprint(&self) -> Option<String> {
        let (dir, own) = self.store_path.rsplit_once('/')?;
        let dir = StoreDir::new(dir)?;
        split_base_name(own).ok()?;
        let hash = NarHash::parse(self.nar_hash?).ok()?;
        let mut references = Vec::with_capacity(self.references.len());
        for path in &self.references {
            let base = if path.contains('/') {
                dir.strip(path)?
            } else {
                path
            };
            split_base_name(base).ok()?;
            references.push(base);
        }
        references.sort_unstable();
        references.dedup();
        let references: Vec<String> = references
            .iter()
            .map(|name| format!("{dir}/{name}"))
            .collect();
        Some(format!(
            "1;{};sha256:{};{};{}",
            self.store_path,
            hash.to_base32(),
            self.nar_size?,
            references.join(",")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "/nix/store/6mgh6x89bas54rsx29h7xpy8h66ls285-app-1";
    const HASH: &str = "sha256:0wcrllydaf0l64mii5p9zdkh0p3pi5wgvpk4x0v978fs7y70sp06";

    #[test]
    fn a_record_is_read_whatever_its_order() {
        let text = format!(
            "NarHash: {HASH}\r\nNarSize: 10\r\nSig: a:x\nReferences: b c \nStorePath: {A}\nURL:nar/x.nar\nSig: b:y\nSystem: x86_64-linux\n\
             Deriver: unknown-deriver\nCA: \nFileSize: 3\n\n"
        );
        let info = NarInfo::parse(&text).expect("valid");
        assert_eq!(info.store_path, A);
        assert_eq!((info.nar_size, info.file_size), (Some(10), Some(3)));
        assert_eq!(info.references, ["b", "c"]);
        assert_eq!(info.signatures, ["a:x", "b:y"]);
        assert_eq!((info.deriver, info.content_address), (None, None));
        assert_eq!(info.oddities, [""; 0]);
    }

    #[test]
    fn what_real_caches_do_is_taken_with_a_warning() {
        let odd = [
            (
                "URL: x\nReferences: /nix/store/b\nNarSize: 1",
                "references as full paths in a record",
            ),
            (
                "URL: https://x/y\nNarSize: 1\nReferences:",
                "a record whose archive is at another address",
            ),
            (
                "NarSize: 1\nReferences:",
                "a record without the URL of an archive",
            ),
            ("URL: x\nNarSize: 1", CUT_OFF),
            ("URL: x\nReferences: b", CUT_OFF),
            (
                "URL: x\nNarSize: 1\nReferences:\nSignature: 1;host;abc",
                "a signature in the form of Guix, not looked at",
            ),
            (
                "URL: x\nNarSize: -3\nReferences:",
                "an invalid size in a record, treated as unknown",
            ),
            (
                "URL: x\nNarSize: 1\nReferences:\nrubbish",
                "a line without a key in a record, skipped",
            ),
            (
                "URL: x\nNarSize: 1\nReferences:\nNarSize: 2",
                "a record that gives two NAR sizes, the first one counts",
            ),
        ];
        for (text, oddity) in odd {
            let text = format!("StorePath: {A}\nNarHash: {HASH}\n{text}\n");
            assert_eq!(
                NarInfo::parse(&text).expect("valid").oddities,
                [oddity],
                "{text}"
            );
        }
        for hash in [
            "",
            "NarHash: md5:d41d8cd98f00b204e9800998ecf8427e",
            "NarHash: sha256:x",
        ] {
            let text = format!("StorePath: {A}\nURL: x\nNarSize: 1\nReferences:\n{hash}\n");
            assert_eq!(
                NarInfo::parse(&text).expect("valid").oddities,
                [NO_HASH],
                "{hash}"
            );
        }
        let cut = format!("StorePath: {A}\nURL: x\nNarSize: 1\nReferences: b");
        assert!(NarInfo::parse(&cut).expect("valid").seems_cut_off());
        let twice = format!("StorePath: {A}\nStorePath: {A}\n");
        assert_eq!(
            NarInfo::parse(&twice).expect_err("two"),
            "has two StorePaths"
        );
        assert_eq!(NarInfo::parse("").expect_err("none"), "has no StorePath");
    }
}
