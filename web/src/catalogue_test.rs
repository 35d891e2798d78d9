//! The catalogues are whole: same messages, same variables, all used, nothing said outside them.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_bundle::FluentResource;
use market::error::Code;

use crate::i18n::{Locale, sources};

type Messages = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_catalogue_parses_and_defines_each_message_once() {
    for locale in Locale::ALL {
        let mut seen = BTreeSet::new();
        for (name, source) in sources(locale) {
            if let Err((_, faults)) = FluentResource::try_new((*source).to_owned()) {
                panic!("{}/{name}.ftl: {faults:?}", locale.tag());
            }
            for (key, _) in entries(source) {
                assert!(seen.insert(key.clone()), "{}: {key} is defined twice", locale.tag());
            }
        }
    }
}

#[test]
fn both_catalogues_have_the_same_messages_with_the_same_variables() {
    let [one, two] = Locale::ALL.map(messages);
    let differ: Vec<_> = one.iter().filter(|(key, variables)| two.get(*key) != Some(*variables)).collect();
    assert!(differ.is_empty(), "not the same in Chinese: {differ:?}");
    let extra: Vec<_> = two.keys().filter(|key| !one.contains_key(*key)).collect();
    assert!(extra.is_empty(), "only in Chinese: {extra:?}");
}

#[test]
fn every_message_is_used_and_every_message_used_exists() {
    let known: BTreeSet<String> = messages(Locale::En).into_keys().collect();
    let mut used: BTreeSet<String> = Code::KEYS.iter().map(|key| format!("problem-{key}")).collect();
    for (_, text) in files("templates", "html").into_iter().chain(files("src", "rs")) {
        for opening in ["t(\"", "tn(\"", "t1(\"", "t2(\"", "key(\""] {
            used.extend(literals(&text, opening));
        }
    }
    let missing: Vec<_> = used.difference(&known).collect();
    assert!(missing.is_empty(), "used and not in the catalogue: {missing:?}");
    let unused: Vec<_> = known.difference(&used).collect();
    assert!(unused.is_empty(), "in the catalogue and never used: {unused:?}");
}

#[test]
fn templates_say_nothing_outside_the_catalogue() {
    for (path, text) in files("templates", "html") {
        let said = words_outside(&text);
        assert!(said.is_empty(), "{}: {said:?}", path.display());
    }
}

#[test]
fn templates_spell_no_address_and_hold_no_style_or_script() {
    for (path, text) in files("templates", "html") {
        for banned in
            ["href=\"/", "action=\"/", "src=\"/", " style=", "<style", " onclick", " onload", "javascript:"]
        {
            assert!(!text.contains(banned), "{} has {banned}", path.display());
        }
        let scripts = text.matches("<script").count();
        assert_eq!(
            scripts,
            text.matches("<script type=\"module\" src=\"{{").count(),
            "{}: inline script",
            path.display()
        );
    }
}

#[test]
fn the_check_for_words_finds_words() {
    assert_eq!(words_outside("<p>{{ v.t(\"a\") }} Hello</p>"), ["Hello"]);
    assert_eq!(words_outside("<img alt=\"A horse\">{# note #}{% if a %}1{% endif %}"), ["A horse"]);
    assert!(words_outside("<a class=\"x\" title=\"{{ v.t(\"a\") }}\">· 1</a>&nbsp;").is_empty());
}

fn messages(locale: Locale) -> Messages {
    sources(locale).iter().flat_map(|(_, source)| entries(source)).collect()
}

/// Key and variables of each message of a file. A message starts at the left edge and goes on as long as
/// lines are indented.
fn entries(source: &str) -> Messages {
    let mut found = Messages::new();
    let mut key = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(|first: char| first.is_ascii_alphabetic()) {
            key = line.split('=').next().unwrap().trim().to_owned();
            assert!(!found.contains_key(&key), "{key} is defined twice");
            found.insert(key.clone(), BTreeSet::new());
        }
        for piece in line.split('$').skip(1) {
            let end = piece.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(piece.len());
            found.get_mut(&key).unwrap().insert(piece[..end].to_owned());
        }
    }
    found
}

pub(crate) fn files(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, ending: &str, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, ending, found);
            } else if path.extension().is_some_and(|kind| kind == ending)
                && !path.ends_with("catalogue_test.rs")
            {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), ending, &mut found);
    found.sort();
    found
}

/// The string literals that directly follow `opening`, where that is a call of its own.
fn literals(text: &str, opening: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(opening) {
        let before = text[..at].chars().next_back().unwrap_or(' ');
        if before.is_ascii_alphanumeric() || before == '_' {
            continue;
        }
        let literal = text[at + opening.len()..].split('"').next().unwrap();
        if literal.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            found.push(literal.to_owned());
        }
    }
    found
}

/// Words between tags, and in attributes that are read out, that no expression made.
fn words_outside(template: &str) -> Vec<String> {
    let bare = without(&without(&without(template, "{#", "#}"), "{%", "%}"), "{{", "}}");
    let mut said = Vec::new();
    for piece in bare.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        for attribute in ["alt", "title", "placeholder", "aria-label", "content", "label"] {
            let opening = format!(" {attribute}=\"");
            if let Some((_, rest)) = tag.split_once(&opening) {
                note(rest.split('"').next().unwrap(), &mut said);
            }
        }
        note(text, &mut said);
    }
    let for_machines = [
        "width=device-width, initial-scale=1",
        "light dark",
        "website",
        "noindex",
        "image/png",
        "summary_large_image",
    ];
    said.retain(|text| !for_machines.contains(&text.as_str()));
    said
}

fn note(text: &str, said: &mut Vec<String>) {
    let without_entities = without(text, "&", ";");
    if without_entities.chars().any(char::is_alphabetic) {
        said.push(text.trim().to_owned());
    }
}

fn without(text: &str, opening: &str, closing: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once(opening) {
        out.push_str(before);
        rest = inside.split_once(closing).map_or("", |(_, after)| after);
    }
    out + rest
}
