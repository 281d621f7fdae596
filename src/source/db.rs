//! The database in which Nix, Lix and Guix record their valid paths, read without their help.

mod copy;
mod derivations;
mod gather;
mod ids;
mod open;
mod pages;
mod tables;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::gather::{Gathered, Gathering, Wanted};
use self::open::Snapshot;
use self::pages::Stop;
use self::tables::Tables;
use super::gc_roots::{self, GcRoots};
use super::roots::{Place, Surroundings};
use super::{Loaded, Request, Source, SourceError};
use crate::job::Progress;
use crate::model::{Built, GraphBuilder, StoreDir, StoreGraph, Warnings};

/// How often a database that changes while it is read is read anew; the last time from a private copy.
const ATTEMPTS: usize = 3;

/// A store database, with the place of its store in the file system.
#[derive(Debug, Clone)]
pub struct Database {
    file: PathBuf,
    place: Place,
    surroundings: Surroundings,
    derivations: bool,
}

impl Database {
    /// A database file; `place` says where its store's files and links are.
    pub fn new(file: impl Into<PathBuf>, place: Place, surroundings: Surroundings) -> Self {
        Self {
            file: file.into(),
            place,
            surroundings,
            derivations: false,
        }
    }

    /// Reads build-time closures: every root stands for the derivation that made it.
    #[must_use]
    pub fn for_derivations(mut self, derivations: bool) -> Self {
        self.derivations = derivations;
        self
    }

    /// Everything that holds a path of the store, and warnings about what holds none.
    pub fn gc_roots(&self, progress: &Progress) -> Result<GcRoots, SourceError> {
        let snapshot = open::open(&self.file, false)?;
        let tables = Tables::of(&snapshot.connection, &self.file, false)?;
        let store_dir = tables.store_dir(&self.place.store_dir)?;
        let mut found = gc_roots::list(&self.place, &store_dir, progress)?;
        let mut warnings = Warnings::new();
        let mut valid = Vec::with_capacity(found.roots.len());
        for root in std::mem::take(&mut found.roots) {
            if tables
                .id_of(&format!("{store_dir}/{}", root.target))?
                .is_some()
            {
                valid.push(root);
            } else {
                warnings.add(
                    "roots that hold no valid path, left out",
                    root.link.display(),
                );
            }
        }
        found.warnings.extend(warnings.into_vec());
        found.roots = valid;
        Ok(found)
    }

    /// Is this the database's file, or one that belongs to it?
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
        let asked = self.row_ids(&tables, &store_dir, request, &mut warnings)?;
        let pages = snapshot
            .pages()
            .and_then(|pages| Some((pages, tables.layout()?)));
        let by = |pages, repeats| {
            let builder = GraphBuilder::new(store_dir.clone(), request.details);
            let flags = (request.details, repeats);
            Gathering::new(&tables, builder, progress, flags, pages).collect(&if request.whole {
                Wanted::Whole(&asked.ids[..asked.roots])
            } else {
                Wanted::Closure(&asked.ids)
            })
        };
        let gather = |repeats| {
            let gathered = by(pages.as_ref(), repeats).or_else(|stop| match stop {
                Stop::Odd => by(None, repeats),
                taker @ Stop::Taker(_) => Err(taker),
            });
            gathered.map_err(|stop| self.stopped(stop))
        };
        let mut built = finish(gather(false)?, asked.roots);
        if names_repeat(&built.graph) {
            built = finish(gather(true)?, asked.roots);
        }
        warnings.merge(built.warnings);
        if self.derivations {
            let graph = &mut built.graph;
            graph.outputs = derivations::outputs(&tables, graph, &mut warnings, progress)?;
        }
        Ok(Loaded {
            graph: Arc::new(built.graph),
            roots: built.roots,
            warnings: warnings.into_vec(),
            origin: self.origin(),
        })
    }

    /// The rows of roots and extras, or of the default roots.
    fn row_ids(
        &self,
        tables: &Tables<'_>,
        store_dir: &StoreDir,
        request: &Request,
        warnings: &mut Warnings,
    ) -> Result<Asked, SourceError> {
        let mut ids = Vec::new();
        for typed in &request.roots {
            match self.row_id(tables, store_dir, typed) {
                Ok(id) => ids.push(id),
                Err(SourceError::UnknownRoot { .. }) if request.lenient => {}
                Err(error) => return Err(error),
            }
        }
        if request.roots.is_empty() && !request.whole {
            for (link, base) in self.place.default_roots(&self.surroundings, store_dir) {
                match self.row_of(tables, &format!("{store_dir}/{base}"))? {
                    Some(id) if !ids.contains(&id) => ids.push(id),
                    Some(_) => {}
                    None => warnings.add(
                        "roots by default that are no valid paths, left out",
                        link.display(),
                    ),
                }
            }
            if ids.is_empty() {
                return Err(SourceError::NoRoots);
            }
        }
        let roots = ids.len();
        for typed in &request.extras {
            ids.push(self.row_id(tables, store_dir, typed)?);
        }
        Ok(Asked { ids, roots })
    }

    fn row_id(
        &self,
        tables: &Tables<'_>,
        store_dir: &StoreDir,
        typed: &str,
    ) -> Result<i64, SourceError> {
        let base = self.place.resolve(typed, &self.surroundings, store_dir)?;
        let row = self.row_of(tables, &format!("{store_dir}/{base}"))?;
        row.ok_or_else(|| self.unknown(typed, &base))
    }

    /// The row of a path, or of the derivation that made it if that is wanted.
    fn row_of(&self, tables: &Tables<'_>, path: &str) -> Result<Option<i64>, SourceError> {
        let id = tables.id_of(path)?;
        if self.derivations && !is_derivation(path) {
            return derivations::of(tables, path, id);
        }
        Ok(id)
    }

    fn unknown(&self, typed: &str, base: &str) -> SourceError {
        if !self.derivations || is_derivation(base) {
            return SourceError::UnknownRoot {
                root: typed.to_owned(),
                origin: self.origin(),
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
            Stop::Odd => SourceError::Format {
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

fn is_derivation(path: &str) -> bool {
    path.as_bytes().ends_with(b".drv")
}

/// The rows asked for: so many roots, then the extras.
struct Asked {
    ids: Vec<i64>,
    roots: usize,
}

/// Sorts what was gathered into a graph. Only the first `asked` drafts are roots, if any were asked for.
fn finish(gathered: Gathered, asked: usize) -> Built {
    let roots = if asked == 0 {
        &gathered.drafts[..]
    } else {
        &gathered.drafts[..asked]
    };
    let roots: Vec<_> = roots.iter().copied().flatten().collect();
    gathered.builder.finish(&roots)
}

/// Does a name occur twice? Only in databases that Nix did not make.
fn names_repeat(graph: &StoreGraph) -> bool {
    let mut last = "";
    graph.ids().any(|id| {
        let name = graph.base_name(id);
        std::mem::replace(&mut last, name) == name
    })
}

impl Source for Database {
    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        progress.start("opening the database", 0);
        let mut attempt = 1;
        loop {
            progress.check()?;
            let last = attempt == ATTEMPTS;
            let snapshot = open::open(&self.file, last)?;
            let outcome = self.read(&snapshot, request, progress);
            if matches!(outcome, Err(SourceError::Cancelled(_))) || last || snapshot.held() {
                return outcome.map(|loaded| with_note(loaded, snapshot.note));
            }
            attempt += 1;
        }
    }
}

fn with_note(mut loaded: Loaded, note: Option<String>) -> Loaded {
    let mut warnings = Warnings::new();
    if let Some(note) = note {
        warnings.note(&note);
    }
    loaded.warnings.splice(0..0, warnings.into_vec());
    loaded
}

#[cfg(test)]
mod tests;
