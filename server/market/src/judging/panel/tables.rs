//! The tables of panels. Must never: be read outside the market.

use std::collections::BTreeMap;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{FINAL, Marks, Round, Sheet};
use crate::award::Score;
use crate::books::record_id;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, PersonId, SheetId, TaskId};
use crate::policy::Permit;

pub(crate) mod panel_round {
    //! Rounds of scoring.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "panel_round")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub stage: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub round: i64,
        pub criterion: Option<i64>,
        pub due_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod sheet {
    //! One row for each judge and round.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sheet")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub task_id: Uuid,
        pub stage: i64,
        pub round: i64,
        pub judge_id: Uuid,
        pub locked_at: Option<i64>,
        pub record_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod sheet_score {
    //! One row for each score.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sheet_score")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub sheet_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub criterion: i64,
        pub score: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod sheet_comment {
    //! Why, one row for each entry of a sheet.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sheet_comment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub sheet_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        pub comment: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod judge_conflict {
    //! Who has said that they are tied to an entry.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "judge_conflict")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub judge_id: Uuid,
        pub task_id: Uuid,
        pub reason: String,
        pub at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The rounds of a race that have a row, in order.
pub(super) async fn rounds_of(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<Round>> {
    let rows = panel_round::Entity::find()
        .filter(panel_round::Column::TaskId.eq(task.0))
        .filter(panel_round::Column::Stage.eq(FINAL))
        .order_by_asc(panel_round::Column::Round);
    rows.all(db).await?.iter().map(round).collect()
}

fn round(row: &panel_round::Model) -> Result<Round> {
    let criterion = row.criterion.map(u32::try_from).transpose().map_err(Refusal::fault)?;
    let number = u32::try_from(row.round).map_err(Refusal::fault)?;
    Ok(Round { number, criterion, due: Moment(row.due_at) })
}

/// Every sheet of a race, drafts too, in the order in which they were begun.
pub(super) async fn sheets_of(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<Sheet>> {
    let rows = sheet::Entity::find()
        .filter(sheet::Column::TaskId.eq(task.0))
        .filter(sheet::Column::Stage.eq(FINAL))
        .order_by_asc(sheet::Column::Round)
        .order_by_asc(sheet::Column::Id)
        .all(db)
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut marks: BTreeMap<Uuid, BTreeMap<EntryId, Marks>> = BTreeMap::new();
    let comments = sheet_comment::Entity::find().filter(sheet_comment::Column::SheetId.is_in(ids.clone()));
    for row in comments.all(db).await? {
        let entry = marks.entry(row.sheet_id).or_default().entry(EntryId(row.entry_id)).or_default();
        entry.comment = row.comment;
    }
    let scores = sheet_score::Entity::find().filter(sheet_score::Column::SheetId.is_in(ids));
    for row in scores.all(db).await? {
        let entry = marks.entry(row.sheet_id).or_default().entry(EntryId(row.entry_id)).or_default();
        let at = usize::try_from(row.criterion).map_err(Refusal::fault)?;
        if entry.scores.len() <= at {
            entry.scores.resize(at + 1, None);
        }
        let score = u32::try_from(row.score).map_err(Refusal::fault)?;
        entry.scores[at] = Some(Score::new(score).map_err(Refusal::fault)?);
    }
    rows.into_iter()
        .map(|row| {
            Ok(Sheet {
                id: SheetId(row.id),
                round: u32::try_from(row.round).map_err(Refusal::fault)?,
                judge: PersonId(row.judge_id),
                locked_at: row.locked_at.map(Moment),
                record: row.record_id.map(record_id),
                marks: marks.remove(&row.id).unwrap_or_default(),
            })
        })
        .collect()
}

/// Opens a round, unless it is open.
pub(super) async fn open_round<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    task: TaskId,
    round: Round,
) -> Result<()> {
    let known = panel_round::Entity::find_by_id((task.0, FINAL, i64::from(round.number))).one(db).await?;
    if known.is_none() {
        let row = panel_round::Model {
            task_id: task.0,
            stage: FINAL,
            round: i64::from(round.number),
            criterion: round.criterion.map(i64::from),
            due_at: round.due.0,
        };
        panel_round::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Begins a sheet.
pub(super) async fn insert<S>(db: &impl ConnectionTrait, _: &Permit<S>, row: sheet::Model) -> Result<()> {
    sheet::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Writes what a judge says of one entry, in place of what was there.
pub(super) async fn write_marks<S>(
    db: &impl ConnectionTrait,
    leave: &Permit<S>,
    sheet: SheetId,
    entry: EntryId,
    marks: &Marks,
) -> Result<()> {
    forget_marks(db, leave, sheet, entry).await?;
    let rows: Vec<_> = (0_i64..)
        .zip(&marks.scores)
        .filter_map(|(criterion, score)| {
            let score = i64::from((*score)?.hundredths());
            let row = sheet_score::Model { sheet_id: sheet.0, entry_id: entry.0, criterion, score };
            Some(row.into_active_model())
        })
        .collect();
    if !rows.is_empty() {
        sheet_score::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    let row = sheet_comment::Model { sheet_id: sheet.0, entry_id: entry.0, comment: marks.comment.clone() };
    sheet_comment::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Takes what a judge said of one entry off a sheet that is not locked.
pub(super) async fn forget_marks<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    sheet: SheetId,
    entry: EntryId,
) -> Result<()> {
    sheet_score::Entity::delete_many()
        .filter(sheet_score::Column::SheetId.eq(sheet.0))
        .filter(sheet_score::Column::EntryId.eq(entry.0))
        .exec(db)
        .await?;
    sheet_comment::Entity::delete_by_id((sheet.0, entry.0)).exec(db).await?;
    Ok(())
}

/// Locks a sheet for ever.
pub(super) async fn lock<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    sheet: SheetId,
    at: Moment,
    record: Uuid,
) -> Result<()> {
    let row = sheet::ActiveModel {
        id: Set(sheet.0),
        locked_at: Set(Some(at.0)),
        record_id: Set(Some(record)),
        ..Default::default()
    };
    sheet::Entity::update(row).exec(db).await?;
    Ok(())
}

/// Notes that a judge is tied to an entry.
pub(super) async fn declare<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: judge_conflict::Model,
) -> Result<()> {
    judge_conflict::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// What the judges of a race have declared.
pub(super) async fn declared(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<judge_conflict::Model>> {
    let rows = judge_conflict::Entity::find().filter(judge_conflict::Column::TaskId.eq(task.0));
    Ok(rows.order_by_asc(judge_conflict::Column::At).all(db).await?)
}

/// Who has said that they are tied to an entry.
pub(crate) async fn conflicted(db: &impl ConnectionTrait, entry: EntryId) -> Result<Vec<PersonId>> {
    let rows = judge_conflict::Entity::find().filter(judge_conflict::Column::EntryId.eq(entry.0));
    Ok(rows.all(db).await?.into_iter().map(|row| PersonId(row.judge_id)).collect())
}
