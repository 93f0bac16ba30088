//! The table of diagnostic codes.
//!
//! Kusto's service codes (`SYN…`, `SEM…`) and its analyser's (`KS…`) are used where Kusto has the
//! same condition; `KQ…` are kqlite's own. One record per code; nothing else in the program
//! spells a code.

use std::fmt;

/// A reference to one record of the table.
#[derive(Clone, Copy)]
pub struct Code(&'static Record);

#[derive(Debug)]
struct Record {
    id: &'static str,
    title: &'static str,
}

impl Code {
    /// The code as printed: `SEM0100`.
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// What the condition is, in a few words.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// Every code, in table order.
    pub fn all() -> &'static [Code] {
        ALL
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.id)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.id)
    }
}

macro_rules! codes {
    ($($name:ident = $id:literal, $title:literal;)+) => {
        $(#[doc = $title] pub const $name: Code = Code(&Record { id: $id, title: $title });)+
        static ALL: &[Code] = &[$($name),+];
    };
}

codes! {
    SYNTAX = "SYN0002", "syntax error";
    LEFTOVER = "KS198", "text that belongs to no statement";
    GENERIC = "SEM0001", "the query is not valid";
    OPTION_VALUE = "SEM0020", "`set` option value of the wrong form";
    IN_TYPE = "SEM0025", "type differs from the column of the `in` table";
    DUPLICATE_COLUMN = "SEM0034", "duplicate column name";
    CONSTANT_EXPECTED = "SEM0040", "scalar constant expected";
    CLUSTER_WITHOUT_DATABASE = "SEM0048", "cluster without a database";
    REMOTE = "SEM0056", "remote entity not allowed here";
    RECURSION = "SEM0057", "recursive function call";
    OPERAND_TYPES = "SEM0064", "operator not defined for the operand types";
    ALREADY_BOUND = "SEM0079", "name already bound by `let`";
    UNKNOWN_NAME = "SEM0100", "name does not resolve";
    GRAPH_AS_TABLE = "SEM0104", "graph where a table is expected";
    ARGUMENT_TYPE = "SEM0201", "argument of the wrong type";
    LITERAL_EXPECTED = "SEM0207", "literal argument required";
    BETWEEN_TYPE = "SEM0208", "`between` over a type without ranges";
    CAPTURE_GROUPS = "SEM0213", "capture group count or name";
    EMPTY_ARGUMENT = "SEM0217", "empty literal argument";
    ARGUMENT_COUNT = "SEM0219", "wrong number of arguments";
    BETWEEN_TIMESPAN = "SEM0232", "`between` mixes timespan and datetime";
    BETWEEN_NUMBER = "SEM0234", "`between` mixes numbers and timespan";
    DATE_PART = "SEM0235", "unknown date part";
    AGGREGATE_NOT_ALLOWED = "SEM0237", "aggregate where none is allowed";
    HINT_VALUE = "SEM0249", "unknown hint value";
    FORMAT_ELEMENT = "SEM0255", "format element not supported";
    SHUFFLE_KEY = "SEM0259", "shuffle key not a group key";
    UNKNOWN_FUNCTION = "SEM0260", "unknown function";
    REGEX = "SEM0420", "regular expression not supported";
    MV_EXPAND_TYPE = "SEM0447", "`mv-expand` of a non-dynamic column";
    NOT_SERIALIZED = "KQ006", "rows without a defined order";
    PARSE_FLAGS = "SEM0472", "`parse` flags";
    PARSE_FLAG = "SEM0473", "unknown `parse` flag";
    PARSE_PATTERN = "SEM0476", "`parse` pattern";
    PARSE_WHERE_RELAXED = "SEM0477", "`parse-where kind=relaxed`";
    SORT_TYPE = "SEM0480", "type without an order";
    BUILT_IN_NAME = "SEM0515", "name of a built-in";
    BRANCH_TYPES = "SEM0525", "branches of different types";
    GRAPH_CONTEXT = "SEM0456", "function of graphs outside a graph";
    ENTITY_AS_TABLE = "SEM0608", "group of databases where a table is expected";
    NESTED_ENTITIES = "SEM0611", "`macro-expand` inside another";
    REPEATED_ENTITY = "SEM0614", "entity listed twice";
    STRING_OPERAND = "SEM0709", "string operator over a non-string";
    GRAPH_DISCONNECTED = "SEM1011", "graph pattern in several parts";
    GRAPH_PROPERTY_TYPES = "SEM1019", "node property of different types";
    GRAPH_PROPERTY = "SEM1040", "unknown property of a graph element";
    GRAPH_PATH_PROPERTY = "SEM1054", "property of a path in a condition";
    GRAPH_KEY_TYPES = "SEM1079", "node ids of different types";
    OUTER_VALUE = "CRT0018", "row value inside `toscalar`";
    GRAPH_PATH_CONDITION = "CRT0001", "condition on several elements of a shortest path";
    UNKNOWN_TYPE = "KS160", "unknown type";
    EXPRESSION_TYPE = "KS141", "expression of the wrong type";
    COLUMN_EXPECTED = "KS109", "column expected";
    DATATABLE_VALUES = "KS173", "datatable values";
    JOIN_CONDITION = "KS182", "join condition";
    JOIN_KEY_TYPES = "KS227", "join keys of different types";
    COLUMN_OUTSIDE_AGGREGATE = "KS236", "column outside an aggregate";
    TABULAR_ARGUMENT = "KS249", "tabular argument of the wrong schema";
    UNKNOWN_PARAMETER = "KS250", "unknown or missing operator parameter";
    RULE_FILE = "KQ100", "file that holds no rule";
    UNSUPPORTED = "KQ001", "part of KQL that kqlite does not run yet";
    CLOUD_ONLY = "KQ002", "part of KQL that exists only in a cloud service";
    PARAMETER = "KQ003", "query parameter";
    TOO_DEEP = "KQ004", "expression nested too deeply";
    METHOD = "KQ007", "result of a method that Kusto does not publish";
    DISCARDED = "KQ005", "part of the query has no effect";
}
