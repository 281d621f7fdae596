//! What there is to know of one root: the links that lead to it, what else keeps the same, and what is to be run.

use crate::analysis::blocks::Blocks;
use crate::source::roots::gc::GcRoot;
use crate::source::roots::store_roots::{RootRow, StoreRoots};
use crate::text::{self, Units};

/// A line about a root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AboutLine {
    /// What the lines below are about.
    Heading(String),
    /// What is said.
    Text(String),
    /// What is less important.
    Faint(String),
}

/// Paths and links that are listed of each sort.
const LISTED: usize = 20;

/// What there is to know of a row of a store's roots; `marked` are the marked ones.
pub(crate) fn lines(
    store: &StoreRoots,
    row: usize,
    marked: &[usize],
    blocks: Option<&Blocks>,
    units: Units,
) -> Vec<AboutLine> {
    let own = &store.rows[row];
    let mut lines = vec![
        AboutLine::Heading(store.name(own)),
        AboutLine::Faint(facts(store, own)),
    ];
    sizes(store, own, blocks, units, &mut lines);
    lines.push(AboutLine::Heading("How it leads there".to_owned()));
    chains(store, own, &mut lines);
    others(store, own, &mut lines);
    let several = marked.len() > 1 || (marked.len() == 1 && marked != [row]);
    lines.push(AboutLine::Heading("Commands to drop it".to_owned()));
    lines.extend(store.commands(&[row]).into_iter().map(AboutLine::Text));
    if several {
        let many = text::counted(marked.len(), "marked root");
        lines.push(AboutLine::Heading(format!("Commands to drop {many}")));
        lines.extend(store.commands(marked).into_iter().map(AboutLine::Text));
    }
    lines
}

fn facts(store: &StoreRoots, own: &RootRow) -> String {
    let first = store.roots_of(own).next();
    let mut parts = vec![own.group.title().to_owned()];
    if let Some(generation) = first.and_then(|root| root.generation.as_ref()) {
        let used = if generation.current { ", in use" } else { "" };
        parts.push(format!("generation {}{used}", generation.number));
    }
    if let Some(owner) = first.and_then(|root| root.owner.as_deref()) {
        parts.push(format!("of {owner}"));
    }
    if let Some(made) = store.roots_of(own).filter_map(|root| root.created).max() {
        parts.push(format!("made {}", text::date(made)));
    }
    parts.join(" · ")
}

fn sizes(
    store: &StoreRoots,
    own: &RootRow,
    blocks: Option<&Blocks>,
    units: Units,
    lines: &mut Vec<AboutLine>,
) {
    let said = |total: crate::analysis::what_if::Total| {
        let size = units.at_least(total.nar_size, total.exact().is_some());
        format!("{size} in {}", text::counted(total.paths, "path"))
    };
    lines.push(AboutLine::Text(format!("reaches {}", said(own.closure))));
    lines.push(AboutLine::Text(format!("keeps {} alone", said(own.alone))));
    if let Some(blocks) = blocks {
        let disk = store.closure_on_disk(own, blocks);
        let size = units.at_least(disk.bytes, disk.exact().is_some());
        lines.push(AboutLine::Text(format!("takes {size} on disk")));
    }
}

/// Every link, from where it is registered to the store path.
fn chains(store: &StoreRoots, own: &RootRow, lines: &mut Vec<AboutLine>) {
    let dir = store.graph.store_dir();
    for root in store.roots_of(own).take(LISTED) {
        let GcRoot {
            link,
            registered,
            target,
            ..
        } = root;
        let target = format!("{dir}/{target}");
        let steps = registered
            .iter()
            .chain([link])
            .map(|link| link.display().to_string());
        for (deep, step) in steps.chain([target]).enumerate() {
            let sign = match deep {
                0 => String::new(),
                deep => format!("{}└─ ", "   ".repeat(deep - 1)),
            };
            lines.push(AboutLine::Text(format!("{sign}{step}")));
        }
    }
    more(own.roots.len(), lines);
}

fn others(store: &StoreRoots, own: &RootRow, lines: &mut Vec<AboutLine>) {
    if own.targets.len() > 1 {
        return;
    }
    if own.others.all == 0 {
        lines.push(AboutLine::Heading("Nothing else keeps it".to_owned()));
        return;
    }
    let count = text::counted(own.others.all, "other root");
    lines.push(AboutLine::Heading(format!("Kept also by {count}")));
    let named = own.others.first.iter().take(LISTED);
    lines.extend(named.map(|&other| AboutLine::Text(store.name(&store.rows[other as usize]))));
    more(own.others.all, lines);
}

fn more(all: usize, lines: &mut Vec<AboutLine>) {
    if let Some(more @ 1..) = all.checked_sub(LISTED) {
        lines.push(AboutLine::Faint(format!(
            "and {} more",
            text::count(more as u64)
        )));
    }
}

/// What a root is called in a list of its kind, and what else is said of it.
pub(crate) fn called(store: &StoreRoots, row: &RootRow) -> (String, String) {
    let leads_to = match row.targets[..] {
        [only] => store.graph.name(only).to_owned(),
        _ => text::counted(row.targets.len(), "path"),
    };
    let first = store.roots_of(row).next();
    let Some(generation) = first.and_then(|root| root.generation.as_ref()) else {
        return match (first, row.roots.len()) {
            (Some(root), 2..) if root.process.is_none() => {
                let more = format!("and {} more  {leads_to}", row.roots.len() - 1);
                (root.link.display().to_string(), more)
            }
            _ => (store.name(row), leads_to),
        };
    };
    let profile = generation.profile.file_name().unwrap_or_default();
    let used = if generation.current { ", in use" } else { "" };
    let name = format!("{} {}{used}", profile.display(), generation.number);
    let made = first.and_then(|root| root.created).map(text::date);
    let day = made.and_then(|made| Some(made.split(' ').next()?.to_owned()));
    let owner = first.and_then(|root| root.owner.clone());
    let behind: Vec<String> = day.into_iter().chain(owner).chain([leads_to]).collect();
    (name, behind.join("  "))
}
