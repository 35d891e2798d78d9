//! Reading records.
//!
//! Promises: members read the whole journal; anybody else the records of tasks that they see and of
//! wallets that they look into; a page costs the same number of queries whatever is on it.
//! Must never: show a record's bytes other than as they were hashed.

use std::collections::{HashMap, HashSet};

use ledger::{AccountId, AccountKind, Amount, Posting, Record, RecordId, leaf_hash};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::post::{signed, unsigned};
use super::rules::{self, Standing};
use super::sealer::{hash, head};
use super::tables::{account, disclosure, leaf, record};
use super::{
    ASSET, AccountOwner, AccountView, DisclosureView, PostingView, RecordView, account_id, account_uuid,
    label, record_id, record_uuid,
};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{PersonId, TaskId};
use crate::market::Market;
use crate::page::{Listing, Page};
use crate::policy::{Act, House, permit, reads_everything};
use crate::store::must;

impl Market {
    /// The journal: sealed records, newest place first. For members.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] and [`Refusal::NotFound`] for those who aren't; problems with the page.
    pub async fn records(&self, asker: &Actor, page: Page) -> Result<Listing<RecordView>> {
        permit(asker, Act::SeeJournal, &House)?;
        let db = self.store().reads();
        let span = page.span::<i64>()?;
        let mut select = leaf::Entity::find();
        if let Some(after) = span.after {
            select = select.filter(leaf::Column::Idx.lt(after));
        }
        if let Some(before) = span.before {
            select = select.filter(leaf::Column::Idx.gt(before));
        }
        let order = if span.backward { sea_orm::Order::Asc } else { sea_orm::Order::Desc };
        let leaves = select.order_by(leaf::Column::Idx, order).limit(span.limit + 1).all(db).await?;
        let ids: Vec<Uuid> = leaves.iter().map(|leaf| leaf.record_id).collect();
        let mut by_id = records_by_id(db, asker, self.now(), &ids).await?;
        let fetched: Vec<(i64, RecordView)> =
            leaves.iter().filter_map(|leaf| Some((leaf.idx, by_id.remove(&leaf.record_id)?))).collect();
        let total = head(db).await?.size;
        Ok(span.listing(fetched, total, |(idx, _)| *idx).map(|(_, view)| view))
    }

    /// One record.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] also for those who may not see it.
    pub async fn record(&self, asker: &Actor, id: RecordId) -> Result<RecordView> {
        let db = self.store().reads();
        let row = must(record::Entity::find_by_id(record_uuid(id)).one(db).await?)?;
        let shelf = Shelf::load(db, asker, self.now(), vec![row]).await?;
        let Some((row, decoded)) = shelf.records.first() else { return Err(Refusal::NotFound) };
        let own = row.made_by.is_some() && row.made_by.map(PersonId) == asker.id();
        let seen = own
            || rules::is_public(decoded.kind)
            || rules::sees_record(asker, &shelf.owners(decoded))
            || shelf.is_told_to_all(row)
            || sees_task(db, asker, row).await?;
        if seen { shelf.view(asker, row, decoded) } else { Err(Refusal::NotFound) }
    }

    /// The record at this place in the log.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] also for those who may not see it.
    pub async fn record_by_index(&self, asker: &Actor, index: u64) -> Result<RecordView> {
        let index = i64::try_from(index).map_err(|_| Refusal::NotFound)?;
        let leaf = must(leaf::Entity::find_by_id(index).one(self.store().reads()).await?)?;
        self.record(asker, record_id(leaf.record_id)).await
    }
}

/// Every record about `subject`, oldest first. The caller has checked that the asker sees the subject.
pub(crate) async fn records_about(
    db: &impl ConnectionTrait,
    asker: &Actor,
    now: Moment,
    subject: Uuid,
) -> Result<Vec<RecordView>> {
    let rows = record::Entity::find()
        .filter(record::Column::Subject.eq(subject))
        .order_by_asc(record::Column::PostedAt)
        .order_by_asc(record::Column::Id)
        .all(db)
        .await?;
    views(db, asker, now, rows).await
}

/// These records, by id. The caller has checked that the asker sees what they belong to.
pub(crate) async fn records_by_id(
    db: &impl ConnectionTrait,
    asker: &Actor,
    now: Moment,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, RecordView>> {
    let rows = record::Entity::find().filter(record::Column::Id.is_in(ids.iter().copied())).all(db).await?;
    let views = views(db, asker, now, rows).await?;
    Ok(views.into_iter().map(|view| (record_uuid(view.id), view)).collect())
}

/// What these owners' accounts of this kind hold, by owner; owners without an account are left out.
pub(crate) async fn balances(
    db: &impl ConnectionTrait,
    kind: AccountKind,
    owners: &[Uuid],
) -> Result<HashMap<Uuid, Amount>> {
    let rows = account::Entity::find()
        .filter(account::Column::Kind.eq(kind.as_str()))
        .filter(account::Column::Asset.eq(i64::from(ASSET.0)))
        .filter(account::Column::Owner.is_in(owners.iter().copied()))
        .all(db)
        .await?;
    let balance = |row: &account::Model| Amount::from_i64(row.credits - row.debits).map_err(Refusal::fault);
    rows.into_iter().map(|row| Ok((row.owner, balance(&row)?))).collect()
}

/// What these accounts are for and whose they are, by account.
pub(crate) async fn owners_of(
    db: &impl ConnectionTrait,
    accounts: &[Uuid],
) -> Result<HashMap<Uuid, (AccountKind, Uuid)>> {
    let mut found = HashMap::with_capacity(accounts.len());
    // A page of the widest records can name more accounts than one statement may have values.
    for some in accounts.chunks(10_000) {
        let rows =
            account::Entity::find().filter(account::Column::Id.is_in(some.iter().copied())).all(db).await?;
        for row in rows {
            found.insert(row.id, (row.kind.parse().map_err(Refusal::fault)?, row.owner));
        }
    }
    Ok(found)
}

/// The salted hashes of the texts behind a record, in order.
pub(crate) async fn commitments_of(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<ledger::Hash>> {
    let row = must(record::Entity::find_by_id(id).one(db).await?)?;
    Ok(Record::decode(&row.bytes).map_err(Refusal::fault)?.commitments)
}

async fn views(
    db: &impl ConnectionTrait,
    asker: &Actor,
    now: Moment,
    rows: Vec<record::Model>,
) -> Result<Vec<RecordView>> {
    let shelf = Shelf::load(db, asker, now, rows).await?;
    shelf.records.iter().map(|(row, decoded)| shelf.view(asker, row, decoded)).collect()
}

async fn sees_task(db: &impl ConnectionTrait, asker: &Actor, row: &record::Model) -> Result<bool> {
    match row.subject {
        Some(subject) => crate::task::visible(db, asker, TaskId(subject)).await,
        None => Ok(false),
    }
}

/// Records with all that their views need, read in a handful of queries.
struct Shelf {
    records: Vec<(record::Model, Record)>,
    accounts: HashMap<AccountId, (AccountKind, Option<AccountOwner>)>,
    places: HashMap<Uuid, u64>,
    texts: HashMap<Uuid, Vec<disclosure::Model>>,
    /// How many texts are still there, whoever may see them.
    kept: HashMap<Uuid, u64>,
    /// Tasks that the asker sees, of those whose own texts are among the texts.
    tasks: HashSet<Uuid>,
    /// Those of them that hide at this moment who rides.
    hiding: HashSet<Uuid>,
    /// Records that deposit a sheet that the asker may see.
    sheets: HashSet<Uuid>,
}

impl Shelf {
    async fn load(
        db: &impl ConnectionTrait,
        asker: &Actor,
        now: Moment,
        rows: Vec<record::Model>,
    ) -> Result<Self> {
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            let decoded = Record::decode(&row.bytes).map_err(Refusal::fault)?;
            records.push((row, decoded));
        }
        let texts = texts(db, asker, &records).await?;
        let tasks = crate::task::visible_among(db, asker, told_of(&records, &texts)).await?;
        let deposits = |texts: &Vec<disclosure::Model>| texts.iter().any(|text| text.label == label::SHEET);
        let sheets: Vec<Uuid> =
            texts.iter().filter(|(_, texts)| deposits(texts)).map(|(record, _)| *record).collect();
        let sheets = match sheets.is_empty() {
            true => HashSet::new(),
            false => crate::judging::open_sheets(db, asker, now, &sheets).await?,
        };
        Ok(Self {
            hiding: crate::race::hiding(db, tasks.iter().copied(), now).await?,
            sheets,
            accounts: accounts(db, &records).await?,
            places: places(db, &records).await?,
            kept: kept(db, &records).await?,
            texts,
            tasks,
            records,
        })
    }

    /// Whether the record says something about the log itself, for everybody to read.
    fn is_told_to_all(&self, row: &record::Model) -> bool {
        let texts = self.texts.get(&row.id).into_iter().flatten();
        texts.into_iter().any(|text| label::PUBLIC.contains(&text.label.as_str()))
    }

    /// Whose accounts the record touches.
    fn owners(&self, record: &Record) -> Vec<AccountOwner> {
        let accounts = record.accounts().into_iter();
        accounts.filter_map(|id| self.accounts.get(&id).and_then(|(_, owner)| *owner)).collect()
    }

    fn view(&self, asker: &Actor, row: &record::Model, record: &Record) -> Result<RecordView> {
        let postings =
            record.postings.iter().map(|posting| self.posting(asker, posting)).collect::<Result<_>>()?;
        Ok(RecordView {
            id: record.id,
            index: self.places.get(&row.id).copied(),
            kind: record.kind,
            at: Moment(signed(record.posted_at)?),
            leaf_hash: leaf_hash(&row.bytes),
            bytes: row.bytes.clone(),
            postings,
            subject: row.subject,
            task: row.subject.map(TaskId),
            commitments: record.commitments.clone(),
            disclosures: self.disclosures(asker, row, record)?,
            erased: self.erased(row, record),
        })
    }

    fn posting(&self, asker: &Actor, posting: &Posting) -> Result<PostingView> {
        let known = self.accounts.get(&posting.account);
        let (kind, owner) =
            known.ok_or_else(|| Refusal::fault("a record names an account that is not there"))?;
        let owner = owner.filter(|owner| rules::may_name(asker, *owner));
        Ok(PostingView {
            account: AccountView { id: posting.account, kind: *kind, owner },
            side: posting.side,
            amount: posting.amount,
            seq: posting.seq,
            balance_after: posting.balance(),
        })
    }

    /// Every commitment has its text, or an erasure that names it.
    fn erased(&self, row: &record::Model, record: &Record) -> u64 {
        let kept = self.kept.get(&row.id).copied().unwrap_or(0);
        (record.commitments.len() as u64).saturating_sub(kept)
    }

    fn disclosures(
        &self,
        asker: &Actor,
        row: &record::Model,
        record: &Record,
    ) -> Result<Vec<DisclosureView>> {
        let owners = self.owners(record);
        let standing = Standing {
            asker,
            kind: record.kind,
            made_by: row.made_by.map(PersonId),
            owners: &owners,
            sees_task: row.subject.is_some_and(|subject| self.tasks.contains(&subject)),
            hides_names: row.subject.is_some_and(|subject| self.hiding.contains(&subject)),
            sees_sheet: self.sheets.contains(&row.id),
        };
        let texts = self.texts.get(&row.id).into_iter().flatten();
        let shown = texts.filter(|text| standing.shows(&text.label, &text.data));
        shown
            .map(|text| {
                Ok(DisclosureView {
                    label: text.label.clone(),
                    data: text.data.clone(),
                    salt: hash(&text.salt)?,
                })
            })
            .collect()
    }
}

/// The texts behind the records, by record. What only auditors are ever shown isn't read for others.
async fn texts(
    db: &impl ConnectionTrait,
    asker: &Actor,
    records: &[(record::Model, Record)],
) -> Result<HashMap<Uuid, Vec<disclosure::Model>>> {
    let ids = records.iter().filter(|(_, record)| !record.commitments.is_empty()).map(|(row, _)| row.id);
    let mut select = disclosure::Entity::find().filter(disclosure::Column::RecordId.is_in(ids));
    if !reads_everything(asker) {
        select = select.filter(disclosure::Column::Label.ne(label::SUBMISSION));
    }
    let mut by_record: HashMap<Uuid, Vec<disclosure::Model>> = HashMap::new();
    for row in select.order_by_asc(disclosure::Column::Line).all(db).await? {
        by_record.entry(row.record_id).or_default().push(row);
    }
    Ok(by_record)
}

/// How many texts stand behind each record that commits to any.
async fn kept(db: &impl ConnectionTrait, records: &[(record::Model, Record)]) -> Result<HashMap<Uuid, u64>> {
    let ids = records.iter().filter(|(_, record)| !record.commitments.is_empty()).map(|(row, _)| row.id);
    let ids: Vec<Uuid> = ids.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, i64)> = disclosure::Entity::find()
        .select_only()
        .column(disclosure::Column::RecordId)
        .column_as(disclosure::Column::Line.count(), "lines")
        .filter(disclosure::Column::RecordId.is_in(ids))
        .group_by(disclosure::Column::RecordId)
        .into_tuple()
        .all(db)
        .await?;
    rows.into_iter().map(|(id, lines)| Ok((id, unsigned(lines)?))).collect()
}

/// The tasks whose own texts (rules, crews, rulings, …) are behind these records, each once.
fn told_of(
    records: &[(record::Model, Record)],
    texts: &HashMap<Uuid, Vec<disclosure::Model>>,
) -> HashSet<Uuid> {
    let tells = |id: &Uuid| {
        let of_a_task = |text: &disclosure::Model| {
            label::OF_A_TASK.contains(&text.label.as_str()) || text.label == label::INTENT
        };
        texts.get(id).is_some_and(|texts| texts.iter().any(of_a_task))
    };
    records.iter().filter(|(row, _)| tells(&row.id)).filter_map(|(row, _)| row.subject).collect()
}

async fn accounts(
    db: &impl ConnectionTrait,
    records: &[(record::Model, Record)],
) -> Result<HashMap<AccountId, (AccountKind, Option<AccountOwner>)>> {
    let ids: HashSet<AccountId> = records.iter().flat_map(|(_, record)| record.accounts()).collect();
    let ids: Vec<Uuid> = ids.into_iter().map(account_uuid).collect();
    let owners = owners_of(db, &ids).await?.into_iter();
    Ok(owners.map(|(id, (kind, owner))| (account_id(id), (kind, rules::owner(kind, owner)))).collect())
}

async fn places(
    db: &impl ConnectionTrait,
    records: &[(record::Model, Record)],
) -> Result<HashMap<Uuid, u64>> {
    let ids = records.iter().map(|(row, _)| row.id);
    let leaves = leaf::Entity::find().filter(leaf::Column::RecordId.is_in(ids)).all(db).await?;
    leaves.into_iter().map(|leaf| Ok((leaf.record_id, unsigned(leaf.idx)?))).collect()
}
