//! Whether colours are wanted, as far as the environment says.

use anstyle_query::{clicolor, clicolor_force, no_color, term_supports_color};

/// Whether to write colours where the user has said nothing else. The rules are those of <https://no-color.org> and
/// <https://bixense.com/clicolors>: `NO_COLOR` comes before `CLICOLOR_FORCE`, which asks for colours even in a pipe,
/// and that before `CLICOLOR`, which is about terminals.
pub(crate) fn is_wanted(is_terminal: bool) -> bool {
    if no_color() {
        false
    } else if clicolor_force() {
        true
    } else {
        match clicolor() {
            Some(wanted) => wanted && is_terminal,
            None => is_terminal && term_supports_color(),
        }
    }
}
