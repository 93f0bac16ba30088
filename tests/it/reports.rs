//! Reports of a check in all their forms, and the baseline.

use std::collections::HashSet;

use kqlite::diagnostics::render::Style;
use kqlite::diagnostics::{Diagnostic, codes};
use kqlite::error::Error;
use kqlite::rules::baseline::Baseline;
use kqlite::rules::report::{Format, Report};
use kqlite::rules::{Checked, Finding, Fix};
use kqlite::text::{Source, Span};
use kqlite::types::datetime;
use serde_json::Value;

const STYLE: Style = Style { colors: false, width: 80 };

const RULE: &str = "\
id: 0f0a1b2c-1111-4222-8333-944455566677
name: Töne & <Farben>
query: |
  SigninLogs
  | where Usr == '🎵' and Location contains 'north'
";

const QUERY: &str = "T\n| where (a > 1\n| count\n";

fn span(text: &str, part: &str) -> Span {
    let start = text.find(part).unwrap() as u32;
    Span::new(start, start + part.len() as u32)
}

/// Three rules: one with all that a finding may have, one that is a query, one without findings.
fn rules() -> Vec<Checked> {
    let unknown = Diagnostic::error(codes::UNKNOWN_NAME, span(RULE, "Usr"), "unknown column `Usr`")
        .suggest("column", "Usr", ["User"]);
    let slow = Diagnostic::warning(
        codes::DISCARDED,
        span(RULE, "contains"),
        "`contains` looks at every character, 100% of the time",
    );
    let fix = Fix {
        title: "write `has` instead of `contains`".into(),
        edits: vec![(span(RULE, "contains"), "has".into())],
    };
    let whole = Diagnostic::warning(
        codes::DISCARDED,
        span(RULE, "SigninLogs\n  | where"),
        "over two lines",
    );
    let first = Checked {
        source: Source::new("./rules/tones, all.yaml", RULE),
        id: Some("0f0a1b2c-1111-4222-8333-944455566677".into()),
        name: Some("Töne & <Farben>".into()),
        findings: vec![unknown.into(), Finding { diagnostic: slow, fix: Some(fix) }, whole.into()],
        columns: None,
    };
    let unclosed = Diagnostic::error(codes::UNCLOSED, span(QUERY, "| count"), "expected `)`")
        .label(span(QUERY, "("), "opened here");
    let query = |name: &str, text: &str, findings| Checked {
        source: Source::new(name, text),
        id: None,
        name: None,
        findings,
        columns: None,
    };
    vec![
        first,
        query("rules/open.kql", QUERY, vec![unclosed.into()]),
        query("rules/fine.kql", "T | count", vec![]),
    ]
}

fn written(format: Format) -> String {
    let (rules, problems) = (rules(), [Error::file("schema.json", "not JSON")]);
    let now = datetime::parse("2026-01-15T12:00:00Z").unwrap();
    let report = Report::new(&rules, &problems, now);
    report.write(format, STYLE).replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn text() {
    let rules = rules();
    let summary = Report::new(&rules, &[], 0).summary(STYLE);
    insta::assert_snapshot!(written(Format::Text) + &summary);
}

#[test]
fn json_lines() {
    insta::assert_snapshot!(written(Format::Json));
}

#[test]
fn github_annotations() {
    insta::assert_snapshot!(written(Format::Github));
}

#[test]
fn junit() {
    insta::assert_snapshot!(written(Format::Junit));
}

#[test]
fn sarif() {
    insta::assert_snapshot!(written(Format::Sarif));
}

/// What the standard demands beyond what its schema can say.
#[test]
fn sarif_is_consistent() {
    let rules = rules();
    let now_known = Baseline::of(&rules[..1]);
    let fewer = [rules[1].clone(), Checked { findings: vec![], ..rules[0].clone() }];
    for checked in [&rules[..], &fewer[..]] {
        let text = Report::new(checked, &[], 0).against(&now_known).write(Format::Sarif, STYLE);
        let log: Value = serde_json::from_str(&text).unwrap();
        let run = &log["runs"][0];
        let ids: Vec<&str> = run["tool"]["driver"]["rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| rule["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "ids are unique");
        let mut prints = HashSet::new();
        for result in run["results"].as_array().unwrap() {
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(result["ruleId"], ids[index]);
            assert!(prints.insert(result["partialFingerprints"].to_string()), "prints are unique");
            assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(!uri.contains([' ', ',']) && !uri.starts_with('/'), "{uri}");
            let state = result["baselineState"].as_str().unwrap();
            assert_eq!(place["region"].is_null(), state == "absent");
        }
    }
}

/// Columns count UTF-16 code units: the note takes two.
#[test]
fn columns_of_wide_characters() {
    let log: Value = serde_json::from_str(&written(Format::Sarif)).unwrap();
    let result = &log["runs"][0]["results"][1];
    let region = &result["locations"][0]["physicalLocation"]["region"];
    let line = RULE.lines().nth(4).unwrap();
    let units = |part: &str| line[..line.find(part).unwrap()].encode_utf16().count() + 1;
    assert_eq!(region["startColumn"], units("contains"));
    assert_eq!(region["endColumn"], units(" 'north'"));
    assert!(line.find("contains").unwrap() + 1 > units("contains"));
}

#[test]
fn baselines_hide_what_they_hold() {
    let rules = rules();
    let baseline = Baseline::read(&Baseline::of(&rules).write()).unwrap();
    let report = Report::new(&rules, &[], 0).against(&baseline).deny_warnings(true);
    assert!(!report.fails());
    assert_eq!(report.write(Format::Text, STYLE), "");
    assert_eq!(report.summary(STYLE), "3 rules checked: nothing found (4 in the baseline)\n");
    let fewer = Baseline::of(&rules[1..]);
    let report = Report::new(&rules, &[], 0).against(&fewer);
    assert!(report.fails());
    assert_eq!(
        report.summary(STYLE),
        "3 rules checked: 1 error, 2 warnings, 1 to mend with `--fix` (1 in the baseline)\n"
    );
}

#[test]
fn warnings_fail_where_they_are_denied() {
    let mut rules = rules();
    rules.truncate(1);
    rules[0].findings.remove(0);
    assert!(!Report::new(&rules, &[], 0).fails());
    assert!(Report::new(&rules, &[], 0).deny_warnings(true).fails());
    let denied = Report::new(&rules, &[], 0).deny_warnings(true).write(Format::Junit, STYLE);
    assert!(denied.contains("tests=\"1\" failures=\"2\""), "{denied}");
}

#[test]
fn errors_are_never_left_out() {
    let text = "a ".repeat(60);
    let mut rule = Checked {
        source: Source::new("many.kql", text.as_str()),
        id: None,
        name: None,
        findings: vec![],
        columns: None,
    };
    for at in 0..60 {
        let place = Span::new(2 * at, 2 * at + 1);
        rule.findings.push(match at % 2 {
            0 => Diagnostic::error(codes::UNKNOWN_NAME, place, "unknown").into(),
            _ => Diagnostic::warning(codes::DISCARDED, place, "odd").into(),
        });
    }
    let rules = [rule];
    let report = Report::new(&rules, &[], 0);
    let text = report.write(Format::Text, STYLE);
    assert_eq!(text.matches("error[").count(), 30);
    assert_eq!(text.matches("warning[").count(), 10);
    assert!(text.contains("… and 20 more that are no errors"), "{text}");
    insta::assert_snapshot!(report.summary(STYLE), @r"
        30  KQ005    part of the query has no effect
        30  SEM0100  name does not resolve

    1 rule checked: 30 errors, 30 warnings
    ");
}
