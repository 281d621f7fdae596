//! The user's configuration: where it is, and the warnings about what is not understood in it.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use crate::app::config::Config;
use crate::model::Warning;
use crate::user_files::{self, UserFileError};

/// What the user's file says; without a file everything is as it comes.
pub(super) fn read() -> (Config, Vec<Warning>) {
    match file() {
        Some(file) => read_file(&file),
        None => (Config::default(), Vec::new()),
    }
}

fn read_file(file: &Path) -> (Config, Vec<Warning>) {
    match user_files::read(file) {
        Ok(text) => {
            let (config, complaints) = Config::parse(&text);
            let said = complaints.iter().map(|complaint| {
                let (line, message) = (complaint.line, &complaint.message);
                warning(format!("{} line {line}: {message}", file.display()))
            });
            (config, said.collect())
        }
        Err(UserFileError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            (Config::default(), Vec::new())
        }
        Err(error) => (Config::default(), vec![warning(error.to_string())]),
    }
}

fn warning(kind: String) -> Warning {
    Warning {
        kind,
        count: 1,
        examples: Vec::new(),
    }
}

/// `$XDG_CONFIG_HOME/nix-heft/config.toml`, or the same below `~/.config`.
fn file() -> Option<PathBuf> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let home = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
    Some(home?.join("nix-heft/config.toml"))
}
