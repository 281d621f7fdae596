//! Disk usage, categories and identical files of made-up stores.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix_archive::nar::{CaseHack, hash_path};
use nix_heft::analysis::file_category::Categories;
use nix_heft::job::Progress;
use nix_heft::model::{PathId, StoreDir, StoreGraph};
use nix_heft::source::files::identical;
use nix_heft::source::files::inventory::Inventory;
use nix_heft::source::files::kinds::FileKinds;
use nix_heft::source::files::places::StoreFiles;
use nix_heft::testing;

/// A store in a temporary directory whose paths are made by the test.
struct Store {
    root: tempfile::TempDir,
    graph: StoreGraph,
}

impl Store {
    fn of(text: &str) -> Self {
        let (graph, _) = testing::graph(text);
        let root = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(root.path().join("nix/store/.links")).expect("a store");
        Self { root, graph }
    }

    fn id(&self, name: &str) -> PathId {
        testing::id(&self.graph, name)
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

    fn link(&self, original: &Path, name: &str, relative: &str) {
        let path = self.path(name).join(relative);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::hard_link(original, path).expect("a hard link");
    }

    fn inventory(&self) -> Inventory {
        let files = StoreFiles::below(self.root.path(), &StoreDir::default());
        Inventory::read(&files, &self.graph, self.graph.ids(), &Progress::new())
            .expect("not cancelled")
    }
}

/// Blocks on disk of some paths, each inode once, by the simplest walk there is.
fn naive(paths: &[PathBuf]) -> u64 {
    fn walk(path: &Path, seen: &mut BTreeMap<(u64, u64), u64>) {
        let metadata = path.symlink_metadata().expect("metadata");
        seen.insert((metadata.dev(), metadata.ino()), metadata.blocks() * 512);
        if metadata.is_dir() {
            for entry in fs::read_dir(path).expect("a directory") {
                walk(&entry.expect("an entry").path(), seen);
            }
        }
    }
    let mut seen = BTreeMap::new();
    for path in paths {
        walk(path, &mut seen);
    }
    seen.values().sum()
}

#[test]
fn every_inode_counts_once_and_shared_bytes_are_told_apart() {
    let store = Store::of("a -> b c d");
    let own = store.write("a", "own", vec![1; 10_000]);
    store.link(&own, "a", "own-again");
    let shared = store.write("a", "shared", vec![2; 20_000]);
    store.link(&shared, "b", "deep/er/shared");
    let everywhere = store.write("a", "everywhere", [6; 5_000]);
    store.link(&everywhere, "c", "everywhere");
    fs::hard_link(&everywhere, store.root.path().join("everywhere")).expect("a link");
    let kept = store.write("b", "kept", vec![3; 30_000]);
    fs::hard_link(&kept, store.root.path().join("nix/store/.links/kept")).expect("a link");
    let outside = store.write("c", "outside", vec![4; 40_000]);
    fs::hard_link(&outside, store.root.path().join("elsewhere")).expect("a link");
    symlink("x".repeat(100), store.path("c").join("link")).expect("a link");
    fs::write(store.path("d"), vec![5; 50_000]).expect("a store path that is a file");

    let inventory = store.inventory();
    let usage = inventory.usage(&Progress::new()).expect("not cancelled");
    let blocks = |path: &Path| path.symlink_metadata().expect("metadata").blocks() * 512;
    for name in ["a", "b", "c", "d"] {
        let path = usage.get(store.id(name)).expect("it is there");
        assert_eq!(path.allocated, naive(&[store.path(name)]), "{name}");
    }
    let all = ["a", "b", "c", "d"].map(|name| store.path(name));
    assert_eq!(usage.total.allocated, naive(&all));
    assert_eq!(usage.total.apparent, 155_100);
    assert_eq!(usage.total.payload, 190_000);

    let [a, b, c] = ["a", "b", "c"].map(|name| *usage.get(store.id(name)).expect("it is there"));
    let both = blocks(&everywhere);
    assert_eq!(
        (a.shared, b.shared, c.shared),
        (blocks(&shared) + both, blocks(&shared), both)
    );
    assert_eq!((a.linked, b.linked, c.linked), (0, blocks(&kept), 0));
    assert_eq!((a.outside, b.outside, c.outside), (0, 0, blocks(&outside)));
    for path in [a, b, c] {
        assert_eq!(path.allocated, path.exclusive + path.shared + path.outside);
    }
    assert_eq!(
        usage.total.exclusive,
        usage.total.allocated - blocks(&outside) - both
    );
    assert_eq!((c.files, c.symlinks, c.directories), (2, 1, 1));
}

#[test]
fn the_nar_size_of_what_is_there_is_held_against_the_record() {
    let store = Store::of("a ? -> b");
    let run = store.write("a", "bin/run", "x");
    fs::set_permissions(&run, fs::Permissions::from_mode(0o555)).expect("a mode");
    store.write("a", "etc/empty", "");
    symlink("nowhere", store.path("a").join("link")).expect("a link");
    let inventory = store.inventory();
    let hashed = hash_path(&store.path("a"), CaseHack::Disabled).expect("an archive");
    assert_eq!(inventory.paths[&store.id("a")].nar_size, hashed.size);
    assert_eq!(inventory.absent, [store.id("b")]);
    // The notation gives `b` one byte, which no archive has.
    fs::write(store.path("b"), "x").expect("a file");
    let kinds: BTreeSet<String> = store
        .inventory()
        .warnings
        .into_iter()
        .map(|w| w.kind)
        .collect();
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["paths whose files are not what the store recorded"]
    );
}

#[test]
fn what_cannot_be_looked_at_hides_nothing_that_is_too_much() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let store = Store::of("odd 900 -> large\nlarge 900");
    for name in ["odd", "large"] {
        store.write(name, "x", "x");
        let pipe = store.path(name).join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).expect("a pipe");
    }
    store.write("large", "more", "x".repeat(1000));
    let warnings = store.inventory().warnings;
    let about = "paths whose files are not what the store recorded";
    let differing = warnings.iter().find(|warning| warning.kind == about);
    let examples = &differing.expect("one differs").examples;
    assert_eq!(examples.len(), 1, "{examples:?}");
    assert!(examples[0].ends_with("-large"), "{examples:?}");
}

#[test]
fn categories_sum_up_to_the_payload() {
    let store = Store::of("a -> b");
    let run = store.write("a", "bin/run", [0; 100]);
    fs::set_permissions(&run, fs::Permissions::from_mode(0o755)).expect("a mode");
    store.write("a", "share/man/man1/run.1", [0; 20]);
    store.write("a", "share/thing", b"\x1f\x8b\x08more");
    store.write("b", "share/man/man1/other.1", [0; 3]);
    store.write("b", "share/what", "unknown");
    let inventory = store.inventory();
    let categories = Categories::built_in();
    let kinds = FileKinds::of(&inventory, &categories, &Progress::new()).expect("not cancelled");
    let told = |tallies: &[nix_heft::source::files::contents::Tally]| {
        let names = categories
            .as_slice()
            .iter()
            .map(|category| category.name.clone());
        let some = names.zip(tallies).filter(|(_, tally)| tally.files > 0);
        some.map(|(name, tally)| format!("{name} {} {}", tally.files, tally.bytes))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told(&kinds.total),
        ["man 2 23", "archives 1 7", "executables 1 100", "data 1 7"]
    );
    assert_eq!(told(&kinds.paths[&store.id("b")]), ["man 1 3", "data 1 7"]);
    let usage = inventory.usage(&Progress::new()).expect("not cancelled");
    let bytes: u64 = kinds.total.iter().map(|tally| tally.bytes).sum();
    assert_eq!(bytes, usage.total.payload);
}

#[test]
fn identical_files_are_found_by_content_and_mode() {
    let store = Store::of("a -> b c");
    let large = |last: u8| [vec![7; 9_999], vec![last]].concat();
    let first = store.write("a", "x", large(1));
    store.write("a", "again", large(1));
    store.link(&first, "a", "linked");
    store.write("b", "y", large(1));
    store.write("b", "other-end", large(2));
    let runs = store.write("c", "runs", large(1));
    fs::set_permissions(&runs, fs::Permissions::from_mode(0o755)).expect("a mode");
    store.write("b", "small", "same");
    store.write("c", "small", "same");
    store.write("a", "empty", "");
    store.write("b", "empty", "");
    let inventory = store.inventory();
    let found = identical::find(&inventory, &Progress::new()).expect("not cancelled");
    assert_eq!(
        (found.group_count, found.links, found.saved),
        (2, 3, 2 * 10_000 + 4)
    );
    let names: Vec<_> = found.groups[0]
        .files
        .iter()
        .map(|(_, file)| file.display().to_string())
        .collect();
    assert_eq!(names, ["again", "linked", "y"]);
    let [a, b, c] = ["a", "b", "c"].map(|name| store.id(name));
    let savings = |id| {
        found
            .paths
            .iter()
            .find(|(path, _)| *path == id)
            .expect("it has copies")
            .1
    };
    assert_eq!((savings(a).duplicated, savings(a).within), (20_000, 10_000));
    assert_eq!((savings(c).duplicated, savings(c).within), (4, 0));
    let pairs: Vec<_> = found
        .pairs
        .iter()
        .map(|p| (p.first, p.second, p.files, p.saved))
        .collect();
    assert_eq!(pairs, [(a, b, 1, 10_000), (b, c, 1, 4)]);
}

#[test]
fn large_holes_are_not_read() {
    let store = Store::of("a");
    for name in ["one", "two"] {
        let path = store.write("a", name, "");
        let file = fs::OpenOptions::new()
            .write(true)
            .open(path)
            .expect("a file");
        file.set_len(1 << 38).expect("a sparse file");
    }
    let inventory = store.inventory();
    let usage = inventory.usage(&Progress::new()).expect("not cancelled");
    assert!(usage.total.payload == 1 << 39 && usage.total.allocated < 1 << 20);
    let found = identical::find(&inventory, &Progress::new()).expect("not cancelled");
    assert_eq!((found.group_count, found.warnings[0].count), (0, 2));
}
