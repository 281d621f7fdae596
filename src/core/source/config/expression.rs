//! How a configuration is named, and the expression that gives it.

mod fingerprint;

use std::fs;
use std::path::{Path, PathBuf};

use crate::analysis::origin::quoted;
use crate::plain_file;
use crate::source::SourceError;
use crate::source::location::UserEnvironment;

/// A configuration to be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Configuration {
    /// An attribute of a flake.
    Flake {
        /// The flake as Nix takes it: a directory from `/` on, or a reference.
        reference: String,
        /// The attributes that lead to the configuration; none: the host's own.
        attributes: Vec<String>,
        /// The name of this machine.
        host: String,
    },
    /// A file: a module, or an expression that gives a configuration.
    File(PathBuf),
}

/// Where flakes have configurations.
const KINDS: [&str; 3] = [
    "nixosConfigurations",
    "darwinConfigurations",
    "homeConfigurations",
];

impl Configuration {
    /// What `--config` means: `FLAKE#ATTRIBUTE` or a file.
    pub fn parse(text: &str, user: &UserEnvironment) -> Result<Self, SourceError> {
        let (reference, attributes) = text.split_once('#').unwrap_or((text, ""));
        let path = user.current_dir.join(reference);
        let is_flake = text.contains('#') || path.join("flake.nix").is_file();
        if is_flake || (reference.contains(':') && !path.exists()) {
            return Ok(Self::Flake {
                reference: flake(reference, &path)?,
                attributes: attribute_path(attributes)?,
                host: host(),
            });
        }
        let file = if path.is_dir() {
            path.join("default.nix")
        } else {
            path
        };
        let file =
            fs::canonicalize(&file).map_err(|source| SourceError::Read { path: file, source })?;
        Ok(Self::File(file))
    }

    /// What this machine's system is usually built from, if it is there.
    pub fn of_machine() -> Option<Self> {
        let named = std::env::var_os("NIXOS_CONFIG").map(PathBuf::from);
        if let Some(file) = named.filter(|file| file.is_file()) {
            return Some(Self::File(file));
        }
        let folder = Path::new("/etc/nixos");
        if folder.join("flake.nix").is_file() {
            let folder = fs::canonicalize(folder).ok()?;
            return Some(Self::Flake {
                reference: folder.to_string_lossy().into_owned(),
                attributes: Vec::new(),
                host: host(),
            });
        }
        let file = folder.join("configuration.nix");
        file.is_file().then_some(Self::File(file))
    }

    /// How it is written on a command line.
    pub fn shown(&self) -> String {
        match self {
            Self::Flake {
                reference,
                attributes,
                host,
            } => {
                let attributes = match &attributes[..] {
                    [] => host.clone(),
                    some => some
                        .iter()
                        .map(|name| quoted(name))
                        .collect::<Vec<_>>()
                        .join("."),
                };
                format!("{reference}#{attributes}")
            }
            Self::File(file) => file.display().to_string(),
        }
    }

    /// The directory of the user's own files, if they are on this machine.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Flake { reference, .. } => {
                Some(Path::new(reference)).filter(|path| path.is_absolute())
            }
            Self::File(file) => file.parent(),
        }
    }

    /// An expression for a set of `c`, the configuration, and `flake`, the flake or `null`.
    pub(super) fn expression(&self) -> String {
        match self {
            Self::Flake {
                reference,
                attributes,
                host,
            } => {
                let select = |names: &[String]| {
                    let names: Vec<String> = names.iter().map(|name| text(name)).collect();
                    let parts = names.iter().flat_map(|name| [".", attribute(name)]);
                    parts.collect::<String>()
                };
                let single = match &attributes[..] {
                    [] => Some(host),
                    [only] => Some(only),
                    _ => None,
                };
                let c = match single {
                    Some(name) => {
                        let none = format!(
                            "throw {}",
                            text(&format!("the flake has no configuration '{name}'"))
                        );
                        // A flake of one machine need not be told which.
                        let none = if attributes.is_empty() {
                            format!(
                                "(let all = flake.{} or {{ }}; names = builtins.attrNames all; in \
                                 if builtins.length names == 1 then all.${{builtins.head names}} else {none})",
                                KINDS[0]
                            )
                        } else {
                            none
                        };
                        KINDS.iter().rev().fold(none, |otherwise, kind| {
                            format!("flake.{kind}.{} or ({otherwise})", text(name))
                        })
                    }
                    None => format!("flake{}", select(attributes)),
                };
                format!(
                    "let flake = builtins.getFlake {}; in {{ inherit flake; c = {c}; }}",
                    text(reference)
                )
            }
            Self::File(file) => {
                let name = file.file_name().unwrap_or_default();
                let system = match name.to_str() {
                    Some("home.nix") => {
                        "import <home-manager/modules> { configuration = file; pkgs = import <nixpkgs> { }; }"
                    }
                    Some("darwin-configuration.nix") => "import <darwin> { configuration = file; }",
                    _ => {
                        "import <nixpkgs/nixos/lib/eval-config.nix> { system = builtins.currentSystem; modules = [ file ]; }"
                    }
                };
                format!(
                    "let file = /. + {}; v = import file; \
                     isModule = builtins.isFunction v && (let a = builtins.functionArgs v; in a ? config || a ? pkgs || a ? lib || a ? modulesPath); \
                     isDone = c: builtins.isAttrs c && c ? options && c ? config && (c ? extendModules || c ? pkgs); \
                     c = if isModule then {system} else if builtins.isFunction v then v {{ }} else if isDone v then v else {system}; \
                     in {{ flake = null; inherit c; }}",
                    text(&file.to_string_lossy())
                )
            }
        }
    }
}

/// A directory with a flake, from `/` on; a reference as it is.
fn flake(reference: &str, path: &Path) -> Result<String, SourceError> {
    if !reference.is_empty() && !path.exists() {
        return Ok(reference.to_owned());
    }
    let path = fs::canonicalize(path).map_err(|source| SourceError::Read {
        path: path.to_owned(),
        source,
    })?;
    // Nix looks above, too.
    let found = path
        .ancestors()
        .find(|folder| folder.join("flake.nix").is_file());
    let Some(found) = found else {
        return Err(SourceError::Usage {
            message: format!("there is no flake.nix in {} or above", path.display()),
            hint: "name a flake and its attribute, or a file: --config .#nixosConfigurations.HOST, --config FILE"
                .to_owned(),
        });
    };
    Ok(found.to_string_lossy().into_owned())
}

/// The names of an attribute path, those in quotes taken out of them.
pub(super) fn attribute_path(typed: &str) -> Result<Vec<String>, SourceError> {
    let mut names = Vec::new();
    let mut rest = typed;
    while !rest.is_empty() {
        let name = if let Some(inner) = rest.strip_prefix('"') {
            let Some((name, behind)) = inner.split_once('"') else {
                return Err(no_attributes(typed));
            };
            rest = behind;
            name
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            let (name, behind) = rest.split_at(end);
            rest = behind;
            name
        };
        names.push(name.to_owned());
        match rest.strip_prefix('.') {
            Some("") => return Err(no_attributes(typed)),
            Some(behind) => rest = behind,
            None if rest.is_empty() => {}
            None => return Err(no_attributes(typed)),
        }
    }
    Ok(names)
}

fn no_attributes(typed: &str) -> SourceError {
    SourceError::Usage {
        message: format!("'{typed}' is not an attribute path"),
        hint: "an attribute path is NAME.NAME, names with dots in quotes: nixosConfigurations.\"web.example\""
            .to_owned(),
    }
}

/// A text as Nix writes it.
pub(super) fn text(plain: &str) -> String {
    let escaped = plain.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace("${", "\\${"))
}

/// A text in quotes is an attribute's name, too.
fn attribute(quoted: &str) -> &str {
    quoted
}

/// The name of this machine.
fn host() -> String {
    let read = plain_file::read(Path::new("/proc/sys/kernel/hostname"), 4096);
    let name = read.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let name = name.or_else(|| std::env::var("HOSTNAME").ok());
    name.map_or_else(|| "default".to_owned(), |name| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attribute_paths_are_taken_apart() {
        let parsed = |typed: &str| attribute_path(typed).ok();
        let names = |names: &[&str]| {
            Some(
                names
                    .iter()
                    .map(|&name| name.to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(parsed(""), names(&[]));
        assert_eq!(parsed("a.b-c"), names(&["a", "b-c"]));
        assert_eq!(parsed("a.\"b.c\".d"), names(&["a", "b.c", "d"]));
        for wrong in ["a.", "\"a", "\"a\"b"] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn texts_are_written_so_that_nothing_in_them_is_code() {
        assert_eq!(text("a\"b\\c${d}"), "\"a\\\"b\\\\c\\${d}\"");
    }
}
