//! What only the `nix` command can reach: installables, daemons, stores on other machines.
//!
//! It is asked with a fixed list of subcommands that never build. Evaluating an installable may make Nix write its
//! derivation into the store; nothing else is ever written.

mod eval;
mod pipe;
mod run;

use std::ffi::OsString;
use std::time::Duration;

pub(crate) use self::eval::{EvalEnding, Evaluation, in_short};
use self::run::{Bounds, NixOutput, Subcommand, run};
use super::formats::json::parse_json;
use super::location::{Location, UserEnvironment};
use super::roots::StorePlace;
use super::{Loaded, Request, Source, SourceError};
use crate::job::Progress;
use crate::model::{StoreDir, Warnings};

/// How many lines of what Nix said stand in an error.
const SAID_LINES: usize = 12;

/// How long it may take to say which version it is.
const VERSION_TIME: Duration = Duration::from_mins(1);

/// How `nix` is called.
#[derive(Debug, Clone)]
pub(crate) struct Nix {
    program: OsString,
    store: Option<String>,
    options: Vec<String>,
    file: Option<String>,
    expr: Option<String>,
    impure: bool,
    offline: bool,
    derivation: bool,
}

/// Which Nix it is, as far as its options differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    number: (u32, u32),
    lix: bool,
}

impl Nix {
    /// The `nix` command with a location's options, for a store as Nix writes it (none: Nix's own choice).
    pub(crate) fn new(program: OsString, store: Option<String>, location: &Location) -> Self {
        Self {
            program,
            store,
            options: location.nix_options.clone(),
            file: location.file.clone(),
            expr: location.expr.clone(),
            impure: location.impure,
            offline: location.offline,
            derivation: location.derivation,
        }
    }

    /// The store paths that some installables stand for. With `--derivation`, their derivations.
    pub(crate) fn resolve(
        &self,
        installables: &[String],
        progress: &Progress,
    ) -> Result<Vec<String>, SourceError> {
        progress.start("evaluating with nix", 0);
        let version = self.version(progress)?;
        let mut arguments = self.common(version);
        // Building during the evaluation is building, too.
        push(
            &mut arguments,
            &["--option", "allow-import-from-derivation", "false"],
        );
        self.push_options(&mut arguments);
        if version.number >= (2, 4) {
            push(&mut arguments, &["--no-write-lock-file"]);
        }
        if self.store.is_some() && version.number >= (2, 4) {
            push(&mut arguments, &["--eval-store", "auto"]);
        }
        for (flag, value) in [("--file", &self.file), ("--expr", &self.expr)] {
            if let Some(value) = value {
                push(&mut arguments, &[flag, value]);
            }
        }
        if self.impure {
            push(&mut arguments, &["--impure"]);
        }
        if self.derivation {
            push(&mut arguments, &["--derivation"]);
        }
        push(&mut arguments, &["--"]);
        arguments.extend(installables.iter().map(OsString::from));
        let output = self.run(Subcommand::PathInfo, &arguments, progress)?;
        let text = String::from_utf8_lossy(self.checked(&output, installables)?).into_owned();
        let paths = text
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        if paths.is_empty() {
            return Err(SourceError::Other {
                message: format!("nix knows no store path for {}", installables.join(", ")),
                hint: self.hint(installables),
            });
        }
        Ok(paths)
    }

    fn run(
        &self,
        subcommand: Subcommand,
        arguments: &[OsString],
        progress: &Progress,
    ) -> Result<NixOutput, SourceError> {
        let bounds = Bounds::usual(self.offline);
        run(&self.program, subcommand, arguments, bounds, progress)
    }

    /// The path info of full store paths and all they need, as JSON; of everything there is without paths.
    fn path_info(
        &self,
        paths: &[String],
        progress: &Progress,
    ) -> Result<(Vec<u8>, Vec<String>), SourceError> {
        progress.start("asking nix", 0);
        let version = self.version(progress)?;
        let mut arguments = self.common(version);
        self.push_options(&mut arguments);
        push(&mut arguments, &["--json"]);
        if version.number >= (2, 33) && !version.lix {
            push(&mut arguments, &["--json-format", "2"]);
        }
        // Without it, newer versions take a derivation for its outputs.
        if version.number >= (2, 4) && paths.iter().any(|path| is_derivation(path)) {
            push(&mut arguments, &["--derivation"]);
        }
        push(
            &mut arguments,
            &[
                if paths.is_empty() {
                    "--all"
                } else {
                    "--recursive"
                },
                "--",
            ],
        );
        arguments.extend(paths.iter().map(OsString::from));
        let output = self.run(Subcommand::PathInfo, &arguments, progress)?;
        self.checked(&output, paths)?;
        let warned = output
            .said
            .lines()
            .filter(|line| line.starts_with("warning:"));
        let warned = warned.map(str::to_owned).collect();
        Ok((output.bytes, warned))
    }

    fn version(&self, progress: &Progress) -> Result<Version, SourceError> {
        let bounds = Bounds {
            time: Some(VERSION_TIME),
            ..Bounds::usual(self.offline)
        };
        let output = run(&self.program, Subcommand::Version, &[], bounds, progress)?;
        if output.is_late {
            let name = self.program.display();
            return Err(SourceError::Other {
                message: format!(
                    "`{name} --version` has not answered for {} s",
                    VERSION_TIME.as_secs()
                ),
                hint: "is it the command of Nix or Lix?".to_owned(),
            });
        }
        let text = String::from_utf8_lossy(self.checked(&output, &[])?).into_owned();
        Version::parse(&text).ok_or_else(|| SourceError::Other {
            message: format!(
                "`{}` reports no version but {text:?}",
                self.program.display()
            ),
            hint: "is it the command of Nix or Lix?".to_owned(),
        })
    }

    fn common(&self, version: Version) -> Vec<OsString> {
        let mut arguments = Vec::new();
        if version.number >= (2, 4) {
            push(
                &mut arguments,
                &["--extra-experimental-features", "nix-command flakes"],
            );
        }
        if let Some(store) = &self.store {
            push(&mut arguments, &["--store", store]);
        }
        if self.offline && version.number >= (2, 4) {
            // A Nix that is told the file's age may still look for it; one attempt fails soon.
            push(
                &mut arguments,
                &["--offline", "--option", "download-attempts", "1"],
            );
        }
        arguments
    }

    /// The user's own options come last: they win.
    fn push_options(&self, arguments: &mut Vec<OsString>) {
        for pair in self.options.chunks_exact(2) {
            push(arguments, &["--option", &pair[0], &pair[1]]);
        }
    }

    /// What it printed, or an error in its own words.
    fn checked<'o>(
        &self,
        output: &'o NixOutput,
        asked: &[String],
    ) -> Result<&'o [u8], SourceError> {
        if output.status.success() {
            return Ok(&output.bytes);
        }
        let lines: Vec<&str> = output.said.lines().map(str::trim).collect();
        let first = lines.iter().rposition(|line| line.starts_with("error:"));
        let first = first.unwrap_or(lines.len().saturating_sub(SAID_LINES));
        let said = lines[first..]
            .iter()
            .filter(|line| !line.is_empty())
            .take(SAID_LINES);
        let said = said.copied().collect::<Vec<_>>().join("\n");
        let name = self.program.display();
        Err(SourceError::Other {
            message: if said.is_empty() {
                format!("`{name}` failed: {}", output.status)
            } else {
                format!(
                    "`{name}` failed: {}",
                    said.trim_start_matches("error:").trim()
                )
            },
            hint: if said.contains("is not valid") {
                self.hint(asked)
            } else {
                format!("try `{name} path-info {}` by hand", self.by_hand(asked))
            },
        })
    }

    /// What a user would type after the subcommand: the store, and what is asked for.
    fn by_hand(&self, asked: &[String]) -> String {
        let options = [
            ("--store", self.store.as_deref()),
            ("--file", self.file.as_deref()),
            ("--expr", self.expr.as_deref()),
        ];
        let options = options.iter().filter_map(|(option, value)| {
            let value = quoted(value.as_ref()?);
            Some(format!("{option} {value}"))
        });
        let impure = self.impure.then(|| "--impure".to_owned());
        let asked = asked.iter().map(|word| quoted(word));
        options
            .chain(impure)
            .chain(asked)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn hint(&self, asked: &[String]) -> String {
        let asked = self.by_hand(asked);
        if self.derivation {
            format!("has it been evaluated? try `nix path-info --derivation {asked}`")
        } else {
            format!(
                "build it first (`nix build --no-link {asked}`), or look at what building it takes with --derivation"
            )
        }
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-+._/:=@%,#".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

fn push(arguments: &mut Vec<OsString>, words: &[&str]) {
    arguments.extend(words.iter().map(OsString::from));
}

fn is_derivation(path: &str) -> bool {
    path.as_bytes().ends_with(b".drv")
}

impl Version {
    /// Of `nix (Nix) 2.34.8`, `nix (Lix, like Nix) 2.91.1`, `nix (Determinate Nix 3.8.4) 2.30.2`.
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text
            .split_whitespace()
            .next_back()?
            .split(['.', '-', 'p', 'r']);
        let number = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        let lix = text.contains("Lix");
        Some(Self { number, lix })
    }
}

/// A store that `nix` reads for us.
#[derive(Debug, Clone)]
pub(crate) struct NixStore {
    pub(crate) nix: Nix,
    /// What it is called, for the user.
    pub(crate) origin: String,
    pub(crate) store_dir: StoreDir,
    /// Where links to it are, if it is on this machine.
    pub(crate) place: Option<StorePlace>,
    pub(crate) user: UserEnvironment,
}

impl NixStore {
    fn full_path(&self, typed: &str) -> Result<String, SourceError> {
        let dir = &self.store_dir;
        let elsewhere = StorePlace::new("/", dir.clone(), "/");
        let place = self.place.as_ref().unwrap_or(&elsewhere);
        let base = place.resolve(typed, &self.user, dir)?;
        Ok(format!("{dir}/{base}"))
    }

    fn full_paths(&self, typed: &[String]) -> Result<Vec<String>, SourceError> {
        typed.iter().map(|typed| self.full_path(typed)).collect()
    }

    /// With `--derivation`, what made each path.
    fn derivations(
        &self,
        paths: Vec<String>,
        progress: &Progress,
    ) -> Result<Vec<String>, SourceError> {
        if !self.nix.derivation || paths.iter().all(|path| is_derivation(path)) {
            return Ok(paths);
        }
        self.nix.resolve(&paths, progress)
    }

    fn default_roots(&self) -> Result<Vec<String>, SourceError> {
        let place = self.place.as_ref().ok_or(SourceError::NoRoots)?;
        let found = place.default_roots(&self.user, &self.store_dir);
        let found = found.into_iter().filter(|(_, base)| !base.is_empty());
        let paths: Vec<_> = found
            .map(|(_, base)| format!("{}/{base}", self.store_dir))
            .collect();
        if paths.is_empty() {
            return Err(SourceError::NoRoots);
        }
        Ok(paths)
    }
}

impl Source for NixStore {
    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        let roots = if request.roots.is_empty() && !request.whole {
            self.default_roots()?
        } else {
            self.full_paths(&request.roots)?
        };
        let roots = self.derivations(roots, progress)?;
        let extras = self.full_paths(&request.extras)?;
        let asked = if request.whole {
            Vec::new()
        } else {
            [roots.as_slice(), extras.as_slice()].concat()
        };
        let (bytes, warned) = self.nix.path_info(&asked, progress)?;
        let records = parse_json(&bytes, "nix path-info", request.details, progress)?;
        drop(bytes);
        let request = Request {
            roots,
            extras,
            ..request.clone()
        };
        let mut loaded = records.finish(&request, &self.origin)?;
        let mut warnings = Warnings::new();
        for line in warned {
            warnings.add("nix says", line);
        }
        loaded.warnings.extend(warnings.into_vec());
        Ok(loaded)
    }
}

#[cfg(test)]
pub(crate) mod tests;
