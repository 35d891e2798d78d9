//! An entry: its crew and shares, what it handed in, and what its crew can do.
//!
//! Promises: what is sealed stays sealed; a share is shown to whoever it concerns before they agree. Must
//! never: let a request that only looks change anything.

use actix_web::web::{Data, Path};
use askama::Template;
use market::award::crew_split;
use market::race::{
    AgreeToCrew, CheckInEntry, CrewAnswer, DeclineCrew, EntryState, EntryView, WithdrawEntry,
};
use market::task::{Judging, TaskState, TaskView};
use market::{Act, AssetView, EntryId, Market, Refusal};

use super::act::ActPage;
use super::board::{self, ScoresBlock};
use super::enter::{accept, to_accept};
use super::entry_change::{self, ChangeBlock};
use super::entry_rules::TermsBlock;
use super::evidence::{self, Asked};
use super::kit::{Badge, Choice, Fact, Link, fresh_key, id, key_of, tokens};
use super::lanes;
use super::names::{Names, Wanted};
use super::outcomes::{self, CrewOutcomes};
use super::parts::{self, PartsBlock};
use super::returned::{self, ReturnBlock};
use super::signing::SignNote;
use super::task_parts::entry_badge;
use crate::errors::{Answer, Failure};
use crate::format::{self, Tokens, When};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{markdown, respond, urls};

mod handed;

pub(super) use handed::content_block;
use handed::submission;
pub use handed::{ContentBlock, FileRow, SubmissionBlock};

/// The page.
#[derive(Debug, Template)]
#[template(path = "entries/show.html")]
pub struct EntryPage {
    /// The request.
    pub v: Visit,
    /// The entry's name.
    pub name: String,
    /// Its lane.
    pub lane: u32,
    /// The task it runs for.
    pub task: Link,
    /// Where the entry stands.
    pub badge: Badge,
    /// When it was entered.
    pub entered: When,
    /// How the ruling has it.
    pub outcome: Vec<Fact>,
    /// The judge's reason.
    pub reason: Option<String>,
    /// That it was returned unread.
    pub returned: Option<ReturnBlock>,
    /// The reasons for which the asker may return it: value and text.
    pub reasons: Vec<Choice>,
    /// What a submission must bring along.
    pub asked: Vec<Asked>,
    /// Who takes which share.
    pub shares: Vec<ShareRow>,
    /// Whether who rides is hidden from the reader.
    pub hidden: bool,
    /// Where a judge of a panel stands aside, and where they score.
    pub judging: Option<(String, String)>,
    /// The shares as a bar.
    pub bar: Vec<BarPart>,
    /// By when its crew says that it is still at it.
    pub check_in_due: Option<When>,
    /// The terms to accept before the asker agrees.
    pub terms: Option<TermsBlock>,
    /// Parts of it that were bought, and offers for some.
    pub offers: PartsBlock,
    /// The name of what the asker is asked to agree to.
    pub proposal: String,
    /// The change of the crew that is proposed.
    pub change: Option<ChangeBlock>,
    /// Lanes that it could merge with.
    pub lanes: Vec<Choice>,
    /// Why it was disqualified.
    pub out_reason: Option<String>,
    /// The entry that it rides on in.
    pub rides_on: Option<Link>,
    /// What each of the crew would get, while nothing is ruled.
    pub crew_outcomes: Option<CrewOutcomes>,
    /// What the versions scored, where the server measures.
    pub scores: Option<ScoresBlock>,
    /// Whether the server measures.
    pub measured: bool,
    /// What was handed in, newest first.
    pub submissions: Vec<SubmissionBlock>,
    /// What judges wrote to its crew, as far as the reader may know.
    pub feedback: Vec<FeedbackBlock>,
    /// Where the crew asks for it.
    pub ask_feedback: Option<String>,
    /// What the asker may do.
    pub can: Can,
    /// What was typed for a submission.
    pub form: Form,
    /// How large and how many files may be.
    pub limits: String,
    /// What a script must know to sign a submission, for those who may hand one in.
    pub sign: Option<SignNote>,
    /// The addresses of the forms.
    pub to: Addresses,
}

/// What the asker may do with an entry.
#[derive(Debug, Clone, Copy, Default)]
pub struct Can {
    /// Agree to their share or decline it.
    pub answer: bool,
    /// Change the crew.
    pub revise: bool,
    /// Hand in a version.
    pub submit: bool,
    /// Leave the race.
    pub withdraw: bool,
    /// Leave the crew.
    pub leave: bool,
    /// Offer the captaincy, or merge with another lane.
    pub hand_over: bool,
    /// Take it out of the race.
    pub disqualify: bool,
    /// Say that the crew is still at it.
    pub check_in: bool,
    /// Appeal against the ruling.
    pub appeal: bool,
    /// Return it unread.
    pub give_back: bool,
    /// Take that back.
    pub take_back: bool,
}

/// Where the entry's forms go.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Agree.
    pub agree: String,
    /// Decline.
    pub decline: String,
    /// Change the crew.
    pub crew: String,
    /// Hand in.
    pub submit: String,
    /// Leave the race.
    pub withdraw: String,
    /// Leave the crew.
    pub leave: String,
    /// Offer the captaincy.
    pub hand_over: String,
    /// Merge with another lane.
    pub merge: String,
    /// Take it out of the race.
    pub disqualify: String,
    /// Say that the crew is still at it.
    pub check_in: String,
    /// Appeal.
    pub appeal: String,
    /// Return it unread.
    pub give_back: String,
    /// Take that back.
    pub take_back: String,
}

/// A share.
#[derive(Debug, Clone)]
pub struct ShareRow {
    /// Whose: a person, or the unit itself.
    pub who: Link,
    /// How much, in percent.
    pub share: String,
    /// What that is of the award, once there is one.
    pub amount: Option<Tokens>,
    /// What they said; nothing for the unit.
    pub badge: Option<Badge>,
    /// The colour of its part of the bar.
    pub tone: usize,
    /// True for the reader.
    pub own: bool,
}

/// A part of the bar, in basis points.
#[derive(Debug, Clone, Copy)]
pub struct BarPart {
    /// Where it begins.
    pub x: u32,
    /// How long it is.
    pub width: u32,
    /// Its colour.
    pub tone: usize,
}

/// What a judge wrote.
#[derive(Debug, Clone)]
pub struct FeedbackBlock {
    /// On which version.
    pub version: u32,
    /// Who.
    pub by: Link,
    /// When.
    pub at: When,
    /// The text, as safe HTML.
    pub body: String,
    /// Its record.
    pub record: String,
}

/// `GET /entries/{id}`.
///
/// # Errors
/// Not found, for who may not see the race.
pub async fn show(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let entry = lanes::one(&v, &market, id::<EntryId>(&path)?).await?;
    let page = page(v, &market, entry, Form::default()).await?;
    Ok(respond::page(&page.v, &page))
}

/// The page of `entry`, with what was typed for a submission.
///
/// # Errors
/// Faults.
pub(super) async fn page(
    v: Visit,
    market: &Market,
    entry: EntryView,
    mut form: Form,
) -> Result<EntryPage, Failure> {
    let task = market.task(&v.actor, entry.task).await?;
    let submissions = market.submissions(&v.actor, entry.id).await?;
    let mut wanted = Wanted::default();
    wanted.persons(entry.crew.iter().map(|mate| mate.person));
    wanted.units(entry.units.iter().map(|part| part.unit));
    if let Some(change) = &entry.change {
        entry_change::wanted(change, &mut wanted);
    }
    wanted.persons(submissions.iter().filter_map(|submission| submission.by));
    let feedback = market.feedback(&v.actor, entry.id).await?;
    wanted.persons(feedback.iter().map(|one| one.by));
    wanted.persons(entry.returned.iter().map(|returned| returned.by));
    let names = wanted.names(&v, market).await?;
    if form.value("key").is_empty() {
        form.set("key", fresh_key(market));
    }
    let asset = market.asset();
    let settings = market.settings();
    let largest = format::size(u64::try_from(settings.max_file).unwrap_or(u64::MAX));
    let shares = shares(&v, asset, &names, &entry);
    let mut newest_first: Vec<_> = submissions.iter().collect();
    newest_first.sort_by_key(|submission| std::cmp::Reverse(submission.version));
    let judges = market.viewer_can(&v.actor, task.id).await?;
    let judges = judges.iter().any(|(act, refused)| *act == Act::RuleRace && refused.is_none());
    let offered = can(&task, &entry, judges);
    let sign = match offered.submit {
        true => Some(SignNote::new(&v, market, Act::SubmitWork).await?),
        false => None,
    };
    let scores = board::scores(&v, market, &task, &entry).await?;
    let running = matches!(task.state, TaskState::Open | TaskState::Judging);
    let running = running && !entry.state.is_out();
    let crew_outcomes = running.then(|| {
        let mates = outcomes::mates_of(&v, &names, &entry);
        outcomes::crew_outcomes(&v, &task, outcomes::imagined(&task), asset, &mates)
    });
    let lanes = match offered.hand_over {
        true => other_lanes(&v, market, &entry).await?,
        false => Vec::new(),
    };
    let terms = match offered.answer {
        true => to_accept(&v, market, &task).await?,
        false => None,
    };
    let judging = super::panel::judging_of(&v, market, &task, &entry).await?;
    let newest_opened = newest_first.first().is_none_or(|newest| newest.opened);
    let asks = task.rules.feedback && task.state == TaskState::Open && entry.mine && !newest_opened;
    let feedback = feedback.iter().map(|one| FeedbackBlock {
        version: one.version,
        by: names.person(one.by),
        at: v.when(one.at),
        body: markdown::to_html(&one.body),
        record: urls::record(one.record),
    });
    Ok(EntryPage {
        offers: parts::block(&v, market, entry.id).await?,
        check_in_due: entry.check_in_due.filter(|_| offered.check_in).map(|due| v.when(due)),
        terms,
        lanes,
        proposal: entry.proposal.clone().unwrap_or_default(),
        change: entry_change::block(&v, &names, &entry),
        rides_on: entry.merged_into.map(|into| Link::new(v.t(key("change-rides-on")), urls::entry(into))),
        out_reason: entry.out_reason.clone(),
        feedback: feedback.collect(),
        ask_feedback: asks.then(|| urls::entry_feedback(entry.id)),
        hidden: entry.hidden,
        sign,
        crew_outcomes,
        scores,
        measured: matches!(task.rules.judging, Judging::Metric(_)),
        task: Link::new(&task.title, urls::task(&task.handle)),
        badge: entry_badge(entry.state, task.state),
        entered: v.when(entry.entered_at),
        outcome: outcome(&v, asset, &entry),
        bar: bar(&entry),
        shares,
        submissions: newest_first.into_iter().map(|one| submission(&v, &names, &task, one)).collect(),
        returned: entry.returned.as_ref().map(|one| ReturnBlock {
            reason: returned::reason(&v, one.reason),
            note: one.note.clone(),
            by: names.person(one.by),
            at: v.when(one.at),
            record: urls::record(one.record),
        }),
        reasons: if offered.give_back { returned::reasons(&v) } else { Vec::new() },
        asked: if offered.submit { evidence::asked(&v, &task.rules.evidence) } else { Vec::new() },
        can: Can { appeal: may_appeal(&v, market, &task, &entry).await?, ..offered },
        limits: v.t2(key("submit-limits"), "count", settings.max_files, "size", largest).into_owned(),
        to: Addresses {
            agree: urls::entry_agree(entry.id),
            decline: urls::entry_decline(entry.id),
            crew: urls::entry_crew(entry.id),
            submit: urls::entry_submit(entry.id),
            withdraw: urls::entry_withdraw(entry.id),
            leave: urls::entry_leave(entry.id),
            hand_over: urls::entry_hand_over(entry.id),
            merge: urls::entry_merge(entry.id),
            disqualify: urls::entry_disqualify(entry.id),
            check_in: urls::entry_check_in(entry.id),
            appeal: urls::entry_appeal(entry.id),
            give_back: urls::entry_return(entry.id),
            take_back: urls::entry_take_back(entry.id),
        },
        name: entry.name,
        lane: entry.lane,
        judging,
        reason: entry.reason,
        form,
        v,
    })
}

/// What to offer. The market decides again when it is asked.
fn can(task: &TaskView, entry: &EntryView, judges: bool) -> Can {
    let open = task.state == TaskState::Open;
    let forming = matches!(entry.state, EntryState::Forming | EntryState::Waiting);
    let changeable = open && entry.unfrozen && entry.state == EntryState::Running;
    let running = entry.state == EntryState::Running;
    Can {
        answer: entry.asked,
        revise: entry.captained && (changeable || (open && forming)),
        leave: entry.mine && !entry.captained && (changeable || (open && forming)),
        hand_over: entry.captained && changeable,
        disqualify: entry.may_disqualify,
        check_in: open && entry.mine && entry.check_in_due.is_some() && entry.state == EntryState::Running,
        submit: open && entry.mine && entry.state == EntryState::Running,
        withdraw: open && entry.captained && !entry.state.is_out(),
        appeal: false,
        give_back: judges && entry.submissions > 0 && entry.returned.is_none() && running,
        take_back: judges && entry.returned.is_some(),
    }
}

/// The other running lanes of the race.
async fn other_lanes(v: &Visit, market: &Market, entry: &EntryView) -> Result<Vec<Choice>, Failure> {
    let lanes = lanes::all(v, market, entry.task).await?;
    let others = lanes.iter().filter(|lane| lane.id != entry.id && lane.state == EntryState::Running);
    Ok(others.map(|lane| Choice::new(lane.id.to_string(), &lane.name)).collect())
}

/// An appeal is offered while the ruling is provisional, to a crew that has not made one.
async fn may_appeal(v: &Visit, market: &Market, task: &TaskView, entry: &EntryView) -> Result<bool, Failure> {
    if task.state != TaskState::Provisional || !entry.mine {
        return Ok(false);
    }
    let rulings = market.rulings(&v.actor, task.id).await?;
    let current = rulings.iter().find(|ruling| ruling.current).map(|ruling| ruling.id);
    let appeals = market.appeals(&v.actor, task.id).await?;
    Ok(!appeals.iter().any(|appeal| appeal.entry == entry.id && Some(appeal.ruling) == current))
}

fn outcome(v: &Visit, asset: &AssetView, entry: &EntryView) -> Vec<Fact> {
    let place = entry.place.map(|place| Fact::new(v.t(key("col-place")), v.tn(key("place"), place)));
    let score = entry.score.map(|score| Fact::new(v.t(key("col-score")), score.format()));
    let award = entry.award.map(|award| Fact::new(v.t(key("col-award")), tokens(asset, award)));
    [place, score, award].into_iter().flatten().collect()
}

fn shares(v: &Visit, asset: &AssetView, names: &Names, entry: &EntryView) -> Vec<ShareRow> {
    let units =
        entry.units.iter().map(|part| (names.unit(part.unit), part.share, Some(answer(part.answer)), false));
    let mates = entry.crew.iter().map(|mate| {
        let own = v.actor.id() == Some(mate.person);
        (names.person(mate.person), mate.share, Some(answer(mate.answer)), own)
    });
    let rows: Vec<_> = units.chain(mates).collect();
    let parts: Vec<u32> = rows.iter().map(|(_, share, ..)| *share).collect();
    let amounts = entry.award.map(|award| crew_split(award, &parts));
    let row = |(tone, (who, share, badge, own)): (usize, (Link, u32, Option<Badge>, bool))| ShareRow {
        who,
        share: format::percent(share),
        amount: amounts.as_ref().and_then(|amounts| amounts.get(tone)).map(|amount| tokens(asset, *amount)),
        badge,
        tone: tone % 8,
        own,
    };
    rows.into_iter().enumerate().map(row).collect()
}

fn bar(entry: &EntryView) -> Vec<BarPart> {
    let mut x = 0;
    let part = |(tone, width): (usize, u32)| {
        let part = BarPart { x, width, tone: tone % 8 };
        x += width;
        part
    };
    entry.shares().into_iter().enumerate().map(part).collect()
}

pub(super) fn answer(answer: CrewAnswer) -> Badge {
    match answer {
        CrewAnswer::Asked => Badge { tone: "wait", label: key("crew-asked") },
        CrewAnswer::Agreed => Badge { tone: "go", label: key("crew-agreed") },
        CrewAnswer::Declined => Badge { tone: "bad", label: key("crew-declined") },
    }
}

/// `POST /entries/{id}/agree`.
///
/// # Errors
/// Not found, unless the asker was asked.
pub async fn agree(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let entry = id::<EntryId>(&path)?;
    if form.has("terms", "on") {
        let task = lanes::one(&v, &market, entry).await?.task;
        accept(&v, &market, &market.task(&v.actor, task).await?, &form).await?;
    }
    let proposal = form.value("proposal").to_owned();
    market.run(&v.actor, AgreeToCrew { entry, proposal }).await?;
    Ok(respond::done(&urls::entry(entry), key("done-agreed")))
}

/// `POST /entries/{id}/check-in`.
///
/// # Errors
/// Not found, unless the asker rides in it.
pub async fn check_in(v: Visit, market: Data<Market>, path: Path<String>, Posted(_): Posted) -> Answer {
    let entry = id::<EntryId>(&path)?;
    market.run(&v.actor, CheckInEntry { entry }).await?;
    Ok(respond::done(&urls::entry(entry), key("done-checked-in")))
}

/// `POST /entries/{id}/decline`.
///
/// # Errors
/// Not found, unless the asker was asked.
pub async fn decline(v: Visit, market: Data<Market>, path: Path<String>, Posted(_): Posted) -> Answer {
    let entry = id::<EntryId>(&path)?;
    market.run(&v.actor, DeclineCrew { entry }).await?;
    Ok(respond::done(&urls::entry(entry), key("done-declined")))
}

/// `GET /entries/{id}/withdraw`.
///
/// # Errors
/// Not found, unless the asker is its captain.
pub async fn withdraw_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let entry = captained(&v, &market, &path).await?;
    Ok(withdraw_page(v, &entry).once(&market).answer())
}

/// `POST /entries/{id}/withdraw`.
///
/// # Errors
/// Not found, unless the asker is its captain.
pub async fn withdraw(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let entry = captained(&v, &market, &path).await?;
    match market.run_once(&v.actor, key_of(&form)?, WithdrawEntry { entry: entry.id }).await {
        Ok(()) => Ok(respond::done(&urls::entry(entry.id), key("done-withdrawn"))),
        Err(refusal) => withdraw_page(v, &entry).once(&market).mend(refusal),
    }
}

async fn captained(v: &Visit, market: &Market, path: &str) -> Result<EntryView, Failure> {
    let entry = lanes::one(v, market, id::<EntryId>(path)?).await?;
    if entry.captained { Ok(entry) } else { Err(Refusal::NotFound.into()) }
}

fn withdraw_page(v: Visit, entry: &EntryView) -> ActPage {
    ActPage {
        form: Form::default(),
        crumbs: vec![Link::new(&entry.name, urls::entry(entry.id))],
        title: v.t(key("withdraw-title")).into_owned(),
        lead: v.t(key("withdraw-lead")).into_owned(),
        facts: vec![
            Fact::new(v.t(key("col-entry")), &entry.name),
            Fact::new(v.t(key("col-versions")), entry.submissions),
        ],
        asks: Vec::new(),
        action: urls::entry_withdraw(entry.id),
        submit: v.t(key("act-withdraw")).into_owned(),
        danger: true,
        sure: true,
        sign: None,
        v,
    }
}

#[cfg(test)]
pub(crate) mod samples;
