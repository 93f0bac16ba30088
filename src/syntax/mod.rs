//! Lexer, syntax tree and parser.

pub mod ast;
mod dump;
pub mod lexer;
mod parser;
mod print;
pub mod token;

pub use dump::dump;
pub use parser::{Parse, parse};
pub use print::print;

use token::TokenKind;

/// Whether a text can be a whole query: nothing is open, and it does not end in the middle of a
/// pipeline or expression. For interactive entry.
pub fn is_complete(text: &str) -> bool {
    let tokens = lexer::lex(text);
    let mut depth = 0i64;
    for token in &tokens {
        match token.kind {
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => depth += 1,
            TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => depth -= 1,
            TokenKind::Unterminated => return text[token.span.range()].starts_with(['"', '\'']),
            _ => {}
        }
    }
    let last = tokens.len().checked_sub(2).map(|index| tokens[index]);
    let open = last.is_some_and(|token| {
        matches!(
            token.kind,
            TokenKind::Pipe
                | TokenKind::Comma
                | TokenKind::Assign
                | TokenKind::Equal
                | TokenKind::NotEqual
                | TokenKind::Plus
                | TokenKind::Minus
                | TokenKind::Slash
                | TokenKind::Percent
                | TokenKind::Dot
        ) || matches!(&text[token.span.range()], "and" | "or" | "by" | "on" | "with" | "where")
    });
    depth <= 0 && !open
}
