//! Paying: the clock moves the escrow when the appeal window has closed with nothing open.

use std::collections::BTreeMap;

use ledger::{AccountId, AccountKind, Amount, Move, RecordId, RecordKind, split};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::crew_split;
use crate::books::{self, Draft, Evidence};
use crate::error::{Refusal, Result};
use crate::ids::EntryId;
use crate::judging::{self, ruling_line};
use crate::notice::{Event, Kind, notify, notify_all};
use crate::policy::{Permit, RaceFacts};
use crate::race::tables::{crew_member, entry};
use crate::store::Scope;
use crate::task::clockwork::lateness;
use crate::task::tables::{funding, task as task_table};
use crate::task::{self, Stored, Task, refund_all};

/// Most credits in one record: it stays far below the 65,535 bytes that a record may have.
const MOST_CREDITS: usize = 400;

/// Pays a task by the ruling that counts, and sends back what it leaves; for the clock, when the appeal window has
/// closed with nothing open.
pub(crate) async fn settle_task(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task) -> Result<()> {
    let lines = judging::lines_of(scope.txn, task.ruling).await?;
    let award =
        |line: ruling_line::Model| Ok((line.entry_id, Amount::from_i64(line.award).map_err(Refusal::fault)?));
    let awards = lines.into_values().map(award).collect::<Result<Vec<_>>>()?;
    let credits = credits(scope, task, awards).await?;
    let paid = credits.iter().try_fold(Amount::ZERO, |sum, (_, amount)| sum.checked_add(*amount));
    let paid = paid.ok_or_else(|| Refusal::fault("awards beyond the largest amount"))?;
    // Who signed the ruling decided these payouts; the clock only carries them out.
    let signed = match task.ruling {
        Some(ruling) => judging::signed(scope.txn, ruling).await?,
        None => None,
    };
    let scope = &Scope { signed: signed.as_ref(), ..*scope };
    pay(scope, leave, task, &credits).await?;
    let rest = task.left().checked_sub(paid).ok_or_else(|| Refusal::fault("awards beyond the bounty"))?;
    if !rest.is_zero() {
        refund_all(scope, leave, task, rest, lateness(scope)).await?;
    }
    let row = task_table::ActiveModel {
        id: Set(task.id.0),
        state: Set(Stored::Settled.as_str().to_owned()),
        ended_at: Set(Some(scope.now.0)),
        ..Default::default()
    };
    task::tables::update(scope.txn, leave, row).await?;
    let paid = |(payee, amount): &((AccountKind, Uuid), Amount)| {
        Event::of(leave, Kind::PayoutReceived).task(task.id).into_account(*payee, *amount)
    };
    notify_all(scope, credits.iter().map(paid).collect()).await?;
    notify(scope, Event::of(leave, Kind::TaskSettled).task(task.id).to([task.poster])).await
}

/// Pays what a stage gives to its entries, split over their crews, and tells them; answers how much it was.
pub(crate) async fn pay_awards(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    awards: Vec<(Uuid, Amount)>,
) -> Result<Amount> {
    let credits = credits(scope, task, awards).await?;
    let sum = credits.iter().try_fold(Amount::ZERO, |sum, (_, amount)| sum.checked_add(*amount));
    pay(scope, leave, task, &credits).await?;
    let paid = |(payee, amount): &((AccountKind, Uuid), Amount)| {
        Event::of(leave, Kind::PayoutReceived).task(task.id).into_account(*payee, *amount)
    };
    notify_all(scope, credits.iter().map(paid).collect()).await?;
    sum.ok_or_else(|| Refusal::fault("awards beyond the largest amount"))
}

/// Pays the price of a part of an entry, split over its crew as a prize would be, and tells them; answers the record.
pub(crate) async fn pay_part<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: &Task,
    (entry, price): (Uuid, Amount),
    terms: Evidence,
) -> Result<RecordId> {
    let credits = credits(scope, task, vec![(entry, price)]).await?;
    // A crew is far smaller than the widest record.
    let record = pay_one(scope, leave, task, &credits, vec![terms]).await?;
    let paid = |(payee, amount): &((AccountKind, Uuid), Amount)| {
        let event = Event::of(leave, Kind::PayoutReceived).task(task.id).entry(EntryId(entry));
        event.into_account(*payee, *amount).even_to_doer()
    };
    notify_all(scope, credits.iter().map(paid).collect()).await?;
    Ok(record)
}

/// The moves that send `amount` of an escrow back to who funded it, in proportion to what each put in;
/// leftovers by largest remainder, then by who came first.
///
/// # Errors
/// A fault when there is nobody to send it to.
pub(crate) fn refund_moves(
    escrow: AccountId,
    fundings: &[funding::Model],
    amount: Amount,
) -> Result<Vec<Move>> {
    let mut weights: Vec<(Uuid, u64)> = Vec::new();
    for row in fundings {
        let put_in = u64::try_from(row.amount).map_err(Refusal::fault)?;
        match weights.iter_mut().find(|(account, _)| *account == row.account_id) {
            Some((_, sum)) => *sum = sum.saturating_add(put_in),
            None => weights.push((row.account_id, put_in)),
        }
    }
    let parts = split(amount, &weights.iter().map(|(_, weight)| *weight).collect::<Vec<_>>());
    let parts = parts.ok_or_else(|| Refusal::fault("an escrow that nobody funded"))?;
    let credits = weights.iter().zip(parts).filter(|(_, part)| !part.is_zero());
    let mut moves = vec![books::debit(escrow, amount)];
    moves.extend(credits.map(|((account, _), part)| books::credit(books::account_id(*account), part)));
    Ok(moves)
}

/// Who is paid how much: for each entry by lane its units first, then its crew, each in their order.
async fn credits(
    scope: &Scope<'_>,
    task: &Task,
    mut awards: Vec<(Uuid, Amount)>,
) -> Result<Vec<((AccountKind, Uuid), Amount)>> {
    let entries = crate::race::tables::entries_of(scope.txn, task.id).await?;
    let entries: BTreeMap<Uuid, entry::Model> = entries.into_iter().map(|entry| (entry.id, entry)).collect();
    let mut crews: BTreeMap<Uuid, Vec<crew_member::Model>> = BTreeMap::new();
    for one in crate::race::tables::crews_of(scope.txn, task.id).await? {
        crews.entry(one.entry_id).or_default().push(one);
    }
    let units = crate::race::unit_rows_of(scope.txn, task.id).await?;
    awards.sort_by_key(|(entry, _)| entries.get(entry).map(|entry| entry.lane));
    let mut credits = Vec::new();
    for (entry_id, award) in awards {
        let entry = entries.get(&entry_id).ok_or_else(|| Refusal::fault("a ruling on no entry"))?;
        let crew = crews.remove(&entry_id).unwrap_or_default();
        let units = units.iter().filter(|one| one.entry_id == entry.id);
        let mut payees: Vec<((AccountKind, Uuid), i64)> =
            units.map(|one| ((AccountKind::Unit, one.unit_id), one.share)).collect();
        payees.extend(crew.iter().map(|one| ((AccountKind::Person, one.person_id), one.share)));
        let shares = payees.iter().map(|(_, share)| u32::try_from(*share).unwrap_or(0)).collect::<Vec<_>>();
        let parts = payees.iter().map(|(payee, _)| *payee).zip(crew_split(award, &shares));
        credits.extend(parts.filter(|(_, part)| !part.is_zero()));
    }
    Ok(credits)
}

/// Posts the payout, in several records when there are very many payees.
async fn pay(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    credits: &[((AccountKind, Uuid), Amount)],
) -> Result<()> {
    for part in credits.chunks(MOST_CREDITS) {
        pay_one(scope, leave, task, part, lateness(scope)).await?;
    }
    Ok(())
}

/// One record of a payout.
async fn pay_one<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: &Task,
    credits: &[((AccountKind, Uuid), Amount)],
    evidence: Vec<Evidence>,
) -> Result<RecordId> {
    let escrow = books::account(scope, AccountKind::Escrow, task.id.0).await?;
    let sum = credits.iter().try_fold(Amount::ZERO, |sum, (_, amount)| sum.checked_add(*amount));
    let sum = sum.ok_or_else(|| Refusal::fault("awards beyond the largest amount"))?;
    let mut moves = vec![books::debit(escrow, sum)];
    for ((kind, owner), amount) in credits {
        moves.push(books::credit(books::account(scope, *kind, *owner).await?, *amount));
    }
    let draft = Draft { kind: RecordKind::Payout, moves, subject: Some(task.id.0), reversed: None, evidence };
    Ok(books::post(scope, leave, draft).await?.record)
}
