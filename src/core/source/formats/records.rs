//! What all file formats share: records go in one by one, the closure of the requested roots comes out.

mod dirs;
mod select;

use std::num::NonZeroI64;
use std::sync::Arc;

use petgraph::algo::kosaraju_scc;

use self::dirs::{common_dir, dir_of, is_plain};
pub(crate) use self::select::select;
use crate::model::graph_builder::{Draft, MISSING_RECORD};
use crate::model::{
    Closure, Details, GraphBuilder, NarHash, PathId, PathInfo, PathSet, Size, StoreDir, StoreGraph,
    Warnings,
};
use crate::source::{Loaded, Request, SourceError};

/// Collects records whose paths may be full or base names, and learns the store directory on the way.
#[derive(Debug)]
pub struct Records {
    builder: GraphBuilder,
    details: bool,
    /// The directory that most of the full paths are in, if they were heard beforehand.
    common_dir: Option<StoreDir>,
    /// The directory that the full paths taken so far are in.
    seen_dir: Option<StoreDir>,
    /// The directory that the file names itself.
    said_dir: Option<StoreDir>,
    /// Whether a path could not be understood.
    left_out: bool,
    /// How many base names were read, and how many full paths in the store.
    bare: usize,
    full: usize,
    /// References of the record at hand; kept for its memory.
    drafts: Vec<Draft>,
}

/// One path as a file describes it. Texts are as in the file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Record<'a> {
    pub(crate) path: &'a str,
    pub(crate) nar_size: Option<u64>,
    pub(crate) download_size: Option<u64>,
    /// Seconds since 1970; 0 if unknown.
    pub(crate) registered: i64,
    pub(crate) nar_hash: Option<&'a str>,
    pub(crate) deriver: Option<&'a str>,
    pub(crate) content_address: Option<&'a str>,
    pub(crate) ultimate: bool,
}

impl Records {
    /// Nothing yet. Without `details`, only what a closure needs is kept.
    pub fn new(details: bool) -> Self {
        Self {
            builder: GraphBuilder::new(StoreDir::default(), details),
            details,
            common_dir: None,
            seen_dir: None,
            said_dir: None,
            left_out: false,
            bare: 0,
            full: 0,
            drafts: Vec::new(),
        }
    }

    /// Whether details are wanted.
    pub(crate) fn wants_details(&self) -> bool {
        self.details
    }

    /// Whether nothing is known yet, not even as a reference.
    pub fn is_empty(&self) -> bool {
        self.builder.is_empty()
    }

    /// A warning, to be shown with the result.
    pub fn warn(&mut self, kind: &str, example: impl std::fmt::Display) {
        self.builder.warn(kind, example);
    }

    /// The file says in which directory its store is.
    pub(crate) fn store_dir_is(&mut self, dir: &str) {
        match (StoreDir::new(dir), &self.said_dir) {
            (Some(new), Some(old)) if new == *old => {}
            (Some(new), None) => self.said_dir = Some(new),
            _ => self.warn("a store directory that does not fit, ignored", dir),
        }
    }

    /// Hears all paths there will be, so that no stray one among the first decides where the store is.
    pub(crate) fn infer_store_dir_from<'t>(&mut self, paths: impl IntoIterator<Item = &'t str>) {
        self.common_dir = common_dir(paths);
    }

    /// Adds a record with its references and signatures. Without a usable path it is left out with a warning.
    pub(crate) fn add<'r>(
        &mut self,
        record: &Record<'_>,
        references: impl IntoIterator<Item = &'r str>,
        signatures: Vec<String>,
    ) -> Result<(), Full> {
        let Some(draft) = self.intern(record.path)? else {
            return Ok(());
        };
        if self.builder.is_recorded(draft) {
            let name = self.builder.base_name(draft).to_owned();
            self.warn("listed more than once, merged", name);
        }
        let info = self.info(record);
        self.builder.record(draft, info);
        self.refer(draft, references)?;
        if self.details {
            let details = self.details_of(record, signatures);
            self.builder.record_details(draft, &details);
        }
        Ok(())
    }

    fn refer<'r>(
        &mut self,
        from: Draft,
        references: impl IntoIterator<Item = &'r str>,
    ) -> Result<(), Full> {
        let mut names = Vec::new();
        for reference in references {
            names.extend(self.base_of(reference));
        }
        let mut drafts = std::mem::take(&mut self.drafts);
        drafts.clear();
        self.builder.intern_all(&names, &mut drafts).ok_or(Full)?;
        for &reference in &drafts {
            self.builder.reference(from, reference);
        }
        self.drafts = drafts;
        Ok(())
    }

    fn info(&mut self, record: &Record<'_>) -> PathInfo {
        PathInfo {
            nar_size: self.size(record.nar_size, "NAR size", record.path),
            download_size: self.size(record.download_size, "download size", record.path),
            registered: NonZeroI64::new(record.registered),
        }
    }

    /// A size as a file gives it. Nix writes 0 where it does not know; no NAR and no compressed file is that small.
    fn size(&mut self, bytes: Option<u64>, what: &str, path: &str) -> Size {
        match bytes {
            None => Size::UNKNOWN,
            Some(0) => {
                let kind = format!("{what} 0, which stands for unknown");
                self.warn(&kind, base_name(path));
                Size::UNKNOWN
            }
            Some(bytes) if i64::try_from(bytes).is_err() => {
                let kind = format!("{what} beyond anything possible, treated as unknown");
                self.warn(&kind, format_args!("{} ({bytes} bytes)", base_name(path)));
                Size::UNKNOWN
            }
            Some(bytes) => Size::bytes(bytes),
        }
    }

    fn details_of(&mut self, record: &Record<'_>, signatures: Vec<String>) -> Details {
        let nar_hash = record.nar_hash.and_then(|text| {
            NarHash::parse(text)
                .map_err(|_| {
                    let example = format!("{} ({text})", base_name(record.path));
                    self.warn("an invalid NAR hash, ignored", example);
                })
                .ok()
        });
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        Details {
            nar_hash,
            deriver: text(record.deriver.map(base_name)).filter(|name| name != "unknown-deriver"),
            content_address: text(record.content_address),
            signatures,
            ultimate: record.ultimate,
        }
    }

    fn intern(&mut self, path: &str) -> Result<Option<Draft>, Full> {
        let Some(base) = self.base_of(path) else {
            return Ok(None);
        };
        self.builder.intern(base).map(Some).ok_or(Full)
    }

    /// The base name of a path; `None`, with a warning, where there is none.
    fn base_of<'t>(&mut self, path: &'t str) -> Option<&'t str> {
        if let Some(base) = self.seen_dir.as_ref().and_then(|dir| dir.strip(path)) {
            self.full += 1;
            return Some(base);
        }
        let base = self.base_elsewhere(path);
        if base.is_none() {
            let kind = "not directly in the store directory, left out";
            self.warn(kind, format_args!("'{path}'"));
            self.left_out = true;
        }
        base
    }

    /// The base name of the first full path, or of a base name alone. What is not where the others are is nothing.
    fn base_elsewhere<'t>(&mut self, path: &'t str) -> Option<&'t str> {
        let Some((dir, base)) = path.rsplit_once('/') else {
            self.bare += 1;
            return Some(path).filter(|path| !path.is_empty());
        };
        if self.seen_dir.is_none() {
            let common = self.common_dir.clone();
            self.seen_dir = match common {
                Some(common) => common.strip(path).is_some().then_some(common),
                None => dir_of(path).and_then(StoreDir::new),
            };
            // Without a single store path of the usual form the store directory is unknown.
            if self.common_dir.is_none() && self.seen_dir.is_none() {
                return (is_plain(dir) && !base.is_empty()).then_some(base);
            }
        }
        self.seen_dir.as_ref()?.strip(path)
    }

    /// Sorts the records into a graph and picks the roots: those asked for, else the paths nothing else refers to.
    /// With roots asked for, only their closure (and that of the extras) is kept, unless the whole was asked for.
    pub fn finish(mut self, request: &Request, origin: &str) -> Result<Loaded, SourceError> {
        if self.left_out && self.builder.is_empty() && !request.lenient {
            return Err(SourceError::Format {
                path: origin.to_owned(),
                problem: "none of the paths in it is one of a store".to_owned(),
                hint: "store paths look like DIRECTORY/HASH-NAME, with a hash of 32 characters",
            });
        }
        let dir = match (self.seen_dir.take(), self.said_dir.take()) {
            // Nearly all paths rely on what the file says of its store.
            (Some(seen), Some(said)) if seen != said && self.bare > self.full => {
                self.warn(
                    "paths in another store directory than the file's, kept by name",
                    seen,
                );
                Some(said)
            }
            (seen, said) => seen.or(said),
        };
        if dir.is_none() && !self.builder.is_empty() {
            self.warn("no store directory named, taken for", StoreDir::default());
        }
        self.builder.set_store_dir(dir.unwrap_or_default());
        let mut loaded = deliver(self.builder, &[], request, origin)?;
        // What the file names as not valid was asked for.
        let all_asked = loaded.warnings.iter().any(|one| one.kind == NOT_VALID);
        if !all_asked && is_not_recursive(&loaded.graph) {
            let mut warnings = Warnings::new();
            warnings.note(ONLY_ROOTS);
            loaded.warnings.extend(warnings.into_vec());
        }
        Ok(loaded)
    }
}

/// The kind of warning for a file that names what it has no records of.
pub(crate) const ONLY_ROOTS: &str = "only the roots have records: was --recursive left out?";
/// The kind of warning for a path that a file says is not valid.
pub(crate) const NOT_VALID: &str = "asked for, but not valid in the store, left out";

/// Whether something is referenced, and nothing that is has a record.
fn is_not_recursive(graph: &StoreGraph) -> bool {
    let referenced = |&id: &PathId| graph.referrers(id).iter().any(|&from| from != id);
    let mut all = graph.ids().filter(referenced).peekable();
    all.peek().is_some() && all.all(|id| graph.is_missing(id))
}

/// Sorts the records into a graph and picks the roots: those asked for, else the source's own, else the paths nothing
/// else refers to. Unless everything was asked for, only the closure of the roots and the extras is kept.
pub(crate) fn deliver(
    builder: GraphBuilder,
    own_roots: &[Draft],
    request: &Request,
    origin: &str,
) -> Result<Loaded, SourceError> {
    let details = builder.keeps_details();
    let built = builder.finish(own_roots);
    let (mut graph, mut warnings) = (built.graph, built.warnings);
    let mut roots = if !request.roots.is_empty() {
        select(&graph, &request.roots, request.lenient, origin)?
    } else if built.roots.is_empty() {
        default_roots(&graph, &mut warnings)
    } else {
        built.roots
    };
    let extras = select(&graph, &request.extras, request.lenient, origin)?;
    roots = Closure::of(&graph, &roots).roots().to_vec();
    let wanted: Vec<PathId> = roots.iter().chain(&extras).copied().collect();
    let closure = Closure::of(&graph, &wanted);
    let mut warnings = warnings.into_vec();
    if closure.len() < graph.len() && !request.whole {
        let mut part = restricted(&graph, &closure, &roots, details);
        if let Some(known) = graph.known_outputs() {
            part.graph.add_outputs(known);
        }
        warnings.retain(|warning| warning.kind != MISSING_RECORD);
        warnings.extend(part.warnings.into_vec());
        (graph, roots) = (part.graph, part.roots);
    }
    Ok(Loaded {
        graph: Arc::new(graph),
        roots,
        warnings,
        origin: origin.to_owned(),
        found: Arc::default(),
    })
}

/// A graph holds no more paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// The error for it.
pub(crate) fn too_large(origin: &str) -> SourceError {
    SourceError::TooLarge {
        origin: origin.to_owned(),
    }
}

/// What stands behind the last slash.
pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, base)| base)
}

/// The kind of warning that [`default_roots`] gives for every cycle.
pub(crate) const CYCLE: &str = "nothing but a cycle of references holds these, taken for roots";

/// The paths nothing else refers to. Where paths form a cycle and nothing outside it references them,
/// the first of the cycle by name, with a warning.
pub(crate) fn default_roots(graph: &StoreGraph, warnings: &mut Warnings) -> Vec<PathId> {
    let mut roots: Vec<PathId> = graph
        .ids()
        .filter(|&id| graph.referrers(id).is_empty())
        .collect();
    let mut reached = Closure::of(graph, &roots).members().clone();
    if reached.len() == graph.len() {
        return roots;
    }
    // Kosaraju's components come references first, so from the end every unreached one is without referrers.
    for component in kosaraju_scc(graph).into_iter().rev() {
        if !component.iter().any(|&id| reached.contains(id)) {
            let root = component.iter().copied().min().into_iter();
            for root in root {
                warnings.add(CYCLE, graph.base_name(root));
                roots.push(root);
                reach(graph, root, &mut reached);
            }
        }
    }
    roots
}

/// Adds what a path reaches, itself included, to what has been reached before.
fn reach(graph: &StoreGraph, from: PathId, reached: &mut PathSet) {
    let mut stack = vec![from];
    while let Some(id) = stack.pop() {
        if reached.insert(id) {
            stack.extend(graph.references(id));
        }
    }
}

/// The part of a graph that is in a closure.
fn restricted(
    graph: &StoreGraph,
    closure: &Closure,
    roots: &[PathId],
    details: bool,
) -> crate::model::Built {
    let mut builder = GraphBuilder::new(graph.store_dir().clone(), details);
    let mut drafts = vec![None; graph.len()];
    for id in closure.members().iter() {
        // A part of a graph always fits where the whole did.
        let name = graph.base_name(id);
        drafts[id.index()] = if graph.is_missing(id) {
            builder.intern(name)
        } else {
            builder.add(name, graph.info(id))
        };
        if let (Some(draft), Some(known)) = (drafts[id.index()], graph.details(id)) {
            builder.record_details(draft, &known);
        }
    }
    for id in closure.members().iter() {
        let Some(from) = drafts[id.index()] else {
            continue;
        };
        if graph.references_itself(id) {
            builder.reference(from, from);
        }
        let references = graph.references(id).iter();
        for to in references.filter_map(|to| drafts[to.index()]) {
            builder.reference(from, to);
        }
    }
    let roots: Vec<Draft> = roots.iter().filter_map(|id| drafts[id.index()]).collect();
    builder.finish(&roots)
}
