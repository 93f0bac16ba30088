//! The syntax tree as an S-expression, for `explain` and for tests. Places are left out, so two
//! trees dump alike exactly when they mean the same.

use super::ast::{
    Binary, ColumnDeclaration, EdgeDirection, Expr, Function, FunctionParameter, GraphElement,
    GraphMatch, LetValue, Literal, Name, Operator, OperatorKind as O, Parameter, ParameterType,
    ParsePart, PartitionBody, Reorder, Script, SortKey, StarPlace, Statement,
};
use super::lexer::lex;
use super::token::Token;
use crate::types::Value;

/// Lines are broken beyond this many characters.
const WIDTH: usize = 100;

/// The tree of a whole text, a statement per paragraph.
pub fn dump(script: &Script) -> String {
    let mut out = String::new();
    for statement in &script.statements {
        self::statement(statement).write(&mut out, 0);
        out.push('\n');
    }
    out
}

/// The tokens of a text, one a line: place, kind, spelling.
pub fn dump_tokens(text: &str) -> String {
    let line = |token: Token| {
        let Token { kind, span } = token;
        format!("{}..{} {kind:?} {:?}\n", span.start, span.end, &text[span.range()])
    };
    lex(text).into_iter().map(line).collect()
}

enum Sexp {
    Atom(String),
    List(Vec<Sexp>),
}

impl Sexp {
    fn flat(&self, out: &mut String) {
        match self {
            Sexp::Atom(text) => out.push_str(text),
            Sexp::List(items) => {
                out.push('(');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(' ');
                    }
                    item.flat(out);
                }
                out.push(')');
            }
        }
    }

    fn width(&self) -> usize {
        match self {
            Sexp::Atom(text) => text.len(),
            Sexp::List(items) => items.iter().map(|item| item.width() + 1).sum::<usize>() + 1,
        }
    }

    fn write(&self, out: &mut String, indent: usize) {
        match self {
            Sexp::List(items) if indent + self.width() > WIDTH => {
                out.push('(');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push('\n');
                        out.extend(std::iter::repeat_n(' ', indent + 2));
                    }
                    item.write(out, indent + 2);
                }
                out.push(')');
            }
            _ => self.flat(out),
        }
    }
}

fn atom(text: impl Into<String>) -> Sexp {
    Sexp::Atom(text.into())
}

fn node(head: impl Into<String>, items: impl IntoIterator<Item = Sexp>) -> Sexp {
    let mut list = vec![atom(head)];
    list.extend(items);
    Sexp::List(list)
}

/// A clause that may be absent.
fn opt(head: &str, item: Option<Sexp>) -> Option<Sexp> {
    item.map(|item| node(head, [item]))
}

/// A clause that is left out when empty.
fn some(head: &str, items: Vec<Sexp>) -> Option<Sexp> {
    (!items.is_empty()).then(|| node(head, items))
}

fn name(name: &Name) -> Sexp {
    if name.quoted { atom(format!("['{}']", name.text)) } else { atom(&*name.text) }
}

fn opt_name(name: &Option<Name>) -> Sexp {
    name.as_ref().map_or_else(|| atom("_"), self::name)
}

fn statement(statement: &Statement) -> Sexp {
    match statement {
        Statement::Let(s) => {
            let value = match &s.value {
                LetValue::Expr(value) => expr(value),
                LetValue::Function(f) => body(f),
            };
            node("let", [name(&s.name), value])
        }
        Statement::Set(s) => {
            node("set", std::iter::once(name(&s.name)).chain(s.value.as_ref().map(expr)))
        }
        Statement::Parameters(s) => {
            node("declare-query-parameters", s.parameters.iter().map(parameter))
        }
        Statement::Pattern(s) => {
            let mut items = vec![name(&s.name)];
            items.push(node("parameters", s.parameters.iter().chain(&s.path).map(parameter)));
            items.extend(s.clauses.iter().map(|clause| {
                let values = clause.values.iter().chain(&clause.path).map(expr);
                node("clause", values.chain([body(&clause.body)]))
            }));
            node("declare-pattern", items)
        }
        Statement::Command(s) => node("command", [atom(format!("{:?}", s.text))]),
        Statement::Alias(s) => node("alias-database", [name(&s.name), expr(&s.value)]),
        Statement::Restrict(s) => node("restrict-access", exprs(&s.entities)),
        Statement::Query(e) => node("query", [expr(e)]),
    }
}

fn body(function: &Function) -> Sexp {
    let mut items = vec![node("parameters", function.parameters.iter().map(parameter))];
    items.extend(function.statements.iter().map(statement));
    items.extend(function.body.as_ref().map(|body| expr(body)));
    node(if function.view { "view" } else { "function" }, items)
}

fn parameter(parameter: &FunctionParameter) -> Sexp {
    let ty = match &parameter.ty {
        ParameterType::Scalar(ty) => atom(&*ty.text),
        ParameterType::AnyTable => atom("(*)"),
        ParameterType::Table(columns) => node("table", declarations(columns)),
    };
    node(":", [name(&parameter.name), ty].into_iter().chain(parameter.default.as_ref().map(expr)))
}

fn declarations(columns: &[ColumnDeclaration]) -> Vec<Sexp> {
    let one = |c: &ColumnDeclaration| node(":", [name(&c.name), atom(&*c.ty.text)]);
    columns.iter().map(one).collect()
}

fn exprs(exprs: &[Expr]) -> Vec<Sexp> {
    exprs.iter().map(expr).collect()
}

fn literal(literal: &Literal) -> Sexp {
    match &literal.value {
        None => atom("(invalid-literal)"),
        Some(Value::String(text)) => atom(format!("{text:?}")),
        Some(Value::Null(ty)) => node(ty.name(), [atom("null")]),
        Some(Value::Bool(value)) => atom(value.to_string()),
        Some(Value::Long(value)) => atom(value.to_string()),
        Some(Value::Dynamic(json)) => node("dynamic", [atom(&**json)]),
        Some(value) => node(value.ty().name(), [atom(value.text())]),
    }
}

fn expr(expr: &Expr) -> Sexp {
    match expr {
        Expr::Literal(e) => literal(e),
        Expr::Name(e) | Expr::Wildcard(e) => name(e),
        Expr::Star(_) => atom("*"),
        Expr::Member(e) => node(".", [self::expr(&e.target), self::expr(&e.member)]),
        Expr::Index(e) => node("[]", [self::expr(&e.target), self::expr(&e.index)]),
        Expr::Call(e) => node("call", std::iter::once(name(&e.name)).chain(exprs(&e.args))),
        Expr::Unary(e) => node(if e.negative { "neg" } else { "pos" }, [self::expr(&e.operand)]),
        Expr::Binary(e) => binary(e),
        Expr::And(terms) => node("and", exprs(terms)),
        Expr::Or(terms) => node("or", exprs(terms)),
        Expr::Between(e) => node(
            if e.negated { "!between" } else { "between" },
            [self::expr(&e.value), self::expr(&e.low), self::expr(&e.high)],
        ),
        Expr::In(e) => node(
            format!("{}{}", if e.negated { "!" } else { "" }, e.sign),
            std::iter::once(self::expr(&e.value)).chain(exprs(&e.items)),
        ),
        Expr::Named(e) => {
            let names = e.names.iter().map(name);
            let target = if e.tuple { node("names", names) } else { Sexp::List(names.collect()) };
            node("=", [target, self::expr(&e.value)])
        }
        Expr::Paren(e) => self::expr(&e.inner),
        Expr::Pipe(e) => {
            node("pipe", std::iter::once(self::expr(&e.source)).chain(pipeline(&e.operators)))
        }
        Expr::Source(e) => operator(&e.operator),
        Expr::TypeOf(e) => {
            let ty = e.ty.as_ref().map(|ty| atom(&*ty.text));
            let star = e.star.then(|| atom("*"));
            node("typeof", ty.into_iter().chain(star).chain(declarations(&e.columns)))
        }
        Expr::ColumnSearch(e) => node(":", [self::expr(&e.column), self::expr(&e.text)]),
        Expr::Error(_) => atom("(error)"),
    }
}

/// Sums of many terms nest to the left; they are walked in a loop.
fn binary(binary: &Binary) -> Sexp {
    let mut rest = vec![];
    let mut left = binary;
    loop {
        rest.push((left.op.text(), self::expr(&left.right)));
        match &left.left {
            Expr::Binary(next) => left = next,
            first => {
                let first = self::expr(first);
                return rest.into_iter().rev().fold(first, |l, (op, r)| node(op, [l, r]));
            }
        }
    }
}

fn pipeline(operators: &[Operator]) -> Vec<Sexp> {
    operators.iter().map(operator).collect()
}

fn properties(list: &[Parameter]) -> Vec<Sexp> {
    list.iter().map(|p| node("=", [name(&p.name), expr(&p.value)])).collect()
}

fn sort_key(key: &SortKey) -> Sexp {
    let direction = key.descending.map(|descending| if descending { "desc" } else { "asc" });
    let nulls = key.nulls_first.map(|first| if first { "nulls-first" } else { "nulls-last" });
    let marks: Vec<Sexp> = direction.into_iter().chain(nulls).map(atom).collect();
    if marks.is_empty() {
        return expr(&key.expr);
    }
    node("key", std::iter::once(expr(&key.expr)).chain(marks))
}

fn reorder(order: Reorder) -> Sexp {
    atom(match order {
        Reorder::Asc => "asc",
        Reorder::Desc => "desc",
        Reorder::GrannyAsc => "granny-asc",
        Reorder::GrannyDesc => "granny-desc",
    })
}

fn graph_match(graph: &GraphMatch) -> Vec<Sexp> {
    let element = |element: &GraphElement| match element {
        GraphElement::Node(n) => node("node", n.name.iter().map(name)),
        GraphElement::Edge(e) => {
            let head = match e.direction {
                EdgeDirection::Right => "-->",
                EdgeDirection::Left => "<--",
                EdgeDirection::Any => "--",
            };
            let range = e.range.as_ref().map(|(low, high)| node("range", [expr(low), expr(high)]));
            node(head, e.name.iter().map(name).chain(range))
        }
    };
    let patterns = graph.patterns.iter();
    let mut items: Vec<Sexp> =
        patterns.map(|p| node("pattern", p.elements.iter().map(element))).collect();
    items.extend(opt("where", graph.condition.as_ref().map(expr)));
    items.extend(some("project", exprs(&graph.project)));
    items
}

fn operator(operator: &Operator) -> Sexp {
    let (head, items) = operator_parts(&operator.kind);
    node(head, properties(&operator.parameters).into_iter().chain(items))
}

fn operator_parts(kind: &O) -> (&'static str, Vec<Sexp>) {
    match kind {
        O::As { name } => ("as", vec![self::name(name)]),
        O::AssertSchema { columns } => ("assert-schema", declarations(columns)),
        O::Consume => ("consume", vec![]),
        O::Count { name } => ("count", name.iter().map(self::name).collect()),
        O::Datatable { columns, values } => (
            "datatable",
            vec![node("columns", declarations(columns)), node("values", exprs(values))],
        ),
        O::Distinct { columns } => ("distinct", exprs(columns)),
        O::EntityGroup { entities } => ("entity_group", exprs(entities)),
        O::Evaluate { call, schema } => {
            let schema = schema.as_ref().map(|schema| {
                let star = |place| (schema.star == Some(place)).then(|| atom("*"));
                let mut items: Vec<Sexp> = star(StarPlace::Before).into_iter().collect();
                items.extend(declarations(&schema.columns));
                items.extend(star(StarPlace::After));
                node("schema", items)
            });
            ("evaluate", std::iter::once(expr(call)).chain(schema).collect())
        }
        O::ExecuteAndCache => ("execute_and_cache", vec![]),
        O::Extend { columns } => ("extend", exprs(columns)),
        O::ExternalData { columns, uris, properties } => {
            let mut items = vec![node("columns", declarations(columns)), node("uris", exprs(uris))];
            items.extend(some("with", self::properties(properties)));
            ("externaldata", items)
        }
        O::Facet { columns, with } => {
            let mut items = exprs(columns);
            items.extend(with.as_ref().map(|with| node("with", pipeline(with))));
            ("facet", items)
        }
        O::Find(find) => {
            let mut items: Vec<Sexp> = some("in", exprs(&find.tables)).into_iter().collect();
            items.push(expr(&find.predicate));
            let column = |(column, ty): &(Expr, Option<super::ast::TypeName>)| match ty {
                Some(ty) => node(":", [expr(column), atom(&*ty.text)]),
                None => expr(column),
            };
            items.extend(find.project_smart.then(|| atom("project-smart")));
            items.extend(some("project", find.project.iter().map(column).collect()));
            items.extend(some("project-away", exprs(&find.project_away)));
            ("find", items)
        }
        O::Fork { branches } => {
            let one = |(name, body): &(Option<Name>, Vec<Operator>)| {
                node("leg", std::iter::once(opt_name(name)).chain(pipeline(body)))
            };
            ("fork", branches.iter().map(one).collect())
        }
        O::GetSchema => ("getschema", vec![]),
        O::GraphMarkComponents => ("graph-mark-components", vec![]),
        O::GraphMatch(graph) => ("graph-match", graph_match(graph)),
        O::GraphShortestPaths(graph) => ("graph-shortest-paths", graph_match(graph)),
        O::GraphToTable { outputs } => {
            let one = |output: &super::ast::GraphOutput| {
                let items = std::iter::once(opt_name(&output.name));
                let head = if output.edges { "edges" } else { "nodes" };
                node(head, items.chain(properties(&output.parameters)))
            };
            ("graph-to-table", outputs.iter().map(one).collect())
        }
        O::GraphWhereEdges { predicate } => ("graph-where-edges", vec![expr(predicate)]),
        O::GraphWhereNodes { predicate } => ("graph-where-nodes", vec![expr(predicate)]),
        O::InlineExternalTable(table) => {
            let mut items = vec![node("columns", declarations(&table.columns))];
            let part = |(column, value): &(ColumnDeclaration, Option<Expr>)| {
                let head = [name(&column.name), atom(&*column.ty.text)];
                node(":", head.into_iter().chain(value.as_ref().map(expr)))
            };
            items.extend(some("partition-by", table.partition_by.iter().map(part).collect()));
            items.extend(some("pathformat", exprs(&table.path_format)));
            items.push(node("uris", exprs(&table.uris)));
            items.extend(some("with", properties(&table.properties)));
            ("inline_external_table", items)
        }
        O::Invoke { call } => ("invoke", vec![expr(call)]),
        O::Join { right, on } => ("join", vec![expr(right), node("on", exprs(on))]),
        O::Lookup { right, on } => ("lookup", vec![expr(right), node("on", exprs(on))]),
        O::MacroExpand { group, scope, body } => {
            let mut items = vec![expr(group), opt_name(scope)];
            items.extend(body.iter().map(statement));
            ("macro-expand", items)
        }
        O::MakeGraph(graph) => {
            let mut items = vec![expr(&graph.source), expr(&graph.target)];
            let table = |n: &super::ast::NodeTable| node("on", [expr(&n.table), expr(&n.key)]);
            items.extend(some("with", graph.nodes.iter().map(table).collect()));
            items.extend(opt("with_node_id", graph.node_id.as_ref().map(name)));
            items.extend(graph.partitioned_by.as_ref().map(|(column, body)| {
                node("partitioned-by", std::iter::once(expr(column)).chain(pipeline(body)))
            }));
            ("make-graph", items)
        }
        O::MakeSeries(series) => {
            let aggregate = |(aggregate, default): &(Expr, Option<Expr>)| match default {
                Some(default) => node("default", [expr(aggregate), expr(default)]),
                None => expr(aggregate),
            };
            let mut items: Vec<Sexp> = series.aggregates.iter().map(aggregate).collect();
            items.push(node("on", [expr(&series.on)]));
            items.extend(opt("from", series.from.as_ref().map(expr)));
            items.extend(opt("to", series.to.as_ref().map(expr)));
            items.extend(opt("step", series.step.as_ref().map(expr)));
            items.extend(opt("in", series.range.as_ref().map(expr)));
            items.extend(some("by", exprs(&series.by)));
            ("make-series", items)
        }
        O::MvApply { columns, limit, body } => {
            let mut items = mv_columns(columns);
            items.extend(opt("limit", limit.as_ref().map(expr)));
            items.push(node("on", pipeline(body)));
            ("mv-apply", items)
        }
        O::MvExpand { columns, limit, legacy } => {
            let mut items = mv_columns(columns);
            items.extend(opt("limit", limit.as_ref().map(expr)));
            (if *legacy { "mvexpand" } else { "mv-expand" }, items)
        }
        O::Parse { source, pattern, filter } => {
            let part = |part: &ParsePart| match part {
                ParsePart::Star(_) => atom("*"),
                ParsePart::Text(text) => expr(text),
                ParsePart::Column(column, None) => name(column),
                ParsePart::Column(column, Some(ty)) => node(":", [name(column), atom(&*ty.text)]),
            };
            let items = vec![expr(source), node("with", pattern.iter().map(part))];
            (if *filter { "parse-where" } else { "parse" }, items)
        }
        O::ParseKv { source, columns, properties } => {
            let mut items = vec![expr(source), node("as", declarations(columns))];
            items.extend(some("with", self::properties(properties)));
            ("parse-kv", items)
        }
        O::Partition { by, body } => {
            let body = match body {
                PartitionBody::Pipeline(body) => node("pipeline", pipeline(body)),
                PartitionBody::Query(query) => node("query", [expr(query)]),
            };
            ("partition", vec![node("by", [expr(by)]), body])
        }
        O::Print { columns } => ("print", exprs(columns)),
        O::Project { columns } => ("project", exprs(columns)),
        O::ProjectAway { columns } => ("project-away", exprs(columns)),
        O::ProjectByNames { columns } => ("project-by-names", exprs(columns)),
        O::ProjectKeep { columns } => ("project-keep", exprs(columns)),
        O::ProjectRename { columns } => ("project-rename", exprs(columns)),
        O::ProjectReorder { columns } => {
            let one = |(column, order): &(Expr, Option<Reorder>)| match order {
                Some(order) => node("key", [expr(column), reorder(*order)]),
                None => expr(column),
            };
            ("project-reorder", columns.iter().map(one).collect())
        }
        O::Range { column, from, to, step } => {
            let mut items = vec![name(column), expr(from), expr(to)];
            items.extend(step.as_ref().map(expr));
            ("range", items)
        }
        O::Reduce { by, properties } => {
            let mut items = vec![node("by", [expr(by)])];
            items.extend(some("with", self::properties(properties)));
            ("reduce", items)
        }
        O::Render { chart, properties } => {
            let mut items = vec![name(chart)];
            items.extend(some("with", self::properties(properties)));
            ("render", items)
        }
        O::Sample { count } => ("sample", vec![expr(count)]),
        O::SampleDistinct { count, of } => {
            ("sample-distinct", vec![expr(count), node("of", [expr(of)])])
        }
        O::Scan(scan) => {
            let mut items: Vec<Sexp> = vec![];
            items.extend(some("order-by", scan.order_by.iter().map(sort_key).collect()));
            items.extend(some("partition-by", exprs(&scan.partition_by)));
            items.extend(some("declare", scan.declare.iter().map(parameter).collect()));
            for step in &scan.steps {
                let mut parts = vec![name(&step.name)];
                parts.extend(step.optional.then(|| atom("optional")));
                parts.extend(opt("output", step.output.as_ref().map(name)));
                parts.push(expr(&step.condition));
                parts.extend(exprs(&step.assignments));
                items.push(node("step", parts));
            }
            ("scan", items)
        }
        O::Search { tables, predicate } => {
            let tables = some("in", exprs(tables)).into_iter();
            ("search", tables.chain([expr(predicate)]).collect())
        }
        O::Serialize { columns } => ("serialize", exprs(columns)),
        O::Sort { keys } => ("sort", keys.iter().map(sort_key).collect()),
        O::Summarize { aggregates, by } => {
            let mut items = exprs(aggregates);
            items.extend(some("by", exprs(by)));
            ("summarize", items)
        }
        O::Take { count } => ("take", vec![expr(count)]),
        O::Top { count, by } => ("top", vec![expr(count), node("by", [sort_key(by)])]),
        O::TopHitters { count, of, by } => {
            let mut items = vec![expr(count), node("of", [expr(of)])];
            items.extend(opt("by", by.as_ref().map(expr)));
            ("top-hitters", items)
        }
        O::TopNested { levels } => {
            let level = |level: &super::ast::TopNestedLevel| {
                let mut items: Vec<Sexp> = level.count.iter().map(expr).collect();
                items.push(node("of", [expr(&level.of)]));
                items.extend(opt("others", level.others.as_ref().map(expr)));
                items.push(node("by", [sort_key(&level.by)]));
                node("level", items)
            };
            ("top-nested", levels.iter().map(level).collect())
        }
        O::Union { inputs } => ("union", exprs(inputs)),
        O::Where { predicate } => ("where", vec![expr(predicate)]),
    }
}

fn mv_columns(columns: &[super::ast::MvColumn]) -> Vec<Sexp> {
    let one = |column: &super::ast::MvColumn| match &column.ty {
        Some(ty) => node("to", [expr(&column.expr), atom(&*ty.text)]),
        None => expr(&column.expr),
    };
    columns.iter().map(one).collect()
}
