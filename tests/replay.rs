//! The explorer under any keys: nothing panics, the selection stays valid, one comes back to where one was.

use nix_archive::nar::{CaseHack, encode_path};
use nix_heft::job::Progress;
use nix_heft::source::Request;
use nix_heft::source::formats::load_bytes;
use nix_heft::source::location::Location;
use nix_heft::source::open::open;
use nix_heft::source::{Loaded, Source, SourceError};
use nix_heft::testing::explorer::Explore;
use nix_heft::testing::explorer::Key;
use nix_heft::testing::explorer::config;
use nix_heft::testing::explorer::{COMMANDS, markdown};
use nix_heft::testing::explorer::{Event, Mouse};
use nix_heft::testing::explorer::{Session, run, screen_text};
use nix_heft::testing::{self, Given, Random};
use nix_heft::text::Units;
use proptest::prelude::*;
use ratatui::crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

fn session(made: Given, size: (u16, u16)) -> Session {
    let mut explore = Explore::new(Box::new(made), Request::default());
    // Random keys are not to leave files about.
    explore.read_only = true;
    Session::open(explore, size)
}

fn small() -> Given {
    Given::of(testing::graph(
        "app 10 -> lib tool data\ntool 5 -> lib libc\nlib 300 -> libc\nlibc 40\ndata 2000",
    ))
}

fn screen(keys: &str) -> String {
    run(
        Explore::new(Box::new(small()), Request::default()),
        keys,
        (80, 24),
    )
    .expect("keys")
}

#[test]
fn the_same_keys_give_the_same_frame() {
    assert_eq!(screen("j/li<enter>w"), screen("j/li<enter>w"));
    assert!(
        run(
            Explore::new(Box::new(small()), Request::default()),
            "<nokey>",
            (80, 24)
        )
        .is_err()
    );
}

#[test]
fn back_comes_back_to_exactly_where_one_was() {
    let views: Vec<String> = "123456789".chars().map(String::from).collect();
    for keys in [
        "",
        "jj",
        "t",
        "tjl",
        "/lib<enter>",
        "jw",
        "j m",
        "/lib<enter>t",
        "/x<esc>",
        "5l",
        "=l",
        "6<enter>",
        "8jl",
    ] {
        let here = screen(keys);
        let mut left = 0;
        // On a group it opens and closes it.
        let enter = "<enter>".to_owned();
        let enter = (!keys.starts_with(['5', '=', '8'])).then_some(&enter);
        for way in views.iter().chain(enter) {
            // Where a key leads nowhere, there is nothing to come back from.
            if screen(&format!("{keys}{way}")) == here {
                continue;
            }
            left += 1;
            let back = screen(&format!("{keys}{way}<backspace>"));
            assert_eq!(here, back, "{keys} {way}");
        }
        assert!(left >= 7, "{keys}: only {left} ways lead away");
    }
}

#[test]
fn what_is_dear_to_compute_is_computed_when_a_query_asks_for_it() {
    // Everything but `libc` leaves with one reference, `lib` and `libc` are held by two.
    let cases = [
        ("leverage>1000", "1 of 5 match"),
        ("leverage>=150", "2 of 5 match"),
        ("cut=2", "2 of 5 match"),
        ("cut=?", "1 of 5 match"),
        ("share>1000", "1 of 5 match"),
        ("disk=?", "5 of 5 match"),
    ];
    for (query, found) in cases {
        let text = screen(&format!("/{query}<enter>"));
        assert!(text.contains(found), "{query}:\n{text}");
    }
}

#[test]
fn parts_of_a_search_are_taken_away_one_by_one() {
    let found = |keys: &str| {
        let text = screen(keys);
        let line = text.lines().find(|line| line.contains("match"));
        line.and_then(|line| line.split_whitespace().next())
            .map(str::to_owned)
    };
    assert_eq!(found("/nar>=40 cut=2 libc<enter>").as_deref(), Some("1"));
    assert_eq!(found("/nar>=40 cut=2 libc<enter>-").as_deref(), Some("2"));
    assert_eq!(found("/nar>=40 cut=2 libc<enter>--").as_deref(), Some("3"));
    assert_eq!(
        found("/nar>=40 cut=2 libc<enter>---"),
        None,
        "all are shown"
    );
}

#[test]
fn a_badge_is_clicked_away_and_the_rest_stays() {
    let mut session = session(small(), (80, 24));
    session.press("/nar>=40 cut=2 libc<enter>").expect("keys");
    let text = screen_text(&session.frame());
    let row = text.lines().position(|line| line.contains("nar>=40 ×"));
    let row = row.unwrap_or_else(|| panic!("no badges:\n{text}"));
    let line = text.lines().nth(row).unwrap_or_default();
    let column = line.find("cut=2").expect("a badge");
    // What stands before it is ASCII but for one sign of one cell.
    click(
        &mut session,
        (column - "×".len()) as u16 + 1,
        row as u16,
        false,
    );
    let text = screen_text(&session.frame());
    assert!(
        text.contains("nar>=40 ×") && text.contains("libc ×"),
        "{text}"
    );
    assert!(
        !text.contains("cut=2") && text.contains("1 of 5 match"),
        "{text}"
    );
}

#[test]
fn tab_completes_and_up_brings_earlier_searches() {
    let mut session = session(small(), (80, 24));
    session.press("/re<tab>").expect("keys");
    let text = screen_text(&session.frame());
    assert!(
        text.contains("/ retained>") && text.contains("tab: referrers> references>"),
        "{text}"
    );
    session
        .press("1000<enter>/<ctrl-u>libc<enter>")
        .expect("keys");
    assert!(screen_text(&session.frame()).contains("1 of 5 match"));
    session.press("/<up>").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("/ retained>1000"), "{text}");
    assert!(
        text.contains("2 of 5 match"),
        "what comes back is searched for:\n{text}"
    );
}

#[test]
fn escape_gives_the_full_list_back_with_the_selection_kept() {
    let mut session = session(small(), (80, 24));
    session.press("/libc").expect("keys");
    let found = session.app().selected();
    assert!(screen_text(&session.frame()).contains("1 of 5 match"));
    session.press("<esc>").expect("keys");
    let text = screen_text(&session.frame());
    assert_eq!(session.app().selected(), found);
    assert!(text.contains("data") && text.contains("libc"), "{text}");
}

#[test]
fn what_is_copied_is_the_path_and_the_chain() {
    let mut session = session(small(), (80, 24));
    session.press("/libc<enter>y").expect("keys");
    assert_eq!(
        session.copied.as_deref(),
        Some(&*format!("/nix/store/{}-libc", testing::hash_part(4)))
    );
    session.press("Y").expect("keys");
    assert_eq!(
        session.copied.as_deref().map(|chain| chain.lines().count()),
        Some(3)
    );
}

#[test]
fn the_plan_is_printed_on_quitting_when_asked() {
    let mut session = session(small(), (80, 24));
    session.press("/data<enter> Q").expect("keys");
    let printed = session.ended.flatten().expect("a plan");
    assert!(printed.starts_with("remove /nix/store/"), "{printed}");
    assert!(printed.contains("predicted"), "{printed}");
}

#[test]
fn all_that_matches_is_marked_and_unmarked() {
    let mut session = session(small(), (100, 24));
    session.press("a").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("nothing was searched for"), "{text}");
    // All but the root and the tool.
    let marked = screen("/nar>=10<enter>a");
    assert!(
        marked.contains("● 3  −2.3 KiB → 15 B predicted"),
        "{marked}"
    );
    let marked = screen("/lib<enter>a");
    assert!(
        marked.contains("● 2  −340 B → 2.0 KiB predicted"),
        "{marked}"
    );
    for keys in ["/lib<enter>aa", "/lib<enter>au"] {
        assert!(!screen(keys).contains("predicted"), "{keys}");
    }
}

#[test]
fn a_plan_is_not_saved_under_the_name_of_another_format() {
    let mut session = session(small(), (100, 24));
    session
        .press("/tool<enter><space>W<ctrl-u>plan.JSON<enter>")
        .expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("a plan is TOML"), "{text}");
}

#[test]
fn a_mark_is_undone_and_done_again() {
    let marked = screen("j ");
    assert!(marked.contains("predicted"));
    let unmarked = screen("j");
    assert_eq!(screen("j u"), unmarked);
    assert_eq!(screen("j uU"), marked);
    assert_eq!(screen("j  "), unmarked);
    assert_eq!(screen("j X"), unmarked);
}

fn click(session: &mut Session, column: u16, row: u16, double: bool) {
    let event = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column,
        row,
        modifiers: KeyModifiers::NONE,
    };
    session.happen(Event::Mouse(Mouse { event, double }));
}

#[test]
fn the_mouse_selects_sorts_and_changes_the_view() {
    let mut session = session(small(), (80, 24));
    let first = session.app().selected();
    click(&mut session, 10, 5, false);
    assert_ne!(session.app().selected(), first);
    click(&mut session, 5, 2, false);
    assert!(screen_text(&session.frame()).contains("name ▲"));
    click(&mut session, 5, 2, false);
    assert!(screen_text(&session.frame()).contains("name ▼"));
    click(&mut session, 13, 1, false);
    assert!(screen_text(&session.frame()).contains("references of"));
    click(&mut session, 2, 1, false);
    click(&mut session, 10, 4, true);
    assert!(screen_text(&session.frame()).contains("references of"));
}

#[test]
fn the_border_between_the_panes_is_dragged() {
    let mut session = session(small(), (120, 24));
    let mouse = |session: &mut Session, kind, column| {
        let event = MouseEvent {
            kind,
            column,
            row: 8,
            modifiers: KeyModifiers::NONE,
        };
        session.happen(Event::Mouse(Mouse {
            event,
            double: false,
        }));
    };
    let border = |session: &Session| {
        let frame = session.frame();
        (0..120)
            .find(|&x| frame[(x, 8)].symbol() == "│")
            .expect("a border")
    };
    let before = border(&session);
    let button = MouseButton::Left;
    mouse(&mut session, MouseEventKind::Drag(button), 60);
    assert_eq!(border(&session), before, "it was not held");
    mouse(&mut session, MouseEventKind::Down(button), before);
    for (column, wanted) in [(60, 60), (0, 31), (119, 91), (65, 65)] {
        mouse(&mut session, MouseEventKind::Drag(button), column);
        assert_eq!(border(&session), wanted);
    }
    mouse(&mut session, MouseEventKind::Up(button), 65);
    mouse(&mut session, MouseEventKind::Drag(button), 80);
    assert_eq!(border(&session), 65, "it was let go");
    session.press("ii").expect("keys");
    assert_eq!(border(&session), 65, "it is remembered");
}

#[test]
fn sizes_are_written_in_the_units_asked_for() {
    for (units, text) in [
        (Units::Binary, "2.0 KiB"),
        (Units::Decimal, "2.0 kB"),
        (Units::Bytes, "2000"),
    ] {
        let mut explore = Explore::new(Box::new(small()), Request::default());
        explore.units = units;
        let shown = run(explore, "", (120, 24)).expect("keys");
        let mut rows = shown
            .lines()
            .map(|line| line.trim_start_matches(['▌', ' ']));
        let row = rows.find(|line| line.starts_with("data"));
        assert!(row.is_some_and(|row| row.contains(text)), "{shown}");
    }
}

#[test]
fn no_view_writes_sizes_in_other_units() {
    let graph = "*app 3000000 -> lib data big1\n*tool 4000000 -> lib data big2\nlib 5000000 -> data\n\
                 data 6000000\nbig1 7000000\nbig2 8000000";
    for units in [Units::Decimal, Units::Bytes] {
        for view in 1..=9 {
            for keys in [
                format!("{view}"),
                format!("{view} *"),
                format!("1/lib<enter> {view}"),
            ] {
                let given = Given::of(testing::graph(graph));
                let mut explore = Explore::new(Box::new(given), Request::default());
                explore.units = units;
                let shown = run(explore, &keys, (120, 30)).expect("keys");
                let binary = ["KiB", "MiB", "GiB"]
                    .iter()
                    .any(|unit| shown.contains(unit));
                assert!(!binary, "{units:?} {keys}: {shown}");
            }
        }
    }
}

#[test]
fn a_reload_keeps_selection_and_plan() {
    let mut session = session(small(), (80, 24));
    session.press("/data<enter> r").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("● 1") && text.contains("reloaded"), "{text}");
}

#[test]
fn every_command_can_be_given_on_an_empty_closure() {
    let empty = || Given::of(testing::plain_graph(&[], &[], &[]));
    for spec in COMMANDS {
        for key in spec.keys {
            let mut session = session(empty(), (80, 24));
            session.key(Key::parse(key).expect("a key"));
            session.key(Key::parse("j").expect("a key"));
            session.frame();
        }
    }
}

#[test]
fn what_is_said_is_readable_as_a_whole_and_again_later() {
    for size in [(40, 12), (80, 24)] {
        let mut session = session(small(), size);
        session.press("j q").expect("keys");
        let whole = "1 mark is not saved: q again quits, W saves, Q prints";
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = screen_text(&session.frame());
        assert!(words(&text).contains(whole), "{size:?}:\n{text}");
        session.press("yM").expect("keys");
        let text = screen_text(&session.frame());
        let (copied, before) = (text.find("copied"), text.find("1 mark is not"));
        assert!(copied.is_some() && copied < before, "{size:?}:\n{text}");
        session.press("<esc>").expect("keys");
        let text = screen_text(&session.frame());
        assert!(!text.contains("copied"), "{size:?}:\n{text}");
    }
}

#[test]
fn the_page_of_keys_is_what_the_program_prints() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, markdown()).expect("the page can be written");
    } else {
        assert_eq!(written, markdown(), "run this test with UPDATE_DOCS=1");
    }
}

#[test]
fn the_sample_of_a_configuration_is_what_the_program_knows() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/config.toml");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, config::sample()).expect("the sample can be written");
    } else {
        assert_eq!(
            written,
            config::sample(),
            "run this test with UPDATE_DOCS=1"
        );
    }
}

#[test]
fn the_configuration_gives_other_keys_columns_and_signs() {
    let mut explore = Explore::new(Box::new(small()), Request::default());
    let text = "columns = [\"nar\"]\n[keys]\nmark = [\"z\"]\nwhy = [\"q\"]\n";
    let (config, complaints) = config::Config::parse(text);
    assert_eq!(complaints, []);
    explore.config = config;
    explore.ascii = true;
    let mut session = Session::open(explore, (80, 24));
    let text = screen_text(&session.frame());
    assert!(
        !text.contains("referrers") && text.contains("z mark"),
        "{text}"
    );
    assert!(text.is_ascii(), "{text}");
    session.press("j ").expect("keys");
    assert!(!screen_text(&session.frame()).contains("predicted"));
    session.press("z").expect("keys");
    assert!(screen_text(&session.frame()).contains("predicted"));
    session.press("q").expect("keys");
    assert!(session.ended.is_none(), "q asks why");
    session.press("<ctrl-c>").expect("keys");
    assert!(session.ended.is_some(), "the way out stays");
}

/// Keys that do something, with those that do most more often.
fn any_key(random: &mut Random) -> Key {
    const OFTEN: [&str; 15] = [
        "j",
        "k",
        "l",
        "h",
        "enter",
        "backspace",
        "tab",
        "esc",
        "w",
        "t",
        "space",
        "x",
        "/",
        "m",
        "5",
    ];
    let name = match random.below(10) {
        0..=4 => OFTEN[random.below(OFTEN.len())],
        5..=8 => {
            let spec = &COMMANDS[random.below(COMMANDS.len())];
            spec.keys[random.below(spec.keys.len())]
        }
        _ => ["a", "0", "1", "-", "!", "down", "pgdn", "delete"][random.below(8)],
    };
    Key::parse(name).expect("a key")
}

/// A size of a screen, now and then one that is hardly any.
fn any_size(random: &mut Random) -> (u16, u16) {
    let most = [(300, 100), (120, 40), (30, 8)][random.below(3)];
    (
        1 + random.below(most.0) as u16,
        1 + random.below(most.1) as u16,
    )
}

fn any_mouse(random: &mut Random, size: (u16, u16)) -> Mouse {
    let button = MouseButton::Left;
    let kind = match random.below(8) {
        0 => MouseEventKind::ScrollDown,
        1 => MouseEventKind::ScrollUp,
        2 => MouseEventKind::Drag(button),
        3 => MouseEventKind::Up(button),
        4 => MouseEventKind::Down(MouseButton::Right),
        _ => MouseEventKind::Down(button),
    };
    let event = MouseEvent {
        kind,
        // Also a little outside of the screen, as after a change of its size.
        column: random.below(usize::from(size.0) + 3) as u16,
        row: random.below(usize::from(size.1) + 3) as u16,
        modifiers: KeyModifiers::NONE,
    };
    Mouse {
        event,
        double: random.below(3) == 0,
    }
}

/// Text as it may be pasted, or typed after the key that asks for it.
fn any_text(random: &mut Random) -> String {
    const TEXTS: [&str; 8] = [
        "li\u{1b}b\n",
        "nar>1 refs<9",
        "retained>=0 -lib",
        "漢字e\u{301}",
        "under:lib",
        "leverage>1",
        "/nowhere/at/all",
        "=?:<>",
    ];
    TEXTS[random.below(TEXTS.len())].to_owned()
}

fn any_event(session: &mut Session, random: &mut Random) {
    match random.below(24) {
        0 => {
            let (columns, rows) = any_size(random);
            session.happen(Event::Resize(columns, rows));
        }
        1..=3 => {
            let mouse = any_mouse(random, session.app().size());
            session.happen(Event::Mouse(mouse));
        }
        4 if random.below(4) == 0 => session.happen(Event::Paste(any_text(random))),
        _ => session.key(any_key(random)),
    }
}

fn monkey(made: Given, seed: u64, keys: usize) -> Result<(), TestCaseError> {
    let mut random = Random::new(seed);
    let mut session = session(made, (80, 24));
    for _ in 0..keys {
        any_event(&mut session, &mut random);
        session.ended = None;
        session.frame();
        if let (Some(facts), Some(id)) = (session.app().facts(), session.app().selected()) {
            // Of a comparison, which can be typed as well, what is gone may be selected.
            prop_assert!(
                facts.everything().contains(id),
                "the selection is in one of the closures"
            );
        }
    }
    Ok(())
}

/// The memory of this process, in KiB, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// A few keys in each run; as many as `NIX_HEFT_MONKEY_KEYS` says to look for what is rare, and for memory that is kept.
/// `NIX_HEFT_MONKEY_SEED` begins elsewhere.
#[expect(clippy::print_stderr, reason = "a long run tells how far it is")]
#[test]
fn nor_can_a_long_sitting() {
    const SITTING: usize = 5_000;
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let keys = number("NIX_HEFT_MONKEY_KEYS").unwrap_or(300);
    let seed = number("NIX_HEFT_MONKEY_SEED").unwrap_or(1);
    for (turn, done) in (0..keys).step_by(SITTING).enumerate() {
        let seed = (seed + turn) as u64;
        let made = match turn % 3 {
            0 => Given::of(testing::store(300, 5, seed)),
            1 => Given::of(testing::store(40, 3, seed)),
            _ => small(),
        };
        eprintln!("{done} keys, seed {seed}, {:?} KiB", resident());
        let outcome = monkey(made, seed, SITTING.min(keys - done));
        assert!(outcome.is_ok(), "seed {seed}: {outcome:?}");
    }
    eprintln!("{keys} keys, {:?} KiB", resident());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_keys_can_break_it(
        len in 1_usize..12,
        edges in prop::collection::vec((0_usize..12, 0_usize..12), 0..30),
        roots in prop::collection::vec(0_usize..12, 1..3),
        seed in any::<u64>(),
    ) {
        let sizes: Vec<Option<u64>> = (0..len).map(|at| (at % 5 != 4).then_some(at as u64 * 1000)).collect();
        let edges: Vec<_> = edges.into_iter().map(|(a, b)| (a % len, b % len)).collect();
        let roots: Vec<_> = roots.into_iter().map(|root| root % len).collect();
        monkey(Given::of(testing::plain_graph(&sizes, &edges, &roots)), seed, 150)?;
    }

    #[test]
    fn nor_on_a_store_of_real_shape(seed in any::<u64>()) {
        monkey(Given::of(testing::store(300, 5, seed)), seed, 100)?;
    }
}

#[test]
fn cycles_in_the_input_are_warned_about() {
    let made = Given::of(testing::graph("app 1 -> a\na 2 -> b\nb 3 -> a"));
    let shown = run(
        Explore::new(Box::new(made), Request::default()),
        "!",
        (120, 24),
    );
    let shown = shown.expect("keys");
    assert!(
        shown.contains("paths that reference each other in a cycle"),
        "{shown}"
    );
}

#[test]
fn what_is_no_query_changes_nothing_and_stays_in_the_line() {
    let mut session = session(small(), (100, 24));
    session.press("/nar>=300").expect("keys");
    assert!(screen_text(&session.frame()).contains("2 of 5 match"));
    for keys in [" (", "nar>f", "oo)", "<enter>"] {
        session.press(keys).expect("keys");
        let text = screen_text(&session.frame());
        assert!(text.contains("2 of 5 match"), "{keys}:\n{text}");
    }
    let text = screen_text(&session.frame());
    assert!(
        text.contains("/ nar>=300 (nar>foo)") && text.contains("needs a number"),
        "{text}"
    );
    session.press("<esc>/<up>").expect("keys");
    let text = screen_text(&session.frame());
    assert!(!text.contains("foo"), "{text}");
}

#[test]
fn what_is_still_being_typed_hides_nothing() {
    for (keys, matches) in [
        ("/nar>=300 refs<", "2 of 5 match"),
        ("/nar>=300 (", "2 of 5 match"),
        ("/nar>=300 under:", "2 of 5 match"),
        ("/retained>", "  name  "),
    ] {
        let mut session = session(small(), (100, 24));
        session.press(keys).expect("keys");
        let text = screen_text(&session.frame());
        assert!(text.contains(matches), "{keys}:\n{text}");
        assert!(
            text.contains("needs a") || text.contains("closed"),
            "{keys}:\n{text}"
        );
    }
}

#[test]
fn the_path_that_all_chains_lead_to_stands_for_the_last_reference_of_the_one_shown() {
    let made = Given::of(testing::graph("app 1 -> a b\na 2 -> c\nb 3 -> c\nc 4"));
    let explore = Explore::new(Box::new(made), Request::default());
    let shown = run(explore, "/c<enter>we", (120, 24)).expect("keys");
    assert!(shown.contains("Why a references c"), "{shown}");
}

#[test]
fn what_is_pasted_is_searched_for() {
    let mut session = session(small(), (80, 24));
    session.press("t").expect("keys");
    let path = format!("/nix/store/{}-libc/lib\n", testing::hash_part(4));
    session.happen(Event::Paste(path));
    let text = screen_text(&session.frame());
    assert!(
        text.contains("1 of 5 match") && text.contains("/ /nix"),
        "{text}"
    );
    session.press("<esc>").expect("keys");
    session.happen(Event::Paste("some words".to_owned()));
    let text = screen_text(&session.frame());
    assert!(text.contains("/ searches"), "{text}");
}

#[test]
fn details_in_the_plan_are_of_the_row_of_the_cursor() {
    let mut session = session(small(), (120, 30));
    session.press("j j j mj ").expect("keys");
    let graph = |session: &Session| {
        let facts = session.app().facts().expect("loaded");
        let id = session.app().selected().expect("selected");
        facts.graph().name(id).to_owned()
    };
    for keys in ["", "Xu", "u", "k ", "U"] {
        session.press(keys).expect("keys");
        let text = screen_text(&session.frame());
        let row = text.lines().find(|line| line.contains('▌'));
        let row = row.unwrap_or_else(|| panic!("no cursor:\n{text}"));
        assert!(row.contains(&graph(&session)), "{keys}:\n{text}");
    }
}

#[test]
fn what_only_accidents_hold_is_found_in_the_files() {
    let text = screen("/accidental<enter>");
    assert!(text.contains("are not on this machine"), "{text}");
    assert!(text.contains("files are not read"), "{text}");
    let root = tempfile::tempdir().expect("a directory");
    let store = root.path().join("nix/store");
    let write = |path: u64, name: &str, file: &str, content: &[u64]| {
        let file = store.join(format!("{}-{name}/{file}", testing::hash_part(path)));
        let hashes: Vec<String> = content.iter().map(|&at| testing::hash_part(at)).collect();
        std::fs::create_dir_all(file.parent().expect("inside")).expect("made");
        std::fs::write(
            file,
            format!("#!/nix/store/{}-x", hashes.join("-x /nix/store/")),
        )
        .expect("written");
    };
    write(0, "app", "share/doc/app/README", &[3]);
    write(0, "app", "bin/app", &[1, 2]);
    write(2, "tool", "bin/tool", &[1, 4]);
    write(1, "lib", "bin/lib", &[4]);
    write(3, "data", "data", &[]);
    write(4, "libc", "libc", &[]);
    // Evidence counts as complete only where the files make a NAR of the recorded size.
    let size = |path: u64, name: &str| {
        let mut nar = Vec::new();
        let place = store.join(format!("{}-{name}", testing::hash_part(path)));
        encode_path(&mut nar, &place, CaseHack::Disabled).expect("an archive");
        nar.len()
    };
    let recorded = || {
        Given::of(testing::graph(&format!(
            "app {} -> lib tool data\ntool {} -> lib libc\nlib {} -> libc\nlibc {}\ndata {}",
            size(0, "app"),
            size(2, "tool"),
            size(1, "lib"),
            size(4, "libc"),
            size(3, "data")
        )))
    };
    let mut explore = Explore::new(Box::new(recorded()), Request::default());
    explore.files_root = Some(root.path().to_owned());
    let text = run(explore, "/accidental nar>1<enter>", (80, 24)).expect("keys");
    assert!(text.contains("1 of 5 match"), "{text}");
    assert!(text.contains("  data  "), "{text}");
    // What was found is in a snapshot written thereafter.
    let mut explore = Explore::new(Box::new(recorded()), Request::default());
    explore.files_root = Some(root.path().to_owned());
    let mut session = Session::open(explore, (80, 24));
    let file = root.path().join("a.heft");
    let keys = format!("/accidental<enter>E<ctrl-u>{}<enter>", file.display());
    session.press(&keys).expect("keys");
    let location = Location {
        from: Some(file.display().to_string()),
        ..Location::default()
    };
    let source = open(&location).expect("a snapshot");
    let loaded = source.load(&Request::default(), &Progress::new());
    let loaded = loaded.expect("it can be read");
    let app = loaded.graph.find(&format!("{}-app", testing::hash_part(0)));
    let edges = &loaded.found.referrers[&app.expect("a path")].edges;
    assert_eq!(edges.len(), 3);
}

#[test]
fn a_plan_that_would_be_lost_is_spoken_of_once() {
    let ends = |keys: &str| {
        let mut session = session(small(), (100, 24));
        session.press(keys).expect("keys");
        (
            session.ended.is_some(),
            screen_text(&session.frame()).contains("1 mark is not saved"),
        )
    };
    assert_eq!(ends("q"), (true, false));
    assert_eq!(ends("j q"), (false, true));
    assert_eq!(ends("j qq"), (true, false));
    assert_eq!(ends("j qjq"), (false, true), "it is asked again");
    assert!(ends("j <ctrl-c>").0);
    assert!(ends("j Q").0);
    assert_eq!(ends("j  q"), (true, false));
}

#[test]
fn from_why_one_comes_back_to_the_path_it_was_about() {
    let mut session = session(small(), (100, 30));
    session.press("/libc<enter>w").expect("keys");
    let target = session.app().selected();
    session.press("G").expect("keys");
    assert_ne!(session.app().selected(), target);
    session.press("1").expect("keys");
    assert_eq!(session.app().selected(), target);
}

#[test]
fn rows_of_the_details_stand_for_references() {
    let mut session = session(small(), (140, 30));
    // One choke point, then two referrers.
    session.press("/libc<enter><tab>jjj").expect("keys");
    session.press("e").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("references libc"), "{text}");
}

#[test]
fn the_details_scroll_on_a_small_screen() {
    let mut session = session(small(), (40, 12));
    session.press("/libc<enter>i").expect("keys");
    assert!(screen_text(&session.frame()).contains("itself"));
    session.press("jj").expect("keys");
    let text = screen_text(&session.frame());
    let row = text.lines().find(|line| line.contains('▌'));
    assert!(
        row.is_some_and(|row| row.contains("lib") || row.contains("tool")),
        "{text}"
    );
    session.press("g").expect("keys");
    assert!(screen_text(&session.frame()).contains("itself"));
}

#[test]
fn a_root_cannot_be_replaced() {
    let text = screen("gR");
    assert!(
        text.contains("a root cannot be replaced: it is what you asked about"),
        "{text}"
    );
}

fn forked() -> Given {
    Given::of(testing::graph(
        "app 1 -> a1 b1 c1 d1\na1 1 -> target\nb1 1 -> b2\nb2 1 -> target\nc1 1 -> c2\nc2 1 -> c3\nc3 1 -> target\nd1 1 -> target\ntarget 9",
    ))
}

#[test]
fn why_shows_a_whole_shortest_chain_and_opens_all_others() {
    let mut session = session(forked(), (100, 40));
    session.press("/target<enter>w").expect("keys");
    let text = screen_text(&session.frame());
    let rows: Vec<&str> = text.lines().map(str::trim).collect();
    let at = rows.iter().position(|row| row.contains("4 ways"));
    let at = at.unwrap_or_else(|| panic!("no segment:\n{text}"));
    assert!(rows[at].contains("▸"), "{text}");
    assert!(
        rows[at + 1].contains("a1") && rows[at + 2].contains("target"),
        "{text}"
    );
    session.press("+").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("c3") && text.contains("▾ 4 ways"), "{text}");
    session.press("-").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("▸ 4 ways"), "{text}");
}

#[test]
fn nothing_is_cut_below_what_leaves_and_a_step_leads_to_its_reference() {
    let mut session = session(forked(), (100, 40));
    session
        .press("/b1<enter> <esc>/target<enter>wa")
        .expect("keys");
    session.press("m").expect("keys");
    let text = screen_text(&session.frame());
    assert!(
        text.contains("cut     a1") && !text.contains("cut     b2"),
        "{text}"
    );
    session.press("gj<enter>").expect("keys");
    let text = screen_text(&session.frame());
    let row = text.lines().find(|line| line.contains('▌'));
    assert!(row.is_some_and(|row| row.contains("a1")), "{text}");
}

#[test]
fn the_footer_offers_what_the_row_is_for() {
    let footer = |keys: &str| {
        let text = screen(keys);
        text.lines().last().unwrap_or_default().to_owned()
    };
    let none = footer("/qqq<enter>");
    assert!(!none.contains("mark") && !none.contains("why"), "{none}");
    let point = footer("/libc<enter>w");
    assert!(!point.contains("l open"), "{point}");
    let text = screen("/qqq<enter> ");
    assert!(text.contains("there is no path in this row"), "{text}");
}

#[test]
fn all_paths_that_stay_can_be_listed() {
    let names: Vec<String> = (0..12).map(|at| format!(" held{at}")).collect();
    let held = names.join(" 1\n") + " 1\n";
    let names = names.concat();
    let made = format!("app 1 -> a b\na 1 ->{names}\nb 1 ->{names}\n{held}");
    let mut session = session(Given::of(testing::graph(&made)), (100, 40));
    session.press("/^a$<enter><esc>").expect("keys");
    let a = |session: &Session| {
        let facts = session.app().facts().expect("loaded");
        session
            .app()
            .selected()
            .map(|id| facts.graph().name(id).to_owned())
    };
    for _ in 0..20 {
        if a(&session).as_deref() == Some("a") {
            break;
        }
        session.press("j").expect("keys");
    }
    session.press(" m").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("… and 4 more"), "{text}");
    session.press("jjjjjjjjj<enter>").expect("keys");
    let text = screen_text(&session.frame());
    assert!(!text.contains("4 more"), "{text}");
    assert!(text.contains("held11") && text.contains("held9"), "{text}");
}

/// One large path and many that are too small for areas of their own, some of which can be seen by themselves.
fn crowded() -> Given {
    let many: Vec<String> = (0..400).map(|at| format!("small{at:03}")).collect();
    let text = format!("app 10 -> big {}\nbig 1000000\n", many.join(" "));
    let small = |(at, name): (usize, &String)| format!("{name} {}\n", 400 - at);
    let text = many
        .iter()
        .enumerate()
        .map(small)
        .fold(text, |text, line| text + &line);
    Given::of(testing::graph(&text))
}

#[test]
fn a_block_of_the_map_stands_for_no_single_path_and_can_be_gone_into() {
    let mut session = session(crowded(), (120, 30));
    session.press("6").expect("keys");
    let frame = |session: &Session| screen_text(&session.frame());
    assert!(frame(&session).contains("│ big\n"), "{}", frame(&session));
    session.press("l").expect("keys");
    let on_block = frame(&session);
    assert!(on_block.contains("401 paths, 78.3 KiB"), "{on_block}");
    for key in ["<space>", "y", "w"] {
        session.press(key).expect("keys");
        let text = frame(&session);
        assert!(
            text.contains("this area stands for many paths: enter goes in"),
            "{key}:\n{text}"
        );
        assert!(!text.contains("● 1"), "{text}");
    }
    session.press("<enter>").expect("keys");
    let inside = frame(&session);
    assert!(inside.contains("smaller ones"), "{inside}");
    assert!(inside.contains("│ small000"), "{inside}");
    session.press("<backspace>").expect("keys");
    assert!(
        frame(&session).contains("paths, 78."),
        "{}",
        frame(&session)
    );
    session.press("1").expect("keys");
    assert!(session.app().selected().is_some());
}

#[test]
fn roots_begin_with_the_first_root_and_their_dependencies_are_references() {
    let text = "*old 1 -> lib perl\n*new 2 -> lib\n*odd 900\nlib 3000\nperl 5000";
    let made = Given::of(testing::graph(text));
    let mut session = session(made, (100, 24));
    session.press("/perl<enter>8").expect("keys");
    let text = screen_text(&session.frame());
    assert!(
        text.contains("3 roots: several need 2.9 KiB in 1 path, all need 0 B"),
        "{text}"
    );
    let current = text.lines().find(|line| line.starts_with('▌'));
    assert!(current.is_some_and(|row| row.contains("old")), "{text}");
    session.press("G<up><up><up>").expect("keys");
    let says = |session: &mut Session, keys: &str, what: &str| {
        session.press(keys).expect("keys");
        let text = screen_text(&session.frame());
        assert!(text.contains(what), "{what}:\n{text}");
    };
    says(&mut session, "e", "several roots refer to it: w shows them");
    says(&mut session, "<up>", "frees");
    says(&mut session, "e", "Why old references perl");
}

#[test]
fn details_that_cover_the_view_name_the_key_that_closes_them() {
    let mut session = session(small(), (80, 24));
    session.press("i").expect("keys");
    let text = screen_text(&session.frame());
    let last = text.lines().last().unwrap_or_default();
    assert!(last.starts_with(" i close"), "{text}");
}

#[test]
fn what_stays_is_listed_with_what_it_holds_the_largest_first() {
    let text = "top 1 -> app other\napp 5 -> few many\nother 1 -> few more\nmore 1 -> few many\n\
                few 3000 -> below\nbelow 4000\nmany 5000";
    let mut session = session(Given::of(testing::graph(text)), (80, 24));
    session.press("/app<enter><space><enter>m").expect("keys");
    let text = screen_text(&session.frame());
    let stays = text
        .lines()
        .skip_while(|line| !line.contains("Stays despite"));
    let rows: Vec<&str> = stays.skip(1).take(2).collect();
    assert!(
        rows[0].contains("few") && rows[0].ends_with("6.8 KiB"),
        "{text}"
    );
    assert!(
        rows[1].contains("many") && rows[1].ends_with("4.9 KiB"),
        "{text}"
    );
}

/// What a binary cache tells, with the size of what would be downloaded.
struct Cached;

impl Source for Cached {
    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        let told = include_bytes!("fixtures/formats/real-2.34.8-from-cache.json");
        load_bytes(told, "https://me:secret@cache.example", request, progress)
    }
}

#[test]
fn what_is_not_the_own_store_is_named_and_the_download_is_measured() {
    let explore = Explore::new(Box::new(Cached), Request::default());
    let session = Session::open(explore, (140, 24));
    let text = screen_text(&session.frame());
    let first = text.lines().next().unwrap_or_default();
    assert!(first.contains("  from https://cache.example"), "{text}");
    assert!(
        text.contains("│ from       https://cache.example"),
        "{text}"
    );
    assert!(text.contains("│ download "), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn a_large_screen_shows_all_chains_that_fit_at_once() {
    for (size, open) in [((100, 40), false), ((160, 50), true), ((200, 60), true)] {
        let mut session = session(forked(), size);
        session.press("/target<enter>w").expect("keys");
        let text = screen_text(&session.frame());
        assert_eq!(text.contains("▾ 4 ways"), open, "{size:?}:\n{text}");
        let current = text.lines().find(|line| line.starts_with('▌'));
        assert!(current.is_some_and(|row| row.contains("target")), "{text}");
    }
}

#[test]
fn cuts_that_only_work_together_are_said_to() {
    let text = "app 1 -> left right\nleft 1 -> heavy\nright 1 -> heavy\nheavy 9000";
    let mut session = session(Given::of(testing::graph(text)), (100, 24));
    session.press("/heavy<enter>wam").expect("keys");
    let text = screen_text(&session.frame());
    let said = "only together: one by one they free nothing";
    assert!(text.contains(said), "{text}");
}

#[test]
fn what_was_said_is_listed_under_a_heading() {
    let mut session = session(small(), (80, 24));
    session.press("yM").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("╭─ Messages, newest first ─"), "{text}");
    assert!(text.contains("esc closes"), "{text}");
}

/// To cut one reference takes a kilobyte along, to cut two takes nothing.
fn behind_a_hub() -> Given {
    Given::of(testing::graph(
        "app -> hub\nhub 1000 -> left right\nleft 1 -> target\nright 1 -> target\ntarget 5",
    ))
}

#[test]
fn the_best_cut_is_offered_and_a_dear_one_is_asked_about() {
    let opened = || {
        let mut session = session(behind_a_hub(), (120, 30));
        session.press("/target<enter>w").expect("keys");
        session
    };
    let after = |keys: &str| {
        let mut session = opened();
        session.press(keys).expect("keys");
        screen_text(&session.frame())
    };
    let text = after("");
    assert!(text.contains("when these 2 references go"), "{text}");
    assert!(text.contains("take nothing else along"), "{text}");
    let text = after("am");
    assert!(
        text.contains("cut     left"),
        "what costs nothing is not asked about:\n{text}"
    );
    let text = after("jjj<enter>");
    assert!(
        text.contains("when this reference goes, and 1002 B in 3 other paths"),
        "{text}"
    );
    let text = after("jjj<enter>a");
    assert!(text.contains("Cut 1 reference?"), "{text}");
    assert!(!after("jjj<enter>a<esc>m").contains("cut     app"));
    assert!(after("jjj<enter>a<enter>m").contains("cut     app"));
}

#[test]
fn what_is_pinned_is_not_offered_until_it_is_freed() {
    let mut session = session(behind_a_hub(), (100, 40));
    session.press("/target<enter>wjP").expect("keys");
    let text = screen_text(&session.frame());
    assert!(text.contains("Pinned, never cut"), "{text}");
    assert!(
        text.contains("hub → left"),
        "another reference takes its place:\n{text}"
    );
    assert!(text.contains("pinned left → target"), "{text}");
    // The same reference stands in the row of the target's referrer, whose key frees it.
    session.press("GkP").expect("keys");
    let text = screen_text(&session.frame());
    assert!(!text.contains("Pinned, never cut"), "{text}");
    assert!(text.contains("when these 2 references go"), "{text}");
}

#[test]
fn the_mark_of_a_root_is_asked_about() {
    let mut session = session(small(), (80, 24));
    session.press("/app<enter><space>").expect("keys");
    let text = screen_text(&session.frame());
    assert!(
        text.contains("Mark app?") && text.contains("5 paths"),
        "{text}"
    );
    session.press("<esc>").expect("keys");
    assert!(!screen_text(&session.frame()).contains("●"));
    session.press("<space><enter>").expect("keys");
    assert!(screen_text(&session.frame()).contains("●"));
}
