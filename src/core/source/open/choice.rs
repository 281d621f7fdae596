//! What a `--store` means: a database on this machine, a binary cache, or something only Nix knows.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::settings::Settings;
use crate::model::StoreDir;
use crate::source::SourceError;
use crate::source::address::{decoded, has_scheme};
use crate::source::location::{Environment, Location};
use crate::source::roots::StorePlace;

/// A database with the place of its store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Local {
    pub(crate) file: PathBuf,
    pub(crate) place: StorePlace,
}

/// What a `--store` means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    Local(Local),
    Cache(String),
    Nix(String),
}

/// What the location's store means, in this environment.
pub(crate) fn choose(
    location: &Location,
    environment: &Environment,
) -> Result<Choice, SourceError> {
    let remote = environment.remote.as_deref().and_then(|r| r.to_str());
    let given = location.store.as_deref();
    if given.is_some_and(|store| store.trim().is_empty()) {
        return Err(SourceError::Usage {
            message: "--store names nothing".to_owned(),
            hint: "name a directory, a binary cache or another store, or leave it out".to_owned(),
        });
    }
    let store = given.or(remote).unwrap_or("auto");
    // What `daemon` holds stands in the same database, unless the user insists.
    let own = matches!(store, "auto" | "local") || (given.is_none() && store == "daemon");
    if own {
        return Ok(Choice::Local(system(environment)));
    }
    if ["http", "https", "file"]
        .iter()
        .any(|scheme| has_scheme(store, scheme))
    {
        let settings = store.split_once('?').map_or("", |(_, settings)| settings);
        Settings::check_cache(settings)?;
        return Ok(Choice::Cache(store.to_owned()));
    }
    if let Some(settings) = store.strip_prefix("local?") {
        let settings = Settings::of_local(settings)?;
        return Ok(Choice::Local(with_settings(None, &settings, environment)));
    }
    if let Some(rest) = store.strip_prefix("local://") {
        let (dir, settings) = rest.split_once('?').unwrap_or((rest, ""));
        let settings = Settings::of_local(settings)?;
        let dir = Some(decoded(dir)).filter(|dir| !dir.is_empty());
        if dir.is_some() && settings.get("root").is_some() {
            return Err(SourceError::Usage {
                message: "the store names two directories, before and behind the ?".to_owned(),
                hint: "leave one of them out".to_owned(),
            });
        }
        return Ok(Choice::Local(with_settings(
            dir.as_deref(),
            &settings,
            environment,
        )));
    }
    if is_for_nix(store) {
        return Ok(Choice::Nix(store.to_owned()));
    }
    let path = environment.user.current_dir.join(store);
    if path.is_file() {
        return Ok(Choice::Local(bare_file(path, environment)));
    }
    Ok(Choice::Local(chroot(&path, environment)))
}

/// Whether it is an address or a word that only Nix understands. Anything else is a directory, whether it exists or not: Nix
/// would make a store in one that does not.
fn is_for_nix(store: &str) -> bool {
    let word = store.split_once('?').map_or(store, |(word, _)| word);
    matches!(word, "auto" | "daemon") || word.contains("://") || word.starts_with("unix:")
}

/// The store of the machine, or the one in the user's home that Nix uses where it may not make `/nix`.
pub(crate) fn system(environment: &Environment) -> Local {
    let root = &environment.system_root;
    let nix_state = environment.state_dir.as_ref().map(PathBuf::from);
    let given = nix_state.is_some();
    let state = nix_state.unwrap_or_else(|| root.join("nix/var/nix"));
    let nix = local(root, environment.store_dir(), state);
    if given || exists(&nix.file) {
        return nix;
    }
    let home = environment.user.data_home.as_deref();
    let home = home.map(|data| chroot(&data.join("nix/root"), environment));
    let guix = guix(root);
    [home, guix]
        .into_iter()
        .flatten()
        .find(|local| exists(&local.file))
        .unwrap_or(nix)
}

fn local(root: &Path, store_dir: StoreDir, state_dir: PathBuf) -> Local {
    Local {
        file: state_dir.join("db").join("db.sqlite"),
        place: StorePlace::new(root, store_dir, state_dir),
    }
}

fn guix(root: &Path) -> Option<Local> {
    let store_dir = StoreDir::new("/gnu/store")?;
    Some(local(root, store_dir, root.join("var/guix")))
}

/// A store whose `/` is a directory; a Guix one if only that is there.
fn chroot(root: &Path, environment: &Environment) -> Local {
    let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let nix = local(&root, environment.store_dir(), root.join("nix/var/nix"));
    if exists(&nix.file) {
        return nix;
    }
    guix(&root).filter(|guix| exists(&guix.file)).unwrap_or(nix)
}

/// A database file that is named itself: the directory it would be in for a chroot store is its root.
fn bare_file(file: PathBuf, environment: &Environment) -> Local {
    let state = file.parent().and_then(Path::parent);
    let state_dir = state.unwrap_or(Path::new("/")).to_owned();
    let root = ["nix/var/nix", "var/guix"].iter().find_map(|tail| {
        state_dir.ends_with(tail).then(|| {
            state_dir
                .ancestors()
                .nth(Path::new(tail).components().count())
        })?
    });
    let root = root.unwrap_or(Path::new("/")).to_owned();
    Local {
        file,
        place: StorePlace::new(root, environment.store_dir(), state_dir),
    }
}

/// A store in a directory, or the system's own, with what `root=DIR&state=DIR&store=DIR` say of it, as Nix takes them.
fn with_settings(dir: Option<&str>, settings: &Settings, environment: &Environment) -> Local {
    let mut local = match dir.or_else(|| settings.get("root")) {
        Some(root) => chroot(&environment.user.current_dir.join(root), environment),
        None => system(environment),
    };
    if let Some(dir) = settings.get("store").and_then(StoreDir::new) {
        local.place.store_dir = dir;
    }
    if let Some(state) = settings.get("state") {
        local.place.state_dir = PathBuf::from(state);
        local.file = local.place.state_dir.join("db").join("db.sqlite");
    }
    local
}

/// Whether there is a file, even one that may not be looked at.
pub(crate) fn exists(file: &Path) -> bool {
    match fs::symlink_metadata(file) {
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    }
}
