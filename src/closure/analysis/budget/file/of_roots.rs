//! The tables of single roots in the text of a budget.

use toml::de::DeTable;

use super::BudgetReader;
use crate::analysis::budget::Budget;
use crate::analysis::budget::scope::Scope;

const OF_ROOTS: &[&str] = &["closure", "growth", "at-most", "size", "forbid"];
const GROWTH: &[&str] = &["size", "percent", "paths", "reason"];

impl BudgetReader {
    /// The tables of single roots: each names them by a pattern, and says rules as the whole budget does.
    pub(super) fn of_roots(&mut self, table: &DeTable<'_>, budget: &mut Budget) {
        let Some(roots) = self.table(table, "roots") else {
            return;
        };
        // The last of several that speak of one root counts, so they are read in the order of the text.
        let mut named: Vec<_> = roots.iter().collect();
        named.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in named {
            let Some(own) = value.get_ref().as_table() else {
                let wrong = "it is a table: [roots.\"NAME\".closure] on a line of its own";
                self.complain(&value.span(), wrong);
                continue;
            };
            self.know(own, OF_ROOTS, "table of [roots]");
            let before = budget.rules.len();
            self.rules(own, GROWTH, budget);
            for rule in &mut budget.rules[before..] {
                rule.scope = Some(budget.scopes.len());
            }
            budget.scopes.push(Scope {
                pattern: name.get_ref().to_string(),
                line: self.line(&name.span()),
            });
        }
    }
}
