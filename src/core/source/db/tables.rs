//! The tables of a store database as they were found.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use crate::model::StoreDir;
use crate::model::store_path::split_base_name;
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

    /// A query for the columns that [`DbRecord::read`](super::record::DbRecord::read) wants, `id` first. Columns an older
    /// schema lacks are NULL.
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

    /// Whether a row has references.
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

    /// Whether `ValidPaths` has this column.
    pub(super) fn has_column(&self, name: &str) -> bool {
        has(&self.columns, name)
    }

    /// Whether there is a table of this name.
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
