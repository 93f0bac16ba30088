//! Properties that hold for any query: nothing panics, and answers do not depend on how the rows
//! are cut into batches or on what is computed before the query runs.

use std::sync::LazyLock;

use kqlite::binder::{Context, bind};
use kqlite::syntax::{lexer, parse};
use kqlite::text::Source;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::Config;

use crate::support::Runner;

/// Queries that run, over no stored table.
const CORPUS: &[&str] = &[
    "declare pattern P = (a: string)[b: string] { ('x').['y'] = { print r = strcat(a, b) }; }; P('x').y",
    "let v = view () { range x from 1 to 3 step 1 }; restrict access to (v); v | union v",
    "datatable(x:real, y:real)[0.5, 0.1] | evaluate geo_line_lookup((datatable(n:long, l:dynamic)[1, dynamic({'type':'LineString','coordinates':[[0,0],[1,0]]})]), l, x, y, 20000, true)",
    "externaldata(line:string)['README.md'] with (format='txt') | take 2 | project strlen(line)",
    "datatable(n:long)[1, long(null), 3] | where n > 1",
    "datatable(a:long, b:string)[1, 'x', 2, 'y'] | project b, twice = a * 2, strcat(b, '!')",
    "datatable(a1:long, a2:long, b:long)[1, 2, 3] | project-away a* | extend c = b + 1",
    "datatable(a:long, b:long)[1, 2] | project-rename z = a | project-reorder b",
    "datatable(k:string, v:long)['a', 1, 'b', 2, 'a', 3] | summarize sum(v), n = count() by k | sort by k asc",
    "datatable(t:datetime, v:real)[datetime(2020-01-01 10:00), 1.5] | summarize avg(v) by bin(t, 1h)",
    "range x from 1 to 10 step 1 | where x % 2 == 0 | sort by x asc | summarize make_list(x)",
    "range t from datetime(2020-01-01) to datetime(2020-01-02) step 6h | extend d = dayofweek(t)",
    "let L = datatable(k:string, v:long)['a', 1, 'b', 2]; L | join kind=inner L on k",
    "let L = datatable(k:long)[1, 2]; L | join kind=leftouter (datatable(k:long, s:string)[1, 'x']) on $left.k == $right.k | sort by k asc",
    "datatable(k:long)[1, 2] | lookup (datatable(k:long, s:string)[1, 'x']) on k | sort by k asc",
    "union (datatable(x:long)[1]), (datatable(x:long, y:string)[2, 's']) | sort by x asc",
    "let N = datatable(id:long, v:long)[1, 5, 2, 6]; datatable(s:long, t:long)[1, 2, 2, 3, 3, 1] | make-graph s --> t with N on id | graph-match (a)-[p*1..3]->(b)-[e]->(c) where a.v > 4 and all(p, s > 0) project a.id, e.t, map(p, t), node_degree_in(c)",
    "datatable(s:string, t:string)['a', 'b', 'b', 'c'] | make-graph s --> t with_node_id=id | graph-mark-components kind=strong | graph-shortest-paths output=all (x)-[p*1..3]-(y) where x.ComponentId > 0 project x, y.id, p",
    "union withsource=S kind=inner (print a = 1), (print a = 2) | count",
    "print d = dynamic({'a': [1, 2, 3]}) | mv-expand x = d.a to typeof(long) | summarize sum(x)",
    "print s = 'k=1, v=two' | parse s with 'k=' k:long ', v=' v | project k, v",
    "datatable(s:string)['a=1', 'b'] | parse-where s with 'a=' n:long | count",
    "print s = 'abc123def' | parse kind=regex s with v @'\\d+' w",
    "datatable(v:long)[5, 3, 9] | serialize n = row_number(), p = prev(v), c = row_cumsum(v)",
    "datatable(a:long)[3, 1, long(null)] | top 2 by a desc nulls first",
    "datatable(a:long, b:string)[1, 'x', 1, 'x'] | distinct a, b | getschema",
    "let f = (a:long, b:long = 10) { a + b }; print f(1), f(1, 2)",
    "let f = (T:(x:long), n:long) { T | where x > n }; datatable(x:long)[1, 5] | invoke f(3)",
    "let z = toscalar(range x from 1 to 3 step 1 | summarize sum(x)); print z * 100 / 7",
    "let m = materialize(range x from 1 to 3 step 1); m | join kind=inner m on x | count",
    "datatable(x:long)[1, 2, 3] | where x in ((datatable(k:long)[1, 3])) | sort by x asc",
    "datatable(s:string)['a_b', 'ab', 'A B'] | where s has 'a' or s contains_cs 'b' | count",
    "datatable(s:string)['x', 'y'] | extend r = iff(s =~ 'X', 1, 2), c = case(s == 'x', 'p', 'q')",
    "datatable(id:long, d:dynamic)[1, dynamic({'b': 'x', 'a': 1})] | evaluate bag_unpack(d)",
    "datatable(k:string, c:string)['x', 'a', 'x', 'b', 'y', 'a'] | evaluate pivot(c) | sort by k asc",
    "datatable(a:long, b:string)[1, 'x'] | evaluate narrow()",
    "print x = 5 between (1 .. 10), y = 'a' in~ ('A', 'b'), z = not(true and false)",
    "print tolong('0x10'), todatetime('2022-12-02'), totimespan('1.02:03:04'), tostring(1.5)",
    "print extract('x=([0-9]+)', 1, 'x=45', typeof(long)), split('a,b', ',')[1], strlen('é')",
    "print format_datetime(datetime(2020-01-05), 'yyyy-MM-dd'), 1d / 5h, -7 % 3, 7 / 2.0",
    "print a = dynamic([1, 'x', {'k': null}]), b = bag_pack('a', 1), c = pack_array(1, 2.5)",
    "set query_now = datetime(2015-05-05); print now(), ago(1d)",
    "declare query_parameters(p:long = 5); print p + 1",
    "datatable(x:long)[1, 2] | summarize arg_max(x, *), percentile(x, 50), dcount(x), stdev(x)",
    "datatable(x:long)[1, 2] | as T | union T | count // a comment",
    "datatable(x:long)[1] | render timechart with (title='t')",
];

static SMALL: LazyLock<Runner> = LazyLock::new(|| Runner::new(1, 3));
static LARGE: LazyLock<Runner> = LazyLock::new(|| Runner::new(8192, 1));

/// A change of a query's text.
#[derive(Clone, Debug)]
enum Change {
    DropToken(Index),
    DoubleToken(Index),
    SwapTokens(Index, Index),
    DropCharacter(Index),
    Insert(Index, &'static str),
    Cut(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let any_index = any::<Index>;
    prop_oneof![
        any_index().prop_map(Change::DropToken),
        any_index().prop_map(Change::DoubleToken),
        (any_index(), any_index()).prop_map(|(a, b)| Change::SwapTokens(a, b)),
        any_index().prop_map(Change::DropCharacter),
        (any_index(), prop::sample::select(INSERTS))
            .prop_map(|(at, text)| Change::Insert(at, text)),
        any_index().prop_map(Change::Cut),
    ]
}

const INSERTS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "|",
    ";",
    ",",
    "..",
    "'",
    "\"",
    "//",
    "*",
    "= ",
    "-",
    "0",
    "9223372036854775807",
    "null",
    "dynamic(",
    "datetime(",
    " by ",
    " on ",
    "long(null)",
    "é",
    "\u{0}",
    "@",
    "~",
    "T",
    " in ",
    "1e999",
];

fn changed(query: &str, change: &Change) -> String {
    let tokens: Vec<_> = lexer::lex(query).iter().map(|token| token.span.range()).collect();
    let character = |index: &Index| {
        let places: Vec<usize> = query.char_indices().map(|(at, _)| at).collect();
        if places.is_empty() { 0 } else { *index.get(&places) }
    };
    let mut text = query.to_string();
    if tokens.is_empty() {
        return text;
    }
    match change {
        Change::DropToken(index) => text.replace_range(index.get(&tokens).clone(), " "),
        Change::DoubleToken(index) => {
            let range = index.get(&tokens).clone();
            text.insert_str(range.end, &format!(" {}", &query[range]));
        }
        Change::SwapTokens(a, b) => {
            let (a, b) = (a.get(&tokens).clone(), b.get(&tokens).clone());
            let (a, b) = if a.start <= b.start { (a, b) } else { (b, a) };
            if a.end <= b.start {
                text.replace_range(b.clone(), &query[a.clone()]);
                text.replace_range(a, &query[b]);
            }
        }
        Change::DropCharacter(index) => {
            let at = character(index);
            if at < text.len() {
                text.remove(at);
            }
        }
        Change::Insert(index, inserted) => text.insert_str(character(index), inserted),
        Change::Cut(index) => text.truncate(character(index)),
    }
    text
}

fn query() -> impl Strategy<Value = String> {
    (prop::sample::select(CORPUS), prop::collection::vec(change(), 1..4)).prop_map(
        |(query, changes)| changes.iter().fold(query.to_string(), |text, c| changed(&text, c)),
    )
}

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

#[test]
fn the_corpus_runs_alike_over_any_batches() {
    for query in CORPUS {
        let large = texts(&LARGE, query);
        assert!(large.is_ok(), "{query}\n{}", large.unwrap_err());
        assert_eq!(large, texts(&SMALL, query), "{query}");
    }
}

fn texts(runner: &Runner, query: &str) -> Result<Vec<String>, String> {
    let tables = runner.tables(query, 0)?;
    // Most queries promise no order.
    let sorted = |text: String| {
        let mut lines: Vec<_> = text.lines().map(str::to_string).collect();
        lines[1..].sort_unstable();
        lines.join("\n")
    };
    Ok(tables.iter().map(|table| sorted(table.text())).collect())
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn tokens_lie_in_order_inside_the_source(text in query()) {
        let mut end = 0;
        for token in lexer::lex(&text) {
            let range = token.span.range();
            prop_assert!(end <= range.start && range.end <= text.len());
            prop_assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
            end = range.end;
        }
    }

    #[test]
    fn changed_queries_parse_and_bind_without_panic(text in query()) {
        let source = Source::new("test", text);
        let parsed = parse(&source);
        let (catalog, _) = kqlite::catalog::Catalog::open(&[], &[]);
        let context = Context::default();
        let (_, diagnostics) = bind(&source, &parsed.script, &[], &catalog, &context);
        for diagnostic in &diagnostics {
            prop_assert!(diagnostic.span.range().end <= source.text().len());
        }
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn changed_queries_run_without_panic(text in query()) {
        if let Err(text) = LARGE.tables(&text, 0) {
            prop_assert!(!text.starts_with("panicked"), "{}", text);
            prop_assert!(!text.contains("internal error"), "{}", text);
        }
    }
}

/// Calls with places for arguments, and the literals that may stand there.
const CALLS: &[(&str, &[&[&str]])] = &[
    ("{} + {}", &[LONGS, LONGS]),
    ("{} - {}", &[INTS, LONGS]),
    ("{} * {}", &[REALS, LONGS]),
    ("{} / {}", &[LONGS, LONGS]),
    ("{} % {}", &[LONGS, LONGS]),
    ("{} / {}", &[REALS, REALS]),
    ("{} == {}", &[LONGS, REALS]),
    ("{} < {}", &[REALS, REALS]),
    ("{} != {}", &[STRINGS, STRINGS]),
    ("{} has {}", &[STRINGS, STRINGS]),
    ("{} contains {}", &[STRINGS, STRINGS]),
    ("{} startswith_cs {}", &[STRINGS, STRINGS]),
    ("bin({}, {})", &[LONGS, LONGS]),
    ("bin({}, {})", &[REALS, REALS]),
    ("abs({})", &[LONGS]),
    ("round({}, {})", &[REALS, &["0", "1", "-1", "3", "long(null)"]]),
    ("sqrt({})", &[REALS]),
    ("sign({})", &[REALS]),
    ("max_of({}, {})", &[LONGS, LONGS]),
    ("min_of({}, {})", &[REALS, REALS]),
    ("coalesce({}, {})", &[STRINGS, STRINGS]),
    ("coalesce({}, {})", &[LONGS, LONGS]),
    ("substring({}, {}, {})", &[STRINGS, SHORTS, SHORTS]),
    ("strlen({})", &[STRINGS]),
    ("toupper({})", &[STRINGS]),
    ("indexof({}, {})", &[STRINGS, STRINGS]),
    ("split({}, {})", &[STRINGS, STRINGS]),
    ("replace_string({}, {}, {})", &[STRINGS, STRINGS, STRINGS]),
    ("strcat({}, {}, {})", &[STRINGS, LONGS, REALS]),
    ("tolong({})", &[STRINGS]),
    ("tolong({})", &[REALS]),
    ("toint({})", &[LONGS]),
    ("toreal({})", &[STRINGS]),
    ("tostring({})", &[REALS]),
    ("tobool({})", &[STRINGS]),
    ("todatetime({})", &[STRINGS]),
    ("{} - {}", &[DATETIMES, SPANS]),
    ("{} - {}", &[DATETIMES, DATETIMES]),
    ("startofweek({})", &[DATETIMES]),
    ("dayofweek({})", &[DATETIMES]),
    ("bin({}, {})", &[DATETIMES, SPANS]),
    ("{} / {}", &[SPANS, SPANS]),
    ("array_length({})", &[DYNAMICS]),
    ("{}.a", &[DYNAMICS]),
    ("tostring({})", &[DYNAMICS]),
    ("array_concat({}, {})", &[DYNAMICS, DYNAMICS]),
    ("isempty({})", &[DYNAMICS]),
    ("not({})", &[BOOLS]),
    ("{} and {}", &[BOOLS, BOOLS]),
    ("{} or {}", &[BOOLS, BOOLS]),
    ("iff({}, {}, {})", &[BOOLS, LONGS, LONGS]),
];

const LONGS: &[&str] = &[
    "long(null)",
    "0",
    "1",
    "(-1)",
    "7",
    "(-7)",
    "9223372036854775807",
    "long(-9223372036854775808)",
];
const INTS: &[&str] = &["int(null)", "int(0)", "int(-3)", "int(2147483647)", "int(-2147483648)"];
const SHORTS: &[&str] = &["0", "1", "2", "(-1)", "(-3)", "100"];
const REALS: &[&str] = &[
    "real(null)",
    "0.0",
    "1.5",
    "(-2.5)",
    "1e300",
    "real(nan)",
    "real(+inf)",
    "real(-inf)",
    "0.1",
];
const STRINGS: &[&str] = &[
    "''",
    "'a'",
    "'Ab cd'",
    "'a_b'",
    "'é😀'",
    "' 7 '",
    "'-3'",
    "'0x10'",
    "'1e3'",
    "'true'",
    "'2022-12-02'",
    "'cd'",
    "'%_'",
];
const DATETIMES: &[&str] = &[
    "datetime(null)",
    "datetime(2020-02-29 12:34:56.7)",
    "datetime(0001-01-01)",
    "datetime(9999-12-31 23:59:59.9999999)",
    "datetime(1969-12-31 23:00)",
];
const SPANS: &[&str] = &["timespan(null)", "1d", "(-1h)", "7d", "1tick", "0s"];
const DYNAMICS: &[&str] = &[
    "dynamic(null)",
    "dynamic([])",
    "dynamic([1,'x',null])",
    "dynamic({'a':1})",
    "dynamic('s')",
    "dynamic(5)",
    "dynamic(true)",
];
const BOOLS: &[&str] = &["true", "false", "bool(null)"];

fn call() -> impl Strategy<Value = (String, Vec<String>)> {
    prop::sample::select(CALLS).prop_flat_map(|(template, kinds)| {
        let arguments: Vec<_> = kinds.iter().map(|kind| prop::sample::select(*kind)).collect();
        arguments.prop_map(move |arguments| {
            (template.to_string(), arguments.into_iter().map(str::to_string).collect())
        })
    })
}

fn filled<'a>(template: &str, arguments: impl Iterator<Item = &'a str>) -> String {
    arguments.fold(template.to_string(), |text, argument| text.replacen("{}", argument, 1))
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn constants_and_columns_give_the_same((template, arguments) in call()) {
        let constant = filled(&template, arguments.iter().map(String::as_str));
        let names: Vec<String> = (0..arguments.len()).map(|i| format!("a{i}")).collect();
        let over_columns = filled(&template, names.iter().map(String::as_str));
        let columns: Vec<String> = arguments
            .iter()
            .enumerate()
            .map(|(i, argument)| format!("a{i} = iff(row > 0, {argument}, {argument})"))
            .collect();
        let query = format!(
            "range row from 1 to 3 step 1 | extend {} | project r = {over_columns}",
            columns.join(", ")
        );
        let constant_rows = LARGE.tables(&format!("print r = {constant}"), 0);
        let (Ok(once), Ok(rows)) = (constant_rows, LARGE.tables(&query, 0)) else {
            return Ok(());
        };
        prop_assert_eq!(&once[0].header, &rows[0].header);
        for row in &rows[0].rows {
            prop_assert_eq!(row[0].literal(), once[0].rows[0][0].literal(), "{}", constant);
        }
    }
}
