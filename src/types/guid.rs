//! Text form of guid.

/// Reads the first 32 hex digits, hyphens ignored, braces allowed; gives lower-case text with
/// hyphens.
pub fn parse(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix(['{', '(']).unwrap_or(text);
    let mut out = String::with_capacity(36);
    let mut digits = 0;
    for c in text.chars().filter(|c| *c != '-') {
        if !c.is_ascii_hexdigit() {
            return None;
        }
        if matches!(digits, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
        digits += 1;
        if digits == 32 {
            return Some(out);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let expected = Some("74be27de-1e4e-49d9-b579-fe0b331d3642".to_string());
        for text in [
            "74be27de-1e4e-49d9-b579-fe0b331d3642",
            "74BE27DE1E4E49D9B579FE0B331D3642",
            "{74be27de-1e4e-49d9-b579-fe0b331d3642}",
            "74be27de-1e4e-49d9-b579-fe0b331d3642 and more",
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        assert_eq!(parse("74be27de-1e4e-49d9-b579-fe0b331d364"), None);
        assert_eq!(parse("nonsense"), None);
    }
}
