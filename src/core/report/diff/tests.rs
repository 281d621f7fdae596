//! What is printed of differences.

use std::sync::Arc;

use super::*;
use crate::job::Progress;
use crate::report::Paper;
use crate::testing::{graph, id};
use crate::text::Units;

fn printed(text: &str, print: impl Fn(&Comparison<'_>, &mut Vec<u8>)) -> String {
    let (graph, _) = graph(text);
    let graph = Arc::new(graph);
    let closure = |root| Closure::of(&graph, &[id(&graph, root)]);
    let (before, after) = (closure("system-1"), closure("system-2"));
    let diff = Diff::of(&graph, &before, &after, &Progress::new()).expect("not cancelled");
    let subject = Analysed::new(Arc::clone(&graph), Arc::new(after.clone()));
    let comparison = Comparison {
        subject: &subject,
        before: NamedClosure {
            typed: "old",
            closure: &before,
        },
        after: NamedClosure {
            typed: "new",
            closure: &after,
        },
        diff: &diff,
        predicted: false,
        tried: None,
        held: None,
        evidence: [None, None],
        found: &SavedFindings::default(),
        shown: None,
        limit: None,
    };
    let mut out = Vec::new();
    print(&comparison, &mut out);
    String::from_utf8(out).expect("text")
}

const UPDATE: &str = "*system-1 1 -> app-1.0 doc-1 same-1 lib-1.0\n\
     *system-2 2 -> app-1.1 same-1 lib-1.0 lib-1.0-b\n\
     app-1.0 10\napp-1.1 12 -> gcc-12\ngcc-12 2000 -> mpfr-4\nmpfr-4 ?\ndoc-1 50\nsame-1 7\nlib-1.0 5\nlib-1.0-b 5";

#[test]
fn text_is_aligned_and_names_causes() {
    let text = printed(UPDATE, |one, out| {
        one.text(Paper::default(), out).expect("written");
    });
    assert_lines(
        &text,
        &[
            "system-1 → system-2",
            "73 B → at least 2.0 KiB (1 path of unknown size), +1.9 KiB and 1 path of unknown size",
            "5 → 7 paths: 5 came, 3 left, 2 the same",
            "",
            "  6 packages changed: 2 came, 1 left, 3 in other versions; 3 grew, 0 shrank",
            "  + gcc     12                +2.0 KiB",
            "  − doc     1                    −50 B",
            "  ~ lib     1.0 → 1.0, 1.0-b      +5 B",
            "  ~ app     1.0 → 1.1             +2 B",
            "  ~ system  1 → 2                 +1 B",
            "  + mpfr    4                        –",
            "",
            "  what came, under what brought it (2)",
            "    +2.0 KiB and ?  gcc-12 with mpfr-4",
            "                    system-2 → app-1.1 → gcc-12",
            "              +5 B  lib-1.0-b",
            "                    system-2 → lib-1.0-b",
            "",
            "  what left, under what had held it (1)",
            "    −50 B  doc-1",
            "           system-1 → doc-1",
        ],
    );
}

fn assert_lines(text: &str, lines: &[&str]) {
    assert_eq!(text.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn markdown_is_a_table_with_the_rest_folded_away() {
    let text = printed(UPDATE, |one, out| {
        one.markdown(Units::Binary, out).expect("written");
    });
    for line in [
        "| package | before | after | change |",
        "| `gcc` | – | `12` | **+2.0 KiB** |",
        "| `lib` | `1.0` | `1.0, 1.0-b` | +5 B |",
        "| `mpfr` | – | `4` | **unknown** |",
        "<details><summary>What came, and by way of what (2)</summary>",
        "- `gcc-12`: at least 2.0 KiB (1 path of unknown size) with `mpfr-4`, referenced by `app-1.1`",
    ] {
        assert!(text.lines().any(|one| one == line), "{line} in {text}");
    }
}

#[test]
fn a_narrow_page_is_not_overrun() {
    for width in [30, 40, 60, 80, 120] {
        let paper = Paper {
            width: Some(width),
            ..Paper::default()
        };
        let text = printed(UPDATE, |one, out| one.text(paper, out).expect("written"));
        let behind = text.lines().skip(4);
        let long = behind
            .filter(|line| !line.contains("packages changed"))
            .find(|line| text::width(line) > width.max(40));
        assert_eq!(long, None, "{width}: {text}");
    }
}

#[test]
fn a_spreadsheet_has_a_row_for_each_package() {
    let text = printed(UPDATE, |one, out| one.csv(out).expect("written"));
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 7);
    assert_eq!(rows[1], "gcc,,came,,12,0,1,0,2000,2000");
    assert_eq!(rows[6], "mpfr,,came,,4,0,1,0,,");
}
