//! From JSON text to the compact form of dynamic values, in one pass where the text allows it.

use crate::types::dynamic::Dynamic;

/// Appends the compact form of a JSON text to `out`; `None` if the text is not JSON.
pub fn canonical(text: &str, out: &mut String) -> Option<()> {
    let start = out.len();
    if compact(text, out).is_some() {
        return Some(());
    }
    out.truncate(start);
    Dynamic::parse(text)?.write_json(out);
    Some(())
}

/// What the grammar allows next.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Value,
    /// A value or the end of the array just opened.
    FirstItem,
    /// A key or the end of the bag just opened.
    FirstKey,
    Key,
    Colon,
    /// A comma, the end of the container, or the end of the text.
    After,
}

/// Copies JSON without its blanks; gives up on anything whose canonical spelling may differ
/// (escapes by number, exponents, long fractions, a key given twice) and on invalid text.
fn compact(text: &str, out: &mut String) -> Option<()> {
    let bytes = text.as_bytes();
    let mut next = Next::Value;
    let mut containers: Vec<u8> = Vec::new();
    let mut keys = Keys::default();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let from = at;
        at += 1;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => continue,
            b'{' if matches!(next, Next::Value | Next::FirstItem) => {
                containers.push(b'}');
                keys.open();
                next = Next::FirstKey;
            }
            b'[' if matches!(next, Next::Value | Next::FirstItem) => {
                containers.push(b']');
                next = Next::FirstItem;
            }
            b'}' if matches!(next, Next::After | Next::FirstKey)
                && containers.pop() == Some(b'}') =>
            {
                keys.close();
                next = Next::After;
            }
            b']' if matches!(next, Next::After | Next::FirstItem)
                && containers.pop() == Some(b']') =>
            {
                next = Next::After;
            }
            b',' if next == Next::After => {
                next = match containers.last()? {
                    b'}' => Next::Key,
                    _ => Next::Value,
                };
            }
            b':' if next == Next::Colon => next = Next::Value,
            b'"' => {
                at = string_end(bytes, at)?;
                next = match next {
                    Next::FirstKey | Next::Key => {
                        keys.add(&bytes[from..at])?;
                        Next::Colon
                    }
                    Next::Value | Next::FirstItem => Next::After,
                    Next::Colon | Next::After => return None,
                };
            }
            _ if matches!(next, Next::Value | Next::FirstItem) => {
                at = word_end(bytes, from)?;
                next = Next::After;
            }
            _ => return None,
        }
        if containers.len() > MOST {
            return None;
        }
        out.push_str(text.get(from..at)?);
    }
    (next == Next::After && containers.is_empty()).then_some(())
}

/// Deeper nesting and wider bags are left to the full parser.
const MOST: usize = 64;

/// The keys of the bags that are open, to find those given twice.
#[derive(Default)]
struct Keys<'a> {
    keys: Vec<&'a [u8]>,
    /// Where the keys of each bag start.
    starts: Vec<usize>,
}

impl<'a> Keys<'a> {
    fn open(&mut self) {
        self.starts.push(self.keys.len());
    }

    fn close(&mut self) {
        self.keys.truncate(self.starts.pop().unwrap_or(0));
    }

    fn add(&mut self, key: &'a [u8]) -> Option<()> {
        let siblings = &self.keys[*self.starts.last()?..];
        if siblings.len() >= MOST || siblings.contains(&key) {
            return None;
        }
        self.keys.push(key);
        Some(())
    }
}

/// The position after the closing quote.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => match bytes.get(at + 1)? {
                b'"' | b'\\' | b'n' | b't' | b'r' | b'b' | b'f' => at += 2,
                _ => return None,
            },
            0..=31 => return None,
            _ => at += 1,
        }
    }
}

/// The position after `true`, `false`, `null` or a number in its canonical spelling.
fn word_end(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = &bytes[from..];
    for word in [&b"true"[..], b"false", b"null"] {
        if rest.starts_with(word) {
            return Some(from + word.len());
        }
    }
    let digits = |at: usize| rest[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    let sign = usize::from(rest[0] == b'-');
    let whole = digits(sign);
    let leading_zero = whole > 1 && rest[sign] == b'0';
    if whole == 0 || whole > 18 || leading_zero {
        return None;
    }
    let mut end = sign + whole;
    if rest[sign] == b'0' && sign == 1 {
        return None;
    }
    if rest.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        end += 1 + fraction;
        if fraction == 0 || whole + fraction > 15 || rest[end - 1] == b'0' {
            return None;
        }
    }
    let delimited =
        matches!(rest.get(end), None | Some(b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r'));
    delimited.then_some(from + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fast(text: &str) -> Option<String> {
        let mut out = String::new();
        compact(text, &mut out).map(|()| out)
    }

    #[test]
    fn blanks_go_and_the_rest_stays() {
        for (text, expected) in [
            (
                r#" { "a" : [ 1 , -2.5, "x y" ], "b":{}, "c" : [] } "#,
                r#"{"a":[1,-2.5,"x y"],"b":{},"c":[]}"#,
            ),
            ("null", "null"),
            (r#""a\"b\\n""#, r#""a\"b\\n""#),
            ("0", "0"),
            ("0.5", "0.5"),
            (r#"[{"a":{"a":1}},{"a":2}]"#, r#"[{"a":{"a":1}},{"a":2}]"#),
        ] {
            assert_eq!(fast(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn invalid_or_unusual_text_is_left_to_the_full_parser() {
        for text in [
            "",
            " ",
            "abc",
            "[1,]",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "[1 2]",
            "[}",
            "[1",
            "1 2",
            "01",
            "1.",
            "1.0",
            "1e3",
            "-0",
            "\"\\u0041\"",
            "\"\n\"",
            "tru",
            "[1]]",
            "\"a",
            "12345678901234567890",
            ":1",
            "nullx",
            "truefalse",
        ] {
            assert_eq!(fast(text), None, "{text}");
        }
    }
}
