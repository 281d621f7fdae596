//! A reader of XML 1.0 without document types: well-formed or an error that says where.

use std::collections::BTreeMap;

/// An element with what is inside.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// All text of its own, in one piece.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// All elements of a name, itself and those below, in the order of the document.
    pub(crate) fn named<'e>(&'e self, name: &str) -> Vec<&'e Element> {
        let mut found: Vec<&Element> = Vec::new();
        if self.name == name {
            found.push(self);
        }
        for child in &self.children {
            found.extend(child.named(name));
        }
        found
    }
}

/// Reads a document: one element, besides it only comments, instructions and white space.
pub(crate) fn read(text: &str) -> Result<Element, String> {
    let mut reader = Reader { text, at: 0 };
    reader.document().map_err(|error| {
        let line = text[..reader.at].matches('\n').count() + 1;
        format!("line {line}: {error}")
    })
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

type Outcome<T> = Result<T, String>;

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn takes(&mut self, wanted: &str) -> bool {
        let is_there = self.rest().starts_with(wanted);
        self.at += if is_there { wanted.len() } else { 0 };
        is_there
    }

    fn wants(&mut self, wanted: &str) -> Outcome<()> {
        let begins: String = self.rest().chars().take(20).collect();
        let error = || format!("{wanted:?} is wanted before {begins:?}");
        self.takes(wanted).then_some(()).ok_or_else(error)
    }

    /// What stands before a text, which is taken as well.
    fn until(&mut self, end: &str) -> Outcome<&'t str> {
        let length = self.rest().find(end);
        let length = length.ok_or_else(|| format!("{end:?} is missing"))?;
        let before = &self.rest()[..length];
        self.at += length + end.len();
        Ok(before)
    }

    fn space(&mut self) -> bool {
        let rest = self.rest().trim_start_matches([' ', '\t', '\n', '\r']);
        let length = self.rest().len() - rest.len();
        self.at += length;
        length > 0
    }

    fn document(&mut self) -> Outcome<Element> {
        if let Some(bad) = self
            .text
            .chars()
            .find(|&character| !is_character(character))
        {
            return Err(format!("{bad:?} is no character of XML"));
        }
        if self.rest().starts_with("<?xml ") {
            self.declaration()?;
        }
        self.beside()?;
        let element = self.element()?;
        self.beside()?;
        if self.rest().is_empty() {
            Ok(element)
        } else {
            Err("there is more behind the element".to_owned())
        }
    }

    fn declaration(&mut self) -> Outcome<()> {
        self.wants("<?xml")?;
        let mut told = Vec::new();
        while self.space() && !self.rest().starts_with("?>") {
            let (key, value) = self.attribute()?;
            told.push(key);
            let allowed = match told.last().map(String::as_str) {
                Some("version") => told.len() == 1 && value == "1.0",
                Some("encoding") => told.len() == 2 && value.eq_ignore_ascii_case("utf-8"),
                Some("standalone") => told.len() > 1 && ["yes", "no"].contains(&value.as_str()),
                _ => false,
            };
            if !allowed {
                return Err(format!("no declaration has {told:?} with {value:?}"));
            }
        }
        if told.is_empty() {
            return Err("a declaration has a version".to_owned());
        }
        self.wants("?>")
    }

    /// Comments, instructions and white space.
    fn beside(&mut self) -> Outcome<()> {
        while self.space() || self.comment()? || self.instruction()? {}
        Ok(())
    }

    fn comment(&mut self) -> Outcome<bool> {
        if !self.takes("<!--") {
            return Ok(false);
        }
        let inside = self.until("--")?;
        self.wants(">")
            .map_err(|error| format!("in the comment {inside:?}: {error}"))?;
        Ok(true)
    }

    fn instruction(&mut self) -> Outcome<bool> {
        if !self.takes("<?") {
            return Ok(false);
        }
        let name = self.name()?;
        if name.eq_ignore_ascii_case("xml") {
            return Err("a declaration stands at the beginning".to_owned());
        }
        if !self.takes("?>") {
            self.wants_space()?;
            self.until("?>")?;
        }
        Ok(true)
    }

    fn wants_space(&mut self) -> Outcome<()> {
        self.space()
            .then_some(())
            .ok_or_else(|| "white space is wanted".to_owned())
    }

    fn name(&mut self) -> Outcome<String> {
        let is_first = |character: char| character.is_alphabetic() || "_:".contains(character);
        let is_further = |character: char| {
            is_first(character) || character.is_numeric() || "-.\u{b7}".contains(character)
        };
        let rest = self.rest();
        let length = rest.find(|character| !is_further(character));
        let name = &rest[..length.unwrap_or(rest.len())];
        if !name.starts_with(is_first) {
            return Err(format!(
                "{:?} is no name",
                rest.chars().take(20).collect::<String>()
            ));
        }
        self.at += name.len();
        Ok(name.to_owned())
    }

    fn attribute(&mut self) -> Outcome<(String, String)> {
        let key = self.name()?;
        self.space();
        self.wants("=")?;
        self.space();
        let quote = if self.takes("\"") { "\"" } else { "'" };
        if quote == "'" {
            self.wants("'")?;
        }
        let value = self.until(quote)?;
        if value.contains('<') {
            return Err(format!("the value of {key} has markup: {value:?}"));
        }
        Ok((key, unescaped(value)?.replace(['\t', '\n', '\r'], " ")))
    }

    fn element(&mut self) -> Outcome<Element> {
        self.wants("<")?;
        let mut element = Element {
            name: self.name()?,
            ..Element::default()
        };
        loop {
            let parted = self.space();
            if self.takes("/>") {
                return Ok(element);
            }
            if self.takes(">") {
                break;
            }
            if !parted {
                return Err(format!(
                    "in the tag of {}: white space is wanted",
                    element.name
                ));
            }
            let (key, value) = self.attribute()?;
            if element.attributes.insert(key.clone(), value).is_some() {
                return Err(format!("{} has {key} twice", element.name));
            }
        }
        self.content(&mut element)?;
        Ok(element)
    }

    /// What is inside of an element, and its end.
    fn content(&mut self, element: &mut Element) -> Outcome<()> {
        loop {
            if self.takes("</") {
                let name = self.name()?;
                self.space();
                self.wants(">")?;
                let matches = name == element.name;
                return matches
                    .then_some(())
                    .ok_or_else(|| format!("{} ends with {name}", element.name));
            }
            if self.takes("<![CDATA[") {
                element.text.push_str(self.until("]]>")?);
            } else if self.comment()? || self.instruction()? {
            } else if self.rest().starts_with('<') {
                element.children.push(self.element()?);
            } else {
                let length = self.rest().find('<');
                let length = length.ok_or_else(|| format!("{} does not end", element.name))?;
                let text = &self.rest()[..length];
                if text.contains("]]>") {
                    return Err("]]> in a text".to_owned());
                }
                element.text.push_str(&unescaped(text)?);
                self.at += length;
            }
        }
    }
}

/// A text with its references read.
fn unescaped(text: &str) -> Outcome<String> {
    let mut read = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        read.push_str(before);
        let (name, more) = after.split_once(';').ok_or("a reference does not end")?;
        read.push(referenced(name).ok_or_else(|| format!("&{name}; stands for nothing"))?);
        rest = more;
    }
    Ok(read + rest)
}

fn referenced(name: &str) -> Option<char> {
    let number = |digits: &str, radix| {
        let all = digits.chars().all(|digit| digit.is_digit(radix));
        let code = u32::from_str_radix(digits, radix).ok().filter(|_| all)?;
        char::from_u32(code).filter(|&character| is_character(character))
    };
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match name.strip_prefix("#x") {
            Some(digits) => number(digits, 16),
            None => number(name.strip_prefix('#')?, 10),
        },
    }
}

/// Whether a document may have a character at all.
fn is_character(character: char) -> bool {
    let allowed = matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    allowed && !matches!(character, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}')
}
