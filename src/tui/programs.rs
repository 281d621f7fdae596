//! Other programs: shell, pager and editor, to which the terminal is lent, and those that know the clipboard.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::app::jobs::external::{ExternalProgram, Launch};
use crate::gate::Clipboard;
use crate::job;

/// Programs that take `+12` for line 12.
const TAKE_A_LINE: &[&str] = &[
    "vi",
    "vim",
    "nvim",
    "view",
    "nano",
    "emacs",
    "emacsclient",
    "kak",
    "micro",
    "joe",
    "ne",
    "less",
    "more",
];

/// Runs a program on the terminal, which is not ours meanwhile, and waits until it ends.
pub(super) fn run(ready: &Launch) -> io::Result<()> {
    let mut child = command(ready).spawn()?;
    if let (Some(listing), Some(mut input)) = (&ready.listing, child.stdin.take()) {
        // Who closes the pager early has read enough.
        let _ = input.write_all(listing.as_bytes());
    }
    child.wait().map(|_| ())
}

fn command(ready: &Launch) -> Command {
    if ready.program == ExternalProgram::Shell {
        let mut shell = Command::new(chosen(&["SHELL"], "/bin/sh"));
        shell.current_dir(&ready.place);
        return shell;
    }
    let program = match ready.program {
        ExternalProgram::Pager => chosen(&["PAGER"], "less"),
        _ => chosen(&["VISUAL", "EDITOR"], "vi"),
    };
    let mut command = through_shell(&program);
    if ready.listing.is_some() {
        command.stdin(Stdio::piped());
        return command;
    }
    if let Some(line) = ready.line.filter(|_| takes_a_line(&program)) {
        command.arg(format!("+{line}"));
    }
    command.arg(&ready.place);
    command
}

/// As for Git, such a variable holds what a shell runs: options, quotes around spaces, and all. What it is called with is
/// added to the command.
fn through_shell(program: &OsStr) -> Command {
    let mut script = program.to_owned();
    script.push(" \"$@\"");
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(script).arg("sh");
    command
}

/// The first of these variables that is set to something.
fn chosen(variables: &[&str], otherwise: &str) -> OsString {
    let mut set = variables.iter().filter_map(env::var_os);
    set.find(|value| !value.is_empty())
        .unwrap_or_else(|| otherwise.into())
}

fn takes_a_line(program: &OsStr) -> bool {
    let program = program.to_string_lossy();
    let first = first_word(&program);
    let name = Path::new(&first).file_name().unwrap_or_default();
    TAKE_A_LINE.iter().any(|known| name == *known)
}

/// The first word of a command, without the quotes around any part of it.
fn first_word(command: &str) -> String {
    let mut word = String::new();
    let mut quote = None;
    for character in command.trim_start().chars() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, space) if space.is_whitespace() => break,
            _ => word.push(character),
        }
    }
    word
}

/// The program that knows this desktop's clipboard, and what it is called with.
fn clipboard(set: impl Fn(&str) -> bool) -> Option<(&'static str, &'static [&'static str])> {
    if cfg!(target_os = "macos") {
        Some(("pbcopy", &[]))
    } else if set("WAYLAND_DISPLAY") {
        Some(("wl-copy", &[]))
    } else if set("DISPLAY") {
        Some(("xclip", &["-selection", "clipboard"]))
    } else {
        None
    }
}

/// Gives a text to the desktop's clipboard too: not every terminal lets a program have it, and none says so.
pub(super) fn copy(text: &Clipboard) {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    if let Some((program, arguments)) = clipboard(set) {
        let text = text.clone();
        // Nothing waits for it: without the program there is only the terminal's way.
        drop(job::spawn(
            move |_| feed(program, arguments, text.as_str()).is_ok(),
            || {},
        ));
    }
}

fn feed(program: &str, arguments: &[&str], text: &str) -> io::Result<()> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes())?;
    }
    child.wait().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands behind the program.
    fn arguments(ready: &Launch) -> Vec<String> {
        let command = command(ready);
        let texts = command.get_args().skip(3);
        texts
            .map(|text| text.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn a_line_is_told_to_who_understands_it() {
        for (program, takes) in [
            ("less -R", true),
            ("/usr/bin/nvim", true),
            ("code --wait", false),
            ("'/opt/my editors/vim' -n", true),
            ("\"/opt/my editors/code\" 'a vim'", false),
            ("'never closed", false),
            ("", false),
        ] {
            assert_eq!(takes_a_line(OsStr::new(program)), takes, "{program}");
        }
    }

    #[test]
    fn a_listing_is_fed_and_a_file_is_named() {
        let ready = |listing: Option<&str>| Launch {
            program: ExternalProgram::Pager,
            place: "/x y".into(),
            line: None,
            listing: listing.map(str::to_owned),
        };
        assert_eq!(arguments(&ready(None)), ["/x y"]);
        assert!(arguments(&ready(Some("a"))).is_empty());
    }

    #[test]
    fn quotes_part_words_as_in_a_shell() {
        let directory = tempfile::tempdir().expect("a folder");
        let told = directory.path().join("told");
        let program = format!(
            "printf '%s|' 'two words' \"it's\" plain >'{}'",
            told.display()
        );
        let place = Path::new("/x y'$(touch z)");
        let mut command = through_shell(OsStr::new(&program));
        command.arg("+12").arg(place);
        assert!(command.status().expect("a shell").success());
        let told = std::fs::read_to_string(told).expect("it was run");
        assert_eq!(told, "two words|it's|plain|+12|/x y'$(touch z)|");
    }

    #[test]
    fn the_clipboard_is_that_of_the_desktop() {
        if cfg!(target_os = "macos") {
            return;
        }
        let of = |names: &[&str]| clipboard(|name| names.contains(&name)).map(|(name, _)| name);
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["DISPLAY"]), Some("xclip"));
        assert_eq!(of(&["DISPLAY", "WAYLAND_DISPLAY"]), Some("wl-copy"));
    }
}
