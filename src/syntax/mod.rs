//! Lexer, syntax tree and parser.

pub mod ast;
mod dump;
pub mod lexer;
mod parser;
mod print;
pub mod token;

pub use dump::{dump, dump_tokens};
pub use parser::{Parse, operator_keywords, parse, parse_function, string_literal};
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
            // A string in quotes cannot go on in the next line, so asking for more is no use.
            TokenKind::Unterminated => {
                return text[token.span.range()].starts_with(['"', '\'', 'h']);
            }
            _ => {}
        }
    }
    let last = tokens.len().checked_sub(2).map(|index| tokens[index]);
    depth <= 0 && !last.is_some_and(|token| expects_more(token.kind, &text[token.span.range()]))
}

/// Whether something has to follow this token.
fn expects_more(kind: TokenKind, text: &str) -> bool {
    use TokenKind as T;
    match kind {
        T::Pipe | T::Comma | T::Dot | T::DotDot | T::Colon | T::Assign | T::Arrow | T::Bang => true,
        T::Equal | T::NotEqual | T::Less | T::LessEqual | T::Greater | T::GreaterEqual => true,
        T::EqualTilde | T::NotTilde | T::Plus | T::Minus | T::Slash | T::Percent => true,
        T::Name => parser::goes_on_after(text),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
