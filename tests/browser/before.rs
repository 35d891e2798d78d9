//! What stands before a page for a while: dialogs, questions before an act, and word of what was done.

use tests::TestApp;

use crate::chromium::{Choice, Window};
use crate::stage::{Browser, in_browser};

const ESCAPE: &str = "\u{e00c}";
const TAB: &str = "\u{e004}";
/// Whether the dialog of this name is open, and holds the cursor.
const OPEN: &str = "const one = document.getElementById(arguments[0]); return one.open && one.contains(document.activeElement)";

async fn open(window: &Window, name: &str) -> bool {
    window.ask_with(OPEN, name.into()).await == true
}

#[test]
fn the_shortcuts_are_told_by_one_key_and_put_away_by_another() {
    in_browser(Choice::default(), async |_: &TestApp, browser: &mut Browser| {
        let window = browser.window().await;
        window.goto("/tasks").await;
        assert!(!open(&window, "shortcuts").await);
        window.press("?").await;
        assert!(open(&window, "shortcuts").await);
        for _ in 0..4 {
            window.press(TAB).await;
            let outside = window.ask("return !!document.activeElement.closest('main, header, footer')").await;
            assert_eq!(outside, false, "nothing behind it can be reached");
        }
        window.press(ESCAPE).await;
        assert!(!open(&window, "shortcuts").await);
        // Who can't use single keys turns them off, and that is remembered.
        window.ask("document.querySelector('[data-opens=\"shortcuts\"]').click()").await;
        assert!(open(&window, "shortcuts").await, "a button opens it too");
        window.press_on("#shortcuts [data-single]").await;
        window.goto("/").await;
        window.press("?").await;
        assert!(!open(&window, "shortcuts").await);
        assert!(window.complaints().await.is_empty());
        window.close().await;
    });
}

#[test]
fn what_is_not_easily_taken_back_is_asked_about_first() {
    in_browser(Choice::default(), async |app: &TestApp, browser: &mut Browser| {
        let ada = browser.of(app, "ada").await;
        ada.goto("/tasks/new").await;
        ada.ask("document.querySelectorAll('details').forEach((one) => { one.open = true; })").await;
        ada.fill("template.name", "Mine").await;
        ada.click("button[name=\"do\"][value=\"template\"]").await;
        ada.goto("/templates").await;
        ada.press_on("main button.danger").await;
        assert!(open(&ada, "sure").await);
        assert!(ada.text().await.contains("“Mine” will be gone"), "{}", ada.text().await);
        ada.press_on("#sure [data-close]").await;
        assert!(!open(&ada, "sure").await);
        assert!(ada.has("main button.danger").await, "it is still there");
        ada.press_on("main button.danger").await;
        ada.click("#sure [data-yes]").await;
        assert!(!ada.has("main button.danger").await, "it is gone");
        // And word of it stays until it is put away.
        assert!(ada.text().await.contains("The template is gone."));
        ada.press_on("[data-toast] [data-away]").await;
        assert!(!ada.has("main > [data-toast]").await);
        assert!(ada.complaints().await.is_empty());
        ada.close().await;
    });
}

#[test]
fn without_a_script_nothing_floats_and_nothing_is_asked() {
    in_browser(
        Choice { scripts: false, ..Choice::default() },
        async |app: &TestApp, browser: &mut Browser| {
            let ada = browser.of(app, "ada").await;
            ada.goto("/people/ada").await;
            ada.fill("name", "Ada the Second").await;
            ada.click("main form.card button.primary").await;
            assert!(ada.text().await.contains("Your name is changed."));
            let place = "return getComputedStyle(document.querySelector('main > .toast')).position";
            assert_eq!(ada.ask(place).await, "static");
            let offered = "return [...document.querySelectorAll('[data-away], [data-opens]')].some((one) => one.checkVisibility())";
            assert_eq!(ada.ask(offered).await, false, "no button that does nothing");
            ada.close().await;
        },
    );
}
