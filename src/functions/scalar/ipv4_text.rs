//! IPv4 addresses inside of texts.

use arrow::array::ArrayRef;
use memchr::memmem::Finder;

use super::ip_address::{lists, octets};
use crate::error::Result;
use crate::functions::declare::scalar_functions;
use crate::functions::{Args, columns};

scalar_functions! {
    family: Ip;

    /// Whether an IPv4 address occurs in a text, between characters that are no letters or digits.
    ///
    /// ```kql
    /// print has_ipv4('05:04:54 127.0.0.1 GET /favicon.ico', '127.0.0.1')               //=> true
    /// print has_ipv4('05:04:54127.0.0.1 GET /favicon.ico', '127.0.0.1')                //=> false
    /// ```
    HAS_IPV4 = "has_ipv4" {
        (source: StringOrDynamic, ip: StringOrDynamic) -> Bool => has_ipv4;
    }

    /// Whether one of several IPv4 addresses, given one by one or as an array, occurs in a text.
    ///
    /// ```kql
    /// print has_any_ipv4('05:04:54 127.0.0.1 GET /favicon.ico', '10.0.0.1', '127.0.0.1')       //=> true
    /// ```
    HAS_ANY_IPV4 = "has_any_ipv4" {
        (source: StringOrDynamic, ip: StringOrDynamic, {ips: StringOrDynamic}) -> Bool => has_ipv4;
    }

    /// Whether an IPv4 address that begins with given parts occurs in a text.
    ///
    /// The prefix is a whole address or ends in a dot.
    ///
    /// ```kql
    /// print has_ipv4_prefix('05:04:54 127.0.0.1 GET /favicon.ico', '127.0.')           //=> true
    /// print has_ipv4_prefix('05:04:54 127.0.0.1 GET /favicon.ico', '127.0')            //=> false
    /// ```
    HAS_IPV4_PREFIX = "has_ipv4_prefix" {
        (source: StringOrDynamic, ip_prefix: StringOrDynamic) -> Bool => has_ipv4_prefix;
    }

    /// Whether an IPv4 address that begins with one of several prefixes, given one by one or as an
    /// array, occurs in a text.
    ///
    /// ```kql
    /// print has_any_ipv4_prefix('05:04:54 127.0.0.1 GET /favicon.ico', dynamic(['10.', '127.0.']))     //=> true
    /// ```
    HAS_ANY_IPV4_PREFIX = "has_any_ipv4_prefix" {
        (source: StringOrDynamic, ip_prefix: StringOrDynamic, {ip_prefixes: StringOrDynamic}) -> Bool => has_ipv4_prefix;
    }
}

fn has_ipv4(args: &Args) -> Result<ArrayRef> {
    search(args, |needle| octets(needle).is_some())
}

fn has_ipv4_prefix(args: &Args) -> Result<ArrayRef> {
    search(args, is_prefix)
}

/// A whole address, or one to three of its parts with their dots.
fn is_prefix(text: &str) -> bool {
    if octets(text).is_some() {
        return true;
    }
    let missing = match text.bytes().filter(|b| *b == b'.').count() {
        1 => "0.0.0",
        2 => "0.0",
        3 => "0",
        _ => return false,
    };
    text.ends_with('.') && octets(&format!("{text}{missing}")).is_some()
}

/// Whether one of the needles that `valid` accepts begins an address in the text.
fn search(args: &Args, valid: impl Fn(&str) -> bool) -> Result<ArrayRef> {
    let sources = args.texts(0)?;
    let lists = lists(args)?;
    let finders = |needles: Vec<String>| -> Vec<Finder<'static>> {
        let needles = needles.iter().map(|needle| needle.trim()).filter(|needle| valid(needle));
        needles.map(|needle| Finder::new(needle).into_owned()).collect()
    };
    let prepared: Vec<Option<Vec<Finder>>> =
        lists.iter().map(|list| list.constant().map(&finders)).collect();
    columns::truths((0..args.rows()).map(|row| {
        let source = sources.get(row);
        Ok(lists.iter().zip(&prepared).any(|(list, prepared)| match prepared {
            Some(needles) => needles.iter().any(|needle| occurs(source, needle)),
            None => finders(list.get(row)).iter().any(|needle| occurs(source, needle)),
        }))
    }))
}

fn occurs(source: &str, needle: &Finder) -> bool {
    needle.find_iter(source.as_bytes()).any(|at| {
        let before = source[..at].chars().next_back();
        !before.is_some_and(char::is_alphanumeric) && ends_address(&source[at..], needle.needle())
    })
}

/// Whether the address at the front of `text` is one, is delimited behind it, and is all of the
/// needle unless that ends in a dot.
fn ends_address(text: &str, needle: &[u8]) -> bool {
    let mut end = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    // Dots behind the address are no part of it, and neither is what follows four numbers.
    let mut dots = text[..end].match_indices('.');
    if let Some((fourth, _)) = dots.nth(3) {
        end = fourth;
    }
    (needle.ends_with(b".") || end == needle.len())
        && octets(&text[..end]).is_some()
        && !text[end..].chars().next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimited_addresses() {
        let has =
            |source: &str, needle: &str| is_prefix(needle) && occurs(source, &Finder::new(needle));
        for (source, needle, found) in [
            ("05:04:54 127.0.0.1 GET", "127.0.0.1", true),
            ("05:04:54127.0.0.1 GET", "127.0.0.1", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.15", "127.0.0.1", false),
            ("127.0.0.1.", "127.0.0.1", true),
            ("127.0.0.1x 127.0.0.1", "127.0.0.1", true),
            ("é127.0.0.1", "127.0.0.1", false),
            ("05:04:54 127.0.0.256 GET", "127.0.", false),
            ("05:04:54 127.0.0.1 GET", "127.0.", true),
            ("05:04:54 127.0.0.1 GET", "127.0", false),
            ("05:04:54 127.0.0.1 GET", "127.", true),
            ("05:04:54 127.0.0 GET", "127.0.", false),
        ] {
            assert_eq!(has(source, needle), found, "{source} {needle}");
        }
        assert!(is_prefix("192.168.1.") && !is_prefix("1.2.3.4.") && !is_prefix("300."));
    }
}
