//! The tables of metrics in `docs`, held against the table in the program.
//!
//! `UPDATE_DOCS=1 cargo test --test docs_metrics` writes them again.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use nix_heft::analysis::Metric;
use nix_heft::analysis::metric::{Listed, Unit};
use nix_heft::analysis::query;

/// Every metric that is a number.
fn numbers() -> impl Iterator<Item = Metric> {
    Metric::ALL.into_iter().filter(|metric| metric.is_number())
}

/// The columns of queries: name, other names, meaning.
fn columns() -> String {
    let mut table = String::from("| column | also called | is |\n|---|---|---|\n");
    for metric in numbers() {
        let others: Vec<String> = metric
            .other_names()
            .map(|name| format!("`{name}`"))
            .collect();
        let (key, others) = (metric.key(), others.join(", "));
        let _ = writeln!(table, "| `{key}` | {others} | {} |", meaning(metric));
    }
    table
}

/// The keys of a path in documents: key, where it is there, meaning.
fn keys() -> String {
    let mut table = String::from("| key | there | is |\n|---|---|---|\n");
    for metric in numbers() {
        let there = match metric.listed() {
            Listed::Always(_) => "always".to_owned(),
            Listed::WithOutputs => "where the outputs of derivations are known".to_owned(),
            Listed::WhenSorted => format!("with `--sort {}`", metric.key()),
            Listed::Never => continue,
        };
        let _ = writeln!(
            table,
            "| `{}` | {there} | {} |",
            metric.json(),
            meaning(metric)
        );
    }
    table
}

fn meaning(metric: Metric) -> String {
    let unit = match metric.unit() {
        Unit::Bytes | Unit::Change => " (bytes)",
        Unit::Count | Unit::Text => "",
    };
    format!("{}{unit}", metric.definition())
}

/// Holds what stands between a mark and the next end against a table, or puts it there.
fn assert_table(page: &str, mark: &str, table: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(page);
    let text = fs::read_to_string(&file).expect("the page");
    let mark = format!("<!-- {mark} -->\n");
    let (before, rest) = text.split_once(&mark).expect("the mark");
    let (written, after) = rest.split_once("<!-- end -->").expect("the end");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let text = format!("{before}{mark}{table}<!-- end -->{after}");
        return fs::write(&file, text).expect("docs can be written");
    }
    assert!(
        written == table,
        "docs/{page} is not what the program says: UPDATE_DOCS=1 cargo test --test docs_metrics"
    );
}

#[test]
fn the_manual_of_queries_has_every_metric() {
    assert_table("query.md", "columns", &columns());
}

#[test]
fn the_manual_of_queries_has_every_key() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/query.md");
    let text = fs::read_to_string(file).expect("the page");
    let (_, section) = text.split_once("\n## Keys\n").expect("a section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let named = rows.flat_map(|row| {
        let words = row.split(" | ").next().unwrap_or_default();
        let words = words
            .split(' ')
            .map(|word| word.trim_matches('`').to_owned());
        words.collect::<Vec<_>>()
    });
    let keys = query::keys().map(|key| format!("{key}:"));
    let states = query::states().map(str::to_owned);
    let known: Vec<String> = keys.into_iter().chain(states).collect();
    assert_eq!(named.collect::<Vec<_>>(), known);
}

#[test]
fn the_page_of_documents_has_every_metric() {
    assert_table("json.md", "metrics", &keys());
}
