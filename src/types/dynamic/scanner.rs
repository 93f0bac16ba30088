//! The scanner that every reader of JSON text shares.

use std::ops::Range;

use super::json::{hex4, number, unescape, unique};
use super::{Dynamic, Step};

/// Arrays and bags may nest this deep; deeper text counts as no JSON.
const MAX_DEPTH: usize = 256;

/// Walks over JSON text and checks it on the way.
#[derive(Clone)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Scanner { text, at: 0 }
    }

    /// The next byte that is not a blank.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            let b = *bytes.get(self.at)?;
            if b > b' ' || !matches!(b, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(b);
            }
            self.at += 1;
        }
    }

    #[inline]
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(super) fn at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// The inside of the string at hand, escapes checked but not resolved.
    pub(super) fn string(&mut self) -> Option<&'a str> {
        let (inside, _) = self.pass_string()?;
        Some(&self.text[inside])
    }

    /// Steps over the name of a member and its colon; whether the name is `key`.
    #[inline]
    pub(super) fn name_is(&mut self, key: &str) -> Option<bool> {
        let (inside, escaped) = self.pass_string()?;
        if !self.eat(b':') {
            return None;
        }
        let same = if escaped {
            unescape(&self.text[inside]).is_some_and(|name| name == key)
        } else {
            self.text.as_bytes()[inside] == *key.as_bytes()
        };
        Some(same)
    }

    /// Steps over the string at hand: the place of its inside, and whether that has escapes.
    #[inline]
    fn pass_string(&mut self) -> Option<(Range<usize>, bool)> {
        if !self.eat(b'"') {
            return None;
        }
        let start = self.at;
        let bytes = self.text.as_bytes();
        let end = start + plain_bytes(&bytes[start..]);
        if bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Some((start..end, false));
        }
        self.at = end;
        self.pass_escapes()?;
        Some((start..self.at - 1, true))
    }

    /// Steps over the rest of a string from its first escape on, with the closing quote.
    #[cold]
    fn pass_escapes(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => {
                    let length = match bytes.get(self.at + 1)? {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
                        b'u' => {
                            hex4(self.text.get(self.at + 2..)?)?;
                            6
                        }
                        _ => return None,
                    };
                    self.at += length;
                }
                _ => return None,
            }
            self.at += plain_bytes(&bytes[self.at..]);
        }
    }

    fn digits(&mut self) -> Option<()> {
        let bytes = &self.text.as_bytes()[self.at..];
        let count = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(())
    }

    fn number(&mut self) -> Option<&'a str> {
        let start = self.at;
        let byte = |scanner: &Self| scanner.text.as_bytes().get(scanner.at).copied();
        if byte(self) == Some(b'-') {
            self.at += 1;
        }
        if byte(self) == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if byte(self) == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(byte(self), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(byte(self), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(&self.text[start..self.at])
    }

    #[inline]
    fn word(&mut self, word: &[u8]) -> Option<()> {
        let end = self.at + word.len();
        if self.text.as_bytes().get(self.at..end)? != word {
            return None;
        }
        self.at = end;
        Some(())
    }

    /// Steps over the value at hand and gives its text.
    pub(super) fn skip(&mut self, depth: usize) -> Option<&'a str> {
        self.peek()?;
        let start = self.at;
        self.pass(depth)?;
        Some(&self.text[start..self.at])
    }

    /// Steps over the value at hand.
    #[inline]
    pub(super) fn pass(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.pass_string().map(|_| ()),
            open @ (b'{' | b'[') => self.pass_members(open, depth),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number().map(|_| ()),
        }
    }

    fn pass_members(&mut self, open: u8, depth: usize) -> Option<()> {
        if depth >= MAX_DEPTH {
            return None;
        }
        self.at += 1;
        let close = if open == b'{' { b'}' } else { b']' };
        if self.eat(close) {
            return Some(());
        }
        loop {
            if open == b'{' {
                self.pass_string()?;
                if !self.eat(b':') {
                    return None;
                }
            }
            self.pass(depth + 1)?;
            if !self.eat(b',') {
                return self.eat(close).then_some(());
            }
        }
    }

    /// Steps over the value at hand and finds what `steps` lead to in it, where the last of
    /// repeated keys counts: outer `None` for text that is not JSON, inner where they lead nowhere.
    pub(super) fn find(&mut self, steps: &[Step], depth: usize) -> Option<Option<&'a str>> {
        let Some((step, rest)) = steps.split_first() else { return self.skip(depth).map(Some) };
        let first = self.peek()?;
        match step {
            Step::Key(key) if first == b'{' => self.find_member(key, rest, depth),
            Step::Index(index) if first == b'[' => {
                let array = self.skip(depth)?;
                let mut inside = Scanner::new(array);
                if inside.enter_array(*index).is_none() {
                    return Some(None);
                }
                inside.find(rest, depth + 1)
            }
            _ => self.pass(depth).map(|()| None),
        }
    }

    fn find_member(&mut self, key: &str, rest: &[Step], depth: usize) -> Option<Option<&'a str>> {
        if depth >= MAX_DEPTH {
            return None;
        }
        self.at += 1;
        let mut found = None;
        if self.eat(b'}') {
            return Some(found);
        }
        loop {
            if self.name_is(key)? {
                found = self.find(rest, depth + 1)?;
            } else {
                self.pass(depth + 1)?;
            }
            if !self.eat(b',') {
                return self.eat(b'}').then_some(found);
            }
        }
    }

    /// Stands before the element at `index`.
    pub(super) fn enter_array(&mut self, index: i64) -> Option<()> {
        if !self.eat(b'[') || self.peek() == Some(b']') {
            return None;
        }
        let index = if index < 0 {
            let mut count = 1;
            let mut ahead = self.clone();
            ahead.pass(0)?;
            while ahead.eat(b',') {
                ahead.pass(0)?;
                count += 1;
            }
            index + count
        } else {
            index
        };
        if index < 0 {
            return None;
        }
        for _ in 0..index {
            self.pass(0)?;
            if !self.eat(b',') {
                return None;
            }
        }
        Some(())
    }

    /// Reads the value at hand.
    pub(super) fn value(&mut self, depth: usize) -> Option<Dynamic> {
        Some(match self.peek()? {
            b'"' => Dynamic::String(unescape(self.string()?)?.into_owned()),
            b'{' | b'[' if depth >= MAX_DEPTH => return None,
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                if !self.eat(b']') {
                    loop {
                        items.push(self.value(depth + 1)?);
                        if !self.eat(b',') {
                            break;
                        }
                    }
                    if !self.eat(b']') {
                        return None;
                    }
                }
                Dynamic::Array(items)
            }
            b'{' => {
                self.at += 1;
                let mut members = Vec::new();
                if !self.eat(b'}') {
                    loop {
                        let key = unescape(self.string()?)?.into_owned();
                        if !self.eat(b':') {
                            return None;
                        }
                        let value = self.value(depth + 1)?;
                        members.push((key, value));
                        if !self.eat(b',') {
                            break;
                        }
                    }
                    if !self.eat(b'}') {
                        return None;
                    }
                }
                Dynamic::Bag(unique(members))
            }
            b't' => self.word(b"true").map(|()| Dynamic::Bool(true))?,
            b'f' => self.word(b"false").map(|()| Dynamic::Bool(false))?,
            b'n' => self.word(b"null").map(|()| Dynamic::Null)?,
            _ => number(self.number()?),
        })
    }
}

/// How many bytes come before a quote, a backslash or a control character.
#[inline]
fn plain_bytes(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let zero_bytes = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let mut count = 0;
    while let Some(chunk) = bytes[count..].first_chunk() {
        let word = u64::from_le_bytes(*chunk);
        let quote = zero_bytes(word ^ (ONES * u64::from(b'"')));
        let backslash = zero_bytes(word ^ (ONES * u64::from(b'\\')));
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let found = quote | backslash | control;
        if found != 0 {
            return count + found.trailing_zeros() as usize / 8;
        }
        count += 8;
    }
    count + bytes[count..].iter().take_while(|b| **b >= 0x20 && **b != b'"' && **b != b'\\').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_bytes_stop_at_the_first_special() {
        for text in ["abcdefgh\"", "abc\\defghij", "éééééé\u{1}x", "\"", "", "12345678", "é\"é\\"]
        {
            let slow = text.bytes().take_while(|b| *b >= 0x20 && *b != b'"' && *b != b'\\').count();
            assert_eq!(plain_bytes(text.as_bytes()), slow, "{text:?}");
        }
    }
}
