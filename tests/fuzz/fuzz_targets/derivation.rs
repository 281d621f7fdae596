//! Derivations as files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::testing::parsers;

fuzz_target!(|data: &[u8]| {
    let _ = parsers::derivation(data);
});
