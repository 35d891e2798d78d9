//! What people come for, by keyboard alone: Tab, Shift+Tab, Enter, Space, arrows; with and without scripts, in both
//! languages.
//!
//! Promises: whatever the keyboard is on can be seen, with a ring; nothing is clicked.

use std::time::Duration;

use market::judging::{Combine, Criterion, Panel};
use market::task::{Judging, Rules, Visibility};
use market::template::{SaveTemplate, TemplateInput};
use tests::{Start, TestApp};

use crate::chromium::{Choice, Window};
use crate::stage::{Browser, in_browser};

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const SPACE: &str = " ";
const DOWN: &str = "\u{e015}";
/// Everything in a field, to be typed over.
const ALL: &str = "\u{e009}a\u{e000}";
/// More steps than any page needs.
const STEPS: usize = 250;

/// What the keyboard is on: whether it is what is looked for, and whether one can see that it is there.
const HERE: &str = r"
    const here = document.activeElement;
    const told = (e) => { const s = getComputedStyle(e); return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none'; };
    const around = [here, here.parentElement, here.closest('.task-card, label')].filter(Boolean);
    const box = here.getBoundingClientRect();
    const shown = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
    const seen = here === document.body || (shown && around.some(told));
    return [here.matches(arguments[0]), seen, here.outerHTML.slice(0, 160)];
";

/// Without motion, or the page would still be on its way to where the keyboard is.
async fn still(window: &Window) {
    window.scheme("light").await;
}

/// Walks to what the selector means, and looks at each step whether the way can be seen.
async fn reach(window: &Window, selector: &str) {
    for _ in 0..STEPS {
        let here = window.ask_with(HERE, selector.into()).await;
        assert_eq!(
            here[1],
            true,
            "nobody sees where the keyboard is on {}: {}",
            window.path().await,
            here[2]
        );
        if here[0] == true {
            return;
        }
        window.tap(TAB).await;
    }
    panic!("{selector} is out of the keyboard's reach on {}:\n{}", window.path().await, window.text().await);
}

/// Presses a key that leads to another page, and waits for it.
async fn go(window: &Window, key: &str) {
    let before = window.find("html").await;
    window.press(key).await;
    for _ in 0..200 {
        if before.tag_name().await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{key:?} leads nowhere from {}:\n{}", window.path().await, window.text().await);
}

/// Walks to a link or button and follows it.
async fn follow(window: &Window, selector: &str) {
    reach(window, selector).await;
    go(window, ENTER).await;
}

/// Walks to a field and types over what is there.
async fn write(window: &Window, selector: &str, text: &str) {
    reach(window, selector).await;
    window.press(&format!("{ALL}{text}")).await;
}

/// Sends tokens; answers nothing, for the books tell.
async fn tokens_are_sent(app: &TestApp, window: &Window) {
    window.goto("/wallet").await;
    follow(window, "main a[href=\"/wallet/send\"]").await;
    write(window, "main [name=\"to\"]", "ben").await;
    write(window, "main [name=\"amount\"]", "12.5").await;
    write(window, "main [name=\"memo\"]", "for the 咖啡").await;
    follow(window, "main form.sheet button.primary").await;
    assert!(window.text().await.contains("12.50"), "spelled out: {}", window.text().await);
    follow(window, "main form.sheet button.primary").await;
    assert_eq!(window.path().await, "/wallet");
    assert_eq!(app.world.balance("ben").await, "12.50", "{}", window.text().await);
}

/// Splits a total among three in equal parts.
async fn a_total_is_split(app: &TestApp, window: &Window) {
    window.goto("/wallet").await;
    follow(window, "main a[href=\"/wallet/split\"]").await;
    // From the first of the ways to the last: arrows, as among any radio buttons.
    reach(window, "main input[name=\"how\"]").await;
    window.press(DOWN).await;
    window.press(DOWN).await;
    let way = "return document.querySelector('main input[name=\"how\"]:checked').value";
    assert_eq!(window.ask(way).await, "equal");
    write(window, "main [name=\"total\"]", "10").await;
    for (row, who) in ["ben", "cid", "dan"].into_iter().enumerate() {
        write(window, &format!("main [name=\"to.{row}.to\"]"), who).await;
    }
    follow(window, "main form.sheet .actions button.primary").await;
    let text = window.text().await;
    assert!(text.contains("3.34") && text.contains("3.33") && text.contains("10.00"), "{text}");
    follow(window, "main form.sheet button.primary").await;
    assert_eq!(window.path().await, "/wallet");
    assert_eq!(app.world.balance("cid").await, "3.33");
}

/// Finds a task by the one search box.
async fn a_task_is_found(window: &Window, scripts: bool) {
    window.goto("/wallet").await;
    if scripts {
        go(window, "/").await;
    } else {
        follow(window, "a[data-find]").await;
    }
    assert_eq!(window.path().await, "/search");
    write(window, "main input[name=\"q\"]", "parser").await;
    go(window, ENTER).await;
    follow(window, "main a[href^=\"/tasks/\"]").await;
    assert!(window.text().await.contains("A faster parser"), "{}", window.text().await);
}

/// Enters with a crew of two and hands in a version with a file.
async fn a_crew_enters_and_hands_in(app: &TestApp, window: &Window, ben: &Window, handle: &str) {
    window.goto(&format!("/tasks/{handle}")).await;
    follow(window, &format!("main a[href=\"/tasks/{handle}/enter\"]")).await;
    write(window, "main [name=\"name\"]", "The Pair").await;
    write(window, "main [name=\"crew.0.share\"]", "60").await;
    write(window, "main [name=\"crew.1.person\"]", "ben").await;
    write(window, "main [name=\"crew.1.share\"]", "40").await;
    follow(window, "main form.sheet .actions button.primary").await;
    let entry = window.path().await;
    assert!(entry.starts_with("/entries/"), "{entry}: {}", window.text().await);

    ben.goto(&entry).await;
    reach(ben, &format!("form[action=\"{entry}/agree\"] button")).await;
    go(ben, SPACE).await;
    ben.goto(&entry).await;
    write(ben, "main [name=\"body\"]", "Here is our work: 42 % faster.").await;
    reach(ben, "main input[type=\"file\"]").await;
    let file = tempfile::NamedTempFile::with_suffix(".txt").unwrap();
    std::fs::write(file.path(), "measured ten times").unwrap();
    // The system's own window for files is not ours to press keys in.
    ben.attach(file.path()).await;
    follow(ben, &format!("form[action=\"{entry}/submit\"] button.primary")).await;
    let id = entry.trim_start_matches("/entries/").parse().unwrap();
    let handed_in = app.world.market.submissions(&app.world.actor("ben").await, id).await.unwrap();
    assert_eq!(handed_in.len(), 1, "{}", ben.text().await);
}

/// Posts a race from a template, looks at what it would pay, and opens it.
async fn a_race_is_posted(app: &TestApp, window: &Window) {
    app.world.give_person("mia", "500").await;
    let template = TemplateInput {
        name: "Ten days".to_owned(),
        shared: false,
        brief: "What is known:".to_owned(),
        criteria: String::new(),
        visibility: Visibility::Internal,
        runs_seconds: 10 * 86_400,
        rules: Rules::default(),
    };
    app.world.must("mia", SaveTemplate(template)).await;
    window.goto("/tasks/new").await;
    reach(window, "main details summary").await;
    window.press(ENTER).await;
    follow(window, "main .choices a").await;
    assert!(window.path().await.contains('?'), "{}", window.path().await);
    write(window, "main [name=\"title\"]", "A smaller parser").await;
    write(window, "main [name=\"bounty\"]", "500").await;
    follow(window, "main button[name=\"do\"][value=\"preview\"]").await;
    assert!(window.text().await.contains("300.00"), "what would be paid: {}", window.text().await);
    follow(window, "main button[name=\"do\"][value=\"save\"]").await;
    let task = window.path().await.split(['?', '#']).next().unwrap().to_owned();
    follow(window, &format!("main a[href=\"{task}/publish\"]")).await;
    follow(window, "main form.sheet button.primary").await;
    assert_eq!(app.world.balance("mia").await, "0.00", "{}", window.text().await);
}

/// Ten blind lanes, judged without touching the mouse.
async fn ten_lanes_are_judged(app: &TestApp, browser: &mut Browser) {
    let judge = app.world.person("jan").await;
    let line = |name: &str, weight| Criterion { name: name.to_owned(), description: String::new(), weight };
    let panel = Panel {
        judges: vec![judge],
        rubric: vec![line("Use", 3), line("Form", 1)],
        blind: true,
        combine: Combine::Mean,
        quorum: 1,
        sheet_seconds: 86_400,
    };
    let rules = Rules { judging: Judging::Panel(panel), ..Rules::default() };
    let race = app.world.race(Start { runs: time::Duration::days(1), rules, ..Start::default() }).await;
    for who in ["r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10"] {
        race.run(who).await;
    }
    race.close().await;
    let panel = format!("/tasks/{}/panel", race.view().await.handle);
    let window = browser.of(app, "jan").await;
    still(&window).await;
    window.goto(&panel).await;
    follow(&window, &format!("main a[href=\"{panel}/1\"]")).await;
    for lane in 1..=10 {
        assert!(window.path().await.ends_with(&format!("/panel/{lane}")), "{}", window.path().await);
        write(&window, "main [name=\"scores.0\"]", &format!("{}", 50 + lane)).await;
        write(&window, "main [name=\"scores.1\"]", "70").await;
        write(&window, "main [name=\"comment\"]", "Right, and well told.").await;
        follow(&window, "main button[name=\"do\"][value=\"next\"]").await;
    }
    assert_eq!(window.path().await, panel, "after the last comes the whole sheet");
    follow(&window, "main a[href$=\"/lock\"]").await;
    follow(&window, "main form.sheet button").await;
    assert!(!window.path().await.ends_with("/lock"), "{}", window.text().await);
    let complaints = window.complaints().await;
    assert!(complaints.is_empty(), "{complaints:?}");
    window.close().await;
}

/// All of them in one world.
async fn by_keyboard(app: &TestApp, browser: &mut Browser, scripts: bool) {
    app.world.give_person("ada", "100").await;
    for who in ["ben", "cid", "dan"] {
        app.world.person(who).await;
    }
    let race = app.world.race(Start::default()).await;
    let handle = race.view().await.handle;
    let (ada, ben, mia) =
        (browser.of(app, "ada").await, browser.of(app, "ben").await, browser.of(app, "mia").await);
    for window in [&ada, &ben, &mia] {
        still(window).await;
    }
    tokens_are_sent(app, &ada).await;
    a_total_is_split(app, &ada).await;
    a_task_is_found(&ada, scripts).await;
    a_crew_enters_and_hands_in(app, &ada, &ben, &handle).await;
    a_race_is_posted(app, &mia).await;
    for window in [ada, ben, mia] {
        let complaints = window.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
        window.close().await;
    }
}

#[test]
fn everything_people_come_for_is_done_by_keyboard() {
    in_browser(Choice::default(), async |app: &TestApp, browser: &mut Browser| {
        by_keyboard(app, browser, true).await;
    });
}

#[test]
fn the_same_in_chinese_and_without_any_script() {
    let choice = Choice { language: "zh-CN", scripts: false };
    in_browser(choice, async |app: &TestApp, browser: &mut Browser| by_keyboard(app, browser, false).await);
}

#[test]
fn ten_blind_lanes_are_judged_by_keyboard() {
    in_browser(Choice::default(), async |app: &TestApp, browser: &mut Browser| {
        ten_lanes_are_judged(app, browser).await;
    });
}
