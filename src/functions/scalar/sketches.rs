//! Asking and merging sketches that `hll` and `tdigest` made.

use arrow::array::{ArrayRef, StringViewBuilder};

use crate::error::Result;
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;
use crate::functions::sketch::digest::{Digest, write_number, write_numbers};
use crate::functions::sketch::{Sketch, hll::Hll};

scalar_functions! {
    family: Sketches;

    /// The number of distinct values that a sketch has seen.
    ///
    /// What is no sketch of `hll` gives null.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 2] | summarize h = hll(x) | project dcount_hll(h)    //=> 2
    /// ```
    DCOUNT_HLL = "dcount_hll", name Prefix("dcount_hll_") { (hll: Dynamic) -> Long => dcount_hll; }

    /// One sketch of all that several sketches have seen.
    ///
    /// Null arguments drop out.
    ///
    /// ```kql
    /// datatable(x: long, y: long)[1, 2, 2, 3] | summarize a = hll(x), b = hll(y) | project dcount_hll(hll_merge(a, b))    //=> 3
    /// ```
    HLL_MERGE = "hll_merge" { (hll: Dynamic, {more: Dynamic}) -> Dynamic => hll_merge; }

    /// How many distinct values the first one, two, three … of several sketches have in common, as an
    /// array.
    ///
    /// ```kql
    /// datatable(x: long, y: long)[1, 2, 2, 3] | summarize a = hll(x), b = hll(y)
    /// | evaluate dcount_intersect(a, b) | project s0, s1    //=> 2, 1
    /// ```
    HLL_INTERSECTIONS = "hll intersections" {
        (hll: Dynamic, {more: Dynamic}) -> Dynamic => hll_intersections;
    }

    /// The number at a percentage of those that a sketch has seen, by nearest rank.
    ///
    /// A third argument `typeof(T)` converts the result.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 3, 4] | summarize t = tdigest(x) | project percentile_tdigest(t, 50)    //=> 2
    /// ```
    PERCENTILE_TDIGEST = "percentile_tdigest", name Prefix("percentile_tdigest_") {
        (tdigest: Dynamic, percentage: Real) -> Dynamic => percentile_tdigest;
    }

    /// Several percentiles of the numbers that a sketch has seen, as an array.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 3, 4] | summarize t = tdigest(x) | project percentiles_array_tdigest(t, 25, 75)    //=> [1,3]
    /// ```
    PERCENTILES_ARRAY_TDIGEST = "percentiles_array_tdigest", name Prefix("percentile_tdigest_") {
        (tdigest: Dynamic, percentage: Real, {more: Real}) -> Dynamic => percentiles_array_tdigest;
        (tdigest: Dynamic, percentages: Dynamic) -> Dynamic => percentiles_of_array_tdigest;
    }

    /// How many percent of the numbers that a sketch has seen are not greater than `value`.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 3, 4] | summarize t = tdigest(x) | project percentrank_tdigest(t, 3)    //=> 75.0
    /// ```
    PERCENTRANK_TDIGEST = "percentrank_tdigest" {
        (tdigest: Dynamic, value: Real) -> Real => percentrank_tdigest;
    }

    /// How many of the numbers that a sketch has seen are not greater than `value`.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 3, 4] | summarize t = tdigest(x) | project rank_tdigest(t, 3)    //=> 3.0
    /// ```
    RANK_TDIGEST = "rank_tdigest" { (tdigest: Dynamic, value: Real) -> Real => rank_tdigest; }

    /// One sketch of all that several sketches have seen.
    ///
    /// Null arguments drop out.
    ///
    /// ```kql
    /// datatable(x: long, y: long)[1, 2, 2, 3] | summarize a = tdigest(x), b = tdigest(y) | project rank_tdigest(tdigest_merge(a, b), 2)    //=> 3.0
    /// ```
    TDIGEST_MERGE = "tdigest_merge" | "merge_tdigest" {
        (tdigest: Dynamic, {more: Dynamic}) -> Dynamic => tdigest_merge;
    }
}

fn dcount_hll(args: &Args) -> Result<ArrayRef> {
    args.map1(|hll: &str| Hll::parse(hll).map(|hll| hll.count()))
}

fn hll_merge(args: &Args) -> Result<ArrayRef> {
    merged::<Hll>(args)
}

fn hll_intersections(args: &Args) -> Result<ArrayRef> {
    let sketches: Vec<_> =
        (0..args.len()).map(|index| args.reader::<&str>(index)).collect::<Result<_>>()?;
    jsons(args.rows(), |row, text| {
        let parsed: Option<Vec<Hll>> =
            sketches.iter().map(|reader| Hll::parse(reader.get(row)?)).collect();
        let counts = Hll::intersections(parsed?).into_iter().map(|count| count.to_string());
        text.push_str(&format!("[{}]", counts.collect::<Vec<_>>().join(",")));
        Some(())
    })
}

fn tdigest_merge(args: &Args) -> Result<ArrayRef> {
    merged::<Digest>(args)
}

fn merged<S: Sketch>(args: &Args) -> Result<ArrayRef> {
    let sketches: Vec<_> =
        (0..args.len()).map(|index| args.reader::<&str>(index)).collect::<Result<_>>()?;
    let mut texts = StringViewBuilder::with_capacity(args.rows());
    let mut json = String::new();
    for row in 0..args.rows() {
        let parsed = sketches.iter().filter_map(|reader| reader.get(row)).map(S::parse);
        let merged = parsed.reduce(|merged, next| {
            let (mut merged, next) = (merged?, next?);
            merged.merge(&next);
            Some(merged)
        });
        json.clear();
        texts.append_option(merged.flatten().map(|merged| {
            merged.write(&mut json);
            &json
        }));
    }
    Ok(std::sync::Arc::new(texts.finish()))
}

fn percentile_tdigest(args: &Args) -> Result<ArrayRef> {
    args.map2(|tdigest: &str, percentage: f64| {
        let value = Digest::parse(tdigest)?.percentile(percentage)?;
        let mut json = String::new();
        write_number(value, &mut json);
        Some(json)
    })
}

fn percentiles_array_tdigest(args: &Args) -> Result<ArrayRef> {
    let percentages: Vec<_> =
        (1..args.len()).map(|index| args.reader::<f64>(index)).collect::<Result<_>>()?;
    let tdigests = args.reader::<&str>(0)?;
    let mut texts = StringViewBuilder::with_capacity(args.rows());
    for row in 0..args.rows() {
        let list: Option<Vec<f64>> = percentages.iter().map(|reader| reader.get(row)).collect();
        let text = tdigests.get(row).zip(list).and_then(|(text, list)| percentiles(text, &list));
        texts.append_option(text);
    }
    Ok(std::sync::Arc::new(texts.finish()))
}

fn percentiles_of_array_tdigest(args: &Args) -> Result<ArrayRef> {
    args.map2(|tdigest: &str, percentages: &str| {
        percentiles(tdigest, &serde_json::from_str::<Vec<f64>>(percentages).ok()?)
    })
}

fn percentiles(tdigest: &str, percentages: &[f64]) -> Option<String> {
    let digest = Digest::parse(tdigest)?;
    let values: Option<Vec<f64>> =
        percentages.iter().map(|percentage| digest.percentile(*percentage)).collect();
    let mut json = String::from("[");
    write_numbers(values?.into_iter(), &mut json);
    json.push(']');
    Some(json)
}

fn percentrank_tdigest(args: &Args) -> Result<ArrayRef> {
    args.map2(|tdigest: &str, value: f64| {
        let digest = Digest::parse(tdigest)?;
        Some(digest.rank(value) / digest.count() * 100.0)
    })
}

fn rank_tdigest(args: &Args) -> Result<ArrayRef> {
    args.map2(|tdigest: &str, value: f64| Digest::parse(tdigest).map(|digest| digest.rank(value)))
}
