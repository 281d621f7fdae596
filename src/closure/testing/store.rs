//! Made-up stores of any size with the shape of real ones.

use crate::model::graph_builder::Draft;
use crate::model::store_path::{HASH_PART_LEN, NIX_BASE32};
use crate::model::{Closure, GraphBuilder, PathInfo, Size, StoreDir, StoreGraph};

use super::Random;

/// Of 1000 paths of a desktop system, how many have a longest chain of 0, 1, 2, … references below them.
const LEVELS: &[usize] = &[
    385, 13, 3, 53, 118, 114, 46, 41, 30, 20, 31, 15, 36, 23, 13, 11, 7, 6, 5, 4, 3, 3, 3, 3, 2, 4,
    2, 1, 2, 2, 1,
];
/// The level from which on nearly everything references the C library.
const LIBC_LEVEL: usize = 4;
const STEMS: &[&str] = &[
    "perl",
    "python3",
    "systemd",
    "gcc",
    "openssl",
    "coreutils",
    "util-linux",
    "bash",
    "llvm",
    "qtbase",
    "texlive",
    "linux",
    "firmware",
    "zlib",
    "curl",
    "dbus",
    "git",
    "ffmpeg",
    "gtk",
    "icu",
    "boost",
    "mesa",
    "krb",
    "sqlite",
];
const VARIANTS: &[&str] = &["-minimal", "-full", "-headless", "-static", "-libs"];
const OUTPUTS: &[&str] = &["-bin", "-dev", "-lib", "-man", "-doc", "-debug"];

/// A made-up store: levels as in a desktop system, two fifths of the paths without references, a C library that a third of
/// all paths references, other low-level paths the more popular the lower, sizes spread over seven orders of
/// magnitude, packages in several versions, variants and outputs. Paths that have references have
/// so many that the mean of all is about `mean`. One root holds a few environments that hold everything nothing else does.
pub fn store(paths: usize, mean: usize, seed: u64) -> (StoreGraph, Closure) {
    let mut store = Generator {
        random: Random::new(seed),
        builder: GraphBuilder::new(StoreDir::default(), false),
        drafts: Vec::with_capacity(paths),
        first_of_level: Vec::new(),
        held: vec![false; paths],
        mean: mean.max(1),
    };
    store.add_paths(paths);
    store.add_references();
    store.finish(paths)
}

struct Generator {
    random: Random,
    builder: GraphBuilder,
    /// The paths by level, leaves first.
    drafts: Vec<Draft>,
    first_of_level: Vec<usize>,
    held: Vec<bool>,
    mean: usize,
}

impl Generator {
    fn add_paths(&mut self, paths: usize) {
        let all: usize = LEVELS.iter().sum();
        let mut sum = 0;
        for (level, share) in LEVELS.iter().enumerate() {
            self.first_of_level.push(paths * sum / all);
            sum += share;
            for at in paths * (sum - share) / all..paths * sum / all {
                let name = self.name(level, at);
                let size = self.size();
                let info = PathInfo::with_nar_size(Size::bytes(size));
                self.drafts.extend(self.builder.add(&name, info));
            }
        }
        self.first_of_level.push(self.drafts.len());
    }

    fn name(&mut self, level: usize, at: usize) -> String {
        let random = &mut self.random;
        let hash: String = (0..HASH_PART_LEN)
            .map(|_| NIX_BASE32[random.below(32)] as char)
            .collect();
        let stem = STEMS[random.below(STEMS.len())];
        if level == 0 && random.below(2) == 0 {
            return format!("{hash}-unit-{stem}-{at}.service");
        }
        // Few packages occur more than once.
        let package = random.below(1 + at * 8);
        let (major, minor) = (random.below(9), random.below(30));
        let variant = match random.below(30) {
            0 => VARIANTS[random.below(VARIANTS.len())],
            _ => "",
        };
        let output = match random.below(4) {
            0 => OUTPUTS[random.below(OUTPUTS.len())],
            _ => "",
        };
        format!("{hash}-{stem}-x{package}{variant}-{major}.{minor}{output}")
    }

    fn size(&mut self) -> u64 {
        // The sum of several even choices is bell-shaped: sizes come out log-normal.
        let bits = 7 + (0..4).map(|_| self.random.below(6)).sum::<usize>();
        let size = 1_u64 << bits;
        size + self.random.number() % size
    }

    fn add_references(&mut self) {
        for level in 1..LEVELS.len() {
            for at in self.first_of_level[level]..self.first_of_level[level + 1] {
                self.add_references_of(at, level);
            }
        }
    }

    fn add_references_of(&mut self, from: usize, level: usize) {
        let (below, here) = (self.first_of_level[level - 1], self.first_of_level[level]);
        if below < here {
            // This one makes the level true.
            let to = below + self.random.below(here - below);
            self.refer(from, to);
        }
        let libc = self.first_of_level[LIBC_LEVEL];
        if level > LIBC_LEVEL && self.random.below(5) > 0 {
            self.refer(from, libc);
        }
        // Three fifths have references at all; a few have very many.
        let usual = self.mean * 5 / 3;
        let limit = match self.random.below(100) {
            0 => usual * 20,
            1..30 => usual * 3,
            _ => usual,
        };
        let first_popular = self.first_of_level[1].min(here - 1);
        for _ in 0..self.random.below(limit) {
            let to = match self.random.below(10) {
                0 => self.random.below(here),
                1 | 2 => here - 1 - self.random.below(here.min(self.drafts.len() / 20 + 50)),
                _ => first_popular + self.low(here - first_popular),
            };
            self.refer(from, to);
        }
    }

    /// A number below `limit`, the lower the likelier.
    fn low(&mut self, limit: usize) -> usize {
        let pick = |random: &mut Random| random.below(limit);
        let best = pick(&mut self.random).min(pick(&mut self.random));
        best.min(pick(&mut self.random)).min(pick(&mut self.random))
    }

    fn refer(&mut self, from: usize, to: usize) {
        self.held[to] = true;
        self.builder.reference(self.drafts[from], self.drafts[to]);
    }

    fn finish(mut self, paths: usize) -> (StoreGraph, Closure) {
        let zeros = "0".repeat(HASH_PART_LEN - 2);
        let top = |builder: &mut GraphBuilder, number: usize, name: &str| {
            let info = PathInfo::with_nar_size(Size::bytes(4096));
            builder
                .add(&format!("{zeros}{number:02}-{name}"), info)
                .expect("room for a name")
        };
        let root = top(&mut self.builder, 0, "nixos-system-bench");
        let environments: Vec<Draft> = (1..=12)
            .map(|number| top(&mut self.builder, number, &format!("environment-{number}")))
            .collect();
        for &environment in &environments {
            self.builder.reference(root, environment);
        }
        for at in 0..paths {
            if !self.held[at] {
                let environment = environments[self.random.below(environments.len())];
                self.builder.reference(environment, self.drafts[at]);
            }
        }
        let built = self.builder.finish(&[root]);
        let closure = Closure::of(&built.graph, &built.roots);
        (built.graph, closure)
    }
}
