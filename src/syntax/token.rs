//! Tokens.

use crate::text::Span;

/// The kinds of token. Keywords are names; the parser decides by context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// `abc`, `3abc`, `_x`, `$left`.
    Name,
    /// `123`, `0x1F`.
    Integer,
    /// `1.5`, `1e3`.
    Real,
    /// `1d`, `1.5h`, `10ms`.
    Timespan,
    /// `"…"`, `@'…'`, `h"…"`, three backquotes or tildes.
    String,
    /// The raw text between the parentheses of a typed literal: `datetime(…)`, `dynamic(…)`; the
    /// token covers name and parentheses.
    TypedLiteral,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Pipe,
    Semicolon,
    Comma,
    Dot,
    DotDot,
    Colon,
    /// `=`
    Assign,
    /// `==`
    Equal,
    /// `!=` and `<>`
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    /// `=~`
    EqualTilde,
    /// `!~`
    NotTilde,
    /// `!` directly before a name: `!has`.
    Bang,
    /// `=>`
    Arrow,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    /// `~` after a name: `in~`.
    Tilde,
    /// `@`, `?`, `&` … and whatever else has no meaning.
    Other,
    /// A string that does not end.
    Unterminated,
    /// The end of the text.
    End,
}

/// A token: its kind and place. Blanks and comments lie between tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    pub span: Span,
}
