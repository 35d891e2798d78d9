//! The whole program on a port of its own, started by the function that the binary starts it by.

use std::sync::Arc;

use market::{Actor, CountedIds, ManualClock};
use saima::config::DatabaseUrl;
use saima::{App, Config, Layer, Running};

use crate::asker::HttpAsker;
use crate::database::{Db, Fresh};
use crate::stage::Stage;
use crate::world::World;

/// The program, serving on a world that stands still.
pub struct TestApp {
    /// The market behind it, and its people.
    pub world: World,
    /// Where it listens, without a slash at the end.
    pub base: String,
    running: Running,
}

impl Stage for TestApp {
    async fn set_up(db: Db) -> Self {
        Self::start_with(db, |_| {}).await
    }

    async fn must_hold(&self) {
        self.world.books_hold().await;
    }

    async fn strike(self) {
        self.running.stop().await.unwrap();
        self.world.fresh.drop().await;
    }
}

impl TestApp {
    /// Starts it with a configuration that `change` has had its way with.
    pub async fn start_with(db: Db, change: impl FnOnce(&mut Config)) -> Self {
        let fresh = Fresh::make(db).await;
        let mut config: Config = Layer::default().into();
        config.listen = "127.0.0.1:0".parse().unwrap();
        config.database = fresh.url.parse::<DatabaseUrl>().unwrap();
        config.data = fresh.path().to_owned();
        config.settings = World::settings();
        config.workers = Some(1);
        change(&mut config);
        let clock = Arc::new(ManualClock::new(World::start()));
        let app = App { config, clock: clock.clone(), ids: Arc::new(CountedIds::default()) };
        let running = app.start().await.unwrap_or_else(|why| panic!("the program did not start: {why}"));
        let base = format!("http://{}", running.address);
        let world = World::around(running.market.clone(), clock, fresh);
        Self { world, base, running }
    }

    /// Who watches races.
    pub fn live(&self) -> &web::live::Live {
        self.running.live()
    }

    /// Somebody who has not signed in.
    pub fn anonymous(&self) -> HttpAsker {
        HttpAsker::new(&self.base)
    }

    /// A person of the world, signed in as in a browser.
    pub async fn browser(&self, handle: &str) -> HttpAsker {
        self.world.person(handle).await;
        let asker = self.anonymous();
        asker.sign_in(handle).await;
        asker
    }

    /// A person of the world, signed in to the API.
    pub async fn api(&self, handle: &str) -> HttpAsker {
        self.world.person(handle).await;
        let mut asker = self.anonymous();
        asker.sign_in_to_api(handle).await;
        asker
    }

    /// Lets the clockwork do what is due and seals what was written, as the jobs do by themselves.
    pub async fn tick(&self) {
        self.world.market.keep_time().await.unwrap();
        self.world.market.seal_now().await.unwrap();
    }

    /// The keys that a receipt of this log verifies by, as its page tells.
    pub async fn verifier_key(&self) -> ledger::VerifierKey {
        self.world.market.head(&Actor::Visitor).await.unwrap().verifier_key.parse().unwrap()
    }
}
