//! Goes on with the files of derivations where the database ends: rows without references, derivations without a row.

use std::collections::{BTreeMap, HashSet};

use super::Start;
use super::derivations;
use super::tables::Tables;
use crate::job::Progress;
use crate::model::output::Outputs;
use crate::model::{GraphBuilder, PathInfo, Size, StoreGraph, Warnings};
use crate::source::SourceError;
use crate::source::drv::{DrvFile, DrvFiles, is_derivation, without_needs};

/// The derivations that were read from their files, and the rows they lead back to.
pub(super) struct FromFiles<'a, 'c> {
    tables: &'a Tables<'c>,
    files: DrvFiles,
    read: BTreeMap<String, DrvFile>,
    /// How many of them say more than the database.
    news: usize,
    /// Derivations whose files were looked for, and paths whose rows were.
    seen: HashSet<String>,
    /// Rows that derivations without references in the database need.
    rows: Vec<i64>,
    warnings: Warnings,
}

impl<'a, 'c> FromFiles<'a, 'c> {
    pub(super) fn new(tables: &'a Tables<'c>, files: DrvFiles) -> Self {
        Self {
            tables,
            files,
            read: BTreeMap::new(),
            news: 0,
            seen: HashSet::new(),
            rows: Vec::new(),
            warnings: Warnings::new(),
        }
    }

    /// Whether the database says everything.
    pub(super) fn is_empty(&self) -> bool {
        self.news == 0
    }

    /// Rows to be gathered besides those asked for.
    pub(super) fn rows(&self) -> &[i64] {
        &self.rows
    }

    /// Warnings about the files.
    pub(super) fn take_warnings(&mut self) -> Warnings {
        std::mem::take(&mut self.warnings)
    }

    /// Reads the derivations among the starts that have no row.
    pub(super) fn begin(
        &mut self,
        starts: &[Start],
        progress: &Progress,
    ) -> Result<(), SourceError> {
        let files = starts.iter().filter_map(|start| match start {
            Start::File(base) => Some(base.clone()),
            Start::Row(_) => None,
        });
        self.follow(files.collect(), progress)
    }

    /// Reads the derivations of a graph that need nothing, as the database has it. Returns whether anything new was found.
    pub(super) fn extend(
        &mut self,
        graph: &StoreGraph,
        progress: &Progress,
    ) -> Result<bool, SourceError> {
        let before = self.news;
        self.follow(without_needs(graph).map(str::to_owned).collect(), progress)?;
        Ok(self.news > before)
    }

    /// Reads derivations, and the derivations they need, as far as the database does not say what those need.
    fn follow(&mut self, mut names: Vec<String>, progress: &Progress) -> Result<(), SourceError> {
        while let Some(name) = names.pop() {
            progress.check()?;
            if self.read.contains_key(&name) || !self.seen.insert(format!("{name} as a file")) {
                continue;
            }
            let file = match self.files.read(&name) {
                Ok(Some(file)) => file,
                Ok(None) => continue,
                Err(problem) => {
                    let example = format!("{} ({problem})", self.files.path(&name).display());
                    self.warnings.add(
                        "derivations that cannot be read, so what they need is not known",
                        example,
                    );
                    continue;
                }
            };
            for needed in &file.references {
                if self.seen.insert(needed.clone()) && self.is_for_files(needed)? {
                    names.push(needed.clone());
                }
            }
            // Few derivations need nothing, but those that do are no news.
            if !file.references.is_empty() || self.row(&name)?.is_none() {
                self.news += 1;
                self.warnings.add(
                    "derivations whose references are not in the database, read from their files",
                    &name,
                );
            }
            self.read.insert(name, file);
        }
        Ok(())
    }

    /// Notes the row of a path. Returns whether it is a derivation about which the database says nothing more.
    fn is_for_files(&mut self, base_name: &str) -> Result<bool, SourceError> {
        let Some(row) = self.row(base_name)? else {
            return Ok(is_derivation(base_name));
        };
        self.rows.push(row);
        Ok(is_derivation(base_name) && !self.tables.has_references(row)?)
    }

    /// The error for a row that the index of paths leads to and that cannot be read.
    pub(super) fn lost(&self, row: i64) -> SourceError {
        SourceError::Format {
            path: self.tables.file().display().to_string(),
            problem: format!(
                "row {row} of its table ValidPaths is in the index, but cannot be found"
            ),
            hint: "the database is damaged: compare with `nix path-info --json --recursive ROOT | nix-heft --from -`",
        }
    }

    fn row(&self, base_name: &str) -> Result<Option<i64>, SourceError> {
        self.tables.id_of(&self.files.full_path(base_name))
    }

    /// Adds what the files say to a builder in which all names are interned.
    pub(super) fn add_to(&self, builder: &mut GraphBuilder) -> Result<(), SourceError> {
        let full = || SourceError::TooLarge {
            origin: self.tables.file().display().to_string(),
        };
        for (name, file) in &self.read {
            let from = builder.intern(name).ok_or_else(full)?;
            if !builder.is_recorded(from) {
                let info = PathInfo {
                    nar_size: Size::bytes(file.nar_size),
                    ..PathInfo::default()
                };
                builder.record(from, info);
            }
            for needed in &file.references {
                let to = builder.intern(needed).ok_or_else(full)?;
                builder.reference(from, to);
            }
        }
        Ok(())
    }

    /// Adds the outputs that only the files name, with the sizes of those that are in the store.
    pub(super) fn add_outputs(
        &self,
        graph: &StoreGraph,
        outputs: &mut Option<Outputs>,
    ) -> Result<(), SourceError> {
        if self.read.is_empty() {
            return Ok(());
        }
        let outputs = outputs.get_or_insert_default();
        for (name, file) in &self.read {
            let Some(id) = graph.find(name).filter(|id| !outputs.contains_key(id)) else {
                continue;
            };
            let own = derivations::named(self.tables, &file.outputs)?;
            if !own.is_empty() {
                outputs.insert(id, own);
            }
        }
        Ok(())
    }
}
