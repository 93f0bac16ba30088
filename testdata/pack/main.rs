//! Packs the tables of schema files as those that kqlite ships:
//! `cargo run --example pack_tables -- DAY SCHEMA-FILE…` writes `src/rules/pack/tables.zst`. Custom
//! tables, whose names end in `_CL`, are left out.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use kqlite::catalog::schema_file;
use kqlite::rules::Pack;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let day = arguments.next().ok_or("expected a day and schema files")?;
    let mut tables = BTreeMap::new();
    for path in arguments {
        tables.extend(schema_file::read(Path::new(&path))?);
    }
    tables.retain(|name, _| !name.ends_with("_CL"));
    let bytes = Pack::encode(&day, &tables)?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/pack/tables.zst");
    fs::write(path, &bytes)?;
    println!("{} tables in {} bytes", tables.len(), bytes.len());
    Ok(())
}
