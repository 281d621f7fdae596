//! `JUnit`'s XML as the schema has it that Jenkins, and tools that follow it, check results with.

use super::xml::Element;

/// What an element may have: attributes, with `!` if they are required and `#` if they are numbers; other elements, any
/// number of them in any order; and whether it has text.
type Kind = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    bool,
);

const INSIDE: &[&str] = &["type", "message"];
const ELEMENTS: &[Kind] = &[
    (
        "testsuites",
        &["name", "time#", "tests#", "failures#", "errors#"],
        &["testsuite"],
        false,
    ),
    (
        "testsuite",
        &[
            "name!",
            "tests!#",
            "failures!#",
            "errors!#",
            "group",
            "time#",
            "skipped#",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
        &[
            "testsuite",
            "properties",
            "testcase",
            "system-out",
            "system-err",
        ],
        false,
    ),
    ("properties", &[], &["property"], false),
    ("property", &["name!", "value!"], &[], false),
    (
        "testcase",
        &["name!", "time#", "classname", "group"],
        &["skipped", "error", "failure", "system-out", "system-err"],
        false,
    ),
    ("failure", INSIDE, &[], true),
    ("error", INSIDE, &[], true),
    ("skipped", INSIDE, &[], true),
    ("system-out", &[], &[], true),
    ("system-err", &[], &[], true),
];

/// What is wrong with a document: in which element, and what.
pub(crate) fn mistakes(document: &Element) -> Vec<String> {
    let mut found = Vec::new();
    if !["testsuites", "testsuite"].contains(&document.name.as_str()) {
        found.push(format!("{} holds it all", document.name));
    }
    element(document, &mut found);
    for suite in [document].into_iter().chain(document.named("testsuite")) {
        counts(suite, &mut found);
    }
    for case in document.named("testcase") {
        if case.children.len() > 1 {
            found.push(format!("a case has {} results", case.children.len()));
        }
        // GitLab sorts by class, GitHub's actions show it.
        if !case.attributes.contains_key("classname") {
            found.push("a case has no classname".to_owned());
        }
    }
    found
}

fn element(given: &Element, found: &mut Vec<String>) {
    let name = &given.name;
    let Some((_, attributes, children, has_text)) =
        ELEMENTS.iter().find(|(other, ..)| name == other)
    else {
        found.push(format!("there is no element {name}"));
        return;
    };
    let mut known = Vec::new();
    for attribute in *attributes {
        let key = attribute.trim_end_matches(['!', '#']);
        known.push(key);
        match given.attributes.get(key) {
            Some(value) if attribute.ends_with('#') && value.parse::<f64>().is_err() => {
                found.push(format!("{name}: {key} is no number: {value:?}"));
            }
            None if attribute.contains('!') => found.push(format!("{name} has no {key}")),
            _ => {}
        }
    }
    for key in given
        .attributes
        .keys()
        .filter(|key| !known.contains(&key.as_str()))
    {
        found.push(format!("{name} can have no {key}"));
    }
    if !has_text && !given.text.trim().is_empty() {
        found.push(format!("{name} can have no text: {:?}", given.text));
    }
    for child in &given.children {
        if children.contains(&child.name.as_str()) {
            element(child, found);
        } else {
            found.push(format!("{name} can have no {}", child.name));
        }
    }
}

/// A suite counts its cases as they are.
fn counts(suite: &Element, found: &mut Vec<String>) {
    for (key, name) in [
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ] {
        let count = suite.named(name).len().to_string();
        if suite.attributes.get(key).is_some_and(|told| *told != count) {
            found.push(format!("{}: {key} are {count}", suite.name));
        }
    }
}
