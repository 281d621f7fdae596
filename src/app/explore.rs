//! What an explorer session is opened with.

use std::path::PathBuf;
use std::sync::Arc;

use crate::analysis::kept::Keep;
use crate::analysis::plan::PlanFile;
use crate::model::Warning;
use crate::source::cache::archive::Archives;
use crate::source::files::places::StoreFiles;
use crate::source::location::Location;
use crate::source::open::sides::{Other, others};
use crate::source::{Request, Source};
use crate::text::Units;

use super::config::Config;
use super::evaluation::Configured;
use super::facts::Snapshot;
use super::look::{ColorChoice, ThemeChoice};

/// Everything a session needs to begin; the screen comes from the terminal.
pub struct Explore {
    /// Where the closure is read from, now and on every reload.
    pub source: Box<dyn Source + Send + Sync>,
    /// Which closure.
    pub request: Request,
    /// What was named to be read, where the rest of its store can be asked; `None` for what is built in or made up.
    pub location: Option<Location>,
    /// By which rules Nix collects garbage there.
    pub keep: Keep,
    /// Reads what the closure is compared with.
    pub other: Other,
    /// Below which directory the files of the store are; `None`: where the names of the paths say.
    pub files_root: Option<PathBuf>,
    /// The binary cache that has the files of what is not on this machine.
    pub archives: Option<Arc<Archives>>,
    /// The configuration that the closure is built from, if one is known.
    pub configured: Option<Configured>,
    /// A line that stays on screen, for example that this is the built-in demo.
    pub notice: Option<String>,
    /// A plan to begin with.
    pub plan: Option<PlanFile>,
    /// The file of what is remembered from one session to the next.
    pub memory: Option<PathBuf>,
    /// Whether nothing is written to any file, whatever the keys ask for.
    pub read_only: bool,
    /// What the user wants to be different; of it keys and columns are used here, the rest where it belongs.
    pub config: Config,
    /// What is to be warned of, whatever the source says.
    pub notes: Vec<Warning>,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// In which units sizes are written.
    pub units: Units,
    /// Whether the mouse is captured.
    pub mouse: bool,
    /// Whether colours are used.
    pub color: ColorChoice,
    /// Which colours.
    pub theme: ThemeChoice,
}

impl Explore {
    /// A session with everything at its default.
    pub fn new(source: Box<dyn Source + Send + Sync>, request: Request) -> Self {
        Self {
            source,
            request,
            location: None,
            keep: Keep::default(),
            other: others(Location::default()),
            files_root: None,
            archives: None,
            configured: None,
            notice: None,
            plan: None,
            memory: None,
            read_only: false,
            config: Config::default(),
            notes: Vec::new(),
            ascii: false,
            units: Units::Binary,
            mouse: true,
            color: ColorChoice::Auto,
            theme: ThemeChoice::Auto,
        }
    }

    /// Where the files of the paths may be, and what was found in them and written down.
    pub fn files(&self, snapshot: &Snapshot) -> StoreFiles {
        let store_dir = snapshot.graph.store_dir();
        let found = Arc::clone(&snapshot.found);
        match &self.files_root {
            // Files of a store that was named say more than what was saved about them.
            Some(root) => StoreFiles::below(root, store_dir).with_found(found, false),
            None => StoreFiles::of(store_dir).with_found(found, true),
        }
    }

    /// As [`Explore::files`]; where the store is a binary cache, also with its listings and archives, which are fetched.
    pub fn files_to_fetch(&self, snapshot: &Snapshot) -> StoreFiles {
        let files = self.files(snapshot);
        match &self.archives {
            Some(archives) => files.with_archives(Arc::clone(archives)),
            None => files,
        }
    }
}

/// What a closure is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compare {
    /// The generation before.
    Previous,
    /// What was named.
    With(String),
}
