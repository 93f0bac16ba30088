//! Sorting of arrays, and of further arrays along with the first.

use std::cmp::Ordering;

use arrow::array::ArrayRef;

use super::write_elements;
use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::types::Type;
use crate::types::dynamic::{Dynamic, RawValue};

pub fn sort_asc(args: &Args) -> Result<ArrayRef> {
    sort(args, |a, b| a.compare(b))
}

pub fn sort_desc(args: &Args) -> Result<ArrayRef> {
    sort(args, |a, b| b.compare(a))
}

fn sort(args: &Args, compare: impl Fn(&Dynamic, &Dynamic) -> Ordering) -> Result<ArrayRef> {
    let flagged = args.len() > 1 && args.ty(args.len() - 1) == Type::Bool;
    let count = args.len() - usize::from(flagged);
    if (0..count).any(|index| args.ty(index) == Type::Bool) {
        return Err(Error::Execution("only the last argument may be a bool".into()));
    }
    let nulls_last = args.reader::<Option<bool>>(if flagged { count } else { usize::MAX })?;
    let mut arrays = (0..count).map(|index| args.arrays(index)).collect::<Result<Vec<_>>>()?;
    let mut order: Vec<(Dynamic, usize)> = Vec::new();
    jsons(args.rows(), |row, out| {
        let (first, others) = arrays.split_first_mut()?;
        let nulls_last = nulls_last.get(row)?.unwrap_or(true);
        let Some(items) = first.get(row) else {
            if !others.is_empty() {
                out.push_str("[null");
                others.iter().for_each(|_| out.push_str(",null"));
                out.push(']');
            }
            return (!others.is_empty()).then_some(());
        };
        order.clear();
        order.extend(items.iter().enumerate().map(|(at, item)| (item.to_dynamic(), at)));
        order.sort_by(|(a, _), (b, _)| match (a.is_null(), b.is_null()) {
            (false, false) => compare(a, b),
            (a, b) => {
                if nulls_last {
                    a.cmp(&b)
                } else {
                    b.cmp(&a)
                }
            }
        });
        let sorted = |items: &[RawValue<'_>], out: &mut String| {
            let items: Vec<_> = order.iter().map(|(_, at)| items[*at]).collect();
            write_elements(&items, out);
        };
        if others.is_empty() {
            sorted(items, out);
            return Some(());
        }
        out.push('[');
        sorted(items, out);
        for other in others {
            out.push(',');
            match other.get(row) {
                Some(items) if items.len() == order.len() => sorted(items, out),
                _ => out.push_str("null"),
            }
        }
        out.push(']');
        Some(())
    })
}
