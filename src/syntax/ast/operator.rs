//! Tabular operators, one struct each.

use super::{
    ColumnDeclaration, Expr, GraphMatch, GraphOutput, MakeGraph, Name, Parameter, TypeName,
};
use crate::text::Span;

/// A tabular operator in a pipeline, or at its start.
#[derive(Clone, Debug, PartialEq)]
pub struct Operator {
    pub kind: OperatorKind,
    /// The operator's name as written (`order by` is `sort`).
    pub keyword: Span,
    /// From the keyword to the end of the operator.
    pub span: Span,
    /// `kind=…`, `hint.…=…` in order.
    pub parameters: Vec<Parameter>,
}

/// The operators and what they hold.
#[derive(Clone, Debug, PartialEq)]
pub enum OperatorKind {
    /// `as Name`
    As { name: Name },
    /// `assert-schema (a: long, …)`
    AssertSchema { columns: Vec<ColumnDeclaration> },
    /// `consume`
    Consume,
    /// `count [as Name]`
    Count { name: Option<Name> },
    /// `datatable (a: long, …) [1, …]`
    Datatable { columns: Vec<ColumnDeclaration>, values: Vec<Expr> },
    /// `distinct * | a, b`
    Distinct { columns: Vec<Expr> },
    /// `entity_group [database("a"), …]`
    EntityGroup { entities: Vec<Expr> },
    /// `evaluate plugin(args) [: (schema)]`
    Evaluate { call: Expr, schema: Option<EvaluateSchema> },
    /// `execute_and_cache`
    ExecuteAndCache,
    /// `extend a = b, …`
    Extend { columns: Vec<Expr> },
    /// `externaldata (a: long, …) ["uri"] with (…)`
    ExternalData { columns: Vec<ColumnDeclaration>, uris: Vec<Expr>, properties: Vec<Parameter> },
    /// `facet by a, b [with (…)]`
    Facet { columns: Vec<Expr>, with: Option<Vec<Operator>> },
    /// `find [in (tables)] [where] predicate [project …]`
    Find(Find),
    /// `fork [name =] (…) …`
    Fork { branches: Vec<(Option<Name>, Vec<Operator>)> },
    /// `getschema`
    GetSchema,
    /// `graph-mark-components [kind=weak] [with_component_id=c]`
    GraphMarkComponents,
    /// `graph-match (a)-[e]->(b) where … project …`
    GraphMatch(GraphMatch),
    /// `graph-shortest-paths (a)-[e*1..3]->(b) where … project …`
    GraphShortestPaths(GraphMatch),
    /// `graph-to-table nodes as N, edges as E`
    GraphToTable { outputs: Vec<GraphOutput> },
    /// `graph-where-edges predicate`
    GraphWhereEdges { predicate: Expr },
    /// `graph-where-nodes predicate`
    GraphWhereNodes { predicate: Expr },
    /// `inline_external_table (a: long, …) kind=… dataformat=… ("uri") with (…)`
    InlineExternalTable(InlineExternalTable),
    /// `invoke f(args)`
    Invoke { call: Expr },
    /// `join (T) on keys`
    Join { right: Expr, on: Vec<Expr> },
    /// `limit n`, `take n`
    Take { count: Expr },
    /// `lookup (T) on keys`
    Lookup { right: Expr, on: Vec<Expr> },
    /// `macro-expand group as scope (body)`
    MacroExpand { group: Expr, scope: Option<Name>, body: Vec<super::Statement> },
    /// `make-graph source --> target with N on id`
    MakeGraph(MakeGraph),
    /// `make-series a = agg() default=0 on t from x to y step z by k`
    MakeSeries(MakeSeries),
    /// `mv-apply x = a to typeof(t) on (…)`
    MvApply { columns: Vec<MvColumn>, limit: Option<Expr>, body: Vec<Operator> },
    /// `mv-expand x = a to typeof(t), … limit n`
    MvExpand { columns: Vec<MvColumn>, limit: Option<Expr>, legacy: bool },
    /// `parse x with pattern`, `parse-where x with pattern`
    Parse { source: Expr, pattern: Vec<ParsePart>, filter: bool },
    /// `parse-kv x as (keys) with (…)`
    ParseKv { source: Expr, columns: Vec<ColumnDeclaration>, properties: Vec<Parameter> },
    /// `partition by c (…)` or `{ … }`
    Partition { by: Expr, body: PartitionBody },
    /// `print a, b = c`
    Print { columns: Vec<Expr> },
    /// `project a, b = c`
    Project { columns: Vec<Expr> },
    /// `project-away a*, b`
    ProjectAway { columns: Vec<Expr> },
    /// `project-by-names "a", …`
    ProjectByNames { columns: Vec<Expr> },
    /// `project-keep a*, b`
    ProjectKeep { columns: Vec<Expr> },
    /// `project-rename a = b`
    ProjectRename { columns: Vec<Expr> },
    /// `project-reorder a* asc, b`
    ProjectReorder { columns: Vec<(Expr, Option<Reorder>)> },
    /// `range x from a to b step c`
    Range { column: Name, from: Expr, to: Expr, step: Option<Expr> },
    /// `reduce by x with threshold=…, characters=…`
    Reduce { by: Expr, properties: Vec<Parameter> },
    /// `render chart with (…)`
    Render { chart: Name, properties: Vec<Parameter> },
    /// `sample n`
    Sample { count: Expr },
    /// `sample-distinct n of x`
    SampleDistinct { count: Expr, of: Expr },
    /// `scan … with (steps)`
    Scan(Scan),
    /// `search [in (tables)] predicate`
    Search { tables: Vec<Expr>, predicate: Expr },
    /// `serialize a = b`
    Serialize { columns: Vec<Expr> },
    /// `sort by a asc nulls first, …`
    Sort { keys: Vec<SortKey> },
    /// `summarize a = agg() by k`
    Summarize { aggregates: Vec<Expr>, by: Vec<Expr> },
    /// `top n by a`
    Top { count: Expr, by: SortKey },
    /// `top-hitters n of x [by y]`
    TopHitters { count: Expr, of: Expr, by: Option<Expr> },
    /// `top-nested n of x by agg(), …`
    TopNested { levels: Vec<TopNestedLevel> },
    /// `union T1, (T2), A*`
    Union { inputs: Vec<Expr> },
    /// `where predicate`
    Where { predicate: Expr },
}

/// The schema after the colon of `evaluate`.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluateSchema {
    /// Where `*` stands: before the columns, after them, or not at all.
    pub star: Option<StarPlace>,
    pub columns: Vec<ColumnDeclaration>,
    pub span: Span,
}

/// The place of `*` in a declared schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StarPlace {
    Before,
    After,
}

/// The parts of `find`.
#[derive(Clone, Debug, PartialEq)]
pub struct Find {
    pub tables: Vec<Expr>,
    pub predicate: Expr,
    /// `project a, b: long, pack(*)`
    pub project: Vec<(Expr, Option<TypeName>)>,
    pub project_smart: bool,
    pub project_away: Vec<Expr>,
}

/// The parts of `inline_external_table`; its `kind` and `dataformat` are parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct InlineExternalTable {
    pub columns: Vec<ColumnDeclaration>,
    /// `partition by (name: type = expr, …)`
    pub partition_by: Vec<(ColumnDeclaration, Option<Expr>)>,
    /// `pathformat = (name "/" call …)`
    pub path_format: Vec<Expr>,
    pub uris: Vec<Expr>,
    pub properties: Vec<Parameter>,
}

/// The parts of `make-series`.
#[derive(Clone, Debug, PartialEq)]
pub struct MakeSeries {
    pub aggregates: Vec<(Expr, Option<Expr>)>,
    pub on: Expr,
    pub from: Option<Expr>,
    pub to: Option<Expr>,
    pub step: Option<Expr>,
    /// `in range(start, stop, step)`
    pub range: Option<Expr>,
    pub by: Vec<Expr>,
}

/// A column of `mv-expand` or `mv-apply`.
#[derive(Clone, Debug, PartialEq)]
pub struct MvColumn {
    /// `a` or `x = a`.
    pub expr: Expr,
    pub ty: Option<TypeName>,
}

/// A step of a `parse` pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum ParsePart {
    Star(Span),
    Text(Expr),
    Column(Name, Option<TypeName>),
}

/// The body of `partition`.
#[derive(Clone, Debug, PartialEq)]
pub enum PartitionBody {
    /// `( operator | … )`
    Pipeline(Vec<Operator>),
    /// `{ query }`
    Query(Expr),
}

/// The direction of a pattern in `project-reorder`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reorder {
    Asc,
    Desc,
    GrannyAsc,
    GrannyDesc,
}

/// The parts of `scan`.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    pub order_by: Vec<SortKey>,
    pub partition_by: Vec<Expr>,
    pub declare: Vec<super::FunctionParameter>,
    pub steps: Vec<ScanStep>,
}

/// A step of `scan`.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanStep {
    pub name: Name,
    pub optional: bool,
    /// `all`, `last` or `none`.
    pub output: Option<Name>,
    pub condition: Expr,
    pub assignments: Vec<Expr>,
}

/// A key of `sort` or `top`.
#[derive(Clone, Debug, PartialEq)]
pub struct SortKey {
    pub expr: Expr,
    /// `Some(true)` for `desc`; the default is descending.
    pub descending: Option<bool>,
    /// `Some(true)` for `nulls first`.
    pub nulls_first: Option<bool>,
}

/// A level of `top-nested`.
#[derive(Clone, Debug, PartialEq)]
pub struct TopNestedLevel {
    pub count: Option<Expr>,
    pub of: Expr,
    pub others: Option<Expr>,
    pub by: SortKey,
}
