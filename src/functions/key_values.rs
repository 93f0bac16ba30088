//! `parse-kv`: the values of named keys in texts such as `a=1, b="x y"`.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringViewArray};
use hashbrown::HashMap;
use regex::Regex;

use super::cells::{Cell, Column};
use super::scalar::patterns::compile;
use crate::error::{Error, Result};
use crate::types::Type;

/// Which keys to find in a text, and how keys and values stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KeyValuePattern {
    /// The keys, and the types of their values.
    pub keys: Vec<(Arc<str>, Type)>,
    /// What stands between pairs; without it every character but letters and digits does.
    pub pair_delimiter: Option<String>,
    /// What stands between a key and its value.
    pub kv_delimiter: Option<String>,
    /// Opening and closing marks around keys and values: one character for both, or two.
    pub quotes: Vec<String>,
    /// Characters that make the next one literal inside quotes.
    pub escapes: Vec<char>,
    /// Whether a value runs up to the next key instead of the next delimiter.
    pub greedy: bool,
    /// An expression whose two groups are the key and the value; excludes all other options.
    pub regex: Option<String>,
}

/// A prepared `parse-kv`.
pub struct KeyValues {
    types: Vec<Type>,
    by_key: HashMap<String, usize>,
    quotes: Vec<(char, char)>,
    escapes: Vec<char>,
    layout: Layout,
}

enum Layout {
    Delimited {
        pair: String,
        kv: String,
        greedy: bool,
    },
    /// Any character but letters and digits delimits.
    Words,
    Regex(Regex),
}

impl KeyValues {
    /// Prepares an extraction.
    ///
    /// # Errors
    ///
    /// If the options do not go together, or the expression is none or has not two groups.
    pub fn new(pattern: &KeyValuePattern) -> Result<Self> {
        let (keys, options) = (&pattern.keys, pattern);
        let refused = |message: &str| Err(Error::Execution(message.to_string()));
        let layout = match (&options.regex, &options.pair_delimiter, &options.kv_delimiter) {
            (Some(pattern), ..) => {
                let regex = compile(pattern)?;
                if regex.captures_len() != 3 {
                    return refused("the `regex` of `parse-kv` must have two capture groups");
                }
                Layout::Regex(regex)
            }
            (None, Some(pair), Some(kv)) if !pair.is_empty() && !kv.is_empty() => {
                Layout::Delimited { pair: pair.clone(), kv: kv.clone(), greedy: options.greedy }
            }
            (None, None, None) if options.greedy => {
                return refused("`greedy` of `parse-kv` needs delimiters");
            }
            (None, None, None) => Layout::Words,
            (None, ..) => {
                return refused(
                    "`parse-kv` needs both `pair_delimiter` and `kv_delimiter`, or neither",
                );
            }
        };
        let mut quotes = vec![];
        for marks in &options.quotes {
            match marks.chars().collect::<Vec<_>>()[..] {
                [both] => quotes.push((both, both)),
                [open, close] => quotes.push((open, close)),
                _ => return refused("a `quote` of `parse-kv` is one character or two"),
            }
        }
        Ok(Self {
            types: keys.iter().map(|(_, ty)| *ty).collect(),
            by_key: keys.iter().enumerate().map(|(at, (key, _))| (key.to_string(), at)).collect(),
            quotes,
            escapes: options.escapes.clone(),
            layout,
        })
    }

    /// One array per key, in canonical form; no value where the key is missing or its value does
    /// not convert. The first of several equal keys counts.
    pub fn parse(&self, texts: &StringViewArray) -> Vec<ArrayRef> {
        let rows = texts.len();
        let mut columns: Vec<_> = self.types.iter().map(|ty| Column::new(*ty, rows)).collect();
        let mut found: Vec<Option<Cow<str>>> = vec![];
        for row in 0..rows {
            found.clear();
            found.resize(self.types.len(), None);
            let text = if texts.is_null(row) { "" } else { texts.value(row) };
            match &self.layout {
                Layout::Delimited { pair, kv, greedy } => {
                    self.delimited(text, pair, kv, *greedy, &mut found);
                }
                Layout::Words => self.words(text, &mut found),
                Layout::Regex(regex) => {
                    for captures in regex.captures_iter(text) {
                        if let (Some(key), Some(value)) = (captures.get(1), captures.get(2)) {
                            let value = value.as_str().trim();
                            self.keep(key.as_str().trim(), value.into(), &mut found);
                        }
                    }
                }
            }
            for ((column, ty), value) in columns.iter_mut().zip(&self.types).zip(&found) {
                column.push(value.as_deref().map_or(Cell::Null, |value| Cell::read(*ty, value)));
            }
        }
        columns.into_iter().map(Column::finish).collect()
    }

    fn keep<'t>(&self, key: &str, value: Cow<'t, str>, found: &mut [Option<Cow<'t, str>>]) {
        if let Some(at) = self.by_key.get(key) {
            found[*at].get_or_insert(value);
        }
    }

    fn delimited<'t>(
        &self,
        text: &'t str,
        pair: &str,
        kv: &str,
        greedy: bool,
        found: &mut [Option<Cow<'t, str>>],
    ) {
        let mut rest = text;
        while !rest.is_empty() {
            let (key, after) = match self.quoted(rest.trim_start()) {
                Some((key, after)) if after.trim_start().starts_with(kv) => {
                    (key, after.trim_start().split_at(kv.len()).1)
                }
                _ => {
                    let next_pair = rest.find(pair);
                    match rest.find(kv).filter(|at| next_pair.is_none_or(|next| *at < next)) {
                        Some(at) => (rest[..at].trim().into(), &rest[at + kv.len()..]),
                        None => {
                            let Some(next) = next_pair else { return };
                            rest = &rest[next + pair.len()..];
                            continue;
                        }
                    }
                }
            };
            // A blank in front may be the delimiter that ends an empty value.
            let start = if after.starts_with(pair) { after } else { after.trim_start() };
            let (value, after) = match self.quoted(start) {
                Some((value, after)) => (value, after.split_once(pair).map_or("", |split| split.1)),
                None => {
                    let end = value_end(start, pair, kv, greedy);
                    let after = start.get(end + pair.len()..).unwrap_or("");
                    (start[..end].trim().into(), after)
                }
            };
            self.keep(&key, value, found);
            rest = after;
        }
    }

    fn words<'t>(&self, text: &'t str, found: &mut [Option<Cow<'t, str>>]) {
        let mut rest = text;
        while let Some((word, after)) = self.word(rest) {
            rest = after;
            if self.by_key.contains_key(&*word)
                && let Some((value, after)) = self.word(rest)
            {
                self.keep(&word, value, found);
                rest = after;
            }
        }
    }

    /// The next quoted text or run of letters and digits, and what follows it.
    fn word<'t>(&self, text: &'t str) -> Option<(Cow<'t, str>, &'t str)> {
        for (at, c) in text.char_indices() {
            if let Some(quoted) = self.quoted(&text[at..]) {
                return Some(quoted);
            }
            if c.is_alphanumeric() {
                let word = &text[at..];
                let end = word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len());
                return Some((word[..end].into(), &word[end..]));
            }
        }
        None
    }

    /// The quoted text that `text` starts with, and what follows its closing mark.
    fn quoted<'t>(&self, text: &'t str) -> Option<(Cow<'t, str>, &'t str)> {
        let first = text.chars().next()?;
        let (_, close) = self.quotes.iter().find(|(open, _)| *open == first)?;
        let inner = &text[first.len_utf8()..];
        let mut unescaped: Option<String> = None;
        let mut chars = inner.char_indices();
        while let Some((at, c)) = chars.next() {
            if self.escapes.contains(&c)
                && let Some((_, literal)) = chars.next()
            {
                unescaped.get_or_insert_with(|| inner[..at].to_string()).push(literal);
            } else if c == *close {
                let value = unescaped.map_or(Cow::Borrowed(&inner[..at]), Cow::Owned);
                return Some((value, &inner[at + c.len_utf8()..]));
            } else if let Some(value) = &mut unescaped {
                value.push(c);
            }
        }
        None
    }
}

/// Where an unquoted value ends: at the next pair delimiter or, if greedy, at one that a key
/// follows.
fn value_end(text: &str, pair: &str, kv: &str, greedy: bool) -> usize {
    let mut from = 0;
    while let Some(at) = text[from..].find(pair) {
        let at = from + at;
        let next = &text[at + pair.len()..];
        if !greedy || next[..next.find(pair).unwrap_or(next.len())].contains(kv) {
            return at;
        }
        from = at + pair.len();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::kernel::value_at;
    use crate::types::Value;

    const S: Type = Type::String;

    fn delimiters(pair: &str, kv: &str) -> KeyValuePattern {
        KeyValuePattern {
            pair_delimiter: Some(pair.into()),
            kv_delimiter: Some(kv.into()),
            ..Default::default()
        }
    }

    fn parse(text: &str, keys: &[(&str, Type)], options: &KeyValuePattern) -> Result<Vec<String>> {
        let keys_of = keys.iter().map(|(key, ty)| (Arc::from(*key), *ty));
        let pattern = KeyValuePattern { keys: keys_of.collect(), ..options.clone() };
        let columns = KeyValues::new(&pattern)?.parse(&StringViewArray::from_iter_values([text]));
        let texts =
            columns.iter().zip(keys).map(|(column, (_, ty))| match value_at(column, *ty, 0) {
                Value::Null(_) => "null".to_string(),
                Value::Real(value) => value.to_string(),
                value => {
                    value.as_str().map_or_else(|| format!("{:?}", value.as_i64()), str::to_string)
                }
            });
        Ok(texts.collect())
    }

    #[test]
    fn delimiters_part_keys_and_values() -> Result<()> {
        let keys = [("Text", S), ("ThreadId", Type::Long), ("Machine", S), ("none", S)];
        let text = "ThreadId:458745723, Machine:Node001, Text: The service is up, Level: Info";
        assert_eq!(
            parse(text, &keys, &delimiters(",", ":"))?,
            ["The service is up", "Some(458745723)", "Node001", ""]
        );
        let keys = [("k1", S), ("k2", S)];
        assert_eq!(parse("[k1=v1][k2=v2]", &keys, &delimiters("][", "="))?, ["", "v2]"]);
        let keys = [("a", Type::Int), ("b", S)];
        assert_eq!(parse("x;a=1;a=2;b=", &keys, &delimiters(";", "="))?, ["Some(1)", ""]);
        assert_eq!(parse("a=zz b= c=1", &keys, &delimiters(" ", "="))?, ["null", ""]);
        assert_eq!(parse("nothing here", &keys, &delimiters(";", "="))?, ["null", ""]);
        Ok(())
    }

    #[test]
    fn quotes_hide_delimiters() -> Result<()> {
        let keys = [("event time", S), ("failure", S), ("bytes", Type::Long)];
        let mut options = delimiters(" ", "=");
        options.quotes = vec!["\"".into()];
        options.escapes = vec!['\\'];
        let text = r#"bytes=125 failure="sent \"bye!\"" "event time"=2021"#;
        assert_eq!(parse(text, &keys, &options)?, ["2021", "sent \"bye!\"", "Some(125)"]);
        options.quotes = vec!["()".into()];
        let text = "bytes=125 failure=(a b) (event time)=(2021 x)";
        assert_eq!(parse(text, &keys, &options)?, ["2021 x", "a b", "Some(125)"]);
        Ok(())
    }

    #[test]
    fn greedy_values_run_to_the_next_key() -> Result<()> {
        let keys = [("name", S), ("phone", S), ("city", S)];
        let text = "name=John Doe phone=555 5555 city=New York";
        let mut options = delimiters(" ", "=");
        assert_eq!(parse(text, &keys, &options)?, ["John", "555", "New"]);
        options.greedy = true;
        assert_eq!(parse(text, &keys, &options)?, ["John Doe", "555 5555", "New York"]);
        Ok(())
    }

    #[test]
    fn words_and_expressions_find_pairs_too() -> Result<()> {
        let keys = [("Text", S), ("ThreadId", Type::Long), ("Machine", S)];
        let options =
            KeyValuePattern { quotes: vec!["'".into()], escapes: vec!['\\'], ..Default::default() };
        let text = r"10:00:34 [INFO] ThreadId:458745723, Machine:Node001, Text: 'It \' is up'";
        assert_eq!(parse(text, &keys, &options)?, ["It ' is up", "Some(458745723)", "Node001"]);
        let keys = [("request url", S), ("id", S)];
        let mut options = KeyValuePattern {
            regex: Some(r#""([\w ]+)\s*:\s*([^"]*)""#.into()),
            ..Default::default()
        };
        let text = r#"["request url: https://h.io/?h=1", "id: 24"]"#;
        assert_eq!(parse(text, &keys, &options)?, ["https://h.io/?h=1", "24"]);
        options.regex = Some("(a)".into());
        assert!(KeyValues::new(&options).is_err());
        Ok(())
    }
}
