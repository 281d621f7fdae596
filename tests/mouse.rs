//! The mouse: what is clicked is what happens, in boxes, on signs and on hints.

use nix_heft::source::Request;
use nix_heft::testing::explorer::Explore;
use nix_heft::testing::explorer::{Event, Mouse};
use nix_heft::testing::explorer::{Session, screen_text};
use nix_heft::testing::{self, Given};
use ratatui::crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

/// Two chains of several steps to `libc`, a package in two versions, and a deep tree.
const SYSTEM: &str = "
    system 10 -> path etc app-1.0
    path 20 -> perl app-1.0
    etc 30 -> unit
    unit 5 -> perl tool
    perl 300 -> libc
    tool 40 -> lib-1.0 lib-2.0
    lib-1.0 600 -> libc
    lib-2.0 700 -> libc
    app-1.0 900 -> lib-2.0
    libc 400
";

/// A system with a package of two minor versions, one of which could go.
const DUPLICATES: &str =
    "system 1 -> app tool\napp 900 -> lib-2.0\ntool 5 -> lib-2.1\nlib-2.0 400\nlib-2.1 410\n";

fn session(keys: &str, size: (u16, u16)) -> Session {
    let text = if keys.starts_with(['5', '=']) {
        DUPLICATES
    } else {
        SYSTEM
    };
    let given = Given::of(testing::graph(text));
    let mut explore = Explore::new(Box::new(given), Request::default());
    explore.read_only = true;
    let mut session = Session::open(explore, size);
    session.press(keys).expect("keys");
    session
}

fn mouse(session: &mut Session, kind: MouseEventKind, (column, row): (u16, u16), double: bool) {
    let event = MouseEvent {
        kind,
        column,
        row,
        modifiers: KeyModifiers::NONE,
    };
    session.happen(Event::Mouse(Mouse { event, double }));
}

fn click(session: &mut Session, at: (u16, u16)) {
    mouse(session, MouseEventKind::Down(MouseButton::Left), at, false);
}

fn double_click(session: &mut Session, at: (u16, u16)) {
    click(session, at);
    mouse(session, MouseEventKind::Down(MouseButton::Left), at, true);
}

fn text(session: &Session) -> String {
    screen_text(&session.frame())
}

/// The cell where a text begins; all signs that are drawn before it take one cell each.
fn find(session: &Session, what: &str) -> (u16, u16) {
    let text = text(session);
    let mut lines = text.lines().enumerate();
    let found = lines.find_map(|(row, line)| Some((line.find(what)?, row, line)));
    let (at, row, line) = found.unwrap_or_else(|| panic!("no {what} in\n{text}"));
    (line[..at].chars().count() as u16, row as u16)
}

/// Every cell with a sign of something that can be opened or closed.
fn signs(session: &Session) -> Vec<(u16, u16)> {
    let text = text(session);
    let rows = text.lines().enumerate();
    rows.flat_map(|(row, line)| {
        let cells = line.chars().enumerate();
        let signs = cells.filter(|(_, sign)| "▸▾".contains(*sign));
        signs.map(move |(column, _)| (column as u16, row as u16))
    })
    .collect()
}

#[test]
fn a_row_of_a_box_is_selected_by_a_click_and_run_by_two() {
    let mut session = session(":", (100, 30));
    let row = find(&session, "Show the plan");
    click(&mut session, row);
    assert!(text(&session).contains("Commands"), "it stays open");
    let line = text(&session);
    let line = line.lines().nth(row.1.into()).unwrap_or_default();
    assert!(line.contains('▌'), "it is selected: {line}");
    double_click(&mut session, row);
    assert!(!text(&session).contains("Commands"));
    assert!(
        text(&session).contains("Nothing is marked"),
        "{}",
        text(&session)
    );
}

#[test]
fn a_click_outside_closes_a_box_and_one_on_its_frame_does_not() {
    for keys in [":", "?", "c", "R"] {
        let mut session = session(&format!("j{keys}"), (120, 40));
        let corner = find(&session, "╭");
        click(&mut session, corner);
        assert!(text(&session).contains('╭'), "{keys}");
        click(&mut session, (corner.0 - 1, corner.1));
        assert!(!text(&session).contains('╭'), "{keys}");
    }
}

#[test]
fn the_wheel_scrolls_a_box_under_its_cursor() {
    let mut session = session("?", (100, 24));
    let first = find(&session, "Go one row up.");
    mouse(&mut session, MouseEventKind::ScrollDown, first, false);
    assert!(!text(&session).contains("Go one row up."));
    for _ in 0..50 {
        mouse(&mut session, MouseEventKind::ScrollDown, first, false);
    }
    assert!(text(&session).contains("Quit."), "{}", text(&session));
    let row = find(&session, "Redraw the screen");
    click(&mut session, row);
    assert!(text(&session).contains('╭'));
}

#[test]
fn the_sign_of_a_column_shows_or_hides_it_and_two_clicks_sort() {
    let mut session = session("c", (120, 40));
    let (column, row) = find(&session, "✓ referrers");
    click(&mut session, (column, row));
    assert!(text(&session).contains("· referrers"), "{}", text(&session));
    let depth = find(&session, "depth ");
    double_click(&mut session, depth);
    assert!(text(&session).contains("▲ depth"), "{}", text(&session));
}

#[test]
fn a_double_click_replaces_by_what_was_clicked() {
    let mut session = session("/lib-1<enter>R", (120, 40));
    let row = find(&session, "lib-2.0   ");
    double_click(&mut session, row);
    session.press("m").expect("keys");
    assert!(text(&session).contains("replace"), "{}", text(&session));
}

#[test]
fn every_sign_opens_and_closes_its_row_and_nothing_else_does() {
    for (keys, size) in [
        ("t", (80, 24)),
        ("t+", (40, 20)),
        ("t+", (120, 40)),
        ("/libc<enter>w", (80, 24)),
        ("/libc<enter>w+", (120, 40)),
        ("/libc<enter>w+", (40, 20)),
        ("5", (80, 24)),
        ("5+", (120, 40)),
        ("=", (120, 40)),
        ("8", (80, 24)),
    ] {
        let all = signs(&session(keys, size));
        assert!(!all.is_empty(), "{keys}: {}", text(&session(keys, size)));
        for at in all {
            let mut session = session(keys, size);
            let cell = |session: &Session| session.frame()[at].symbol().to_owned();
            let before = cell(&session);
            click(&mut session, at);
            assert_ne!(cell(&session), before, "{keys} {at:?}: {}", text(&session));
            // However fast: opening twice is closing.
            mouse(
                &mut session,
                MouseEventKind::Down(MouseButton::Left),
                at,
                true,
            );
            assert_eq!(cell(&session), before, "{keys} {at:?}: {}", text(&session));
            click(&mut session, (at.0 + 3, at.1));
            assert_eq!(cell(&session), before, "{keys} {at:?}: {}", text(&session));
        }
    }
}

#[test]
fn a_hint_does_what_its_key_does() {
    let hints = [
        ("w why", "Why is"),
        ("? help", "Help"),
        (": commands", "Commands"),
    ];
    for (hint, then) in hints {
        let mut session = session("j", (120, 30));
        let (x, y) = find(&session, hint);
        for x in [x, x + hint.len() as u16 - 1] {
            click(&mut session, (x, y));
            assert!(text(&session).contains(then), "{hint}: {}", text(&session));
            session.press("<esc>").expect("keys");
        }
    }
    let mut session = session("j", (120, 30));
    let (x, y) = find(&session, "space mark");
    click(&mut session, (x - 1, y));
    assert!(
        !text(&session).contains("marked"),
        "between two hints is nothing"
    );
    click(&mut session, (x, y));
    assert!(text(&session).contains("1 marked"));
}

#[test]
fn a_click_wipes_a_message_away_before_hints_are_clicked() {
    let mut session = session("jy", (80, 24));
    assert!(text(&session).contains("copied"));
    click(&mut session, (3, 23));
    assert!(!text(&session).contains("copied") && text(&session).contains("/ search"));
}

#[test]
fn a_click_beside_a_question_leaves_it_and_one_on_a_tab_keeps_a_search() {
    let mut session = session("jE", (80, 24));
    assert!(text(&session).contains("export to:"));
    let before = session.app().selected();
    click(&mut session, (10, 6));
    assert!(!text(&session).contains("export to:"));
    assert_eq!(session.app().selected(), before, "the click only left it");
    session.press("/lib").expect("keys");
    let tab = find(&session, " 2 ");
    click(&mut session, tab);
    assert!(
        text(&session).contains("references of"),
        "{}",
        text(&session)
    );
    session.press("1").expect("keys");
    assert!(text(&session).contains("lib ×"), "{}", text(&session));
}

#[test]
fn the_numbers_in_the_first_row_lead_to_what_they_count() {
    for size in [(40, 12), (80, 24), (120, 30)] {
        let mut session = session("j ", size);
        let (x, y) = find(&session, "● 1");
        click(&mut session, (x - 1, y));
        assert!(!text(&session).contains("marginal"), "{}", text(&session));
        click(&mut session, (x, y));
        assert!(text(&session).contains("marginal"), "{}", text(&session));
    }
}
