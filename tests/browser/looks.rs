//! How every page looks: narrow and wide, light and dark, in both languages; names for everything that can be
//! touched; contrast that can be read.

use std::path::PathBuf;

use market::task::Visibility;
use market::{PersonKind, Role};
use serde_json::Value;
use tests::{Start, TestApp};

use crate::chromium::{Choice, Window};
use crate::stage::{Browser, in_browser};

/// The account behind a person's wallet.
async fn account(app: &TestApp, handle: &str) -> market::AccountId {
    let owner = market::WalletOwner::Person(app.world.person(handle).await);
    app.world.market.wallet(&app.world.actor(handle).await, owner).await.unwrap().account
}

/// A world in which every page has something to show; answers the pages of mia, who manages.
async fn a_full_world(app: &TestApp) -> Vec<(&'static str, String)> {
    let world = &app.world;
    world.bring("mia", PersonKind::Member, &[Role::Manager, Role::Treasurer]).await;
    world.outsider("otto").await;
    world.programme("parsers", "olga", "mia", "500").await;
    let unit = world.unit("red", "mia", &["ben"]).await;
    world.give(market::wallet::Destination::Unit(unit), "5").await;
    let open = || Start { visibility: Visibility::Open, ..Start::default() };
    let settled = world.race(open()).await;
    let (first, second) = (settled.run("ada").await, settled.run("otto").await);
    settled.finish(&[(first, 1), (second, 1)]).await;
    let judged = world.race(Start::default()).await;
    for who in ["ada", "ben", "cid", "dan"] {
        judged.run(who).await;
    }
    judged.close().await;
    let running = world.race(open()).await;
    let riding = running.run("ada").await;
    let draft = world.draft(&Start::default()).await;
    world.give_person("mia", "1234567.89").await;
    app.tick().await;
    let mia = world.actor("mia").await;
    let handle = async |task| world.market.task(&mia, task).await.unwrap().handle;
    vec![
        ("front", "/".to_owned()),
        ("tasks", "/tasks".to_owned()),
        ("task-new", "/tasks/new".to_owned()),
        ("task-open", format!("/tasks/{}", handle(running.task).await)),
        ("task-judging", format!("/tasks/{}", handle(judged.task).await)),
        ("task-settled", format!("/tasks/{}", handle(settled.task).await)),
        ("task-draft", format!("/tasks/{}", handle(draft).await)),
        ("task-publish", format!("/tasks/{}/publish", handle(draft).await)),
        ("task-rule", format!("/tasks/{}/rule", handle(judged.task).await)),
        ("task-boost", format!("/tasks/{}/boost", handle(running.task).await)),
        ("entry", format!("/entries/{riding}")),
        ("work", "/work".to_owned()),
        ("wallet", "/wallet".to_owned()),
        ("wallet-send", "/wallet/send".to_owned()),
        ("units", "/units".to_owned()),
        ("unit", "/units/red".to_owned()),
        ("programmes", "/programmes".to_owned()),
        ("programme", "/programmes/parsers".to_owned()),
        ("treasury", "/treasury".to_owned()),
        ("person", "/people/ada".to_owned()),
        ("ledger", "/ledger".to_owned()),
        ("keys", "/keys".to_owned()),
        ("account", format!("/ledger/accounts/{}", account(app, "mia").await)),
        ("record", "/ledger/records/3".to_owned()),
        ("sign-in", "/sign-in".to_owned()),
        ("sign-up", "/sign-up".to_owned()),
        ("not-found", "/nothing".to_owned()),
        ("explorer", "/graphql".to_owned()),
    ]
}

/// Where pictures are left for people to look at.
fn pictures() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

async fn no_wider_than_its_window(window: &Window, page: &str, width: u32) {
    let wide = window.ask("return document.documentElement.scrollWidth").await.as_u64().unwrap();
    if wide > u64::from(width) {
        let culprits = window.ask(&format!(
            "return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > {width} + 1)
                .slice(0, 5).map(e => e.tagName + '.' + e.className)"
        )).await;
        panic!("{page} is {wide} wide in a window of {width}: {culprits}");
    }
}

/// Texts whose colour can't be told from what lies behind it well enough: 4.5, or 3 for large ones.
const FAINT: &str = r"
    const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return [m[0], m[1], m[2], m[3] ?? 1]; };
    const shine = ([r, g, b]) => { const f = x => { x /= 255; return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; };
        return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
    const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
    const behind = e => { const layers = []; for (let n = e; n; n = n.parentElement) layers.push(parse(getComputedStyle(n).backgroundColor));
        return layers.reverse().reduce((base, layer) => over(layer, base), [255, 255, 255, 1]); };
    const faint = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const e = walk.currentNode.parentElement, s = getComputedStyle(e);
        if (!walk.currentNode.data.trim() || e.closest('svg, script, noscript') || s.visibility === 'hidden' || !e.getClientRects().length) continue;
        if (s.clip === 'rect(0px, 0px, 0px, 0px)' || s.clipPath !== 'none' || e.closest('[disabled], [aria-disabled=true]')) continue;
        if (s.backgroundImage !== 'none' || !s.color.startsWith('rgb')) continue;
        const back = behind(e), a = shine(over(parse(s.color), back)), b = shine(back);
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        const large = parseFloat(s.fontSize) >= 24 || (parseFloat(s.fontSize) >= 18.66 && s.fontWeight >= 700);
        if (ratio < (large ? 3 : 4.5) - .01) faint.push(ratio.toFixed(2) + ' ' + e.tagName + '.' + e.className + ': ' + walk.currentNode.data.trim().slice(0, 30));
    }
    return [...new Set(faint)].slice(0, 8);
";

/// What a reader who can't see the page would stumble over.
const NAMELESS: &str = r"
    const bad = [];
    const named = e => e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim() || e.title || e.querySelector('title, img[alt]');
    for (const e of document.querySelectorAll('a[href], button')) if (!named(e)) bad.push('no name: ' + e.outerHTML.slice(0, 80));
    for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
        if (!e.labels.length && !e.getAttribute('aria-label') && !e.getAttribute('aria-labelledby')) bad.push('no label: ' + e.name);
    for (const e of document.querySelectorAll('[aria-describedby], [aria-labelledby]'))
        for (const id of ((e.getAttribute('aria-describedby') || '') + ' ' + (e.getAttribute('aria-labelledby') || '')).split(/\s+/).filter(Boolean))
            if (!document.getElementById(id)) bad.push('points nowhere: ' + id);
    for (const e of document.querySelectorAll('img:not([alt]), svg:not([aria-hidden]):not([role]):not([aria-label]):not([aria-labelledby])')) bad.push('picture without words: ' + e.outerHTML.slice(0, 60));
    for (const e of document.querySelectorAll('table')) if (!e.querySelector('th')) bad.push('table without headings');
    if (document.querySelectorAll('h1').length !== 1) bad.push('not one heading of the first rank');
    if (!document.title) bad.push('no title');
    return bad.slice(0, 8);
";

fn must_be_empty(found: &Value, page: &str) -> Option<String> {
    let found = found.as_array().unwrap();
    (!found.is_empty()).then(|| format!("{page}: {found:?}"))
}

#[test]
fn no_page_is_wider_than_its_window_and_every_text_can_be_read() {
    in_browser(Choice::default(), async |app: &TestApp, browser: &mut Browser| {
        let pages = a_full_world(app).await;
        let window = browser.of(app, "mia").await;
        let mut faults = Vec::new();
        for (name, path) in &pages {
            for width in [320, 360, 1280] {
                window.width(width).await;
                window.goto(path).await;
                no_wider_than_its_window(&window, path, width).await;
                if width == 320 {
                    continue;
                }
                for scheme in ["light", "dark"] {
                    window.scheme(scheme).await;
                    if width == 1280 {
                        faults.extend(must_be_empty(
                            &window.ask(FAINT).await,
                            &format!("{path} in {scheme}: faint"),
                        ));
                    }
                    std::fs::write(
                        pictures().join(format!("{name}-{width}-{scheme}.png")),
                        window.picture().await,
                    )
                    .unwrap();
                }
            }
            faults.extend(must_be_empty(&window.ask(NAMELESS).await, path));
            let complaints = window.complaints().await;
            // A page that is not there is told so by the browser as well.
            faults.extend(
                complaints
                    .into_iter()
                    .filter(|line| !line.contains("404"))
                    .map(|line| format!("{path}: {line}")),
            );
        }
        window.close().await;
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    });
}

#[test]
fn the_pages_in_chinese_fit_too() {
    in_browser(
        Choice { language: "zh-CN", ..Choice::default() },
        async |app: &TestApp, browser: &mut Browser| {
            let pages = a_full_world(app).await;
            let window = browser.of(app, "mia").await;
            for (name, path) in &pages {
                for width in [360, 1280] {
                    window.width(width).await;
                    window.goto(path).await;
                    no_wider_than_its_window(&window, path, width).await;
                    std::fs::write(pictures().join(format!("{name}-{width}-zh.png")), window.picture().await)
                        .unwrap();
                }
            }
            window.close().await;
        },
    );
}

/// The checks above must be able to fail.
#[test]
fn a_page_that_is_badly_made_is_found_out() {
    in_browser(Choice::default(), async |_: &TestApp, browser: &mut Browser| {
        let window = browser.window().await;
        window.goto("/").await;
        assert_eq!(window.ask(FAINT).await, serde_json::json!([]));
        window.ask("document.querySelector('h1').style.color = 'rgb(200, 200, 200)'; document.querySelector('h1').style.background = '#fff'").await;
        assert!(must_be_empty(&window.ask(FAINT).await, "/").is_some());
        window.ask("const b = document.createElement('button'); document.body.append(b)").await;
        assert!(must_be_empty(&window.ask(NAMELESS).await, "/").is_some());
        window.ask("const d = document.createElement('div'); d.style.width = '5000px'; d.textContent = 'x'; document.querySelector('main').append(d)").await;
        let wide = window.ask("return document.documentElement.scrollWidth").await.as_u64().unwrap();
        assert!(wide > 1280, "{wide}");
        window.close().await;
    });
}
