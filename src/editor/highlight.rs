//! Colours of a text: classes of its pieces.

use super::operators;
use super::scan::{Class, scan, significant};
use crate::functions;

/// What a stretch of text is to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    Plain,
    Comment,
    String,
    Number,
    Operator,
    Keyword,
    Function,
    Punctuation,
}

const KEYWORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "by",
    "on",
    "asc",
    "desc",
    "nulls",
    "first",
    "last",
    "kind",
    "with",
    "let",
    "set",
    "declare",
    "query_parameters",
    "alias",
    "restrict",
    "pattern",
    "in",
    "has",
    "contains",
    "startswith",
    "endswith",
    "hasprefix",
    "hassuffix",
    "matches",
    "regex",
    "between",
    "has_any",
    "has_all",
    "to",
    "from",
    "step",
    "typeof",
    "true",
    "false",
    "null",
    "of",
    "view",
    "has_cs",
    "contains_cs",
    "startswith_cs",
    "endswith_cs",
];

/// The stretches of `text` in order, without gaps.
pub fn highlight(text: &str) -> Vec<(Token, &str)> {
    let pieces = scan(text);
    let meaningful = significant(&pieces);
    let mut index = 0usize;
    let mut stretches = vec![];
    for piece in &pieces {
        let token = match piece.class {
            Class::Space => Token::Plain,
            Class::Comment => Token::Comment,
            Class::Text | Class::OpenText => Token::String,
            Class::Number => Token::Number,
            Class::Sign => Token::Punctuation,
            Class::Word => {
                let before = index.checked_sub(1).map(|at| meaningful[at]);
                let starts = before.is_none_or(|b| matches!(b.text, "|" | ";" | "(" | "{"));
                let call = meaningful.get(index + 1).is_some_and(|next| next.is_sign("("));
                let word = piece.text;
                if starts && operators::find(word).is_some() {
                    Token::Operator
                } else if call && is_function(word) {
                    Token::Function
                } else if KEYWORDS.contains(&word.trim_start_matches('!')) {
                    Token::Keyword
                } else {
                    Token::Plain
                }
            }
        };
        if !matches!(piece.class, Class::Space | Class::Comment) {
            index += 1;
        }
        stretches.push((token, piece.text));
    }
    stretches
}

fn is_function(name: &str) -> bool {
    functions::scalar(name).is_some() || functions::aggregate(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_no_gaps() {
        let text = "T // c\n| where count(x) == @'a' and y > 1.5h | mv-expand z";
        let stretches = highlight(text);
        let whole: String = stretches.iter().map(|(_, text)| *text).collect();
        assert_eq!(whole, text);
        let class = |word: &str| stretches.iter().find(|(_, text)| *text == word).map(|(t, _)| *t);
        assert_eq!(class("where"), Some(Token::Operator));
        assert_eq!(class("mv-expand"), Some(Token::Operator));
        assert_eq!(class("count"), Some(Token::Function));
        assert_eq!(class("@'a'"), Some(Token::String));
        assert_eq!(class("and"), Some(Token::Keyword));
        assert_eq!(class("1.5h"), Some(Token::Number));
        assert_eq!(class("// c"), Some(Token::Comment));
        assert_eq!(class("x"), Some(Token::Plain));
    }
}
