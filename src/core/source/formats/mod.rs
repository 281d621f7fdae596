//! `--from`: a closure out of a file or standard input, whatever format it is in.

pub(crate) mod decompress;
mod drawings;
pub mod json;
pub mod records;
pub mod registration;
pub mod snapshot;
mod table;

use std::fs;
use std::io::{self, IsTerminal as _, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use self::decompress::{UnpackError, is_packed, unpack};
pub use self::table::{Content, FORMATS, Format};
use self::table::{EXPECTED, format_of, text};
use super::{Loaded, Request, Source, SourceError};
use crate::job::Progress;
use crate::model::Warnings;
use crate::plain_file;
use crate::text::Units;

/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 8 << 30;
const PIECE: u64 = 4 << 20;

const UNKNOWN: &str = "not in a known format";

/// The closure in a file, or in standard input if `path` is `-`. Nothing is read before it is loaded, but a file that
/// cannot be opened is an error at once.
pub fn open_file(path: &str) -> Result<Box<dyn Source + Send + Sync>, SourceError> {
    if path == "-" {
        if io::stdin().is_terminal() {
            return Err(SourceError::Other {
                message: "standard input is a terminal, so there is nothing to read from it".into(),
                hint:
                    "pipe a closure in: `nix path-info --json --recursive PATH | nix-heft --from -`"
                        .into(),
            });
        }
        return Ok(Box::new(FileSource::new("standard input", Input::Stdin)));
    }
    let metadata = fs::metadata(path).map_err(|source| unreadable(path, source))?;
    if metadata.is_dir() {
        return Err(SourceError::Other {
            message: format!("{path} is a directory, not a file with a closure"),
            hint: "a store in a directory is opened with --store DIR, a binary cache with --store file://DIR"
                .into(),
        });
    }
    let input = if metadata.is_file() {
        plain_file::open(Path::new(path)).map_err(|error| unreadable(path, error.into()))?;
        Input::File(path.into())
    } else {
        Input::Once(path.into())
    };
    Ok(Box::new(FileSource::new(path, input)))
}

#[derive(Debug)]
enum Input {
    /// Read again for every load.
    File(PathBuf),
    /// A pipe: can be read only once.
    Once(PathBuf),
    Stdin,
}

#[derive(Debug)]
struct FileSource {
    origin: String,
    input: Input,
    /// What came out of a pipe, for the next load.
    kept: Mutex<Option<Arc<Vec<u8>>>>,
}

impl FileSource {
    fn new(origin: &str, input: Input) -> Self {
        Self {
            origin: origin.to_owned(),
            input,
            kept: Mutex::new(None),
        }
    }

    fn bytes(&self, progress: &Progress) -> Result<Arc<Vec<u8>>, SourceError> {
        let once = match &self.input {
            Input::File(path) => return self.read_path(path, progress).map(Arc::new),
            Input::Once(path) => Some(path),
            Input::Stdin => None,
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = &*kept {
            return Ok(Arc::clone(bytes));
        }
        let bytes = Arc::new(match once {
            Some(path) => self.read_path(path, progress)?,
            None => self.read(io::stdin().lock(), 0, progress)?,
        });
        *kept = Some(Arc::clone(&bytes));
        Ok(bytes)
    }

    fn read_path(&self, path: &Path, progress: &Progress) -> Result<Vec<u8>, SourceError> {
        let file = plain_file::open_or_pipe(path, plain_file::PATIENCE);
        let file = file.map_err(|source| unreadable(path, source))?;
        let metadata = file.get_ref().1.metadata();
        let len = metadata.map_or(0, |metadata| metadata.len());
        self.read(file, len, progress)
    }

    fn read(
        &self,
        mut reader: impl Read,
        len: u64,
        progress: &Progress,
    ) -> Result<Vec<u8>, SourceError> {
        progress.start("reading bytes", len);
        let mut bytes = Vec::new();
        // The length is only a hint. One byte more, so that the end is seen without growing.
        let length = usize::try_from(len.min(MAX_BYTES) + 1).unwrap_or(0);
        bytes.try_reserve(length).map_err(|_| {
            let problem = format!("{} are more than fit into memory", Units::Binary.size(len));
            self.wrong(problem, &EXPECTED)
        })?;
        loop {
            let piece = reader
                .by_ref()
                .take(PIECE)
                .read_to_end(&mut bytes)
                .map_err(|source| unreadable(&self.origin, source))?;
            progress.advance(piece as u64)?;
            if piece == 0 {
                return Ok(bytes);
            }
            if bytes.len() as u64 == PIECE {
                self.check_beginning(&bytes)?;
            }
            if bytes.len() as u64 > MAX_BYTES {
                return Err(self.wrong(
                    format!("larger than {}", Units::Binary.size(MAX_BYTES)),
                    &EXPECTED,
                ));
            }
        }
    }

    /// Refuses content that is in no format, or shows already that it is not what it begins like: an endless pipe is not
    /// read to its end.
    fn check_beginning(&self, bytes: &[u8]) -> Result<(), SourceError> {
        if is_packed(bytes) {
            return Ok(());
        }
        let (_, bytes) = without_messages(bytes);
        match format_of(bytes) {
            Some(format) => match (format.doubt)(bytes) {
                Some(problem) => Err(self.wrong(problem, &EXPECTED)),
                None => Ok(()),
            },
            None => Err(unknown(bytes, &self.origin)),
        }
    }

    fn wrong(&self, problem: String, hint: &'static str) -> SourceError {
        SourceError::Format {
            path: self.origin.clone(),
            problem,
            hint,
        }
    }
}

impl Source for FileSource {
    fn files(&self) -> Vec<PathBuf> {
        match &self.input {
            Input::File(path) => vec![path.clone()],
            Input::Once(_) | Input::Stdin => Vec::new(),
        }
    }

    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        let bytes = self.bytes(progress)?;
        load_bytes(&bytes, &self.origin, request, progress)
    }
}

/// Loads what stands in memory, in any of the formats, compressed or not. `origin` names it.
pub fn load_bytes(
    bytes: &[u8],
    origin: &str,
    request: &Request,
    progress: &Progress,
) -> Result<Loaded, SourceError> {
    let unpacked = unpack(bytes, || Ok(progress.check()?)).map_err(|error| match error {
        Stopped::Unpack(error) => unpack_error(&error, origin),
        Stopped::Source(error) => error,
    })?;
    let (messages, bytes) = without_messages(unpacked.as_deref().unwrap_or(bytes));
    let content = Content {
        bytes,
        origin,
        request,
        progress,
    };
    let Some(format) = format_of(content.bytes) else {
        return Err(unknown(content.bytes, origin));
    };
    let mut loaded = (format.parse)(content)?;
    if !messages.is_empty() {
        let mut warnings = Warnings::new();
        for line in String::from_utf8_lossy(messages).lines() {
            warnings.add("messages before the closure, skipped", line);
        }
        loaded.warnings.extend(warnings.into_vec());
    }
    Ok(loaded)
}

/// Content without the warnings that Nix printed before it, where both went to one file; these first.
fn without_messages(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while bytes[at..].starts_with(b"warning: ") {
        let end = memchr::memchr(b'\n', &bytes[at..]);
        at = end.map_or(bytes.len(), |end| at + end + 1);
    }
    bytes.split_at(at)
}

/// Why content is in no format.
fn unknown(bytes: &[u8], origin: &str) -> SourceError {
    const EMPTY: (&str, &str) = (
        "empty",
        "the command that wrote it may have failed: run it again and look at its errors",
    );
    let text = text(bytes);
    let known = text.trim_ascii_start().is_empty().then_some(EMPTY);
    let (problem, hint) = known
        .or_else(|| known_stranger(text))
        .unwrap_or((UNKNOWN, &EXPECTED));
    SourceError::Format {
        path: origin.to_owned(),
        problem: problem.to_owned(),
        hint,
    }
}

/// Why unpacking stopped.
enum Stopped {
    Unpack(UnpackError),
    Source(SourceError),
}

impl From<UnpackError> for Stopped {
    fn from(error: UnpackError) -> Self {
        Self::Unpack(error)
    }
}

impl From<crate::job::Cancelled> for Stopped {
    fn from(cancelled: crate::job::Cancelled) -> Self {
        Self::Source(cancelled.into())
    }
}

fn unpack_error(error: &UnpackError, origin: &str) -> SourceError {
    let (problem, hint) = match error {
        UnpackError::Broken(format, error) => (
            format!("broken {format} data ({error})"),
            "the file may be cut off or damaged: write or copy it again",
        ),
        UnpackError::TooLarge(bytes) => (
            format!(
                "unpacks to more than {}, which no closure does",
                Units::Binary.size(*bytes)
            ),
            "unpack it by hand to see what it is",
        ),
    };
    SourceError::Format {
        path: origin.to_owned(),
        problem,
        hint,
    }
}

/// Things people have at hand that are not what is wanted here, with the way to it.
fn known_stranger(content: &[u8]) -> Option<(&'static str, &'static str)> {
    let strangers: [(&[u8], &str, &str); 6] = [
        (
            b"SQLite format 3\0",
            "an SQLite database",
            "open the store it belongs to with --store DIR",
        ),
        (
            b"\x0d\0\0\0\0\0\0\0nix-archive-1",
            "a NAR, the contents of one path",
            &EXPECTED,
        ),
        (
            b"StorePath:",
            "a single record of a binary cache",
            "open the cache with --store file://DIR or its address",
        ),
        (
            b"digraph",
            "a graph for Graphviz, but none of Nix",
            &EXPECTED,
        ),
        (b"\xff\xfe", "UTF-16 text", "write it as UTF-8, as Nix does"),
        (b"\xfe\xff", "UTF-16 text", "write it as UTF-8, as Nix does"),
    ];
    strangers
        .into_iter()
        .find(|(magic, ..)| content.starts_with(magic))
        .map(|(_, what, hint)| (what, hint))
}

fn unreadable(path: impl Into<PathBuf>, source: io::Error) -> SourceError {
    SourceError::Read {
        path: path.into(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: impl Read) -> Result<usize, String> {
        let source = FileSource::new("input", Input::Stdin);
        let bytes = source.read(input, 0, &Progress::new());
        bytes
            .map(|bytes| bytes.len())
            .map_err(|error| error.to_string())
    }

    /// The same bytes again and again, more than should be read.
    fn endless(bytes: &'static [u8]) -> impl Read {
        let mut at = 0;
        let all = std::iter::repeat_with(move || {
            at = (at + 1) % bytes.len();
            bytes[at]
        });
        Pieces(all.take(256 << 20))
    }

    struct Pieces<I>(I);

    impl<I: Iterator<Item = u8>> Read for Pieces<I> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let filled = buffer.iter_mut().zip(&mut self.0);
            Ok(filled.map(|(to, from)| *to = from).count())
        }
    }

    #[test]
    fn what_goes_on_for_ever_and_is_nothing_is_not_read_to_its_end() {
        assert_eq!(read(endless(b"\0")), Err(format!("input: {UNKNOWN}")));
        for odd in [&b"\n{"[..], b"\n[", b"\n{}"] {
            assert!(read(endless(odd)).is_err_and(|error| error.contains("line")));
        }
        let long = format!("[{}1]", "1,".repeat(PIECE as usize));
        assert_eq!(read(long.as_bytes()), Ok(long.len()));
        assert_eq!(read(&b"anything short"[..]), Ok(14));
    }
}
