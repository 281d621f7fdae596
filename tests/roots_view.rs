//! The view of roots on a store that has some: marked together, explained, sorted, their commands copied.

mod screens;

use std::fmt::Write as _;

use nix_heft::job::Progress;
use nix_heft::source::roots::gc::{
    BrokenLink, GcRoot, GcRoots, Generation, LinkProblem, Process, RootKind,
};
use nix_heft::source::{Loaded, Request, Source, SourceError};
use nix_heft::testing::explorer::{Explore, Session};
use nix_heft::testing::{Given, graph};
use screens::picture;

const STORE: &str = "
    nixos-system-web-24.05 7000 -> perl-5.38 glibc-2.39
    nixos-system-web-23.11 6000 -> perl-5.36 glibc-2.38
    user-environment 2000 -> hello-2.12 glibc-2.39
    hello-2.12 200000 -> glibc-2.38
    firefox-120 240000000 -> glibc-2.38
    perl-5.38 58000000 -> glibc-2.39
    perl-5.36 57000000 -> glibc-2.38
    glibc-2.39 30000000
    glibc-2.38 29000000
    lost-1.0 5000000
    lost-0.9 4000000 -> glibc-2.38
";

/// A store with roots of every kind.
struct Rooted {
    given: Given,
    roots: GcRoots,
}

impl Source for Rooted {
    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        self.given.load(request, progress)
    }

    fn gc_roots(&self, _: &Progress) -> Result<Option<GcRoots>, SourceError> {
        Ok(Some(self.roots.clone()))
    }
}

fn rooted() -> Explore {
    let (graph, closure) = graph(STORE);
    let root = |link: &str, name: &str, kind: RootKind| {
        let target = graph.ids().find(|&id| graph.name(id) == name);
        GcRoot {
            link: link.into(),
            registered: None,
            target: graph.base_name(target.expect("a path")).to_owned(),
            kind,
            owner: Some("root".to_owned()),
            created: Some(1_700_000_000),
            generation: None,
            process: None,
        }
    };
    let generation = |profile: &str, number: u64, current: bool, name: &str| GcRoot {
        created: Some(1_700_000_000 + number.cast_signed() * 86_400),
        generation: Some(Generation {
            profile: profile.into(),
            number,
            current,
            has_manifest: false,
        }),
        ..root(&format!("{profile}-{number}-link"), name, RootKind::Profile)
    };
    let process = Process {
        number: 812,
        name: Some("hello\u{1b}[2J".to_owned()),
    };
    let system = "/nix/var/nix/profiles/system";
    let (new, old) = ("nixos-system-web-24.05", "nixos-system-web-23.11");
    let roots = vec![
        root("/run/current-system", new, RootKind::System),
        generation(system, 41, false, old),
        generation(system, 42, true, new),
        generation(
            "/nix/var/nix/profiles/per-user/u/profile",
            3,
            true,
            "user-environment",
        ),
        GcRoot {
            registered: Some("/nix/var/nix/gcroots/auto/abc".into()),
            ..root("/home/u/work/result", "firefox-120", RootKind::Result)
        },
        root("/home/u/old/result", old, RootKind::Result),
        root("/home/u/older/result", old, RootKind::Result),
        GcRoot {
            process: Some(process),
            created: None,
            ..root("/proc/812/exe", "hello-2.12", RootKind::Process)
        },
    ];
    let broken = vec![BrokenLink {
        link: "/nix/var/nix/gcroots/auto/gone\nhere".into(),
        problem: LinkProblem::Dangling,
    }];
    let roots = GcRoots {
        roots,
        broken,
        ..GcRoots::default()
    };
    let given = Given::of((graph, closure));
    Explore::new(Box::new(Rooted { given, roots }), Request::default())
}

fn frames(keys: &str) -> String {
    let mut text = String::new();
    for size in [(80, 24), (120, 40)] {
        let mut session = Session::open(rooted(), size);
        session.press(keys).expect("keys are written right");
        let _ = writeln!(text, "── {}×{} {}", size.0, size.1, "─".repeat(40));
        text += &picture(&session.frame());
    }
    text
}

macro_rules! pictures {
    ($($name:ident $keys:literal)*) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), frames($keys), $keys);
        }
    )*};
}

pictures! {
    roots_of_the_store "8"
    roots_marked_together "8gjjjj jjjjjjj "
    about_a_root "8gjjjjjjjjjj<enter>"
    roots_sorted_by_age "8sS"
    what_nothing_keeps "8+G<pgup>"
    what_a_generation_brought "8gjjj<right>"
    what_could_be_let_go "8gjjjjjjjj "
}

/// The session after some keys, and its screen as text.
fn after(keys: &str) -> (Session, String) {
    let mut session = Session::open(rooted(), (120, 40));
    session.press(keys).expect("keys are written right");
    let text = picture(&session.frame());
    (session, text)
}

#[test]
fn marks_free_together_more_than_each_alone() {
    let (mut session, text) = after("8");
    assert!(text.contains("7 roots keep"), "{text}");
    let place = |text: &str, word: &str| {
        let found = text.lines().position(|line| line.contains(word));
        found.unwrap_or_else(|| panic!("{word} in {text}"))
    };
    let top = place(&text, "▾ running and booted system");
    for word in ["▸ system 41", "     /home/u/old/result"] {
        session.press("g").expect("keys");
        let down = place(&picture(&session.frame()), word) - top;
        session.press(&"j".repeat(down)).expect("keys");
        session.press(" ").expect("keys");
    }
    let text = picture(&session.frame());
    // The old system, its perl; hello and firefox still need the library.
    assert!(
        text.contains("2 roots marked: dropping them frees 54.4 MiB in 2 paths"),
        "{text}"
    );
    session.press("d").expect("keys");
    let text = picture(&session.frame());
    assert!(
        text.contains("copied nix-env -p /nix/var/nix/profiles/system --delete-generations 41"),
        "{text}"
    );
    session.press(" ").expect("keys");
    let text = picture(&session.frame());
    assert!(
        text.contains("1 root marked: dropping them frees 0 B in 0 paths"),
        "{text}"
    );
}

#[test]
fn no_name_of_a_root_disturbs_the_screen() {
    for keys in ["8", "8+G", "8Gkkk<enter>"] {
        let (_, text) = after(keys);
        let odd = text
            .chars()
            .find(|&letter| letter != '\n' && letter.is_control());
        assert_eq!(odd, None, "{keys}");
    }
}

#[test]
fn a_store_that_is_read_again_has_the_same_roots_marks_and_open_generations() {
    for keys in ["8gjj jj ", "8gjjj<right>"] {
        let (mut session, text) = after(keys);
        session.press("r").expect("keys");
        let again = picture(&session.frame());
        let rows = |text: &str| {
            text.lines()
                .rev()
                .skip(1)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(rows(&again), rows(&text), "{keys}");
    }
    let (mut session, _) = after("8gjjj<right>jj");
    session.press("r").expect("keys");
    let text = picture(&session.frame());
    assert!(text.contains("▌    ▾ system 42"), "from below it: {text}");
}

#[test]
fn a_generation_opens_into_what_it_brought_and_closes_again() {
    let (mut session, text) = after("8gjjj<right>");
    for part in [
        "▾ system 42, in use",
        "~ perl  5.36 → 5.38",
        "~ glibc  2.38 → 2.39",
        "+976.6 KiB",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // Sorting leaves open what is open; the cursor goes in, and out again.
    session.press("ssss").expect("keys");
    let text = picture(&session.frame());
    assert!(text.contains("~ perl  5.36 → 5.38"), "{text}");
    session.press("<right>j<left>").expect("keys");
    let text = picture(&session.frame());
    assert!(
        !text.contains("perl  5.36") && text.contains("▌    ▸ system 42"),
        "{text}"
    );
    // The oldest one has nothing before it.
    session.press("j<right>").expect("keys");
    let text = picture(&session.frame());
    assert!(
        text.contains("the oldest: nothing to compare it with"),
        "{text}"
    );
}

#[test]
fn what_a_rule_lets_go_is_marked_and_its_commands_copied() {
    let (mut session, text) = after("8gjjjjjjjj");
    assert!(
        text.contains("system: keep the last one  (1 generation)"),
        "{text}"
    );
    session.press("d").expect("keys");
    let text = picture(&session.frame());
    let command = "nix-env -p /nix/var/nix/profiles/system --delete-generations 41";
    assert!(text.contains(&format!("copied {command}")), "{text}");
    session.press(" ").expect("keys");
    let text = picture(&session.frame());
    assert!(
        text.contains("1 root marked: dropping them frees 0 B"),
        "{text}"
    );
    assert!(text.contains("●   ▸ system 41"), "{text}");
    session.press(" ").expect("keys");
    let text = picture(&session.frame());
    assert!(!text.contains("root marked"), "{text}");
}
