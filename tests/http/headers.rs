//! Headers that keep a browser safe, on every answer.

use reqwest::{Method, header};
use tests::{Answer, Db, Stage, TestApp, both};

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
