//! What is shared with the world: pictures, feeds, the map of the site, and races run once more.

use market::task::Visibility;
use reqwest::Method;
use tests::{Answer, Start, TestApp, both};

fn open() -> Start {
    Start { visibility: Visibility::Open, ..Start::default() }
}

both! {
    async fn an_open_race_has_a_picture_and_tells_of_it(app: &TestApp) {
        let race = app.world.race(open()).await;
        race.run("ada").await;
        let handle = race.view().await.handle;
        let page = app.anonymous().get(&format!("/tasks/{handle}")).await;
        let image = format!("/tasks/{handle}/picture.png?lang=en");
        for part in ["og:title\" content=\"A faster parser\"", "og:image\"", &image, "summary_large_image"] {
            assert!(page.text.contains(part), "{part}");
        }
        let asker = app.anonymous();
        let response = asker.request(Method::GET, &image).send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()), (200, "image/png"));
        let tag = response.headers()["etag"].to_str().unwrap().to_owned();
        let png = response.bytes().await.unwrap();
        assert_eq!((&png[16..20], &png[20..24]), (&1_200_u32.to_be_bytes()[..], &630_u32.to_be_bytes()[..]));
        let same = Answer::of(asker.request(Method::GET, &image).header("if-none-match", &tag)).await;
        assert_eq!(same.status, 304);
        race.run("ben").await;
        let other = Answer::of(asker.request(Method::GET, &image).header("if-none-match", &tag)).await;
        assert_eq!(other.status, 200, "the race looks otherwise");
    }

    async fn what_visitors_cannot_see_is_in_no_picture_feed_or_map(app: &TestApp) {
        let hidden = app.world.race(Start::default()).await;
        let shown = app.world.race(open()).await;
        let (hidden, shown) = (hidden.view().await.handle, shown.view().await.handle);
        for asker in [app.anonymous(), app.browser("ada").await] {
            assert_eq!(asker.get(&format!("/tasks/{hidden}/picture.png")).await.status, 404, "whoever asks");
            for path in ["/feed.atom", "/tasks.atom", "/tasks.atom?q=parser&order=closing", "/sitemap.xml"] {
                let answer = asker.get(path).await;
                assert_eq!(answer.status, 200, "{path}");
                assert!(answer.text.starts_with("<?xml"), "{path}");
                assert!(answer.text.contains(&shown) && !answer.text.contains(&hidden), "{path}: {}", answer.text);
            }
        }
        let page = app.browser("ada").await.get(&format!("/tasks/{hidden}")).await;
        assert!(!page.text.contains("og:image"), "nothing is told of it");
        assert!(app.anonymous().get("/robots.txt").await.text.contains("Sitemap: http"));
    }

    async fn the_site_can_be_kept_like_an_app(app: &TestApp) {
        let manifest = app.anonymous().get("/app.webmanifest").await;
        let json: serde_json::Value = serde_json::from_str(&manifest.text).unwrap();
        assert_eq!(json["display"], "standalone");
        for icon in json["icons"].as_array().unwrap() {
            let answer = app.anonymous().request(Method::GET, icon["src"].as_str().unwrap()).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{icon}");
            assert_eq!(answer.headers()["content-type"].to_str().unwrap(), icon["type"].as_str().unwrap());
        }
    }

    async fn a_race_runs_once_more_step_by_step_when_it_is_ruled_and_not_before(app: &TestApp) {
        let race = app.world.race(open()).await;
        let entries = [race.run("ada").await, race.run("ben").await];
        let replay = format!("/tasks/{}/replay", race.view().await.handle);
        let visitor = app.anonymous();
        assert_eq!(visitor.get(&replay).await.status, 404, "it still runs");
        race.finish(&[(entries[0], 1), (entries[1], 1)]).await;
        let page = app.anonymous().get(replay.trim_end_matches("/replay")).await;
        assert!(page.text.contains(&format!("href=\"{replay}\"")));
        let lanes = |text: &str| text.matches("class=\"t-entry").count();
        let first = visitor.get(&format!("{replay}?step=0")).await;
        assert_eq!((first.status, lanes(&first.text)), (200, 0), "nobody has entered yet");
        let middle = visitor.get(&format!("{replay}?step=2")).await;
        assert!(!middle.text.contains("class=\"t-tie\"") && lanes(&middle.text) >= 1, "{}", middle.text);
        for last in ["", "?step=999999", "?step=x"] {
            let end = visitor.get(&format!("{replay}{last}")).await;
            assert!(lanes(&end.text) == 2 && end.text.contains("t-tie"), "{last}");
        }
    }
}
