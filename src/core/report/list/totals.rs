//! The totals of a list: NAR size, and what else is known of downloads and outputs.

use serde::Serialize;

use crate::analysis::{Analysed, Metric};
use crate::report::json::Totals;
use crate::report::paper::Paper;

/// The totals of a closure as documents have them.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListTotals {
    #[serde(flatten)]
    closure: Totals,
    download_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known_download_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known_outputs_size: Option<u64>,
}

impl ListTotals {
    /// The totals of the whole closure.
    pub(super) fn of(analysed: &Analysed) -> Self {
        let download = Metric::Download.total(analysed);
        let is_partial = download.unknown > 0 && download.known > 0;
        let outputs = analysed.graph().knows_outputs();
        Self {
            closure: Totals::of(analysed.closure()),
            download_size: download.exact(),
            known_download_size: is_partial.then_some(download.known),
            known_outputs_size: outputs.then(|| Metric::Outputs.total(analysed).known),
        }
    }

    /// What is known besides the NAR size, in words that follow it; empty where nothing is.
    pub(super) fn in_words(analysed: &Analysed, paper: Paper) -> String {
        let mut words = String::new();
        let download = Metric::Download.total(analysed);
        if download.known > 0 {
            let total = paper.total(download.known, download.unknown);
            words.extend([", ", &total, " to download"]);
        }
        if analysed.graph().knows_outputs() {
            let known = Metric::Outputs.total(analysed).known;
            words.extend([
                ", ",
                &paper.size_in_words(known),
                " of outputs in the store",
            ]);
        }
        words
    }
}
