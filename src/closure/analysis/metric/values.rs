//! The value of each metric, as far as it is known.

use super::{Metric, Value};
use crate::analysis::analysed::Analysed;
use crate::analysis::leverage::leverage;
use crate::model::PathId;

pub(super) fn nar_size(analysed: &Analysed, id: PathId) -> Value {
    Value::size(analysed.graph().nar_size(id))
}

pub(super) fn closure_size(analysed: &Analysed, id: PathId) -> Value {
    let sizes = analysed.known_closure_sizes();
    sizes.map_or(Value::Pending, |sizes| Value::size(sizes.get(id)))
}

pub(super) fn retained_size(analysed: &Analysed, id: PathId) -> Value {
    let dominators = analysed.known_dominators();
    dominators.map_or(Value::Pending, |all| Value::size(all.retained_size(id)))
}

pub(super) fn retained_count(analysed: &Analysed, id: PathId) -> Value {
    let dominators = analysed.known_dominators();
    dominators.map_or(Value::Pending, |all| {
        Value::Number(all.retained_count(id).into())
    })
}

pub(super) fn referrers(analysed: &Analysed, id: PathId) -> Value {
    let count = analysed.closure().referrer_count(analysed.graph(), id);
    Value::Number(count as u64)
}

pub(super) fn references(analysed: &Analysed, id: PathId) -> Value {
    Value::Number(analysed.graph().references(id).len() as u64)
}

pub(super) fn depth(analysed: &Analysed, id: PathId) -> Value {
    let distances = analysed.known_distances();
    distances.map_or(Value::Pending, |all| Value::Number(all.depth[id].into()))
}

pub(super) fn level(analysed: &Analysed, id: PathId) -> Value {
    let distances = analysed.known_distances();
    distances.map_or(Value::Pending, |all| Value::Number(all.level[id].into()))
}

pub(super) fn download_size(analysed: &Analysed, id: PathId) -> Value {
    Value::size(analysed.graph().info(id).download_size.get())
}

pub(super) fn outputs_size(analysed: &Analysed, id: PathId) -> Value {
    Value::size(analysed.graph().outputs_size(id))
}

pub(super) fn disk_size(analysed: &Analysed, id: PathId) -> Value {
    let sizes = analysed.known_disk_sizes();
    sizes.map_or(Value::Pending, |sizes| Value::size(sizes[id]))
}

pub(super) fn share(analysed: &Analysed, id: PathId) -> Value {
    let shares = analysed.known_shares();
    shares.map_or(Value::Pending, |shares| Value::size(shares.get(id)))
}

pub(super) fn cut_size(analysed: &Analysed, id: PathId) -> Value {
    let sizes = analysed.known_cut_sizes();
    sizes.map_or(Value::Pending, |sizes| {
        Value::count(sizes[id].map(u64::from))
    })
}

pub(super) fn delta(analysed: &Analysed, id: PathId) -> Value {
    let deltas = analysed.known_deltas();
    deltas.map_or(Value::Pending, |deltas| {
        deltas.bytes(id).map_or(Value::Unknown, Value::Change)
    })
}

pub(super) fn bytes_per_cut(analysed: &Analysed, id: PathId) -> Value {
    let known = (analysed.known_dominators(), analysed.known_best_sizes());
    let (Some(dominators), Some(cuts)) = known else {
        return Value::Pending;
    };
    let both = dominators.retained_size(id).zip(cuts[id]);
    Value::size(both.map(|(retained, cut)| leverage(retained, cut)))
}

impl Metric {
    /// The value of a path of this closure, or of the one it is compared with. Of what only that one has its own sizes are
    /// known: nothing of this closure needs it.
    pub fn value_beside(self, analysed: &Analysed, id: PathId) -> Value {
        let own = [Self::Nar, Self::Download, Self::References, Self::Delta];
        if analysed.closure().contains(id) || own.contains(&self) {
            self.value(analysed, id)
        } else {
            Value::Unknown
        }
    }
}
