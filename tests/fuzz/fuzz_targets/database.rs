//! A whole database file: by its pages, by the engine, as a store and as the closure of a root, and derivations.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use nix_heft::job::Progress;
use nix_heft::model::{Closure, StoreDir};
use nix_heft::source::db::Database;
use nix_heft::source::roots::StorePlace;
use nix_heft::source::location::UserEnvironment;
use nix_heft::source::{Request, Source};

/// A directory in memory, where there is one.
fn root() -> &'static PathBuf {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let memory = PathBuf::from("/dev/shm");
        let parent = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let root = parent.join(format!("nix-heft-fuzz-{}", std::process::id()));
        fs::create_dir_all(root.join("db")).expect("a directory");
        root
    })
}

fuzz_target!(|data: &[u8]| {
    let Some((&how, bytes)) = data.split_first() else {
        return;
    };
    let file = root().join("db/db.sqlite");
    fs::write(&file, bytes).expect("room for a small file");
    // Long ago, so that nobody waits for the clock to tell two changes apart.
    let handle = fs::File::options().write(true).open(&file).expect("it is there");
    handle.set_modified(std::time::UNIX_EPOCH).expect("a time");
    let place = StorePlace::new(root(), StoreDir::default(), root());
    let database = Database::new(&file, place, UserEnvironment::default());
    let whole = how & 1 == 0;
    let request = Request {
        whole,
        details: how & 2 != 0,
        roots: if whole { Vec::new() } else { vec![ROOT.to_owned()] },
        ..Request::default()
    };
    let database = database.for_derivations(how & 4 != 0);
    if let Ok(loaded) = database.load(&request, &Progress::new()) {
        let closure = Closure::of(&loaded.graph, &loaded.roots);
        assert_eq!(closure.len(), loaded.graph.len());
    }
    let _ = database.gc_roots(&Progress::new());
});

/// The root of the corpus' databases.
const ROOT: &str = "/nix/store/00000000000000000000000000000000-app";
