//! What binary caches have answered, in a database below the user's cache directory.
//!
//! Records never change for a hash part, so they may be kept; that a record is missing may change, so this is not.

use std::env;
use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension as _, params};

/// After this time a record is asked for again.
const KEEP: Duration = Duration::from_hours(30 * 24);
/// How long another process that writes is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

const TABLES: &str = "create table if not exists records (
    cache text not null,
    file text not null,
    record text not null,
    fetched integer not null,
    primary key (cache, file)
) without rowid";

/// The answers of one cache.
pub(super) struct Memory {
    connection: Mutex<Connection>,
    cache: String,
    /// Seconds since 1970; older answers are not used.
    oldest: i64,
}

impl Memory {
    /// Opens or makes the file. An error says in words why it cannot be used.
    pub(super) fn open(file: &Path, cache: &str) -> Result<Self, String> {
        if let Some(dir) = file.parent() {
            fs::create_dir_all(dir).map_err(|error| error.to_string())?;
        }
        let open = || -> rusqlite::Result<Connection> {
            // What somebody looked at is their own affair.
            let _ = fs::OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o600)
                .open(file);
            let connection = Connection::open(file)?;
            connection.busy_timeout(PATIENCE)?;
            connection.execute(TABLES, [])?;
            Ok(connection)
        };
        let connection = open().map_err(|error| error.to_string())?;
        Ok(Self {
            connection: Mutex::new(connection),
            cache: cache.to_owned(),
            oldest: now().saturating_sub(KEEP.as_secs().cast_signed()),
        })
    }

    /// A remembered file of the cache.
    pub(super) fn get(&self, file: &str) -> Option<String> {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut statement = connection
            .prepare("select record from records where cache = ? and file = ? and fetched > ?")
            .ok()?;
        let found = statement.query_row(params![self.cache, file, self.oldest], |row| row.get(0));
        // What cannot be read is as good as not there: it is fetched again.
        found.optional().ok()?
    }

    /// Remembers files by name.
    pub(super) fn keep(&self, files: &[(&str, &str)]) -> rusqlite::Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction()?;
        {
            let mut insert =
                transaction.prepare("insert or replace into records values (?, ?, ?, ?)")?;
            for (file, text) in files {
                insert.execute(params![self.cache, file, text, now()])?;
            }
        }
        transaction.commit()
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}

/// `$XDG_CACHE_HOME/nix-heft/records.sqlite`, or the same below `~/.cache`.
pub(super) fn default_file() -> Option<PathBuf> {
    let given = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let dir = given
        .filter(|dir| dir.is_absolute())
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))?;
    Some(dir.join("nix-heft").join("records.sqlite"))
}
