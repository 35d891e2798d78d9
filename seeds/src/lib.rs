//! Worlds to try and to test with.
//!
//! Promises: a world is played through market commands, as its people would have done it, one instant
//! after the other; whatever the market refuses stops the play. Must never: touch a table, or ask a clock
//! other than the one it is given to turn.

mod cast;
mod stage;
mod stories;
mod story;

use std::collections::BTreeMap;

use market::{ManualClock, Market, Moment, Result, TaskId};

use stage::Stage;

/// The organisation that the demo world is about.
pub const HOUSE: &str = "Meridian Works 子午工场";
/// Everybody's password in the demo world.
pub const PASSWORD: &str = "demo-race-2026";
/// How many days of the past are played.
const DAYS: i64 = 45;
const DAY_SECONDS: i64 = 86_400;

/// A world that has been played.
#[derive(Debug, Clone)]
pub struct World {
    /// Accounts to try, each with [`PASSWORD`].
    pub accounts: Vec<Account>,
    /// The tasks by the short names that the stories give them.
    pub tasks: BTreeMap<&'static str, TaskId>,
}

/// Somebody to sign in as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// The address to sign in with.
    pub email: &'static str,
    /// The name as shown.
    pub name: &'static str,
    /// What they are there for.
    pub what: &'static str,
}

impl Default for World {
    /// What is known of the world without playing it.
    fn default() -> Self {
        Self { accounts: cast::accounts(), tasks: BTreeMap::new() }
    }
}

/// The instant at which a world that ends at `until` begins: midnight (UTC), six weeks and a half before.
pub fn start(until: Moment) -> Moment {
    let begin = until.plus_seconds(-DAYS * DAY_SECONDS);
    Moment(begin.0 - begin.0.rem_euclid(DAY_SECONDS * 1_000_000))
}

/// Plays the demo world on an empty market whose time is `clock`, up to the instant `until`, where the
/// clock is left. `progress` is told how many steps of how many are done, and what comes next.
///
/// # Errors
/// A fault that names the step, when the market refuses one.
pub async fn play(
    market: &Market,
    clock: &ManualClock,
    until: Moment,
    mut progress: impl FnMut(u64, u64, &str),
) -> Result<World> {
    let mut stage = Stage::new(market, clock, start(until));
    let steps = story::in_order(stories::all());
    let total = cast::STEPS + count(steps.len());
    let mut done = 0;
    stage
        .open(|what| {
            progress(done, total, what);
            done += 1;
        })
        .await?;
    for step in &steps {
        progress(done, total, step.story.title);
        stage.play(step).await?;
        done += 1;
    }
    stage.go(until).await?;
    market.seal_now().await?;
    progress(total, total, "");
    Ok(World { tasks: stage.into_tasks(), ..World::default() })
}

fn count(steps: usize) -> u64 {
    u64::try_from(steps).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use story::on;

    #[test]
    fn a_world_begins_at_midnight_and_all_its_past_lies_before_its_end() {
        let until = Moment::parse_rfc3339("2026-11-21T00:00:00Z").unwrap_or(Moment(0));
        assert_eq!(start(until).rfc3339(), "2026-10-07T00:00:00Z");
        assert_eq!(start(Moment(until.0 + DAY_SECONDS * 1_000_000 - 1)), start(until));
        for step in story::in_order(stories::all()) {
            assert!(step.at <= on(DAYS, 8, 0), "{}: {:?}", step.story.key, step.scene);
        }
    }
}
