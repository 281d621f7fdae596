//! The paths that the names in a plan mean: all of them are looked up in one pass over the names of a graph, so that a plan
//! of many steps costs no more than a plan of few.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use crate::analysis::versions::Build;
use crate::model::{Closure, PackageName, PathId, StoreGraph};

use super::file::{NamedPath, Problem};

/// Finds what the paths of one plan are in one graph.
pub(super) struct Finder<'a> {
    graph: &'a StoreGraph,
    closure: &'a Closure,
    wanted: Vec<&'a NamedPath>,
    /// The members of the closure that may be meant; read once a hash alone does not tell.
    members: OnceCell<Candidates<'a>>,
    /// As [`Finder::members`], of all paths.
    all: OnceCell<Candidates<'a>>,
}

impl<'a> Finder<'a> {
    /// Looks for these paths, once they are asked for.
    pub(super) fn new(
        graph: &'a StoreGraph,
        closure: &'a Closure,
        wanted: Vec<&'a NamedPath>,
    ) -> Self {
        Self {
            graph,
            closure,
            wanted,
            members: OnceCell::new(),
            all: OnceCell::new(),
        }
    }

    /// The member of the closure that is meant.
    pub(super) fn member(&self, named: &NamedPath) -> Result<PathId, Problem> {
        if let Some(id) = self.by_hash(named).filter(|&id| self.closure.contains(id)) {
            return Ok(id);
        }
        let read = || {
            let members = self.closure.members().iter();
            Candidates::among(self.graph, members, &self.wanted)
        };
        self.members.get_or_init(read).find(named)
    }

    /// The path that is meant, in the closure or not.
    pub(super) fn any(&self, named: &NamedPath) -> Result<PathId, Problem> {
        if let Some(id) = self.by_hash(named) {
            return Ok(id);
        }
        let read = || Candidates::among(self.graph, self.graph.ids(), &self.wanted);
        self.all.get_or_init(read).find(named)
    }

    fn by_hash(&self, named: &NamedPath) -> Option<PathId> {
        let hash = named.hash.as_deref().filter(|hash| !hash.is_empty())?;
        if let Some(name) = &named.name {
            return self.graph.find(&format!("{hash}-{name}"));
        }
        let mut near = self.graph.with_prefix(hash);
        near.find(|&id| self.graph.hash_part(id) == hash)
    }
}

/// Paths by what a plan may call them, ascending.
struct Candidates<'g> {
    named: PathsByKey<&'g str>,
    built: PathsByKey<BuildKey<'g>>,
    put_out: PathsByKey<(&'g str, Option<&'g str>)>,
}

/// Paths that fit the same key.
type PathsByKey<K> = HashMap<K, Arc<[PathId]>>;
/// Package name, and what tells one build from another apart from the version: `perl-5.40-env` has the package name of
/// `perl-5.40`, but is another build of it.
type BuildKey<'g> = (&'g str, &'g str, &'g str, &'g str, Option<&'g str>);

impl<'g> Candidates<'g> {
    /// Of some paths those that have a name, or a package name, that is wanted.
    fn among(
        graph: &'g StoreGraph,
        paths: impl Iterator<Item = PathId>,
        wanted: &[&NamedPath],
    ) -> Self {
        let names: HashSet<&str> = wanted
            .iter()
            .filter_map(|one| one.name.as_deref())
            .collect();
        let packages: HashSet<&str> = wanted.iter().map(|one| pname(one)).collect();
        let (mut by_name, mut by_build, mut by_output) =
            (HashMap::new(), HashMap::new(), HashMap::new());
        for id in paths {
            let name = graph.name(id);
            if names.contains(name) {
                push(&mut by_name, name, id);
            }
            let package = graph.package(id);
            if packages.contains(package.pname) {
                push(&mut by_build, build(package.pname, package), id);
                push(&mut by_output, (package.pname, package.output), id);
            }
        }
        Self {
            named: shared(by_name),
            built: shared(by_build),
            put_out: shared(by_output),
        }
    }

    /// The exact name counts first, then another version of the same build, then package name and output.
    fn find(&self, named: &NamedPath) -> Result<PathId, Problem> {
        let name = named.name.as_deref().unwrap_or_default();
        let (package, pname) = (PackageName::parse(name), pname(named));
        let same_name = self.named.get(name);
        let same_build = || {
            named.name.as_ref()?;
            self.built.get(&build(pname, package))
        };
        let same_package = || {
            let key = (pname, package.output);
            self.put_out.get(&key).filter(|_| !pname.is_empty())
        };
        let found = same_name.or_else(same_build).or_else(same_package);
        match found.map(|found| &**found) {
            Some(&[only]) => Ok(only),
            None | Some([]) => Err(Problem::NoMatch {
                name: named.title(),
            }),
            Some(_) => Err(Problem::Ambiguous {
                name: named.title(),
                candidates: found.map(Arc::clone).unwrap_or_default(),
            }),
        }
    }
}

/// The package name that counts.
fn pname(named: &NamedPath) -> &str {
    let of_name = || PackageName::parse(named.name.as_deref().unwrap_or_default()).pname;
    named.pname.as_deref().unwrap_or_else(of_name)
}

fn build<'a>(pname: &'a str, package: PackageName<'a>) -> BuildKey<'a> {
    let build = Build::of(package);
    (
        pname,
        build.package,
        build.variant,
        build.suffix,
        build.output,
    )
}

fn push<K: Eq + Hash>(found: &mut HashMap<K, Vec<PathId>>, key: K, id: PathId) {
    found.entry(key).or_default().push(id);
}

fn shared<K: Eq + Hash>(found: HashMap<K, Vec<PathId>>) -> PathsByKey<K> {
    found
        .into_iter()
        .map(|(key, ids)| (key, ids.into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::graph;

    /// As [`Finder`], path by path.
    fn naive(
        graph: &StoreGraph,
        among: &dyn Fn(PathId) -> bool,
        named: &NamedPath,
    ) -> Result<PathId, Problem> {
        let all = |matches: &dyn Fn(PathId) -> bool| -> Vec<PathId> {
            graph.ids().filter(|&id| among(id) && matches(id)).collect()
        };
        let is_same = |id: PathId| {
            let whole = format!("{}-{}", graph.hash_part(id), graph.name(id));
            let hash = named.hash.as_deref().unwrap_or_default();
            match &named.name {
                Some(name) => whole == format!("{hash}-{name}"),
                None => !hash.is_empty() && graph.hash_part(id) == hash,
            }
        };
        if let Some(&id) = all(&is_same).first() {
            return Ok(id);
        }
        let name = named.name.as_deref().unwrap_or_default();
        let wanted = Build::of(PackageName::parse(name));
        let pname = named.pname.as_deref();
        let pname = pname.unwrap_or(PackageName::parse(name).pname);
        let same_build = |id: PathId| {
            let other = Build::of(graph.package(id));
            let wanted = (wanted.package, wanted.variant, wanted.suffix, wanted.output);
            graph.package(id).pname == pname
                && (other.package, other.variant, other.suffix, other.output) == wanted
        };
        let mut found = all(&|id| graph.name(id) == name);
        if found.is_empty() && named.name.is_some() {
            found = all(&same_build);
        }
        if found.is_empty() && !pname.is_empty() {
            let output = wanted.output;
            found =
                all(&|id| graph.package(id).pname == pname && graph.package(id).output == output);
        }
        match found[..] {
            [only] => Ok(only),
            [] => Err(Problem::NoMatch {
                name: named.title(),
            }),
            _ => Err(Problem::Ambiguous {
                name: named.title(),
                candidates: found.into(),
            }),
        }
    }

    const NAMES: &[&str] = &[
        "perl-5.1",
        "perl-5.2",
        "perl-5.2-man",
        "perl-5.2-env",
        "perl-minimal-5.2",
        "perl",
        "odd-1",
        "",
        "not-there-2",
    ];
    const PACKAGES: &[&str] = &["perl", "perl-minimal", "odd", "", "not-there"];

    proptest! {
        #[test]
        fn one_pass_finds_what_many_find(
            picks in prop::collection::vec((0..NAMES.len() + 1, 0..PACKAGES.len() + 1, 0..9_usize), 1..12)
        ) {
            let (graph, closure) = graph(
                "app -> perl-5.1 perl-5.2-man perl-5.2-env perl-minimal-5.2\nperl-5.2 -> app\nodd-1\nodd-2 -> odd-1",
            );
            let text = |list: &[&str], at: usize| list.get(at).map(|&text| text.to_owned());
            let wanted: Vec<NamedPath> = picks.into_iter().map(|(name, package, hash)| NamedPath {
                name: text(NAMES, name),
                pname: text(PACKAGES, package),
                hash: graph.ids().nth(hash).map(|id| graph.hash_part(id).to_owned()),
            }).collect();
            let finder = Finder::new(&graph, &closure, wanted.iter().collect());
            for named in &wanted {
                prop_assert_eq!(finder.member(named), naive(&graph, &|id| closure.contains(id), named));
                prop_assert_eq!(finder.any(named), naive(&graph, &|_| true, named));
            }
        }
    }
}
