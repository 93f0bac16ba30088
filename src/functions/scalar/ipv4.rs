//! IPv4 addresses as numbers, and their ranges.

use std::net::Ipv4Addr;

use arrow::array::ArrayRef;

use super::ip_address::{self, Address, Version};
use crate::error::Result;
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::types::Type;
use crate::types::dynamic::Dynamic;

scalar_functions! {
    family: Ip;

    /// An IPv4 address as a number; a prefix behind it masks the address. Null if it is invalid.
    ///
    /// ```kql
    /// print parse_ipv4('192.168.1.1')                          //=> 3232235777
    /// print parse_ipv4('192.168.1.1/24')                       //=> 3232235776
    /// print parse_ipv4('256.0.0.1')                            //=> null
    /// ```
    PARSE_IPV4 = "parse_ipv4" {
        (ip: String) -> Long => parse_ipv4;
    }

    /// An IPv4 address as a number, masked by the smaller of a prefix and the one behind the address.
    ///
    /// ```kql
    /// print parse_ipv4_mask('127.0.0.1', 24)                   //=> 2130706432
    /// ```
    PARSE_IPV4_MASK = "parse_ipv4_mask" {
        (ip: String, prefix: Long) -> Long => parse_ipv4;
    }

    /// Compares two IPv4 addresses as numbers: -1, 0 or 1, null if one is invalid.
    ///
    /// The smallest of the prefixes behind the addresses and a third one decides how many bits count.
    ///
    /// ```kql
    /// print ipv4_compare('192.168.1.1/24', '192.168.1.255')    //=> 0
    /// print ipv4_compare('192.168.1.1', '192.168.1.255')       //=> -1
    /// ```
    IPV4_COMPARE = "ipv4_compare" {
        (ip1: String, ip2: String, [prefix: Long]) -> Long => ipv4_compare;
    }

    /// Whether two IPv4 addresses are the same; null if one is invalid.
    ///
    /// The smallest of the prefixes behind the addresses and a third one decides how many bits count.
    ///
    /// ```kql
    /// print ipv4_is_match('192.168.1.1/24', '192.168.1.255')   //=> true
    /// print ipv4_is_match('192.168.1.1', '192.168.1.0', 31)    //=> true
    /// ```
    IPV4_IS_MATCH = "ipv4_is_match" {
        (ip1: String, ip2: String, [prefix: Long]) -> Bool => ipv4_is_match;
    }

    /// Whether an IPv4 address lies in a range; null if one of them is invalid.
    ///
    /// ```kql
    /// print ipv4_is_in_range('192.168.1.6', '192.168.1.1/24')  //=> true
    /// ```
    IPV4_IS_IN_RANGE = "ipv4_is_in_range" {
        (ip: String, ip_range: String) -> Bool => ipv4_is_in_range;
    }

    /// Whether an IPv4 address lies in one of several ranges, given one by one or as an array.
    ///
    /// ```kql
    /// print ipv4_is_in_any_range('192.168.1.6', '10.0.0.1/8', '192.168.1.1/24')        //=> true
    /// print ipv4_is_in_any_range('127.0.0.1', dynamic(['10.0.0.1/8']))                 //=> false
    /// ```
    IPV4_IS_IN_ANY_RANGE = "ipv4_is_in_any_range" {
        (ip: StringOrDynamic, range: StringOrDynamic, {ranges: StringOrDynamic}) -> Bool => ipv4_is_in_any_range;
    }

    /// Whether an IPv4 address belongs to a private network: 10.0.0.0/8, 172.16.0.0/12 or
    /// 192.168.0.0/16.
    ///
    /// ```kql
    /// print ipv4_is_private('10.1.2.3/24')                     //=> true
    /// print ipv4_is_private('127.0.0.1')                       //=> false
    /// ```
    IPV4_IS_PRIVATE = "ipv4_is_private" {
        (ip: String) -> Bool => ipv4_is_private;
    }

    /// The prefix behind an IPv4 address, 32 where there is none; null if it is invalid.
    ///
    /// ```kql
    /// print ipv4_netmask_suffix('192.168.1.1/24')              //=> 24
    /// print ipv4_netmask_suffix('10.1.2.3')                    //=> 32
    /// ```
    IPV4_NETMASK_SUFFIX = "ipv4_netmask_suffix" {
        (ip: String) -> Long => ipv4_netmask_suffix;
    }

    /// The fewest ranges with a prefix that cover the addresses from one to another.
    ///
    /// ```kql
    /// print ipv4_range_to_cidr_list('1.1.128.0', '1.1.140.255')            //=> ["1.1.128.0/21","1.1.136.0/22","1.1.140.0/24"]
    /// ```
    IPV4_RANGE_TO_CIDR_LIST = "ipv4_range_to_cidr_list" {
        (start: String, end: String) -> Dynamic => ipv4_range_to_cidr_list;
    }

    /// The text of an IPv4 address, given as text or number and masked by a prefix; empty if it is
    /// invalid.
    ///
    /// ```kql
    /// print format_ipv4('192.168.1.1', 24)                     //=> 192.168.1.0
    /// print format_ipv4(3232236031, 24)                        //=> 192.168.1.0
    /// ```
    FORMAT_IPV4 = "format_ipv4" {
        (ip: TextOrWhole, [prefix: Long]) -> String => format_ipv4;
    }

    /// The text of an IPv4 address with its prefix, given as text or number and masked by that
    /// prefix; empty if it is invalid.
    ///
    /// ```kql
    /// print format_ipv4_mask('192.168.1.1', 24)                //=> 192.168.1.0/24
    /// print format_ipv4_mask('192.168.1.1/16', 24)             //=> 192.168.0.0/16
    /// ```
    FORMAT_IPV4_MASK = "format_ipv4_mask" {
        (ip: TextOrWhole, [prefix: Long]) -> String => format_ipv4_mask;
    }
}

const V4: Version = Version::V4;

/// An address under its prefix and an optional further one.
fn masked(address: Option<Address>, prefix: Option<i64>, given: bool) -> Option<Address> {
    let Address { bits, mut prefix } = match (given, prefix) {
        (false, _) => address?,
        (true, wanted) => {
            let address = address?;
            Address { prefix: address.prefix.min(V4.prefix(wanted?)?), ..address }
        }
    };
    prefix = prefix.min(32);
    Some(Address { bits: bits & V4.mask(prefix), prefix })
}

fn parse_ipv4(args: &Args) -> Result<ArrayRef> {
    let given = args.len() > 1;
    args.map2(|ip: &str, prefix: Option<i64>| {
        masked(V4.parse(ip), prefix, given).map(|address| address.bits as i64)
    })
}

fn ipv4_compare(args: &Args) -> Result<ArrayRef> {
    ip_address::compare(args, V4, |order| order as i64)
}

fn ipv4_is_match(args: &Args) -> Result<ArrayRef> {
    ip_address::compare(args, V4, std::cmp::Ordering::is_eq)
}

fn ipv4_is_in_range(args: &Args) -> Result<ArrayRef> {
    ip_address::in_range(args, V4)
}

fn ipv4_is_in_any_range(args: &Args) -> Result<ArrayRef> {
    ip_address::in_any_range(args, V4)
}

fn ipv4_is_private(args: &Args) -> Result<ArrayRef> {
    args.map1(|ip: &str| {
        let address = masked(V4.parse(ip), None, false)?;
        let network = |bits: u128, prefix| address.bits & V4.mask(prefix) == bits;
        Some(network(0x0a00_0000, 8) || network(0xac10_0000, 12) || network(0xc0a8_0000, 16))
    })
}

fn ipv4_netmask_suffix(args: &Args) -> Result<ArrayRef> {
    args.map1(|ip: &str| V4.parse(ip).map(|address| i64::from(address.prefix)))
}

fn ipv4_range_to_cidr_list(args: &Args) -> Result<ArrayRef> {
    args.map2(|start: &str, end: &str| {
        let mut next = masked(V4.parse(start), None, false)?.bits as u64;
        let end = masked(V4.parse(end), None, false)?.bits as u64;
        if next > end {
            return None;
        }
        let mut ranges = Vec::new();
        while next <= end {
            // The largest block that begins here and ends in time.
            let aligned = if next == 0 { 32 } else { next.trailing_zeros().min(32) };
            let fitting = (end - next + 1).ilog2();
            let block = aligned.min(fitting);
            let address = Ipv4Addr::from(next as u32);
            ranges.push(Dynamic::String(format!("{address}/{}", 32 - block)));
            next += 1 << block;
        }
        Some(Dynamic::Array(ranges).to_json())
    })
}

fn format_ipv4(args: &Args) -> Result<ArrayRef> {
    format(args, |address, _| address.to_string())
}

fn format_ipv4_mask(args: &Args) -> Result<ArrayRef> {
    format(args, |address, prefix| format!("{address}/{prefix}"))
}

fn format(args: &Args, write: impl Fn(Ipv4Addr, u8) -> String) -> Result<ArrayRef> {
    let given = args.len() > 1;
    let text = |address: Option<Address>, prefix| {
        masked(address, prefix, given).map(|a| write(Ipv4Addr::from(a.bits as u32), a.prefix))
    };
    if args.ty(0) == Type::String {
        return args.map2(|ip: &str, prefix: Option<i64>| text(V4.parse(ip), prefix));
    }
    args.map2(|ip: i64, prefix: Option<i64>| {
        let bits = u32::try_from(ip).ok().map(u128::from);
        text(bits.map(|bits| Address { bits, prefix: 32 }), prefix)
    })
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};

    use super::*;
    use crate::functions::kernel::array_of;
    use crate::types::Value;

    fn texts(kernel: fn(&Args) -> Result<ArrayRef>, values: &[Value]) -> Option<String> {
        let types: Vec<Type> = values.iter().map(Value::ty).collect();
        let arrays: Vec<ArrayRef> =
            values.iter().map(|v| array_of(std::slice::from_ref(v), v.ty())).collect();
        let scalars = vec![true; arrays.len()];
        let result = kernel(&Args::new(&arrays, &scalars, &types, 1)).unwrap();
        let text = result.as_string_view();
        text.is_valid(0).then(|| text.value(0).to_string())
    }

    #[test]
    fn formats() {
        let ip = |text: &str| Value::String(text.into());
        for (address, prefix, plain, with_prefix) in [
            (ip("192.168.1.1"), 24, "192.168.1.0", "192.168.1.0/24"),
            (ip("192.168.1.1"), 32, "192.168.1.1", "192.168.1.1/32"),
            (ip("192.168.1.1/24"), 32, "192.168.1.0", "192.168.1.0/24"),
            (Value::Long(3_232_236_031), 24, "192.168.1.0", "192.168.1.0/24"),
        ] {
            let args = [address, Value::Long(prefix)];
            assert_eq!(texts(format_ipv4, &args).as_deref(), Some(plain));
            assert_eq!(texts(format_ipv4_mask, &args).as_deref(), Some(with_prefix));
        }
        assert_eq!(texts(format_ipv4, &[ip("192.168.1.1/24"), Value::Long(-1)]), None);
        assert_eq!(texts(format_ipv4, &[Value::Long(-1)]), None);
    }

    #[test]
    fn ranges_to_lists() {
        let list = |start: &str, end: &str| {
            let args = [Value::String(start.into()), Value::String(end.into())];
            texts(ipv4_range_to_cidr_list, &args)
        };
        assert_eq!(
            list("1.1.128.0", "1.1.140.255").as_deref(),
            Some(r#"["1.1.128.0/21","1.1.136.0/22","1.1.140.0/24"]"#)
        );
        assert_eq!(list("0.0.0.0", "255.255.255.255").as_deref(), Some(r#"["0.0.0.0/0"]"#));
        assert_eq!(
            list("10.0.0.1", "10.0.0.2").as_deref(),
            Some(r#"["10.0.0.1/32","10.0.0.2/32"]"#)
        );
        assert_eq!(list("10.0.0.2", "10.0.0.1"), None);
    }
}
