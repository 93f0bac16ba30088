//! The catalog as the source of tables.

use arrow::datatypes::DataType;

use super::{Conversion, TableSource, Tables};
use crate::catalog::{self, Catalog, TableHandle};
use crate::error::Result;
use crate::types::arrow::data_type;
use crate::types::external::External;
use crate::types::{RowSchema, Type};

impl Tables for Catalog {
    fn table(&self, database: Option<&str>, name: &str) -> Result<TableSource> {
        Ok(source(&*Catalog::table(self, database, name)?))
    }

    fn external(&self, external: &External, schema: &RowSchema) -> Result<Vec<TableSource>> {
        Ok(Catalog::external(self, external, schema)?.iter().map(source).collect())
    }
}

fn source(handle: &TableHandle) -> TableSource {
    let schema = handle.provider.schema();
    let fields = schema.fields().iter();
    let columns = handle.columns.iter().zip(fields).map(|(column, field)| {
        (column.name.clone(), conversion(&column.conversion, field.data_type()))
    });
    TableSource {
        columns: columns.collect(),
        provider: handle.provider.clone(),
        addressed: handle.addressed.clone(),
    }
}

/// What lowering has to know of a conversion from the Arrow type `stored`.
fn conversion(conversion: &catalog::Conversion, stored: &DataType) -> Option<Conversion> {
    Some(match conversion {
        catalog::Conversion::Canonical => return None,
        catalog::Conversion::Text => Conversion::Text,
        catalog::Conversion::Timestamp(_)
        | catalog::Conversion::Date32
        | catalog::Conversion::Date64 => Conversion::Instant(stored.clone()),
        catalog::Conversion::Int => Conversion::Cast(data_type(Type::Int)),
        catalog::Conversion::Real => Conversion::Cast(data_type(Type::Real)),
        other => Conversion::Other(other.clone()),
    })
}
