//! Opens a store database so that what is read is one consistent state, and nothing is written beside it.
//!
//! Opened read-only, the engine creates files next to a database in WAL mode, or fails where it may not; `immutable=1` does
//! neither, but ignores the log and all locks. So the state of the files decides: no log, `immutable` with a look
//! afterwards whether the file changed meanwhile; a log with its index, read-only; else a private copy of both.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, OpenFlags};

use super::copy::copied;
use super::pages::Pages;
use crate::plain_file::{self, PlainFileError};
use crate::source::SourceError;

/// How long a reader waits for a writer that holds the whole file.
const BUSY: Duration = Duration::from_secs(2);
/// Modification times are this coarse at worst on the file systems stores live on.
const COARSE: Duration = Duration::from_millis(20);

/// One consistent state of a database, in an open transaction.
pub(super) struct Snapshot {
    pub(super) connection: Connection,
    /// The state the file has to be in still, where no lock guards it.
    pub(super) unguarded: Option<(PathBuf, State)>,
    /// What the user should know about how it was opened.
    pub(super) note: Option<String>,
}

impl Snapshot {
    /// Whether everything read so far was of one state.
    pub(super) fn held(&self) -> bool {
        match &self.unguarded {
            None => true,
            Some((file, before)) => State::of(file).is_ok_and(|now| now.holds_what(before)),
        }
    }

    /// The pages of the file, if they hold everything, and a change would be noticed.
    pub(super) fn pages(&self) -> Option<Pages> {
        let (file, _) = self.unguarded.as_ref()?;
        Pages::open(file).ok()
    }
}

/// Opens the database by what its files look like. With `copy`, always through a private copy.
pub(super) fn open(file: &Path, copy: bool) -> Result<Snapshot, SourceError> {
    let state = State::settled(file).map_err(|source| missing_or_unreadable(file, source))?;
    state.check(file)?;
    let failed = |source| SourceError::Database {
        path: file.to_owned(),
        source,
    };
    if copy {
        return copied(file, state.log(), None);
    }
    match (state.is_wal, state.log_len) {
        (true, 0) => unguarded(file, state).map_err(failed),
        (true, _) if !beside(file, "-shm").exists() => copied(file, "-wal", None),
        _ => match connect(&uri(file, "mode=ro"), OpenFlags::SQLITE_OPEN_READ_ONLY) {
            Ok(connection) => Ok(Snapshot {
                connection,
                // A lock on a file goes when this process closes the file anywhere else, so it is looked at as well.
                unguarded: (!state.is_wal).then(|| (file.to_owned(), state)),
                note: None,
            }),
            Err(_) if state.log_len == 0 => unguarded(file, state).map_err(failed),
            Err(error) => copied(file, state.log(), Some(error)),
        },
    }
}

fn missing_or_unreadable(file: &Path, source: io::Error) -> SourceError {
    let path = file.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => SourceError::NoStore { path },
        _ => SourceError::Read { path, source },
    }
}

/// Ignores log and locks, to be checked with [`Snapshot::held`].
fn unguarded(file: &Path, before: State) -> rusqlite::Result<Snapshot> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = connect(&uri(file, "mode=ro&immutable=1"), flags)?;
    Ok(Snapshot {
        connection,
        unguarded: Some((file.to_owned(), before)),
        note: None,
    })
}

/// Opens, waits for locks, and begins the one transaction everything is read in.
pub(super) fn connect(uri: &OsStr, mode: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = mode | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(Path::new(uri), flags)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY; PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; BEGIN",
    )?;
    // SQLite opens nothing before the first statement that reads.
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    Ok(connection)
}

pub(super) fn uri(file: &Path, query: &str) -> OsString {
    let mut uri = OsString::from("file://");
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    for &byte in absolute.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => {
                uri.push(char::from(byte).to_string());
            }
            _ => uri.push(format!("%{byte:02x}")),
        }
    }
    uri.push("?");
    uri.push(query);
    uri
}

pub(super) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// What tells whether a database file changed: its size, times, header, and its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    len: u64,
    modified: (i64, i64),
    inode: u64,
    /// The file's header up to and including the change counter.
    header: Vec<u8>,
    is_wal: bool,
    log_len: u64,
    log_modified: Option<(i64, i64)>,
}

impl State {
    pub(super) fn of(file: &Path) -> io::Result<Self> {
        let mut handle = match plain_file::open(file) {
            Err(PlainFileError::NotPlain) if file.is_dir() => {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            outcome => outcome?,
        };
        let meta = handle.metadata()?;
        let mut header = Vec::with_capacity(28);
        handle.by_ref().take(28).read_to_end(&mut header)?;
        let is_wal = header.get(18) == Some(&2);
        let log = match fs::metadata(beside(file, log_suffix(is_wal))) {
            // What is copied or opened by the engine must not be waited for.
            Ok(log) if !log.is_file() => {
                return Err(io::Error::other("its log is not a regular file"));
            }
            Ok(log) => Some(log),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Self {
            len: meta.len(),
            modified: modified(&meta),
            inode: meta.ino(),
            header,
            is_wal,
            log_len: log.as_ref().map_or(0, Metadata::len),
            log_modified: log.as_ref().map(modified),
        })
    }

    /// As [`State::of`], but not so soon after a change that the next one could get the same time.
    pub(super) fn settled(file: &Path) -> io::Result<Self> {
        let state = Self::of(file)?;
        let (seconds, nanoseconds) = state.modified;
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = since_epoch.map_or(0, |d| d.as_nanos());
        let then = u128::try_from(seconds).unwrap_or(0) * 1_000_000_000
            + u128::try_from(nanoseconds).unwrap_or(0);
        if now.abs_diff(then) < COARSE.as_nanos() {
            sleep(COARSE);
            return Self::of(file);
        }
        Ok(state)
    }

    /// Whether the file still has the same content. The log of a database without WAL says nothing about that.
    fn holds_what(&self, other: &Self) -> bool {
        let file = |state: &Self| (state.len, state.modified, state.inode);
        let log = |state: &Self| {
            (
                state.is_wal,
                state.is_wal.then_some((state.log_len, state.log_modified)),
            )
        };
        file(self) == file(other) && log(self) == log(other) && self.header == other.header
    }

    fn log(&self) -> &'static str {
        log_suffix(self.is_wal)
    }

    fn check(&self, file: &Path) -> Result<(), SourceError> {
        let problem = if self.len == 0 {
            "the file is empty"
        } else if self.header.starts_with(b"SQLite format 3\0") {
            return Ok(());
        } else {
            "this is not an SQLite database"
        };
        Err(SourceError::Format {
            path: file.display().to_string(),
            problem: problem.to_owned(),
            hint: "a store's database is DIR/nix/var/nix/db/db.sqlite; for other files use --from",
        })
    }
}

const fn log_suffix(is_wal: bool) -> &'static str {
    if is_wal { "-wal" } else { "-journal" }
}

fn modified(meta: &Metadata) -> (i64, i64) {
    (meta.mtime(), meta.mtime_nsec())
}
