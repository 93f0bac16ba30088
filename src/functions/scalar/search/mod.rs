//! String operators, named by their spelling: `has`, `contains`, `startswith`, `=~` and relatives.
//!
//! The negated forms are no functions: `s !has x` is `not(s has x)`.

pub mod needle;
mod terms;

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef, AsArray};

use self::needle::{Case, Needle, Place, equal_ignoring_case};
use self::terms::TermList;
use crate::error::Result;
use crate::functions::declare::scalar_functions;
use crate::functions::text::{Texts, dynamic_text, json_elements};
use crate::functions::{Args, columns};
use crate::types::Type;

scalar_functions! {
    family: Search;

    /// Whether two texts are equal but for the case of letters.
    ///
    /// Case is folded one character to one, in all scripts: `ß` is not `ss`.
    ///
    /// ```kql
    /// print "Hello" =~ "hELLO"      //=> true
    /// ```
    EQUALS = "=~" {
        (left: StringOrDynamic, right: StringOrDynamic) -> Bool => equals;
    }

    /// Whether a text contains another, in any case.
    ///
    /// No character of the right side is special.
    ///
    /// ```kql
    /// print "FabriKam" contains "BRik"      //=> true
    /// ```
    CONTAINS = "contains" {
        (text: StringOrDynamic, part: StringOrDynamic) -> Bool => contains;
    }

    /// Whether a text contains another, case for case.
    ///
    /// ```kql
    /// print "FabriKam" contains_cs "Kam"      //=> true
    /// print "FabriKam" contains_cs "kam"      //=> false
    /// ```
    CONTAINS_CS = "contains_cs" | "containscs" {
        (text: StringOrDynamic, part: StringOrDynamic) -> Bool => contains_cs;
    }

    /// Whether a text starts with another, in any case.
    ///
    /// ```kql
    /// print "Fabrikam" startswith "fab"      //=> true
    /// ```
    STARTSWITH = "startswith" {
        (text: StringOrDynamic, start: StringOrDynamic) -> Bool => startswith;
    }

    /// Whether a text starts with another, case for case.
    ///
    /// ```kql
    /// print "Fabrikam" startswith_cs "fab"      //=> false
    /// ```
    STARTSWITH_CS = "startswith_cs" {
        (text: StringOrDynamic, start: StringOrDynamic) -> Bool => startswith_cs;
    }

    /// Whether a text ends with another, in any case.
    ///
    /// ```kql
    /// print "Fabrikam" endswith "KAM"      //=> true
    /// ```
    ENDSWITH = "endswith" {
        (text: StringOrDynamic, end: StringOrDynamic) -> Bool => endswith;
    }

    /// Whether a text ends with another, case for case.
    ///
    /// ```kql
    /// print "Fabrikam" endswith_cs "KAM"      //=> false
    /// ```
    ENDSWITH_CS = "endswith_cs" {
        (text: StringOrDynamic, end: StringOrDynamic) -> Bool => endswith_cs;
    }

    /// Whether a text has another as whole terms, in any case.
    ///
    /// A term is a run of letters and digits; every other character, `_` included, separates
    /// terms. Where the right side starts or ends with another character, no boundary is needed
    /// there.
    ///
    /// ```kql
    /// print "North America" has "america"      //=> true
    /// print "North America" has "amer"         //=> false
    /// print "user_name" has "user"             //=> true
    /// ```
    HAS = "has" {
        (text: StringOrDynamic, term: String) -> Bool => has;
    }

    /// Whether a text has another as whole terms, case for case.
    ///
    /// ```kql
    /// print "North America" has_cs "America"      //=> true
    /// print "North America" has_cs "america"      //=> false
    /// ```
    HAS_CS = "has_cs" {
        (text: StringOrDynamic, term: String) -> Bool => has_cs;
    }

    /// Whether some term of a text starts with another text, in any case.
    ///
    /// ```kql
    /// print "North America" hasprefix "ame"      //=> true
    /// ```
    HASPREFIX = "hasprefix" {
        (text: StringOrDynamic, prefix: String) -> Bool => hasprefix;
    }

    /// Whether some term of a text starts with another text, case for case.
    ///
    /// ```kql
    /// print "North America" hasprefix_cs "ame"      //=> false
    /// ```
    HASPREFIX_CS = "hasprefix_cs" {
        (text: StringOrDynamic, prefix: String) -> Bool => hasprefix_cs;
    }

    /// Whether some term of a text ends with another text, in any case.
    ///
    /// ```kql
    /// print "North America" hassuffix "RTH"      //=> true
    /// ```
    HASSUFFIX = "hassuffix" {
        (text: StringOrDynamic, suffix: String) -> Bool => hassuffix;
    }

    /// Whether some term of a text ends with another text, case for case.
    ///
    /// ```kql
    /// print "North America" hassuffix_cs "RTH"      //=> false
    /// ```
    HASSUFFIX_CS = "hassuffix_cs" {
        (text: StringOrDynamic, suffix: String) -> Bool => hassuffix_cs;
    }

    /// Whether a text has at least one of several others as whole terms, in any case.
    ///
    /// Arrays count as their elements; numbers are looked for by their text, and a null matches
    /// every text.
    ///
    /// ```kql
    /// print "code 42 here" has_any ("error", 42)                 //=> true
    /// print "code 42 here" has_any (dynamic(["error"]))          //=> false
    /// ```
    HAS_ANY = "has_any" {
        (text: StringOrDynamic, {terms: Scalar}) -> Bool => has_any;
    }

    /// Whether a text has all of several others as whole terms, in any case.
    ///
    /// ```kql
    /// print "the quick fox" has_all ("fox", "the")                //=> true
    /// print "the quick fox" has_all (dynamic(["fox", "dog"]))     //=> false
    /// ```
    HAS_ALL = "has_all" {
        (text: StringOrDynamic, {terms: Scalar}) -> Bool => has_all;
    }

    /// The position in an array of the first element that a text has as whole terms, or -1.
    ///
    /// ```kql
    /// print has_any_index("this is an example", dynamic(["that", "example"]))      //=> 1
    /// print has_any_index("this is an example", dynamic(["those"]))                //=> -1
    /// ```
    HAS_ANY_INDEX = "has_any_index" {
        (source: StringOrDynamic, values: Dynamic) -> Long => has_any_index;
    }
}

macro_rules! operators {
    ($($name:ident: $place:ident $case:ident;)+) => {
        $(fn $name(args: &Args) -> Result<ArrayRef> {
            search(args, Place::$place, Case::$case)
        })+
    };
}

operators! {
    contains: Anywhere Insensitive;
    contains_cs: Anywhere Sensitive;
    startswith: Start Insensitive;
    startswith_cs: Start Sensitive;
    endswith: End Insensitive;
    endswith_cs: End Sensitive;
    has: Terms Insensitive;
    has_cs: Terms Sensitive;
    hasprefix: TermStart Insensitive;
    hasprefix_cs: TermStart Sensitive;
    hassuffix: TermEnd Insensitive;
    hassuffix_cs: TermEnd Sensitive;
}

fn equals(args: &Args) -> Result<ArrayRef> {
    let (left, right) = (args.texts(0)?, args.texts(1)?);
    columns::truths(
        (0..args.rows()).map(|row| Ok(equal_ignoring_case(left.get(row), right.get(row)))),
    )
}

fn search(args: &Args, place: Place, case: Case) -> Result<ArrayRef> {
    let (texts, needles) = (args.texts(0)?, args.texts(1)?);
    let mut scratch = String::new();
    if let Some(needle) = needles.constant() {
        let needle = Needle::new(needle, place, case);
        return columns::truths(
            (0..args.rows()).map(|row| Ok(needle.matches(texts.get(row), &mut scratch))),
        );
    }
    let mut last: Option<(&str, Needle)> = None;
    columns::truths((0..args.rows()).map(|row| {
        // Neighbouring rows often look for the same text.
        let wanted = needles.get(row);
        let needle = match &last {
            Some((text, needle)) if *text == wanted => needle,
            _ => &last.insert((wanted, Needle::new(wanted, place, case))).1,
        };
        Ok(needle.matches(texts.get(row), &mut scratch))
    }))
}

fn has_any(args: &Args) -> Result<ArrayRef> {
    has_list(args, TermList::any)
}

fn has_all(args: &Args) -> Result<ArrayRef> {
    has_list(args, TermList::all)
}

fn has_list(args: &Args, holds: fn(&TermList, &str, &mut String) -> bool) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    let lists = TermColumns::new(args)?;
    let mut scratch = String::new();
    let rows = 0..args.rows();
    if (1..args.len()).all(|index| args.is_scalar(index)) {
        let list = lists.at(0);
        return columns::truths(rows.map(|row| Ok(holds(&list, texts.get(row), &mut scratch))));
    }
    columns::truths(rows.map(|row| Ok(holds(&lists.at(row), texts.get(row), &mut scratch))))
}

fn has_any_index(args: &Args) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    let lists = TermColumns::new(args)?;
    let constant = args.is_scalar(1).then(|| lists.at(0));
    let mut scratch = String::new();
    let positions = (0..args.rows()).map(|row| {
        let own;
        let list = match &constant {
            Some(list) => list,
            None => {
                own = lists.at(row);
                &own
            }
        };
        Ok(Some(list.first(texts.get(row), &mut scratch).map_or(-1, |at| at as i64)))
    });
    columns::longs(positions)
}

/// The needles of a list operator, row by row.
struct TermColumns<'a> {
    args: &'a Args<'a>,
    texts: Vec<Texts>,
}

impl<'a> TermColumns<'a> {
    fn new(args: &'a Args<'a>) -> Result<Self> {
        let texts = (1..args.len()).map(|index| args.texts(index)).collect::<Result<_>>()?;
        Ok(Self { args, texts })
    }

    fn at(&self, row: usize) -> TermList {
        let mut all: Vec<Cow<'_, str>> = vec![];
        for (at, texts) in self.texts.iter().enumerate() {
            match self.elements(at + 1, row) {
                Some(elements) => all.extend(elements.into_iter().map(dynamic_text)),
                None => all.push(Cow::Borrowed(texts.get(row))),
            }
        }
        TermList::new(all.iter().map(AsRef::as_ref))
    }

    /// The elements of an argument that holds an array; a null is searched for as the empty text,
    /// which all texts have.
    fn elements(&self, index: usize, row: usize) -> Option<Vec<&'a str>> {
        if self.args.ty(index) != Type::Dynamic {
            return None;
        }
        let json = self.args.array(index).as_string_view_opt()?;
        let row = if self.args.is_scalar(index) { 0 } else { row };
        json.is_valid(row).then(|| json_elements(json.value(row)))?
    }
}
