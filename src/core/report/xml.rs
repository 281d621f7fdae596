//! XML, written by hand: elements, attributes and text, so that nothing in a name can be markup.
//!
//! XML 1.0 has no way to write most control characters, not even as references. What is harmful anywhere is written out as
//! `\u{…}` first, which leaves only what XML has.

use std::io::{self, Write};

use crate::text::sanitise;

/// Elements on their way to a stream, set in by their depth.
pub struct Xml<'w> {
    out: &'w mut dyn Write,
    open: Vec<&'static str>,
}

impl<'w> Xml<'w> {
    /// Begins a document.
    pub fn begin(out: &'w mut dyn Write) -> io::Result<Self> {
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        Ok(Self {
            out,
            open: Vec::new(),
        })
    }

    /// Opens an element that has others inside.
    pub fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.tag(name, attributes)?;
        writeln!(self.out, ">")?;
        self.open.push(name);
        Ok(())
    }

    /// Closes the element that was opened last.
    pub fn close(&mut self) -> io::Result<()> {
        match self.open.pop() {
            Some(name) => {
                self.indent()?;
                writeln!(self.out, "</{name}>")
            }
            None => Ok(()),
        }
    }

    /// An element without anything inside.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.tag(name, attributes)?;
        writeln!(self.out, "/>")
    }

    /// An element with lines of text inside.
    pub fn text(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        lines: &[String],
    ) -> io::Result<()> {
        self.tag(name, attributes)?;
        let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
        writeln!(self.out, ">{}</{name}>", lines.join("\n"))
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.indent()?;
        write!(self.out, "<{name}")?;
        for (key, value) in attributes {
            write!(self.out, " {key}=\"{}\"", escaped(value))?;
        }
        Ok(())
    }

    fn indent(&mut self) -> io::Result<()> {
        write!(self.out, "{}", "  ".repeat(self.open.len()))
    }
}

/// A text as XML has it, in an attribute as well.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in sanitise(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // Takes room on a terminal, and is no character of XML.
            '\u{fffe}' | '\u{ffff}' => escaped.extend(character.escape_unicode()),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a reader of XML makes of an escaped text: the five entities, and nothing else that is markup.
    fn read(escaped: &str) -> Option<String> {
        let mut text = String::new();
        let mut rest = escaped;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            text.push_str(&rest[..at]);
            let entities = [
                ("&amp;", '&'),
                ("&lt;", '<'),
                ("&gt;", '>'),
                ("&quot;", '"'),
                ("&apos;", '\''),
            ];
            let (entity, character) = entities
                .into_iter()
                .find(|(entity, _)| rest[at..].starts_with(entity))?;
            text.push(character);
            rest = &rest[at + entity.len()..];
        }
        Some(text + rest)
    }

    /// Whether it is a character of XML 1.0 that does not end a line.
    fn is_xml(character: char) -> bool {
        matches!(character, ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
            && !matches!(character, '\u{7f}'..='\u{9f}')
    }

    #[test]
    fn a_name_is_no_markup() {
        assert_eq!(
            escaped("<a b='\"'>&\u{1b}]]>"),
            "&lt;a b=&apos;&quot;&apos;&gt;&amp;\\u{1b}]]&gt;"
        );
        let mut out = Vec::new();
        let mut xml = Xml::begin(&mut out).expect("to memory");
        xml.open("a", &[("x", "\"/><b>")]).expect("to memory");
        xml.text("c", &[], &["1 < 2".to_owned(), "\u{0}".to_owned()])
            .expect("to memory");
        xml.empty("d", &[]).expect("to memory");
        xml.close().expect("to memory");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a x=\"&quot;/&gt;&lt;b&gt;\">\n  <c>1 &lt; 2\n\\u{0}</c>\n  <d/>\n</a>\n"
        );
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_meant(text in any::<String>()) {
            let escaped = escaped(&text);
            prop_assert!(escaped.chars().all(is_xml), "{:?}", escaped);
            let meant = sanitise(&text).replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}");
            prop_assert_eq!(read(&escaped), Some(meant));
        }
    }
}
