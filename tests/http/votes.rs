//! Votes through the pages and the API: written, cast, changed, refused to rivals.

use market::TaskId;
use market::task::{Judging, Rules};
use market::vote::{Ballot, VoteRules, Voters};
use serde_json::{Value, json};
use tests::{HttpAsker, Start, TestApp, both};

fn start(ballot: Ballot) -> Start {
    let judging = Judging::Vote(VoteRules { voters: Voters::Members, ballot, seconds: 86_400 });
    Start { rules: Rules { judging, ..Rules::default() }, ..Start::default() }
}

fn node(kind: &str, id: impl std::fmt::Display) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{kind}:{id}"))
}

async fn count(app: &TestApp, task: TaskId) {
    let view = app.world.market.task(&app.world.actor("mia").await, task).await.unwrap();
    app.world.clock.set(view.closes_at.plus_seconds(86_400));
    app.world.market.keep_time().await.unwrap();
}

both! {
    async fn a_vote_is_written_explained_cast_and_changed_by_the_pages(app: &TestApp) {
        app.world.give_person("mia", "1000").await;
        let mia = app.browser("mia").await;
        let fields = [
            ("title", "Which poster?"),
            ("brief", "The finest one."),
            ("visibility", "internal"),
            ("closes_at", "2026-12-01T08:00"),
            ("bounty", "1000"),
            ("source", "person"),
            ("rules.judging", "vote"),
            ("rules.vote.voters", "members"),
            ("rules.vote.credits", "25"),
            ("rules.vote.seconds", "24"),
            ("do", "save"),
        ];
        let wrong = [("rules.vote.voters", "units"), ("rules.vote.units", "nowhere"), ("do", "save")];
        let back = mia.fill("/tasks/new", "/tasks/new", &[&fields[..], &wrong].concat()).await;
        assert_eq!(back.status, 422);
        assert!(back.text.contains("There is no such unit."));
        let made = mia.fill("/tasks/new", "/tasks/new", &fields).await;
        assert_eq!(made.status, 303, "{}", made.text);
        let address = made.location().split('?').next().unwrap().to_owned();
        let publish = format!("{address}/publish");
        assert_eq!(mia.fill(&publish, &publish, &[]).await.status, 303);
        let page = mia.get(&address).await.text;
        assert!(page.contains("25 voice credits each") && page.contains("never vote"), "{page}");
        let handle = address.trim_start_matches("/tasks/").to_owned();
        let view = app.world.market.task_by_handle(&app.world.actor("mia").await, &handle).await.unwrap();
        let race = app.world.open_race(view.id, "mia");
        let (ada, ben) = (race.run("ada").await, race.run("ben").await);
        app.world.clock.set(view.closes_at);
        let eva = app.browser("eva").await;
        let vote = format!("{address}/vote");
        let (for_ada, for_ben) = (format!("for.{ada}"), format!("for.{ben}"));
        let (for_ada, for_ben) = (for_ada.as_str(), for_ben.as_str());
        let dear = eva.fill(&vote, &vote, &[(for_ada, "5"), (for_ben, "1")]).await;
        assert_eq!(dear.status, 422);
        assert!(dear.text.contains("These votes cost 26 of 25 credits"), "{}", dear.text);
        assert_eq!(eva.fill(&vote, &vote, &[(for_ada, "4")]).await.status, 303);
        assert!(eva.get(&address).await.text.contains("You have voted."));
        assert_eq!(eva.fill(&vote, &vote, &[(for_ada, "3"), (for_ben, "4")]).await.status, 303);
        for rival in ["ada", "ben", "mia"] {
            let browser = app.browser(rival).await;
            assert_eq!(browser.get(&vote).await.status, 404, "{rival}");
            let page = browser.get(&address).await.text;
            assert!(page.contains("1 ballot so far") && !page.contains(&vote), "{rival}");
        }
        count(app, view.id).await;
        let page = eva.get(&address).await.text;
        assert!(page.contains("Counted after") && page.contains("4 votes on 1 ballots"), "{page}");
    }

    async fn a_rival_is_refused_by_the_api_and_nobody_asks_the_tally_out_early(app: &TestApp) {
        let race = app.world.race(start(Ballot::One)).await;
        let (ada, _) = (race.run("ada").await, race.run("ben").await);
        race.close().await;
        let handle = race.view().await.handle;
        let ballot = |key: &str| json!({ "task": node("Task", race.task), "idempotencyKey": key,
            "votes": [{ "entry": node("Entry", ada), "votes": 1 }] });
        let cast = "mutation ($input: CastBallotInput!) { castBallot(input: $input) { userErrors { code } } }";
        for rival in ["ada", "ben", "mia"] {
            let code = app.api(rival).await.denied(cast, json!({ "input": ballot(rival) })).await;
            assert_eq!(code, "NOT_FOUND", "{rival}");
        }
        let eva = app.api("eva").await;
        eva.mutate("castBallot", ballot("eva-1"), "task { id }").await;
        let question = "query ($handle: String!) { task(handle: $handle) {
            vote { isOpen mayVote ballots mine { votes } tally { votes } }
            viewerCan { castBallot { allowed } ruleRace { code } }
        } }";
        let seen = async |asker: &HttpAsker| asker.must(question, json!({ "handle": handle })).await["task"].clone();
        let own = seen(&eva).await;
        let expected = json!({ "isOpen": true, "mayVote": true, "ballots": 1, "mine": [{ "votes": 1 }], "tally": [] });
        assert_eq!(own["vote"], expected);
        let rival = seen(&app.api("ben").await).await;
        assert_eq!((&rival["vote"]["mine"], &rival["vote"]["tally"]), (&json!([]), &json!([])));
        assert_eq!(rival["viewerCan"]["castBallot"]["allowed"], false);
        assert_eq!(seen(&app.api("mia").await).await["viewerCan"]["ruleRace"]["code"], "RULED_BY_CLOCK");
        count(app, race.task).await;
        let after = seen(&app.api("ben").await).await;
        assert_eq!(after["vote"]["tally"], json!([{ "votes": 1 }, { "votes": 0 }]));
    }

    async fn how_people_vote_is_written_and_read_by_the_api(app: &TestApp) {
        let mia = app.api("mia").await;
        let own = mia.own_id().await;
        let input = |rules: Value| json!({
            "title": "Poster", "brief": "Fine.", "visibility": "INTERNAL", "source": own, "bounty": "10",
            "closesAt": "2026-12-01T08:00:00Z", "rules": rules, "idempotencyKey": format!("draft-{}", rules.to_string().len()),
        });
        let wanted = "task { rules { judgedByPoster vote { voters credits seconds units { id } } } }";
        let rules = json!({ "plan": { "winnerTakesAll": true }, "vote": { "voters": "EVERYONE", "credits": 99 } });
        let made = mia.mutate("createTask", input(rules), wanted).await["task"]["rules"].clone();
        let expected = json!({ "voters": "EVERYONE", "credits": 99, "seconds": 259_200, "units": [] });
        assert_eq!(made, json!({ "judgedByPoster": false, "vote": expected }));
        let scored = json!({ "plan": { "winnerTakesAll": true }, "mark": "50", "vote": { "voters": "MEMBERS" } });
        assert_eq!(mia.refused("createTask", input(scored)).await, ["rules.plan VOTE_WITHOUT_SCORES"]);
    }
}
