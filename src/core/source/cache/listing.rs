//! The listings of a binary cache: `HASH.ls` names the files of a path with their sizes, without their contents.
//!
//! A listing is JSON, packed or not: a tree of directories with their entries. It is counted while it is read, so that
//! memory does not grow with it, and believed only if a NAR of it would be as long as the path's record says.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer as _};

use crate::analysis::file_category::Categories;
use crate::source::files::contents::{Contents, Counting};
use crate::source::formats::decompress::{UnpackError, unpack_up_to};

/// No listing is larger, in bytes, packed or not: that would be a path of a million files.
pub(crate) const MAX_LISTING: u64 = 64 << 20;

/// No listing shrinks more when it is packed.
const MAX_RATIO: u64 = 500;

/// What a listing says the files are, and how long a NAR of them is; or why it is of no use.
pub(crate) type Listed = Result<(Contents, u64), String>;

/// Reads one listing: what the files are, and how long a NAR of them is. Also how many bytes it was unpacked to.
pub(crate) fn read(bytes: &[u8], categories: &Categories) -> (Listed, u64) {
    // Names repeat, but not that often: what swells more is made to fill memory.
    let most = ((bytes.len() as u64) * MAX_RATIO).saturating_add(1 << 20);
    let most = most.min(MAX_LISTING);
    let unpacked = match unpack_up_to(most, bytes, || Ok(())) {
        Ok(unpacked) => unpacked,
        Err(Unusable(problem)) => return (Err(problem), most),
    };
    let length = unpacked.as_ref().map_or(0, Vec::len) as u64;
    (
        parse(unpacked.as_deref().unwrap_or(bytes), categories),
        length,
    )
}

fn parse(text: &[u8], categories: &Categories) -> Listed {
    let mut counting = Counting::new(categories, true);
    let mut json = serde_json::Deserializer::from_slice(text);
    let seed = Listing(&mut counting);
    let read = json.deserialize_map(seed).and_then(|()| json.end());
    read.map_err(|error| error.to_string())?;
    counting
        .finish()
        .ok_or_else(|| "its files are longer than files can be".to_owned())
}

/// Why a packed listing is of no use.
struct Unusable(String);

impl From<UnpackError> for Unusable {
    fn from(error: UnpackError) -> Self {
        Self(match error {
            UnpackError::Broken(format, error) => format!("its {format} is damaged: {error}"),
            UnpackError::TooLarge(_) => "it is larger than any listing".to_owned(),
        })
    }
}

/// The whole: a version, and the node of the path itself.
struct Listing<'a, 'c>(&'a mut Counting<'c>);

impl<'de> Visitor<'de> for Listing<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a listing of files")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            match &key[..] {
                "version" => match map.next_value::<u64>()? {
                    1 => {}
                    other => return Err(M::Error::custom(format!("it is of version {other}"))),
                },
                "root" if !found => {
                    found = true;
                    map.next_value_seed(Node {
                        counting: &mut *self.0,
                        relative: &mut PathBuf::new(),
                    })?;
                }
                "root" => return Err(M::Error::custom("it lists two paths")),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if found {
            Ok(())
        } else {
            Err(M::Error::custom("it lists nothing"))
        }
    }
}

/// A name as the file system has it, which need not be text; Nix writes its bytes as they are.
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct BytesVisitor;
        impl Visitor<'_> for BytesVisitor {
            type Value = Bytes;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a name")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        json.deserialize_bytes(BytesVisitor)
    }
}

/// One file, link or directory.
struct Node<'a, 'c> {
    counting: &'a mut Counting<'c>,
    relative: &'a mut PathBuf,
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a file, a link or a directory")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut map: M) -> Result<(), M::Error> {
        // The type stands behind the entries, since keys are sorted.
        let (mut kind, mut size, mut target) = (None, None, None);
        let (mut executable, mut entries) = (false, false);
        while let Some(key) = map.next_key::<String>()? {
            match &key[..] {
                "type" => kind = Some(map.next_value::<String>()?),
                "size" => size = Some(map.next_value::<u64>()?),
                "target" => target = Some(map.next_value::<Bytes>()?),
                "executable" => executable = map.next_value()?,
                "entries" if !entries => {
                    entries = true;
                    map.next_value_seed(Entries(&mut self))?;
                }
                "entries" => return Err(M::Error::custom("a directory has two lists of entries")),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let relative = Path::new(&*self.relative);
        match (kind.as_deref(), size, target, entries) {
            (Some("directory"), None, None, true) => self.counting.directory(relative),
            (Some("regular"), Some(size), None, false) => {
                self.counting.file(relative, size, executable, &[]);
            }
            (Some("symlink"), None, Some(Bytes(target)), false) => {
                self.counting.symlink(relative, &target);
            }
            _ => {
                return Err(M::Error::custom(
                    "an entry is neither file, link nor directory",
                ));
            }
        }
        Ok(())
    }
}

/// The entries of a directory.
struct Entries<'n, 'a, 'c>(&'n mut Node<'a, 'c>);

impl<'de> DeserializeSeed<'de> for Entries<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the entries of a directory")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(Bytes(name)) = map.next_key()? {
            let no_name = matches!(&name[..], b"" | b"." | b"..");
            if no_name || name.iter().any(|byte| matches!(byte, b'/' | 0)) {
                return Err(M::Error::custom("a file name that no file can have"));
            }
            self.0.relative.push(OsStr::from_bytes(&name));
            map.next_value_seed(Node {
                counting: &mut *self.0.counting,
                relative: &mut *self.0.relative,
            })?;
            self.0.relative.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::files::nar_size;

    fn listed(text: &str) -> Listed {
        read(text.as_bytes(), &Categories::built_in()).0
    }

    #[test]
    fn a_listing_is_counted() {
        let text = r#"{"root":{"entries":{"bin":{"entries":{"x":{"executable":true,"narOffset":400,"size":9,"type":"regular"}},"type":"directory"},"l":{"target":"bin/x","type":"symlink"},"odd":{"size":0,"type":"regular"}},"type":"directory"},"version":1}"#;
        let (contents, size) = listed(text).expect("a listing");
        assert_eq!((contents.symlinks, contents.directories), (1, 2));
        assert_eq!((contents.payload().files, contents.payload().bytes), (2, 9));
        assert!(contents.by_names);
        let names = 2 * nar_size::entry(3) + 2 * nar_size::entry(1);
        let nodes = 2 * nar_size::DIRECTORY + nar_size::file(9, true) + nar_size::file(0, false);
        assert_eq!(size, nar_size::HEAD + names + nodes + nar_size::symlink(5));
        let packed = zstd::encode_all(text.as_bytes(), 1).expect("to memory");
        assert_eq!(
            read(&packed, &Categories::built_in()).0,
            Ok((contents, size))
        );
    }

    #[test]
    fn names_are_bytes() {
        let text = br#"{"root":{"entries":{"\u00fc\"":{"size":1,"type":"regular"},"@":{"target":"@@","type":"symlink"}},"type":"directory"},"version":1}"#;
        let bytes: Vec<u8> = text
            .iter()
            .map(|&byte| if byte == b'@' { 0xfc } else { byte })
            .collect();
        let (contents, size) = read(&bytes, &Categories::built_in()).0.expect("a listing");
        assert_eq!((contents.symlinks, contents.payload().bytes), (1, 1));
        let nodes = nar_size::DIRECTORY + nar_size::file(1, false) + nar_size::symlink(2);
        assert_eq!(
            size,
            nar_size::HEAD + nar_size::entry(3) + nar_size::entry(1) + nodes
        );
    }

    #[test]
    fn what_no_tree_of_files_is_is_refused() {
        let file = |size: &str| format!(r#"{{"type":"regular","size":{size}}}"#);
        let directory = |entries: &str| format!(r#"{{"type":"directory","entries":{entries}}}"#);
        let deep = format!(
            "{}{}",
            r#"{"entries":{"a":"#.repeat(9999),
            "}}".repeat(9999)
        );
        let roots = [
            (file("-1"), "invalid value"),
            (file("1152921504606846977"), "longer than files can be"),
            (file("1e3"), "invalid type"),
            (directory(r#"{"..":{}}"#), "no file can have"),
            (directory(r#"{"a/b":{}}"#), "no file can have"),
            (directory(r#"{"a":{}}"#), "neither file, link nor directory"),
            (directory(r#"{"":1}"#), "no file can have"),
            (r#"{"type":"symlink"}"#.to_owned(), "neither file"),
            (r#"{"type":"fifo"}"#.to_owned(), "neither file"),
            (deep, "recursion limit"),
            ("1".to_owned(), "invalid type"),
        ];
        for (root, problem) in roots {
            let text = format!(r#"{{"version":1,"root":{root}}}"#);
            let error = listed(&text).expect_err("refused");
            assert!(error.contains(problem), "{error}");
        }
        for (text, problem) in [
            ("", "EOF"),
            ("{}", "lists nothing"),
            (r#"{"version":2}"#, "version 2"),
            ("[]", "invalid type"),
            ("\x0b\u{7f}brotli", "expected value"),
        ] {
            let error = listed(text).expect_err("refused");
            assert!(error.contains(problem), "{error}");
        }
    }
}
