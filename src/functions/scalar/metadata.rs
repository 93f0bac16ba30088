//! Functions that the binder answers from the query, its schema and its database.

use arrow::array::ArrayRef;

use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
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
