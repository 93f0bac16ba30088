//! Tabular expressions: tables, `let`s, functions that give tables, pipelines.

use std::sync::Arc;

use super::Binder;
use super::env::{Binding, TabularBinding};
use super::graph::Flow;
use super::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Node, Relation};
use crate::syntax::ast::{self, Expr};
use crate::text::Span;
use crate::types::{RowSchema, TableSchema, Type, Value};

impl<'a> Binder<'a> {
    /// Binds a tabular expression inside another expression: outer columns are out of reach.
    pub(super) fn inner_relation(&mut self, expr: &'a Expr) -> Relation {
        let flow = self.inner_flow(expr);
        self.expect_table(flow, expr.span())
    }

    /// Like [`Self::inner_relation`], for an expression that may give a graph.
    pub(super) fn inner_flow(&mut self, expr: &'a Expr) -> Flow {
        self.level += 1;
        let visualization = self.visualization.take();
        let name = self.result_name.take();
        let flow = self.flow(expr);
        self.visualization = visualization;
        self.result_name = name;
        self.level -= 1;
        flow
    }

    /// Binds the pipeline inside another operator over `input`, where `leaf`, if given, stands for
    /// the rows of one group.
    pub(super) fn subquery(
        &mut self,
        leaf: Option<&Relation>,
        input: Relation,
        operators: &'a [ast::Operator],
        span: Span,
    ) -> Relation {
        self.level += 1;
        let visualization = self.visualization.take();
        let name = self.result_name.take();
        let env = self.env.clone();
        let leaves = self.leaves.len();
        self.leaves.extend(leaf.map(|leaf| (leaf.clone(), span)));
        self.piped_name = None;
        let flow = self.pipeline(Flow::Table(input), operators);
        let relation = self.expect_table(flow, span);
        self.leaves.truncate(leaves);
        self.env = env;
        self.visualization = visualization;
        self.result_name = name;
        self.level -= 1;
        relation
    }

    /// Binds a tabular expression.
    pub(super) fn relation(&mut self, expr: &'a Expr) -> Relation {
        let flow = self.flow(expr);
        self.expect_table(flow, expr.span())
    }

    /// Binds an expression that gives a table or a graph.
    pub(super) fn flow(&mut self, expr: &'a Expr) -> Flow {
        match expr {
            Expr::Pipe(pipe) => {
                let flow = self.flow(&pipe.source);
                self.piped_name = None;
                self.pipeline(flow, &pipe.operators)
            }
            Expr::Paren(paren) => self.flow(&paren.inner),
            Expr::Name(name) => match self.env.get(&name.text) {
                Some(Binding::Graph(graph)) => Flow::Graph(Box::new((**graph).clone())),
                _ => match self.user_function(&name.text) {
                    Some(function) => self.user_flow(&function, &[], name.span, None),
                    None => Flow::Table(self.table_by_name(name)),
                },
            },
            Expr::Call(_) | Expr::Member(_) if let Some(found) = self.pattern_call(expr) => {
                self.pattern_flow(found)
            }
            Expr::Call(call) => match self.user_function(&call.name.text) {
                Some(function) => self.user_flow(&function, &call.args, call.span, None),
                None => Flow::Table(self.table_call(call)),
            },
            Expr::Source(source) => {
                Flow::Table(super::operators::bind_source(self, &source.operator))
            }
            Expr::Member(_) => Flow::Table(self.qualified_table(expr)),
            Expr::Error(_) => Flow::Table(self.broken()),
            other => {
                let message = "a table is expected here, not a value";
                self.error(codes::EXPRESSION_TYPE, other.span(), message);
                Flow::Table(self.broken())
            }
        }
    }

    /// Binds the operators of a pipeline over what comes in.
    pub(super) fn pipeline(&mut self, input: Flow, operators: &'a [ast::Operator]) -> Flow {
        let mut flow = input;
        for operator in operators {
            flow = super::operators::bind_flow(self, flow, operator);
            self.piped_name = given_name(operator);
        }
        flow
    }

    /// The stand-in for a relation that could not be bound; silences what follows from it.
    pub(super) fn broken(&mut self) -> Relation {
        self.quiet = true;
        Relation::new(Node::Values { rows: vec![] }, RowSchema::default())
    }

    fn table_by_name(&mut self, name: &ast::Name) -> Relation {
        match self.env.get(&name.text).cloned() {
            Some(Binding::Tabular(table)) => return table.relation,
            Some(Binding::Scalar(_)) => {
                let message = format!("`{}` is a value; a table is expected here", name.text);
                self.error(codes::EXPRESSION_TYPE, name.span, message);
                return self.broken();
            }
            Some(Binding::Entities(_) | Binding::Database(_)) => {
                let message = format!("`{}` stands for databases, not for a table", name.text);
                self.error(codes::ENTITY_AS_TABLE, name.span, message);
                return self.broken();
            }
            Some(Binding::Pattern(_)) => {
                let message = format!("`{}` is a pattern, which takes arguments", name.text);
                self.error(codes::PATTERN_REFERENCE, name.span, message);
                return self.broken();
            }
            Some(Binding::Function(_) | Binding::Graph(_)) | None => {}
        }
        if self.refuse_unreadable(&name.text, name.span) {
            return self.broken();
        }
        self.stored_table(None, &name.text, name.span)
    }

    /// A table of the catalog.
    pub(super) fn stored_table(
        &mut self,
        database: Option<&str>,
        table: &str,
        span: Span,
    ) -> Relation {
        if let Some(found) = self.table_schema(database, table) {
            return scan(database, &found);
        }
        if let Some(reason) = self.schemas.unavailable(table)
            && self.allows(database, table)
        {
            let message = format!("table `{table}` cannot be read: {reason}");
            self.error(codes::UNKNOWN_NAME, span, message);
            return self.broken();
        }
        let names = self.visible_tables(database);
        let lets: Vec<String> = self
            .env
            .frames()
            .filter(|(_, binding)| !matches!(binding, Binding::Scalar(_)))
            .map(|(name, _)| name.to_string())
            .collect();
        let known = names.iter().map(|n| &**n).chain(lets.iter().map(String::as_str));
        let mut diagnostic =
            Diagnostic::error(codes::UNKNOWN_TABLE, span, format!("unknown table `{table}`"))
                .suggest("table", table, known);
        if !self.allows(database, table) && self.schemas.table(database, table).is_some() {
            diagnostic.hints = vec!["`restrict access` does not list it".into()];
        }
        if diagnostic.hints.is_empty() && names.is_empty() {
            diagnostic = diagnostic.hint("no data is open; give a file or folder with `--data`");
        }
        self.diagnostics.push(diagnostic);
        self.broken()
    }

    /// `database("d").T`, `cluster("c").database("d").T`.
    fn qualified_table(&mut self, expr: &'a Expr) -> Relation {
        if let Some((target, function, args)) = self.qualified_function(expr) {
            return match self.database_of(target) {
                Some(_) => self.tabular_user_call(&function, args, expr.span(), None),
                None => self.broken(),
            };
        }
        match self.qualifier(expr) {
            Some((database, table, span)) => self.stored_table(database.as_deref(), &table, span),
            None => self.broken(),
        }
    }

    /// The database and table that a path names, or a diagnostic.
    pub(super) fn qualifier(&mut self, expr: &'a Expr) -> Option<(Option<String>, Arc<str>, Span)> {
        let Expr::Member(member) = expr else { return None };
        let table = match &member.member {
            Expr::Name(name) | Expr::Wildcard(name) => name.text.clone(),
            Expr::Star(_) => "*".into(),
            Expr::Call(call) if &*call.name.text == "table" => self.constant_text(call)?.into(),
            Expr::Call(call) => {
                if !self.refuse_unreadable(&call.name.text, call.name.span) {
                    let message = format!("unknown function `{}`", call.name.text);
                    self.error(codes::UNKNOWN_FUNCTION, call.name.span, message);
                }
                return None;
            }
            other => {
                self.error(codes::SYNTAX, other.span(), "a table name is expected");
                return None;
            }
        };
        let database = self.database_of(&member.target)?;
        Some((Some(database), table, member.member.span()))
    }

    /// Warns of what only runs in the cloud, where no data is asked.
    fn elsewhere(&mut self, span: Span, message: &str) {
        self.diagnostics.push(Diagnostic::warning(codes::CLOUD_ONLY, span, message));
    }

    pub(super) fn database_of(&mut self, expr: &'a Expr) -> Option<String> {
        match expr {
            Expr::Call(call) if &*call.name.text == "database" && call.args.is_empty() => {
                Some(self.schemas.current_database().to_string())
            }
            Expr::Call(call) if &*call.name.text == "database" => {
                let name = self.constant_text(call)?;
                if let Some(database) = self.aliases.get(&*name) {
                    return Some(database.to_string());
                }
                if self.schemas.has_database(&name) {
                    return Some(name);
                }
                let message = format!("unknown database `{name}`");
                let current = self.schemas.current_database().to_string();
                self.diagnostics.push(
                    Diagnostic::error(codes::UNKNOWN_NAME, call.span, message)
                        .hint(format!("the database at hand is `{current}`")),
                );
                None
            }
            Expr::Call(call) if &*call.name.text == "cluster" => {
                let message = "a cluster needs a database behind it";
                self.error(codes::CLUSTER_WITHOUT_DATABASE, call.span, message);
                None
            }
            Expr::Member(member) => {
                if let Expr::Call(call) = &member.target
                    && &*call.name.text == "cluster"
                {
                    if self.context.analyses() {
                        self.elsewhere(call.span, "the tables of another cluster are not known");
                        return None;
                    }
                    return self.database_of(&member.member);
                }
                self.error(codes::UNKNOWN_NAME, expr.span(), "no such entity");
                None
            }
            // The analyser reads the tables of Azure Resource Graph as those at hand.
            Expr::Call(call)
                if &*call.name.text == "arg"
                    && (self.context.analyses() || self.schemas.is_only_declared()) =>
            {
                self.elsewhere(call.span, "Azure Resource Graph is asked in the cloud only");
                Some(self.schemas.current_database().to_string())
            }
            Expr::Call(call) if self.refuse_known("", &call.name) => None,
            Expr::Name(name)
                if let Some(Binding::Database(database)) = self.env.get(&name.text) =>
            {
                Some(database.to_string())
            }
            other => {
                let text = self.source.slice(other.span()).to_string();
                self.error(codes::UNKNOWN_NAME, other.span(), format!("unknown entity `{text}`"));
                None
            }
        }
    }

    /// The one constant text argument of `table("T")` and the like.
    fn constant_text(&mut self, call: &'a ast::FunctionCall) -> Option<String> {
        let [arg] = call.args.as_slice() else {
            let message = format!("`{}` takes 1 argument", call.name.text);
            self.error(codes::ARGUMENT_COUNT, call.span, message);
            return None;
        };
        let arg = self.argument(&mut Clause::constant(), arg);
        match self.constant(&arg.expr, arg.span)? {
            Value::String(text) => Some(text.to_string()),
            other => {
                let message = format!("a text is expected, not {}", other.ty());
                self.error(codes::ARGUMENT_TYPE, arg.span, message);
                None
            }
        }
    }

    fn table_call(&mut self, call: &'a ast::FunctionCall) -> Relation {
        match &*call.name.text {
            "table" => match call.args.as_slice() {
                [_] | [_, _] => {
                    let name = self.argument(&mut Clause::constant(), &call.args[0]);
                    match self.constant(&name.expr, name.span) {
                        Some(Value::String(name_text)) => match self.env.get(&name_text).cloned() {
                            Some(Binding::Tabular(table)) => table.relation,
                            _ => self.stored_table(None, &name_text, name.span),
                        },
                        _ => self.broken(),
                    }
                }
                _ => {
                    self.error(codes::ARGUMENT_COUNT, call.span, "`table` takes 1 argument");
                    self.broken()
                }
            },
            "materialize" => match call.args.as_slice() {
                [arg] => {
                    let relation = self.relation(arg);
                    self.ask_table(relation)
                }
                _ => {
                    self.error(codes::ARGUMENT_COUNT, call.span, "`materialize` takes 1 argument");
                    self.broken()
                }
            },
            "_GetWatchlist" if self.allows(None, "_GetWatchlist") => self.watchlist(call),
            "_GetWatchlistAlias" if self.allows(None, "_GetWatchlistAlias") => {
                self.watchlist_aliases(call)
            }
            "cluster" => {
                let message = "a cluster needs a database behind it";
                self.error(codes::CLUSTER_WITHOUT_DATABASE, call.span, message);
                self.broken()
            }
            "database" => {
                self.error(codes::EXPRESSION_TYPE, call.span, "a database is no table");
                self.broken()
            }
            name => {
                if self.refuse_known("", &call.name) {
                    return self.broken();
                }
                let (code, message) = if crate::functions::scalar(name).is_some() {
                    let message = format!("`{name}` gives a value; a table is expected here");
                    (codes::EXPRESSION_TYPE, message)
                } else {
                    (codes::UNKNOWN_FUNCTION, format!("unknown function `{name}`"))
                };
                self.error(code, call.name.span, message);
                self.broken()
            }
        }
    }

    /// A call of a `let` function where a table is expected: its body, in place.
    pub(super) fn tabular_user_call(
        &mut self,
        function: &std::rc::Rc<super::env::UserFunction<'a>>,
        args: &'a [Expr],
        span: Span,
        piped: Option<TabularBinding>,
    ) -> Relation {
        let flow = self.user_flow(function, args, span, piped);
        self.expect_table(flow, span)
    }

    /// A call of a `let` function that gives a table or a graph.
    fn user_flow(
        &mut self,
        function: &std::rc::Rc<super::env::UserFunction<'a>>,
        args: &'a [Expr],
        span: Span,
        piped: Option<TabularBinding>,
    ) -> Flow {
        let Some(env) = self.bind_arguments(&mut Clause::constant(), function, args, span, piped)
        else {
            return Flow::Table(self.broken());
        };
        if let Some(relation) = super::stored::declared(function) {
            return Flow::Table(relation);
        }
        let Some(body) = &function.definition.body else {
            self.no_body(function, span);
            return Flow::Table(self.broken());
        };
        self.body(function, span, env, &Clause::constant(), |cx| cx.flow(body))
    }

    /// A tabular argument, checked against what its parameter declares.
    pub(super) fn tabular_argument(
        &mut self,
        arg: &'a Expr,
        parameter: &ast::FunctionParameter,
    ) -> Option<TabularBinding> {
        let table = self.table_label(arg);
        let relation = self.inner_relation(arg);
        self.check_table(&relation, parameter, arg.span())?;
        Some(TabularBinding { relation, table })
    }

    /// Whether a table has the columns that a tabular parameter declares.
    pub(super) fn check_table(
        &mut self,
        relation: &Relation,
        parameter: &ast::FunctionParameter,
        span: Span,
    ) -> Option<()> {
        let ast::ParameterType::Table(columns) = &parameter.ty else { return Some(()) };
        for column in columns {
            let ty = self.type_named(&column.ty);
            let found = relation.schema.index_of(&column.name.text);
            let fits = found.is_some_and(|i| relation.schema.columns()[i].ty == ty);
            if !fits && !self.quiet {
                let message = format!(
                    "the table for `{}` needs a column `{}` of type {ty}",
                    parameter.name.text, column.name.text
                );
                self.error(codes::TABULAR_ARGUMENT, span, message);
                return None;
            }
        }
        Some(())
    }

    /// The table that an expression is only another name for.
    pub(super) fn table_label(&self, expr: &Expr) -> Option<Arc<str>> {
        match expr.unparenthesised() {
            Expr::Name(name) => match self.env.get(&name.text) {
                Some(Binding::Tabular(table)) => table.table.clone(),
                Some(Binding::Function(function)) if function.view => Some(function.name.clone()),
                Some(_) => None,
                None if self.functions.get(&name.text).is_some() => {
                    let stored = self.functions.get(&name.text).filter(|stored| stored.view);
                    stored.map(|stored| stored.name.clone())
                }
                None => self.table_schema(None, &name.text).map(|table| table.name.clone()),
            },
            Expr::Pipe(pipe) => pipe.operators.last().and_then(given_name),
            Expr::Member(_) if self.pattern_call(expr).is_some() => None,
            Expr::Member(member) => match &member.member {
                Expr::Name(name) => Some(name.text.clone()),
                _ => None,
            },
            Expr::Call(call) if &*call.name.text == "table" => match call.args.first() {
                Some(Expr::Literal(ast::Literal { value: Some(Value::String(text)), .. })) => {
                    Some(text.clone())
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether an expression means a table at this place.
    pub(super) fn is_tabular(&self, clause: &Clause, expr: &Expr) -> bool {
        if self.pattern_call(expr).is_some() {
            return true;
        }
        if let Some((_, function, _)) = self.qualified_function(expr) {
            return self.gives_table(&function);
        }
        match expr {
            Expr::Pipe(_) | Expr::Source(_) => true,
            Expr::Paren(paren) => self.is_tabular(clause, &paren.inner),
            Expr::Name(name) => {
                if clause.schema().is_some_and(|schema| schema.index_of(&name.text).is_some()) {
                    return false;
                }
                match self.env.get(&name.text) {
                    Some(Binding::Tabular(_) | Binding::Graph(_)) => true,
                    Some(
                        Binding::Scalar(_)
                        | Binding::Entities(_)
                        | Binding::Database(_)
                        | Binding::Pattern(_),
                    ) => false,
                    Some(Binding::Function(function)) => self.gives_table(function),
                    None => match self.stored_function(&name.text) {
                        Some(function) => self.gives_table(&function),
                        None => {
                            self.table_schema(None, &name.text).is_some()
                                || self.schemas.unavailable(&name.text).is_some()
                        }
                    },
                }
            }
            Expr::Member(member) => {
                let mut target = &member.target;
                while let Expr::Member(inner) = target {
                    target = &inner.target;
                }
                match target {
                    Expr::Call(call) => is_entity(&call.name.text),
                    Expr::Name(name) => {
                        matches!(self.env.get(&name.text), Some(Binding::Database(_)))
                            && !matches!(&member.member, Expr::Name(n) if n.text.starts_with('$'))
                    }
                    _ => false,
                }
            }
            Expr::Call(call) => match self.user_function(&call.name.text) {
                Some(function) => self.gives_table(&function),
                None => gives_table(&call.name.text),
            },
            _ => false,
        }
    }
}

/// Whether a function of the language gives a table.
pub(super) fn gives_table(name: &str) -> bool {
    matches!(name, "table" | "materialize" | "_GetWatchlist" | "_GetWatchlistAlias")
        || is_entity(name)
}

pub(super) fn is_entity(name: &str) -> bool {
    matches!(
        name,
        "database"
            | "cluster"
            | "workspace"
            | "app"
            | "resource"
            | "adx"
            | "arg"
            | "external_table"
            | "materialized_view"
    )
}

/// All rows of a stored table.
pub(super) fn scan(database: Option<&str>, table: &TableSchema) -> Relation {
    let node = Node::Scan { database: database.map(Arc::from), table: table.name.clone() };
    Relation::new(node, table.schema.clone())
}

/// The columns that a declaration lists.
pub(super) fn declared<'a>(
    cx: &mut Binder<'a>,
    columns: &'a [ast::ColumnDeclaration],
) -> Vec<crate::types::Column> {
    let mut declared: Vec<crate::types::Column> = vec![];
    for column in columns {
        let ty: Type = cx.type_named(&column.ty);
        if declared.iter().any(|c| c.name == column.name.text) {
            let message = format!("column `{}` is declared twice", column.name.text);
            cx.error(codes::DUPLICATE_COLUMN, column.name.span, message);
            continue;
        }
        declared.push(crate::types::Column { name: column.name.text.clone(), ty });
    }
    declared
}

/// The name that an operator gives to its input.
fn given_name(operator: &ast::Operator) -> Option<Arc<str>> {
    match &operator.kind {
        ast::OperatorKind::As { name } => Some(name.text.clone()),
        _ => None,
    }
}
