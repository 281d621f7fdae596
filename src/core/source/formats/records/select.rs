//! Roots by what the user typed: whatever selects paths elsewhere, and links on this machine.

use crate::analysis::select::{SelectError, select_anywhere, select_each_anywhere};
use crate::model::{PathId, StoreGraph};
use crate::source::SourceError;
use crate::source::location::UserEnvironment;
use crate::source::roots::followed;

/// The paths that texts name, in the order of the texts. `lenient` texts are full paths or base names, and those that are
/// not there are left out.
pub(crate) fn select(
    graph: &StoreGraph,
    texts: &[String],
    lenient: bool,
    origin: &str,
) -> Result<Vec<PathId>, SourceError> {
    if lenient {
        let found = texts.iter().filter_map(|text| {
            let base = graph.store_dir().containing(text);
            graph.find(base.unwrap_or(text))
        });
        return Ok(found.collect());
    }
    let mut found = Vec::with_capacity(texts.len());
    if let [only] = texts {
        return select_one(graph, only, origin);
    }
    let is_name = |text: &&String| !text.contains('/');
    let names: Vec<&str> = texts.iter().filter(is_name).map(String::as_str).collect();
    let mut known = select_each_anywhere(graph, &names).into_iter();
    for text in texts {
        match Some(text).filter(is_name).and_then(|_| known.next()?) {
            Some(known) => found.extend(known),
            None => found.extend(select_one(graph, text, origin)?),
        }
    }
    Ok(found)
}

fn select_one(graph: &StoreGraph, text: &str, origin: &str) -> Result<Vec<PathId>, SourceError> {
    // A link of this machine that looks like a name leads only by chance into a file from another.
    let leads = |text: &str| followed(text, &UserEnvironment::of_process(), graph.store_dir());
    let path = Some(text).filter(|text| text.contains('/')).and_then(leads);
    let error = match select_anywhere(graph, path.as_deref().unwrap_or(text)) {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    if let SelectError::AmbiguousHash { candidates, .. } = &error {
        return Err(ambiguous(graph, text, candidates));
    }
    let found = leads(text).and_then(|path| select_anywhere(graph, &path).ok());
    found.ok_or_else(|| SourceError::UnknownRoot {
        root: text.to_owned(),
        origin: origin.to_owned(),
        // Who typed a whole path did not misspell a name.
        nearest: error.hint().filter(|_| !text.contains('/')),
    })
}

fn ambiguous(graph: &StoreGraph, text: &str, several: &[PathId]) -> SourceError {
    let names: Vec<&str> = several
        .iter()
        .take(3)
        .map(|&id| graph.base_name(id))
        .collect();
    SourceError::Other {
        message: format!("{text} matches {} paths", several.len()),
        hint: format!("name one of them in full, for example {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, id, names};

    fn selected(texts: &[&str], lenient: bool) -> Result<String, SourceError> {
        let (graph, _) = graph("app -> perl-5.36 perl-5.36-man glibc-2.36 bash-5.2 bash-5.3");
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        select(&graph, &texts, lenient, "a.json").map(|found| names(&graph, &found))
    }

    #[test]
    fn a_root_is_whatever_selects_paths_elsewhere() {
        let (graph, _) = graph("app -> perl-5.36 perl-5.36-man glibc-2.36 bash-5.2 bash-5.3");
        let perl = graph.path(id(&graph, "perl-5.36")).to_string();
        let inside = format!("{perl}/bin/perl");
        let cases: [(&[&str], &str); 5] = [
            (&["glibc"], "glibc-2.36"),
            (&["perl*", "app"], "perl-5.36 perl-5.36-man app"),
            (&["bash"], "bash-5.2 bash-5.3"),
            (&[&perl], "perl-5.36"),
            (&[&inside], "perl-5.36"),
        ];
        for (texts, expected) in cases {
            assert_eq!(
                selected(texts, false).expect("there"),
                expected,
                "{texts:?}"
            );
        }
        assert_eq!(
            selected(&["glibc", &perl], true).expect("lenient"),
            "perl-5.36"
        );
    }

    #[test]
    fn a_root_that_is_not_there_is_refused_with_the_nearest_names() {
        let error = selected(&["app", "pearl"], false).expect_err("not there");
        assert_eq!(error.to_string(), "pearl is not a valid path in a.json");
        let hint = error.hint().expect("a hint");
        assert!(hint.starts_with("did you mean perl?"), "{hint}");
        assert!(selected(&["0000"], false).is_err());
    }
}
