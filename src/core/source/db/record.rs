//! What one row of `ValidPaths` says.
//!
//! Rows are taken as hostile: every column can have any type. What Nix itself could not read is kept as far as it makes
//! sense, with a warning.

use std::borrow::Cow;
use std::num::NonZeroI64;

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::model::graph_builder::{DetailFields, Draft};
use crate::model::{GraphBuilder, NarHash, PathInfo, Size, StoreDir};

/// A row of `ValidPaths`.
pub(super) struct DbRecord<'r> {
    pub(super) base_name: Cow<'r, str>,
    pub(super) info: PathInfo,
    pub(super) details: Option<RecordDetails<'r>>,
}

/// What a row tells besides, as it stands there but for the deriver, of which only the base name is kept.
pub(super) struct RecordDetails<'r> {
    nar_hash: Option<NarHash>,
    deriver: Option<Cow<'r, str>>,
    ultimate: bool,
    signatures: Option<Cow<'r, str>>,
    content_address: Option<Cow<'r, str>>,
}

impl RecordDetails<'_> {
    /// Tells a builder.
    pub(super) fn tell(&self, builder: &mut GraphBuilder, draft: Draft) {
        let fields = DetailFields {
            deriver: self.deriver.as_deref().unwrap_or_default(),
            content_address: self.content_address.as_deref().unwrap_or_default(),
            ultimate: self.ultimate,
        };
        let signatures = self.signatures.as_deref().unwrap_or_default();
        builder.record_fields(draft, self.nar_hash, fields, signatures.split_whitespace());
    }
}

impl<'r> DbRecord<'r> {
    /// Reads a row of [`Tables::select_records`](super::tables::Tables::select_records). `None`, with a warning, where
    /// it names no path at all.
    pub(super) fn read(
        row: &'r Row<'_>,
        builder: &mut GraphBuilder,
        details: bool,
    ) -> rusqlite::Result<Option<Self>> {
        let id = row.get_ref(0)?.as_i64().unwrap_or_default();
        let values = [row.get_ref(1)?, row.get_ref(2)?, row.get_ref(3)?];
        let Some(record) = Self::of(&values, id, builder) else {
            return Ok(None);
        };
        if !details {
            return Ok(Some(record));
        }
        let mut values = [ValueRef::Null; 5];
        for (at, value) in values.iter_mut().enumerate() {
            *value = row.get_ref(4 + at)?;
        }
        Ok(Some(record.with_details(&values, builder)))
    }

    /// A record with the columns in the order of [`Layout::columns`](super::tables::Layout::columns).
    pub(super) fn detailed(
        &[
            path,
            registered,
            nar_size,
            hash,
            deriver,
            ultimate,
            sigs,
            ca,
        ]: &[ValueRef<'r>; 8],
        id: i64,
        builder: &mut GraphBuilder,
    ) -> Option<Self> {
        let record = Self::of(&[path, registered, nar_size], id, builder)?;
        Some(record.with_details(&[hash, deriver, ultimate, sigs, ca], builder))
    }

    fn with_details(mut self, values: &[ValueRef<'r>; 5], builder: &mut GraphBuilder) -> Self {
        self.details = Some(details_of(values, &self.base_name, builder));
        self
    }

    /// A record without details out of path, registration time and NAR size.
    pub(super) fn of(
        [path, registered, nar_size]: &[ValueRef<'r>; 3],
        id: i64,
        builder: &mut GraphBuilder,
    ) -> Option<Self> {
        let base_name = match path {
            ValueRef::Text(path) | ValueRef::Blob(path) => base_name(path, builder),
            _ => None,
        };
        let Some(base_name) = base_name else {
            let row = format_args!("row {id}");
            builder.warn("rows that name no path, left out", row);
            return None;
        };
        let nar_size = match *nar_size {
            ValueRef::Null | ValueRef::Integer(0) => Size::UNKNOWN,
            ValueRef::Integer(bytes) if bytes > 0 => Size::bytes(bytes.unsigned_abs()),
            _ => {
                builder.warn("impossible NAR size, treated as unknown", &base_name);
                Size::UNKNOWN
            }
        };
        let registered = match *registered {
            ValueRef::Integer(seconds) => NonZeroI64::new(seconds),
            _ => None,
        };
        let info = PathInfo {
            nar_size,
            registered,
            ..PathInfo::default()
        };
        Some(Self {
            base_name,
            info,
            details: None,
        })
    }
}

fn base_name<'r>(path: &'r [u8], builder: &mut GraphBuilder) -> Option<Cow<'r, str>> {
    let dir = builder.store_dir().as_str().as_bytes();
    let inside = path
        .strip_prefix(dir)
        .and_then(|rest| rest.strip_prefix(b"/"))
        .filter(|rest| !rest.is_empty() && !rest.contains(&b'/'));
    let bytes = match inside {
        Some(base) => base,
        None => path.rsplit(|&byte| byte == b'/').next()?,
    };
    let valid = std::str::from_utf8(bytes).map(Cow::Borrowed);
    let base = valid.unwrap_or_else(|_| String::from_utf8_lossy(bytes));
    if base.is_empty() {
        return None;
    }
    if inside.is_none() {
        let full = String::from_utf8_lossy(path);
        builder.warn("paths outside the store directory, kept by name", full);
    }
    if matches!(base, Cow::Owned(_)) {
        builder.warn("names that are not UTF-8, kept with a replacement", &base);
    }
    Some(base)
}

/// Details out of hash, deriver, ultimate, sigs and ca.
fn details_of<'r>(
    &[hash, deriver, ultimate, sigs, ca]: &[ValueRef<'r>; 5],
    base_name: &str,
    builder: &mut GraphBuilder,
) -> RecordDetails<'r> {
    let hash = text(hash);
    let nar_hash = hash.as_deref().and_then(|text| NarHash::parse(text).ok());
    if nar_hash.is_none() && hash.is_some() {
        builder.warn("invalid NAR hash, left out", base_name);
    }
    RecordDetails {
        nar_hash,
        deriver: text(deriver).map(|path| base_of(path, builder.store_dir())),
        ultimate: matches!(ultimate, ValueRef::Integer(value) if value != 0),
        signatures: text(sigs),
        content_address: text(ca),
    }
}

/// The base name of a path, which may be in another store.
fn base_of<'r>(path: Cow<'r, str>, store_dir: &StoreDir) -> Cow<'r, str> {
    let start = match store_dir.strip(&path) {
        Some(base) => path.len() - base.len(),
        None => path.rfind('/').map_or(0, |slash| slash + 1),
    };
    match path {
        Cow::Borrowed(path) => Cow::Borrowed(&path[start..]),
        Cow::Owned(path) => Cow::Owned(path[start..].to_owned()),
    }
}

fn text(value: ValueRef<'_>) -> Option<Cow<'_, str>> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) if !bytes.is_empty() => {
            Some(String::from_utf8_lossy(bytes))
        }
        _ => None,
    }
}
