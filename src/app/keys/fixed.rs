//! Keys that no configuration changes: those of lines being typed and of boxes, where letters are text.

/// Confirms.
pub const ENTER: &str = "enter";
/// Closes or cancels.
pub const ESC: &str = "esc";
/// Completes.
pub const TAB: &str = "tab";
/// Brings what was typed before.
pub const UP: &str = "up";

/// Keys, each with what it does, as one text.
pub fn hints(hints: &[(&str, &str)], gap: &str) -> String {
    let hints = hints.iter().filter(|(key, _)| !key.is_empty());
    let texts: Vec<String> = hints.map(|(key, does)| format!("{key} {does}")).collect();
    texts.join(gap)
}
