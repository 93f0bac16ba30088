//! The patterns of `parse` and `parse-where`: literals, `*` and columns, from texts to columns.
//!
//! Simple and relaxed patterns whose columns stand between literals are scanned for their literals
//! ([`scan`]); all others become one regular expression ([`expression`]).

mod expression;
mod scan;

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanBuilder, StringViewArray};

use self::expression::Expression;
use self::scan::Scan;
use crate::error::{Error, Result};
use crate::functions::cells::{Cell, Column};
use crate::types::Type;

/// How a pattern is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One failed conversion blanks all columns of the row.
    Simple,
    /// Each column converts on its own.
    Relaxed,
    /// Literals are regular expressions; nothing is anchored.
    Regex,
}

/// One step of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `*`: anything.
    Any,
    /// Literal text, or a regular expression in regex mode.
    Text(Arc<str>),
    /// A column to fill.
    Column(Type),
}

/// A prepared pattern.
pub struct ParsePattern {
    mode: Mode,
    types: Vec<Type>,
    matcher: Matcher,
}

enum Matcher {
    Scan(Scan),
    Expression(Expression),
}

/// The columns that a pattern took from texts.
pub struct Parsed {
    /// One array per column step, in canonical form; no value where the text did not match.
    pub columns: Vec<ArrayRef>,
    /// Whether the text matched and every conversion succeeded: the rows that `parse-where` keeps.
    pub matched: ArrayRef,
}

impl ParsePattern {
    /// Prepares a pattern. `flags` are those of regex mode: any of `i`, `m`, `s`, `U`, `x`.
    pub fn new(mode: Mode, flags: &str, steps: &[Step]) -> Result<Self> {
        let steps = joined(steps);
        if steps.iter().any(|step| matches!(step, Step::Text(text) if text.is_empty())) {
            return Err(refused("an empty text in a `parse` pattern matches everywhere"));
        }
        let before_star = steps
            .windows(2)
            .any(|pair| matches!(pair, [Step::Column(Type::String | Type::Dynamic), Step::Any]));
        if before_star && mode != Mode::Regex {
            return Err(refused("a string column before `*` in a `parse` pattern is ambiguous"));
        }
        if mode != Mode::Regex && !flags.is_empty() {
            return Err(refused("`flags` of `parse` are for `kind=regex`"));
        }
        let into_typed = steps.windows(2).any(|pair| {
            matches!(pair, [Step::Column(Type::String), Step::Column(ty)] if *ty != Type::String)
        });
        if into_typed && mode == Mode::Regex {
            return Err(refused(
                "a string column directly before a typed one in a `parse` pattern is ambiguous",
            ));
        }
        let scan = if mode == Mode::Regex { None } else { Scan::new(&steps) };
        let matcher = match scan {
            Some(scan) => Matcher::Scan(scan),
            None => Matcher::Expression(Expression::new(mode, flags, &steps)?),
        };
        let types = steps.iter().filter_map(|step| match step {
            Step::Column(ty) => Some(*ty),
            Step::Any | Step::Text(_) => None,
        });
        Ok(Self { mode, types: types.collect(), matcher })
    }

    /// Takes every text apart. A null text counts as empty.
    pub fn parse(&self, texts: &StringViewArray) -> Parsed {
        let rows = texts.len();
        let mut columns: Vec<_> = self.types.iter().map(|ty| Column::new(*ty, rows)).collect();
        let mut matched = BooleanBuilder::with_capacity(rows);
        let mut found: Vec<Range<usize>> = Vec::with_capacity(columns.len());
        let mut cells: Vec<Cell> = Vec::with_capacity(columns.len());
        for row in 0..rows {
            let text = if texts.is_null(row) { "" } else { texts.value(row) };
            found.clear();
            let mut good = match &self.matcher {
                Matcher::Scan(scan) => scan.find(text, &mut found),
                Matcher::Expression(expression) => expression.find(text, &mut found),
            };
            cells.clear();
            if good {
                let captured = self.types.iter().zip(&found);
                cells.extend(captured.map(|(ty, range)| Cell::read(*ty, &text[range.clone()])));
                good = cells.iter().all(|cell| !matches!(cell, Cell::Null));
            }
            let kept = good || self.mode == Mode::Relaxed;
            let mut cells = cells.drain(..).filter(|_| kept);
            for column in &mut columns {
                column.push(cells.next().unwrap_or(Cell::Null));
            }
            matched.append_value(good);
        }
        Parsed {
            columns: columns.into_iter().map(Column::finish).collect(),
            matched: Arc::new(matched.finish()),
        }
    }
}

/// The steps with neighbouring texts and stars made one.
fn joined(steps: &[Step]) -> Vec<Step> {
    let mut out: Vec<Step> = vec![];
    for step in steps {
        match (out.last_mut(), step) {
            (Some(Step::Any), Step::Any) => {}
            (Some(Step::Text(so_far)), Step::Text(text))
                if !so_far.is_empty() && !text.is_empty() =>
            {
                *so_far = format!("{so_far}{text}").into();
            }
            _ => out.push(step.clone()),
        }
    }
    out
}

fn refused(message: &str) -> Error {
    Error::Execution(message.to_string())
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;

    use super::*;
    use crate::functions::kernel::value_at;
    use crate::types::Value;

    fn text(text: &str) -> Step {
        Step::Text(text.into())
    }

    const S: Step = Step::Column(Type::String);
    const L: Step = Step::Column(Type::Long);
    const ANY: Step = Step::Any;

    /// The values of one text, as `value|value`, nulls as `null`; `!` in front if not matched.
    fn parse(mode: Mode, flags: &str, steps: &[Step], source: &str) -> Result<String> {
        let pattern = ParsePattern::new(mode, flags, steps)?;
        let parsed = pattern.parse(&StringViewArray::from_iter_values([source]));
        let values: Vec<_> = parsed
            .columns
            .iter()
            .zip(&pattern.types)
            .map(|(column, ty)| match value_at(column, *ty, 0) {
                Value::Null(_) => "null".to_string(),
                Value::String(text) => text.to_string(),
                Value::Bool(value) => value.to_string(),
                Value::Real(value) => value.to_string(),
                other => other.as_i64().unwrap_or_default().to_string(),
            })
            .collect();
        let mark = if parsed.matched.as_boolean().value(0) { "" } else { "!" };
        Ok(format!("{mark}{}", values.join("|")))
    }

    #[test]
    fn simple_patterns_reach_the_end_of_the_text() -> Result<()> {
        let simple = |source, steps: &[Step]| parse(Mode::Simple, "", steps, source);
        assert_eq!(simple("aXcYc", &[text("a"), S, text("c")])?, "XcY");
        assert_eq!(simple("abcbd", &[text("a"), S, text("b")])?, "!");
        assert_eq!(simple("aXc\n", &[text("a"), S, text("c")])?, "!");
        let steps = [ANY, text("x="), S, text(","), ANY];
        assert_eq!(simple("y=1,x=2,x=9", &steps)?, "2");
        assert_eq!(simple("a=1, b=xy", &[text("a="), S])?, "1, b=xy");
        assert_eq!(simple("2020 rest of it", &[L, text(" "), S])?, "2020|rest of it");
        assert_eq!(simple("n=27x", &[text("n="), L])?, "!null");
        assert!(simple("", &[text("a"), S, ANY]).is_err());
        assert!(simple("", &[text(""), S]).is_err());
        Ok(())
    }

    #[test]
    fn a_typed_column_before_a_star_takes_its_shape() -> Result<()> {
        let steps = [text("n="), L, ANY, text("m="), L];
        assert_eq!(parse(Mode::Simple, "", &steps, "n=27 junk m=23")?, "27|23");
        assert_eq!(parse(Mode::Simple, "", &[text("n="), L, ANY], "n= +5x")?, "5");
        Ok(())
    }

    #[test]
    fn one_failed_conversion_blanks_a_simple_row_only() -> Result<()> {
        let steps = [text("a="), L, text(",b="), S, text(",c="), L, text(",d="), S];
        let source = "a=1,b=2,c=zz,d=4";
        assert_eq!(parse(Mode::Simple, "", &steps, source)?, "!null||null|");
        assert_eq!(parse(Mode::Relaxed, "", &steps, source)?, "!1|2|null|4");
        assert_eq!(parse(Mode::Simple, "", &steps, "a= 9,b=,c=+5,d=")?, "9||5|");
        assert_eq!(parse(Mode::Simple, "", &steps, "a=,b=,c=5,d=")?, "!null||null|");
        Ok(())
    }

    #[test]
    fn regex_patterns_are_greedy_and_not_anchored() -> Result<()> {
        let regex = |source, steps: &[Step]| parse(Mode::Regex, "", steps, source);
        assert_eq!(regex("abcbd", &[text("a"), S, text("b")])?, "bc");
        assert_eq!(regex("k=1,k=2,end", &[text("k="), S, text(",")])?, "1,k=2");
        assert_eq!(regex("axbZ", &[text("a.b"), S])?, "Z");
        assert_eq!(regex("n=27x", &[text("n="), L])?, "27");
        assert_eq!(regex("a)b", &[text(")"), S])?, "b");
        assert_eq!(regex("abc123def", &[S, text(r"\d+"), S])?, "abc12|def");
        assert_eq!(regex("xay=z", &[text("(x)(a)"), S, text("=")])?, "y");
        assert_eq!(regex("v=12", &[text("v="), Step::Column(Type::Bool)])?, "!null");
        assert_eq!(regex("v=.5", &[text("v="), Step::Column(Type::Real)])?, "!null");
        let steps = [ANY, text("x="), S, text(",")];
        assert_eq!(parse(Mode::Regex, "U", &steps, "y=1,x=2,x=9,")?, "9");
        assert_eq!(parse(Mode::Regex, "i", &[text("K="), S], "k=1")?, "1");
        assert!(parse(Mode::Regex, "I", &[text("K="), S], "").is_err());
        assert!(regex("", &[text("a"), S, L]).is_err());
        assert!(regex("", &[text("(?=a)"), S]).is_err());
        Ok(())
    }

    #[test]
    fn scanning_finds_what_the_expression_finds() -> Result<()> {
        let patterns: [&[Step]; 5] = [
            &[text("a"), S, text("b"), S, text("ab")],
            &[ANY, text("ab"), S],
            &[S, text("b"), S, text("b"), ANY],
            &[text("b")],
            &[text("a"), ANY, text("b"), S],
        ];
        for steps in patterns {
            let scan = Scan::new(steps).ok_or_else(|| refused("no scan"))?;
            let expression = Expression::new(Mode::Simple, "", steps)?;
            for bits in 0..1 << 7 {
                let source: String =
                    (0..7).map(|bit| if bits >> bit & 1 == 0 { 'a' } else { 'b' }).collect();
                let (mut a, mut b) = (vec![], vec![]);
                let both = (scan.find(&source, &mut a), expression.find(&source, &mut b));
                assert_eq!(both.0, both.1, "{source} {steps:?}");
                assert!(!both.0 || a == b, "{source} {steps:?} {a:?} {b:?}");
            }
        }
        Ok(())
    }
}
