//! A world in which every page has something to show, and its pages: one line for each route.
//!
//! Promises: every route that answers with a page has a line here, or a reason below (a house rule in
//! `tests/tidy` compares them with the program's routes); a line names who looks, so that the page is whole.
//!
//! Looked at elsewhere, for their links are made there:
//! - "/unsubscribe/{token}" needs a mail server: `tests/http/notices.rs`
//! - "/tasks/{handle}/name-judge" needs a judge who stood aside: `tests/http/panels.rs`
//! - "/entries/{id}/offer", "/offers/{id}/accept", "/offers/{id}/decline" and "/offers/{id}/withdraw" need a race that
//!   sells parts: `tests/http/parts.rs`
//! - "/appeals/{id}/again" is there for a day after the answer: `tests/http/panels.rs`
//! - "/keys/{id}/revoke" needs a key that a browser keeps: `tests/browser/keys.rs`

use std::fmt::Display;

use market::amendment::{Amended, ProposeAmendment};
use market::board::{KeyUpload, MetricKind, MetricRules};
use market::judging::{AnswerAppeal, AppealAgain, AppealRuling, Combine, Criterion, Panel, SaveScores};
use market::meter::RecordEvents;
use market::person::InvitePerson;
use market::question::{AskQuestion, ClarifyTask};
use market::race::EnterRace;
use market::submission::{FileInput, SubmitInput};
use market::task::{
    Judging, PrizePlan, Prizes, PublishTask, Rules, Score, Stage, StagePrizes, TaskState, Visibility,
};
use market::vote::{Ballot, VoteRules, Voters};
use market::{AmendmentId, AppealId, EntryId, PersonKind, Role, TaskId};
use tests::{Race, Start, TestApp, World};

/// What a page is looked at for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// As it opens.
    Plain,
    /// Its form sent empty: it comes back with what is wrong.
    Wrong,
    /// It answers with this status.
    Refused(u16),
}

/// One page for one reader.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) name: &'static str,
    /// A handle, or nothing for a visitor.
    pub(crate) who: &'static str,
    pub(crate) path: String,
    pub(crate) state: State,
}

/// `route` with what stands in braces, from the first to the last, put in.
fn page(name: &'static str, who: &'static str, route: &str, which: impl Display) -> Picture {
    let path = match (route.find('{'), route.rfind('}')) {
        (Some(from), Some(to)) => format!("{}{}{}", &route[..from], which, &route[to + 1..]),
        _ => format!("{route}{which}"),
    };
    Picture { name, who, path, state: State::Plain }
}

impl Picture {
    fn wrong(self) -> Self {
        Self { state: State::Wrong, ..self }
    }

    /// With more in the address.
    fn with(self, query: &str, value: impl Display) -> Self {
        Self { path: format!("{}?{query}={value}", self.path), ..self }
    }

    fn refused(self, status: u16) -> Self {
        Self { state: State::Refused(status), ..self }
    }
}

/// Words that people of this world wrote, names of things, and of days and months, which CLDR has: no catalogue has
/// them.
pub(crate) const CONTENT: &str = "\
    Ada Ben Cid Dan Mia Otto Eva Jan Joy Olga Tess Root Dawn Works DAWN UTC faster parser Unit red \
    Programme parsers What story needs Make the twice as fast and keep it right All tests pass Paper \
    Model Two in boat Good lists is known for Measured on same machine were measured See list of week \
    The Use Form Rex Mine was It not clock wrong Is cold cache allowed My last version English eva \
    jan joy mia olga rex root tess Key work ada ben cid dan otto dawn example saima https hooks \
    predictions csv places make more of you try \
    Mon Tue Wed Thu Fri Sat Sun Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec";

/// Pages that show other languages, or are no page of the catalogue.
pub(crate) const UNDISGUISED: &[&str] = &["style", "explorer"];

const KEY: &str = "id,label,split\nr0,0,public\nr1,1,public\nr2,0,private\nr3,1,private\nr4,1,private\n";
const GIVEN: &str = "id,prediction\nr0,0\nr1,1\nr2,1\nr3,1\nr4,0\n";
const DAY: i64 = 86_400;

/// The account behind a person's wallet.
async fn account(app: &TestApp, handle: &str) -> market::AccountId {
    let owner = market::WalletOwner::Person(app.world.person(handle).await);
    app.world.market.wallet(&app.world.actor(handle).await, owner).await.unwrap().account
}

async fn handle(world: &World, task: TaskId) -> String {
    world.market.task(&world.actor("mia").await, task).await.unwrap().handle
}

/// An open challenge.
fn open() -> Start {
    Start { visibility: Visibility::Open, ..Start::default() }
}

fn ruled_by(judging: Judging) -> Start {
    Start { rules: Rules { judging, ..Rules::default() }, ..Start::default() }
}

/// A measured race with one lane on its board; answers it and the entry of ada.
async fn measured(world: &World) -> (TaskId, EntryId) {
    let rules = MetricRules { gain: "0.1".to_owned(), ..MetricRules::of(MetricKind::Accuracy) };
    let task = world.draft(&ruled_by(Judging::Metric(rules))).await;
    let upload = KeyUpload { task, bytes: KEY.as_bytes().to_vec() };
    world.market.upload_answer_key(&world.actor("mia").await, upload).await.unwrap();
    world.must("mia", PublishTask { task }).await;
    let entry = world.open_race(task, "mia").enter("ada").await;
    let file = FileInput {
        name: "predictions.csv".to_owned(),
        media_type: "text/csv".to_owned(),
        bytes: GIVEN.as_bytes().to_vec(),
    };
    let (body, links, evidence) = (String::new(), Vec::new(), Vec::new());
    let input = SubmitInput { entry, body, links, files: vec![file], evidence };
    world.market.submit_work(&world.actor("ada").await, None, input).await.unwrap();
    (task, entry)
}

/// A blind panel of two.
async fn panel(world: &World) -> Race<'_> {
    let line = |name: &str, weight| Criterion { name: name.to_owned(), description: String::new(), weight };
    let panel = Panel {
        judges: vec![world.person("jan").await, world.person("joy").await],
        rubric: vec![line("Use", 3), line("Form", 1)],
        blind: true,
        combine: Combine::Mean,
        quorum: 2,
        sheet_seconds: 86_400,
    };
    world.race(Start { runs: time::Duration::days(1), ..ruled_by(Judging::Panel(panel)) }).await
}

/// A race in which a judge tells what they think before its end.
async fn fed(world: &World) -> Race<'_> {
    let judging = Judging::Judges(vec![world.person("jan").await]);
    world
        .race(Start { rules: Rules { judging, feedback: true, ..Rules::default() }, ..Start::default() })
        .await
}

/// An appeal that was answered with no.
async fn turned_down(world: &World, who: &str, entry: EntryId) -> AppealId {
    let appeal = world.must(who, AppealRuling { entry, grounds: "Mine was faster.".to_owned() }).await;
    let no = AnswerAppeal { appeal, uphold: false, answer: "It was not.".to_owned(), criterion: None };
    world.must("joy", no).await;
    appeal
}

/// An appeal that was made again.
async fn turned_down_again(world: &World, who: &str, entry: EntryId) -> AppealId {
    let appeal = turned_down(world, who, entry).await;
    world.must(who, AppealAgain { appeal, grounds: "The clock was wrong.".to_owned() }).await;
    appeal
}

/// A race with two stages, whose first ends today.
async fn staged(world: &World) -> TaskId {
    let stage = |name: &str, days: i64| Stage {
        name: name.to_owned(),
        ends_at: world.now().plus_seconds(days * DAY),
        judge_seconds: 2 * 86_400,
        mark: None,
        keep: Some(2),
        gate: None,
        prizes: Some(StagePrizes {
            pot: world.tokens("100"),
            plan: PrizePlan::Ranked(Prizes::Shares(vec![5_000, 3_000, 2_000])),
        }),
    };
    let rules = Rules { stages: vec![stage("Paper", 5), stage("Model", 8)], ..Rules::default() };
    let race = world.race(Start { rules, ..Start::default() }).await;
    for who in ["ada", "ben", "cid"] {
        race.run(who).await;
    }
    race.task
}

/// Another prize plan is proposed, and everybody is asked.
async fn amendment(world: &World, race: &Race<'_>) -> AmendmentId {
    let old = race.view().await;
    let plan = PrizePlan::Ranked(Prizes::Shares(vec![7_000, 3_000]));
    let rules = Rules { plan, ..old.rules };
    let to = Amended { brief: old.brief, criteria: old.criteria, closes_at: old.closes_at, rules };
    let reason = "Two places make more of you try.".to_owned();
    world.must("mia", ProposeAmendment { task: race.task, to, reason, answer_by: None }).await
}

/// The first address on `who`'s page at `path` that begins with `beginning` and goes on.
async fn link(app: &TestApp, who: &str, path: &str, beginning: &str) -> String {
    let page = app.browser(who).await.get(path).await;
    let mut links = page.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links
        .find(|link| link.len() > beginning.len() && link.starts_with(beginning))
        .unwrap_or_else(|| panic!("nothing on {path} leads below {beginning}:\n{}", page.text))
        .to_owned()
}

/// The people, their unit and what they hold.
async fn people(world: &World) -> market::person::Invited {
    world.bring("root", PersonKind::Member, &[Role::Admin]).await;
    world.bring("mia", PersonKind::Member, &[Role::Manager, Role::Treasurer]).await;
    world.outsider("otto").await;
    world.person("eva").await;
    world.bring("rex", PersonKind::Member, &[Role::Auditor]).await;
    world.programme("parsers", "olga", "mia", "500").await;
    let unit = world.unit("red", "mia", &["ben"]).await;
    world.give(market::wallet::Destination::Unit(unit), "5").await;
    world.give_person("mia", "1234567.89").await;
    world.must("root", InvitePerson { email: "new@dawn.example".to_owned(), roles: vec![] }).await
}

/// Makes the world; answers its pages.
#[allow(clippy::too_many_lines, reason = "one line for each page")]
pub(crate) async fn gallery(app: &TestApp) -> Vec<Picture> {
    let world = &app.world;
    let invited = people(world).await;
    let settled = world.race(open()).await;
    let (first, second) = (settled.run("ada").await, settled.run("otto").await);
    settled.finish(&[(first, 1), (second, 1)]).await;
    let judges = vec![world.person("jan").await, world.person("joy").await];
    let appealed = world.race(ruled_by(Judging::Judges(judges))).await;
    let (won, lost) = (appealed.run("ada").await, appealed.run("ben").await);
    let last = appealed.run("cid").await;
    let ruled = world.race(Start::default()).await;
    let (best, worse) = (ruled.run("ada").await, ruled.run("cid").await);
    ruled.close().await;
    world
        .must(
            "jan",
            appealed.ruling(&[
                (won, Some(1), Some("90")),
                (lost, Some(2), Some("61.5")),
                (last, Some(3), Some("60")),
            ]),
        )
        .await;
    ruled.rule(&[(best, 1), (worse, 2)]).await;
    let grounds = "My *last* version was not measured.".to_owned();
    let appeal = world.must("ben", AppealRuling { entry: lost, grounds }).await;
    let twice = turned_down_again(world, "cid", last).await;
    let judged = world.race(Start { runs: time::Duration::days(1), ..Start::default() }).await;
    for who in ["ada", "ben", "cid", "dan"] {
        judged.run(who).await;
    }
    let votes = VoteRules { voters: Voters::Members, ballot: Ballot::One, seconds: 86_400 };
    let voted = world.race(Start { runs: time::Duration::days(1), ..ruled_by(Judging::Vote(votes)) }).await;
    for who in ["ada", "ben"] {
        voted.run(who).await;
    }
    let (scored, fed) = (panel(world).await, fed(world).await);
    let to_score = scored.run("ada").await;
    scored.run("ben").await;
    let feedback = fed.run("ada").await;
    let asked = fed.run("ben").await;
    let ask = format!("/entries/{asked}/feedback");
    app.browser("ben").await.fill(&ask, &ask, &[]).await;
    let written = link(app, "jan", &format!("/entries/{asked}"), "/submissions/").await;
    judged.close().await;
    let scores = vec![Score::parse("80").ok(), None];
    world.must("jan", SaveScores { entry: to_score, scores, comment: "Works.".to_owned() }).await;
    assert_eq!(judged.state().await, TaskState::Judging);
    let running = world.race(open()).await;
    let riding = running.run("ada").await;
    let question = AskQuestion { task: running.task, question: "Is a cold *cache* allowed?".to_owned() };
    let question = world.must("cid", question).await;
    let text = "The machine has two cores.".to_owned();
    world.must("mia", ClarifyTask { task: running.task, text }).await;
    let crew = world.shares(&[("ben", 5_000), ("cid", 5_000)]).await;
    let name = Some("Two in a boat".to_owned());
    let pair = world.must("ben", EnterRace { crew, name, ..running.alone() }).await;
    world.must("cid", world.agreeing("cid", pair).await).await;
    let plan = PrizePlan::Metered { per_event: world.tokens("40") };
    let metered = world.race(Start { rules: Rules { plan, ..Rules::default() }, ..Start::default() }).await;
    let counted = metered.run("ada").await;
    let evidence = "See the list of the week.".to_owned();
    world.must("mia", RecordEvents { task: metered.task, entry: Some(counted), count: 3, evidence }).await;
    let (on_board, boarded) = measured(world).await;
    let staged = staged(world).await;
    let amended = world.race(Start::default()).await;
    amended.run("ada").await;
    let amendment = amendment(world, &amended).await;
    let draft = world.draft(&Start::default()).await;
    let hooks = [("url", "https://hooks.example/saima")];
    app.browser("root").await.fill("/webhooks", "/webhooks", &hooks).await;
    let webhook = link(app, "root", "/webhooks", "/webhooks/").await;
    let fields = [("do", "template"), ("template.name", "Good lists"), ("brief", "What is known.")];
    app.browser("mia").await.fill("/tasks/new", "/tasks/new", &fields).await;
    app.tick().await;

    let [scored, settled, appealed, judged, voted, running, metered, on_board, staged_task, draft, amended] = {
        let tasks = [
            scored.task,
            settled.task,
            appealed.task,
            judged.task,
            voted.task,
            running.task,
            metered.task,
            on_board,
            staged,
            draft,
            amended.task,
        ];
        let mut handles = Vec::new();
        for task in tasks {
            handles.push(handle(world, task).await);
        }
        <[String; 11]>::try_from(handles).unwrap()
    };
    vec![
        page("front", "", "/", ""),
        page("style", "", "/style", ""),
        page("sign-in", "", "/sign-in", ""),
        page("sign-in-wrong", "", "/sign-in", "").wrong(),
        page("sign-up", "", "/sign-up", ""),
        page("sign-up-wrong", "", "/sign-up", "").wrong(),
        page("invitation", "", "/invitation/{secret}", &invited.secret),
        page("visitor-tasks", "", "/tasks", ""),
        page("visitor-task", "", "/tasks/{handle}", &running),
        page("visitor-settled", "", "/tasks/{handle}", &settled),
        page("not-found", "", "/nothing", "").refused(404),
        page("tasks", "mia", "/tasks", ""),
        page("tasks-none", "mia", "/tasks", "").with("q", "zzzzzz"),
        page("search", "mia", "/search", "").with("q", "parser"),
        page("search-none", "mia", "/search", "").with("q", "zzzzzz"),
        page("task-new", "mia", "/tasks/new", ""),
        page("task-new-wrong", "mia", "/tasks/new", "").wrong(),
        page("task-open", "mia", "/tasks/{handle}", &running),
        page("task-judging", "mia", "/tasks/{handle}", &judged),
        page("task-settled", "mia", "/tasks/{handle}", &settled),
        page("task-appealed", "mia", "/tasks/{handle}", &appealed),
        page("task-measured", "mia", "/tasks/{handle}", &on_board),
        page("task-staged", "mia", "/tasks/{handle}", &staged_task),
        page("task-metered", "mia", "/tasks/{handle}", &metered),
        page("task-voted", "mia", "/tasks/{handle}", &voted),
        page("task-draft", "mia", "/tasks/{handle}", &draft),
        page("task-edit", "mia", "/tasks/{handle}/edit", &draft),
        page("task-publish", "mia", "/tasks/{handle}/publish", &draft),
        page("task-delete", "mia", "/tasks/{handle}/delete", &draft),
        page("task-boost", "mia", "/tasks/{handle}/boost", &running),
        page("task-boost-wrong", "mia", "/tasks/{handle}/boost", &running).wrong(),
        page("task-clarify", "mia", "/tasks/{handle}/clarify", &running),
        page("task-extend", "mia", "/tasks/{handle}/extend", &running),
        page("task-cancel", "mia", "/tasks/{handle}/cancel", &running),
        page("task-invite", "mia", "/tasks/{handle}/invite", &running),
        page("task-rule", "mia", "/tasks/{handle}/rule", &judged),
        page("task-rule-wrong", "mia", "/tasks/{handle}/rule", &judged).wrong(),
        page("task-events", "mia", "/tasks/{handle}/events", &metered),
        page("task-key", "mia", "/tasks/{handle}/key", &on_board),
        page("task-uninvite", "mia", "/tasks/{handle}/uninvite", &running),
        page("task-value", "mia", "/tasks/{handle}/value", &draft),
        page("task-amend", "mia", "/tasks/{handle}/amend", &running),
        page("task-amended", "ada", "/tasks/{handle}", &amended),
        page("task-replay", "", "/tasks/{handle}/replay", &settled),
        page("task-effort", "ada", "/tasks/{handle}/effort", &settled),
        page("amendment", "ada", "/amendments/{id}", amendment),
        page("amendment-leave", "ada", "/amendments/{id}/leave", amendment),
        page("amendment-withdraw", "mia", "/amendments/{id}/withdraw", amendment),
        page("insight", "mia", "/insight", ""),
        page("flow", "mia", "/flow", ""),
        page("question-answer", "mia", "/questions/{id}/answer", question),
        page("templates", "mia", "/templates", ""),
        page("entry-of-others", "mia", "/entries/{id}", riding),
        page("entry-disqualify", "mia", "/entries/{id}/disqualify", riding),
        page("work", "mia", "/work", ""),
        page("wallet", "mia", "/wallet", ""),
        page("split", "mia", "/wallet/split", ""),
        page("split-wrong", "mia", "/wallet/split", "").wrong(),
        page("wallet-send", "mia", "/wallet/send", ""),
        page("wallet-send-wrong", "mia", "/wallet/send", "").wrong(),
        page("units", "mia", "/units", ""),
        page("unit-new", "mia", "/units/new", ""),
        page("unit", "mia", "/units/{slug}", "red"),
        page("unit-races", "mia", "/units/{slug}/races", "red"),
        page("programmes", "mia", "/programmes", ""),
        page("programme-new", "mia", "/programmes/new", ""),
        page("programme", "mia", "/programmes/{slug}", "parsers"),
        page("treasury", "mia", "/treasury", ""),
        page("treasury-issue", "mia", "/treasury/issue", ""),
        page("treasury-allocate", "mia", "/treasury/allocate", ""),
        page("person", "mia", "/people/{handle}", "ada"),
        page("ledger", "mia", "/ledger", ""),
        page("verify", "", "/verify", ""),
        page("anchors", "mia", "/ledger/anchors", ""),
        page("anchor-new", "mia", "/ledger/anchors/new", ""),
        page("account", "mia", "/ledger/accounts/{id}", account(app, "mia").await),
        page("record", "mia", "/ledger/records/{which}", 3),
        page("panel", "jan", "/tasks/{handle}/panel", &scored),
        page("panel-lane", "jan", "/tasks/{handle}/panel/{lane}", format!("{scored}/panel/1")),
        page("panel-lock", "jan", "/tasks/{handle}/lock", &scored),
        page("feedback-write", "jan", "/submissions/{id}/feedback", written.split('/').nth(2).unwrap()),
        page("aside", "joy", "/entries/{id}/aside", to_score),
        page("feedback-ask", "ada", "/entries/{id}/feedback", feedback),
        page("appeal-answer-again", "rex", "/appeals/{id}/answer-again", twice).with("task", &appealed),
        page("task-vote", "eva", "/tasks/{handle}/vote", &voted),
        page("task-enter", "eva", "/tasks/{handle}/enter", &running),
        page("task-ask", "eva", "/tasks/{handle}/ask", &running),
        page("empty-work", "eva", "/work", ""),
        page("empty-wallet", "eva", "/wallet", ""),
        page("webhooks-none", "mia", "/webhooks", "").with("of", "unit:red"),
        page("webhooks", "root", "/webhooks", ""),
        page("webhook", "root", "/webhooks/{id}", webhook.trim_start_matches("/webhooks/")),
        page("people", "root", "/admin/people", ""),
        page("erasures", "root", "/admin/erasures", ""),
        page("anchor-follow", "root", "/ledger/anchors/follow", ""),
        page("explorer", "root", "/graphql", ""),
        page("entry", "ada", "/entries/{id}", riding),
        page("entry-measured", "ada", "/entries/{id}", boarded),
        page("entry-paid", "ada", "/entries/{id}", first),
        page("entry-withdraw", "ada", "/entries/{id}/withdraw", riding),
        page("entry-crew", "ada", "/entries/{id}/crew", riding),
        page("own-person", "ada", "/people/{handle}", "ada"),
        page("preferences", "ada", "/preferences", ""),
        page("keys", "ada", "/keys", ""),
        page("notices", "ada", "/notices", ""),
        page("entry-appeal", "cid", "/entries/{id}/appeal", worse),
        page("entry-merge", "ben", "/entries/{id}/merge", pair).with("with", riding),
        page("entry-hand-over", "ben", "/entries/{id}/hand-over", pair),
        page("entry-leave", "ben", "/entries/{id}/leave", pair),
        page("appeal-answer", "joy", "/appeals/{id}/answer", appeal).with("task", &appealed),
    ]
}

/// The same world later, when a stage waits for its ruling.
pub(crate) async fn later(app: &TestApp, pictures: &[Picture]) -> Vec<Picture> {
    app.world.wait(time::Duration::days(6));
    app.tick().await;
    let staged = pictures.iter().find(|picture| picture.name == "task-staged").unwrap();
    vec![page("task-stage", "mia", "/tasks/{handle}/stage", staged.path.trim_start_matches("/tasks/"))]
}

/// The checker, axe-core by Deque (MPL-2.0; its licence lies beside it).
pub(crate) const AXE: &str = include_str!("vendor/axe.min.js");
