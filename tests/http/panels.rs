//! A panel through the pages and the API, and a judge who tries to see names and scores too early.

use market::EntryId;
use market::judging::{Combine, Criterion, LockSheet, Panel, SaveScores};
use market::submission::{FileInput, SubmitInput};
use market::task::{Judging, Rules, Score};
use serde_json::json;
use tests::{HttpAsker, Race, Start, TestApp, both};
use uuid::Uuid;

fn node(kind: &str, id: Uuid) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{kind}:{id}"))
}

/// A blind panel of Jan and Joy over an entry of Zenobia and one of Ben, closed.
async fn race(app: &TestApp) -> (Race<'_>, EntryId, EntryId) {
    let world = &app.world;
    let judges = vec![world.person("jan").await, world.person("joy").await];
    let line = |name: &str, weight| Criterion { name: name.to_owned(), description: String::new(), weight };
    let panel = Panel {
        judges,
        rubric: vec![line("Use", 3), line("Form", 1)],
        blind: true,
        combine: Combine::Mean,
        quorum: 2,
        sheet_seconds: 86_400,
    };
    let rules = Rules { judging: Judging::Panel(panel), ..Rules::default() };
    let race = world.race(Start { rules, ..Start::default() }).await;
    let first = race.enter("zenobia").await;
    let file = FileInput {
        name: "zenobia-cv.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: b"%PDF".to_vec(),
    };
    let input = SubmitInput {
        entry: first,
        body: "The work.".to_owned(),
        links: Vec::new(),
        files: vec![file],
        evidence: Vec::new(),
    };
    world.market.submit_work(&world.actor("zenobia").await, None, input).await.unwrap();
    let second = race.enter("ben").await;
    race.try_submit("ben", second, "Other work.").await.unwrap();
    race.close().await;
    (race, first, second)
}

async fn lock(app: &TestApp, race: &Race<'_>, judge: &str, lanes: [(EntryId, &str); 2]) {
    for (entry, score) in lanes {
        let scores = vec![Score::parse(score).ok(); 2];
        let comment = format!("A remark by {judge}.");
        app.world.must(judge, SaveScores { entry, scores, comment }).await;
    }
    app.world.must(judge, LockSheet { task: race.task }).await;
}

/// Everything that a page or an answer of these addresses says.
async fn all(asker: &HttpAsker, paths: &[String]) -> Vec<(String, String)> {
    let mut said = Vec::new();
    for path in paths {
        let answer = asker.get(path).await;
        assert!(matches!(answer.status, 200 | 404), "{path}: {}", answer.status);
        said.push((path.clone(), format!("{:?} {}", answer.headers, answer.text)));
    }
    said
}

both! {
    async fn a_judge_scores_lane_after_lane_and_locks(app: &TestApp) {
        let (race, first, second) = race(app).await;
        let handle = race.view().await.handle;
        let (panel, lane1, lane2) =
            (format!("/tasks/{handle}/panel"), format!("/tasks/{handle}/panel/1"), format!("/tasks/{handle}/panel/2"));
        let jan = app.browser("jan").await;
        let work = jan.get("/work").await;
        assert!(work.text.contains(&panel), "their work leads there");
        let overview = jan.get(&panel).await;
        assert!(overview.text.contains(&lane1) && overview.text.contains(&lane2));
        let wrong = jan.fill(&lane1, &lane1, &[("scores.0", "101"), ("comment", "Kept.")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("id=\"e-scores.0\"") && wrong.text.contains("Kept."));
        let next = [("scores.0", "80"), ("scores.1", "60.5"), ("comment", "Works."), ("do", "next")];
        let saved = jan.fill(&lane1, &lane1, &next).await;
        assert_eq!((saved.status, saved.location().split('?').next()), (303, Some(lane2.as_str())));
        let form = jan.get(&lane1).await.form(&lane1);
        assert!(form.contains(&("scores.1".to_owned(), "60.50".to_owned())), "{form:?}");
        let lock_url = format!("/tasks/{handle}/lock");
        let early = jan.fill(&lock_url, &lock_url, &[]).await;
        assert_eq!(early.status, 422);
        assert!(early.text.contains("lack a score or a comment: 2"), "{}", early.text);
        let last = [("scores.0", "70"), ("scores.1", "100"), ("comment", "Pretty."), ("do", "next")];
        let saved = jan.fill(&lane2, &lane2, &last).await;
        assert_eq!(saved.location().split('?').next(), Some(panel.as_str()), "after the last lane the overview");
        assert_eq!(jan.fill(&lock_url, &lock_url, &[]).await.status, 303);
        assert_eq!(jan.get(&lane1).await.status, 404, "nothing is left to score");
        lock(app, &race, "joy", [(first, "90"), (second, "50")]).await;
        let ben = app.browser("ben").await;
        let results = ben.get(&panel).await.text;
        for said in ["Works.", "A remark by joy.", "82.56", "63.75", "50.00–70.00"] {
            assert!(results.contains(said), "{said}: {results}");
        }
        let task = ben.get(&format!("/tasks/{handle}")).await.text;
        assert!(task.contains("By the panel:") && task.contains("Zenobia"));
    }

    async fn a_judge_finds_no_name_by_page_node_file_or_record(app: &TestApp) {
        let (race, first, second) = race(app).await;
        let handle = race.view().await.handle;
        app.world.market.seal_now().await.unwrap();
        let jan = app.browser("jan").await;
        let api = app.api("jan").await;
        let mut paths = vec![
            format!("/tasks/{handle}"),
            format!("/tasks/{handle}/panel"),
            format!("/tasks/{handle}/panel/1"),
            format!("/entries/{first}"),
            format!("/entries/{second}"),
            format!("/entries/{first}/aside"),
            format!("/entries/{first}/appeal"),
            format!("/entries/{first}/crew"),
            "/work".to_owned(),
            "/tasks".to_owned(),
        ];
        let page = jan.get(&format!("/entries/{first}")).await.text;
        let file = page.split("href=\"/files/").nth(1).expect("a file").split('"').next().unwrap();
        paths.push(format!("/files/{file}"));
        let asker = app.world.actor("jan").await;
        for record in app.world.market.task_records(&asker, race.task).await.unwrap() {
            paths.push(format!("/ledger/records/{}", record.index.unwrap()));
        }
        let id = app.world.person("zenobia").await.to_string();
        let told = |text: &str| {
            let text = text.to_lowercase();
            text.contains("zenobia") || text.contains(&id)
        };
        for (path, said) in all(&jan, &paths).await {
            assert!(!told(&said), "{path}: {said}");
        }
        let asked = "query ($id: ID!) { node(id: $id) { __typename
            ... on Entry { name captain { name } unit { name } crew { person { name } } task { entries { name captain { handle } crew { person { handle } } } records { disclosures { label data } } }
                submissions { by { name handle } content { files { name url } } record { disclosures { data } } } } } }";
        let answer = api.graphql(asked, json!({ "id": node("Entry", first.0) })).await;
        assert_eq!(answer.status, 200);
        assert!(answer.text.contains("\"Lane 1\"") && !told(&answer.text), "{}", answer.text);
        let poster = app.browser("mia").await.get(&format!("/entries/{first}")).await.text;
        assert!(!told(&poster), "nor does the poster");
        let own = app.browser("zenobia").await.get(&format!("/entries/{first}")).await.text;
        assert!(told(&own), "the crew knows");
    }

    async fn a_judge_finds_no_score_of_another_before_their_own_is_locked(app: &TestApp) {
        let (race, first, second) = race(app).await;
        let handle = race.view().await.handle;
        lock(app, &race, "jan", [(first, "81.37"), (second, "17.42")]).await;
        app.world.market.seal_now().await.unwrap();
        let mut paths =
            vec![format!("/tasks/{handle}"), format!("/tasks/{handle}/panel"), format!("/entries/{first}")];
        let asker = app.world.actor("joy").await;
        for record in app.world.market.task_records(&asker, race.task).await.unwrap() {
            paths.push(format!("/ledger/records/{}", record.index.unwrap()));
        }
        // As words of their own: digests and ids hold any four digits.
        let word = |said: &str, one: &str| {
            said.match_indices(one).any(|(at, _)| {
                let beside = [said[..at].chars().next_back(), said[at + one.len()..].chars().next()];
                beside.into_iter().flatten().all(|near| !near.is_ascii_alphanumeric())
            })
        };
        let leaks = |said: &str| ["81.37", "8137", "17.42", "1742", "A remark by jan"].iter().any(|one| word(said, one));
        let asked = "query ($id: ID!) { node(id: $id) { ... on Task { panel { sheets { lines { scores overall comment } }
            results { overall criteria { combined } } } records { disclosures { label data } } entries { score place reason } } } }";
        for stranger in ["joy", "mia", "ben", "zenobia", "eva"] {
            for (path, said) in all(&app.browser(stranger).await, &paths).await {
                assert!(!leaks(&said), "{stranger} {path}: {said}");
            }
            let answer = app.api(stranger).await.graphql(asked, json!({ "id": node("Task", race.task.0) })).await;
            assert!(answer.status == 200 && !leaks(&answer.text), "{stranger}: {}", answer.text);
        }
        lock(app, &race, "joy", [(first, "50"), (second, "60")]).await;
        let shown = app.browser("zenobia").await.get(&format!("/tasks/{handle}/panel")).await.text;
        assert!(leaks(&shown), "after the ruling the crews see them");
    }

    async fn a_panel_is_written_explained_and_scored_by_the_api(app: &TestApp) {
        app.world.give_person("mia", "1000").await;
        let (mia, jan) = (app.api("mia").await, app.api("jan").await);
        let own = jan.must("{ viewer { person { id } } }", json!({})).await["viewer"]["person"]["id"].clone();
        let payer = mia.must("{ viewer { person { id } } }", json!({})).await["viewer"]["person"]["id"].clone();
        let rubric = json!([{ "name": "Use", "weight": 2, "description": "For whom." }, { "name": "Form" }]);
        let input = json!({
            "title": "Score it", "brief": "B", "criteria": "", "visibility": "INTERNAL", "source": payer,
            "bounty": "100", "closesAt": "2026-12-01T08:00:00Z", "idempotencyKey": "new",
            "rules": { "plan": { "winnerTakesAll": true }, "judges": [own], "panel": { "rubric": rubric, "combine": "TRIMMED_MEAN" } },
        });
        let wanted = "task { id rules { judgedByPoster panel { quorum blind combine sheetSeconds rubric { name weight } } } }";
        let made = mia.mutate("createTask", input, wanted).await;
        let panel = &made["task"]["rules"]["panel"];
        assert_eq!((panel["quorum"].as_u64(), panel["blind"].as_bool()), (Some(1), Some(true)));
        assert_eq!(panel["rubric"][1]["weight"], 1);
        let task = made["task"]["id"].clone();
        mia.mutate("publishTask", json!({ "task": task, "idempotencyKey": "go" }), "task { id }").await;
        let ada = app.api("ada").await;
        let entered = ada.mutate("enterRace", json!({ "task": task, "idempotencyKey": "in" }), "entry { id }").await;
        let entry = entered["entry"]["id"].clone();
        ada.mutate("submitWork", json!({ "entry": entry, "body": "W", "idempotencyKey": "s" }), "submission { id }").await;
        let score = |scores: serde_json::Value| json!({ "entry": entry, "scores": scores, "comment": "Fine." });
        assert_eq!(jan.refused("saveScores", score(json!(["1", "2"]))).await, ["NOT_YET_CLOSED"]);
        app.world.clock.set(market::Moment::parse_rfc3339("2026-12-01T08:00:00Z").unwrap());
        // Access tokens have ended meanwhile.
        let (mia, jan) = (app.api("mia").await, app.api("jan").await);
        assert_eq!(jan.refused("saveScores", score(json!(["101", "2"]))).await, ["scores.0 BAD_SCORE"]);
        let saved = jan.mutate("saveScores", score(json!(["90", null])), "panel { sheets { lines { scores overall } } }").await;
        assert_eq!(saved["panel"]["sheets"][0]["lines"][0]["scores"], json!(["90.00", null]));
        let lock = json!({ "task": task, "idempotencyKey": "lock" });
        assert_eq!(jan.refused("lockSheet", lock).await, ["SHEET_INCOMPLETE"]);
        jan.mutate("saveScores", score(json!(["90", "60"])), "panel { round }").await;
        let lock = json!({ "task": task, "idempotencyKey": "lock-again" });
        let wanted = "panel { results { overall criteria { combined min max deviation judges } } }";
        let locked = jan.mutate("lockSheet", lock, wanted).await;
        assert_eq!(locked["panel"]["results"][0]["overall"], "80.00");
        let ruling = mia.must("query ($id: ID!) { node(id: $id) { ... on Task { state rulings { panel { handle } lines { score } } } } }", json!({ "id": task })).await;
        assert_eq!(ruling["node"]["state"], "PROVISIONAL");
        assert_eq!(ruling["node"]["rulings"][0]["panel"][0]["handle"], "jan");
    }

    async fn a_panel_is_written_by_the_form(app: &TestApp) {
        app.world.give_person("mia", "1000").await;
        app.world.person("jan").await;
        let mia = app.browser("mia").await;
        let fields = [
            ("title", "Score it"), ("brief", "B"), ("visibility", "internal"), ("closes_at", "2026-12-01T08:00"),
            ("bounty", "1000"), ("source", "person"), ("rules.judging", "panel"), ("rules.judges", "jan"), ("do", "save"),
        ];
        let wrong = [&fields[..], &[("rules.panel.rubric", "Use | heavy")]].concat();
        let back = mia.fill("/tasks/new", "/tasks/new", &wrong).await;
        assert_eq!(back.status, 422);
        assert!(back.text.contains("id=\"e-rules.panel.rubric\""), "{}", back.text);
        let zero = [&fields[..], &[("rules.panel.rubric", "Use | 0")]].concat();
        let back = mia.fill("/tasks/new", "/tasks/new", &zero).await;
        assert!(back.text.contains("id=\"e-rules.panel.rubric\""), "what the market refuses stands there too");
        let made = mia.fill("/tasks/new", "/tasks/new", &fields).await;
        assert_eq!(made.status, 303, "{}", made.text);
        let page = mia.get(made.location().split('?').next().unwrap()).await.text;
        for said in ["A panel that scores", "Quality of the work", "Nobody but its own crew"] {
            assert!(page.contains(said), "{said}");
        }
    }

    async fn feedback_is_asked_for_and_given_by_the_pages(app: &TestApp) {
        let judging = Judging::Judges(vec![app.world.person("jan").await]);
        let rules = Rules { judging, feedback: true, ..Rules::default() };
        let race = app.world.race(Start { rules, ..Start::default() }).await;
        let entry = race.run("ada").await;
        let (ada, jan, ben) = (app.browser("ada").await, app.browser("jan").await, app.browser("ben").await);
        let page = format!("/entries/{entry}");
        assert!(!jan.get(&page).await.text.contains("The work of ada."), "sealed");
        let ask = format!("{page}/feedback");
        assert!(ada.get(&page).await.text.contains(&ask));
        assert_eq!(ben.get(&ask).await.status, 404);
        assert_eq!(ada.fill(&ask, &ask, &[]).await.status, 303);
        let opened = jan.get(&page).await.text;
        assert!(opened.contains("The work of ada."));
        let write = opened.split("href=\"/submissions/").nth(1).expect("a link").split('"').next().unwrap();
        let write = format!("/submissions/{write}");
        assert_eq!(ben.get(&write).await.status, 404);
        assert_eq!(jan.fill(&write, &write, &[("body", " ")]).await.status, 422);
        assert_eq!(jan.fill(&write, &write, &[("body", "Measure it **twice**.")]).await.status, 303);
        assert!(ada.get(&page).await.text.contains("Measure it <strong>twice</strong>."));
        for stranger in [&ben, &app.browser("mia").await] {
            assert!(!stranger.get(&page).await.text.contains("Measure it"), "the crew's alone");
        }
    }

    async fn an_appeal_is_made_again_and_answered_by_the_pages(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        let first = race.run("ada").await;
        race.run("ben").await;
        race.close().await;
        let handle = race.view().await.handle;
        let task = format!("/tasks/{handle}");
        let mia = app.browser("mia").await;
        let rule = format!("{task}/rule");
        let typed = [("lines.0.place", "2"), ("lines.0.reason", "R"), ("lines.1.place", "1"), ("lines.1.reason", "R"), ("summary", "S")];
        let shown = mia.fill(&rule, &rule, &[&typed[..], &[("do", "preview")]].concat()).await;
        assert!(shown.status == 200 && shown.text.contains("600.00") && shown.text.contains("250.00"), "{}", shown.text);
        assert_eq!(mia.fill(&rule, &rule, &typed).await.status, 303);
        let ada = app.browser("ada").await;
        let appeal = format!("/entries/{first}/appeal");
        assert_eq!(ada.fill(&appeal, &appeal, &[("grounds", "No.")]).await.status, 303);
        app.world.bring("rex", market::PersonKind::Member, &[market::Role::Auditor]).await;
        let link = |page: &str, ending: &str| {
            let mut links = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
            let found = links.find(|link| link.contains(ending)).unwrap_or_else(|| panic!("{ending}: {page}"));
            found.replace("&#38;", "&").replace("&amp;", "&")
        };
        let tess = app.browser(app.world.treasurer().await).await;
        let answer = link(&tess.get(&task).await.text, "/answer?task=");
        let no = [("verdict", "reject"), ("answer", "It was fair.")];
        assert_eq!(tess.fill(&answer, &answer, &no).await.status, 303);
        let again = link(&ada.get(&task).await.text, "/again?task=");
        assert_eq!(app.browser("ben").await.get(&again).await.status, 404);
        assert_eq!(ada.fill(&again, &again, &[("grounds", "It was not fair.")]).await.status, 303);
        assert!(!tess.get(&task).await.text.contains("/answer-again?"), "who answered does not answer again");
        let rex = app.browser("rex").await;
        let final_answer = link(&rex.get("/work").await.text, "/answer-again?task=");
        assert_eq!(rex.fill(&final_answer, &final_answer, &[("verdict", "uphold"), ("answer", "Right.")]).await.status, 303);
        let page = ada.get(&task).await.text;
        assert!(page.contains("Appealed again") && page.contains("It was not fair.") && page.contains("Right."));
    }
}
