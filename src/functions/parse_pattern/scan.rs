//! Patterns of literals with gaps between them: each literal is looked for after the one before.
//!
//! The first place of every literal leaves most to those that follow, so no place is tried twice;
//! only the last literal stands where the text ends.

use std::ops::Range;

use memchr::memmem::Finder;

use super::Step;

/// A prepared pattern whose columns all end at a literal or at the end.
pub(super) struct Scan {
    literals: Vec<Literal>,
    /// Whether a column takes what follows the last literal.
    rest: bool,
    /// Whether anything may follow the last literal.
    open: bool,
}

struct Literal {
    finder: Finder<'static>,
    length: usize,
    /// Whether a column takes what stands before.
    column: bool,
}

impl Scan {
    /// `None` if some column has no literal behind it to end at.
    pub(super) fn new(steps: &[Step]) -> Option<Self> {
        let mut scan = Scan { literals: vec![], rest: false, open: false };
        for step in steps {
            match step {
                Step::Column(_) if scan.rest => return None,
                Step::Column(_) => (scan.rest, scan.open) = (true, false),
                Step::Any if scan.rest => return None,
                Step::Any => scan.open = true,
                Step::Text(text) => {
                    let finder = Finder::new(text.as_bytes()).into_owned();
                    let column = scan.rest;
                    scan.literals.push(Literal { finder, length: text.len(), column });
                    (scan.rest, scan.open) = (false, false);
                }
            }
        }
        Some(scan)
    }

    /// Finds the texts of the columns; false if the pattern does not match.
    pub(super) fn find(&self, text: &str, found: &mut Vec<Range<usize>>) -> bool {
        let mut from = 0;
        for (nth, literal) in self.literals.iter().enumerate() {
            let last = nth + 1 == self.literals.len() && !self.rest && !self.open;
            let at = if last {
                let at = text.len().checked_sub(literal.length).filter(|at| *at >= from);
                at.filter(|at| text.as_bytes()[*at..] == *literal.finder.needle())
            } else {
                literal.finder.find(&text.as_bytes()[from..]).map(|at| from + at)
            };
            let Some(at) = at else { return false };
            if literal.column {
                found.push(from..at);
            }
            from = at + literal.length;
        }
        if self.rest {
            found.push(from..text.len());
        }
        true
    }
}
