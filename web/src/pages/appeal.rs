//! An appeal against a ruling, and the answer to it.

use actix_web::web::{Data, Path};
use market::judging::{AnswerAppeal, AppealRuling, AppealView};
use market::race::EntryView;
use market::task::TaskView;
use market::{AppealId, EntryId, Market, Refusal};

use super::act::{ActPage, Ask, Field};
use super::kit::{Address, Choice, Fact, Link, asked, id, key_of, name};
use super::lanes;
use super::task_parts::entry_link;
use crate::errors::{Answer, Failure};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// `GET /entries/{id}/appeal`.
///
/// # Errors
/// Not found, unless the asker rides in the entry.
pub async fn ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let entry = mine(&v, &market, &path).await?;
    Ok(appeal_page(v, &entry, Form::default()).once(&market).answer())
}

/// `POST /entries/{id}/appeal`: `grounds`.
///
/// # Errors
/// Not found, unless the asker rides in the entry.
pub async fn appeal(v: Visit, market: Data<Market>, path: Path<String>, Posted(mut form): Posted) -> Answer {
    let entry = mine(&v, &market, &path).await?;
    let command = AppealRuling { entry: entry.id, grounds: form.value("grounds").to_owned() };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(_) => {
            let task = market.task(&v.actor, entry.task).await?;
            Ok(respond::done(&urls::task(&task.handle), key("done-appealed")))
        }
        Err(refusal) => {
            form.forget("key");
            appeal_page(v, &entry, form).once(&market).mend(refusal)
        }
    }
}

async fn mine(v: &Visit, market: &Market, path: &str) -> Result<EntryView, Failure> {
    let entry = lanes::one(v, market, id::<EntryId>(path)?).await?;
    if entry.mine { Ok(entry) } else { Err(Refusal::NotFound.into()) }
}

fn appeal_page(v: Visit, entry: &EntryView, form: Form) -> ActPage {
    let reason = entry.reason.clone().unwrap_or_default();
    let place = entry.place.map_or_else(|| v.t(key("not-placed")), |place| v.tn(key("place"), place));
    ActPage {
        form,
        crumbs: vec![Link::new(&entry.name, urls::entry(entry.id))],
        title: v.t(key("appeal-title")).into_owned(),
        lead: v.t(key("appeal-lead")).into_owned(),
        facts: vec![Fact::new(v.t(key("col-place")), place), Fact::new(v.t(key("col-reason")), reason)],
        asks: vec![Ask::Area(Field::new(&v, "grounds", key("appeal-grounds"), key("appeal-grounds-hint")))],
        action: urls::entry_appeal(entry.id),
        submit: v.t(key("appeal-send")).into_owned(),
        danger: false,
        sure: true,
        sign: None,
        v,
    }
}

/// `GET /appeals/{id}/answer?task=…`.
///
/// # Errors
/// Not found, for who may not answer it.
pub async fn answer_ask(v: Visit, market: Data<Market>, path: Path<String>, address: Address) -> Answer {
    let (task, appeal, entry) = answerable(&v, &market, &path, address).await?;
    Ok(answer_page(v, &task, &appeal, entry, Form::default()).once(&market).answer())
}

/// `POST /appeals/{id}/answer?task=…`: `verdict` (`uphold`, `reject`), `answer`.
///
/// # Errors
/// Not found, for who may not answer it.
pub async fn answer(
    v: Visit,
    market: Data<Market>,
    path: Path<String>,
    address: Address,
    Posted(mut form): Posted,
) -> Answer {
    let (task, appeal, entry) = answerable(&v, &market, &path, address).await?;
    let Some(uphold) = verdict_of(&form) else {
        let refusal = Refusal::on("verdict", market::Code::Required);
        return answer_page(v, &task, &appeal, entry, form).once(&market).mend(refusal);
    };
    let criterion = form.given("criterion").filter(|_| uphold).and_then(|text| text.parse().ok());
    let answer = form.value("answer").to_owned();
    let command = AnswerAppeal { appeal: appeal.id, uphold, answer, criterion };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(()) => Ok(respond::done(&urls::task(&task.handle), key("done-answered"))),
        Err(refusal) => {
            form.forget("key");
            answer_page(v, &task, &appeal, entry, form).once(&market).mend(refusal)
        }
    }
}

async fn answerable(
    v: &Visit,
    market: &Market,
    path: &str,
    address: Address,
) -> Result<(TaskView, AppealView, Link), Failure> {
    let wanted = id::<AppealId>(path)?;
    let task = market.task_by_handle(&v.actor, name(asked(address).value("task"))?).await?;
    let appeals = market.appeals(&v.actor, task.id).await?;
    let appeal = appeals.into_iter().find(|appeal| appeal.id == wanted && appeal.may_answer);
    let appeal = appeal.ok_or(Refusal::NotFound)?;
    let entries = lanes::all(v, market, task.id).await?;
    let entry = entry_link(&entries, appeal.entry);
    Ok((task, appeal, entry))
}

/// What was chosen, if anything was.
pub(super) fn verdict_of(form: &Form) -> Option<bool> {
    match form.value("verdict") {
        "uphold" => Some(true),
        "reject" => Some(false),
        _ => None,
    }
}

/// What an answer is made of: the verdict, under a panel the criterion that is scored again, and the reasons.
pub(super) fn answer_asks(v: &Visit, task: &TaskView) -> Vec<Ask> {
    let verdicts = vec![
        Choice::new("", v.t(key("choose"))),
        Choice::new("uphold", v.t(key("appeal-uphold"))),
        Choice::new("reject", v.t(key("appeal-reject"))),
    ];
    let mut asks = vec![
        Ask::Select(Field::new(v, "verdict", key("appeal-verdict"), key("appeal-verdict-hint")), verdicts),
        Ask::Area(Field::new(v, "answer", key("appeal-answer-text"), key("appeal-answer-hint"))),
    ];
    if let Some(panel) = task.rules.judging.panel() {
        let lines = panel.rubric.iter().enumerate();
        let lines = lines.map(|(at, criterion)| Choice::new(at.to_string(), &criterion.name));
        let lines = [Choice::new("", v.t(key("choose")))].into_iter().chain(lines).collect();
        let field = Field::new(v, "criterion", key("appeal-criterion"), key("appeal-criterion-hint"));
        asks.insert(1, Ask::Select(field, lines));
    }
    asks
}

fn answer_page(v: Visit, task: &TaskView, appeal: &AppealView, entry: Link, form: Form) -> ActPage {
    let asks = answer_asks(&v, task);
    ActPage {
        form,
        crumbs: vec![Link::new(&task.title, urls::task(&task.handle))],
        title: v.t(key("appeal-answer")).into_owned(),
        lead: v.t(key("appeal-answer-lead")).into_owned(),
        facts: vec![
            Fact::linked(v.t(key("col-entry")), entry),
            Fact::new(v.t(key("appeal-grounds")), &appeal.grounds),
        ],
        asks,
        action: urls::appeal_answer(appeal.id, &task.handle),
        submit: v.t(key("appeal-answer")).into_owned(),
        danger: false,
        sure: true,
        sign: None,
        v,
    }
}
