//! The one way files are opened to be read: a plain file, or an error at once.
//!
//! Opening a pipe would wait for its other end, reading a terminal for its user, and a device may have no end. None of
//! them is meant where a file is named. Links are followed.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;
use thiserror::Error;

/// Why a file was not opened.
#[derive(Debug, Error)]
pub enum PlainFileError {
    /// It is a directory, a pipe, a socket, a terminal or another device.
    #[error("not a regular file")]
    NotPlain,
    /// The system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<PlainFileError> for io::Error {
    fn from(error: PlainFileError) -> Self {
        match error {
            PlainFileError::NotPlain => Self::other(error.to_string()),
            PlainFileError::Io(error) => error,
        }
    }
}

/// Opens a plain file for reading, and waits for nothing.
pub fn open(path: &Path) -> Result<File, PlainFileError> {
    open_with(path, OFlags::empty())
}

/// As [`open`], with more flags of the system's.
pub(crate) fn open_with(path: &Path, flags: OFlags) -> Result<File, PlainFileError> {
    let flags = flags | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(PlainFileError::NotPlain)
    }
}

/// The content of a plain file of at most so many bytes; a longer one is [`io::ErrorKind::FileTooLarge`].
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let problem = format!("it is longer than {most} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn what_is_no_plain_file_is_an_error_and_no_endless_wait() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        mknodat(CWD, at("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
        let _listening = UnixListener::bind(at("socket")).expect("a socket");
        symlink(at("pipe"), at("link")).expect("a link");
        for path in [
            at("pipe"),
            at("socket"),
            at("link"),
            at(""),
            "/dev/zero".into(),
        ] {
            assert!(open(&path).is_err(), "{}", path.display());
        }
        std::fs::write(at("file"), "12345").expect("a file");
        symlink("file", at("way")).expect("a link");
        assert_eq!(read(&at("way"), 5).expect("short enough"), b"12345");
        let error = read(&at("file"), 4).expect_err("too long");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
