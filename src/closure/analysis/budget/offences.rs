//! The paths that count as offences: development outputs, compilers, duplicates, accidents.

use crate::analysis::analysed::Analysed;
use crate::analysis::duplicates::duplicate_groups;
use crate::job::Cancelled;
use crate::model::PathId;

use super::compilers::is_compiler;
use super::rule::Few;

/// One path, or one group of paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offence {
    /// The path; of a group one that would go.
    pub path: PathId,
    /// The other members of a group, the one to keep first.
    pub with: Vec<PathId>,
}

/// What there is of something in a closure, ascending by path. `None` where files would have to be read first.
pub fn offences(analysed: &Analysed, few: Few) -> Result<Option<Vec<Offence>>, Cancelled> {
    let graph = analysed.graph();
    let members = || analysed.closure().members().iter();
    let single = |path| Offence {
        path,
        with: Vec::new(),
    };
    Ok(Some(match few {
        Few::Dev => members()
            .filter(|&id| graph.package(id).output == Some("dev"))
            .map(single)
            .collect(),
        Few::Compilers => members()
            .filter(|&id| is_compiler(graph.package(id)))
            .map(single)
            .collect(),
        Few::Duplicates => return groups(analysed).map(Some),
        Few::Accidents => {
            let Some(accidents) = analysed.known_accidents() else {
                return Ok(None);
            };
            let held = members().filter(|&id| accidents.contains(id));
            held.map(single).collect()
        }
    }))
}

/// The groups of which at least one member can go.
fn groups(analysed: &Analysed) -> Result<Vec<Offence>, Cancelled> {
    let (graph, closure) = (analysed.graph(), analysed.closure());
    let found = duplicate_groups(graph, closure, analysed.order(), analysed.progress())?;
    let groups = found.iter().filter_map(|group| {
        let (&path, _) = group.replaced.split_first()?;
        let others = group.paths.iter().copied();
        let others = others.filter(|&id| id != path && id != group.keep);
        Some(Offence {
            path,
            with: [group.keep].into_iter().chain(others).collect(),
        })
    });
    let mut groups: Vec<Offence> = groups.collect();
    groups.sort_by_key(|offence| offence.path);
    Ok(groups)
}
