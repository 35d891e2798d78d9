//! How files look: headers, sizes, nothing left open, and the names at the top of the project.

use std::collections::BTreeSet;

use crate::tree::{File, files, sources, top_names};
use crate::{code, found, none};

const MOST_LINES: usize = 600;

/// Written in pieces, so that this file does not break its own rule.
const LEFT_OPEN: &[&str] =
    &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
const LEFT_OUT: &[&str] = &[concat!("to", "do!"), concat!("unimple", "mented!"), concat!("db", "g!")];

/// Beside dotfiles, exactly these stand at the top.
const TOP: &[&str] = &[
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "migrations",
    "schema",
    "seeds",
    "server",
    "tests",
    "web",
];

fn headless(file: &File) -> Vec<String> {
    let first = file.text.lines().next().unwrap_or_default();
    if first.starts_with("//! ") && first.len() > 8 {
        Vec::new()
    } else {
        vec![format!("{}: begin with a `//!` line that says what it promises", file.path)]
    }
}

fn too_long(file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    if lines <= MOST_LINES { vec![] } else { vec![format!("{}: {lines} lines; split it", file.path)] }
}

fn left_open(file: &File) -> Vec<String> {
    let words = LEFT_OPEN
        .iter()
        .flat_map(|word| code::lines_with(&file.text, word).into_iter().map(move |line| (word, line)));
    let code = code::only(&file.text);
    let calls = LEFT_OUT
        .iter()
        .flat_map(|word| code::lines_with(&code, word).into_iter().map(move |line| (word, line)));
    words
        .chain(calls)
        .map(|(word, line)| format!("{}:{line}: {word}: finish it, or open an issue", file.path))
        .collect()
}

fn untidy_ends(file: &File) -> Vec<String> {
    let mut faults = Vec::new();
    if file.text.contains('\r') {
        faults.push(format!("{}: carriage returns", file.path));
    }
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        faults.push(format!("{}: no line feed at its end", file.path));
    }
    for (index, line) in file.text.lines().enumerate() {
        if line.ends_with([' ', '\t']) {
            faults.push(format!("{}:{}: spaces at the end of the line", file.path, index + 1));
        }
    }
    faults
}

fn strange_at_the_top(names: &[String]) -> Vec<String> {
    let here: BTreeSet<&str> =
        names.iter().map(String::as_str).filter(|name| !name.starts_with('.')).collect();
    let wanted: BTreeSet<&str> = TOP.iter().copied().collect();
    let extra = here.difference(&wanted).map(|name| format!("{name} does not belong at the top"));
    let lacking = wanted.difference(&here).map(|name| format!("{name} is missing at the top"));
    extra.chain(lacking).collect()
}

fn every(rule: impl Fn(&File) -> Vec<String>, files: &[File]) -> Vec<String> {
    files.iter().flat_map(rule).collect()
}

fn example(text: &str) -> File {
    File { path: "bad.rs".to_owned(), text: text.to_owned() }
}

#[test]
fn every_source_begins_with_what_it_promises() {
    none(&every(headless, &sources()));
    found(&headless(&example("use std::fmt;\n")), "bad.rs");
    found(&headless(&example("//!\n")), "bad.rs");
}

#[test]
fn no_source_is_longer_than_six_hundred_lines() {
    none(&every(too_long, &sources()));
    found(&too_long(&example(&"x\n".repeat(MOST_LINES + 1))), "601 lines");
}

#[test]
fn nothing_is_left_for_later_in_the_code() {
    let texts =
        files("", &[".rs", ".toml", ".md", ".html", ".css", ".js", ".ftl", ".sql", ".graphql", "run"]);
    none(&every(left_open, &texts));
    for word in LEFT_OPEN.iter().chain(LEFT_OUT) {
        found(&left_open(&example(&format!("{word}\n"))), word);
    }
}

#[test]
fn every_text_ends_its_lines_cleanly() {
    let texts =
        files("", &[".rs", ".toml", ".md", ".html", ".css", ".js", ".ftl", ".sql", ".graphql", "run"]);
    none(&every(untidy_ends, &texts));
    for bad in ["a\r\n", "a", "a \n"] {
        found(&untidy_ends(&example(bad)), "bad.rs");
    }
}

#[test]
fn the_top_holds_exactly_the_names_agreed() {
    none(&strange_at_the_top(&top_names()));
    let mut names: Vec<String> = TOP.iter().map(|name| (*name).to_owned()).collect();
    names.push("notes.txt".to_owned());
    found(&strange_at_the_top(&names), "notes.txt");
    found(&strange_at_the_top(&names[1..]), "CHANGELOG.md");
}
