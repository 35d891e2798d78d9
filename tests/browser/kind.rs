//! Small kindnesses: what was typed is kept, files are sent with a bar, what is carried elsewhere is copied.

use tests::{Start, TestApp};

use crate::chromium::{Choice, Window};
use crate::stage::{Browser, in_browser};

const TYPED: &str = "main textarea[name=\"question\"]";

async fn typed(window: &Window) -> String {
    window.ask(&format!("return document.querySelector('{TYPED}').value")).await.as_str().unwrap().to_owned()
}

/// How many drafts the browser holds.
async fn drafts(window: &Window) -> i64 {
    let count = "return Object.keys(localStorage).filter((name) => name.startsWith('saima-draft:')).length";
    window.ask(count).await.as_i64().unwrap()
}

async fn until_kept(window: &Window, many: i64) {
    for _ in 0..100 {
        if drafts(window).await == many {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{} drafts instead of {many} at {}", drafts(window).await, window.path().await);
}

async fn told(window: &Window) -> String {
    window.until("[data-draft] [role=status]:not(:empty)").await;
    window.find("[data-draft]").await.text().await.unwrap()
}

#[test]
fn what_is_typed_is_kept_until_it_is_sent_and_shown_to_nobody_else() {
    in_browser(Choice::default(), async |app: &TestApp, browser: &mut Browser| {
        let race = app.world.race(Start::default()).await;
        let page = format!("/tasks/{}/ask", race.view().await.handle);
        app.world.person("ben").await;
        let window = browser.of(app, "ada").await;

        window.goto(&page).await;
        window.fill("question", "Is a cold cache 允许 allowed?").await;
        until_kept(&window, 1).await;
        window.goto("/tasks").await;
        window.goto(&page).await;
        let line = told(&window).await;
        assert!(line.starts_with("Restored what you typed at "), "{line}");
        assert_eq!(typed(&window).await, "Is a cold cache 允许 allowed?");
        window.ask("document.cookie = 'lang=zh-CN; path=/'").await;
        window.goto(&page).await;
        assert!(told(&window).await.starts_with("已恢复您在"), "in the reader's language");
        window.ask("document.cookie = 'lang=en; path=/'").await;

        // Whoever comes next at this browser sees nothing of it, and afterwards it is gone.
        window.become_somebody("ben").await;
        window.goto(&page).await;
        assert_eq!((typed(&window).await, drafts(&window).await), (String::new(), 0));
        assert!(!window.has("[data-draft]").await);

        // Discarded for good.
        window.fill("question", "Not this one").await;
        until_kept(&window, 1).await;
        window.goto(&page).await;
        told(&window).await;
        window.ask("document.querySelectorAll('[data-draft] button')[0].click()").await;
        assert_eq!((typed(&window).await, drafts(&window).await), (String::new(), 0));
        window.goto(&page).await;
        assert_eq!(typed(&window).await, "");

        a_form_that_comes_back_keeps_its_own(&window, &page).await;

        // Signing out takes everything along.
        window.goto(&page).await;
        window.fill("question", "A secret of mine").await;
        until_kept(&window, 1).await;
        window.click("form[action=\"/sign-out\"] button").await;
        assert_eq!(drafts(&window).await, 0);
        let complaints = window.complaints().await;
        assert!(complaints.iter().all(|line| line.contains("422")), "{complaints:?}");
        window.close().await;
    });
}

/// Sent with something missing it comes back and is still kept; sent whole, it is forgotten.
async fn a_form_that_comes_back_keeps_its_own(window: &Window, page: &str) {
    window.goto(page).await;
    let long = "x".repeat(9_000);
    window.ask(&format!("document.querySelector('{TYPED}').value = '{long}'")).await;
    window.find(TYPED).await.send_keys("y").await.unwrap();
    window.click("main form button.primary").await;
    assert!(window.has("#errors").await, "too long a question: {}", window.text().await);
    assert!(!window.has("[data-draft]").await, "the page brings back what was typed by itself");
    window.goto(page).await;
    told(window).await;
    assert_eq!(typed(window).await.trim().len(), 9_001, "what was not taken is not lost");
    window.fill("question", "A short one?").await;
    window.click("main form button.primary").await;
    assert!(!window.path().await.ends_with("/ask"), "{}", window.text().await);
    assert_eq!(drafts(window).await, 0, "sent is sent");
    window.goto(page).await;
    assert_eq!(typed(window).await, "");
}

const BAR: &str = "return document.querySelector('.upload progress')?.value ?? -1";

#[test]
fn files_are_sent_with_a_bar_a_way_to_stop_and_errors_beside_their_fields() {
    in_browser(Choice::default(), async |app: &TestApp, browser: &mut Browser| {
        let race = app.world.race(Start::default()).await;
        let entry = race.enter("ada").await;
        let ada = app.world.actor("ada").await;
        let window = browser.of(app, "ada").await;
        let file = tempfile::NamedTempFile::with_suffix(".txt").unwrap();
        std::fs::write(file.path(), "measured ten times\n".repeat(30_000)).unwrap();
        let send = format!("form[action=\"/entries/{entry}/submit\"] button.primary");
        window.goto(&format!("/entries/{entry}")).await;
        window.fill("body", "Here is our work.").await;
        window.fill("links", "not a link").await;
        window.attach(file.path()).await;

        window.upload_speed(150_000).await;
        window.ask(&format!("document.querySelector('{send}').click()")).await;
        window.until(".upload progress").await;
        for round in 0..200 {
            let at = window.ask(BAR).await.as_f64().unwrap();
            if at > 0.05 && at < 1.0 {
                break;
            }
            assert!(round < 199, "the bar never moves: {at}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let words = window.find(".upload").await.text().await.unwrap();
        assert!(words.contains("% · Sent:") && words.contains("of 570"), "{words}");
        assert_eq!(window.ask("return document.activeElement.textContent").await, "Stop sending");
        window.press("\u{e007}").await;
        window.until("[data-upload-told]").await;
        assert!(window.text().await.contains("Nothing was handed in"), "{}", window.text().await);
        assert!(app.world.market.submissions(&ada, entry).await.unwrap().is_empty());

        window.upload_speed(0).await;
        window.ask(&format!("document.querySelector('{send}').click()")).await;
        window.until("#errors").await;
        assert_eq!(window.ask("return document.activeElement.id").await, "errors");
        let chosen = window.ask("return document.querySelector('main input[type=file]').files.length").await;
        assert_eq!(chosen, 1, "files need not be chosen again");
        window.fill("links", "https://dawn.example/work").await;
        window.click(&send).await;
        window.until("main > .toast").await;
        assert_eq!(window.path().await, format!("/entries/{entry}"), "as after any form");
        let handed_in = app.world.market.submissions(&ada, entry).await.unwrap();
        assert_eq!(handed_in.len(), 1);
        assert!(window.text().await.contains(".txt"), "{}", window.text().await);
        assert_eq!(window.ask("return document.querySelector('main [name=body]')?.value ?? ''").await, "");
        let complaints = window.complaints().await;
        assert!(complaints.iter().all(|line| line.contains("422")), "{complaints:?}");
        window.close().await;
    });
}

#[test]
fn what_people_carry_elsewhere_is_copied_by_a_button() {
    in_browser(Choice::default(), async |app: &TestApp, browser: &mut Browser| {
        app.world.give_person("ada", "10").await;
        let window = browser.of(app, "ada").await;
        window.may_copy().await;
        window.goto("/wallet").await;
        window.until("button.copy").await;
        window.ask("document.querySelector('button.copy').click()").await;
        window.until("button.copy[data-copied=\"yes\"]").await;
        let copied = window.ask_later("navigator.clipboard.readText().then(arguments[1])", ().into()).await;
        let shown = window.ask("return document.querySelector('main code.digest').textContent").await;
        assert_eq!(copied, shown, "the account's whole id");
        let label = window.ask("return document.querySelector('button.copy').ariaLabel").await;
        assert!(label.as_str().unwrap().starts_with("Copy "), "{label}");
        for _ in 0..50 {
            let said = "return [...document.querySelectorAll('[role=status]')].some((e) => e.textContent === 'Copied')";
            if window.ask(said).await == true {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }

        // Where the clipboard is out of reach, the text is at least marked.
        window.goto("/ledger").await;
        window.until("button.copy").await;
        window.ask("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))").await;
        window.ask("document.querySelector('button.copy').click()").await;
        window.until("button.copy[data-copied=\"no\"]").await;
        let marked = window.ask("return getSelection().toString()").await;
        assert_eq!(marked, window.ask("return document.querySelector('[data-copy]').textContent").await);
        assert!(window.complaints().await.is_empty());
        window.close().await;
    });
}

#[test]
fn nothing_is_offered_that_needs_a_script_where_there_is_none() {
    let choice = Choice { scripts: false, ..Choice::default() };
    in_browser(choice, async |app: &TestApp, browser: &mut Browser| {
        let race = app.world.race(Start::default()).await;
        let entry = race.enter("ada").await;
        let window = browser.of(app, "ada").await;
        window.goto("/wallet").await;
        assert!(!window.has("button.copy").await);
        window.goto(&format!("/entries/{entry}")).await;
        assert!(!window.has("progress").await && !window.has("[data-draft]").await);
        window.close().await;
    });
}
