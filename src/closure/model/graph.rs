//! The reference graph of a store, immutable once built.
//!
//! Nodes are store paths under dense ids, an edge `u → v` means *u references v*. Both directions lie in compressed
//! sparse rows. Ids follow the order of base names, so every source that describes the same closure gives the same
//! graph. Through petgraph's visit traits that crate's algorithms run on it as they are.

mod extended;
pub(super) mod rows;

use std::cmp::Reverse;
use std::fmt;
use std::ops::{Index, IndexMut};

use petgraph::Direction;
use petgraph::visit::{
    GraphBase, GraphProp, IntoNeighbors, IntoNeighborsDirected, IntoNodeIdentifiers,
    NodeCompactIndexable, NodeCount, NodeIndexable, Visitable,
};

use super::names::{Names, name_start};
use super::output::Outputs;
use super::path_id::PathId;
use super::path_info::{Details, NarHash, PathInfo};
use super::path_set::PathSet;
use super::store_path::{PackageName, StoreDir};

/// One value per path of a graph.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Column<T>(Vec<T>);

impl<T: Clone> Column<T> {
    /// The same value for each of `paths` paths.
    pub fn filled(paths: usize, value: T) -> Self {
        Self(vec![value; paths])
    }
}

impl<T> Column<T> {
    /// The values in id order.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// The values with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (PathId, &T)> {
        self.0
            .iter()
            .enumerate()
            .map(|(index, value)| (PathId::new(index), value))
    }

    /// Changes every value.
    pub fn for_each(&mut self, change: impl FnMut(&mut T)) {
        self.0.iter_mut().for_each(change);
    }
}

impl<T> Index<PathId> for Column<T> {
    type Output = T;
    #[inline]
    fn index(&self, id: PathId) -> &T {
        &self.0[id.index()]
    }
}

impl<T> IndexMut<PathId> for Column<T> {
    #[inline]
    fn index_mut(&mut self, id: PathId) -> &mut T {
        &mut self.0[id.index()]
    }
}

/// Compressed sparse rows: the neighbours of every path, ascending, in one piece of memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    pub(crate) starts: Vec<u32>,
    pub(crate) targets: Vec<PathId>,
}

impl Rows {
    #[inline]
    fn get(&self, id: PathId) -> &[PathId] {
        let index = id.index();
        &self.targets[self.starts[index] as usize..self.starts[index + 1] as usize]
    }
}

/// The details of all paths, if the source was asked for them.
#[derive(Debug, Clone, Default)]
pub(crate) struct DetailColumns {
    /// Deriver, content address, flags and signatures, joined by [`DETAIL_SEPARATOR`].
    pub(crate) texts: Names,
    pub(crate) nar_hashes: Vec<Option<NarHash>>,
}

impl DetailColumns {
    pub(crate) fn with_capacity(count: usize, bytes: usize) -> Self {
        Self {
            texts: Names::with_capacity(count, bytes),
            nar_hashes: Vec::with_capacity(count),
        }
    }

    /// Adds a row. Its text stays empty when all texts together would grow past 4 GiB.
    pub(crate) fn add(&mut self, nar_hash: Option<NarHash>, text: &str) {
        self.nar_hashes.push(nar_hash);
        if !self.texts.push(text) {
            self.texts.push("");
        }
    }

    pub(crate) fn shrink(&mut self) {
        self.texts.shrink();
    }
}

/// Parts the fields of a detail text. Cannot occur in a field: the builder replaces it.
pub(crate) const DETAIL_SEPARATOR: char = '\u{1f}';

/// An immutable snapshot of store paths and their references.
///
/// No row holds a path's reference to itself ([`StoreGraph::references_itself`] remembers those) or the same neighbour
/// twice; every row ascends.
#[derive(Debug, Clone)]
pub struct StoreGraph {
    pub(crate) store_dir: StoreDir,
    pub(crate) names: Names,
    pub(crate) infos: Vec<PathInfo>,
    pub(crate) details: Option<DetailColumns>,
    pub(crate) references: Rows,
    pub(crate) referrers: Rows,
    pub(crate) self_references: PathSet,
    pub(crate) missing: PathSet,
    pub(crate) outputs: Option<Outputs>,
}

impl StoreGraph {
    /// How many paths there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.infos.len()
    }

    /// Whether there is no path at all.
    pub fn is_empty(&self) -> bool {
        self.infos.is_empty()
    }

    /// How many references there are, those of a path to itself left out.
    pub fn reference_count(&self) -> usize {
        self.references.targets.len()
    }

    /// Memory that the graph holds on the heap, in bytes.
    #[cfg(test)]
    pub(crate) fn heap_bytes(&self) -> usize {
        let rows =
            |rows: &Rows| (rows.starts.capacity() + rows.targets.capacity()) * size_of::<u32>();
        let details = self.details.as_ref().map_or(0, |columns| {
            columns.texts.heap_bytes()
                + columns.nar_hashes.capacity() * size_of::<Option<NarHash>>()
        });
        self.names.heap_bytes()
            + self.infos.capacity() * size_of::<PathInfo>()
            + rows(&self.references)
            + rows(&self.referrers)
            + 2 * self.len() / 8
            + details
    }

    /// The directory all paths are in.
    pub fn store_dir(&self) -> &StoreDir {
        &self.store_dir
    }

    /// All ids, ascending.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = PathId> + ExactSizeIterator + use<> {
        (0..self.len()).map(PathId::new)
    }

    /// `<hash part>-<name>`, as the source gave it.
    #[inline]
    pub fn base_name(&self, id: PathId) -> &str {
        self.names.get(id.index())
    }

    /// The name behind the hash part. The whole base name where that has no valid hash part.
    #[inline]
    pub fn name(&self, id: PathId) -> &str {
        let base = self.base_name(id);
        &base[name_start(base)..]
    }

    /// The hash part, empty where the base name has no valid one.
    pub fn hash_part(&self, id: PathId) -> &str {
        let base = self.base_name(id);
        &base[..name_start(base).saturating_sub(1)]
    }

    /// Package name, version and output, as far as the name tells.
    pub fn package(&self, id: PathId) -> PackageName<'_> {
        PackageName::parse(self.name(id))
    }

    /// Whether this is a derivation (`….drv`).
    pub fn is_derivation(&self, id: PathId) -> bool {
        self.base_name(id).as_bytes().ends_with(b".drv")
    }

    /// The full store path, to be displayed.
    pub fn path(&self, id: PathId) -> FullPath<'_> {
        FullPath {
            store_dir: &self.store_dir,
            base_name: self.base_name(id),
        }
    }

    /// Sizes and registration time.
    #[inline]
    pub fn info(&self, id: PathId) -> PathInfo {
        self.infos[id.index()]
    }

    /// NAR size in bytes, if the source knows it.
    #[inline]
    pub fn nar_size(&self, id: PathId) -> Option<u64> {
        self.infos[id.index()].nar_size.get()
    }

    /// Sorts paths by NAR size, the largest first; unknown sizes come last, equal ones by base name.
    pub fn sort_largest_first(&self, ids: &mut [PathId]) {
        ids.sort_unstable_by_key(|&id| (Reverse(self.nar_size(id)), id));
    }

    /// The paths this one references, ascending, itself left out.
    #[inline]
    pub fn references(&self, id: PathId) -> &[PathId] {
        self.references.get(id)
    }

    /// The paths that reference this one, ascending, itself left out.
    #[inline]
    pub fn referrers(&self, id: PathId) -> &[PathId] {
        self.referrers.get(id)
    }

    /// Whether the path references itself.
    pub fn references_itself(&self, id: PathId) -> bool {
        self.self_references.contains(id)
    }

    /// Whether the path is only known because another references it, without a record of its own.
    pub fn is_missing(&self, id: PathId) -> bool {
        self.missing.contains(id)
    }

    /// The paths without a record of their own.
    pub fn missing(&self) -> &PathSet {
        &self.missing
    }

    /// Whether the graph was loaded with details.
    pub fn knows_details(&self) -> bool {
        self.details.is_some()
    }

    /// Deriver, content address, signatures, NAR hash. `None` if the graph was loaded without details.
    pub fn details(&self, id: PathId) -> Option<Details> {
        let columns = self.details.as_ref()?;
        let mut fields = columns.texts.get(id.index()).split(DETAIL_SEPARATOR);
        let text = |field: Option<&str>| field.filter(|f| !f.is_empty()).map(str::to_owned);
        Some(Details {
            nar_hash: columns.nar_hashes[id.index()],
            deriver: text(fields.next()),
            content_address: text(fields.next()),
            ultimate: fields.next() == Some("u"),
            signatures: fields.map(str::to_owned).collect(),
        })
    }

    /// SHA-256 of the path's NAR, if the graph was loaded with details and the source knows it.
    pub fn nar_hash(&self, id: PathId) -> Option<NarHash> {
        self.details.as_ref()?.nar_hashes[id.index()]
    }

    /// The path with this base name.
    pub fn find(&self, base_name: &str) -> Option<PathId> {
        let at = self.lower_bound(base_name);
        (at < self.len() && self.names.get(at) == base_name).then(|| PathId::new(at))
    }

    /// The paths whose base name begins with `prefix` (a prefix of the hash part, say), ascending.
    pub fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = PathId> + 'a {
        (self.lower_bound(prefix)..self.len())
            .take_while(move |&at| self.names.get(at).starts_with(prefix))
            .map(PathId::new)
    }

    fn lower_bound(&self, base_name: &str) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.names.get(middle) < base_name {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// A full store path that is put together only when it is printed.
#[derive(Debug, Clone, Copy)]
pub struct FullPath<'a> {
    store_dir: &'a StoreDir,
    base_name: &'a str,
}

impl fmt::Display for FullPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.store_dir.as_str())?;
        f.write_str("/")?;
        f.write_str(self.base_name)
    }
}

impl GraphBase for StoreGraph {
    type NodeId = PathId;
    type EdgeId = u32;
}

impl GraphProp for StoreGraph {
    type EdgeType = petgraph::Directed;
}

impl NodeCount for StoreGraph {
    fn node_count(&self) -> usize {
        self.len()
    }
}

impl NodeIndexable for StoreGraph {
    fn node_bound(&self) -> usize {
        self.len()
    }
    fn to_index(&self, id: PathId) -> usize {
        id.index()
    }
    fn from_index(&self, index: usize) -> PathId {
        PathId::new(index)
    }
}

impl NodeCompactIndexable for StoreGraph {}

impl Visitable for StoreGraph {
    type Map = PathSet;
    fn visit_map(&self) -> PathSet {
        PathSet::empty(self.len())
    }
    fn reset_map(&self, map: &mut PathSet) {
        *map = self.visit_map();
    }
}

impl<'a> IntoNeighbors for &'a StoreGraph {
    type Neighbors = std::iter::Copied<std::slice::Iter<'a, PathId>>;
    fn neighbors(self, id: PathId) -> Self::Neighbors {
        self.references.get(id).iter().copied()
    }
}

impl<'a> IntoNeighborsDirected for &'a StoreGraph {
    type NeighborsDirected = std::iter::Copied<std::slice::Iter<'a, PathId>>;
    fn neighbors_directed(self, id: PathId, direction: Direction) -> Self::NeighborsDirected {
        let rows = match direction {
            Direction::Outgoing => &self.references,
            Direction::Incoming => &self.referrers,
        };
        rows.get(id).iter().copied()
    }
}

impl IntoNodeIdentifiers for &StoreGraph {
    type NodeIdentifiers = std::iter::Map<std::ops::Range<usize>, fn(usize) -> PathId>;
    fn node_identifiers(self) -> Self::NodeIdentifiers {
        (0..self.len()).map(PathId::new as fn(usize) -> PathId)
    }
}
