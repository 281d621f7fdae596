//! The command line as a page of documentation, held against `docs/cli.md`.
//!
//! `UPDATE_DOCS=1 cargo test --lib cli::reference` writes the page again.

use std::fmt::Write as _;
use std::path::Path;

use clap::builder::PossibleValue;
use clap::{Arg, Command, CommandFactory};

use super::Cli;

fn page() -> String {
    let mut program = Cli::command();
    program.build();
    let mut page = String::from("# Command line\n\n");
    page += "Generated from the definition of the command line; a test compares the two.\n";
    section(&mut page, &program, "nix-heft", &|_| true);
    for command in program.get_subcommands() {
        if command.get_name() == "help" {
            continue;
        }
        let title = format!("nix-heft {}", command.get_name());
        let own = |arg: &Arg| !arg.is_global_set() && arg.get_id() != "help";
        section(&mut page, command, &title, &own);
    }
    page
}

fn section(page: &mut String, command: &Command, title: &str, wanted: &dyn Fn(&Arg) -> bool) {
    let _ = writeln!(page, "\n## {title}\n");
    let about = command.get_long_about().or(command.get_about());
    if let Some(about) = about {
        let _ = writeln!(page, "{about}\n");
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    let _ = writeln!(page, "```text\n{usage}\n```");
    let arguments = command.get_arguments().filter(|arg| wanted(arg));
    let mut heading = None;
    let mut sorted: Vec<&Arg> = arguments.filter(|arg| arg.get_id() != "version").collect();
    sorted.sort_by_key(|arg| arg.get_help_heading().unwrap_or_default());
    for arg in sorted {
        if heading != Some(arg.get_help_heading()) {
            heading = Some(arg.get_help_heading());
            match arg.get_help_heading() {
                Some(title) => {
                    let _ = writeln!(page, "\n{title}:\n");
                }
                None => page.push('\n'),
            }
        }
        option(page, arg);
    }
    let commands: Vec<&Command> = command
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
        .collect();
    if commands.is_empty() {
        return;
    }
    let _ = writeln!(page, "\nCommands:\n");
    for command in commands {
        let about = command.get_about().map(ToString::to_string);
        let _ = writeln!(
            page,
            "- `{}`: {}",
            command.get_name(),
            about.unwrap_or_default()
        );
    }
}

fn option(page: &mut String, arg: &Arg) {
    let short = arg.get_short().map(|short| format!("-{short}, "));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let takes = arg.get_action().takes_values();
    let names: Vec<String> = arg
        .get_value_names()
        .filter(|_| takes)
        .unwrap_or_default()
        .iter()
        .map(ToString::to_string)
        .collect();
    let name = [short.unwrap_or_default(), long.unwrap_or_default()].concat();
    let all: Vec<String> = std::iter::once(name)
        .filter(|name| !name.is_empty())
        .chain(names)
        .collect();
    let help = arg.get_long_help().or(arg.get_help());
    let help = help.map(|help| help.to_string().replace("\n\n", ". ").replace('\n', " "));
    let _ = write!(page, "- `{}`: {}", all.join(" "), help.unwrap_or_default());
    for value in arg.get_default_values().iter().filter(|_| takes) {
        let _ = write!(page, " [default: {}]", value.to_string_lossy());
    }
    let hidden = arg.is_hide_possible_values_set() || !takes;
    let values = arg.get_possible_values();
    if !hidden && !values.is_empty() {
        let shown = values.iter().filter(|value| !value.is_hide_set());
        let values: Vec<&str> = shown.map(PossibleValue::get_name).collect();
        let _ = write!(page, " (`{}`)", values.join("`, `"));
    }
    page.push('\n');
}

#[test]
fn the_page_in_docs_is_what_the_program_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, page()).expect("docs can be written");
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == page(),
        "docs/cli.md is out of date: UPDATE_DOCS=1 cargo test --lib cli::reference writes it anew"
    );
}
