//! Our answers against those of real Nix, on a store it builds for the test.

#[expect(dead_code, reason = "other tests use the rest of it")]
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use common::NixStore;
use nix_heft::analysis::{ClosureSizes, Order, why};
use nix_heft::job::Progress;
use nix_heft::model::{Closure, PathId, StoreGraph};
use nix_heft::source::formats::open_file;
use nix_heft::source::location::Location;
use nix_heft::source::open::open;
use nix_heft::source::{Loaded, Request};

/// What a store says of one path: size, references, whether it references itself.
type Facts = BTreeMap<String, (Option<u64>, BTreeSet<String>, bool)>;

fn location(store: &NixStore) -> Location {
    Location {
        store: Some(store.url()),
        ..Location::default()
    }
}

fn load(location: &Location, request: &Request) -> Loaded {
    let source = open(location).expect("the source is there");
    let loaded = source.load(request, &Progress::new());
    loaded.unwrap_or_else(|error| panic!("{location:?}: {error}, {:?}", error.hint()))
}

fn of_roots(store: &NixStore, roots: &[String]) -> (Loaded, Closure) {
    let request = Request {
        roots: roots.to_vec(),
        ..Request::default()
    };
    let loaded = load(&location(store), &request);
    assert_eq!(loaded.warnings, [], "a sound store gives no warning");
    let closure = Closure::of(&loaded.graph, &loaded.roots);
    (loaded, closure)
}

fn whole(store: &NixStore) -> Loaded {
    let request = Request {
        whole: true,
        ..Request::default()
    };
    load(&location(store), &request)
}

fn path(graph: &StoreGraph, id: PathId) -> String {
    graph.path(id).to_string()
}

fn paths(graph: &StoreGraph, ids: impl IntoIterator<Item = PathId>) -> BTreeSet<String> {
    ids.into_iter().map(|id| path(graph, id)).collect()
}

fn facts(graph: &StoreGraph) -> Facts {
    let fact = |id| {
        let references = paths(graph, graph.references(id).iter().copied());
        (graph.nar_size(id), references, graph.references_itself(id))
    };
    graph.ids().map(|id| (path(graph, id), fact(id))).collect()
}

/// `nix path-info --json` of some paths.
fn path_info(store: &NixStore, arguments: &[&str]) -> Vec<serde_json::Value> {
    let text = store.run("nix", &[&["path-info", "--json", "-S"], arguments].concat());
    match serde_json::from_str(&text).expect("Nix prints JSON") {
        serde_json::Value::Array(entries) => entries,
        serde_json::Value::Object(entries) => entries
            .into_iter()
            .map(|(path, mut entry)| {
                entry["path"] = path.into();
                entry
            })
            .collect(),
        other => panic!("neither a list nor an object: {other}"),
    }
}

fn text_of(value: &serde_json::Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn facts_of_nix(store: &NixStore) -> Facts {
    let fact = |entry: &serde_json::Value| {
        let path = text_of(&entry["path"]);
        let listed = entry["references"].as_array().expect("references");
        let mut references: BTreeSet<_> = listed.iter().map(text_of).collect();
        let itself = references.remove(&path);
        (path, (entry["narSize"].as_u64(), references, itself))
    };
    path_info(store, &["--all"]).iter().map(fact).collect()
}

#[test]
fn a_whole_store_is_what_nix_says_it_is() {
    let Some(store) = NixStore::build(1, 40) else {
        return;
    };
    let ours = facts(&whole(&store).graph);
    assert_eq!(ours, facts_of_nix(&store));
    assert!(
        ours.values().any(|(_, _, itself)| *itself),
        "the store has references of paths to themselves"
    );
    assert!(ours.len() > 80, "outputs and derivations");
}

#[test]
fn a_chroot_store_is_what_nix_says_it_is() {
    let Some(store) = NixStore::chroot(7, 30) else {
        return;
    };
    assert_eq!(facts(&whole(&store).graph), facts_of_nix(&store));
    let (loaded, closure) = of_roots(&store, &store.tops);
    let tops: Vec<_> = store.tops.iter().map(String::as_str).collect();
    let expected = store.query(&[&["--query", "--requisites"], &*tops].concat());
    assert_eq!(paths(&loaded.graph, closure.members().iter()), expected);
}

#[test]
fn referrers_are_those_of_nix() {
    let Some(store) = NixStore::build(2, 25) else {
        return;
    };
    let loaded = whole(&store);
    for id in loaded.graph.ids() {
        let path = path(&loaded.graph, id);
        let mut expected = store.query(&["--query", "--referrers", &path]);
        expected.remove(&path);
        let ours = paths(&loaded.graph, loaded.graph.referrers(id).iter().copied());
        assert_eq!(ours, expected, "referrers of {path}");
    }
}

#[test]
fn requisites_and_closure_sizes_are_those_of_nix() {
    let Some(store) = NixStore::build(3, 40) else {
        return;
    };
    let (loaded, closure) = of_roots(&store, &store.tops);
    let graph = &loaded.graph;
    let tops: Vec<_> = store.tops.iter().map(String::as_str).collect();
    let expected = store.query(&[&["--query", "--requisites"], &*tops].concat());
    assert_eq!(paths(graph, closure.members().iter()), expected);
    assert_eq!(graph.len(), expected.len(), "nothing but the closure");

    let order = Order::of(graph, &closure);
    let sizes = ClosureSizes::of(graph, &closure, &order, &Progress::new()).expect("not cancelled");
    for entry in path_info(&store, &[&["--recursive"], &*tops].concat()) {
        let path = text_of(&entry["path"]);
        let id = graph.ids().find(|&id| graph.path(id).to_string() == path);
        let id = id.expect("Nix and we know the same paths");
        assert_eq!(sizes.get(id), entry["closureSize"].as_u64(), "{path}");
    }
}

#[test]
fn roots_may_be_links_and_paths_inside_a_path() {
    let Some(store) = NixStore::build(4, 12) else {
        return;
    };
    let top = &store.tops[0];
    let expected = store.query(&["--query", "--requisites", top]);
    let link = store.file("result").to_string_lossy().into_owned();
    let second = store.file("link to a link");
    std::os::unix::fs::symlink(&link, &second).expect("the folder is writable");
    for root in [
        top.clone(),
        format!("{top}/share/data"),
        link.clone(),
        format!("{link}/share"),
        second.to_string_lossy().into_owned(),
    ] {
        let (loaded, closure) = of_roots(&store, std::slice::from_ref(&root));
        assert_eq!(
            paths(&loaded.graph, closure.members().iter()),
            expected,
            "{root}"
        );
        assert_eq!(paths(&loaded.graph, loaded.roots), [top.clone()].into());
    }
}

#[test]
fn without_roots_the_profile_of_the_user_is_shown() {
    if Path::new("/run/current-system").exists() {
        return; // A NixOS: its system is a default root too, and not in the store built here.
    }
    let Some(store) = NixStore::build(9, 12) else {
        return;
    };
    let profile = store.file("state/profiles/profile");
    let profile = profile.to_string_lossy();
    // Two generations: the profile leads to the second through a link of its own.
    for top in &store.tops {
        store.run("nix-env", &["--profile", &profile, "--set", top]);
    }
    fs::create_dir_all(store.file("home")).expect("the folder is writable");
    std::os::unix::fs::symlink(&*profile, store.file("home/.nix-profile")).expect("a new link");
    let list = store.heft(&["list", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&list).expect("one JSON document");
    assert_eq!(list["roots"], serde_json::json!([store.tops[1]]));
    let expected = store.query(&["--query", "--requisites", &store.tops[1]]);
    assert_eq!(
        list["totals"]["paths"].as_u64(),
        Some(expected.len() as u64)
    );
}

#[test]
fn the_shortest_chain_is_as_long_as_that_of_nix() {
    let Some(store) = NixStore::build(5, 30) else {
        return;
    };
    let top = store.tops[0].clone();
    let (loaded, closure) = of_roots(&store, std::slice::from_ref(&top));
    let graph = &loaded.graph;
    let mut longest = 0;
    for id in graph.ids().filter(|&id| id != closure.roots()[0]) {
        let path = path(graph, id);
        let tree = store.run("nix", &["why-depends", &top, &path]);
        let store_dir = graph.store_dir().to_string();
        let steps = tree
            .lines()
            .filter(|line| line.contains(&store_dir))
            .count()
            - 1;
        let chain = why::shortest_chain(graph, &closure, id).expect("a chain");
        assert_eq!(chain.len() - 1, steps, "from {top} to {path}");
        let linked = chain
            .windows(2)
            .all(|pair| graph.references(pair[0]).contains(&pair[1]));
        assert!(linked && chain.last() == Some(&id), "a chain to {path}");
        longest = longest.max(steps);
    }
    assert!(longest > 2, "chains worth the name");
}

#[test]
fn what_nix_prints_reads_as_what_its_database_holds() {
    let Some(store) = NixStore::build(6, 30) else {
        return;
    };
    let (loaded, _) = of_roots(&store, &store.tops);
    let expected = facts(&loaded.graph);
    let tops: Vec<_> = store.tops.iter().map(String::as_str).collect();
    let json = store.run("nix", &[&["path-info", "--json", "-r"], &*tops].concat());
    let all = store.query(&[&["--query", "--requisites"], &*tops].concat());
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let dump = store.run("nix-store", &[&["--dump-db"], &*all].concat());
    for (name, text) in [("closure.json", json), ("dump", dump)] {
        let file = store.file(name);
        fs::write(&file, text).expect("the folder is writable");
        let source = open_file(&file.to_string_lossy()).expect("the file is there");
        let read = source
            .load(&Request::default(), &Progress::new())
            .expect("it can be read");
        assert_eq!(facts(&read.graph), expected, "{name}");
        let mut roots: Vec<_> = paths(&read.graph, read.roots).into_iter().collect();
        roots.sort();
        let mut tops = store.tops.clone();
        tops.sort();
        assert_eq!(roots, tops, "{name}: roots are what nothing refers to");
    }
}

#[test]
fn what_is_dead_is_what_nix_would_collect() {
    let Some(store) = NixStore::build(5, 25) else {
        return;
    };
    // One of the two links goes, so that what only the second top reaches is dead.
    fs::remove_file(store.file("result-2")).expect("a second link");
    let mut counts = BTreeSet::new();
    for rules in [
        ["keep-derivations", "true", "keep-outputs", "false"],
        ["keep-derivations", "false", "keep-outputs", "false"],
        ["keep-derivations", "true", "keep-outputs", "true"],
    ] {
        let options = [
            ["--option", rules[0], rules[1]],
            ["--option", rules[2], rules[3]],
        ];
        let options = options.concat();
        let nix = store.query(&[&["--gc", "--print-dead"], &options[..]].concat());
        let asked = [&["roots", "--dead", "--format", "json", "-q"], &options[..]].concat();
        let document = store.heft(&asked);
        let document: serde_json::Value = serde_json::from_str(&document).expect("one document");
        let dead = document["dead"].as_array().expect("paths").iter();
        let dead: BTreeSet<String> = dead.map(text_of).collect();
        assert_eq!(dead, nix, "{rules:?}");
        assert_eq!(document["keepDerivations"].to_string(), rules[1]);
        assert_eq!(document["keepOutputs"].to_string(), rules[3]);
        counts.insert(dead.len());
    }
    assert_eq!(counts.len(), 3, "the rules make a difference");
}

/// What our own program prints, as one JSON document.
fn document(store: &NixStore, arguments: &[&str]) -> serde_json::Value {
    let text = store.heft(&[arguments, &["--format", "json", "-q"]].concat());
    serde_json::from_str(&text).expect("one document")
}

/// A store whose two tops are generations of a profile, the third generation being the first top again.
fn with_generations(seed: u64) -> Option<(NixStore, String)> {
    let store = NixStore::build(seed, 30)?;
    let profile = store.file("state/profiles/system");
    let profile = profile.to_string_lossy().into_owned();
    for top in [&store.tops[0], &store.tops[1], &store.tops[0]] {
        store.run("nix-env", &["--profile", &profile, "--set", top]);
    }
    Some((store, profile))
}

#[test]
fn roots_are_those_that_nix_prints() {
    let Some((store, profile)) = with_generations(21) else {
        return;
    };
    // A second link to the same path, a direct one, and links that hold nothing.
    let gcroots = store.file("state/gcroots");
    let link = |name: &str, target: &str| {
        std::os::unix::fs::symlink(target, gcroots.join(name)).expect("a link");
    };
    link("direct", &store.tops[0]);
    link("circle", "circle");
    link("auto/gone", "/nonexistent/result");
    let document = document(&store, &["roots"]);
    let roots = document["roots"].as_array().expect("roots");
    let links = roots.iter().filter(|root| root["process"].is_null());
    let ours: BTreeSet<(String, String)> = links
        .map(|root| (text_of(&root["link"]), text_of(&root["target"])))
        .collect();
    let broken: Vec<_> = document["broken"].as_array().expect("links").clone();
    let problems: Vec<_> = broken.iter().map(|one| text_of(&one["problem"])).collect();
    assert_eq!(problems, ["dangling", "circular"], "{broken:?}");
    assert!(fs::symlink_metadata(gcroots.join("auto/gone")).is_ok());

    // Nix deletes stale links as it prints, so it comes last; a circle it cannot read at all.
    fs::remove_file(gcroots.join("circle")).expect("a link");
    let printed = store.run("nix-store", &["--gc", "--print-roots"]);
    let nix: BTreeSet<(String, String)> = printed
        .lines()
        .filter_map(|line| line.split_once(" -> "))
        .filter(|(link, _)| !link.starts_with("/proc/") && !link.starts_with('{'))
        .map(|(link, target)| (link.to_owned(), target.to_owned()))
        .collect();
    assert_eq!(ours, nix);
    assert!(ours.len() >= 6, "{ours:?}");
    let generations: Vec<_> = roots
        .iter()
        .filter(|root| root["profile"] == *profile)
        .map(|root| (root["generation"].as_u64(), root["current"].as_bool()))
        .collect();
    assert_eq!(generations.len(), 3);
    assert!(generations.contains(&(Some(3), Some(true))));
}

#[test]
fn what_lies_unregistered_in_the_store_is_dead_for_nix_too() {
    let Some((store, _)) = with_generations(22) else {
        return;
    };
    let hash = nix_heft::testing::hash_part;
    let at = |name: String| store.file("store").join(name);
    fs::write(at(format!("{}-x.lock", hash(5))), "").expect("a file");
    fs::create_dir(at(format!("{}-x.drv.chroot", hash(6)))).expect("a directory");
    fs::write(at(format!("{}-left", hash(7))), vec![1; 5000]).expect("a file");
    let ours = document(&store, &["roots", "--dead"]);
    let mut dead: BTreeSet<String> = ours["dead"]
        .as_array()
        .expect("paths")
        .iter()
        .map(text_of)
        .collect();
    let unregistered = ours["unregistered"].as_array().expect("entries");
    let kinds: Vec<_> = unregistered
        .iter()
        .map(|one| text_of(&one["kind"]))
        .collect();
    assert_eq!(kinds, ["lock", "chroot", "unregistered"]);
    assert!(unregistered[2]["diskSize"].as_u64() >= Some(5000));
    dead.extend(unregistered.iter().map(|one| text_of(&one["path"])));
    assert_eq!(dead, store.query(&["--gc", "--print-dead"]));
    let alive = store.query(&["--gc", "--print-live"]);
    assert_eq!(ours["alive"]["paths"].as_u64(), Some(alive.len() as u64));
}

#[test]
fn what_a_running_nix_claims_is_alive_for_both() {
    let Some(store) = NixStore::plain() else {
        return;
    };
    let (began, end, file) = (
        store.file("began"),
        store.file("end"),
        store.file("waits.nix"),
    );
    let script = format!(
        "touch {}; until [ -e {} ]; do sleep 0.05; done; echo done > $out",
        began.display(),
        end.display()
    );
    let expression = format!(
        r#"derivation {{ name = "waits"; system = builtins.currentSystem; builder = "/bin/sh";
            PATH = "/usr/bin:/bin"; args = [ "-c" "{script}" ]; }}"#
    );
    fs::write(&file, expression).expect("the folder is writable");
    let drv = store.run("nix-instantiate", &[&file.to_string_lossy(), "--quiet"]);
    let drv = drv.trim().to_owned();
    let dead = || {
        let ours = document(&store, &["roots", "--dead"]);
        let ours = ours["dead"].as_array().expect("paths").iter().map(text_of);
        let ours: Vec<String> = ours.collect();
        let nix = store.query(&["--gc", "--print-dead"]);
        [ours.contains(&drv), nix.contains(&drv)]
    };
    let before = dead();
    let mut build = store.command("nix-build", &[&file.to_string_lossy(), "--no-out-link"]);
    let mut build = build.spawn().expect("Nix is here");
    while !began.exists() && build.try_wait().expect("a process").is_none() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let meanwhile = dead();
    let alive = document(&store, &["why", "--alive", &drv]);
    fs::write(&end, "").expect("the folder is writable");
    assert!(build.wait().expect("a process").success());
    let after = dead();
    assert_eq!(
        (before, meanwhile, after),
        ([true; 2], [false; 2], [true; 2])
    );
    assert!(alive.to_string().contains("\"temporary\""), "{alive}");
}

#[test]
fn what_roots_hold_together_is_what_nix_counts_without_them() {
    let Some((store, profile)) = with_generations(23) else {
        return;
    };
    for rules in [["true", "false"], ["false", "false"], ["true", "true"]] {
        let options = [
            ["--option", "keep-derivations", rules[0]],
            ["--option", "keep-outputs", rules[1]],
        ];
        let options = options.concat();
        let dead = || store.query(&[&["--gc", "--print-dead"], &options[..]].concat());
        let before = dead();
        let second = format!("{profile}-2-link");
        let result = store.file("result-2");
        let result = result.to_string_lossy();
        let drop = ["roots", "--drop", &second, "--drop", &result];
        let ours = document(&store, &[&drop, &options[..]].concat());
        let leaving = ours["drop"]["leaving"].as_array().expect("paths").iter();
        let leaving: BTreeSet<String> = leaving.map(text_of).collect();
        // The links are moved out of the way, and back.
        let links = [second.as_str(), &result];
        let aside = store.file("aside");
        fs::create_dir_all(&aside).expect("a directory");
        for (at, link) in links.iter().enumerate() {
            fs::rename(link, aside.join(at.to_string())).expect("a link");
        }
        let auto = store.file("state/gcroots/auto");
        let kept = store.file("kept");
        let copied = std::process::Command::new("cp")
            .arg("-a")
            .arg(&auto)
            .arg(&kept)
            .status();
        assert!(copied.expect("cp").success());
        let after = dead();
        fs::remove_dir_all(&auto).expect("a directory");
        fs::rename(&kept, &auto).expect("a directory");
        for (at, link) in links.iter().enumerate() {
            fs::rename(aside.join(at.to_string()), link).expect("a link");
        }
        let gone: BTreeSet<String> = after.difference(&before).cloned().collect();
        assert_eq!(leaving, gone, "{rules:?}");
        assert!(!leaving.is_empty());
        let commands: Vec<_> = ours["drop"]["commands"]
            .as_array()
            .expect("lines")
            .iter()
            .map(text_of)
            .collect();
        assert_eq!(
            commands,
            [
                format!("nix-env -p {profile} --delete-generations 2"),
                format!("rm {result}"),
                "nix-collect-garbage".to_owned()
            ]
        );
    }
}

#[test]
fn generations_go_as_nix_env_would_let_them_go() {
    let Some((store, profile)) = with_generations(24) else {
        return;
    };
    for top in [&store.tops[1], &store.tops[0], &store.tops[1]] {
        store.run("nix-env", &["--profile", &profile, "--set", top]);
    }
    store.run(
        "nix-env",
        &["--profile", &profile, "--switch-generation", "5"],
    );
    // Made 50, 40, 30, 20, 10 and 0 days ago.
    for number in 1..=6_u64 {
        let days = format!("{} days ago", (6 - number) * 10);
        let link = format!("{profile}-{number}-link");
        let touched = std::process::Command::new("touch")
            .args(["-h", "-d", &days, &link])
            .status();
        assert!(touched.expect("touch").success());
    }
    let all = document(&store, &["generations", &profile]);
    let generations = all["generations"].as_array().expect("generations");
    assert_eq!(generations.len(), 6);
    for (at, one) in generations.iter().enumerate() {
        let target = text_of(&one["target"]);
        let size = path_info(&store, &[&target])[0]["closureSize"].as_u64();
        assert_eq!(one["closure"]["narSize"].as_u64(), size);
        assert_eq!(one["current"], serde_json::json!(at == 4));
        assert_eq!(target, store.tops[at % 2]);
    }
    for (option, value, nix) in [
        ("--older-than", "25d", "25d"),
        ("--older-than", "15d", "15d"),
        ("--older-than", "200d", "200d"),
        ("--keep-last", "1", "+1"),
        ("--keep-last", "3", "+3"),
        ("--keep-last", "9", "+9"),
    ] {
        let ours = document(&store, &["generations", &profile, option, value]);
        let ours = ours["whatIf"]["generations"]
            .as_array()
            .expect("numbers")
            .clone();
        let mut ours: Vec<u64> = ours.iter().filter_map(serde_json::Value::as_u64).collect();
        let delete = [
            "--profile",
            &profile,
            "--delete-generations",
            nix,
            "--dry-run",
        ];
        let mut command = store.command("nix-env", &delete);
        let output = command.output().expect("nix-env runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut theirs: Vec<u64> = said
            .lines()
            .filter_map(|line| {
                line.split("version ")
                    .nth(1)?
                    .split(' ')
                    .next()?
                    .parse()
                    .ok()
            })
            .collect();
        ours.sort_unstable();
        theirs.sort_unstable();
        assert_eq!(ours, theirs, "{option} {value}: {said}");
    }
    assert_eq!(
        fs::read_link(&profile).expect("a link").to_string_lossy(),
        "system-5-link"
    );
}

#[test]
fn a_path_is_alive_by_the_roots_that_nix_names() {
    let Some((store, profile)) = with_generations(25) else {
        return;
    };
    let requisites = store.query(&["--query", "--requisites", &store.tops[1]]);
    for target in requisites.iter().take(8) {
        let ours = document(&store, &["why", "--alive", target]);
        assert_eq!(ours["alive"], true);
        let held = ours["heldBy"].as_array().expect("roots").iter();
        let ours: BTreeSet<String> = held
            .flat_map(|one| one["links"].as_array().expect("links").clone())
            .map(|link| text_of(&link))
            .collect();
        let printed = store.run("nix-store", &["--query", "--roots", target]);
        let nix: BTreeSet<String> = printed
            .lines()
            .filter_map(|line| line.split(" -> ").next())
            .map(str::to_owned)
            .collect();
        assert_eq!(ours, nix, "{target}");
    }
    let name = store.tops[1].rsplit('/').next().expect("a name");
    let name = name.split_once('-').expect("a hash part").1;
    let ours = document(&store, &["when", name, &profile]);
    assert_eq!((&ours["first"], &ours["last"]), (&2.into(), &2.into()));
    let dead = store.query(&["--gc", "--print-dead"]);
    if let Some(dead) = dead.iter().next() {
        let ours = document(&store, &["why", "--alive", dead]);
        assert_eq!(ours["alive"], false);
    }
}

#[test]
fn the_program_prints_what_nix_knows() {
    let Some(store) = NixStore::build(8, 30) else {
        return;
    };
    let top = store.tops[0].as_str();
    // The store is found through the variables that Nix itself honours.
    let list = store.heft(&["list", "--format", "json", top]);
    let list: serde_json::Value = serde_json::from_str(&list).expect("one JSON document");
    assert_eq!(list["storeDir"], *store.file("store").to_string_lossy());
    assert_eq!(list["roots"], serde_json::json!([top]));
    let ours: BTreeMap<_, _> = list["paths"]
        .as_array()
        .expect("paths")
        .iter()
        .map(|row| {
            (
                text_of(&row["path"]),
                (row["narSize"].as_u64(), row["closureSize"].as_u64()),
            )
        })
        .collect();
    let nix: BTreeMap<_, _> = path_info(&store, &["--recursive", top])
        .iter()
        .map(|row| {
            (
                text_of(&row["path"]),
                (row["narSize"].as_u64(), row["closureSize"].as_u64()),
            )
        })
        .collect();
    assert_eq!(ours, nix);
    assert_eq!(list["totals"]["narSize"].as_u64(), nix[top].1);
    assert_eq!(list["totals"]["paths"].as_u64(), Some(nix.len() as u64));

    let target = nix
        .keys()
        .find(|path| *path != top)
        .expect("more than the top");
    let why = store.heft(&["why", target, top, "--format", "json"]);
    let why: serde_json::Value = serde_json::from_str(&why).expect("one JSON document");
    let referrers: BTreeSet<_> = why["referrers"]
        .as_array()
        .expect("referrers")
        .iter()
        .map(text_of)
        .collect();
    let mut expected = store.query(&["--query", "--referrers", target]);
    expected.retain(|path| path != target && nix.contains_key(path));
    assert_eq!(referrers, expected);
}

/// A chroot store of derivations, with its database changed behind Nix's back.
fn altered(sql: &str) -> Option<(NixStore, BTreeSet<String>)> {
    let store = NixStore::chroot(11, 30)?;
    let tops: Vec<_> = store.tops.iter().map(String::as_str).collect();
    let requisites = store.query(&[&["--query", "--requisites"], &*tops].concat());
    let file = store.file("root/nix/var/nix/db/db.sqlite");
    let connection = rusqlite::Connection::open(file).expect("the database");
    let off = connection.execute_batch("PRAGMA foreign_keys = OFF");
    off.and_then(|()| connection.execute_batch(sql))
        .expect("valid SQL");
    Some((store, requisites))
}

fn build_time(store: &NixStore) -> (Loaded, BTreeSet<String>) {
    let request = Request {
        roots: store.tops.clone(),
        ..Request::default()
    };
    let loaded = load(&location(store), &request);
    let found = paths(&loaded.graph, loaded.graph.ids());
    (loaded, found)
}

/// What Nix says of the same derivations before the database was changed.
fn sound_facts() -> Option<Facts> {
    let store = NixStore::chroot(11, 30)?;
    let all = facts_of_nix(&store);
    let (_, requisites) = build_time(&store);
    Some(
        all.into_iter()
            .filter(|(path, _)| requisites.contains(path))
            .collect(),
    )
}

#[test]
fn derivations_are_read_from_their_files_where_the_database_says_less() {
    let Some(sound) = sound_facts() else { return };
    for sql in [
        "DELETE FROM Refs",
        "DELETE FROM Refs WHERE referrer % 2 = 0",
        "DELETE FROM Refs WHERE referrer % 3 = 1 OR referrer IN (SELECT referrer FROM Refs WHERE reference % 3 = 1);
         DELETE FROM ValidPaths WHERE id % 3 = 1 AND path LIKE '%.drv'",
        "DELETE FROM Refs; DELETE FROM ValidPaths WHERE path LIKE '%.drv'",
        "DELETE FROM ValidPaths; DELETE FROM Refs",
    ] {
        let (store, requisites) = altered(sql).expect("there is a Nix");
        let (loaded, found) = build_time(&store);
        assert_eq!(found, requisites, "{sql}");
        assert_eq!(loaded.roots.len(), 2);
        let ours = facts(&loaded.graph);
        for (path, (size, references, _)) in &sound {
            assert_eq!(&ours[path].1, references, "{path} after {sql}");
            let is_derivation = path.as_bytes().ends_with(b".drv");
            assert!(
                !is_derivation || ours[path].0 == *size,
                "size of {path} after {sql}"
            );
        }
        let told = loaded.warnings.iter().map(ToString::to_string);
        let told: Vec<String> = told.collect();
        assert!(
            told.iter()
                .any(|line| line.contains("read from their files")),
            "{told:?}"
        );
    }
}

#[test]
fn a_derivation_that_cannot_be_read_is_named() {
    let Some((store, requisites)) = altered("DELETE FROM Refs") else {
        return;
    };
    let (loaded, _) = build_time(&store);
    let inner = loaded
        .graph
        .ids()
        .find(|id| !loaded.roots.contains(id) && !loaded.graph.references(*id).is_empty())
        .expect("a derivation that others need");
    let name = loaded.graph.base_name(inner).to_owned();
    let file = store.file("root/nix/store").join(&name);
    let text = fs::read(&file).expect("a derivation");
    fs::remove_file(&file).expect("a folder that may be changed");
    fs::write(&file, &text[..text.len() / 2]).expect("a folder that may be changed");
    let (cut, found) = build_time(&store);
    assert!(found.is_subset(&requisites));
    assert_eq!(
        cut.graph
            .references(cut.graph.find(&name).expect("named by others")),
        []
    );
    let told: Vec<String> = cut.warnings.iter().map(ToString::to_string).collect();
    let kind = "derivations that cannot be read";
    assert!(
        told.iter()
            .any(|line| line.contains(kind) && line.contains(&name)),
        "{told:?}"
    );
}

#[test]
fn a_root_that_is_no_derivation_inside_is_an_error() {
    let Some((store, _)) = altered("DELETE FROM Refs; DELETE FROM ValidPaths") else {
        return;
    };
    let top = Path::new(&store.tops[0])
        .strip_prefix("/")
        .expect("a full path");
    let file = store.file("root").join(top);
    fs::remove_file(&file).expect("a folder that may be changed");
    fs::write(&file, "Derive([(").expect("a folder that may be changed");
    let source = open(&location(&store)).expect("the source is there");
    let request = Request {
        roots: store.tops.clone(),
        ..Request::default()
    };
    let error = source
        .load(&request, &Progress::new())
        .expect_err("cut off");
    let told = error.to_string();
    assert!(told.starts_with(&file.display().to_string()), "{told}");
    assert!(told.contains("ATerm parse error at byte 9"), "{told}");
    assert!(error.hint().is_some_and(|hint| hint.contains("--verify")));
}
