//! Searching for one text in many: substrings, prefixes, suffixes and terms, with or without
//! regard to case.
//!
//! A term is a maximal run of letters and digits. A term operator asks for a term boundary at an
//! edge of the needle only if the needle's own character there is a term character.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use regex::Regex;

/// Where a needle must lie in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the whole text.
    Whole,
    Anywhere,
    Start,
    End,
    /// As whole terms.
    Terms,
    /// At the start of a term.
    TermStart,
    /// At the end of a term.
    TermEnd,
}

/// Which characters count as the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Only a character itself.
    Sensitive,
    /// The upper and lower case of a letter.
    Insensitive,
}

/// A text to search for, prepared once.
#[derive(Debug)]
pub struct Needle {
    text: String,
    place: Place,
    /// Whether no term may go on before and after the needle.
    leading: bool,
    trailing: bool,
    search: Search,
}

#[derive(Debug)]
enum Search {
    /// Bytes as they are.
    Exact(Box<Finder<'static>>),
    /// An ASCII needle, which no character outside ASCII equals.
    AsciiFold { probe: Probe, finder: Box<Finder<'static>> },
    /// Texts are folded before the search.
    Fold { finder: Box<Finder<'static>>, fold: fn(char) -> char },
}

impl Needle {
    /// Prepares a search for `text`.
    pub fn new(text: &str, place: Place, case: Case) -> Self {
        let finder = |text: &str| Box::new(Finder::new(text.as_bytes()).into_owned());
        let ascii = text.is_ascii();
        let folding = |fold: fn(char) -> char| {
            let folded: String = text.chars().map(fold).collect();
            let finder = finder(&folded);
            (folded, Search::Fold { finder, fold })
        };
        let (text, search) = match case {
            Case::Insensitive if ascii => {
                let lower = text.to_ascii_lowercase();
                let probe = Probe::new(lower.as_bytes());
                let finder = finder(&lower);
                (lower, Search::AsciiFold { probe, finder })
            }
            Case::Insensitive => folding(fold),
            Case::Sensitive => (text.to_string(), Search::Exact(finder(text))),
        };
        let starts = matches!(place, Place::Terms | Place::TermStart);
        let ends = matches!(place, Place::Terms | Place::TermEnd);
        let leading = starts && term_at(&text, 0);
        let trailing = ends && term_before(&text, text.len());
        Self { text, place, leading, trailing, search }
    }

    /// Whether `text` holds the needle at its place. `scratch` is working memory, reused by calls.
    pub fn matches(&self, text: &str, scratch: &mut String) -> bool {
        match &self.search {
            Search::Exact(finder) => self.exact(text, finder),
            Search::AsciiFold { probe, finder } => self.ascii(text, probe, finder, scratch),
            Search::Fold { finder, fold } => {
                // No ASCII character folds to one outside ASCII, and the needle has such a one.
                if text.is_ascii() {
                    return false;
                }
                scratch.clear();
                scratch.extend(text.chars().map(fold));
                self.exact(scratch, finder)
            }
        }
    }

    fn exact(&self, text: &str, finder: &Finder<'_>) -> bool {
        match self.place {
            Place::Whole => text == self.text,
            Place::Start => text.starts_with(&self.text),
            Place::End => text.ends_with(&self.text),
            Place::Anywhere => finder.find(text.as_bytes()).is_some(),
            Place::Terms | Place::TermStart | Place::TermEnd => {
                // Not `find_iter`: after a match without its boundaries, one that overlaps it may
                // have them.
                let mut from = 0;
                while let Some(found) = finder.find(&text.as_bytes()[from..]) {
                    let at = from + found;
                    if self.bounded(text, at) {
                        return true;
                    }
                    from = self.next_start(text, at);
                }
                false
            }
        }
    }

    fn ascii(&self, text: &str, probe: &Probe, finder: &Finder<'_>, scratch: &mut String) -> bool {
        let (hay, needle) = (text.as_bytes(), self.text.as_bytes());
        if hay.len() < needle.len() {
            return false;
        }
        match self.place {
            Place::Whole => return hay.eq_ignore_ascii_case(needle),
            Place::Start => return hay[..needle.len()].eq_ignore_ascii_case(needle),
            Place::End => return hay[hay.len() - needle.len()..].eq_ignore_ascii_case(needle),
            Place::Anywhere | Place::Terms | Place::TermStart | Place::TermEnd => {}
        }
        if needle.is_empty() {
            return true;
        }
        let starts = hay.len() - needle.len() + 1;
        let mut from = 0;
        let mut wasted = 0;
        while let Some(start) = probe.next(hay, from, starts) {
            if hay[start..start + needle.len()].eq_ignore_ascii_case(needle)
                && (self.place == Place::Anywhere || self.bounded(text, start))
            {
                return true;
            }
            from = start + 1;
            // A needle and a text that repeat one letter would cost their product.
            wasted += needle.len();
            if wasted > 4096 + 8 * hay.len() {
                scratch.clear();
                scratch.push_str(text);
                scratch.make_ascii_lowercase();
                return self.exact(scratch, finder);
            }
        }
        false
    }

    /// Where the search goes on after a match at `at` that lacked a boundary.
    fn next_start(&self, text: &str, at: usize) -> usize {
        let end = at + self.text.len();
        if self.leading {
            term_end(text, at)
        } else {
            (at + 1).max(term_end(text, end) - self.text.len())
        }
    }

    /// Whether the needle found at byte `at` has the term boundaries that it needs.
    #[inline]
    fn bounded(&self, text: &str, at: usize) -> bool {
        let goes_on = (self.leading && term_before(text, at))
            || (self.trailing && term_at(text, at + self.text.len()));
        !goes_on
    }
}

/// Whether a term character ends at byte `at`.
#[inline]
pub(super) fn term_before(text: &str, at: usize) -> bool {
    match at.checked_sub(1).map(|before| text.as_bytes()[before]) {
        Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric(),
        Some(_) => text[..at].chars().next_back().is_some_and(is_term_char),
        None => false,
    }
}

/// Whether a term character starts at byte `at`.
#[inline]
pub(super) fn term_at(text: &str, at: usize) -> bool {
    match text.as_bytes().get(at) {
        Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric(),
        Some(_) => text[at..].chars().next().is_some_and(is_term_char),
        None => false,
    }
}

/// The first byte at or after `from` where no term goes on.
pub(super) fn term_end(text: &str, from: usize) -> usize {
    text[from..]
        .char_indices()
        .find(|(_, c)| !is_term_char(*c))
        .map_or(text.len(), |(at, _)| from + at)
}

/// How many starts of the needle are probed at once: enough for the compiler to use vectors.
const LANES: usize = 32;

/// Two bytes of a lower-case ASCII needle that few texts hold at their distance.
#[derive(Debug)]
struct Probe {
    bytes: [ProbeByte; 2],
}

/// A byte at an offset in the needle. `case` is the bit that tells the cases of a letter apart.
#[derive(Clone, Copy, Debug)]
struct ProbeByte {
    offset: usize,
    lower: u8,
    case: u8,
}

impl ProbeByte {
    #[inline]
    fn equals(self, byte: u8) -> bool {
        byte | self.case == self.lower
    }
}

impl Probe {
    fn new(lower: &[u8]) -> Self {
        /// Bytes of English text and logs, the most frequent first.
        const COMMON: &[u8] = b" etaoinsrhldcumfpgwyb.1/-02:\"v=3,45k_678\\9x;jqz";
        let rank =
            |at: &usize| COMMON.iter().position(|c| *c == lower[*at]).unwrap_or(COMMON.len());
        let first = (0..lower.len()).max_by_key(rank).unwrap_or(0);
        let second = (0..lower.len()).filter(|at| *at != first).max_by_key(rank).unwrap_or(first);
        let byte = |offset: usize| {
            let lower = lower.get(offset).copied().unwrap_or(0);
            ProbeByte { offset, lower, case: u8::from(lower.is_ascii_lowercase()) << 5 }
        };
        Self { bytes: [byte(first), byte(second)] }
    }

    /// The first start in `from..starts` where both bytes match.
    #[inline]
    fn next(&self, hay: &[u8], mut from: usize, starts: usize) -> Option<usize> {
        let [a, b] = self.bytes;
        while from + LANES <= starts {
            if self.any(&hay[from + a.offset..], &hay[from + b.offset..]) {
                let found = self.first(hay, from, from + LANES);
                if found.is_some() {
                    return found;
                }
            }
            from += LANES;
        }
        if starts >= LANES {
            // The last block looks at some starts again: none of them matched.
            let last = starts - LANES;
            if !self.any(&hay[last + a.offset..], &hay[last + b.offset..]) {
                return None;
            }
        }
        self.first(hay, from, starts)
    }

    #[inline]
    fn any(&self, a: &[u8], b: &[u8]) -> bool {
        let (Some(a), Some(b)) = (a.first_chunk::<LANES>(), b.first_chunk::<LANES>()) else {
            return true;
        };
        let mut any = false;
        for lane in 0..LANES {
            any |= self.bytes[0].equals(a[lane]) & self.bytes[1].equals(b[lane]);
        }
        any
    }

    fn first(&self, hay: &[u8], from: usize, to: usize) -> Option<usize> {
        let [a, b] = self.bytes;
        (from..to).find(|at| a.equals(hay[at + a.offset]) && b.equals(hay[at + b.offset]))
    }
}

/// A character without its case, by Unicode's mapping of one character to one.
///
/// Characters outside ASCII stay outside, so that the sign for Kelvin is not the letter k.
pub fn fold(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { fold_beyond_ascii(c) }
}

fn fold_beyond_ascii(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    let folded = single(single(c, c.to_uppercase()), single(c, c.to_uppercase()).to_lowercase());
    if folded.is_ascii() { c } else { folded }
}

/// The one character of a case mapping, or `c` if it maps to several.
fn single(c: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Whether two texts differ in case at most.
pub fn equal_ignoring_case(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.chars().map(fold).eq(b.chars().map(fold))
}

/// Whether `c` is part of a term: a letter or a decimal digit of any script.
pub fn is_term_char(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    static LETTER_OR_DIGIT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[\p{L}\p{Nd}]$").ok());
    // Ranges without marks and number signs, where the standard library's answer is the same.
    if matches!(c, '\u{c0}'..='\u{2af}' | '\u{370}'..='\u{482}' | '\u{48a}'..='\u{52f}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
    {
        return c.is_alphabetic();
    }
    match &*LETTER_OR_DIGIT {
        Some(regex) => regex.is_match(c.encode_utf8(&mut [0; 4])),
        None => c.is_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holds(text: &str, needle: &str, place: Place, case: Case) -> bool {
        Needle::new(needle, place, case).matches(text, &mut String::new())
    }

    fn has(text: &str, needle: &str) -> bool {
        holds(text, needle, Place::Terms, Case::Insensitive)
    }

    #[test]
    fn boundaries_are_asked_where_the_needle_ends_in_a_term_character() {
        assert!(has("x a-b y", "a-b"));
        assert!(!has("xa b", "a "));
        assert!(has("a b", "a "));
        assert!(has("x a-b y", " a"));
        assert!(!has("x ab y", " a"));
        assert!(has("b .b-", " "));
        assert!(has("", "") && has("abc", ""));
        assert!(has("a_b", "a"));
        assert!(!has("a1", "a") && !has("éa", "a") && !has("errors", "error"));
        assert!(!has("aa", "a") && has("aa-a", "a"));
    }

    #[test]
    fn prefix_and_suffix_of_terms_keep_one_boundary() {
        let prefix = |text, needle| holds(text, needle, Place::TermStart, Case::Insensitive);
        let suffix = |text, needle| holds(text, needle, Place::TermEnd, Case::Insensitive);
        assert!(prefix("x-error", "err") && !suffix("x-error", "err"));
        assert!(!suffix("an errorlog", "or"));
        assert!(!prefix("err or", "r o") && prefix("err or", "or"));
        assert!(prefix("x ab y", " a") && !suffix("x ab y", " a"));
        assert!(suffix("xa b", "a ") && prefix("abc", ""));
    }

    #[test]
    fn case_folds_one_character_to_one() {
        let same = |a, b| holds(a, b, Place::Whole, Case::Insensitive);
        assert!(same("CAFÉ", "café") && has("МИР", "мир"));
        assert!(!same("STRASSE", "straße") && !same("ＦＵＬＬ", "full"));
        assert!(!same("cafe\u{301}", "café") && !same("\u{212a}", "k"));
        assert!(!holds("HELLO", "hello", Place::Terms, Case::Sensitive));
        assert!(!holds("привет", "ПРИВЕТ", Place::Terms, Case::Sensitive));
    }

    #[test]
    fn a_text_of_one_letter_costs_no_more_than_its_length() {
        let text = "aA".repeat(100_000);
        let needle = format!("{}é", "a".repeat(50_000));
        assert!(!holds(&text, &needle, Place::Anywhere, Case::Insensitive));
        let needle = format!("a{}", "b".repeat(2));
        assert!(!holds(&text, &needle, Place::Anywhere, Case::Insensitive));
        assert!(holds(&text, &"a".repeat(100_000), Place::Anywhere, Case::Insensitive));
        assert!(!holds(&text, &"a".repeat(100_000), Place::Terms, Case::Insensitive));
    }

    fn reference(text: &str, needle: &str, place: Place, case: Case) -> bool {
        let fold: fn(char) -> char = match case {
            Case::Sensitive => |c| c,
            Case::Insensitive => fold,
        };
        let text: Vec<char> = text.chars().map(fold).collect();
        let needle: Vec<char> = needle.chars().map(fold).collect();
        (0..=text.len()).any(|at| {
            let Some(rest) = text[at..].strip_prefix(needle.as_slice()) else { return false };
            let clear = |edge: Option<&char>, beyond: Option<&char>| {
                !(edge.copied().is_some_and(is_term_char)
                    && beyond.copied().is_some_and(is_term_char))
            };
            let before = clear(needle.first(), text[..at].last());
            let after = clear(needle.last(), rest.first());
            match place {
                Place::Whole => at == 0 && rest.is_empty(),
                Place::Anywhere => true,
                Place::Start => at == 0,
                Place::End => rest.is_empty(),
                Place::Terms => before && after,
                Place::TermStart => before,
                Place::TermEnd => after,
            }
        })
    }

    proptest! {
        #[test]
        fn agrees_with_a_plain_reference(
            text in "[aAbB1 _.éÉжЖ٣ſ]{0,12}",
            needle in "[aAbB1 _.éÉжЖ٣ſ]{0,3}",
        ) {
            for place in [Place::Whole, Place::Anywhere, Place::Start, Place::End, Place::Terms,
                Place::TermStart, Place::TermEnd]
            {
                for case in [Case::Sensitive, Case::Insensitive] {
                    prop_assert_eq!(
                        holds(&text, &needle, place, case),
                        reference(&text, &needle, place, case),
                        "{:?} {:?} {:?} {:?}", text, needle, place, case
                    );
                }
            }
        }
    }
}
