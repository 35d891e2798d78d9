//! The tables `answer_key` and `version_score`. Must never: be read outside the market.

pub(crate) mod answer_key {
    //! One row a task that the server measures.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "answer_key")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: Uuid,
        pub sha256: Vec<u8>,
        pub size: i64,
        pub row_count: i64,
        pub public_rows: i64,
        pub salt: Vec<u8>,
        pub metric: String,
        pub positive: String,
        pub public_share: i64,
        pub uploaded_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod version_score {
    //! One row a measured version.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "version_score")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub submission_id: Uuid,
        pub task_id: Uuid,
        pub entry_id: Uuid,
        pub version: i64,
        pub at: i64,
        pub file_id: Uuid,
        pub public: String,
        pub private: Option<String>,
        pub moved: i64,
        pub chosen: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::MetricRules;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, TaskId};
use crate::policy::Permit;

impl answer_key::Model {
    /// Whether the rules still say what the key was read for.
    pub(crate) fn fits(&self, rules: &MetricRules) -> bool {
        self.metric == rules.metric.as_str()
            && self.positive == rules.positive.clone().unwrap_or_default()
            && self.public_share == i64::from(rules.public_share)
    }

    pub(crate) fn digest(&self) -> Result<[u8; 32]> {
        bytes(&self.sha256)
    }

    pub(crate) fn drawn_by(&self) -> Result<[u8; 32]> {
        bytes(&self.salt)
    }
}

fn bytes(stored: &[u8]) -> Result<[u8; 32]> {
    stored.try_into().map_err(|_| Refusal::fault("32 bytes were stored otherwise"))
}

impl version_score::Model {
    /// The figure on the public part.
    pub(crate) fn public(&self) -> Result<f64> {
        figure(&self.public)
    }

    /// The figure on the private part.
    pub(crate) fn private(&self) -> Result<Option<f64>> {
        self.private.as_deref().map(figure).transpose()
    }
}

/// Reads a double as it was stored.
pub(crate) fn figure(text: &str) -> Result<f64> {
    text.parse().map_err(Refusal::fault)
}

/// The key of a task.
pub(crate) async fn key_of(db: &impl ConnectionTrait, task: TaskId) -> Result<Option<answer_key::Model>> {
    Ok(answer_key::Entity::find_by_id(task.0).one(db).await?)
}

/// Writes the key of a draft, in the place of an earlier one.
pub(super) async fn put_key<S>(
    db: &impl ConnectionTrait,
    leave: &Permit<S>,
    row: answer_key::Model,
) -> Result<()> {
    forget(db, leave, TaskId(row.task_id)).await?;
    answer_key::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Forgets the key of a draft. Its bytes stay in the file store, where nothing leads to them.
pub(crate) async fn forget<S>(db: &impl ConnectionTrait, _: &Permit<S>, task: TaskId) -> Result<()> {
    answer_key::Entity::delete_by_id(task.0).exec(db).await?;
    Ok(())
}

/// What the versions of a race scored, in order.
pub(crate) async fn scores_of(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<version_score::Model>> {
    let rows = version_score::Entity::find().filter(version_score::Column::TaskId.eq(task.0));
    Ok(rows.order_by_asc(version_score::Column::Version).all(db).await?)
}

/// What the versions of an entry scored, in order.
pub(crate) async fn scores_by(db: &impl ConnectionTrait, entry: Uuid) -> Result<Vec<version_score::Model>> {
    let rows = version_score::Entity::find().filter(version_score::Column::EntryId.eq(entry));
    Ok(rows.order_by_asc(version_score::Column::Version).all(db).await?)
}

/// How many versions of an entry were measured after an instant.
pub(crate) async fn measured_since(db: &impl ConnectionTrait, entry: EntryId, at: Moment) -> Result<u64> {
    let rows = version_score::Entity::find()
        .filter(version_score::Column::EntryId.eq(entry.0))
        .filter(version_score::Column::At.gt(at.0));
    Ok(rows.count(db).await?)
}

/// Writes what a version scored.
pub(super) async fn insert<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: version_score::Model,
) -> Result<()> {
    version_score::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Makes exactly these versions of an entry count.
pub(super) async fn choose<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    entry: EntryId,
    chosen: &[Uuid],
) -> Result<()> {
    for (value, wanted) in [(0, false), (1, true)] {
        let among = version_score::Column::SubmissionId.is_in(chosen.to_vec());
        version_score::Entity::update_many()
            .col_expr(version_score::Column::Chosen, Expr::value(value))
            .filter(version_score::Column::EntryId.eq(entry.0))
            .filter(if wanted { among } else { among.not() })
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Writes the figure of a version on the private part.
pub(super) async fn decide<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    submission: Uuid,
    private: &str,
) -> Result<()> {
    let row = version_score::ActiveModel {
        submission_id: Set(submission),
        private: Set(Some(private.to_owned())),
        ..Default::default()
    };
    version_score::Entity::update(row).exec(db).await?;
    Ok(())
}
