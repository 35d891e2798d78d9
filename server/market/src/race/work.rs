//! What waits for whom.
//!
//! Promises: every state that waits for a person shows up in that person's list, with its age and its
//! deadline. Must never: show somebody a task that they may not see.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::tables::{crew_member, entry};
use super::{CrewAnswer, EntryState, change, state_of};
use crate::actor::Actor;
use crate::amendment;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{AppealId, EntryId, PersonId, TaskId};
use crate::judging;
use crate::market::Market;
use crate::page::Page;
use crate::part;
use crate::policy::{Act, may};
use crate::question;
use crate::submission;
use crate::task::{self, TaskFilter, TaskOrder, TaskState, TaskView};
use crate::vote;

/// What kind of step waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkKind {
    /// The asker was named in a crew: agree or decline.
    AgreeToCrew,
    /// A change of a crew is proposed, or a unit that the asker leads is named in an entry: agree or decline.
    AgreeToChange,
    /// The asker has proposed a crew or a change, and others have not agreed yet.
    AwaitCrew,
    /// Nothing was heard of the asker's entry for long: say that the crew is still at it.
    CheckIn,
    /// Somebody declined: the captain proposes another crew.
    ReviseDeclinedCrew,
    /// The asker's entry runs and has handed in nothing.
    SubmitBefore,
    /// The clock has stopped: the asker rules.
    RuleNow,
    /// A stage has ended: the asker gives its scores.
    RuleStage,
    /// The clock has stopped: the asker scores the lanes and locks their sheet.
    ScoreLanes,
    /// A lane has nobody left who can score it: the asker names another judge.
    NameJudge,
    /// The ruling is provisional: the asker's crew can appeal.
    AppealOpen,
    /// The works are open: the asker can vote.
    CastBallot,
    /// A crew has appealed: the asker can answer.
    AnswerAppeal,
    /// Somebody asked about the asker's task: answer, for all.
    AnswerQuestion,
    /// A crew has appealed again: the asker can answer.
    AnswerAgain,
    /// The crew's appeal was turned down: it can be made again.
    AppealAgain,
    /// Somebody offers a price for a part of the asker's entry: accept or decline.
    AnswerOffer,
    /// The asker's offer for a part of an entry waits for its captain.
    AwaitOffer,
    /// The rules of a race are to be amended: the asker answers for their entry.
    AnswerAmendment,
    /// The asker has proposed to amend the rules, and entries have not answered yet.
    AwaitAmendment,
    /// The asker's draft can be published.
    PublishDraft,
    /// The asker's entry waits for the ruling.
    AwaitRuling,
    /// The asker's task waits for the appeal window to close.
    AwaitSettlement,
}

/// One step that waits.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkItem {
    /// What to do.
    pub kind: WorkKind,
    /// On which task.
    pub task: TaskView,
    /// For which entry.
    pub entry: Option<EntryId>,
    /// On which appeal.
    pub appeal: Option<AppealId>,
    /// Since when it waits.
    pub since: Moment,
    /// Until when it should be done.
    pub due: Option<Moment>,
    /// Whose step it is, where the asker waits for others.
    pub owners: Vec<PersonId>,
}

/// Most entries, tasks and appeals looked at for one person.
const MOST: u64 = 200;

impl Market {
    /// What waits for the asker, the next deadline first, what has none last.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] for a visitor.
    pub async fn my_work(&self, asker: &Actor) -> Result<Vec<WorkItem>> {
        let me = asker.id().ok_or(Refusal::Unauthenticated)?;
        let states = vec![TaskState::Draft, TaskState::Open, TaskState::Judging, TaskState::Provisional];
        let posted = TaskFilter { states, mine: true, ..TaskFilter::default() };
        let posted = self.some_tasks(asker, posted).await?;
        let states = vec![TaskState::Open, TaskState::Judging];
        let judged = TaskFilter { states, judging: true, ..TaskFilter::default() };
        let judged = self.some_tasks(asker, judged).await?;
        let mut items = self.work_of_rider(asker, me).await?;
        items.extend(self.work_of_changes(asker).await?);
        items.extend(self.work_of_amendments(asker, me, &posted).await?);
        items.extend(self.work_of_poster(asker, me, &posted).await?);
        items.extend(self.work_of_judge(me, &judged).await?);
        items.extend(self.work_of_stages(me, posted.iter().chain(&judged)));
        items.extend(self.work_of_voter(asker, me).await?);
        items.extend(self.work_of_appeals(asker).await?);
        items.extend(self.work_of_offers(asker, me).await?);
        items.sort_by_key(|item| (item.due.is_none(), item.due, item.since));
        Ok(items)
    }

    async fn work_of_rider(&self, asker: &Actor, me: PersonId) -> Result<Vec<WorkItem>> {
        let db = self.store().reads();
        let rides = crew_member::Entity::find()
            .filter(crew_member::Column::PersonId.eq(me.0))
            .filter(
                Condition::any()
                    .add(crew_member::Column::Active.eq(1))
                    .add(crew_member::Column::Answer.eq(CrewAnswer::Asked.as_str())),
            )
            .order_by_desc(crew_member::Column::EntryId)
            .limit(MOST)
            .all(db)
            .await?;
        if rides.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = rides.iter().map(|ride| ride.entry_id).collect();
        let entries = entry::Entity::find().filter(entry::Column::Id.is_in(ids.clone())).all(db).await?;
        let entries: HashMap<Uuid, entry::Model> =
            entries.into_iter().map(|entry| (entry.id, entry)).collect();
        let declined = crew_member::Entity::find()
            .filter(crew_member::Column::EntryId.is_in(ids.clone()))
            .filter(crew_member::Column::Answer.eq(CrewAnswer::Declined.as_str()))
            .all(db)
            .await?;
        let tasks: Vec<TaskId> = rides.iter().map(|ride| TaskId(ride.task_id)).collect();
        let tasks = self.tasks_by_ids(asker, &tasks).await?;
        let handed = submission::handed_by(db, &ids).await?;
        let provisional = tasks.values().filter(|task| task.state == TaskState::Provisional);
        let appeals = self.appeals_of(asker, provisional.map(|task| task.id)).await?;
        let mut items = Vec::new();
        for ride in rides {
            let (Some(entry), Some(task)) = (entries.get(&ride.entry_id), tasks.get(&TaskId(ride.task_id)))
            else {
                continue;
            };
            let refused = declined.iter().any(|other| other.entry_id == entry.id);
            let agreed = ride.answer == CrewAnswer::Agreed.as_str();
            let captain = entry.captain_id == me.0;
            let state = state_of(entry)?;
            let has_handed = handed.contains_key(&entry.id);
            let (kind, since, due) = match (task.state, state) {
                (TaskState::Open, EntryState::Forming | EntryState::Waiting) if !agreed => {
                    (WorkKind::AgreeToCrew, Moment(entry.entered_at), Some(task.closes_at))
                }
                (TaskState::Open, EntryState::Forming | EntryState::Waiting) if captain && refused => {
                    (WorkKind::ReviseDeclinedCrew, Moment(entry.entered_at), Some(task.closes_at))
                }
                (TaskState::Open, EntryState::Forming | EntryState::Waiting) if captain => {
                    (WorkKind::AwaitCrew, Moment(entry.entered_at), Some(task.closes_at))
                }
                (TaskState::Open, EntryState::Running) if agreed && entry.warned_at.is_some() => {
                    let since = entry.warned_at.map_or(task.created_at, Moment);
                    (WorkKind::CheckIn, since, entry.check_in_due.map(Moment))
                }
                (TaskState::Open, EntryState::Running) if !has_handed => {
                    (WorkKind::SubmitBefore, Moment(entry.entered_at), Some(task.closes_at))
                }
                (TaskState::Judging, EntryState::Running) if has_handed => {
                    (WorkKind::AwaitRuling, task.closes_at, task.decision_due)
                }
                (TaskState::Provisional, EntryState::Running) if has_handed => {
                    let again =
                        |view: &&judging::AppealView| view.entry.0 == entry.id && view.again_until.is_some();
                    if let Some(appeal) = appeals.iter().find(again) {
                        let since = appeal.answered_at.unwrap_or(appeal.at);
                        let mut item = item(
                            WorkKind::AppealAgain,
                            task,
                            Some(EntryId(entry.id)),
                            since,
                            appeal.again_until,
                        );
                        item.appeal = Some(appeal.id);
                        items.push(item);
                        continue;
                    }
                    (WorkKind::AppealOpen, task.closes_at, task.appeals_until)
                }
                _ => continue,
            };
            items.push(item(kind, task, Some(EntryId(entry.id)), since, due));
        }
        Ok(items)
    }

    /// Changes and units that wait for the asker's word, and changes that wait for others.
    async fn work_of_changes(&self, asker: &Actor) -> Result<Vec<WorkItem>> {
        let Some(person) = asker.person() else { return Ok(Vec::new()) };
        let waiting = change::waiting(self.store().reads(), person, MOST).await?;
        let tasks: Vec<TaskId> = waiting.iter().map(|one| one.task).collect();
        let tasks = self.tasks_by_ids(asker, &tasks).await?;
        let open = |id: &TaskId| tasks.get(id).filter(|task| task.state == TaskState::Open);
        let found = waiting.iter().filter_map(|one| {
            let task = open(&one.task)?;
            let kind = if one.asked { WorkKind::AgreeToChange } else { WorkKind::AwaitCrew };
            Some(item(
                kind,
                task,
                Some(one.entry),
                one.since,
                Some(task.rules.entry.frozen_from(task.closes_at)),
            ))
        });
        Ok(found.collect())
    }

    /// Amendments that wait for the asker's answer, and their own that wait for others'.
    async fn work_of_amendments(
        &self,
        asker: &Actor,
        me: PersonId,
        posted: &[TaskView],
    ) -> Result<Vec<WorkItem>> {
        let db = self.store().reads();
        let waiting = amendment::answers_waiting(db, me, MOST).await?;
        let ids: Vec<TaskId> = waiting.iter().map(|(task, ..)| *task).collect();
        let tasks = self.tasks_by_ids(asker, &ids).await?;
        let open = |view: &&TaskView| view.state == TaskState::Open;
        let mut items = Vec::new();
        for (task, entry, since, due) in waiting {
            let Some(view) = tasks.get(&task).filter(open) else { continue };
            items.push(item(WorkKind::AnswerAmendment, view, Some(entry), since, due));
        }
        let ids: Vec<TaskId> = posted.iter().filter(open).map(|task| task.id).collect();
        let due = amendment::due_of(db, &ids).await?;
        for view in posted.iter().filter(open).filter(|view| view.poster == me) {
            if let Some((since, due)) = due.get(&view.id) {
                items.push(item(WorkKind::AwaitAmendment, view, None, *since, *due));
            }
        }
        Ok(items)
    }

    async fn work_of_poster(
        &self,
        asker: &Actor,
        me: PersonId,
        posted: &[TaskView],
    ) -> Result<Vec<WorkItem>> {
        let mut items = Vec::new();
        let asked = posted.iter().filter(|task| matches!(task.state, TaskState::Open | TaskState::Judging));
        let ids: Vec<TaskId> = asked.clone().map(|task| task.id).collect();
        let waiting = question::waiting(self.store().reads(), &ids).await?;
        for task in asked.filter(|task| task.poster == me) {
            if let Some(since) = waiting.get(&task.id) {
                items.push(item(WorkKind::AnswerQuestion, task, None, *since, Some(task.closes_at)));
            }
        }
        let panels = posted.iter().filter(|task| has_panel(task) && task.state == TaskState::Judging);
        let panels: Vec<TaskId> = panels.map(|task| task.id).collect();
        let lacking = judging::lacking_judges(self.store().reads(), asker, &panels, self.now()).await?;
        for task in posted {
            let found = match task.state {
                TaskState::Draft => Some((WorkKind::PublishDraft, task.created_at, Some(task.closes_at))),
                TaskState::Judging if task.submitted > 0 && task.judges.contains(&me) => {
                    Some((WorkKind::RuleNow, task.closes_at, task.decision_due))
                }
                TaskState::Judging if task.submitted > 0 => {
                    Some((WorkKind::AwaitRuling, task.closes_at, task.decision_due))
                }
                TaskState::Provisional => {
                    Some((WorkKind::AwaitSettlement, task.closes_at, task.appeals_until))
                }
                _ => None,
            };
            if lacking.contains(&task.id) {
                items.push(item(WorkKind::NameJudge, task, None, task.closes_at, None));
            }
            if let Some((kind, since, due)) = found
                && task.poster == me
            {
                items.push(item(kind, task, None, since, due));
            }
        }
        Ok(items)
    }

    async fn work_of_judge(&self, me: PersonId, judged: &[TaskView]) -> Result<Vec<WorkItem>> {
        let stopped = judged.iter().filter(|task| task.state == TaskState::Judging && task.submitted > 0);
        let mine = |task: &&TaskView| task.poster != me && task.judges.contains(&me) && !has_panel(task);
        let rule = |task: &TaskView| {
            let since = task.passed_at.unwrap_or(task.closes_at);
            item(WorkKind::RuleNow, task, None, since, task.decision_due)
        };
        let mut items: Vec<WorkItem> = stopped.clone().filter(mine).map(rule).collect();
        let panels = stopped.clone().filter(|task| has_panel(task));
        let panels: Vec<TaskId> = panels.map(|task| task.id).collect();
        let waiting = judging::sheets_waiting(self.store().reads(), me, &panels, self.now()).await?;
        for task in stopped {
            if let Some(due) = waiting.get(&task.id) {
                items.push(item(WorkKind::ScoreLanes, task, None, task.closes_at, Some(*due)));
            }
        }
        Ok(items)
    }

    /// Stages that have ended and wait for the asker's scores.
    fn work_of_stages<'v>(&self, me: PersonId, tasks: impl Iterator<Item = &'v TaskView>) -> Vec<WorkItem> {
        let mut seen = HashSet::new();
        let open = tasks.filter(|task| task.state == TaskState::Open);
        let waiting = open.filter(|task| task.judges.contains(&me)).filter(|task| seen.insert(task.id));
        let item = |task: &TaskView| {
            let stage = task.rules.stages.get(usize::try_from(task.stages_done).ok()?)?;
            let waits = stage.ends_at <= self.now() && self.now() < stage.judged_until();
            let (since, due) = (stage.ends_at, Some(stage.judged_until()));
            waits.then(|| item(WorkKind::RuleStage, task, None, since, due))
        };
        waiting.filter_map(item).collect()
    }

    async fn work_of_voter(&self, asker: &Actor, me: PersonId) -> Result<Vec<WorkItem>> {
        let db = self.store().reads();
        let open: Vec<(TaskId, Moment)> = vote::windows(db).await?;
        let ids: Vec<TaskId> = open.iter().map(|(id, _)| *id).collect();
        let voted = vote::has_voted(db, me, &ids).await?;
        let tasks = self.tasks_by_ids(asker, &ids).await?;
        let stored = task::loaded(db, &ids).await?;
        let facts = task::facts_of(db, &stored, self.now()).await?;
        let mut items = Vec::new();
        for (id, until) in open {
            let Some(view) = tasks.get(&id).filter(|view| view.state == TaskState::Judging) else { continue };
            if voted.contains(&id) || self.now() >= until || view.submitted == 0 {
                continue;
            }
            if facts.get(&id).is_some_and(|facts| may(asker, Act::CastBallot, facts)) {
                items.push(item(WorkKind::CastBallot, view, None, view.closes_at, Some(until)));
            }
        }
        Ok(items)
    }

    async fn work_of_appeals(&self, asker: &Actor) -> Result<Vec<WorkItem>> {
        let open = judging::appeals_waiting(self.store().reads(), Condition::all(), MOST).await?;
        let again = judging::seconds_waiting(self.store().reads(), MOST).await?;
        let ids: Vec<TaskId> =
            open.iter().map(|row| TaskId(row.task_id)).chain(again.iter().map(|(task, ..)| *task)).collect();
        let tasks = self.tasks_by_ids(asker, &ids).await?;
        let appeals = self.appeals_of(asker, tasks.keys().copied()).await?;
        let mut items = Vec::new();
        for appeal in open {
            let Some(view) = tasks.get(&TaskId(appeal.task_id)) else { continue };
            if !appeals.iter().any(|view| view.id.0 == appeal.id && view.may_answer) {
                continue;
            }
            let at = Moment(appeal.at);
            let entry = Some(EntryId(appeal.entry_id));
            let mut item = item(WorkKind::AnswerAppeal, view, entry, at, answer_due(view, at));
            item.appeal = Some(AppealId(appeal.id));
            items.push(item);
        }
        for (task, id, at) in again {
            let Some(view) = tasks.get(&task) else { continue };
            let mine = |view: &&judging::AppealView| {
                view.id == id && view.again.as_ref().is_some_and(|again| again.may_answer)
            };
            if let Some(appeal) = appeals.iter().find(mine) {
                let until = view.appeals_until;
                let mut item = item(WorkKind::AnswerAgain, view, Some(appeal.entry), at, until);
                item.appeal = Some(id);
                items.push(item);
            }
        }
        Ok(items)
    }

    /// The appeals of tasks that the asker was found to see.
    async fn appeals_of(
        &self,
        asker: &Actor,
        ids: impl Iterator<Item = TaskId>,
    ) -> Result<Vec<judging::AppealView>> {
        let db = self.store().reads();
        let tasks = task::loaded(db, &ids.collect::<Vec<_>>()).await?;
        let facts = task::facts_of(db, &tasks, self.now()).await?;
        let races: Vec<_> = tasks.iter().filter_map(|task| Some((task, facts.get(&task.id)?))).collect();
        judging::appeals_in(db, asker, &races, self.now()).await
    }

    /// Offers for parts of entries that the asker captains, and offers of the asker's.
    async fn work_of_offers(&self, asker: &Actor, me: PersonId) -> Result<Vec<WorkItem>> {
        let waiting = part::waiting(self.store().reads(), me, self.now(), MOST).await?;
        let tasks: Vec<TaskId> = waiting.iter().map(|one| one.task).collect();
        let tasks = self.tasks_by_ids(asker, &tasks).await?;
        let found = waiting.iter().filter_map(|one| {
            let kind = if one.captain == me { WorkKind::AnswerOffer } else { WorkKind::AwaitOffer };
            let mut item = item(kind, tasks.get(&one.task)?, Some(one.entry), one.since, Some(one.until));
            item.owners.extend((one.captain != me).then_some(one.captain));
            Some(item)
        });
        Ok(found.collect())
    }

    async fn some_tasks(&self, asker: &Actor, mut filter: TaskFilter) -> Result<Vec<TaskView>> {
        filter.order = TaskOrder::ClosingSoon;
        let page = Page { first: Some(100), ..Page::default() };
        let listing = self.tasks(asker, &filter, &page).await?;
        Ok(listing.items.into_iter().map(|(_, task)| task).collect())
    }
}

fn has_panel(task: &TaskView) -> bool {
    task.rules.judging.panel().is_some()
}

/// Until when an appeal is to be answered.
fn answer_due(task: &TaskView, filed: Moment) -> Option<Moment> {
    let silence = task.rules.silence.as_ref()?;
    let due = filed.plus_seconds(i64::from(silence.appeal_answer_seconds));
    let passed = task.passed_at.map(|_| i64::from(silence.deputy_seconds));
    Some(due.plus_seconds(passed.unwrap_or(0)))
}

fn item(
    kind: WorkKind,
    task: &TaskView,
    entry: Option<EntryId>,
    since: Moment,
    due: Option<Moment>,
) -> WorkItem {
    let owners = if kind == WorkKind::AwaitRuling { task.judges.clone() } else { Vec::new() };
    WorkItem { kind, task: task.clone(), entry, appeal: None, since, due, owners }
}
