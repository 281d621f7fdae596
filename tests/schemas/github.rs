//! Workflow commands as GitHub's runner reads them: one a line, `::KIND KEY=VALUE,…::MESSAGE`.

use std::collections::BTreeMap;

/// One command.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) kind: String,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) message: String,
}

/// The commands of an output, or what is wrong with it.
pub(crate) fn commands(out: &str) -> Result<Vec<Command>, String> {
    out.lines()
        .map(|line| command(line).ok_or_else(|| line.to_owned()))
        .collect()
}

fn command(line: &str) -> Option<Command> {
    let (head, message) = line.strip_prefix("::")?.split_once("::")?;
    let (kind, properties) = head.split_once(' ')?;
    let mut found = BTreeMap::new();
    for property in properties.split(',') {
        let (key, value) = property.split_once('=')?;
        let value = unescaped(value, &[("%3A", ":"), ("%2C", ",")])?;
        let known = ["file", "line", "endLine", "col", "endColumn", "title"].contains(&key);
        let is_number =
            key == "title" || key == "file" || value.parse::<u32>().is_ok_and(|number| number > 0);
        (known && is_number && found.insert(key.to_owned(), value).is_none()).then_some(())?;
    }
    // A line is one of a file.
    let placed = found.contains_key("file") || !found.contains_key("line");
    (placed && ["error", "warning", "notice"].contains(&kind)).then_some(())?;
    Some(Command {
        kind: kind.to_owned(),
        properties: found,
        message: unescaped(message, &[])?,
    })
}

/// What an escaped text stands for; `None` if a `%` is none that the runner would read.
fn unescaped(text: &str, more: &[(&str, &str)]) -> Option<String> {
    let mut read = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        read.push_str(&rest[..at]);
        let common = [("%25", "%"), ("%0D", "\r"), ("%0A", "\n")];
        let mut pairs = common.iter().chain(more);
        let (code, meant) = pairs.find(|(code, _)| rest[at..].starts_with(code))?;
        read.push_str(meant);
        rest = &rest[at + code.len()..];
    }
    Some(read + rest)
}
