//! Hash functions.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Float64Type, Int32Type, Int64Type};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use xxhash_rust::xxh64::xxh64;

use super::encoding::{guid_bytes, push_hex};
use crate::error::{Error, Result};
use crate::functions::declare::scalar_functions;
use crate::functions::{Args, columns};
use crate::types::Type;

scalar_functions! {
    family: Hash;

    /// The 64-bit xxHash of a value, or what it leaves when divided by a second argument.
    ///
    /// Texts are hashed by their UTF-8 bytes, numbers, times and guids by the bytes that store them;
    /// a null hashes like the empty text.
    ///
    /// ```kql
    /// print hash("World")                    //=> 1846988464401551951
    /// print hash("World", 100)               //=> 51
    /// print hash(datetime(2015-01-01))       //=> 1380966698541616202
    /// ```
    HASH = "hash" | "hash_xxhash64" {
        (source: Hashable, [mod: Long]) -> Long => hash;
    }

    /// The MD5 hash of a value's text, as hex digits; of an empty text the empty text.
    ///
    /// ```kql
    /// print hash_md5("World")      //=> f5a7924e621e84c9280a9a27e1bcb7f6
    /// print hash_md5(123)          //=> 202cb962ac59075b964b07152d234b70
    /// ```
    HASH_MD5 = "hash_md5" { (source: Scalar) -> String => hash_md5; }

    /// The SHA-1 hash of a value's text, as hex digits; of an empty text the empty text.
    ///
    /// ```kql
    /// print hash_sha1("abc")      //=> a9993e364706816aba3e25717850c26c9cd0d89d
    /// ```
    HASH_SHA1 = "hash_sha1" { (source: Scalar) -> String => hash_sha1; }

    /// The SHA-256 hash of a value's text, as hex digits; of an empty text the empty text.
    ///
    /// ```kql
    /// print hash_sha256("abc")
    /// //=> ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
    /// ```
    HASH_SHA256 = "hash_sha256" { (source: Scalar) -> String => hash_sha256; }
}

fn hash(args: &Args) -> Result<ArrayRef> {
    let hashes = hashes(args)?;
    if args.len() < 2 {
        return columns::longs((0..args.rows()).map(|row| Ok(Some(hashes.get(row) as i64))));
    }
    let divisors = args.reader::<i64>(1)?;
    columns::longs((0..args.rows()).map(|row| {
        let divisor = divisors.get(row).and_then(|d| u64::try_from(d).ok()).filter(|d| *d > 0);
        Ok(divisor.map(|divisor| (hashes.get(row) % divisor) as i64))
    }))
}

/// The hashes of the first argument's values.
struct Hashes {
    values: Vec<u64>,
    constant: bool,
}

impl Hashes {
    fn get(&self, row: usize) -> u64 {
        self.values[if self.constant { 0 } else { row }]
    }
}

fn hashes(args: &Args) -> Result<Hashes> {
    let array = args.array(0);
    let of = |bytes: &[u8]| xxh64(bytes, 0);
    let null = of(b"");
    let each = |hash: &dyn Fn(usize) -> u64| {
        let rows = 0..array.len();
        rows.map(|row| if array.is_null(row) { null } else { hash(row) }).collect::<Vec<_>>()
    };
    let unexpected = || Error::Internal(format!("`hash` of {}", array.data_type()));
    let values = match args.ty(0) {
        Type::Guid => {
            let guids = array.as_string_view_opt().ok_or_else(unexpected)?;
            each(&|row| guid_bytes(guids.value(row)).map_or(null, |bytes| of(&bytes)))
        }
        Type::String | Type::Dynamic => {
            let texts = args.texts(0)?;
            texts.array().iter().map(|text| of(text.unwrap_or("").as_bytes())).collect()
        }
        Type::Bool => {
            let bools = array.as_boolean_opt().ok_or_else(unexpected)?;
            each(&|row| of(&[u8::from(bools.value(row))]))
        }
        Type::Int => {
            let ints = array.as_primitive_opt::<Int32Type>().ok_or_else(unexpected)?;
            each(&|row| of(&ints.value(row).to_le_bytes()))
        }
        Type::Long | Type::DateTime | Type::TimeSpan => {
            let longs = array.as_primitive_opt::<Int64Type>().ok_or_else(unexpected)?;
            each(&|row| of(&longs.value(row).to_le_bytes()))
        }
        Type::Real => {
            let reals = array.as_primitive_opt::<Float64Type>().ok_or_else(unexpected)?;
            each(&|row| of(&reals.value(row).to_le_bytes()))
        }
        Type::Decimal | Type::Unknown => return Err(unexpected()),
    };
    Ok(Hashes { values, constant: args.is_scalar(0) })
}

fn hash_md5(args: &Args) -> Result<ArrayRef> {
    digests::<Md5>(args)
}

fn hash_sha1(args: &Args) -> Result<ArrayRef> {
    digests::<Sha1>(args)
}

fn hash_sha256(args: &Args) -> Result<ArrayRef> {
    digests::<Sha256>(args)
}

fn digests<D: Digest>(args: &Args) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    columns::texts((0..args.rows()).map(|row| {
        let text = texts.get(row);
        let mut hex = String::new();
        if !text.is_empty() {
            D::digest(text.as_bytes()).iter().for_each(|byte| push_hex(&mut hex, *byte));
        }
        Ok(hex)
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringViewArray};

    use super::*;

    fn hashed(array: ArrayRef, ty: Type) -> Result<i64> {
        let arrays = [array];
        let result = hash(&Args::new(&arrays, &[true], &[ty], 1))?;
        Ok(result.as_primitive::<Int64Type>().value(0))
    }

    #[test]
    fn values_hash_by_their_bytes() -> Result<()> {
        let text = |text| Arc::new(StringViewArray::from_iter_values([text])) as ArrayRef;
        assert_eq!(hashed(text("World"), Type::String)?, 1846988464401551951);
        assert_eq!(hashed(text("Alice"), Type::String)?, -3122868243544336885);
        let ticks = 621_355_968_000_000_000 + 16436 * 864_000_000_000;
        let time = |ticks| Arc::new(Int64Array::from(vec![ticks])) as ArrayRef;
        assert_eq!(hashed(time(Some(ticks)), Type::DateTime)?, 1380966698541616202);
        assert_eq!(hashed(time(None), Type::Long)?, hashed(text(""), Type::String)?);
        Ok(())
    }

    #[test]
    fn the_digest_of_nothing_is_empty() -> Result<()> {
        let texts: ArrayRef = Arc::new(StringViewArray::from_iter_values(["", "World"]));
        let arrays = [texts];
        let digests = hash_md5(&Args::new(&arrays, &[false], &[Type::String], 2))?;
        let digests: Vec<_> = digests.as_string_view().iter().flatten().collect();
        assert_eq!(digests, ["", "f5a7924e621e84c9280a9a27e1bcb7f6"]);
        Ok(())
    }
}
