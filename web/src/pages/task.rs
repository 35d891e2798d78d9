//! A task and its race on one page: what is wanted, what it pays, how it stands, how it ended.
//!
//! Promises: what may be done here is asked of the market, act by act; everything drawn is in a table too.
//! Must never: show what a lane handed in; that is on the entry's page, for those who may see it.

use actix_web::web::{Data, Path};
use askama::Template;
use market::amendment::AmendmentView;
use market::board::BoardView;
use market::books::RecordView;
use market::judging::{AppealView, RulingView, StageView};
use market::meter::EventsView;
use market::question::QuestionView;
use market::race::{CrewAnswer, EligibilityView, EntryView, Who};
use market::task::{FundingView, Judging, TaskState, TaskView};
use market::vote::{VoteRules, VoteView, Voters};
use market::{Act, AssetView, Code, Market};

use super::amend::{self, AmendmentRow};
use super::cost::{self, CostBlock};
use super::entry_rules::{self, EligibleBlock, TermsBlock};
use super::events::EventRow;
use super::kit::{Badge, Fact, Link, name, tokens};
use super::lanes;
use super::names::{Names, Wanted};
use super::outcomes::{self, CrewOutcomes, Outcomes};
use super::parts::{self, PartRow};
use super::picture;
use super::questions::{self, QuestionBlock};
use super::rules;
use super::task_parts::{self, AppealBlock, FundingRow, PayoutBlock, RulingBlock, TrailRow};
use super::task_stages::{self, StageBlock};
use super::tasks::state;
use super::track::{self, RaceBlock, Seen};
use super::vote::VoteBlock;
use crate::errors::{Answer, problem_text};
use crate::format::{self, Tokens, When};
use crate::i18n::key;
use crate::urls::Base;
use crate::visit::Visit;
use crate::{markdown, respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "tasks/show.html")]
pub struct TaskPage {
    /// The request.
    pub v: Visit,
    /// The task's title.
    pub title: String,
    /// Its beginning, for search engines and previews.
    pub summary: String,
    /// Where it stands.
    pub badge: Badge,
    /// True for an open challenge.
    pub open: bool,
    /// What sites show that its address is shared on, where visitors may see it.
    pub share: Option<Share>,
    /// Who posted it.
    pub poster: Link,
    /// What is wanted, as safe HTML.
    pub brief: String,
    /// What must hold, as safe HTML; may be empty.
    pub criteria: String,
    /// What it pays.
    pub bounty: Tokens,
    /// The clock.
    pub clock: Clock,
    /// The stages.
    pub stages: Vec<StageBlock>,
    /// When the race closes.
    pub closes: When,
    /// What is left for the end.
    pub final_pot: Tokens,
    /// To whom the decision passed, if it did.
    pub passed: Option<String>,
    /// What the asker can do here.
    pub actions: Vec<Action>,
    /// The asker's own entry.
    pub own: Option<Link>,
    /// Whether the reader can enter, and why; nothing once the race is over.
    pub eligible: Option<EligibleBlock>,
    /// What everybody accepts before they ride.
    pub terms: Option<TermsBlock>,
    /// The rules in plain words.
    pub rules: Vec<Fact>,
    /// The token table.
    pub outcomes: Outcomes,
    /// What each of the asker's own crew gets, while the race is open.
    pub crew_outcomes: Option<CrewOutcomes>,
    /// The prize proof.
    pub proof: Vec<Fact>,
    /// The digest of the frozen rules.
    pub digest: Option<String>,
    /// Who put money in.
    pub fundings: Vec<FundingRow>,
    /// The picture of the lanes, and their table.
    pub race: RaceBlock,
    /// Where the race runs once more.
    pub replay: String,
    /// Where the page hears of changes, and where it gets the race anew; nothing for a draft.
    pub live: Option<(String, String)>,
    /// Events that were counted.
    pub events: Vec<EventRow>,
    /// The vote, where one decides.
    pub vote: Option<VoteBlock>,
    /// The newest ruling.
    pub ruling: Option<RulingBlock>,
    /// Earlier rulings, newest first.
    pub earlier: Vec<RulingBlock>,
    /// Where the panel's sheets are, if a panel judges.
    pub panel: Option<String>,
    /// Appeals.
    pub appeals: Vec<AppealBlock>,
    /// Amendments of the rules, newest first.
    pub amendments: Vec<AmendmentRow>,
    /// Questions and answers, oldest first.
    pub questions: Vec<QuestionBlock>,
    /// What was paid.
    pub payouts: Vec<PayoutBlock>,
    /// What it cost against what it is worth.
    pub cost: CostBlock,
    /// Parts of entries that were bought.
    pub bought: Vec<PartRow>,
    /// Everything about it on the ledger, in order.
    pub trail: Vec<TrailRow>,
}

/// What other sites show of a task.
#[derive(Debug, Clone)]
pub struct Share {
    /// Its whole address.
    pub url: String,
    /// The whole address of its picture.
    pub image: String,
    /// What it is and pays, in a line.
    pub text: String,
    /// The language, as the Open Graph protocol writes it.
    pub locale: String,
}

/// The clock of a race.
#[derive(Debug, Clone)]
pub struct Clock {
    /// What the instant below is: the key of its message.
    pub label: &'static str,
    /// The instant that matters now.
    pub at: Option<When>,
    /// How long until then, while it is still to come.
    pub left: Option<String>,
    /// The server's time, exactly.
    pub server: String,
}

/// Something to do.
#[derive(Debug, Clone)]
pub struct Action {
    /// Where to.
    pub url: String,
    /// The key of its message.
    pub label: &'static str,
    /// Why it can't be done now, if it can't.
    pub refused: Option<String>,
    /// `primary`, `danger` or nothing.
    pub class: &'static str,
}

/// `GET /tasks/{handle}`.
///
/// # Errors
/// Not found, for who may not see it.
pub async fn show(v: Visit, market: Data<Market>, base: Data<Base>, path: Path<String>) -> Answer {
    let task = market.task_by_handle(&v.actor, name(&path)?).await?;
    let shelf = Shelf::fetch(&v, &market, task).await?;
    let share = share(&v, &base, market.asset(), &shelf.task);
    let page = TaskPage { share, ..shelf.page(v, market.asset()) };
    Ok(respond::page(&page.v, &page))
}

/// Everything that the page is made from.
struct Shelf {
    task: TaskView,
    entries: Vec<EntryView>,
    rulings: Vec<RulingView>,
    appeals: Vec<AppealView>,
    questions: Vec<QuestionView>,
    amendments: Vec<AmendmentView>,
    fundings: Vec<FundingView>,
    records: Vec<RecordView>,
    payouts: Vec<market::award::PayoutView>,
    bought: Vec<market::part::OfferView>,
    cost: market::cost::CostView,
    stages: Vec<StageView>,
    can: Vec<(Act, Option<Code>)>,
    board: Option<BoardView>,
    vote: Option<VoteView>,
    events: Vec<EventsView>,
    eligibility: EligibilityView,
    names: Names,
}

impl Shelf {
    async fn fetch(v: &Visit, market: &Market, task: TaskView) -> Result<Self, crate::errors::Failure> {
        let asker = &v.actor;
        let entries = lanes::all(v, market, task.id).await?;
        let rulings = market.rulings(asker, task.id).await?;
        let appeals = market.appeals(asker, task.id).await?;
        let questions = market.questions(asker, task.id).await?;
        let amendments = market.amendments(asker, task.id).await?;
        let payouts = market.payouts(asker, task.id).await?;
        let cost = market.cost(asker, task.id).await?;
        let bought = market.parts_bought(asker, task.id).await?;
        let fundings = market.fundings(asker, task.id).await?;
        let stages = market.stages(asker, task.id).await?;
        let records = market.task_records(asker, task.id).await?;
        let can = market.viewer_can(asker, task.id).await?;
        let board = market.board(asker, task.id).await?;
        let vote = market.vote(asker, task.id).await?;
        let events = market.events(asker, task.id).await?;
        let eligibility = market.eligibility(asker, task.id).await?;
        let mut wanted = Wanted::default();
        wanted.persons([task.poster]).source(task.source);
        if let Who::Units(units) = &task.rules.entry.who {
            wanted.units(units.iter().copied());
        }
        wanted.persons(task.rules.judging.named().iter().copied());
        wanted.persons(rulings.iter().flat_map(|ruling| &ruling.panel).copied());
        wanted.persons(stages.iter().filter_map(|stage| stage.by));
        wanted.persons(task.rules.deputies().iter().copied());
        if let Judging::Vote(VoteRules { voters: Voters::Units(units), .. }) = &task.rules.judging {
            wanted.units(units.iter().copied());
        }
        for entry in &entries {
            wanted.persons(entry.crew.iter().map(|mate| mate.person));
            wanted.units(entry.units.iter().map(|part| part.unit));
        }
        wanted.persons(rulings.iter().filter_map(|ruling| ruling.by));
        wanted.persons(appeals.iter().flat_map(|appeal| [Some(appeal.by), appeal.answered_by]).flatten());
        wanted.persons(questions.iter().filter_map(|question| question.answered_by));
        wanted.persons(events.iter().map(|one| one.by));
        let seconds = appeals.iter().filter_map(|appeal| appeal.again.as_ref());
        wanted.persons(seconds.flat_map(|again| [Some(again.by), again.answered_by]).flatten());
        parts::wanted(&bought, &mut wanted);
        for funding in &fundings {
            wanted.persons([funding.funder]).source(funding.source);
        }
        for line in payouts.iter().flat_map(|payout| &payout.lines) {
            wanted.payee(line.to);
        }
        let names = wanted.names(v, market).await?;
        Ok(Self {
            task,
            entries,
            rulings,
            appeals,
            questions,
            amendments,
            fundings,
            records,
            payouts,
            bought,
            cost,
            stages,
            can,
            board,
            vote,
            events,
            eligibility,
            names,
        })
    }

    fn page(self, v: Visit, asset: &AssetView) -> TaskPage {
        let Self {
            task,
            entries,
            rulings,
            appeals,
            questions,
            amendments,
            fundings,
            records,
            payouts,
            bought,
            cost,
            stages,
            can,
            board,
            vote,
            events,
            eligibility,
            names,
        } = self;
        let imagined = outcomes::imagined(&task);
        let seen = Seen { task: &task, entries: &entries, stages: &stages, board: board.as_ref() };
        let race = track::block(&v, asset, &names, &seen);
        let live = |handle: &str| (urls::task_live(handle), urls::task_track(handle));
        let block = |ruling: &RulingView| task_parts::ruling(&v, asset, &names, &entries, ruling);
        let poster = names.person(task.poster);
        let rides = entries.iter().find(|entry| (entry.mine && !entry.state.is_out()) || asked_in(&v, entry));
        let crew_outcomes = rides.filter(|_| task.state == TaskState::Open).map(|entry| {
            let mates = outcomes::mates_of(&v, &names, entry);
            outcomes::crew_outcomes(&v, &task, imagined, asset, &mates)
        });
        let rides = rides.map(|entry| Link::new(&entry.name, urls::entry(entry.id)));
        TaskPage {
            summary: markdown::to_text(&task.brief, 160),
            badge: state(task.state),
            open: task.visibility == market::task::Visibility::Open,
            share: None,
            brief: markdown::to_html(&task.brief),
            criteria: markdown::to_html(&task.criteria),
            bounty: tokens(asset, task.bounty),
            clock: clock(&v, &task),
            stages: stages
                .iter()
                .map(|stage| task_stages::block(&v, asset, &names, &entries, &task.rules, stage))
                .collect(),
            closes: v.when(task.closes_at),
            final_pot: tokens(asset, task.rules.final_pot(task.bounty)),
            passed: passed(&v, &task, &names),
            actions: actions(&v, &task, &can, rides.is_some()),
            own: rides,
            eligible: (task.state == TaskState::Open).then(|| entry_rules::eligible(eligibility)),
            terms: entry_rules::terms(&v, &task, eligibility),
            rules: rules::facts(&v, &task.rules, task.visibility, asset, &names, poster.clone()),
            outcomes: outcomes::outcomes(&v, &task.rules, task.bounty, imagined, asset),
            crew_outcomes,
            proof: proof(&v, asset, &task, &names),
            digest: task.rules_digest.map(hex::encode),
            fundings: fundings
                .iter()
                .map(|funding| task_parts::funding(&v, asset, &names, funding))
                .collect(),
            race,
            replay: urls::task_replay(&task.handle),
            live: (task.state != TaskState::Draft).then(|| live(&task.handle)),
            events: events.iter().map(|one| super::events::row(&v, &names, &entries, one)).collect(),
            vote: vote.map(|vote| super::vote::block(&v, &task, &entries, &vote)),
            ruling: rulings.iter().find(|ruling| ruling.current).map(block),
            earlier: rulings.iter().filter(|ruling| !ruling.current).map(block).collect(),
            panel: task
                .rules
                .judging
                .panel()
                .filter(|_| task.state != TaskState::Draft)
                .map(|_| urls::task_panel(&task.handle)),
            appeals: appeals
                .iter()
                .map(|appeal| task_parts::appeal(&v, &task, &names, &entries, appeal))
                .collect(),
            amendments: amendments.iter().rev().map(|one| amend::row(&v, one)).collect(),
            questions: questions.iter().map(|one| questions::block(&v, &names, one)).collect(),
            payouts: payouts
                .iter()
                .map(|payout| task_parts::payout(&v, asset, &names, &entries, payout))
                .collect(),
            cost: cost::block(&v, asset, &task, &cost),
            bought: parts::bought(&v, asset, &names, &entries, &bought),
            trail: records.iter().map(|record| task_parts::trail(&v, record)).collect(),
            title: task.title,
            poster,
            v,
        }
    }
}

/// What other sites show, for tasks that visitors may see.
fn share(v: &Visit, base: &Base, asset: &AssetView, task: &TaskView) -> Option<Share> {
    let seen = task.visibility == market::task::Visibility::Open && task.state != TaskState::Draft;
    let brief = markdown::to_text(&task.brief, 160);
    seen.then(|| Share {
        url: base.of(&urls::task(&task.handle)),
        image: base.of(&picture::address(&task.handle, v.locale)),
        text: format!("{} {} · {brief}", v.t(key("task-bounty")), tokens(asset, task.bounty)),
        locale: v.locale.tag().replace('-', "_"),
    })
}

fn asked_in(v: &Visit, entry: &EntryView) -> bool {
    let me = v.actor.id();
    entry.crew.iter().any(|mate| Some(mate.person) == me && mate.answer == CrewAnswer::Asked)
}

fn clock(v: &Visit, task: &TaskView) -> Clock {
    let (label, at) = match task.state {
        TaskState::Draft => (key("clock-will-close"), Some(task.closes_at)),
        TaskState::Open if task.rules.opens_at.is_some_and(|opens| opens > v.now) => {
            (key("clock-opens"), task.rules.opens_at)
        }
        TaskState::Open => match task.rules.stages.iter().find(|stage| stage.ends_at > v.now) {
            Some(stage) => (key("clock-stage"), Some(stage.ends_at)),
            None => (key("clock-closes"), Some(task.closes_at)),
        },
        TaskState::Judging if task.decision_due.is_some() => (key("clock-ruling-due"), task.decision_due),
        TaskState::Judging => (key("clock-closed"), Some(task.closes_at)),
        TaskState::Provisional => (key("clock-appeals"), task.appeals_until),
        TaskState::Settled => (key("clock-settled"), task.ended_at),
        TaskState::Cancelled => (key("clock-cancelled"), task.ended_at),
        TaskState::Expired => (key("clock-expired"), task.ended_at),
    };
    let left = at.and_then(|at| u64::try_from(at.seconds_since(v.now)).ok()).filter(|seconds| *seconds > 0);
    Clock {
        label,
        at: at.map(|at| v.when(at)),
        left: left.map(|seconds| format::duration(v.locale, seconds)),
        server: v.when(v.now).exact,
    }
}

/// Who decides since those who judged stayed silent.
fn passed(v: &Visit, task: &TaskView, names: &Names) -> Option<String> {
    task.passed_at?;
    let named: Vec<String> = task.judges.iter().map(|one| names.person(*one).text).collect();
    let named = format::list(v.locale, &named);
    Some(v.t1(key("task-passed"), "names", named).into_owned())
}

/// What to offer. What can't be done now is told with its reason, unless the reason is plain to see: the race
/// is over, the task is no draft any more, or the asker rides already.
fn actions(v: &Visit, task: &TaskView, can: &[(Act, Option<Code>)], rides: bool) -> Vec<Action> {
    let over = matches!(task.state, TaskState::Settled | TaskState::Cancelled | TaskState::Expired);
    let handle = &task.handle;
    if !v.signed_in() {
        let url = urls::sign_in_then(&v.path);
        let door = Action { url, label: key("task-sign-in"), refused: None, class: "primary" };
        return if task.state == TaskState::Open { vec![door] } else { Vec::new() };
    }
    let known = [
        (Act::PublishTask, urls::task_publish(handle), key("act-publish"), "primary"),
        (Act::UploadAnswerKey, urls::task_key(handle), key("act-upload-key"), ""),
        (Act::CastBallot, urls::task_vote(handle), key("act-vote"), "primary"),
        (Act::RecordEvents, urls::task_events(handle), key("act-count"), ""),
        (Act::EnterRace, urls::task_enter(handle), key("act-enter"), "primary"),
        (Act::InviteToRace, urls::task_invite(handle), key("act-invite-race"), ""),
        (Act::RuleRace, urls::task_rule(handle), key("act-rule"), "primary"),
        (Act::RuleStage, urls::task_stage(handle), key("act-rule-stage"), "primary"),
        (Act::LockSheet, urls::task_panel(handle), key("act-score"), "primary"),
        (Act::UpdateTask, urls::task_edit(handle), key("act-edit"), ""),
        (Act::BoostTask, urls::task_boost(handle), key("act-boost"), ""),
        (Act::ExtendDeadline, urls::task_extend(handle), key("act-extend"), ""),
        (Act::ClarifyTask, urls::task_clarify(handle), key("act-clarify"), ""),
        (Act::ProposeAmendment, urls::task_amend(handle), key("act-amend-ask"), ""),
        (Act::AskQuestion, urls::task_ask(handle), key("act-ask"), ""),
        (Act::CancelTask, urls::task_cancel(handle), key("act-cancel"), "danger"),
        (Act::DeleteDraft, urls::task_delete(handle), key("act-delete"), "danger"),
    ];
    let offer = |(act, url, label, class): (Act, String, &'static str, &'static str)| {
        let (_, refused) = can.iter().find(|(allowed, _)| *allowed == act)?;
        let plain = over || (rides && act == Act::EnterRace) || *refused == Some(Code::NotDraft);
        if refused.is_some() && plain {
            return None;
        }
        let refused = refused.as_ref().map(|code| problem_text(v, code));
        Some(Action { url, label, refused, class })
    };
    let again = (v.may(Act::CreateTask) && task.state != TaskState::Draft).then(|| Action {
        url: urls::task_new_from(handle),
        label: key("act-begin-with"),
        refused: None,
        class: "",
    });
    known.into_iter().filter_map(offer).chain(again).collect()
}

fn proof(v: &Visit, asset: &AssetView, task: &TaskView, names: &Names) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new(v.t(key("proof-escrow")), tokens(asset, task.escrow)),
        Fact::linked(v.t(key("proof-source")), names.source(task.source)),
    ];
    if let Some(record) = task.rules_record {
        facts.push(Fact::linked(
            v.t(key("proof-record")),
            Link::new(v.t(key("proof-record-link")), urls::record(record)),
        ));
    }
    facts
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<TaskPage> {
    crate::visit::samples::all()
        .into_iter()
        .flat_map(|v| [task_parts::samples::full(&v), task_parts::samples::bare(&v)])
        .collect()
}
