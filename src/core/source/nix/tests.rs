//! Against a made-up `nix`: a shell script that writes down what it was asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::job;
use crate::testing::hash_part;

/// A directory with a program that says it is some version and answers `path-info` with a script.
pub(crate) struct Fake {
    dir: TempDir,
}

impl Fake {
    pub(crate) fn new(version: &str, script: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let text = format!(
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo '{version}'; exit; fi\n\
             for word; do echo \"$word\"; done > {}/asked\n{script}\n",
            dir.path().display()
        );
        let program = dir.path().join("nix");
        fs::write(&program, text).expect("a script");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("permissions");
        let fake = Self { dir };
        // Another test's child process may still hold the script open for writing, for a moment.
        while let Err(error) = std::process::Command::new(fake.program())
            .arg("--version")
            .output()
        {
            assert_eq!(error.kind(), std::io::ErrorKind::ExecutableFileBusy);
        }
        fake
    }

    pub(crate) fn program(&self) -> OsString {
        self.dir.path().join("nix").into()
    }

    /// The words of the last call, parted by spaces.
    pub(crate) fn asked(&self) -> String {
        let text = fs::read_to_string(self.dir.path().join("asked")).expect("a call");
        text.lines().collect::<Vec<_>>().join(" ")
    }
}

fn path(n: u64, name: &str) -> String {
    format!("{}/{}-{name}", StoreDir::default(), hash_part(n))
}

fn store(fake: &Fake, location: &Location) -> NixStore {
    NixStore {
        nix: Nix::new(fake.program(), Some("ssh-ng://host".to_owned()), location),
        origin: "ssh-ng://host".to_owned(),
        store_dir: StoreDir::default(),
        place: None,
        user: UserEnvironment {
            current_dir: PathBuf::from("/"),
            ..UserEnvironment::default()
        },
    }
}

fn array() -> String {
    format!(
        r#"echo '[{{"path":"{a}","narSize":10,"references":["{b}"]}},{{"path":"{b}","narSize":5,"references":[]}}]'"#,
        a = path(0, "a"),
        b = path(1, "b"),
    )
}

fn request(roots: &[String]) -> Request {
    Request {
        roots: roots.to_vec(),
        ..Request::default()
    }
}

#[test]
fn offline_shuts_the_network_off_for_what_nix_starts() {
    let said =
        r#"echo "[$all_proxy] [$https_proxy] [$no_proxy] [$GIT_ALLOW_PROTOCOL]" >&2; exit 1"#;
    let fake = Fake::new("nix (Nix) 2.18.1", said);
    let asked = |offline| {
        let location = Location {
            offline,
            ..Location::default()
        };
        let nix = Nix::new(fake.program(), None, &location);
        let error = nix.resolve(&["x#y".to_owned()], &Progress::new());
        error.expect_err("it fails").to_string()
    };
    let nobody = "http://127.0.0.1:9";
    assert!(asked(true).contains(&format!("[{nobody}] [{nobody}] [] [file]")));
    assert!(!asked(false).contains(nobody));
}

#[test]
fn versions_are_told_apart() {
    let of = |text| Version::parse(text).map(|v| (v.number, v.lix));
    assert_eq!(of("nix (Nix) 2.8.0\n"), Some(((2, 8), false)));
    assert_eq!(of("nix (Nix) 2.34.8"), Some(((2, 34), false)));
    assert_eq!(of("nix (Nix) 2.19pre20231107_ab12"), Some(((2, 19), false)));
    assert_eq!(of("nix (Lix, like Nix) 2.91.1"), Some(((2, 91), true)));
    assert_eq!(
        of("nix (Determinate Nix 3.8.4) 2.30.2"),
        Some(((2, 30), false))
    );
    assert_eq!(of("something else"), None);
    assert_eq!(of(""), None);
}

#[test]
fn a_store_elsewhere_is_asked_for_the_closure() {
    let fake = Fake::new(
        "nix (Nix) 2.18.1",
        &format!("echo 'warning: slow' >&2; {}", array()),
    );
    let location = Location {
        nix_options: vec!["cores".to_owned(), "2".to_owned()],
        offline: true,
        ..Location::default()
    };
    let store = store(&fake, &location);
    let root = path(0, "a");
    let loaded = store.load(&request(std::slice::from_ref(&root)), &Progress::new());
    let loaded = loaded.expect("a closure");
    assert_eq!((loaded.graph.len(), loaded.roots.len()), (2, 1));
    assert_eq!(loaded.warnings[0].to_string(), "nix says: warning: slow");
    assert_eq!(
        fake.asked(),
        format!(
            "path-info --extra-experimental-features nix-command flakes --store ssh-ng://host --offline \
             --option download-attempts 1 --option cores 2 --json --recursive -- {root}"
        )
    );
    let error = store.load(&Request::default(), &Progress::new());
    assert!(matches!(error, Err(SourceError::NoRoots)));
}

#[test]
fn the_format_is_named_to_versions_that_want_it() {
    for (version, wants) in [
        ("nix (Nix) 2.32.1", false),
        ("nix (Nix) 2.33.0", true),
        ("nix (Lix, like Nix) 2.93.0", false),
    ] {
        let fake = Fake::new(version, &array());
        let store = store(&fake, &Location::default());
        let whole = Request {
            whole: true,
            ..Request::default()
        };
        let loaded = store.load(&whole, &Progress::new()).expect("a store");
        assert_eq!(loaded.graph.len(), 2);
        assert_eq!(
            fake.asked().contains("--json-format 2 --all"),
            wants,
            "{version}"
        );
    }
}

#[test]
fn installables_are_evaluated_without_building() {
    let fake = Fake::new(
        "nix (Nix) 2.26.3",
        &format!("echo {}; echo {}", path(0, "a"), path(1, "b")),
    );
    let location = Location {
        file: Some("./x.nix".to_owned()),
        impure: true,
        derivation: true,
        nix_options: vec!["allow-import-from-derivation".to_owned(), "true".to_owned()],
        ..Location::default()
    };
    let nix = Nix::new(fake.program(), None, &location);
    let found = nix
        .resolve(&["-x".to_owned()], &Progress::new())
        .expect("paths");
    assert_eq!(found, [path(0, "a"), path(1, "b")]);
    assert_eq!(
        fake.asked(),
        "path-info --extra-experimental-features nix-command flakes \
         --option allow-import-from-derivation false --option allow-import-from-derivation true \
         --no-write-lock-file --file ./x.nix --impure --derivation -- -x"
    );
}

#[test]
fn what_nix_says_on_failure_is_passed_on() {
    let fake = Fake::new(
        "nix (Nix) 2.26.3",
        "echo 'noise' >&2; echo \"error: path 'x' is not valid\" >&2; exit 1",
    );
    let nix = Nix::new(fake.program(), None, &Location::default());
    let error = nix
        .resolve(&["a#b".to_owned()], &Progress::new())
        .expect_err("a failure");
    assert!(
        error.to_string().ends_with("failed: path 'x' is not valid"),
        "{error}"
    );
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("nix build --no-link a#b"))
    );
    let fake = Fake::new("nix (Nix) 2.26.3", "kill -9 $$");
    let nix = Nix::new(fake.program(), None, &Location::default());
    let error = nix
        .resolve(&["a#b".to_owned()], &Progress::new())
        .expect_err("a failure");
    assert!(error.to_string().contains("signal"), "{error}");
}

#[test]
fn a_missing_command_is_said_plainly() {
    let nix = Nix::new("/nonexistent/nix".into(), None, &Location::default());
    let error = nix
        .resolve(&["a#b".to_owned()], &Progress::new())
        .expect_err("no command");
    assert!(error.to_string().contains("not installed"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("--from")));
}

#[test]
fn a_command_that_answers_forever_is_killed_when_called_off() {
    let fake = Fake::new("nix (Nix) 2.26.3", "echo $$ > \"$0.pid\"; exec sleep 1000");
    let nix = Nix::new(fake.program(), None, &Location::default());
    let pid_file = PathBuf::from(format!("{}.pid", fake.program().display()));
    let running = job::spawn(
        move |progress| nix.resolve(&["a#b".to_owned()], progress),
        || {},
    );
    let pid = loop {
        let text = fs::read_to_string(&pid_file).unwrap_or_default();
        if text.ends_with('\n') {
            break text.trim().to_owned();
        }
        std::thread::yield_now();
    };
    running.progress().cancel();
    let outcome = running.wait().expect("no panic");
    assert!(matches!(outcome, Err(SourceError::Cancelled(_))));
    assert!(!std::path::Path::new("/proc").join(pid).exists());
}

#[test]
fn broken_output_is_an_error() {
    for script in ["echo '[{\"path\":'", "true", "echo nonsense"] {
        let fake = Fake::new("nix (Nix) 2.26.3", script);
        let outcome =
            store(&fake, &Location::default()).load(&request(&[path(0, "a")]), &Progress::new());
        assert!(
            matches!(outcome, Err(SourceError::Format { .. })),
            "{script}"
        );
    }
}

#[test]
fn what_is_to_be_tried_by_hand_can_be_typed() {
    let fake = Fake::new("nix (Nix) 2.26.3", "echo 'error: odd' >&2; exit 1");
    let location = Location {
        expr: Some("(import ./. {}).it's".to_owned()),
        impure: true,
        ..Location::default()
    };
    let store = Some("s3://bucket?region=x".to_owned());
    let nix = Nix::new(fake.program(), store, &location);
    let error = nix.resolve(&[], &Progress::new()).expect_err("a failure");
    let hint = error.hint().expect("a hint");
    let expected = r"path-info --store 's3://bucket?region=x' --expr '(import ./. {}).it'\''s' --impure` by hand";
    assert!(hint.contains(expected), "{hint}");
}
