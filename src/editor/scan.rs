//! Text cut into pieces: the lexer's tokens with the blanks and comments between them, and with
//! hyphenated operator names as one word.

use crate::syntax::lexer::lex;
use crate::syntax::token::TokenKind;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Space,
    Comment,
    /// A string literal that ends.
    Text,
    /// A string literal whose end is missing.
    OpenText,
    /// A number or a typed literal.
    Number,
    Word,
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

    fn is_gap(&self) -> bool {
        matches!(self.class, Class::Space | Class::Comment)
    }
}

/// The pieces of `text`, without gaps.
pub(super) fn scan(text: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = vec![];
    let mut at = 0;
    for token in lex(text) {
        push_gap(text, at..token.span.start as usize, &mut pieces);
        at = token.span.end as usize;
        if token.kind == TokenKind::End {
            break;
        }
        let piece = |class| Piece {
            class,
            text: &text[token.span.range()],
            start: token.span.start as usize,
        };
        let class = class(token.kind);
        match pieces.as_slice() {
            [.., last] if joins(&pieces, last, token.kind) => {
                let start = last.start;
                pieces.pop();
                pieces.push(Piece { class: Class::Word, text: &text[start..at], start });
            }
            _ => pieces.push(piece(class)),
        }
    }
    pieces
}

/// The pieces that mean something: neither white space nor comments.
pub(super) fn significant<'a>(pieces: &[Piece<'a>]) -> Vec<Piece<'a>> {
    pieces.iter().filter(|piece| !piece.is_gap()).copied().collect()
}

fn class(kind: TokenKind) -> Class {
    match kind {
        TokenKind::Name => Class::Word,
        TokenKind::String => Class::Text,
        TokenKind::Unterminated => Class::OpenText,
        TokenKind::Integer | TokenKind::Real | TokenKind::Timespan | TokenKind::TypedLiteral => {
            Class::Number
        }
        _ => Class::Sign,
    }
}

/// Whether a token continues the word before it: `mv-expand` behind a pipe, `!has` anywhere.
fn joins(pieces: &[Piece<'_>], last: &Piece<'_>, kind: TokenKind) -> bool {
    let operator = || {
        let before = pieces[..pieces.len() - 1].iter().rev().find(|piece| !piece.is_gap());
        before.is_none_or(|piece| matches!(piece.text, "|" | ";" | "(" | "{"))
    };
    match kind {
        TokenKind::Name => {
            last.is_sign("!") || last.class == Class::Word && last.text.ends_with('-')
        }
        TokenKind::Minus => last.class == Class::Word && operator(),
        _ => false,
    }
}

/// Adds the blanks and comments of a stretch between tokens.
fn push_gap<'a>(text: &'a str, range: std::ops::Range<usize>, pieces: &mut Vec<Piece<'a>>) {
    let (mut start, end) = (range.start, range.end);
    while start < end {
        let rest = &text[start..end];
        let (class, len) = if rest.starts_with("//") {
            (Class::Comment, rest.find('\n').unwrap_or(rest.len()))
        } else {
            (Class::Space, rest.find("//").unwrap_or(rest.len()))
        };
        pieces.push(Piece { class, text: &rest[..len], start });
        start += len;
    }
}
