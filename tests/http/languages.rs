//! What readers of Chinese are shown: no word of English where the market itself made a name.

use std::collections::BTreeSet;

use market::race::{EnterRace, EntryRules, Names};
use market::task::{Growth, Judging, PrizePlan, Rules, Stage};
use market::vote::{Ballot, VoteRules, Voters};
use reqwest::{Method, header};
use serde_json::json;
use tests::{Answer, HttpAsker, Race, Start, TestApp, both};

/// A page as somebody's browser gets it who reads Chinese.
async fn chinese(asker: &HttpAsker, path: &str) -> Answer {
    let request = asker.request(Method::GET, path).header(header::ACCEPT, "text/html");
    Answer::of(request.header(header::ACCEPT_LANGUAGE, "zh-CN")).await
}

/// Every page of a race that this reader finds by links from its own one, with its text.
async fn walked(asker: &HttpAsker, task: &str) -> Vec<(String, String)> {
    let mut waiting = vec![task.to_owned()];
    let mut known: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut pages = Vec::new();
    while let Some(path) = waiting.pop() {
        let page = chinese(asker, &path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        for link in page.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let link = link.split('#').next().unwrap_or_default().replace("&amp;", "&").replace("&#38;", "&");
            let of_the_race = link.starts_with(task) || link.starts_with("/entries/");
            if of_the_race && !link.contains("/picture") && known.insert(link.clone()) {
                waiting.push(link);
            }
        }
        pages.push((path, page.text));
    }
    assert!(pages.len() < 60, "the walk of one race ends: {known:?}");
    pages
}

async fn ridden(app: &TestApp, rules: Rules) -> Race<'_> {
    let entry = EntryRules { names: Names::UntilRuling, ..EntryRules::default() };
    let race = app.world.race(Start { rules: Rules { entry, ..rules }, ..Start::default() }).await;
    for rider in ["zebra", "quagga"] {
        let enter = EnterRace { name: Some(format!("{rider} works")), ..race.alone() };
        app.world.person(rider).await;
        let entry = app.world.must(rider, enter).await;
        race.submit(rider, entry).await;
    }
    race
}

/// Walks the race as each of these, and answers the addresses that were seen.
async fn no_english_lane(app: &TestApp, race: &Race<'_>, readers: &[&str], must_see: &[&str]) {
    let task = format!("/tasks/{}", race.view().await.handle);
    let mut seen = BTreeSet::new();
    for reader in readers {
        let asker = app.browser(reader).await;
        for (path, text) in walked(&asker, &task).await {
            assert!(text.contains("<html lang=\"zh-CN\""), "{path}");
            let at = text.find("Lane");
            let around = at.map(|at| text[..at].chars().rev().take(80).collect::<Vec<_>>());
            assert!(at.is_none(), "{reader} reads English at {path}, after {around:?}");
            assert!(!text.contains("zebra works"), "{reader} is told a name at {path}");
            seen.insert(path);
        }
    }
    for part in must_see {
        let page = format!("{task}{part}");
        assert!(seen.iter().any(|path| path.starts_with(&page)), "{page} was not on the way: {seen:?}");
    }
}

both! {
    async fn a_race_with_hidden_names_has_no_english_lane_for_readers_of_chinese(app: &TestApp) {
        let each = app.world.tokens("25");
        let growth = Growth {
            reserve: app.world.tokens("300"), per_event: app.world.tokens("100"), label: "再次采用".to_owned(),
        };
        let rules = Rules {
            plan: PrizePlan::Metered { per_event: each }, growth: Some(growth), ..Rules::default()
        };
        let race = ridden(app, rules).await;
        no_english_lane(app, &race, &["mia", "eva"], &["/events"]).await;
        race.close().await;
        no_english_lane(app, &race, &["mia", "eva"], &["/rule"]).await;
        let mia = app.browser("mia").await;
        let rule = format!("/tasks/{}/rule", race.view().await.handle);
        let page = chinese(&mia, &rule).await.text;
        assert!(page.contains("第 1 赛道") && page.contains("第 2 赛道"), "{page}");
    }

    async fn a_vote_over_hidden_names_has_no_english_lane_for_readers_of_chinese(app: &TestApp) {
        let vote = VoteRules { voters: Voters::Members, ballot: Ballot::One, seconds: 86_400 };
        let race = ridden(app, Rules { judging: Judging::Vote(vote), ..Rules::default() }).await;
        app.world.person("eva").await;
        race.close().await;
        app.world.market.keep_time().await.unwrap();
        no_english_lane(app, &race, &["eva"], &["/vote"]).await;
    }

    async fn a_stage_over_hidden_names_has_no_english_lane_for_readers_of_chinese(app: &TestApp) {
        let ends_at = app.world.now().plus_seconds(3 * 86_400);
        let heat = Stage {
            name: "初赛".to_owned(), ends_at, judge_seconds: 86_400, mark: None, keep: Some(1), gate: None, prizes: None,
        };
        let race = ridden(app, Rules { stages: vec![heat], ..Rules::default() }).await;
        app.world.clock.set(ends_at);
        no_english_lane(app, &race, &["mia"], &["/stage"]).await;
    }

    async fn a_choice_holds_on_every_machine_and_a_visitors_in_their_browser(app: &TestApp) {
        let ada = app.browser("ada").await;
        let whole = [("whole", "yes"), ("lang", "zh-CN"), ("time_zone", "america/new york"), ("theme", "dark")];
        let saved = ada.fill("/preferences", "/preferences", &whole).await;
        assert_eq!((saved.status, saved.location()), (303, "/preferences"), "{}", saved.text);
        let other = app.browser("ada").await;
        let page = other.get("/preferences").await.text;
        for said in ["<html lang=\"zh-CN\" data-theme=\"dark\"", "value=\"America/New_York\" placeholder", "UTC\u{2212}"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let wrong = ada.fill("/preferences", "/preferences", &[("whole", "yes"), ("time_zone", "Mars/Base")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("id=\"e-time_zone\"") && wrong.text.contains("Mars/Base"), "{}", wrong.text);
        assert_eq!(ada.fill("/", "/preferences", &[("lang", "en"), ("back", "/tasks")]).await.status, 303);
        let page = other.get("/preferences").await.text;
        assert!(page.contains("<html lang=\"en\" data-theme=\"dark\"") && page.contains("value=\"America/New_York\" placeholder"));
        let visitor = app.anonymous();
        let kept = visitor.fill("/preferences", "/preferences", &[("whole", "yes"), ("time_zone", "Asia/Tokyo")]).await;
        assert_eq!(kept.status, 303, "{}", kept.text);
        let page = visitor.get("/preferences").await.text;
        assert!(page.contains("value=\"Asia/Tokyo\" placeholder") && page.contains("UTC+9"), "{page}");
        assert!(!app.anonymous().get("/preferences").await.text.contains("value=\"Asia/Tokyo\" placeholder"), "another browser");
    }

    async fn the_api_chooses_and_leaves_what_it_does_not_name(app: &TestApp) {
        let ada = app.api("ada").await;
        let wanted = "preferences { language timeZone theme }";
        let input = json!({ "language": "ZH_CN", "timeZone": "Europe/Berlin", "theme": "DARK" });
        ada.mutate("setPreferences", input, wanted).await;
        let changed = ada.mutate("setPreferences", json!({ "theme": null }), wanted).await;
        let held = json!({ "language": "ZH_CN", "timeZone": "Europe/Berlin", "theme": null });
        assert_eq!(changed["preferences"], held);
        let viewer = ada.must("{ viewer { preferences { language timeZone theme } } }", json!({})).await;
        assert_eq!(viewer["viewer"]["preferences"], held);
        assert!(app.browser("ada").await.get("/").await.text.contains("<html lang=\"zh-CN\""));
        let mutation = "mutation { setPreferences(input: { timeZone: \"Mars/Base\" }) { userErrors { field code } } }";
        let refused = ada.graphql(mutation, json!({})).await.json();
        assert!(refused["data"]["setPreferences"]["userErrors"][0]["code"].is_string(), "{refused}");
    }

    async fn a_failure_is_told_to_programs_as_problem_details_and_to_people_with_ways_on(app: &TestApp) {
        let asker = app.browser("ada").await;
        let json = Answer::of(asker.request(Method::GET, "/nowhere").header(header::ACCEPT, "application/json")).await;
        assert_eq!((json.status, json.header("content-type")), (404, "application/problem+json"));
        assert_eq!(json.json()["status"], 404);
        let page = chinese(&asker, "/nowhere").await;
        assert_eq!(page.status, 404);
        for said in ["role=\"search\"", "司库", "class=\"scene\""] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        let from = format!("{}/tasks?page=2", app.base);
        let back = asker.request(Method::GET, "/nowhere").header(header::ACCEPT, "text/html").header(header::REFERER, from);
        assert!(Answer::of(back).await.text.contains("href=\"/tasks?page=2\""));
    }
}
