//! The formats that `--from` understands, one row each. Detection, the tests of all formats and the fuzz targets read
//! this table.

use std::sync::LazyLock;

use serde_json::Value;

use super::drawings::{is_graph, is_tree, parse_graph, parse_tree};
use super::json::parse_json;
use super::records::Records;
use super::registration::parse_registration;
use super::snapshot;
use crate::job::Progress;
use crate::source::{Loaded, Request, SourceError};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What was read, unpacked, with all that a format needs to make a closure of it.
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// What they are called in messages.
    pub origin: &'a str,
    /// What is wanted of them.
    pub request: &'a Request,
    /// Where the work is cancelled.
    pub progress: &'a Progress,
}

/// One format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// What it is called in tests.
    pub name: &'static str,
    /// What content in it is, for people.
    pub about: &'static str,
    /// Whether it tells sizes.
    pub tells_sizes: bool,
    /// Whether content begins like this. No two formats begin alike.
    pub sniff: fn(&[u8]) -> bool,
    /// What shows already in a long beginning that it is no such content after all, so that an endless pipe is not read on.
    pub doubt: fn(&[u8]) -> Option<String>,
    /// Reads the whole content.
    pub parse: fn(Content<'_>) -> Result<Loaded, SourceError>,
    /// A small closure: `app` (12 bytes) references itself and `lib` (34 bytes), as far as it tells sizes.
    pub example: fn() -> Vec<u8>,
}

/// All formats.
pub const FORMATS: &[Format] = &[
    Format {
        name: "snapshot",
        about: "a snapshot",
        tells_sizes: true,
        sniff: snapshot::is_snapshot,
        doubt: |_| None,
        parse: |content| {
            let Content { bytes, origin, .. } = content;
            snapshot::load(bytes, origin, content.request, content.progress)
        },
        example: snapshot_example,
    },
    Format {
        name: "json",
        about: "the output of `nix path-info --json --recursive`",
        tells_sizes: true,
        sniff: |bytes| matches!(first(bytes), Some(b'[' | b'{')),
        doubt: |bytes| {
            let error = serde_json::from_slice::<Value>(text(bytes)).err()?;
            (!error.is_eof()).then(|| error.to_string())
        },
        parse: |content| {
            let Content {
                request, origin, ..
            } = content;
            let bytes = text(content.bytes);
            parse_json(bytes, origin, request.details, content.progress)?.finish(request, origin)
        },
        example: || JSON.to_vec(),
    },
    Format {
        name: "registration",
        about: "that of `nix-store --dump-db`, a closureInfo registration",
        tells_sizes: true,
        sniff: |bytes| first(bytes) == Some(b'/') && !is_tree(text(bytes)),
        doubt: |_| None,
        parse: |content| lines(content, parse_registration),
        example: || REGISTRATION.to_vec(),
    },
    Format {
        name: "graph",
        about: "what `nix-store --query --graph` draws",
        tells_sizes: false,
        sniff: |bytes| is_graph(text(bytes)),
        doubt: |_| None,
        parse: |content| lines(content, parse_graph),
        example: || include_bytes!("examples/graph").to_vec(),
    },
    Format {
        name: "tree",
        about: "what `nix-store --query --tree` draws",
        tells_sizes: false,
        sniff: |bytes| is_tree(text(bytes)),
        doubt: |_| None,
        parse: |content| lines(content, parse_tree),
        example: || include_bytes!("examples/tree").to_vec(),
    },
];

/// Reads records out of lines of text; the arguments are the text, what it is called, and whether details are wanted.
type ParseLines = fn(&str, &str, bool, &Progress) -> Result<Records, SourceError>;

fn lines(content: Content<'_>, parse: ParseLines) -> Result<Loaded, SourceError> {
    let Content {
        request, origin, ..
    } = content;
    let text = std::str::from_utf8(text(content.bytes));
    let text = text.map_err(|error| not_utf8(error, origin))?;
    parse(text, origin, request.details, content.progress)?.finish(request, origin)
}

/// What may be read, as a sentence.
pub(super) static EXPECTED: LazyLock<String> = LazyLock::new(|| {
    let all: Vec<&str> = FORMATS.iter().map(|format| format.about).collect();
    let (last, others) = all.split_last().unwrap_or((&"", &[]));
    format!("expected: {}, or {last}", others.join(", "))
});

/// The format that content begins like, if there is one.
pub(super) fn format_of(bytes: &[u8]) -> Option<&'static Format> {
    FORMATS.iter().find(|format| (format.sniff)(bytes))
}

/// Text without the mark that some editors put before it.
pub(super) fn text(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

/// The first byte of a text that is no blank.
fn first(bytes: &[u8]) -> Option<u8> {
    text(bytes).trim_ascii_start().first().copied()
}

fn not_utf8(error: std::str::Utf8Error, origin: &str) -> SourceError {
    SourceError::Format {
        path: origin.to_owned(),
        problem: format!("not UTF-8 at byte {}", error.valid_up_to()),
        hint: &EXPECTED,
    }
}

const JSON: &[u8] = include_bytes!("examples/closure.json");

const REGISTRATION: &[u8] = include_bytes!("examples/registration");

/// What the JSON says, as a snapshot; nothing at all if that could not be.
fn snapshot_example() -> Vec<u8> {
    let (request, progress) = (Request::default(), Progress::new());
    let mut bytes = Vec::new();
    let records = parse_json(JSON, "", false, &progress);
    if let Ok(Loaded {
        graph,
        roots,
        found,
        ..
    }) = records.and_then(|read| read.finish(&request, ""))
        && snapshot::write(&mut bytes, &graph, &roots, "example", &found).is_err()
    {
        bytes.clear();
    }
    bytes
}
