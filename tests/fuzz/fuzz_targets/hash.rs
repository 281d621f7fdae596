//! Hashes in every base.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::model::NarHash;

fuzz_target!(|data: &str| {
    if let Ok(hash) = NarHash::parse(data) {
        assert_eq!(NarHash::parse(&hash.to_string()), Ok(hash));
        assert_eq!(NarHash::parse(&hash.to_base32()), Ok(hash));
    }
});
