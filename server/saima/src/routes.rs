//! Every route, on one screen.
//!
//! Promises: what is not here is not served; what may be looked at may be looked at by `HEAD` too; another
//! method is told which are allowed; a panic in a handler is caught. Must never: hold a gate: who may do
//! what is the market's to say.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::guard::{GuardContext, fn_guard};
use actix_web::http::{Method, header};
use actix_web::middleware::from_fn;
use actix_web::web::{ServiceConfig, post, resource, route, to};
use actix_web::{Error, FromRequest, Handler, HttpResponse, Resource, Responder};
use web::assets;
use web::pages::{
    account, admin, amend, anchors, appeal, appeal_again, board, cost, crew_acts, door, enter, entry,
    erasure, events, feed, feedback, file, flow, front, insight, invite, keys, ledger, live, notices, panel,
    panel_sheet, parts, people, picture, preferences, programmes, questions, record, replay, returned, rides,
    rule, search, site, split, stage_rule, style, submit, task, task_acts, task_form, tasks, templates,
    treasury, units, verify, vote, wallet, webhooks, work,
};

use crate::guard::catch_panic;
use crate::{graphql, health, log, log_keys};

/// All of them. Where a fixed name could be taken for a handle, the fixed name stands first.
pub fn all(config: &mut ServiceConfig) {
    config
        // Doors
        .service(see("/", front::show))
        .service(both("/sign-in", door::sign_in_form, door::sign_in))
        .service(act("/sign-out", door::sign_out))
        .service(both("/sign-up", door::sign_up_form, door::sign_up))
        .service(both("/invitation/{secret}", door::invitation_form, door::accept_invitation))
        .service(both("/preferences", preferences::show, preferences::save))
        .service(see("/style", style::show))
        // Tasks
        .service(see("/tasks", tasks::list))
        .service(both("/tasks/new", task_form::new, task_form::create))
        .service(see("/tasks/{handle}", task::show))
        .service(see("/tasks/{handle}/track", live::track))
        .service(see("/tasks/{handle}/live", live::listen))
        .service(see("/tasks/{handle}/picture.png", picture::show))
        .service(see("/tasks/{handle}/replay", replay::show))
        .service(both("/tasks/{handle}/edit", task_form::edit, task_form::update))
        .service(both("/tasks/{handle}/publish", task_acts::publish_ask, task_acts::publish))
        .service(both("/tasks/{handle}/delete", task_acts::delete_ask, task_acts::delete))
        .service(both("/tasks/{handle}/value", cost::value_ask, cost::value))
        .service(both("/tasks/{handle}/effort", cost::effort_ask, cost::effort))
        .service(both("/tasks/{handle}/boost", task_acts::boost_ask, task_acts::boost))
        .service(see("/templates", templates::list))
        .service(act("/templates/{id}/delete", templates::delete))
        .service(both("/tasks/{handle}/ask", questions::ask_ask, questions::ask))
        .service(both("/tasks/{handle}/clarify", questions::clarify_ask, questions::clarify))
        .service(both("/questions/{id}/answer", questions::answer_ask, questions::answer))
        .service(both("/tasks/{handle}/extend", task_acts::extend_ask, task_acts::extend))
        .service(both("/tasks/{handle}/cancel", task_acts::cancel_ask, task_acts::cancel))
        .service(both("/tasks/{handle}/amend", amend::ask, amend::propose))
        .service(see("/amendments/{id}", amend::show))
        .service(act("/amendments/{id}/consent", amend::consent))
        .service(both("/amendments/{id}/leave", amend::leave_ask, amend::leave))
        .service(both("/amendments/{id}/withdraw", amend::withdraw_ask, amend::withdraw))
        .service(both("/tasks/{handle}/enter", enter::ask, enter::enter))
        .service(both("/tasks/{handle}/invite", invite::ask, invite::invite))
        .service(both("/tasks/{handle}/uninvite", invite::revoke_ask, invite::revoke))
        .service(both("/tasks/{handle}/rule", rule::ask, rule::rule))
        .service(both("/tasks/{handle}/events", events::ask, events::record))
        .service(both("/tasks/{handle}/vote", vote::ask, vote::cast))
        .service(both("/tasks/{handle}/key", board::key_show, board::key_upload))
        .service(see("/tasks/{handle}/key.csv", board::key_file))
        .service(both("/tasks/{handle}/stage", stage_rule::ask, stage_rule::rule))
        .service(see("/tasks/{handle}/panel", panel::show))
        .service(both("/tasks/{handle}/panel/{lane}", panel_sheet::ask, panel_sheet::save))
        .service(both("/tasks/{handle}/lock", panel::lock_ask, panel::lock))
        .service(both("/tasks/{handle}/name-judge", panel::name_ask, panel::name_judge))
        // Entries
        .service(see("/entries/{id}", entry::show))
        .service(act("/entries/{id}/agree", entry::agree))
        .service(act("/entries/{id}/decline", entry::decline))
        .service(both("/entries/{id}/withdraw", entry::withdraw_ask, entry::withdraw))
        .service(both("/entries/{id}/crew", enter::revise_ask, enter::revise))
        .service(both("/entries/{id}/merge", enter::merge_ask, enter::merge))
        .service(both("/entries/{id}/hand-over", crew_acts::hand_over_ask, crew_acts::hand_over))
        .service(both("/entries/{id}/leave", crew_acts::leave_ask, crew_acts::leave))
        .service(both("/entries/{id}/disqualify", crew_acts::disqualify_ask, crew_acts::disqualify))
        .service(act("/entries/{id}/check-in", entry::check_in))
        .service(act("/entries/{id}/submit", submit::submit))
        .service(act("/entries/{id}/choose", board::choose))
        .service(both("/entries/{id}/feedback", feedback::ask, feedback::open))
        .service(both("/submissions/{id}/feedback", feedback::write_ask, feedback::write))
        .service(both("/entries/{id}/aside", panel::aside_ask, panel::aside))
        .service(both("/entries/{id}/appeal", appeal::ask, appeal::appeal))
        .service(act("/entries/{id}/return", returned::give_back))
        .service(act("/entries/{id}/take-back", returned::take_back))
        .service(both("/entries/{id}/offer", parts::offer_ask, parts::offer))
        .service(both("/offers/{id}/accept", parts::accept_ask, parts::accept))
        .service(both("/offers/{id}/decline", parts::decline_ask, parts::decline))
        .service(both("/offers/{id}/withdraw", parts::withdraw_ask, parts::withdraw))
        .service(both("/appeals/{id}/answer", appeal::answer_ask, appeal::answer))
        .service(both("/appeals/{id}/again", appeal_again::ask, appeal_again::appeal))
        .service(both("/appeals/{id}/answer-again", appeal_again::answer_ask, appeal_again::answer))
        .service(see("/files/{id}", file::download))
        // One's own
        .service(see("/work", work::show))
        .service(see("/wallet", wallet::show))
        .service(both("/wallet/send", wallet::send_ask, wallet::send))
        .service(both("/wallet/split", split::ask, split::send))
        .service(act("/profile", people::rename))
        .service(both("/keys", keys::show, keys::enrol))
        .service(both("/keys/{id}/revoke", keys::revoke_ask, keys::revoke))
        .service(both("/notices", notices::show, notices::choose))
        .service(both("/unsubscribe/{token}", notices::unsubscribe_ask, notices::unsubscribe))
        .service(both("/webhooks", webhooks::list, webhooks::add))
        .service(see("/webhooks/{id}", webhooks::show))
        .service(act("/webhooks/{id}/rotate", webhooks::rotate))
        .service(act("/webhooks/{id}/disable", webhooks::disable))
        .service(act("/webhooks/{id}/redeliver", webhooks::redeliver))
        // Units, programmes, treasury, people
        .service(see("/units", units::list))
        .service(both("/units/new", units::new, units::create))
        .service(see("/units/{slug}", units::show))
        .service(see("/units/{slug}/races", rides::of_unit))
        .service(act("/units/{slug}/add", units::add))
        .service(act("/units/{slug}/remove", units::remove))
        .service(act("/units/{slug}/hand-over", units::hand_over))
        .service(see("/programmes", programmes::list))
        .service(both("/programmes/new", programmes::new, programmes::create))
        .service(see("/programmes/{slug}", programmes::show))
        .service(act("/programmes/{slug}/grant", programmes::grant))
        .service(act("/programmes/{slug}/revoke", programmes::revoke))
        .service(see("/insight", insight::show))
        .service(see("/flow", flow::show))
        .service(see("/treasury", treasury::show))
        .service(both("/treasury/issue", treasury::issue_ask, treasury::issue))
        .service(both("/treasury/allocate", treasury::allocate_ask, treasury::allocate))
        .service(see("/people/{handle}", people::show))
        .service(see("/admin/people", admin::people))
        .service(act("/admin/invite", admin::invite))
        .service(act("/admin/roles", admin::roles))
        .service(both("/admin/erasures", erasure::show, erasure::request))
        .service(act("/admin/erasures/approve", erasure::approve))
        // The ledger
        .service(see("/ledger", ledger::show))
        .service(both("/verify", verify::ask, verify::check))
        .service(see("/ledger/anchors", anchors::show))
        .service(both("/ledger/anchors/follow", anchors::follow_ask, anchors::follow))
        .service(both("/ledger/anchors/new", anchors::anchor_ask, anchors::anchor))
        .service(see("/ledger/records/{which}", record::show))
        .service(see("/ledger/records/{which}/receipt", record::receipt))
        .service(see("/ledger/accounts/{id}", account::show))
        .service(see("/log/checkpoint", log::checkpoint))
        .service(see("/log/tile/{path:.*}", log::tile))
        .service(see("/log/keys", log_keys::list))
        .service(see("/log/receipt/{record}", log::receipt))
        .service(see("/log/statement/{account}", log::statement))
        .service(see("/log/proof/inclusion/{index}", log::inclusion))
        .service(see("/log/proof/consistency/{from}/{to}", log::consistency))
        // The API
        .service(both("/graphql", graphql::get, graphql::post))
        .service(see("/graphql/schema.graphql", graphql::sdl))
        .service(see("/graphql/examples.json", graphql::explorer_examples))
        .service(see("/graphql/explorer.css", graphql::explorer_style))
        .service(see("/graphql/explorer.js", graphql::explorer_script))
        .service(see("/.well-known/jwks.json", log::jwks))
        // For machines
        .service(see("/healthz", health::alive))
        .service(see("/readyz", health::ready))
        .service(see("/search", search::show))
        .service(see("/robots.txt", site::robots))
        .service(see("/sitemap.xml", feed::map))
        .service(see("/feed.atom", feed::open))
        .service(see("/tasks.atom", feed::list))
        .service(see("/app.webmanifest", site::manifest))
        .service(see("/favicon.svg", site::icon))
        .service(see("/static/{name}", assets::serve));
}

/// What every place is made into.
trait Place: ServiceFactory<ServiceRequest, Config = (), Error = Error, InitError = ()> {}
impl<T: ServiceFactory<ServiceRequest, Config = (), Error = Error, InitError = ()>> Place for T {}

/// A place to look at.
fn see<F, A>(
    path: &str,
    look: F,
) -> Resource<impl Place<Response = ServiceResponse<impl MessageBody + use<F, A>>> + use<F, A>>
where
    F: Handler<A, Output: Responder + 'static>,
    A: FromRequest + 'static,
{
    at(path, "GET, HEAD").route(route().guard(fn_guard(looks)).to(look))
}

/// A place that does something.
fn act<F, A>(
    path: &str,
    act: F,
) -> Resource<impl Place<Response = ServiceResponse<impl MessageBody + use<F, A>>> + use<F, A>>
where
    F: Handler<A, Output: Responder + 'static>,
    A: FromRequest + 'static,
{
    at(path, "POST").route(post().to(act))
}

/// A place to look at that does something too.
fn both<F, A, G, B>(
    path: &str,
    look: F,
    act: G,
) -> Resource<impl Place<Response = ServiceResponse<impl MessageBody + use<F, A, G, B>>> + use<F, A, G, B>>
where
    F: Handler<A, Output: Responder + 'static>,
    A: FromRequest + 'static,
    G: Handler<B, Output: Responder + 'static>,
    B: FromRequest + 'static,
{
    at(path, "GET, HEAD, POST").route(route().guard(fn_guard(looks)).to(look)).route(post().to(act))
}

fn at(
    path: &str,
    allowed: &'static str,
) -> Resource<impl Place<Response = ServiceResponse<impl MessageBody + use<>>> + use<>> {
    let other = move || async move {
        HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, allowed)).finish()
    };
    resource(path).default_service(to(other)).wrap(from_fn(catch_panic::<_>))
}

fn looks(context: &GuardContext<'_>) -> bool {
    matches!(context.head().method, Method::GET | Method::HEAD)
}
