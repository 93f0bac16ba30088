//! Tables of Parquet files.
//!
//! The footers of a table's files are read once, when it is opened: they give the columns and the
//! statistics from which plans count rows and leave files out.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, Result as DfResult, ScalarValue, Statistics};
use datafusion::datasource::TableType;
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder};
use datafusion::datasource::table_schema::{TableSchema as ScanSchema, TableSchemaBuilder};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::object_store::ObjectMeta;
use datafusion::object_store::path::Path as StorePath;
use datafusion::physical_plan::ExecutionPlan;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::{ConvertedType, LogicalType};

use super::addressed::{self, Addressed};
use super::convert::{Conversion, Reading};
use super::listing::{DataFile, Listed, plain};
use super::{TableHandle, handle};
use crate::error::{Error, Result};
use crate::types::{RowSchema, Type};

/// What Hive writes for a null in a folder name.
const HIVE_NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The footer of a file.
struct Footer {
    metadata: ArrowReaderMetadata,
    object: ObjectMeta,
}

/// Opens the files of a table.
pub(super) fn open(
    name: &Arc<str>,
    listed: &Listed,
    declared: Option<&RowSchema>,
) -> Result<TableHandle> {
    let footers = listed.files.iter().map(|file| footer(&file.path)).collect::<Result<Vec<_>>>()?;
    let mut columns = Columns::default();
    for (footer, file) in footers.iter().zip(&listed.files) {
        columns.merge(footer).map_err(|error| match error {
            Error::Execution(message) => Error::file(&file.path, message),
            other => other,
        })?;
    }
    let mut readings = columns.readings;
    let partitions = Partitions::of(&listed.files, &arrow_schema(&readings));
    let mut folders: Vec<_> = partitions.readings().collect();
    if let Some(declared) = declared {
        readings = arranged(readings, &mut folders, declared);
    }
    let file_schema: SchemaRef = Arc::new(arrow_schema(&readings));
    readings.extend(folders);
    let scan = TableSchemaBuilder::from(&file_schema)
        .with_table_partition_cols(partitions.fields())
        .build();
    let files = footers
        .into_iter()
        .zip(&listed.files)
        .map(|(footer, file)| {
            let statistics = statistics(&footer, &file_schema);
            PartitionedFile::new_from_meta(footer.object)
                .with_partition_values(partitions.values(file))
                .with_statistics(Arc::new(statistics))
        })
        .collect();
    let paths = listed.files.iter().map(|file| file.path.clone()).collect();
    let table = ParquetTable { scan, files, paths };
    let addressed = Arc::new(table.clone());
    Ok(TableHandle { addressed: Some(addressed), ..handle(name, readings, Arc::new(table)) })
}

fn footer(path: &Path) -> Result<Footer> {
    let file = File::open(path).map_err(|error| Error::file(path, plain(&error)))?;
    let about = file.metadata().map_err(|error| Error::file(path, plain(&error)))?;
    let broken = |error: &dyn std::fmt::Display| {
        Error::file(path, format!("cannot be read as Parquet: {error}"))
    };
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        .map_err(|error| broken(&error))?;
    let location = StorePath::from_absolute_path(path).map_err(|error| broken(&error))?;
    let last_modified = about.modified().map_err(|error| Error::file(path, plain(&error)))?;
    let object = ObjectMeta {
        location,
        last_modified: last_modified.into(),
        size: about.len(),
        e_tag: None,
        version: None,
    };
    Ok(Footer { metadata, object })
}

/// The columns of all files of a table: by name, in the order they are first met.
#[derive(Default)]
struct Columns {
    readings: Vec<(Arc<str>, Reading)>,
    positions: HashMap<Arc<str>, usize>,
}

impl Columns {
    fn merge(&mut self, footer: &Footer) -> Result<()> {
        let descriptor = footer.metadata.parquet_schema();
        let roots = descriptor.root_schema().get_fields();
        let fields = footer.metadata.schema().fields();
        for (i, field) in fields.iter().enumerate() {
            if fields[..i].iter().any(|other| other.name() == field.name()) {
                let message = format!("two columns are called `{}`", field.name());
                return Err(Error::Execution(message));
            }
            let mut reading = Reading::of(field)
                .map_err(|error| Error::Execution(format!("column `{}`: {error}", field.name())))?;
            let info = roots.get(i).map(|root| root.get_basic_info());
            let json = info.is_some_and(|info| {
                info.converted_type() == ConvertedType::JSON
                    || info.logical_type_ref() == Some(&LogicalType::Json)
            });
            if json && reading.conversion == Conversion::Text {
                reading = reading.pinned(Type::Dynamic);
            }
            self.add(field, reading)?;
        }
        Ok(())
    }

    fn add(&mut self, field: &Field, reading: Reading) -> Result<()> {
        let Some(&position) = self.positions.get(field.name().as_str()) else {
            let name: Arc<str> = field.name().as_str().into();
            self.positions.insert(Arc::clone(&name), self.readings.len());
            self.readings.push((name, reading));
            return Ok(());
        };
        let known = &mut self.readings[position].1;
        *known = meet(known, &reading).ok_or_else(|| {
            Error::Execution(format!(
                "column `{}` is {} here and {} in other files of the table",
                field.name(),
                reading.raw,
                known.raw,
            ))
        })?;
        Ok(())
    }
}

/// The columns in the order and with the types a schema file declares: its own first, also those
/// that no file stores, then the others, then those of `folders`.
fn arranged(
    mut stored: Vec<(Arc<str>, Reading)>,
    folders: &mut [(Arc<str>, Reading)],
    declared: &RowSchema,
) -> Vec<(Arc<str>, Reading)> {
    let mut readings = Vec::with_capacity(stored.len());
    for column in declared.columns() {
        if let Some((_, reading)) = folders.iter_mut().find(|(name, _)| *name == column.name) {
            *reading = reading.clone().pinned(column.ty);
            continue;
        }
        let reading = match stored.iter().position(|(name, _)| *name == column.name) {
            Some(position) => stored.remove(position).1.pinned(column.ty),
            None => Reading::canonical(column.ty),
        };
        readings.push((Arc::clone(&column.name), reading));
    }
    readings.extend(stored);
    readings
}

/// The reading in which the same column of two files can be delivered.
fn meet(a: &Reading, b: &Reading) -> Option<Reading> {
    if a == b {
        return Some(a.clone());
    }
    let (wide, narrow) = if rank(&a.raw)? >= rank(&b.raw)? { (a, b) } else { (b, a) };
    match (&wide.raw, &narrow.raw) {
        // A long may not survive as a double.
        (DataType::Float64, DataType::Int64 | DataType::UInt32 | DataType::UInt64) => None,
        _ if wide.ty == Type::Int || wide.ty == Type::Long => {
            let ty = wide.ty.max(narrow.ty);
            let raw = if ty == Type::Int { DataType::Int32 } else { DataType::Int64 };
            Some(Reading { ty, raw, conversion: Conversion::Canonical })
        }
        _ => Some(Reading {
            ty: Type::Real,
            raw: DataType::Float64,
            conversion: Conversion::Canonical,
        }),
    }
}

/// The place of a plain number among those it can be widened to.
fn rank(raw: &DataType) -> Option<u8> {
    Some(match raw {
        DataType::Int8 | DataType::UInt8 => 1,
        DataType::Int16 | DataType::UInt16 => 2,
        DataType::Int32 => 3,
        DataType::UInt32 | DataType::Int64 => 4,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => 5,
        _ => return None,
    })
}

/// The Arrow schema of a file scan. All columns are nullable: a file may lack one.
fn arrow_schema(readings: &[(Arc<str>, Reading)]) -> Schema {
    let fields: Fields = readings
        .iter()
        .map(|(name, reading)| Field::new(&**name, reading.raw.clone(), true))
        .collect();
    Schema::new(fields)
}

/// What the footer tells of the columns of `schema`.
fn statistics(footer: &Footer, schema: &SchemaRef) -> Statistics {
    let metadata = footer.metadata.metadata();
    let mut statistics = DFParquetMetadata::statistics_from_parquet_metadata(metadata, schema)
        .unwrap_or_else(|_| Statistics::new_unknown(schema));
    for (column, field) in statistics.column_statistics.iter_mut().zip(schema.fields()) {
        let stored = footer.metadata.schema().field_with_name(field.name());
        // Those of nested and widened columns are not about the values that a scan delivers.
        if stored.is_ok_and(|stored| {
            field.data_type().is_nested()
                || (stored.data_type().is_numeric() && stored.data_type() != field.data_type())
        }) {
            *column = ColumnStatistics::new_unknown();
        }
    }
    statistics
}

/// The columns that folder names give.
struct Partitions {
    /// Name, and whether all values are integers.
    columns: Vec<(Arc<str>, bool)>,
}

impl Partitions {
    /// The keys that folders of every file name and that no file stores.
    fn of(files: &[DataFile], stored: &Schema) -> Partitions {
        let mut columns: Vec<(Arc<str>, bool)> = Vec::new();
        for (key, _) in files.iter().flat_map(|file| &file.partitions) {
            let known = columns.iter().any(|(name, _)| **name == **key);
            if !known && stored.field_with_name(key).is_err() {
                let integers = files.iter().all(|file| {
                    partition(file, key).is_some_and(|value| value.parse::<i64>().is_ok())
                });
                columns.push((key.as_str().into(), integers));
            }
        }
        Partitions { columns }
    }

    fn readings(&self) -> impl Iterator<Item = (Arc<str>, Reading)> {
        self.columns.iter().map(|(name, integers)| {
            let reading = if *integers {
                Reading { ty: Type::Long, raw: DataType::Int64, conversion: Conversion::Canonical }
            } else {
                Reading { ty: Type::String, raw: DataType::Utf8View, conversion: Conversion::Text }
            };
            (Arc::clone(name), reading)
        })
    }

    fn fields(&self) -> Vec<FieldRef> {
        self.readings()
            .map(|(name, reading)| Arc::new(Field::new(&*name, reading.raw, true)))
            .collect()
    }

    fn values(&self, file: &DataFile) -> Vec<ScalarValue> {
        self.columns
            .iter()
            .map(|(name, integers)| {
                let value = partition(file, name).filter(|value| *value != HIVE_NULL);
                if *integers {
                    ScalarValue::Int64(value.and_then(|value| value.parse().ok()))
                } else {
                    ScalarValue::Utf8View(Some(value.unwrap_or_default().to_string()))
                }
            })
            .collect()
    }
}

fn partition<'a>(file: &'a DataFile, key: &str) -> Option<&'a str> {
    file.partitions.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

/// Scans Parquet files.
#[derive(Clone, Debug)]
struct ParquetTable {
    scan: ScanSchema,
    /// With their statistics.
    files: Vec<PartitionedFile>,
    /// Where the files are.
    paths: Vec<PathBuf>,
}

impl Addressed for ParquetTable {
    fn with_address(&self) -> Arc<dyn TableProvider> {
        let mut folders = self.scan.table_partition_cols().to_vec();
        folders.push(addressed::file_field());
        let scan = TableSchemaBuilder::from(self.scan.file_schema())
            .with_table_partition_cols(folders)
            .with_virtual_columns(vec![addressed::row_field()])
            .build();
        let files = self.files.iter().enumerate().map(|(index, file)| {
            let index = ScalarValue::Int64(i64::try_from(index).ok());
            let mut file = file.clone();
            if let Some(statistics) = &mut file.statistics {
                // What is known of the column is its one value; nothing is of the places of rows.
                let known = ColumnStatistics {
                    min_value: Precision::Exact(index.clone()),
                    max_value: Precision::Exact(index.clone()),
                    ..ColumnStatistics::new_unknown()
                };
                let more = [known, ColumnStatistics::new_unknown()];
                Arc::make_mut(statistics).column_statistics.extend(more);
            }
            file.partition_values.push(index);
            file
        });
        Arc::new(ParquetTable { files: files.collect(), scan, paths: self.paths.clone() })
    }

    fn stored(&self) -> SchemaRef {
        Arc::clone(self.scan.table_schema())
    }

    fn rows(&self, file: usize, rows: &[u64], columns: &[usize]) -> Result<RecordBatch> {
        let fields = self.scan.table_schema().fields();
        let fields: Vec<FieldRef> = columns.iter().map(|&index| fields[index].clone()).collect();
        let folders = self.scan.table_partition_cols().iter().cloned();
        let values = self.files[file].partition_values.iter().cloned();
        let constants: Vec<_> = folders.zip(values).collect();
        addressed::read(&self.paths[file], rows, &fields, &constants)
    }
}

#[async_trait]
impl TableProvider for ParquetTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.scan.table_schema())
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> DfResult<Vec<TableProviderFilterPushDown>> {
        // Conditions leave out files, row groups and pages; rows are still to be tested.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let schema = self.schema();
        let groups = FileGroup::new(self.files.clone())
            .split_files(state.config().target_partitions())
            .into_iter()
            .map(|group| {
                let statistics = merged(group.iter(), &schema)?;
                Ok(group.with_statistics(Arc::new(statistics)))
            })
            .collect::<DfResult<Vec<_>>>()?;
        let statistics = merged(self.files.iter(), &schema)?;
        let format = ParquetFormat::new().with_options(state.default_table_options().parquet);
        let source = format.file_source(self.scan.clone());
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        format.create_physical_plan(state, config).await
    }
}

/// The statistics of several files together.
fn merged<'a>(
    files: impl Iterator<Item = &'a PartitionedFile>,
    schema: &SchemaRef,
) -> DfResult<Statistics> {
    Statistics::try_merge_iter(files.filter_map(|file| file.statistics.as_deref()), schema)
}
