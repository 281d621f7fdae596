//! Files of the user's own, outside any store: what the explorer was asked to write, and plans it was asked to read.

pub mod answers;
pub mod journal;
pub mod memory;
pub mod names;
mod store;
pub mod whole;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

pub use self::store::is_in_store;
pub use self::whole::Over;
use self::whole::{Readers, whole};
use crate::gate::{self, Reader};
use crate::model::StoreDir;
use crate::plain_file::{self, PlainFileError};

/// Plans are short: what is longer is something else.
const LONGEST_TEXT: u64 = 4 << 20;

/// Why a file was not written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UserFileError {
    /// There is a file of that name.
    #[error("{0} already exists")]
    Exists(PathBuf),
    /// It would be in a store.
    #[error("{0} is in the store, where nothing is ever written")]
    InStore(PathBuf),
    /// It could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is no file that could be read to its end.
    #[error("{0} is not a regular file")]
    NotRegular(PathBuf),
    /// It is longer than any plan.
    #[error("{0} is too large to be a plan")]
    TooLarge(PathBuf),
}

/// What a typed path means: `~/` is the user's home directory.
pub fn expand_home(path: &str) -> PathBuf {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}

/// Writes a file that is not there yet, or, if so asked, over one that is. Never into a store, and through the gate for who
/// reads it.
pub fn write(
    path: &Path,
    over: Over,
    store_dir: &StoreDir,
    reader: Reader,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), UserFileError> {
    if is_in_store(path, store_dir) {
        return Err(UserFileError::InStore(path.to_owned()));
    }
    let written = whole(path, over, Readers::Usual, |out| {
        gate::pass(out, reader, content)
    });
    written.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => UserFileError::Exists(path.to_owned()),
        _ => UserFileError::Write {
            path: path.to_owned(),
            source,
        },
    })
}

/// Reads a text out of a regular file.
pub fn read(path: &Path) -> Result<String, UserFileError> {
    read_text(open(path)?, path)
}

/// As [`read`], whatever the bytes are.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, UserFileError> {
    let mut bytes = Vec::new();
    let file = open(path)?;
    let read = file.take(LONGEST_TEXT).read_to_end(&mut bytes);
    read.map_err(|source| UserFileError::unread(path, source))?;
    Ok(bytes)
}

fn open(path: &Path) -> Result<File, UserFileError> {
    plain_file::open(path).map_err(|error| match error {
        PlainFileError::NotPlain => UserFileError::NotRegular(path.to_owned()),
        PlainFileError::Io(source) => UserFileError::unread(path, source),
    })
}

/// Reads a text to its end, unless it has none. `path` is what it is called in errors.
pub fn read_text(from: impl Read, path: &Path) -> Result<String, UserFileError> {
    let mut text = String::new();
    match from.take(LONGEST_TEXT + 1).read_to_string(&mut text) {
        Ok(length) if length as u64 > LONGEST_TEXT => Err(UserFileError::TooLarge(path.to_owned())),
        Ok(_) => Ok(text),
        Err(source) => Err(UserFileError::unread(path, source)),
    }
}

impl UserFileError {
    /// What could not be read, and why.
    pub fn unread(path: &Path, source: io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten_unasked_and_nothing_written_to_a_store() {
        let directory = tempfile::tempdir().expect("a directory");
        let real = directory.path().canonicalize().expect("it is there");
        let (file, elsewhere) = (real.join("plan.toml"), StoreDir::default());
        let put = |path: &Path, over, store: &StoreDir, text: &str| {
            write(path, over, store, Reader::Toml, |out| {
                out.write_all(text.as_bytes())
            })
        };
        put(&file, Over::Nothing, &elsewhere, "one").expect("written");
        assert!(matches!(
            put(&file, Over::Nothing, &elsewhere, "two"),
            Err(UserFileError::Exists(_))
        ));
        assert_eq!(read(&file).expect("read"), "one");
        put(&file, Over::Files, &elsewhere, "\u{1b}\u{202e}").expect("written");
        assert_eq!(read(&file).expect("read"), "\\U0000001b\\U0000202e");
        put(&file, Over::Files, &elsewhere, "2").expect("written");
        assert_eq!(read(&file).expect("read"), "2");
        let store = StoreDir::new(real.to_str().expect("text")).expect("a store directory");
        for over in [Over::Nothing, Over::Files] {
            assert!(matches!(
                put(&file, over, &store, "three"),
                Err(UserFileError::InStore(_))
            ));
        }
        assert_eq!(read(&file).expect("read"), "2");
        for other in [&real, Path::new("/dev/zero"), Path::new("/dev/tty")] {
            let outcome = read(other);
            let refused = matches!(
                &outcome,
                Err(UserFileError::NotRegular(_) | UserFileError::Read { .. })
            );
            assert!(refused, "{outcome:?}");
        }
        let endless = read_text(io::repeat(b'x'), Path::new("-"));
        assert!(matches!(endless, Err(UserFileError::TooLarge(_))));
    }
}
