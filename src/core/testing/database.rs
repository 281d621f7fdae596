//! Store databases made up for tests and benchmarks, with the schemas that Nix and Guix use.

use std::path::Path;

use rusqlite::{Connection, Result, params};

use crate::model::StoreGraph;

/// Whose tables a database has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Schema 10 of Nix and Lix.
    Nix,
    /// Schema 10 with the tables of the experimental feature `ca-derivations`.
    NixWithRealisations,
    /// Schema 7, as Guix has it still.
    Guix,
}

const NIX: &str = "
    CREATE TABLE ValidPaths (
        id integer primary key autoincrement not null, path text unique not null, hash text not null,
        registrationTime integer not null, deriver text, narSize integer, ultimate integer, sigs text, ca text);
    CREATE TABLE Refs (
        referrer integer not null, reference integer not null, primary key (referrer, reference),
        foreign key (referrer) references ValidPaths(id) on delete cascade,
        foreign key (reference) references ValidPaths(id) on delete restrict);
    CREATE INDEX IndexReference ON Refs(reference);
    CREATE TABLE DerivationOutputs (
        drv integer not null, id text not null, path text not null, primary key (drv, id),
        foreign key (drv) references ValidPaths(id) on delete cascade);
    CREATE INDEX IndexDerivationOutputs ON DerivationOutputs(path);";

const REALISATIONS: &str = "
    CREATE TABLE Realisations (
        id integer primary key autoincrement not null, drvPath text not null, outputName text not null,
        outputPath integer not null, signatures text,
        foreign key (outputPath) references ValidPaths(id) on delete cascade);
    CREATE TABLE RealisationsRefs (referrer integer not null, realisationReference integer);";

const GUIX: &str = "
    CREATE TABLE ValidPaths (
        id integer primary key autoincrement not null, path text unique not null, hash text not null,
        registrationTime integer not null, deriver text, narSize integer);
    CREATE TABLE Refs (
        referrer integer not null, reference integer not null, primary key (referrer, reference),
        foreign key (referrer) references ValidPaths(id) on delete cascade,
        foreign key (reference) references ValidPaths(id) on delete restrict);
    CREATE INDEX IndexReferrer ON Refs(referrer);
    CREATE INDEX IndexReference ON Refs(reference);
    CREATE TABLE DerivationOutputs (
        drv integer not null, id text not null, path text not null, primary key (drv, id),
        foreign key (drv) references ValidPaths(id) on delete cascade);
    CREATE TABLE FailedPaths (path text primary key not null, time integer not null);";

/// Makes a database file, with its directories.
///
/// # Errors
/// If the file cannot be made.
///
/// # Panics
/// If its directories cannot be made.
pub fn create(file: &Path, schema: Schema) -> Result<Connection> {
    if let Some(directory) = file.parent() {
        std::fs::create_dir_all(directory).expect("a directory for the database");
    }
    let connection = Connection::open(file)?;
    connection.execute_batch(match schema {
        Schema::Nix | Schema::NixWithRealisations => NIX,
        Schema::Guix => GUIX,
    })?;
    if schema == Schema::NixWithRealisations {
        connection.execute_batch(REALISATIONS)?;
    }
    Ok(connection)
}

/// Writes a graph as Nix would register it. The rows are numbered from `first` on, in the order of the ids.
///
/// # Errors
/// If a row cannot be written.
pub fn write(connection: &mut Connection, graph: &StoreGraph, first: i64) -> Result<()> {
    let transaction = connection.transaction()?;
    let row = |id: crate::model::PathId| first + i64::from(id.index() as u32);
    {
        let mut paths = transaction.prepare(
            "INSERT INTO ValidPaths (id, path, hash, registrationTime, narSize) VALUES (?, ?, ?, ?, ?)",
        )?;
        let mut refs = transaction.prepare("INSERT INTO Refs VALUES (?, ?)")?;
        for id in graph.ids() {
            let hash = format!("sha256:{:064x}", id.index());
            let size = graph.nar_size(id).map(u64::cast_signed);
            let time = graph.info(id).registered.map_or(1_700_000_000, i64::from);
            paths.execute(params![
                row(id),
                graph.path(id).to_string(),
                hash,
                time,
                size
            ])?;
        }
        for id in graph.ids() {
            if graph.references_itself(id) {
                refs.execute([row(id), row(id)])?;
            }
            for &reference in graph.references(id) {
                refs.execute([row(id), row(reference)])?;
            }
        }
    }
    transaction.commit()
}
