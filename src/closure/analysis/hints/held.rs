//! Which entries apply to a closure, and what exactly each would take away.

use crate::analysis::analysed::Analysed;
use crate::analysis::step::Step;
use crate::analysis::what_if::{Difference, after};
use crate::job::Cancelled;
use crate::model::{Closure, PathId, StoreGraph};

use super::{Hint, Hints, Machine, Pair, Pattern, Release, System};

/// An entry that holds for a closure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldHint {
    /// Its position in the table.
    pub hint: usize,
    /// The references it takes away, ascending; none where only a build can tell.
    pub references: Vec<(PathId, PathId)>,
    /// What leaves without exactly these.
    pub freed: Difference,
    /// Where nothing leaves: the referrers that still hold the far ends, ascending.
    pub holders: Vec<PathId>,
}

impl HeldHint {
    /// The references as steps of a plan.
    pub fn steps(&self) -> Vec<Step> {
        let references = self.references.iter();
        references
            .map(|&(from, to)| Step::Cut { from, to })
            .collect()
    }
}

/// The entries that hold, in the order of the table, with the machine and the releases the closure is of.
pub fn held(
    analysed: &Analysed,
    hints: &Hints,
) -> Result<(Vec<HeldHint>, Machine, Vec<Release>), Cancelled> {
    let (graph, closure, progress) = (analysed.graph(), analysed.closure(), analysed.progress());
    let system = System::of(graph, closure, &hints.desktops, &hints.kernels);
    let asked = |hint: &Hint| is_for(hint, &system);
    let found = References::of(graph, closure, hints, &asked);
    progress.start("options", hints.entries().len() as u64);
    let mut held = Vec::new();
    for (at, hint) in hints.entries().iter().enumerate() {
        progress.advance(1)?;
        let shown = hint.shows_with.is_empty() || !found.shows[at].is_empty();
        let references = &found.removes[at];
        if !asked(hint) || !shown || (references.is_empty() && hint.condition.is_none()) {
            continue;
        }
        held.push(weighed(graph, closure, at, references));
    }
    Ok((held, system.machine, system.releases))
}

/// Whether an entry is meant for the machine, and one of the releases. A closure whose release is not known may be of any.
fn is_for(hint: &Hint, system: &System) -> bool {
    let fits = |release: &Release| {
        hint.since.is_none_or(|since| since <= *release)
            && hint.until.is_none_or(|until| *release <= until)
    };
    let machine = hint.machines.is_empty() || hint.machines.contains(&system.machine);
    machine && (system.releases.is_empty() || system.releases.iter().any(fits))
}

fn weighed(
    graph: &StoreGraph,
    closure: &Closure,
    hint: usize,
    references: &[(PathId, PathId)],
) -> HeldHint {
    let mut held = HeldHint {
        hint,
        references: references.to_vec(),
        freed: Difference::between(graph, closure.members(), closure.members()),
        holders: Vec::new(),
    };
    let left = after(graph, closure, &held.steps());
    held.freed = Difference::between(graph, closure.members(), &left);
    if held.freed.paths == 0 {
        let mut holders: Vec<PathId> = references
            .iter()
            .flat_map(|&(_, to)| closure.referrers(graph, to).map(move |from| (from, to)))
            .filter(|reference| references.binary_search(reference).is_err())
            .map(|(from, _)| from)
            .collect();
        holders.sort_unstable();
        holders.dedup();
        held.holders = holders;
    }
    held
}

/// The references of a closure that entries speak of: one row for each entry, ascending.
struct References {
    removes: Vec<Vec<(PathId, PathId)>>,
    shows: Vec<Vec<(PathId, PathId)>>,
}

/// A pair with the entry it is of, and whether it is one that the entry removes.
type AskedPair<'a> = (usize, bool, &'a Pair);

impl References {
    fn of(
        graph: &StoreGraph,
        closure: &Closure,
        hints: &Hints,
        asked: &dyn Fn(&Hint) -> bool,
    ) -> Self {
        let count = hints.entries().len();
        let mut found = Self {
            removes: vec![Vec::new(); count],
            shows: vec![Vec::new(); count],
        };
        let entries = hints.entries().iter().enumerate();
        let pairs = entries
            .filter(|(_, hint)| asked(hint))
            .flat_map(|(at, hint)| {
                let removes = hint.removes.iter().map(move |pair| (at, true, pair));
                removes.chain(hint.shows_with.iter().map(move |pair| (at, false, pair)))
            });
        let (to_all, by_referrer): (Vec<AskedPair>, Vec<AskedPair>) =
            pairs.partition(|(_, _, pair)| pair.from == Pattern::Any);
        let by_referrer = ByReferrer::of(&by_referrer);
        for from in closure.members().iter() {
            let (name, package) = (graph.name(from), graph.package(from).pname);
            for &(at, removes, pair) in by_referrer.of_name(name, package) {
                for &to in graph.references(from) {
                    if pair.to.matches_name(graph.name(to)) {
                        found.add(at, removes, (from, to));
                    }
                }
            }
            for &(at, removes, pair) in &to_all {
                if pair.to.matches(name, package) {
                    for referrer in closure.referrers(graph, from) {
                        found.add(at, removes, (referrer, from));
                    }
                }
            }
        }
        for row in found.removes.iter_mut().chain(&mut found.shows) {
            row.sort_unstable();
            row.dedup();
        }
        found
    }

    fn add(&mut self, hint: usize, removes: bool, reference: (PathId, PathId)) {
        let rows = if removes {
            &mut self.removes
        } else {
            &mut self.shows
        };
        rows[hint].push(reference);
    }
}

/// Pairs by their referrers: those that are words are found by search, so that a path costs what it matches.
struct ByReferrer<'a> {
    /// Ascending by the word.
    words: Vec<(&'a str, AskedPair<'a>)>,
    globs: Vec<(&'a str, Vec<AskedPair<'a>>)>,
}

impl<'a> ByReferrer<'a> {
    fn of(pairs: &[AskedPair<'a>]) -> Self {
        let (mut words, mut globs) = (Vec::new(), Vec::new());
        for &asked in pairs {
            match &asked.2.from {
                Pattern::Any => {}
                Pattern::Word(word) => words.push((word.as_str(), asked)),
                Pattern::Glob(text) => globs.push((text.as_str(), asked)),
            }
        }
        words.sort_by_key(|&(word, _)| word);
        globs.sort_by_key(|&(text, _)| text);
        let globs = globs
            .chunk_by(|a, b| a.0 == b.0)
            .map(|same| (same[0].0, same.iter().map(|one| one.1).collect()));
        Self {
            words,
            globs: globs.collect(),
        }
    }

    fn of_name<'b>(
        &'b self,
        name: &'b str,
        package: &'b str,
    ) -> impl Iterator<Item = &'b AskedPair<'a>> {
        let word = move |wanted: &'b str| {
            let start = self.words.partition_point(|&(word, _)| word < wanted);
            let same = self.words[start..].iter();
            same.take_while(move |(word, _)| *word == wanted)
                .map(|(_, asked)| asked)
        };
        let whole = word(name).take(if name == package { 0 } else { usize::MAX });
        let globs = self.globs.iter();
        let globs = globs.filter(move |(text, _)| crate::analysis::glob::matches(text, name));
        word(package)
            .chain(whole)
            .chain(globs.flat_map(|(_, asked)| asked))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::job::Progress;
    use crate::model::PathSet;
    use crate::testing::{any_graph, graph, names};

    use super::*;

    const TABLE: &str = r#"
desktops = ["plasma"]
kernels = ["linux"]
essential = []
[[hint]]
id = "nano"
title = "nano"
options = ["programs.nano.enable"]
removes = ["system-path:nano", "etc:etc-nanorc"]
risk = "safe"
how = "x"
effect = "x"
source = "x"
confidence = "likely"
[[hint]]
id = "late"
title = "late"
options = ["a"]
removes = ["system-path:*"]
since = "24.11"
risk = "safe"
how = "x"
effect = "x"
source = "x"
confidence = "likely"
[[hint]]
id = "server"
title = "server"
options = ["b"]
removes = ["*:lib"]
shows_with = ["etc:etc-nanorc"]
machines = ["server"]
risk = "safe"
how = "x"
effect = "x"
source = "x"
confidence = "likely"
[[hint]]
id = "kernel"
title = "kernel"
options = ["c"]
removes = []
shows_with = ["nixos-system-*:linux"]
condition = "known after a build"
risk = "safe"
how = "x"
effect = "x"
source = "x"
confidence = "likely"
"#;

    const SYSTEM: &str = "nixos-system-x-24.05.1 -> system-path etc linux-6.6\nsystem-path -> nano-8.0 tool-1\netc -> etc-nanorc\netc-nanorc 5 -> lib-1\nnano-8.0 100 -> lib-1\ntool-1 -> lib-1\nlib-1 1000\nlinux-6.6 7";

    fn shown(text: &str) -> Vec<String> {
        let hints = Hints::parse(TABLE).expect("a table");
        let (graph, closure) = graph(text);
        let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
        let (held, machine, releases) = held(&analysed, &hints).expect("not cancelled");
        let mut shown = vec![format!("{} {}", machine.key(), releases.len())];
        shown.extend(held.iter().map(|held| {
            let id = &hints.entries()[held.hint].id;
            let holders = names(analysed.graph(), &held.holders);
            format!(
                "{id} {} {} [{holders}]",
                held.references.len(),
                held.freed.nar_size
            )
        }));
        shown
    }

    #[test]
    fn an_entry_costs_exactly_its_references() {
        assert_eq!(
            shown(SYSTEM),
            [
                "server 1",
                "nano 2 105 []",
                "server 3 1000 []",
                "kernel 0 0 []"
            ]
        );
    }

    #[test]
    fn release_and_machine_decide() {
        let later = SYSTEM.replace("24.05.1", "24.11.1");
        assert!(shown(&later).iter().any(|line| line.starts_with("late 2")));
        let desktop = SYSTEM.replace("tool-1", "plasma-5");
        let shown = shown(&desktop);
        assert_eq!(shown[0], "desktop 1");
        assert!(!shown.iter().any(|line| line.starts_with("server 3")));
    }

    #[test]
    fn what_frees_nothing_names_its_holders() {
        let held = SYSTEM.replace("tool-1 ->", "tool-1 -> nano-8.0 etc-nanorc");
        assert!(shown(&held).contains(&"nano 2 0 [tool-1]".to_owned()));
    }

    proptest! {
        #[test]
        fn prices_are_those_of_a_walk((graph, closure) in any_graph(12)) {
            // Names are numbers: patterns over them take many references at once.
            let table = TABLE.replace("system-path:nano", "[0-5]:*").replace("etc:etc-nanorc", "1*:[2-9]");
            let hints = Hints::parse(&table).expect("a table");
            let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
            let graph = analysed.graph();
            let (held, _, _) = held(&analysed, &hints).expect("not cancelled");
            for held in held {
                let mut seen = PathSet::empty(graph.len());
                let mut stack: Vec<PathId> = closure.roots().to_vec();
                while let Some(id) = stack.pop() {
                    if seen.insert(id) {
                        let left = graph.references(id).iter().filter(|&&to| !held.references.contains(&(id, to)));
                        stack.extend(left);
                    }
                }
                prop_assert_eq!(held.freed, Difference::between(graph, closure.members(), &seen));
            }
        }
    }
}
