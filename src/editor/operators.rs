//! The tabular operators as the reference lists them: name, syntax, summary, example.

/// A tabular operator.
#[derive(Debug)]
pub struct Operator {
    pub name: &'static str,
    /// Other words for the same.
    pub aliases: &'static [&'static str],
    /// What it looks like; a source stands at the start of a query, other operators follow a pipe.
    pub syntax: &'static str,
    pub summary: &'static str,
    pub example: &'static str,
    /// Whether it begins a query instead of following a pipe.
    pub source: bool,
}

/// The operator called `name`.
pub fn find(name: &str) -> Option<&'static Operator> {
    OPERATORS.iter().find(|operator| operator.name == name || operator.aliases.contains(&name))
}

macro_rules! operators {
    ($($kind:ident $name:literal $(| $alias:literal)*, $syntax:literal, $summary:literal, $example:literal;)+) => {
        /// Every operator, sources first, then by name.
        pub static OPERATORS: &[Operator] = &[$(Operator {
            name: $name,
            aliases: &[$($alias),*],
            syntax: $syntax,
            summary: $summary,
            example: $example,
            source: operators!(@$kind),
        }),+];
    };
    (@source) => { true };
    (@pipe) => { false };
}

operators! {
    source "datatable", "datatable(Column: Type, …) [Value, …]",
        "Gives a table written in the query.",
        "datatable(user: string, score: long) [\"ann\", 70, \"bob\", 20]";
    source "externaldata" | "external_data", "externaldata(Column: Type, …) [Path, …] [with (format = Format, ignoreFirstRecord = true)]",
        "Reads files of the data folders: csv, tsv, psv, scsv, sohsv, txt and raw by position, json, multijson and parquet by name.",
        "externaldata(line: string) [\"README.md\"] with (format = \"txt\")";
    source "find", "find [withsource = Column] [in (Table, …)] [where] Predicate [project Column[: Type], … [, pack_all()] | project-smart]",
        "Looks for rows in several tables; columns that not all of them have come packed.",
        "let A = view () { print s = \"x\", n = 1 }; find in (A) where s == \"x\"";
    source "inline_external_table", "inline_external_table (Column: Type, …) kind = storage dataformat = Format (Path, …) [with (includeHeaders = \"All\")]",
        "Reads files of the data folders, as externaldata does.",
        "inline_external_table (line: string) kind = storage dataformat = txt (\"README.md\")";
    source "macro-expand", "macro-expand [kind = inner | outer] [isfuzzy = true] EntityGroup as Scope (Statements)",
        "Runs statements once per database of a group and gives all their rows.",
        "macro-expand entity_group [database(\"default\")] as D (print name = D.$current_database)";
    source "print", "print [Column =] Expression, …",
        "Gives one row of computed values.",
        "print answer = 6 * 7";
    source "range", "range Column from Start to Stop step Step",
        "Gives a column of evenly spaced values, both ends included.",
        "range x from 1 to 10 step 3";
    source "search", "search [kind = case_sensitive] [in (Table, …)] Predicate",
        "Looks for terms in all columns of text of all tables, or of the rows before a pipe.",
        "datatable(s: string) [\"one error\", \"fine\"] | search \"err*\"";
    pipe "assert-schema", "assert-schema (Column: Type, …)",
        "Refuses rows that have other columns.",
        "print a = 1 | assert-schema (a: long)";
    pipe "as", "as Name",
        "Names the rows so far, for later use in the same statement.",
        "range x from 1 to 3 step 1 | as Numbers";
    pipe "consume", "consume",
        "Reads all rows and gives none.",
        "range x from 1 to 3 step 1 | consume";
    pipe "count", "count",
        "Counts the rows.",
        "range x from 1 to 3 step 1 | count";
    pipe "distinct", "distinct Column, … | distinct *",
        "Keeps one row of each combination of values.",
        "datatable(a: long) [1, 1, 2] | distinct a";
    pipe "evaluate", "evaluate Plugin(Argument, …)",
        "Hands the rows to a plugin: pivot, bag_unpack, narrow.",
        "print d = dynamic({\"a\": 1}) | evaluate bag_unpack(d)";
    pipe "execute_and_cache", "execute_and_cache",
        "Gives the rows as they are; there is no cache to fill.",
        "range x from 1 to 3 step 1 | execute_and_cache";
    pipe "extend", "extend [Column =] Expression, …",
        "Adds computed columns or replaces existing ones.",
        "range x from 1 to 3 step 1 | extend square = x * x";
    pipe "facet", "facet by Column, … [with (Operators)]",
        "Gives a result per column: its values and how often each occurs.",
        "datatable(a: long) [1, 1, 2] | facet by a";
    pipe "fork", "fork [Name =] (Operators) [Name =] (Operators) …",
        "Gives several results of the same rows.",
        "range x from 1 to 3 step 1 | fork (count) (where x > 2)";
    pipe "getschema", "getschema",
        "Gives the names and types of the columns.",
        "print a = 1, b = \"x\" | getschema";
    pipe "graph-mark-components", "graph-mark-components [kind=weak|strong] [with_component_id=Name]",
        "Numbers the connected components of a graph, as a property of its nodes.",
        "datatable(s: string, t: string) [\"a\", \"b\", \"b\", \"c\"] | make-graph s --> t with_node_id=id | graph-mark-components | graph-to-table nodes";
    pipe "graph-match", "graph-match [cycles=unique_edges|all|none] (a)-[e]->(b)-[p*1..3]->(c), … [where Condition] project [Column =] Expression, …",
        "Finds every match of a pattern of nodes and edges in a graph.",
        "datatable(s: string, t: string) [\"a\", \"b\", \"b\", \"c\"] | make-graph s --> t with_node_id=id | graph-match (x)-[e]->(y) where x.id == \"a\" project x.id, y.id";
    pipe "graph-shortest-paths", "graph-shortest-paths [output=any|all] (a)-[p*1..5]->(b) [where Condition] project [Column =] Expression, …",
        "Finds a shortest path, or all of them, between each two nodes of a graph.",
        "datatable(s: string, t: string) [\"a\", \"b\", \"b\", \"c\"] | make-graph s --> t with_node_id=id | graph-shortest-paths (x)-[p*1..5]->(y) project x.id, y.id, array_length(p)";
    pipe "graph-to-table", "graph-to-table nodes [as Name] [with_node_id=Column], edges [as Name] [with_source_id=Column] [with_target_id=Column]",
        "Gives the nodes or the edges of a graph as a table.",
        "datatable(s: string, t: string) [\"a\", \"b\", \"b\", \"c\"] | make-graph s --> t with_node_id=id | graph-to-table nodes";
    pipe "graph-where-edges", "graph-where-edges Condition",
        "Keeps the edges of a graph for which a condition holds, and all nodes.",
        "datatable(s: string, t: string) [\"a\", \"b\", \"b\", \"c\"] | make-graph s --> t with_node_id=id | graph-where-edges s == \"a\" | graph-to-table edges";
    pipe "graph-where-nodes", "graph-where-nodes Condition",
        "Keeps the nodes of a graph for which a condition holds, and the edges between them.",
        "datatable(s: string, t: string) [\"a\", \"b\", \"b\", \"c\"] | make-graph s --> t with_node_id=id | graph-where-nodes id != \"c\" | graph-to-table edges";
    pipe "invoke", "invoke Function(Argument, …)",
        "Calls a function that takes the rows as its first argument.",
        "let twice = (T: (x: long)) { T | extend y = x * 2 }; range x from 1 to 2 step 1 | invoke twice()";
    pipe "join", "join [kind = Kind] (Right) on Condition, …",
        "Matches rows of two tables; the kind is `innerunique` unless given.",
        "datatable(key: long, a: string) [1, \"x\"] | join kind = inner (datatable(key: long, b: string) [1, \"y\"]) on key";
    pipe "limit", "limit Count",
        "Keeps at most that many rows; the same as `take`.",
        "range x from 1 to 9 step 1 | limit 3";
    pipe "lookup", "lookup [kind = leftouter | inner] (Right) on Column, …",
        "Adds the columns of a table of facts to each row.",
        "datatable(key: long, a: string) [1, \"x\"] | lookup (datatable(key: long, b: string) [1, \"y\"]) on key";
    pipe "make-graph", "make-graph Source --> Target [with Nodes on Key, … | with_node_id=Name] [partitioned-by Column (Pipeline)]",
        "Makes a graph of rows that are edges, for the operators of graphs to follow.",
        "datatable(s: string, t: string) [\"a\", \"b\", \"b\", \"c\"] | make-graph s --> t with_node_id=id | graph-match (n) project n.id";
    pipe "make-series", "make-series [Column =] Aggregation [default = Value], … on Axis [from Start] [to End] step Step [by Key, …]",
        "Aggregates into arrays along an axis, gaps filled.",
        "datatable(t: long, v: long) [0, 1, 4, 2] | make-series s = sum(v) on t from 0 to 6 step 2";
    pipe "mv-apply" | "mvapply", "mv-apply [with_itemindex = Column] [Column =] Array [to typeof(Type)], … [limit N] on (Subquery)",
        "Runs a subquery over the elements of each row's array.",
        "print a = dynamic([5, 1, 3]) | mv-apply x = a to typeof(long) on (top 2 by x)";
    pipe "mv-expand" | "mvexpand", "mv-expand [with_itemindex = Column] [Column =] Array [to typeof(Type)], … [limit N]",
        "Gives one row per element of an array or per entry of a property bag.",
        "print a = dynamic([1, 2, 3]) | mv-expand a to typeof(long)";
    pipe "order", "order by Expression [asc | desc] [nulls first | nulls last], …",
        "Orders the rows, descending unless told otherwise; the same as `sort`.",
        "range x from 1 to 3 step 1 | order by x";
    pipe "parse", "parse [kind = simple | relaxed | regex] Expression with Pattern",
        "Takes a text apart by a pattern of literals and columns.",
        "print s = \"id=7 ok\" | parse s with \"id=\" id: long \" \" status";
    pipe "parse-kv", "parse-kv Text as (Key: Type, …) [with (pair_delimiter = Text, kv_delimiter = Text [, quote = Marks] [, escape = Mark] [, greedy = true])]",
        "Reads the values of named keys out of text.",
        "print s = \"a=1;b=2\" | parse-kv s as (a: long, b: long) with (pair_delimiter=';', kv_delimiter='=')";
    pipe "parse-where", "parse-where [kind = simple | regex] Expression with Pattern",
        "Takes a text apart by a pattern and drops rows that do not match.",
        "print s = \"id=7\" | parse-where s with \"id=\" id: long";
    pipe "partition" | "__partitionby", "partition [hint.strategy = native | shuffle | legacy] by Column (Subquery)",
        "Runs a subquery over the rows of each value of a column.",
        "datatable(k: string, v: long) [\"a\", 1, \"a\", 2, \"b\", 3] | partition by k (top 1 by v)";
    pipe "project", "project [Column =] Expression, …",
        "Keeps the named columns, computes others, in this order.",
        "print a = 1, b = 2 | project b, c = a + 1";
    pipe "project-away", "project-away Column, …",
        "Drops columns; a name may hold `*`.",
        "print a = 1, b = 2 | project-away b";
    pipe "project-by-names", "project-by-names Names, …",
        "Keeps columns by texts or arrays of texts, in that order; names that fit none do not matter.",
        "print a = 1, b1 = 2, b2 = 3 | project-by-names \"b*\", dynamic([\"a\", \"c\"])";
    pipe "project-keep", "project-keep Column, …",
        "Keeps columns in their order; a name may hold `*`.",
        "print a1 = 1, a2 = 2, b = 3 | project-keep a*";
    pipe "project-rename", "project-rename New = Old, …",
        "Gives columns new names.",
        "print a = 1 | project-rename b = a";
    pipe "project-reorder", "project-reorder Column [asc | desc], …",
        "Moves columns to the front.",
        "print a = 1, b = 2 | project-reorder b";
    pipe "reduce", "reduce [kind = source] by Text [with threshold = 0.1, characters = Separators]",
        "Groups texts by the words that many of them have at the same place; groups may differ from Kusto's.",
        "datatable(s: string) [\"job 1 done\", \"job 2 done\", \"late\"] | reduce by s with threshold = 0.4";
    pipe "render", "render Kind [with (Property = Value, …)]",
        "Says how a client should draw the result.",
        "range x from 1 to 3 step 1 | render linechart";
    pipe "sample", "sample N",
        "Keeps N rows, chosen at random.",
        "range x from 1 to 100 step 1 | sample 3";
    pipe "sample-distinct", "sample-distinct N of Column",
        "Gives N different values of a column.",
        "range x from 1 to 100 step 1 | sample-distinct 3 of x";
    pipe "scan", "scan [with_match_id = Column] [declare (Column: Type = Default, …)] with (step Name [output = all | last | none]: Condition => Column = Value, …; …)",
        "Runs steps over the rows in order, with what earlier rows left behind.",
        "range x from 1 to 5 step 1 | scan declare (total: long = 0) with (step s: true => total = x + s.total;)";
    pipe "serialize", "serialize [Column = Expression, …]",
        "Fixes the order of the rows, so that functions like `prev` may be used.",
        "range x from 1 to 3 step 1 | serialize n = row_number()";
    pipe "sort", "sort by Expression [asc | desc] [nulls first | nulls last], …",
        "Orders the rows, descending unless told otherwise.",
        "range x from 1 to 3 step 1 | sort by x asc";
    pipe "summarize", "summarize [Column =] Aggregation, … [by [Column =] Expression, …]",
        "Aggregates the rows of each group.",
        "range x from 1 to 9 step 1 | summarize count(), max(x) by even = x % 2 == 0";
    pipe "take", "take Count",
        "Keeps at most that many rows, which ones is open.",
        "range x from 1 to 9 step 1 | take 3";
    pipe "top", "top Count by Expression [asc | desc] [nulls first | nulls last]",
        "Keeps the first rows by an order.",
        "range x from 1 to 9 step 1 | top 3 by x";
    pipe "top-hitters", "top-hitters N of Column [by Weight]",
        "Gives the N most frequent values, or those of most weight.",
        "datatable(g: string) [\"a\", \"b\", \"a\"] | top-hitters 1 of g";
    pipe "top-nested", "top-nested [N] of Expression [with others = Value] by Aggregation [asc | desc], top-nested …",
        "Keeps the highest groups, and the highest groups below each of them.",
        "datatable(k: string, s: string, v: long) [\"a\", \"x\", 3, \"b\", \"y\", 5] | top-nested 1 of k by sum(v), top-nested 1 of s by sum(v)";
    pipe "union", "union [kind = inner | outer] [withsource = Column] [isfuzzy = true] Table, …",
        "Gives the rows of several tables; a name may hold `*`.",
        "range x from 1 to 2 step 1 | union (print x = 7)";
    pipe "where" | "filter", "where Predicate",
        "Keeps the rows for which the predicate is true.",
        "range x from 1 to 9 step 1 | where x > 7";
}

#[cfg(test)]
mod tests {
    use super::OPERATORS;
    use crate::syntax;
    use crate::text::Source;

    #[test]
    fn examples_parse() {
        for operator in OPERATORS {
            let parsed = syntax::parse(&Source::new(operator.name, operator.example));
            assert!(!parsed.diagnostics.has_errors(), "{}", operator.example);
            assert!(operator.example.contains(operator.name), "{}", operator.name);
        }
    }
}
