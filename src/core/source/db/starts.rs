//! What was asked for, as rows of the database and as derivations of which there is only the file.

use super::drv_files::FromFiles;
use super::gather::Gathered;
use super::tables::Tables;
use super::{Database, derivations};
use crate::model::{Built, StoreDir, Warnings};
use crate::source::drv::{DrvFiles, is_derivation};
use crate::source::{Request, SourceError};

/// Where a closure begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Start {
    /// A row of `ValidPaths`.
    Row(i64),
    /// The base name of a derivation that has no row, but a file.
    File(String),
}

/// Everything asked for: this many roots, then the extras.
pub(super) struct AskedStarts {
    pub(super) starts: Vec<Start>,
    roots: usize,
}

impl AskedStarts {
    /// The rows to gather, and some more.
    pub(super) fn rows(&self, more: &[i64]) -> Vec<i64> {
        let rows = self.starts.iter().filter_map(|start| match start {
            Start::Row(row) => Some(*row),
            Start::File(_) => None,
        });
        rows.chain(more.iter().copied()).collect()
    }

    /// Sorts what was gathered into a graph. Only what was asked for is a root, if anything was.
    pub(super) fn finish(
        &self,
        mut gathered: Gathered,
        from_files: &FromFiles<'_, '_>,
    ) -> Result<Built, SourceError> {
        if !from_files.is_empty() {
            from_files.add_to(&mut gathered.builder)?;
        }
        let mut builder = gathered.builder;
        let mut drafts = gathered.drafts.into_iter();
        if self.roots == 0 {
            let roots: Vec<_> = drafts.flatten().collect();
            return Ok(builder.finish(&roots));
        }
        let mut roots = Vec::with_capacity(self.roots);
        for start in &self.starts[..self.roots] {
            match start {
                // The index has led to the row, so a table without it is damaged: no closure of nothing is made of that.
                Start::Row(row) => {
                    let draft = drafts.next().flatten();
                    roots.push(draft.ok_or_else(|| from_files.lost(*row))?);
                }
                Start::File(base) => roots.extend(builder.intern(base)),
            }
        }
        Ok(builder.finish(&roots))
    }
}

impl Database {
    /// Roots and extras, or the default roots.
    pub(super) fn starts(
        &self,
        tables: &Tables<'_>,
        files: &DrvFiles,
        store_dir: &StoreDir,
        request: &Request,
        warnings: &mut Warnings,
    ) -> Result<AskedStarts, SourceError> {
        // A caller that fills gaps names the paths themselves, not their derivers.
        let makers = self.derivations && !request.lenient;
        let typed = |typed: &String| {
            let base = self.place.resolve(typed, &self.user, store_dir)?;
            let start = start_of(tables, files, &base, makers)?;
            start.ok_or_else(|| self.unknown(typed, &base, makers))
        };
        let mut starts = Vec::new();
        for root in &request.roots {
            match typed(root) {
                Ok(start) => starts.push(start),
                Err(SourceError::UnknownRoot { .. }) if request.lenient => {}
                Err(error) => return Err(error),
            }
        }
        if request.roots.is_empty() && !request.whole {
            for (link, base) in self.place.default_roots(&self.user, store_dir) {
                match start_of(tables, files, &base, makers)? {
                    Some(start) if !starts.contains(&start) => starts.push(start),
                    Some(_) => {}
                    None => warnings.add(
                        "default roots that are not valid paths, left out",
                        link.display(),
                    ),
                }
            }
            if starts.is_empty() {
                return Err(SourceError::NoRoots);
            }
        }
        let roots = starts.len();
        for extra in &request.extras {
            match typed(extra) {
                Ok(start) => starts.push(start),
                Err(SourceError::UnknownRoot { .. }) if request.lenient => {}
                Err(error) => return Err(error),
            }
        }
        Ok(AskedStarts { starts, roots })
    }
}

/// Where the closure of a path begins: at itself, or with `maker` at the derivation that made it.
fn start_of(
    tables: &Tables<'_>,
    files: &DrvFiles,
    base: &str,
    maker: bool,
) -> Result<Option<Start>, SourceError> {
    let path = files.full_path(base);
    let row = tables.id_of(&path)?;
    if is_derivation(base) {
        return match row {
            Some(row) => Ok(Some(Start::Row(row))),
            None => by_file(files, base),
        };
    }
    if !maker {
        return Ok(row.map(Start::Row));
    }
    if let Some(maker) = derivations::of(tables, &path, row)? {
        return Ok(Some(Start::Row(maker)));
    }
    let deriver = row.map(|row| tables.deriver(row)).transpose()?.flatten();
    match deriver.as_deref().and_then(|path| path.rsplit('/').next()) {
        Some(deriver) if is_derivation(deriver) => by_file(files, deriver),
        _ => Ok(None),
    }
}

/// A derivation that has a file; one that cannot be read is an error, since nothing is known about it.
fn by_file(files: &DrvFiles, base: &str) -> Result<Option<Start>, SourceError> {
    match files.read(base) {
        Ok(Some(_)) => Ok(Some(Start::File(base.to_owned()))),
        Ok(None) => Ok(None),
        Err(problem) => Err(SourceError::Format {
            path: files.path(base).display().to_string(),
            problem: format!("not a derivation that can be read: {problem}"),
            hint: "is it damaged? `nix-store --verify --check-contents` tells; evaluating again writes it again",
        }),
    }
}
