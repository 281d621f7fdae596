//! Path-info JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::job::Progress;
use nix_heft::source::{Request, json::parse_json};

fuzz_target!(|data: &[u8]| {
    if let Ok(records) = parse_json(data, "fuzz", true, &Progress::new()) {
        let _ = records.finish(&Request::default(), "fuzz");
    }
});
