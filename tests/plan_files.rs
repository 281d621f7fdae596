//! Plans and reports written and read by the explorer, and replacements chosen in it: by keys, as a user does it.

use std::fs;
use std::path::Path;

use nix_heft::analysis::plan::PlanFile;
use nix_heft::source::Request;
use nix_heft::testing::explorer::Explore;
use nix_heft::testing::explorer::{Session, screen_text};
use nix_heft::testing::{self, Given};

const SYSTEM: &str = "app 10 -> lib-1.0 tool data\ntool 5 -> lib-1.0 libc\nlib-1.0 300 -> libc\nlib-2.0 200\n\
                      libc 40\ndata 2000 -> lib-2.0";

fn explore(text: &str) -> Explore {
    Explore::new(
        Box::new(Given::of(testing::graph(text))),
        Request::default(),
    )
}

/// The screen after some keys.
fn press(session: &mut Session, keys: &str) -> String {
    session.press(keys).expect("keys");
    screen_text(&session.frame())
}

/// Types the name of a file in place of the one proposed.
fn name(path: &Path) -> String {
    format!("<ctrl-u>{}<enter>", path.display())
}

#[test]
fn a_plan_written_in_one_session_is_read_in_the_next() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("plan.toml");
    let mut session = Session::open(explore(SYSTEM), (200, 24));
    let text = press(
        &mut session,
        &format!("/data<enter> <esc>/libc<enter> W{}", name(&file)),
    );
    assert!(text.contains("wrote "), "{text}");
    let plan = fs::read_to_string(&file).expect("written");
    assert_eq!(PlanFile::parse(&plan).expect("a plan").len(), 2);

    let mut next = Session::open(explore(SYSTEM), (200, 24));
    let text = press(&mut next, &format!("L{}", name(&file)));
    assert!(
        text.contains("2 steps") && text.contains("● 2 marked"),
        "{text}"
    );
    let text = press(&mut next, "u");
    assert!(!text.contains("marked"), "one undo takes all back: {text}");

    let changed = SYSTEM.replace("data", "date");
    let mut another = explore(&changed);
    another.plan = Some(PlanFile::parse(&plan).expect("a plan"));
    let mut another = Session::open(another, (200, 24));
    let text = screen_text(&another.frame());
    assert!(text.contains("● 1 marked"), "{text}");
    assert!(text.contains("1 done already"), "{text}");
    let text = press(&mut another, "4");
    let row = text.lines().find(|row| row.contains('✓'));
    let row = row.expect("the step that is done");
    assert!(
        row.contains("gone") && row.contains("data") && row.contains("had promised"),
        "{text}"
    );
}

#[test]
fn a_file_is_written_over_only_when_that_is_said_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("plan.toml");
    fs::write(&file, "precious").expect("written");
    let mut session = Session::open(explore(SYSTEM), (200, 24));
    let text = press(&mut session, &format!("/data<enter> W{}", name(&file)));
    assert!(
        text.contains("plan.toml already exists: enter overwrites it"),
        "{text}"
    );
    assert_eq!(fs::read_to_string(&file).expect("there"), "precious");
    press(&mut session, "<esc>j");
    assert_eq!(fs::read_to_string(&file).expect("there"), "precious");
    press(&mut session, &format!("W{}<enter>", name(&file)));
    let text = fs::read_to_string(&file).expect("there");
    assert!(text.contains("nix-heft/plan"), "{text}");
}

#[test]
fn reports_are_what_their_ending_says() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut session = Session::open(explore(SYSTEM), (200, 24));
    press(&mut session, "/data<enter> ");
    for (file, beginning) in [
        ("plan.md", &b"# What the plan would free"[..]),
        ("all.csv", b"pos,level,package_name"),
        ("all.heft", b""),
    ] {
        let path = directory.path().join(file);
        let text = press(&mut session, &format!("E{}", name(&path)));
        assert!(text.contains("wrote "), "{text}");
        let bytes = fs::read(&path).expect("written");
        assert!(bytes.starts_with(beginning) && !bytes.is_empty(), "{file}");
    }
    let text = press(
        &mut session,
        &format!("E{}", name(&directory.path().join("x.doc"))),
    );
    assert!(text.contains("must end in"), "{text}");
    let text = press(&mut session, "<esc>L<ctrl-u>/nonexistent/plan<enter>");
    assert!(text.contains("cannot read /nonexistent/plan"), "{text}");
    let file = directory.path().join("all.csv");
    let text = press(&mut session, &format!("L{}", name(&file)));
    assert!(text.contains("not a plan"), "{text}");
}

#[test]
fn a_replacement_is_chosen_among_builds_or_by_name() {
    let mut session = Session::open(explore(SYSTEM), (120, 24));
    let text = press(&mut session, "/lib-1<enter>R");
    assert!(text.contains("Replace lib-1.0 by"), "{text}");
    let text = press(&mut session, "<enter>m");
    assert!(text.contains("● 1") && text.contains("lib-2.0"), "{text}");
    press(&mut session, "X1");
    // What the replacement itself needs cannot be replaced by it.
    let text = press(&mut session, "<esc>/libc<enter>Rtool<enter>");
    assert!(
        text.contains("cannot be done") && text.contains("cycl"),
        "{text}"
    );
}

const TRIES: &str = "format = \"nix-heft/plan\"\nversion = 1\n[[step]]\ntry = \"services.web.enable = false;\"\n\
    [[step]]\ntry.change = '''\n# smaller\nservices.log = {\n  enable = false;\n};'''\ntry.frees = 70000\n\
    [[step]]\nremove = { name = \"data\" }\n";

#[test]
fn what_a_plan_tries_is_kept_shown_saved_and_taken_out() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    fs::write(at("plan.toml"), TRIES).expect("written");
    let mut session = Session::open(explore(SYSTEM), (120, 24));
    let text = press(&mut session, &format!("L{}", name(&at("plan.toml"))));
    assert!(
        text.contains("3 steps") && text.contains("● 3 marked"),
        "{text}"
    );
    let text = press(&mut session, "4");
    let row = |text: &str, what: &str| {
        let row = text.lines().find(|row| row.contains(what));
        row.unwrap_or_else(|| panic!("{what} in {text}")).to_owned()
    };
    // Nothing is made up for what was not evaluated, and nothing of it is in the sum.
    assert!(row(&text, "services.web.enable").contains("not tried yet, no --config"));
    let told = row(&text, "services.log = { enable = false; };");
    assert!(told.contains("had promised −68.4 KiB"), "{told}");
    assert!(row(&text, "remove").contains(" 3"), "{text}");
    assert!(row(&text, "predicted").contains("−2.1 KiB"), "{text}");
    assert!(
        text.contains("no total includes the changes to be tried"),
        "{text}"
    );
    let text = press(&mut session, "<enter>");
    assert!(text.contains("configuration"), "none is at hand: {text}");

    // It is a step like any other: marked again it is out, and undo brings it back.
    let text = press(&mut session, "<home> ");
    assert!(
        !text.contains("try     services.web") && text.contains("● 2 marked"),
        "{text}"
    );
    let text = press(&mut session, "u");
    assert!(
        text.contains("try     services.web") && text.contains("● 3 marked"),
        "{text}"
    );
    press(&mut session, "r");
    let text = press(&mut session, &format!("W{}", name(&at("saved.toml"))));
    assert!(text.contains("wrote "), "{text}");
    let saved = fs::read_to_string(at("saved.toml")).expect("written");
    let (saved, given) = (PlanFile::parse(&saved), PlanFile::parse(TRIES));
    let tries = |plan: &PlanFile| plan.try_steps();
    let saved = saved.expect("a plan");
    assert_eq!(
        (saved.len(), tries(&saved)),
        (3, tries(&given.expect("a plan")))
    );
    let text = press(&mut session, "q");
    assert!(!text.contains("not saved"), "{text}");

    let mut session = Session::open(explore(SYSTEM), (120, 24));
    press(&mut session, &format!("L{}", name(&at("saved.toml"))));
    press(&mut session, &format!("E{}", name(&at("page.md"))));
    let page = fs::read_to_string(at("page.md")).expect("written");
    for line in [
        "- `services.web.enable = false;`: not tried yet",
        "- `services.log = { enable = false; };`: was predicted to free",
        "| leave out `data` |",
    ] {
        assert!(page.contains(line), "{line} in {page}");
    }
    // Taken out, all but what is to be tried: no sum is told.
    let text = press(&mut session, "/data<enter> 4");
    assert!(
        text.contains("Changes to be tried; no total includes them."),
        "{text}"
    );
    let text = press(&mut session, "X");
    assert!(text.contains("Nothing is marked yet."), "{text}");
}
