//! The frame all JSON documents share, streamed: nothing is built in memory before it is written.

use std::fmt::Display;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use crate::analysis::Difference;
use crate::analysis::diff::Delta;
use crate::job;
use crate::model::{Closure, PathId, StoreGraph};

use crate::analysis::Analysed;

/// The version of every document. A change that breaks a reader raises it.
pub const VERSION: u32 = 1;

/// A full store path as a JSON string, put together only when it is written.
#[derive(Debug, Clone, Copy)]
pub struct Path<'a>(pub &'a StoreGraph, pub PathId);

impl Serialize for Path<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // One string for the serialiser: it looks at every piece that is formatted into it by itself.
        let (dir, base) = (self.0.store_dir().as_str(), self.0.base_name(self.1));
        let mut path = String::with_capacity(dir.len() + 1 + base.len());
        path.push_str(dir);
        path.push('/');
        path.push_str(base);
        serializer.serialize_str(&path)
    }
}

/// Several store paths.
#[derive(Debug, Clone, Copy)]
pub struct Paths<'a>(pub &'a StoreGraph, pub &'a [PathId]);

impl Serialize for Paths<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.1.iter().map(|&id| Path(self.0, id)))
    }
}

/// A reference.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Edge<'a> {
    from: Path<'a>,
    to: Path<'a>,
}

impl<'a> Edge<'a> {
    /// `from` references `to`.
    pub fn new(graph: &'a StoreGraph, (from, to): (PathId, PathId)) -> Self {
        Self {
            from: Path(graph, from),
            to: Path(graph, to),
        }
    }
}

/// How much more there is; unknown where a size is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeltaBody {
    paths: i64,
    nar_size: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known_nar_size: Option<i64>,
}

impl DeltaBody {
    pub(super) fn of(delta: &Delta) -> Self {
        Self {
            paths: delta.paths,
            nar_size: delta.exact(),
            known_nar_size: (delta.unknown > 0).then_some(delta.nar_size),
        }
    }
}

/// What a derivation makes.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Output<'a> {
    name: &'a str,
    path: &'a str,
    valid: bool,
    nar_size: Option<u64>,
}

impl<'a> Output<'a> {
    /// One output.
    pub fn of(output: &'a crate::model::Output) -> Self {
        Self {
            name: &output.name,
            path: &output.path,
            valid: output.valid,
            nar_size: output.nar_size.get(),
        }
    }
}

/// What a derivation makes, where that was asked for.
pub fn outputs(graph: &StoreGraph, id: PathId) -> Option<Vec<Output<'_>>> {
    let outputs = graph.outputs(id).filter(|_| graph.is_derivation(id))?;
    Some(outputs.iter().map(Output::of).collect())
}

/// A text written by something's `Display`, such as a number too large for JSON readers.
#[derive(Debug, Clone, Copy)]
pub struct Shown<T>(pub T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A number of paths and their NAR size.
///
/// Where the size of a path is unknown, so is the sum: what is known of it stands beside it.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    paths: usize,
    nar_size: Option<u64>,
    #[serde(flatten)]
    incomplete: Option<Incomplete>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Incomplete {
    known_nar_size: u64,
    unknown_sizes: usize,
}

impl Totals {
    /// The totals of `paths` paths, some of unknown size.
    pub fn new(paths: usize, known_nar_size: u64, unknown_sizes: usize) -> Self {
        Self {
            paths,
            nar_size: (unknown_sizes == 0).then_some(known_nar_size),
            incomplete: (unknown_sizes > 0).then_some(Incomplete {
                known_nar_size,
                unknown_sizes,
            }),
        }
    }

    /// The totals of a closure.
    pub fn of(closure: &Closure) -> Self {
        let known = closure.known_nar_size();
        Self::new(closure.len(), known, closure.unknown_sizes())
    }
}

/// What is freed: negative where more comes than goes.
///
/// Where the size of a path is unknown, so is the difference: what is known of it stands beside it.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Freed {
    paths: i64,
    nar_size: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known_nar_size: Option<i64>,
}

impl Freed {
    /// A difference between two closures.
    pub fn of(difference: &Difference) -> Self {
        Self {
            paths: difference.paths,
            nar_size: difference.exact(),
            known_nar_size: (!difference.known).then_some(difference.nar_size),
        }
    }
}

/// A list that is made while it is written.
#[derive(Debug, Clone, Copy)]
pub struct Each<F>(pub F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: IntoIterator,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a, T> {
    format: Shown<FormatName>,
    version: u32,
    store_dir: &'a str,
    roots: Paths<'a>,
    #[serde(flatten)]
    body: T,
}

#[derive(Clone, Copy)]
struct FormatName(&'static str);

impl Display for FormatName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "nix-heft/{}", self.0)
    }
}

/// Writes one document: the keys that all have, then those of `body`.
pub fn write(
    out: &mut dyn Write,
    subject: &Analysed,
    command: &'static str,
    body: impl Serialize,
) -> io::Result<()> {
    let document = Document {
        format: Shown(FormatName(command)),
        version: VERSION,
        store_dir: subject.graph().store_dir().as_str(),
        roots: Paths(subject.graph(), subject.closure().roots()),
        body,
    };
    // A buffer of a known type: a document is millions of small pieces, each one a call through `dyn Write` otherwise.
    let mut buffered = io::BufWriter::with_capacity(1 << 16, out);
    serde_json::to_writer(&mut buffered, &document)?;
    buffered.write_all(b"\n")?;
    buffered.flush()
}

/// Writes a document whose last key is a list, empty in `body`, of one object for each row. The rows are written by all
/// processors.
pub(super) fn write_rows<R: Sync>(
    out: &mut dyn Write,
    subject: &Analysed,
    command: &'static str,
    body: impl Serialize,
    rows: &[R],
    row: impl Fn(&R, &mut Vec<u8>) + Sync,
) -> io::Result<()> {
    let mut frame = Vec::new();
    write(&mut frame, subject, command, body)?;
    let (head, tail) = frame.split_at(frame.len() - END_OF_LIST.len());
    debug_assert_eq!(tail, END_OF_LIST);
    out.write_all(head)?;
    let chunks: Vec<&[R]> = rows.chunks(ROWS).collect();
    let piece = |at: usize| {
        let mut piece = Vec::with_capacity(ROWS * 300);
        for one in chunks[at] {
            row(one, &mut piece);
            piece.push(b',');
        }
        if at + 1 == chunks.len() {
            piece.pop();
        }
        piece
    };
    job::in_order(chunks.len(), piece, |piece| out.write_all(&piece))?;
    out.write_all(END_OF_LIST)
}

/// How a document ends whose last key is a list.
const END_OF_LIST: &[u8] = b"]}\n";
/// Rows written at a time.
const ROWS: usize = 512;

/// Writes one value into memory, where nothing can fail.
pub(super) fn piece(out: &mut Vec<u8>, value: &impl Serialize) {
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok(), "rows have text as keys");
}

/// Begins a document that is written by hand: the keys that all have, without the closing brace.
pub(super) fn begin(
    out: &mut dyn Write,
    subject: &Analysed,
    command: &'static str,
) -> io::Result<()> {
    let mut head = Vec::new();
    write(&mut head, subject, command, Nothing {})?;
    // The frame ends in a brace and a line break.
    out.write_all(&head[..head.len() - 2])
}

/// No keys but those that all documents have.
#[derive(Serialize)]
struct Nothing {}
