//! Which derivation corresponds to which before the change.

use std::collections::{HashMap, HashSet};

use super::{Recipe, Recipes};
use crate::model::store_path::PackageName;

/// Derivations after, each with the one before that it stands for, and whether both have the same name.
pub(super) struct Pairs<'a> {
    of: HashMap<&'a str, (&'a str, bool)>,
    /// What an output before became: base name by base name.
    outputs: HashMap<&'a str, &'a str>,
}

impl<'a> Pairs<'a> {
    /// Pairs what is only after with what is only before: by name, then by package where there is one of each.
    pub(super) fn of(before: &'a Recipes, after: &'a Recipes) -> Self {
        let mut pairs = Self {
            of: HashMap::new(),
            outputs: HashMap::new(),
        };
        let mut fresh = only(after, before);
        let mut gone = only(before, after);
        fresh.sort_unstable();
        gone.sort_unstable();
        let mut taken: HashSet<&str> = HashSet::new();
        let by_name = grouped(before, &gone, |recipe| recipe.name.clone());
        for &drv in &fresh {
            let recipe = &after.all[drv];
            let candidates = by_name.get(&recipe.name).map_or(&[][..], Vec::as_slice);
            let free = candidates
                .iter()
                .copied()
                .filter(|one| !taken.contains(one));
            // Of several with one name the one that takes most of the same.
            let best = free.max_by_key(|one| likeness(&before.all[*one], recipe));
            if let Some(old) = best {
                taken.insert(old);
                pairs.add((before, old), (after, drv), true);
            }
        }
        fresh.retain(|drv| !pairs.of.contains_key(drv));
        gone.retain(|drv| !taken.contains(drv));
        let package = |recipe: &Recipe| PackageName::parse(&recipe.name).pname.to_owned();
        let (old, new) = (
            grouped(before, &gone, package),
            grouped(after, &fresh, package),
        );
        for (name, drvs) in &new {
            if let ([drv], Some([old])) = (&drvs[..], old.get(name).map(Vec::as_slice)) {
                pairs.add((before, old), (after, drv), false);
            }
        }
        pairs
    }

    fn add(
        &mut self,
        (before, old): (&'a Recipes, &'a str),
        (after, drv): (&'a Recipes, &'a str),
        same: bool,
    ) {
        self.of.insert(drv, (old, same));
        for (name, base) in &before.all[old].outputs {
            let mut now = after.all[drv].outputs.iter();
            if let Some((_, new)) = now.find(|(other, _)| other == name) {
                self.outputs.insert(base, new);
            }
        }
    }

    /// The derivation before that one stands for, and whether both have the same name.
    pub(super) fn before(&self, drv: &str) -> Option<(&'a str, bool)> {
        self.of.get(drv).copied()
    }

    /// What an output before became.
    pub(super) fn successor(&self, base: &str) -> Option<&'a str> {
        self.outputs.get(base).copied()
    }
}

fn only<'a>(one: &'a Recipes, other: &Recipes) -> Vec<&'a str> {
    let drvs = one.all.keys().map(String::as_str);
    drvs.filter(|&drv| !other.all.contains_key(drv)).collect()
}

fn grouped<'a>(
    recipes: &'a Recipes,
    drvs: &[&'a str],
    key: impl Fn(&Recipe) -> String,
) -> HashMap<String, Vec<&'a str>> {
    let mut groups: HashMap<String, Vec<&str>> = HashMap::new();
    for &drv in drvs {
        groups.entry(key(&recipes.all[drv])).or_default().push(drv);
    }
    groups
}

/// How many derivations and sources two take both.
fn likeness(one: &Recipe, other: &Recipe) -> usize {
    let inputs: HashSet<&str> = one.inputs.iter().map(|(drv, _)| drv.as_str()).collect();
    let sources: HashSet<&str> = one.sources.iter().map(String::as_str).collect();
    let both = other
        .inputs
        .iter()
        .filter(|(drv, _)| inputs.contains(drv.as_str()))
        .count();
    both + other
        .sources
        .iter()
        .filter(|base| sources.contains(base.as_str()))
        .count()
}
