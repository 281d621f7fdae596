//! What stands around an occurrence of a hash part; the first bytes are its position.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    nix_heft::testing::fuzz::context(data);
});
