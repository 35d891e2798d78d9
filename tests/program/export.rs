//! The journal for other tools: hledger and Beancount, which nobody here wrote, accept it and agree.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Output;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::process::Place;

/// Books with four kinds of accounts, a task's escrow and records without postings; answers what the market
/// itself says that the treasurer and ada hold.
async fn with_books(place: &Place) -> BTreeMap<&'static str, String> {
    place.add("tess", &["treasurer"]).await;
    place.add("ada", &[]).await;
    let serving = place.serve().await;
    let (tess, ada) = (serving.api("tess").await, serving.api("ada").await);
    let ids = tess.must("{ viewer { person { id } } person(handle: \"ada\") { id } }", json!({})).await;
    let (own, to) = (&ids["viewer"]["person"]["id"], &ids["person"]["id"]);
    let reason = "A \"start\"; with, signs\\";
    let issue = json!({ "amount": "1000", "reason": reason, "idempotencyKey": "k1" });
    tess.mutate("issueTokens", issue, "record { id }").await;
    let allocate = json!({ "to": own, "amount": "400.5", "reason": reason, "idempotencyKey": "k2" });
    tess.mutate("allocateTokens", allocate, "record { id }").await;
    for (key, amount) in [("t1", "0.01"), ("t2", "99.99"), ("t3", "20")] {
        let send = json!({ "from": own, "to": to, "amount": amount, "idempotencyKey": key });
        tess.mutate("transferTokens", send, "record { id }").await;
    }
    let mut held = BTreeMap::new();
    for (name, asker) in [("tess", &tess), ("ada", &ada)] {
        let seen = asker.must("{ viewer { wallet { balance } } }", json!({})).await;
        held.insert(name, seen["viewer"]["wallet"]["balance"].as_str().unwrap().to_owned());
    }
    serving.stop().await;
    assert_eq!(held, BTreeMap::from([("ada", "120.00".to_owned()), ("tess", "280.50".to_owned())]));
    held
}

async fn tool(program: PathBuf, arguments: &[&str]) -> Output {
    let ended = Command::new(&program).args(arguments).output().await;
    ended.unwrap_or_else(|why| panic!("{}: {why}: run the tests by tests/run", program.display()))
}

fn text(output: Output) -> String {
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{out}{err}");
    out
}

/// The programs of the Python environment that tests/run makes.
fn beancount(program: &str) -> PathBuf {
    let home = std::env::var("TEST_BEANCOUNT").map_or_else(
        |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/beancount")),
        PathBuf::from,
    );
    home.join("bin").join(program)
}

#[tokio::test]
async fn hledger_accepts_the_journal_and_agrees() {
    let place = Place::new();
    let held = with_books(&place).await;
    let file = place.path("saima.journal");
    let file = file.to_str().unwrap();
    place.run(&["export", "--format", "hledger", "--names", "--output", file]).await.well();
    text(tool("hledger".into(), &["-f", file, "check", "--strict"]).await);
    for (name, balance) in &held {
        let told = text(tool("hledger".into(), &["-f", file, "bal", "-N", &format!("person:{name}")]).await);
        assert!(told.trim_start().starts_with(balance.as_str()), "{name} {balance}: {told}");
    }
    let all = text(tool("hledger".into(), &["-f", file, "bal"]).await);
    assert!(all.trim_end().ends_with('0'), "everything sums to nothing: {all}");

    // An amount that is changed is noticed, for the balances at the end no longer agree.
    let journal = std::fs::read_to_string(file).unwrap();
    let forged = journal.replacen("-99.99 ", "-98.99 ", 1).replacen(" 99.99 ", " 98.99 ", 1);
    assert_ne!(forged, journal);
    std::fs::write(file, forged).unwrap();
    assert!(!tool("hledger".into(), &["-f", file, "check"]).await.status.success());
}

#[tokio::test]
async fn bean_check_accepts_the_file_and_agrees() {
    let place = Place::new();
    let held = with_books(&place).await;
    let file = place.path("saima.beancount");
    let file = file.to_str().unwrap();
    place.run(&["export", "--format", "beancount", "--names", "--output", file]).await.well();
    text(tool(beancount("bean-check"), &[file]).await);
    let journal = std::fs::read_to_string(file).unwrap();
    for (name, balance) in &held {
        let mut capital = name.to_string();
        capital[..1].make_ascii_uppercase();
        let line =
            journal.lines().find(|line| line.contains(" balance ") && line.contains(&format!(":{capital}:")));
        assert!(line.unwrap().contains(&format!("  {balance} ~ 0 ")), "{name}: {line:?}");
    }
    let forged = journal.replacen("-99.99 ", "-98.99 ", 1).replacen(" 99.99 ", " 98.99 ", 1);
    assert_ne!(forged, journal);
    std::fs::write(file, forged).unwrap();
    assert!(!tool(beancount("bean-check"), &[file]).await.status.success());
}

#[tokio::test]
async fn csv_and_json_lines_tell_the_same_and_every_line_names_its_record() {
    let place = Place::new();
    let held = with_books(&place).await;
    let csv_text = place.run(&["export", "--format", "csv"]).await.well();
    let json_text = place.run(&["export", "--format", "jsonl"]).await.well();
    assert!(!csv_text.contains("person:ada"), "names are told when they are asked for only");

    let mut reader = csv::Reader::from_reader(csv_text.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let records: Vec<Value> = json_text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut from_json = Vec::new();
    for (index, record) in records.iter().enumerate() {
        assert_eq!(record["index"], index);
        for posting in record["postings"].as_array().unwrap() {
            from_json.push([
                index.to_string(),
                record["record"].as_str().unwrap().to_owned(),
                posting["accountId"].as_str().unwrap().to_owned(),
                posting["side"].as_str().unwrap().to_owned(),
                posting["amount"].as_str().unwrap().to_owned(),
                posting["balance"].as_str().unwrap().to_owned(),
            ]);
        }
    }
    let from_csv: Vec<[String; 6]> = rows
        .iter()
        .map(|row| {
            ["index", "record", "account_id", "side", "amount", "balance"].map(|name| row[name].clone())
        })
        .collect();
    assert_eq!(from_csv, from_json);
    let balances: BTreeMap<&String, &String> =
        rows.iter().map(|row| (&row["account"], &row["balance"])).collect();
    for balance in held.values() {
        assert!(balances.values().any(|told| *told == balance), "{balance}: {balances:?}");
    }
}

#[tokio::test]
async fn exporting_makes_nothing_and_says_what_is_wrong() {
    let place = Place::new();
    place.run(&["export", "--format", "csv"]).await.badly(1);
    assert!(!place.data().join("saima.db").exists());
    place.run(&["export", "--format", "stone-tablets"]).await.badly(2);
    place.run(&["export"]).await.badly(2);
}
