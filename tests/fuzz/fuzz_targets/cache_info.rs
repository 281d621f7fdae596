//! What a binary cache says of itself.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    nix_heft::testing::fuzz::cache_info(data);
});
