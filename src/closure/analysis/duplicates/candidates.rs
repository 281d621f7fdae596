//! Which paths may be duplicates of each other, told by what their names and records say.
//!
//! Not compared are sources, patches and files that something generated (their names end as files' names do, or their
//! content was fixed beforehand), and environments, which are put together out of packages. Compared are only paths for
//! one platform, of one major version, and none of which one reaches another: a wrapper and what it wraps are no
//! duplicates.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Closure, NarHash, PackageName, PathId, PathSet, StoreGraph};

use super::{Candidate, DuplicateKind};
use crate::analysis::order::Order;
use crate::analysis::versions::Build;

/// How names of files end that are no packages.
const FILES: &[&str] = &[
    "tar", "gz", "tgz", "bz2", "xz", "zst", "lz", "zip", "patch", "diff", "gem", "whl", "crate",
    "jar", "deb", "rpm", "iso", "img", "ko", "conf", "cfg", "ini", "service", "socket", "timer",
    "target", "mount", "path", "slice", "json", "toml", "yaml", "yml", "xml", "rules", "desktop",
    "sh", "bash", "fish", "zsh", "pl", "py", "rb", "lua", "el", "js", "css", "html", "nix", "txt",
    "md", "pem", "crt", "key",
];
/// How names of environments end.
const ENVIRONMENTS: &[&str] = &[
    "env", "wrapper", "wrapped", "fhs", "fhsenv", "rootfs", "bwrap", "init", "closure",
];
/// Major versions from here on count releases, or are dates.
const RELEASES: u64 = 100;

/// What is found by names.
#[derive(Debug, Default)]
pub(super) struct FoundByName<'a> {
    /// Paths that could be one.
    pub(super) candidates: Vec<Candidate<'a>>,
    /// One package in several major versions.
    pub(super) coexisting: Vec<(&'a str, Vec<PathId>)>,
    /// Derivations of one package of which one builds another.
    pub(super) stages: Vec<(&'a str, Vec<PathId>)>,
}

/// A package in one build, but for version and variant: platform, whether it is a derivation, package, suffix, output.
type FamilyKey<'a> = (u8, bool, &'a str, &'a str, Option<&'a str>);

/// Looks through a closure.
pub(super) fn found<'a>(
    graph: &'a StoreGraph,
    closure: &Closure,
    order: &Order,
    class: &dyn Fn(PathId) -> u8,
) -> FoundByName<'a> {
    let mut builds: HashMap<FamilyKey, Vec<(PathId, Build<'a>)>> = HashMap::new();
    for id in closure.members().iter() {
        if let Some(build) = comparable(graph, id) {
            let family = family(&build);
            let drv = graph.is_derivation(id);
            let key = (class(id), drv, family, build.suffix, build.output);
            builds.entry(key).or_default().push((id, build));
        }
    }
    builds.retain(|_, members| members.len() > 1);
    let mut found = FoundByName::default();
    let mut layers = Layers::new(graph, closure, order);
    let mut partings = 0_usize;
    for ((_, drv, family, ..), members) in builds {
        let mut majors: BTreeMap<u64, Vec<(PathId, Build)>> = BTreeMap::new();
        for member in &members {
            majors
                .entry(major(member.1.version))
                .or_default()
                .push(member.clone());
        }
        if majors.len() > 1 && !drv {
            let paths: Vec<PathId> = members.iter().map(|member| member.0).collect();
            found.coexisting.push((family, paths));
        }
        for members in majors.into_values() {
            let all = layers.of(members.clone(), Way::Below);
            if drv && all.len() > 1 {
                let paths = all.iter().flatten().map(|member| member.0).collect();
                found.stages.push((family, paths));
            }
            // One that reaches some of the others can be like the rest of them: there are two ways to part them.
            let other = if all.len() > 1 && members.len() > 2 {
                layers.of(members, Way::Above)
            } else {
                Vec::new()
            };
            let parted = (!other.is_empty()).then(|| {
                partings += 1;
                partings
            });
            for (way, layer) in [all, other].into_iter().enumerate() {
                let candidates = layer.into_iter().flat_map(of_layer);
                found
                    .candidates
                    .extend(candidates.map(|candidate| Candidate {
                        parting: parted.map(|parting| (parting, way)),
                        ..candidate
                    }));
            }
        }
    }
    found.candidates.extend(of_content(graph, closure));
    found
}

/// A path's name taken apart, if it is that of a package.
fn comparable(graph: &StoreGraph, id: PathId) -> Option<Build<'_>> {
    let name = graph.name(id);
    // Without a version a name says nothing about a package. Most unit and configuration files have none.
    if !name.contains('-') {
        return None;
    }
    let build = Build::of(PackageName::parse(name));
    let stem = name.strip_suffix(".drv").unwrap_or(name);
    let is_file = stem
        .rsplit_once('.')
        .is_some_and(|(_, end)| FILES.contains(&end));
    let suffix = build.suffix.rsplit('-').next().unwrap_or_default();
    let assembled = ENVIRONMENTS.contains(&suffix) || is_assembled(build.variant);
    (!build.version.is_empty() && !is_file && !assembled && !is_fixed(graph, id)).then_some(build)
}

/// Whether a path's content was written down or fetched: such paths are named by their content, and reference nothing
/// unless they are texts.
fn is_fixed(graph: &StoreGraph, id: PathId) -> bool {
    let details = graph
        .details(id)
        .and_then(|details| details.content_address);
    details.is_some_and(|address| address.starts_with("text:") || graph.references(id).is_empty())
}

/// Whether a variant is an environment with chosen packages: `with-packages`, `with-plugins`.
fn is_assembled(variant: &str) -> bool {
    let what = variant.strip_prefix("with-").unwrap_or_default();
    [
        "packages",
        "plugins",
        "modules",
        "extensions",
        "env",
        "addons",
    ]
    .contains(&what)
}

/// The package without the major version that its name may end in: `gtk` for `gtk4-4.14` and `gtk+3-3.24`.
fn family<'a>(build: &Build<'a>) -> &'a str {
    let package = build.package;
    let stem = package.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &package[stem.len()..];
    let stem = if digits.parse() == Ok(major(build.version)) {
        stem
    } else {
        package
    };
    match stem.trim_end_matches('+') {
        "" => package,
        stem => stem,
    }
}

/// The first number of a version, where it tells what fits together; else 0.
fn major(version: &str) -> u64 {
    let digits = version.split(|c: char| !c.is_ascii_digit()).next();
    let number = digits.and_then(|digits| digits.parse().ok());
    number.filter(|&number| number < RELEASES).unwrap_or(0)
}

/// Versions among members of one variant, and variants among all.
fn of_layer(mut members: Vec<(PathId, Build<'_>)>) -> Vec<Candidate<'_>> {
    let mut candidates = Vec::new();
    if members.len() < 2 {
        return candidates;
    }
    members.sort_unstable_by_key(|&(id, ref build)| (build.variant, id));
    let package = members[0].1.package;
    let same = |a: &(PathId, Build), b: &(PathId, Build)| a.1.variant == b.1.variant;
    for same in members.chunk_by(same).filter(|same| same.len() > 1) {
        let paths = same.iter().map(|member| member.0);
        candidates.push(Candidate::of(DuplicateKind::Versions, package, paths));
    }
    if !members.iter().all(|member| same(member, &members[0])) {
        let paths = members.iter().map(|member| member.0);
        candidates.push(Candidate::of(DuplicateKind::Variants, package, paths));
    }
    candidates
}

fn of_content<'a>(graph: &'a StoreGraph, closure: &Closure) -> Vec<Candidate<'a>> {
    let mut contents: HashMap<NarHash, Vec<PathId>> = HashMap::new();
    for id in closure.members().iter() {
        if let Some(hash) = graph.nar_hash(id) {
            contents.entry(hash).or_default().push(id);
        }
    }
    let contents = contents.into_values().filter(|paths| paths.len() > 1);
    let candidate = |paths: Vec<PathId>| {
        let package = graph.package(paths[0]).pname;
        Candidate::of(DuplicateKind::SameContent, package, paths.into_iter())
    };
    contents.map(candidate).collect()
}

/// Parts members so that none reaches another in its part.
struct Layers<'a> {
    graph: &'a StoreGraph,
    closure: &'a Closure,
    order: &'a Order,
    seen: Vec<u32>,
    walk: u32,
}

/// Most layers of one package that are looked at; what is above is left out.
const MOST_LAYERS: usize = 4;

impl<'a> Layers<'a> {
    fn new(graph: &'a StoreGraph, closure: &'a Closure, order: &'a Order) -> Self {
        Self {
            graph,
            closure,
            order,
            seen: vec![0; graph.len()],
            walk: 0,
        }
    }

    /// From below, the members that reach no other, then those that reach only such, and so on; from above, those that no
    /// other reaches, and so on.
    fn of<T: Clone>(&mut self, mut members: Vec<(PathId, T)>, way: Way) -> Vec<Vec<(PathId, T)>> {
        let mut layers = Vec::new();
        while !members.is_empty() && layers.len() < MOST_LAYERS {
            let others = self.later(members.iter().map(|member| member.0), way);
            let (rest, layer): (Vec<_>, Vec<_>) = members
                .into_iter()
                .partition(|member| others.contains(member.0));
            // In a cycle each reaches the others.
            if layer.is_empty() {
                break;
            }
            layers.push(layer);
            members = rest;
        }
        layers
    }

    /// The members from which others are reached; from above, those that others reach.
    fn later(&mut self, members: impl Iterator<Item = PathId>, way: Way) -> PathSet {
        let members: Vec<PathId> = members.collect();
        let is_member = PathSet::of(self.graph.len(), members.iter().copied());
        let places = members.iter().map(|&id| self.order.group_of(id));
        // Nothing before the first of them in the order can be reached by any, and nothing behind the last reaches one.
        let end = match way {
            Way::Below => places.min(),
            Way::Above => places.max(),
        };
        let end = end.unwrap_or(0);
        let mut later = PathSet::empty(self.graph.len());
        self.walk += 1;
        let mut stack = members;
        while let Some(id) = stack.pop() {
            let mut visit = |next: PathId| {
                let at = next.index();
                let place = self.order.group_of(next);
                let useless = match way {
                    Way::Below => place < end,
                    Way::Above => place > end,
                };
                if useless || self.seen[at] == self.walk {
                    return;
                }
                self.seen[at] = self.walk;
                if is_member.contains(next) {
                    later.insert(next);
                }
                stack.push(next);
            };
            match way {
                Way::Below => self.closure.referrers(self.graph, id).for_each(&mut visit),
                Way::Above => self
                    .graph
                    .references(id)
                    .iter()
                    .copied()
                    .for_each(&mut visit),
            }
        }
        later
    }
}

/// From where members are parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Those that reach no other come first.
    Below,
    /// Those that no other reaches come first.
    Above,
}
