//! Events on their way: written with what they tell of, claimed by a server, recorded.
//!
//! Promises: as for mail (see `notice/post.rs`): a claim holds for a while, a failure is tried again ever
//! later for three days, and the id stays the same.

use std::collections::{BTreeSet, HashMap};

use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::commands::disable;
use super::tables::{delivery, webhook};
use super::{DeliveryState, Secret, WebhookState};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{DeliveryId, EventId};
use crate::market::Market;
use crate::notice::{Facts, Kind, retry_after};
use crate::policy::{Act, House, permit};
use crate::race;
use crate::race::tables::entry_unit;
use crate::store::rows::{Cells, Rows};
use crate::store::{Command, Scope};
use crate::task::tables::task;

/// Seconds that a claim holds.
const LEASE: i64 = 60;
/// Deliveries in one claim.
const ROUND: u64 = 20;
/// Seconds that deliveries are kept.
const KEPT: i64 = 30 * 86_400;

/// What the house's addresses are not told: what came into somebody's wallet is theirs to know.
const PRIVATE: [Kind; 3] = [Kind::TokensReceived, Kind::RefundReceived, Kind::PayoutReceived];

/// Writes a delivery for every address that is told of these events.
pub(crate) async fn enqueue(scope: &Scope<'_>, events: &[(Kind, Facts)]) -> Result<()> {
    let told = webhook::Entity::find().filter(webhook::Column::State.ne(WebhookState::Disabled.as_str()));
    let told = told.all(scope.txn).await?;
    if told.is_empty() {
        return Ok(());
    }
    let groups = Groups::of(scope, events).await?;
    let tasks = events.iter().filter_map(|(_, facts)| facts.task).map(|task| task.0);
    let hiding = race::hiding(scope.txn, tasks, scope.now).await?;
    let (mut ids, mut hooks, mut event_ids) = (Vec::new(), Vec::new(), Vec::new());
    let (mut kinds, mut all_facts) = (Vec::new(), Vec::new());
    for (kind, facts) in events {
        let event = scope.ids.id(scope.now);
        // Amounts are for those who may see the wallet: the API tells them.
        let facts = Facts { amount: None, ..facts.clone() };
        let concerned = groups.concerned(&facts);
        // Where a race hides who rides in it, no address learns it.
        let blind = facts.entry.is_some() && facts.task.is_some_and(|task| hiding.contains(&task.0));
        let facts = if blind { Facts { person: None, unit: None, ..facts } } else { facts };
        let text = serde_json::to_string(&facts)?;
        for hook in &told {
            let tells = if hook.of_kind == "house" {
                !PRIVATE.contains(kind)
            } else {
                concerned.contains(&hook.of_id)
            };
            if tells {
                ids.push(scope.ids.id(scope.now));
                hooks.push(hook.id);
                event_ids.push(event);
                kinds.push(kind.as_str().to_owned());
                all_facts.push(text.clone());
            }
        }
    }
    let sql = format!(
        "INSERT INTO delivery (id, webhook_id, event_id, kind, facts, at, state, due_at, tries) \
         SELECT given.id, given.webhook, given.event, given.kind, given.facts, {now}, 'waiting', {now}, 0 \
         FROM {{rows}}",
        now = scope.now.0,
    );
    let rows = Rows(vec![
        ("id", Cells::Ids(ids)),
        ("webhook", Cells::Ids(hooks)),
        ("event", Cells::Ids(event_ids)),
        ("kind", Cells::Texts(kinds)),
        ("facts", Cells::Texts(all_facts)),
    ]);
    rows.execute(scope.txn, &sql).await?;
    Ok(())
}

/// The units and programmes behind tasks and entries.
struct Groups {
    sources: HashMap<Uuid, Uuid>,
    units: Vec<(Uuid, Uuid)>,
}

impl Groups {
    async fn of(scope: &Scope<'_>, events: &[(Kind, Facts)]) -> Result<Self> {
        let tasks: BTreeSet<Uuid> =
            events.iter().filter_map(|(_, facts)| facts.task).map(|id| id.0).collect();
        let entries: BTreeSet<Uuid> =
            events.iter().filter_map(|(_, facts)| facts.entry).map(|id| id.0).collect();
        let sources = task::Entity::find()
            .select_only()
            .column(task::Column::Id)
            .column(task::Column::SourceId)
            .filter(task::Column::Id.is_in(tasks))
            .into_tuple::<(Uuid, Uuid)>();
        let units = entry_unit::Entity::find()
            .select_only()
            .column(entry_unit::Column::EntryId)
            .column(entry_unit::Column::UnitId)
            .filter(entry_unit::Column::EntryId.is_in(entries))
            .into_tuple::<(Uuid, Uuid)>();
        Ok(Self {
            sources: sources.all(scope.txn).await?.into_iter().collect(),
            units: units.all(scope.txn).await?,
        })
    }

    /// Every unit and programme that an event is about. Ids of all kinds are different.
    fn concerned(&self, facts: &Facts) -> BTreeSet<Uuid> {
        let mut all = BTreeSet::new();
        all.extend(facts.unit.map(|id| id.0));
        all.extend(facts.programme.map(|id| id.0));
        all.extend(facts.task.and_then(|id| self.sources.get(&id.0)).copied());
        let of_entry = self.units.iter().filter(|(entry, _)| facts.entry.is_some_and(|id| id.0 == *entry));
        all.extend(of_entry.map(|(_, unit)| *unit));
        all
    }
}

/// One event to send to one address.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Parcel {
    /// The delivery.
    pub id: DeliveryId,
    /// What the receiver sees as its id.
    pub event: EventId,
    /// Where to.
    pub url: String,
    /// What signs it: the newest, and the one before for a while.
    pub secrets: Vec<Secret>,
    /// What happened.
    pub kind: Kind,
    /// To what.
    pub facts: Facts,
    /// When.
    pub at: Moment,
}

impl Market {
    /// Whether any delivery is due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_deliveries(&self) -> Result<bool> {
        let due = delivery::Entity::find().filter(delivery::Column::DueAt.lte(self.now().0)).limit(1);
        Ok(due.count(self.store().reads()).await? > 0)
    }
}

/// Claims what is due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClaimDeliveries;

impl Command for ClaimDeliveries {
    type Output = Vec<Parcel>;
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Vec<Parcel>> {
        permit(asker, Self::ACT, &House)?;
        let rows = delivery::Entity::find()
            .filter(delivery::Column::DueAt.lte(scope.now.0))
            .order_by_asc(delivery::Column::DueAt)
            .order_by_asc(delivery::Column::Id)
            .limit(ROUND)
            .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
            .all(scope.txn)
            .await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        delivery::Entity::update_many()
            .col_expr(delivery::Column::DueAt, Expr::value(scope.now.plus_seconds(LEASE).0))
            .filter(delivery::Column::Id.is_in(ids))
            .exec(scope.txn)
            .await?;
        let hooks: BTreeSet<Uuid> = rows.iter().map(|row| row.webhook_id).collect();
        let hooks = webhook::Entity::find().filter(webhook::Column::Id.is_in(hooks)).all(scope.txn).await?;
        let hooks: HashMap<Uuid, webhook::Model> = hooks.into_iter().map(|hook| (hook.id, hook)).collect();
        let parcels =
            rows.iter().filter_map(|row| hooks.get(&row.webhook_id).map(|hook| parcel(scope.now, row, hook)));
        parcels.collect()
    }
}

fn parcel(now: Moment, row: &delivery::Model, hook: &webhook::Model) -> Result<Parcel> {
    let mut secrets = vec![Secret(hook.secret.clone())];
    if hook.old_until.is_some_and(|until| until > now.0) {
        secrets.extend(hook.old_secret.clone().map(Secret));
    }
    Ok(Parcel {
        id: DeliveryId(row.id),
        event: EventId(row.event_id),
        url: hook.url.clone(),
        secrets,
        kind: row.kind.parse()?,
        facts: serde_json::from_str(&row.facts)?,
        at: Moment(row.at),
    })
}

/// What an address answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answered {
    /// It took it.
    Taken(String),
    /// It did not, or did not answer.
    NotTaken(String),
    /// It wants nothing more (410).
    Gone(String),
}

/// Writes down what an address answered, and forgets what is a month old.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordDelivery {
    /// Which.
    pub delivery: DeliveryId,
    /// What it answered.
    pub answered: Answered,
}

impl Command for RecordDelivery {
    type Output = ();
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        permit(asker, Self::ACT, &House)?;
        let found = delivery::Entity::find_by_id(self.delivery.0).lock(LockType::NoKeyUpdate);
        let Some(row) = found.one(scope.txn).await?.filter(|row| row.due_at.is_some()) else { return Ok(()) };
        let tries = row.tries + 1;
        let (state, due, said) = match &self.answered {
            Answered::Taken(said) => (DeliveryState::Delivered, None, said),
            Answered::Gone(said) => (DeliveryState::Failed, None, said),
            Answered::NotTaken(said) => match retry_after(tries) {
                Some(pause) => (DeliveryState::Waiting, Some(scope.now.plus_seconds(pause).0), said),
                None => (DeliveryState::Failed, None, said),
            },
        };
        delivery::Entity::update_many()
            .col_expr(delivery::Column::State, Expr::value(state.as_str()))
            .col_expr(delivery::Column::DueAt, Expr::value(due))
            .col_expr(delivery::Column::Tries, Expr::value(tries))
            .col_expr(delivery::Column::TriedAt, Expr::value(scope.now.0))
            .col_expr(delivery::Column::Answer, Expr::value(said.clone()))
            .filter(delivery::Column::Id.eq(row.id))
            .exec(scope.txn)
            .await?;
        match (&self.answered, state) {
            (Answered::Gone(_), _) => disable(scope, row.webhook_id).await?,
            (_, DeliveryState::Failed) => mark(scope, row.webhook_id, WebhookState::Failing).await?,
            (_, DeliveryState::Delivered) => mark(scope, row.webhook_id, WebhookState::Active).await?,
            _ => {}
        }
        delivery::Entity::delete_many()
            .filter(delivery::Column::WebhookId.eq(row.webhook_id))
            .filter(delivery::Column::DueAt.is_null())
            .filter(delivery::Column::At.lt(scope.now.plus_seconds(-KEPT).0))
            .exec(scope.txn)
            .await?;
        Ok(())
    }
}

/// Writes how an address does, unless it was ended.
async fn mark(scope: &Scope<'_>, id: Uuid, state: WebhookState) -> Result<()> {
    webhook::Entity::update_many()
        .col_expr(webhook::Column::State, Expr::value(state.as_str()))
        .filter(webhook::Column::Id.eq(id))
        .filter(webhook::Column::State.is_not_in([WebhookState::Disabled.as_str(), state.as_str()]))
        .exec(scope.txn)
        .await?;
    Ok(())
}
