//! Every code about rules is shown by a logic test, and another shows where it is absent.

use std::fs;
use std::path::Path;

use kqlite::diagnostics::Code;

/// The text of all files in a folder.
pub fn logic_text(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => text.push_str(&logic_text(&path)),
            false => text.push_str(&fs::read_to_string(&path).unwrap()),
        }
    }
    text
}

#[test]
fn every_code_about_rules_is_shown_and_shown_absent() {
    let text = logic_text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logic/rules"));
    let mut missing = vec![];
    for code in Code::all().filter(|code| code.id() >= "KQ100" && code.id().starts_with("KQ")) {
        let levels = ["error", "warning", "info"];
        if !levels.iter().any(|level| text.contains(&format!("{level} {} ", code.id()))) {
            missing.push(format!("{code} is never shown"));
        }
        if !text.contains(&format!("without={}", code.id())) {
            missing.push(format!("{code} is never shown to be absent"));
        }
        if code.docs().is_empty() {
            missing.push(format!("{code} is not explained"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
