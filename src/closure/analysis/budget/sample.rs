//! A first budget, which the closure meets as it is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::analysis::analysed::Analysed;
use crate::analysis::glob;
use crate::job::Cancelled;

use super::offences::offences;
use super::ratchet::rounded_up;
use super::rule::Few;

/// Packages for which a limit of their own is written.
const PACKAGES: usize = 5;

/// What some closures come to, each by itself: the most of each.
#[derive(Default)]
struct Most<'g> {
    size: Option<i64>,
    paths: usize,
    packages: BTreeMap<&'g str, i64>,
    few: [Option<usize>; Few::ALL.len()],
}

/// The text of a budget that all of these closures keep, and that none of them could be much larger under. What is not
/// known has no limit.
pub fn sample(closures: &[&Analysed]) -> Result<String, Cancelled> {
    let mut most = Most::default();
    for (at, analysed) in closures.iter().enumerate() {
        most.add(analysed, at == 0)?;
    }
    let mut text = String::from(
        "# How large the closure may be: `nix-heft check --budget FILE ROOT` fails if it is larger, and says why.\n\
         # `nix-heft check --update --budget FILE ROOT` lowers these limits to the current values.\n\
         format = \"nix-heft/budget\"\nversion = 1\n\n[closure]\n",
    );
    if let Some(size) = most.size {
        let _ = writeln!(text, "size = \"{}\"", rounded_up(size).0);
    }
    let _ = writeln!(text, "paths = {}", most.paths);
    text += "\n# How much more than a snapshot, a file of `nix path-info --json`, or another root.\n\
             # [growth]\n# baseline = \"main.heft\"\n# size = \"20 MiB\"\n# percent = 2.5\n# paths = 30\n\n\
             # At most so many: paths with the output dev, compilers, groups that could be one path, and paths that only\n\
             # likely accidents hold (which reads the files).\n[at-most]\n";
    for (few, count) in Few::ALL.into_iter().zip(most.few) {
        let _ = match count {
            Some(count) => writeln!(text, "{} = {count}", few.key()),
            None => writeln!(text, "# {} = 0", few.key()),
        };
    }
    text += "\n# What the largest packages may take. Paths are named by package, name, output or query; package and name are\n\
             # patterns, never a piece of a name.\n";
    for (package, bytes) in most.largest_packages() {
        let name = toml::Value::from(package).to_string();
        let size = rounded_up(bytes).0;
        let _ = writeln!(text, "[[size]]\npackage = {name}\nmax = \"{size}\"\n");
    }
    text += "# What must not be there at all, and what may be nevertheless, for a while.\n\
             # [[forbid]]\n# package = \"perl\"\n# reason = \"scripts are written in other languages here\"\n#\n\
             # [[exception]]\n# package = \"perl\"\n# reason = \"until git is built without it\"\n# until = 2027-01-31\n";
    Ok(text)
}

impl<'g> Most<'g> {
    fn add(&mut self, analysed: &'g Analysed, is_first: bool) -> Result<(), Cancelled> {
        let (graph, closure) = (analysed.graph(), analysed.closure());
        let size = closure.nar_size().map(u64::cast_signed);
        self.size = match (is_first, self.size, size) {
            (true, _, size) => size,
            (false, Some(most), Some(size)) => Some(most.max(size)),
            _ => None,
        };
        self.paths = self.paths.max(closure.len());
        let mut packages: BTreeMap<&str, Option<i64>> = BTreeMap::new();
        for id in closure.members().iter() {
            let sum = packages.entry(graph.package(id).pname).or_insert(Some(0));
            let size = graph.nar_size(id).map(u64::cast_signed);
            *sum = sum.zip(size).map(|(sum, size)| sum + size);
        }
        for (package, sum) in packages {
            if let Some(sum) = sum {
                let most = self.packages.entry(package).or_default();
                *most = sum.max(*most);
            }
        }
        for (count, few) in self.few.iter_mut().zip(Few::ALL) {
            let found = offences(analysed, few)?.map(|found| found.len());
            *count = match (is_first, *count, found) {
                (true, _, found) => found,
                (false, Some(most), Some(found)) => Some(most.max(found)),
                _ => None,
            };
        }
        Ok(())
    }

    fn largest_packages(&self) -> Vec<(&'g str, i64)> {
        // As a pattern, a name with a sign of patterns would mean others, too.
        let plain = self
            .packages
            .iter()
            .filter(|(name, _)| !glob::is_pattern(name));
        let mut packages: Vec<(&str, i64)> = plain.map(|(&name, &sum)| (name, sum)).collect();
        packages.sort_by_key(|&(name, sum)| (-sum, name));
        packages.truncate(PACKAGES);
        packages
    }
}
