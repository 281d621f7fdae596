//! Every format of the table on its own, whatever the bytes begin like.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::job::Progress;
use nix_heft::model::Closure;
use nix_heft::source::Request;
use nix_heft::source::formats::{Content, FORMATS};

fuzz_target!(|bytes: &[u8]| {
    let (request, progress) = (Request::default(), Progress::new());
    for format in FORMATS {
        let _ = ((format.sniff)(bytes), (format.doubt)(bytes));
        let content = Content {
            bytes,
            origin: "fuzz",
            request: &request,
            progress: &progress,
        };
        if let Ok(loaded) = (format.parse)(content) {
            let closure = Closure::of(&loaded.graph, &loaded.roots);
            assert_eq!(closure.len(), loaded.graph.len());
        }
    }
});
