//! Which rules Nix collects garbage by: two settings out of its configuration, read as Nix reads them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::analysis::kept::Keep;

/// How deep files may include one another.
const MAX_DEPTH: usize = 8;

/// The rules that hold here: Nix's defaults, its configuration files, `NIX_CONFIG`, and options as `NAME VALUE` pairs.
/// A file that cannot be read says nothing.
pub fn keep(options: &[String]) -> Keep {
    keep_in(&|name| std::env::var_os(name), options)
}

fn keep_in(variable: &dyn Fn(&str) -> Option<OsString>, options: &[String]) -> Keep {
    let mut keep = Keep::default();
    for file in files(variable) {
        read(&file, &mut keep, 0);
    }
    if let Some(text) = variable("NIX_CONFIG") {
        take(&text.to_string_lossy(), Path::new("/"), &mut keep, 0);
    }
    for pair in options.chunks_exact(2) {
        set(&pair[0], &pair[1], &mut keep);
    }
    keep
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

fn read(file: &Path, keep: &mut Keep, depth: usize) {
    if let Ok(text) = fs::read_to_string(file) {
        let dir = file.parent().unwrap_or(Path::new("/"));
        take(&text, dir, keep, depth);
    }
}

/// Takes what some lines say; files they include are relative to `dir`.
fn take(text: &str, dir: &Path, keep: &mut Keep, depth: usize) {
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["include" | "!include", file] if depth < MAX_DEPTH => {
                read(&dir.join(file), keep, depth + 1);
            }
            [name, "=", value] => set(name, value, keep),
            _ => {}
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
}
