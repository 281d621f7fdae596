//! `roots`: lists what keeps the paths of the store, and what dropping some of it frees; or compares roots that are named.

use crate::report::roots::given::GivenRoots;
use crate::report::roots::{RootsReport, RootsWish};
use crate::source::files::blocks;
use crate::source::files::places::StoreFiles;
use crate::source::location::UserEnvironment;
use crate::source::open::{files_root, gc_roots, open};
use crate::source::roots::settings;
use crate::source::roots::store_roots::StoreRoots;

use crate::cli::{self, Format};

use super::clock::now;
use super::failure::Failure;
use super::output::print;
use super::session::{Session, dominators, location};

/// `roots`
pub(super) fn roots(session: &Session, options: &cli::GcRoots) -> Result<(), Failure> {
    if !options.roots.is_empty() || session.global().from.is_some() {
        return given(session, options);
    }
    let format = session.format()?;
    let roots = store_roots(session)?;
    if roots.rows.is_empty() && !options.dead {
        let (message, hint) = match roots.caution() {
            None => (
                "no root keeps anything in this store",
                "the next garbage collection would delete everything in it: --dead lists it",
            ),
            Some(_) => (
                "none of the roots that could be read keeps anything in this store",
                "run it as a user who may read the roots that the warnings name",
            ),
        };
        return Err(Failure::because(message, hint));
    }
    let mut drop = dropped(&roots, &options.drop)?;
    drop.sort_unstable();
    drop.dedup();
    let (with_disk, dead) = (options.disk, options.dead);
    let files_root = files_root(&location(session.global()));
    let (roots, read) = session.work(move |progress| {
        let places = match files_root {
            Some(root) => StoreFiles::below(&root, roots.graph.store_dir()),
            None => StoreFiles::of(roots.graph.store_dir()),
        };
        let disk = with_disk
            .then(|| blocks::read(&roots.graph, &places, progress))
            .transpose()?;
        let leftovers = dead.then(|| roots.leftovers(progress)).transpose()?;
        Ok::<_, Failure>((roots, (disk, leftovers)))
    })??;
    let (disk, leftovers) = read;
    let (blocks, warnings) = disk.map_or((None, Vec::new()), |(blocks, warnings)| {
        (Some(blocks), warnings)
    });
    for warning in &warnings {
        session.warn(warning);
    }
    let asked = RootsWish {
        blocks,
        drop,
        dead: options.dead,
        leftovers: leftovers.unwrap_or_default(),
    };
    let report = RootsReport::of(&roots, asked);
    print(session.reader(format), |out| match format {
        Format::Json => report.json(out),
        _ => report.text(session.paper(), now(), out),
    })
}

/// The roots of the session's store, with what each keeps; what was unexpected is said.
pub(super) fn store_roots(session: &Session) -> Result<StoreRoots, Failure> {
    if session.global().derivation {
        return Err(Failure::usage(
            "`roots` cannot be combined with --derivation",
            "leave --derivation out, or name the ROOTs whose build-time closures to compare",
        ));
    }
    let place = location(session.global());
    let keep = settings::keep(&place.nix_options);
    let roots = session.work(move |progress| {
        let listed = gc_roots(&place, progress)?;
        StoreRoots::read(&*open(&place)?, listed, keep, progress)
    })??;
    for warning in roots.listed.warnings.iter().chain(&roots.warnings) {
        session.warn(warning);
    }
    Ok(roots)
}

/// The rows that are to be dropped.
fn dropped(roots: &StoreRoots, typed: &[String]) -> Result<Vec<usize>, Failure> {
    let current_dir = UserEnvironment::of_process().current_dir;
    let mut all = Vec::new();
    for one in typed {
        let found = roots.rows_named(one, &current_dir);
        if found.is_empty() {
            let near = roots.links_like(one);
            return Err(Failure::because(
                format!("no root is called '{one}', and none leads to a path of that name"),
                match &near[..] {
                    [] => "`nix-heft roots` lists the roots".to_owned(),
                    near => format!(
                        "did you mean {}? `nix-heft roots` lists them",
                        near.join(", ")
                    ),
                },
            ));
        }
        all.extend(found);
    }
    Ok(all)
}

/// Roots that are named, or those of a file.
fn given(session: &Session, options: &cli::GcRoots) -> Result<(), Failure> {
    let roots = cli::Roots {
        roots: options.roots.clone(),
    };
    let subject = session.load(roots, dominators)?;
    let report = GivenRoots::of(&subject)?;
    let format = session.format()?;
    print(session.reader(format), |out| match format {
        Format::Json => report.json(out),
        _ => report.text(session.paper(), out),
    })
}
