//! The architecture, checked: layers point one way, files stay small and documented.

use std::fs;
use std::path::{Path, PathBuf};

/// No source file may be longer; most are far shorter.
const MAX_LINES: usize = 600;

/// Modules from the bottom up. A module may use those of lower layers, and of its own layer only
/// itself (`editor` may use `binder`).
const LAYERS: &[&[&str]] = &[
    &["text", "error", "home"],
    &["types", "diagnostics"],
    &["functions"],
    &["syntax", "plan", "catalog", "output"],
    &["stored"],
    &["binder", "editor", "exec"],
    &["lower"],
    &["engine"],
    &["commands", "rules"],
    &["repl", "server"],
    &["cli", "main"],
];

/// The only modules that may name DataFusion.
const DATAFUSION: &[&str] = &["functions", "exec", "lower", "catalog", "engine"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = vec![];
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The top-level module that a file under `src` belongs to.
fn module_of(file: &Path) -> String {
    let relative = file.strip_prefix(root().join("src")).unwrap();
    let first = relative.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_string()
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The text of a file up to its unit tests.
fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]\nmod tests").next().unwrap()
}

#[test]
fn layers_point_downwards() {
    let mut wrong = vec![];
    for file in rust_files(&root().join("src")) {
        let module = module_of(&file);
        if module == "lib" {
            continue;
        }
        let own = layer_of(&module).unwrap_or_else(|| panic!("`{module}` belongs to no layer"));
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in without_tests(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap();
            for (at, _) in code.match_indices("crate::") {
                let used: String = code[at + "crate::".len()..]
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let Some(layer) = layer_of(&used) else { continue };
                let allowed =
                    layer < own || used == module || (module == "editor" && used == "binder");
                if !allowed {
                    wrong.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "upward or sideways uses:\n{}", wrong.join("\n"));
}

#[test]
fn datafusion_stays_behind_its_border() {
    let mut wrong = vec![];
    for file in rust_files(&root().join("src")) {
        let module = module_of(&file);
        let text = fs::read_to_string(&file).unwrap();
        let named = text.lines().any(|line| {
            let code = line.split("//").next().unwrap();
            code.contains("datafusion::")
        });
        if named && !DATAFUSION.contains(&module.as_str()) {
            wrong.push(file.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "DataFusion is named in:\n{}", wrong.join("\n"));
}

#[test]
fn files_are_documented_and_short() {
    let mut wrong = vec![];
    for folder in ["src", "tests", "testdata", "benches"] {
        let folder = root().join(folder);
        if !folder.exists() {
            continue;
        }
        for file in rust_files(&folder) {
            let text = fs::read_to_string(&file).unwrap();
            if !text.starts_with("//! ") {
                wrong.push(format!("{}: does not begin with `//!`", file.display()));
            }
            let lines = text.lines().count();
            if lines > MAX_LINES {
                wrong.push(format!("{}: {lines} lines", file.display()));
            }
            for marker in ["todo!(", "unimplemented!(", "dbg!(", "#[ignore"] {
                if text.contains(marker) && !file.ends_with("tidy.rs") {
                    wrong.push(format!("{}: {marker}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_test_file_is_forgotten() {
    let main = fs::read_to_string(root().join("tests/it/main.rs")).unwrap();
    for file in rust_files(&root().join("tests/it")) {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let declared = name == "main" || main.contains(&format!("mod {name};"));
        assert!(declared, "{} is not declared in tests/it/main.rs", file.display());
    }
}
