//! The one way files are opened to be read: a plain file, or an error at once.
//!
//! Opening a pipe would wait for its other end, reading a terminal for its user, and a device may have no end. None of
//! them is meant where a file is named. Links are followed.
//!
//! Where a pipe may be meant as well, as in `--from <(…)`, its other end is waited for only a moment.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use thiserror::Error;

/// How long is waited for the other end of a pipe.
pub const PATIENCE: Duration = Duration::from_secs(3);
/// How long it sleeps between two looks for a reader.
const NAP: Duration = Duration::from_millis(20);

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

/// What is read of a file or a pipe: perhaps a first byte, and then the rest.
pub type FileOrPipe = io::Chain<io::Cursor<Vec<u8>>, File>;

/// Opens a file, or a pipe that has a writer or gets one within `patience`: [`io::ErrorKind::TimedOut`] if it does not.
pub fn open_or_pipe(path: &Path, patience: Duration) -> io::Result<FileOrPipe> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let begun = if file.metadata()?.file_type().is_fifo() {
        beginning(&file, patience)?
    } else {
        Vec::new()
    };
    let file = waiting(file)?;
    Ok(io::Cursor::new(begun).chain(file))
}

/// Opens a pipe for writing that has a reader or gets one within `patience`: [`io::ErrorKind::TimedOut`] if it does not.
pub fn open_pipe_to(path: &Path, patience: Duration) -> io::Result<File> {
    let end = Instant::now() + patience;
    loop {
        let file = OpenOptions::new()
            .write(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
            .open(path);
        match file {
            Err(error) if error.raw_os_error() == Some(Errno::NXIO.raw_os_error()) => {
                if Instant::now() >= end {
                    let problem = "nothing reads from this pipe";
                    return Err(io::Error::new(io::ErrorKind::TimedOut, problem));
                }
                sleep(NAP);
            }
            file => return waiting(file?),
        }
    }
}

/// Waits until a pipe has something to be read; perhaps its first byte.
fn beginning(mut file: &File, patience: Duration) -> io::Result<Vec<u8>> {
    let limit = Timespec::try_from(patience).map_err(io::Error::other)?;
    if poll(&mut [PollFd::new(&file, PollFlags::IN)], Some(&limit))? > 0 {
        return Ok(Vec::new());
    }
    // It is silent: either a writer is there who has nothing to say yet, or there is none.
    let mut byte = [0];
    match file.read(&mut byte) {
        Ok(1) => Ok(byte.to_vec()),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(_) => {
            let problem = "nothing writes into this pipe";
            Err(io::Error::new(io::ErrorKind::TimedOut, problem))
        }
    }
}

/// The file with reads and writes that wait, as usual.
fn waiting(file: File) -> io::Result<File> {
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

/// The content of a plain file of at most this many bytes; a longer one is [`io::ErrorKind::FileTooLarge`].
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_at_most(open(path)?, most)
}

/// Everything up to the end, if that is at most this many bytes; more is [`io::ErrorKind::FileTooLarge`].
pub fn read_at_most(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
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
    fn a_pipe_is_read_as_far_as_it_has_another_end() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        mknodat(CWD, at("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
        let short = Duration::from_millis(30);
        for outcome in [
            open_or_pipe(&at("pipe"), short).map(drop),
            open_pipe_to(&at("pipe"), short).map(drop),
        ] {
            let error = outcome.expect_err("no other end");
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        }
        let long = Duration::from_mins(1);
        let pipe = at("pipe");
        let writer = std::thread::spawn(move || {
            let mut out = open_pipe_to(&pipe, long)?;
            // A reader whose patience ends sees all the same that there is a writer.
            sleep(Duration::from_millis(100));
            io::Write::write_all(&mut out, &vec![b'x'; 100_000])
        });
        let mut text = Vec::new();
        let input = loop {
            match open_or_pipe(&at("pipe"), short) {
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
                input => break input,
            }
        };
        input
            .expect("a writer")
            .read_to_end(&mut text)
            .expect("read");
        assert_eq!(text.len(), 100_000);
        writer.join().expect("no panic").expect("written");
        std::fs::write(at("file"), "12345").expect("a file");
        let mut file = open_or_pipe(&at("file"), short).expect("a file");
        assert_eq!(file.read_to_end(&mut text).expect("read"), 5);
    }

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
