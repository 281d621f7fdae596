//! Derivations as a store database knows them: which one made a path, and what each one's outputs are.

use rusqlite::OptionalExtension;

use super::tables::Tables;
use crate::source::SourceError;

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
    if !tables.exists("DerivationOutputs")? {
        return Ok(None);
    }
    let row = tables.connection.query_row(query, [path], |row| row.get(0));
    tables.sql(row.optional())
}
