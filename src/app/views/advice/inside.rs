//! What is inside packages: identical files, and files that programs do not need to run.

use std::cmp::Reverse;

use hashbrown::HashMap;

use crate::analysis::advice::FromFiles;
use crate::analysis::file_category::Categories;
use crate::job::{Cancelled, Progress};
use crate::model::{PathSet, StoreGraph};
use crate::source::files::identical;
use crate::source::files::places::StoreFiles;
use crate::source::files::survey::Survey;

/// Looks at the files that are on this machine, or of which it was written down what they are.
pub(super) fn read(
    files: &StoreFiles,
    graph: &StoreGraph,
    members: &PathSet,
    progress: &Progress,
) -> Result<FromFiles, Cancelled> {
    let survey = Survey::of(files, graph, members, HashMap::new(), progress)?;
    let identical = if survey.is_on_disk() {
        let found = identical::find(&survey.inventory, progress)?;
        Some((found.saved_on_disk, found.links))
    } else {
        None
    };
    let categories = Categories::built_in();
    let idle = categories.as_slice().iter().zip(&survey.kinds.total);
    let idle = idle.filter(|(category, tally)| category.is_idle() && tally.bytes > 0);
    let mut contents: Vec<(String, u64)> = idle
        .map(|(category, tally)| (category.title.clone(), tally.bytes))
        .collect();
    contents.sort_by_key(|&(_, bytes)| Reverse(bytes));
    Ok(FromFiles {
        identical,
        contents,
        ..FromFiles::default()
    })
}
