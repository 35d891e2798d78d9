//! Headers that keep a browser safe, on every answer.

use market::task::Visibility;
use reqwest::{Method, header};
use tests::{Answer, Db, Stage, Start, TestApp, both};

both! {
    async fn every_answer_tells_the_browser_to_be_careful(app: &TestApp) {
        app.world.person("ada").await;
        let ada = app.browser("ada").await;
        for path in [
            "/",
            "/sign-in",
            "/tasks",
            "/wallet",
            "/nothing",
            "/graphql",
            "/log/checkpoint",
            "/healthz",
            "/robots.txt",
        ] {
            let answer = ada.get(path).await;
            let policy = answer.header("content-security-policy");
            for part in
                ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]
            {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            for bad in ["unsafe-inline", "unsafe-eval", "*", "http:", "https:"] {
                assert!(!policy.contains(bad), "{path}: {policy}");
            }
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert!(
                ["same-origin", "strict-origin-when-cross-origin"]
                    .contains(&answer.header("referrer-policy")),
                "{path}"
            );
            assert!(!answer.header("permissions-policy").is_empty(), "{path}");
            assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
            assert!(answer.header("server").is_empty(), "{path}");
            assert!(answer.header("access-control-allow-origin").is_empty(), "{path}");
        }
    }

    async fn pages_hold_no_script_or_style_of_their_own(app: &TestApp) {
        app.world.person("ada").await;
        let ada = app.browser("ada").await;
        for path in [
            "/",
            "/sign-in",
            "/tasks",
            "/tasks/new",
            "/wallet",
            "/ledger",
            "/units",
            "/work",
            "/nothing",
            "/graphql",
        ] {
            let page = ada.get(path).await.text;
            for bad in [" style=\"", "<style", " onclick=", " onload=", " onsubmit=", "javascript:"] {
                assert!(!page.contains(bad), "{path} holds {bad}");
            }
            for script in page.split("<script").skip(1) {
                assert!(
                    script.split('>').next().unwrap().contains("src=\"/"),
                    "{path} holds a script of its own"
                );
            }
        }
    }

    async fn assets_are_named_by_their_content_and_kept_for_good(app: &TestApp) {
        let asker = app.anonymous();
        let page = asker.get("/").await.text;
        let mut found = 0;
        for part in page.split("\"/static/").skip(1) {
            let path = format!("/static/{}", part.split('"').next().unwrap());
            let asset = asker.get(&path).await;
            assert_eq!(asset.status, 200, "{path}");
            assert!(asset.header("cache-control").contains("immutable"), "{path}");
            found += 1;
        }
        assert!(found > 0);
        assert_eq!(asker.get("/static/saima-0000000000000000.css").await.status, 404);
    }

    async fn pages_are_compressed_for_whoever_can_read_it(app: &TestApp) {
        let asker = app.anonymous();
        let answer =
            Answer::of(asker.request(Method::GET, "/tasks").header(header::ACCEPT_ENCODING, "gzip")).await;
        assert_eq!(answer.header("content-encoding"), "gzip");
        let plain =
            Answer::of(asker.request(Method::GET, "/tasks").header(header::ACCEPT_ENCODING, "identity"))
                .await;
        assert_eq!(plain.header("content-encoding"), "");
    }

    async fn what_a_browser_has_already_is_not_sent_again(app: &TestApp) {
        let race = app.world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        app.tick().await;
        let task = format!("/tasks/{}", race.view().await.handle);
        let (track, picture) = (format!("{task}/track"), format!("{task}/picture.png"));
        let (visitor, ada) = (app.anonymous(), app.browser("ada").await);
        let page = visitor.get("/").await.text;
        let style = page.split("href=\"").find(|part| part.starts_with("/static/") && part.contains(".css\"")).unwrap();
        let style = style.split('"').next().unwrap();
        for path in ["/", "/tasks", &task, &track, &picture, "/ledger", "/sign-in", "/feed.atom", "/sitemap.xml",
            "/robots.txt", "/app.webmanifest", "/log/checkpoint", style]
        {
            let first = visitor.get(path).await;
            let tag = first.header("etag").to_owned();
            assert!(first.status == 200 && !tag.is_empty(), "{path}: {} {tag}", first.status);
            for coding in ["identity", "br"] {
                let again = visitor.request(Method::GET, path).header(header::ACCEPT_ENCODING, coding);
                let again = Answer::of(again.header(header::IF_NONE_MATCH, &tag)).await;
                assert_eq!((again.status, again.text.as_str()), (304, ""), "{path} as {coding}");
                assert_eq!(again.header("cache-control"), first.header("cache-control"), "{path}");
            }
            let head = visitor.request(Method::HEAD, path).header(header::IF_NONE_MATCH, &tag);
            assert_eq!(Answer::of(head).await.status, 304, "{path}");
        }
        for path in ["/tasks", "/wallet", "/work"] {
            let known = ada.get(path).await.header("etag").to_owned();
            let same = Answer::of(ada.request(Method::GET, path).header(header::IF_NONE_MATCH, &known)).await;
            assert_eq!(same.status, 304, "{path}");
            let other = Answer::of(visitor.request(Method::GET, path).header(header::IF_NONE_MATCH, &known)).await;
            assert_ne!(other.status, 304, "{path} of somebody else");
        }
        let known = visitor.get("/tasks").await.header("etag").to_owned();
        app.world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        let new = Answer::of(visitor.request(Method::GET, "/tasks").header(header::IF_NONE_MATCH, &known)).await;
        assert_eq!(new.status, 200, "there is a task more");
    }

    async fn what_is_somebodys_own_is_kept_by_nobody_else(app: &TestApp) {
        app.world.give_person("ada", "5").await;
        let ada = app.browser("ada").await;
        for path in ["/", "/wallet", "/work", "/notices", "/tasks"] {
            let answer = ada.get(path).await;
            let (kept, vary) = (answer.header("cache-control"), answer.header("vary").to_lowercase());
            assert!(kept.contains("private") && kept.contains("no-cache"), "{path}: {kept}");
            assert!(vary.contains("cookie") && vary.contains("accept-language"), "{path}: {vary}");
        }
        // What stands in a form that was refused is gone with it.
        let refused = ada.fill("/wallet/send", "/wallet/send", &[("amount", "nothing")]).await;
        assert_eq!((refused.status, refused.header("cache-control")), (422, "no-store"));
        assert_eq!(refused.header("etag"), "");
    }

    async fn what_can_be_looked_at_can_be_looked_at_by_head(app: &TestApp) {
        let asker = app.anonymous();
        for path in ["/", "/tasks", "/sign-in", "/healthz", "/log/checkpoint"] {
            let answer = Answer::of(asker.request(Method::HEAD, path)).await;
            assert_eq!((answer.status, answer.text.as_str()), (200, ""), "{path}");
        }
    }
}

#[test]
fn behind_https_every_cookie_is_for_https_alone() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let app = TestApp::start_with(Db::Sqlite, |config| config.secure_cookies = true).await;
        let answer = app.anonymous().get("/sign-in").await;
        assert!(answer.header("set-cookie").contains("Secure"), "{}", answer.header("set-cookie"));
        app.strike().await;
    });
}
