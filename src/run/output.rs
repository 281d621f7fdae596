//! Where answers go: standard output or a file, with or without colour, and never an error when a pipe is closed.

use std::io::{self, Write};
use std::path::Path;

use crate::gate::{self, Reader};
use crate::model::StoreDir;
use crate::user_files::{self, Over, UserFileError};

use super::failure::Failure;

/// Lets a report write to standard output, through the gate for its reader. That the reader has seen enough is no error.
pub(crate) fn print(
    reader: Reader,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    match gate::pass(&mut io::stdout().lock(), reader, write) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::because(
            format!("cannot write to standard output: {error}"),
            "is the disk full?",
        )),
        Ok(()) => Ok(()),
    }
}

/// Lets a report write to a file outside the store, or to standard output if there is none, through the gate for its
/// reader.
pub(crate) fn save(
    file: Option<&Path>,
    store_dir: &StoreDir,
    reader: Reader,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let Some(path) = file.filter(|path| *path != Path::new("-")) else {
        return print(reader, write);
    };
    let outcome = user_files::write(path, Over::Anything, store_dir, reader, write);
    outcome.map_err(refused)
}

/// Why a file was not written, and what to try.
pub(super) fn refused(error: UserFileError) -> Failure {
    match error {
        UserFileError::InStore(path) => Failure::because(
            format!("{} is in a store, which is only ever read", path.display()),
            "choose a file of your own",
        ),
        UserFileError::Write { path, source } => Failure::because(
            format!("cannot write {}: {source}", path.display()),
            match source.kind() {
                io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::FileTooLarge => {
                    "make room there, or choose a file on another disk"
                }
                _ => "choose a file in a directory you may write to",
            },
        ),
        other => Failure::because(other.to_string(), "choose another file"),
    }
}
