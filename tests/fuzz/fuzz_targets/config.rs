//! The user's configuration in TOML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_heft::testing::explorer::Config;

fuzz_target!(|text: &str| {
    let (_, complaints) = Config::parse(text);
    let lines = text.matches('\n').count() + 1;
    for complaint in complaints {
        assert!((1..=lines).contains(&complaint.line));
        assert!(!complaint.message.contains('\u{1b}'), "{}", complaint.message);
    }
});
