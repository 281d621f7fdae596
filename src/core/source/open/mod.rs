//! Decides what to read from: a store database, a binary cache, a file, or whatever the `nix` command can reach.

pub(crate) mod build_time;
mod choice;
pub mod elsewhere;
pub(crate) mod fallback;
pub(crate) mod installables;
mod join;
pub mod merge;
mod previous;
pub(crate) mod settings;
pub mod sides;

use std::path::PathBuf;

use self::build_time::BuildTime;
pub(crate) use self::choice::{Choice, Local, choose};
use self::choice::{exists, system};
use self::fallback::OrNix;
use self::installables::Installables;
use self::merge::Merged;
use super::address::{has_scheme, redacted};
use super::cache::Limits;
use super::cache::archive::Archives;
use super::cache::certificates::named;
use super::db::Database;
use super::location::{Environment, Location};
use super::nix::{Nix, NixStore};
use super::roots::StorePlace;
use super::roots::gc::GcRoots;
use super::roots::profiles::Profile;
use super::{BoxedSource, SourceError};
use crate::job::Progress;

/// Opens what the location names. Reading begins with [`Source::load`](crate::source::Source::load).
pub fn open(location: &Location) -> Result<BoxedSource, SourceError> {
    open_in(location, &Environment::of_process())
}

/// Whether there is a store to read from by default. A store that is named counts, whether it exists or not.
pub fn has_store(location: &Location) -> bool {
    has_store_in(location, &Environment::of_process())
}

/// Everything that holds a path of a location's store, which has to be one with a database on this machine.
pub fn gc_roots(location: &Location, progress: &Progress) -> Result<GcRoots, SourceError> {
    database(location)?.roots(progress)
}

/// The profile that a text means in a location's store, or the system's or the user's own.
pub fn profile(location: &Location, typed: Option<&str>) -> Result<Profile, SourceError> {
    database(location)?.profile(typed)
}

fn database(location: &Location) -> Result<Database, SourceError> {
    let environment = Environment::of_process();
    match choose(location, &environment)? {
        Choice::Local(Local { file, place }) if location.from.is_none() => {
            Ok(Database::new(file, place, environment.user))
        }
        _ => Err(SourceError::Other {
            message: "roots can be listed of a store on this machine only".to_owned(),
            hint: "name its directory with --store, or leave --store and --from out".to_owned(),
        }),
    }
}

/// The directory below which the files of a location's store are; `None` where there are no files on this machine.
pub fn files_root(location: &Location) -> Option<PathBuf> {
    if location.from.is_some() && location.store.is_none() {
        return None;
    }
    match choose(location, &Environment::of_process()) {
        Ok(Choice::Local(local)) => Some(local.place.root),
        Ok(Choice::Cache(_) | Choice::Nix(_)) | Err(_) => None,
    }
}

/// Whether the location's store is a binary cache on the network.
pub fn is_cache_elsewhere(location: &Location) -> bool {
    let choice = choose(location, &Environment::of_process());
    matches!(choice, Ok(Choice::Cache(url)) if is_remote(&url))
}

/// The archives of a location's store, where it is a binary cache that may be asked. Nothing is asked yet.
pub fn archives(location: &Location) -> Result<Option<Archives>, SourceError> {
    match choose(location, &Environment::of_process())? {
        // Archives are not remembered.
        Choice::Cache(url) if location.offline && is_remote(&url) => Ok(None),
        Choice::Cache(url) => Archives::of(&url, &limits(location)).map(Some),
        Choice::Local(_) | Choice::Nix(_) => Ok(None),
    }
}

/// The binary caches that Nix asks where a location is read from: those on the network only if that may be used.
pub fn caches(location: &Location) -> Vec<BoxedSource> {
    let urls = super::roots::settings::caches(&location.nix_options);
    let opened = urls.into_iter().filter_map(|url| {
        let location = Location {
            store: Some(url),
            from: None,
            derivation: false,
            ..location.clone()
        };
        // What is no binary cache, a machine behind ssh for instance, is not asked.
        match choose(&location, &Environment::of_process()) {
            Ok(Choice::Cache(url)) if !(location.offline && is_remote(&url)) => {
                let keys = &location.trusted_public_keys;
                super::cache::open(&url, limits(&location), location.refresh, keys).ok()
            }
            _ => None,
        }
    });
    opened.collect()
}

/// Whether a binary cache is asked over the network.
fn is_remote(url: &str) -> bool {
    has_scheme(url, "http") || has_scheme(url, "https")
}

/// What is allowed while a binary cache is asked.
fn limits(location: &Location) -> Limits {
    Limits {
        offline: location.offline,
        most: location.cache_limit,
        certificates: named(&location.nix_options, &|name| std::env::var_os(name)),
    }
}

pub(crate) fn open_in(
    location: &Location,
    environment: &Environment,
) -> Result<BoxedSource, SourceError> {
    let derivers_unknown = match choose(location, environment)? {
        Choice::Cache(_) => true,
        Choice::Local(_) | Choice::Nix(_) => location.from.is_some(),
    };
    let source = open_any(location, environment)?;
    Ok(if location.derivation && derivers_unknown {
        Box::new(BuildTime(source))
    } else {
        source
    })
}

fn open_any(location: &Location, environment: &Environment) -> Result<BoxedSource, SourceError> {
    let Some(file) = &location.from else {
        return open_store(location, environment);
    };
    let file = super::formats::open_file(file)?;
    if location.store.is_none() {
        return Ok(file);
    }
    let store = open_store(location, environment)?;
    Ok(Box::new(Merged::new(vec![file, store])))
}

fn open_store(location: &Location, environment: &Environment) -> Result<BoxedSource, SourceError> {
    let choice = choose(location, environment)?;
    let store = match &choice {
        Choice::Local(_) => None,
        Choice::Cache(url) | Choice::Nix(url) => Some(url.clone()),
    };
    let nix = |store| Nix::new(environment.nix.clone(), store, location);
    let user = environment.user.clone();
    let nix_store = |store, place: Option<StorePlace>, origin: String| NixStore {
        nix: nix(store),
        store_dir: environment.store_dir(),
        place,
        user: user.clone(),
        origin,
    };
    let mut links = None;
    let inner: BoxedSource = match choice {
        Choice::Local(Local { file, place }) => {
            let own = place.root == environment.system_root;
            let origin = file.display().to_string();
            let database = Database::new(file, place.clone(), user.clone());
            let database = database.for_derivations(location.derivation);
            if own {
                Box::new(OrNix {
                    database,
                    daemon: exists(&daemon(&place)),
                    nix: nix_store(None, Some(place), origin),
                })
            } else {
                Box::new(database)
            }
        }
        Choice::Cache(url) => {
            links = Some(system(environment).place);
            let keys = &location.trusted_public_keys;
            super::cache::open(&url, limits(location), location.refresh, keys)?
        }
        Choice::Nix(url) => {
            if location.offline && needs_network(&url) {
                return Err(not_offline(&url));
            }
            let place = is_daemon(&url).then(|| system(environment).place);
            Box::new(nix_store(Some(url.clone()), place, redacted(&url)))
        }
    };
    Ok(Box::new(Installables {
        inner,
        nix: nix(store),
        user,
        attributes: location.file.is_some() || location.expr.is_some(),
        links,
    }))
}

/// Whether the store is on another machine, as far as its address tells.
fn needs_network(url: &str) -> bool {
    let here = ["auto", "daemon", "unix:", "local", "dummy:"];
    !here.iter().any(|word| url.starts_with(word))
}

fn not_offline(url: &str) -> SourceError {
    SourceError::Other {
        message: format!("{url} is reached by the network, which --offline forbids"),
        hint: "leave --offline out, or read a file that was made there: `ssh HOST nix-heft export --format snapshot` \
               prints one for --from"
            .to_owned(),
    }
}

/// Whether it is the store of this machine, by way of its daemon.
fn is_daemon(url: &str) -> bool {
    url == "daemon" || url.starts_with("unix:")
}

/// Where the daemon listens.
fn daemon(place: &StorePlace) -> PathBuf {
    place.state_dir.join("daemon-socket/socket")
}

pub(crate) fn has_store_in(location: &Location, environment: &Environment) -> bool {
    let named = location
        .store
        .as_deref()
        .is_some_and(|store| store != "auto");
    let needs_nix = location.file.is_some() || location.expr.is_some();
    if location.from.is_some() || named || needs_nix {
        return true;
    }
    match choose(location, environment) {
        Ok(Choice::Local(local)) => exists(&local.file) || exists(&daemon(&local.place)),
        // What is wrong with it is said where it is opened.
        Ok(Choice::Cache(_) | Choice::Nix(_)) | Err(_) => true,
    }
}

#[cfg(test)]
mod tests;
