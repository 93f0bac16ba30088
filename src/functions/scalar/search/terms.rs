//! Lists of terms: which of many needles a text has, in one pass over the text.
//!
//! Every run of letters and digits in a needle is a whole term wherever the needle matches. So each
//! needle is filed under its longest run, and only texts that hold that term look at the needle.

use hashbrown::HashMap;

use super::needle::{Case, Needle, Place, term_at, term_before, term_end};

/// From this many needles on, one pass over the terms of a text beats a search for each needle.
const INDEX_FROM: usize = 8;

/// The needles of `has_any` and its relatives, prepared once.
pub struct TermList {
    needles: Vec<Needle>,
    index: Option<Index>,
}

struct Index {
    by_term: HashMap<Box<str>, Vec<Filed>>,
    /// Bit n: some filed term is n bytes long (63: or longer).
    lengths: u64,
    /// Bit n: some filed term starts with a byte whose low six bits are n.
    firsts: u64,
    /// Needles without an ASCII term.
    others: Vec<usize>,
}

struct Filed {
    needle: usize,
    /// The needle in lower case, and where the term starts in it.
    text: Box<str>,
    offset: usize,
}

impl TermList {
    /// Prepares a search for `needles`, in this order.
    pub fn new<'t>(needles: impl Iterator<Item = &'t str>) -> Self {
        let texts: Vec<_> = needles.collect();
        let index = (texts.len() >= INDEX_FROM).then(|| Index::new(&texts));
        let needles =
            texts.iter().map(|text| Needle::new(text, Place::Terms, Case::Insensitive)).collect();
        Self { needles, index }
    }

    /// Whether the text has at least one of the needles.
    pub fn any(&self, text: &str, scratch: &mut String) -> bool {
        match &self.index {
            Some(index) => index.find(text, scratch, &self.needles, true).is_some(),
            None => self.needles.iter().any(|needle| needle.matches(text, scratch)),
        }
    }

    /// Whether the text has every needle.
    pub fn all(&self, text: &str, scratch: &mut String) -> bool {
        self.needles.iter().all(|needle| needle.matches(text, scratch))
    }

    /// The position of the first needle in the list that the text has.
    pub fn first(&self, text: &str, scratch: &mut String) -> Option<usize> {
        match &self.index {
            Some(index) => index.find(text, scratch, &self.needles, false),
            None => self.needles.iter().position(|needle| needle.matches(text, scratch)),
        }
    }
}

impl Index {
    fn new(texts: &[&str]) -> Self {
        let mut index = Index { by_term: HashMap::new(), lengths: 0, firsts: 0, others: vec![] };
        for (needle, text) in texts.iter().enumerate() {
            let text = text.to_ascii_lowercase();
            let runs = text.split(|c: char| !c.is_ascii_alphanumeric());
            match runs.max_by_key(|run| run.len()).filter(|run| !run.is_empty()) {
                Some(term) if text.is_ascii() => {
                    let offset = text.find(term).unwrap_or(0);
                    // The first run that reads like the term might be part of a longer one: the
                    // longest cannot be.
                    index.lengths |= 1 << term.len().min(63);
                    index.firsts |= 1 << (term.as_bytes()[0] & 63);
                    let term = Box::from(term);
                    let text = text.into_boxed_str();
                    index.by_term.entry(term).or_default().push(Filed { needle, text, offset });
                }
                _ => index.others.push(needle),
            }
        }
        index
    }

    /// One needle that the text has: the first in the list, or just any.
    fn find(
        &self,
        text: &str,
        scratch: &mut String,
        needles: &[Needle],
        any: bool,
    ) -> Option<usize> {
        let mut least = self.others.iter().copied().find(|n| needles[*n].matches(text, scratch));
        if any && least.is_some() {
            return least;
        }
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let start = at;
            while at < bytes.len() && bytes[at].is_ascii_alphanumeric() {
                at += 1;
            }
            let end = at;
            if at < bytes.len() && !bytes[at].is_ascii() {
                at = term_end(text, at);
            }
            if at == end && end > start && self.may_hold(&bytes[start..end]) {
                scratch.clear();
                scratch.push_str(&text[start..at]);
                scratch.make_ascii_lowercase();
                let filed = self.by_term.get(scratch.as_str()).map_or(&[][..], Vec::as_slice);
                let found = filed.iter().find(|filed| filed.lies_at(text, start));
                least = found.map(|f| f.needle).into_iter().chain(least).min();
                if any && least.is_some() {
                    return least;
                }
            }
            // What ends a term is no part of the next.
            at += char_len(bytes, at);
        }
        least
    }
}

impl Index {
    /// Whether a term of this length and first letter is filed, so that a look-up is worth it.
    #[inline]
    fn may_hold(&self, term: &[u8]) -> bool {
        self.lengths & (1 << term.len().min(63)) != 0
            && self.firsts & (1 << (term[0].to_ascii_lowercase() & 63)) != 0
    }
}

/// The length of the character at `at`.
#[inline]
fn char_len(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(0xf0..) => 4,
        Some(0xe0..) => 3,
        Some(0xc0..) => 2,
        _ => 1,
    }
}

impl Filed {
    /// Whether the needle matches with its term at byte `start` of the text, which is whole there.
    fn lies_at(&self, text: &str, start: usize) -> bool {
        let Some(from) = start.checked_sub(self.offset) else { return false };
        let to = from + self.text.len();
        let matched = |bytes: &[u8]| bytes.eq_ignore_ascii_case(self.text.as_bytes());
        text.as_bytes().get(from..to).is_some_and(matched)
            && !(term_at(&self.text, 0) && term_before(text, from))
            && !(term_before(&self.text, self.text.len()) && term_at(text, to))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_index_finds_what_single_searches_find(
            text in "[abB1 .é]{0,14}",
            needles in prop::collection::vec("[aAb1 .é]{0,4}", 8..12),
        ) {
            let list = TermList::new(needles.iter().map(String::as_str));
            prop_assert!(list.index.is_some());
            let scratch = &mut String::new();
            let first = list.needles.iter().position(|n| n.matches(&text, scratch));
            prop_assert_eq!(list.first(&text, scratch), first, "{:?} {:?}", text, needles);
            prop_assert_eq!(list.any(&text, scratch), first.is_some());
        }
    }
}
