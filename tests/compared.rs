//! The explorer beside another closure: the column of differences, what is gone and can still be looked at, and loads that
//! are cancelled, fail, or find nothing to compare with.

mod screens;

use std::fmt::Write as _;

use nix_heft::source::Request;
use nix_heft::source::SourceError;
use nix_heft::testing::explorer::{Explore, Session};
use nix_heft::testing::{Given, graph};
use screens::picture;

const AFTER: &str = "
    nixos-system-web-2 7000 -> app-1.1 perl-5.38 glibc-2.39
    app-1.1 12000000 -> gcc-12 glibc-2.39
    gcc-12 240000000 -> mpfr-4 glibc-2.39
    mpfr-4 3000000
    perl-5.38 58000000 -> glibc-2.39
    glibc-2.39 30000000
";

const BEFORE: &str = "
    nixos-system-web-1 6000 -> app-1.0 perl-5.36 glibc-2.39 firefox-120
    app-1.0 10000000 -> glibc-2.39
    perl-5.36 57000000 -> glibc-2.39
    firefox-120 220000000 -> gtk-3 glibc-2.39
    gtk-3 40000000 -> glibc-2.39
    glibc-2.39 30000000
";

/// Both in one notation, so that a path of both has one hash part.
fn sides() -> (Given, Given) {
    let both = format!("*{}\n*{}", AFTER.trim(), BEFORE.trim());
    let of = |root: &str| {
        let (graph, _) = graph(&both);
        let root = nix_heft::testing::id(&graph, root);
        let closure = nix_heft::model::Closure::of(&graph, &[root]);
        Given::of((graph, closure))
    };
    (of("nixos-system-web-2"), of("nixos-system-web-1"))
}

fn explore() -> Explore {
    let (after, before) = sides();
    let mut explore = Explore::new(Box::new(after), Request::default());
    explore.other = Box::new(move |typed, _, progress| match typed {
        Some("nowhere") => Err(SourceError::NoRoots),
        Some("cancelled") => {
            progress.cancel();
            Err(progress.check().expect_err("it is cancelled").into())
        }
        Some("nothing") => Ok(None),
        typed => {
            let name = typed.unwrap_or("system-1-link").to_owned();
            Ok(Some((name, before.0.clone())))
        }
    });
    explore
}

fn session(keys: &str, size: (u16, u16)) -> Session {
    let mut session = Session::open(explore(), size);
    session.press(keys).expect("keys are written right");
    session
}

fn frames(keys: &str) -> String {
    let mut text = String::new();
    for size in [(80, 24), (120, 40)] {
        let _ = writeln!(text, "── {}×{} {}", size.0, size.1, "─".repeat(40));
        text += &picture(&session(keys, size).frame());
    }
    text
}

fn screen(keys: &str) -> String {
    picture(&session(keys, (120, 40)).frame())
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
    packages_beside_another_closure "D1"
    packages_sorted_by_what_changed "D1c<end><up><enter>g"
    why_something_was_there "D1/gtk<enter>w"
    the_tree_of_what_is_gone "D1/gtk<enter>t"
}

#[test]
fn the_column_is_there_only_beside_another_closure() {
    let alone = screen("1");
    assert!(!alone.contains("delta"), "{alone}");
    let beside = screen("D1");
    assert!(
        beside.contains("delta") && beside.contains("+1.9 MiB"),
        "{beside}"
    );
}

#[test]
fn what_changed_is_asked_for_like_any_column() {
    let shrunk = screen("D1/delta<lt>0<enter>");
    assert!(
        shrunk.contains("firefox-120") && shrunk.contains("gtk-3"),
        "{shrunk}"
    );
    assert!(!shrunk.contains("gcc-12"), "{shrunk}");
    let grown = screen("D1/delta>100M<enter>");
    assert!(
        grown.contains("gcc-12") && !grown.contains("firefox-120"),
        "{grown}"
    );
    let alone = screen("/delta>0<enter>");
    assert!(alone.contains("delta is not known"), "{alone}");
}

#[test]
fn what_is_gone_can_be_looked_at_and_not_be_cut_or_marked() {
    let said = |keys: &str| {
        let text = screen(&format!("D1/gtk<enter>{keys}"));
        assert!(
            text.contains("it is gone: only the closure before has it"),
            "{keys}: {text}"
        );
    };
    for keys in [" ", "R", "wx", "tx", "wa"] {
        said(keys);
    }
    let why = screen("D1/gtk<enter>w");
    for part in [
        "Why was",
        "gtk-3",
        "firefox-120",
        "nixos-system-web-1",
        "gone: only in system-1-link",
    ] {
        assert!(why.contains(part), "{part}: {why}");
    }
    let found = screen("D1/firefox");
    assert!(found.contains("1 of 11 match"), "{found}");
}

#[test]
fn a_comparison_that_fails_or_is_cancelled_leaves_what_there_is() {
    for (typed, said) in [
        ("nowhere", "no root"),
        ("cancelled", ""),
        ("nothing", "no generation before this one is known"),
    ] {
        let asked = format!("DD<ctrl-u>{typed}<enter>");
        let mut session = session(&asked, (120, 40));
        let text = picture(&session.frame());
        assert!(text.contains(said), "{typed}: {text}");
        session.press("<esc><esc>1").expect("keys");
        let text = picture(&session.frame());
        assert!(
            text.contains("delta"),
            "still compared with the first: {text}"
        );
        assert!(text.contains("gcc-12"), "{text}");
    }
}
