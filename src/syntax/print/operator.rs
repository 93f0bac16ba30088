//! Operators as KQL.

use super::Printer;
use crate::syntax::ast::{
    ColumnDeclaration, EdgeDirection, Expr, Find, GraphElement, GraphMatch, MakeGraph, MakeSeries,
    MvColumn, Operator, OperatorKind as O, Parameter, ParsePart, PartitionBody, Reorder, Scan,
    StarPlace, TopNestedLevel,
};

impl Printer<'_> {
    /// The keyword as written, the parameters, then what the operator holds.
    pub(super) fn operator(&mut self, operator: &Operator) {
        let keyword = self.slice(operator.keyword);
        self.put(if keyword == "order" { "sort" } else { keyword });
        // These carry parameters further on.
        let late = matches!(operator.kind, O::Scan(_) | O::InlineExternalTable(_));
        if !late {
            for parameter in &operator.parameters {
                self.put(" ");
                self.name(&parameter.name);
                self.put("=");
                self.expr(&parameter.value);
            }
        }
        self.operator_body(&operator.kind, &operator.parameters, keyword);
    }

    fn spaced(&mut self, items: &[Expr]) {
        self.clause(" ", items);
    }

    fn operator_body(&mut self, kind: &O, parameters: &[Parameter], keyword: &str) {
        match kind {
            O::Consume | O::ExecuteAndCache | O::GetSchema | O::GraphMarkComponents => {}
            O::As { name } => {
                self.put(" ");
                self.name(name);
            }
            O::AssertSchema { columns } => {
                self.put(" ");
                self.columns(columns);
            }
            O::Count { name } => {
                if let Some(name) = name {
                    self.put(" as ");
                    self.name(name);
                }
            }
            O::Datatable { columns, values } => self.datatable(columns, values),
            O::EntityGroup { entities } => {
                self.put(" [");
                self.list(entities);
                self.put("]");
            }
            O::Evaluate { call, schema } => {
                self.put(" ");
                self.expr(call);
                if let Some(schema) = schema {
                    self.put(" : (");
                    if schema.star == Some(StarPlace::Before) {
                        self.put(if schema.columns.is_empty() { "*" } else { "*, " });
                    }
                    self.each(&schema.columns, Self::column);
                    if schema.star == Some(StarPlace::After) {
                        self.put(", *");
                    }
                    self.put(")");
                }
            }
            O::ExternalData { columns, uris, properties } => {
                self.put(" ");
                self.columns(columns);
                self.put(" [");
                self.list(uris);
                self.put("]");
                self.with(properties);
            }
            O::InlineExternalTable(table) => {
                if !table.columns.is_empty() {
                    self.put(" ");
                    self.columns(&table.columns);
                }
                self.parameter(parameters, "kind");
                if !table.partition_by.is_empty() {
                    self.put(" partition by (");
                    self.each(&table.partition_by, |p, (column, value)| {
                        p.column(column);
                        p.opt(" = ", value.as_ref());
                    });
                    self.put(")");
                }
                if !table.path_format.is_empty() {
                    self.put(" pathformat = (");
                    self.chain(&table.path_format, " ");
                    self.put(")");
                }
                self.parameter(parameters, "dataformat");
                self.put(" (");
                self.list(&table.uris);
                self.put(")");
                self.with(&table.properties);
            }
            O::Facet { columns, with } => {
                self.clause(" by ", columns);
                if let Some(with) = with {
                    self.put(" with ");
                    self.pipeline(with);
                }
            }
            O::Find(find) => self.find(find),
            O::Fork { branches } => {
                for (name, body) in branches {
                    self.put(" ");
                    if let Some(name) = name {
                        self.name(name);
                        self.put(" = ");
                    }
                    self.pipeline(body);
                }
            }
            O::GraphMatch(graph) | O::GraphShortestPaths(graph) => self.graph_match(graph),
            O::GraphToTable { outputs } => self.each(outputs, |p, output| {
                p.put(if output.edges { " edges" } else { " nodes" });
                if let Some(name) = &output.name {
                    p.put(" as ");
                    p.name(name);
                }
                for parameter in &output.parameters {
                    p.put(" ");
                    p.name(&parameter.name);
                    p.put("=");
                    p.expr(&parameter.value);
                }
            }),
            O::GraphWhereEdges { predicate } | O::GraphWhereNodes { predicate } => {
                self.opt(" ", Some(predicate));
            }
            O::Invoke { call } => self.opt(" ", Some(call)),
            O::Join { right, on } | O::Lookup { right, on } => {
                self.opt(" ", Some(right));
                self.clause(" on ", on);
            }
            O::MacroExpand { group, scope, body } => {
                self.opt(" ", Some(group));
                if let Some(scope) = scope {
                    self.put(" as ");
                    self.name(scope);
                }
                self.put(" (");
                for (index, statement) in body.iter().enumerate() {
                    if index > 0 {
                        self.put("; ");
                    }
                    self.statement(statement);
                }
                self.put(")");
            }
            O::MakeGraph(graph) => self.make_graph(graph),
            O::MakeSeries(series) => self.make_series(series),
            O::MvApply { columns, limit, body } => {
                self.mv_columns(columns);
                self.opt(" limit ", limit.as_ref());
                self.put(" on ");
                self.pipeline(body);
            }
            O::MvExpand { columns, limit, .. } => {
                self.mv_columns(columns);
                self.opt(" limit ", limit.as_ref());
            }
            O::Parse { source, pattern, .. } => {
                self.opt(" ", Some(source));
                self.put(" with");
                for part in pattern {
                    self.put(" ");
                    match part {
                        ParsePart::Star(_) => self.put("*"),
                        ParsePart::Text(text) => self.expr(text),
                        ParsePart::Column(column, ty) => {
                            self.name(column);
                            if let Some(ty) = ty {
                                self.put(":");
                                self.put(&ty.text);
                            }
                        }
                    }
                }
            }
            O::ParseKv { source, columns, properties } => {
                self.opt(" ", Some(source));
                self.put(" as ");
                self.columns(columns);
                self.with(properties);
            }
            O::Partition { by, body } => {
                // `__partitionby` has no `by` of its own.
                self.opt(if keyword == "partition" { " by " } else { " " }, Some(by));
                self.partition_body(body);
            }
            O::Distinct { columns }
            | O::Extend { columns }
            | O::Print { columns }
            | O::Project { columns }
            | O::ProjectAway { columns }
            | O::ProjectByNames { columns }
            | O::ProjectKeep { columns }
            | O::ProjectRename { columns }
            | O::Serialize { columns } => self.spaced(columns),
            O::ProjectReorder { columns } => {
                self.put(" ");
                self.each(columns, |p, (column, order)| {
                    p.expr(column);
                    p.put(match order {
                        None => "",
                        Some(Reorder::Asc) => " asc",
                        Some(Reorder::Desc) => " desc",
                        Some(Reorder::GrannyAsc) => " granny-asc",
                        Some(Reorder::GrannyDesc) => " granny-desc",
                    });
                });
            }
            O::Range { column, from, to, step } => {
                self.put(" ");
                self.name(column);
                self.opt(" from ", Some(from));
                self.opt(" to ", Some(to));
                self.opt(" step ", step.as_ref());
            }
            O::Reduce { by, properties } => {
                self.opt(" by ", Some(by));
                if !properties.is_empty() {
                    self.put(" with ");
                    self.properties(properties);
                }
            }
            O::Render { chart, properties } => {
                self.put(" ");
                self.name(chart);
                self.with(properties);
            }
            O::Sample { count } | O::Take { count } => self.opt(" ", Some(count)),
            O::SampleDistinct { count, of } => {
                self.opt(" ", Some(count));
                self.opt(" of ", Some(of));
            }
            O::Scan(scan) => self.scan(scan, parameters),
            O::Search { tables, predicate } => {
                if !tables.is_empty() {
                    self.put(" in (");
                    self.list(tables);
                    self.put(")");
                }
                self.opt(" ", Some(predicate));
            }
            O::Sort { keys } => {
                self.put(" by ");
                self.each(keys, Self::sort_key);
            }
            O::Summarize { aggregates, by } => {
                self.spaced(aggregates);
                self.clause(" by ", by);
            }
            O::Top { count, by } => {
                self.opt(" ", Some(count));
                self.put(" by ");
                self.sort_key(by);
            }
            O::TopHitters { count, of, by } => {
                self.opt(" ", Some(count));
                self.opt(" of ", Some(of));
                self.opt(" by ", by.as_ref());
            }
            O::TopNested { levels } => self.top_nested(levels),
            O::Union { inputs } => self.spaced(inputs),
            O::Where { predicate } => self.opt(" ", Some(predicate)),
        }
    }

    fn parameter(&mut self, parameters: &[Parameter], name: &str) {
        for parameter in parameters.iter().filter(|p| &*p.name.text == name) {
            self.put(" ");
            self.name(&parameter.name);
            self.put("=");
            self.expr(&parameter.value);
        }
    }

    fn datatable(&mut self, columns: &[ColumnDeclaration], values: &[Expr]) {
        self.put(" ");
        self.columns(columns);
        self.put(" [");
        if !values.is_empty() {
            self.indent += 1;
            for row in values.chunks(columns.len().max(1)) {
                self.line();
                for value in row {
                    self.expr(value);
                    self.put(", ");
                }
                self.out.pop();
            }
            self.out.pop();
            self.indent -= 1;
            self.line();
        }
        self.put("]");
    }

    fn find(&mut self, find: &Find) {
        if !find.tables.is_empty() {
            self.put(" in (");
            self.list(&find.tables);
            self.put(") where");
        }
        self.opt(" ", Some(&find.predicate));
        if find.project_smart {
            self.put(" project-smart");
        }
        if !find.project.is_empty() {
            self.put(" project ");
            self.each(&find.project, |p, (column, ty)| {
                p.expr(column);
                if let Some(ty) = ty {
                    p.put(": ");
                    p.put(&ty.text);
                }
            });
        }
        self.clause(" project-away ", &find.project_away);
    }

    fn graph_match(&mut self, graph: &GraphMatch) {
        self.put(" ");
        self.each(&graph.patterns, |p, pattern| {
            pattern.elements.iter().for_each(|element| p.graph_element(element));
        });
        self.opt(" where ", graph.condition.as_ref());
        self.clause(" project ", &graph.project);
    }

    fn graph_element(&mut self, element: &GraphElement) {
        match element {
            GraphElement::Node(node) => {
                self.put("(");
                node.name.iter().for_each(|name| self.name(name));
                self.put(")");
            }
            GraphElement::Edge(edge) => {
                self.put(if edge.direction == EdgeDirection::Left { "<-" } else { "-" });
                if edge.name.is_some() || edge.range.is_some() {
                    self.put("[");
                    edge.name.iter().for_each(|name| self.name(name));
                    if let Some((low, high)) = &edge.range {
                        self.opt("*", Some(low));
                        self.opt("..", Some(high));
                    }
                    self.put("]");
                }
                self.put(if edge.direction == EdgeDirection::Right { "->" } else { "-" });
            }
        }
    }

    fn make_graph(&mut self, graph: &MakeGraph) {
        self.opt(" ", Some(&graph.source));
        self.opt(" --> ", Some(&graph.target));
        if !graph.nodes.is_empty() {
            self.put(" with ");
            self.each(&graph.nodes, |p, node| {
                p.expr(&node.table);
                p.opt(" on ", Some(&node.key));
            });
        }
        if let Some(name) = &graph.node_id {
            self.put(" with_node_id=");
            self.name(name);
        }
        if let Some((column, body)) = &graph.partitioned_by {
            self.opt(" partitioned-by ", Some(column));
            self.put(" ");
            self.pipeline(body);
        }
    }

    fn make_series(&mut self, series: &MakeSeries) {
        self.put(" ");
        self.each(&series.aggregates, |p, (aggregate, default)| {
            p.expr(aggregate);
            p.opt(" default=", default.as_ref());
        });
        self.opt(" on ", Some(&series.on));
        self.opt(" from ", series.from.as_ref());
        self.opt(" to ", series.to.as_ref());
        self.opt(" step ", series.step.as_ref());
        self.opt(" in ", series.range.as_ref());
        self.clause(" by ", &series.by);
    }

    fn mv_columns(&mut self, columns: &[MvColumn]) {
        self.put(" ");
        self.each(columns, |p, column| {
            p.expr(&column.expr);
            if let Some(ty) = &column.ty {
                p.put(" to typeof(");
                p.put(&ty.text);
                p.put(")");
            }
        });
    }

    fn partition_body(&mut self, body: &PartitionBody) {
        match body {
            PartitionBody::Pipeline(body) => {
                self.put(" ");
                self.pipeline(body);
            }
            PartitionBody::Query(query) => {
                self.put(" { ");
                self.expr(query);
                self.put(" }");
            }
        }
    }

    fn scan(&mut self, scan: &Scan, parameters: &[Parameter]) {
        for name in ["kind", "with_match_id"] {
            self.parameter(parameters, name);
        }
        if !scan.order_by.is_empty() {
            self.put(" order by ");
            self.each(&scan.order_by, Self::sort_key);
        }
        self.clause(" partition by ", &scan.partition_by);
        if !scan.declare.is_empty() {
            self.put(" declare ");
            self.parameters(&scan.declare);
        }
        self.put(" with (");
        self.indent += 1;
        for step in &scan.steps {
            self.line();
            self.put("step ");
            self.name(&step.name);
            if step.optional {
                self.put(" optional");
            }
            if let Some(output) = &step.output {
                self.put(" output=");
                self.name(output);
            }
            self.opt(": ", Some(&step.condition));
            self.clause(" => ", &step.assignments);
            self.put(";");
        }
        self.indent -= 1;
        self.line();
        self.put(")");
    }

    fn top_nested(&mut self, levels: &[TopNestedLevel]) {
        for (index, level) in levels.iter().enumerate() {
            if index > 0 {
                self.put(", top-nested");
            }
            self.opt(" ", level.count.as_ref());
            self.opt(" of ", Some(&level.of));
            self.opt(" with others = ", level.others.as_ref());
            self.put(" by ");
            self.sort_key(&level.by);
        }
    }
}
