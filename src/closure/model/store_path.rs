//! Store paths and their parts: store directory, hash part, name, and what a name says about a package.
//!
//! A store path is `<store dir>/<hash part>-<name>`. The hash part is 32 characters of nixbase32, the name 1 to 211
//! characters of `A-Za-z0-9+-._?=`. The store directory is a value, never a constant: Guix and relocated stores differ.

use std::fmt;

use thiserror::Error;

/// Length of a hash part in characters (160 bits in nixbase32).
pub const HASH_PART_LEN: usize = 32;
/// Longest name Nix accepts, in bytes.
pub const MAX_NAME_LEN: usize = 211;
/// The alphabet of hash parts: digits and lower-case letters without `e`, `o`, `u`, `t`.
pub const NIX_BASE32: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

/// Why a text is not a store path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseStorePathError {
    /// The text does not begin with the store directory.
    #[error("'{path}' is not in the store directory {store_dir}")]
    OutsideStore {
        /// The text that was parsed.
        path: String,
        /// The store directory it should begin with.
        store_dir: String,
    },
    /// There is no `-` after 32 characters.
    #[error("'{0}' has no hash part of {HASH_PART_LEN} characters followed by '-'")]
    NoHashPart(String),
    /// The hash part has a character outside nixbase32.
    #[error("the hash part of '{0}' has a character that nixbase32 lacks")]
    HashPart(String),
    /// The name is empty.
    #[error("'{0}' has an empty name")]
    EmptyName(String),
    /// The name is longer than [`MAX_NAME_LEN`] bytes.
    #[error("the name in '{0}' is longer than {MAX_NAME_LEN} characters")]
    LongName(String),
    /// The name has a character that store paths may not have, or is `.`, `..` or begins with `.-` or `..-`.
    #[error("the name in '{0}' is not one that Nix allows")]
    Name(String),
}

/// Whether this byte is in the nixbase32 alphabet.
#[expect(clippy::needless_bitwise_bool, reason = "a lazy operator is a branch")]
const fn is_nix_base32(byte: u8) -> bool {
    let is_missing = (byte == b'e') | (byte == b'o') | (byte == b't') | (byte == b'u');
    byte.is_ascii_digit() | byte.is_ascii_lowercase() & !is_missing
}

/// Whether all bytes are in the nixbase32 alphabet. Looks at all of them without a branch, many at a time: hash parts are
/// almost always in order.
pub fn are_nix_base32(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .fold(true, |all, &byte| all & is_nix_base32(byte))
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_' | b'?' | b'=')
}

/// Checks a base name (`<hash part>-<name>`) by Nix's rules and splits it into hash part and name.
pub fn split_base_name(base: &str) -> Result<(&str, &str), ParseStorePathError> {
    let bytes = base.as_bytes();
    if bytes.len() <= HASH_PART_LEN || bytes[HASH_PART_LEN] != b'-' {
        return Err(ParseStorePathError::NoHashPart(base.to_owned()));
    }
    if !are_nix_base32(&bytes[..HASH_PART_LEN]) {
        return Err(ParseStorePathError::HashPart(base.to_owned()));
    }
    let name = &base[HASH_PART_LEN + 1..];
    if name.is_empty() {
        return Err(ParseStorePathError::EmptyName(base.to_owned()));
    }
    if name.len() > MAX_NAME_LEN {
        return Err(ParseStorePathError::LongName(base.to_owned()));
    }
    let dotted = matches!(name, "." | "..") || name.starts_with(".-") || name.starts_with("..-");
    if dotted || !name.bytes().all(is_name_byte) {
        return Err(ParseStorePathError::Name(base.to_owned()));
    }
    Ok((&base[..HASH_PART_LEN], name))
}

/// The directory that holds the store, without a trailing slash: `/nix/store`, `/gnu/store`, or another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoreDir(Box<str>);

impl StoreDir {
    /// Takes an absolute path; trailing slashes are dropped. `None` when the text is not absolute or is only slashes.
    pub fn new(dir: &str) -> Option<Self> {
        let trimmed = dir.trim_end_matches('/');
        (trimmed.starts_with('/') && trimmed.len() > 1).then(|| Self(trimmed.into()))
    }

    /// The directory as text, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The base name of a path directly in the store: `/nix/store/<base>` gives `<base>`, unchecked otherwise.
    pub fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(&*self.0)?.strip_prefix('/')?;
        (!rest.is_empty() && !rest.contains('/')).then_some(rest)
    }

    /// The base name of the store path that holds `path`: `/nix/store/<base>/bin/x` gives `<base>`.
    pub fn containing<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(&*self.0)?.strip_prefix('/')?;
        let base = rest.split('/').next()?;
        (!base.is_empty()).then_some(base)
    }
}

impl Default for StoreDir {
    /// `/nix/store`.
    fn default() -> Self {
        Self("/nix/store".into())
    }
}

impl fmt::Display for StoreDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A checked store path: hash part and name. Only valid ones exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StorePath(Box<str>);

impl StorePath {
    /// Parses `<hash part>-<name>`.
    pub fn from_base_name(base: &str) -> Result<Self, ParseStorePathError> {
        split_base_name(base).map(|_| Self(base.into()))
    }

    /// Parses a full path directly in `store_dir`.
    pub fn parse(store_dir: &StoreDir, path: &str) -> Result<Self, ParseStorePathError> {
        let base = store_dir
            .strip(path)
            .ok_or_else(|| ParseStorePathError::OutsideStore {
                path: path.to_owned(),
                store_dir: store_dir.to_string(),
            })?;
        Self::from_base_name(base)
    }

    /// `<hash part>-<name>`.
    pub fn base_name(&self) -> &str {
        &self.0
    }

    /// The 32 characters of the hash part.
    pub fn hash_part(&self) -> &str {
        &self.0[..HASH_PART_LEN]
    }

    /// The name behind the hash part.
    pub fn name(&self) -> &str {
        &self.0[HASH_PART_LEN + 1..]
    }
}

/// Output names that Nixpkgs appends behind the version. `out` is never appended.
const OUTPUTS: &[&str] = &[
    "bin",
    "data",
    "debug",
    "dev",
    "devdoc",
    "devman",
    "dist",
    "doc",
    "docs",
    "getent",
    "headers",
    "info",
    "lib",
    "libgcc",
    "libs",
    "man",
    "modules",
    "py",
    "static",
    "terminfo",
    "tex",
    "texdoc",
    "texsource",
    "tools",
];

/// What the name of a store path says about its package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageName<'a> {
    /// The part before the version.
    pub pname: &'a str,
    /// The version, empty when the name has none.
    pub version: &'a str,
    /// The output, when a known output name stands behind the version.
    pub output: Option<&'a str>,
}

impl<'a> PackageName<'a> {
    /// Splits at the first `-` that is not followed by a letter, as `builtins.parseDrvName` does, then splits a known
    /// output name off the version. The `.drv` of a derivation belongs to neither.
    pub fn parse(name: &'a str) -> Self {
        let stem = name.strip_suffix(".drv").filter(|stem| !stem.is_empty());
        let name = stem.unwrap_or(name);
        let bytes = name.as_bytes();
        let split = bytes
            .windows(2)
            .position(|pair| pair[0] == b'-' && !pair[1].is_ascii_alphabetic());
        let Some(at) = split else {
            return Self {
                pname: name,
                version: "",
                output: None,
            };
        };
        let (pname, version) = (&name[..at], &name[at + 1..]);
        match version.rsplit_once('-') {
            Some((front, output)) if OUTPUTS.contains(&output) => Self {
                pname,
                version: front,
                output: Some(output),
            },
            _ => Self {
                pname,
                version,
                output: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "6mgh6x89bas54rsx29h7xpy8h66ls285";

    #[test]
    fn the_alphabet_has_no_other_bytes() {
        for byte in 0..=u8::MAX {
            assert_eq!(
                are_nix_base32(&[byte]),
                NIX_BASE32.contains(&byte),
                "{byte}"
            );
            let among = [b"0123", &[byte][..], b"z"].concat();
            assert_eq!(are_nix_base32(&among), NIX_BASE32.contains(&byte), "{byte}");
        }
    }

    #[test]
    fn a_name_is_split_as_nix_splits_it() {
        let cases = [
            ("perl-5.40.0-man", ("perl", "5.40.0", Some("man"))),
            ("perl-5.40.0", ("perl", "5.40.0", None)),
            ("source", ("source", "", None)),
            ("nix-heft-", ("nix-heft-", "", None)),
            (
                "linux-image-6.1.0-56-amd64-6.1.192",
                ("linux-image", "6.1.0-56-amd64-6.1.192", None),
            ),
            ("python3.11-six-1.16.0", ("python3.11-six", "1.16.0", None)),
            (
                "unit-systemd-fsck-.service",
                ("unit-systemd-fsck", ".service", None),
            ),
            ("perl-5.40.0.drv", ("perl", "5.40.0", None)),
            ("etc.drv", ("etc", "", None)),
            (".drv", (".drv", "", None)),
            ("x-1.drv.gz", ("x", "1.drv.gz", None)),
            ("a--b", ("a", "-b", None)),
            ("etc-man", ("etc-man", "", None)),
        ];
        for (name, (pname, version, output)) in cases {
            assert_eq!(
                PackageName::parse(name),
                PackageName {
                    pname,
                    version,
                    output
                },
                "{name}"
            );
        }
    }

    #[test]
    fn only_valid_base_names_are_taken() {
        let ok = format!("{HASH}-weird+name?x=1_a.b");
        assert_eq!(
            StorePath::from_base_name(&ok).expect("valid").hash_part(),
            HASH
        );
        for bad in [
            "",
            "x",
            HASH,
            &format!("{HASH}-"),
            &format!("{HASH}-."),
            &format!("{HASH}-..-x"),
            &format!("{HASH}-a/b"),
            &format!("{HASH}-ü"),
            &format!("{HASH}-{}", "a".repeat(212)),
            &format!("e{}-x", &HASH[1..]),
            &format!("ü{}-x", &HASH[2..]),
        ] {
            assert!(StorePath::from_base_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_store_dir_strips_only_its_own_paths() {
        let dir = StoreDir::new("/gnu/store/").expect("absolute");
        assert_eq!(dir.strip("/gnu/store/abc"), Some("abc"));
        assert_eq!(dir.strip("/gnu/store/abc/bin"), None);
        assert_eq!(dir.containing("/gnu/store/abc/bin/x"), Some("abc"));
        assert_eq!(dir.strip("/gnu/storeabc"), None);
        assert_eq!(StoreDir::new("nix/store"), None);
        assert_eq!(StoreDir::new("///"), None);
    }
}
