//! A key that the browser keeps, what is signed with it, and the ledger verified by the browser itself.

use market::wallet::TransferTokens;
use market::{Page, WalletOwner};
use tests::TestApp;

use crate::chromium::{Choice, Window};
use crate::stage::{Browser, in_browser};

async fn states(window: &Window) -> String {
    let script = "return [...document.querySelectorAll('[data-step]:not([hidden])')]\
        .map((step) => `${step.dataset.step} ${step.dataset.state}`).join(', ')";
    window.ask(script).await.as_str().unwrap().to_owned()
}

async fn sent_again(app: &TestApp) {
    let (from, to) = (app.world.person("ben").await, app.world.person("ada").await);
    let (from, to) = (WalletOwner::Person(from), WalletOwner::Person(to));
    let back = TransferTokens { from, to, amount: app.world.tokens("1"), memo: String::new() };
    app.world.must("ben", back).await;
    app.tick().await;
}

/// The page of the newest record.
async fn newest(app: &TestApp) -> String {
    let ada = app.world.actor("ada").await;
    let records = app.world.market.records(&ada, Page::default()).await.unwrap();
    format!("/ledger/records/{}", records.items[0].1.id)
}

async fn sign_and_verify(app: &TestApp, browser: &mut Browser) {
    app.world.give_person("ada", "100").await;
    app.world.person("ben").await;
    let ada = browser.of(app, "ada").await;
    ada.goto("/wallet/send").await;
    ada.fill("to", "ben").await;
    ada.fill("amount", "1").await;
    ada.click("main form button.primary").await;
    assert!(!ada.has("[data-sign].good").await, "no key yet");
    ada.goto("/keys").await;
    ada.fill("label", "this laptop").await;
    ada.click("form[data-enrol] button.primary").await;
    ada.until("[data-here]:not([hidden])").await;
    assert!(ada.text().await.contains("this laptop"), "{}", ada.text().await);

    ada.goto("/wallet/send").await;
    ada.fill("to", "ben").await;
    ada.fill("amount", "12.5").await;
    ada.fill("memo", "for the 咖啡").await;
    ada.click("main form button.primary").await;
    ada.until("[data-sign].good").await;
    ada.click("main form button.primary").await;
    assert_eq!(app.world.balance("ben").await, "12.50", "{}", ada.text().await);
    app.tick().await;
    let page = newest(app).await;
    ada.goto(&page).await;
    ada.until("[data-verdict=\"good\"]").await;
    let all = "leaf good, path good, signature good, seen good, texts good, person good";
    assert_eq!(states(&ada).await, all);
    assert!(ada.text().await.contains("transferTokens"), "what was signed is told");

    // Tampered with on the page: the hash is of other bytes.
    ada.ask("document.querySelectorAll('[data-bytes]')[3].textContent = '03 00'").await;
    ada.ask("document.querySelector('[data-verify] button').click()").await;
    ada.until("[data-verdict=\"bad\"]").await;
    assert!(states(&ada).await.starts_with("leaf bad, path bad"), "{}", states(&ada).await);
    assert!(ada.complaints().await.is_empty(), "nothing failed that should not");

    the_past_is_remembered(app, &ada).await;
    a_tampered_answer_is_caught(app, &ada).await;
    ada.close().await;
}

/// Grown, and then with another past.
async fn the_past_is_remembered(app: &TestApp, ada: &Window) {
    sent_again(app).await;
    let page = newest(app).await;
    ada.goto(&page).await;
    ada.until("[data-verdict=\"good\"]").await;
    let before = ada.ask("return document.querySelector('[data-value=\"before\"]').textContent").await;
    assert!(before.as_str().unwrap().contains('('), "it remembers what it saw: {before}");
    assert!(ada.text().await.contains("Attested by this server"), "nobody signed this one");

    let other = "const name = 'saima-seen:dawn.example/saima'; const seen = JSON.parse(localStorage[name]);\
        localStorage[name] = JSON.stringify({ ...seen, root: btoa('x'.repeat(32)) })";
    ada.ask(other).await;
    ada.goto(&page).await;
    ada.until("[data-verdict=\"bad\"]").await;
    assert!(states(ada).await.contains("seen bad"), "{}", states(ada).await);
    assert!(ada.text().await.contains("THIS DOES NOT HOLD"), "{}", ada.text().await);
    // What it saw first stays what it believes.
    ada.goto(&page).await;
    ada.until("[data-verdict=\"bad\"]").await;
    ada.ask("localStorage.removeItem('saima-seen:dawn.example/saima')").await;
}

/// The server, or somebody in between, sends another receipt than the true one.
async fn a_tampered_answer_is_caught(app: &TestApp, ada: &Window) {
    let page = newest(app).await;
    ada.before_each_page(
        "const honest = window.fetch; window.fetch = async (...asked) => {\
            const answer = await honest(...asked);\
            if (!String(asked[0]).endsWith('/receipt')) return answer;\
            const lines = (await answer.text()).trimEnd().split('\\n');\
            const [dash, name, blob] = lines.at(-1).split(' ');\
            const turned = blob[20] === 'A' ? 'B' : 'A';\
            lines[lines.length - 1] = [dash, name, blob.slice(0, 20) + turned + blob.slice(21)].join(' ');\
            return new Response(lines.join('\\n') + '\\n');\
        };",
    )
    .await;
    ada.goto(&page).await;
    ada.until("[data-verdict=\"bad\"]").await;
    assert!(states(ada).await.starts_with("leaf good, path good, signature bad"), "{}", states(ada).await);
}

#[test]
fn a_key_is_made_signs_and_the_ledger_is_verified_in_the_browser() {
    in_browser(Choice::default(), sign_and_verify);
}

#[test]
fn a_race_is_handed_in_and_ruled_by_signed_forms() {
    in_browser(Choice::default(), async |app: &TestApp, browser: &mut Browser| {
        let race = app.world.race(tests::Start::default()).await;
        let entry = race.enter("ada").await;
        let ada = browser.of(app, "ada").await;
        let mia = browser.of(app, race.poster).await;
        for window in [&ada, &mia] {
            window.goto("/keys").await;
            window.fill("label", "this one").await;
            window.click("form[data-enrol] button.primary").await;
            window.until("[data-here]:not([hidden])").await;
        }
        ada.goto(&format!("/entries/{entry}")).await;
        ada.until("[data-sign].good").await;
        ada.fill("body", "Here is our work.\nTwice as fast.").await;
        let file = tempfile::NamedTempFile::with_suffix(".txt").unwrap();
        std::fs::write(file.path(), "measured ten times").unwrap();
        ada.find("main input[type=\"file\"]").await.send_keys(file.path().to_str().unwrap()).await.unwrap();
        ada.click(&format!("form[action=\"/entries/{entry}/submit\"] button.primary")).await;
        race.close().await;
        let handle = race.view().await.handle;
        mia.goto(&format!("/tasks/{handle}/rule")).await;
        mia.until("[data-sign].good").await;
        mia.fill("lines.0.place", "1").await;
        mia.fill("lines.0.reason", "Fast and right.").await;
        mia.fill("summary", "One ran, and ran well.").await;
        mia.click("main form button.primary").await;

        let submission = app.world.market.submissions(&app.world.actor("ada").await, entry).await.unwrap();
        let ruling = race.rulings().await.remove(0);
        for (who, record) in [("ada", submission[0].record), ("mia", ruling.record)] {
            let view = app.world.market.record(&app.world.actor(who).await, record).await.unwrap();
            let signature = app.world.market.signature(&view).unwrap().expect("signed");
            assert!(signature.decision.is_some(), "{who}: the bytes hold");
        }
        for window in [ada, mia] {
            let complaints = window.complaints().await;
            assert!(complaints.is_empty(), "{complaints:?}");
            window.close().await;
        }
    });
}
