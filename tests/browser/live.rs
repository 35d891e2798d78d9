//! A race that moves while it is looked at.

use std::time::Duration;

use market::task::Visibility;
use tests::{Start, TestApp};

use crate::chromium::Choice;
use crate::stage::{Browser, in_browser};

const HORSES: &str = "return document.querySelectorAll('.t-entry').length";

#[test]
fn a_lane_moves_without_a_reload() {
    in_browser(Choice::default(), async |app: &TestApp, browser: &mut Browser| {
        let race = app.world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        let entry = race.enter("ada").await;
        app.world.wait(time::Duration::days(4));
        let page = format!("/tasks/{}", race.view().await.handle);
        let window = browser.window().await;
        window.goto(&page).await;
        window.ask("window.kept = document.querySelector('[data-lane=\"1\"] .t-mount')").await;
        let place = "return document.querySelector('[data-lane=\"1\"] .t-mount').getAttribute('x')";
        let before = window.ask(place).await;
        race.submit("ada", entry).await;
        for round in 0..100 {
            if window.ask(place).await != before {
                break;
            }
            assert!(round < 99, "the horse stays where it was");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let same =
            window.ask("return window.kept === document.querySelector('[data-lane=\"1\"] .t-mount')").await;
        assert_eq!(same, true, "it is the same horse, so that it runs instead of jumping");
        assert_eq!(
            window.ask("return document.querySelectorAll('[role=status][data-live-told]').length").await,
            1
        );
        race.run("ben").await;
        for round in 0..100 {
            if window.ask(HORSES).await == 2 {
                break;
            }
            assert!(round < 99, "the second horse does not come");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let complaints = window.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
        window.close().await;
    });
}

#[test]
fn without_scripts_a_reload_shows_it() {
    in_browser(
        Choice { scripts: false, ..Choice::default() },
        async |app: &TestApp, browser: &mut Browser| {
            let race = app.world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
            race.run("ada").await;
            let page = format!("/tasks/{}", race.view().await.handle);
            let window = browser.window().await;
            window.goto(&page).await;
            assert_eq!(window.ask(HORSES).await, 1);
            race.run("ben").await;
            window.goto(&page).await;
            assert_eq!(window.ask(HORSES).await, 2);
            assert!(window.text().await.contains("On the track"), "and the table says the same");
            window.close().await;
        },
    );
}
