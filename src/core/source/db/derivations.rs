//! Derivations as a store database knows them: which one made a path, and what each one's outputs are.

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Row};

use super::tables::Tables;
use crate::job::Progress;
use crate::model::output::Outputs;
use crate::model::{Output, Size, StoreGraph, Warnings};
use crate::source::SourceError;

const TABLE: &str = "DerivationOutputs";

/// The row of the derivation that made `path` (whose own row is `id`, if it is valid): the one that is recorded with
/// it, else any that has it for an output.
pub(super) fn of(
    tables: &Tables<'_>,
    path: &str,
    id: Option<i64>,
) -> Result<Option<i64>, SourceError> {
    if let Some(id) = id
        && let Some(deriver) = tables.deriver(id)?
        && let Some(row) = tables.id_of(&deriver)?
    {
        return Ok(Some(row));
    }
    let query =
        "SELECT v.id FROM DerivationOutputs d JOIN ValidPaths v ON v.id = d.drv WHERE d.path = ?
        ORDER BY v.id LIMIT 1";
    if !tables.exists(TABLE)? {
        return Ok(None);
    }
    let row = tables.connection.query_row(query, [path], |row| row.get(0));
    tables.sql(row.optional())
}

/// What the derivations of a graph make, with the sizes of what is in the store. `None` if the database does not say.
pub(super) fn outputs(
    tables: &Tables<'_>,
    graph: &StoreGraph,
    warnings: &mut Warnings,
    progress: &Progress,
) -> Result<Option<Outputs>, SourceError> {
    match tables.require(TABLE, &["drv", "id", "path"]) {
        Ok(_) => {}
        Err(SourceError::Format { problem, .. }) => {
            warnings.add("the outputs of derivations are not known", problem);
            return Ok(None);
        }
        Err(error) => return Err(error),
    }
    let size = nar_size(tables);
    let query = format!(
        "SELECT o.id, o.path, v.id, {size} FROM ValidPaths d JOIN DerivationOutputs o ON o.drv = d.id
        LEFT JOIN ValidPaths v ON v.path = o.path WHERE d.path = ? ORDER BY o.id, v.id"
    );
    let mut statement = tables.sql(tables.connection.prepare(&query))?;
    let derivations: Vec<_> = graph.ids().filter(|&id| graph.is_derivation(id)).collect();
    progress.start("reading outputs", derivations.len() as u64);
    let mut outputs = Outputs::new();
    for id in derivations {
        progress.advance(1)?;
        let mut rows = tables.sql(statement.query([graph.path(id).to_string()]))?;
        let mut own: Vec<Output> = Vec::new();
        while let Some(row) = tables.sql(rows.next())? {
            let output = tables.sql(output(row))?;
            // A path that has several rows counts once.
            if own.last().is_none_or(|last| last.name != output.name) {
                own.push(output);
            }
        }
        if !own.is_empty() {
            outputs.insert(id, own);
        }
    }
    Ok(Some(outputs))
}

/// Outputs whose names and full paths are known, with the sizes of those that are in the store.
pub(super) fn named(
    tables: &Tables<'_>,
    known: &[(String, String)],
) -> Result<Vec<Output>, SourceError> {
    let size = nar_size(tables);
    let query = format!(
        "SELECT ?1, ?2, v.id, {size} FROM (SELECT 1) LEFT JOIN ValidPaths v ON v.path = ?2 LIMIT 1"
    );
    let mut statement = tables.sql(tables.connection.prepare(&query))?;
    let mut outputs = Vec::with_capacity(known.len());
    for (name, path) in known {
        outputs.push(tables.sql(statement.query_row([name, path], output))?);
    }
    Ok(outputs)
}

/// The column of NAR sizes, which old databases lack.
fn nar_size(tables: &Tables<'_>) -> &'static str {
    if tables.has_column("narSize") {
        "v.narSize"
    } else {
        "NULL"
    }
}

fn output(row: &Row<'_>) -> rusqlite::Result<Output> {
    let text = |column| -> rusqlite::Result<String> {
        Ok(match row.get_ref(column)? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                String::from_utf8_lossy(bytes).into_owned()
            }
            _ => String::new(),
        })
    };
    let nar_size = match row.get_ref(3)? {
        ValueRef::Integer(bytes) if bytes > 0 => Size::bytes(bytes.unsigned_abs()),
        _ => Size::UNKNOWN,
    };
    Ok(Output {
        name: text(0)?,
        path: text(1)?,
        valid: row.get_ref(2)? != ValueRef::Null,
        nar_size,
    })
}
