//! Every page, for every kind of reader, in both languages.

use market::task::{CreateTask, PublishTask, TaskInput, Visibility};
use market::{PersonKind, Role};
use reqwest::Method;
use tests::{Answer, HttpAsker, Start, TestApp, both};

/// A world in which every page has something to show; answers the pages.
async fn a_full_world(app: &TestApp) -> Vec<String> {
    let world = &app.world;
    world.bring("root", PersonKind::Member, &[Role::Admin]).await;
    world.bring("mia", PersonKind::Member, &[Role::Manager]).await;
    world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
    world.outsider("otto").await;
    world.programme("parsers", "olga", "mia", "500").await;
    let unit = world.unit("red", "ada", &["ben"]).await;
    world.give(market::wallet::Destination::Unit(unit), "5").await;
    let settled = world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
    let (first, second) = (settled.run("ada").await, settled.run("otto").await);
    settled.finish(&[(first, 1), (second, 1)]).await;
    let judged = world.race(Start::default()).await;
    judged.run("ben").await;
    judged.close().await;
    let open = world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
    let riding = open.run("ada").await;
    let draft = world.draft(&Start::default()).await;
    app.tick().await;
    let mia = world.actor("mia").await;
    let mut handles = Vec::new();
    for task in [settled.task, judged.task, open.task, draft] {
        handles.push(world.market.task(&mia, task).await.unwrap().handle);
    }
    let mut pages: Vec<String> = [
        "/",
        "/tasks",
        "/tasks?show=open",
        "/tasks?q=parser",
        "/tasks/new",
        "/work",
        "/wallet",
        "/wallet/send",
        "/units",
        "/units/new",
        "/units/red",
        "/programmes",
        "/programmes/new",
        "/programmes/parsers",
        "/treasury",
        "/treasury/issue",
        "/treasury/allocate",
        "/people/ada",
        "/notices",
        "/preferences",
        "/webhooks",
        "/webhooks?of=unit:red",
        "/webhooks?of=programme:parsers",
        "/people/otto",
        "/admin/people",
        "/ledger",
        "/ledger/anchors",
        "/ledger/anchors/follow",
        "/ledger/anchors/new",
        "/ledger/records/0",
        "/ledger/records/5",
        "/sign-in",
        "/sign-up",
        "/nothing",
        "/graphql",
    ]
    .map(str::to_owned)
    .to_vec();
    for handle in &handles {
        for part in ["", "/edit", "/publish", "/delete", "/boost", "/extend", "/cancel", "/enter", "/rule"] {
            pages.push(format!("/tasks/{handle}{part}"));
        }
    }
    for entry in [first, second, riding] {
        for part in ["", "/withdraw", "/crew", "/appeal"] {
            pages.push(format!("/entries/{entry}{part}"));
        }
    }
    pages
}

async fn in_language(asker: &HttpAsker, path: &str, language: &str) -> Answer {
    let request =
        asker.request(Method::GET, path).header("accept", "text/html").header("accept-language", language);
    Answer::of(request).await
}

/// What a page must have whatever it shows.
fn is_well_formed(page: &Answer, path: &str, language: &str) {
    let text = &page.text;
    assert!(text.contains(&format!("<html lang=\"{language}\"")), "{path}: the language is told");
    assert_eq!(text.matches("<h1").count(), 1, "{path}: one heading of the first rank");
    assert_eq!(text.matches("<main").count(), 1, "{path}");
    assert!(text.contains("<meta name=\"viewport\""), "{path}");
    let title = text.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
    assert!(title.trim().len() > 3, "{path}: {title}");
    assert_eq!(tests::markup::faults(text), Vec::<String>::new(), "{path}");
    let mut ids: Vec<&str> =
        text.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "{path}: an id stands twice");
    for form in text.split("<form").skip(1) {
        let head = form.split('>').next().unwrap();
        if head.contains("method=\"post\"") {
            assert!(
                form.split("</form>").next().unwrap().contains("name=\"csrf\""),
                "{path}: a form without its secret"
            );
        }
    }
}

both! {
    async fn no_page_fails_for_anybody_in_any_language(app: &TestApp) {
        let pages = a_full_world(app).await;
        let mut seen = 0;
        let mut askers = vec![("visitor", app.anonymous())];
        for who in ["mia", "ada", "ben", "otto", "tess", "aud", "root", "olga"] {
            askers.push((who, app.browser(who).await));
        }
        for (who, asker) in &askers {
            for path in &pages {
                let page = in_language(asker, path, "en").await;
                assert!(
                    [200, 303, 404, 409, 422].contains(&page.status),
                    "{who} {path}: {} {}",
                    page.status,
                    page.text
                );
                if page.status == 200 {
                    seen += 1;
                    if path != "/graphql" {
                        is_well_formed(&page, path, "en");
                    }
                }
            }
        }
        assert!(seen > 200, "only {seen} pages were shown");
        for (who, asker) in askers.iter().filter(|(who, _)| ["visitor", "mia", "ada"].contains(who)) {
            for path in pages.iter().filter(|path| *path != "/graphql") {
                let page = in_language(asker, path, "zh-CN,zh;q=0.9").await;
                assert!(page.status < 500, "{who} {path}");
                if page.status == 200 {
                    is_well_formed(&page, path, "zh-CN");
                    assert!(page.text.contains('赛'), "{path}");
                }
            }
        }
    }

    async fn every_link_on_every_page_leads_somewhere(app: &TestApp) {
        let pages = a_full_world(app).await;
        let ada = app.browser("mia").await;
        let mut links = std::collections::BTreeSet::new();
        for path in &pages {
            let page = ada.get(path).await;
            if page.status != 200 || path == "/graphql" {
                continue;
            }
            for part in page.text.split("href=\"").skip(1) {
                let link = part.split('"').next().unwrap().replace("&amp;", "&");
                if let Some(local) = link.split('#').next().filter(|local| local.starts_with('/')) {
                    links.insert(local.to_owned());
                }
            }
        }
        assert!(links.len() > 30, "{links:?}");
        for link in links {
            let answer = ada.get(&link).await;
            assert!([200, 303].contains(&answer.status), "{link} is a dead link: {}", answer.status);
        }
    }

    async fn a_text_with_scripts_in_it_stays_a_text(app: &TestApp) {
        let evil = "<script>alert(1)</script> [x](javascript:alert(1)) ![x](https://evil.example/x.png) <img src=x onerror=alert(1)>
            <a href=\"javascript:alert(1)\">y</a> [y](data:text/html,<script>) # **bold** `<b>`";
        app.world.give_person("mia", "1000").await;
        let start = Start { visibility: Visibility::Open, ..Start::default() };
        let input = TaskInput {
            title: "<script>alert(2)</script>\"'&".to_owned(),
            brief: evil.to_owned(),
            criteria: evil.to_owned(),
            ..start.input(&app.world)
        };
        let task = app.world.must("mia", CreateTask(input)).await;
        app.world.must("mia", PublishTask { task }).await;
        let handle = app.world.market.task(&app.world.actor("mia").await, task).await.unwrap().handle;
        for asker in [app.anonymous(), app.browser("mia").await] {
            for path in [format!("/tasks/{handle}"), "/tasks".to_owned(), "/".to_owned()] {
                let page = asker.get(&path).await;
                assert_eq!(page.status, 200);
                for tag in
                    page.text.split('<').skip(1).map(|rest| rest.split('>').next().unwrap().to_lowercase())
                {
                    assert!(!tag.starts_with("img") && !tag.contains("onerror"), "{path} holds <{tag}>");
                    assert!(!tag.starts_with("script") || tag.contains("src=\"/"), "{path} holds <{tag}>");
                    assert!(
                        !tag.contains("=\"javascript:") && !tag.contains("=\"data:"),
                        "{path} holds <{tag}>"
                    );
                }
            }
        }
    }

    async fn the_language_is_the_browsers_and_can_be_switched(app: &TestApp) {
        let asker = app.anonymous();
        for (accepted, shown) in [
            ("zh-CN", "zh-CN"),
            ("zh", "zh-CN"),
            ("de, zh;q=0.5", "zh-CN"),
            ("de", "en"),
            ("en-GB,zh;q=0.1", "en"),
            ("", "en"),
            ("\"'<>", "en"),
        ] {
            let page = in_language(&asker, "/", accepted).await;
            assert!(page.text.contains(&format!("<html lang=\"{shown}\"")), "{accepted}");
        }
        let switched = asker.fill("/", "/preferences", &[("lang", "zh-CN"), ("back", "/tasks")]).await;
        assert_eq!((switched.status, switched.location()), (303, "/tasks"));
        assert!(asker.get("/").await.text.contains("<html lang=\"zh-CN\""), "the choice is kept");
    }

    async fn the_front_page_shows_open_challenges_and_payouts_to_everybody(app: &TestApp) {
        a_full_world(app).await;
        let page = app.anonymous().get("/").await;
        assert!(page.text.contains("A faster parser"));
        assert!(page.text.contains("1,000.00") || page.text.contains("1000.00"), "bounty or payout");
        assert!(page.text.contains("/ledger/records/"), "a payout leads to its receipt");
    }
}
