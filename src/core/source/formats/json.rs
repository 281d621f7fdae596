//! `nix path-info --json` in every shape that Nix and Lix have printed, and the JSON of `exportReferencesGraph`.
//!
//! The shapes are told apart while reading, by what stands where: an array of entries with a `path` each; an object of
//! entries by path; `{"version", "storeDir", "info": {…}}` by base name; an object in which some key holds an array of
//! entries. Strings are borrowed from the document and go straight into the graph builder.

mod entry;
mod scalar;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use self::entry::{EntryKey, PathEntry};
use self::scalar::{Scalar, Text};
use super::records::{Full, NOT_VALID, Records, base_name, too_large};
use crate::job::Progress;
use crate::model::store_path::split_base_name;
use crate::source::SourceError;

/// The newest version of the format that is known to us.
const NEWEST_VERSION: u64 = 3;

const HINT: &str = "expected: the output of `nix path-info --json --recursive --size PATH`, complete and unchanged";

/// Reads all entries of a document. `origin` names it in errors.
pub fn parse_json(
    bytes: &[u8],
    origin: &str,
    details: bool,
    progress: &Progress,
) -> Result<Records, SourceError> {
    let wrong = |problem: String, hint| SourceError::Format {
        path: origin.to_owned(),
        problem,
        hint,
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|error| wrong(format!("not UTF-8 at byte {}", error.valid_up_to()), HINT))?;
    let mut document = Document::new(details, progress);
    document.records.infer_store_dir_from(full_paths(text));
    let mut reader = serde_json::Deserializer::from_str(text);
    let outcome = TopLevel(&mut document)
        .deserialize(&mut reader)
        .and_then(|()| reader.end());
    progress.check()?;
    if document.full {
        return Err(too_large(origin));
    }
    outcome.map_err(|error| match error.classify() {
        Category::Eof => wrong(
            format!("cut off in the middle of the JSON ({error})"),
            "the command that wrote it may have failed: run it again and look at its errors",
        ),
        _ => wrong(format!("{error}"), HINT),
    })?;
    document
        .close()
        .map_err(|(problem, hint)| wrong(problem, hint))
}

/// Every string that begins as a full path does, keys and values alike. Those with escapes are not found.
fn full_paths(text: &str) -> impl Iterator<Item = &str> {
    memchr::memmem::find_iter(text.as_bytes(), "\"/").filter_map(move |at| {
        let path = &text[at + 1..];
        path.split_once('"').map(|(path, _)| path)
    })
}

/// What has been read so far.
struct Document<'p> {
    records: Records,
    progress: &'p Progress,
    entries: usize,
    invalid: usize,
    pathless: usize,
    /// Entries that tell how something is made, not what it refers to.
    derivations: usize,
    full: bool,
    /// The document is a report of this program's: `nix-heft/<command>`.
    report: Option<String>,
}

impl<'p> Document<'p> {
    fn new(details: bool, progress: &'p Progress) -> Self {
        progress.start("reading JSON", 0);
        Self {
            records: Records::new(details),
            progress,
            entries: 0,
            invalid: 0,
            pathless: 0,
            derivations: 0,
            full: false,
            report: None,
        }
    }

    /// Takes an entry over. The path is its key, or else stands in it.
    fn take<E: serde::de::Error>(
        &mut self,
        key: Option<&str>,
        entry: &PathEntry<'_>,
    ) -> Result<(), E> {
        self.progress.advance(1).map_err(E::custom)?;
        if entry.is_derivation {
            self.derivations += 1;
            return Ok(());
        }
        if let Some(dir) = &entry.store_dir {
            self.records.store_dir_is(dir);
        }
        let Some(path) = key.or(entry.path.as_deref()) else {
            self.pathless += 1;
            let number = self.entries + self.invalid + self.pathless;
            self.records.warn(
                "an entry without a path, left out",
                format_args!("entry {number}"),
            );
            return Ok(());
        };
        if entry.valid == Some(false) {
            self.not_valid(path);
            return Ok(());
        }
        self.entries += 1;
        entry.record(path, &mut self.records).map_err(|Full| {
            self.full = true;
            E::custom("too many paths")
        })
    }

    fn not_valid(&mut self, path: &str) {
        self.invalid += 1;
        self.records.warn(NOT_VALID, path);
    }

    fn close(self) -> Result<Records, (String, &'static str)> {
        if let Some(report) = self.report {
            return Err((
                format!("a report ({report}), which lacks the references"),
                "write a closure to be read again with `nix-heft export --format snapshot`",
            ));
        }
        if self.derivations > 0 {
            return Err((
                "derivations as `nix derivation show` prints them, which tell neither sizes nor references".to_owned(),
                "the closure of building something is shown by `nix-heft --derivation ROOT`",
            ));
        }
        if self.entries > 0 {
            return Ok(self.records);
        }
        Err(if self.pathless > 0 {
            (
                "an entry without its path, of which no closure can be made".to_owned(),
                HINT,
            )
        } else if self.invalid > 0 {
            (
                "none of the paths it lists is valid in the store it came from".to_owned(),
                "build or fetch them first, or ask the store that has them",
            )
        } else {
            ("there are no store paths in this JSON".to_owned(), HINT)
        })
    }
}

/// The whole document.
struct TopLevel<'d, 'p>(&'d mut Document<'p>);

impl<'de> DeserializeSeed<'de> for TopLevel<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TopLevel<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or an object of path infos")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        loop {
            let one = OneEntry {
                document: &mut *self.0,
                key: None,
            };
            if seq.next_element_seed(one)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let document = self.0;
        // The object may itself be an entry: with a path that is fine, without one there is no closure to be made.
        let mut bare = PathEntry::default();
        let mut is_bare = false;
        while let Some(Text(key)) = map.next_key()? {
            if key.starts_with('/') || split_base_name(&key).is_ok() {
                map.next_value_seed(OneEntry {
                    document,
                    key: Some(&key),
                })?;
                continue;
            }
            match (&*key, EntryKey::of(&key)) {
                ("info", _) => map.next_value_seed(Info(document))?,
                ("format", _) => note_report(document, map.next_value()?),
                ("version", _) => note_version(document, &map.next_value()?),
                ("storeDir", _) => note_dir(document, &map.next_value()?),
                (_, EntryKey::Other) => map.next_value_seed(Loose {
                    document,
                    in_array: false,
                })?,
                (_, known) => {
                    is_bare |= matches!(known, EntryKey::NarHash | EntryKey::NarSize);
                    bare.field(known, &mut map)?;
                }
            }
        }
        if document.entries == 0 && is_bare {
            return document.take(None, &bare);
        }
        Ok(())
    }
}

fn note_report(document: &mut Document<'_>, format: Scalar<'_>) {
    if let Scalar::Text(format) = format
        && format.starts_with("nix-heft/")
        && format != "nix-heft/export"
    {
        document.report = Some(format.into_owned());
    }
}

fn note_version(document: &mut Document<'_>, version: &Scalar<'_>) {
    if let Scalar::Number(version) = version
        && *version > NEWEST_VERSION
    {
        document.records.warn(
            "a version of the format newer than this program, read as far as it is understood",
            version,
        );
    }
}

fn note_dir(document: &mut Document<'_>, dir: &Scalar<'_>) {
    if let Scalar::Text(dir) = dir {
        document.records.store_dir_is(dir);
    }
}

/// One entry: an object, or `null` for a path that is not valid.
struct OneEntry<'d, 'p, 'k> {
    document: &'d mut Document<'p>,
    key: Option<&'k str>,
}

impl<'de> DeserializeSeed<'de> for OneEntry<'_, '_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OneEntry<'_, '_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the path info of one path")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let entry = PathEntry::read(map)?;
        self.document.take(self.key, &entry)
    }
    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        match self.key {
            Some(path) => self.document.not_valid(path),
            None => self.document.not_valid("an entry without a path"),
        }
        Ok(())
    }
}

/// The `info` of formats 2 and 3: entries by base name.
struct Info<'d, 'p>(&'d mut Document<'p>);

impl<'de> DeserializeSeed<'de> for Info<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Info<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of path infos by base name")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(key)) = map.next_key()? {
            map.next_value_seed(OneEntry {
                document: self.0,
                key: Some(&key),
            })?;
        }
        Ok(())
    }
}

/// Any value under a key we do not know: an array may hold entries (structured attributes), an object derivations; all
/// else is passed over.
struct Loose<'d, 'p> {
    document: &'d mut Document<'p>,
    in_array: bool,
}

impl<'de> DeserializeSeed<'de> for Loose<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Loose<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        loop {
            let one = Loose {
                document: &mut *self.document,
                in_array: true,
            };
            if seq.next_element_seed(one)?.is_none() {
                return Ok(());
            }
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.in_array {
            let entry = PathEntry::read(map)?;
            return match entry.path {
                Some(_) => self.document.take(None, &entry),
                None => Ok(()),
            };
        }
        while let Some((Text(key), IgnoredAny)) = map.next_entry()? {
            let is_derivation = key.ends_with(".drv") && split_base_name(base_name(&key)).is_ok();
            self.document.derivations += usize::from(is_derivation);
        }
        Ok(())
    }
    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
}
