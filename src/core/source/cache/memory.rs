//! What binary caches have answered, in a database below the user's cache directory.
//!
//! A record never changes for a hash part, but for its signatures, so it may be kept; that one is missing may change, so
//! that is not. Only what was parsed and is signed as required is remembered, and it is looked at in the same way when it
//! is taken out again: nothing in the file is believed for being there. What one login or one setting of an address was
//! told is not told to another.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use crate::plain_file;

/// After this time a record is asked for again.
const KEEP: Duration = Duration::from_hours(30 * 24);
/// How long another process that writes is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// The file grows no larger, in bytes: then the older half is forgotten.
const MOST_BYTES: i64 = 256 << 20;

/// The table of an earlier version, whose keys did not say who had asked, goes.
const TABLES: &str = "
drop table if exists records;
create table if not exists answers (
    cache text not null,
    file text not null,
    record text not null,
    fetched integer not null,
    primary key (cache, file)
) without rowid;
create index if not exists answers_by_age on answers (fetched)";

/// Whose answers they are: the address of a cache, what proved who asked, and the settings in the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CacheKey(String);

impl CacheKey {
    /// Nothing of the login can be read off it.
    pub(super) fn of(base: &str, login: Option<&str>, settings: &str) -> Self {
        let mut hasher = Sha256::new();
        for part in [login.unwrap_or_default(), settings] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut key = format!("{base} ");
        for byte in hasher.finalize() {
            let _ = write!(key, "{byte:02x}");
        }
        Self(key)
    }
}

/// The answers of one cache.
pub(super) struct Memory {
    connection: Mutex<Connection>,
    cache: String,
    /// Seconds since 1970; older answers are not used.
    oldest: i64,
    /// Whether everything is asked for again.
    refresh: bool,
    /// Whether the file was damaged, so that a new one was begun.
    pub(super) was_damaged: bool,
}

impl Memory {
    /// Opens or makes the file. An error says in words why it cannot be used. A damaged file is recreated.
    pub(super) fn open(file: &Path, cache: &CacheKey, refresh: bool) -> Result<Self, String> {
        if let Some(dir) = file.parent() {
            let made = fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(dir);
            made.map_err(|error| error.to_string())?;
        }
        // What a user looked at is private.
        let mut options = fs::OpenOptions::new();
        let made = options.append(true).create_new(true).mode(0o600).open(file);
        if made.is_err() {
            plain_file::open(file).map_err(|error| error.to_string())?;
        }
        let oldest = now().saturating_sub(KEEP.as_secs().cast_signed());
        let mut was_damaged = false;
        let connection = connect(file, oldest).or_else(|error| {
            was_damaged = is_damage(&error);
            if !was_damaged {
                return Err(error);
            }
            for suffix in ["", "-wal", "-journal", "-shm"] {
                let mut name = file.as_os_str().to_owned();
                name.push(suffix);
                let _ = fs::remove_file(PathBuf::from(name));
            }
            let _ = fs::OpenOptions::new()
                .append(true)
                .create_new(true)
                .mode(0o600)
                .open(file);
            connect(file, oldest)
        });
        Ok(Self {
            connection: Mutex::new(connection.map_err(|error| error.to_string())?),
            cache: cache.0.clone(),
            oldest,
            refresh,
            was_damaged,
        })
    }

    /// A remembered file of the cache.
    pub(super) fn get(&self, file: &str) -> Option<String> {
        if self.refresh {
            return None;
        }
        let connection = self.lock();
        let mut statement = connection
            .prepare("select record from answers where cache = ? and file = ? and fetched > ?")
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
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        {
            let mut insert =
                transaction.prepare("insert or replace into answers values (?, ?, ?, ?)")?;
            for (file, text) in files {
                insert.execute(params![self.cache, file, text, now()])?;
            }
        }
        let pages =
            |name: &str| transaction.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let in_use = pages("page_count")?.saturating_sub(pages("freelist_count")?);
        if in_use.saturating_mul(pages("page_size")?) > MOST_BYTES {
            transaction.execute(HALVE, [])?;
        }
        transaction.commit()
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

const HALVE: &str = "delete from answers where fetched <=
    (select fetched from answers order by fetched limit 1 offset (select count(*) / 2 from answers))";

fn connect(file: &Path, oldest: i64) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(PATIENCE)?;
    // What a crash of the machine takes is asked for again, and damage is found: nothing waits for the disk.
    connection.execute_batch(
        "pragma trusted_schema = off; pragma cell_size_check = on; pragma synchronous = off",
    )?;
    connection.execute_batch(TABLES)?;
    match connection.execute("delete from answers where fetched <= ?", [oldest]) {
        Err(error) if !is_passing(&error) => Err(error),
        _ => Ok(connection),
    }
}

/// Whether an error only says that nothing can be swept now.
fn is_passing(error: &rusqlite::Error) -> bool {
    use ErrorCode::{DatabaseBusy, DatabaseLocked, ReadOnly};
    matches!(
        error.sqlite_error_code(),
        Some(ReadOnly | DatabaseBusy | DatabaseLocked)
    )
}

/// Whether an error says that the file itself is not what it should be.
fn is_damage(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => matches!(
            code,
            ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown
        ),
        None => false,
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    fn key(login: Option<&str>) -> CacheKey {
        CacheKey::of("https://cache", login, "")
    }

    #[test]
    fn what_one_login_or_setting_was_told_is_not_told_to_another() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("deep/records.sqlite");
        let keys = [
            key(None),
            key(Some("Basic a")),
            key(Some("Basic b")),
            CacheKey::of("https://cache", None, "x=1"),
            CacheKey::of("https://other", None, ""),
        ];
        for (number, key) in keys.iter().enumerate() {
            let memory = Memory::open(&file, key, false).expect("opened");
            assert_eq!(memory.get("x"), None, "{key:?}");
            memory.keep(&[("x", &number.to_string())]).expect("kept");
            assert!(!key.0.contains("Basic"));
        }
        for (number, key) in keys.iter().enumerate() {
            let memory = Memory::open(&file, key, false).expect("opened");
            assert_eq!(memory.get("x"), Some(number.to_string()));
        }
        assert_eq!(fs::metadata(&file).expect("there").mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_begun_anew_and_what_is_none_is_left_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("records.sqlite");
        let open = || Memory::open(&file, &key(None), false);
        let put = |memory: &Memory| memory.keep(&[("x", "text")]).expect("kept");
        put(&open().expect("made"));
        let sound = fs::read(&file).expect("there");
        let noise: Vec<u8> = sound.iter().map(|byte| byte ^ 0x5a).collect();
        let torn = [&sound[..100], &noise[100..]].concat();
        for damaged in [noise, torn, b"<html>no database</html>".repeat(100)] {
            fs::write(&file, damaged).expect("written");
            let memory = open().expect("begun anew");
            assert!(memory.was_damaged);
            assert_eq!(memory.get("x"), None);
            put(&memory);
            drop(memory);
            let again = open().expect("opened");
            assert!(!again.was_damaged);
            assert_eq!(again.get("x").as_deref(), Some("text"));
        }
        fs::remove_file(&file).expect("removed");
        fs::create_dir(&file).expect("a directory");
        assert!(open().is_err_and(|problem| problem.contains("not a regular file")));
    }

    #[test]
    fn old_rows_go_and_the_file_stays_small() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("records.sqlite");
        let memory = Memory::open(&file, &key(None), false).expect("made");
        memory.keep(&[("old", "1"), ("new", "2")]).expect("kept");
        let age = |name: &str, to: i64| {
            let changed = memory.lock().execute(
                "update answers set fetched = ? where file = ?",
                params![to, name],
            );
            assert_eq!(changed, Ok(1));
        };
        age("old", memory.oldest);
        let again = Memory::open(&file, &key(None), false).expect("opened");
        let count = |memory: &Memory| {
            let rows = memory
                .lock()
                .query_row("select count(*) from answers", [], |row| {
                    row.get::<_, i64>(0)
                });
            rows.expect("counted")
        };
        assert_eq!((count(&again), again.get("new").as_deref()), (1, Some("2")));
        for name in ["a", "b", "c"] {
            again.keep(&[(name, "x")]).expect("kept");
        }
        for (number, name) in ["new", "a", "b", "c"].into_iter().enumerate() {
            age(name, now() - 100 + number.cast_signed() as i64);
        }
        again.lock().execute(HALVE, []).expect("halved");
        assert_eq!(
            (count(&again), again.get("c").is_some(), again.get("new")),
            (1, true, None)
        );
    }
}
