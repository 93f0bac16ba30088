//! Punycode (RFC 3492), for texts and for the labels of domain names.

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const INITIAL_BIAS: u32 = 72;
const INITIAL_N: u32 = 128;

/// The punycode form of a text; `None` where a code point is out of reach.
pub fn encode(text: &str) -> Option<String> {
    let mut out: String = text.chars().filter(char::is_ascii).collect();
    let basic = out.len() as u32;
    if basic > 0 {
        out.push('-');
    }
    let points: Vec<u32> = text.chars().map(u32::from).collect();
    let (mut n, mut delta, mut bias, mut done) = (INITIAL_N, 0u32, INITIAL_BIAS, basic);
    while (done as usize) < points.len() {
        let next = points.iter().copied().filter(|point| *point >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(done + 1)?)?;
        n = next;
        for &point in &points {
            if point < n {
                delta = delta.checked_add(1)?;
            }
            if point == n {
                let mut rest = delta;
                for k in (BASE..).step_by(BASE as usize) {
                    let t = threshold(k, bias);
                    if rest < t {
                        break;
                    }
                    out.push(digit(t + (rest - t) % (BASE - t)));
                    rest = (rest - t) / (BASE - t);
                }
                out.push(digit(rest));
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done += 1;
            }
        }
        delta = delta.checked_add(1)?;
        n += 1;
    }
    Some(out)
}

/// The text that punycode spells; `None` if it spells none.
pub fn decode(code: &str) -> Option<String> {
    let (basic, extended) = code.rsplit_once('-').unwrap_or(("", code));
    if !basic.is_ascii() {
        return None;
    }
    let mut out: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (INITIAL_N, 0u32, INITIAL_BIAS);
    let mut digits = extended.bytes();
    while digits.len() > 0 {
        let (before, mut weight) = (i, 1u32);
        for k in (BASE..).step_by(BASE as usize) {
            let value = value(digits.next()?)?;
            i = i.checked_add(value.checked_mul(weight)?)?;
            let t = threshold(k, bias);
            if value < t {
                break;
            }
            weight = weight.checked_mul(BASE - t)?;
        }
        let length = out.len() as u32 + 1;
        bias = adapt(i - before, length, before == 0);
        n = n.checked_add(i / length)?;
        i %= length;
        out.insert(i as usize, char::from_u32(n)?);
        i += 1;
    }
    Some(out.into_iter().collect())
}

/// A domain name with every label outside ASCII encoded.
pub fn encode_domain(domain: &str) -> Option<String> {
    let labels = domain.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']);
    let encoded: Option<Vec<_>> = labels
        .map(|label| {
            if label.is_ascii() {
                Some(label.to_string())
            } else {
                encode(label).map(|code| format!("xn--{code}"))
            }
        })
        .collect();
    encoded.map(|labels| labels.join("."))
}

/// A domain name with every encoded label decoded.
pub fn decode_domain(domain: &str) -> Option<String> {
    let decoded: Option<Vec<_>> = domain
        .split('.')
        .map(|label| match label.strip_prefix("xn--") {
            Some(code) => decode(code),
            None => Some(label.to_string()),
        })
        .collect();
    decoded.map(|labels| labels.join("."))
}

fn threshold(k: u32, bias: u32) -> u32 {
    k.saturating_sub(bias).clamp(T_MIN, T_MAX)
}

fn adapt(delta: u32, length: u32, first: bool) -> u32 {
    let mut delta = if first { delta / DAMP } else { delta / 2 };
    delta += delta / length;
    let mut k = 0;
    while delta > ((BASE - T_MIN) * T_MAX) / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}

fn digit(value: u32) -> char {
    let value = value as u8;
    char::from(if value < 26 { b'a' + value } else { b'0' + value - 26 })
}

fn value(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'a'..=b'z' => digit - b'a',
        b'A'..=b'Z' => digit - b'A',
        b'0'..=b'9' => digit - b'0' + 26,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_both_ways() {
        for (text, code) in [
            ("académie-française", "acadmie-franaise-npb1a"),
            ("艺术", "cqv902d"),
            ("Gáe", "Ge-mia"),
        ] {
            assert_eq!(encode(text).as_deref(), Some(code));
            assert_eq!(decode(code).as_deref(), Some(text));
        }
        assert_eq!(decode("a-é"), None);
    }

    #[test]
    fn domains_are_coded_label_by_label() {
        assert_eq!(
            encode_domain("Lê Lợi。Thuận Thiên。com").as_deref(),
            Some("xn--L Li-gpa4517b.xn--Thun Thin-s4a7194f.com")
        );
        assert_eq!(
            decode_domain("xn--Ry-lja8c.xn--Jng-uta63a.xn--Bng-9ka.com").as_deref(),
            Some("Rúyì.Jīngū.Bàng.com")
        );
    }
}
