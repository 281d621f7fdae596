//! File evidence in made-up stores, most of them as hostile as a file system allows.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use nix_heft::analysis::Analysed;
use nix_heft::analysis::evidence_class::Class;
use nix_heft::analysis::waste::accidental;
use nix_heft::job::Progress;
use nix_heft::model::{Closure, PathId, StoreDir, StoreGraph};
use nix_heft::source::evidence::{self, Evidence, EvidenceError, HitKind, Limits};
use nix_heft::source::files::inventory::Inventory;
use nix_heft::source::files::places::StoreFiles;
use nix_heft::source::gather::Gathered;
use nix_heft::testing;

/// A store in a temporary directory whose paths are made by the test.
struct Store {
    root: tempfile::TempDir,
    graph: StoreGraph,
    closure: Closure,
}

impl Store {
    /// What the store recorded of how large its paths are is not known, unless the text says it.
    fn of(text: &str) -> Self {
        let (graph, closure) = testing::graph(&without_sizes(text));
        let root = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(root.path().join("nix/store")).expect("a store");
        Self {
            root,
            graph,
            closure,
        }
    }

    fn id(&self, name: &str) -> PathId {
        testing::id(&self.graph, name)
    }

    fn hash(&self, name: &str) -> &str {
        self.graph.hash_part(self.id(name))
    }

    fn path(&self, name: &str) -> PathBuf {
        let base = self.graph.base_name(self.id(name));
        self.root.path().join("nix/store").join(base)
    }

    fn write(&self, name: &str, relative: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name).join(relative);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(&path, content).expect("a file");
        path
    }

    fn files(&self) -> StoreFiles {
        StoreFiles::below(self.root.path(), &StoreDir::default())
    }

    fn scan(&self, name: &str) -> Evidence {
        self.try_scan(name).expect("the files are there")
    }

    fn try_scan(&self, name: &str) -> Result<Evidence, EvidenceError> {
        let (files, progress) = (self.files(), Progress::new());
        evidence::of_path(
            &files,
            &self.graph,
            self.id(name),
            Limits::DETAILED,
            &progress,
        )
    }

    /// File, kind, offset, line and class of everything found for a reference.
    fn found(&self, evidence: &Evidence, from: &str, to: &str) -> Vec<String> {
        let edge = evidence.of(self.id(from), self.id(to));
        let hits = edge.map_or(&[][..], |edge| &edge.hits);
        let line = |hit: &evidence::Hit| {
            let line = hit
                .line
                .map_or_else(|| "-".to_owned(), |line| line.to_string());
            let kind = hit.kind.key();
            format!(
                "{} {kind} {} {line} {}",
                hit.file.display(),
                hit.offset,
                hit.class.key()
            )
        };
        hits.iter().map(line).collect()
    }
}

/// A description of a graph in which sizes that are not given are unknown.
fn without_sizes(text: &str) -> String {
    let line = |line: &str| {
        let (head, references) = line.split_once("->").unwrap_or((line, ""));
        let unknown = if head.split_whitespace().count() == 1 {
            " ? "
        } else {
            " "
        };
        format!("{}{unknown}-> {references}\n", head.trim())
    };
    text.lines().map(line).collect()
}

fn kinds(evidence: &Evidence) -> Vec<&str> {
    evidence
        .warnings
        .iter()
        .map(|warning| warning.kind.as_str())
        .collect()
}

#[test]
fn every_place_of_every_reference_is_found_in_one_pass() {
    let store = Store::of("app -> sh lib doc unused\nother -> lib");
    let (sh, lib, doc) = (store.hash("sh"), store.hash("lib"), store.hash("doc"));
    store.write(
        "app",
        "bin/run",
        format!("#!/nix/store/{sh}-sh/bin/sh\n\nexec {lib}\n{lib}"),
    );
    store.write("app", "share/man/man1/run.1", format!("see {doc}"));
    store.write("app", &format!("etc/{lib}-x"), "");
    symlink(
        format!("/nix/store/{lib}-lib"),
        store.path("app").join("link"),
    )
    .expect("a link");
    let evidence = store.scan("app");
    assert_eq!(
        store.found(&evidence, "app", "sh"),
        ["bin/run content 13 1 shebang"]
    );
    assert_eq!(
        store.found(&evidence, "app", "lib"),
        [
            "bin/run content 62 3 script".to_owned(),
            "bin/run content 95 4 script".to_owned(),
            "link symlink 11 - symlink".to_owned(),
            format!("etc/{lib}-x name 0 - fileName"),
        ]
    );
    assert_eq!(
        store.found(&evidence, "app", "doc"),
        ["share/man/man1/run.1 content 4 1 documentation"]
    );
    assert_eq!(evidence.not_found, [(store.id("app"), store.id("unused"))]);
    assert_eq!((evidence.files, evidence.warnings.len()), (3, 0));
    let doc = evidence
        .of(store.id("app"), store.id("doc"))
        .expect("it was found");
    assert!(doc.counts.are_accidental());
}

#[test]
fn a_store_path_may_be_a_file_or_a_link() {
    let store = Store::of("app -> file link\nfile -> lib\nlink -> lib\nlib");
    let lib = store.hash("lib");
    fs::write(store.path("file"), format!("#!{lib}")).expect("a file");
    symlink(format!("../{lib}"), store.path("link")).expect("a link");
    assert_eq!(
        store.found(&store.scan("file"), "file", "lib"),
        [" content 2 1 shebang"]
    );
    assert_eq!(
        store.found(&store.scan("link"), "link", "lib"),
        [" symlink 3 - symlink"]
    );
}

#[test]
fn a_path_whose_files_are_elsewhere_is_an_error_that_says_so() {
    let store = Store::of("app -> lib");
    let error = store.try_scan("app").expect_err("there are no files");
    assert!(
        error.to_string().contains("-app are not on this machine"),
        "{error}"
    );
    assert!(error.hint().is_some());
    // Of several, those that are there are looked through.
    let store = Store::of("app -> lib gone\ngone -> lib");
    store.write("app", "x", store.hash("lib"));
    let all = evidence::of_closure(
        &store.files(),
        &store.graph,
        &store.closure,
        &Progress::new(),
    );
    let evidence = all.expect("some files are there");
    assert_eq!(evidence.edges.len(), 1);
    assert_eq!(evidence.not_found, [(store.id("app"), store.id("gone"))]);
    assert!(!evidence.is_complete(store.id("gone")) && evidence.is_complete(store.id("app")));
    assert_eq!(
        kinds(&evidence),
        ["paths whose files are not on this machine"]
    );
}

#[test]
fn hash_parts_that_stand_for_no_reference_are_marked() {
    let store = Store::of("app -> lib\nother -> far\nroot -> app other");
    store.write(
        "app",
        "x",
        format!("{} {}", store.hash("lib"), store.hash("far")),
    );
    store.write("other", "x", store.hash("far"));
    let ids: Vec<PathId> = store.graph.ids().collect();
    let closure = Closure::of(&store.graph, &ids);
    let all = evidence::of_closure(&store.files(), &store.graph, &closure, &Progress::new());
    let evidence = all.expect("some files are there");
    assert_eq!(evidence.edges.len(), 2);
    let stray = evidence
        .warnings
        .iter()
        .find(|w| w.kind.contains("no reference"));
    assert!(stray.is_some_and(|w| w.count == 1 && w.examples[0].starts_with("far in ")));
}

#[test]
fn sockets_and_fifos_are_named_and_never_opened() {
    let store = Store::of("app -> lib");
    let file = store.write("app", "x", store.hash("lib"));
    let directory = file.parent().expect("a parent");
    let _socket = UnixListener::bind(directory.join("socket")).expect("a socket");
    let fifo = directory.join("fifo");
    let status = Command::new("mkfifo")
        .arg(&fifo)
        .status()
        .expect("mkfifo runs");
    assert!(status.success());
    // Opening the FIFO would wait for a writer for ever.
    let evidence = store.scan("app");
    assert!(
        !evidence.is_complete(store.id("app")),
        "what is no file hides what was one"
    );
    let special = &evidence.warnings[0];
    assert_eq!((special.count, evidence.warnings.len()), (2, 1));
    assert!(special.examples[0].ends_with("fifo (a FIFO)"), "{special}");
    assert_eq!(store.found(&evidence, "app", "lib").len(), 1);
}

/// Root may read everything, whatever a file's mode: this runs one test again as a user who may not.
fn as_another_user(test: &str) {
    const NOBODY: u32 = 65534;
    // Through the link, since the other user may not walk to where the program is.
    let output = Command::new("/proc/self/exe")
        .args(["--exact", test, "--nocapture"])
        .current_dir("/")
        .env_remove("TMPDIR")
        .gid(NOBODY)
        .uid(NOBODY)
        .output()
        .expect("root can become another user");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
fn what_may_not_be_read_is_named() {
    let store = Store::of("app -> lib");
    let file = store.write("app", "secret/x", store.hash("lib"));
    let closed = store.write("app", "closed", store.hash("lib"));
    let directory = file.parent().expect("a parent").to_owned();
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    set(&directory, 0).expect("a mode");
    set(&closed, 0).expect("a mode");
    let may_read_all = fs::read_dir(&directory).is_ok();
    let evidence = store.scan("app");
    set(&directory, 0o755).expect("a mode");
    if may_read_all {
        assert_eq!(store.found(&evidence, "app", "lib").len(), 2);
        as_another_user("what_may_not_be_read_is_named");
        return;
    }
    assert_eq!(kinds(&evidence), ["files that may not be read"]);
    assert_eq!(evidence.warnings[0].count, 2);
    // Nothing is said to be without evidence where not all could be read.
    assert!(evidence.not_found.is_empty() && !evidence.is_complete(store.id("app")));
}

#[test]
fn links_in_circles_and_names_that_are_not_text_do_no_harm() {
    let store = Store::of("app -> lib");
    store.write("app", "x", "");
    symlink(".", store.path("app").join("self")).expect("a link");
    symlink("self/self/b", store.path("app").join("b")).expect("a link");
    let name = [b"\xff\x1b[2J-", store.hash("lib").as_bytes()].concat();
    let odd = store.path("app").join(std::ffi::OsStr::from_bytes(&name));
    fs::write(&odd, store.hash("lib")).expect("a file");
    let evidence = store.scan("app");
    let hits = &evidence
        .of(store.id("app"), store.id("lib"))
        .expect("found")
        .hits;
    assert_eq!(hits.len(), 2);
    assert!(
        hits.iter()
            .all(|hit| hit.file.as_os_str().as_bytes() == name)
    );
    assert_eq!(
        hits.iter().filter(|hit| hit.kind == HitKind::Name).count(),
        1
    );
}

#[test]
fn holes_of_a_huge_file_are_not_read() {
    let store = Store::of("app -> lib");
    let path = store.write("app", "disk.img", "");
    let mut file = File::create(&path).expect("a file");
    file.set_len(1 << 38).expect("a sparse file");
    for offset in [1 << 32, (1 << 38) - 32] {
        file.seek(SeekFrom::Start(offset)).expect("a position");
        file.write_all(store.hash("lib").as_bytes())
            .expect("a write");
    }
    let blocks = std::os::unix::fs::MetadataExt::blocks(&file.metadata().expect("metadata"));
    assert!(blocks < 4096, "this file system has no holes");
    let evidence = store.scan("app");
    let hits = &evidence
        .of(store.id("app"), store.id("lib"))
        .expect("found")
        .hits;
    let offsets: Vec<u64> = hits.iter().map(|hit| hit.offset).collect();
    assert_eq!(offsets, [1 << 32, (1 << 38) - 32]);
    assert!(evidence.bytes < 1 << 24);
}

#[test]
fn counts_are_complete_however_few_are_kept() {
    let store = Store::of("app -> lib");
    let lib = store.hash("lib");
    for number in 0..40 {
        store.write(
            "app",
            &format!("share/doc/{number:02}"),
            format!("{lib}\n").repeat(50),
        );
    }
    store.write("app", "z.sh", lib);
    let edges = vec![(store.id("app"), store.id("lib"))];
    let limits = Limits {
        per_reference: 5,
        per_file: 2,
    };
    let scan = || {
        let edges = edges.clone();
        evidence::of_edges(
            &store.files(),
            &store.graph,
            edges,
            limits,
            &Progress::new(),
        )
    };
    let evidence = scan().expect("the files are there");
    let edge = &evidence.edges[0];
    assert_eq!(
        (edge.counts.total(), edge.counts.get(Class::Documentation)),
        (2001, 2000)
    );
    assert_eq!(edge.left_out(), 1996);
    assert_eq!(
        store.found(&evidence, "app", "lib"),
        [
            "z.sh content 0 1 script",
            "share/doc/00 content 0 1 documentation",
            "share/doc/00 content 33 2 documentation",
            "share/doc/01 content 0 1 documentation",
            "share/doc/01 content 33 2 documentation",
        ]
    );
    assert_eq!(scan().expect("the files are there").edges, evidence.edges);
}

#[test]
fn packed_files_are_said_to_hide_references() {
    let store = Store::of("app -> lib");
    store.write("app", "x.gz", b"\x1f\x8b\x08abc");
    let evidence = store.scan("app");
    assert_eq!(evidence.packed.len(), 1);
    assert_eq!(
        (evidence.packed[0].kind.as_str(), evidence.packed[0].count),
        ("gzip", 1)
    );
    assert_eq!(evidence.not_found.len(), 1);
}

#[test]
fn work_that_is_called_off_ends() {
    let store = Store::of("app -> lib");
    for number in 0..500 {
        store.write("app", &format!("{number}"), "x");
    }
    let progress = Progress::new();
    progress.cancel();
    let edges = vec![(store.id("app"), store.id("lib"))];
    let outcome = evidence::of_edges(
        &store.files(),
        &store.graph,
        edges,
        Limits::DETAILED,
        &progress,
    );
    assert!(matches!(outcome, Err(EvidenceError::Cancelled(_))));
}

/// `app`, of which a script is gone, a file is longer, or a file is too many; all that was recorded is its size.
fn damaged(damage: impl FnOnce(&Store)) -> (Store, Evidence) {
    let make = |size: u64| {
        let store = Store::of(&format!("app {size} -> lib doc\nlib\ndoc"));
        store.write("app", "bin/run", format!("#!{}", store.hash("lib")));
        store.write(
            "app",
            "share/doc/README",
            format!("{} {}", store.hash("lib"), store.hash("doc")),
        );
        symlink("bin/run", store.path("app").join("link")).expect("a link");
        store
    };
    let whole = make(1);
    let ids = [whole.id("app")];
    let read = Inventory::read(&whole.files(), &whole.graph, ids, &Progress::new());
    let size = read.expect("not cancelled").paths[&ids[0]].nar_size;
    let store = make(size);
    damage(&store);
    let evidence = store.scan("app");
    (store, evidence)
}

#[test]
fn only_what_is_as_the_store_recorded_it_is_called_complete() {
    let accidents = |store: &Store, evidence: &Evidence| {
        let edges = evidence.edges.iter();
        let edges = edges.map(|edge| (edge.from, edge.to, edge.counts));
        let graph = Arc::new(store.graph.clone());
        let closure = Arc::new(store.closure.clone());
        let analysed = Analysed::new(graph, closure);
        let waste = accidental(&analysed, edges, &evidence.incomplete).expect("not cancelled");
        waste.references.len()
    };
    let (store, evidence) = damaged(|_| {});
    assert!(evidence.is_complete(store.id("app")));
    assert_eq!(kinds(&evidence), [""; 0]);
    assert_eq!(accidents(&store, &evidence), 1, "only the README names doc");
    let damages: [fn(&Store); 4] = [
        |store| fs::remove_file(store.path("app").join("bin/run")).expect("removed"),
        |store| {
            drop(store.write(
                "app",
                "bin/run",
                "#!/bin/sh and much more than there was before",
            ));
        },
        |store| drop(store.write("app", "one-more", "")),
        |store| {
            let run = store.path("app").join("bin/run");
            fs::set_permissions(run, fs::Permissions::from_mode(0o755)).expect("a mode");
        },
    ];
    for damage in damages {
        let (store, evidence) = damaged(damage);
        assert!(!evidence.is_complete(store.id("app")));
        assert_eq!(
            kinds(&evidence),
            ["paths whose files are not what the store recorded"]
        );
        assert_eq!(accidents(&store, &evidence), 0, "nothing is claimed");
        assert!(evidence.not_found.is_empty());
        let gathered = Gathered::of(
            &store.files(),
            &store.graph,
            &store.closure,
            (true, true),
            &Progress::new(),
        );
        let found = gathered.expect("the files are there").found;
        assert!(
            !found.referrers[&store.id("app")].complete,
            "a snapshot carries it on"
        );
        assert!(!found.contents[&store.id("app")].complete);
    }
}
