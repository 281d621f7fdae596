//! Gets one small file of a cache, from a directory or over HTTP.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use super::http::{self, Outcome, Patience, request};
use crate::job::Progress;
use crate::model::store_path::{HASH_PART_LEN, is_nix_base32};
use crate::source::SourceError;
use crate::source::address::{decoded, has_scheme, redacted, split_login};

/// No record is larger, in bytes. The largest known one has 200 kB.
const MAX_RECORD: u64 = 1 << 20;
/// Requests at a time; below the limits of the servers of large caches.
pub(super) const CONNECTIONS: usize = 64;
/// Waits before the second, third and fourth try.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_millis(1600),
];
/// How long a cancelled pause goes on at most.
const TICK: Duration = Duration::from_millis(25);

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fetched<T = String> {
    Text(T),
    /// There is no such file.
    Missing,
    /// There is something, but not what it should be; the text says what is wrong.
    Useless(String),
}

/// A cache's files.
#[derive(Debug)]
pub(super) enum Fetch {
    Directory(PathBuf),
    Http {
        base: String,
        agent: ureq::Agent,
        /// What proves who asks, if the address named somebody.
        login: Option<String>,
    },
    /// Nothing is fetched.
    Offline {
        base: String,
    },
}

impl Fetch {
    /// Nothing is asked yet.
    pub(super) fn new(
        url: &str,
        offline: bool,
        certificates: Option<&Path>,
    ) -> Result<Self, SourceError> {
        let address = url.split('?').next().unwrap_or(url).trim_end_matches('/');
        if let Some(dir) = address.strip_prefix("file://") {
            return Self::directory(url, dir);
        }
        if !has_scheme(address, "http") && !has_scheme(address, "https") {
            return Err(SourceError::Other {
                message: format!("{} is not the address of a binary cache", redacted(url)),
                hint: "caches are at file:///DIR, http://… or https://…".to_owned(),
            });
        }
        let (base, login) = split_login(address);
        if offline {
            return Ok(Self::Offline { base });
        }
        let agent = match http::agent(Patience::USUAL, certificates) {
            // Where nothing has to be proved, nobody needs the certificates.
            Err(_) if has_scheme(&base, "http") => http::agent(Patience::USUAL, None)?,
            outcome => outcome?,
        };
        Ok(Self::Http { login, base, agent })
    }

    fn directory(url: &str, dir: &str) -> Result<Self, SourceError> {
        let dir = PathBuf::from(decoded(dir));
        if dir.is_dir() {
            return Ok(Self::Directory(dir));
        }
        Err(SourceError::Other {
            message: format!("there is no directory for the binary cache {url}"),
            hint: "write the path in full, with three slashes: file:///path/to/cache".to_owned(),
        })
    }

    /// Does it cost something to ask?
    pub(super) fn is_remote(&self) -> bool {
        !matches!(self, Self::Directory(_))
    }

    /// The address without options, trailing slash and password.
    pub(super) fn base(&self) -> String {
        match self {
            Self::Directory(_) => String::new(),
            Self::Http { base, .. } | Self::Offline { base } => base.clone(),
        }
    }

    /// How many threads may ask at once.
    pub(super) fn threads(&self) -> usize {
        match self {
            Self::Http { .. } => CONNECTIONS,
            Self::Directory(_) => crate::job::threads(),
            Self::Offline { .. } => 1,
        }
    }

    /// The hash parts of all records, where they can be listed, and the names of files that are called records and cannot
    /// be any.
    pub(super) fn list(&self) -> Result<(Vec<String>, Vec<String>), SourceError> {
        let Self::Directory(dir) = self else {
            return Err(SourceError::Other {
                message: "a binary cache on the network cannot be listed".to_owned(),
                hint: "name the store path whose closure you want to see".to_owned(),
            });
        };
        let unreadable = |source| SourceError::Read {
            path: dir.clone(),
            source,
        };
        let (mut hashes, mut odd) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(dir).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            let name = name.to_string_lossy();
            match name.strip_suffix(".narinfo") {
                Some(hash) if is_hash_part(hash) => hashes.push(hash.to_owned()),
                Some(_) => odd.push(name.into_owned()),
                None => {}
            }
        }
        hashes.sort_unstable();
        odd.sort_unstable();
        Ok((hashes, odd))
    }

    /// Gets a file. An error means that the cache as a whole cannot be reached.
    pub(super) fn get(&self, file: &str, progress: &Progress) -> Result<Fetched, SourceError> {
        Ok(match self.get_bytes(file, MAX_RECORD, progress)? {
            Fetched::Text(bytes) => String::from_utf8(bytes).map_or_else(
                |_| Fetched::Useless("is not text".to_owned()),
                Fetched::Text,
            ),
            Fetched::Missing => Fetched::Missing,
            Fetched::Useless(problem) => Fetched::Useless(problem),
        })
    }

    /// As [`Fetch::get`], whatever the file holds, up to a length in bytes.
    pub(super) fn get_bytes(
        &self,
        file: &str,
        most: u64,
        progress: &Progress,
    ) -> Result<Fetched<Vec<u8>>, SourceError> {
        match self {
            Self::Directory(dir) => read(dir.join(file), most),
            Self::Offline { .. } => Ok(Fetched::Missing),
            Self::Http { base, agent, login } => {
                let login = login.as_deref();
                let url = format!("{base}/{file}");
                for pause in PAUSES {
                    match request(agent, login, &url, most, progress) {
                        Outcome::Done(fetched) => return Ok(fetched),
                        Outcome::Hopeless(error) => return Err(error),
                        Outcome::TryAgain(_) => sleep(pause, progress)?,
                    }
                }
                match request(agent, login, &url, most, progress) {
                    Outcome::Done(fetched) => Ok(fetched),
                    Outcome::Hopeless(error) | Outcome::TryAgain(error) => Err(error),
                }
            }
        }
    }
}

/// Is this a whole hash part?
pub(super) fn is_hash_part(text: &str) -> bool {
    text.len() == HASH_PART_LEN && text.bytes().all(is_nix_base32)
}

fn read(file: PathBuf, most: u64) -> Result<Fetched<Vec<u8>>, SourceError> {
    let mut bytes = Vec::new();
    let outcome = open(&file).and_then(|opened| {
        let mut limited = opened.take(most.saturating_add(1));
        limited.read_to_end(&mut bytes)
    });
    match outcome {
        Ok(_) if bytes.len() as u64 > most => Ok(too_large()),
        Ok(_) => Ok(Fetched::Text(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Fetched::Missing),
        Err(source) => Err(SourceError::Read { path: file, source }),
    }
}

/// Opens a file of a cache on disk; links may lead to it, but nothing that never ends is waited for.
pub(super) fn open(file: &Path) -> io::Result<File> {
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(file)?;
    if opened.metadata()?.is_file() {
        Ok(opened)
    } else {
        Err(io::Error::other("not a regular file"))
    }
}

pub(super) fn too_large() -> Fetched<Vec<u8>> {
    Fetched::Useless("is larger than any record".to_owned())
}

/// Waits, but not for work that was called off.
fn sleep(pause: Duration, progress: &Progress) -> Result<(), SourceError> {
    let end = Instant::now() + pause;
    loop {
        progress.check()?;
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(TICK));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_in_place_of_a_record_is_an_error_and_no_endless_wait() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let directory = tempfile::tempdir().expect("a directory");
        let pipe = directory.path().join("x.narinfo");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
        let error = open(&pipe).expect_err("no record");
        assert!(error.to_string().contains("not a regular file"));
    }
}
