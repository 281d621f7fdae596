//! Pictures of the explorer's screen: every view and box at the sizes people have, drawn without a terminal.

mod screens;

use std::fmt::Write as _;

use nix_heft::model::{Warning, Warnings};
use nix_heft::source::{Loaded, Request, Source, SourceError};
use nix_heft::testing::explorer::View;
use nix_heft::testing::explorer::{ColorChoice, Explore};
use nix_heft::testing::explorer::{Session, screen_text};
use nix_heft::testing::{self, Given};
use screens::{picture, tab_row, without_row};

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (200, 60), (40, 10)];

/// A small system of the shape real ones have: an environment, things that several others need, one heavy way down.
const SYSTEM: &str = "
    nixos-system-demo-23.05 7000 -> system-path etc linux-6.1.51 systemd-253
    system-path 900000 -> git-2.40.1 perl-5.36.0-env gimp-2.10.34 bash-5.2 coreutils-9.1
    etc 4000 -> unit-dbus unit-nscd bash-5.2
    unit-dbus 500 -> dbus-1.14
    unit-nscd 500 -> systemd-253 glibc-2.37
    perl-5.36.0-env 12000 -> perl-5.36.0
    git-2.40.1 41000000 -> perl-5.36.0 openssl-3.0 curl-8.1 bash-5.2 glibc-2.37
    gimp-2.10.34 20000000 -> gimp-data-2.10 gtk+3-3.24 llvm-15.0.7 glibc-2.37
    gimp-data-2.10 83000000
    gtk+3-3.24 10000000 -> cairo-1.16 dbus-1.14 glibc-2.37
    cairo-1.16 1300000 -> glibc-2.37
    llvm-15.0.7 116000000 -> glibc-2.37 ncurses-6.4
    ncurses-6.4 6000000 -> glibc-2.37
    perl-5.36.0 58000000 -> glibc-2.37 coreutils-9.1
    linux-6.1.51 388000000
    systemd-253 54000000 -> dbus-1.14 glibc-2.37 kmod-30 openssl-3.0
    kmod-30 200000 -> glibc-2.37
    dbus-1.14 1800000 -> glibc-2.37
    curl-8.1 700000 -> openssl-3.0 glibc-2.37
    openssl-3.0 6400000 -> glibc-2.37
    coreutils-9.1 1900000 -> glibc-2.37
    bash-5.2 6800000 -> glibc-2.37 ncurses-6.4
    glibc-2.37 30000000
";

fn explore(text: &str) -> Explore {
    Explore::new(
        Box::new(Given::of(testing::graph(text))),
        Request::default(),
    )
}

fn frame(explore: Explore, keys: &str, size: (u16, u16)) -> String {
    let mut session = Session::open(explore, size);
    session.press(keys).expect("keys are written right");
    picture(&session.frame())
}

/// The same keys on a screen of every size, one picture below the other.
fn frames(keys: &str) -> String {
    let mut text = String::new();
    for size in SIZES {
        let _ = writeln!(text, "── {}×{} {}", size.0, size.1, "─".repeat(40));
        text += &frame(explore(SYSTEM), keys, size);
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
    packages "jj"
    packages_sorted_by_name_backwards "csss<esc><end>ssSS<home>"
    packages_with_all_columns "c<down><down><down><down> <down><down><down> <down> <esc>"
    search_as_you_type "/ncu"
    search_kept "/gl<enter>j"
    search_by_hash "/00000000000000000000000000000001"
    search_without_a_match "/zzz"
    tree_from_the_roots "/cairo<enter>t"
    tree_of_a_path "/gimp<enter><enter>jl"
    tree_of_referrers "/glibc<enter><enter>v"
    tree_of_what_leaves "tvv"
    why "/perl-5<enter>w"
    why_with_a_segment_opened "/glibc<enter>wkkl"
    marks_empty "m"
    marks "/linux<enter> /git<enter> <esc>/perl-5.36.0-env<enter> m"
    replacement_by_a_duplicate "/perl-5.36.0<enter><end>R"
    replacement_by_what_is_typed "/gimp-2<enter>Rcairo<enter>m"
    asked_for_a_file "jjjj W"
    marks_of_references "/dbus-1<enter>wG xm"
    marked_packages "jjj jj "
    map "6"
    map_zoomed_and_walked "/gimp-2<enter>6<enter>lj"
    map_of_each_path_by_itself "6v"
    query_language "/nar>10MiB depth<3"
    query_with_a_mistake "/nar>ten"
    query_of_a_column_that_is_computed_when_asked_for "/share>1MiB"
    details_have_the_keys "jj<tab>jjj"
    help "?"
    palette ":sor"
    columns "cjj"
    nothing_went_back_to "<backspace>"
    welcome "T"
    a_key_that_belongs_elsewhere "v"
    a_key_that_means_nothing "z"
}

/// The one picture with the row of tabs, of every view at every width.
#[test]
fn the_tabs_name_the_views() {
    let mut rows = String::new();
    for columns in [80, 120, 40] {
        for at in 1..=View::ALL.len() {
            let mut session = Session::open(explore(SYSTEM), (columns, 24));
            session.press(&(at % 10).to_string()).expect("a digit");
            let frame = session.frame();
            let row = tab_row(&frame).expect("there is room for tabs");
            rows += screen_text(&frame)
                .lines()
                .nth(usize::from(row))
                .expect("the row of tabs");
            rows.push('\n');
        }
    }
    insta::assert_snapshot!(rows);
}

#[test]
fn before_anything_is_loaded_the_screen_says_so() {
    use nix_heft::testing::explorer::App;
    use nix_heft::testing::explorer::Look;
    let (app, effects) = App::new((80, 24), Look::default(), None);
    assert_eq!(effects.len(), 1, "loading is asked for");
    let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, 24));
    nix_heft::testing::explorer::draw_on(&app, &mut buffer);
    insta::assert_snapshot!(picture(&buffer));
}

struct Broken;

impl Source for Broken {
    fn load(&self, _: &Request, _: &nix_heft::job::Progress) -> Result<Loaded, SourceError> {
        Err(SourceError::NoStore {
            path: "/nix/var/nix/db/db.sqlite".into(),
        })
    }
}

#[test]
fn what_cannot_be_loaded_is_said_with_a_remedy() {
    let broken = Explore::new(Box::new(Broken), Request::default());
    insta::assert_snapshot!(frame(broken, "jx", (80, 24)));
}

#[test]
fn warnings_and_notices_stand_on_the_screen() {
    let mut given = Given::of(testing::graph(SYSTEM));
    let mut warnings = Warnings::new();
    warnings.add("references to paths without a record", "evil\u{1b}[2Jname");
    warnings.add("references to paths without a record", "other");
    given.0.warnings = warnings.into_vec();
    assert!(
        given
            .0
            .warnings
            .iter()
            .any(|warning: &Warning| warning.count == 2)
    );
    let mut explore = Explore::new(Box::new(given), Request::default());
    explore.notice = Some("This is the built-in demo.".to_owned());
    insta::assert_snapshot!(frame(explore, "!", (80, 24)));
}

#[test]
fn unknown_sizes_are_not_numbers() {
    let text = "app 10 -> lib data\nlib ? -> libc\ndata 5\nlibc 7";
    insta::assert_snapshot!(frame(explore(text), "", (80, 24)));
}

#[test]
fn wide_letters_and_long_names_stay_in_their_columns() {
    let long = "a-very-long-name-that-does-not-fit-into-any-column-of-any-screen-1.0";
    let text = format!(
        "app 10 -> 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字 {long}\n漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字 2000\n{long} 3000"
    );
    let mut out = String::new();
    for keys in ["", "t", "jw"] {
        out += &frame(explore(&text), keys, (60, 12));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_screen_without_room_says_so() {
    for size in [(1, 1), (10, 3), (23, 50), (200, 5)] {
        let text = frame(explore(SYSTEM), "jjt", size);
        let first = text.trim().trim_end_matches('…');
        assert!("screen too small".starts_with(first), "{size:?}: {text}");
    }
}

/// Which cells are drawn in another style than the ordinary one, a letter for each style.
fn styles(explore: Explore, keys: &str, size: (u16, u16)) -> String {
    let mut session = Session::open(explore, size);
    session.press(keys).expect("keys are written right");
    let buffer = session.frame();
    let mut known: Vec<String> = Vec::new();
    let mut picture = String::new();
    for y in 0..size.1 {
        for x in 0..size.0 {
            let cell = &buffer[(x, y)];
            let style = format!("{:?} on {:?} {:?}", cell.fg, cell.bg, cell.modifier);
            if style == "Reset on Reset NONE" {
                picture.push('.');
                continue;
            }
            let at = known
                .iter()
                .position(|other| *other == style)
                .unwrap_or_else(|| {
                    known.push(style);
                    known.len() - 1
                });
            picture.push(char::from(b'a' + (at % 26) as u8));
        }
        picture.push('\n');
    }
    picture = without_row(&picture, tab_row(&buffer));
    for (at, style) in known.iter().enumerate() {
        let _ = writeln!(picture, "{} {style}", char::from(b'a' + (at % 26) as u8));
    }
    picture
}

#[test]
fn colours_mean_something() {
    insta::assert_snapshot!(styles(explore(SYSTEM), "jj /gl", (80, 16)));
}

#[test]
fn without_colours_weight_and_reversal_remain() {
    let mut plain = explore(SYSTEM);
    plain.color = ColorChoice::Never;
    insta::assert_snapshot!(styles(plain, "jj /gl", (80, 16)));
}

#[test]
fn in_ascii_every_sign_has_a_likeness() {
    let keys = [
        "j",
        "t",
        "tl",
        "/glibc<enter>wkl",
        "/linux<enter> m",
        "5l",
        "=l",
        "6",
        "6v",
        "7",
        "8",
        "?",
        ":",
        "c",
        "T",
        "/zzz",
        "R",
        "/perl-5.36.0<enter>R",
        "W",
        "i",
    ];
    for size in [(40, 12), (80, 24), (120, 40)] {
        for keys in keys {
            let mut plain = explore(SYSTEM);
            plain.notice = Some("a notice".to_owned());
            let usual = frame(plain, keys, size);
            let mut ascii = explore(SYSTEM);
            ascii.notice = Some("a notice".to_owned());
            ascii.ascii = true;
            let drawn = frame(ascii, keys, size);
            assert!(drawn.is_ascii(), "{keys} at {size:?}:\n{drawn}");
            let questions = |text: &str| text.matches('?').count();
            assert!(
                questions(&drawn) <= questions(&usual),
                "{keys} at {size:?}:\n{drawn}"
            );
        }
    }
}
