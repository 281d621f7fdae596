//! Files that import each other in a cycle can only be read together. This holds how large such cycles may be.
//!
//! An arrow goes from a file to every file it takes a name from: by `use`, or by a path in its code. Within a module that
//! has a folder of its own the files may know each other, and in a layer without folders below it; beyond that only the
//! cycles listed here are allowed, and the list may only become shorter.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

/// Cycles within one layer's folder that reach over more than one of its modules: the layer, and how many files.
const ACCEPTED: &[(&str, usize)] = &[("app", 3)];

/// The module that a file is, as the names on the way to it; `None` for files of tests and for the binary's root.
fn module(file: &Path) -> Option<Vec<String>> {
    let mut names: Vec<String> = file
        .with_extension("")
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    if names.last()? == "mod" {
        names.pop();
    }
    // The library's modules are known to the program as its own.
    if names[0] == "closure" || names[0] == "core" {
        names.remove(0);
    }
    if names == ["lib"] {
        names.clear();
    }
    (names != ["main"] && !names.iter().any(|name| name == "tests")).then_some(names)
}

/// The code without comments and inline tests.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines();
    let code = lines.map(|line| line.find("//").map_or(line, |at| &line[..at]));
    code.collect::<Vec<_>>().join("\n")
}

/// The paths that a tree of imports stands for: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn spread(tree: &str) -> Vec<String> {
    let Some((front, rest)) = tree.split_once('{') else {
        return vec![tree.trim().to_owned()];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    let paths = parts.flat_map(spread);
    paths
        .map(|path| format!("{}{path}", front.trim()))
        .collect()
}

/// All paths of names in some code: imports taken apart, and what stands in the code itself. Who may see a name takes none.
fn paths(code: &str) -> Vec<String> {
    let code = &code.replace("pub(in crate", "pub(in_crate");
    let mut found = Vec::new();
    let starts = code.match_indices("use ").filter(|&(at, _)| {
        let line = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        line.is_empty() || line.starts_with("pub")
    });
    for (at, word) in starts {
        let end = code[at..].find(';').map_or(code.len(), |end| at + end);
        found.extend(spread(&code[at + word.len()..end]));
    }
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c| !word(c)).filter(|word| word.contains("::"));
    found.extend(words.map(|word| word.trim_end_matches(':').to_owned()));
    found
}

/// The module of the crate that a path leads into, seen from another one.
fn target<'m>(
    from: &[String],
    path: &str,
    modules: &'m BTreeMap<Vec<String>, PathBuf>,
) -> Option<&'m Vec<String>> {
    let mut names: Vec<&str> = path.split("::").map(str::trim).collect();
    names.retain(|name| !name.is_empty());
    let mut place = from.to_vec();
    match *names.first()? {
        "crate" | "nix_heft" => {
            place.clear();
            names.remove(0);
        }
        "self" => drop(names.remove(0)),
        "super" => {
            while names.first() == Some(&"super") {
                place.pop();
                names.remove(0);
            }
        }
        first => {
            let child = [from, &[first.to_owned()]].concat();
            modules.get(&child)?;
        }
    }
    place.extend(names.into_iter().map(str::to_owned));
    while !modules.contains_key(&place) {
        place.pop()?;
    }
    modules.get_key_value(&place).map(|(module, _)| module)
}

fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The cycles of the crate's files, each as its modules in order, and the layers whose folders hold other folders.
fn cycles() -> (Vec<Vec<Vec<String>>>, BTreeSet<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    files_below(&root, &mut files);
    let modules: BTreeMap<Vec<String>, PathBuf> = files
        .into_iter()
        .filter_map(|file| Some((module(file.strip_prefix(&root).ok()?)?, file)))
        .collect();
    let mut graph = DiGraph::new();
    let nodes: BTreeMap<_, _> = modules
        .keys()
        .map(|module| (module, graph.add_node(module)))
        .collect();
    for (module, file) in &modules {
        let text = fs::read_to_string(file).expect("source is text");
        let arrows: BTreeSet<_> = paths(&code(&text))
            .iter()
            .filter_map(|path| target(module, path, &modules))
            .filter(|other| *other != module)
            .collect();
        for other in arrows {
            graph.add_edge(nodes[module], nodes[other], ());
        }
    }
    assert!(
        graph.edge_count() > graph.node_count(),
        "arrows are found at all"
    );
    let cycles = tarjan_scc(&graph)
        .into_iter()
        .filter(|cycle| cycle.len() > 1);
    let cycles = cycles
        .map(|cycle| {
            let mut modules: Vec<_> = cycle.iter().map(|&at| graph[at].clone()).collect();
            modules.sort();
            modules
        })
        .collect();
    let deep = modules.keys().filter(|module| module.len() > 2);
    (cycles, deep.map(|module| module[0].clone()).collect())
}

/// The names on the way to the smallest module with a folder that holds all of a cycle.
fn common(cycle: &[Vec<String>]) -> &[String] {
    let (first, last) = (&cycle[0], &cycle[cycle.len() - 1]);
    let same = first.iter().zip(last).take_while(|(a, b)| a == b).count();
    &first[..same]
}

#[test]
fn cycles_of_files_stay_within_one_module() {
    let (mut broken, mut needed) = (Vec::new(), BTreeMap::new());
    let (cycles, deep) = cycles();
    for cycle in cycles {
        let home = common(&cycle);
        if home.first().is_some_and(|layer| !deep.contains(layer)) {
            continue;
        }
        let accepted = ACCEPTED.iter().filter(|(layer, _)| home == [*layer]);
        let most = accepted.map(|(_, most)| *most).max().unwrap_or(0);
        if let [layer] = home {
            let largest = needed.entry(layer.clone()).or_insert(0);
            *largest = cycle.len().max(*largest);
        }
        if home.len() < 2 && cycle.len() > most {
            let names: Vec<_> = cycle.iter().map(|module| module.join("/")).collect();
            broken.push(format!("{} files: {}", names.len(), names.join(", ")));
        }
    }
    assert!(
        broken.is_empty(),
        "files of several modules import each other in a cycle; move the name that closes it:\n{}",
        broken.join("\n")
    );
    for (layer, most) in ACCEPTED {
        let largest = needed.get(*layer).copied().unwrap_or(0);
        assert_eq!(largest, *most, "{layer}: the list may be shorter now");
    }
}

/// A view is a room of its own: it can be read without any other.
#[test]
fn no_view_is_in_a_cycle_with_another() {
    let (cycles, _) = cycles();
    let folder = |layer: &str| [layer.to_owned(), "views".to_owned()];
    let mut broken = Vec::new();
    for (cycle, layer) in cycles
        .iter()
        .flat_map(|cycle| [(cycle, "app"), (cycle, "ui")])
    {
        let of_views: Vec<_> = cycle
            .iter()
            .filter(|module| module.starts_with(&folder(layer)))
            .collect();
        let rooms: BTreeSet<_> = of_views.iter().map(|module| module.get(2)).collect();
        if rooms.len() > 1 || !of_views.is_empty() && of_views.len() < cycle.len() {
            let names: Vec<_> = cycle.iter().map(|module| module.join("/")).collect();
            broken.push(names.join(", "));
        }
    }
    assert!(
        broken.is_empty(),
        "views import each other, or what shows them, in a cycle:\n{}",
        broken.join("\n")
    );
}

#[test]
fn trees_of_imports_are_taken_apart() {
    let code = "use crate::a::{b, c::{self, D}};\nlet x = super::y::z(); not_a_path";
    let found: BTreeSet<String> = paths(code).into_iter().collect();
    for path in [
        "crate::a::b",
        "crate::a::c::self",
        "crate::a::c::D",
        "super::y::z",
    ] {
        assert!(found.contains(path), "{path} in {found:?}");
    }
    assert!(!found.iter().any(|path| path.contains("not_a_path")));
}
