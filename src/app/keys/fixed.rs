//! Keys that no configuration changes: those of lines being typed and of boxes, where letters are text.

/// Confirms.
pub(crate) const ENTER: &str = "enter";
/// Closes or cancels.
pub(crate) const ESC: &str = "esc";
/// Completes.
pub(crate) const TAB: &str = "tab";
/// Brings what was typed before.
pub(crate) const UP: &str = "up";

/// Keys, each with what it does, as one text.
pub(crate) fn hints(hints: &[(&str, &str)], gap: &str) -> String {
    let hints = hints.iter().filter(|(key, _)| !key.is_empty());
    let texts: Vec<String> = hints.map(|(key, does)| format!("{key} {does}")).collect();
    texts.join(gap)
}
