//! How every page looks and reads: axe-core finds no violation of WCAG 2.2 AA, in light and dark and in both
//! languages; nothing is wider than its window from 320 to 2,560 pixels; the browser has nothing to complain of.
//!
//! Promises: pictures of every page are left in the folder `screenshots` of the target folder, for people.

use std::path::PathBuf;

use serde_json::Value;
use tests::TestApp;

use crate::chromium::{Choice, Window};
use crate::gallery::{AXE, CONTENT, Picture, State, UNDISGUISED, gallery, later};
use crate::stage::{Browser, in_browser};

/// From the narrowest telephone to the widest desk, the last being the one that pictures are taken on.
const WIDTHS: [u32; 6] = [320, 768, 1920, 2560, 360, 1280];

/// What the reader's browser asks of every page; `rules` narrows it to some.
const CHECK: &str = r"
    const [rules, done] = [arguments[0], arguments[arguments.length - 1]];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const runOnly = rules.length ? { type: 'rule', values: rules } : { type: 'tag', values: tags };
    const told = (node) => node.html.slice(0, 160) + ' (' + [...node.any, ...node.all, ...node.none]
        .map((check) => check.message).join('; ').slice(0, 200) + ')';
    axe.run(document, { runOnly, resultTypes: ['violations'] }).then(
        (found) => done(found.violations.map((rule) => rule.id + ': ' + rule.nodes.slice(0, 3).map(told).join(' | '))),
        (fault) => done([String(fault)]));
";

/// Sends the page's own form with nothing filled in, past what the browser would check.
const SEND_EMPTY: &str = r"
    const form = document.querySelector('main form[method=post]');
    form.noValidate = true;
    for (const field of form.querySelectorAll('input:not([type=hidden]):not([type=radio]):not([type=checkbox]), textarea')) field.value = '';
    (form.querySelector('button.primary') ?? form.querySelector('button')).click();
";

/// Where pictures are left for people to look at.
fn pictures() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Opens the page in the state that is meant; answers where it led instead, if it did.
async fn open(window: &Window, picture: &Picture) -> Option<String> {
    window.goto(&picture.path).await;
    let there = window.path().await;
    if picture.state == State::Wrong {
        window.ask(SEND_EMPTY).await;
        window.until("#errors").await;
    }
    (there != picture.path).then(|| format!("leads to {there}"))
}

async fn violations(window: &Window, rules: &[&str]) -> Vec<String> {
    let found = window.ask_later(CHECK, serde_json::json!(rules)).await;
    let found = found.as_array().expect("the checker answers").clone();
    found.iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
}

/// Who sticks out of a window of this width.
async fn wider(window: &Window, width: u32) -> Option<Value> {
    window.width(width).await;
    let culprits = format!(
        "return document.documentElement.scrollWidth <= {width} ? null : [document.documentElement.scrollWidth,
            ...[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > {width} + 1)
                .slice(0, 5).map((e) => e.tagName + '.' + e.className)]"
    );
    Some(window.ask(&culprits).await).filter(|found| !found.is_null())
}

/// Looks at one page from all sides.
async fn look(window: &Window, picture: &Picture, language: &str, faults: &mut Vec<String>) {
    window.scheme("light").await;
    open(window, picture).await;
    let name = picture.name;
    let mut note =
        |what: String| faults.push(format!("{name} ({} as {:?}): {what}", picture.path, picture.who));
    for line in violations(window, &[]).await {
        note(line);
    }
    for width in WIDTHS {
        if let Some(culprits) = wider(window, width).await {
            note(format!("is too wide at {width}: {culprits}"));
        }
        if width == 360 || width == 1280 && language == "en" {
            leave(window, &format!("{name}-{width}-{language}-light")).await;
        }
    }
    // Only colours differ in the dark, and they are the same in every language.
    if language == "en" {
        window.scheme("dark").await;
        for line in violations(window, &["color-contrast"]).await {
            note(format!("in the dark: {line}"));
        }
        for width in [1280, 360] {
            window.width(width).await;
            leave(window, &format!("{name}-{width}-{language}-dark")).await;
        }
    }
    // A page that is not there, and a form that is sent back, are told so by the browser as well.
    let expected = match picture.state {
        State::Plain => None,
        State::Wrong => Some("422".to_owned()),
        State::Refused(status) => Some(status.to_string()),
    };
    let told =
        |line: &String| expected.as_ref().is_some_and(|status| line.contains(&format!("status of {status}")));
    let complaints = window.complaints().await;
    if expected.is_some() && !complaints.iter().any(told) {
        note(format!("does not answer {expected:?}"));
    }
    for line in complaints.iter().filter(|line| !told(line)) {
        note(line.clone());
    }
}

async fn leave(window: &Window, name: &str) {
    std::fs::write(pictures().join(format!("{name}.png")), window.picture().await).unwrap();
}

/// Every page, for who is named beside it.
async fn walk(app: &TestApp, browser: &mut Browser, language: &str) {
    let mut shown = gallery(app).await;
    let window = browser.window().await;
    window.before_each_page(AXE).await;
    let mut faults = Vec::new();
    let mut who = "";
    for round in 0..2 {
        for picture in &shown {
            if picture.who != who {
                who = picture.who;
                window.become_somebody(who).await;
            }
            look(&window, picture, language, &mut faults).await;
        }
        if round == 0 {
            shown = later(app, &shown).await;
        }
    }
    window.close().await;
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_page_can_be_read_by_everybody_in_english() {
    in_browser(Choice::default(), async |app: &TestApp, browser: &mut Browser| {
        walk(app, browser, "en").await;
    });
}

#[test]
fn every_page_can_be_read_by_everybody_in_chinese() {
    let choice = Choice { language: "zh-CN", ..Choice::default() };
    in_browser(choice, async |app: &TestApp, browser: &mut Browser| walk(app, browser, "zh").await);
}

/// Words that no catalogue made: in texts, and in attributes that are read out or shown.
const OUTSIDE: &str = r"
    const known = new Set(arguments[0].split(' '));
    const skipped = 'code, kbd, pre, .prose, script, style, textarea, [lang]:not(html), [translate=no], .out-of-catalogue';
    const found = new Set();
    // Digests, addresses, handles and sizes are spelled alike in every language.
    const spelled = /[0-9a-f]{7,}|\S*@\S+|\d+(\.\d+)?\s[KMG]?B\b/g;
    const note = (text, where) => {
        const words = text.replace(spelled, ' ').match(/[A-Za-z]{2,}/g) ?? [];
        if (words.some((word) => !known.has(word))) found.add(where + ': ' + text.trim().slice(0, 60));
    };
    const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) if (!walk.currentNode.parentElement.closest(skipped)) note(walk.currentNode.data, walk.currentNode.parentElement.tagName);
    for (const name of ['title', 'aria-label', 'alt', 'placeholder', 'content'])
        for (const e of document.querySelectorAll(`body [${name}], meta[name=description][${name}]`))
            if (!e.closest(skipped)) note(e.getAttribute(name), name);
    return [...found].slice(0, 8);
";

/// English in disguise: what is not disguised is not of the catalogue, and what is longer by half must fit.
#[test]
fn in_disguise_no_word_is_outside_the_catalogue_and_every_layout_has_room() {
    in_browser(Choice::default(), async |app: &TestApp, browser: &mut Browser| {
        let shown = gallery(app).await;
        let window = browser.window().await;
        let mut faults = Vec::new();
        let mut who = "nobody yet";
        for picture in shown.iter().filter(|picture| !UNDISGUISED.contains(&picture.name)) {
            if picture.who != who {
                who = picture.who;
                window.goto("/").await;
                window.become_somebody(who).await;
                window.ask("document.cookie = 'lang=en-XA; path=/'").await;
            }
            let mut note = |what: String| faults.push(format!("{} ({}): {what}", picture.name, picture.path));
            if let Some(other) = open(&window, picture).await {
                note(other);
            }
            let outside = window.ask_with(OUTSIDE, serde_json::json!(CONTENT)).await;
            if outside != serde_json::json!([]) {
                note(format!("said outside of the catalogue: {outside}"));
            }
            for width in [320, 360, 1280] {
                if let Some(culprits) = wider(&window, width).await {
                    note(format!("is too wide at {width}: {culprits}"));
                }
            }
        }
        window.close().await;
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    });
}

/// The checks above must be able to fail.
#[test]
fn a_page_that_is_badly_made_is_found_out() {
    in_browser(Choice::default(), async |_: &TestApp, browser: &mut Browser| {
        let window = browser.window().await;
        window.before_each_page(AXE).await;
        window.goto("/").await;
        assert!(violations(&window, &[]).await.is_empty());
        window.ask("document.querySelector('h2').style.color = 'rgb(220, 220, 220)'").await;
        let found = violations(&window, &["color-contrast"]).await;
        assert!(found.iter().any(|line| line.starts_with("color-contrast")), "{found:?}");
        window
            .ask("const b = document.createElement('button'); document.querySelector('main').append(b)")
            .await;
        let found = violations(&window, &[]).await;
        assert!(found.iter().any(|line| line.starts_with("button-name")), "{found:?}");
        window.ask("const d = document.createElement('div'); d.style.width = '5000px'; d.textContent = 'x'; document.querySelector('main').append(d)").await;
        assert!(wider(&window, 1280).await.is_some());
        window.close().await;
    });
}
