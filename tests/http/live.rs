//! Races as they run: who watches hears that something changed, and never what.

use std::time::Duration;

use market::race::{EntryRules, Names};
use market::task::{Rules, Visibility};
use reqwest::{Method, Response};
use tests::{Answer, Db, HttpAsker, Race, Stage, Start, TestApp, both, play};

/// A stream of a race.
struct Stream {
    response: Response,
    kept: String,
}

impl Stream {
    async fn open(asker: &HttpAsker, path: &str, known: Option<&str>) -> Self {
        let mut request = asker.request(Method::GET, path).header("accept", "text/event-stream");
        if let Some(known) = known {
            request = request.header("last-event-id", known);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, kept: String::new() }
    }

    /// The next block that is more than a comment, within so many seconds; nothing when the stream ends or is silent.
    async fn next(&mut self, seconds: u64) -> Option<String> {
        let told = async {
            loop {
                if let Some((block, rest)) = self.kept.split_once("\n\n") {
                    let block = block.to_owned();
                    self.kept = rest.to_owned();
                    if block.contains("id: ") {
                        return Some(block);
                    }
                    continue;
                }
                let chunk = self.response.chunk().await.ok().flatten()?;
                self.kept.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        };
        tokio::time::timeout(Duration::from_secs(seconds), told).await.ok().flatten()
    }
}

fn id_of(block: &str) -> &str {
    block.lines().find_map(|line| line.strip_prefix("id: ")).unwrap()
}

async fn paths(race: &Race<'_>) -> (String, String) {
    let handle = race.view().await.handle;
    (format!("/tasks/{handle}/live"), format!("/tasks/{handle}/track"))
}

both! {
    async fn who_watches_hears_of_a_change_and_who_comes_back_of_what_they_missed(app: &TestApp) {
        let race = app.world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        let (live, track) = paths(&race).await;
        let visitor = app.anonymous();
        let mut stream = Stream::open(&visitor, &live, None).await;
        let first = stream.next(5).await.unwrap();
        assert!(!first.contains("event: race"), "nothing has changed yet: {first}");
        let known = id_of(&first).to_owned();
        race.run("ada").await;
        let told = stream.next(5).await.expect("a version was handed in");
        assert!(told.contains("event: race"), "{told}");
        assert_ne!(id_of(&told), known);
        assert!(!told.contains("ada"), "that it changed, not how: {told}");
        let piece = visitor.get(&track).await;
        assert!(piece.text.contains("data-lane=\"1\"") && piece.text.contains("t-entry on"), "{}", piece.text);

        let mut again = Stream::open(&visitor, &live, Some(&known)).await;
        assert!(again.next(5).await.unwrap().contains("event: race"), "what was missed is told");
        let mut up_to_date = Stream::open(&visitor, &live, Some(id_of(&told))).await;
        assert_eq!(up_to_date.next(2).await, None, "nothing was missed");
    }

    async fn the_clock_alone_is_heard_as_well(app: &TestApp) {
        let race = app.world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        race.run("ada").await;
        let (live, track) = paths(&race).await;
        let visitor = app.anonymous();
        let mut stream = Stream::open(&visitor, &live, None).await;
        stream.next(5).await.unwrap();
        assert!(visitor.get(&track).await.text.contains("The race is on"));
        race.close().await;
        assert!(stream.next(5).await.is_some(), "the clock has stopped");
        assert!(visitor.get(&track).await.text.contains("The clock has stopped"));
    }

    async fn nobody_watches_what_they_may_not_see(app: &TestApp) {
        let internal = app.world.race(Start::default()).await;
        let (live, track) = paths(&internal).await;
        app.world.outsider("otto").await;
        let draft = app.world.draft(&Start::default()).await;
        let mia = app.world.actor("mia").await;
        let draft = app.world.market.task(&mia, draft).await.unwrap().handle;
        for asker in [app.anonymous(), app.browser("otto").await] {
            for path in [&live, &track, &"/tasks/zzzzzzzz/live".to_owned()] {
                assert_eq!(asker.get(path).await.status, 404, "{path}");
            }
        }
        let poster = app.browser("mia").await;
        assert_eq!(poster.get(&format!("/tasks/{draft}/live")).await.status, 404, "nothing moves in a draft");
        Stream::open(&app.browser("ada").await, &live, None).await;
    }

    async fn rivals_hear_nothing_while_the_track_stands_still_for_them(app: &TestApp) {
        let rules = Rules { freeze_seconds: Some(86_400), ..Rules::default() };
        let race = app.world.race(Start { rules, visibility: Visibility::Open, ..Start::default() }).await;
        let entry = race.run("ada").await;
        race.run("ben").await;
        app.world.wait(time::Duration::hours(9 * 24 + 1));
        let (live, track) = paths(&race).await;
        let (ada, ben) = (app.browser("ada").await, app.browser("ben").await);
        let mut stream = Stream::open(&ben, &live, None).await;
        let known = stream.next(5).await.unwrap();
        let before = ben.get(&track).await.text;
        assert!(before.contains("stands still for rivals"), "{before}");
        race.submit("ada", entry).await;
        assert_eq!(stream.next(3).await, None, "what came after the track stood still is nobody's business");
        let mut late = Stream::open(&ben, &live, Some(id_of(&known))).await;
        assert_eq!(late.next(2).await, None);
        assert_eq!(ben.get(&track).await.text, before);
        assert!(ada.get(&track).await.text.contains("2 versions"), "one's own crew sees its own");
    }

    async fn those_on_one_stand_see_the_same_and_riders_what_is_theirs(app: &TestApp) {
        let rules = Rules { entry: EntryRules { names: Names::UntilRuling, ..EntryRules::default() }, ..Rules::default() };
        let race = app.world.race(Start { rules, ..Start::default() }).await;
        race.run("ada").await;
        let (live, track) = paths(&race).await;
        let (ada, ben, cid) = (app.browser("ada").await, app.browser("ben").await, app.browser("cid").await);
        // While somebody watches, what is rendered is kept for the others.
        let _watched = Stream::open(&ben, &live, None).await;
        let (one, other) = (ben.get(&track).await, cid.get(&track).await);
        assert_eq!(one.text, other.text);
        assert_eq!(one.header("etag"), other.header("etag"));
        assert!(!one.text.contains("Ada"), "names are hidden: {}", one.text);
        let own = ada.get(&track).await;
        assert!(own.text.contains("t-lane mine"), "{}", own.text);
        assert!(!one.text.contains("t-lane mine"));
        let known = own.header("etag").to_owned();
        let same = Answer::of(ada.request(Method::GET, &track).header("if-none-match", known)).await;
        assert_eq!((same.status, same.text.as_str()), (304, ""));
        let page = ben.get(&track.replace("/track", "")).await;
        assert!(page.text.contains(&format!("data-live=\"{live}\"")), "the page knows where to listen");
    }
}

#[test]
fn places_are_bounded_and_an_address_that_took_its_share_is_told_when_to_come_back() {
    struct Small(TestApp);
    impl Stage for Small {
        async fn set_up(db: Db) -> Self {
            Self(TestApp::start_with(db, |config| config.live.each = 2).await)
        }
        async fn must_hold(&self) {
            self.0.must_hold().await;
        }
        async fn strike(self) {
            self.0.strike().await;
        }
    }
    play(Db::Sqlite, async |Small(app): &Small| {
        let race = app.world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        let (live, _) = paths(&race).await;
        let visitor = app.anonymous();
        let _one = Stream::open(&visitor, &live, None).await;
        let _two = Stream::open(&visitor, &live, None).await;
        let refused = visitor.get(&live).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
        let page = visitor.get(live.trim_end_matches("/live")).await;
        assert_eq!(page.status, 200, "the page itself is there for all");
    });
}

#[test]
fn streams_end_when_the_program_stops_and_do_not_hold_it_up() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let app = TestApp::set_up(Db::Sqlite).await;
        let race = app.world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        let (live, _) = paths(&race).await;
        let mut stream = Stream::open(&app.anonymous(), &live, None).await;
        stream.next(5).await.unwrap();
        let begun = std::time::Instant::now();
        app.strike().await;
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        assert_eq!(stream.next(5).await, None);
    });
}

/// The places that are taken, once they are as many as wanted, or after so many seconds.
async fn taken(app: &TestApp, wanted: usize, seconds: u64) -> usize {
    let begun = std::time::Instant::now();
    while app.live().streams() != wanted && begun.elapsed() < Duration::from_secs(seconds) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    app.live().streams()
}

both! {
    async fn who_closes_the_browser_gives_their_place_back_at_once(app: &TestApp) {
        let race = app.world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        let (live, _) = paths(&race).await;
        let (visitor, ada) = (app.anonymous(), app.browser("ada").await);
        let mut one = Stream::open(&visitor, &live, None).await;
        let mut two = Stream::open(&ada, &live, None).await;
        one.next(5).await.unwrap();
        two.next(5).await.unwrap();
        assert_eq!(taken(app, 2, 1).await, 2);
        drop(one);
        assert_eq!(taken(app, 1, 5).await, 1, "long before the next heartbeat");
        drop(two);
        assert_eq!(taken(app, 0, 5).await, 0);
    }

    async fn one_with_many_tabs_locks_nobody_out_who_comes_from_the_same_address(app: &TestApp) {
        let race = app.world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        let (live, _) = paths(&race).await;
        let (visitor, ada, ben) = (app.anonymous(), app.browser("ada").await, app.browser("ben").await);
        let mut tabs = Vec::new();
        for _ in 0..24 {
            tabs.push(Stream::open(&ada, &live, None).await);
        }
        let refused = ada.get(&live).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
        Stream::open(&ben, &live, None).await;
        Stream::open(&visitor, &live, None).await;
        tabs.pop();
        taken(app, 23, 5).await;
        Stream::open(&ada, &live, None).await;
    }
}
