//! What waits for the asker, with its age and its next step.

use actix_web::web::Data;
use askama::Template;
use market::Market;
use market::clock::Moment;
use market::race::{WorkItem, WorkKind};

use super::kit::Link;
use super::names::{Names, Wanted};
use crate::errors::Answer;
use crate::format::{self, When};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "people/work.html")]
pub struct WorkPage {
    /// The request.
    pub v: Visit,
    /// Steps that the asker can take.
    pub todo: Vec<WorkRow>,
    /// Steps that others must take.
    pub waiting: Vec<WorkRow>,
}

/// A step.
#[derive(Debug, Clone)]
pub struct WorkRow {
    /// The key of what to do.
    pub label: &'static str,
    /// On which task.
    pub task: Link,
    /// Where to do it.
    pub url: String,
    /// Since when it waits.
    pub since: When,
    /// How long that is.
    pub waited: String,
    /// Until when it should be done.
    pub due: Option<When>,
    /// Whose step it is, where it is others'.
    pub owners: Vec<Link>,
    /// `late`, `soon` or nothing.
    pub tone: &'static str,
}

/// `GET /work`.
///
/// # Errors
/// To the door, for visitors.
pub async fn show(v: Visit, market: Data<Market>) -> Answer {
    let items = market.my_work(&v.actor).await?;
    let (waiting, todo): (Vec<_>, Vec<_>) = items.iter().partition(|item| waits_for_others(item.kind));
    let mut wanted = Wanted::default();
    wanted.persons(items.iter().flat_map(|item| item.owners.iter().copied()));
    let names = wanted.names(&v, &market).await?;
    let rows =
        |items: Vec<&WorkItem>| items.into_iter().map(|item| row(&v, &names, item)).collect::<Vec<_>>();
    let page = WorkPage { todo: rows(todo), waiting: rows(waiting), v };
    Ok(respond::page(&page.v, &page))
}

fn waits_for_others(kind: WorkKind) -> bool {
    matches!(
        kind,
        WorkKind::AwaitCrew
            | WorkKind::AwaitRuling
            | WorkKind::AwaitSettlement
            | WorkKind::AwaitOffer
            | WorkKind::AwaitAmendment
    )
}

/// Where the amendments of a task are listed, on its page.
fn amendments(handle: &str) -> String {
    format!("{}#amendments", urls::task(handle))
}

fn row(v: &Visit, names: &Names, item: &WorkItem) -> WorkRow {
    let handle = &item.task.handle;
    let entry = || item.entry.map_or_else(|| urls::task(handle), urls::entry);
    let (label, url) = match item.kind {
        WorkKind::AgreeToCrew => (key("work-agree"), entry()),
        WorkKind::CheckIn => (key("work-check-in"), entry()),
        WorkKind::AgreeToChange => (key("work-agree-change"), entry()),
        WorkKind::AwaitCrew => (key("work-await-crew"), entry()),
        WorkKind::ReviseDeclinedCrew => (key("work-revise"), item.entry.map_or_else(entry, urls::entry_crew)),
        WorkKind::SubmitBefore => (key("work-submit"), entry()),
        WorkKind::ScoreLanes => (key("work-score"), urls::task_panel(handle)),
        WorkKind::NameJudge => (key("work-name-judge"), urls::task_name_judge(handle)),
        WorkKind::RuleNow => (key("work-rule"), urls::task_rule(handle)),
        WorkKind::RuleStage => (key("work-rule-stage"), urls::task_stage(handle)),
        WorkKind::CastBallot => (key("work-vote"), urls::task_vote(handle)),
        WorkKind::AppealOpen => (key("work-appeal"), entry()),
        WorkKind::AnswerAppeal => (
            key("work-answer"),
            item.appeal.map_or_else(|| urls::task(handle), |appeal| urls::appeal_answer(appeal, handle)),
        ),
        WorkKind::AnswerQuestion => (key("work-question"), format!("{}#questions", urls::task(handle))),
        WorkKind::AnswerAgain => (
            key("work-answer-again"),
            item.appeal
                .map_or_else(|| urls::task(handle), |appeal| urls::appeal_answer_again(appeal, handle)),
        ),
        WorkKind::AppealAgain => (
            key("work-appeal-again"),
            item.appeal.map_or_else(|| urls::task(handle), |appeal| urls::appeal_again(appeal, handle)),
        ),
        WorkKind::AnswerOffer => (key("work-answer-offer"), format!("{}#parts", entry())),
        WorkKind::AwaitOffer => (key("work-await-offer"), format!("{}#parts", entry())),
        WorkKind::AnswerAmendment => (key("work-amendment"), amendments(handle)),
        WorkKind::AwaitAmendment => (key("work-await-amendment"), amendments(handle)),
        WorkKind::PublishDraft => (key("work-publish"), urls::task(handle)),
        WorkKind::AwaitRuling => (key("work-await-ruling"), urls::task(handle)),
        WorkKind::AwaitSettlement => (key("work-await-settlement"), urls::task(handle)),
    };
    WorkRow {
        label,
        task: Link::new(&item.task.title, urls::task(handle)),
        url,
        since: v.when(item.since),
        waited: waited(v, item.since),
        due: item.due.map(|due| v.when(due)),
        owners: item.owners.iter().map(|one| names.person(*one)).collect(),
        tone: match item.due.map(|due| due.seconds_since(v.now)) {
            Some(left) if left <= 0 => "late",
            Some(left) if left < 2 * 86_400 => "soon",
            _ => "",
        },
    }
}

/// How long something has waited since `since`, in its largest unit.
fn waited(v: &Visit, since: Moment) -> String {
    let seconds = u64::try_from(v.now.seconds_since(since)).unwrap_or_default();
    let unit = [86_400, 3_600, 60].into_iter().find(|unit| seconds >= *unit).unwrap_or(60);
    format::duration(v.locale, seconds / unit * unit)
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<WorkPage> {
    let row = |v: &Visit, label, tone| WorkRow {
        label,
        task: Link::new("Cut the start-up time <in half>", urls::task("abc")),
        url: urls::task("abc"),
        since: v.when(v.now.plus_seconds(-86_400)),
        waited: waited(v, v.now.plus_seconds(-86_400)),
        due: Some(v.when(v.now.plus_seconds(86_400))),
        owners: vec![Link::new("Ada <Lovelace>", urls::person("ada"))],
        tone,
    };
    let full = |v: &Visit| WorkPage {
        todo: vec![
            row(v, key("work-agree"), "late"),
            row(v, key("work-submit"), "soon"),
            row(v, key("work-rule"), ""),
        ],
        waiting: vec![row(v, key("work-await-ruling"), "")],
        v: v.clone(),
    };
    let empty = |v: Visit| WorkPage { todo: vec![], waiting: vec![], v };
    crate::visit::samples::all().into_iter().flat_map(|v| [full(&v), empty(v)]).collect()
}
