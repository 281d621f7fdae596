//! What the roots of a store are sorted by, each group by itself.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use crate::source::roots::gc::RootGroup;
use crate::source::roots::store_roots::StoreRoots;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum By {
    /// What each keeps alone.
    #[default]
    Alone,
    /// What each reaches.
    Closure,
    /// When it was made.
    Made,
    /// Its link.
    Name,
}

/// An order of roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RootSort {
    by: By,
    reversed: bool,
}

impl RootSort {
    /// By the next column, in its usual direction.
    pub(crate) fn next(self) -> Self {
        let by = match self.by {
            By::Alone => By::Closure,
            By::Closure => By::Made,
            By::Made => By::Name,
            By::Name => By::Alone,
        };
        Self {
            by,
            reversed: false,
        }
    }

    /// The other way round.
    pub(crate) fn reversed(self) -> Self {
        Self {
            reversed: !self.reversed,
            ..self
        }
    }

    /// What comes first.
    pub(crate) fn words(self) -> &'static str {
        match (self.by, self.reversed) {
            (By::Alone, false) => "what each keeps alone, most first",
            (By::Alone, true) => "what each keeps alone, least first",
            (By::Closure, false) => "what each reaches, most first",
            (By::Closure, true) => "what each reaches, least first",
            (By::Made, false) => "age, newest first",
            (By::Made, true) => "age, oldest first",
            (By::Name, false) => "name",
            (By::Name, true) => "name, backwards",
        }
    }

    /// Which column of sizes it is of, the first one being what is kept alone.
    pub(crate) fn column(self) -> Option<usize> {
        match self.by {
            By::Alone => Some(0),
            By::Closure => Some(1),
            By::Made | By::Name => None,
        }
    }

    /// The rows of a store by group, in this order.
    pub(super) fn rows(self, store: &StoreRoots) -> Vec<(RootGroup, Vec<usize>)> {
        let mut groups: Vec<(RootGroup, Vec<usize>)> = Vec::new();
        for (at, row) in store.rows.iter().enumerate() {
            match groups.last_mut() {
                Some((group, rows)) if *group == row.group => rows.push(at),
                _ => groups.push((row.group, vec![at])),
            }
        }
        for (_, rows) in &mut groups {
            self.sort(store, rows);
            if self.reversed {
                rows.reverse();
            }
        }
        groups
    }

    fn sort(self, store: &StoreRoots, rows: &mut [usize]) {
        let row = |at: &usize| &store.rows[*at];
        match self.by {
            // Generations are a run of their own.
            By::Alone => rows.sort_by_cached_key(|at| {
                let generation = place(store, *at);
                let alone = generation.is_none().then(|| row(at).alone.nar_size);
                (
                    generation.map(|(profile, number)| (profile.clone(), Reverse(number))),
                    Reverse(alone),
                )
            }),
            By::Closure => rows.sort_by_key(|at| Reverse(row(at).closure.nar_size)),
            By::Made => rows.sort_by_cached_key(|at| {
                let made = store
                    .roots_of(row(at))
                    .filter_map(|root| root.created)
                    .max();
                Reverse(made)
            }),
            By::Name => rows.sort_by_cached_key(|at| {
                let first = store.roots_of(row(at)).next();
                first.map(|root| {
                    let number = root.generation.as_ref().map(|generation| generation.number);
                    let profile = root
                        .generation
                        .as_ref()
                        .map(|generation| &generation.profile);
                    let process = root.process.as_ref().map(|process| process.number);
                    (process, profile.unwrap_or(&root.link).clone(), number)
                })
            }),
        }
    }
}

/// The profile and the number of a row, if it is a generation.
fn place(store: &StoreRoots, row: usize) -> Option<(&PathBuf, u64)> {
    let first = store.roots_of(&store.rows[row]).next()?;
    let generation = first.generation.as_ref()?;
    Some((&generation.profile, generation.number))
}

/// The generations of each profile, the oldest first.
pub(super) fn runs(store: &StoreRoots, rows: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
    let mut runs: BTreeMap<&PathBuf, Vec<(u64, usize)>> = BTreeMap::new();
    for row in rows {
        if let Some((profile, number)) = place(store, row) {
            runs.entry(profile).or_default().push((number, row));
        }
    }
    let sorted = runs.into_values().map(|mut run| {
        run.sort_unstable();
        run.into_iter().map(|(_, row)| row).collect()
    });
    sorted.collect()
}

/// The generation before the one of a row.
pub(super) fn before(store: &StoreRoots, row: usize) -> Option<usize> {
    let (profile, number) = place(store, row)?;
    let others = (0..store.rows.len()).filter_map(|other| {
        let (its, at) = place(store, other)?;
        (its == profile && at < number).then_some((at, other))
    });
    others.max().map(|(_, other)| other)
}

/// Whether a row is a generation.
pub(super) fn is_generation(store: &StoreRoots, row: usize) -> bool {
    place(store, row).is_some()
}

/// By how many bytes the closure of each generation is larger than that of the one before; where a size is unknown, it is
/// left out.
pub(super) fn changes(store: &StoreRoots) -> HashMap<usize, i64> {
    let mut changes = HashMap::new();
    let size = |row: usize| store.rows[row].closure.exact().map(u64::cast_signed);
    for run in runs(store, 0..store.rows.len()) {
        for pair in run.windows(2) {
            if let (Some(before), Some(after)) = (size(pair[0]), size(pair[1])) {
                changes.insert(pair[1], after - before);
            }
        }
    }
    changes
}

/// The sizes of the generations among some rows, the oldest first; none where they are of several profiles, or one alone.
pub(super) fn run(store: &StoreRoots, rows: &[usize]) -> Vec<u64> {
    let runs = runs(store, rows.iter().copied());
    match &runs[..] {
        [run] if run.len() > 1 => run
            .iter()
            .map(|&row| store.rows[row].closure.nar_size)
            .collect(),
        _ => Vec::new(),
    }
}
