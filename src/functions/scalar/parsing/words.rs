//! Lists inside a text: the fields of a CSV record, the arguments of a command line.

/// The fields of the first record of a CSV text.
pub(super) fn first_record(text: &str) -> Vec<String> {
    let mut fields = vec![];
    let mut field = String::new();
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => quoted = true,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            '\n' if !quoted => break,
            '\r' if !quoted && chars.peek() == Some(&'\n') => break,
            _ => field.push(c),
        }
    }
    fields.push(field);
    fields
}

/// The arguments of a Windows command line: those of a program after its name follow the rules of
/// backslashes before quotes, the name itself knows no escapes.
pub(super) fn arguments(line: &str) -> Vec<String> {
    let mut arguments = vec![];
    let mut rest = line;
    if !line.is_empty() {
        let (program, after) = match line.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => line.split_at(line.find([' ', '\t']).unwrap_or(line.len())),
        };
        arguments.push(program.to_string());
        rest = after;
    }
    let blank = |c: char| c == ' ' || c == '\t';
    let mut chars = rest.trim_start_matches(blank).chars().peekable();
    while chars.peek().is_some() {
        let mut argument = String::new();
        let mut quoted = false;
        while let Some(c) = chars.next_if(|c| quoted || !blank(*c)) {
            match c {
                '\\' => {
                    let mut count = 1;
                    while chars.next_if_eq(&'\\').is_some() {
                        count += 1;
                    }
                    let before_quote = chars.peek() == Some(&'"');
                    let kept = if before_quote { count / 2 } else { count };
                    argument.extend(std::iter::repeat_n('\\', kept));
                    if before_quote && count % 2 == 1 {
                        chars.next();
                        argument.push('"');
                    }
                }
                '"' if quoted && chars.next_if_eq(&'"').is_some() => argument.push('"'),
                '"' => quoted = !quoted,
                _ => argument.push(c),
            }
        }
        arguments.push(argument);
        while chars.next_if(|c| blank(*c)).is_some() {}
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_fields_may_be_quoted() {
        assert_eq!(
            first_record("aa,\"b,b,b\",cc,\"Escaping quotes: \"\"Title\"\"\",\"line1\nline2\""),
            ["aa", "b,b,b", "cc", "Escaping quotes: \"Title\"", "line1\nline2"]
        );
        assert_eq!(first_record("record1,a,b,c\nrecord2,x"), ["record1", "a", "b", "c"]);
        assert_eq!(first_record("a,\r\nb"), ["a", ""]);
    }

    #[test]
    fn arguments_follow_the_rules_of_windows() {
        assert_eq!(arguments(r#"echo "hello world!""#), ["echo", "hello world!"]);
        assert_eq!(arguments(r#""C:\Program Files\a.exe" -x"#), [r"C:\Program Files\a.exe", "-x"]);
        assert_eq!(arguments(r#"p a\\b "c\\" d\"e  "" f"#), ["p", r"a\\b", r"c\", "d\"e", "", "f"]);
        assert_eq!(arguments(r#"p a"b c"d"#), ["p", "ab cd"]);
    }
}
