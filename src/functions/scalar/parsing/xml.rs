//! XML as JSON: a small reader without entities of its own, schemas or document types.

use crate::types::dynamic::write_string;

/// How deep elements may nest.
const DEPTH: usize = 200;

/// The bag of `parse_xml`; `None` if the text is not well-formed.
pub(super) fn parse(xml: &str) -> Option<String> {
    let mut reader = Reader { rest: xml.strip_prefix('\u{feff}').unwrap_or(xml) };
    reader.skip_misc()?;
    let (name, element) = reader.element(0)?;
    reader.skip_misc()?;
    if !reader.rest.is_empty() {
        return None;
    }
    let mut json = String::from("{");
    write_string(name, &mut json);
    json.push(':');
    element.write(&mut json);
    json.push('}');
    Some(json)
}

/// What an element becomes.
enum Node<'x> {
    Null,
    Text(String),
    /// Keys with the values that they were given, in order of appearance.
    Bag(Vec<(Key<'x>, Vec<Node<'x>>)>),
}

#[derive(PartialEq)]
enum Key<'x> {
    Attribute(&'x str),
    Text,
    Element(&'x str),
}

impl Node<'_> {
    fn write(&self, json: &mut String) {
        match self {
            Node::Null => json.push_str("null"),
            Node::Text(text) => write_string(text, json),
            Node::Bag(entries) => {
                for (at, (key, values)) in entries.iter().enumerate() {
                    json.push(if at == 0 { '{' } else { ',' });
                    match key {
                        Key::Attribute(name) => write_string(&format!("@{name}"), json),
                        Key::Text => write_string("#text", json),
                        Key::Element(name) => write_string(name, json),
                    }
                    json.push(':');
                    if let [value] = values.as_slice() {
                        value.write(json);
                        continue;
                    }
                    for (at, value) in values.iter().enumerate() {
                        json.push(if at == 0 { '[' } else { ',' });
                        value.write(json);
                    }
                    json.push(']');
                }
                json.push('}');
            }
        }
    }
}

struct Reader<'x> {
    rest: &'x str,
}

impl<'x> Reader<'x> {
    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// What stands before `token`, which is passed too.
    fn until(&mut self, token: &str) -> Option<&'x str> {
        let (before, rest) = self.rest.split_once(token)?;
        self.rest = rest;
        Some(before)
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(is_blank);
    }

    /// Passes a comment, an instruction or a document type, if one stands here.
    fn skip_markup(&mut self) -> Option<bool> {
        if self.eat("<!--") {
            self.until("-->")?;
        } else if self.eat("<?") {
            self.until("?>")?;
        } else if self.rest.starts_with("<!DOCTYPE") {
            let mut depth = 0;
            let end = self.rest.find(|c| {
                depth += i32::from(c == '<') - i32::from(c == '>');
                depth == 0
            })?;
            self.rest = &self.rest[end + 1..];
        } else {
            return Some(false);
        }
        Some(true)
    }

    /// Passes what may stand before and after the root.
    fn skip_misc(&mut self) -> Option<()> {
        self.skip_blanks();
        while self.skip_markup()? {
            self.skip_blanks();
        }
        Some(())
    }

    fn name(&mut self) -> Option<&'x str> {
        let end = self
            .rest
            .find(|c: char| is_blank(c) || matches!(c, '=' | '/' | '>' | '<' | '"' | '\'' | '&'))?;
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        let starts = name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | ':'));
        starts.then_some(name)
    }

    fn element(&mut self, depth: usize) -> Option<(&'x str, Node<'x>)> {
        if depth > DEPTH || !self.eat("<") {
            return None;
        }
        let name = self.name()?;
        let mut entries: Vec<(Key, Vec<Node>)> = vec![];
        loop {
            let before = self.rest.len();
            self.skip_blanks();
            if self.eat("/>") {
                return Some((name, finish(entries)));
            }
            if self.eat(">") {
                break;
            }
            if before == self.rest.len() {
                return None;
            }
            let (attribute, value) = self.attribute()?;
            let key = Key::Attribute(attribute);
            if entries.iter().any(|(own, _)| *own == key) {
                return None;
            }
            entries.push((key, vec![Node::Text(value)]));
        }
        self.content(name, &mut entries, depth)?;
        Some((name, finish(entries)))
    }

    fn attribute(&mut self) -> Option<(&'x str, String)> {
        let name = self.name()?;
        self.skip_blanks();
        if !self.eat("=") {
            return None;
        }
        self.skip_blanks();
        let quote = if self.eat("\"") { "\"" } else { self.eat("'").then_some("'")? };
        let value = self.until(quote)?;
        if value.contains('<') {
            return None;
        }
        let mut text = String::new();
        push_unescaped(&mut text, value)?;
        Some((name, text))
    }

    /// The children of an element up to and with its end tag.
    fn content(
        &mut self,
        name: &str,
        entries: &mut Vec<(Key<'x>, Vec<Node<'x>>)>,
        depth: usize,
    ) -> Option<()> {
        let mut text = String::new();
        loop {
            if self.eat("<![CDATA[") {
                text.push_str(self.until("]]>")?);
            } else if self.rest.starts_with("</") {
                add_text(entries, &mut text);
                self.eat("</");
                let end = self.name()?;
                self.skip_blanks();
                return (end == name && self.eat(">")).then_some(());
            } else if self.rest.starts_with('<') {
                if !self.skip_markup()? {
                    add_text(entries, &mut text);
                    let (child, node) = self.element(depth + 1)?;
                    add(entries, Key::Element(child), node);
                }
            } else {
                let (plain, rest) = self.rest.split_at(self.rest.find('<')?);
                push_unescaped(&mut text, plain)?;
                self.rest = rest;
            }
        }
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn add<'x>(entries: &mut Vec<(Key<'x>, Vec<Node<'x>>)>, key: Key<'x>, node: Node<'x>) {
    match entries.iter_mut().find(|(own, _)| *own == key) {
        Some((_, values)) => values.push(node),
        None => entries.push((key, vec![node])),
    }
}

fn add_text<'x>(entries: &mut Vec<(Key<'x>, Vec<Node<'x>>)>, text: &mut String) {
    let trimmed = text.trim_matches(is_blank);
    if !trimmed.is_empty() {
        add(entries, Key::Text, Node::Text(trimmed.to_string()));
    }
    text.clear();
}

/// An element of nothing but text is that text; an empty one is null.
fn finish<'x>(mut entries: Vec<(Key<'x>, Vec<Node<'x>>)>) -> Node<'x> {
    match entries.as_mut_slice() {
        [] => Node::Null,
        [(Key::Text, texts)] if texts.len() == 1 => texts.pop().unwrap_or(Node::Null),
        _ => Node::Bag(entries),
    }
}

/// Appends a text with its references resolved; `None` if one is unknown.
fn push_unescaped(out: &mut String, text: &str) -> Option<()> {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (name, after) = after.split_once(';')?;
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = name.strip_prefix('#')?;
                let point = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                char::from_u32(point.ok()?)?
            }
        });
        rest = after;
    }
    out.push_str(rest);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_become_bags() {
        for (xml, json) in [
            ("<e/>", r#"{"e":null}"#),
            ("<e>text</e>", r#"{"e":"text"}"#),
            (r#"<e name="value" />"#, r#"{"e":{"@name":"value"}}"#),
            (r#"<e name='value'>text</e>"#, r##"{"e":{"@name":"value","#text":"text"}}"##),
            ("<e> <a>text</a> <b>text</b> </e>", r#"{"e":{"a":"text","b":"text"}}"#),
            ("<e> <a>1</a> <a>2</a> </e>", r#"{"e":{"a":["1","2"]}}"#),
            ("<e> text <a>text</a> </e>", r##"{"e":{"#text":"text","a":"text"}}"##),
            (
                "<?xml version=\"1.0\"?>\n<!-- c --><e>a&lt;&#x41;<![CDATA[<b>]]></e>\n",
                r#"{"e":"a<A<b>"}"#,
            ),
            ("<!DOCTYPE e [<!ELEMENT e ANY>]><n:e xmlns:n=\"u\"/>", r#"{"n:e":{"@xmlns:n":"u"}}"#),
        ] {
            assert_eq!(parse(xml).as_deref(), Some(json), "{xml}");
        }
    }

    #[test]
    fn what_is_not_well_formed_is_null() {
        for xml in
            ["", "text", "<a>", "<a></b>", "<a/><b/>", "<a b></a>", "<a>&x;</a>", "<a b='1'c='2'/>"]
        {
            assert_eq!(parse(xml), None, "{xml}");
        }
        assert_eq!(parse(&"<a>".repeat(100_000)), None);
    }
}
