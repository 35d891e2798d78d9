//! One word for one thing, in catalogues, schema and code, and every message in both languages.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{File, files, read, sources};
use crate::{code, found, none};

/// A message's text, by its key; attributes count as messages of their own.
type Catalogue = BTreeMap<String, String>;

/// Words that mean something else here, or nothing, with the word to use. Whole words, in lower case.
const ENGLISH: &[(&str, &str)] = &[
    ("user", "person"),
    ("users", "people"),
    ("job", "task"),
    ("jobs", "tasks"),
    ("contest", "race"),
    ("participant", "crew"),
    ("transaction", "record"),
    ("transactions", "records"),
    ("your account", "yourself"),
    ("my account", "my profile"),
    ("an account", "a person signs up"),
    ("create account", "sign up"),
    ("coin", "token"),
    ("coins", "tokens"),
];

/// `用户名` is the usual word for a handle and stays.
const CHINESE: &[(&str, &str)] = &[
    ("用户", "个人"),
    ("账号", "个人"),
    ("帐号", "个人"),
    ("交易", "凭证"),
    ("作业", "任务"),
    ("竞赛", "赛马"),
];

fn catalogue(files: &[File]) -> Catalogue {
    let mut messages = Catalogue::new();
    let mut current = String::new();
    for line in files.iter().flat_map(|file| file.text.lines()) {
        if line.starts_with('#') {
            continue;
        }
        if let Some((key, text)) = line.split_once('=')
            && line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-')
        {
            current = key.trim().to_owned();
            messages.entry(current.clone()).or_default().push_str(text);
        } else if !current.is_empty() {
            let text = messages.entry(current.clone()).or_default();
            text.push('\n');
            text.push_str(line);
        }
    }
    messages
}

/// The `$names` that a message wants.
fn wanted(text: &str) -> BTreeSet<String> {
    let word =
        |rest: &str| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    text.split('$').skip(1).map(word).collect()
}

fn differences(one: &Catalogue, other: &Catalogue) -> Vec<String> {
    let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let mut faults = Vec::new();
    for key in keys {
        match (one.get(key), other.get(key)) {
            (Some(a), Some(b)) if wanted(a) != wanted(b) => {
                faults.push(format!("{key}: the languages want different values"));
            }
            (Some(a), Some(b)) if a.trim().is_empty() || b.trim().is_empty() => {
                faults.push(format!("{key} is empty"));
            }
            (Some(_), Some(_)) => {}
            _ => faults.push(format!("{key} is missing in one of the languages")),
        }
    }
    faults
}

/// A message without what stands in `{ }`: names of values are code, not words.
fn spoken(text: &str) -> String {
    let mut depth = 0_usize;
    let keep = |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => return Some(c),
            _ => {}
        }
        None
    };
    text.chars().filter_map(keep).collect::<String>().to_lowercase()
}

fn wrong_english(messages: &Catalogue) -> Vec<String> {
    let mut faults = Vec::new();
    for (key, text) in messages {
        for (word, better) in ENGLISH {
            if !code::lines_with(&spoken(text), word).is_empty() {
                faults.push(format!("{key}: say \"{better}\" instead of \"{word}\""));
            }
        }
    }
    faults
}

fn wrong_chinese(messages: &Catalogue) -> Vec<String> {
    let wrong = |text: &str| {
        let text = text.replace("用户名", "");
        CHINESE.iter().filter(|(word, _)| text.contains(word)).copied().collect::<Vec<_>>()
    };
    messages
        .iter()
        .flat_map(|(key, text)| wrong(text).into_iter().map(move |(word, better)| (key, word, better)))
        .map(|(key, word, better)| format!("{key}: 用“{better}”，不用“{word}”"))
        .collect()
}

/// Names in code that call a person a user. `userErrors` and `User-Agent` are other people's words.
fn misnamed(file: &File) -> Vec<String> {
    let code = code::only(&file.text);
    let says_it = |name: &str| {
        let spaced: String = name
            .chars()
            .flat_map(|c| if c.is_uppercase() { vec![' ', c.to_ascii_lowercase()] } else { vec![c] })
            .collect();
        let spaced = spaced.replace('_', " ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let foreign = ["errors", "error", "agent", "info"];
        words.iter().enumerate().any(|(at, word)| {
            matches!(*word, "user" | "users") && !words.get(at + 1).is_some_and(|next| foreign.contains(next))
        })
    };
    code::names(&code)
        .filter(|(_, name)| name.chars().any(char::is_lowercase) && says_it(name))
        .map(|(line, name)| format!("{}:{line}: {name}: who signs in is a person", file.path))
        .collect()
}

fn loaded(language: &str) -> Catalogue {
    let messages = catalogue(&files(&format!("web/locales/{language}"), &[".ftl"]));
    assert!(messages.len() > 50, "only {} messages read in {language}", messages.len());
    messages
}

fn example(text: &str) -> Catalogue {
    catalogue(&[File { path: "bad.ftl".to_owned(), text: text.to_owned() }])
}

#[test]
fn both_languages_say_the_same_with_the_same_values() {
    none(&differences(&loaded("en"), &loaded("zh-CN")));
    let english = example("a = One\nb = { $count } lanes\nc = x");
    found(&differences(&english, &example("b = { $count } 道\nc = y")), "a is missing");
    found(
        &differences(&english, &example("a = 一\nb = { $lanes } 道\nc = y")),
        "b: the languages want different values",
    );
    found(&differences(&english, &example("a = 一\nb = { $count } 道\nc =")), "c is empty");
}

#[test]
fn the_english_pages_keep_to_the_words_of_the_market() {
    none(&wrong_english(&loaded("en")));
    for (word, _) in ENGLISH {
        found(&wrong_english(&example(&format!("a = Here is the {word}."))), word);
    }
    none(&wrong_english(&example("a = Reuse the { $user } joblessly.")));
}

#[test]
fn the_chinese_pages_keep_to_the_words_of_the_market() {
    none(&wrong_chinese(&loaded("zh-CN")));
    for (word, _) in CHINESE {
        found(&wrong_chinese(&example(&format!("a = 这里{word}。"))), word);
    }
}

#[test]
fn who_signs_in_is_a_person_in_the_code_too() {
    none(&sources().iter().flat_map(misnamed).collect::<Vec<_>>());
    for bad in ["fn of(user_id: u8)", "struct User;", "let theUsers = 1;"] {
        found(&misnamed(&File { path: "bad.rs".to_owned(), text: bad.to_owned() }), "bad.rs");
    }
    none(&misnamed(&File {
        path: "fine.rs".to_owned(),
        text: "struct UserError; let user_agent = user_errors;".to_owned(),
    }));
}

#[test]
fn the_schema_speaks_of_people() {
    let file = File { path: "schema/schema.graphql".to_owned(), text: read("schema/schema.graphql") };
    none(&misnamed(&file));
}
