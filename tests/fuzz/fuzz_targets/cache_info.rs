//! What a binary cache says of itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::testing::parsers;

fuzz_target!(|data: &str| {
    if let Some(dir) = parsers::cache_info(data) {
        assert!(dir.as_str().starts_with('/'));
    }
});
