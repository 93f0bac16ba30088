//! IP addresses with prefixes, and the kernels that both versions share.

use std::net::Ipv6Addr;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBuilder};

use crate::error::Result;
use crate::functions::Args;
use crate::functions::text::Texts;
use crate::types::Type;
use crate::types::dynamic::Dynamic;

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    V4,
    V6,
}

impl Version {
    /// Bits of an address.
    pub const fn width(self) -> u8 {
        match self {
            Version::V4 => 32,
            Version::V6 => 128,
        }
    }

    /// The address that a text spells, with its prefix.
    pub fn parse(self, text: &str) -> Option<Address> {
        match self {
            Version::V4 => parse_v4(text),
            Version::V6 => parse_v6(text),
        }
    }

    /// The bits of an address that a prefix keeps.
    pub const fn mask(self, prefix: u8) -> u128 {
        let all = match self {
            Version::V4 => u32::MAX as u128,
            Version::V6 => u128::MAX,
        };
        let dropped = self.width() - prefix;
        if dropped == 128 { 0 } else { (all >> dropped) << dropped }
    }

    /// An argument as a prefix.
    pub fn prefix(self, value: i64) -> Option<u8> {
        u8::try_from(value).ok().filter(|prefix| *prefix <= self.width())
    }
}

/// An address and how many of its bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    pub bits: u128,
    pub prefix: u8,
}

/// Four decimal numbers without leading zeros, and a prefix up to 32.
fn parse_v4(text: &str) -> Option<Address> {
    let text = text.trim();
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, number(prefix).filter(|prefix| *prefix <= 32)?),
        None => (text, 32),
    };
    Some(Address { bits: u128::from(octets(address)?), prefix })
}

/// The number that four octets make.
pub fn octets(text: &str) -> Option<u32> {
    let mut bits = 0;
    let mut parts = text.split('.');
    for _ in 0..4 {
        bits = (bits << 8) | u32::from(number(parts.next()?)?);
    }
    parts.next().is_none().then_some(bits)
}

/// Up to three digits without leading zeros.
fn number(text: &str) -> Option<u8> {
    let digits = matches!(text.len(), 1..=3) && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok()
}

/// An address of either version; one of version 4 is mapped into version 6 and so is its prefix.
fn parse_v6(text: &str) -> Option<Address> {
    const MAPPED: u128 = 0xffff << 32;
    let text = text.trim();
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(number(prefix)?)),
        None => (text, None),
    };
    let address = address.split_once('%').map_or(address, |(address, _)| address);
    let dotted = address.contains('.');
    let mut bits = if dotted && !address.contains(':') {
        MAPPED | u128::from(octets(address)?)
    } else {
        u128::from(address.parse::<Ipv6Addr>().ok()?)
    };
    if dotted && bits >> 32 == 0 {
        bits |= MAPPED;
    }
    let prefix = match prefix {
        None => 128,
        Some(prefix) if dotted => prefix.checked_add(96).filter(|_| prefix <= 32)?,
        Some(prefix) => Some(prefix).filter(|prefix| *prefix <= 128)?,
    };
    Some(Address { bits, prefix })
}

/// Compares two addresses by the bits that both prefixes and an optional third one keep; null where
/// one of them is invalid.
pub fn compare<R>(
    args: &Args,
    version: Version,
    answer: impl Fn(std::cmp::Ordering) -> R,
) -> Result<ArrayRef>
where
    R: crate::functions::kernel::IntoResult,
{
    let constant = [args.constant_str(0), args.constant_str(1)]
        .map(|text| text.map(|text| version.parse(text)));
    args.map3(|a: &str, b: &str, prefix: Option<i64>| {
        let a = constant[0].unwrap_or_else(|| version.parse(a))?;
        let b = constant[1].unwrap_or_else(|| version.parse(b))?;
        let mut least = a.prefix.min(b.prefix);
        if args.len() > 2 {
            least = least.min(version.prefix(prefix?)?);
        }
        let mask = version.mask(least);
        Some(answer((a.bits & mask).cmp(&(b.bits & mask))))
    })
}

fn is_inside(address: Address, range: Address, version: Version) -> bool {
    let own = address.bits & version.mask(address.prefix);
    let mask = version.mask(range.prefix);
    own & mask == range.bits & mask
}

/// Whether the first address lies in the range that the second names.
pub fn in_range(args: &Args, version: Version) -> Result<ArrayRef> {
    let constant = args.constant_str(1).map(|text| version.parse(text));
    args.map2(|address: &str, range: &str| {
        let range = constant.unwrap_or_else(|| version.parse(range))?;
        Some(is_inside(version.parse(address)?, range, version))
    })
}

/// Whether the first address lies in one of the ranges that the others name: texts, or arrays of
/// texts. Null where the address is invalid, or where none holds it and one of them is invalid.
pub fn in_any_range(args: &Args, version: Version) -> Result<ArrayRef> {
    let addresses = args.texts(0)?;
    let lists = lists(args)?;
    let prepared: Vec<Option<Vec<Option<Address>>>> =
        lists.iter().map(|list| list.constant().map(|texts| parse_all(&texts, version))).collect();
    let mut builder = BooleanBuilder::with_capacity(args.rows());
    for row in 0..args.rows() {
        let Some(address) = version.parse(addresses.get(row)) else {
            builder.append_null();
            continue;
        };
        let mut found = Some(false);
        for (list, prepared) in lists.iter().zip(&prepared) {
            let own;
            let ranges = match prepared {
                Some(ranges) => ranges,
                None => {
                    own = parse_all(&list.get(row), version);
                    &own
                }
            };
            if ranges.iter().flatten().any(|range| is_inside(address, *range, version)) {
                found = Some(true);
                break;
            }
            if ranges.contains(&None) {
                found = None;
            }
        }
        builder.append_option(found);
    }
    Ok(Arc::new(builder.finish()))
}

fn parse_all(texts: &[String], version: Version) -> Vec<Option<Address>> {
    texts.iter().map(|text| version.parse(text)).collect()
}

/// An argument that holds a text, or an array of texts.
pub struct List {
    texts: Texts,
    dynamic: bool,
}

impl List {
    /// The texts in `row`.
    pub fn get(&self, row: usize) -> Vec<String> {
        self.split(self.texts.get(row))
    }

    /// The texts of a constant argument.
    pub fn constant(&self) -> Option<Vec<String>> {
        self.texts.constant().map(|text| self.split(text))
    }

    fn split(&self, text: &str) -> Vec<String> {
        if self.dynamic && text.starts_with('[') {
            let items = Dynamic::parse(text);
            let items = items.as_ref().and_then(Dynamic::as_array).unwrap_or_default();
            return items.iter().map(Dynamic::text).collect();
        }
        vec![text.to_string()]
    }
}

/// The arguments behind the first as lists of texts.
pub fn lists(args: &Args) -> Result<Vec<List>> {
    let list =
        |index| Ok(List { texts: args.texts(index)?, dynamic: args.ty(index) == Type::Dynamic });
    (1..args.len()).map(list).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_4() {
        let long =
            |text| parse_v4(text).map(|address| address.bits & Version::V4.mask(address.prefix));
        assert_eq!(long("203.0.113.10"), Some(3_405_803_786));
        assert_eq!(long(" 203.0.113.10/24 "), Some(3_405_803_776));
        assert_eq!(long("203.0.113.10/0"), Some(0));
        assert_eq!(long("255.255.255.255/31"), Some(4_294_967_294));
        for text in
            ["1.2.3", "1.2.3.4.5", "256.0.0.1", "01.02.03.04", "1.2.3.4/33", "1.2.3.4/", "", "::1"]
        {
            assert_eq!(long(text), None, "{text}");
        }
    }

    #[test]
    fn version_6() {
        let parse = |text| parse_v6(text).map(|address| (address.bits, address.prefix));
        assert_eq!(parse("1.2.3.4/24"), Some((0xffff_0102_0304, 120)));
        assert_eq!(parse("::192.168.1.1"), Some((0xffff_c0a8_0101, 128)));
        assert_eq!(parse("::ffff:c0a8:0101"), Some((0xffff_c0a8_0101, 128)));
        assert_eq!(parse("fe80::1%eth0/64"), Some(((0xfe80 << 112) | 1, 64)));
        for text in ["1.2.3.4/33", "::ffff:1.2.3.4/120", "::1/129", "1::2::3", "x", ""] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(Version::V6.mask(0), 0);
        assert_eq!(Version::V6.mask(128), u128::MAX);
        assert_eq!(Version::V4.mask(0), 0);
        assert_eq!(Version::V4.mask(8), 0xff00_0000);
    }
}
