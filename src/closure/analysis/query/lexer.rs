//! Splits a query into words, keys with values, comparisons and parentheses, each with its position.

use super::{QueryError, keys};

/// A piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) at: usize,
    pub(super) what: What<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What<'a> {
    Open,
    Close,
    /// `!`, or the word `not`.
    Not,
    And,
    Or,
    Word(&'a str),
    /// A word in quotation marks: it has no meaning beyond itself.
    Quoted(&'a str),
    /// `key:value`, with the value's place.
    Pair(&'a str, &'a str, usize),
    /// `key<value`, with the operator's and the value's place.
    Compare(&'a str, &'a str, &'a str, usize),
}

/// Cuts a text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, QueryError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

const OPERATORS: &[char] = &['<', '>', '=', '!'];

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Result<Option<Token<'a>>, QueryError> {
        self.skip_space();
        let at = self.at;
        let what = match self.rest().chars().next() {
            None => return Ok(None),
            Some('(') => self.single(What::Open),
            Some(')') => self.single(What::Close),
            Some('!') => self.single(What::Not),
            Some('"') => What::Quoted(self.quoted()?),
            Some(_) => self.word()?,
        };
        Ok(Some(Token { at, what }))
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn single(&mut self, what: What<'a>) -> What<'a> {
        self.at += 1;
        what
    }

    /// The text up to the first character for which `ends` holds.
    fn until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(ends).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn quoted(&mut self) -> Result<&'a str, QueryError> {
        let start = self.at;
        self.at += 1;
        let inner = self.until(|character| character == '"');
        if self.rest().is_empty() {
            return Err(QueryError::new(
                start,
                "this quotation mark is never closed",
            ));
        }
        self.at += 1;
        Ok(inner)
    }

    fn word(&mut self) -> Result<What<'a>, QueryError> {
        let start = self.at;
        let word =
            self.until(|character| character.is_whitespace() || "()\":<>=".contains(character));
        // `name!=value`: the mark belongs to the operator.
        let word = match word.strip_suffix('!') {
            Some(front) if self.rest().starts_with('=') => {
                self.at -= 1;
                front
            }
            _ => word,
        };
        if self.rest().starts_with(':') {
            self.at += 1;
            let at = self.at;
            return Ok(What::Pair(word, self.value()?, at));
        }
        let before_space = self.at;
        self.skip_space();
        let operator = self.until(|character| !OPERATORS.contains(&character));
        if operator.is_empty() || !operator.contains(['<', '>', '=']) {
            self.at = before_space;
            return Ok(keys::joint(word).unwrap_or(What::Word(word)));
        }
        if word.is_empty() {
            return Err(QueryError::new(
                start,
                format!("'{operator}' has no column before it"),
            ));
        }
        self.skip_space();
        let at = self.at;
        Ok(What::Compare(word, operator, self.value()?, at))
    }

    fn value(&mut self) -> Result<&'a str, QueryError> {
        if self.rest().starts_with('"') {
            self.quoted()
        } else {
            Ok(self.until(|character| character.is_whitespace() || "()".contains(character)))
        }
    }
}
