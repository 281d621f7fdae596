//! Which rules count for which root: those of all roots, but for those that a table of its own puts others in place of.

use super::Budget;
use super::rule::Rule;
use crate::analysis::glob;
use crate::model::{Closure, PathId, StoreGraph};

/// The roots that a table of a budget speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// A pattern over the whole name, or the package name, of a root.
    pub pattern: String,
    /// In which line the table begins, from 1.
    pub line: usize,
}

impl Scope {
    /// Whether it speaks of a closure: of each of its roots.
    pub fn is_of(&self, graph: &StoreGraph, closure: &Closure) -> bool {
        let is_meant = |&root: &PathId| {
            let names = [graph.name(root), graph.package(root).pname];
            names.iter().any(|name| glob::matches(&self.pattern, name))
        };
        !closure.roots().is_empty() && closure.roots().iter().all(is_meant)
    }
}

impl Budget {
    /// The rules that count for a closure, by their positions. A rule of its own roots stands in place of one of the same
    /// kind that is said of all roots, and the last of several in place of the others.
    pub fn counting(&self, graph: &StoreGraph, closure: &Closure) -> Vec<usize> {
        let speaks = |rule: &Rule| match rule.scope {
            Some(scope) => self.scopes[scope].is_of(graph, closure),
            None => true,
        };
        let counting: Vec<usize> = (0..self.rules.len())
            .filter(|&at| speaks(&self.rules[at]))
            .collect();
        let own = counting.iter().map(|&at| &self.rules[at]);
        let own: Vec<&Rule> = own.filter(|rule| rule.scope.is_some()).collect();
        let gives_way = |&at: &usize| {
            let rule = &self.rules[at];
            own.iter()
                .any(|other| other.scope > rule.scope && other.kind.limits_the_same(&rule.kind))
        };
        counting
            .iter()
            .copied()
            .filter(|at| !gives_way(at))
            .collect()
    }

    /// The tables that speak of none of some closures.
    pub fn idle<'b>(
        &'b self,
        graph: &'b StoreGraph,
        closures: &'b [&'b Closure],
    ) -> impl Iterator<Item = &'b Scope> {
        let scopes = self.scopes.iter();
        scopes.filter(move |scope| !closures.iter().any(|closure| scope.is_of(graph, closure)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, id};

    const BUDGET: &str = "[closure]\nsize = 100\npaths = 5\n[[size]]\npackage = \"perl\"\nmax = 50\n\
        [roots.\"db-*\".closure]\nsize = 900\n[[roots.\"db-*\".size]]\npackage = \"perl\"\nmax = 70\n\
        [[roots.\"db-*\".forbid]]\npackage = \"gcc\"\n[roots.db-2.closure]\nsize = 800\n[roots.web.at-most]\ndev = 0";

    fn lines(root: &str) -> Vec<usize> {
        let (graph, _) = graph(&format!("{root} 1 -> lib\nlib 2"));
        let closure = Closure::of(&graph, &[id(&graph, root)]);
        let budget = Budget::parse(BUDGET).expect("a budget");
        let counting = budget.counting(&graph, &closure).into_iter();
        let mut lines: Vec<usize> = counting
            .filter_map(|at| Some(budget.rules[at].place.as_ref()?.line))
            .collect();
        lines.sort_unstable();
        lines
    }

    #[test]
    fn a_rule_of_some_roots_stands_in_place_of_the_same_one_of_all() {
        assert_eq!(lines("mail-1"), [2, 3, 6], "what is said of all");
        assert_eq!(lines("db-1"), [3, 8, 11, 12]);
        assert_eq!(lines("db-2"), [3, 11, 12, 15], "the last one counts");
        assert_eq!(lines("web-1"), [2, 3, 6, 17], "by its package name");
    }

    #[test]
    fn several_roots_are_meant_if_all_of_them_are() {
        let (graph, closure) = graph("*db-1 1\n*db-3 1\n*mail 1");
        let budget = Budget::parse(BUDGET).expect("a budget");
        let of = |roots: &[&str]| {
            let roots: Vec<PathId> = roots.iter().map(|name| id(&graph, name)).collect();
            budget.scopes[0].is_of(&graph, &Closure::of(&graph, &roots))
        };
        assert!(of(&["db-1"]) && of(&["db-1", "db-3"]));
        assert!(!of(&["db-1", "mail"]) && !of(&[]));
        let all = [&closure];
        let idle: Vec<&str> = budget
            .idle(&graph, &all)
            .map(|scope| scope.pattern.as_str())
            .collect();
        assert_eq!(idle, ["db-*", "db-2", "web"]);
    }

    #[test]
    fn unknown_keys_of_roots_are_named_with_the_nearest() {
        for (text, said) in [
            (
                "[roots.web.closur]\nsize = 1",
                "line 1: there is no table of [roots] 'closur', did you mean 'closure'?",
            ),
            (
                "[roots.web.closure]\nsiz = 1",
                "line 2: there is no key of [closure] 'siz', did you mean 'size'?",
            ),
            (
                "[roots.web.growth]\nbaseline = \"x\"",
                "line 2: there is no key of [growth] 'baseline'",
            ),
            ("roots = 1", "line 1: roots is a table"),
            (
                "roots.web = 1",
                "line 1: it is a table: [roots.\"NAME\".closure]",
            ),
            (
                "[[roots.web.exception]]\npackage = \"x\"",
                "line 1: there is no table of [roots] 'exception'",
            ),
            (
                "[[roots.web.size]]\npackage = \"x\"\nmax = 1\n[[roots.web.size]]\npackage = \"x\"\nmax = 2",
                "already says this about the same",
            ),
        ] {
            let error = Budget::parse(text).expect_err("a mistake").to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
        let both =
            "[[size]]\npackage = \"x\"\nmax = 1\n[[roots.web.size]]\npackage = \"x\"\nmax = 2";
        assert!(
            Budget::parse(both).is_ok(),
            "one stands in place of the other"
        );
    }
}
