//! Invitations to a race, and its terms: who is let in, and what they accept.
//!
//! Promises: whoever is invited is told; terms are accepted with version, digest and time as evidence on the
//! ledger, once by each. Must never: tell anybody but the poster and the auditor who was invited.

pub(crate) mod tables {
    //! The tables `race_invitation` and `terms_accepted`.

    pub(crate) mod race_invitation {
        //! One row for each person or unit that was invited.
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "race_invitation")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: Uuid,
            pub task_id: Uuid,
            pub person_id: Option<Uuid>,
            pub unit_id: Option<Uuid>,
            pub invited_by: Uuid,
            pub at: i64,
            pub revoked_at: Option<i64>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod terms_accepted {
        //! One row for each person who accepted the terms of a race.
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "terms_accepted")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub task_id: Uuid,
            #[sea_orm(primary_key, auto_increment = false)]
            pub person_id: Uuid,
            pub version: String,
            pub digest: Vec<u8>,
            pub at: i64,
            pub record_id: Uuid,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

use std::collections::HashMap;

use ledger::RecordKind;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel as _, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use self::tables::{race_invitation, terms_accepted};
use super::{Who, hides, riders_of};
use crate::actor::{Actor, names};
use crate::books::{self, label};
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{PersonId, TaskId, UnitId};
use crate::market::Market;
use crate::memo::Known;
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, Door, may, permit, reads_everything};
use crate::store::{Command, Scope};
use crate::task::{self, Task, check_running};
use crate::{person, unit};

/// Most people, and most units, in one invitation.
const MOST: usize = 50;

/// Invites people and units to a race that is open. Whoever was invited before is not told again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InviteToRace {
    /// The task.
    pub task: TaskId,
    /// Who; at most 50.
    pub people: Vec<PersonId>,
    /// Whose members; at most 50.
    pub units: Vec<UnitId>,
}

impl Command for InviteToRace {
    type Output = ();
    const ACT: Act = Act::InviteToRace;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let task = task::tables::lock(scope.txn, self.task).await?;
        let mut facts = task::facts(scope.txn, &task, scope.now).await?;
        let leave = permit(asker, Act::InviteToRace, &facts)?;
        check_running(task.state(scope.now))?;
        let before = invited_to(scope.txn, vec![task.id.0]).await?;
        let (invited, invited_units) = before.get(&task.id).cloned().unwrap_or_default();
        facts.door = Door { who: Who::Invited, people: self.people.clone(), units: self.units.clone() };
        let actors = person::actors(scope.txn, &self.people).await?;
        let mut problems = Problems::default();
        problems.check(self.people.is_empty() && self.units.is_empty(), "people", Code::Required);
        problems.check(self.people.len() > MOST, "people", Code::TooManyItems { max: MOST });
        problems.check(self.units.len() > MOST, "units", Code::TooManyItems { max: MOST });
        for (at, one) in self.people.iter().enumerate().take(MOST) {
            match actors.get(one) {
                None => problems.add(format!("people.{at}"), Code::NoSuchPerson),
                Some(actor) => {
                    let barred = !may(actor, Act::EnterRace, &facts);
                    problems.check(barred, format!("people.{at}"), Code::MayNotRide);
                }
            }
        }
        for (at, one) in self.units.iter().enumerate().take(MOST) {
            let known = unit::name_of(scope.txn, *one).await?.is_some();
            problems.check(!known, format!("units.{at}"), Code::BadChoice);
        }
        problems.done()?;
        let by = leave.by().ok_or(Refusal::Unauthenticated)?;
        let people: Vec<PersonId> = fresh(&self.people, &invited);
        let units: Vec<UnitId> = fresh(&self.units, &invited_units);
        let whom = people.iter().map(|one| (Some(one.0), None));
        let whom = whom.chain(units.iter().map(|one| (None, Some(one.0))));
        for (person_id, unit_id) in whom {
            let row = race_invitation::Model {
                id: scope.ids.id(scope.now),
                task_id: task.id.0,
                person_id,
                unit_id,
                invited_by: by.0,
                at: scope.now.0,
                revoked_at: None,
            };
            // One that was taken back is given anew.
            race_invitation::Entity::delete_many()
                .filter(of(task.id, person_id, unit_id))
                .exec(scope.txn)
                .await?;
            race_invitation::Entity::insert(row.into_active_model())
                .exec_without_returning(scope.txn)
                .await?;
        }
        let event = Event::of(&leave, Kind::RaceInvited).task(task.id).to(people);
        notify(scope, event.leads(units)).await
    }
}

/// The invitation of this person, or of this unit.
fn of(task: TaskId, person: Option<Uuid>, unit: Option<Uuid>) -> Condition {
    Condition::all()
        .add(race_invitation::Column::TaskId.eq(task.0))
        .add_option(person.map(|id| race_invitation::Column::PersonId.eq(id)))
        .add_option(unit.map(|id| race_invitation::Column::UnitId.eq(id)))
}

/// Takes an invitation back while the race runs. Whoever rides by it already rides on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UninviteFromRace {
    /// The task.
    pub task: TaskId,
    /// Whose, unless a unit's.
    pub person: Option<PersonId>,
    /// Which unit's, unless a person's.
    pub unit: Option<UnitId>,
}

impl Command for UninviteFromRace {
    type Output = ();
    const ACT: Act = Act::UninviteFromRace;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let task = task::tables::lock(scope.txn, self.task).await?;
        let leave = permit(asker, Act::UninviteFromRace, &task::facts(scope.txn, &task, scope.now).await?)?;
        check_running(task.state(scope.now))?;
        let mut problems = Problems::default();
        problems.check(self.person.is_some() == self.unit.is_some(), "person", Code::Required);
        problems.done()?;
        let theirs = of(task.id, self.person.map(|id| id.0), self.unit.map(|id| id.0));
        let revoked = race_invitation::Entity::update_many()
            .col_expr(race_invitation::Column::RevokedAt, Expr::value(scope.now.0))
            .filter(theirs)
            .filter(race_invitation::Column::RevokedAt.is_null())
            .exec(scope.txn)
            .await?;
        if revoked.rows_affected == 0 {
            return Err(Refusal::on("person", Code::NotInvited));
        }
        let event = Event::of(&leave, Kind::InvitationRevoked).task(task.id).to(self.person);
        notify(scope, event.leads(self.unit)).await
    }
}

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Became {
    /// Nobody rides by it, or who rides is hidden still.
    Waits,
    /// Somebody rides by it.
    Rides,
    /// It was taken back.
    Revoked,
}

names!(Became, Waits = "waits", Rides = "rides", Revoked = "revoked");

/// An invitation, as the poster sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationView {
    /// Who was invited, unless a unit.
    pub person: Option<PersonId>,
    /// Which unit was, unless a person.
    pub unit: Option<UnitId>,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Moment,
    /// When it was taken back.
    pub revoked_at: Option<Moment>,
    /// What became of it.
    pub became: Became,
}

/// Those who are named now and were not before, each once.
fn fresh<T: Copy + PartialEq>(named: &[T], before: &[T]) -> Vec<T> {
    let mut fresh: Vec<T> = Vec::new();
    for one in named {
        if !before.contains(one) && !fresh.contains(one) {
            fresh.push(*one);
        }
    }
    fresh
}

/// Accepts the terms of a race, on record. Accepting twice does nothing twice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AcceptTerms {
    /// The task.
    pub task: TaskId,
}

impl Command for AcceptTerms {
    type Output = ();
    const ACT: Act = Act::AcceptTerms;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let Some(person) = asker.id() else { return Err(Refusal::Unauthenticated) };
        let task = task::tables::lock(scope.txn, self.task).await?;
        let leave = permit(asker, Act::AcceptTerms, &task::facts(scope.txn, &task, scope.now).await?)?;
        check_running(task.state(scope.now))?;
        let Some(terms) = &task.rules.entry.terms else {
            return Err(Refusal::because(Code::NothingToAgree));
        };
        if has_accepted(scope.txn, task.id, person).await? {
            return Ok(());
        }
        let digest = terms.digest();
        let said = json!({
            "task": task.id, "person": person, "terms": terms.title, "version": terms.version,
            "sha-256": hex::encode(digest), "accepted_at": scope.now.rfc3339(),
        });
        let data = said.to_string().into_bytes();
        let posted =
            books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::TERMS, data).await?;
        let row = terms_accepted::Model {
            task_id: task.id.0,
            person_id: person.0,
            version: terms.version.clone(),
            digest: digest.to_vec(),
            at: scope.now.0,
            record_id: Uuid::from_bytes(posted.record.to_bytes()),
        };
        terms_accepted::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
        Ok(())
    }
}

impl Market {
    /// Everybody who was invited to a race and what became of it, oldest first, for the poster and the auditor; nothing
    /// for everybody else.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn race_invitations(&self, asker: &Actor, id: TaskId) -> Result<Vec<InvitationView>> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        if !may(asker, Act::InviteToRace, facts) && !reads_everything(asker) {
            return Ok(Vec::new());
        }
        outcomes(db, task, self.now()).await
    }

    /// Whom the poster invited, for the poster and the auditor; nobody for everybody else.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn invited(&self, asker: &Actor, id: TaskId) -> Result<(Vec<PersonId>, Vec<UnitId>)> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        if !may(asker, Act::InviteToRace, facts) && !reads_everything(asker) {
            return Ok((Vec::new(), Vec::new()));
        }
        Ok(invited_to(db, vec![task.id.0]).await?.remove(&task.id).unwrap_or_default())
    }
}

/// The invitations of a race with what became of them. While names are hidden nobody is told who rides.
async fn outcomes(db: &impl ConnectionTrait, task: &Task, now: Moment) -> Result<Vec<InvitationView>> {
    let rows = race_invitation::Entity::find()
        .filter(race_invitation::Column::TaskId.eq(task.id.0))
        .order_by_asc(race_invitation::Column::At)
        .order_by_asc(race_invitation::Column::Id)
        .all(db)
        .await?;
    let hidden = hides(task, now);
    let riders = if hidden { Vec::new() } else { riders_of(db, task.id).await? };
    let units: Vec<UnitId> = rows.iter().filter_map(|row| row.unit_id).map(UnitId).collect();
    let units = if hidden { Vec::new() } else { units };
    let members = unit::members_in(db, &units).await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let (person, unit) = (row.person_id.map(PersonId), row.unit_id.map(UnitId));
        let members = unit.and_then(|unit| members.get(&unit)).map(Vec::as_slice).unwrap_or_default();
        let rides = riders.iter().any(|rider| person == Some(*rider) || members.contains(rider));
        let became = match (row.revoked_at, rides) {
            (Some(_), _) => Became::Revoked,
            (None, true) => Became::Rides,
            (None, false) => Became::Waits,
        };
        views.push(InvitationView {
            person,
            unit,
            by: PersonId(row.invited_by),
            at: Moment(row.at),
            revoked_at: row.revoked_at.map(Moment),
            became,
        });
    }
    Ok(views)
}

/// The people and units invited to each of these races, invitations taken back left out.
pub(crate) async fn invited_to(
    db: &impl ConnectionTrait,
    tasks: Vec<Uuid>,
) -> Result<HashMap<TaskId, (Vec<PersonId>, Vec<UnitId>)>> {
    let mut invited: HashMap<TaskId, (Vec<PersonId>, Vec<UnitId>)> = HashMap::new();
    if tasks.is_empty() {
        return Ok(invited);
    }
    let rows = race_invitation::Entity::find()
        .filter(race_invitation::Column::TaskId.is_in(tasks))
        .filter(race_invitation::Column::RevokedAt.is_null());
    for row in rows.all(db).await? {
        let (people, units) = invited.entry(TaskId(row.task_id)).or_default();
        people.extend(row.person_id.map(PersonId));
        units.extend(row.unit_id.map(UnitId));
    }
    Ok(invited)
}

/// Refuses whoever has not accepted the terms of a race that has some.
pub(super) async fn check_terms(db: &impl ConnectionTrait, task: &Task, person: PersonId) -> Result<()> {
    if task.rules.entry.terms.is_none() || has_accepted(db, task.id, person).await? {
        return Ok(());
    }
    Err(Refusal::on("terms", Code::TermsNotAccepted))
}

/// Whether this person has accepted the terms of this race.
pub(super) async fn has_accepted(db: &impl ConnectionTrait, task: TaskId, person: PersonId) -> Result<bool> {
    Ok(terms_accepted::Entity::find_by_id((task.0, person.0)).one(db).await?.is_some())
}
