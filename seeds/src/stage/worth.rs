//! What a result is worth, and the hours that went into it.

use market::Result;
use market::cost::{DeclareEffort, StateValue, StatedValue};

use super::Stage;
use crate::story::Story;

impl Stage<'_> {
    /// The poster states the value of the result, before the race opens and for all to see.
    pub(super) async fn worth(&self, story: &Story, amount: &str) -> Result<()> {
        let value = Some(StatedValue { amount: self.amount(amount)?, public: true });
        self.run(story.poster, StateValue { task: self.task(story)?, value }).await
    }

    /// `by` tells how many hours went into their lane, or into judging.
    pub(super) async fn spend(&self, story: &Story, by: &str, hours: u32) -> Result<()> {
        self.run(by, DeclareEffort { task: self.task(story)?, minutes: hours * 60 }).await
    }
}
