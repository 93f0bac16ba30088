//! scratch
use std::collections::*; use std::sync::Arc; use std::io::BufRead;
use kqlite::types::*;
struct S(HashMap<String, Arc<TableSchema>>);
impl Schemas for S {
    fn table(&self, _d: Option<&str>, t: &str) -> Option<Arc<TableSchema>> { self.0.get(t).cloned() }
    fn table_names(&self, _d: Option<&str>) -> Vec<Arc<str>> { let mut v: Vec<Arc<str>> = self.0.keys().map(|k| k.as_str().into()).collect(); v.sort(); v }
    fn has_database(&self, _d: &str) -> bool { true }
    fn current_database(&self) -> &str { "default" }
}
fn main() {
  std::thread::Builder::new().stack_size(256<<20).spawn(run).unwrap().join().unwrap();
}
fn run() {
    let v: serde_json::Value = serde_json::from_str(&std::fs::read_to_string("/work/shared/rules/schemas.json").unwrap()).unwrap();
    let mut m = HashMap::new();
    let obj = v.get("tables").unwrap_or(&v).as_object().unwrap();
    for (t, cols) in obj {
        let cols = cols.get("columns").unwrap_or(cols);
        let mut cs = vec![];
        if let Some(o) = cols.as_object() { for (n, ty) in o { cs.push(Column::new(n.as_str(), Type::from_name(ty.as_str().unwrap_or("dynamic")).unwrap_or(Type::Dynamic))); } }
        m.insert(t.clone(), Arc::new(TableSchema { name: t.as_str().into(), schema: RowSchema::new(cs) }));
    }
    let s = S(m);
    let path = std::env::args().nth(1).unwrap();
    let f = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    let (mut ok, mut bad, mut same, mut diff) = (0, 0, 0, 0);
    let mut reasons: HashMap<String, (usize, String)> = HashMap::new();
    let t = std::time::Instant::now();
    for line in f.lines() {
        let v: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        if !v["clean"].as_bool().unwrap_or(false) { continue }
        let q = v["query"].as_str().unwrap();
        let src = kqlite::text::Source::new("q", q);
        let p = kqlite::syntax::parse(&src);
        let cx = kqlite::binder::Context::default();
        let (b, d) = kqlite::binder::bind(&src, &p.script, &[], &s, &cx);
        if p.diagnostics.has_errors() || d.has_errors() {
            bad += 1;
            let e = p.diagnostics.iter().chain(d.iter()).find(|d| d.severity == kqlite::diagnostics::Severity::Error).unwrap();
            let r = reasons.entry(format!("{} {}", e.code, e.message)).or_default(); r.0 += 1; r.1 = format!("{} @{}", v["id"], src.location(e.span.start));
        } else { ok += 1;
            if b.probes.is_empty() && v["result_exact"].as_bool().unwrap_or(false) {
              let got: Vec<String> = b.statements.last().map(|s| s.relation.schema.columns().iter().map(|c| format!("{}:{}", c.name, c.ty)).collect()).unwrap_or_default();
              let want: Vec<String> = v["result_columns"].as_array().map(|a| a.iter().map(|c| if let Some(s)=c.as_str() {s.to_string()} else {format!("{}:{}", c["name"].as_str().unwrap_or(""), c["type"].as_str().unwrap_or(""))}).collect()).unwrap_or_default();
              if got == want { same += 1 } else { diff += 1; if diff <= 12 { let i = got.iter().zip(&want).position(|(a,b)| a!=b).unwrap_or(got.len().min(want.len())); println!("DIFF {} got {:?} want {:?}", v["id"], got.get(i), want.get(i)); } }
            } }
    }
    let mut r: Vec<_> = reasons.into_iter().collect(); r.sort_by_key(|x| std::cmp::Reverse(x.1.0));
    for (k, v) in r.iter().take(60) { println!("{:4} {} [{}]", v.0, k, v.1); }
    println!("ok {ok} bad {bad} same {same} diff {diff} {:?}", t.elapsed());
}
