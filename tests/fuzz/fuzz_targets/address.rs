//! Addresses of stores.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::testing::parsers;

fuzz_target!(|data: &str| {
    let _ = parsers::store_address(data);
});
