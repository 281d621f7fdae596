//! What can be asked in the last row, and what an answer has to be like.

use std::path::Path;

/// What a file is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Write the plan.
    SavePlan,
    /// Read a plan.
    LoadPlan,
    /// Write a report in the format of the file's ending.
    Export,
    /// Compare the closure with another.
    Compare,
    /// Try a change of the configuration.
    Try,
}

impl Question {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::SavePlan => "save the plan to",
            Self::LoadPlan => "load a plan from",
            Self::Export => "export to",
            Self::Compare => "compare with",
            Self::Try => "try",
        }
    }

    /// What its answer has to be like, if that is not plain.
    pub(super) fn wants(self) -> &'static str {
        match self {
            Self::SavePlan | Self::LoadPlan => "",
            Self::Export => ".md, .csv or .heft",
            Self::Compare => "a store path, link, generation or file",
            Self::Try => "lines of a module, or a file with one",
        }
    }

    pub(super) fn proposal(self) -> &'static str {
        match self {
            Self::SavePlan | Self::LoadPlan => "nix-heft-plan.toml",
            Self::Export => "nix-heft-plan.md",
            Self::Compare | Self::Try => "",
        }
    }
}

/// The format of a file, by its ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// A page about the plan.
    Markdown,
    /// A table of the closure.
    Csv,
    /// A snapshot of the closure.
    Snapshot,
}

impl Ending {
    /// The format of a file of this name.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let (name, ending) = path.rsplit_once('.')?;
        let named = !name.is_empty() && !name.ends_with('/');
        match ending {
            "md" if named => Some(Self::Markdown),
            "csv" if named => Some(Self::Csv),
            "heft" if named => Some(Self::Snapshot),
            _ => None,
        }
    }
}

/// Whether a plan of this name would be taken for something else.
pub(super) fn ends_like_another_format(path: &str) -> bool {
    let ending = Path::new(path)
        .extension()
        .and_then(|ending| ending.to_str());
    let others = ["json", "md", "csv", "heft", "dot"];
    ending.is_some_and(|ending| {
        others
            .iter()
            .any(|other| ending.eq_ignore_ascii_case(other))
    })
}
