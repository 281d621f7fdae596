//! Which rows a person means by a text: a link, a pattern, what a root leads to, or a process.

use std::path::Path;

use super::StoreRoots;
use crate::analysis::glob;
use crate::analysis::select::{nearest, select_anywhere};
use crate::model::PathSet;
use crate::source::roots::gc::GcRoot;

impl StoreRoots {
    /// The rows that a text means, ascending: the first rule counts that anything matches. `current_dir` is where relative
    /// links begin.
    ///
    /// `process:NUMBER`; a link, or the entry that leads to it; the name of a link; a pattern over links; a store path, a
    /// hash prefix, a name or a package name that something leads to.
    pub fn rows_named(&self, typed: &str, current_dir: &Path) -> Vec<usize> {
        if let Some(number) = typed.strip_prefix("process:") {
            let number = number.parse().ok();
            return self.rows_with(&|root| {
                let own = root.process.as_ref().map(|process| process.number);
                own.is_some() && own == number
            });
        }
        let path = current_dir.join(typed);
        let name =
            |root: &GcRoot| root.link.file_name().and_then(|name| name.to_str()) == Some(typed);
        let pattern = |root: &GcRoot| {
            let link = root.link.to_string_lossy();
            glob::is_pattern(typed)
                && (glob::matches(typed, &link) || glob::matches(&path.to_string_lossy(), &link))
        };
        let rules: [&dyn Fn(&GcRoot) -> bool; 3] = [
            &|root| root.link == path || root.registered.as_ref() == Some(&path),
            &|root| root.process.is_none() && name(root),
            &|root| root.process.is_none() && pattern(root),
        ];
        let found = rules.iter().map(|rule| self.rows_with(rule));
        if let Some(found) = found.into_iter().find(|found| !found.is_empty()) {
            return found;
        }
        let meant = select_anywhere(&self.graph, typed).unwrap_or_default();
        let meant = PathSet::of(self.graph.len(), meant);
        let rows = self.rows.iter().enumerate();
        let named = rows.filter(|(_, row)| row.targets.iter().any(|&id| meant.contains(id)));
        named.map(|(at, _)| at).collect()
    }

    fn rows_with(&self, wanted: &dyn Fn(&GcRoot) -> bool) -> Vec<usize> {
        let rows = self.rows.iter().enumerate();
        let found = rows.filter(|(_, row)| self.roots_of(row).any(wanted));
        found.map(|(at, _)| at).collect()
    }

    /// The links that are written most like a text.
    pub fn links_like(&self, typed: &str) -> Vec<String> {
        let links: Vec<String> = self
            .rows
            .iter()
            .flat_map(|row| self.roots_of(row))
            .filter(|root| root.process.is_none())
            .map(|root| root.link.to_string_lossy().into_owned())
            .collect();
        let last = |link: &String| link.rsplit('/').next().unwrap_or_default().to_owned();
        let names: Vec<String> = links.iter().map(last).collect();
        let texts = links.iter().chain(&names).map(String::as_str);
        let near = nearest(texts, typed);
        let is_near = |(link, name): &(String, String)| {
            near.contains(&link.as_str()) || near.contains(&name.as_str())
        };
        let both = links.iter().cloned().zip(names.iter().cloned());
        both.filter(is_near).map(|(link, _)| link).take(3).collect()
    }
}
