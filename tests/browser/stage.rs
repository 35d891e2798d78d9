//! The program with a browser in front of it.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use tests::{Db, Stage, TestApp};

use crate::chromium::{Choice, Driver, Window};

/// Stories about every page are long: their futures are large, and larger without optimisation.
const STACK: usize = 64 << 20;

/// Plays a story in windows of `choice`, one for each name, each signed in as the person of that name; the
/// first has not signed in.
pub(crate) fn in_browser(choice: Choice, story: impl AsyncFnOnce(&TestApp, &mut Browser) + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let played = thread.spawn_scoped(scope, || on_stage(choice, story)).unwrap();
        if let Err(broken) = played.join() {
            std::panic::resume_unwind(broken);
        }
    });
}

fn on_stage(choice: Choice, story: impl AsyncFnOnce(&TestApp, &mut Browser)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        // As a demo, which shows the design system too.
        let app = TestApp::start_with(Db::Sqlite, |config| config.demo = true).await;
        let mut browser = Browser { driver: Driver::start().await, base: app.base.clone(), choice };
        // Whatever happens, the processes end.
        let outcome = AssertUnwindSafe(story(&app, &mut browser)).catch_unwind().await;
        browser.driver.stop().await;
        if let Err(broken) = outcome {
            std::panic::resume_unwind(broken);
        }
        app.must_hold().await;
        app.strike().await;
    });
}

/// Opens windows.
pub(crate) struct Browser {
    driver: Driver,
    base: String,
    choice: Choice,
}

impl Browser {
    /// A window of somebody who has not signed in.
    pub(crate) async fn window(&mut self) -> Window {
        self.driver.open(&self.base, self.choice).await
    }

    /// A window of a person of the world.
    pub(crate) async fn of(&mut self, app: &TestApp, handle: &str) -> Window {
        app.world.person(handle).await;
        let window = self.window().await;
        window.sign_in(handle).await;
        window
    }
}
