//! What signatures of records are made over.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::testing::parsers;

fuzz_target!(|data: &str| {
    let _ = parsers::fingerprint(data);
});
