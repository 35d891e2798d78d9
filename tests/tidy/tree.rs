//! The files of the project, as the rules read them.
//!
//! Promises: paths are relative to the top and use `/`; what is built, fetched, hidden or by others is left out.

use std::fs;
use std::path::{Path, PathBuf};

/// Our crates by package name, each with its folder.
pub(crate) const CRATES: &[(&str, &str)] = &[
    ("ledger", "server/ledger"),
    ("metric", "server/metric"),
    ("market", "server/market"),
    ("saima", "server/saima"),
    ("schema", "schema"),
    ("web", "web"),
    ("migrations", "migrations"),
    ("seeds", "seeds"),
    ("tests", "tests"),
    ("load", "tests/load"),
];

/// A text of the project.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The top of the checkout.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the top of the checkout")
}

/// The text of one file.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every text below `folder` (empty for the whole project) whose name ends in one of `endings`.
pub(crate) fn files(folder: &str, endings: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    walk(&top(), &top().join(folder), endings, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Every Rust source.
pub(crate) fn sources() -> Vec<File> {
    let sources = files("", &[".rs"]);
    assert!(sources.len() > 50, "only {} sources found: the walk is broken", sources.len());
    sources
}

/// The names at the top of the checkout, without what git ignores.
pub(crate) fn top_names() -> Vec<String> {
    let ignored: Vec<String> = read(".gitignore")
        .lines()
        .filter_map(|line| line.trim().strip_prefix('/').map(|name| name.trim_end_matches('/').to_owned()))
        .collect();
    let names = fs::read_dir(top()).expect("the top can be read");
    let names = names.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    names.filter(|name| !ignored.contains(name)).collect()
}

fn walk(top: &Path, folder: &Path, endings: &[&str], found: &mut Vec<File>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "data", "vectors", "vendor"].contains(&name.as_str()) {
                walk(top, &path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            let inside = path.strip_prefix(top).expect("below the top").to_string_lossy().replace('\\', "/");
            // A file may go while we look (somebody is building): then it is not of the project.
            if let Ok(text) = fs::read_to_string(&path) {
                found.push(File { path: inside, text });
            }
        }
    }
}
