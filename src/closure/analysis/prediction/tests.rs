//! Predictions on recipes in words.

use proptest::prelude::*;

use super::*;
use crate::testing::{graph, id};

/// Recipes from lines `name -> input …`; the first is the top. A name stands for derivation and output alike, under a hash
/// that its text decides.
fn recipes(graph: &StoreGraph, text: &str) -> Recipes {
    let base = |name: &str| {
        let known = graph.ids().find(|&id| graph.name(id) == name);
        known.map_or_else(
            || format!("{}-{name}", crate::testing::hash_part(9000)),
            |id| graph.base_name(id).to_owned(),
        )
    };
    let mut recipes = Recipes::default();
    for line in text.lines().map(str::trim) {
        let (name, inputs) = line.split_once("->").unwrap_or((line, ""));
        let (name, shown) = name
            .trim()
            .split_once('=')
            .unwrap_or((name.trim(), name.trim()));
        let inputs: Vec<&str> = inputs.split_whitespace().collect();
        // `new=name`: another derivation of that name.
        let own = if name == shown {
            base(name)
        } else {
            format!("{}-{shown}", crate::testing::hash_part(9001))
        };
        let recipe = Recipe {
            name: shown.to_owned(),
            outputs: vec![("out".to_owned(), own)],
            inputs: inputs
                .iter()
                .map(|input| (format!("{input}.drv"), vec!["out".to_owned()]))
                .collect(),
            sources: Vec::new(),
            named: Vec::new(),
            is_fixed: false,
        };
        if recipes.all.is_empty() {
            recipes.top = format!("{name}.drv");
        }
        recipes.all.insert(format!("{name}.drv"), recipe);
    }
    let named: HashMap<String, Vec<String>> = recipes
        .all
        .iter()
        .map(|(drv, recipe)| {
            (
                drv.clone(),
                recipes.taken(recipe).map(str::to_owned).collect(),
            )
        })
        .collect();
    for (drv, named) in named {
        if let Some(recipe) = recipes.all.get_mut(&drv) {
            recipe.named = named;
        }
    }
    recipes
}

const BUILT: &str = "system 10 -> path etc
    path 5 -> git doc
    etc 3 -> git
    git 50 -> libc
    doc 70
    libc 20";

fn predicted(before: &str, after: &str) -> Prediction {
    let (graph, closure) = graph(BUILT);
    let (before, after) = (recipes(&graph, before), recipes(&graph, after));
    predict(
        &graph,
        (&closure, false),
        (&before, &after),
        &Progress::new(),
    )
    .expect("possible")
}

fn left(prediction: &Prediction) -> Vec<String> {
    let left = prediction
        .before
        .members()
        .minus(prediction.after.members());
    let mut names: Vec<String> = left
        .iter()
        .map(|id| prediction.graph.name(id).to_owned())
        .collect();
    names.sort();
    names
}

const AS_BUILT: &str = "system -> path etc\npath -> git doc\netc -> git\ngit -> libc\ndoc\nlibc";

#[test]
fn no_change_is_no_change() {
    let prediction = predicted(AS_BUILT, AS_BUILT);
    assert_eq!(prediction.before.members(), prediction.after.members());
    assert!(prediction.new.is_empty());
}

#[test]
fn what_only_one_list_names_leaves_with_it() {
    let after = "new=system -> new2=path etc".replace("new2=path", "slim");
    let after = format!("{after}\nslim=path -> git\netc -> git\ngit -> libc\nlibc");
    let prediction = predicted(AS_BUILT, &after);
    assert_eq!(left(&prediction), ["doc", "path", "system"]);
    // The generated ones have the sizes of their counterparts.
    assert_eq!(prediction.after.nar_size(), Some(10 + 5 + 3 + 50 + 20));
    assert!(
        prediction
            .new
            .values()
            .all(|&sure| sure == Certainty::Predicted)
    );
}

#[test]
fn what_comes_anew_has_an_unknown_size() {
    let after = "new=system -> more etc\nmore=path -> git doc vim-9\nvim-9 -> libc\netc -> git\ngit -> libc\ndoc\nlibc";
    let prediction = predicted(AS_BUILT, after);
    let vim = id(&prediction.graph, "vim-9");
    assert!(prediction.after.contains(vim));
    assert_eq!(prediction.new.get(&vim), Some(&Certainty::Unknown));
    assert_eq!(prediction.after.unknown_sizes(), 1);
    assert_eq!(
        prediction.graph.references(vim),
        [id(&prediction.graph, "libc")]
    );
}

#[test]
fn a_closure_of_another_build_is_matched_by_name() {
    // None of these outputs is in the closure: only their names are.
    let other = "sys=system -> p=path e=etc\np=path -> g=git d=doc\ne=etc -> g=git\ng=git -> l=libc\nd=doc\nl=libc";
    let names = |text: &str| {
        text.replace("p=path e=etc", "p e")
            .replace("-> g=git d=doc", "-> g d")
            .replace("-> g=git", "-> g")
            .replace("-> l=libc", "-> l")
    };
    let prediction = predicted(&names(other), &names(other));
    assert_eq!(prediction.before.members(), prediction.after.members());
}

/// What is predicted of a closure in words, its roots named or not.
fn compared(text: &str, named: bool, after: &str) -> Result<Prediction, PredictionError> {
    let (graph, closure) = graph(text);
    let (before, after) = (recipes(&graph, AS_BUILT), recipes(&graph, after));
    predict(
        &graph,
        (&closure, named),
        (&before, &after),
        &Progress::new(),
    )
}

fn roots(prediction: &Prediction, closure: &Closure) -> Vec<String> {
    let roots = closure.roots().iter();
    roots
        .map(|&root| prediction.graph.name(root).to_owned())
        .collect()
}

const SLIM: &str = "new=system -> slim etc\nslim=path -> git\netc -> git\ngit -> libc\nlibc";

#[test]
fn of_several_roots_the_one_that_was_built_is_replaced() {
    let text = BUILT.replacen("system", "*profile 4 -> doc\n*system", 1);
    for named in [false, true] {
        let prediction = compared(&text, named, SLIM).expect("possible");
        assert_eq!(prediction.basis, Basis::Built);
        assert_eq!(
            roots(&prediction, &prediction.before),
            ["profile", "system"]
        );
        assert_eq!(roots(&prediction, &prediction.after), ["profile", "system"]);
        // The profile holds the manual all the same.
        assert_eq!(left(&prediction), ["path", "system"]);
    }
}

#[test]
fn of_named_roots_that_are_no_build_one_is_compared_and_several_are_an_error() {
    let text = "*profile 4 -> git-2\n*other 2 -> doc\ngit-2 50\ndoc 70";
    let refused = compared(text, true, SLIM).expect_err("which of them?");
    let PredictionError::NoRoot(named) = refused else {
        panic!("{refused}");
    };
    assert_eq!(named.len(), 2);
    let prediction = compared("profile 4 -> doc\ndoc 70", true, SLIM).expect("possible");
    assert_eq!(prediction.basis, Basis::Named);
    assert_eq!(roots(&prediction, &prediction.before), ["profile"]);
    assert_eq!(roots(&prediction, &prediction.after), ["system"]);
}

#[test]
fn what_was_never_built_is_compared_with_itself() {
    let prediction = compared("profile 4 -> doc\ndoc 70", false, SLIM).expect("possible");
    assert_eq!(prediction.basis, Basis::Evaluated);
    assert_eq!(roots(&prediction, &prediction.before), ["system"]);
    assert_eq!(left(&prediction), ["doc", "path", "system"]);
    assert_eq!(prediction.before.unknown_sizes(), 5);
    let same = compared("profile 4 -> doc\ndoc 70", false, AS_BUILT).expect("possible");
    assert_eq!(same.before.members(), same.after.members());
}

proptest! {
    /// Leaving one package out of the only list that names it frees what it retains.
    #[test]
    fn leaving_one_out_frees_what_it_retains(needs in prop::collection::vec(prop::collection::vec(0..12_usize, 0..4), 2..12), pick in 0..12_usize) {
        let count = needs.len();
        let pick = pick % count;
        let name = |at: usize| format!("p{at}");
        // Each needs only later ones; the list names them all.
        let lines: Vec<String> = needs.iter().enumerate().map(|(at, needs)| {
            let needs: Vec<String> = needs.iter().filter(|&&to| to > at && to < count).map(|&to| name(to)).collect();
            format!("{} 10 -> {}", name(at), needs.join(" "))
        }).collect();
        let all: Vec<String> = (0..count).map(name).collect();
        let (graph, closure) = graph(&format!("system 1 -> list\nlist 1 -> {}\n{}", all.join(" "), lines.join("\n")));
        let plain: Vec<String> = lines.iter().map(|line| line.replacen(" 10 ", " ", 1)).collect();
        let before = recipes(&graph, &format!("system -> list\nlist -> {}\n{}", all.join(" "), plain.join("\n")));
        let rest: Vec<String> = (0..count).filter(|&at| at != pick).map(name).collect();
        let after = recipes(&graph, &format!("new=system -> other\nother=list -> {}\n{}", rest.join(" "), plain.join("\n")));
        let prediction = predict(&graph, (&closure, false), (&before, &after), &Progress::new()).expect("possible");
        let list = id(&graph, "list");
        let step = crate::analysis::Step::Cut { from: list, to: id(&graph, &name(pick)) };
        let left = crate::analysis::what_if::after(&graph, &closure, &[step]);
        prop_assert_eq!(prediction.after.nar_size(), crate::analysis::Total::of(&graph, &left).exact());
    }
}
