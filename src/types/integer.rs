//! Integer text as `tolong` and `toint` read it.

/// Reads blanks, a sign and digits, or `0x` and hex digits that wrap into 64 bits.
pub fn parse_long(text: &str) -> Option<i64> {
    let text = text.trim();
    match hex_digits(text) {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(u64::cast_signed),
        None => text.parse().ok(),
    }
}

/// Reads what [`parse_long`] reads, in 32 bits.
pub fn parse_int(text: &str) -> Option<i32> {
    let text = text.trim();
    match hex_digits(text) {
        Some(digits) => u32::from_str_radix(digits, 16).ok().map(u32::cast_signed),
        None => text.parse().ok(),
    }
}

fn hex_digits(text: &str) -> Option<&str> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    // The parser of the standard library would take a sign here.
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (text, long, int) in [
            (" 7 ", Some(7), Some(7)),
            ("\t7\t", Some(7), Some(7)),
            ("-3", Some(-3), Some(-3)),
            ("+4", Some(4), Some(4)),
            ("007", Some(7), Some(7)),
            ("0x10", Some(16), Some(16)),
            ("0X1f", Some(31), Some(31)),
            ("0xFFFFFFFFFFFFFFFF", Some(-1), None),
            ("0xFFFFFFFF", Some(4_294_967_295), Some(-1)),
            ("9999999999", Some(9_999_999_999), None),
            ("2147483648", Some(2_147_483_648), None),
            ("-9223372036854775808", Some(i64::MIN), None),
            ("9223372036854775808", None, None),
            ("5.7", None, None),
            ("1e3", None, None),
            ("5.", None, None),
            ("-0x10", None, None),
            ("0x-1", None, None),
            ("0x", None, None),
            ("1,000", None, None),
            ("1_000", None, None),
            ("0b101", None, None),
            ("", None, None),
        ] {
            assert_eq!(parse_long(text), long, "{text}");
            assert_eq!(parse_int(text), int, "{text}");
        }
    }
}
