//! One run of a command: what the options of every command mean, and the way from roots to a loaded closure.

use crate::gate::Reader;
use std::fmt::Display;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use crate::analysis::Analysed;
use crate::job::{Cancelled, Progress};
use crate::model::StoreDir;
use crate::report::Paper;
use crate::source::evidence::findings::SavedFindings;
use crate::source::files::places::StoreFiles;
use crate::source::location::Location;
use crate::source::open::{archives, files_root, is_cache_elsewhere, open};
use crate::source::{Loaded, Request};

use crate::cli::{Command, Format, Global, Roots};

use super::ending::Ending;
use super::failure::Failure;
use super::meter;
use super::screen::Screen;

/// The options of every command, and where answers go.
#[derive(Debug)]
pub(crate) struct Session {
    global: Global,
    screen: Screen,
    formats: &'static [Format],
    ending: OnceLock<Option<Ending>>,
}

impl Session {
    /// A session for one command.
    pub(crate) fn new(global: Global, screen: Screen, command: &Command) -> Self {
        Self {
            global,
            screen,
            formats: command.formats(),
            ending: OnceLock::new(),
        }
    }

    /// The options of every command.
    pub(crate) fn global(&self) -> &Global {
        &self.global
    }

    /// What the command can print.
    pub(crate) fn formats(&self) -> &'static [Format] {
        self.formats
    }

    /// Whether standard output is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.screen.is_terminal
    }

    /// Writes a warning, unless warnings are unwanted.
    pub(crate) fn warn(&self, warning: &impl Display) {
        self.screen.warn(warning);
    }

    /// Says something worth knowing on standard error, unless that is unwanted.
    pub(crate) fn note(&self, note: &impl Display) {
        self.screen.note(note);
    }

    /// How text is laid out.
    pub(crate) fn paper(&self) -> Paper {
        self.screen.answers
    }

    /// Who reads an answer in this format.
    pub(crate) fn reader(&self, format: Format) -> Reader {
        self.screen.reader(format)
    }

    /// The format to print, text unless another was asked for.
    pub(crate) fn format(&self) -> Result<Format, Failure> {
        Ok(self.given_format()?.unwrap_or(Format::Text))
    }

    /// The format that was asked for, if it is one the command has.
    pub(crate) fn given_format(&self) -> Result<Option<Format>, Failure> {
        let Some(format) = self.global.format else {
            return Ok(None);
        };
        if self.formats.contains(&format) {
            return Ok(Some(format));
        }
        let known: Vec<&str> = self.formats.iter().map(|format| format.name()).collect();
        Err(Failure::usage(
            format!("this command does not print {}", format.name()),
            format!("its formats are {}", known.join(", ")),
        ))
    }

    /// Loads the closure of some roots, and lets `prepare` do the analyses that may take a while.
    pub(crate) fn load(
        &self,
        roots: Roots,
        prepare: impl FnOnce(&Analysed) -> Result<(), Cancelled> + Send + 'static,
    ) -> Result<Subject, Failure> {
        let request = Request {
            roots: roots.roots,
            ..Request::default()
        };
        self.load_request(request, prepare)
    }

    /// As [`Session::load`], with everything a source can be asked for.
    pub(crate) fn load_request(
        &self,
        request: Request,
        prepare: impl FnOnce(&Analysed) -> Result<(), Cancelled> + Send + 'static,
    ) -> Result<Subject, Failure> {
        let location = location(&self.global);
        let is_installable = |root: &String| root.contains('#');
        if self.global.store.is_some()
            || self.global.file.is_some()
            || self.global.expr.is_some()
            || request.roots.iter().any(is_installable)
        {
            self.asks_nix();
        }
        let outcome = self.work(move |progress| {
            let Loaded {
                graph,
                roots,
                mut warnings,
                found,
                ..
            } = open(&location)?.load(&request, progress)?;
            let analysed = Analysed::of(graph, &roots, progress);
            warnings.extend(analysed.warnings().into_vec());
            prepare(&analysed)?;
            let analysed = analysed.detached();
            Ok::<_, Failure>((Subject { analysed, found }, warnings))
        })?;
        let (subject, warnings) = outcome?;
        for warning in &warnings {
            self.screen.warn(warning);
        }
        Ok(subject)
    }
}

/// What a command speaks about: a closure with its analyses, and what was found in its files before.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) analysed: Analysed,
    pub(crate) found: Arc<SavedFindings>,
}

impl Deref for Subject {
    type Target = Analysed;

    fn deref(&self) -> &Analysed {
        &self.analysed
    }
}

impl Session {
    /// Where the files of the subject's paths may be.
    pub(crate) fn files(&self, subject: &Subject) -> StoreFiles {
        let store_dir = subject.graph().store_dir();
        let found = Arc::clone(&subject.found);
        store_files(&location(&self.global), store_dir, found)
    }

    /// As [`Session::files`]; where the store is a binary cache, with its archives for what is not on this machine.
    pub(crate) fn files_or_archives(&self, subject: &Subject) -> Result<StoreFiles, Failure> {
        let files = self.files(subject);
        Ok(match archives(&location(&self.global))? {
            Some(archives) => files.with_archives(archives),
            None => files,
        })
    }

    /// Whether there is a binary cache on the network that may not be asked.
    pub(crate) fn leaves_cache_alone(&self) -> bool {
        let location = location(&self.global);
        location.offline && is_cache_elsewhere(&location)
    }

    /// Does long work, with a line about its progress.
    pub(crate) fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Progress) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let visible = self.screen.shows_progress;
        let Some(Some(ending)) = self.ending.get() else {
            return Ok(meter::run(visible, work)?);
        };
        let running = ending.running();
        Ok(meter::run(visible, move |progress| {
            running.during(progress, work)
        })?)
    }

    /// Says that `nix` may be started from now on: then a signal ends that first.
    pub(crate) fn asks_nix(&self) {
        // Where signals cannot be listened to, they end the process as they always do.
        self.ending.get_or_init(|| Ending::listen().ok());
    }
}

/// Where the files of what a location names may be.
pub(super) fn store_files(
    location: &Location,
    store_dir: &StoreDir,
    found: Arc<SavedFindings>,
) -> StoreFiles {
    match files_root(location) {
        // The files of a store that was named tell more than what a snapshot carries of them.
        Some(root) => StoreFiles::below(&root, store_dir).with_found(found, false),
        None => StoreFiles::of(store_dir).with_found(found, true),
    }
}

/// Analyses that nearly every answer needs.
pub(super) fn dominators(subject: &Analysed) -> Result<(), Cancelled> {
    subject.dominators().map(|_| ())
}

/// Where to read from, as the options say it.
pub(crate) fn location(global: &Global) -> Location {
    let global = global.clone();
    Location {
        store: global.store,
        from: global.from,
        offline: global.offline,
        refresh: global.refresh,
        cache_limit: global.cache_limit.map(|mib| mib.saturating_mul(1 << 20)),
        derivation: global.derivation,
        trusted_public_keys: global.trusted_public_key,
        nix_options: global.option,
        file: global.file,
        expr: global.expr,
        impure: global.impure,
    }
}
