//! What a page asks the database.
//!
//! Promises: the world is the demo's, with every kind of task in every state, and the pages are those that show lists
//! or come of many tables; the many rows are a multiple of all of it for the same people, so that whoever looks has
//! many of everything. Must never: count what jobs ask at the same time for a page's.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use market::task::{TaskState, TaskView};
use market::{Actor, Moment};
use tests::{Db, HttpAsker, Stage, TestApp, World};
use web::urls;

/// Most statements of any page, however much it shows.
const MOST: u64 = 80;

/// The demo world behind the program, whose books nobody looks at once it has grown.
struct Demo {
    app: TestApp,
    tasks: Vec<TaskView>,
}

impl Stage for Demo {
    async fn set_up(db: Db) -> Self {
        let app = TestApp::set_up(db).await;
        let until = Moment(World::start().0 + 46 * 86_400 * 1_000_000);
        let market = app.world.market.clone();
        let world = seeds::play(&market, &app.world.clock, until, |_, _, _| {}).await.unwrap();
        let auditor = person(&app, "ruth").await;
        let mut tasks = Vec::new();
        for id in world.tasks.into_values() {
            tasks.extend(market.task(&auditor, id).await.ok());
        }
        Self { app, tasks }
    }

    async fn must_hold(&self) {}

    async fn strike(self) {
        self.app.strike().await;
    }
}

async fn person(app: &TestApp, handle: &str) -> Actor {
    let market = &app.world.market;
    let sofia = seeds::World::default().accounts[0];
    let input = market::person::SignInInput {
        email: sofia.email.to_owned(),
        password: seeds::PASSWORD.to_owned(),
        from: "harness".to_owned(),
    };
    let admin = market.actor(market.sign_in(input).await.unwrap()).await.unwrap();
    let id = market.person_by_handle(&admin, handle).await.unwrap().id;
    market.actor(id).await.unwrap()
}

async fn browser(app: &TestApp, who: &str) -> HttpAsker {
    let asker = app.anonymous();
    if !who.is_empty() {
        let fields = [("email", &*format!("{who}@demo.example")), ("password", seeds::PASSWORD)];
        let answer = asker.fill("/sign-in", "/sign-in", &fields).await;
        assert_eq!(answer.status, 303, "{who}: {}", answer.text);
    }
    asker
}

/// How many statements a page takes, and how long: the least of a few, for jobs ask as well. No more is asked once
/// it is few enough.
async fn cost(app: &TestApp, asker: &HttpAsker, path: &str, enough: u64) -> (u64, Duration) {
    let store = app.world.market.store();
    let mut least = (u64::MAX, Duration::MAX);
    for tried in 0..8 {
        if tried > 1 && least.0 <= enough {
            break;
        }
        let (before, begun) = (store.asked(), Instant::now());
        let page = asker.get(path).await;
        let took = begun.elapsed();
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        least = (least.0.min(store.asked() - before), least.1.min(took));
    }
    least
}

impl Demo {
    /// Who looks at what.
    async fn pages(&self) -> Vec<(&'static str, String)> {
        let mut pages: Vec<(&'static str, String)> = Vec::new();
        for (who, paths) in [
            ("", vec!["/", "/tasks", "/ledger", "/search?q=a", "/feed.atom", "/tasks.atom", "/sitemap.xml"]),
            (
                "manager",
                vec![
                    "/",
                    "/tasks",
                    "/tasks?show=mine",
                    "/tasks/new",
                    "/templates",
                    "/work",
                    "/wallet",
                    "/wallet/send",
                    "/units",
                    "/units/red",
                    "/units/red/races",
                    "/programmes",
                    "/ledger",
                    "/ledger/anchors",
                    "/insight",
                    "/flow",
                    "/search?q=a",
                    "/notices",
                    "/keys",
                    "/people/zhao-lei",
                ],
            ),
            ("red", vec!["/work", "/wallet", "/people/zhao-lei", "/units/red", "/tasks?show=riding"]),
            ("judge", vec!["/work", "/tasks?show=judging"]),
            ("director", vec!["/work", "/wallet", "/programmes"]),
            ("auditor", vec!["/ledger", "/insight", "/flow", "/work", "/treasury"]),
            ("treasurer", vec!["/treasury", "/wallet"]),
            ("admin", vec!["/admin/people", "/admin/erasures", "/webhooks"]),
        ] {
            pages.extend(paths.into_iter().map(|path| (who, path.to_owned())));
        }
        let (market, auditor) = (&self.app.world.market, person(&self.app, "ruth").await);
        let mut seen = |path: String| pages.push(("auditor", path));
        for task in &self.tasks {
            seen(urls::task(&task.handle));
            if task.rules.judging.panel().is_some() && task.state != TaskState::Draft {
                seen(urls::task_panel(&task.handle));
            }
            let entries = market.entries(&auditor, task.id).await.unwrap();
            if let Some(entry) = entries.first() {
                seen(urls::entry(entry.id));
            }
        }
        for index in [0, 40, 100] {
            let record = market.record_by_index(&auditor, index).await.unwrap();
            seen(urls::record(index));
            if let Some(line) = record.postings.first() {
                seen(urls::account(line.account.id));
            }
        }
        pages
    }
}

async fn costs(
    demo: &Demo,
    pages: &[(&'static str, String)],
    enough: impl Fn(usize) -> u64,
) -> Vec<(u64, Duration)> {
    let mut askers: Vec<(&str, Arc<HttpAsker>)> = Vec::new();
    let mut found = Vec::new();
    for (at, (who, path)) in pages.iter().enumerate() {
        let known = askers.iter().find(|(name, _)| name == who).map(|(_, asker)| Arc::clone(asker));
        let asker = match known {
            Some(asker) => asker,
            None => {
                let asker = Arc::new(browser(&demo.app, who).await);
                askers.push((who, Arc::clone(&asker)));
                asker
            }
        };
        found.push(cost(&demo.app, &asker, path, enough(at)).await);
    }
    found
}

#[allow(clippy::print_stdout, reason = "it measures, and tells what")]
async fn as_often_for_many_as_for_few(demo: &Demo) {
    let pages = demo.pages().await;
    let few = costs(demo, &pages, |_| u64::MAX).await;
    let records = demo.app.world.multiply(60).await;
    assert!(records >= 10_000, "{records} records");
    let many = costs(demo, &pages, |at| few[at].0).await;
    let mut grown = String::new();
    for (((who, path), few), many) in pages.iter().zip(few).zip(many) {
        println!("{:3} {:3} {:5} {:5} {who} {path}", few.0, many.0, few.1.as_millis(), many.1.as_millis());
        if many.0 > few.0 || many.0 > MOST {
            writeln!(grown, "{path} for {who}: {} statements, and {} for many rows", few.0, many.0).unwrap();
        }
    }
    assert!(grown.is_empty(), "\n{grown}");
}

mod a_page_asks_as_often_for_many_rows_as_for_few {
    #[test]
    fn on_sqlite() {
        tests::play(tests::Db::Sqlite, super::as_often_for_many_as_for_few);
    }

    #[test]
    fn on_postgres() {
        tests::play(tests::Db::Postgres, super::as_often_for_many_as_for_few);
    }
}
