//! Mending a file: the changes that findings come with, applied to its text.

use super::Fix;

/// A text after changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    pub text: String,
    /// How many fixes went in.
    pub applied: usize,
}

/// Applies fixes, in order; one that touches the place of an earlier one is left for another time.
/// Fixes whose edits do not fit the text are left out as well.
pub fn apply<'a>(text: &str, fixes: impl IntoIterator<Item = &'a Fix>) -> Fixed {
    let mut edits: Vec<(usize, usize, &str)> = vec![];
    let mut applied = 0;
    for fix in fixes {
        let mut own: Vec<(usize, usize, &str)> = fix
            .edits
            .iter()
            .map(|(span, new)| (span.start as usize, span.end as usize, new.as_str()))
            .collect();
        own.sort_unstable();
        own.dedup();
        let fits = |&(start, end, _): &(usize, usize, &str)| text.get(start..end).is_some();
        let apart = |a: &(usize, usize, &str), b: &(usize, usize, &str)| a.1 < b.0 || b.1 < a.0;
        let free =
            own.iter().all(|edit| fits(edit) && edits.iter().all(|other| apart(edit, other)));
        let sound = own.windows(2).all(|pair| pair[0].1 <= pair[1].0);
        if free && sound && !own.is_empty() {
            edits.extend(own);
            applied += 1;
        }
    }
    edits.sort_unstable();
    let mut fixed = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end, new) in edits {
        fixed.push_str(&text[at..start]);
        fixed.push_str(new);
        at = end;
    }
    fixed.push_str(&text[at..]);
    Fixed { text: fixed, applied }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    fn fix(edits: &[(u32, u32, &str)]) -> Fix {
        let edits = edits.iter().map(|&(start, end, new)| (Span::new(start, end), new.to_string()));
        Fix { title: String::new(), edits: edits.collect() }
    }

    #[test]
    fn fixes_in_one_place_take_turns() {
        let text = "T | where a contains 'é' and b contains 'x'";
        let fixes = [
            fix(&[(32, 40, "has")]),
            fix(&[(12, 20, "has"), (0, 1, "U")]),
            fix(&[(40, 41, "")]),
            fix(&[(23, 24, "")]),
            fix(&[(500, 501, "")]),
        ];
        let fixed = apply(text, &fixes);
        assert_eq!(fixed.text, "U | where a has 'é' and b has 'x'");
        assert_eq!(fixed.applied, 2);
    }
}
