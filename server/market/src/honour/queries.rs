//! Reading histories and honours.
//!
//! Promises: a page costs a fixed number of questions, and so do the honours. Must never: show a race that the asker
//! may not see, or who rides where names are hidden.

use std::collections::{HashMap, HashSet};

use ledger::Amount;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::rules::{self, Ridden};
use super::{HonourProof, HonourView, RideRole, RideView};
use crate::actor::Actor;
use crate::award::crew_split;
use crate::books::record_id;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, PersonId, TaskId, UnitId};
use crate::judging::ruling_line;
use crate::judging::tables::ruling;
use crate::market::Market;
use crate::page::{Listing, Page};
use crate::part::{self, OfferView};
use crate::policy::{WalletOwner, reads_everything};
use crate::race::tables::{crew_member, entry, entry_unit};
use crate::race::{CrewAnswer, EntryState, hidden_races, state_of};
use crate::submission::{self, tables::submission as version};
use crate::task::tables::task;
use crate::task::{self as tasks, Score};

/// Most rides that honours are counted from: the newest.
const MOST: u64 = 5_000;

impl Market {
    /// The races of a person or a unit that the asker may see, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the person or the unit; problems with the page.
    pub async fn rides(&self, asker: &Actor, of: WalletOwner, page: Page) -> Result<Listing<RideView>> {
        self.sees(asker, of).await?;
        let db = self.store().reads();
        let span = page.span::<Uuid>()?;
        let seen = || entry::Entity::find().filter(ridden(asker, of));
        let mut select = seen();
        if let Some(after) = span.after {
            select = select.filter(entry::Column::Id.lt(after));
        }
        if let Some(before) = span.before {
            select = select.filter(entry::Column::Id.gt(before));
        }
        let order = if span.backward { Order::Asc } else { Order::Desc };
        let rows = select.order_by(entry::Column::Id, order).limit(span.limit + 1).all(db).await?;
        let total = seen().count(db).await?;
        let views = views(db, of, rows).await?;
        Ok(span.listing(views, total, |view| view.entry.0))
    }

    /// What a person or a unit has earned a mention for, as far as the asker may see the races.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the person or the unit.
    pub async fn honours(&self, asker: &Actor, of: WalletOwner) -> Result<Vec<HonourView>> {
        self.sees(asker, of).await?;
        let db = self.store().reads();
        let settled = Query::select()
            .column(task::Column::Id)
            .from(task::Entity)
            .and_where(task::Column::State.eq("settled"))
            .to_owned();
        let rows = entry::Entity::find()
            .filter(ridden(asker, of))
            .filter(entry::Column::TaskId.in_subquery(settled))
            .order_by_desc(entry::Column::Id)
            .limit(MOST)
            .all(db)
            .await?;
        let standing = Standings::load(db, &rows).await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let last = last_versions(db, &ids).await?;
        let ridden: Vec<Ridden> = rows
            .iter()
            .map(|row| {
                let line = standing.lines.get(&row.id);
                let finished = matches!(state_of(row), Ok(EntryState::Running | EntryState::Cut));
                Ridden {
                    task: TaskId(row.task_id),
                    entry: EntryId(row.id),
                    place: line.and_then(|line| line.place).and_then(|place| u32::try_from(place).ok()),
                    sharing: standing.sharing(line),
                    ruling: standing.rulings.get(&row.task_id).map(|ruling| record_id(ruling.record_id)),
                    handed: last.get(&row.id).filter(|_| finished).map(|record| record_id(*record)),
                }
            })
            .collect();
        let parts = part::bought_of(db, &ids).await?;
        let proof = |row: &OfferView| {
            let record = row.end_record?;
            Some(HonourProof { task: row.task, entry: row.entry, record })
        };
        Ok(rules::honours(&ridden, &parts.iter().filter_map(proof).collect::<Vec<_>>()))
    }

    async fn sees(&self, asker: &Actor, of: WalletOwner) -> Result<()> {
        match of {
            WalletOwner::Person(id) => self.person(asker, id).await.map(drop),
            WalletOwner::Unit(id) => self.unit(asker, id).await.map(drop),
        }
    }
}

/// Entries in which they rode, or still do, that the asker may see and knows to be theirs.
fn ridden(asker: &Actor, of: WalletOwner) -> Condition {
    let agreed = CrewAnswer::Agreed.as_str();
    let (entries, own) = match of {
        WalletOwner::Person(id) => {
            let crews = Query::select()
                .column(crew_member::Column::EntryId)
                .from(crew_member::Entity)
                .and_where(crew_member::Column::PersonId.eq(id.0))
                .and_where(crew_member::Column::Answer.eq(agreed))
                .to_owned();
            (crews, asker.id() == Some(id))
        }
        WalletOwner::Unit(id) => {
            let units = Query::select()
                .column(entry_unit::Column::EntryId)
                .from(entry_unit::Entity)
                .and_where(entry_unit::Column::UnitId.eq(id.0))
                .and_where(entry_unit::Column::Answer.eq(agreed))
                .to_owned();
            let member = asker.person().is_some_and(|one| one.units.contains(&id) || one.leads.contains(&id));
            (units, member)
        }
    };
    let mut seen = Condition::all()
        .add(entry::Column::Id.in_subquery(entries))
        .add(entry::Column::RunningSince.is_not_null())
        // It rides on in another lane, in which they ride too.
        .add(entry::Column::MergedInto.is_null())
        .add(Expr::exists(visible(asker)));
    if !own && !reads_everything(asker) {
        seen = seen.add(entry::Column::TaskId.not_in_subquery(hidden_races()));
    }
    seen
}

/// The task of an entry, if the asker may see it. Looked at entry by entry: there are many more tasks than rides.
fn visible(asker: &Actor) -> SelectStatement {
    let own = Expr::col((task::Entity, task::Column::Id)).equals((entry::Entity, entry::Column::TaskId));
    Query::select()
        .expr(Expr::val(1))
        .from(task::Entity)
        .and_where(own)
        .cond_where(tasks::in_scope(asker))
        .to_owned()
}

/// How entries came out, by the rulings that count.
struct Standings {
    tasks: HashMap<Uuid, task::Model>,
    rulings: HashMap<Uuid, ruling::Model>,
    lines: HashMap<Uuid, ruling_line::Model>,
    /// How many entries a ruling has on each place.
    heats: HashMap<(Uuid, i64), u32>,
}

impl Standings {
    async fn load(db: &impl ConnectionTrait, rows: &[entry::Model]) -> Result<Self> {
        let ids: HashSet<Uuid> = rows.iter().map(|row| row.task_id).collect();
        let tasks = task::Entity::find().filter(task::Column::Id.is_in(ids)).all(db).await?;
        let counts: Vec<Uuid> = tasks.iter().filter_map(|task| task.ruling_id).collect();
        let rulings = ruling::Entity::find().filter(ruling::Column::Id.is_in(counts.clone())).all(db).await?;
        let lines = ruling_line::Entity::find()
            .filter(ruling_line::Column::RulingId.is_in(counts.clone()))
            .filter(ruling_line::Column::EntryId.is_in(rows.iter().map(|row| row.id)))
            .all(db)
            .await?;
        let heats = ruling_line::Entity::find()
            .select_only()
            .column(ruling_line::Column::RulingId)
            .column(ruling_line::Column::Place)
            .column_as(Expr::col(ruling_line::Column::EntryId).count(), "entries")
            .filter(ruling_line::Column::RulingId.is_in(counts))
            .filter(ruling_line::Column::Place.is_not_null())
            .group_by(ruling_line::Column::RulingId)
            .group_by(ruling_line::Column::Place)
            .into_tuple::<(Uuid, i64, i64)>()
            .all(db)
            .await?;
        Ok(Self {
            rulings: rulings.into_iter().map(|ruling| (ruling.task_id, ruling)).collect(),
            lines: lines.into_iter().map(|line| (line.entry_id, line)).collect(),
            heats: heats
                .into_iter()
                .map(|(ruling, place, entries)| ((ruling, place), u32::try_from(entries).unwrap_or(0)))
                .collect(),
            tasks: tasks.into_iter().map(|task| (task.id, task)).collect(),
        })
    }

    fn sharing(&self, line: Option<&ruling_line::Model>) -> u32 {
        let key = line.and_then(|line| Some((line.ruling_id, line.place?)));
        key.and_then(|key| self.heats.get(&key)).copied().unwrap_or(0)
    }
}

/// The record of each entry's last version.
async fn last_versions(db: &impl ConnectionTrait, entries: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    let rows = version::Entity::find()
        .select_only()
        .column(version::Column::EntryId)
        .column(version::Column::RecordId)
        .filter(version::Column::EntryId.is_in(entries.iter().copied()))
        .order_by_asc(version::Column::Version)
        .into_tuple::<(Uuid, Uuid)>();
    Ok(rows.all(db).await?.into_iter().collect())
}

/// The shares of entries in the order in which they are paid, units first: who, and how much.
async fn shares(
    db: &impl ConnectionTrait,
    entries: &[Uuid],
) -> Result<HashMap<Uuid, Vec<(WalletOwner, u32)>>> {
    let share = |share: i64| u32::try_from(share).unwrap_or(0);
    let mut all: HashMap<Uuid, Vec<(WalletOwner, u32)>> = HashMap::new();
    let units = entry_unit::Entity::find()
        .filter(entry_unit::Column::EntryId.is_in(entries.iter().copied()))
        .order_by_asc(entry_unit::Column::Place);
    for one in units.all(db).await? {
        let owner = WalletOwner::Unit(UnitId(one.unit_id));
        all.entry(one.entry_id).or_default().push((owner, share(one.share)));
    }
    let crews = crew_member::Entity::find()
        .filter(crew_member::Column::EntryId.is_in(entries.iter().copied()))
        .order_by_asc(crew_member::Column::Place);
    for one in crews.all(db).await? {
        let owner = WalletOwner::Person(PersonId(one.person_id));
        all.entry(one.entry_id).or_default().push((owner, share(one.share)));
    }
    Ok(all)
}

async fn views(db: &impl ConnectionTrait, of: WalletOwner, rows: Vec<entry::Model>) -> Result<Vec<RideView>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let standing = Standings::load(db, &rows).await?;
    let shares = shares(db, &ids).await?;
    let handed = submission::handed_by(db, &ids).await?;
    let mut bought: HashMap<EntryId, Vec<OfferView>> = HashMap::new();
    for one in part::bought_of(db, &ids).await? {
        bought.entry(one.entry).or_default().push(one);
    }
    let view = |row: entry::Model| -> Result<RideView> {
        let line = standing.lines.get(&row.id);
        let award = line.map(|line| Amount::from_i64(line.award).map_err(Refusal::fault)).transpose()?;
        let crew = shares.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let at = crew.iter().position(|(who, _)| *who == of);
        let share = at.and_then(|at| crew.get(at)).map_or(0, |(_, share)| *share);
        let parts: Vec<u32> = crew.iter().map(|(_, share)| *share).collect();
        let own = award.and_then(|award| at.and_then(|at| crew_split(award, &parts).get(at).copied()));
        let task = standing.tasks.get(&row.task_id);
        Ok(RideView {
            task: TaskId(row.task_id),
            entry: EntryId(row.id),
            state: state_of(&row)?,
            role: role(of, &row),
            share,
            versions: handed.get(&row.id).map_or(0, |handed| handed.versions),
            place: line.and_then(|line| line.place).and_then(|place| u32::try_from(place).ok()),
            sharing: standing.sharing(line),
            score: line
                .and_then(|line| u32::try_from(line.score?).ok())
                .and_then(|score| Score::new(score).ok()),
            award,
            own,
            settled: task.is_some_and(|task| task.state == "settled"),
            record: standing.rulings.get(&row.task_id).map(|ruling| record_id(ruling.record_id)),
            since: Moment(row.entered_at),
            bought: bought.remove(&EntryId(row.id)).unwrap_or_default(),
            name: row.name,
        })
    };
    rows.into_iter().map(view).collect()
}

fn role(of: WalletOwner, row: &entry::Model) -> RideRole {
    match of {
        WalletOwner::Unit(_) => RideRole::Unit,
        WalletOwner::Person(id) if row.captain_id == id.0 => RideRole::Captain,
        WalletOwner::Person(_) => RideRole::Crew,
    }
}
