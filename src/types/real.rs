//! Text forms of real.

/// The form that `tostring` gives: `6.0`, `1.5`, `1e300`, `NaN`, `inf`, `-inf`.
pub fn format(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_string()
    } else if value.is_infinite() {
        if value > 0.0 { "inf" } else { "-inf" }.to_string()
    } else {
        let mut out = String::with_capacity(24);
        write_finite(value, &mut out);
        out
    }
}

/// Appends the form a real has inside dynamic JSON text: what JSON cannot say is a string.
pub fn write_json(value: f64, out: &mut String) {
    if value.is_nan() {
        out.push_str("\"NaN\"");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
    } else {
        write_finite(value, out);
    }
}

/// The form a real has inside dynamic JSON text.
pub fn format_json(value: f64) -> String {
    let mut out = String::with_capacity(24);
    write_json(value, &mut out);
    out
}

/// Reads text as `toreal` does, blanks around it allowed.
pub fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned.starts_with(|c: char| c.is_ascii_alphabetic())
        && !matches!(unsigned, "nan" | "NaN" | "Nan" | "inf" | "Inf" | "infinity" | "Infinity")
    {
        return None;
    }
    text.parse().ok()
}

/// Appends a finite value: a point always, 21 digits before it and five zeros behind it at most,
/// an exponent beyond that.
fn write_finite(value: f64, out: &mut String) {
    if value.is_sign_negative() {
        out.push('-');
    }
    if value == 0.0 {
        out.push_str("0.0");
        return;
    }
    let (digits, exponent) = digits(value.abs());
    let count = digits.len() as i32;
    // The point stands behind this many digits.
    let point = exponent + 1;
    if (1..=21).contains(&point) {
        if point >= count {
            out.push_str(&digits);
            out.extend(std::iter::repeat_n('0', (point - count) as usize));
            out.push_str(".0");
        } else {
            let (whole, fraction) = digits.split_at(point as usize);
            out.push_str(whole);
            out.push('.');
            out.push_str(fraction);
        }
    } else if (-5..=0).contains(&point) {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', -point as usize));
        out.push_str(&digits);
    } else {
        out.push_str(&digits[..1]);
        if count > 1 {
            out.push('.');
            out.push_str(&digits[1..]);
        }
        out.push('e');
        out.push_str(&exponent.to_string());
    }
}

/// The digits of a positive value, as many as needed to read it back, and the exponent of the
/// first.
///
/// Kusto generates digits from the upper end of the value's rounding interval and steps down to
/// the nearest only while fewer than nine of them lie behind the scaled point; so 0.1 + 0.2 ends
/// in 7, the last digit that still reads back, and not in 4.
fn digits(value: f64) -> (String, i32) {
    let shortest = format!("{value:e}");
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent = exponent.parse::<i32>().unwrap_or(0);
    let digits = mantissa.replace('.', "");
    // Up to 15 digits only one candidate lies in the interval.
    if digits.len() < 16 || digits.len() as i32 - scaled_digits(value, exponent) < 9 {
        return (digits, exponent);
    }
    let mut best = digits;
    let scale = exponent + 1 - best.len() as i32;
    while let Some(next) = best.parse::<u64>().ok().map(|n| (n + 1).to_string()) {
        // Another length or a zero at the end would be another notation.
        let same = next.len() == best.len() && !next.ends_with('0');
        if !same || format!("{next}e{scale}").parse() != Ok(value) {
            break;
        }
        best = next;
    }
    (best, exponent)
}

/// How many digits stand before the point once the value is scaled by the power of ten that the
/// digit generation picks, a multiple of eight away from 10^-348.
fn scaled_digits(value: f64, exponent: i32) -> i32 {
    let binary = (((value.to_bits() >> 52) & 0x7ff) as i32 - 1023) - 63;
    let power = (f64::from(-61 - binary) * std::f64::consts::LOG10_2 + 347.0).ceil() as i32;
    let step = ((power >> 3) + 1) << 3;
    exponent + 1 + (step - 348)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    #[expect(clippy::approx_constant)]
    fn tostring_forms() {
        for (value, text) in [
            (6.0, "6.0"),
            (-3.0, "-3.0"),
            (1.5, "1.5"),
            (0.0, "0.0"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.30000000000000007"),
            (0.18908519740253382, "0.18908519740253383"),
            (3.141592653589793, "3.141592653589793"),
            (1e11, "100000000000.0"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (0.000001, "0.000001"),
            (1e300, "1e300"),
            (1.25e-7, "1.25e-7"),
        ] {
            assert_eq!(format(value), text);
        }
    }

    #[test]
    fn texts_of_toreal() {
        for (text, value) in [
            ("5.7", Some(5.7)),
            ("1e3", Some(1000.0)),
            ("5.", Some(5.0)),
            (".5", Some(0.5)),
            (" 7 ", Some(7.0)),
            ("+4", Some(4.0)),
            ("1e400", Some(f64::INFINITY)),
            ("1e-400", Some(0.0)),
            ("inf", Some(f64::INFINITY)),
            ("-inf", Some(f64::NEG_INFINITY)),
            ("Infinity", Some(f64::INFINITY)),
            ("INF", None),
            ("0x10", None),
            ("1,000", None),
            ("1 000", None),
            ("1_000", None),
            ("", None),
            ("abc", None),
        ] {
            assert_eq!(parse(text), value, "{text}");
        }
        assert!(parse("nan").is_some_and(f64::is_nan));
        assert!(parse("-0").is_some_and(|v| v == 0.0 && v.is_sign_negative()));
    }

    proptest! {
        #[test]
        fn text_reads_back(value in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL) {
            prop_assert_eq!(parse(&format(value)), Some(value));
        }
    }
}
