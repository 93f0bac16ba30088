//! Stored functions: folders of files, commands, watchlists.

use std::fs;
use std::path::Path;

use kqlite::engine::Options;

use crate::support::Runner;

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The answer to a query over the functions of `files`; the path of their folder is cut out.
fn ask(files: &[(&str, &str)], query: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    let options = Options { functions: vec![folder.path().to_path_buf()], ..Options::default() };
    answer(&Runner::with(options), query).replace(&format!("{}/", folder.path().display()), "")
}

fn answer(runner: &Runner, query: &str) -> String {
    match runner.tables(query, 0) {
        Ok(tables) => tables.iter().map(|table| table.text()).collect::<Vec<_>>().join("\n"),
        Err(text) => text,
    }
}

const COMMANDS: &str = r#"// two functions in one file
.create-or-alter function with (folder="math", docstring='a {doc}') Twice(x:long, y:long=2) {
    let z = x * y;
    z
}

.create function with (view=true) NumbersView() {
    range i from 1 to 2 step 1
}
.create function ['odd name']() { print odd = 1 }
.create function Numbers(n:long) {
    range i from 1 to n step 1 | extend j = Twice(i)
}
"#;

#[test]
fn commands_in_a_file() {
    let ask = |query| ask(&[("sub/all.kql", COMMANDS)], query);
    assert_eq!(ask("print a = Twice(4), b = Twice(y=5, x=3)"), "a:long, b:long\n8, 15");
    assert_eq!(ask("Numbers(2)"), "i:long, j:long\n1, 2\n2, 4");
    assert_eq!(
        ask("Numbers(3) | invoke f(1)").lines().next(),
        Some("1:21 error SEM0260 unknown function `f`")
    );
    assert_eq!(ask("['odd name']"), "odd:long\n1");
    assert_eq!(ask("print toscalar(Numbers(1))"), "print_0:long\n1");
    assert_eq!(
        ask("print 2 in (NumbersView), 3 in (NumbersView())"),
        "print_0:bool, print_1:bool\ntrue, false"
    );
    assert_eq!(ask("database('default').Numbers(1)"), "i:long, j:long\n1, 2");
    assert_eq!(ask("database('default').NumbersView | count"), "Count:long\n2");
    assert_eq!(ask("print database('default').Twice(1)"), "print_0:long\n2");
    assert_eq!(
        ask("union withsource=s NumbersV* | project s, i"),
        "s:string, i:long\n\"NumbersView\", 1\n\"NumbersView\", 2"
    );
    assert_eq!(ask("Numbers"), "1:1 error SEM0219 `Numbers` misses its argument `n`");
    assert_eq!(
        ask("numbers(1)").lines().next(),
        Some("1:1 error SEM0260 unknown function `numbers`")
    );
}

#[test]
fn lets_and_bare_queries() {
    let files = [
        (
            "lets.csl",
            "let Above = (T:(i:long), m:long) { T | where i > m };\nlet One = view () { print i = 1 };",
        ),
        ("Last.kusto", "// the whole file\nlet k = 2;\nrange i from 1 to k step 1 | top 1 by i"),
    ];
    let ask = |query| ask(&files, query);
    assert_eq!(ask("Last"), "i:long\n2");
    assert_eq!(ask("Last() | invoke Above(1)"), "i:long\n2");
    assert_eq!(ask("Above(Last, 2) | count"), "Count:long\n0");
    assert_eq!(ask("union O*"), "i:long\n1");
}

#[test]
fn a_body_sees_the_lets_of_its_caller() {
    let files = [(
        "f.kql",
        ".create function F() { T }\n.create function G(x:long) { F | extend x = x, y = 1 }",
    )];
    let ask = |query| ask(&files, query);
    assert_eq!(ask("let T = print a = 1; F"), "a:long\n1");
    assert_eq!(ask("let T = print a = 1; G(7)"), "a:long, x:long, y:long\n1, 7, 1");
    assert_eq!(
        ask("F"),
        "1:1 error SEM0100 in function `F`: unknown table `T`\n  hint: the place is f.kql:1:24"
    );
}

const PARSER: &str = r#"Parser:
  Title: a parser
ParserName: ASimX
EquivalentBuiltInParser: _ASim_X
ParserParams:
  - Name: disabled
    Type: bool
    Default: false
  - Name: who
    Type: string
    Default: '*'
  - Name: from
    Type: datetime
    Default: datetime(null)
  - Name: any
    Type: dynamic
    Default: dynamic([])
ParserQuery: |
  let parser = (disabled:bool, who:string) {
    print w = who, n = array_length(any), t = isnull(from)
    | where not(disabled)
  };
  parser(disabled=disabled, who=who)
"#;

#[test]
fn parsers_in_yaml() {
    let solution = "id: 1\nFunction:\n  Title: t\nFunctionName: S1\nFunctionAlias: 'S2'\nFunctionQuery: |\n    // q\n    print a = 1\n    | where b > 1\n";
    let files = [
        ("ASimX.yaml", PARSER),
        ("s.yml", solution),
        ("rule.yaml", "query: |\n  T\n"),
        ("notes.txt", "x"),
    ];
    let ask = |query| ask(&files, query);
    assert_eq!(ask("ASimX"), "w:string, n:long, t:bool\n\"*\", 0, true");
    assert_eq!(
        ask("_ASim_X(who='x', any=dynamic([1]))"),
        "w:string, n:long, t:bool\n\"x\", 1, true"
    );
    assert_eq!(ask("ASimX(true) | count"), "Count:long\n0");
    assert_eq!(
        ask("print 1;\nS2"),
        "2:1 error SEM0100 in function `S2`: unknown column `b`\n  hint: a similar column exists: `a`\n  hint: the place is s.yml:9:13"
    );
}

#[test]
fn functions_of_a_json_file() {
    let text = r#"{"F": {"params": "(a:long=3)", "body": "{ print a }"},
        "Declared": {"params": "()", "body": null, "returns": {"x": "long", "y": "dynamic"}}}"#;
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("functions.json", text)]);
    let functions = vec![folder.path().join("functions.json")];
    let runner = Runner::with(Options { functions, ..Options::default() });
    assert_eq!(answer(&runner, "F"), "print_0:long\n3");
    assert_eq!(answer(&runner, "Declared"), "x:long, y:dynamic");
}

#[test]
fn what_cannot_be_called() {
    let files = [
        ("a.kql", ".create function Twice() { print 1 }\n.create function Open() { print ("),
        ("b/Twice.kql", "print 2"),
        (
            "cycle.kql",
            ".create function A() { B }\n.create function B() { A }\n.create function C() { C() }",
        ),
        (
            "deep.kql",
            ".create function Inner() { print absent }\n.create function Outer() { print 1;\n Inner }",
        ),
    ];
    let ask = |query| ask(&files, query);
    assert_eq!(
        ask("Twice"),
        "1:1 error SYN0002 function `Twice` is defined twice: in a.kql and in b/Twice.kql"
    );
    assert_eq!(
        ask("Open()"),
        "1:1 error SYN0002 in function `Open`: expected an expression, found the end of the query\n  hint: the place is a.kql:2:34"
    );
    assert_eq!(
        ask("A"),
        "1:1 error SEM0057 in function `B`: function `A` calls itself\n  hint: the place is cycle.kql:2:24\n  hint: called by `A` at cycle.kql:1:24"
    );
    assert_eq!(
        ask("Outer"),
        "1:1 error SEM0100 in function `Inner`: unknown name `absent`\n  hint: the place is deep.kql:1:34\n  hint: called by `Outer` at deep.kql:3:2"
    );
}

#[test]
fn watchlists_are_files_of_texts() {
    let folder = tempfile::tempdir().unwrap();
    let users = "User,Level,SearchKeyHint\nann,007,x\nbob,1,y\n";
    let export = "_DTItemId,LastUpdatedTimeUTC,SearchKey,Ip\ni1,2024-05-01T00:00:00Z,k1,10.0.0.1\n";
    write(folder.path(), &[("VipUsers.csv", users), ("Net.csv", export)]);
    let watchlists = Some(folder.path().to_path_buf());
    let runner = Runner::with(Options { watchlists, ..Options::default() });
    let ask = |query| answer(&runner, query);
    assert_eq!(
        ask(
            "_GetWatchlist('VipUsers') | project SearchKey, User, Level, n=strlen(_DTItemId), LastUpdatedTimeUTC"
        ),
        "SearchKey:string, User:string, Level:string, n:long, LastUpdatedTimeUTC:datetime\n\
         \"ann\", \"ann\", \"007\", 32, datetime(null)\n\"bob\", \"bob\", \"1\", 32, datetime(null)"
    );
    assert_eq!(
        ask("_GetWatchlist('Net')"),
        "_DTItemId:string, LastUpdatedTimeUTC:datetime, SearchKey:string, Ip:string\n\
         \"i1\", datetime(2024-05-01T00:00:00.0000000Z), \"k1\", \"10.0.0.1\""
    );
    assert_eq!(ask("_GetWatchlist('VipUsers', dynamic(['bob'])) | count"), "Count:long\n1");
    assert_eq!(
        ask("print 'ann' in ((_GetWatchlist('VipUsers') | project User))"),
        "print_0:bool\ntrue"
    );
    assert_eq!(ask("let w = _GetWatchlist('Net'); w | count"), "Count:long\n1");
    assert_eq!(ask("_GetWatchlistAlias()"), "WatchlistAlias:string\n\"Net\"\n\"VipUsers\"");
    assert_eq!(ask("_GetWatchlist('Other') | where Ip == 'x' | project Ip"), "Ip:dynamic");
}

#[test]
fn watchlists_need_their_folder() {
    let runner = Runner::with(Options::default());
    assert_eq!(
        answer(&runner, "_GetWatchlist('VipUsers')"),
        "1:1 error SEM0100 `_GetWatchlist` needs a folder of watchlists\n  hint: give one with `--watchlists`; a watchlist is the file `alias.csv` in it"
    );
}
