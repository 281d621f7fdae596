//! The file with earlier searches.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::testing::parsers;

fuzz_target!(|data: &[u8]| {
    for search in parsers::searches(data) {
        assert!(!search.contains(char::is_control));
    }
});
