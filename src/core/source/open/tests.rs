//! What the ways to name a store mean.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::source::location::UserEnvironment;

fn environment(root: &Path) -> Environment {
    Environment {
        user: UserEnvironment {
            current_dir: root.to_owned(),
            data_home: Some(root.join("home/.local/share")),
            ..UserEnvironment::default()
        },
        store_dir: None,
        state_dir: None,
        remote: None,
        nix: "nix".into(),
        system_root: root.to_owned(),
    }
}

fn lab() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let root = fs::canonicalize(dir.path()).expect("a directory");
    (dir, root)
}

fn touch(file: &Path) {
    fs::create_dir_all(file.parent().expect("a parent")).expect("a directory");
    fs::write(file, "").expect("a file");
}

fn store(text: &str) -> Location {
    Location {
        store: Some(text.to_owned()),
        ..Location::default()
    }
}

fn local_of(choice: Choice) -> Local {
    match choice {
        Choice::Local(local) => local,
        other => panic!("not a local store: {other:?}"),
    }
}

fn choose(location: &Location, environment: &Environment) -> Choice {
    super::choose(location, environment).expect("it means something")
}

#[test]
fn without_a_word_it_is_the_machines_store() {
    let (_dir, root) = lab();
    let mut environment = environment(&root);
    let plain = |environment: &Environment| local_of(choose(&Location::default(), environment));
    let expected = root.join("nix/var/nix/db/db.sqlite");
    assert_eq!(plain(&environment).file, expected);
    assert!(!has_store_in(&Location::default(), &environment));

    touch(&root.join("var/guix/db/db.sqlite"));
    assert_eq!(plain(&environment).place.store_dir.as_str(), "/gnu/store");
    let home = root.join("home/.local/share/nix/root");
    touch(&home.join("nix/var/nix/db/db.sqlite"));
    assert_eq!(plain(&environment).place.root, home);
    touch(&expected);
    assert_eq!(plain(&environment).file, expected);
    assert!(has_store_in(&Location::default(), &environment));

    environment.state_dir = Some("/state".into());
    environment.store_dir = Some("/own/store".into());
    assert_eq!(plain(&environment).file, Path::new("/state/db/db.sqlite"));
    assert_eq!(plain(&environment).place.store_dir.as_str(), "/own/store");
}

#[test]
fn nix_remote_counts_unless_a_store_is_named() {
    let (_dir, root) = lab();
    let mut environment = environment(&root);
    let own = choose(&Location::default(), &environment);
    for (remote, expected) in [
        ("daemon", own.clone()),
        ("local", own.clone()),
        ("ssh-ng://host", Choice::Nix("ssh-ng://host".to_owned())),
        ("https://cache", Choice::Cache("https://cache".to_owned())),
    ] {
        environment.remote = Some(remote.into());
        assert_eq!(
            choose(&Location::default(), &environment),
            expected,
            "{remote}"
        );
        assert_eq!(choose(&store("auto"), &environment), own);
    }
}

#[test]
fn stores_are_told_apart_by_how_they_are_written() {
    let (_dir, root) = lab();
    let environment = environment(&root);
    let of = |text: &str| choose(&store(text), &environment);
    for text in [
        "daemon",
        "ssh-ng://host",
        "s3://bucket?region=x",
        "ssh://u@h",
        "unix:///socket",
    ] {
        assert_eq!(of(text), Choice::Nix(text.to_owned()));
    }
    for text in [
        "http://localhost:1",
        "https://cache.example",
        "file:///cache",
    ] {
        assert_eq!(of(text), Choice::Cache(text.to_owned()));
    }
    let chroot = root.join("s p");
    touch(&chroot.join("nix/var/nix/db/db.sqlite"));
    let expected = chroot.join("nix/var/nix/db/db.sqlite");
    let texts = [
        "s p".to_owned(),
        "./s p".to_owned(),
        "local?root=s%20p".to_owned(),
        chroot.display().to_string(),
        format!("local?root={}", chroot.display()),
        format!("local?trusted=1&root={}", chroot.display()),
        format!("local://{}", chroot.display()),
        expected.display().to_string(),
    ];
    for text in texts {
        let local = local_of(of(&text));
        assert_eq!(
            (local.file, local.place.root),
            (expected.clone(), chroot.clone()),
            "{text}"
        );
    }
    let local = local_of(of("local?state=/st&store=/my/store"));
    assert_eq!(local.file, Path::new("/st/db/db.sqlite"));
    assert_eq!(local.place.store_dir.as_str(), "/my/store");
}

#[test]
fn a_directory_that_is_not_there_is_never_left_to_nix() {
    let (_dir, root) = lab();
    let environment = environment(&root);
    for text in ["some/dir", "dir", "some/dir?x=1", "a:b"] {
        let local = local_of(choose(&store(text), &environment));
        assert_eq!(local.place.root, root.join(text), "{text}");
    }
}

#[test]
fn offline_opens_no_store_that_is_elsewhere() {
    let (_dir, root) = lab();
    let environment = environment(&root);
    let opens = |text: &str| {
        let location = Location {
            offline: true,
            ..store(text)
        };
        open_in(&location, &environment).is_ok()
    };
    for text in ["ssh://h", "ssh-ng://u@h", "s3://bucket", "odd+scheme://x"] {
        assert!(!opens(text), "{text}");
    }
    for text in ["daemon", "unix:///socket", "auto", "dir", "http://cache"] {
        assert!(opens(text), "{text}");
    }
}

#[test]
fn a_guix_store_below_a_directory_is_known_by_its_database() {
    let (_dir, root) = lab();
    let environment = environment(&root);
    touch(&root.join("g/var/guix/db/db.sqlite"));
    let local = local_of(choose(&store("g"), &environment));
    assert_eq!(local.file, root.join("g/var/guix/db/db.sqlite"));
    assert_eq!(local.place.store_dir.as_str(), "/gnu/store");
    assert_eq!(local.place.state_dir, root.join("g/var/guix"));
}

#[test]
fn nothing_but_the_store_that_was_named_answers() {
    let (_dir, root) = lab();
    let mut environment = environment(&root);
    touch(&root.join("nix/var/nix/db/db.sqlite"));
    for text in [
        "",
        " ",
        "local?root=",
        "local?rot=/x",
        "local?ROOT=/x",
        "local?x=1&root=/x",
        "local?store=odd",
        "local:///a?root=/b",
        "local:///a?rot=/b",
        "https://cache?root=/x",
        "file:///cache?odd",
    ] {
        let error = super::choose(&store(text), &environment).expect_err(text);
        assert!(
            matches!(error, SourceError::Usage { .. }),
            "{text}: {error}"
        );
        assert!(open_in(&store(text), &environment).is_err(), "{text}");
        assert!(
            has_store_in(&store(text), &environment),
            "{text} is no reason for a demo"
        );
    }
    environment.remote = Some("local?rot=/x".into());
    assert!(super::choose(&Location::default(), &environment).is_err());
    let local = local_of(choose(&store("local:///a?state=/st"), &environment));
    assert_eq!(local.file, Path::new("/st/db/db.sqlite"));
    assert_eq!(local.place.root, Path::new("/a"));
}
