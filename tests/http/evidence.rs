//! The evidence checklist, entries returned unread and the same artefact in several lanes, as people see them.

use market::submission::{EvidenceItem, EvidenceKind};
use market::task::Rules;
use reqwest::{Method, multipart};
use serde_json::json;
use tests::{Answer, HttpAsker, Start, TestApp, both};

/// Hands in by the form of the entry's page.
async fn hand_in(who: &HttpAsker, entry: &str, fields: &[(&str, &str)], file: &str) -> Answer {
    let page = who.get(entry).await;
    let action = format!("{entry}/submit");
    let mut form = multipart::Form::new();
    for (name, value) in page.form(&action) {
        if !fields.iter().any(|(field, _)| *field == name) {
            form = form.text(name, value);
        }
    }
    for (name, value) in fields {
        form = form.text((*name).to_owned(), (*value).to_owned());
    }
    let part = multipart::Part::bytes(b"%PDF the same".to_vec()).file_name(file.to_owned());
    form = form.part("files", part.mime_str("application/pdf").unwrap());
    Answer::of(who.request(Method::POST, &action).multipart(form)).await
}

fn rules() -> Rules {
    let item = |title: &str, asks| EvidenceItem { title: title.to_owned(), asks };
    let evidence = vec![
        item("How it was measured", EvidenceKind::Words),
        item("A report", EvidenceKind::File("*.pdf".to_owned())),
    ];
    Rules { evidence, ..Rules::default() }
}

both! {
    async fn a_checklist_is_written_in_the_form_and_told_before_anybody_enters(app: &TestApp) {
        app.world.give_person("mia", "1000").await;
        let mia = app.browser("mia").await;
        let fields = [
            ("title", "A faster parser"),
            ("brief", "Twice as fast."),
            ("visibility", "internal"),
            ("closes_at", "2026-12-01T08:00"),
            ("bounty", "1000"),
            ("source", "person"),
            ("rules.evidence.1.title", "A report"),
            ("rules.evidence.1.kind", "file"),
            ("rules.evidence.2.title", "The branch"),
            ("rules.evidence.2.kind", "link"),
            ("do", "save"),
        ];
        let odd = [&fields[..], &[("rules.evidence.1.file", "a/b")]].concat();
        let back = mia.fill("/tasks/new", "/tasks/new", &odd).await;
        assert_eq!(back.status, 422);
        assert!(back.text.contains("id=\"e-rules.evidence.0.file\""), "beside its row, which moved up");
        let whole = [&fields[..], &[("rules.evidence.1.file", "*.pdf")]].concat();
        let made = mia.fill("/tasks/new", "/tasks/new", &whole).await;
        assert_eq!(made.status, 303, "{}", made.text);
        let task = made.location().split('?').next().unwrap().to_owned();
        let page = mia.get(&task).await;
        assert!(page.text.contains("A report (a file named *.pdf); The branch (a link)"), "{}", page.text);
        let again = mia.get(&format!("{task}/edit")).await;
        assert!(again.text.contains("value=\"*.pdf\""), "the form keeps it");
    }

    async fn a_crew_is_told_what_is_missing_and_brings_it(app: &TestApp) {
        let race = app.world.race(Start { rules: rules(), ..Start::default() }).await;
        let entry = format!("/entries/{}", race.enter("ada").await);
        let ada = app.browser("ada").await;
        let missing = hand_in(&ada, &entry, &[("body", "Done.")], "notes.txt").await;
        assert_eq!(missing.status, 422);
        for field in ["evidence.0", "evidence.1"] {
            assert!(missing.text.contains(&format!("id=\"e-{field}\"")), "{field}: {}", missing.text);
        }
        assert!(missing.text.contains(">\nDone.</textarea>"), "what was typed is kept");
        let fields = [("body", "Done."), ("evidence.0", "Ten runs <each>.")];
        let taken = hand_in(&ada, &entry, &fields, "report.pdf").await;
        assert_eq!(taken.status, 303, "{}", taken.text);
        let page = ada.get(&entry).await;
        assert!(page.text.contains("Ten runs &#60;each&#62;.") || page.text.contains("Ten runs &lt;each&gt;."));
        let rival = app.browser("ben").await.get(&entry).await;
        assert!(!rival.text.contains("Ten runs"), "sealed to rivals");
    }

    async fn a_judge_sees_what_is_the_same_and_returns_an_entry_in_one_press(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        let mut entries = Vec::new();
        for who in ["ada", "ben"] {
            let entry = format!("/entries/{}", race.enter(who).await);
            let browser = app.browser(who).await;
            let taken = hand_in(&browser, &entry, &[("body", &format!("By {who}."))], "work.zip").await;
            assert_eq!(taken.status, 303, "{}", taken.text);
            entries.push(entry);
        }
        race.close().await;
        let mia = app.browser("mia").await;
        let handle = race.view().await.handle;
        let rule = mia.get(&format!("/tasks/{handle}/rule")).await;
        assert!(rule.text.contains("The same in several lanes") && rule.text.contains("work.zip"));
        let press = format!("{}/return", entries[1]);
        let fields = [("reason", "same_work"), ("note", "Byte by byte lane 1.")];
        let done = mia.fill(&entries[1], &press, &fields).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let ben = app.browser("ben").await.get(&entries[1]).await;
        assert!(ben.text.contains("Another lane&#39;s work") || ben.text.contains("Another lane's work"));
        assert!(ben.text.contains("Byte by byte lane 1.") && !ben.text.contains("take-back"));
        let rule = mia.get(&format!("/tasks/{handle}/rule")).await;
        assert!(!rule.text.contains("lines.1.place"), "one lane is left to rule");
        let back = mia.fill(&entries[1], &format!("{}/take-back", entries[1]), &[]).await;
        assert_eq!(back.status, 303, "{}", back.text);
        let odd = mia.fill(&entries[1], &press, &[("reason", "because")]).await;
        assert_eq!(odd.status, 400);
    }

    async fn the_api_does_and_refuses_the_same(app: &TestApp) {
        let race = app.world.race(Start { rules: rules(), ..Start::default() }).await;
        let ada = app.api("ada").await;
        race.enter("ada").await;
        let task = json!({ "h": race.view().await.handle });
        let query = "query ($h: String!) { task(handle: $h) { rules { evidence { title kind file } } \
                     entries { id returned { reason note by { handle } record { kind } } \
                     submissions { content { evidence } } } sameWork { kind } } }";
        let seen = ada.must(query, task.clone()).await;
        assert_eq!(
            seen["task"]["rules"]["evidence"],
            json!([
                { "title": "How it was measured", "kind": "WORDS", "file": null },
                { "title": "A report", "kind": "FILE", "file": "*.pdf" },
            ])
        );
        let entry = seen["task"]["entries"][0]["id"].clone();
        let mut work = json!({ "entry": entry, "body": "Done.", "idempotencyKey": "s1" });
        assert_eq!(
            ada.refused("submitWork", work.clone()).await,
            ["evidence.0 REQUIRED", "evidence.1 FILE_MISSING"]
        );
        work["evidence"] = json!(["Ten runs."]);
        work["files"] =
            json!([{ "name": "a.pdf", "mediaType": "application/pdf", "contentBase64": "JVBERg==" }]);
        work["idempotencyKey"] = json!("s2");
        ada.mutate("submitWork", work, "submission { id }").await;
        race.close().await;
        let mia = app.api("mia").await;
        let back = json!({ "entry": entry, "reason": "NO_EFFORT", "note": "Three words.", "idempotencyKey": "r" });
        mia.mutate("returnUnread", back, "entry { id }").await;
        let seen = mia.must(query, task).await;
        let returned = &seen["task"]["entries"][0]["returned"];
        assert_eq!(
            *returned,
            json!({ "reason": "NO_EFFORT", "note": "Three words.", "by": { "handle": "mia" }, "record": { "kind": "EVIDENCE" } })
        );
        assert_eq!(seen["task"]["entries"][0]["submissions"][0]["content"]["evidence"], json!(["Ten runs.", ""]));
        mia.mutate("takeBackReturn", json!({ "entry": entry, "idempotencyKey": "t" }), "entry { id }").await;
    }
}
