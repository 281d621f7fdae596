//! What several roots share, and what exactly some of them reach: the lines and keys below the table of roots.

use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::sets::{Overlap, Region};
use crate::analysis::what_if::Total;
use crate::text;

use super::json::{Path, Totals};
use super::paper::{Ink, Paper, pad};
use crate::analysis::Analysed;

/// Combinations of roots that are listed for people.
const LISTED: usize = 10;

/// Writes what is shared; nothing where there is but one root.
pub fn text(
    overlap: &Overlap,
    subject: &Analysed,
    paper: Paper,
    out: &mut dyn Write,
) -> io::Result<()> {
    let roots = overlap.holdings.len();
    if roots < 2 {
        return Ok(());
    }
    let say = |total: Total| {
        let paths = text::counted(total.paths, "path");
        format!("{paths}, {}", paper.total(total.nar_size, total.unknown))
    };
    if roots == 2 {
        return writeln!(out, "\nboth reach {}", say(overlap.shared));
    }
    let (shared, by_all) = (say(overlap.shared), say(overlap.shared_by_all));
    writeln!(out, "\ntwo or more reach {shared}; all reach {by_all}")?;
    let common: Vec<&Region> = overlap
        .regions
        .iter()
        .filter(|region| region.roots.len() > 1)
        .collect();
    if common.is_empty() {
        return Ok(());
    }
    paper.heading(out, "what these reach, and no other root")?;
    let size = paper.size_column(common[0].total.nar_size);
    for region in &common[..LISTED.min(common.len())] {
        let total = paper.size(region.total.exact());
        let name = |&at: &usize| subject.label(overlap.holdings[at].root);
        let names: Vec<String> = region.roots.iter().map(name).collect();
        let who = match region.roots.len() {
            all if all == roots => "all".to_owned(),
            many => format!("{many}: {}", names.join(", ")),
        };
        let who = paper.fit(&who, size + 4);
        writeln!(out, "  {}{total}  {who}", pad(&total, size))?;
    }
    if common.len() > LISTED {
        let more = format!("and {} more", text::count((common.len() - LISTED) as u64));
        writeln!(out, "  {}", paper.paint(Ink::Faint, &more))?;
    }
    Ok(())
}

/// The keys of the JSON document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Body<'a> {
    shared: Totals,
    shared_by_all: Totals,
    /// `None` where there are too many roots for it.
    regions: Option<Vec<RegionBody<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegionBody<'a> {
    roots: Vec<Path<'a>>,
    #[serde(flatten)]
    totals: Totals,
}

impl<'a> Body<'a> {
    /// Of an overlap.
    pub fn of(overlap: &Overlap, subject: &'a Analysed) -> Self {
        let totals = |total: Total| Totals::new(total.paths, total.nar_size, total.unknown);
        let region = |region: &Region| RegionBody {
            roots: region
                .roots
                .iter()
                .map(|&at| Path(subject.graph(), overlap.holdings[at].root))
                .collect(),
            totals: totals(region.total),
        };
        let few = overlap.holdings.len() <= crate::analysis::sets::MOST;
        Self {
            shared: totals(overlap.shared),
            shared_by_all: totals(overlap.shared_by_all),
            regions: few.then(|| overlap.regions.iter().map(region).collect()),
        }
    }
}
