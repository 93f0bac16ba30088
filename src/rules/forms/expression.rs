//! Expressions of ARM templates, as far as the template itself tells their values.
//!
//! `[parameters('x')]` is the parameter's default, `[variables('x').y]` a variable's member,
//! `[concat('a', 'b')]` a text. What calls for a deployment is unknown, and so is everything made of
//! it. A text keeps the places of its literals.

use std::cell::Cell;

use crate::rules::document::{Entry, Kind, Node, Scalar, Value};
use crate::text::Span;

/// Values that one template may resolve: variables that use each other twice grow without end.
const MAX_STEPS: u32 = 1_000_000;
/// Expressions and variables nest no deeper.
const MAX_DEPTH: u32 = 60;
/// No text becomes longer.
const MAX_TEXT: usize = 1 << 20;

/// The parameters and variables of a template.
pub(super) struct Scope<'a> {
    parameters: Option<&'a Node>,
    variables: Option<&'a Node>,
    steps: Cell<u32>,
    depth: Cell<u32>,
}

impl<'a> Scope<'a> {
    /// What the expressions of a template can name.
    pub fn of(template: &'a Node) -> Self {
        Self {
            parameters: template.member("parameters"),
            variables: template.member("variables"),
            steps: Cell::new(0),
            depth: Cell::new(0),
        }
    }

    /// A tree of the template with its expressions replaced by their values.
    pub fn resolve(&self, node: &Node) -> Node {
        let value = match &node.value {
            Value::Scalar(scalar) if scalar.kind == Kind::Text => {
                return self.scalar(node.span, scalar);
            }
            Value::List(items) => {
                Value::List(items.iter().map(|item| self.resolve(item)).collect())
            }
            Value::Map(entries) => {
                let resolved = |entry: &Entry| Entry {
                    key: entry.key.clone(),
                    value: self.resolve(&entry.value),
                };
                Value::Map(entries.iter().map(resolved).collect())
            }
            other => other.clone(),
        };
        Node { span: node.span, value }
    }

    fn scalar(&self, span: Span, scalar: &Scalar) -> Node {
        let text = &scalar.value;
        let len = text.len() as u32;
        if !text.starts_with('[') || !text.ends_with(']') {
            return Node { span, value: Value::Scalar(scalar.clone()) };
        }
        if text.starts_with("[[") {
            return Node { span, value: Value::Scalar(scalar.part(Span::new(1, len))) };
        }
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        let unknown = Node { span, value: Value::Unknown };
        if steps > MAX_STEPS || self.depth.get() > MAX_DEPTH {
            return unknown;
        }
        self.depth.set(self.depth.get() + 1);
        let mut reader = Reader { scope: self, scalar, span, at: 1, depth: 0 };
        let value = reader.expression().filter(|_| reader.rest() == "]");
        self.depth.set(self.depth.get() - 1);
        value.unwrap_or(unknown)
    }

    fn parameter(&self, name: &str) -> Option<Node> {
        Some(self.resolve(self.parameters?.member(name)?.member("defaultValue")?))
    }

    fn variable(&self, name: &str) -> Option<Node> {
        Some(self.resolve(self.variables?.member(name)?))
    }
}

/// The texts in quotes in an expression, in order; none where it is no expression.
pub(super) fn literals(scalar: &Scalar) -> Vec<Scalar> {
    if !scalar.value.starts_with('[') {
        return vec![];
    }
    let scope =
        Scope { parameters: None, variables: None, steps: Cell::new(0), depth: Cell::new(0) };
    let mut reader = Reader { scope: &scope, scalar, span: Span::default(), at: 1, depth: 0 };
    let mut found = vec![];
    while let Some(quote) = reader.rest().find('\'') {
        reader.at += quote;
        let Some(literal) = reader.literal() else { break };
        found.push(literal);
    }
    found
}

struct Reader<'a> {
    scope: &'a Scope<'a>,
    scalar: &'a Scalar,
    /// The place of the whole expression.
    span: Span,
    at: usize,
    depth: u32,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.scalar.value[self.at..]
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn accept(&mut self, c: char) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn unknown(&self) -> Node {
        Node { span: self.span, value: Value::Unknown }
    }

    /// The value at this place; nothing where the text is no expression.
    fn expression(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut value = self.primary()?;
        loop {
            if self.accept('.') {
                let name = self.name()?;
                value = value.member(&name).cloned().unwrap_or_else(|| self.unknown());
            } else if self.accept('[') {
                let index = self.expression()?;
                if !self.accept(']') {
                    return None;
                }
                let found = match index.text().map(str::parse::<usize>) {
                    Some(Ok(index)) => value.items().get(index),
                    _ => index.text().and_then(|name| value.member(name)),
                };
                value = found.cloned().unwrap_or_else(|| self.unknown());
            } else {
                break;
            }
        }
        self.skip_blanks();
        self.depth -= 1;
        Some(value)
    }

    fn primary(&mut self) -> Option<Node> {
        self.skip_blanks();
        let start = self.at;
        let first = self.rest().chars().next()?;
        if first == '\'' {
            let literal = self.literal()?;
            let span = literal.place(Span::new(0, literal.value.len() as u32));
            return Some(Node { span, value: Value::Scalar(literal) });
        }
        if first.is_ascii_digit() || first == '-' {
            let digits = self.rest()[1..].find(|c: char| !c.is_ascii_digit() && c != '.');
            self.at += 1 + digits?;
            let mut number = self.scalar.part(Span::new(start as u32, self.at as u32));
            number.kind = Kind::Number;
            return Some(Node { span: self.span, value: Value::Scalar(number) });
        }
        let function = self.name()?;
        if !self.accept('(') {
            return None;
        }
        let mut arguments = vec![];
        while !self.accept(')') {
            if !arguments.is_empty() && !self.accept(',') {
                return None;
            }
            arguments.push(self.expression()?);
        }
        Some(self.call(&function.to_ascii_lowercase(), arguments).unwrap_or_else(|| self.unknown()))
    }

    fn name(&mut self) -> Option<String> {
        self.skip_blanks();
        let rest = self.rest();
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let name = rest[..len?].to_string();
        self.at += name.len();
        (!name.is_empty()).then_some(name)
    }

    /// A text in single quotes, in which a quote is doubled.
    fn literal(&mut self) -> Option<Scalar> {
        self.at += 1;
        let mut parts = vec![];
        loop {
            let start = self.at as u32;
            let quote = self.rest().find('\'')?;
            self.at += quote + 1;
            let doubled = self.rest().starts_with('\'');
            // One of two quotes belongs to the text.
            let end = self.at as u32 - u32::from(!doubled);
            parts.push(self.scalar.part(Span::new(start, end)));
            if !doubled {
                return Some(Scalar::joined(&parts));
            }
            self.at += 1;
        }
    }

    fn call(&self, function: &str, arguments: Vec<Node>) -> Option<Node> {
        let name = || match &arguments[..] {
            [name] => name.text(),
            _ => None,
        };
        let value = match function {
            "parameters" => return self.scope.parameter(name()?),
            "variables" => return self.scope.variable(name()?),
            "concat" if arguments.iter().all(|argument| argument.scalar().is_some()) => {
                let parts = arguments.iter().filter_map(Node::scalar).cloned();
                let parts: Vec<Scalar> = parts.collect();
                let len: usize = parts.iter().map(|part| part.value.len()).sum();
                match len > MAX_TEXT || parts.is_empty() {
                    true => return None,
                    false => Value::Scalar(Scalar::joined(&parts)),
                }
            }
            "concat" if arguments.iter().all(|a| matches!(a.value, Value::List(_))) => {
                Value::List(arguments.iter().flat_map(|list| list.items()).cloned().collect())
            }
            "createarray" => Value::List(arguments),
            "true" | "false" if arguments.is_empty() => {
                Value::Scalar(Scalar::plain(function, Kind::Bool, self.span))
            }
            "null" if arguments.is_empty() => {
                Value::Scalar(Scalar::plain(function, Kind::Null, self.span))
            }
            _ => return None,
        };
        Some(Node { span: self.span, value })
    }
}
