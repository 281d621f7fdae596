//! Snapshots: one file with a closure as it was, to be looked at later or elsewhere.
//!
//! The file begins with a magic and a version, the rest is one zstd frame with a checksum. Inside are named sections:
//! hash parts, names, sizes, references and so on, each with its length. A reader passes over sections it does not know,
//! so that later versions can add some; a change that old readers must not pass over raises the version.

mod bytes;
mod found;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::borrow::Cow;
use std::sync::Arc;

use hashbrown::HashMap;

pub use self::write::write;

use self::bytes::{Corrupt, Input};
use self::read::{Built, Parts};
use super::decompress::{UnpackError, unpack};
use super::records::{deliver, too_large};
use crate::job::{Cancelled, Progress};
use crate::model::GraphBuilder;
use crate::source::{Loaded, Request, Source, SourceError};

/// How a snapshot begins.
pub const MAGIC: &[u8; 8] = b"nix-heft";
/// The version that is written, and the newest that can be read.
pub const VERSION: u16 = 1;

const DAMAGED: &str = "the file is damaged: copy or write it again";
/// What the name of a derivation ends in.
const DRV: &str = ".drv";

/// The names of the sections.
mod section {
    pub(crate) const HEAD: &str = "head";
    pub(crate) const HASHED: &str = "hashed";
    pub(crate) const HASH_PARTS: &str = "hash-parts";
    pub(crate) const NAMES: &str = "names";
    pub(crate) const NAR_SIZES: &str = "nar-sizes";
    pub(crate) const DOWNLOAD_SIZES: &str = "download-sizes";
    pub(crate) const TIMES: &str = "times";
    pub(crate) const MISSING: &str = "missing";
    pub(crate) const REFERENCE_COUNTS: &str = "reference-counts";
    pub(crate) const REFERENCES: &str = "references";
    pub(crate) const SELF_REFERENCES: &str = "self-references";
    pub(crate) const ROOTS: &str = "roots";
    pub(crate) const NAR_HASHES: &str = "nar-hashes";
    pub(crate) const ULTIMATE: &str = "ultimate";
    pub(crate) const CONTENT_ADDRESSES: &str = "content-addresses";
    pub(crate) const SIGNATURES: &str = "signatures";
    pub(crate) const DERIVER_KINDS: &str = "deriver-kinds";
    pub(crate) const DERIVER_HASHES: &str = "deriver-hashes";
    pub(crate) const DERIVER_TEXTS: &str = "deriver-texts";
    /// What derivations make, where the graph was loaded with it: how many outputs each path has, and for each whether it
    /// is in the store, its size, its name and its path.
    pub(crate) const OUTPUT_COUNTS: &str = "output-counts";
    pub(crate) const OUTPUT_SIZES: &str = "output-sizes";
    pub(crate) const OUTPUT_TEXTS: &str = "output-texts";
    /// What the files are, and what in them makes the references, where that was asked for.
    pub(crate) const CONTENTS: &str = "file-contents";
    pub(crate) const EVIDENCE: &str = "file-evidence";
    pub(crate) const EVIDENCE_TEXTS: &str = "file-evidence-texts";
}

/// How a deriver is written.
mod deriver_kind {
    /// There is none.
    pub(crate) const NONE: u8 = 0;
    /// Hash part; the name is that of the path, with `.drv` behind.
    pub(crate) const SAME_NAME: u8 = 1;
    /// Hash part and name.
    pub(crate) const OTHER_NAME: u8 = 2;
    /// A text without a hash part.
    pub(crate) const TEXT: u8 = 3;
}

/// A snapshot in memory.
#[derive(Debug, Clone)]
pub struct SnapshotSource {
    origin: String,
    bytes: Cow<'static, [u8]>,
}

/// Whether a file begins like a snapshot.
pub(crate) fn is_snapshot(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

impl SnapshotSource {
    /// Takes the bytes of a snapshot file; `origin` names it wherever a source is named. Only the magic and the version
    /// are looked at yet.
    pub fn from_bytes(
        origin: &str,
        bytes: impl Into<Cow<'static, [u8]>>,
    ) -> Result<Self, SourceError> {
        let bytes = bytes.into();
        frame(&bytes, origin)?;
        Ok(Self {
            origin: origin.to_owned(),
            bytes,
        })
    }

    /// What the snapshot says it is.
    pub fn title(&self) -> Result<String, SourceError> {
        let body = body(&self.bytes, &self.origin, &Progress::new())?;
        let head = Sections::new(&body).and_then(|sections| SnapshotHead::read(&sections));
        head.map(|head| head.title.to_owned())
            .map_err(|problem| corrupt(problem, &self.origin))
    }
}

impl Source for SnapshotSource {
    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        load(&self.bytes, &self.origin, request, progress)
    }
}

/// Reads a snapshot. Without roots in the request, its own are taken.
pub(crate) fn load(
    bytes: &[u8],
    origin: &str,
    request: &Request,
    progress: &Progress,
) -> Result<Loaded, SourceError> {
    progress.start("reading the snapshot", 0);
    let body = body(bytes, origin, progress)?;
    let wrong = |problem| corrupt(problem, origin);
    let sections = Sections::new(&body).map_err(wrong)?;
    let parts = Parts::read(&sections).map_err(wrong)?;
    let mut builder = GraphBuilder::new(parts.store_dir(), request.details);
    let Built {
        roots,
        outputs,
        names,
    } = parts
        .build(&mut builder, request.details, progress)
        .map_err(|stop| match stop {
            Stop::Corrupt(problem) => corrupt(problem, origin),
            Stop::Full => too_large(origin),
            Stop::Cancelled(cancelled) => cancelled.into(),
        })?;
    let mut loaded = deliver(builder, &roots, request, origin)?;
    if let Some(known) = outputs {
        let known = known
            .iter()
            .map(|(name, own)| (name.as_str(), own.as_slice()));
        Arc::make_mut(&mut loaded.graph).add_outputs(known);
    }
    if let Some(names) = names {
        let ids: Vec<_> = names.iter().map(|name| loaded.graph.find(name)).collect();
        let found = found::read(&sections, &ids).map_err(wrong)?;
        loaded.found = Arc::new(found);
    }
    Ok(loaded)
}

/// The compressed rest of a file, after magic and version.
fn frame<'b>(bytes: &'b [u8], origin: &str) -> Result<&'b [u8], SourceError> {
    let wrong = |problem: String, hint| SourceError::Format {
        path: origin.to_owned(),
        problem,
        hint,
    };
    let rest = bytes
        .strip_prefix(MAGIC)
        .ok_or_else(|| wrong("not a snapshot".to_owned(), DAMAGED))?;
    let (version, rest) = rest
        .split_first_chunk::<2>()
        .ok_or_else(|| wrong("a snapshot that is cut off".to_owned(), DAMAGED))?;
    let version = u16::from_le_bytes(*version);
    if version > VERSION {
        return Err(wrong(
            format!("a snapshot of version {version}, this program reads up to {VERSION}"),
            "use a newer nix-heft, or write the snapshot with this one",
        ));
    }
    Ok(rest)
}

fn body(bytes: &[u8], origin: &str, progress: &Progress) -> Result<Vec<u8>, SourceError> {
    let frame = frame(bytes, origin)?;
    let unpacked = unpack(frame, || progress.check().map_err(Stop::from));
    match unpacked {
        Ok(Some(body)) => Ok(body),
        Ok(None) => Err(corrupt(Corrupt("its content is not compressed"), origin)),
        Err(Stop::Cancelled(cancelled)) => Err(cancelled.into()),
        Err(_) => Err(corrupt(Corrupt("its content cannot be unpacked"), origin)),
    }
}

fn corrupt(Corrupt(problem): Corrupt, origin: &str) -> SourceError {
    SourceError::Format {
        path: origin.to_owned(),
        problem: format!("a damaged snapshot: {problem}"),
        hint: DAMAGED,
    }
}

/// Why reading ends early.
enum Stop {
    Corrupt(Corrupt),
    Full,
    Cancelled(Cancelled),
}

impl From<Corrupt> for Stop {
    fn from(problem: Corrupt) -> Self {
        Self::Corrupt(problem)
    }
}

impl From<Cancelled> for Stop {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl From<UnpackError> for Stop {
    fn from(_: UnpackError) -> Self {
        Self::Corrupt(Corrupt("its content cannot be unpacked"))
    }
}

/// The sections by name.
struct Sections<'b>(HashMap<&'b str, &'b [u8]>);

impl<'b> Sections<'b> {
    fn new(body: &'b [u8]) -> Result<Self, Corrupt> {
        let mut sections = HashMap::new();
        let mut input = Input(body);
        while !input.is_empty() {
            let (name, content) = input.section()?;
            if sections.insert(name, content).is_some() {
                return Err(Corrupt("a section is there twice"));
            }
        }
        Ok(Self(sections))
    }

    fn needed(&self, name: &str) -> Result<&'b [u8], Corrupt> {
        self.0
            .get(name)
            .copied()
            .ok_or(Corrupt("a section is not there"))
    }

    fn optional(&self, name: &str) -> Option<&'b [u8]> {
        self.0.get(name).copied()
    }
}

struct SnapshotHead<'b> {
    title: &'b str,
    store_dir: &'b str,
    count: u64,
}

impl<'b> SnapshotHead<'b> {
    fn read(sections: &Sections<'b>) -> Result<Self, Corrupt> {
        let mut input = Input(sections.needed(section::HEAD)?);
        Ok(Self {
            title: input.text()?,
            store_dir: input.text()?,
            count: input.number()?,
        })
    }
}
