//! Databases that cannot be read, with a made-up `nix` at hand.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::model::StoreDir;
use crate::source::location::UserEnvironment;
use crate::source::nix::Nix;
use crate::source::nix::tests::Fake;
use crate::source::open::Location;
use crate::source::roots::StorePlace;
use crate::testing::hash_part;

/// A store whose database file is a directory, so that it cannot be read.
fn load(script: &str, broken: bool, daemon: bool) -> Result<Loaded, SourceError> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let state = dir.path().join("nix/var/nix");
    let file = state.join("db/db.sqlite");
    if broken {
        fs::create_dir_all(&file).expect("a directory");
    }
    let place = StorePlace::new(dir.path(), StoreDir::default(), &state);
    let user = UserEnvironment {
        current_dir: PathBuf::from("/"),
        ..UserEnvironment::default()
    };
    let fake = Fake::new("nix (Nix) 2.18.1", script);
    let source = OrNix {
        database: Database::new(file, place.clone(), user.clone()),
        nix: NixStore {
            nix: Nix::new(fake.program(), None, &Location::default()),
            origin: "nix".to_owned(),
            store_dir: StoreDir::default(),
            place: Some(place),
            user,
        },
        daemon,
    };
    let request = Request {
        roots: vec![format!("{}-a", hash_part(1))],
        ..Request::default()
    };
    source.load(&request, &Progress::new())
}

fn answer() -> String {
    let path = format!("{}/{}-a", StoreDir::default(), hash_part(1));
    format!(r#"echo '[{{"path":"{path}","narSize":10,"references":[]}}]'"#)
}

#[test]
fn nix_is_asked_where_the_database_cannot_be_read() {
    for (broken, daemon) in [(true, false), (false, true)] {
        let loaded = load(&answer(), broken, daemon).expect("a closure");
        assert_eq!(loaded.graph.len(), 1);
        let warning = loaded.warnings[0].to_string();
        assert!(
            warning.starts_with("read through the `nix` command instead ("),
            "{warning}"
        );
    }
}

#[test]
fn without_a_store_there_is_nothing_to_ask_nix_for() {
    let error = load(&answer(), false, false).expect_err("no store");
    assert!(matches!(error, SourceError::NoStore { .. }));
}

#[test]
fn when_both_fail_both_are_told() {
    let error = load("echo 'error: no luck' >&2; exit 1", true, false).expect_err("a failure");
    let text = error.to_string();
    assert!(
        text.contains("db.sqlite") && text.contains("no luck"),
        "{text}"
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("--from -")));
}
