//! Records of binary caches.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::source::cache::narinfo::NarInfo;

fuzz_target!(|data: &str| {
    if let Ok(info) = NarInfo::parse(data) {
        let _ = info.hash_part();
    }
});
