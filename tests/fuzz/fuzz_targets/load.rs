//! Whatever `--from` takes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::job::Progress;
use nix_heft::model::Closure;
use nix_heft::source::Request;
use nix_heft::source::formats::load_bytes;

fuzz_target!(|data: &[u8]| {
    let request = Request {
        details: true,
        ..Request::default()
    };
    if let Ok(loaded) = load_bytes(data, "fuzz", &request, &Progress::new()) {
        let closure = Closure::of(&loaded.graph, &loaded.roots);
        assert_eq!(closure.len(), loaded.graph.len());
    }
});
