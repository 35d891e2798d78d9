//! A second appeal, and the answer to it.

use actix_web::web::{Data, Path};
use market::judging::{AnswerAgain, AppealAgain, AppealView};
use market::task::TaskView;
use market::{AppealId, Code, Market, Refusal};

use super::act::{ActPage, Ask, Field};
use super::appeal::{answer_asks, verdict_of};
use super::kit::{Address, Fact, Link, asked, id, key_of, name};
use super::lanes;
use super::task_parts::entry_link;
use crate::errors::{Answer, Failure};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// An appeal with its task and its entry.
struct Case {
    task: TaskView,
    appeal: AppealView,
    entry: Link,
    mine: bool,
}

impl Case {
    async fn open(v: &Visit, market: &Market, path: &str, address: Address) -> Result<Self, Failure> {
        let wanted = id::<AppealId>(path)?;
        let task = market.task_by_handle(&v.actor, name(asked(address).value("task"))?).await?;
        let appeals = market.appeals(&v.actor, task.id).await?;
        let appeal = appeals.into_iter().find(|appeal| appeal.id == wanted).ok_or(Refusal::NotFound)?;
        let entries = lanes::all(v, market, task.id).await?;
        let mine = entries.iter().any(|entry| entry.id == appeal.entry && entry.mine);
        Ok(Self { entry: entry_link(&entries, appeal.entry), task, appeal, mine })
    }

    /// For the crew, while it can be made again.
    fn again(self) -> Result<Self, Failure> {
        if self.mine && self.appeal.again_until.is_some() { Ok(self) } else { Err(Refusal::NotFound.into()) }
    }

    /// For who may answer it the second time.
    fn answerable(self) -> Result<Self, Failure> {
        match &self.appeal.again {
            Some(again) if again.may_answer => Ok(self),
            _ => Err(Refusal::NotFound.into()),
        }
    }

    fn facts(&self, v: &Visit) -> Vec<Fact> {
        let answer = self.appeal.answer.clone().unwrap_or_default();
        vec![
            Fact::linked(v.t(key("col-entry")), self.entry.clone()),
            Fact::new(v.t(key("appeal-grounds")), &self.appeal.grounds),
            Fact::new(v.t(key("appeal-rejected")), answer),
        ]
    }
}

/// `GET /appeals/{id}/again?task=…`.
///
/// # Errors
/// Not found, unless the asker rides in the entry and it can be made again.
pub async fn ask(v: Visit, market: Data<Market>, path: Path<String>, address: Address) -> Answer {
    let case = Case::open(&v, &market, &path, address).await?.again()?;
    Ok(again_page(v, &case, Form::default()).once(&market).answer())
}

/// `POST /appeals/{id}/again?task=…`: `grounds`.
///
/// # Errors
/// Not found, unless the asker rides in the entry and it can be made again.
pub async fn appeal(
    v: Visit,
    market: Data<Market>,
    path: Path<String>,
    address: Address,
    Posted(mut form): Posted,
) -> Answer {
    let case = Case::open(&v, &market, &path, address).await?.again()?;
    let command = AppealAgain { appeal: case.appeal.id, grounds: form.value("grounds").to_owned() };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(()) => Ok(respond::done(&urls::task(&case.task.handle), key("done-appealed"))),
        Err(refusal) => {
            form.forget("key");
            again_page(v, &case, form).once(&market).mend(refusal)
        }
    }
}

fn again_page(v: Visit, case: &Case, form: Form) -> ActPage {
    let grounds = Field::new(&v, "grounds", key("appeal-again-grounds"), key("appeal-again-grounds-hint"));
    let said = (key("appeal-again"), key("appeal-again-lead"), key("appeal-send"));
    let action = urls::appeal_again(case.appeal.id, &case.task.handle);
    ActPage { form, asks: vec![Ask::Area(grounds)], ..page(v, case, said, action) }
}

/// `GET /appeals/{id}/answer-again?task=…`.
///
/// # Errors
/// Not found, for who may not answer it.
pub async fn answer_ask(v: Visit, market: Data<Market>, path: Path<String>, address: Address) -> Answer {
    let case = Case::open(&v, &market, &path, address).await?.answerable()?;
    Ok(answer_page(v, &case, Form::default()).once(&market).answer())
}

/// `POST /appeals/{id}/answer-again?task=…`: `verdict` (`uphold`, `reject`), `answer`, `criterion`.
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
    let case = Case::open(&v, &market, &path, address).await?.answerable()?;
    let Some(uphold) = verdict_of(&form) else {
        let refusal = Refusal::on("verdict", Code::Required);
        return answer_page(v, &case, form).once(&market).mend(refusal);
    };
    let criterion = form.given("criterion").filter(|_| uphold).and_then(|text| text.parse().ok());
    let answer = form.value("answer").to_owned();
    let command = AnswerAgain { appeal: case.appeal.id, uphold, answer, criterion };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(()) => Ok(respond::done(&urls::task(&case.task.handle), key("done-answered"))),
        Err(refusal) => {
            form.forget("key");
            answer_page(v, &case, form).once(&market).mend(refusal)
        }
    }
}

fn answer_page(v: Visit, case: &Case, form: Form) -> ActPage {
    let said = (key("appeal-answer"), key("appeal-answer-again-lead"), key("appeal-answer"));
    let action = urls::appeal_answer_again(case.appeal.id, &case.task.handle);
    let asks = answer_asks(&v, &case.task);
    let again = case.appeal.again.as_ref().map(|again| again.grounds.clone()).unwrap_or_default();
    let again = Fact::new(v.t(key("appeal-again-title")), again);
    let mut page = page(v, case, said, action);
    page.facts.push(again);
    ActPage { form, asks, ..page }
}

/// Title, lead and button are keys of messages.
fn page(v: Visit, case: &Case, said: (&'static str, &'static str, &'static str), action: String) -> ActPage {
    let crumbs = vec![Link::new(&case.task.title, urls::task(&case.task.handle))];
    let facts = case.facts(&v);
    ActPage { facts, sure: true, ..ActPage::saying(v, crumbs, Form::default(), said, action) }
}
