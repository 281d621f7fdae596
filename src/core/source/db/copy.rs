//! A private copy of a database and its log, for when they cannot be opened where they are.
//!
//! The one place in `source` that writes: into a folder of its own, which has no name any more once the copy is open.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::OpenFlags;

use super::open::{Snapshot, State, beside, connect, uri};
use crate::source::SourceError;

/// How often at least a copy that changed under our hands is made again, and for how long.
const COPIES: usize = 4;
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens a copy of the database and its log. The copy has no name any more once it is open, so nothing is left behind.
pub(super) fn copied(
    file: &Path,
    log: &str,
    because: Option<rusqlite::Error>,
) -> Result<Snapshot, SourceError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| SourceError::Read { path, source }
    };
    let place = PrivateDir::new().map_err(|error| no_room(file, &error))?;
    let copy = place.0.join("db.sqlite");
    let began = Instant::now();
    let mut steady = false;
    let mut copies = 0;
    while !steady && (copies < COPIES || began.elapsed() < PATIENCE) {
        let before = State::settled(file).map_err(unreadable(file))?;
        fs::copy(file, &copy).map_err(|error| no_room(file, &error))?;
        let (from, to) = (beside(file, log), beside(&copy, log));
        match fs::copy(&from, &to) {
            Ok(_) => {}
            // The log of an earlier copy must not be applied to this one.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let _ = fs::remove_file(&to);
            }
            Err(error) => return Err(unreadable(&from)(error)),
        }
        steady = State::of(file).is_ok_and(|after| after == before);
        copies += 1;
    }
    let failed = |source| SourceError::Database {
        path: file.to_owned(),
        source,
    };
    let connection = connect(&uri(&copy, "mode=rw"), OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = connection.map_err(failed)?;
    let mut note = "the database was read from a private copy of it and its log".to_owned();
    if let Some(error) = because {
        let _ = write!(note, ", which cannot be opened where they are ({error})");
    }
    if !steady {
        note += "; it kept changing while it was copied, so numbers may be off";
    }
    Ok(Snapshot {
        connection,
        unguarded: None,
        note: Some(note),
    })
}

fn no_room(file: &Path, error: &io::Error) -> SourceError {
    SourceError::Other {
        message: format!(
            "{} cannot be read where it is, nor be copied to {}: {error}",
            file.display(),
            std::env::temp_dir().display()
        ),
        hint: "set TMPDIR to a directory with room for a copy, or pipe the output of \
               `nix path-info --json --recursive ROOT` into `nix-heft --from -`"
            .to_owned(),
    }
}

/// A folder that only this user can look into, gone with the value.
struct PrivateDir(PathBuf);

impl PrivateDir {
    fn new() -> io::Result<Self> {
        let random = RandomState::new();
        for attempt in 0..16_u8 {
            let name = format!("nix-heft-{:016x}", random.hash_one(attempt));
            let dir = std::env::temp_dir().join(name);
            match DirBuilder::new().mode(0o700).create(&dir) {
                Ok(()) => return Ok(Self(dir)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for PrivateDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
