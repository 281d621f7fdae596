//! The line formats.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::job::Progress;
use nix_heft::source::{Request, registration::parse_registration};

fuzz_target!(|data: &str| {
    if let Ok(records) = parse_registration(data, "fuzz", true, &Progress::new()) {
        let _ = records.finish(&Request::default(), "fuzz");
    }
});
