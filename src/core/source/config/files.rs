//! Files of a configuration as a person names them, and the likely line of a definition.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::found::ConfigAnswers;
use crate::analysis::origin::DefinitionPlace;
use crate::plain_file;

/// A module is a few pages of text.
const MOST_BYTES: u64 = 4 << 20;
/// How far behind an option's name its value is looked through.
const MOST_LINES: usize = 400;

/// The files of a configuration, each read once.
pub(super) struct ConfigFiles<'a> {
    found: &'a ConfigAnswers,
    /// Their lines, without comments.
    lines: RefCell<HashMap<PathBuf, Rc<[String]>>>,
}

/// A file with its name for people.
struct NamedFile {
    shown: String,
    own: bool,
    /// Where it can be read.
    real: PathBuf,
}

impl<'a> ConfigFiles<'a> {
    pub(super) fn of(found: &'a ConfigAnswers) -> Self {
        Self {
            found,
            lines: RefCell::default(),
        }
    }

    /// Whether a file is the user's own.
    pub(super) fn is_own(&self, file: &str) -> bool {
        self.named(file).own
    }

    /// The place of a definition: a known line, or the likely one of an option (and of a word in its value).
    pub(super) fn place(
        &self,
        file: &str,
        line: Option<u32>,
        option: &[String],
        word: &str,
    ) -> DefinitionPlace {
        let named = self.named(file);
        let likely = match line {
            Some(_) => None,
            None => likely_line(&self.lines(&named.real), option, word),
        };
        DefinitionPlace {
            file: named.shown,
            line: line.or(likely),
            is_likely: line.is_none() && likely.is_some(),
            own: named.own,
        }
    }

    fn named(&self, file: &str) -> NamedFile {
        // What came by way of a flake's modules says so behind the file.
        let file = file.split(", via option").next().unwrap_or(file);
        let copies = self.found.private.join("nix/store");
        // What lies in the store of the evaluation is called as in the store it is evaluated for.
        let plain = match file.strip_prefix(&*copies.to_string_lossy()) {
            Some(rest) => format!("{}{rest}", self.found.store_dir),
            None => file.to_owned(),
        };
        let plain = plain.as_str();
        let inside = |root: &str| {
            let rest = plain.strip_prefix(root).filter(|_| !root.is_empty())?;
            rest.strip_prefix('/')
                .or_else(|| rest.is_empty().then_some(rest))
        };
        let real = || {
            let below = plain.strip_prefix(&self.found.store_dir);
            let copy = below.map(|rest| copies.join(rest.trim_start_matches('/')));
            copy.filter(|copy| copy.exists())
                .unwrap_or_else(|| PathBuf::from(plain))
        };
        if let (Some(rest), Some(folder)) = (inside(&self.found.own), &self.found.folder) {
            return NamedFile {
                shown: rest.to_owned(),
                own: true,
                real: folder.join(rest),
            };
        }
        if let Some(rest) = inside(&self.found.nixpkgs) {
            return NamedFile {
                shown: format!("nixpkgs: {rest}"),
                own: false,
                real: real(),
            };
        }
        for (name, root) in &self.found.inputs {
            if let Some(rest) = inside(root) {
                return NamedFile {
                    shown: format!("{name}: {rest}"),
                    own: false,
                    real: real(),
                };
            }
        }
        let path = Path::new(plain);
        let in_store = plain.starts_with(self.found.store_dir.as_str());
        let folder = self.found.folder.as_deref();
        let relative = folder.and_then(|folder| path.strip_prefix(folder).ok());
        NamedFile {
            shown: relative.unwrap_or(path).display().to_string(),
            own: !in_store && path.is_absolute(),
            real: real(),
        }
    }

    fn lines(&self, file: &Path) -> Rc<[String]> {
        if let Some(lines) = self.lines.borrow().get(file) {
            return Rc::clone(lines);
        }
        let bytes = plain_file::read(file, MOST_BYTES).unwrap_or_default();
        let lines = lines_of(&String::from_utf8_lossy(&bytes));
        self.lines
            .borrow_mut()
            .insert(file.to_owned(), Rc::clone(&lines));
        lines
    }
}

/// The lines of a text without their comments.
fn lines_of(text: &str) -> Rc<[String]> {
    let lines = text.lines().map(without_comment);
    lines.map(str::to_owned).collect()
}

/// The line where an option is likely defined: its names in one piece or, as they may be nested, as many of the first as stand
/// together, and the last one behind them; then a word of its value.
fn likely_line(lines: &[String], option: &[String], word: &str) -> Option<u32> {
    let from = (1..=option.len()).rev().find_map(|count| {
        let names = option[..count].join(".");
        let at = lines.iter().position(|line| has_word(line, &names))?;
        let rest = &option[count..];
        // The other names follow in their order.
        let mut here = at;
        for name in rest {
            let behind = lines[here..].iter().take(MOST_LINES);
            here += behind.into_iter().position(|line| has_word(line, name))?;
        }
        Some(here)
    });
    let from = from.or_else(|| {
        let last = option.last()?;
        lines.iter().position(|line| has_word(line, last))
    })?;
    let behind = lines[from..].iter().take(MOST_LINES);
    let of_word = behind
        .into_iter()
        .position(|line| !word.is_empty() && has_word(line, word));
    u32::try_from(from + of_word.unwrap_or(0) + 1).ok()
}

fn without_comment(line: &str) -> &str {
    match line.split_once('#') {
        Some((code, _)) if code.matches('"').count() % 2 == 0 => code,
        _ => line,
    }
}

/// Whether a line has a word of its own that reads so. A dash is a part of words in Nix.
fn has_word(line: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || "_-'".contains(c);
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let behind = line[at + word.len()..].chars().next();
        !before.is_some_and(inside) && !behind.is_some_and(inside)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "{ pkgs, ... }:
{
  # environment.systemPackages is below
  environment = {
    variables.EDITOR = \"vi\";
    systemPackages = [
      pkgs.git-lfs
      pkgs.git
    ];
  };
  services.web.enable = true;
  services.log = {
    level = 3;
    enable = true;
  };
}
";

    fn line(option: &str, word: &str) -> Option<u32> {
        let names: Vec<String> = option.split('.').map(str::to_owned).collect();
        likely_line(&lines_of(FILE), &names, word)
    }

    #[test]
    fn a_definition_is_found_by_the_names_of_its_option() {
        assert_eq!(line("environment.systemPackages", ""), Some(6));
        assert_eq!(line("environment.systemPackages", "git"), Some(8));
        assert_eq!(line("environment.systemPackages", "hello"), Some(6));
        assert_eq!(line("services.web.enable", ""), Some(11));
        assert_eq!(line("services.log.enable", ""), Some(14));
        assert_eq!(line("fonts.packages", ""), None);
    }
}
