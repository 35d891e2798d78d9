//! The parts of a task's page, each made from one view of the market.

use market::award::PayoutView;
use market::books::RecordView;
use market::judging::{AppealView, RulingView, Verdict};
use market::race::{CrewAnswer, EntryState, EntryView};
use market::task::{FundingView, Score, TaskState, TaskView};
use market::{AssetView, EntryId};

use super::kit::{Badge, Link, tokens};
use super::ledger::kind;
use super::names::Names;
use crate::format::{Tokens, When};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{markdown, urls};

/// A lane, as a row.
#[derive(Debug, Clone)]
pub struct LaneRow {
    /// Its number.
    pub lane: u32,
    /// Its name, leading to the entry.
    pub name: Link,
    /// The units it runs for.
    pub units: Vec<Link>,
    /// Who rides.
    pub crew: Vec<Link>,
    /// Where it stands.
    pub badge: Badge,
    /// Versions handed in.
    pub submissions: u32,
    /// When the last one came.
    pub last: Option<When>,
    /// Its place.
    pub place: Option<u32>,
    /// Its score.
    pub score: Option<String>,
    /// What the ruling gives it.
    pub award: Option<Tokens>,
    /// True if the reader rides in it.
    pub mine: bool,
    /// Its way on the track, in words.
    pub way: String,
}

/// The row of `entry` in a race that stands at `race`.
pub(super) fn lane(
    v: &Visit,
    asset: &AssetView,
    names: &Names,
    race: TaskState,
    entry: &EntryView,
) -> LaneRow {
    LaneRow {
        lane: entry.lane,
        name: Link::new(&entry.name, urls::entry(entry.id)),
        units: entry.units.iter().map(|part| names.unit(part.unit)).collect(),
        crew: entry
            .crew
            .iter()
            .filter(|mate| mate.answer != CrewAnswer::Declined)
            .map(|mate| names.person(mate.person))
            .collect(),
        badge: entry_badge(entry.state, race),
        submissions: entry.submissions,
        last: entry.last_submitted_at.map(|at| v.when(at)),
        place: entry.place,
        score: entry.score.map(Score::format),
        award: entry.award.map(|award| tokens(asset, award)),
        mine: entry.mine,
        way: String::new(),
    }
}

/// The badge of an entry in a race that stands there: whoever still rides when the clock stops has finished.
pub(super) fn entry_badge(entry: EntryState, race: TaskState) -> Badge {
    match (entry, race) {
        (EntryState::Running, TaskState::Judging | TaskState::Provisional | TaskState::Settled) => {
            Badge { tone: "", label: key("entry-finished") }
        }
        (entry, _) => entry_state(entry),
    }
}

/// The badge of an entry's state.
pub(super) fn entry_state(state: EntryState) -> Badge {
    let (tone, label) = match state {
        EntryState::Forming => ("wait", key("entry-forming")),
        EntryState::Waiting => ("wait", key("entry-waiting")),
        EntryState::Running => ("go", key("entry-running")),
        EntryState::Withdrawn => ("", key("entry-withdrawn")),
        EntryState::Cut => ("", key("entry-cut")),
        EntryState::Merged => ("", key("entry-merged")),
        EntryState::Lapsed => ("", key("entry-lapsed")),
        EntryState::Left => ("", key("entry-left")),
        EntryState::Disqualified => ("bad", key("entry-disqualified")),
    };
    Badge { tone, label }
}

/// A ruling.
#[derive(Debug, Clone)]
pub struct RulingBlock {
    /// Its number.
    pub version: u32,
    /// Who ruled; nobody where the clock did.
    pub by: Option<Link>,
    /// The panel whose sheets came to it.
    pub panel: Vec<Link>,
    /// When.
    pub at: When,
    /// What was said on the whole, as safe HTML.
    pub summary: String,
    /// Its record.
    pub record: String,
    /// A line for each entry, best first.
    pub lines: Vec<RulingRow>,
    /// What goes back to the funders.
    pub refund: Tokens,
}

/// A line of a ruling.
#[derive(Debug, Clone)]
pub struct RulingRow {
    /// Its place.
    pub place: Option<u32>,
    /// The entry.
    pub name: Link,
    /// Its score.
    pub score: Option<String>,
    /// What it gets.
    pub award: Tokens,
    /// How much of that is its start prize, if there is one.
    pub start: Option<Tokens>,
    /// Why.
    pub reason: String,
}

/// The block of `ruling`.
pub(super) fn ruling(
    v: &Visit,
    asset: &AssetView,
    names: &Names,
    entries: &[EntryView],
    ruling: &RulingView,
) -> RulingBlock {
    let mut lines: Vec<_> = ruling.lines.iter().collect();
    lines.sort_by_key(|line| line.place.unwrap_or(u32::MAX));
    RulingBlock {
        version: ruling.version,
        by: ruling.by.map(|by| names.person(by)),
        panel: ruling.panel.iter().map(|judge| names.person(*judge)).collect(),
        at: v.when(ruling.at),
        summary: markdown::to_html(&ruling.summary),
        record: urls::record(ruling.record),
        lines: lines
            .into_iter()
            .map(|line| RulingRow {
                place: line.place,
                name: entry_link(entries, line.entry),
                score: line.score.map(Score::format),
                award: tokens(asset, line.award),
                start: (!line.start.is_zero()).then(|| tokens(asset, line.start)),
                reason: line.reason.clone(),
            })
            .collect(),
        refund: tokens(asset, ruling.refund),
    }
}

/// The entry's name, leading to it.
pub(super) fn entry_link(entries: &[EntryView], id: EntryId) -> Link {
    entries
        .iter()
        .find(|entry| entry.id == id)
        .map(|entry| Link::new(&entry.name, urls::entry(id)))
        .unwrap_or_default()
}

/// An appeal.
#[derive(Debug, Clone)]
pub struct AppealBlock {
    /// Whose lane.
    pub entry: Link,
    /// Who wrote it.
    pub by: Link,
    /// When.
    pub at: When,
    /// Why, as safe HTML.
    pub grounds: String,
    /// Where it stands.
    pub badge: Badge,
    /// The answer, as safe HTML.
    pub answer: Option<String>,
    /// Who answered.
    pub answered_by: Option<Link>,
    /// When.
    pub answered_at: Option<When>,
    /// True where nobody answered and the ruling stands by the rules.
    pub by_clock: bool,
    /// Where the reader may answer it.
    pub answer_url: Option<String>,
    /// The same made again.
    pub again: Option<Box<AppealBlock>>,
    /// Where the reader may make it again.
    pub again_url: Option<String>,
}

/// The block of `appeal`.
pub(super) fn appeal(
    v: &Visit,
    task: &TaskView,
    names: &Names,
    entries: &[EntryView],
    appeal: &AppealView,
) -> AppealBlock {
    let mine = entries.iter().find(|entry| entry.id == appeal.entry && entry.mine);
    AppealBlock {
        entry: entry_link(entries, appeal.entry),
        by: names.person(appeal.by),
        at: v.when(appeal.at),
        grounds: markdown::to_html(&appeal.grounds),
        badge: verdict_badge(appeal.verdict),
        answer: appeal.answer.as_deref().map(markdown::to_html),
        answered_by: appeal.answered_by.map(|by| names.person(by)),
        answered_at: appeal.answered_at.map(|at| v.when(at)),
        by_clock: appeal.verdict.is_some() && appeal.answered_by.is_none(),
        answer_url: appeal.may_answer.then(|| urls::appeal_answer(appeal.id, &task.handle)),
        again: appeal.again.as_ref().map(|again| {
            Box::new(AppealBlock {
                entry: entry_link(entries, appeal.entry),
                by: names.person(again.by),
                at: v.when(again.at),
                grounds: markdown::to_html(&again.grounds),
                badge: verdict_badge(again.verdict),
                answer: again.answer.as_deref().map(markdown::to_html),
                answered_by: again.answered_by.map(|by| names.person(by)),
                answered_at: again.answered_at.map(|at| v.when(at)),
                by_clock: false,
                answer_url: again.may_answer.then(|| urls::appeal_answer_again(appeal.id, &task.handle)),
                again: None,
                again_url: None,
            })
        }),
        again_url: mine
            .filter(|_| appeal.again_until.is_some())
            .map(|_| urls::appeal_again(appeal.id, &task.handle)),
    }
}

fn verdict_badge(verdict: Option<Verdict>) -> Badge {
    match verdict {
        None => Badge { tone: "wait", label: key("appeal-open") },
        Some(Verdict::Upheld) => Badge { tone: "go", label: key("appeal-upheld") },
        Some(Verdict::Rejected) => Badge { tone: "", label: key("appeal-rejected") },
    }
}

/// What was paid by one record.
#[derive(Debug, Clone)]
pub struct PayoutBlock {
    /// When.
    pub at: When,
    /// The record.
    pub record: String,
    /// Its receipt.
    pub receipt: String,
    /// Who got what.
    pub lines: Vec<PayoutRow>,
}

/// Who got what.
#[derive(Debug, Clone)]
pub struct PayoutRow {
    /// Who.
    pub to: Link,
    /// For which entry.
    pub entry: Option<Link>,
    /// How much.
    pub amount: Tokens,
    /// True if it went back to a funder.
    pub refund: bool,
}

/// The block of `payout`.
pub(super) fn payout(
    v: &Visit,
    asset: &AssetView,
    names: &Names,
    entries: &[EntryView],
    payout: &PayoutView,
) -> PayoutBlock {
    PayoutBlock {
        at: v.when(payout.at),
        record: urls::record(payout.record),
        receipt: urls::receipt(payout.record),
        lines: payout
            .lines
            .iter()
            .map(|line| PayoutRow {
                to: names.payee(line.to),
                entry: line.entry.map(|entry| entry_link(entries, entry)),
                amount: tokens(asset, line.amount),
                refund: line.refund,
            })
            .collect(),
    }
}

/// A funding.
#[derive(Debug, Clone)]
pub struct FundingRow {
    /// From which wallet or budget.
    pub from: Link,
    /// Who decided it.
    pub by: Link,
    /// How much.
    pub amount: Tokens,
    /// When.
    pub at: When,
    /// The record.
    pub record: String,
}

/// The row of `funding`.
pub(super) fn funding(v: &Visit, asset: &AssetView, names: &Names, funding: &FundingView) -> FundingRow {
    FundingRow {
        from: names.source(funding.source),
        by: names.person(funding.funder),
        amount: tokens(asset, funding.amount),
        at: v.when(funding.at),
        record: urls::record(funding.record),
    }
}

/// A record about the task.
#[derive(Debug, Clone)]
pub struct TrailRow {
    /// The key of what it is.
    pub kind: &'static str,
    /// When.
    pub at: When,
    /// Its page.
    pub url: String,
    /// Its place in the log.
    pub index: Option<u64>,
}

/// The row of `record`.
pub(super) fn trail(v: &Visit, record: &RecordView) -> TrailRow {
    TrailRow {
        kind: kind(record.kind),
        at: v.when(record.at),
        url: urls::record(record.id),
        index: record.index,
    }
}

#[cfg(test)]
pub(crate) mod samples;
