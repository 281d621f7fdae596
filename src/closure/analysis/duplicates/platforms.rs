//! Which paths are made for which platform: two builds for different processors are no duplicates of each other.
//!
//! What a path is made for shows in the C library it stands on. Two C libraries are for one platform if that is known
//! of both (from their files or their derivations), else if they are of different versions: one is then of another
//! collection of packages. Two of the same version are for two platforms, since one collection has only one for each;
//! unless what stands on them differs in versions, which shows two collections. Paths that stand on none are for the
//! platform of what holds them.

use std::collections::HashMap;

use crate::model::{Closure, Column, PackageName, PathId, StoreGraph};

use crate::analysis::order::Order;

/// What C libraries are called.
const LIBRARIES: &[&str] = &["glibc", "musl", "uclibc-ng", "newlib", "bionic-prebuilt"];
/// Most platforms that are told apart; what stands on further ones counts to the first.
const MOST: usize = 8;
/// Of a hundred packages that two platforms have in common, this many are of one version in a single collection.
const AGREEING: usize = 90;

/// Which platform each path of a closure is for; the first is that of most paths.
#[derive(Debug, Clone)]
pub(super) struct Platforms {
    of: Column<u8>,
    /// What each is called: that of the C library most of it stands on.
    libraries: Vec<PathId>,
}

impl Platforms {
    /// Finds the platforms. `known` tells for what a path was made, if that is known: the same text for the same platform.
    pub(super) fn of(
        graph: &StoreGraph,
        closure: &Closure,
        order: &Order,
        known: &dyn Fn(PathId) -> Option<String>,
    ) -> Self {
        let members = closure.members().iter();
        let mut found: Vec<(PathId, Option<String>)> = members
            .filter(|&id| is_library(graph, id))
            .map(|id| (id, known(id)))
            // Names of derivations say too little: a bootstrap has several of one name for one platform.
            .filter(|(id, known)| known.is_some() || !graph.is_derivation(*id))
            .collect();
        found.truncate(64);
        let (libraries, known_of): (Vec<PathId>, Vec<Option<String>>) = found.into_iter().unzip();
        let reached = reached(graph, order, &libraries);
        let mut standing = vec![0_usize; libraries.len()];
        for id in closure.members().iter() {
            for (at, count) in standing.iter_mut().enumerate() {
                *count += usize::from(reached[id] >> at & 1 == 1);
            }
        }
        let mut by_weight: Vec<usize> = (0..libraries.len()).collect();
        // Of two that equally much stands on, that of the roots is no other.
        let roots = closure.roots().iter().take(8);
        let homes: Vec<String> = roots.filter_map(|&root| known(root)).collect();
        let is_home = |at: usize| known_of[at].as_ref().is_some_and(|one| homes.contains(one));
        by_weight.sort_by_key(|&at| (std::cmp::Reverse(standing[at]), !is_home(at), at));
        let apart = |a: usize, b: usize| {
            let (one, other) = (libraries[a], libraries[b]);
            match (&known_of[a], &known_of[b]) {
                (Some(one), Some(other)) => one != other,
                _ if graph.package(one).pname != graph.package(other).pname => true,
                _ if graph.name(one) != graph.name(other) => false,
                _ => is_one_collection(graph, closure, &reached, (a, b)),
            }
        };
        let mut classes: Vec<Vec<usize>> = Vec::new();
        for at in by_weight {
            let fits = |class: &Vec<usize>| class.iter().all(|&other| !apart(at, other));
            match classes.iter().position(fits) {
                Some(class) => classes[class].push(at),
                None if classes.len() < MOST => classes.push(vec![at]),
                None => classes[0].push(at),
            }
        }
        let mut class_of = vec![0_u8; libraries.len()];
        for (class, members) in classes.iter().enumerate() {
            for &at in members {
                class_of[at] = class as u8;
            }
        }
        let found = classes.iter().map(|class| libraries[class[0]]).collect();
        Self {
            of: assigned(graph, closure, order, &reached, &class_of),
            libraries: found,
        }
    }

    /// The platform a member is for, by its number.
    pub(super) fn class(&self, id: PathId) -> u8 {
        self.of[id]
    }

    /// The platforms besides that of most paths: number and C library.
    pub(super) fn others(&self) -> impl Iterator<Item = (u8, PathId)> + '_ {
        let all = self.libraries.iter().enumerate().skip(1);
        all.map(|(class, &library)| (class as u8, library))
    }
}

fn is_library(graph: &StoreGraph, id: PathId) -> bool {
    let name = graph.name(id);
    if !LIBRARIES.iter().any(|library| name.starts_with(library)) {
        return false;
    }
    let PackageName {
        pname,
        version,
        output,
    } = PackageName::parse(name.strip_suffix(".drv").unwrap_or(name));
    let plain = |part: &str| {
        part.bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_digit())
    };
    LIBRARIES.contains(&pname) && output.is_none() && version.split('-').all(plain)
}

/// Which of the C libraries each path reaches, as bits.
fn reached(graph: &StoreGraph, order: &Order, libraries: &[PathId]) -> Column<u64> {
    let mut reached: Column<u64> = Column::filled(graph.len(), 0);
    for (at, &id) in libraries.iter().enumerate() {
        reached[id] |= 1 << at;
    }
    for group in (0..order.len()).rev() {
        let members = order.group(group);
        let below = members.iter().flat_map(|&id| graph.references(id));
        let bits = below.fold(0, |bits, &to| bits | reached[to]);
        let bits = members.iter().fold(bits, |bits, &id| bits | reached[id]);
        for &id in members {
            reached[id] = bits;
        }
    }
    reached
}

/// Whether what stands on two C libraries is of the same versions, as it is in one collection of packages.
fn is_one_collection(
    graph: &StoreGraph,
    closure: &Closure,
    reached: &Column<u64>,
    (a, b): (usize, usize),
) -> bool {
    let mut versions: HashMap<(&str, Option<&str>), [Vec<&str>; 2]> = HashMap::new();
    for id in closure.members().iter() {
        let side = match (reached[id] >> a & 1, reached[id] >> b & 1) {
            (1, 0) => 0,
            (0, 1) => 1,
            _ => continue,
        };
        let package = graph.package(id);
        if !package.version.is_empty() {
            let sides = versions.entry((package.pname, package.output)).or_default();
            sides[side].push(package.version);
        }
    }
    let (mut common, mut agreeing) = (0, 0);
    for [one, other] in versions
        .values()
        .filter(|sides| sides.iter().all(|side| !side.is_empty()))
    {
        common += 1;
        agreeing += usize::from(other.iter().any(|version| one.contains(version)));
    }
    agreeing * 100 >= common * AGREEING
}

/// Each path's platform: the first of those whose C library it reaches; for what reaches none, that of all its referrers.
fn assigned(
    graph: &StoreGraph,
    closure: &Closure,
    order: &Order,
    reached: &Column<u64>,
    class_of: &[u8],
) -> Column<u8> {
    let mut of = Column::filled(graph.len(), 0);
    for group in 0..order.len() {
        let members = order.group(group);
        let bits = reached[members[0]];
        let own = (0..class_of.len())
            .filter(|at| bits >> at & 1 == 1)
            .map(|at| class_of[at])
            .min();
        let class = own.unwrap_or_else(|| {
            let outside = |id: &PathId| order.group_of(*id) != group;
            let holders = members.iter().flat_map(|&id| closure.referrers(graph, id));
            let mut classes = holders.filter(outside).map(|id| of[id]);
            let first = classes.next().unwrap_or(0);
            let is_root = members.iter().any(|&id| closure.is_root(id));
            if !is_root && classes.all(|class| class == first) {
                first
            } else {
                0
            }
        });
        for &id in members {
            of[id] = class;
        }
    }
    of
}
