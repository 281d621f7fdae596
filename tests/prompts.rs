//! Questions for a file: tab completes what is typed, and plans that ask for what cannot be are read without it.

use std::fs;
use std::path::Path;

use nix_heft::source::Request;
use nix_heft::testing::explorer::Explore;
use nix_heft::testing::explorer::{Session, screen_text};
use nix_heft::testing::{self, Given};

fn session() -> Session {
    let text = "*desk-1.43 10 -> tool-2.0 desk-1.41\n*desk-1.42 10 -> tool-1.0\ndesk-1.41 3\ntool-1.0 500\ntool-2.0 700";
    let given = Given::of(testing::graph(text));
    Session::open(Explore::new(Box::new(given), Request::default()), (200, 24))
}

fn text(session: &Session) -> String {
    screen_text(&session.frame())
}

/// The last row of the screen after these keys in a question for a file below a directory.
fn asked(directory: &Path, keys: &str) -> String {
    let mut session = session();
    let base = directory.display();
    let keys = format!("jE<ctrl-u>{base}/{keys}");
    session.press(&keys).expect("keys are written right");
    let text = text(&session);
    let last = text.lines().last().unwrap_or_default().to_owned();
    last.replace(&format!("{base}"), "DIR")
}

#[test]
fn tab_brings_what_names_share_and_then_each_of_them() {
    let directory = tempfile::tempdir().expect("a directory");
    for name in ["report-1.md", "report-2.md", "other.csv"] {
        fs::write(directory.path().join(name), "").expect("a file");
    }
    let plans = directory.path().join("plans");
    fs::create_dir(&plans).expect("a directory");
    fs::write(plans.join("one.toml"), "").expect("a file");
    let table = [
        ("r<tab>", "DIR/report-▏  tab: report-1.md  report-2.md"),
        ("r<tab><tab>", "DIR/report-1.md▏  tab: report-2.md"),
        ("r<tab><tab><tab>", "DIR/report-2.md▏  tab: report-1.md"),
        ("r<tab><shift-tab>", "DIR/report-2.md▏"),
        ("r<tab><tab><tab><tab>", "DIR/report-1.md▏"),
        (
            "r<tab>2<tab>",
            "DIR/report-2.md▏  .md, .csv or .heft  tab completes",
        ),
        ("<tab>", "DIR/▏  tab: other.csv  plans/  report-1.md"),
        ("p<tab>", "DIR/plans/▏  .md, .csv or .heft  tab completes"),
        ("p<tab><tab>", "DIR/plans/one.toml▏"),
        ("x<tab>", "DIR/x▏  no file begins like that"),
        ("none/x<tab>", "No such file or directory"),
    ];
    for (keys, then) in table {
        let line = asked(directory.path(), keys);
        assert!(line.contains(then), "{keys}: {line}");
    }
}

#[test]
fn a_root_is_not_replaced_whoever_asks() {
    let refused = "a root cannot be replaced: it is what you asked about";
    let mut session = session();
    session.press("/desk-1.42<enter>R").expect("keys");
    assert!(text(&session).contains(refused), "{}", text(&session));
    session.press("=lR").expect("keys");
    let group = text(&session);
    assert!(group.contains("1 marked"), "{group}");
    assert!(group.contains("replace  desk-1.41"), "{group}");
    assert!(group.contains("change  desk-1.43"), "{group}");
    let directory = tempfile::tempdir().expect("a directory");
    let plan = directory.path().join("plan.toml");
    let steps = "format = \"nix-heft/plan\"\nversion = 1\n\
        [[step]]\nreplace.old = { name = \"desk-1.42\" }\nreplace.new = { name = \"desk-1.43\" }\n\
        [[step]]\nremove = { name = \"tool-1.0\" }\n";
    fs::write(&plan, steps).expect("the plan is written");
    let mut session = self::session();
    let keys = format!("L<ctrl-u>{}<enter>", plan.display());
    session.press(&keys).expect("keys");
    let screen = text(&session);
    assert!(
        screen.contains("1 left out") && screen.contains("1 marked"),
        "{screen}"
    );
    session.press("!").expect("keys");
    assert!(text(&session).contains(refused), "{}", text(&session));
}
