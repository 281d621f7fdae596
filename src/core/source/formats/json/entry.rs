//! One path's entry, whichever of its fields are there.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::scalar::Scalar;
use crate::model::nar_hash::{encode_base32, parse_any};
use crate::source::formats::records::{Full, Record, Records, base_name};

/// The keys that mean something to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKey {
    Path,
    Valid,
    NarHash,
    NarSize,
    References,
    Deriver,
    RegistrationTime,
    Ultimate,
    Signatures,
    ContentAddress,
    DownloadSize,
    StoreDir,
    /// What only a derivation has.
    Inputs,
    Other,
}

impl EntryKey {
    pub(crate) fn of(key: &str) -> Self {
        match key {
            "path" => Self::Path,
            "valid" => Self::Valid,
            "narHash" => Self::NarHash,
            "narSize" => Self::NarSize,
            "references" => Self::References,
            "deriver" => Self::Deriver,
            "registrationTime" => Self::RegistrationTime,
            "ultimate" => Self::Ultimate,
            "signatures" => Self::Signatures,
            "ca" => Self::ContentAddress,
            "downloadSize" => Self::DownloadSize,
            "storeDir" => Self::StoreDir,
            "inputDrvs" | "inputSrcs" => Self::Inputs,
            _ => Self::Other,
        }
    }
}

impl EntryKey {
    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl<'de> Deserialize<'de> for EntryKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = EntryKey;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_str<E: Error>(self, key: &str) -> Result<EntryKey, E> {
                Ok(EntryKey::of(key))
            }
        }
        deserializer.deserialize_identifier(KeyVisitor)
    }
}

/// A number that should be there and not be negative.
#[derive(Default)]
enum Count {
    #[default]
    Absent,
    Known(u64),
    Invalid,
}

impl Count {
    fn of(value: &Scalar<'_>) -> Self {
        match value {
            Scalar::Null => Self::Absent,
            Scalar::Number(number) => Self::Known(*number),
            _ => Self::Invalid,
        }
    }
}

/// An entry while it is being read.
#[derive(Default)]
pub(crate) struct PathEntry<'de> {
    pub(crate) path: Option<Cow<'de, str>>,
    pub(crate) valid: Option<bool>,
    pub(crate) store_dir: Option<Cow<'de, str>>,
    pub(crate) is_derivation: bool,
    /// The keys so far, one bit each.
    keys: u16,
    has_key_twice: bool,
    nar_size: Count,
    download_size: Count,
    registered: Count,
    references: Option<Scalar<'de>>,
    nar_hash: Option<Cow<'de, str>>,
    deriver: Option<Cow<'de, str>>,
    ultimate: bool,
    content_address: Option<Scalar<'de>>,
    signatures: Option<Scalar<'de>>,
}

impl<'de> PathEntry<'de> {
    /// Reads a whole object.
    pub(crate) fn read<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut entry = Self::default();
        while let Some(key) = map.next_key()? {
            entry.field(key, &mut map)?;
        }
        Ok(entry)
    }

    /// Reads the value of a key.
    pub(crate) fn field<A: MapAccess<'de>>(
        &mut self,
        key: EntryKey,
        map: &mut A,
    ) -> Result<(), A::Error> {
        if key != EntryKey::Other {
            self.has_key_twice |= self.keys & key.bit() != 0;
            self.keys |= key.bit();
        }
        match key {
            EntryKey::Path => self.path = map.next_value::<Scalar>()?.into_text(),
            EntryKey::Valid => self.valid = flag(&map.next_value()?),
            EntryKey::StoreDir => self.store_dir = map.next_value::<Scalar>()?.into_text(),
            EntryKey::NarSize => self.nar_size = Count::of(&map.next_value()?),
            EntryKey::DownloadSize => self.download_size = Count::of(&map.next_value()?),
            EntryKey::RegistrationTime => self.registered = Count::of(&map.next_value()?),
            EntryKey::References => self.references = Some(map.next_value()?),
            EntryKey::NarHash => self.nar_hash = map.next_value::<Scalar>()?.into_text(),
            EntryKey::Deriver => self.deriver = map.next_value::<Scalar>()?.into_text(),
            EntryKey::Ultimate => self.ultimate = flag(&map.next_value()?) == Some(true),
            EntryKey::ContentAddress => self.content_address = Some(map.next_value()?),
            EntryKey::Signatures => self.signatures = Some(map.next_value()?),
            EntryKey::Inputs | EntryKey::Other => {
                self.is_derivation |= key == EntryKey::Inputs;
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    /// Hands the entry to the records.
    pub(crate) fn record(&self, path: &str, records: &mut Records) -> Result<(), Full> {
        if self.has_key_twice {
            let kind = "a record that gives one key twice, the last one counts";
            records.warn(kind, base_name(path));
        }
        let mut number = |count: &Count, kind: &str| match count {
            Count::Absent => None,
            Count::Known(number) => Some(*number),
            Count::Invalid => {
                records.warn(kind, base_name(path));
                None
            }
        };
        let nar_size = number(&self.nar_size, "an invalid NAR size, treated as unknown");
        let download_size = number(
            &self.download_size,
            "an invalid download size, treated as unknown",
        );
        let registered = number(
            &self.registered,
            "an invalid registration time, treated as unknown",
        );
        let detailed = records.wants_details();
        let content_address = self.content_address.as_ref().filter(|_| detailed);
        let content_address =
            content_address.and_then(|value| content_address_text(value, path, records));
        let record = Record {
            path,
            nar_size,
            download_size,
            registered: registered
                .and_then(|time| i64::try_from(time).ok())
                .unwrap_or(0),
            nar_hash: self.nar_hash.as_deref(),
            deriver: self.deriver.as_deref(),
            content_address: content_address.as_deref(),
            ultimate: self.ultimate,
        };
        let signatures = self.signatures.as_ref().filter(|_| detailed);
        let signatures = signatures.map(|value| signature_texts(value, path, records));
        let references = self.references(path, records);
        records.add(&record, references, signatures.unwrap_or_default())
    }

    fn references<'s>(
        &'s self,
        path: &str,
        records: &mut Records,
    ) -> impl Iterator<Item = &'s str> + use<'s, 'de> {
        let all = match &self.references {
            Some(Scalar::Array(all)) => all.as_slice(),
            None | Some(Scalar::Null) => {
                let kind = "a record without references, taken to have none";
                records.warn(kind, base_name(path));
                &[]
            }
            Some(_) => {
                records.warn("references that are not a list, ignored", base_name(path));
                &[]
            }
        };
        if all.iter().any(|value| value.text().is_none()) {
            records.warn("a reference that is not a string, ignored", base_name(path));
        }
        all.iter().filter_map(Scalar::text)
    }
}

fn flag(value: &Scalar<'_>) -> Option<bool> {
    match value {
        Scalar::Bool(value) => Some(*value),
        _ => None,
    }
}

/// A content address as Nix writes it in text, from the text or from `{"method", "hash"}`.
fn content_address_text(value: &Scalar<'_>, path: &str, records: &mut Records) -> Option<String> {
    let text = match value {
        Scalar::Null => return None,
        Scalar::Text(text) => Some(text.to_string()),
        value => value.pair("method", "hash").and_then(|(method, hash)| {
            let prefix = match method {
                "text" => "text:",
                "flat" => "fixed:",
                "nar" | "recursive" => "fixed:r:",
                "git" => "fixed:git:",
                _ => return None,
            };
            let (algorithm, bytes) = parse_any(hash)?;
            Some(format!("{prefix}{algorithm}:{}", encode_base32(&bytes)))
        }),
    };
    if text.is_none() {
        records.warn(
            "a content address of an unknown kind, ignored",
            base_name(path),
        );
    }
    text
}

/// Signatures as `<key name>:<base 64>`, from texts or from `{"keyName", "sig"}`.
fn signature_texts(value: &Scalar<'_>, path: &str, records: &mut Records) -> Vec<String> {
    let all = match value {
        Scalar::Null => return Vec::new(),
        Scalar::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut texts = Vec::with_capacity(all.len());
    for signature in all {
        match (signature, signature.pair("keyName", "sig")) {
            (Scalar::Text(text), _) => texts.push(text.to_string()),
            (_, Some((key, sig))) => texts.push(format!("{key}:{sig}")),
            _ => records.warn("a signature of an unknown kind, ignored", base_name(path)),
        }
    }
    texts
}
