//! The two sides of a comparison: what was typed for each, and both as closures of one graph.
//!
//! Where both are in one store, one reading tells both; else each is read by itself and the graphs are joined, so that a
//! path has one id whatever side it is on.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::join::Joined;
use super::previous::previous;
use super::{Choice, choose, open};
use crate::job::{Progress, both};
use crate::model::{Closure, PathId, StoreGraph, Warning, Warnings};
use crate::source::evidence::findings::SavedFindings;
use crate::source::formats::records::{select, too_large};
use crate::source::location::{Environment, Location};
use crate::source::roots::followed;
use crate::source::{Loaded, Request, SourceError};

/// One side of a comparison: where it is read from, and which closure of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// What was typed.
    pub typed: String,
    /// Where it is read from.
    pub location: Location,
    /// Which closure; none: the default of what is read.
    pub roots: Vec<String>,
}

/// Two closures of one graph.
#[derive(Debug, Clone)]
pub struct Sides {
    /// The graph of both.
    pub graph: Arc<StoreGraph>,
    /// The closure before.
    pub before: Arc<Closure>,
    /// The closure after.
    pub after: Arc<Closure>,
    /// Warnings, to be shown.
    pub warnings: Vec<Warning>,
    /// Where the two were read from, in a few words each.
    pub origins: [String; 2],
    /// What was found in the files of either and written down beside it.
    pub found: Arc<SavedFindings>,
}

impl Side {
    /// What a word means. `from:FILE` and `store:URL` say where to read, a root behind a `#`. Otherwise the word is a root
    /// of `base`, unless something of that name is a file with a closure, a binary cache or a store in a directory, or the
    /// name is that of a generation: `system-42-link`.
    pub fn of(typed: &str, base: &Location) -> Result<Self, SourceError> {
        Self::of_in(typed, base, &Environment::of_process())
    }

    fn of_in(typed: &str, base: &Location, environment: &Environment) -> Result<Self, SourceError> {
        let side = |location: Location, root: Option<&str>| Self {
            typed: typed.to_owned(),
            location,
            roots: root.map(str::to_owned).into_iter().collect(),
        };
        let from = |file: &str| Location {
            from: Some(file.to_owned()),
            store: None,
            ..base.clone()
        };
        let store = |url: &str| Location {
            from: None,
            store: Some(url.to_owned()),
            ..base.clone()
        };
        if typed.trim().is_empty() {
            return Err(SourceError::Usage {
                message: "a side of the comparison names nothing".to_owned(),
                hint: "name a store path, a generation such as system-42-link, or a file with a closure".to_owned(),
            });
        }
        if let Some(rest) = typed.strip_prefix("from:") {
            let (file, root) = file_and_root(rest, &environment.user.current_dir);
            return Ok(side(from(file), root));
        }
        if let Some(rest) = typed.strip_prefix("store:") {
            let (url, root) = match rest.split_once('#') {
                Some((url, root)) => (url, Some(root).filter(|root| !root.is_empty())),
                None => (rest, None),
            };
            return Ok(side(store(url), root));
        }
        if base.from.is_some() || base.file.is_some() || base.expr.is_some() {
            return Ok(side(base.clone(), Some(typed)));
        }
        if typed == "-" {
            return Ok(side(from("-"), None));
        }
        let path = environment.user.current_dir.join(typed);
        let Ok(metadata) = fs::metadata(&path) else {
            let generation = generation(&path, typed, base, environment);
            let root = generation.as_deref().unwrap_or(typed);
            return Ok(side(base.clone(), Some(root)));
        };
        let is_root = followed(typed, &environment.user, &environment.store_dir()).is_some();
        Ok(if is_root {
            side(base.clone(), Some(typed))
        } else if !metadata.is_dir() {
            side(from(typed), None)
        } else if path.join("nix-cache-info").is_file() {
            side(store(&format!("file://{}", path.display())), None)
        } else if is_store(&path) {
            side(store(typed), None)
        } else {
            side(base.clone(), Some(typed))
        })
    }

    fn request(&self, details: bool) -> Request {
        Request {
            roots: self.roots.clone(),
            details,
            ..Request::default()
        }
    }

    /// Where the links lead that were named, to see whether they change.
    fn led(&self) -> Led {
        let led = |root: &String| {
            let path = Path::new(root);
            [fs::read_link(path).ok(), fs::canonicalize(path).ok()]
        };
        self.roots.iter().map(led).collect()
    }

    /// Whether its root is exactly one path, by the way it is written: an installable may have several outputs.
    fn is_one_path(&self) -> bool {
        let is_path =
            |root: &String| !root.contains(['#', ':', '^']) || fs::symlink_metadata(root).is_ok();
        self.roots.len() == 1 && self.roots.iter().all(is_path)
    }
}

/// The file and the root behind `from:`. A file may have a `#` in its name.
fn file_and_root<'t>(text: &'t str, current_dir: &Path) -> (&'t str, Option<&'t str>) {
    match text.rsplit_once('#') {
        Some((file, root)) if !current_dir.join(text).exists() => {
            (file, Some(root).filter(|root| !root.is_empty()))
        }
        _ => (text, None),
    }
}

/// Whether a directory holds the database of a store.
fn is_store(directory: &Path) -> bool {
    let states = ["nix/var/nix/db", "var/guix/db"];
    states.iter().any(|state| directory.join(state).is_dir())
}

/// The link of a generation that is named without its directory.
fn generation(
    path: &Path,
    typed: &str,
    base: &Location,
    environment: &Environment,
) -> Option<String> {
    let number = typed.strip_suffix("-link")?.rsplit_once('-')?.1;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || typed.contains('/') || fs::symlink_metadata(path).is_ok() {
        return None;
    }
    let Choice::Local(local) = choose(base, environment).ok()? else {
        return None;
    };
    let link = local.place.state_dir.join("profiles").join(typed);
    fs::symlink_metadata(&link).ok()?;
    link.to_str().map(str::to_owned)
}

/// Reads the other side of a comparison with what is looked at: what was typed for it, or the generation before. Gives what
/// it is called and what it is, or nothing if there is no generation before.
pub type Other = Box<
    dyn Fn(Option<&str>, &Loaded, &Progress) -> Result<Option<(String, Loaded)>, SourceError>
        + Send
        + Sync,
>;

/// Reads other sides from where the user reads from. A file that is named is one, even if what is looked at is a file, too.
pub fn others(base: Location) -> Other {
    Box::new(move |typed, loaded, progress| {
        let environment = Environment::of_process();
        let typed = match typed {
            Some(typed) => typed.to_owned(),
            None => match before(loaded, &base, &environment) {
                Some(link) => link,
                None => return Ok(None),
            },
        };
        let path = environment.user.current_dir.join(&typed);
        let place = if base.from.is_some() && fs::metadata(&path).is_ok() {
            Location {
                from: None,
                ..base.clone()
            }
        } else {
            base.clone()
        };
        let side = Side::of_in(&typed, &place, &environment)?;
        let loaded = open(&side.location)?.load(&side.request(true), progress)?;
        Ok(Some((typed, loaded)))
    })
}

/// The generation before the one root of what is looked at.
fn before(loaded: &Loaded, base: &Location, environment: &Environment) -> Option<String> {
    let [root] = loaded.roots[..] else {
        return None;
    };
    let link = previous(loaded.graph.base_name(root), base, environment)?;
    link.to_str().map(str::to_owned)
}

/// Reads both sides. `details`: also what is only read when one path is looked at.
pub fn open_sides(
    before: &Side,
    after: &Side,
    details: bool,
    progress: &Progress,
) -> Result<Sides, SourceError> {
    refuse_one_input(before, after)?;
    let led = [before.led(), after.led()];
    let mut sides = if before.location == after.location && before.location.from.is_some() {
        of_one_file(before, after, details, progress)?
    } else if before.location == after.location && before.is_one_path() && after.is_one_path() {
        of_one_store(before, after, details, progress)?
    } else {
        let load = |side: &Side| open(&side.location)?.load(&side.request(details), progress);
        let (first, second) = both(true, || load(before), || load(after));
        joined(first?, second?)?
    };
    sides.warnings.extend(moved([before, after], &led));
    Ok(sides)
}

/// Where the links of a side lead.
type Led = Vec<[Option<PathBuf>; 2]>;

/// The links that lead elsewhere by now.
fn moved(sides: [&Side; 2], led: &[Led; 2]) -> Vec<Warning> {
    let mut warnings = Warnings::new();
    for (side, led) in sides.into_iter().zip(led) {
        if side.led() != *led {
            warnings.add("a link that changed while the sides were read", &side.typed);
        }
    }
    warnings.into_vec()
}

/// Standard input can be read only once: both sides can be in it, if both are named.
fn refuse_one_input(before: &Side, after: &Side) -> Result<(), SourceError> {
    let is_input = |side: &Side| side.location.from.as_deref() == Some("-");
    let is_named = |side: &Side| !side.roots.is_empty();
    if is_input(before) && is_input(after) && !(is_named(before) && is_named(after)) {
        return Err(SourceError::Usage {
            message: "both sides cannot come from standard input".to_owned(),
            hint: "write one of them to a file".to_owned(),
        });
    }
    Ok(())
}

/// Both sides from one file: a root may be a pattern that means several paths.
fn of_one_file(
    before: &Side,
    after: &Side,
    details: bool,
    progress: &Progress,
) -> Result<Sides, SourceError> {
    let request = Request {
        extras: after.roots.clone(),
        ..before.request(details)
    };
    let loaded = open(&before.location)?.load(&request, progress)?;
    let roots = if after.roots.is_empty() {
        open(&after.location)
            .and_then(|source| source.load(&after.request(false), progress))
            .map(|other| renewed(&loaded.graph, &other))?
    } else {
        select(&loaded.graph, &after.roots, false, &loaded.origin)?
    };
    let before = loaded.roots.clone();
    Ok(Sides::of(loaded, &before, &roots))
}

/// The roots of what was read once more, in another graph of the same file.
fn renewed(graph: &StoreGraph, other: &Loaded) -> Vec<PathId> {
    let roots = other.roots.iter();
    let names = roots.map(|&root| other.graph.base_name(root));
    names.filter_map(|name| graph.find(name)).collect()
}

/// Both sides from one store, each of them one path.
fn of_one_store(
    before: &Side,
    after: &Side,
    details: bool,
    progress: &Progress,
) -> Result<Sides, SourceError> {
    let request = Request {
        roots: [&before.roots[..], &after.roots[..]].concat(),
        ..before.request(details)
    };
    let loaded = open(&before.location)?.load(&request, progress)?;
    // The same path twice is one root.
    let (Some(&first), Some(&last)) = (loaded.roots.first(), loaded.roots.last()) else {
        return Err(SourceError::NoRoots);
    };
    Ok(Sides::of(loaded, &[first], &[last]))
}

/// Two closures that were read by themselves, over one graph.
pub fn joined(before: Loaded, after: Loaded) -> Result<Sides, SourceError> {
    let dirs = [&before, &after].map(|side| side.graph.store_dir().clone());
    if dirs[0] != dirs[1] {
        return Err(SourceError::Other {
            message: format!(
                "the sides are of different store directories: {} of {}, {} of {}",
                before.origin, dirs[0], after.origin, dirs[1]
            ),
            hint: "paths of different store directories have nothing in common: compare what was built for one of them"
                .to_owned(),
        });
    }
    let full = || too_large(&format!("{} and {}", before.origin, after.origin));
    let graphs = [&*before.graph, &*after.graph];
    let joined = Joined::of(graphs[0], graphs[1]).ok_or_else(full)?;
    let roots = [
        joined.places(0, &before.roots),
        joined.places(1, &after.roots),
    ];
    let origins = [before.origin.clone(), after.origin.clone()];
    let mut warnings = before.warnings.clone();
    let more = after
        .warnings
        .iter()
        .cloned()
        .chain(joined.warnings.into_vec());
    for warning in more {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    let graph = joined.graph;
    let mut found = Arc::unwrap_or_clone(before.found).rebased(graphs[0], &graph);
    let other = Arc::unwrap_or_clone(after.found).rebased(graphs[1], &graph);
    found.contents.extend(other.contents);
    found.referrers.extend(other.referrers);
    let loaded = Loaded {
        graph: Arc::new(graph),
        roots: Vec::new(),
        warnings,
        origin: String::new(),
        found: Arc::new(found),
    };
    let sides = Sides::of(loaded, &roots[0], &roots[1]);
    Ok(Sides { origins, ..sides })
}

impl Sides {
    /// Two closures of what was read, with what there is to warn of in comparing them.
    fn of(loaded: Loaded, before: &[PathId], after: &[PathId]) -> Self {
        let closure = |roots| Arc::new(Closure::of(&loaded.graph, roots));
        let (before, after) = (closure(before), closure(after));
        let mut warnings = Warnings::new();
        for (which, closure) in [("before", &before), ("after", &after)] {
            if closure.unknown_sizes() == closure.len() && !closure.is_empty() {
                let kind = format!(
                    "no sizes are known of what is {which}: differences in bytes count only what is known"
                );
                warnings.note(&kind);
            }
        }
        if before.root_set() == after.root_set() {
            warnings.note("both sides are the same, so nothing differs");
        }
        let mut all = loaded.warnings;
        all.extend(warnings.into_vec());
        Self {
            graph: loaded.graph,
            before,
            after,
            warnings: all,
            origins: [loaded.origin.clone(), loaded.origin],
            found: loaded.found,
        }
    }
}

#[cfg(test)]
mod tests;
