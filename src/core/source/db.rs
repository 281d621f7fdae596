//! The database in which Nix, Lix and Guix record their valid paths, read without their help.

mod copy;
mod derivations;
mod drv_files;
mod gather;
mod ids;
mod open;
mod pages;
mod record;
mod schema;
mod starts;
mod tables;
mod walk;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::drv_files::FromFiles;
use self::gather::{Gathered, Gathering, WantedPaths};
use self::open::Snapshot;
use self::pages::{Pages, Stop};
use self::starts::Start;
use self::tables::{Layout, Tables};
use super::drv::{DrvFiles, is_derivation};
use super::location::UserEnvironment;
use super::roots::StorePlace;
use super::roots::gc::{self, GcRoots};
use super::roots::profiles::Profile;
use super::{Loaded, Request, Source, SourceError};
use crate::job::Progress;
use crate::model::{GraphBuilder, StoreDir, StoreGraph, Warnings};

/// How often a database that changes while it is read is read again; the last time from a private copy.
const ATTEMPTS: usize = 3;

/// Where the database of a store is, below the directory the store is in.
pub const BELOW_ROOT: &str = "/nix/var/nix/db/db.sqlite";

/// A store database, with the place of its store in the file system.
#[derive(Debug, Clone)]
pub struct Database {
    file: PathBuf,
    place: StorePlace,
    user: UserEnvironment,
    derivations: bool,
}

impl Database {
    /// A database file; `place` says where its store's files and links are.
    pub fn new(file: impl Into<PathBuf>, place: StorePlace, user: UserEnvironment) -> Self {
        Self {
            file: file.into(),
            place,
            user,
            derivations: false,
        }
    }

    /// Reads build-time closures: every root stands for the derivation that made it.
    #[must_use]
    pub fn for_derivations(mut self, derivations: bool) -> Self {
        self.derivations = derivations;
        self
    }

    /// Everything that holds a path of the store, and links that hold none.
    pub fn roots(&self, progress: &Progress) -> Result<GcRoots, SourceError> {
        let snapshot = open::open(&self.file, false)?;
        let tables = Tables::of(&snapshot.connection, &self.file, false)?;
        let store_dir = tables.store_dir(&self.place.store_dir)?;
        let mut found = gc::list(&self.place, &store_dir, progress)?;
        let mut known: HashMap<String, bool> = HashMap::new();
        for root in &found.roots {
            if !known.contains_key(&root.target) {
                progress.check()?;
                let row = tables.id_of(&format!("{store_dir}/{}", root.target))?;
                known.insert(root.target.clone(), row.is_some());
            }
        }
        found.leave_out(|target| known.get(target) != Some(&true));
        Ok(found)
    }

    /// The profile that a text means, or the system's or the user's own.
    pub fn profile(&self, typed: Option<&str>) -> Result<Profile, SourceError> {
        let snapshot = open::open(&self.file, false)?;
        let tables = Tables::of(&snapshot.connection, &self.file, false)?;
        let store_dir = tables.store_dir(&self.place.store_dir)?;
        Profile::read(typed, &self.place, &self.user, &store_dir)
    }

    /// Whether this is the database's file, or one that belongs to it.
    pub(crate) fn is_made_of(&self, path: &Path) -> bool {
        let own = self.file.as_os_str().as_encoded_bytes();
        path.as_os_str().as_encoded_bytes().starts_with(own)
    }

    fn read(
        &self,
        snapshot: &Snapshot,
        request: &Request,
        progress: &Progress,
    ) -> Result<Loaded, SourceError> {
        let tables = Tables::of(&snapshot.connection, &self.file, request.details)?;
        let store_dir = tables.store_dir(&self.place.store_dir)?;
        let mut warnings = Warnings::new();
        let files = DrvFiles::of(&self.place, &store_dir);
        let asked = self.starts(&tables, &files, &store_dir, request, &mut warnings)?;
        let mut from_files = FromFiles::new(&tables, files);
        from_files.begin(&asked.starts, progress)?;
        let pages = snapshot
            .pages()
            .and_then(|pages| Some((pages, tables.layout()?)));
        let reading = DbReading {
            tables: &tables,
            pages,
            store_dir,
            request,
            progress,
        };
        let gather = |repeats, from_files: &FromFiles<'_, '_>| {
            let rows = asked.rows(from_files.rows());
            let gathered = reading.gather(&rows, repeats);
            let gathered = gathered.map_err(|stop| self.stopped(stop))?;
            asked.finish(gathered, from_files)
        };
        let mut built = gather(!from_files.is_empty(), &from_files)?;
        if names_repeat(&built.graph) {
            built = gather(true, &from_files)?;
        }
        while !request.whole && from_files.extend(&built.graph, progress)? {
            built = gather(true, &from_files)?;
        }
        warnings.merge(built.warnings);
        warnings.merge(from_files.take_warnings());
        let graph = &mut built.graph;
        let begins_there = built.roots.iter().any(|&root| graph.is_derivation(root));
        if self.derivations || request.outputs || (begins_there && !request.roots.is_empty()) {
            let mut outputs = derivations::outputs(&tables, graph, &mut warnings, progress)?;
            from_files.add_outputs(graph, &mut outputs)?;
            graph.set_outputs(outputs);
        }
        Ok(Loaded {
            graph: Arc::new(built.graph),
            roots: built.roots,
            warnings: warnings.into_vec(),
            origin: self.origin(),
            found: Arc::default(),
        })
    }

    fn unknown(&self, typed: &str, base: &str, maker: bool) -> SourceError {
        if !maker || is_derivation(base) {
            return SourceError::UnknownRoot {
                root: typed.to_owned(),
                origin: self.origin(),
                nearest: None,
            };
        }
        SourceError::Other {
            message: format!("the derivation of {typed} is not in {}", self.origin()),
            hint: "name the derivation itself, or what evaluates to it: `nix-heft --derivation nixpkgs#hello`"
                .to_owned(),
        }
    }

    fn stopped(&self, stop: Stop<SourceError>) -> SourceError {
        match stop {
            Stop::Taker(error) => error,
            Stop::Invalid => SourceError::Format {
                path: self.origin(),
                problem: "its tables cannot be read".to_owned(),
                hint: "is it damaged? try `nix path-info --json --recursive ROOT | nix-heft --from -`",
            },
        }
    }

    fn origin(&self) -> String {
        self.file.display().to_string()
    }
}

/// What one reading of the tables goes by.
struct DbReading<'a> {
    tables: &'a Tables<'a>,
    pages: Option<(Pages, Layout)>,
    store_dir: StoreDir,
    request: &'a Request,
    progress: &'a Progress,
}

impl DbReading<'_> {
    /// Collects what some rows reach, from the file's pages where they can be read. With `repeats`, every name is interned.
    fn gather(&self, rows: &[i64], repeats: bool) -> Result<Gathered, Stop<SourceError>> {
        match self.gather_by(rows, repeats, self.pages.as_ref()) {
            Err(Stop::Invalid) => self.gather_by(rows, repeats, None),
            outcome => outcome,
        }
    }

    fn gather_by(
        &self,
        rows: &[i64],
        repeats: bool,
        pages: Option<&(Pages, Layout)>,
    ) -> Result<Gathered, Stop<SourceError>> {
        let builder = GraphBuilder::new(self.store_dir.clone(), self.request.details);
        let flags = (self.request.details, repeats);
        let gathering = Gathering::new(self.tables, builder, self.progress, flags, pages);
        gathering.collect(&if self.request.whole {
            WantedPaths::Whole(rows)
        } else {
            WantedPaths::Closure(rows)
        })
    }
}

/// Whether a name occurs twice: only in databases that Nix did not make.
fn names_repeat(graph: &StoreGraph) -> bool {
    let mut last = "";
    graph.ids().any(|id| {
        let name = graph.base_name(id);
        std::mem::replace(&mut last, name) == name
    })
}

impl Source for Database {
    fn gc_roots(&self, progress: &Progress) -> Result<Option<GcRoots>, SourceError> {
        self.roots(progress).map(Some)
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut log = self.file.clone().into_os_string();
        log.push("-wal");
        vec![self.file.clone(), log.into()]
    }

    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        progress.start("opening the database", 0);
        let mut attempt = 1;
        loop {
            progress.check()?;
            let last = attempt == ATTEMPTS;
            let snapshot = open::open(&self.file, last)?;
            let outcome = self.read(&snapshot, request, progress);
            if matches!(outcome, Err(SourceError::Cancelled(_))) || last || snapshot.held() {
                let notes = [snapshot.note, schema::oddity(&self.file)];
                return outcome.map(|loaded| with_notes(loaded, notes));
            }
            attempt += 1;
        }
    }
}

fn with_notes(mut loaded: Loaded, notes: [Option<String>; 2]) -> Loaded {
    let mut warnings = Warnings::new();
    for note in notes.into_iter().flatten() {
        warnings.note(&note);
    }
    loaded.warnings.splice(0..0, warnings.into_vec());
    loaded
}

#[cfg(test)]
mod tests;
