//! Laws that hold for every view, whatever it shows.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hashbrown::HashMap;

use crate::app::able;
use crate::app::explore::Explore;
use crate::app::keys::command::{COMMANDS, Command, Scope};
use crate::app::pane::{self, Folding};
use crate::app::view::View;
use crate::app::{App, Focus};
use crate::job::Progress;
use crate::model::graph_builder::Draft;
use crate::model::{Closure, GraphBuilder, PathId, StoreDir};
use crate::replay::{Session, screen_text};
use crate::source::roots::gc::{GcRoot, GcRoots, RootKind};
use crate::source::{Loaded, Request, Source, SourceError};
use crate::testing::{Given, graph};
use crate::text::Units;

/// A system in which every view has something to show.
const SYSTEM: &str = "*system 1000 -> app-1.0 app-1.1 tool doc\n*other 500 -> tool\napp-1.0 90000 -> lib-1.0 perl\n\
    app-1.1 95000 -> lib-1.1 perl\ntool 3000 -> lib-1.0 data\nlib-1.0 40000 -> libc\nlib-1.1 41000 -> libc\n\
    perl 700000 -> libc\ndoc 20000\ndata 5000000\nlibc 60000";

/// A store in which links hold what was asked about.
struct Rooted(Given);

impl Source for Rooted {
    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        self.0.load(request, progress)
    }

    fn gc_roots(&self, _: &Progress) -> Result<Option<GcRoots>, SourceError> {
        let Loaded { graph, roots, .. } = &self.0.0;
        let root = |&id: &PathId| GcRoot {
            link: format!("/nix/var/nix/gcroots/{}", graph.name(id)).into(),
            registered: None,
            target: graph.base_name(id).to_owned(),
            kind: RootKind::Link,
            owner: None,
            created: None,
            generation: None,
            process: None,
        };
        Ok(Some(GcRoots {
            roots: roots.iter().map(root).collect(),
            ..GcRoots::default()
        }))
    }
}

/// What it is compared with: the paths of one name are the same.
const BEFORE: &str = "*before 900 -> app-0.9 app-x tool doc gone\napp-0.9 80000 -> lib-1.0 perl\napp-x 1 -> lib-x\n\
    tool 3000 -> lib-1.0 data\nlib-1.0 40000 -> libc\nperl 700000 -> libc\ndoc 20000\ndata 5000000\n\
    libc 60000\ngone 123";

fn explore() -> Explore {
    explore_of(SYSTEM, BEFORE.to_owned())
}

fn explore_of(system: &str, before: String) -> Explore {
    let store = Rooted(Given::of(graph(system)));
    let mut explore = Explore::new(Box::new(store), Request::default());
    explore.other = Box::new(move |_, _, _| {
        let before = Given::of(graph(&before)).0;
        Ok(Some(("before".to_owned(), before)))
    });
    explore
}

/// The same paths, each of a size that takes most cells, and one of unknown size.
fn widest(text: &str) -> String {
    let line = |line: &str| {
        let mut words = line.trim().splitn(3, ' ');
        let name = words.next().unwrap_or_default();
        let size = if name == "data" { "?" } else { "1045196" };
        let rest = words.nth(1).unwrap_or_default();
        format!("{name} {size} {rest}\n")
    };
    text.lines().map(line).collect()
}

/// Whether something stands right before or right behind a size.
fn touches_a_size(line: &str) -> bool {
    let letters: Vec<char> = line.chars().collect();
    let at = |at: Option<usize>| at.and_then(|at| letters.get(at)).copied().unwrap_or(' ');
    let units = (3..letters.len()).filter(|&end| letters[end - 1..=end] == ['i', 'B']);
    let mut touched = units.map(|end| {
        let digits = |c: &char| c.is_ascii_digit() || *c == '.';
        let length = letters[..end - 3]
            .iter()
            .rev()
            .take_while(|c| digits(c))
            .count();
        let mut before = (end - 3).checked_sub(length + 1);
        if matches!(at(before), '+' | '−') {
            before = before.and_then(|at| at.checked_sub(1));
        }
        let parted = matches!(at(before), ' ' | '(' | '▌');
        !parted || !matches!(at(Some(end + 1)), ' ' | ',' | ';' | ':' | ')')
    });
    touched.any(|touched| touched)
}

/// A session with something searched for, marked and cut, so that no view is empty.
fn session(explore: Explore) -> Session {
    let mut session = Session::open(explore, (140, 44));
    session
        .press("D/perl<enter> <esc>/data<enter>")
        .expect("keys");
    session
}

fn show(session: &mut Session, view: View) {
    let key = session.app().shared.keys.shown(view.command());
    session.press(&key).expect("a key");
    assert_eq!(session.app().view(), view);
}

/// What each row of the view at the front stands for.
fn rows(app: &App) -> Vec<Option<crate::app::target::Target>> {
    let (pane, cx) = app.pane(Focus::Main).expect("loaded");
    (0..pane.len(cx)).map(|at| pane.target(cx, at)).collect()
}

/// The views that show something: there are no files of these paths.
fn filled() -> impl Iterator<Item = View> {
    let empty = |view: &View| {
        let mut session = session(explore());
        show(&mut session, *view);
        rows(session.app()).is_empty()
    };
    let filled: Vec<View> = View::ALL
        .iter()
        .copied()
        .filter(|view| !empty(view))
        .collect();
    assert!(filled.len() + 2 >= View::ALL.len(), "{filled:?}");
    filled.into_iter()
}

#[test]
fn every_command_of_few_views_is_given_in_some() {
    for spec in COMMANDS.iter().filter(|spec| spec.scope == Scope::Own) {
        let mut views = View::ALL.iter();
        let given = views.any(|view| view.spec().own.contains(&spec.command));
        assert!(given, "{} is given nowhere", spec.id);
    }
    for view in View::ALL {
        for command in view.spec().own {
            assert_eq!(command.spec().scope, Scope::Own, "{}", view.title());
        }
    }
}

#[test]
fn who_goes_away_and_comes_back_sees_the_same() {
    for &view in View::ALL {
        for other in View::ALL.iter().filter(|&&other| other != view) {
            let mut session = session(explore());
            show(&mut session, view);
            let before = screen_text(&session.frame());
            show(&mut session, *other);
            session.press("<backspace>").expect("keys");
            let after = screen_text(&session.frame());
            assert_eq!(after, before, "{view:?}, {other:?}");
        }
    }
}

#[test]
fn what_was_cancelled_is_looked_for_again_when_it_is_asked_for() {
    for &view in View::ALL {
        let mut session = session(explore());
        show(&mut session, view);
        let mut fresh = super::Views::default();
        let (_, cx) = session.app().pane(Focus::Main).expect("loaded");
        let wants = fresh.needs(view, cx).is_some();
        fresh.cancel(view, true);
        assert!(fresh.needs(view, cx).is_none(), "{view:?}");
        fresh.cancel(view, false);
        assert_eq!(fresh.needs(view, cx).is_some(), wants, "{view:?}");
    }
}

#[test]
fn a_reload_keeps_view_and_selection() {
    for &view in View::ALL {
        let mut session = session(explore());
        show(&mut session, view);
        let before = session.app().selected();
        session.press("r").expect("keys");
        assert_eq!(session.app().view(), view);
        assert_eq!(session.app().selected(), before, "{view:?}");
    }
}

/// Delivers all paths at first, and later only those of the closure: what stays has another number then.
struct Cleaned {
    store: Rooted,
    reads: AtomicUsize,
}

impl Source for Cleaned {
    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        let loaded = self.store.load(request, progress)?;
        if self.reads.fetch_add(1, Ordering::Relaxed) == 0 {
            return Ok(loaded);
        }
        let (from, mut to) = (&loaded.graph, GraphBuilder::new(StoreDir::default(), false));
        let closure = Closure::of(from, &loaded.roots);
        let mut add = |id: PathId| to.add(from.base_name(id), from.info(id));
        let drafts = closure.members().iter().map(|id| Some((id, add(id)?)));
        let drafts: HashMap<PathId, Draft> = drafts.collect::<Option<_>>().expect("room");
        for (&id, &draft) in &drafts {
            for reference in from.references(id) {
                to.reference(draft, drafts[reference]);
            }
        }
        let roots: Vec<_> = loaded.roots.iter().map(|root| drafts[root]).collect();
        let built = to.finish(&roots);
        Ok(Loaded {
            graph: Arc::new(built.graph),
            roots: built.roots,
            ..loaded
        })
    }

    fn gc_roots(&self, progress: &Progress) -> Result<Option<GcRoots>, SourceError> {
        self.store.gc_roots(progress)
    }
}

/// What is on screen, without the row in which messages stand.
fn above_the_message(session: &Session) -> String {
    let text = screen_text(&session.frame());
    text.lines()
        .rev()
        .skip(1)
        .fold(String::new(), |below, line| format!("{line}\n{below}"))
}

#[test]
fn a_reload_keeps_what_is_open_and_where_the_cursor_is() {
    for &view in View::ALL {
        for keys in [
            "jj",
            "<right>jj",
            "+jjj",
            "+jjjjj-k",
            "j<right>j<right>j",
            "jmj",
            "m+jj",
        ] {
            let mut explore = explore();
            explore.source = Box::new(Cleaned {
                store: Rooted(Given::of(graph(&format!("unused 5 -> libc\n{SYSTEM}")))),
                reads: AtomicUsize::new(0),
            });
            let mut session = session(explore);
            show(&mut session, view);
            session.press(keys).expect("keys");
            let before = above_the_message(&session);
            session.press("r").expect("keys");
            let after = above_the_message(&session);
            assert_eq!(after, before, "{view:?} after {keys}");
        }
    }
}

#[test]
fn sizes_are_in_the_units_that_were_asked_for() {
    for &view in View::ALL {
        let mut explore = explore();
        explore.units = Units::Bytes;
        let mut session = session(explore);
        show(&mut session, view);
        session.press("+").expect("keys");
        let text = screen_text(&session.frame());
        for unit in ["KiB", "MiB", "GiB"] {
            assert!(!text.contains(unit), "{view:?}: {text}");
        }
    }
}

#[test]
fn a_size_touches_nothing_beside_it() {
    assert!(touches_a_size(" 1020.7 KiB+1020.7 KiB") && touches_a_size("name1.0 MiB"));
    assert!(!touches_a_size(" +1020.7 KiB  ≥ 1.0 MiB: x"));
    for columns in [80, 100, 120, 200] {
        for &view in View::ALL {
            let explore = explore_of(&widest(SYSTEM), widest(BEFORE));
            let mut session = Session::open(explore, (columns, 60));
            session.press("D/perl<enter> <esc>").expect("keys");
            show(&mut session, view);
            session.press("+").expect("keys");
            let text = screen_text(&session.frame());
            let touched: Vec<&str> = text.lines().filter(|line| touches_a_size(line)).collect();
            assert!(touched.is_empty(), "{view:?} at {columns}: {touched:#?}");
        }
    }
}

#[test]
fn in_ascii_nothing_else_is_drawn() {
    for &view in View::ALL {
        let mut explore = explore();
        explore.ascii = true;
        let mut session = session(explore);
        show(&mut session, view);
        session.press("+").expect("keys");
        let text = screen_text(&session.frame());
        assert!(text.is_ascii(), "{view:?}: {text}");
    }
}

#[test]
fn the_rows_of_the_table_are_about_different_views() {
    let ids: std::collections::HashSet<&str> =
        View::ALL.iter().map(|view| view.spec().id).collect();
    assert_eq!(ids.len(), View::ALL.len());
    assert!(COMMANDS.iter().any(|spec| spec.command == Command::WHY));
}

#[test]
fn the_cursor_stays_where_there_is_something_to_stand_on() {
    for view in filled() {
        let mut session = session(explore());
        show(&mut session, view);
        session.press("+").expect("keys");
        for _ in 0..=rows(session.app()).len() {
            let (pane, cx) = session.app().pane(Focus::Main).expect("loaded");
            assert!(pane::here(pane, cx).is_some(), "{view:?}");
            session.press("j").expect("keys");
        }
    }
}

#[test]
fn a_revealed_path_is_under_the_cursor() {
    for view in filled() {
        let mut session = session(explore());
        show(&mut session, view);
        session.press("+").expect("keys");
        let paths = rows(session.app()).into_iter().flatten();
        let mut found = 0;
        for id in paths.filter_map(|target| target.path).collect::<Vec<_>>() {
            let mut views = session.app().views.clone();
            let (_, cx) = session.app().pane(Focus::Main).expect("loaded");
            let pane = views.pane_mut(view);
            if pane.reveal(cx, id) {
                found += 1;
                let here = pane::here(pane, cx).and_then(|target| target.path);
                assert_eq!(here, Some(id), "{view:?}");
            }
        }
        assert!(found > 0, "{view:?} reveals nothing it shows");
    }
}

#[test]
fn every_hint_can_be_followed_on_some_row() {
    for view in filled() {
        let mut session = session(explore());
        show(&mut session, view);
        if view.spec().opens {
            session.press("+").expect("keys");
        }
        for &hint in view.spec().hints {
            let mut session_at = 0..=rows(session.app()).len();
            session.press("g").expect("keys");
            let able = session_at.any(|_| {
                let able = able::obstacle(session.app(), hint).is_none();
                session.press(if able { "" } else { "j" }).expect("keys");
                able
            });
            assert!(able, "{hint:?} in {view:?}");
        }
    }
}

#[test]
fn what_opens_closes_again() {
    for view in filled().filter(|view| view.spec().opens) {
        let mut session = session(explore());
        show(&mut session, view);
        session.press("g").expect("keys");
        let mut views = session.app().views.clone();
        let (_, cx) = session.app().pane(Focus::Main).expect("loaded");
        let pane = views.pane_mut(view);
        pane.fold(cx, Folding::OpenAll);
        let open = pane.len(cx);
        pane.fold(cx, Folding::CloseAll);
        assert!(pane.len(cx) < open, "{view:?}");
        assert!(pane.cursor().at < pane.len(cx), "{view:?}");
    }
}
