//! One occurrence of a hash part, and all that was found for one reference.

use std::path::PathBuf;

use crate::analysis::evidence_class::{Class, ClassCounts};
use crate::model::PathId;

/// What a hash part was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HitKind {
    /// A file's content.
    Content,
    /// The target of a symbolic link.
    Symlink,
    /// The name of a file, link or directory.
    Name,
}

impl HitKind {
    /// A stable name for machines.
    pub fn key(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Symlink => "symlink",
            Self::Name => "name",
        }
    }
}

/// One occurrence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// What it says.
    pub class: Class,
    /// The file, relative to the referrer; empty when the store path itself is a file or a link.
    pub file: PathBuf,
    /// What it stands in.
    pub kind: HitKind,
    /// Where the hash part begins, in bytes from the beginning of the content, target or name.
    pub offset: u64,
    /// The line, counted from 1; only for content that is text.
    pub line: Option<u64>,
    /// Printable text around it.
    pub context: String,
}

/// All that was found for one reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeEvidence {
    /// The referrer.
    pub from: PathId,
    /// The referenced path.
    pub to: PathId,
    /// How often each class occurs; complete, whatever was kept.
    pub counts: ClassCounts,
    /// The occurrences that were kept: by class (the strongest first), file and offset.
    pub hits: Vec<Hit>,
}

impl EdgeEvidence {
    /// How many occurrences there are that were not kept.
    pub fn left_out(&self) -> u64 {
        self.counts.total().saturating_sub(self.hits.len() as u64)
    }
}
