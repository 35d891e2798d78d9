//! What happened, and the one door by which it gets into the outbox.

use std::collections::{BTreeSet, HashMap};

use ledger::{AccountKind, Amount};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::mailing::next_morning;
use super::{Facts, Kind};
use crate::error::Result;
use crate::ids::{EntryId, PersonId, ProgrammeId, TaskId, UnitId};
use crate::policy::Permit;
use crate::programme::tables::programme;
use crate::store::Scope;
use crate::store::rows::{Cells, Rows};
use crate::unit::tables::unit;
use crate::webhook::enqueue;

/// Something that people are told of.
pub(crate) struct Event {
    kind: Kind,
    facts: Facts,
    to: BTreeSet<PersonId>,
    to_leads: Vec<UnitId>,
    to_owners: Vec<ProgrammeId>,
    tells_doer: bool,
}

impl Event {
    /// Something done with this leave; who did it is not told.
    pub(crate) fn of<S>(leave: &Permit<S>, kind: Kind) -> Self {
        let facts = Facts { person: leave.by(), ..Facts::default() };
        Self {
            kind,
            facts,
            to: BTreeSet::new(),
            to_leads: Vec::new(),
            to_owners: Vec::new(),
            tells_doer: false,
        }
    }

    /// In this race.
    pub(crate) fn task(mut self, task: TaskId) -> Self {
        self.facts.task = Some(task);
        self
    }

    /// With this entry.
    pub(crate) fn entry(mut self, entry: EntryId) -> Self {
        self.facts.entry = Some(entry);
        self
    }

    /// More of what it is about.
    pub(crate) fn with(mut self, add: impl FnOnce(&mut Facts)) -> Self {
        add(&mut self.facts);
        self
    }

    /// Tells these people.
    pub(crate) fn to(mut self, people: impl IntoIterator<Item = PersonId>) -> Self {
        self.to.extend(people);
        self
    }

    /// Tells the leads of these units.
    pub(crate) fn leads(mut self, units: impl IntoIterator<Item = UnitId>) -> Self {
        self.to_leads.extend(units);
        self
    }

    /// Tells whoever answers for an account that so much came into it.
    pub(crate) fn into_account(mut self, (kind, owner): (AccountKind, Uuid), amount: Amount) -> Self {
        self.facts.amount = Some(amount.minor());
        match kind {
            AccountKind::Person => {
                self.to.insert(PersonId(owner));
            }
            AccountKind::Unit => {
                self.facts.unit = Some(UnitId(owner));
                self.to_leads.push(UnitId(owner));
            }
            AccountKind::Programme => {
                self.facts.programme = Some(ProgrammeId(owner));
                self.to_owners.push(ProgrammeId(owner));
            }
            _ => {}
        }
        self
    }

    /// Tells the doer too: what touches their safety, or what they get.
    pub(crate) fn even_to_doer(mut self) -> Self {
        self.tells_doer = true;
        self
    }
}

/// Writes an event into the outbox of everybody whom it concerns.
pub(crate) async fn notify(scope: &Scope<'_>, event: Event) -> Result<()> {
    notify_all(scope, vec![event]).await
}

/// The same for many, in as many statements as for one.
pub(crate) async fn notify_all(scope: &Scope<'_>, events: Vec<Event>) -> Result<()> {
    if !scope.tells || events.is_empty() {
        return Ok(());
    }
    let told: Vec<_> = events.iter().map(|event| (event.kind, event.facts.clone())).collect();
    enqueue(scope, &told).await?;
    if scope.mails { write(scope, events).await } else { Ok(()) }
}

/// Writes the notices, one for each who is told.
async fn write(scope: &Scope<'_>, events: Vec<Event>) -> Result<()> {
    let leads = leads(scope, &events).await?;
    let owners = owners(scope, &events).await?;
    let (mut ids, mut people, mut kinds, mut all_facts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for event in events {
        let facts = serde_json::to_string(&event.facts)?;
        let mut to = event.to;
        to.extend(event.to_leads.iter().filter_map(|unit| leads.get(&unit.0)).copied().map(PersonId));
        to.extend(event.to_owners.iter().filter_map(|id| owners.get(&id.0)).copied().map(PersonId));
        for person in to {
            if event.tells_doer || event.facts.person != Some(person) {
                ids.push(scope.ids.id(scope.now));
                people.push(person.0);
                kinds.push(event.kind.as_str().to_owned());
                all_facts.push(facts.clone());
            }
        }
    }
    // Whoever wants no mail, or was erased, gets no row; and nobody is asked twice how they want it.
    let (now, morning) = (scope.now, next_morning(scope.now));
    let sql = format!(
        "INSERT INTO notice (id, person_id, kind, facts, at, digest, due_at, tries) \
         SELECT given.id, given.person, given.kind, given.facts, {now}, \
         COALESCE(mailing.mode = 'daily', FALSE), \
         CASE WHEN mailing.mode = 'daily' THEN {morning} ELSE {now} END, 0 \
         FROM {{rows}} JOIN person ON person.id = given.person \
         LEFT JOIN mailing ON mailing.person_id = given.person \
         WHERE COALESCE(mailing.mode, 'at_once') <> 'none' AND person.email NOT LIKE '%@erased.invalid'",
        now = now.0,
        morning = morning.0,
    );
    let rows = Rows(vec![
        ("id", Cells::Ids(ids)),
        ("person", Cells::Ids(people)),
        ("kind", Cells::Texts(kinds)),
        ("facts", Cells::Texts(all_facts)),
    ]);
    rows.execute(scope.txn, &sql).await?;
    Ok(())
}

async fn leads(scope: &Scope<'_>, events: &[Event]) -> Result<HashMap<Uuid, Uuid>> {
    let wanted: BTreeSet<Uuid> = events.iter().flat_map(|event| &event.to_leads).map(|id| id.0).collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let find = unit::Entity::find().select_only().column(unit::Column::Id).column(unit::Column::LeadId);
    let found = find.filter(unit::Column::Id.is_in(wanted)).into_tuple::<(Uuid, Uuid)>();
    Ok(found.all(scope.txn).await?.into_iter().collect())
}

async fn owners(scope: &Scope<'_>, events: &[Event]) -> Result<HashMap<Uuid, Uuid>> {
    let wanted: BTreeSet<Uuid> = events.iter().flat_map(|event| &event.to_owners).map(|id| id.0).collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let find = programme::Entity::find().select_only();
    let find = find.column(programme::Column::Id).column(programme::Column::OwnerId);
    let found = find.filter(programme::Column::Id.is_in(wanted)).into_tuple::<(Uuid, Uuid)>();
    Ok(found.all(scope.txn).await?.into_iter().collect())
}
