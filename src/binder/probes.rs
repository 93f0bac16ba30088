//! Questions to the data (`toscalar`, `materialize`, the columns of `pivot`): asked by position in
//! the order of binding, which is the same at every attempt.

use super::Binder;
use super::context::Answers;
use crate::diagnostics::codes;
use crate::plan::{Answer, Node, Probe, ProbeKind, Relation, ScalarExpr};
use crate::types::{Type, Value};

/// Most rows that `in (subquery)` and the like may bring into the query.
pub const MAX_ROWS: u64 = 1_000_000;

impl Binder<'_> {
    /// The answer to a question, if it was given; otherwise the question is recorded.
    fn ask(&mut self, relation: &Relation, kind: ProbeKind) -> Option<Answer> {
        let id = self.next_probe;
        self.next_probe += 1;
        if let Some((_, span)) = self.leaves.iter().find(|(leaf, _)| relation.reads(leaf)) {
            let message = "a value that differs from group to group is not supported here yet";
            self.error(codes::UNSUPPORTED, *span, message);
            return None;
        }
        match &self.context.answers {
            Answers::Given(answers) => {
                if let Some(answer) = answers.get(&id) {
                    return Some(answer.clone());
                }
            }
            Answers::Empty => {
                return match kind {
                    ProbeKind::Rows { .. } => Some(Answer::Rows(vec![])),
                    ProbeKind::Table => None,
                };
            }
        }
        // The columns of a table are known before its rows.
        self.quiet |= !matches!(kind, ProbeKind::Table);
        // A question that hangs on another one, or on an error, waits for it.
        if !is_pending(relation) && !self.diagnostics.has_errors() {
            self.probes.push(Probe { id, relation: relation.clone(), kind });
        }
        None
    }

    /// The value of the first column in the first row; null if there is no row.
    pub(super) fn ask_scalar(&mut self, relation: Relation) -> ScalarExpr {
        let relation = super::open::settled(relation);
        let ty = relation.schema.columns().first().map_or(Type::Unknown, |column| column.ty);
        match self.ask(&relation.limit(1), ProbeKind::Rows { limit: 1 }) {
            Some(Answer::Rows(rows)) => {
                let first = rows.into_iter().next().and_then(|row| row.into_iter().next());
                ScalarExpr::Literal(first.unwrap_or_else(|| Value::null(ty)))
            }
            _ => ScalarExpr::Pending { ty },
        }
    }

    /// The rows, at most [`MAX_ROWS`].
    pub(super) fn ask_rows(&mut self, relation: Relation) -> Option<Vec<Vec<Value>>> {
        let relation = super::open::settled(relation);
        match self.ask(&relation, ProbeKind::Rows { limit: MAX_ROWS })? {
            Answer::Rows(rows) => Some(rows),
            Answer::Table(_) => None,
        }
    }

    /// The relation, computed once and kept.
    pub(super) fn ask_table(&mut self, relation: Relation) -> Relation {
        if relation.is_open() {
            return relation;
        }
        let relation = super::open::settled(relation);
        match self.ask(&relation, ProbeKind::Table) {
            Some(Answer::Table(table)) => {
                Relation::new(Node::Scan { database: None, table }, relation.schema.clone())
            }
            _ => relation,
        }
    }
}

/// Whether any expression below waits for an answer.
pub(super) fn is_pending(relation: &Relation) -> bool {
    let pending = expressions(relation).into_iter().any(ScalarExpr::is_pending);
    pending || relation.inputs().into_iter().any(is_pending)
}

/// The expressions of a relation's own node.
pub(super) fn expressions(relation: &Relation) -> Vec<&ScalarExpr> {
    match &*relation.node {
        Node::Filter { predicate, .. } => vec![predicate],
        Node::Project { exprs, .. } => exprs.iter().collect(),
        Node::Align { columns, .. } => columns.iter().map(|(_, expr)| expr).collect(),
        Node::Aggregate { keys, calls, .. } => {
            let args = calls.iter().flat_map(|call| call.args.iter().chain(&call.filter));
            keys.iter().chain(args).collect()
        }
        Node::Sort { keys, .. } => keys.iter().map(|key| &key.expr).collect(),
        Node::Expand { expansions, .. } => expansions.iter().map(|e| &e.source).collect(),
        Node::Parse { source, .. } => vec![source],
        Node::Window { calls, .. } => calls.iter().flat_map(|call| &call.args).collect(),
        Node::Steps(scan) => scan.exprs().collect(),
        Node::Scan { .. }
        | Node::External { .. }
        | Node::Values { .. }
        | Node::Void
        | Node::Range { .. }
        | Node::Limit { .. }
        | Node::Consume { .. }
        | Node::Join { .. }
        | Node::Union { .. }
        | Node::TableFunction { .. } => vec![],
    }
}
