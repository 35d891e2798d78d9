//! From signing in to being paid, with and without scripts, by mouse and by keyboard.

use tests::TestApp;

use crate::chromium::{Choice, Window};
use crate::stage::{Browser, in_browser};

/// Puts a date and a time into a field of that kind, which each system spells in its own way.
async fn fill_time(window: &Window, name: &str, value: &str) {
    window.ask(&format!("document.querySelector('main [name=\"{name}\"]').value = '{value}'")).await;
}

async fn from_the_task_to_the_wallet(app: &TestApp, browser: &mut Browser) {
    app.world.give_person("mia", "1000").await;
    let mia = browser.of(app, "mia").await;
    mia.goto("/tasks/new").await;
    mia.fill("title", "更快的解析器 A faster parser").await;
    mia.fill("brief", "Twice as **fast**, and right.").await;
    mia.fill("criteria", "- all tests pass").await;
    mia.choose("visibility", "internal").await;
    fill_time(&mia, "closes_at", "2026-12-01T08:00").await;
    mia.fill("bounty", "1000").await;
    mia.choose("source", "person").await;
    mia.choose("rules.plan", "shares").await;
    mia.fill("rules.prizes", "60, 25, 15").await;
    mia.click("button[name=\"do\"][value=\"preview\"]").await;
    assert!(mia.text().await.contains("600.00"), "the preview shows what would be paid");
    mia.click("button[name=\"do\"][value=\"save\"]").await;
    let task = mia.path().await.split(['?', '#']).next().unwrap().to_owned();
    assert!(task.starts_with("/tasks/") && task != "/tasks/new", "{task}: {}", mia.text().await);
    mia.goto(&format!("{task}/publish")).await;
    assert!(mia.text().await.contains("1,000.00"), "the numbers are spelled out");
    mia.click("main form button.primary").await;
    assert_eq!(app.world.balance("mia").await, "0.00");

    let ada = browser.of(app, "ada").await;
    app.world.person("ben").await;
    ada.goto(&format!("{task}/enter")).await;
    ada.fill("name", "The Pair").await;
    ada.fill("crew.0.person", "ada").await;
    ada.fill("crew.0.share", "60").await;
    ada.fill("crew.1.person", "ben").await;
    ada.fill("crew.1.share", "40").await;
    ada.click("main form button.primary").await;
    let entry = app
        .world
        .market
        .entries(&app.world.actor("ada").await, only_task(app).await)
        .await
        .unwrap()
        .remove(0)
        .id;

    let ben = browser.of(app, "ben").await;
    ben.goto("/work").await;
    ben.goto(&format!("/entries/{entry}")).await;
    ben.click(&format!("form[action=\"/entries/{entry}/agree\"] button")).await;
    ben.goto(&format!("/entries/{entry}")).await;
    ben.fill("body", "Here is our work: 42 % faster.").await;
    let file = tempfile::NamedTempFile::with_suffix(".txt").unwrap();
    std::fs::write(file.path(), "measured ten times").unwrap();
    ben.find("main input[type=\"file\"]").await.send_keys(file.path().to_str().unwrap()).await.unwrap();
    ben.click(&format!("form[action=\"/entries/{entry}/submit\"] button.primary")).await;
    ben.goto(&format!("/entries/{entry}")).await;
    assert!(ben.text().await.contains("42 % faster"), "{}", ben.text().await);

    app.world.clock.set(market::Moment::parse_rfc3339("2026-12-01T08:00:00Z").unwrap());
    mia.goto(&format!("{task}/rule")).await;
    mia.fill("lines.0.place", "1").await;
    mia.fill("lines.0.score", "91.5").await;
    mia.fill("lines.0.reason", "Fast and right.").await;
    mia.fill("summary", "One ran, and ran well.").await;
    mia.click("main form button.primary").await;
    app.world.wait(time::Duration::days(3));
    app.tick().await;

    ben.goto("/wallet").await;
    assert!(ben.text().await.contains("240.00"), "{}", ben.text().await);
    ben.goto(&task).await;
    assert!(ben.text().await.contains("360.00"), "the payout stands on the task's page");
    for window in [mia, ada, ben] {
        let complaints = window.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
        window.close().await;
    }
}

async fn only_task(app: &TestApp) -> market::TaskId {
    let all = app
        .world
        .market
        .tasks(&app.world.actor("mia").await, &market::task::TaskFilter::default(), &market::Page::default())
        .await;
    all.unwrap().items.remove(0).1.id
}

#[test]
fn a_race_from_the_task_to_the_wallet() {
    in_browser(Choice::default(), from_the_task_to_the_wallet);
}

#[test]
fn the_same_without_any_script() {
    in_browser(Choice { scripts: false, ..Choice::default() }, from_the_task_to_the_wallet);
}

#[test]
fn a_reader_of_chinese_is_greeted_in_chinese_and_can_change_it() {
    in_browser(
        Choice { language: "zh-CN", ..Choice::default() },
        async |app: &TestApp, browser: &mut Browser| {
            app.world.person("ada").await;
            let window = browser.window().await;
            window.goto("/").await;
            assert_eq!(window.ask("return document.documentElement.lang").await, "zh-CN");
            assert!(window.text().await.contains("赛马"));
            window.sign_in("ada").await;
            window.goto("/wallet").await;
            assert_eq!(window.ask("return document.documentElement.lang").await, "zh-CN");
            window.click("form[action=\"/preferences\"] button[value=\"en\"]").await;
            assert_eq!(window.ask("return document.documentElement.lang").await, "en");
            assert_eq!(window.path().await, "/wallet", "it leads back to the same page");
            window.close().await;
        },
    );
}

#[test]
fn the_door_opens_by_keyboard_alone() {
    in_browser(Choice::default(), async |app: &TestApp, browser: &mut Browser| {
        app.world.person("ada").await;
        let window = browser.window().await;
        window.goto("/sign-in").await;
        let (tab, enter) = ("\u{e004}", "\u{e007}");
        window.press(tab).await;
        let first = window.ask("return document.activeElement.getAttribute('href')").await;
        assert_eq!(first, "#main", "the first thing that the keyboard reaches skips to what matters");
        for _ in 0..60 {
            let name = window.ask("return document.activeElement.name || ''").await;
            match name.as_str().unwrap() {
                "email" => window.press("ada@dawn.example").await,
                "password" => {
                    window.press(tests::PASSWORD).await;
                    window.press(enter).await;
                    break;
                }
                _ => {}
            }
            let ring = window.ask("const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.outlineWidth + s.boxShadow").await;
            assert_ne!(ring, "none0pxnone", "where the keyboard is can be seen");
            window.press(tab).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        window.goto("/wallet").await;
        assert_eq!(window.path().await, "/wallet");
        window.close().await;
    });
}

#[test]
fn the_switch_of_colours_is_kept() {
    in_browser(Choice::default(), async |_: &TestApp, browser: &mut Browser| {
        let window = browser.window().await;
        window.goto("/tasks").await;
        let background = "return getComputedStyle(document.body).backgroundColor";
        window.scheme("light").await;
        let light = window.ask(background).await;
        window.scheme("dark").await;
        let dark = window.ask(background).await;
        assert_ne!(light, dark, "the system's choice is followed");
        window.click("form[action=\"/preferences\"] button[name=\"theme\"]").await;
        assert_eq!(window.ask(background).await, light, "light was chosen, whatever the system has");
        window.goto("/").await;
        assert_eq!(window.ask(background).await, light, "and it is kept");
        window.close().await;
    });
}
