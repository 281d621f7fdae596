//! The walk through a cache: a queue of hash parts, many threads that ask for them, each answer naming more.

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix_narinfo::TrustedPublicKey;

use super::fetch::{Fetch, Fetched, is_hash_part};
use super::memory::Memory;
use crate::job::{Progress, parallel_on};
use crate::model::store_path::HASH_PART_LEN;
use crate::source::SourceError;
use crate::source::cache::narinfo::NarInfo;
use crate::source::formats::records::base_name;

/// How long a thread without work waits before it checks whether the work was cancelled.
const TICK: Duration = Duration::from_millis(50);

/// This many records are remembered at a time, while others are still asked for.
const BATCH: usize = 256;

/// A path to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AskedRecord {
    pub(super) hash: String,
    /// The base name its record must have, if it is known.
    base_name: Option<String>,
}

impl AskedRecord {
    /// Only the hash part is known.
    pub(super) fn hash(hash: String) -> Self {
        Self {
            hash,
            base_name: None,
        }
    }

    /// By base name, which begins with a hash part.
    pub(super) fn path(base_name: &str) -> Self {
        Self {
            hash: base_name
                .get(..HASH_PART_LEN)
                .unwrap_or(base_name)
                .to_owned(),
            base_name: Some(base_name.to_owned()),
        }
    }
}

/// A record's text, and whether it is still to be remembered: it came over the network just now, is whole, and is signed
/// as required.
struct KeptRecord {
    text: String,
    fresh: bool,
}

/// What a walk has found.
#[derive(Default)]
pub(super) struct Answers {
    /// By hash part.
    records: BTreeMap<String, KeptRecord>,
    /// How many of them are still to be remembered.
    fresh: usize,
    /// Why they could not be remembered.
    pub(super) forgotten: Option<String>,
    /// Base name or hash part, and what is wrong with the record.
    pub(super) useless: Vec<(String, String)>,
}

impl Answers {
    pub(super) fn has(&self, hash: &str) -> bool {
        self.records.contains_key(hash)
    }

    /// All texts, in the order of the hash parts. Each has been parsed once without an error.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.records.values().map(|kept| kept.text.as_str())
    }

    /// Takes file names and texts of what is still to be remembered, if there are enough of them.
    fn take_fresh(&mut self, enough: usize) -> Vec<(String, String)> {
        if self.fresh < enough {
            return Vec::new();
        }
        self.fresh = 0;
        let fresh = self.records.iter_mut().filter(|(_, kept)| kept.fresh);
        let taken = fresh.map(|(hash, kept)| {
            kept.fresh = false;
            (hash.clone(), kept.text.clone())
        });
        taken.collect()
    }

    /// The base name that the record of a hash part gives.
    pub(super) fn base_name(&self, hash: &str) -> Option<&str> {
        let info = NarInfo::parse(&self.records.get(hash)?.text).ok()?;
        Some(base_name(info.store_path))
    }
}

/// How to walk.
pub(super) struct CacheWalk<'w> {
    pub(super) fetch: &'w Fetch,
    pub(super) memory: Option<&'w Memory>,
    pub(super) progress: &'w Progress,
    /// Whether what the records refer to is asked for, too.
    pub(super) follow: bool,
    /// Keys of which one has to have signed what is remembered, if there are some.
    pub(super) keys: &'w [TrustedPublicKey],
}

#[derive(Default)]
struct WalkState {
    queue: Vec<AskedRecord>,
    seen: HashSet<String>,
    /// Asked for, but not answered yet.
    pending: usize,
    found: Answers,
    failed: bool,
}

impl WalkState {
    fn push_all(&mut self, asked: Vec<AskedRecord>) {
        for one in asked {
            if self.seen.insert(one.hash.clone()) {
                self.queue.push(one);
            }
        }
    }

    fn is_over(&self) -> bool {
        self.failed || self.queue.is_empty() && self.pending == 0
    }
}

/// The state with the bell that rings when it changes.
#[derive(Default)]
struct SharedState {
    state: Mutex<WalkState>,
    changed: Condvar,
}

impl SharedState {
    fn lock(&self) -> MutexGuard<'_, WalkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CacheWalk<'_> {
    /// Asks for all of `asked` and, if so told, for everything they refer to.
    pub(super) fn run(&self, asked: Vec<AskedRecord>) -> Result<Answers, SourceError> {
        let shared = SharedState::default();
        shared.lock().push_all(asked);
        let threads = self.fetch.threads();
        let outcome = parallel_on(threads, threads, |_| self.work(&shared));
        let mut found = std::mem::take(&mut shared.lock().found);
        // What was learnt before the walk ended early is not asked for again.
        let last = found.take_fresh(1);
        found.forgotten = found.forgotten.take().or(self.remember(&last));
        outcome?;
        found.useless.sort_unstable();
        Ok(found)
    }

    /// One thread: takes from the queue until nothing is left and no thread can add to it.
    fn work(&self, shared: &SharedState) -> Result<(), SourceError> {
        while let Some(asked) = next(shared) {
            let answer = self.progress.advance(1).map_err(SourceError::from);
            let answer = answer.and_then(|()| self.answer(&asked));
            let mut state = shared.lock();
            state.pending -= 1;
            match answer {
                Ok(answer) => {
                    self.take(&asked, answer, &mut state);
                    let batch = state.found.take_fresh(BATCH);
                    if !batch.is_empty() {
                        drop(state);
                        let problem = self.remember(&batch);
                        state = shared.lock();
                        state.found.forgotten = state.found.forgotten.take().or(problem);
                    }
                }
                Err(error) => {
                    state.failed = true;
                    shared.changed.notify_all();
                    return Err(error);
                }
            }
            drop(state);
            shared.changed.notify_all();
        }
        Ok(self.progress.check()?)
    }

    /// Remembers records; what went wrong if they could not be.
    fn remember(&self, records: &[(String, String)]) -> Option<String> {
        let records: Vec<(&str, &str)> = records
            .iter()
            .map(|(hash, text)| (hash.as_str(), text.as_str()))
            .collect();
        let kept = self.memory?.keep(&records);
        kept.err().map(|error| error.to_string())
    }

    /// The record, and whether it came from the cache just now. What is remembered and would not be today is asked for.
    fn answer(&self, asked: &AskedRecord) -> Result<(Fetched, bool), SourceError> {
        let remembered = self.memory.and_then(|memory| memory.get(&asked.hash));
        if let Some(text) = remembered.filter(|text| self.is_sound(asked, text)) {
            if let Some(budget) = self.fetch.budget() {
                budget.ask()?;
                budget.take(text.len() as u64)?;
            }
            return Ok((Fetched::Text(text), false));
        }
        let file = format!("{}.narinfo", asked.hash);
        Ok((self.fetch.get(&file, self.progress)?, true))
    }

    /// Whether a record is the one that was asked for, whole, and signed as required.
    fn is_sound(&self, asked: &AskedRecord, text: &str) -> bool {
        check(asked, text).is_ok_and(|(_, whole)| whole) && self.is_signed(text)
    }

    fn is_signed(&self, text: &str) -> bool {
        let signed = |info: NarInfo<'_>| info.is_trusted(text, self.keys);
        self.keys.is_empty() || NarInfo::parse(text).is_ok_and(signed)
    }

    fn take(&self, asked: &AskedRecord, (answer, fresh): (Fetched, bool), state: &mut WalkState) {
        let problem = match answer {
            Fetched::Missing => return,
            Fetched::Useless(problem) => problem,
            Fetched::Text(text) => match check(asked, &text) {
                Ok((references, whole)) => {
                    if self.follow {
                        state.push_all(references);
                    }
                    let fresh = fresh && whole && self.memory.is_some() && self.is_signed(&text);
                    state.found.fresh += usize::from(fresh);
                    let kept = KeptRecord { text, fresh };
                    state.found.records.insert(asked.hash.clone(), kept);
                    return;
                }
                Err(problem) => problem,
            },
        };
        let name = asked.base_name.as_ref().unwrap_or(&asked.hash);
        state.found.useless.push((name.clone(), problem));
    }
}

/// The next hash part to ask for; waits while others may still add some.
fn next(shared: &SharedState) -> Option<AskedRecord> {
    let mut state = shared.lock();
    loop {
        if state.is_over() {
            return None;
        }
        if let Some(asked) = state.queue.pop() {
            state.pending += 1;
            return Some(asked);
        }
        let waited = shared.changed.wait_timeout(state, TICK);
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// If this is the record that was asked for: what it references, and whether it seems whole.
fn check(asked: &AskedRecord, text: &str) -> Result<(Vec<AskedRecord>, bool), String> {
    let info = NarInfo::parse(text)?;
    let base = base_name(info.store_path);
    let expected = asked.base_name.as_deref();
    if info.hash_part() != asked.hash || expected.is_some_and(|expected| expected != base) {
        return Err(format!("is that of another path, {}", info.store_path));
    }
    let references = info.references.iter().map(|path| base_name(path));
    let references = references.filter(|base| base.get(..HASH_PART_LEN).is_some_and(is_hash_part));
    Ok((
        references.map(AskedRecord::path).collect(),
        !info.seems_cut_off(),
    ))
}
