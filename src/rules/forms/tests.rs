//! Places in queries are places in files, whatever the form.

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::*;

const MARKER: &str = "mArKeR";

/// Lines of a query, the marker somewhere in them.
fn query() -> impl Strategy<Value = String> {
    let line = "[a-z |=<(){}\\[\\],.:;#$%&*!?/'\"\\\\é😀\t-]{0,20}";
    let lines = prop::collection::vec(line, 1..6);
    (lines, any::<prop::sample::Index>()).prop_map(|(lines, at)| {
        let text = lines.join("\n");
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let at = if places.is_empty() { 0 } else { places[at.index(places.len())] };
        format!("{}{MARKER}{}", &text[..at], &text[at..])
    })
}

/// The query that a file holds, after a look at where it has the marker.
fn read_back(name: &str, file: &str) -> String {
    let source = Source::new(name, file);
    let rules = read(&source).unwrap_or_else(|fault| panic!("{}: {file:?}", fault.message));
    let rule = rules.first().unwrap_or_else(|| panic!("no rule: {file:?}"));
    let query = rule.get("query").and_then(Node::scalar).unwrap_or_else(|| panic!("{file:?}"));
    let at = query.value.find(MARKER).unwrap_or_else(|| panic!("{:?} of {file:?}", query.value));
    let place = query.place(Span::new(at as u32, (at + MARKER.len()) as u32));
    assert_eq!(source.slice(place), MARKER, "{name}: {file:?}");
    query.value.clone()
}

/// Reads a file with both kinds of line breaks.
fn both(name: &str, file: &str, query: Option<&str>) {
    let value = read_back(name, file);
    if let Some(query) = query {
        assert_eq!(value, query, "{name}: {file:?}");
    }
    read_back(name, &file.replace('\n', "\r\n"));
}

fn indented(query: &str, indent: &str) -> String {
    query.lines().map(|line| format!("{indent}{line}\n")).collect()
}

fn escaped(query: &str) -> String {
    let text = serde_json::to_string(query).unwrap();
    let unicode = |c: char| match c.is_ascii() {
        true => c.to_string(),
        false => c.encode_utf16(&mut [0; 2]).iter().map(|half| format!("\\u{half:04x}")).collect(),
    };
    text.chars().map(unicode).collect()
}

fn heredoc(query: &str) -> String {
    query.replace("${", "$${").replace("%{", "%%{")
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn yaml(query in query()) {
        let block = indented(&query, "   ");
        both("a.yaml", &format!("name: é\nquery: |3-\n{block}name2: x\n"), None);
        both("a.yaml", &format!("name: é\nquery: >3\n{block}name2: x\n"), None);
        let quoted = serde_json::to_string(&query).unwrap();
        both("a.yaml", &format!("query: {quoted}\nname: x"), Some(&query));
        let single = query.replace(['\n', '\t'], " ");
        let doubled = single.replace('\'', "''");
        both("a.yaml", &format!("query: '{doubled}'\nname: x"), Some(&single));
        let flow = query.replace(['\t', '"', '\\'], " ").replace('\n', "\n  ");
        both("a.yaml", &format!("query: \"{flow}\"\nname: x"), None);
    }

    #[test]
    fn json(query in query()) {
        let text = serde_json::to_string(&query).unwrap();
        both("a.json", &format!("{{\n\"name\": \"é\", \"query\": {text}}}"), Some(&query));
        // Halves of characters are the business of JSON alone.
        let text = escaped(&query);
        both("a.json", &format!("[{{\"query\": {text}, \"name\": \"x\"}}]"), Some(&query));
    }

    #[test]
    fn template(query in query()) {
        let half = query.find(MARKER).unwrap();
        let quoted = |text: &str| {
            let text = serde_json::to_string(&text.replace('\'', "''")).unwrap();
            format!("'{}'", &text[1..text.len() - 1])
        };
        let (first, second) = (quoted(&query[..half]), quoted(&query[half..]));
        let file = format!(
            "{{\"variables\": {{\"x\": \"[concat({first})]\"}}, \"resources\": [{{\n\
             \"type\": \"Microsoft.SecurityInsights/alertRules\", \"kind\": \"NRT\",\n\
             \"properties\": {{\"query\": \"[concat(variables('x'), {second})]\"}}}}]}}"
        );
        both("a.json", &file, Some(&query));
    }

    #[test]
    fn terraform(query in query()) {
        let resource = |value: &str| {
            format!("resource \"azurerm_sentinel_alert_rule_nrt\" \"x\" {{\n  query = {value}\n}}\n")
        };
        let text = heredoc(&query);
        let block = indented(&text, "");
        both("a.tf", &resource(&format!("<<EOT\n{block}EOT")), Some(&indented(&query, "")));
        let block = indented(&text, "    ");
        both("a.tf", &resource(&format!("<<-EOT\n{block}  EOT")), None);
        both("a.tf", &resource(&format!("trimspace(<<-EOT\n{block}  EOT\n)")), None);
        let quoted = heredoc(&serde_json::to_string(&query).unwrap());
        both("a.tf", &resource(&quoted), Some(&query));
    }

    #[test]
    fn bicep(query in query()) {
        let resource = |value: &str| {
            format!(
                "var q = {value}\nresource x 'Microsoft.SecurityInsights/alertRules@2024-03-01' = {{\n\
                 kind: 'NRT'\n  properties: {{ query: q, severity: a.b }}\n}}\n"
            )
        };
        let block = query.replace('\'', "\"");
        both("a.bicep", &resource(&format!("'''\n{block}'''")), Some(&block));
        let quoted = query.replace('\\', "\\\\").replace('\'', "\\'").replace("${", "\\${");
        let quoted = quoted.replace('\n', "\\n").replace('é', "\\u{e9}");
        both("a.bicep", &resource(&format!("'{quoted}'")), Some(&query));
    }

    #[test]
    fn nothing_panics(text in "[\\[\\]{}\"':,|>a-z&*$%<\\\\\n 0-9-]{0,60}") {
        for name in ["a.yaml", "a.json", "a.tf", "a.kql", "a.bicep", "a"] {
            let _ = read(&Source::new(name, text.clone()));
        }
        let file = serde_json::json!({ "resources": [{
            "type": "x/alertRules",
            "kind": "NRT",
            "name": format!("[{text}]"),
            "properties": { "query": format!("[concat({text})]") },
        }] });
        let _ = read(&Source::new("a.json", file.to_string()));
    }
}
