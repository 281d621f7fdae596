//! The tables of a store database as they were found, and what one row of them says.
//!
//! Rows are taken as hostile: every column can have any type. What Nix itself could not read is kept as far as it makes
//! sense, with a warning.

use std::borrow::Cow;
use std::num::NonZeroI64;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::model::graph_builder::{DetailFields, Draft};
use crate::model::store_path::split_base_name;
use crate::model::{GraphBuilder, NarHash, PathInfo, Size, StoreDir};
use crate::source::SourceError;

/// The columns of `ValidPaths` that are read: those that every reading needs, then those of the details.
const WANTED: [&str; 8] = [
    "path",
    "registrationTime",
    "narSize",
    "hash",
    "deriver",
    "ultimate",
    "sigs",
    "ca",
];
/// How many rows are looked at to learn the store directory.
const SAMPLE: usize = 16;

/// A database that has the tables of a store.
pub(super) struct Tables<'c> {
    pub(super) connection: &'c Connection,
    file: &'c Path,
    columns: Vec<String>,
    details: bool,
}

/// Where in the file the tables are, for [`super::pages`].
pub(super) struct Layout {
    /// The first page of an index over `Refs` by referrer, then reference.
    pub(super) references: u32,
    /// The first page of `ValidPaths`, whose row numbers are the ids.
    pub(super) paths: u32,
    /// Where path, registration time and NAR size stand in its records, then what only details tell.
    pub(super) columns: [usize; 8],
}

/// A row of `ValidPaths`.
pub(super) struct Record<'r> {
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

impl<'c> Tables<'c> {
    /// Looks whether the tables of a store are there.
    pub(super) fn of(
        connection: &'c Connection,
        file: &'c Path,
        details: bool,
    ) -> Result<Self, SourceError> {
        let mut tables = Self {
            connection,
            file,
            columns: Vec::new(),
            details,
        };
        tables.columns = tables.require("ValidPaths", &["id", "path"])?;
        tables.require("Refs", &["referrer", "reference"])?;
        Ok(tables)
    }

    /// The columns of a table, which has to be a real one: a view could compute anything.
    pub(super) fn require(&self, table: &str, needed: &[&str]) -> Result<Vec<String>, SourceError> {
        let kind = "SELECT type || ' ' || substr(sql, 1, 13) FROM sqlite_master WHERE name = ?";
        let kind: Option<String> = self.sql(
            self.connection
                .query_row(kind, [table], |row| row.get(0))
                .optional(),
        )?;
        let lacks = |what: String| SourceError::Format {
            path: self.file.display().to_string(),
            problem: format!("{what}, so this is no Nix store database"),
            hint: "a store's database is DIR/nix/var/nix/db/db.sqlite; for other files use --from",
        };
        if kind.as_deref().map(str::to_ascii_lowercase).as_deref() != Some("table create table ") {
            return Err(lacks(format!("it has no table {table}")));
        }
        let columns: Vec<String> = self.sql(
            self.connection
                .prepare("SELECT name FROM pragma_table_info(?)")
                .and_then(|mut names| names.query_map([table], |row| row.get(0))?.collect()),
        )?;
        match needed.iter().find(|&&name| !has(&columns, name)) {
            Some(missing) => Err(lacks(format!("its table {table} has no column {missing}"))),
            None => Ok(columns),
        }
    }

    /// An engine's error with the file it is about.
    pub(super) fn sql<T>(&self, outcome: rusqlite::Result<T>) -> Result<T, SourceError> {
        outcome.map_err(|source| SourceError::Database {
            path: self.file.to_owned(),
            source,
        })
    }

    /// A query for the columns that [`Record::read`] wants, `id` first. Columns an older schema lacks are NULL.
    pub(super) fn select_records(&self, condition: &str) -> String {
        let wanted = if self.details {
            &WANTED[..]
        } else {
            &WANTED[..3]
        };
        let mut query = "SELECT id".to_owned();
        for &name in wanted {
            query += ", ";
            query += if has(&self.columns, name) {
                name
            } else {
                "NULL"
            };
        }
        query + " FROM ValidPaths " + condition
    }

    /// The directory that the recorded paths are in; `expected` if no row tells.
    pub(super) fn store_dir(&self, expected: &StoreDir) -> Result<StoreDir, SourceError> {
        let query = format!("SELECT path FROM ValidPaths LIMIT {SAMPLE}");
        let mut statement = self.sql(self.connection.prepare(&query))?;
        let mut rows = self.sql(statement.query([]))?;
        while let Some(row) = self.sql(rows.next())? {
            let path = self.sql(row.get_ref(0))?.as_str().unwrap_or_default();
            let Some((dir, base)) = path.rsplit_once('/') else {
                continue;
            };
            if split_base_name(base).is_ok()
                && let Some(dir) = StoreDir::new(dir)
            {
                return Ok(dir);
            }
        }
        Ok(expected.clone())
    }

    /// The row of a full path.
    pub(super) fn id_of(&self, path: &str) -> Result<Option<i64>, SourceError> {
        let query = "SELECT id FROM ValidPaths WHERE path = ?";
        let row = self
            .connection
            .prepare(query)
            .and_then(|mut statement| statement.query_row([path], |row| row.get(0)).optional());
        self.sql(row)
    }

    /// Has a row references?
    pub(super) fn has_references(&self, id: i64) -> Result<bool, SourceError> {
        let query = "SELECT 1 FROM Refs WHERE referrer = ? LIMIT 1";
        let found = self
            .connection
            .prepare(query)
            .and_then(|mut statement| statement.exists([id]));
        self.sql(found)
    }

    /// Where the tables are, if they have the form that Nix gives them.
    pub(super) fn layout(&self) -> Option<Layout> {
        let number = |query: &str| -> Option<u32> {
            self.connection.query_row(query, [], |row| row.get(0)).ok()
        };
        let plain = "SELECT count(*) FROM sqlite_master WHERE name = 'ValidPaths'
            AND sql NOT LIKE '%without%rowid%' AND sql NOT LIKE '% desc%' AND 1 = (SELECT count(*) FROM
            pragma_table_xinfo('ValidPaths') WHERE hidden OR dflt_value NOT NULL OR pk AND name = 'id'
            AND type = 'integer' COLLATE NOCASE)";
        let sorted = "SELECT group_concat(name || desc) = 'referrer0,reference0' FROM
            (SELECT * FROM pragma_index_xinfo('sqlite_autoindex_Refs_1') WHERE key ORDER BY seqno)";
        if number(plain)? != 1 || number(sorted)? != 1 {
            return None;
        }
        let root = "SELECT rootpage FROM sqlite_master WHERE tbl_name = ";
        let position = |name: &str| {
            let found = self
                .columns
                .iter()
                .position(|c| c.eq_ignore_ascii_case(name));
            found.unwrap_or(usize::MAX)
        };
        Some(Layout {
            references: number(&format!(
                "{root} 'Refs' AND name = 'sqlite_autoindex_Refs_1'"
            ))?,
            paths: number(&format!("{root} 'ValidPaths' AND type = 'table'"))?,
            columns: WANTED.map(position),
        })
    }

    /// The full path of the derivation that is recorded with a row, if there is one.
    pub(super) fn deriver(&self, id: i64) -> Result<Option<String>, SourceError> {
        if !has(&self.columns, "deriver") {
            return Ok(None);
        }
        let query = "SELECT CAST(deriver AS TEXT) FROM ValidPaths WHERE id = ?";
        let found = self.connection.query_row(query, [id], |row| {
            Ok(row
                .get_ref(0)?
                .as_str_or_null()
                .unwrap_or_default()
                .map(str::to_owned))
        });
        self.sql(found)
    }

    /// Has `ValidPaths` this column?
    pub(super) fn has_column(&self, name: &str) -> bool {
        has(&self.columns, name)
    }

    /// Is there a table of this name?
    pub(super) fn exists(&self, table: &str) -> Result<bool, SourceError> {
        let query = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?";
        let count: i64 = self.sql(self.connection.query_row(query, [table], |row| row.get(0)))?;
        Ok(count > 0)
    }

    /// The database file, to be named in errors.
    pub(super) fn file(&self) -> &Path {
        self.file
    }

    /// The least or greatest value of an integer column, `None` if that is no integer.
    pub(super) fn bound(&self, query: &str) -> Option<i64> {
        self.connection
            .query_row(query, [], |row| row.get(0))
            .unwrap_or_default()
    }
}

fn has(columns: &[String], name: &str) -> bool {
    columns.iter().any(|c| c.eq_ignore_ascii_case(name))
}

impl<'r> Record<'r> {
    /// Reads a row of [`Tables::select_records`]. `None`, with a warning, where it names no path at all.
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

    /// A record with the columns in the order of [`Layout::columns`].
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
        builder.warn("NAR hash that is not one, left out", base_name);
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
