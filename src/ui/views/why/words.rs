//! What the view of why a path is here says in words: the line of numbers, and what cuts take along.

use num_bigint::BigUint;

use crate::analysis::cut::CutSet;
use crate::analysis::why::ChainCount;
use crate::app::App;
use crate::app::facts::Facts;
use crate::app::planning::best_cut::Cut;
use crate::model::PathId;
use crate::text;

/// What there is to say in numbers; where there is no room for all, those that stand elsewhere too are left out.
pub(super) fn statistics(app: &App, facts: &Facts, target: PathId, room: usize) -> String {
    let Some(core) = facts.core() else {
        return "…".to_owned();
    };
    let mut parts = Vec::new();
    match &app.views.why.chains {
        Some(found) => {
            parts.push(chains(&found.why.chains));
            parts.push(text::counted(found.why.referrers.len(), "referrer"));
        }
        None => parts.push("… chains".to_owned()),
    }
    if facts.guess().is_some() && facts.is_gone(target) {
        parts.push("not built: only in what was tried".to_owned());
        return parts.join(" · ");
    }
    if let Some(before) = facts.before().filter(|_| facts.is_gone(target)) {
        let name = text::sanitise(&before.name);
        parts.push(format!("gone: only in {name}"));
        return parts.join(" · ");
    }
    parts.push(match &app.views.why.cut {
        Cut::Pending => "… to cut".to_owned(),
        Cut::Root => "a root itself".to_owned(),
        Cut::Pinned => "pinned: nothing to cut".to_owned(),
        Cut::References(cut) => {
            let references = text::counted(cut.references.len(), "reference");
            match cut.set().and_then(|set| along(app, set)) {
                Some(along) => format!("{references} to cut, {along} along"),
                None => format!("{references} to cut"),
            }
        }
    });
    let retained = app
        .shared
        .look
        .units
        .known(core.dominators.retained_size(target));
    let leaving = text::counted(core.dominators.retained_count(target) as usize, "path");
    parts.push(format!("removing it frees {retained} in {leaving}"));
    let wide = |parts: &[String]| text::width(&parts.join(" · ")) > room;
    if wide(&parts) && parts.len() > 3 {
        parts.remove(1);
    }
    if wide(&parts)
        && let Some(part) = parts.iter_mut().find(|part| part.ends_with(" along"))
        && let Some((count, _)) = part.split_once(", ")
    {
        // It stands below too.
        *part = count.to_owned();
    }
    while wide(&parts) && parts.len() > 1 {
        parts.remove(0);
    }
    parts.join(" · ")
}

/// What an answer takes along, in bytes; `None` if that is nothing.
fn along(app: &App, set: &CutSet) -> Option<String> {
    let bytes = u64::try_from(set.collateral.nar_size).ok()?;
    let least = if set.collateral.known { "" } else { "≥ " };
    let size = app.shared.look.units.size(bytes);
    (set.collateral.paths > 0).then(|| format!("{least}{size}"))
}

/// What an answer takes along, in a sentence.
pub(super) fn takes_along(app: &App, set: &CutSet) -> String {
    let paths = usize::try_from(set.collateral.paths).unwrap_or(0);
    match along(app, set) {
        Some(size) => format!(
            "take along {size} in {}",
            text::counted(paths, "other path")
        ),
        None => "take nothing else along".to_owned(),
    }
}

/// What goes with the references to cut, beside what the path alone holds.
pub(super) fn leaves_with_them(app: &App) -> Option<String> {
    let Cut::References(cut) = &app.views.why.cut else {
        return None;
    };
    let set = cut.set()?;
    let paths = usize::try_from(set.collateral.paths).unwrap_or(0);
    let size = along(app, set)?;
    Some(format!(
        ", and {size} in {}",
        text::counted(paths, "other path")
    ))
}

/// A number of chains in words; beyond fifteen digits only its size matters.
pub(crate) fn chains(chains: &ChainCount) -> String {
    let (number, least) = match chains {
        ChainCount::Exactly(number) => (number, ""),
        ChainCount::AtLeast(number) => (number, "≥ "),
    };
    let noun = if *number == BigUint::from(1_u8) {
        "chain"
    } else {
        "chains"
    };
    format!("{least}{} {noun}", large(number))
}

/// A number; of more than fifteen digits only how many there are.
pub(super) fn large(number: &BigUint) -> String {
    match u64::try_from(number) {
        Ok(small) if small < 1_000_000_000_000_000 => text::count(small),
        _ => format!("10^{}", number.to_string().len() - 1),
    }
}
