//! GraphQL over the market: one file for each noun.
//!
//! Promises: everything that a page can do, the API can do, by the same commands; the asker comes with
//! the request and nobody here asks about roles; what a person can mend comes back as `userErrors`, and
//! everything else as a top-level error with a code. Must never: know HTTP or tables, or show the text
//! of a fault.
//!
//! What a request brings as data: [`market::Actor`] (else a visitor asks), [`ClientAddress`] (for the
//! brake on sign-ins), `Arc<dyn `[`Tokens`]`>` (signs access tokens), `Arc<dyn `[`Meter`]`>` (charges the
//! cost before anything runs).
//!
//! `schema.graphql` beside the sources is what clients read; a test compares:
//! `cargo run -p schema --example sdl > schema/schema.graphql`.

mod amendment;
mod anchor;
mod appeal;
mod asset;
mod board;
mod connection;
mod convert;
mod cost;
mod crew;
mod entry;
mod entry_rules;
mod erasure;
mod feedback;
mod holder;
mod honour;
mod house;
mod id;
mod insight;
mod key;
mod limits;
mod loader;
mod log;
mod meter;
mod node;
mod notice;
mod nulls;
mod panel;
mod part;
mod payload;
mod payout;
mod permission;
mod person;
mod preferences;
mod programme;
mod question;
mod rate;
mod record;
mod refusal;
mod request;
mod returned;
mod rules;
mod ruling;
mod scalar;
mod search;
mod session;
mod silence;
mod stage;
mod submission;
mod task;
mod task_commands;
mod template;
mod treasury;
mod unit;
mod viewer;
mod vote;
mod wallet;
mod webhook;

use async_graphql::{EmptySubscription, MergedObject, SDLExportOptions};
use market::Market;

pub use limits::Limits;
pub use rate::{Meter, RateLimit};
pub use request::{ClientAddress, Tokens};
pub use webhook::global_facts;

/// The executable schema. Cheap to clone.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// What can be asked. Nothing here changes anything.
#[derive(MergedObject, Default)]
pub struct Query(AskAtAll, AskOfPeople, AskOfRaces, AskOfBooks);

#[derive(MergedObject, Default)]
struct AskAtAll(
    node::NodeQuery,
    viewer::ViewerQuery,
    house::HouseQuery,
    rate::RateQuery,
    search::SearchQuery,
);

#[derive(MergedObject, Default)]
struct AskOfPeople(
    person::PersonQuery,
    unit::UnitQuery,
    programme::ProgrammeQuery,
    key::KeyQuery,
    erasure::ErasureQuery,
    notice::NoticeQuery,
    webhook::WebhookQuery,
);

#[derive(MergedObject, Default)]
struct AskOfRaces(amendment::AmendmentQuery, task::TaskQuery, template::TemplateQuery, payout::PayoutQuery);

#[derive(MergedObject, Default)]
struct AskOfBooks(
    wallet::WalletQuery,
    treasury::TreasuryQuery,
    log::LogQuery,
    record::RecordQuery,
    anchor::AnchorQuery,
    insight::InsightQuery,
);

/// What can be done. Each mutation takes one `input`; what the asker can mend comes back in `userErrors`,
/// and then the object of the payload is null and nothing was changed.
#[derive(MergedObject, Default)]
pub struct Mutation(DoWithPeople, DoWithMoney, DoWithTasks, DoInRaces, DoWithLogs);

// Merged in groups: a merged object is a list within a list for the compiler, which gives up at a depth.
#[derive(MergedObject, Default)]
struct DoWithPeople(
    session::SessionMutation,
    person::PersonMutation,
    unit::UnitMutation,
    key::KeyMutation,
    erasure::ErasureMutation,
    notice::NoticeMutation,
    preferences::PreferencesMutation,
    webhook::WebhookMutation,
);

#[derive(MergedObject, Default)]
struct DoWithMoney(programme::ProgrammeMutation, treasury::TreasuryMutation, wallet::WalletMutation);

#[derive(MergedObject, Default)]
struct DoWithTasks(
    task_commands::TaskMutation,
    ruling::RulingMutation,
    stage::StageMutation,
    appeal::AppealMutation,
    question::QuestionMutation,
    amendment::AmendmentMutation,
    template::TemplateMutation,
);

#[derive(MergedObject, Default)]
struct DoInRaces(
    entry::EntryMutation,
    crew::CrewMutation,
    entry_rules::DoorMutation,
    submission::SubmissionMutation,
    returned::ReturnMutation,
    board::BoardMutation,
    vote::VoteMutation,
    meter::MeterMutation,
    panel::PanelMutation,
    feedback::FeedbackMutation,
    part::PartMutation,
    cost::CostMutation,
);

#[derive(MergedObject, Default)]
struct DoWithLogs(anchor::AnchorMutation);

/// The schema over this market.
pub fn schema(market: Market, limits: Limits) -> Schema {
    let builder = bare()
        .extension(loader::Loaders)
        .extension(limits::Bounds::new(limits))
        .extension(nulls::Nulls)
        .data(market);
    if limits.introspection { builder.finish() } else { builder.disable_introspection().finish() }
}

/// The schema as text, sorted, the same on every machine.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .prefer_single_line_descriptions()
        .include_specified_by()
        .use_space_ident()
        .indent_width(2);
    let text = bare().finish().sdl_with_options(options);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim())
}

fn bare() -> async_graphql::SchemaBuilder<Query, Mutation, EmptySubscription> {
    async_graphql::Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .disable_suggestions()
}
