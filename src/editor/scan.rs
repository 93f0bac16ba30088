//! Text cut into pieces: enough to colour and complete what is still being typed.
//!
//! The parser's lexer decides what a query means; this scanner never fails, keeps white space and
//! comments, and takes hyphenated operator names as one word.

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Space,
    Comment,
    /// A string literal; `open` where its end is missing and a further line may bring it.
    Text {
        open: bool,
    },
    Number,
    Word,
    /// One sign of punctuation, or a comparison of two.
    Sign,
}

/// A piece of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub class: Class,
    pub text: &'a str,
    /// Byte offset of its start.
    pub start: usize,
}

impl Piece<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(super) fn is_sign(&self, sign: &str) -> bool {
        self.class == Class::Sign && self.text == sign
    }
}

/// The pieces of `text`, without gaps.
pub(super) fn scan(text: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = vec![];
    let mut start = 0;
    let mut after_pipe = true;
    while start < text.len() {
        let rest = &text[start..];
        let (class, len) = piece(rest, after_pipe);
        // Lengths are at least one character, so the scan ends.
        let len = len.max(rest.chars().next().map_or(1, char::len_utf8)).min(rest.len());
        let piece = Piece { class, text: &rest[..len], start };
        if !matches!(class, Class::Space | Class::Comment) {
            after_pipe = class == Class::Sign && matches!(piece.text, "|" | ";" | "(" | "{");
        }
        start = piece.end();
        pieces.push(piece);
    }
    pieces
}

/// The pieces that mean something: neither white space nor comments.
pub(super) fn significant<'a>(pieces: &[Piece<'a>]) -> Vec<Piece<'a>> {
    let meaning = |piece: &&Piece<'_>| !matches!(piece.class, Class::Space | Class::Comment);
    pieces.iter().filter(meaning).copied().collect()
}

/// Class and length of the piece at the start of `rest`.
fn piece(rest: &str, operator: bool) -> (Class, usize) {
    let span = |test: fn(char) -> bool| rest.find(|c: char| !test(c)).unwrap_or(rest.len());
    if rest.starts_with("//") {
        return (Class::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if let Some((len, open)) = string(rest) {
        return (Class::Text { open }, len);
    }
    match rest.chars().next().unwrap_or(' ') {
        c if c.is_whitespace() => (Class::Space, span(char::is_whitespace)),
        c if c.is_ascii_digit() => {
            let mut len = span(|c| c.is_ascii_alphanumeric() || c == '_');
            let fraction = |rest: &str| {
                let rest = rest.strip_prefix('.')?;
                let digits = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                rest.starts_with(|c: char| c.is_ascii_digit()).then_some(digits + 1)
            };
            len += fraction(&rest[len..]).unwrap_or(0);
            (Class::Number, len)
        }
        c if c.is_alphabetic() || c == '_' || c == '$' => {
            let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            let hyphened = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
            (Class::Word, if operator { span(hyphened) } else { span(plain) })
        }
        '!' if rest[1..].starts_with(char::is_alphabetic) => {
            let word = rest[1..].find(|c: char| !(c.is_alphanumeric() || c == '_'));
            (Class::Word, word.map_or(rest.len(), |len| len + 1))
        }
        _ => {
            let two = ["==", "!=", "<=", ">=", "=~", "!~", "..", "=>"];
            (Class::Sign, if two.iter().any(|sign| rest.starts_with(sign)) { 2 } else { 1 })
        }
    }
}

/// Length of the string literal at the start of `rest`, and whether it is open to further lines.
fn string(rest: &str) -> Option<(usize, bool)> {
    let body = rest.strip_prefix(['h', 'H']).unwrap_or(rest);
    let prefix = rest.len() - body.len();
    for fence in ["```", "~~~"] {
        if let Some(inner) = body.strip_prefix(fence) {
            return Some(match inner.find(fence) {
                Some(end) => (prefix + end + 6, false),
                None => (rest.len(), true),
            });
        }
    }
    let (verbatim, quoted) = match body.strip_prefix('@') {
        Some(quoted) => (true, quoted),
        None => (false, body),
    };
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let offset = rest.len() - quoted.len();
    let mut skip = false;
    for (at, c) in quoted.char_indices().skip(1) {
        if c == '\n' {
            return Some((offset + at, false));
        }
        if skip {
            skip = false;
        } else if c == '\\' && !verbatim {
            skip = true;
        } else if c == quote {
            return Some((offset + at + 1, false));
        }
    }
    Some((rest.len(), false))
}
