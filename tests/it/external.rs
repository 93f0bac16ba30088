//! Files that queries name: what is read of them, and what is not let out of the data folders.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use kqlite::engine::{Engine, Options, Request};
use kqlite::text::Source;
use tempfile::{TempDir, tempdir};

use crate::answers::{csv, or_message};

/// Files in a data folder, in a folder of downloads, and outside of both.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let files = Files { folder: tempdir().unwrap() };
        files.write("outside.txt", b"secret\n");
        files.write("data/sub/t.csv", b"name,n\r\n\"a, b\",1,more\r\n\r\nc\r\nd,x\r\n");
        files.write("data/lines.txt", b"first\r\n\r\nsecond\nlast");
        files.write("data/empty.csv", b"");
        files.write("down/host.example/a b/list.txt", b"one\ntwo\n");
        files.write("down/top.csv", b"1,x\n2,y\n");
        files
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// The answer as CSV, or the first message of the refusal.
    fn ask(&self, text: &str) -> String {
        self.ask_with(text, Some(self.path("down")))
    }

    fn ask_with(&self, text: &str, external: Option<PathBuf>) -> String {
        let data = vec![self.path("data")];
        let engine = Engine::open(Options { data, external, ..Options::default() }).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let request = Request::new(Source::new("q", text));
        or_message(runtime.block_on(async { csv(engine.run(&request).await?.results).await }))
    }
}

#[test]
fn delimited_values_go_by_position() {
    let files = Files::new();
    let table = "externaldata(n:string, v:long)";
    let rows = "n,v\n\"a, b\",1\nc,\nd,\n";
    assert_eq!(files.ask(&format!("{table}['sub/t.csv'] with (ignoreFirstRecord=true)")), rows);
    assert_eq!(files.ask(&format!("{table}['sub/t.csv'] with (ignorefirstrecord=True)")), rows);
    let inline = "inline_external_table (n:string, v:long) kind=storage dataformat=csv ('sub/t.csv') \
                  with (includeHeaders='All')";
    assert_eq!(files.ask(inline), rows);
    assert_eq!(files.ask(&format!("{table}['sub/t.csv', 'empty.csv'] | count")), "Count\n4\n");
    assert_eq!(files.ask(&format!("{table}['sub/t.csv'] | where v == 1 | project v")), "v\n1\n");
    assert_eq!(files.ask("externaldata(x:long)['empty.csv'] with (ignoreFirstRecord=true)"), "x\n");
    for (name, text) in
        [("t.tsv", "a\t1\n"), ("t.psv", "a|1\n"), ("t.scsv", "a;1\n"), ("t.sohsv", "a\u{1}1\n")]
    {
        files.write(&format!("data/{name}"), text.as_bytes());
        assert_eq!(files.ask(&format!("{table}['{name}']")), "n,v\na,1\n", "{name}");
    }
}

#[test]
fn compressed_by_extension() {
    let files = Files::new();
    let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::default());
    packed.write_all(b"a,1\n").unwrap();
    files.write("data/t.csv.gz", &packed.finish().unwrap());
    files.write("data/t.tsv.zst", &zstd::encode_all(&b"b\t2\n"[..], 0).unwrap());
    let query = "externaldata(n:string, v:long)['t.csv.gz', 't.tsv.zst'] | sort by v asc";
    assert_eq!(files.ask(query), "n,v\na,1\nb,2\n");
}

#[test]
fn lines_and_whole_texts() {
    let files = Files::new();
    assert_eq!(files.ask("externaldata(x:string)['lines.txt']"), "x\nfirst\nsecond\nlast\n");
    let skipping = "externaldata(x:string)['lines.txt'] with (ignoreFirstRecord=true)";
    assert_eq!(files.ask(skipping), "x\nsecond\nlast\n");
    assert_eq!(files.ask("externaldata(x:string)['lines.txt'] | count"), "Count\n3\n");
    let whole = "externaldata(x:string)['lines.txt'] with (format=raw) | project n=strlen(x)";
    assert_eq!(files.ask(whole), "n\n20\n");
    assert_eq!(
        files.ask("externaldata(x:string, y:string)['lines.txt']"),
        "a file of text gives one column, not 2"
    );
}

#[test]
fn objects_go_by_name() {
    let files = Files::new();
    files.write("data/o.json", br#"[{"a":1,"b":{"x":2}},{"b":null,"a":"7","z":0}]"#);
    files.write("data/o.jsonl", b"{\"a\":3}\n{\"A\":4}\n");
    let query = "externaldata(b:dynamic, a:long)['o.json'] with (format='multijson')";
    assert_eq!(files.ask(query), "b,a\n\"{\"\"x\"\":2}\",1\n,7\n");
    assert_eq!(files.ask("externaldata(a:long)['o.jsonl']"), "a\n3\n\"\"\n".replace("\"\"", ""));
    let skipping = "externaldata(a:long)['o.json'] with (ignoreFirstRecord=true)";
    assert_eq!(files.ask(skipping), "`ignoreFirstRecord` goes with lines and delimited values");
}

#[test]
fn nothing_outside_the_data_folders_is_read() {
    let files = Files::new();
    let ask = |path: &Path| files.ask(&format!("externaldata(x:string)[@'{}']", path.display()));
    assert!(ask(Path::new("../outside.txt")).ends_with("a path with `..` is not read"));
    assert!(ask(Path::new("sub/../../outside.txt")).ends_with("a path with `..` is not read"));
    let away = "is not in the data folders (`--data`, `--write`)";
    assert!(ask(&files.path("outside.txt")).ends_with(away));
    // Whether a file is there is not told either.
    assert!(ask(&files.path("nothing.txt")).ends_with(away));
    assert_eq!(ask(&files.path("data/lines.txt")), "x\nfirst\nsecond\nlast\n");
    assert_eq!(
        ask(Path::new("none.txt")),
        "none.txt: no such file in the data folders (`--data`, `--write`)"
    );
    assert_eq!(ask(Path::new("sub")), "sub: is not a file");
}

#[cfg(unix)]
#[test]
fn links_stay_inside() {
    let files = Files::new();
    let link =
        |to: &str, at: &str| std::os::unix::fs::symlink(files.path(to), files.path(at)).unwrap();
    link("outside.txt", "data/away.txt");
    link("", "data/up");
    link("data/lines.txt", "data/same.txt");
    link("outside.txt", "down/away.txt");
    let ask = |path: &str| files.ask(&format!("externaldata(x:string)['{path}']"));
    let away = "a symbolic link that leaves the data folders; not followed";
    assert_eq!(ask("away.txt"), format!("away.txt: {away}"));
    assert_eq!(ask("up/outside.txt"), format!("up/outside.txt: {away}"));
    assert_eq!(ask("same.txt"), "x\nfirst\nsecond\nlast\n");
    assert!(ask("https://h/away.txt").starts_with("there is no download of `https://h/away.txt`"));
}

#[test]
fn addresses_are_read_from_downloads() {
    let files = Files::new();
    let list = "externaldata(x:string)['https://host.example/a%20b/list.txt?sig=secret']";
    assert_eq!(files.ask(list), "x\none\ntwo\n");
    assert_eq!(
        files.ask_with(list, None),
        "`https://host.example/a%20b/list.txt` is not on this machine; only local files are read"
    );
    let top = "externaldata(n:long, d:string)[@'http://h/x/top.csv.zip'] with (format='csv', zipPattern='*.csv')";
    assert_eq!(files.ask(top), "n,d\n1,x\n2,y\n");
    let hidden = files.ask("externaldata(x:string)['https://h/..%2foutside.txt']");
    assert_eq!(hidden, "`https://h/..%2foutside.txt` is no address of a file");
    let dots = files.ask("externaldata(x:string)['https://../outside.txt']");
    assert_eq!(dots, "`https://../outside.txt` is no address of a file");
    let none = files.ask("externaldata(x:string)['abfss://c@host/none.txt;sharedkey=k']");
    assert!(none.starts_with(
        "there is no download of `abfss://c@host/none.txt`: neither `host/none.txt` nor `none.txt`"
    ));
    assert!(!none.contains("sharedkey"));
}

#[test]
fn without_data_addresses_are_empty_and_said_to_be() {
    let files = Files::new();
    files.write("schema.json", br#"{"T": {"name": "string"}}"#);
    let schemas = vec![files.path("schema.json")];
    let engine = Engine::open(Options { schemas, ..Options::default() }).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let query = "externaldata(name:string)['https://host.example/list.txt'] | join kind=fullouter T on name";
    let request = Request::new(Source::new("q", query));
    let response = runtime.block_on(engine.run(&request)).unwrap_or_else(|_| panic!("refused"));
    let told: Vec<_> = response.diagnostics.iter().map(|d| d.code.id()).collect();
    assert_eq!(told, ["KQ008"]);
    assert_eq!(runtime.block_on(csv(response.results)).unwrap_or_default(), "name,name1\n");
    // A path is still a path.
    let request = Request::new(Source::new("q", "externaldata(name:string)['list.txt']"));
    let answer = runtime.block_on(async { csv(engine.run(&request).await?.results).await });
    assert!(or_message(answer).contains("no such file"));
}
