//! How long files take to be looked into, beside reading them once: `cargo bench --bench files`.
//!
//! The files are made up, half of them text, half binary; `NIX_HEFT_BENCH_STORE` and `NIX_HEFT_BENCH_ROOT` name a real
//! store (as `--store` does) and a root in it instead.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use divan::{Bencher, black_box};
use nix_heft::job::{Progress, parallel_on, threads};
use nix_heft::model::{Closure, StoreDir, StoreGraph};
use nix_heft::source::Request;
use nix_heft::source::evidence;
use nix_heft::source::files::identical;
use nix_heft::source::files::inventory::Inventory;
use nix_heft::source::files::places::StoreFiles;
use nix_heft::source::location::Location;
use nix_heft::source::open::{files_root, open};
use nix_heft::testing::{self, Random};
use tempfile::TempDir;

fn main() {
    divan::main();
}

struct Fixture {
    graph: StoreGraph,
    closure: Closure,
    files: StoreFiles,
    /// Keeps the made-up files.
    _directory: Option<TempDir>,
}

fn fixture() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| {
        let variable = |name| std::env::var(name).ok();
        match (
            variable("NIX_HEFT_BENCH_STORE"),
            variable("NIX_HEFT_BENCH_ROOT"),
        ) {
            (Some(store), Some(root)) => real(store, root),
            _ => made_up(),
        }
    })
}

fn real(store: String, root: String) -> Fixture {
    let location = Location {
        store: Some(store),
        ..Location::default()
    };
    let request = Request {
        roots: vec![root],
        ..Request::default()
    };
    let source = open(&location).expect("the store is there");
    let loaded = source
        .load(&request, &Progress::new())
        .expect("it can be read");
    let graph = (*loaded.graph).clone();
    let place = files_root(&location).expect("its files are on this machine");
    Fixture {
        closure: Closure::of(&graph, &loaded.roots),
        files: StoreFiles::below(&place, graph.store_dir()),
        graph,
        _directory: None,
    }
}

fn made_up() -> Fixture {
    let directory = tempfile::tempdir().expect("a directory");
    let (graph, closure) = testing::store(300, 8, 1);
    let mut random = Random::new(2);
    for id in closure.members().iter() {
        let place = directory
            .path()
            .join("nix/store")
            .join(graph.base_name(id))
            .join("bin");
        fs::create_dir_all(&place).expect("a directory");
        for number in 0..20 {
            let length = 1_usize << (8 + random.below(12));
            let text = number % 2 == 0;
            let byte = |_| {
                let byte = (random.number() >> 32) as u8;
                if text {
                    b" etaoin shrdlu-/\n0123"[usize::from(byte) % 21]
                } else {
                    byte
                }
            };
            let mut content: Vec<u8> = (0..length).map(byte).collect();
            for &to in graph.references(id).iter().take(2) {
                content.extend_from_slice(graph.hash_part(to).as_bytes());
            }
            fs::write(place.join(format!("{number}")), content).expect("a file");
        }
    }
    Fixture {
        closure,
        graph,
        files: StoreFiles::below(directory.path(), &StoreDir::default()),
        _directory: Some(directory),
    }
}

/// The regular files of a store path.
fn walk(path: &Path, file: &mut dyn FnMut(PathBuf)) {
    let metadata = path.symlink_metadata().expect("metadata");
    if metadata.is_file() {
        file(path.to_owned());
    } else if metadata.is_dir() {
        for entry in fs::read_dir(path).expect("a directory") {
            walk(&entry.expect("an entry").path(), file);
        }
    }
}

/// The paths that reference something: those that evidence is looked for in.
fn referrers(fixture: &Fixture) -> Vec<PathBuf> {
    let graph = &fixture.graph;
    let members = fixture.closure.members().iter();
    let referrers = members.filter(|&id| !graph.references(id).is_empty());
    let places = referrers.map(|id| fixture.files.locate(graph.base_name(id)));
    places.map(|place| place.expect("it is there")).collect()
}

fn read(path: &Path, buffer: &mut [u8]) {
    let mut file = File::open(path).expect("the files can be read");
    while file.read(buffer).expect("the files can be read") > 0 {
        black_box(&buffer);
    }
}

/// What evidence cannot be faster than: opening and reading files whose names are known.
#[divan::bench(sample_count = 10)]
fn reading_once(bencher: Bencher) {
    let mut files = Vec::new();
    for path in referrers(fixture()) {
        walk(&path, &mut |file| files.push(file));
    }
    read_in_parallel(bencher, &files, read);
}

/// The same from the store paths on, whose files have to be found first, as they have for evidence.
#[divan::bench(sample_count = 10)]
fn finding_and_reading_once(bencher: Bencher) {
    read_in_parallel(bencher, &referrers(fixture()), |path, buffer| {
        walk(path, &mut |file| read(&file, buffer));
    });
}

fn read_in_parallel(bencher: Bencher, places: &[PathBuf], read: impl Fn(&Path, &mut [u8]) + Sync) {
    let chunks: Vec<&[PathBuf]> = places.chunks(8).collect();
    bencher.bench_local(|| {
        parallel_on(threads(), chunks.len(), |at| {
            let mut buffer = vec![0; 256 * 1024];
            for place in chunks[at] {
                read(place, &mut buffer);
            }
            Ok::<_, ()>(())
        })
    });
}

#[divan::bench(sample_count = 10)]
fn evidence_of_all_references(bencher: Bencher) {
    let Fixture {
        graph,
        closure,
        files,
        ..
    } = fixture();
    bencher.bench(|| evidence::of_closure(files, graph, closure, &Progress::new()));
}

#[divan::bench(sample_count = 10)]
fn disk_usage(bencher: Bencher) {
    let Fixture {
        graph,
        closure,
        files,
        ..
    } = fixture();
    bencher.bench(|| {
        let progress = Progress::new();
        let inventory = Inventory::read(files, graph, closure.members().iter(), &progress);
        inventory.and_then(|inventory| inventory.usage(&progress))
    });
}

#[divan::bench(sample_count = 10)]
fn identical_files(bencher: Bencher) {
    let Fixture {
        graph,
        closure,
        files,
        ..
    } = fixture();
    let progress = Progress::new();
    let inventory = Inventory::read(files, graph, closure.members().iter(), &progress);
    let inventory = inventory.expect("not cancelled");
    bencher.bench(|| identical::find(&inventory, &progress));
}
