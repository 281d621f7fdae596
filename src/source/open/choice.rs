//! What a `--store` means: a database on this machine, a binary cache, or something only Nix knows.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::StoreDir;
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
pub(crate) fn choose(location: &Location, environment: &Environment) -> Choice {
    let remote = environment.remote.as_deref().and_then(|r| r.to_str());
    let given = location.store.as_deref().filter(|store| !store.is_empty());
    let store = given.or(remote).unwrap_or("auto");
    // What `daemon` holds stands in the same database, unless the user insists.
    let own = matches!(store, "auto" | "local") || (given.is_none() && store == "daemon");
    if own {
        return Choice::Local(system(environment));
    }
    if store.starts_with("http://") || store.starts_with("https://") || store.starts_with("file:") {
        return Choice::Cache(store.to_owned());
    }
    if let Some(parameters) = store.strip_prefix("local?") {
        return Choice::Local(with_parameters(parameters, environment));
    }
    if let Some(rest) = store.strip_prefix("local://") {
        let (dir, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        return Choice::Local(if dir.is_empty() {
            with_parameters(parameters, environment)
        } else {
            chroot(Path::new(&decoded(dir)), environment)
        });
    }
    if is_for_nix(store) {
        return Choice::Nix(store.to_owned());
    }
    let path = environment.user.current_dir.join(store);
    if path.is_file() {
        return Choice::Local(bare_file(path, environment));
    }
    Choice::Local(chroot(&path, environment))
}

/// Is it an address or a word that only Nix understands? Anything else is a directory, whether it exists or not: Nix
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

/// `root=DIR&state=DIR&store=DIR`, as Nix takes them.
fn with_parameters(parameters: &str, environment: &Environment) -> Local {
    let parameter = |name: &str| {
        parameters
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
            .map(decoded)
            .filter(|value| !value.is_empty())
    };
    let mut local = match parameter("root") {
        Some(root) => chroot(&environment.user.current_dir.join(root), environment),
        None => system(environment),
    };
    if let Some(dir) = parameter("store").as_deref().and_then(StoreDir::new) {
        local.place.store_dir = dir;
    }
    if let Some(state) = parameter("state") {
        local.place.state_dir = PathBuf::from(state);
        local.file = local.place.state_dir.join("db").join("db.sqlite");
    }
    local
}

/// A text without its `%xx`.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut clean = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            clean.push(byte);
            at += 3;
        } else {
            clean.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&clean).into_owned()
}

/// Is there a file, even one that may not be looked at?
pub(crate) fn exists(file: &Path) -> bool {
    match fs::symlink_metadata(file) {
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    }
}
