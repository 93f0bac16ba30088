//! IPv6 addresses and their ranges; IPv4 addresses are taken as mapped ones.

use arrow::array::ArrayRef;

use super::ip_address::{self, Version};
use crate::error::Result;
use crate::functions::Args;
use crate::functions::declare::scalar_functions;

scalar_functions! {
    family: Ip;

    /// The full text of an IPv6 or IPv4 address; a prefix behind it masks the address. Empty if it
    /// is invalid.
    ///
    /// ```kql
    /// print parse_ipv6('2001:db8::10')                 //=> 2001:0db8:0000:0000:0000:0000:0000:0010
    /// print parse_ipv6('192.168.1.1/24')               //=> 0000:0000:0000:0000:0000:ffff:c0a8:0100
    /// ```
    PARSE_IPV6 = "parse_ipv6" {
        (ip: String) -> String => parse_ipv6;
    }

    /// The full text of an IPv6 or IPv4 address, masked by the smaller of a prefix of up to 128 bits
    /// and the one behind the address. Empty if it is invalid.
    ///
    /// ```kql
    /// print parse_ipv6_mask('192.168.255.255', 120)    //=> 0000:0000:0000:0000:0000:ffff:c0a8:ff00
    /// ```
    PARSE_IPV6_MASK = "parse_ipv6_mask" {
        (ip: String, prefix: Long) -> String => parse_ipv6;
    }

    /// Compares two IPv6 or IPv4 addresses as numbers: -1, 0 or 1, null if one is invalid.
    ///
    /// The smallest of the prefixes behind the addresses and a third one decides how many bits count.
    ///
    /// ```kql
    /// print ipv6_compare('fe80::85d:e82c:9446:7994/120', 'fe80::85d:e82c:9446:7998')   //=> 0
    /// print ipv6_compare('192.168.1.1', '::ffff:c0a8:0101')                            //=> 0
    /// ```
    IPV6_COMPARE = "ipv6_compare" {
        (ip1: String, ip2: String, [prefix: Long]) -> Long => ipv6_compare;
    }

    /// Whether two IPv6 or IPv4 addresses are the same; null if one is invalid.
    ///
    /// The smallest of the prefixes behind the addresses and a third one decides how many bits count.
    ///
    /// ```kql
    /// print ipv6_is_match('fe80::85d:e82c:9446:7994', 'fe80::85d:e82c:9446:7995', 127)     //=> true
    /// ```
    IPV6_IS_MATCH = "ipv6_is_match" {
        (ip1: String, ip2: String, [prefix: Long]) -> Bool => ipv6_is_match;
    }

    /// Whether an IPv6 or IPv4 address lies in a range; null if one of them is invalid.
    ///
    /// ```kql
    /// print ipv6_is_in_range('a5e:f127::abcd', 'a5e:f127::/112')       //=> true
    /// ```
    IPV6_IS_IN_RANGE = "ipv6_is_in_range" {
        (ip: String, ip_range: String) -> Bool => ipv6_is_in_range;
    }

    /// Whether an IPv6 or IPv4 address lies in one of several ranges, given one by one or as an
    /// array.
    ///
    /// ```kql
    /// print ipv6_is_in_any_range('a5e:f127::abcd', dynamic(['::1/128', 'a5e:f127::/112']))     //=> true
    /// ```
    IPV6_IS_IN_ANY_RANGE = "ipv6_is_in_any_range" {
        (ip: StringOrDynamic, range: StringOrDynamic, {ranges: StringOrDynamic}) -> Bool => ipv6_is_in_any_range;
    }
}

const V6: Version = Version::V6;

fn parse_ipv6(args: &Args) -> Result<ArrayRef> {
    let given = args.len() > 1;
    args.map2(|ip: &str, prefix: Option<i64>| {
        let address = V6.parse(ip)?;
        let least = match given {
            true => address.prefix.min(V6.prefix(prefix?)?),
            false => address.prefix,
        };
        Some(full_text(address.bits & V6.mask(least)))
    })
}

/// Eight groups of four digits.
fn full_text(bits: u128) -> String {
    let digits = format!("{bits:032x}");
    let mut text = String::with_capacity(39);
    for group in (0..32).step_by(4) {
        if group > 0 {
            text.push(':');
        }
        text.push_str(&digits[group..group + 4]);
    }
    text
}

fn ipv6_compare(args: &Args) -> Result<ArrayRef> {
    ip_address::compare(args, V6, |order| order as i64)
}

fn ipv6_is_match(args: &Args) -> Result<ArrayRef> {
    ip_address::compare(args, V6, std::cmp::Ordering::is_eq)
}

fn ipv6_is_in_range(args: &Args) -> Result<ArrayRef> {
    ip_address::in_range(args, V6)
}

fn ipv6_is_in_any_range(args: &Args) -> Result<ArrayRef> {
    ip_address::in_any_range(args, V6)
}
