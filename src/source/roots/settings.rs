//! Which rules Nix collects garbage by: two settings out of its configuration, read as Nix reads them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::analysis::kept::Keep;
use crate::plain_file;

/// How deep files may include one another.
const MAX_DEPTH: usize = 8;
/// How many files may be included in all: one that includes itself twice would be read for ever.
const MOST_INCLUDED: usize = 64;
/// No configuration is longer, in bytes.
const LONGEST: u64 = 1 << 20;

/// The rules that hold here: Nix's defaults, its configuration files, `NIX_CONFIG`, and options as `NAME VALUE` pairs.
/// A file that cannot be read says nothing.
pub fn keep(options: &[String]) -> Keep {
    keep_in(&|name| std::env::var_os(name), options)
}

fn keep_in(variable: &dyn Fn(&str) -> Option<OsString>, options: &[String]) -> Keep {
    let mut settings = Settings {
        keep: Keep::default(),
        left: MOST_INCLUDED,
    };
    for file in files(variable) {
        settings.read(&file, 0);
    }
    if let Some(text) = variable("NIX_CONFIG") {
        settings.take(&text.to_string_lossy(), Path::new("/"), 0);
    }
    for pair in options.chunks_exact(2) {
        set(&pair[0], &pair[1], &mut settings.keep);
    }
    settings.keep
}

/// The configuration files, the one that counts most last.
fn files(variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let given = |name: &str| variable(name).filter(|value| !value.is_empty());
    let system = given("NIX_CONF_DIR").unwrap_or_else(|| "/etc/nix".into());
    let by_default = || -> Vec<PathBuf> {
        let home = given("HOME").map(|home| PathBuf::from(home).join(".config"));
        let own = given("XDG_CONFIG_HOME").map(PathBuf::from).or(home);
        let others = given("XDG_CONFIG_DIRS").unwrap_or_else(|| "/etc/xdg".into());
        let dirs = own.into_iter().chain(std::env::split_paths(&others));
        dirs.map(|dir| dir.join("nix/nix.conf")).collect()
    };
    let listed = given("NIX_USER_CONF_FILES");
    let listed = listed.map(|list| std::env::split_paths(&list).collect());
    let mut users: Vec<PathBuf> = listed.unwrap_or_else(by_default);
    users.push(PathBuf::from(system).join("nix.conf"));
    users.reverse();
    users
}

/// The settings that were found, and how many more files may be included.
struct Settings {
    keep: Keep,
    left: usize,
}

impl Settings {
    fn read(&mut self, file: &Path, depth: usize) {
        if let Ok(bytes) = plain_file::read(file, LONGEST) {
            let text = String::from_utf8_lossy(&bytes);
            let dir = file.parent().unwrap_or(Path::new("/"));
            self.take(&text, dir, depth);
        }
    }

    /// Takes what some lines say; files they include are relative to `dir`.
    fn take(&mut self, text: &str, dir: &Path, depth: usize) {
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["include" | "!include", file] if depth < MAX_DEPTH && self.left > 0 => {
                    self.left -= 1;
                    self.read(&dir.join(file), depth + 1);
                }
                [name, "=", value] => set(name, value, &mut self.keep),
                _ => {}
            }
        }
    }
}

fn set(name: &str, value: &str, keep: &mut Keep) {
    let on = match value {
        "true" | "yes" | "1" => true,
        "false" | "no" | "0" => false,
        _ => return,
    };
    match name {
        "keep-derivations" | "gc-keep-derivations" => keep.derivations = on,
        "keep-outputs" | "gc-keep-outputs" => keep.outputs = on,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_variables_and_options_count_in_their_order() {
        let dir = tempfile::tempdir().expect("a directory");
        let at = |name: &str| dir.path().join(name);
        let of = |config: &str, options: &[&str]| {
            let variable = |name: &str| match name {
                "NIX_CONF_DIR" => Some(dir.path().into()),
                "NIX_USER_CONF_FILES" => Some(at("user").into()),
                "NIX_CONFIG" => Some(config.into()),
                _ => None,
            };
            let options: Vec<String> = options.iter().map(ToString::to_string).collect();
            let keep = keep_in(&variable, &options);
            (keep.derivations, keep.outputs)
        };
        assert_eq!(of("", &[]), (true, false), "Nix's defaults");
        fs::write(
            at("nix.conf"),
            "keep-derivations = false # why\n!include more\n",
        )
        .expect("a file");
        assert_eq!(of("", &[]), (false, false));
        fs::write(at("more"), "gc-keep-outputs = true\n").expect("a file");
        assert_eq!(of("", &[]), (false, true));
        fs::write(at("user"), "keep-outputs = false\n").expect("a file");
        assert_eq!(of("", &[]), (false, false));
        assert_eq!(of("x = y\nkeep-outputs = true", &[]), (false, true));
        let options = ["keep-outputs", "no", "keep-derivations", "1"];
        assert_eq!(of("keep-outputs = true", &options), (true, false));
    }

    #[test]
    fn files_that_include_themselves_and_pipes_are_no_endless_wait() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let dir = tempfile::tempdir().expect("a directory");
        let at = |name: &str| dir.path().join(name);
        mknodat(CWD, at("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
        let again = "include nix.conf\n".repeat(1000);
        let text = format!("keep-outputs = true\ninclude pipe\n{again}keep-derivations = false\n");
        fs::write(at("nix.conf"), text).expect("a file");
        let variable = |name: &str| match name {
            "NIX_CONF_DIR" => Some(dir.path().into()),
            "NIX_USER_CONF_FILES" => Some(at("pipe").into()),
            _ => None,
        };
        let keep = keep_in(&variable, &[]);
        assert!(keep.outputs && !keep.derivations);
    }
}
