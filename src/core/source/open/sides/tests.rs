//! What the words for a side mean, and what becomes of two sides.

use tempfile::TempDir;

use super::*;
use crate::model::{GraphBuilder, StoreDir};
use crate::source::location::UserEnvironment;
use crate::source::open::open_in;
use crate::testing::{Given, graph, id};

fn lab() -> (TempDir, Environment) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let root = fs::canonicalize(dir.path()).expect("a directory");
    let environment = Environment {
        user: UserEnvironment {
            current_dir: root.clone(),
            ..UserEnvironment::default()
        },
        store_dir: None,
        state_dir: None,
        remote: None,
        nix: "nix".into(),
        system_root: root,
    };
    (dir, environment)
}

fn side(typed: &str, base: &Location, environment: &Environment) -> Side {
    Side::of_in(typed, base, environment).expect("it means something")
}

#[test]
fn a_word_is_a_root_unless_something_of_that_name_can_be_opened() {
    let (dir, environment) = lab();
    let root = &environment.user.current_dir;
    let make = |name: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, "").expect("a file");
    };
    for name in [
        "a.json",
        "odd#name.json",
        "cache/nix-cache-info",
        "other/x",
        "chroot/nix/var/nix/db/db.sqlite",
        "nix/var/nix/db/db.sqlite",
    ] {
        make(name);
    }
    fs::create_dir_all(root.join("nix/var/nix/profiles")).expect("a directory");
    let store_path = format!("/nix/store/{}-x", "0".repeat(32));
    for link in ["result", "nix/var/nix/profiles/system-42-link"] {
        std::os::unix::fs::symlink(&store_path, root.join(link)).expect("a link");
    }
    let generation = root.join("nix/var/nix/profiles/system-42-link");
    let generation = generation.display().to_string();
    let cache = format!("file://{}/cache", root.display());
    // What is typed, the file, the store, the root.
    let cases = [
        ("a.json", Some("a.json"), None, None),
        ("from:a.json", Some("a.json"), None, None),
        ("from:a.json#hello", Some("a.json"), None, Some("hello")),
        ("odd#name.json", Some("odd#name.json"), None, None),
        ("from:odd#name.json", Some("odd#name.json"), None, None),
        ("-", Some("-"), None, None),
        ("cache", None, Some(cache.as_str()), None),
        ("chroot", None, Some("chroot"), None),
        ("store:https://c#x", None, Some("https://c"), Some("x")),
        ("other", None, None, Some("other")),
        ("result", None, None, Some("result")),
        ("nixpkgs#hello", None, None, Some("nixpkgs#hello")),
        (&store_path, None, None, Some(store_path.as_str())),
        ("system-42-link", None, None, Some(generation.as_str())),
        ("system-43-link", None, None, Some("system-43-link")),
    ];
    for (typed, from, store, expected) in cases {
        let side = side(typed, &Location::default(), &environment);
        let location = &side.location;
        assert_eq!(
            (location.from.as_deref(), location.store.as_deref()),
            (from, store),
            "{typed}"
        );
        assert_eq!(side.roots.first().map(String::as_str), expected, "{typed}");
    }
    let within = Location {
        from: Some("all.json".to_owned()),
        ..Location::default()
    };
    let of_file = side("a.json", &within, &environment);
    assert_eq!(
        (&of_file.location, &of_file.roots[0][..]),
        (&within, "a.json")
    );
    assert!(Side::of_in(" ", &within, &environment).is_err());
}

fn loaded(text: &str) -> Loaded {
    Given::of(graph(text)).0
}

#[test]
fn what_is_odd_about_two_sides_is_said() {
    let kinds = |sides: &Sides| {
        let kinds = sides.warnings.iter().map(|one| one.kind.as_str());
        kinds.collect::<Vec<_>>().join("; ")
    };
    let plain = joined(loaded("app 1 -> lib\nlib 2"), loaded("app 1 -> lib\nlib 2"));
    let plain = plain.expect("the same directory");
    assert_eq!(kinds(&plain), "both sides are the same, so nothing differs");
    assert_eq!((plain.before.len(), plain.after.nar_size()), (2, Some(3)));
    let bare = joined(
        loaded("app ? -> lib\nlib ?"),
        loaded("new 1 -> more\nmore 2"),
    );
    let bare = bare.expect("the same directory");
    assert!(kinds(&bare).starts_with("no sizes are known of what is before"));
    let app = id(&bare.graph, "app");
    assert!(bare.before.contains(app) && !bare.after.contains(app));

    let mut elsewhere = loaded("app 1");
    let directory = StoreDir::new("/gnu/store").expect("absolute");
    elsewhere.graph = Arc::new(GraphBuilder::new(directory, false).finish(&[]).graph);
    elsewhere.roots.clear();
    let error = joined(loaded("app 1"), elsewhere).expect_err("other directories");
    assert!(error.to_string().contains("/gnu/store"), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn standard_input_is_one_side_at_most() {
    let (_dir, environment) = lab();
    let base = Location::default();
    let input = side("-", &base, &environment);
    let other = side("from:-#x", &base, &environment);
    let same = refuse_one_input(&input, &other).expect_err("only once");
    assert!(matches!(same, SourceError::Usage { .. }));
    assert!(open_in(&side("store:", &base, &environment).location, &environment).is_err());
}

#[test]
fn a_link_that_changes_while_the_sides_are_read_is_told() {
    let (dir, environment) = lab();
    let link = |name: &str, to: &str| {
        let path = dir.path().join(name);
        let _ = fs::remove_file(&path);
        let target = format!("/nix/store/{}-{to}", "0".repeat(32));
        std::os::unix::fs::symlink(target, &path).expect("a link");
        path.display().to_string()
    };
    let (same, other) = (link("same", "a"), link("other", "a"));
    let base = Location::default();
    let [before, after] = [&same, &other].map(|typed| side(typed, &base, &environment));
    let led = [before.led(), after.led()];
    assert_eq!(moved([&before, &after], &led), []);
    link("other", "b");
    let told = moved([&before, &after], &led);
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    let said = format!("a link that changed while the sides were read: {other}");
    assert_eq!(told, [said]);
    // Gone altogether is another place, too.
    fs::remove_file(&same).expect("there");
    assert_eq!(moved([&before, &after], &led).len(), 1);
    let sum: usize = moved([&before, &after], &led)
        .iter()
        .map(|one| one.count)
        .sum();
    assert_eq!(sum, 2);
}
