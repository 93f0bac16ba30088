//! Tests of the whole front end: text to tree, tree to text, errors and their places.

use proptest::prelude::*;

use super::{Parse, dump, dump_tokens, is_complete, parse, print};
use crate::diagnostics::codes;
use crate::text::Source;

fn read(text: &str) -> Parse {
    parse(&Source::new("test", text))
}

/// The tree of a query that has no error.
fn tree(text: &str) -> String {
    let parse = read(text);
    assert!(parse.diagnostics.is_empty(), "{text}: {:?}", parse.diagnostics);
    dump(&parse.script).trim_end().to_string()
}

/// What is said about a query, with the text each finding points at.
fn errors(text: &str) -> Vec<(String, String)> {
    let parse = read(text);
    let one =
        |d: &crate::diagnostics::Diagnostic| (d.message.clone(), text[d.span.range()].to_string());
    parse.diagnostics.iter().map(one).collect()
}

/// The hints given for a query.
fn hints(text: &str) -> Vec<String> {
    read(text).diagnostics.iter().flat_map(|d| d.hints.clone()).collect()
}

/// One query for every operator and statement.
const SAMPLES: &[&str] = &[
    "T | as hint.materialized=true Name | join kind=inner hint.strategy=broadcast (Name) on x",
    "T | assert-schema (x:long, y:string) | consume decodeblocks=true",
    "datatable(a:long, ['b c']:string)[1, \"x\", -2, 'y', long(null), @\"z\",]",
    "T | evaluate hint.distribution=per_node bag_unpack(d, 'p_') : (*, a:long, b:string)",
    "T | extend a = x, (b, c) = f(d), y | distinct * | count as n",
    "externaldata(a:long)[\"https://x\", h@\"https://y\"] with (format=\"csv\", ignoreFirstRecord=true)",
    "T | facet by x, y with (where x > 1 | take 5)",
    "find withsource=src in (T, E) where x == 1 project x, y:string, pack(*)",
    "find in (T) where y has \"a\" project-smart",
    "T | fork (where x == 1 | take 2) n=(count)",
    "E | make-graph s --> t with (T) on y, U on z | graph-match cycles=all (a)-[e]->(b)<--(c), (c)--(d) \
     where a.y == \"a\" and all(e, x > 1) project a.x, n = b.y",
    "E | make-graph s --> t with_node_id=id | graph-to-table nodes as N with_node_id=h, edges",
    "E | make-graph s --> t | graph-shortest-paths output=all (a)-[e*1..5]->(b) project a.id",
    "E | make-graph s --> t | graph-mark-components kind=weak with_component_id=c | graph-where-nodes c > 1",
    "E | make-graph s --> t partitioned-by s (graph-match (a)-->(b) project a.x)",
    "inline_external_table(a:long) kind=storage partition by (d:datetime = bin(t, 1d)) \
     pathformat=(datetime_pattern(\"yyyy\", d) \"/\" d) dataformat=csv (h@\"https://x\")",
    "T | join kind=leftouter (T | where x > 1) on x, $left.y == $right.y | lookup (U) on x",
    "macro-expand isfuzzy=true entity_group [database(\"a\"), cluster(\"c\").database(\"b\")] as s (s.T | count)",
    "T | make-series n = count() default=0, avg(x) on t from ago(1d) to now() step 1h by y, z = x",
    "T | make-series kind=nonempty count() on t in range(ago(1d), now(), 1h) by y",
    "T | mv-apply with_itemindex=i e = d to typeof(long) limit 5 on (where e > 1 | summarize sum(e))",
    "T | mv-expand kind=array a = d to typeof(string), d limit 10 | mvexpand bagexpansion=bag d",
    "T | parse kind=regex flags=Ui y with * \"a\" b:long @\"\\d\" c:datetime *",
    "T | parse-kv y as (a:long) with (pair_delimiter=\",\", quote='\"', greedy=true)",
    "T | partition hint.strategy=native by y (top 1 by x) | partition by x { T | take 2 }",
    "T | project-away x*, y | project-keep *a | project-rename a = x | project-reorder x* granny-desc, y",
    "range t from ago(1d) to now() step 1h | sample 5 | sample-distinct 5 of y",
    "T | reduce by y with threshold=0.2, characters=\"-\"",
    "T | render timechart with (title=\"a\", ycolumns=x, z, kind=stacked)",
    "T | scan with_match_id=id order by t asc partition by y declare (a:long=0, b:string) with \
     (step s1 output=last: x > 1 => a = s1.a + 1; step s2 optional: x < 1;)",
    "search kind=case_sensitive in (T, E*) \"a\" and (y:\"b\" or y == \"c\") and not(x > 5)",
    "T | serialize rn = row_number() | sort by x asc nulls first, d.a nulls last | top 5 by x desc",
    "T | summarize hint.shufflekey=x n = count(), (a, b) = arg_max(t, *) by y, bin(t, 1h)",
    "T | top-nested 2 of y with others=\"o\" by n = count() desc, top-nested of x by max(t)",
    "union kind=inner withsource=s T, (E | where s == \"a\"), Tab*, database(\"x\").T",
    "T | where x in (1, 2) and y !in~ (\"a\") or y has_any (dynamic([\"a\"])) and y !between (1 .. 2)",
    "T | where d.a.b[0][\"c\"].['d e'] == \"x\" and -x < +5 and y notcontains \"z\" and y matches regex \"r\"",
    "let f = (T1:(x:long), n:long = 5) { let k = 1; T1 | where x > n + k }; f(T, 3)",
    "let v = view () { T | count }; let g = (t:(*)) { t }; v | union (g(T))",
    "set notruncation; set query_now = datetime(2020-01-01); declare query_parameters(a:long = 5); T",
    "alias database D = cluster(\"c\").database(\"d\"); restrict access to (T, E*); database(\"D\").T",
    "declare pattern P = (a:string)[p:string] { (\"x\").[\"y\"] = { T | take 1 }; }; P(\"x\").[\"y\"]",
    "print 'a' \"b\", 1.5h, 0x1F, guid(74be27de-1e4e-49d9-b579-fe0b331d3642), dynamic({\"a\": [1, 1d]})",
    ".show tables | count",
];

#[test]
fn tokens_as_text() {
    let expected =
        "0..1 Name \"T\"\n1..2 Pipe \"|\"\n2..6 Name \"take\"\n7..8 Integer \"5\"\n8..8 End \"\"\n";
    assert_eq!(dump_tokens("T|take 5"), expected);
}

#[test]
fn precedence_is_kustos() {
    assert_eq!(
        tree("print a or b and c == 1 + 2 * d has 'x'"),
        r#"(query (print (or a (and b (== c (+ 1 (* 2 (has d "x"))))))))"#
    );
    assert_eq!(tree("print a == b < c"), "(query (print (== a (< b c))))");
    assert_eq!(tree("print 1 - 2 - -3"), "(query (print (- (- 1 2) (neg 3))))");
    assert_eq!(tree("print -a.b[0]"), "(query (print (neg ([] (. a b) 0))))");
}

#[test]
fn tables_and_scalars_share_parentheses() {
    assert_eq!(
        tree("T | where x in (U | project x) and y == toscalar(U | count)"),
        "(query (pipe T (where (and (in x (pipe U (project x))) (== y (call toscalar (pipe U (count))))))))"
    );
}

#[test]
fn graph_patterns() {
    assert_eq!(
        tree("E | make-graph s --> t | graph-match (a)-[e*1..3]->()<--(c) project a.x"),
        "(query\n  (pipe\n    E\n    (make-graph s t)\n    (graph-match \
         (pattern (node a) (--> e (range 1 3)) (node) (<--) (node c)) (project (. a x)))))"
    );
}

#[test]
fn make_series_axis_is_no_membership() {
    assert_eq!(
        tree("T | make-series count() on t in range(1, 5, 1)"),
        "(query (pipe T (make-series (call count) (on t) (in (call range 1 5 1)))))"
    );
}

#[test]
fn each_mistake_is_reported() {
    let found = errors("T | where x == | take ; U | project a,, b");
    let places: Vec<&str> = found.iter().map(|(_, place)| place.as_str()).collect();
    assert_eq!(places, ["|", ";", ","], "{found:?}");
    assert_eq!(errors("T | wher x | take 5")[0].0, "`wher` is no operator");
    assert_eq!(errors("T | where (x == 1")[0].0, "expected `)`, found the end of the query");
    assert_eq!(errors("print 'abc")[0].0, "the string has no end");
    assert_eq!(errors("print a == b == c").len(), 1);
    assert_eq!(errors("print --1").len(), 1);
    assert_eq!(errors("print x in ()").len(), 1);
    assert_eq!(errors("T | extend first = 1").len(), 1);
    assert_eq!(errors("datatable(a:long)[1 + 2]").len(), 1);
}

#[test]
fn common_slips_get_advice() {
    for (query, advice) in [
        ("T | where a == 1 AND b == 2", "keywords are lower case: `and`"),
        ("T | where a && b", "write `and`"),
        ("T | where a || b", "write `or`"),
        ("T | where a !has_any ('x')", "there is no `!has_any`; write `not(a has_any …)`"),
        ("T | where not a", "negation is a function: `not(…)`"),
        ("SELECT a FROM T", "KQL begins with the table: `T | where … | project …`"),
        ("PRINT 1", "keywords are lower case: `print`"),
        ("T | sort by x | where desc == 1", "a column of that name is written `['desc']`"),
        ("let a = 1 let b = 2; T", "statements are separated by `;`"),
    ] {
        let hints = hints(query);
        assert!(hints.iter().any(|hint| hint == advice), "{query}: {hints:?}");
    }
}

#[test]
fn deep_nesting_is_refused_not_overflown() {
    let nested = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("print {}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    assert!(read(&nested("(", "1", ")", 300)).diagnostics.is_empty());
    for text in [
        nested("(", "1", ")", 20_000),
        nested("f(", "1", ")", 20_000),
        nested("a[", "1", "]", 20_000),
        nested("x in (", "1", ")", 20_000),
        nested("toscalar(T | where ", "1", ")", 20_000),
    ] {
        let parse = read(&text);
        assert!(parse.diagnostics.iter().any(|d| d.code == codes::TOO_DEEP), "{}", &text[..40]);
    }
    for text in [
        format!("print {}", "(".repeat(20_000)),
        format!("print a{}", ".b".repeat(20_000)),
        format!("print 1{}", " + 1".repeat(20_000)),
    ] {
        assert!(read(&text).diagnostics.has_errors());
    }
    // A literal that does not decode is left to binding.
    read(&nested("dynamic(", "1", ")", 20_000));
    read(&nested("dynamic(", "1", "", 20_000));
    read(&format!("print dynamic({})", "[".repeat(20_000)));
}

#[test]
fn long_chains_stay_flat() {
    let terms = vec!["x == 1"; 5_000].join(" or ");
    let parse = read(&format!("T | where {terms}"));
    assert!(parse.diagnostics.is_empty());
    assert_eq!(dump(&parse.script).matches("(== x 1)").count(), 5_000);
    assert_eq!(dump(&parse.script).matches("(or").count(), 1);
}

#[test]
fn printing_keeps_the_meaning() {
    for sample in SAMPLES {
        let before = tree(sample);
        let printed = print(&read(sample).script, sample);
        assert_eq!(tree(&printed), before, "{printed}");
        let again = print(&read(&printed).script, &printed);
        assert_eq!(again, printed, "layout is not stable");
    }
}

#[test]
fn layout() {
    let text = "let a=5;T|where x>a and y in(1,2)|join kind=inner(U|take 1)on x|count";
    let expected = "let a = 5;\nT\n| where x > a and y in (1, 2)\n| join kind=inner (\n    U\n    | take 1\n) on x\n| count";
    assert_eq!(print(&read(text).script, text), expected);
}

#[test]
fn completeness_for_interactive_entry() {
    for whole in ["T", "T | count", "print 'a'", "let x = 1; T", "T | where a == ')' // ("] {
        assert!(is_complete(whole), "{whole}");
    }
    for part in
        ["T |", "T | where", "T | where x ==", "print (1", "datatable(a:long)[1", "T | where a and"]
    {
        assert!(!is_complete(part), "{part}");
    }
    for part in
        ["T | where x <", "T | where x in", "T | where x has", "print ```a", "T | extend a = 1 -"]
    {
        assert!(!is_complete(part), "{part}");
    }
}

proptest! {
    #[test]
    fn damaged_queries_never_panic(
        sample in prop::sample::select(SAMPLES),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..4), 1..6),
    ) {
        let mut bytes = sample.as_bytes().to_vec();
        for (index, byte, kind) in edits {
            let at = index.index(bytes.len().max(1)).min(bytes.len());
            match kind {
                0 if at < bytes.len() => { bytes.remove(at); }
                1 if at < bytes.len() => bytes[at] = byte,
                2 => bytes.insert(at, b"()[]{}|;,.'\"=!<>*"[usize::from(byte) % 17]),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let parse = read(&text);
        for diagnostic in &parse.diagnostics {
            prop_assert!(text.get(diagnostic.span.range()).is_some());
        }
        if !parse.diagnostics.has_errors() {
            let printed = print(&parse.script, &text);
            prop_assert_eq!(dump(&read(&printed).script), dump(&parse.script), "{}", printed);
        }
        is_complete(&text);
    }
}
