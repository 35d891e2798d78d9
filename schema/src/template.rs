//! Templates: rules of a race under a name, to begin tasks with.

use async_graphql::{Context, ID, InputObject, Object};
use market::template::{DeleteTemplate, SaveTemplate, TemplateInput, TemplateView};
use market::{IdempotencyKey, Result};

use crate::convert::Form;
use crate::id::Global;
use crate::payload::payloads;
use crate::person::Person;
use crate::refusal::answer;
use crate::request::Ask;
use crate::rules::{RaceRules, RulesInput};
use crate::scalar::DateTime;
use crate::task::Visibility;

/// A template.
pub(crate) struct Template(TemplateView);

/// Rules of a race under a name: a copy, to begin tasks with.
#[Object]
impl Template {
    /// Its global id.
    async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.input.name
    }

    /// Whether every member may use it.
    async fn shared(&self) -> bool {
        self.0.input.shared
    }

    /// Who saved it.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.by).await
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// What the brief begins with, Markdown.
    async fn brief(&self) -> &str {
        &self.0.input.brief
    }

    /// What the criteria begin with, Markdown.
    async fn criteria(&self) -> &str {
        &self.0.input.criteria
    }

    /// Who may see the task and join.
    async fn visibility(&self) -> Visibility {
        self.0.input.visibility.into()
    }

    /// How long the race runs, in seconds.
    async fn runs_seconds(&self) -> u32 {
        self.0.input.runs_seconds
    }

    /// The rules.
    async fn rules(&self) -> RaceRules {
        RaceRules(self.0.input.rules.clone())
    }

    /// Whether the asker can delete it.
    async fn viewer_may_delete(&self) -> bool {
        self.0.may_delete
    }
}

/// Questions about templates.
#[derive(Default)]
pub(crate) struct TemplateQuery;

#[Object]
impl TemplateQuery {
    /// The templates that the asker may use: their own first, then those that others saved for all.
    #[graphql(complexity = "crate::connection::list_cost(10, child_complexity)")]
    async fn templates(&self, ctx: &Context<'_>) -> Result<Option<Vec<Template>>> {
        let templates = ctx.market().templates(ctx.actor()).await?;
        Ok(Some(templates.into_iter().map(Template).collect()))
    }
}

/// What to keep, under which name.
#[derive(InputObject)]
pub(crate) struct SaveTemplateInput {
    /// What it shall be called, up to 60 characters.
    name: String,
    /// Whether every member may use it.
    #[graphql(default)]
    shared: bool,
    /// What the brief shall begin with, Markdown, up to 20000 characters.
    #[graphql(default)]
    brief: String,
    /// What the criteria shall begin with, Markdown, up to 10000 characters.
    #[graphql(default)]
    criteria: String,
    /// Who may see the task and join.
    #[graphql(default_with = "Visibility::Internal")]
    visibility: Visibility,
    /// How long the race runs, in seconds, from an hour to three years.
    #[graphql(default = 1_209_600)]
    runs_seconds: u32,
    /// The rules.
    rules: RulesInput,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which template to delete.
#[derive(InputObject)]
pub(crate) struct DeleteTemplateInput {
    /// The global id of the template.
    template: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `saveTemplate`.
    SaveTemplatePayload {
        /// The template.
        template: Template,
    }

    /// What came of `deleteTemplate`.
    DeleteTemplatePayload {
        /// The global id of what is gone.
        deleted_id: ID,
    }
}

/// Saving and deleting templates.
#[derive(Default)]
pub(crate) struct TemplateMutation;

#[Object]
impl TemplateMutation {
    /// Saves rules under a name, for members.
    async fn save_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to keep.")] input: SaveTemplateInput,
    ) -> Result<Option<SaveTemplatePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let SaveTemplateInput { name, shared, brief, criteria, runs_seconds, .. } = input;
            let (visibility, rules) = (input.visibility.into(), input.rules.read(&mut form));
            let kept = TemplateInput { name, shared, brief, criteria, visibility, runs_seconds, rules };
            let command = form.done(SaveTemplate(kept))?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let id = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Template(ctx.market().template(ctx.actor(), id).await?),))
        })
        .await
    }

    /// Deletes a template: one's own, or for admins one that is for all. Tasks that were begun with it stay.
    async fn delete_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which template.")] input: DeleteTemplateInput,
    ) -> Result<Option<DeleteTemplatePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let template = form.id("template", &input.template);
            let command = form.done(DeleteTemplate { template })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((input.template,))
        })
        .await
    }
}
