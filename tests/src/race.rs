//! A race in a world: posted, run, ruled and settled by a few words.

use market::award::PayoutView;
use market::judging::{RuleRace, RulingLine, RulingView};
use market::race::{AgreeToCrew, CrewShare, EnterRace, EntryState, EntryView};
use market::submission::SubmitInput;
use market::task::{
    CreateTask, PublishTask, Rules, Score, Source, TaskInput, TaskState, TaskView, Visibility,
};
use market::{Actor, EntryId, RulingId, SubmissionId, TaskId};
use time::Duration;

use crate::world::World;

/// How a race begins; the default is an internal one with a bounty of 1,000 from the poster's own wallet,
/// which runs for ten days under the default rules.
pub struct Start {
    /// Who posts it; gets the bounty first where it comes from their own wallet.
    pub poster: &'static str,
    /// The bounty in major units.
    pub bounty: &'static str,
    /// Where it comes from.
    pub source: Source,
    /// Who may join.
    pub visibility: Visibility,
    /// How long it runs.
    pub runs: Duration,
    /// Its rules.
    pub rules: Rules,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            poster: "mia",
            bounty: "1000",
            source: Source::Person,
            visibility: Visibility::Internal,
            runs: Duration::days(10),
            rules: Rules::default(),
        }
    }
}

impl Start {
    /// What the poster writes.
    pub fn input(&self, world: &World) -> TaskInput {
        TaskInput {
            title: "A faster parser".to_owned(),
            brief: "Make the parser twice as fast, and keep it right.".to_owned(),
            criteria: "All tests pass.".to_owned(),
            visibility: self.visibility,
            source: self.source,
            bounty: world.tokens(self.bounty),
            closes_at: world.now().plus_seconds(self.runs.whole_seconds()),
            rules: self.rules.clone(),
        }
    }
}

/// A race that is open.
pub struct Race<'w> {
    world: &'w World,
    /// Its task.
    pub task: TaskId,
    /// Who posted it.
    pub poster: &'static str,
}

impl World {
    /// A crew by handle and basis points.
    pub async fn shares(&self, crew: &[(&str, u32)]) -> Vec<CrewShare> {
        let mut shares = Vec::new();
        for (handle, share) in crew {
            shares.push(CrewShare { person: self.person(handle).await, share: *share });
        }
        shares
    }

    /// Agreeing to all that somebody is asked of an entry, as it is shown to them now.
    pub async fn agreeing(&self, who: &str, entry: EntryId) -> AgreeToCrew {
        let shown = self.market.entry(&self.actor(who).await, entry).await;
        let proposal = shown.ok().and_then(|entry| entry.proposal).unwrap_or_default();
        AgreeToCrew { entry, proposal }
    }

    /// A draft: its bounty is in the poster's wallet where it shall come from there.
    pub async fn draft(&self, start: &Start) -> TaskId {
        if start.source == Source::Person {
            self.give_person(start.poster, start.bounty).await;
        }
        self.must(start.poster, CreateTask(start.input(self))).await
    }

    /// A race that was opened by other means.
    pub fn open_race(&self, task: TaskId, poster: &'static str) -> Race<'_> {
        Race { world: self, task, poster }
    }

    /// A race that is open.
    pub async fn race(&self, start: Start) -> Race<'_> {
        let task = self.draft(&start).await;
        self.must(start.poster, PublishTask { task }).await;
        Race { world: self, task, poster: start.poster }
    }
}

impl Race<'_> {
    /// A person enters alone.
    pub async fn enter(&self, who: &str) -> EntryId {
        self.world.must(who, self.alone()).await
    }

    /// Entering alone, as a command.
    pub fn alone(&self) -> EnterRace {
        EnterRace { task: self.task, name: None, units: Vec::new(), crew: Vec::new() }
    }

    /// One of the crew hands in a text.
    ///
    /// # Errors
    /// The market's refusals.
    pub async fn try_submit(&self, who: &str, entry: EntryId, body: &str) -> market::Result<SubmissionId> {
        let input = SubmitInput {
            entry,
            body: body.to_owned(),
            links: Vec::new(),
            files: Vec::new(),
            evidence: Vec::new(),
        };
        self.world.market.submit_work(&self.world.actor(who).await, None, input).await
    }

    /// One of the crew hands in a text; it must be taken.
    pub async fn submit(&self, who: &str, entry: EntryId) -> SubmissionId {
        self.try_submit(who, entry, &format!("The work of {who}.")).await.unwrap()
    }

    /// A person enters alone and hands in a text.
    pub async fn run(&self, who: &str) -> EntryId {
        let entry = self.enter(who).await;
        self.submit(who, entry).await;
        entry
    }

    /// Moves the clock to the deadline.
    pub async fn close(&self) {
        self.world.clock.set(self.view().await.closes_at);
    }

    /// A ruling over the race as a command: entry, place, score.
    pub fn ruling(&self, lines: &[(EntryId, Option<u32>, Option<&str>)]) -> RuleRace {
        let line = |(entry, place, score): &(EntryId, Option<u32>, Option<&str>)| RulingLine {
            entry: *entry,
            place: *place,
            score: score.map(|text| Score::parse(text).unwrap()),
            reason: "Measured on the same machine.".to_owned(),
        };
        RuleRace {
            task: self.task,
            summary: "All were measured.".to_owned(),
            lines: lines.iter().map(line).collect(),
        }
    }

    /// The poster rules by places alone.
    pub async fn rule(&self, places: &[(EntryId, u32)]) -> RulingId {
        let lines: Vec<_> = places.iter().map(|(entry, place)| (*entry, Some(*place), None)).collect();
        self.world.must(self.poster, self.ruling(&lines)).await
    }

    /// Moves the clock to the end of the appeal window and lets the clockwork pay.
    pub async fn settle(&self) {
        let until = self.view().await.appeals_until.expect("a ruling first");
        self.world.clock.set(until);
        self.world.market.keep_time().await.unwrap();
        assert_eq!(self.state().await, TaskState::Settled);
    }

    /// From the ruling by places to the payout.
    pub async fn finish(&self, places: &[(EntryId, u32)]) {
        self.close().await;
        self.rule(places).await;
        self.settle().await;
    }

    /// The task as its poster sees it.
    pub async fn view(&self) -> TaskView {
        self.world.market.task(&self.as_poster().await, self.task).await.unwrap()
    }

    /// Where it stands.
    pub async fn state(&self) -> TaskState {
        self.view().await.state
    }

    /// An entry as its poster sees it.
    pub async fn entry(&self, entry: EntryId) -> EntryView {
        self.world.market.entry(&self.as_poster().await, entry).await.unwrap()
    }

    /// Whether an entry runs.
    pub async fn is_running(&self, entry: EntryId) -> bool {
        self.entry(entry).await.state == EntryState::Running
    }

    /// The rulings, oldest first.
    pub async fn rulings(&self) -> Vec<RulingView> {
        let mut rulings = self.world.market.rulings(&self.as_poster().await, self.task).await.unwrap();
        rulings.sort_by_key(|ruling| ruling.version);
        rulings
    }

    /// What was paid.
    pub async fn payouts(&self) -> Vec<PayoutView> {
        self.world.market.payouts(&self.as_poster().await, self.task).await.unwrap()
    }

    /// The poster, as an asker.
    pub async fn as_poster(&self) -> Actor {
        self.world.actor(self.poster).await
    }
}
