use kqlite::rules::*;
use kqlite::text::Source;
fn main() {
    let o = Options {
        schemas: vec!["/work/shared/rules/schemas.json".into()],
        functions: vec!["/work/shared/rules/functions.json".into()],
        now: 638000000000000000,
        ..Default::default()
    };
    let (c, _) = Checker::open(&o);
    let text = std::fs::read_to_string("/tmp/batch.jsonl").unwrap();
    let mut t = vec![];
    for l in text.lines() {
        let v: serde_json::Value = serde_json::from_str(l).unwrap();
        let id = v["id"].as_str().unwrap().to_string();
        let i = [Input {
            source: Source::new("x", v["query"].as_str().unwrap()),
            kind: InputKind::Query { id: id.clone() },
        }];
        let s = std::time::Instant::now();
        c.check_all(&i, &|| {});
        t.push((s.elapsed(), id));
    }
    let sum: std::time::Duration = t.iter().map(|x| x.0).sum();
    t.sort();
    println!("sum {sum:?} median {:?} p90 {:?}", t[t.len() / 2], t[t.len() * 9 / 10]);
    for x in t.iter().rev().take(25) {
        println!("{x:?}")
    }
}
