//! Gets one small file of a cache, from a directory or over HTTP.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::budget::Budget;
use super::http::{self, Patience, RequestOutcome, request};
use super::memory::CacheKey;
use crate::job::Progress;
use crate::model::store_path::{HASH_PART_LEN, are_nix_base32};
use crate::plain_file;
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

/// What is allowed while a cache is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Whether no network is asked.
    pub offline: bool,
    /// How much records and listings may come to in all, in bytes. `None`: what is usual.
    pub most: Option<u64>,
    /// The file with the certificates of the authorities to believe. `None`: the usual ones.
    pub certificates: Option<PathBuf>,
}

/// A cache's files.
#[derive(Debug)]
pub(super) enum Fetch {
    Directory(PathBuf),
    Http {
        base: String,
        agent: ureq::Agent,
        /// The user's credentials, if the address contains any.
        login: Option<String>,
        budget: Budget,
    },
    /// Nothing is fetched.
    Offline {
        base: String,
        login: Option<String>,
    },
}

impl Fetch {
    /// Nothing is asked yet.
    pub(super) fn new(url: &str, limits: &Limits) -> Result<Self, SourceError> {
        let certificates = limits.certificates.as_deref();
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
        if limits.offline {
            return Ok(Self::Offline { base, login });
        }
        let agent = match http::agent(Patience::USUAL, certificates) {
            // Without TLS, the certificates are not needed.
            Err(_) if has_scheme(&base, "http") => http::agent(Patience::USUAL, None)?,
            outcome => outcome?,
        };
        Ok(Self::Http {
            login,
            base,
            agent,
            budget: Budget::of(limits.most),
        })
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

    /// Whether asking costs something.
    pub(super) fn is_remote(&self) -> bool {
        !matches!(self, Self::Directory(_))
    }

    /// Whose answers may be remembered together.
    pub(super) fn key(&self, settings: &str) -> CacheKey {
        match self {
            Self::Directory(_) => CacheKey::of("", None, settings),
            Self::Http { base, login, .. } | Self::Offline { base, login } => {
                CacheKey::of(base, login.as_deref(), settings)
            }
        }
    }

    /// What the server may still take.
    pub(super) fn budget(&self) -> Option<&Budget> {
        match self {
            Self::Http { budget, .. } => Some(budget),
            Self::Directory(_) | Self::Offline { .. } => None,
        }
    }

    /// Counts bytes that an answer was unpacked to.
    pub(super) fn unpacked(&self, bytes: u64) -> Result<(), SourceError> {
        self.budget().map_or(Ok(()), |budget| budget.take(bytes))
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
        let (mut hashes, mut others) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(dir).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            let name = name.to_string_lossy();
            match name.strip_suffix(".narinfo") {
                Some(hash) if is_hash_part(hash) => hashes.push(hash.to_owned()),
                Some(_) => others.push(name.into_owned()),
                None => {}
            }
        }
        hashes.sort_unstable();
        others.sort_unstable();
        Ok((hashes, others))
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
            Self::Http {
                base,
                agent,
                login,
                budget,
            } => {
                let url = format!("{base}/{file}");
                let mut pauses = PAUSES.into_iter();
                loop {
                    budget.ask()?;
                    let began = Instant::now();
                    let outcome = request(agent, login.as_deref(), &url, most, progress);
                    budget.wait(began.elapsed())?;
                    match (outcome, pauses.next()) {
                        (RequestOutcome::Done(fetched), _) => {
                            if let Fetched::Text(bytes) = &fetched {
                                budget.take(bytes.len() as u64)?;
                            }
                            return Ok(fetched);
                        }
                        (RequestOutcome::TryAgain(_), Some(pause)) => sleep(pause, progress)?,
                        (RequestOutcome::Hopeless(error) | RequestOutcome::TryAgain(error), _) => {
                            return Err(error);
                        }
                    }
                }
            }
        }
    }
}

/// Whether this is a whole hash part.
pub(super) fn is_hash_part(text: &str) -> bool {
    text.len() == HASH_PART_LEN && are_nix_base32(text.as_bytes())
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
    Ok(plain_file::open(file)?)
}

pub(super) fn too_large() -> Fetched<Vec<u8>> {
    Fetched::Useless("is larger than any record".to_owned())
}

/// Waits, but not for work that was cancelled.
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
