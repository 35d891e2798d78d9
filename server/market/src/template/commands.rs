//! Saving and deleting templates.

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::tables::{self, template};
use super::{MOST_BYTES, MOST_TEMPLATES, TemplateInput};
use crate::actor::Actor;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{PersonId, TemplateId};
use crate::policy::{Act, House, TemplateFacts, permit};
use crate::store::{Command, Scope, must};
use crate::text;

const HOUR: u32 = 3_600;
const THREE_YEARS: u32 = 1_096 * 86_400;

/// Saves rules under a name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SaveTemplate(pub TemplateInput);

impl Command for SaveTemplate {
    type Output = TemplateId;
    const ACT: Act = Act::SaveTemplate;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<TemplateId> {
        let leave = permit(asker, Self::ACT, &House)?;
        let by = leave.by().ok_or(Refusal::Unauthenticated)?;
        let mut problems = Problems::default();
        let input = TemplateInput {
            name: text::line(&mut problems, "name", &self.0.name, 60),
            brief: text::maybe_prose(&mut problems, "brief", &self.0.brief, 20_000),
            criteria: text::maybe_prose(&mut problems, "criteria", &self.0.criteria, 10_000),
            ..self.0.clone()
        };
        let range = Code::OutOfRange { min: HOUR.to_string(), max: THREE_YEARS.to_string() };
        problems.check(!(HOUR..=THREE_YEARS).contains(&input.runs_seconds), "runs_seconds", range);
        let content = serde_json::to_string(&input)?;
        let rules = serde_json::to_string(&input.rules)?;
        problems.check(rules.len() > MOST_BYTES, "rules", Code::TooLong { max: MOST_BYTES });
        problems.done()?;
        let mine = template::Entity::find().filter(template::Column::ById.eq(by.0));
        if mine.clone().count(scope.txn).await? >= u64::from(MOST_TEMPLATES) {
            return Err(Refusal::because(Code::TemplatesFull { max: MOST_TEMPLATES }));
        }
        if mine.filter(template::Column::Name.eq(&*input.name)).one(scope.txn).await?.is_some() {
            return Err(Refusal::on("name", Code::Taken));
        }
        let id = TemplateId(scope.ids.id(scope.now));
        let row = template::Model {
            id: id.0,
            by_id: by.0,
            name: input.name,
            shared: input.shared,
            content,
            at: scope.now.0,
        };
        tables::insert(scope.txn, &leave, row).await?;
        Ok(id)
    }
}

/// Deletes a template. Tasks that were begun with it stay as they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteTemplate {
    /// The template.
    pub template: TemplateId,
}

impl Command for DeleteTemplate {
    type Output = ();
    const ACT: Act = Act::DeleteTemplate;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let row = must(template::Entity::find_by_id(self.template.0).one(scope.txn).await?)?;
        let facts = TemplateFacts { by: PersonId(row.by_id), shared: row.shared };
        let leave = permit(asker, Self::ACT, &facts)?;
        tables::delete(scope.txn, &leave, row.id).await
    }
}
