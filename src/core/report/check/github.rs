//! Commands that GitHub's runners make annotations of: `::error file=budget.toml,line=3,title=…::…`.

use std::io::{self, Write};

use crate::text::{Units, sanitise};

use super::{Check, words};

pub(super) fn write(check: &Check<'_>, units: Units, out: &mut dyn Write) -> io::Result<()> {
    // Runners show ten errors of a step: one for each rule.
    for finding in check.rules_broken() {
        let line = finding.rule.place.as_ref().map(|place| place.line);
        let title = format!(
            "{}: {}",
            finding.checked.title(),
            words::title(finding.rule)
        );
        let message = words::lines(&finding, units);
        command(
            out,
            "error",
            (check.file.as_deref(), line),
            &title,
            &message,
        )?;
    }
    for note in check.notes() {
        let title = "nix-heft check";
        command(
            out,
            "warning",
            (check.file.as_deref(), None),
            title,
            &[note],
        )?;
    }
    for checked in check.closures.iter().filter(|one| one.judgement.passes()) {
        let closure = checked.analysed.closure();
        let size = units.at_least(closure.known_nar_size(), closure.unknown_sizes() == 0);
        let title = format!("{}: {size}", checked.title());
        let kept = format!("{} rules met", checked.judgement.verdicts.len());
        command(out, "notice", (None, None), &title, &[kept])?;
    }
    Ok(())
}

fn command(
    out: &mut dyn Write,
    kind: &str,
    (file, line): (Option<&str>, Option<usize>),
    title: &str,
    message: &[String],
) -> io::Result<()> {
    let mut properties = Vec::new();
    if let Some(file) = file {
        properties.push(format!(
            "file={}",
            property(file.strip_prefix("./").unwrap_or(file))
        ));
        properties.extend(line.map(|line| format!("line={line}")));
    }
    properties.push(format!("title={}", property(title)));
    let lines: Vec<String> = message.iter().map(|line| data(line)).collect();
    writeln!(
        out,
        "::{kind} {}::{}",
        properties.join(","),
        lines.join("%0A")
    )
}

/// A text as the message of a command: one line, without control characters.
fn data(text: &str) -> String {
    sanitise(text).replace('%', "%25")
}

/// A text as a property of a command: what ends one is escaped, too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the runner makes of an escaped text.
    fn read(escaped: &str) -> String {
        let pairs = [
            ("%0D", "\r"),
            ("%0A", "\n"),
            ("%3A", ":"),
            ("%2C", ","),
            ("%25", "%"),
        ];
        pairs.iter().fold(escaped.to_owned(), |text, (from, to)| {
            text.replace(from, to)
        })
    }

    proptest! {
        #[test]
        fn a_name_ends_neither_a_command_nor_a_property(text in any::<String>()) {
            let (data, property) = (data(&text), property(&text));
            prop_assert!(!data.contains(['\n', '\r']) && !property.contains(['\n', '\r', ':', ',']));
            prop_assert_eq!(read(&data), sanitise(&text).into_owned());
            prop_assert_eq!(read(&property), sanitise(&text).into_owned());
        }
    }
}
