//! What a change does once everybody has agreed.
//!
//! Promises: it is checked anew at that moment, for people may ride elsewhere by now. Must never: be called
//! before the last answer.

use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::super::commands::{check_named, deposit_crew};
use super::super::tables::{self as entries, NewCrew, Stored, entry};
use super::super::waiting::fill_lanes;
use super::super::{CrewAnswer, CrewShare, EntryState, UnitShare, rules};
use super::commands::Within;
use super::{ChangeKind, ChangeView, tables};
use crate::books::{self, label};
use crate::error::Result;
use crate::ids::{EntryId, PersonId, UnitId};
use crate::notice::{Event, Kind, notify};
use crate::policy::Permit;
use crate::store::Scope;
use ledger::RecordKind;

/// Carries the change out if nobody's word is missing.
pub(super) async fn if_agreed<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    within: Within<'_>,
    change: &ChangeView,
) -> Result<()> {
    if !rules::all_agreed(change.parts.iter().map(|part| part.answer)) {
        return Ok(());
    }
    match change.kind {
        ChangeKind::Crew => crew(scope, leave, within, change).await?,
        ChangeKind::Merge => merge(scope, leave, within, change).await?,
        ChangeKind::Captain => captain(scope, leave, within, change).await?,
    }
    tables::end(scope, leave, change.entry, tables::End::Done).await?;
    let people = change.parts.iter().filter_map(|part| part.person);
    let event = Event::of(leave, Kind::CrewChanged).task(within.0).entry(change.entry).to(people);
    let event = event.to([change.by]).leads(change.parts.iter().filter_map(|part| part.unit));
    notify(scope, event).await
}

async fn crew<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    within: Within<'_>,
    change: &ChangeView,
) -> Result<()> {
    write(scope, leave, within, change, &[change.entry]).await?;
    deposit_crew(scope, leave, within.0, change.entry, json!({ "agreed": "all" })).await
}

/// The other lane closes first, so that its people are free to ride here.
async fn merge<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    within: Within<'_>,
    change: &ChangeView,
) -> Result<()> {
    let Some(other) = change.other else { return Ok(()) };
    entries::set_free(scope.txn, leave, other).await?;
    let row = entry::ActiveModel {
        id: Set(other.0),
        state: Set(Stored::Out.as_str().to_owned()),
        out_as: Set(Some(EntryState::Merged.as_str().to_owned())),
        out_by: Set(leave.by().map(|by| by.0)),
        out_at: Set(Some(scope.now.0)),
        merged_into: Set(Some(change.entry.0)),
        ..Default::default()
    };
    entries::update(scope.txn, leave, row).await?;
    write(scope, leave, within, change, &[change.entry, other]).await?;
    let gone = json!({ "entry": other, "state": "merged", "into": change.entry });
    let data = gone.to_string().into_bytes();
    books::deposit(scope, leave, within.0.0, RecordKind::Evidence, label::ENTRY, data).await?;
    deposit_crew(scope, leave, within.0, change.entry, json!({ "merged": other })).await?;
    let task = crate::task::tables::load(scope.txn, within.0).await?;
    fill_lanes(scope, leave, &task).await
}

async fn captain<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    within: Within<'_>,
    change: &ChangeView,
) -> Result<()> {
    let Some(to) = change.parts.iter().find_map(|part| part.person) else { return Ok(()) };
    let row = entry::ActiveModel { id: Set(change.entry.0), captain_id: Set(to.0), ..Default::default() };
    entries::update(scope.txn, leave, row).await?;
    deposit_crew(scope, leave, within.0, change.entry, json!({ "captain": to })).await
}

/// Writes the crew that was agreed to.
async fn write<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    (task, race): Within<'_>,
    change: &ChangeView,
    own: &[EntryId],
) -> Result<()> {
    debug_assert!(change.parts.iter().all(|part| part.answer == CrewAnswer::Agreed));
    let staying = |part: &super::ChangePart| part.share.map(|share| (part.person, part.unit, share));
    let parts: Vec<(Option<PersonId>, Option<UnitId>, u32)> =
        change.parts.iter().filter_map(staying).collect();
    let crew =
        parts.iter().filter_map(|(person, _, share)| Some(CrewShare { person: (*person)?, share: *share }));
    let units = parts.iter().filter_map(|(_, unit, share)| Some(UnitShare { unit: (*unit)?, share: *share }));
    let (crew, units): (Vec<CrewShare>, Vec<UnitShare>) = (crew.collect(), units.collect());
    check_named(scope, (task, race), (&crew, &units), own, None).await?;
    let new = NewCrew { task, entry: change.entry, crew: &crew, units: &units };
    entries::write_crew(scope.txn, leave, &new, None, scope.now).await
}
