//! The archives of a binary cache: the files of a path, packed, as a stream.

use std::io::{self, BufReader, Read};
use std::path::{Component, Path};
use std::time::{Duration, Instant};

use liblzma::stream::{CONCATENATED, Stream};
use sha2::{Digest as _, Sha256};

use super::budget::SLOWEST;
use super::fetch::{Fetch, Fetched, Limits};
use super::http::get;
use super::listing::{self, Listed, MAX_LISTING};
use crate::analysis::file_category::Categories;
use crate::job::Progress;
use crate::model::NarHash;
use crate::source::SourceError;
use crate::source::address::{has_scheme, redacted};
use crate::source::cache::narinfo::NarInfo;
use crate::source::formats::records::base_name;

/// How long a server may send nothing.
const STALLED: Duration = Duration::from_secs(30);
/// How long an archive may come as slowly as it likes.
const UNMEASURED: Duration = Duration::from_mins(5);
/// More memory than any archive of Nix asks for to be unpacked, in bytes.
const UNPACK_MEMORY: u64 = 256 << 20;
/// Archives that are read at a time: they are bound by the network or by unpacking.
const AT_ONCE: usize = 4;

/// The archives of one cache.
#[derive(Debug)]
pub struct Archives {
    url: String,
    fetch: Fetch,
}

/// The archive of one path.
pub(crate) struct Archive {
    /// The NAR, unpacked as it is read.
    pub(crate) content: Box<dyn Read>,
    /// Its length in bytes, as the record says.
    pub(crate) nar_size: u64,
    /// Its hash, if the record says: reading to the end fails where the content has another.
    pub(crate) nar_hash: Option<NarHash>,
}

impl Archives {
    /// The archives of the cache at a URL. Nothing is asked yet.
    pub fn of(url: &str, limits: &Limits) -> Result<Self, SourceError> {
        Ok(Self {
            url: redacted(url),
            fetch: Fetch::new(url, limits)?,
        })
    }

    /// The cache's URL, as it can be shown: without a password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Begins another piece of work: what the server took for the one before is forgotten.
    pub(crate) fn begin(&self) {
        if let Some(budget) = self.fetch.budget() {
            budget.renew();
        }
    }

    /// How many archives may be read at once.
    pub(crate) fn threads(&self) -> usize {
        self.fetch.threads().min(AT_ONCE)
    }

    /// Opens the archive of the path with this base name. `None` if the cache has none.
    pub(crate) fn open(
        &self,
        base: &str,
        progress: &Progress,
    ) -> Result<Option<Archive>, SourceError> {
        let hash = base.split('-').next().unwrap_or(base);
        let text = match self.fetch.get(&format!("{hash}.narinfo"), progress)? {
            Fetched::Text(text) => text,
            Fetched::Missing => return Ok(None),
            Fetched::Useless(problem) => return Err(self.wrong(base, &problem)),
        };
        let info = NarInfo::parse(&text).map_err(|problem| self.wrong(base, &problem))?;
        if base_name(info.store_path) != base {
            return Err(self.wrong(base, "is that of another path"));
        }
        let nar_size = info
            .nar_size
            .ok_or_else(|| self.wrong(base, "does not say how large the archive is"))?;
        let nar_hash = info.nar_hash.map(NarHash::parse).transpose();
        let nar_hash =
            nar_hash.map_err(|error| self.wrong(base, &format!("is invalid: {error}")))?;
        let packed = match self.packed(info.url) {
            Ok(Some(packed)) => packed,
            Ok(None) => return Ok(None),
            Err(error) => return Err(self.wrong(base, &format!("names an archive: {error}"))),
        };
        // Nothing is longer than its record says: not what is fetched, and not what comes out.
        let most = packed_at_most(nar_size);
        let packed: Box<dyn Read> = match info.file_size.filter(|&size| size > 0) {
            Some(size) if size > most => {
                return Err(self.wrong(base, "names an archive that packs nothing"));
            }
            Some(size) => Box::new(Limited::of(packed, size)),
            None => Box::new(AtMost {
                inner: packed,
                left: most,
            }),
        };
        let content = unpacked(info.compression, packed)
            .map_err(|error| self.wrong(base, &error.to_string()))?;
        let content = Limited::of(content, nar_size);
        let content: Box<dyn Read> = match nar_hash {
            Some(expected) => Box::new(Verified::of(content, expected)),
            None => Box::new(content),
        };
        Ok(Some(Archive {
            content,
            nar_size,
            nar_hash,
        }))
    }

    /// What the listing of the path with this base name says; `None` if the cache has none. The text of an inner error
    /// says why the listing is of no use.
    pub(crate) fn listing(
        &self,
        base: &str,
        categories: &Categories,
        progress: &Progress,
    ) -> Result<Option<Listed>, SourceError> {
        let hash = base.split('-').next().unwrap_or(base);
        let file = format!("{hash}.ls");
        Ok(match self.fetch.get_bytes(&file, MAX_LISTING, progress)? {
            Fetched::Text(bytes) => {
                let (listed, unpacked) = listing::read(&bytes, categories);
                self.fetch.unpacked(unpacked)?;
                Some(listed)
            }
            Fetched::Missing => None,
            Fetched::Useless(problem) => Some(Err(format!("it {problem}"))),
        })
    }

    /// How many listings may be asked for at once.
    pub(crate) fn listing_threads(&self) -> usize {
        /// Each is in memory as a whole.
        const LISTINGS_AT_ONCE: usize = 16;
        self.fetch.threads().min(LISTINGS_AT_ONCE)
    }

    /// The archive as it is stored; `None` if it is not there.
    fn packed(&self, url: &str) -> io::Result<Option<Box<dyn Read>>> {
        match &self.fetch {
            Fetch::Directory(dir) => {
                let path = Path::new(url);
                let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
                if url.is_empty() || !path.components().all(inside) {
                    return Err(io::Error::other("that is not in the cache"));
                }
                match super::fetch::open(&dir.join(path)) {
                    Ok(file) => Ok(Some(Box::new(BufReader::with_capacity(1 << 16, file)))),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                    Err(error) => Err(error),
                }
            }
            Fetch::Offline { .. } => Ok(None),
            Fetch::Http {
                base, agent, login, ..
            } => {
                let elsewhere = has_scheme(url, "https") || has_scheme(url, "http");
                let url = if elsewhere {
                    url.to_owned()
                } else {
                    format!("{base}/{url}")
                };
                // Other servers are not to learn the user's name at this cache.
                let login = login.as_deref().filter(|_| !elsewhere);
                let request = get(agent, login, &url).config();
                // A large archive may take its time, as long as something comes.
                let request = request
                    .timeout_global(None)
                    .timeout_per_read(Some(STALLED))
                    .build();
                let response = request.call().map_err(io::Error::other)?;
                match response.status().as_u16() {
                    200 => {
                        let body = Steady {
                            inner: response.into_body().into_reader(),
                            began: Instant::now(),
                            came: 0,
                        };
                        Ok(Some(Box::new(BufReader::with_capacity(1 << 16, body))))
                    }
                    404 | 403 | 410 => Ok(None),
                    status => Err(io::Error::other(format!("status {status}"))),
                }
            }
        }
    }

    fn wrong(&self, base: &str, problem: &str) -> SourceError {
        SourceError::Format {
            path: self.url.clone(),
            problem: format!("the record of {base} {problem}"),
            hint: "the cache itself is at fault: ask its operator, or try another one",
        }
    }
}

/// How many bytes a NAR can have when it is packed: no way of packing makes it much larger.
fn packed_at_most(nar_size: u64) -> u64 {
    nar_size
        .saturating_add(nar_size / 8)
        .saturating_add(1 << 20)
}

/// Reads what may have any length up to one.
struct AtMost<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for AtMost<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let left = self.left.checked_sub(read as u64);
        self.left = left.ok_or_else(|| io::Error::other("it is longer than what it packs"))?;
        Ok(read)
    }
}

/// Reads what has to come at some speed in the long run.
struct Steady<R> {
    inner: R,
    began: Instant,
    came: u64,
}

impl<R: Read> Read for Steady<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.came = self.came.saturating_add(read as u64);
        if self.began.elapsed().as_secs() > UNMEASURED.as_secs().saturating_add(self.came / SLOWEST)
        {
            return Err(io::Error::other("it comes too slowly"));
        }
        Ok(read)
    }
}

fn unpacked(compression: Option<&str>, packed: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    // Records that do not say are older than the other ways of packing.
    Ok(match compression.unwrap_or("bzip2") {
        "none" | "" => packed,
        "bzip2" => Box::new(bzip2::read::MultiBzDecoder::new(packed)),
        "gzip" => Box::new(flate2::read::MultiGzDecoder::new(packed)),
        "xz" => {
            let stream = Stream::new_stream_decoder(UNPACK_MEMORY, CONCATENATED)?;
            Box::new(liblzma::read::XzDecoder::new_stream(packed, stream))
        }
        "zstd" => Box::new(zstd::Decoder::new(packed)?),
        other => {
            let problem = format!("is packed with {other}, which cannot be unpacked here");
            return Err(io::Error::other(problem));
        }
    })
}

/// Reads what has a known length: more of it is an error, and so is less.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Limited<R> {
    fn of(inner: R, length: u64) -> Self {
        Self {
            inner,
            left: length,
        }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            None => Err(io::Error::other("it is longer than its record says")),
            Some(left) if read == 0 && left > 0 && !buffer.is_empty() => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "it is shorter than its record says",
            )),
            Some(left) => {
                self.left = left;
                Ok(read)
            }
        }
    }
}

/// Reads what has a known hash: content with another one is an error at its end.
struct Verified<R> {
    inner: R,
    hasher: Sha256,
    expected: NarHash,
}

impl<R: Read> Verified<R> {
    fn of(inner: R, expected: NarHash) -> Self {
        Self {
            inner,
            hasher: Sha256::new(),
            expected,
        }
    }
}

impl<R: Read> Read for Verified<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        let at_end = read == 0 && !buffer.is_empty();
        if at_end && NarHash(self.hasher.clone().finalize().into()) != self.expected {
            let problem = format!("its content does not have the hash {}", self.expected);
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_must_be_what_the_record_says() {
        let read = |length| {
            let mut text = String::new();
            let outcome = Limited::of(&b"12345"[..], length).read_to_string(&mut text);
            outcome.map_err(|error| error.to_string())
        };
        assert_eq!(read(5), Ok(5));
        assert!(read(4).is_err_and(|error| error.contains("longer")));
        assert!(read(6).is_err_and(|error| error.contains("shorter")));
    }

    #[test]
    fn no_password_is_shown() {
        let archives = Archives::of("https://me:s3cret@cache.example", &Limits::default());
        assert_eq!(archives.expect("an address").url(), "https://cache.example");
    }

    #[test]
    fn unknown_ways_of_packing_are_named() {
        let error = unpacked(Some("br"), Box::new(io::empty())).err();
        assert!(error.is_some_and(|error| error.to_string().contains("packed with br")));
    }
}
