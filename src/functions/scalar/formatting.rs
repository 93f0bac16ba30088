//! Numbers as text: hex digits, sizes in bytes.

use arrow::array::ArrayRef;

use crate::error::{Error, Result};
use crate::functions::declare::scalar_functions;
use crate::functions::{Args, columns};
use crate::types::Type;

scalar_functions! {
    family: Conversion;

    /// A whole number as hex digits, in two's complement if negative.
    ///
    /// A second argument pads the result with zeros to a length.
    ///
    /// ```kql
    /// print tohex(256)              //=> 100
    /// print tohex(-256)             //=> ffffffffffffff00
    /// print tohex(256, 8)           //=> 00000100
    /// ```
    TOHEX = "tohex", name First { (value: Integer, [minLength: Long]) -> String => tohex; }

    /// A number of bytes in the unit that suits it, rounded to a number of digits (default 0).
    ///
    /// A third argument fixes the unit: `Bytes`, `KB`, `MB`, `GB`, `TB`, `PB` or `EB`.
    ///
    /// ```kql
    /// print format_bytes(564)                     //=> 564 Bytes
    /// print format_bytes(10332, 1)                //=> 10.1 KB
    /// print format_bytes(20010332, 0, "KB")       //=> 19541 KB
    /// ```
    FORMAT_BYTES = "format_bytes", name First {
        (size: Number, [const precision: Number], [const units: String]) -> String => format_bytes;
    }
}

fn tohex(args: &Args) -> Result<ArrayRef> {
    let bits = if args.ty(0) == Type::Int { 0xffff_ffff } else { u64::MAX };
    args.map2(|value: i64, width: Option<i64>| {
        // No number has more than 16 digits, and no width beyond this is asked for in earnest.
        let width = usize::try_from(width.unwrap_or(0)).unwrap_or(0).min(1024);
        format!("{:0width$x}", value as u64 & bits)
    })
}

const UNITS: [&str; 7] = ["Bytes", "KB", "MB", "GB", "TB", "PB", "EB"];

fn format_bytes(args: &Args) -> Result<ArrayRef> {
    let sizes = args.reader::<f64>(0)?;
    let precisions = args.reader::<Option<f64>>(1)?;
    let units = if args.len() > 2 { Some(args.texts(2)?) } else { None };
    columns::texts((0..args.rows()).map(|row| {
        let Some(size) = sizes.get(row) else { return Ok(String::new()) };
        let precision = precisions.get(row).flatten().unwrap_or(0.0).clamp(0.0, 15.0) as i32;
        let unit = match units.as_ref().map_or("", |units| units.get(row)) {
            "" => (0..UNITS.len() - 1)
                .find(|unit| size.abs() < 1024f64.powi(*unit as i32 + 1))
                .unwrap_or(UNITS.len() - 1),
            name => UNITS.iter().position(|unit| *unit == name).ok_or_else(|| {
                Error::Execution(format!("`{name}` is not a unit of `format_bytes`"))
            })?,
        };
        let scale = 10f64.powi(precision);
        let value = (size / 1024f64.powi(unit as i32) * scale).round() / scale;
        Ok(format!("{value} {}", UNITS[unit]))
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{AsArray, Int32Array, Int64Array, StringViewArray};

    use super::*;

    fn first(result: &ArrayRef) -> &str {
        result.as_string_view().value(0)
    }

    #[test]
    fn hex_is_as_wide_as_the_type() -> Result<()> {
        let int: ArrayRef = Arc::new(Int32Array::from(vec![-256]));
        let long: ArrayRef = Arc::new(Int64Array::from(vec![-256]));
        let width: ArrayRef = Arc::new(Int64Array::from(vec![8]));
        let arrays = [int, width];
        let types = [Type::Int, Type::Long];
        assert_eq!(first(&tohex(&Args::new(&arrays, &[true; 2], &types, 1))?), "ffffff00");
        let arrays = [long];
        let args = Args::new(&arrays, &[true], &types[1..], 1);
        assert_eq!(first(&tohex(&args)?), "ffffffffffffff00");
        Ok(())
    }

    #[test]
    fn sizes_take_the_unit_that_suits_them() -> Result<()> {
        for (size, precision, unit, text) in [
            (564, 0, "", "564 Bytes"),
            (10332, 1, "", "10.1 KB"),
            (20010332, 0, "", "19 MB"),
            (20010332, 2, "", "19.08 MB"),
            (20010332, 0, "KB", "19541 KB"),
        ] {
            let arrays: [ArrayRef; 3] = [
                Arc::new(Int64Array::from(vec![size])),
                Arc::new(Int64Array::from(vec![precision])),
                Arc::new(StringViewArray::from_iter_values([unit])),
            ];
            let types = [Type::Long, Type::Long, Type::String];
            assert_eq!(first(&format_bytes(&Args::new(&arrays, &[true; 3], &types, 1))?), text);
        }
        Ok(())
    }
}
