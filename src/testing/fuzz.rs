//! The fuzz targets of all crates.

pub use nix_heft_core::testing::fuzz::*;

/// What the explorer reads.
#[cfg(feature = "tui")]
const OF_THE_EXPLORER: &[Target] = &[Target {
    name: "config",
    run: config,
    rounds: 1500,
}];
#[cfg(not(feature = "tui"))]
const OF_THE_EXPLORER: &[Target] = &[];

/// All of them.
pub fn targets() -> impl Iterator<Item = &'static Target> {
    TARGETS.iter().chain(OF_THE_EXPLORER)
}

/// The user's configuration.
#[cfg(feature = "tui")]
pub fn config(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data).into_owned();
    let (_, complaints) = crate::app::config::Config::parse(&text);
    let lines = text.matches('\n').count() + 1;
    for complaint in &complaints {
        assert!((1..=lines).contains(&complaint.line));
    }
    complaints.is_empty()
}
