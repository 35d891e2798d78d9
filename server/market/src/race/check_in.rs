//! Check-ins: a crew says that it is still at it, or the clock takes its entry out.
//!
//! Promises: whoever is silent is warned once, and has half a period from then on, however late the clock
//! is; a version handed in is a sign of life as well. Must never: take out who has just been heard of.

use ledger::RecordKind;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::commands::check_in_race;
use super::tables::{self, Stored, entry};
use super::waiting::fill_lanes;
use super::{EntryState, change, locked, state_of};
use crate::actor::{Actor, names};
use crate::books::{self, label};
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{EntryId, PersonId, TaskId};
use crate::market::Market;
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, Permit, permit};
use crate::store::{Command, Scope, must};
use crate::task::{self, Task, TaskState, check_running};

/// Entries looked at in one round; the next round comes at once while there are more.
const ROUND: u64 = 200;

/// How often a crew says that it is still at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    /// Once in so many seconds, an hour to 90 days.
    pub every_seconds: u32,
    /// After so many missed in a row the entry is taken out, 1 to 10.
    pub missed: u32,
}

impl CheckIn {
    /// When the crew is warned, if nothing is heard of it after `seen`: half a period before the end.
    fn warns(self, seen: Moment) -> Moment {
        let (every, missed) = (i64::from(self.every_seconds), i64::from(self.missed));
        seen.plus_seconds(every * missed - every / 2)
    }

    /// When the entry is taken out, if it was warned at `warned`.
    fn ends(self, warned: Moment) -> Moment {
        warned.plus_seconds(i64::from(self.every_seconds) / 2)
    }
}

/// Checks what a poster wrote.
pub(crate) fn check(problems: &mut Problems, rules: Option<CheckIn>) {
    let Some(CheckIn { every_seconds, missed }) = rules else { return };
    let range = |min: u32, max: u32| Code::OutOfRange { min: min.to_string(), max: max.to_string() };
    let field = |part: &str| format!("rules.check_in.{part}");
    let longest = 90 * 86_400;
    problems.check(
        !(3_600..=longest).contains(&every_seconds),
        field("every_seconds"),
        range(3_600, longest),
    );
    problems.check(!(1..=10).contains(&missed), field("missed"), range(1, 10));
}

/// What the clock did with an entry of which nothing was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lapse {
    /// Nothing: it was heard of meanwhile, or the race has stopped.
    Nothing,
    /// Its crew was warned.
    Warned,
    /// It was taken out of the race.
    Out,
}

names!(Lapse, Nothing = "nothing", Warned = "warned", Out = "out");

/// Says that a crew is still at it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckInEntry {
    /// The entry.
    pub entry: EntryId,
}

impl Command for CheckInEntry {
    type Output = ();
    const ACT: Act = Act::CheckInEntry;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, row, facts) = locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Act::CheckInEntry, &facts)?;
        check_running(task.state(scope.now))?;
        if check_in_race(&row)? != EntryState::Running {
            return Err(Refusal::because(Code::EntryNotRunning));
        }
        seen(scope, &leave, &task, self.entry).await
    }
}

/// Notes a sign of life of a running entry: it started, checked in, or handed in a version.
pub(crate) async fn seen<S>(scope: &Scope<'_>, leave: &Permit<S>, task: &Task, id: EntryId) -> Result<()> {
    let Some(rules) = task.rules.check_in else { return Ok(()) };
    let row = entry::ActiveModel {
        id: Set(id.0),
        seen_at: Set(Some(scope.now.0)),
        warned_at: Set(None),
        check_in_due: Set(Some(rules.warns(scope.now).0)),
        ..Default::default()
    };
    tables::update(scope.txn, leave, row).await
}

/// Warns the crew of an entry of which nothing was heard, or takes the entry out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LapseEntry {
    /// The entry.
    pub entry: EntryId,
}

impl Command for LapseEntry {
    type Output = Lapse;
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Lapse> {
        let found = must(entry::Entity::find_by_id(self.entry.0).one(scope.txn).await?)?;
        let task = task::tables::lock(scope.txn, TaskId(found.task_id)).await?;
        let leave = permit(asker, Act::KeepTime, &task::facts(scope.txn, &task, scope.now).await?)?;
        // Read again under the lock: the crew may have been heard of meanwhile.
        let row = must(entry::Entity::find_by_id(self.entry.0).one(scope.txn).await?)?;
        let due = row.check_in_due.is_some_and(|due| due <= scope.now.0);
        let runs = state_of(&row)? == EntryState::Running && task.state(scope.now) == TaskState::Open;
        let (true, true, Some(rules)) = (due, runs, task.rules.check_in) else { return Ok(Lapse::Nothing) };
        let crew = tables::crew_of(scope.txn, self.entry).await?;
        let crew = crew.into_iter().filter(|one| one.active.is_some()).map(|one| PersonId(one.person_id));
        if row.warned_at.is_none() {
            let ends = rules.ends(scope.now);
            let row = entry::ActiveModel {
                id: Set(self.entry.0),
                warned_at: Set(Some(scope.now.0)),
                check_in_due: Set(Some(ends.0)),
                ..Default::default()
            };
            tables::update(scope.txn, &leave, row).await?;
            let event = Event::of(&leave, Kind::CheckInDue).task(task.id).entry(self.entry).to(crew);
            notify(scope, event.with(|facts| facts.until = Some(ends))).await?;
            return Ok(Lapse::Warned);
        }
        let event = Event::of(&leave, Kind::EntryLapsed).task(task.id).entry(self.entry).to(crew);
        let gone = json!({ "entry": self.entry, "state": "withdrawn", "missed": rules.missed });
        let data = gone.to_string().into_bytes();
        books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::ENTRY, data).await?;
        change::drop_open(scope, &leave, self.entry).await?;
        tables::set_free(scope.txn, &leave, self.entry).await?;
        let row = entry::ActiveModel {
            id: Set(self.entry.0),
            state: Set(Stored::Out.as_str().to_owned()),
            out_as: Set(Some(EntryState::Lapsed.as_str().to_owned())),
            out_at: Set(Some(scope.now.0)),
            check_in_due: Set(None),
            ..Default::default()
        };
        tables::update(scope.txn, &leave, row).await?;
        notify(scope, event).await?;
        fill_lanes(scope, &leave, &task).await?;
        Ok(Lapse::Out)
    }
}

impl Market {
    /// Warns and takes out whoever is due by now; answers how many entries were taken out.
    pub(crate) async fn lapse_entries(&self) -> Result<usize> {
        let ids = entry::Entity::find()
            .select_only()
            .column(entry::Column::Id)
            .filter(entry::Column::CheckInDue.lte(self.now().0))
            .filter(entry::Column::State.eq(Stored::Running.as_str()))
            .filter(entry::Column::TaskId.in_subquery(task::running(self.now())))
            .order_by_asc(entry::Column::CheckInDue)
            .order_by_asc(entry::Column::Id)
            .limit(ROUND)
            .into_tuple::<uuid::Uuid>()
            .all(self.store().reads())
            .await?;
        let mut out = 0;
        for id in ids {
            let lapse = self.run(&Actor::Clockwork, LapseEntry { entry: EntryId(id) }).await?;
            out += usize::from(lapse == Lapse::Out);
        }
        Ok(out)
    }

    /// The next instant at which an entry is due, if any is.
    pub(crate) async fn next_check_in(&self) -> Result<Option<Moment>> {
        let next = entry::Entity::find()
            .filter(entry::Column::CheckInDue.is_not_null())
            .filter(entry::Column::State.eq(Stored::Running.as_str()))
            .filter(entry::Column::TaskId.in_subquery(task::running(self.now())))
            .order_by_asc(entry::Column::CheckInDue)
            .one(self.store().reads())
            .await?;
        Ok(next.and_then(|row| row.check_in_due).map(Moment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warning_comes_half_a_period_before_the_end() {
        let rules = CheckIn { every_seconds: 86_400, missed: 3 };
        let seen = Moment(0);
        assert_eq!(rules.warns(seen), seen.plus_seconds(3 * 86_400 - 43_200));
        assert_eq!(rules.ends(rules.warns(seen)), seen.plus_seconds(3 * 86_400));
        let once = CheckIn { every_seconds: 3_600, missed: 1 };
        assert_eq!(once.warns(seen), seen.plus_seconds(1_800));
        // A clock that comes late leaves as much time as one that is punctual.
        let late = seen.plus_seconds(10 * 86_400);
        assert_eq!(rules.ends(late), late.plus_seconds(43_200));
    }

    #[test]
    fn periods_are_an_hour_to_ninety_days_and_one_to_ten_are_missed() {
        let fine = |every_seconds, missed| {
            let mut problems = Problems::default();
            check(&mut problems, Some(CheckIn { every_seconds, missed }));
            problems.done().is_ok()
        };
        assert!(fine(3_600, 1) && fine(90 * 86_400, 10));
        assert!(!fine(3_599, 1) && !fine(90 * 86_400 + 1, 1) && !fine(3_600, 0) && !fine(3_600, 11));
    }
}
