//! Origins on closures in words.

use proptest::prelude::*;

use super::*;
use crate::job::Progress;
use crate::testing::{any_graph, graph, id};

const SYSTEM: &str = "nixos-system-web-24.05 10 -> etc system-path linux-6.6.1 perl-5.38
    etc 1 -> system-units etc-nix-registry.json user-environment etc-motd
    system-units 1 -> unit-nginx.service unit-getty-.service unit-script-web-pre-start
    unit-nginx.service 1 -> nginx-1.24 coreutils-9.4
    unit-getty-.service 1 -> coreutils-9.4
    unit-script-web-pre-start 1 -> coreutils-9.4
    system-path 1 -> git-2.44 coreutils-9.4
    user-environment 1 -> htop-3
    etc-nix-registry.json 1 -> source
    etc-motd 1
    git-2.44 50 -> glibc-2.39
    nginx-1.24 40 -> glibc-2.39
    htop-3 20 -> glibc-2.39
    coreutils-9.4 30 -> glibc-2.39
    linux-6.6.1 100
    source 200
    perl-5.38 60 -> glibc-2.39
    glibc-2.39 25";

fn read(text: &str, target: &str) -> Vec<(String, Option<String>)> {
    let (graph, closure) = graph(text);
    let origins = Origins::inferred(&graph, &closure);
    let found = origins.bringing(&graph, &closure, id(&graph, target));
    let told = found.iter().map(|brought| {
        let via = brought.via.map(|via| graph.name(via).to_owned());
        (brought.definition.option.clone(), via)
    });
    told.collect()
}

fn options(target: &str) -> Vec<String> {
    read(SYSTEM, target)
        .into_iter()
        .map(|(option, _)| option)
        .collect()
}

#[test]
fn names_of_generated_paths_tell_their_option() {
    assert_eq!(options("git-2.44"), ["environment.systemPackages"]);
    assert_eq!(options("nginx-1.24"), ["systemd.services.nginx"]);
    assert_eq!(
        options("unit-getty-.service"),
        ["systemd.services.\"getty@\""]
    );
    assert_eq!(options("source"), ["nix.registry"]);
    assert_eq!(options("etc-motd"), ["environment.etc.motd"]);
    assert_eq!(options("htop-3"), ["users.users.<name>.packages"]);
    assert_eq!(options("linux-6.6.1"), ["boot.kernelPackages.kernel"]);
    assert_eq!(options("perl-5.38"), ["system.activationScripts"]);
    let mut all = options("coreutils-9.4");
    all.sort();
    let expected = [
        "environment.systemPackages",
        "systemd.services.\"getty@\"",
        "systemd.services.nginx",
        "systemd.services.web",
    ];
    assert_eq!(all, expected);
}

#[test]
fn what_no_option_names_comes_with_what_needs_it() {
    let found = read(SYSTEM, "glibc-2.39");
    let via: Vec<&str> = found.iter().filter_map(|(_, via)| via.as_deref()).collect();
    for name in [
        "git-2.44",
        "nginx-1.24",
        "htop-3",
        "coreutils-9.4",
        "perl-5.38",
    ] {
        assert!(via.contains(&name), "{name} in {via:?}");
    }
    assert!(read("app 1 -> lib\nlib 1", "lib").is_empty());
}

#[test]
fn evaluated_definitions_come_before_what_names_tell() {
    let (graph, closure) = graph(SYSTEM);
    let mut origins = Origins::of_config("here".to_owned());
    let place = |own| {
        Some(DefinitionPlace {
            file: "hosts/web.nix".to_owned(),
            line: Some(12),
            is_likely: false,
            own,
        })
    };
    let generated = origins.add(Definition {
        option: "system.path".to_owned(),
        is_generated: true,
        ..Definition::default()
    });
    let own = origins.add(Definition {
        option: "environment.systemPackages".to_owned(),
        place: place(true),
        ..Definition::default()
    });
    origins.name(id(&graph, "git-2.44"), generated);
    origins.name(id(&graph, "git-2.44"), own);
    let inferred = Origins::inferred(&graph, &closure);
    origins.complete_with(&inferred, &graph, &closure);
    let git = origins.of(id(&graph, "git-2.44"));
    assert_eq!(git.len(), 1);
    assert_eq!(git[0].place, place(true));
    let nginx = origins.of(id(&graph, "nginx-1.24"));
    assert!(nginx[0].is_inferred);
}

fn league(text: &str, by: By) -> League {
    let (graph, closure) = graph(text);
    let origins = Origins::inferred(&graph, &closure);
    League::of(&graph, &closure, &origins, by, &Progress::new()).expect("not cancelled")
}

#[test]
fn the_league_ranks_by_what_would_leave() {
    let league = league(SYSTEM, By::Option);
    let of = |option: &str| {
        let mut all = league.0.iter();
        let found = all.find(|one| one.key.as_deref() == Some(option));
        let one = found.unwrap_or_else(|| panic!("no {option}"));
        (one.retained.nar_size, one.needs.nar_size)
    };
    assert_eq!(league.0[0].key.as_deref(), Some("nix.registry"));
    assert_eq!(of("nix.registry"), (201, 201));
    // Coreutils is named by others, too; the generated path itself goes with its option.
    assert_eq!(of("systemd.services.nginx").0, 41);
    assert_eq!(of("environment.systemPackages").0, 51);
    assert_eq!(of("boot.kernelPackages.kernel"), (100, 100));
}

#[test]
fn files_are_unknown_where_nothing_was_evaluated() {
    let league = league(SYSTEM, By::File);
    assert_eq!(league.0.len(), 1);
    assert_eq!((&league.0[0].key, league.0[0].own), (&None, None));
}

proptest! {
    #[test]
    fn whatever_is_named_is_in_the_closure((graph, closure) in any_graph(12), picks in prop::collection::vec((0..12_usize, 0..4_u32), 0..10), pick in 0..12_usize) {
        let mut origins = Origins::default();
        for at in 0..4 {
            origins.add(Definition { option: format!("o{at}"), ..Definition::default() });
        }
        for (path, definition) in picks {
            let path = PathId::new(path % graph.len());
            if closure.contains(path) {
                origins.name(path, definition);
            }
        }
        let target = PathId::new(pick % graph.len());
        if closure.contains(target) {
            for brought in origins.bringing(&graph, &closure, target) {
                let via = brought.via.unwrap_or(target);
                prop_assert!(closure.contains(via));
                prop_assert!(Closure::of(&graph, &[via]).contains(target));
            }
        }
        let league = League::of(&graph, &closure, &origins, By::Option, &Progress::new()).expect("not cancelled");
        let share: u64 = league.0.iter().map(|one| one.share).sum();
        prop_assert!(share <= closure.known_nar_size());
        for one in &league.0 {
            prop_assert!(one.retained.nar_size <= closure.known_nar_size());
        }
    }
}
