//! Functions about the query, its schema and its database, most of them answered by the binder;
//! identities and sizes.

use std::hash::{BuildHasher, RandomState};

use arrow::array::ArrayRef;

use crate::error::{Error, Result};
use crate::functions::declare::scalar_functions;
use crate::functions::{Args, columns};
use crate::types::Type;

scalar_functions! {
    family: Metadata;

    /// The column of a name, or a default where the input has no such column.
    ///
    /// ```kql
    /// print a = 1 | project column_ifexists('a', 0)       //=> 1
    /// print a = 1 | project column_ifexists('b', 'x')     //=> x
    /// ```
    COLUMN_IFEXISTS = "column_ifexists" | "columnifexists" {
        (const name: String, default: Scalar) -> Computed(second) => binder;
    }

    /// Whether the input has a column of a name.
    ///
    /// ```kql
    /// print a = 1 | project iscolumnexists('a')       //=> true
    /// print a = 1 | project iscolumnexists('b')       //=> false
    /// ```
    ISCOLUMNEXISTS = "iscolumnexists" { (const name: String) -> Bool => binder; }

    /// The names of the columns of a table.
    ///
    /// ```kql
    /// let T = datatable(A: string, B: long)[]; print column_names_of(T)     //=> ["A","B"]
    /// ```
    COLUMN_NAMES_OF = "column_names_of" { (table: Scalar) -> Dynamic => binder; }

    /// The first value of the first row of a query, as a constant.
    ///
    /// ```kql
    /// print toscalar(range x from 1 to 3 step 1 | summarize max(x))     //=> 3
    /// ```
    TOSCALAR = "toscalar" { (query: Scalar) -> First => binder; }

    /// A tabular expression that is evaluated once, however often its name is used.
    ///
    /// ```kql
    /// let a = materialize(range x from 1 to 3 step 1); a | union a | count     //=> 6
    /// ```
    MATERIALIZE = "materialize" { (query: Scalar) -> First => binder; }

    /// The table of a name.
    ///
    /// ```kql
    /// table('events') | take 10
    /// ```
    TABLE = "table" { (name: String, [scope: String]) -> Computed(tabular) => binder; }

    /// The database of a name, for a table of it.
    ///
    /// ```kql
    /// database('logs').events | take 10
    /// ```
    DATABASE = "database" { ([name: String]) -> Computed(tabular) => binder; }

    /// The cluster of a name, for a database of it.
    ///
    /// ```kql
    /// cluster('local').database('logs').events | take 10
    /// ```
    CLUSTER = "cluster" { (name: String) -> Computed(tabular) => binder; }

    /// The name of the database that the query runs in.
    ///
    /// ```kql
    /// print current_database()
    /// ```
    CURRENT_DATABASE = "current_database", volatility Stable { () -> String => binder; }

    /// The address of the cluster that the query runs on.
    ///
    /// ```kql
    /// print current_cluster_endpoint()
    /// ```
    CURRENT_CLUSTER_ENDPOINT = "current_cluster_endpoint", volatility Stable {
        () -> String => binder;
    }

    /// A property bag of all columns of the input, by name; on request without those that are null
    /// or empty.
    ///
    /// ```kql
    /// print a = 1, b = '' | project pack_all()         //=> {"a":1,"b":""}
    /// print a = 1, b = '' | project pack_all(true)     //=> {"a":1}
    /// ```
    PACK_ALL = "pack_all" { ([const ignore_null_empty: Bool]) -> Dynamic => binder; }

    /// A random guid, another one at every call.
    ///
    /// ```kql
    /// print strlen(tostring(new_guid()))      //=> 36
    /// ```
    NEW_GUID = "new_guid", volatility Volatile { () -> Guid => new_guid; }

    /// An estimate of the bytes that values take: the fixed size of their types, and the length of
    /// texts. `*` stands for all columns.
    ///
    /// ```kql
    /// print estimate_data_size(1, 'abc')      //=> 11
    /// print a = 1, b = 'abc' | project estimate_data_size(*)      //=> 11
    /// ```
    ESTIMATE_DATA_SIZE = "estimate_data_size" {
        (value: Sized, {values: Sized}) -> Long => estimate_data_size;
    }

    /// Where an IP address is on earth; it needs a database of addresses that is not part of this
    /// engine, so the call fails.
    ///
    /// ```kql
    /// print geo_info_from_ip_address('20.53.203.50')
    /// ```
    GEO_INFO_FROM_IP_ADDRESS = "geo_info_from_ip_address" {
        (ip: String) -> Dynamic => geo_info_from_ip_address;
    }
}

fn second(types: &[Type]) -> Type {
    types.get(1).copied().unwrap_or(Type::Unknown)
}

/// The result is no scalar.
fn tabular(_: &[Type]) -> Type {
    Type::Unknown
}

fn geo_info_from_ip_address(_: &Args) -> Result<ArrayRef> {
    Err(Error::Execution(
        "`geo_info_from_ip_address` needs a GeoIP database, which kqlite does not have".into(),
    ))
}

fn new_guid(args: &Args) -> Result<ArrayRef> {
    let random = RandomState::new();
    columns::written(args.rows(), |row, out| {
        let bits = [(row, 0), (row, 1)].map(|seed| random.hash_one(seed));
        out.push_str(&guid_of(bits));
    })
}

/// A guid that nobody has.
pub fn random_guid() -> String {
    let random = RandomState::new();
    guid_of([0, 1].map(|seed| random.hash_one(seed)))
}

/// Random in all but the bits that mark version 4.
fn guid_of(bits: [u64; 2]) -> String {
    let [high, low] = [bits[0] & !0xf000 | 0x4000, bits[1] & !(0b11 << 62) | 1 << 63];
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xffff);
    let (d, e) = (low >> 48, low & 0xffff_ffff_ffff);
    format!("{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
}

fn estimate_data_size(args: &Args) -> Result<ArrayRef> {
    let mut fixed = 0;
    let mut texts = vec![];
    for (index, ty) in args.types().iter().enumerate() {
        match ty {
            Type::String => texts.push(args.reader::<&str>(index)?),
            Type::Bool => fixed += 1,
            Type::Int => fixed += 4,
            Type::Guid => fixed += 16,
            _ => fixed += 8,
        }
    }
    columns::longs((0..args.rows()).map(|row| {
        let lengths = texts.iter().filter_map(|text| text.get(row)).map(str::len);
        Ok(Some(fixed + lengths.sum::<usize>() as i64))
    }))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use arrow::array::{AsArray, Int64Array, StringViewArray};
    use arrow::datatypes::Int64Type;

    use super::*;
    use crate::types::guid;

    #[test]
    fn guids_differ_and_are_version_4() -> Result<()> {
        let mut seen = HashSet::new();
        for _ in 0..2 {
            let guids = new_guid(&Args::new(&[], &[], &[], 100))?;
            for guid in guids.as_string_view().iter().flatten() {
                assert_eq!(guid::parse(guid).as_deref(), Some(guid));
                assert_eq!(&guid[14..15], "4");
                assert!(seen.insert(guid.to_string()));
            }
        }
        Ok(())
    }

    #[test]
    fn sizes_are_those_of_types_and_texts() -> Result<()> {
        let arrays: [ArrayRef; 2] = [
            Arc::new(Int64Array::from(vec![1])),
            Arc::new(StringViewArray::from_iter_values(["1234567890", "é"])),
        ];
        let types = [Type::Long, Type::String];
        let sizes = estimate_data_size(&Args::new(&arrays, &[true, false], &types, 2))?;
        assert_eq!(sizes.as_primitive::<Int64Type>().values(), &[18, 10]);
        Ok(())
    }
}
