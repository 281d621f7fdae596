//! What of Nix's configuration counts here, read as Nix reads it: which rules it collects garbage by, and its binary caches.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::analysis::kept::Keep;
use crate::plain_file;

/// How deep files may include one another.
const MAX_DEPTH: usize = 8;
/// How many files may be included in all: one that includes itself twice would be read for ever.
const MOST_INCLUDED: usize = 64;
/// The binary cache that Nix asks unless it is told otherwise.
const DEFAULT_CACHE: &str = "https://cache.nixos.org/";
/// No configuration is longer, in bytes.
const LONGEST: u64 = 1 << 20;

/// The rules that hold here: Nix's defaults, its configuration files, `NIX_CONFIG`, and options as `NAME VALUE` pairs.
/// A file that cannot be read says nothing.
pub fn keep(options: &[String]) -> Keep {
    settings_in(&|name| std::env::var_os(name), options).keep
}

/// The addresses of the binary caches that Nix asks, in their order; `options` are `NAME VALUE` pairs.
pub fn caches(options: &[String]) -> Vec<String> {
    settings_in(&|name| std::env::var_os(name), options).caches
}

#[cfg(test)]
fn keep_in(variable: &dyn Fn(&str) -> Option<OsString>, options: &[String]) -> Keep {
    settings_in(variable, options).keep
}

fn settings_in(variable: &dyn Fn(&str) -> Option<OsString>, options: &[String]) -> Settings {
    let mut settings = Settings {
        keep: Keep::default(),
        caches: vec![DEFAULT_CACHE.to_owned()],
        left: MOST_INCLUDED,
    };
    for file in files(variable) {
        settings.read(&file, 0);
    }
    if let Some(text) = variable("NIX_CONFIG") {
        settings.take(&text.to_string_lossy(), Path::new("/"), 0);
    }
    for pair in options.chunks_exact(2) {
        let words: Vec<&str> = pair[1].split_whitespace().collect();
        settings.set(&pair[0], &words);
    }
    settings
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
    caches: Vec<String>,
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
                [name, "=", ref values @ ..] => self.set(name, values),
                _ => {}
            }
        }
    }

    fn set(&mut self, name: &str, values: &[&str]) {
        let all = || values.iter().map(|&value| value.to_owned());
        match name {
            "substituters" | "binary-caches" => self.caches = all().collect(),
            "extra-substituters" | "extra-binary-caches" => self.caches.extend(all()),
            "keep-derivations" | "gc-keep-derivations" => {
                switch(&mut self.keep.derivations, values);
            }
            "keep-outputs" | "gc-keep-outputs" => switch(&mut self.keep.outputs, values),
            _ => {}
        }
    }
}

/// Turns a setting on or off, if a word says that.
fn switch(setting: &mut bool, values: &[&str]) {
    match values {
        ["true" | "yes" | "1"] => *setting = true,
        ["false" | "no" | "0"] => *setting = false,
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
    fn caches_are_those_that_nix_asks() {
        let of = |config: &str, options: &[&str]| {
            let variable = |name: &str| match name {
                "NIX_CONF_DIR" | "NIX_USER_CONF_FILES" => Some("/nowhere".into()),
                "NIX_CONFIG" => Some(config.into()),
                _ => None,
            };
            let options: Vec<String> = options.iter().map(ToString::to_string).collect();
            settings_in(&variable, &options).caches
        };
        assert_eq!(of("", &[]), [DEFAULT_CACHE]);
        assert_eq!(
            of("substituters = file:///a https://b # c", &[]),
            ["file:///a", "https://b"]
        );
        assert_eq!(
            of("extra-substituters = https://b", &[]),
            [DEFAULT_CACHE, "https://b"]
        );
        assert_eq!(of("substituters =", &[]), Vec::<String>::new());
        assert_eq!(
            of("substituters = x", &["substituters", "y  z"]),
            ["y", "z"]
        );
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
