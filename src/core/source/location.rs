//! Where the user wants to read from, and what around the program decides what that means.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::model::StoreDir;

/// Where the user wants to read from, as the options say it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Location {
    /// `--store`.
    pub store: Option<String>,
    /// `--from`: a file, `-` for standard input. With a store named too, that fills in what the file lacks.
    pub from: Option<String>,
    /// Whether no network is asked: `--offline`.
    pub offline: bool,
    /// Whether a binary cache is asked again for what is remembered of it: `--refresh`.
    pub refresh: bool,
    /// `--cache-limit`: how much the records and listings of a binary cache may come to, in bytes.
    pub cache_limit: Option<u64>,
    /// Whether it is the build-time closure: `--derivation`.
    pub derivation: bool,
    /// `--trusted-public-key`, to verify the records of a binary cache.
    pub trusted_public_keys: Vec<String>,
    /// `--option NAME VALUE` and the like, handed on to the `nix` command.
    pub nix_options: Vec<String>,
    /// `--file`: installables are attributes of this Nix file.
    pub file: Option<String>,
    /// `--expr`: installables are attributes of this Nix expression.
    pub expr: Option<String>,
    /// Whether the `nix` command gets `--impure`.
    pub impure: bool,
}

/// What decides what a user means: home, name, current directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserEnvironment {
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// Where programs keep their state, `~/.local/state` unless `XDG_STATE_HOME` says otherwise.
    pub state_home: Option<PathBuf>,
    /// Where programs keep their data, `~/.local/share` unless `XDG_DATA_HOME` says otherwise.
    pub data_home: Option<PathBuf>,
    /// The user's name.
    pub name: Option<String>,
    /// What relative paths are relative to.
    pub current_dir: PathBuf,
}

impl UserEnvironment {
    /// Those of this process.
    pub fn of_process() -> Self {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self::from_variables(&variable, std::env::current_dir().unwrap_or_default())
    }

    /// Those that some variables describe.
    pub fn from_variables(
        variable: &dyn Fn(&str) -> Option<OsString>,
        current_dir: PathBuf,
    ) -> Self {
        let home = variable("HOME").map(PathBuf::from);
        let below_home = |name: &str, otherwise: &str| {
            let given = variable(name).map(PathBuf::from);
            given.or_else(|| Some(home.as_ref()?.join(otherwise)))
        };
        Self {
            state_home: below_home("XDG_STATE_HOME", ".local/state"),
            data_home: below_home("XDG_DATA_HOME", ".local/share"),
            name: variable("USER")
                .or_else(|| variable("LOGNAME"))
                .and_then(|name| name.into_string().ok()),
            home,
            current_dir,
        }
    }
}

/// What of the process's environment decides.
pub(crate) struct Environment {
    pub(crate) user: UserEnvironment,
    pub(crate) store_dir: Option<OsString>,
    pub(crate) state_dir: Option<OsString>,
    pub(crate) remote: Option<OsString>,
    /// The `nix` command.
    pub(crate) nix: OsString,
    /// `/`, except in tests.
    pub(crate) system_root: PathBuf,
}

impl Environment {
    pub(crate) fn of_process() -> Self {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            user: UserEnvironment::of_process(),
            store_dir: variable("NIX_STORE_DIR").or_else(|| variable("NIX_STORE")),
            state_dir: variable("NIX_STATE_DIR"),
            remote: variable("NIX_REMOTE"),
            nix: OsString::from("nix"),
            system_root: PathBuf::from("/"),
        }
    }

    pub(crate) fn store_dir(&self) -> StoreDir {
        let given = self.store_dir.as_deref().and_then(|dir| dir.to_str());
        given.and_then(StoreDir::new).unwrap_or_default()
    }
}
