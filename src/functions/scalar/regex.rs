//! Regular expressions: `matches regex`, `extract`, `extract_all`, `replace_regex`, `trim` …

use std::borrow::Cow;

use ::regex::{CaptureLocations, Captures, NoExpand, Regex};
use arrow::array::ArrayRef;

use super::patterns::{Compiled, compile};
use super::strings::Window;
use crate::error::{Defect, Error, Result};
use crate::functions::declare::scalar_functions;
use crate::functions::text::{dynamic_text, json_elements};
use crate::functions::{Args, columns};
use crate::types::dynamic::write_string;

scalar_functions! {
    family: Regex;

    /// Whether a regular expression matches anywhere in a text.
    ///
    /// Patterns have the syntax of the Rust `regex` crate: no look-around, no back-references;
    /// `\d`, `\w` and `\s` know Unicode.
    ///
    /// ```kql
    /// print "xa1" matches regex "[a-z][0-9]"      //=> true
    /// ```
    MATCHES_REGEX = "matches regex" {
        (text: StringOrDynamic, pattern: StringOrDynamic) -> Bool => matches_regex;
    }

    /// The text of one capture group of the first match; group 0 is the whole match.
    ///
    /// Without a match, or where the group took no part in it, the result is the empty text.
    /// A fourth argument `typeof(T)` converts the result.
    ///
    /// ```kql
    /// print extract("x=([0-9.]+)", 1, "hello x=45.6|wo")                   //=> 45.6
    /// print extract("x=([0-9.]+)", 1, "hello x=45.6|wo", typeof(real))     //=> 45.6
    /// ```
    EXTRACT = "extract" {
        (const regex: String, captureGroup: Long, source: String) -> String => extract;
    }

    /// The captures of all matches, or null where there is none.
    ///
    /// One capture group gives an array of texts, several give an array of arrays. A second
    /// argument selects groups by number or name.
    ///
    /// ```kql
    /// print extract_all(@"(\w)(\d)", "a1b2")                       //=> [["a","1"],["b","2"]]
    /// print extract_all(@"(\w)(\d)", dynamic([2]), "a1b2")         //=> ["1","2"]
    /// ```
    EXTRACT_ALL = "extract_all" | "extractall" {
        (const regex: String, source: StringOrDynamic) -> Dynamic => extract_all;
        (const regex: String, const captureGroups: Dynamic, source: StringOrDynamic)
            -> Dynamic => extract_all_groups;
    }

    /// Replaces every match of a regular expression.
    ///
    /// In the replacement `\0` stands for the whole match, `\1` to `\9` for its groups.
    ///
    /// ```kql
    /// print replace_regex("Number is 1", @"is (\d+)", @"was: \1")      //=> Number was: 1
    /// ```
    REPLACE_REGEX = "replace_regex" {
        (source: String, const lookup_regex: String, const rewrite_pattern: String)
            -> String => replace_regex;
    }

    /// The old name of `replace_regex`, which takes the text last.
    ///
    /// ```kql
    /// print replace(@"is (\d+)", @"was: \1", "Number is 1")      //=> Number was: 1
    /// ```
    REPLACE = "replace" {
        (const regex: String, const rewrite: String, source: String) -> String => replace;
    }

    /// Escapes what is special in regular expressions.
    ///
    /// ```kql
    /// print regex_quote("(so$me.Te^xt)")      //=> \(so\$me\.Te\^xt\)
    /// ```
    REGEX_QUOTE = "regex_quote" {
        (string: Scalar) -> String => regex_quote;
    }

    /// The 0-based position of the first match of a regular expression, or -1.
    ///
    /// Optional: where to start, how many characters to look at (-1: all), and which occurrence to
    /// find. Occurrences do not overlap. A negative start gives null.
    ///
    /// ```kql
    /// print indexof_regex("abcabc", "a.c")                  //=> 0
    /// print indexof_regex("abcabc", "a.c", 0, -1, 2)        //=> 3
    /// print indexof_regex("ababaa", "a.a", 0, -1, 2)        //=> -1
    /// ```
    INDEXOF_REGEX = "indexof_regex" {
        (source: Scalar, const match: Scalar, [start: Long], [length: Long], [occurrence: Long])
            -> Long => indexof_regex;
    }

    /// Removes one match of a regular expression at each end of a text.
    ///
    /// ```kql
    /// print trim("--", "--https://bing.com--")      //=> https://bing.com
    /// ```
    TRIM = "trim" {
        (const regex: String, source: String) -> String => trim;
    }

    /// Removes one match of a regular expression at the start of a text.
    ///
    /// ```kql
    /// print trim_start(@"\s+", "  text ")      //=> text
    /// ```
    TRIM_START = "trim_start" {
        (const regex: String, source: String) -> String => trim_start;
    }

    /// Removes one match of a regular expression at the end of a text.
    ///
    /// ```kql
    /// print trim_end(@"\.com", "bing.com")      //=> bing
    /// ```
    TRIM_END = "trim_end" {
        (const regex: String, source: String) -> String => trim_end;
    }
}

fn matches_regex(args: &Args) -> Result<ArrayRef> {
    let (texts, patterns) = (args.texts(0)?, args.texts(1)?);
    let mut compiled = Compiled::new(patterns.constant())?;
    let rows = 0..args.rows();
    columns::truths(rows.map(|row| Ok(compiled.get(patterns.get(row))?.is_match(texts.get(row)))))
}

fn extract(args: &Args) -> Result<ArrayRef> {
    let (patterns, texts) = (args.texts(0)?, args.texts(2)?);
    let groups = args.reader::<i64>(1)?;
    let group = |row| groups.get(row).and_then(|group| usize::try_from(group).ok());
    if let Some(pattern) = patterns.constant() {
        let regex = compile(pattern)?;
        let mut locations = regex.capture_locations();
        return columns::texts(
            (0..args.rows())
                .map(|row| Ok(first_group(&regex, group(row), texts.get(row), &mut locations))),
        );
    }
    let mut compiled = Compiled::new(None)?;
    columns::texts((0..args.rows()).map(|row| {
        let regex = compiled.get(patterns.get(row))?;
        Ok(first_group(regex, group(row), texts.get(row), &mut regex.capture_locations()))
    }))
}

/// The text of one group of the first match, or nothing.
fn first_group<'t>(
    regex: &Regex,
    group: Option<usize>,
    text: &'t str,
    locations: &mut CaptureLocations,
) -> &'t str {
    match group {
        Some(0) => regex.find(text).map_or("", |found| found.as_str()),
        Some(group) if group < regex.captures_len() => {
            let found = regex.captures_read(locations, text).and_then(|_| locations.get(group));
            found.map_or("", |(from, to)| &text[from..to])
        }
        _ => "",
    }
}

fn extract_all(args: &Args) -> Result<ArrayRef> {
    all_matches(args, None, 1)
}

fn extract_all_groups(args: &Args) -> Result<ArrayRef> {
    all_matches(args, Some(args.constant_str(1).unwrap_or("null")), 2)
}

fn all_matches(args: &Args, selection: Option<&str>, source: usize) -> Result<ArrayRef> {
    const MOST_GROUPS: usize = 16;
    let pattern = args.texts(0)?;
    let Some(pattern) = pattern.constant() else {
        return Err(Error::Execution("the pattern of `extract_all` must be a constant".into()));
    };
    let regex = compile(pattern)?;
    if !(2..=MOST_GROUPS + 1).contains(&regex.captures_len()) {
        let message =
            format!("the pattern of `extract_all` must have 1 to {MOST_GROUPS} capture groups");
        return Err(Error::argument(Defect::GroupCount, message));
    }
    let groups = selected_groups(&regex, selection)?;
    let texts = args.texts(source)?;
    columns::dynamics((0..args.rows()).map(|row| {
        let mut json = String::from("[");
        for captures in regex.captures_iter(texts.get(row)) {
            if json.len() > 1 {
                json.push(',');
            }
            if let [group] = groups[..] {
                write_string(captured(&captures, group), &mut json);
                continue;
            }
            for (at, &group) in groups.iter().enumerate() {
                json.push(if at == 0 { '[' } else { ',' });
                write_string(captured(&captures, group), &mut json);
            }
            json.push(']');
        }
        json.push(']');
        Ok((json.len() > 2).then_some(json))
    }))
}

fn captured<'t>(captures: &Captures<'t>, group: usize) -> &'t str {
    captures.get(group).map_or("", |found| found.as_str())
}

/// The groups that a selection names, in its order; all groups if it names none.
fn selected_groups(regex: &Regex, selection: Option<&str>) -> Result<Vec<usize>> {
    let mut groups = vec![];
    for element in selection.and_then(json_elements).unwrap_or_default() {
        if element.starts_with('"') {
            let name = dynamic_text(element);
            let group = regex.capture_names().position(|own| own == Some(&*name));
            groups.push(group.ok_or_else(|| {
                let message = format!("the pattern has no capture group named `{name}`");
                Error::argument(Defect::GroupName, message)
            })?);
        } else if let Some(group) = element.parse().ok().filter(|g| *g < regex.captures_len()) {
            groups.push(group);
        }
    }
    if groups.is_empty() {
        groups = (1..regex.captures_len()).collect();
    }
    Ok(groups)
}

fn replace_regex(args: &Args) -> Result<ArrayRef> {
    replace_matches(args, 0, 1, 2)
}

fn replace(args: &Args) -> Result<ArrayRef> {
    replace_matches(args, 2, 0, 1)
}

fn replace_matches(args: &Args, source: usize, pattern: usize, rewrite: usize) -> Result<ArrayRef> {
    let (texts, patterns) = (args.texts(source)?, args.texts(pattern)?);
    let rewrites = args.texts(rewrite)?;
    let mut compiled = Compiled::new(patterns.constant())?;
    columns::texts((0..args.rows()).map(|row| {
        let regex = compiled.get(patterns.get(row))?;
        let rewrite = rewrites.get(row);
        Ok(if rewrite.contains('\\') {
            regex.replace_all(texts.get(row), |captures: &Captures| expand(rewrite, captures))
        } else {
            regex.replace_all(texts.get(row), NoExpand(rewrite))
        })
    }))
}

/// A replacement with the groups that it refers to.
fn expand(rewrite: &str, captures: &Captures) -> String {
    let mut out = String::new();
    let mut chars = rewrite.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(digit @ '0'..='9') => out.push_str(captured(captures, digit as usize - 0x30)),
            Some('\\') | None => out.push('\\'),
            Some(other) => out.extend(['\\', other]),
        }
    }
    out
}

fn regex_quote(args: &Args) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    columns::texts((0..args.rows()).map(|row| Ok(::regex::escape(texts.get(row)))))
}

fn indexof_regex(args: &Args) -> Result<ArrayRef> {
    let (texts, patterns) = (args.texts(0)?, args.texts(1)?);
    let windows = Window::rows(args)?;
    let mut compiled = Compiled::new(patterns.constant())?;
    columns::longs((0..args.rows()).map(|row| {
        let regex = compiled.get(patterns.get(row))?;
        let Some(window) = windows(row).filter(|w| !w.from_end()) else { return Ok(None) };
        Ok(Some(window.position(texts.get(row), false, |text, range| {
            let found = regex.find_at(&text[..range.end], range.start)?;
            Some((found.start(), found.end()))
        })))
    }))
}

fn trim(args: &Args) -> Result<ArrayRef> {
    trim_ends(args, |pattern| format!("^({pattern})|({pattern})$"))
}

fn trim_start(args: &Args) -> Result<ArrayRef> {
    trim_ends(args, |pattern| format!("^({pattern})"))
}

fn trim_end(args: &Args) -> Result<ArrayRef> {
    trim_ends(args, |pattern| format!("({pattern})$"))
}

/// Removes all matches of the pattern that `anchored` builds around the user's, whose text is
/// spliced in as it is.
fn trim_ends(args: &Args, anchored: fn(&str) -> String) -> Result<ArrayRef> {
    let (patterns, texts) = (args.texts(0)?, args.texts(1)?);
    let Some(pattern) = patterns.constant() else {
        return Err(Error::Execution("the pattern of `trim` must be a constant".into()));
    };
    if pattern.is_empty() {
        return Err(Error::argument(Defect::Empty, "the pattern of `trim` must not be empty"));
    }
    let regex = compile(&anchored(pattern))?;
    columns::texts((0..args.rows()).map(|row| Ok(without_matches(&regex, texts.get(row)))))
}

/// A text without the matches of `regex`; a slice of it unless they lie in the middle.
fn without_matches<'t>(regex: &Regex, text: &'t str) -> Cow<'t, str> {
    let mut kept = "";
    let mut from = 0;
    for found in regex.find_iter(text) {
        if from < found.start() {
            if !kept.is_empty() {
                return regex.replace_all(text, NoExpand(""));
            }
            kept = &text[from..found.start()];
        }
        from = found.end();
    }
    match (kept.is_empty(), from == text.len()) {
        (true, _) => Cow::Borrowed(&text[from..]),
        (false, true) => Cow::Borrowed(kept),
        (false, false) => regex.replace_all(text, NoExpand("")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{AsArray, StringViewArray};

    use super::*;
    use crate::types::Type;

    fn call(kernel: fn(&Args) -> Result<ArrayRef>, values: &[&str]) -> Result<String> {
        let arrays: Vec<ArrayRef> = values
            .iter()
            .map(|value| Arc::new(StringViewArray::from_iter_values([value])) as ArrayRef)
            .collect();
        let (scalars, types) = (vec![true; values.len()], vec![Type::String; values.len()]);
        let result = kernel(&Args::new(&arrays, &scalars, &types, 1))?;
        let result = result.as_string_view();
        Ok(result.iter().next().flatten().unwrap_or("null").to_string())
    }

    #[test]
    fn trim_removes_all_matches_of_the_spliced_pattern() {
        let trimmed = |kernel, pattern, text| call(kernel, &[pattern, text]).ok();
        for (kernel, pattern, text, left) in [
            (trim as fn(&Args) -> Result<ArrayRef>, "a", "aaaa", "aa"),
            (trim_start, "a", "aaab", "aab"),
            (trim_end, "a", "aaaa", "aaa"),
            (trim, "[x_]", "xxhix", "xhi"),
            (trim_start, "a|x", "bxa", "bxa"),
            (trim, "a$", "aa", "a"),
            (trim_end, "a)|(b", "xaxbx", "xxbx"),
            (trim, ".*", "abc", ""),
            (trim, "b*", "abc", "abc"),
            (trim_end, "a", "xa\n", "xa\n"),
            (trim_start, "\\s", "\u{a0}a", "a"),
        ] {
            assert_eq!(trimmed(kernel, pattern, text).as_deref(), Some(left), "{pattern} {text}");
        }
        assert!(trimmed(trim, "", "a").is_none());
    }

    #[test]
    fn captures_come_flat_or_nested() {
        let all = |pattern, text| call(extract_all, &[pattern, text]);
        assert_eq!(all("([a-z])(\\d)?", "a1b").ok().as_deref(), Some(r#"[["a","1"],["b",""]]"#));
        assert_eq!(all("([a-z])", "a1b").ok().as_deref(), Some(r#"["a","b"]"#));
        assert_eq!(all("(x)", "a1b").ok().as_deref(), Some("null"));
        assert!(all("x", "x").is_err());
    }

    #[test]
    fn replacements_refer_to_groups() {
        let replaced = |text, pattern, to| call(replace_regex, &[text, pattern, to]).ok();
        assert_eq!(replaced("aBc", "([a-z])([A-Z])", r"\1_\2").as_deref(), Some("a_Bc"));
        assert_eq!(replaced("abAB", "(?i)ab", "#").as_deref(), Some("##"));
        assert_eq!(replaced("a", "a", "$0").as_deref(), Some("$0"));
    }
}
