//! Reading templates.

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::TemplateView;
use super::tables::template;
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{PersonId, TemplateId};
use crate::market::Market;
use crate::policy::{Act, House, TemplateFacts, may, permit};
use crate::store::must;

/// Most templates in a list.
const MOST: u64 = 500;

impl Market {
    /// The templates that the asker may use: their own first, then those that others saved for all, by name.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] for a visitor, [`Refusal::NotFound`] for who may post no task.
    pub async fn templates(&self, asker: &Actor) -> Result<Vec<TemplateView>> {
        permit(asker, Act::SaveTemplate, &House)?;
        let me = asker.id().ok_or(Refusal::Unauthenticated)?;
        let usable =
            Condition::any().add(template::Column::ById.eq(me.0)).add(template::Column::Shared.eq(true));
        let rows = template::Entity::find()
            .filter(usable)
            .order_by_asc(template::Column::Name)
            .order_by_asc(template::Column::Id)
            .limit(MOST)
            .all(self.store().reads())
            .await?;
        let (mine, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.by_id == me.0);
        mine.into_iter().chain(others).map(|row| view(asker, &row)).collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for one that is neither the asker's nor for all.
    pub async fn template(&self, asker: &Actor, id: TemplateId) -> Result<TemplateView> {
        permit(asker, Act::SaveTemplate, &House)?;
        let row = must(template::Entity::find_by_id(id.0).one(self.store().reads()).await?)?;
        let usable = row.shared || asker.id() == Some(PersonId(row.by_id));
        if usable { view(asker, &row) } else { Err(Refusal::NotFound) }
    }
}

fn view(asker: &Actor, row: &template::Model) -> Result<TemplateView> {
    let facts = TemplateFacts { by: PersonId(row.by_id), shared: row.shared };
    Ok(TemplateView {
        id: TemplateId(row.id),
        by: PersonId(row.by_id),
        at: Moment(row.at),
        input: serde_json::from_str(&row.content)?,
        may_delete: may(asker, Act::DeleteTemplate, &facts),
    })
}
