//! Records of binary caches.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    nix_heft::testing::fuzz::narinfo(data);
});
