//! Which crate may know which: the arrows of the architecture, read from the manifests.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::tree::{CRATES, files, read};
use crate::{code, found, none};

/// What each of our crates may know of the others.
const ARROWS: &[(&str, &[&str])] = &[
    ("ledger", &[]),
    ("metric", &[]),
    ("market", &["ledger", "metric"]),
    ("schema", &["market"]),
    ("web", &["market"]),
    ("migrations", &[]),
    ("seeds", &["market"]),
    ("saima", &["ledger", "market", "schema", "web", "migrations", "seeds"]),
    ("tests", &["ledger", "market", "schema", "web", "migrations", "seeds", "saima"]),
    ("load", &["ledger", "market", "migrations"]),
];

/// Crates from outside that must stay outside a wall.
const WALLS: &[(&str, &[&str])] = &[
    (
        "ledger",
        &[
            "tokio",
            "futures",
            "rand",
            "getrandom",
            "time",
            "chrono",
            "sea-orm",
            "actix-web",
            "uuid",
            "tracing",
        ],
    ),
    ("metric", &["tokio", "futures", "rand", "getrandom", "time", "sea-orm", "actix-web", "uuid", "tracing"]),
    ("market", &["actix-web", "askama", "async-graphql", "jsonwebtoken", "clap"]),
    ("schema", &["sea-orm", "sea-orm-migration", "actix-web", "askama", "rand"]),
    ("web", &["sea-orm", "sea-orm-migration", "async-graphql", "rand"]),
    ("seeds", &["sea-orm", "sea-orm-migration", "actix-web", "askama", "async-graphql", "rand"]),
    ("migrations", &["actix-web", "askama", "async-graphql", "rand"]),
    ("saima", &["rand", "getrandom"]),
    ("tests", &["rand", "getrandom"]),
    ("load", &["rand", "getrandom"]),
];

fn manifest(folder: &str) -> Table {
    read(&format!("{folder}/Cargo.toml")).parse().expect("a manifest in TOML")
}

/// Every dependency of a manifest, with how it is declared; `kinds` are the tables to look at.
fn dependencies(manifest: &Table, kinds: &[&str]) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for kind in kinds {
        if let Some(Value::Table(table)) = manifest.get(*kind) {
            all.extend(table.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
    }
    all
}

const EVERY_KIND: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

fn wrong_arrows(name: &str, manifest: &Table) -> Vec<String> {
    let allowed = ARROWS.iter().find(|(from, _)| *from == name).map_or(&[][..], |(_, to)| *to);
    dependencies(manifest, EVERY_KIND)
        .into_iter()
        .filter(|(to, _)| CRATES.iter().any(|(ours, _)| ours == to) && !allowed.contains(&to.as_str()))
        .map(|(to, _)| format!("{name} must not know {to}"))
        .collect()
}

fn broken_walls(name: &str, manifest: &Table) -> Vec<String> {
    let banned = WALLS.iter().find(|(from, _)| *from == name).map_or(&[][..], |(_, to)| *to);
    dependencies(manifest, &["dependencies", "build-dependencies"])
        .into_iter()
        .filter(|(to, _)| banned.contains(&to.as_str()))
        .map(|(to, _)| format!("{name} must not depend on {to}"))
        .collect()
}

fn loose_versions(name: &str, manifest: &Table) -> Vec<String> {
    let from_workspace = |value: &Value| value.get("workspace").and_then(Value::as_bool) == Some(true);
    dependencies(manifest, EVERY_KIND)
        .into_iter()
        .filter(|(_, value)| !from_workspace(value))
        .map(|(to, _)| format!("{name}: declare {to} in the workspace and use it with `.workspace = true`"))
        .collect()
}

fn loose_lints(name: &str, manifest: &Table) -> Vec<String> {
    let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool);
    if inherits == Some(true) { vec![] } else { vec![format!("{name} must inherit the workspace's lints")] }
}

fn unused(name: &str, manifest: &Table, sources: &str) -> Vec<String> {
    let words: BTreeSet<&str> = code::names(sources).map(|(_, word)| word).collect();
    dependencies(manifest, EVERY_KIND)
        .into_iter()
        .filter(|(to, _)| !words.contains(to.replace('-', "_").as_str()))
        .map(|(to, _)| format!("{name} depends on {to} and never uses it"))
        .collect()
}

fn each(rule: impl Fn(&str, &Table) -> Vec<String>) -> Vec<String> {
    CRATES.iter().flat_map(|(name, folder)| rule(name, &manifest(folder))).collect()
}

fn bad_example() -> Table {
    "[dependencies]\nsaima.workspace = true\nsea-orm = \"2\"\n[lints]\nworkspace = false"
        .parse()
        .expect("TOML")
}

#[test]
fn no_crate_knows_more_of_ours_than_the_arrows_allow() {
    none(&each(wrong_arrows));
    found(&wrong_arrows("web", &bad_example()), "saima");
}

#[test]
fn what_must_stay_outside_a_wall_stays_outside() {
    none(&each(broken_walls));
    found(&broken_walls("web", &bad_example()), "sea-orm");
}

#[test]
fn every_version_is_declared_once_in_the_workspace() {
    none(&each(loose_versions));
    found(&loose_versions("web", &bad_example()), "sea-orm");
}

#[test]
fn every_crate_inherits_the_lints_and_unsafe_code_is_forbidden() {
    none(&each(loose_lints));
    found(&loose_lints("web", &bad_example()), "web");
    let workspace: Table = read("Cargo.toml").parse().expect("TOML");
    let level = &workspace["workspace"]["lints"]["rust"]["unsafe_code"];
    assert_eq!(level.as_str(), Some("forbid"));
}

#[test]
fn every_dependency_is_used() {
    none(&each(|name, manifest| {
        let folder = CRATES.iter().find(|(ours, _)| *ours == name).expect("ours").1;
        let sources: String = files(folder, &[".rs"]).iter().map(|file| code::only(&file.text)).collect();
        unused(name, manifest, &sources)
    }));
    found(&unused("web", &bad_example(), "use saima::App;"), "sea-orm");
}

fn unwanted(workspace: &Table, wanted: &BTreeSet<String>) -> Vec<String> {
    let declared = workspace["workspace"]["dependencies"].as_table().expect("dependencies");
    let left = declared.keys().filter(|name| !wanted.contains(*name));
    left.map(|name| format!("the workspace declares {name} and no member wants it")).collect()
}

#[test]
fn every_dependency_of_the_workspace_is_wanted_by_a_member() {
    let workspace: Table = read("Cargo.toml").parse().expect("TOML");
    let all = CRATES.iter().flat_map(|(_, folder)| dependencies(&manifest(folder), EVERY_KIND));
    let wanted: BTreeSet<String> = all.map(|(name, _)| name).collect();
    none(&unwanted(&workspace, &wanted));
    found(&unwanted(&workspace, &BTreeSet::new()), "ledger");
}

#[test]
fn every_member_of_the_workspace_is_known_to_these_rules() {
    let workspace: Table = read("Cargo.toml").parse().expect("TOML");
    let members = workspace["workspace"]["members"].as_array().expect("members");
    let members: BTreeSet<_> = members.iter().filter_map(Value::as_str).collect();
    assert_eq!(members, CRATES.iter().map(|(_, folder)| *folder).collect());
    for (name, folder) in CRATES {
        assert_eq!(manifest(folder)["package"]["name"].as_str(), Some(*name));
    }
}
