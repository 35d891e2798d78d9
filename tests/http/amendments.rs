//! Amendments by pages and by the API.

use market::amendment::{Amended, AmendmentAnswer, AnswerAmendment, ProposeAmendment};
use market::race::{EntryRules, Names};
use market::task::{PrizePlan, Prizes, Rules, StartPrize, Visibility};
use serde_json::json;
use tests::{Start, TestApp, World, both};

fn rules(world: &World) -> Rules {
    let start = Some(StartPrize { each: world.tokens("50"), pool: world.tokens("200") });
    // Half an hour is more than the form can say.
    Rules { start, plan: PrizePlan::WinnerTakesAll, appeal_seconds: 1_800, ..Rules::default() }
}

both! {
    async fn rules_are_amended_by_plain_forms_and_the_difference_is_read_before_it_is_answered(app: &TestApp) {
        let start = Start { rules: rules(&app.world), visibility: Visibility::Open, ..Start::default() };
        let race = app.world.race(start).await;
        let (ada, ben) = (race.enter("ada").await, race.enter("ben").await);
        let task = format!("/tasks/{}", race.view().await.handle);
        let amend = format!("{task}/amend");
        let (mia, ada_sees, ben_sees) = (app.browser("mia").await, app.browser("ada").await, app.browser("ben").await);
        assert_eq!(ada_sees.get(&amend).await.status, 404, "it is the poster's to propose");
        let prizes = [("rules.plan", "shares"), ("rules.prizes", "70, 30"), ("brief", "Make it *three* times as fast.")];
        let asked = [&prizes[..], &[("reason", "Two of you asked."), ("do", "preview")]].concat();
        let told = mia.fill(&amend, &amend, &asked).await;
        assert_eq!(told.status, 200, "{}", told.text);
        for part in ["70", "2 entries are asked", "<del>", "<ins>", "rules.plan"] {
            assert!(told.text.contains(part), "{part}: {}", told.text);
        }
        assert!(!told.text.contains("rules.appeal_seconds</code>"), "what the form can't say stays as it is");
        assert!(race.view().await.brief.contains("twice"), "a look changes nothing");
        let done = mia.fill(&amend, &amend, &[&prizes[..], &[("reason", "Two of you asked."), ("do", "save")]].concat()).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = app.anonymous().get(&task).await;
        let at = page.text.find("/amendments/").expect("everybody who sees the race sees it");
        let address = page.text[at..].split('"').next().unwrap().to_owned();
        let read = ada_sees.get(&address).await;
        assert!(read.text.contains("three") && read.text.contains(&format!("{address}/consent")), "{}", read.text);
        assert!(!app.anonymous().get(&address).await.text.contains("/consent"));
        let again = mia.fill(&amend, &amend, &[&prizes[..], &[("reason", "Once more."), ("do", "save")]].concat()).await;
        assert_eq!(again.status, 422, "one at a time");
        assert!(again.text.contains("Once more."), "what was typed is kept");
        assert_eq!(ada_sees.fill(&address, &format!("{address}/consent"), &[]).await.status, 303);
        let leave = format!("{address}/leave");
        assert!(ben_sees.get(&leave).await.text.contains("start prize"));
        assert_eq!(ben_sees.fill(&leave, &leave, &[]).await.status, 303);
        let view = race.view().await;
        assert_eq!(view.rules.plan, PrizePlan::Ranked(Prizes::Shares(vec![7_000, 3_000])));
        assert_eq!((view.rules.appeal_seconds, view.brief.as_str()), (1_800, "Make it *three* times as fast."));
        assert_eq!(app.world.balance("ben").await, "50.00");
        assert!(race.is_running(ada).await && !race.is_running(ben).await);
        let page = app.anonymous().get(&task).await;
        assert!(page.text.contains("Rules, version 2"), "the history stays readable");
        let read = app.anonymous().get(&address).await;
        assert!(read.text.contains("In force") && read.text.contains("twice"), "with what stood there before");
    }

    async fn who_enters_meanwhile_accepts_it_in_the_form_of_entry(app: &TestApp) {
        let race = app.world.race(Start { rules: rules(&app.world), ..Start::default() }).await;
        race.enter("ada").await;
        let view = race.view().await;
        let to = Amended {
            brief: "Another brief.".to_owned(),
            criteria: view.criteria,
            closes_at: view.closes_at,
            rules: view.rules,
        };
        let reason = "Clearer.".to_owned();
        app.world.wait(time::Duration::minutes(1));
        let id = app.world.must("mia", ProposeAmendment { task: race.task, to, reason, answer_by: None }).await;
        let cid = app.browser("cid").await;
        let enter = format!("/tasks/{}/enter", view.handle);
        assert!(cid.get(&enter).await.text.contains(&format!("/amendments/{id}")));
        let rides = [("crew.0.person", "cid"), ("crew.0.share", "100")];
        let without = cid.fill(&enter, &enter, &rides).await;
        assert_eq!(without.status, 422, "{}", without.text);
        let id = id.to_string();
        let entered = cid.fill(&enter, &enter, &[&rides[..], &[("amendment", &id)]].concat()).await;
        assert_eq!(entered.status, 303, "{}", entered.text);
    }

    async fn the_api_previews_proposes_answers_and_tells_rivals_a_count(app: &TestApp) {
        let entry = EntryRules { names: Names::UntilRuling, ..EntryRules::default() };
        let race = app.world.race(Start { rules: Rules { entry, ..rules(&app.world) }, ..Start::default() }).await;
        let (ada, _) = (race.enter("ada").await, race.enter("ben").await);
        let view = race.view().await;
        let (mia, ada_asks, ben_asks) = (app.api("mia").await, app.api("ada").await, app.api("ben").await);
        let query = "query ($h: String!) { task(handle: $h) { id closesAt viewerCan { proposeAmendment { allowed } } \
                     entries { id } amendments { id state askedCount answeredCount startPrize outstanding { id name crew { share } } \
                     changes { path before after } viewerMayAnswer viewerAnswer viewerEntry { id } \
                     prospectsBefore(entries: 1) { prizes } prospectsAfter(entries: 2) { prizes } \
                     before { rules { plan { kind } } } after { rules { plan { kind shares } } } } } }";
        let handle = json!({ "h": view.handle });
        let task = mia.must(query, handle.clone()).await["task"].clone();
        assert_eq!(task["viewerCan"]["proposeAmendment"]["allowed"], true);
        let rules = json!({
            "plan": { "rankedShares": [7000, 3000] }, "start": { "each": "50", "pool": "200" }, "appealSeconds": 1800,
            "silence": null, "entry": { "names": "UNTIL_RULING" },
        });
        let content = json!({
            "task": task["id"], "brief": view.brief, "criteria": view.criteria, "closesAt": task["closesAt"],
            "rules": rules, "reason": "Two of you asked.",
        });
        let preview = "query ($i: AmendmentContentInput!) { amendmentPreview(input: $i) { amendment { askedCount changes { path } } \
                       userErrors { code } } }";
        let told = mia.must(preview, json!({ "i": content })).await;
        assert_eq!(told["amendmentPreview"]["amendment"], json!({ "askedCount": 2, "changes": [{ "path": "rules.plan" }] }));
        assert_eq!(ada_asks.denied(preview, json!({ "i": content })).await, "NOT_FOUND");
        let mut wanted = content.clone();
        wanted["idempotencyKey"] = json!("a");
        let mut lower = wanted.clone();
        lower["idempotencyKey"] = json!("b");
        lower["rules"]["start"]["pool"] = json!("60");
        assert_eq!(mia.refused("proposeAmendment", lower).await, ["rules.start.pool AMEND_START_POOL"]);
        let id = mia.mutate("proposeAmendment", wanted, "amendment { id }").await["amendment"]["id"].clone();
        let seen = ben_asks.must(query, handle.clone()).await["task"]["amendments"][0].clone();
        assert_eq!((&seen["state"], &seen["askedCount"], &seen["answeredCount"]), (&json!("OPEN"), &json!(2), &json!(0)));
        assert_eq!((&seen["outstanding"], &seen["viewerMayAnswer"]), (&json!([]), &json!(true)));
        assert_eq!(seen["prospectsAfter"][1]["prizes"], json!(["610.00", "290.00"]));
        let poster = mia.must(query, handle.clone()).await["task"]["amendments"][0].clone();
        assert_eq!(poster["outstanding"][0]["name"], "Lane 1", "the poster sees lanes, not names");
        assert_eq!(poster["outstanding"][0]["crew"], json!([]));
        let answer = json!({ "amendment": id, "entry": seen["viewerEntry"]["id"], "answer": "CONSENT" });
        let other = json!({ "amendment": id, "entry": task["entries"][0]["id"], "answer": "LEAVE" });
        let query_as = "mutation ($i: AnswerAmendmentInput!) { answerAmendment(input: $i) { amendment { id } } }";
        assert_eq!(ben_asks.denied(query_as, json!({ "i": other })).await, "NOT_FOUND", "a rival answers for nobody else");
        ben_asks.mutate("answerAmendment", answer, "amendment { answeredCount viewerAnswer }").await;
        let leave = AnswerAmendment {
            amendment: app.world.market.amendments(&race.as_poster().await, race.task).await.unwrap()[0].id,
            entry: ada,
            answer: AmendmentAnswer::Leave,
        };
        app.world.must("ada", leave).await;
        let seen = ben_asks.must(query, handle).await["task"]["amendments"][0].clone();
        assert_eq!(seen["state"], "IN_FORCE");
        let node = ben_asks.must("query ($i: ID!) { node(id: $i) { ... on Amendment { version } } }", json!({ "i": id })).await;
        assert_eq!(node["node"]["version"], 2);
    }
}
