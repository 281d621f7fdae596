//! Pictures of the views that are lists of groups, and what their keys do.

mod screens;

use nix_archive::nar::{CaseHack, encode_path};
use std::fmt::Write as _;

use nix_heft::source::Request;
use nix_heft::testing::explorer::Explore;
use nix_heft::testing::explorer::{Session, screen_text};
use nix_heft::testing::{self, Given};
use screens::picture;

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (200, 60), (40, 12)];

/// A system with two systemds, three openssls (one of which the newest needs), and much weight behind two references.
const SYSTEM: &str = "
    nixos-system-demo-23.05 7000 -> system-path etc linux-6.1.51 systemd-253
    system-path 900000 -> git-2.40.1 gimp-2.10.34 bash-5.2 inkscape-1.2
    etc 4000 -> unit-dbus bash-5.2
    unit-dbus 500 -> dbus-1.14
    git-2.40.1 41000000 -> openssl-1.1.1 curl-8.1 bash-5.2 glibc-2.37
    gimp-2.10.34 20000000 -> gimp-data-2.10 gtk+3-3.24 llvm-15.0.7
    inkscape-1.2 98000000 -> gtk+3-3.24 llvm-14.0.6
    gimp-data-2.10 83000000
    gtk+3-3.24 210000000 -> dbus-1.14 glibc-2.37
    llvm-15.0.7 116000000 -> glibc-2.37
    llvm-14.0.6 112000000 -> glibc-2.37
    linux-6.1.51 388000000
    systemd-253 54000000 -> dbus-1.14 openssl-3.0.9
    systemd-minimal-253 14000000 -> glibc-2.37
    dbus-1.14 1800000 -> systemd-minimal-253
    curl-8.1 700000 -> openssl-3.0.8 openssl-3.0.9
    openssl-1.1.1 5400000 -> glibc-2.37
    openssl-3.0.8 6300000 -> glibc-2.37
    openssl-3.0.9 6400000 -> openssl-1.1.1 glibc-2.37
    bash-5.2 6800000 -> glibc-2.37
    glibc-2.37 30000000
";

fn session(text: &str, size: (u16, u16)) -> Session {
    let given = Given::of(testing::graph(text));
    Session::open(Explore::new(Box::new(given), Request::default()), size)
}

fn frame(text: &str, keys: &str, size: (u16, u16)) -> String {
    let mut session = session(text, size);
    session.press(keys).expect("keys are written right");
    picture(&session.frame())
}

fn frames(keys: &str) -> String {
    let mut text = String::new();
    for size in SIZES {
        let _ = writeln!(text, "── {}×{} {}", size.0, size.1, "─".repeat(40));
        text += &frame(SYSTEM, keys, size);
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
    advice "5"
    advice_opened "5+"
    advice_planned "5 jj "
    near_misses "B"
    near_misses_opened "Bl"
    duplicates "="
    duplicates_opened "=l"
    duplicates_planned "=lR"
    accidents "A"
    files_elsewhere "7"
    roots_of_one_system "8"
}

/// Two generations of a system, and a profile that shares little with them.
const ROOTS: &str = "
    *nixos-system-42 7000 -> system-path-1 linux-6.1.51
    *nixos-system-43 7000 -> system-path-2 linux-6.1.51
    *user-environment 2000 -> git-2.40.1 hello-2.12
    system-path-1 900000 -> git-2.40.1 gimp-2.10.34
    system-path-2 900000 -> git-2.40.1 gimp-2.10.36
    gimp-2.10.34 20000000 -> glibc-2.37
    gimp-2.10.36 21000000 -> glibc-2.37
    git-2.40.1 41000000 -> glibc-2.37
    hello-2.12 80000 -> glibc-2.37
    linux-6.1.51 388000000
    glibc-2.37 30000000
";

#[test]
fn several_roots_share_and_hold_alone() {
    let mut text = String::new();
    for size in SIZES {
        let _ = writeln!(text, "── {}×{} {}", size.0, size.1, "─".repeat(40));
        text += &frame(ROOTS, "8", size);
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_selected_in_one_view_is_selected_in_the_others() {
    let mut session = session(SYSTEM, (120, 40));
    session.press("/openssl-3.0.8<enter>").expect("keys");
    let openssl = session.app().selected();
    for keys in ["5", "1", "5", "2"] {
        session.press(keys).expect("keys");
        assert_eq!(session.app().selected(), openssl, "after {keys}");
    }
}

#[test]
fn a_group_opens_and_closes_and_one_comes_back_to_it() {
    let keys = ["=l", "=<enter>", "=+", "=ll"];
    for keys in keys {
        let here = frame(SYSTEM, keys, (80, 24));
        assert!(here.contains("keep"), "{keys}: {here}");
        assert_eq!(
            frame(SYSTEM, &format!("{keys}w<backspace>"), (80, 24)),
            here
        );
    }
    let closed = frame(SYSTEM, "=", (80, 24));
    for keys in ["=lh", "=<enter><enter>"] {
        assert_eq!(frame(SYSTEM, keys, (80, 24)), closed, "{keys}");
    }
}

/// The row of the cursor, and the row above it.
fn at_cursor(session: &Session) -> (String, String) {
    let text = screen_text(&session.frame());
    let rows: Vec<&str> = text.lines().collect();
    let at = rows.iter().position(|row| row.starts_with('▌'));
    let at = at.unwrap_or_else(|| panic!("no cursor: {text}"));
    (rows[at - 1].to_owned(), rows[at].to_owned())
}

#[test]
fn three_keys_lead_to_sections_of_advice_from_wherever_one_is() {
    let mut session = session(SYSTEM, (100, 24));
    for before in ["1", "2", "5G", "m"] {
        for (key, heading) in [
            ("B", "Heavy paths behind few references (B)"),
            ("=", "Duplicates (=)"),
            ("A", "Accidental references (A)"),
        ] {
            session.press(before).expect("keys");
            session.press(key).expect("keys");
            let (above, here) = at_cursor(&session);
            assert!(above.contains(heading), "{before}{key}: {above}\n{here}");
        }
    }
}

#[test]
fn a_section_shows_the_first_ten_until_all_are_asked_for() {
    let line = |at: usize| format!("app -> p{at:02}\np{at:02} {}\n", 1000 + at);
    let text: String = (0..30).map(line).collect();
    let mut session = session(&text, (80, 40));
    session.press("5").expect("keys");
    let shown = |session: &Session| {
        let text = screen_text(&session.frame());
        (text.matches("behind 1 reference").count(), text)
    };
    let (count, text) = shown(&session);
    assert!(count == 10 && text.contains("… 20 more"), "{text}");
    session.press("jjjjjjjjjj<enter>").expect("keys");
    let (count, text) = shown(&session);
    assert!(count == 30 && !text.contains(" more"), "{text}");
    assert!(at_cursor(&session).1.contains("p19"), "{text}");
}

#[test]
fn keeping_one_frees_what_was_predicted() {
    let mut session = session(SYSTEM, (120, 40));
    session.press("=R").expect("keys");
    let text = screen_text(&session.frame());
    let group = text.lines().find(|line| line.contains("2 versions"));
    assert!(group.expect("a group").contains("6.0 MiB"), "{text}");
    assert!(text.contains("● 1 marked  −6.0 MiB"), "{text}");
    session.press("R").expect("keys");
    let text = screen_text(&session.frame());
    assert!(!text.contains("marked"), "taken back: {text}");
}

#[test]
fn cutting_all_references_of_a_near_miss_frees_it() {
    let mut session = session(SYSTEM, (120, 40));
    session.press("B").expect("keys");
    for _ in 0..60 {
        let here = at_cursor(&session).1;
        if here.contains("glibc-2.37") {
            break;
        }
        let more = here.contains(" more");
        session
            .press(if more { "<enter>" } else { "j" })
            .expect("keys");
    }
    session.press("a").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("● 9 marked"), "{text}");
    assert!(text.contains("● ▸ glibc"), "{text}");
    session.press("4").expect("keys");
    let text = screen_text(&session.frame());
    assert_eq!(text.matches("cut     ").count(), 9, "{text}");
    assert!(text.contains("   glibc-2.37"), "it leaves: {text}");
    session.press("<backspace>a").expect("keys");
    assert!(!screen_text(&session.frame()).contains("marked"));
}

#[test]
fn where_there_is_nothing_the_views_say_so() {
    let mut out = String::new();
    for keys in ["5", "B"] {
        out += &frame("alone 10", keys, (80, 12));
    }
    insta::assert_snapshot!(out);
}

/// A store with some files in a directory of its own.
/// A file of `app`, and what stands in it where `lib` is at a store path.
type Other<'a> = (&'a str, &'a dyn Fn(&str) -> String);

fn store_with_files() -> (tempfile::TempDir, Explore) {
    store_with(None)
}

/// The same, with another content of one file of `app`. The sizes on record are those of the files: evidence counts as
/// complete only where they are.
fn store_with(other: Option<Other<'_>>) -> (tempfile::TempDir, Explore) {
    let root = tempfile::tempdir().expect("a directory");
    let files = [
        (0, "app", "bin/app", 100),
        (0, "app", "share/man/man1/app.1", 40),
        (1, "lib", "lib/liblib.so.1", 1500),
        (1, "lib", "share/man/man3/lib.3", 60),
        (1, "lib", "share/man/man3/more.3", 30),
    ];
    for (hash, name, file, length) in files {
        let base = format!("{}-{name}", testing::hash_part(hash));
        let file = root.path().join("nix/store").join(base).join(file);
        std::fs::create_dir_all(file.parent().expect("a parent")).expect("a directory");
        std::fs::write(file, vec![b'x'; length]).expect("a file");
    }
    let place = |hash, name| {
        let base = format!("{}-{name}", testing::hash_part(hash));
        root.path().join("nix/store").join(base)
    };
    if let Some((file, content)) = other {
        let lib = format!("/nix/store/{}-lib", testing::hash_part(1));
        std::fs::write(place(0, "app").join(file), content(&lib)).expect("a file");
    }
    let size = |hash, name| {
        let mut nar = Vec::new();
        encode_path(&mut nar, &place(hash, name), CaseHack::Disabled).expect("an archive");
        nar.len()
    };
    let text = format!("app {} -> lib\nlib {}", size(0, "app"), size(1, "lib"));
    let given = Given::of(testing::graph(&text));
    let mut explore = Explore::new(Box::new(given), Request::default());
    explore.files_root = Some(root.path().to_owned());
    (root, explore)
}

#[test]
fn files_are_told_by_category_for_all_and_for_the_selected_path() {
    let (_root, explore) = store_with_files();
    let mut session = Session::open(explore, (80, 24));
    session.press("/lib<enter>7").expect("keys");
    let text = screen_text(&session.frame());
    let words = |name: &str| {
        let line = text.lines().find(|line| line.contains(name));
        let line = line.unwrap_or_else(|| panic!("no {name}: {text}"));
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(text.contains("1.7 KiB in 5 files"), "{text}");
    assert!(
        words("shared libraries").contains("in 1 path 1 1.5 KiB 1.5 KiB"),
        "{text}"
    );
    assert!(
        words("manual pages").contains("in 2 paths 3 90 B 130 B"),
        "{text}"
    );
    // The selected path stands below what it has most of.
    assert!(words("▌").contains("lib 1 1.5 KiB"), "{text}");
    session.press("jl").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("manual pages  in 2 paths"), "{text}");
    session.press("jj").expect("keys");
    let id = session.app().selected().expect("a path");
    let facts = session.app().facts().expect("loaded");
    assert_eq!(facts.graph().name(id), "app");
}

#[test]
fn identical_files_are_the_last_group_of_the_files() {
    let (root, explore) = store_with_files();
    let copy = format!("nix/store/{}-lib/share/copy", testing::hash_part(1));
    std::fs::write(root.path().join(copy), [b'x'; 100]).expect("a file");
    let mut session = Session::open(explore, (80, 24));
    session.press("/app<enter>7G").expect("keys");
    let row = |session: &mut Session| {
        let text = screen_text(&session.frame());
        let line = text.lines().find(|line| line.contains('▌'));
        let line = line.unwrap_or_else(|| panic!("no cursor: {text}"));
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    // The program and its copy differ in nothing, its mode included; only one pair of paths has it.
    let group = row(&mut session);
    assert!(
        group.contains("identical files in 1 group 1 100 B 100 B"),
        "{group}"
    );
    session.press("<enter>j").expect("keys");
    let copies = row(&mut session);
    assert!(
        copies.contains("2 × bin/app") && copies.contains("1 more"),
        "{copies}"
    );
    let app = session.app();
    let facts = app.facts().expect("loaded");
    assert_eq!(app.selected().map(|id| facts.graph().name(id)), Some("app"));
}

#[test]
fn evidence_names_file_line_and_kind() {
    let script = |lib: &str| format!("#!/bin/sh\n# run it\nexec {lib}/bin/x \u{1b}[2J\n");
    let (_root, explore) = store_with(Some(("bin/app", &script)));
    let mut session = Session::open(explore, (100, 20));
    session.press("/lib<enter>te").expect("keys");
    insta::assert_snapshot!(picture(&session.frame()));
    session.press("<esc>").expect("keys");
    assert!(!screen_text(&session.frame()).contains("Why app"));
    // What was read once is said wherever the reference stands.
    for keys in ["Bl", "w"] {
        session.press(keys).expect("keys");
        let text = screen_text(&session.frame());
        let row = text.lines().find(|line| line.contains("app → lib"));
        let row = row.unwrap_or_else(|| panic!("no reference:\n{text}"));
        assert!(row.contains("script"), "{keys}:\n{text}");
    }
}

#[test]
fn near_misses_that_hang_on_accidents_say_so() {
    let page = |lib: &str| format!("built with {lib}\n");
    let (_root, explore) = store_with(Some(("share/man/man1/app.1", &page)));
    let mut session = Session::open(explore, (100, 20));
    session.press("B").expect("keys");
    assert!(!screen_text(&session.frame()).contains("likely an"));
    session.press("e<esc>").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("lib  likely an accident"), "{text}");
}

#[test]
fn an_accident_is_a_row_that_can_be_cut() {
    let page = |lib: &str| format!("built with {lib}\n");
    let (_root, explore) = store_with(Some(("share/man/man1/app.1", &page)));
    let mut session = Session::open(explore, (120, 24));
    session.press("A").expect("keys");
    let text = screen_text(&session.frame());
    assert!(
        text.contains("Accidental references (A)  1 reference; without"),
        "{text}"
    );
    // What is inside packages is known from now on, too.
    let row = text.lines().find(|row| row.contains("manual pages inside"));
    assert!(row.is_some_and(|row| row.contains(" B")), "{text}");
    session.press("ljj").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("a doc or man output"), "the remedy: {text}");
    let row = text.lines().find(|line| line.contains("app → lib"));
    assert!(row.is_some_and(|row| row.contains("app.1")), "{text}");
    session.press("x").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("1 marked") && text.contains('×'), "{text}");
    session.press("e").expect("keys");
    let text = screen_text(&session.frame());
    assert!(
        text.contains("In the package: a doc or man output"),
        "{text}"
    );
}

#[test]
fn the_files_of_a_path_are_a_directory_at_a_time() {
    let page = |lib: &str| format!("built with {lib}\n");
    let (_root, explore) = store_with(Some(("share/man/man1/app.1", &page)));
    let mut session = Session::open(explore, (120, 24));
    session.press("/app<enter>d").expect("keys");
    let text = screen_text(&session.frame());
    assert!(
        text.contains("Files of app") && text.contains("share/"),
        "{text}"
    );
    for _ in 0..3 {
        session.press("<enter>").expect("keys");
    }
    let text = screen_text(&session.frame());
    assert!(text.contains("Files of app: "), "{text}");
    session
        .press("<backspace><backspace><backspace><esc>")
        .expect("keys");
    assert!(!screen_text(&session.frame()).contains("Files of app"));
}

#[test]
fn files_that_are_elsewhere_are_shown_by_category() {
    let demo = std::process::Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .args(["demo", "--size", "120x24", "--keys", "/perl-5.36.0<enter>d"])
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&demo.stdout);
    assert!(text.contains("Files of perl-5.36.0"), "{text}");
    assert!(
        text.contains("which are not on this machine; by category"),
        "{text}"
    );
    let programs = text.lines().find(|line| line.contains("programs"));
    assert!(
        programs.is_some_and(|line| line.contains("KiB") && line.contains("file")),
        "{text}"
    );
}

#[test]
fn near_misses_are_found_around_what_is_pinned() {
    let mut session = session(
        "app 1 -> big small\nbig 1000 -> lib\nsmall 5 -> lib\nlib 900",
        (120, 24),
    );
    session.press("5").expect("keys");
    let text = screen_text(&session.frame());
    assert!(
        text.lines()
            .any(|line| line.contains("big") && line.contains("1000 B")),
        "{text}"
    );
    session.press("1/big<enter>P5").expect("keys");
    let text = screen_text(&session.frame());
    let mut rows = text
        .lines()
        .map(|line| line.split('│').next().unwrap_or_default());
    assert!(
        rows.all(|row| !row.contains(" lib ")),
        "a chain to it is pinned: {text}"
    );
}

#[test]
fn three_columns_show_what_is_beside_a_path() {
    let mut session = session(SYSTEM, (120, 24));
    session.press("2vvv").expect("keys");
    session.press("ll").expect("keys");
    insta::assert_snapshot!(picture(&session.frame()));
}

#[test]
fn a_tree_is_sorted_by_any_column() {
    let mut session = session(SYSTEM, (120, 24));
    session.press("2s").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("▼ retained"), "{text}");
    session.press("S").expect("keys");
    assert!(screen_text(&session.frame()).contains("▲ retained"));
}

#[test]
fn where_there_are_no_files_there_is_no_evidence() {
    insta::assert_snapshot!(frame(SYSTEM, "/linux<enter>we", (80, 16)));
}

#[test]
fn without_colours_the_map_is_drawn_with_lines() {
    let given = Given::of(testing::graph(SYSTEM));
    let mut explore = Explore::new(Box::new(given), Request::default());
    explore.color = nix_heft::testing::explorer::ColorChoice::Never;
    let mut session = Session::open(explore, (80, 24));
    session.press("6").expect("keys");
    insta::assert_snapshot!(picture(&session.frame()));
}
