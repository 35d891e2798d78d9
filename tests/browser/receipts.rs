//! Anybody checks a receipt: good, altered, foreign and no receipt at all, by the browser and by the server.

use std::path::PathBuf;

use market::Page;
use tests::TestApp;

use crate::chromium::{Choice, Window};
use crate::stage::{Browser, in_browser};

/// The newest receipt, one with its root turned, and one of another log, as files.
struct Receipts {
    folder: tempfile::TempDir,
}

impl Receipts {
    async fn of(app: &TestApp) -> Self {
        app.world.give_person("ada", "12.50").await;
        app.tick().await;
        let ada = app.world.actor("ada").await;
        let record = app.world.market.records(&ada, Page::default()).await.unwrap().items[0].1.id;
        let good = app.world.market.receipt(&ada, record).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        // A letter of the record's bytes turned, past the heads of its parts.
        let at = good.find("extra ").unwrap() + 120;
        let turned = if &good[at..=at] == "A" { "B" } else { "A" };
        let altered = format!("{}{turned}{}", &good[..at], &good[at + 1..]);
        let foreign = good.replace("dawn.example/saima", "dusk.example/saima");
        for (name, text) in
            [("good", &good), ("altered", &altered), ("foreign", &foreign), ("none", &"Dear Ada".to_owned())]
        {
            std::fs::write(folder.path().join(name).with_extension("tlog-proof"), text).unwrap();
        }
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name).with_extension("tlog-proof")
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap()
    }
}

async fn states(window: &Window) -> String {
    let script = "return [...document.querySelectorAll('[data-step]:not([hidden])')]\
        .map((step) => `${step.dataset.step} ${step.dataset.state}`).join(', ')";
    window.ask(script).await.as_str().unwrap().to_owned()
}

async fn verdict(window: &Window) -> String {
    window.until("section.verify[data-verdict]:not([data-verdict=\"running\"])").await;
    window.find("section.verify[data-verdict] .sum").await.text().await.unwrap()
}

#[test]
fn a_receipt_is_checked_by_the_browser_and_never_sent() {
    in_browser(Choice::default(), async |app: &TestApp, browser: &mut Browser| {
        let receipts = Receipts::of(app).await;
        let window = browser.window().await;
        window.goto("/ledger").await;
        window.click("main a[href=\"/verify\"]").await;
        window.attach(&receipts.file("good")).await;
        assert_eq!(verdict(&window).await, "Everything that was checked holds.");
        assert_eq!(states(&window).await, "leaf good, path good, signature good, seen good, texts good");
        let says = window.find("[data-says]").await.text().await.unwrap();
        assert!(says.contains("+12.50") && says.contains('\u{2212}'), "{says}");
        assert_eq!(window.path().await, "/verify", "nothing was sent");

        window.goto("/verify").await;
        window.attach(&receipts.file("altered")).await;
        assert!(
            verdict(&window).await.starts_with("THIS RECEIPT DOES NOT HOLD"),
            "{}",
            states(&window).await
        );
        assert!(states(&window).await.contains("path bad"), "{}", states(&window).await);
        assert!(!window.find("[data-says]").await.is_displayed().await.unwrap(), "nothing of it is believed");

        window.goto("/verify").await;
        window.attach(&receipts.file("foreign")).await;
        verdict(&window).await;
        assert!(states(&window).await.contains("signature bad"), "{}", states(&window).await);
        let text = window.text().await;
        assert!(text.contains("of another log, dusk.example/saima"), "{text}");

        window.goto("/verify").await;
        window.attach(&receipts.file("none")).await;
        assert!(verdict(&window).await.starts_with("This is no receipt"), "{}", window.text().await);

        // Pasted instead of picked.
        window.goto("/verify").await;
        window.ask("document.querySelector('main details').open = true").await;
        let text = serde_json::json!(receipts.text("good"));
        window.ask_with("document.querySelector('main [name=text]').value = arguments[0]", text).await;
        window.ask("document.querySelector('main form button.primary').click()").await;
        assert_eq!(verdict(&window).await, "Everything that was checked holds.");
        assert!(window.complaints().await.is_empty());
        window.close().await;
    });
}

#[test]
fn without_a_script_the_server_checks_it_and_says_what_that_is_worth() {
    let choice = Choice { scripts: false, ..Choice::default() };
    in_browser(choice, async |app: &TestApp, browser: &mut Browser| {
        let receipts = Receipts::of(app).await;
        let window = browser.window().await;
        for (name, expected) in [
            ("good", "All of it holds."),
            ("altered", "THIS RECEIPT DOES NOT HOLD"),
            ("foreign", "THIS RECEIPT DOES NOT HOLD"),
        ] {
            window.goto("/verify").await;
            window.attach(&receipts.file(name)).await;
            window.click("main form button.primary").await;
            assert!(verdict(&window).await.starts_with(expected), "{name}: {}", window.text().await);
            let text = window.text().await;
            assert!(text.contains("you have its word for it") && text.contains("saima verify"), "{text}");
            assert_eq!(text.contains("+12.50"), name == "good", "nothing is told of one that does not hold");
        }
        window.attach(&receipts.file("none")).await;
        window.click("main form button.primary").await;
        assert!(window.has("#errors").await, "{}", window.text().await);
        window.close().await;
    });
}
