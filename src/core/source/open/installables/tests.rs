//! Which roots go to `nix`, and which do not.

use std::sync::{Arc, Mutex};

use super::*;
use crate::model::StoreDir;
use crate::source::nix::tests::Fake;
use crate::source::open::Location;
use crate::testing::hash_part;

/// Notes what it is asked for.
struct Notes(Arc<Mutex<Vec<String>>>);

impl Source for Notes {
    fn load(&self, request: &Request, _: &Progress) -> Result<Loaded, SourceError> {
        *self.0.lock().expect("a lock") = [request.roots.clone(), request.extras.clone()].concat();
        Err(SourceError::NoRoots)
    }
}

fn asked(roots: &[&str], attributes: bool) -> Vec<String> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::write(dir.path().join("odd#name"), "").expect("a file");
    fs::create_dir(dir.path().join("flake")).expect("a directory");
    fs::write(dir.path().join("flake/flake.nix"), "").expect("a file");
    let fake = Fake::new(
        "nix (Nix) 2.26.3",
        "for last; do true; done; echo \"resolved:$last\"",
    );
    let notes = Arc::new(Mutex::new(Vec::new()));
    let source = Installables {
        inner: Box::new(Notes(Arc::clone(&notes))),
        nix: Nix::new(fake.program(), None, &Location::default()),
        user: UserEnvironment {
            current_dir: dir.path().to_owned(),
            ..UserEnvironment::default()
        },
        attributes,
        links: None,
    };
    let request = Request {
        roots: roots.iter().map(|&root| root.to_owned()).collect(),
        ..Request::default()
    };
    let outcome = source.load(&request, &Progress::new());
    assert!(matches!(outcome, Err(SourceError::NoRoots)));
    notes.lock().expect("a lock").clone()
}

#[test]
fn flakes_are_told_from_paths() {
    let full = format!("{}/{}-x", StoreDir::default(), hash_part(1));
    let base = format!("{}-x", hash_part(1));
    for plain in [
        "result",
        "odd#name",
        full.as_str(),
        base.as_str(),
        "/etc",
        "a/b",
    ] {
        assert_eq!(asked(&[plain], false), [plain]);
    }
    for installable in [
        "nixpkgs#hello",
        ".#x",
        "flake",
        "github:a/b",
        "nixpkgs#a^dev",
    ] {
        assert_eq!(
            asked(&[installable], false),
            [format!("resolved:{installable}")]
        );
    }
}

#[test]
fn with_a_file_every_root_is_an_attribute() {
    assert_eq!(asked(&["hello"], true), ["resolved:hello"]);
    assert_eq!(asked(&[], true), ["resolved:--"]);
    assert_eq!(asked(&[], false), [""; 0]);
}
