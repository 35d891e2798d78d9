//! What a page costs: bytes on the wire.

use std::collections::BTreeSet;

use market::task::Visibility;
use market::{PersonKind, Role};
use reqwest::{Method, header};
use tests::{HttpAsker, Start, TestApp, both};

/// Most bytes of a first visit, beyond pictures, as they are sent.
const HEAVIEST: usize = 100_000;

/// How many bytes an address takes as a browser asks for it.
async fn weight(asker: &HttpAsker, path: &str) -> usize {
    let sent = asker.request(Method::GET, path).header(header::ACCEPT_ENCODING, "gzip, deflate, br");
    let answer = sent.header(header::ACCEPT, "text/html").send().await.unwrap();
    let packed = if path.ends_with(".woff2") { "identity" } else { "br" };
    assert_eq!(
        answer.headers()[header::CONTENT_ENCODING],
        packed,
        "{path} is not compressed as well as can be, or twice"
    );
    answer.bytes().await.unwrap().len()
}

/// The files that a page loads, and those that these load.
async fn files(asker: &HttpAsker, text: &str) -> BTreeSet<String> {
    let named = |text: &str, before: &str| -> Vec<String> {
        let ends = |rest: &str| rest.split('"').next().unwrap_or_default().to_owned();
        text.split(before)
            .skip(1)
            .map(ends)
            .filter(|name| [".js", ".css", ".woff2"].iter().any(|ending| name.ends_with(ending)))
            .collect()
    };
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut wanted = named(text, "\"/static/");
    while let Some(name) = wanted.pop() {
        if found.insert(format!("/static/{name}")) {
            wanted.extend(named(&asker.get(&format!("/static/{name}")).await.text, "from \"./"));
        }
    }
    found
}

both! {
    async fn no_first_visit_weighs_more_than_a_hundred_kilobytes(app: &TestApp) {
        app.world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        let race = app.world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        race.run("ada").await;
        app.tick().await;
        let task = format!("/tasks/{}", race.view().await.handle);
        for (who, paths) in [
            ("root", vec!["/admin/people", "/notices", "/preferences"]),
            ("mia", vec!["/", "/tasks", &task, "/tasks/new", "/work", "/wallet", "/wallet/send", "/units", "/ledger",
                "/ledger/records/1", "/keys", "/templates"]),
        ] {
            let asker = app.browser(who).await;
            for path in paths {
                let mut total = weight(&asker, path).await;
                for file in files(&asker, &asker.get(path).await.text).await {
                    total += weight(&asker, &file).await;
                }
                assert!(total <= HEAVIEST, "{path}: {total} bytes");
                assert!(total > 5_000, "{path}: {total} bytes can't be all");
            }
        }
    }
}
