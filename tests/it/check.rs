//! The command `kqlite check`: exit status, files written, what goes where.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const GOOD: &str = "SigninLogs\n| where TimeGenerated > ago(1h)\n| summarize Count = count() by UserPrincipalName\n";
const BAD: &str = "SigninLogs\n| where TimeGenerated > ago(1h)\n| where UserPrincipalNam == 'x'\n";

/// Runs the command in a folder, which is the user's folder as well.
fn kqlite(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kqlite"))
        .args(arguments)
        .current_dir(folder)
        .env("KQLITE_HOME", folder.join("home"))
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn exit_status() {
    let folder = folder(&[("good.kql", GOOD), ("bad.kql", BAD)]);
    let run = |arguments: &[&str]| status(&kqlite(folder.path(), arguments));
    assert_eq!(run(&["check", "good.kql"]), 0);
    assert_eq!(run(&["check", "bad.kql"]), 1);
    assert_eq!(run(&["check", "."]), 1);
    assert_eq!(run(&["check", "good.kql", "--no-built-in-tables"]), 1);
    assert_eq!(run(&["check", "none.kql"]), 2);
    assert_eq!(run(&["check"]), 2);
    assert_eq!(run(&["check", "good.kql", "--baseline", "none.json"]), 2);
    assert_eq!(run(&["check", "good.kql", "--write-baseline"]), 2);
}

#[test]
fn explanations() {
    let folder = folder(&[]);
    let told = kqlite(folder.path(), &["check", "--explain", "kq100"]);
    assert_eq!(status(&told), 0);
    assert!(stdout(&told).starts_with("KQ100: file that holds no rule\n\n"), "{}", stdout(&told));
    let unknown = kqlite(folder.path(), &["check", "--explain", "SEM100"]);
    assert_eq!(status(&unknown), 2);
    assert_eq!(
        stderr(&unknown),
        "error: unknown code `SEM100`; a similar code exists: `SEM0100`\n"
    );
    let all = kqlite(folder.path(), &["check", "--explain"]);
    assert!(stdout(&all).contains("  SEM0100  name does not resolve\n"), "{}", stdout(&all));
}

#[test]
fn reports_in_files() {
    let folder = folder(&[("bad.kql", BAD)]);
    let arguments = ["check", "bad.kql", "--format", "sarif", "--output", "a.sarif", "--quiet"];
    let told = kqlite(folder.path(), &arguments);
    assert_eq!(status(&told), 1);
    assert!(stdout(&told).contains("error[SEM0100]: unknown column `UserPrincipalNam`"));
    assert!(!stdout(&told).contains("checked"), "{}", stdout(&told));
    let log = fs::read_to_string(folder.path().join("a.sarif")).unwrap();
    let log: serde_json::Value = serde_json::from_str(&log).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "SEM0100");
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn baselines() {
    let folder = folder(&[("bad.kql", BAD)]);
    let written = kqlite(
        folder.path(),
        &["check", "bad.kql", "--baseline", "known.json", "--write-baseline"],
    );
    assert_eq!(stdout(&written), "1 finding written to known.json\n");
    assert_eq!(status(&written), 0);
    let moved = format!("// moved\n\n{BAD}| where Ueser == 1\n");
    fs::write(folder.path().join("bad.kql"), BAD.replace("SigninLogs", "// moved\nSigninLogs"))
        .unwrap();
    let same = kqlite(folder.path(), &["check", "bad.kql", "--baseline", "known.json"]);
    assert_eq!(stdout(&same), "1 rule checked: nothing found (1 in the baseline)\n");
    assert_eq!(status(&same), 0);
    fs::write(folder.path().join("bad.kql"), moved).unwrap();
    let more = kqlite(folder.path(), &["check", "bad.kql", "--baseline", "known.json"]);
    assert_eq!(status(&more), 1);
    assert!(
        stdout(&more).ends_with("1 rule checked: 1 error (1 in the baseline)\n"),
        "{}",
        stdout(&more)
    );
}

#[test]
fn tables_of_a_workspace() {
    let export = "TableName,ColumnName,ColumnOrdinal,DataType,ColumnType\n\
        Own_CL,TimeGenerated,0,System.DateTime,datetime\nOwn_CL,Score_d,1,System.Double,real\n";
    let query = "Own_CL | where Score_d > 3.5";
    let folder = folder(&[("export.csv", export), ("own.kql", query), ("good.kql", GOOD)]);
    let run = |arguments: &[&str]| kqlite(folder.path(), arguments);
    assert_eq!(status(&run(&["check", "own.kql"])), 1);
    assert_eq!(status(&run(&["check", "own.kql", "--schema", "export.csv"])), 0);
    assert!(stdout(&run(&["schemas", "list"])).contains("\nSigninLogs\n"));
    let updated = run(&["schemas", "update", "export.csv"]);
    assert!(stdout(&updated).starts_with("1 table written to "), "{}", stdout(&updated));
    assert_eq!(stdout(&run(&["schemas", "list"])), "Own_CL\n");
    assert_eq!(
        stdout(&run(&["schemas", "show", "Own_CL"])),
        "TimeGenerated  datetime\nScore_d        real\n"
    );
    assert_eq!(status(&run(&["check", "own.kql"])), 0);
    assert_eq!(status(&run(&["check", "good.kql"])), 1);
    let wrong = run(&["schemas", "update", "good.kql"]);
    assert_eq!(status(&wrong), 1);
    assert_eq!(stdout(&run(&["schemas", "list"])), "Own_CL\n");
    assert!(stderr(&run(&["schemas", "show", "Own"])).contains("no table `Own`"));
}
