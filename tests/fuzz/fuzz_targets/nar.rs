//! Archives of binary caches, unpacked.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::testing::parsers;

fuzz_target!(|data: &[u8]| {
    if let Ok((entries, _)) = parsers::nar(data) {
        assert!(entries > 0);
    }
});
