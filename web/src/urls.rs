//! Every address of the site, once.
//!
//! Promises: pages and redirects take their links from here, so an address changes in one place. Must
//! never: be spelled in a template.

use std::fmt::{Display, Write as _};

macro_rules! urls {
    ($($(#[$doc:meta])* $name:ident($($part:ident),*) = $pattern:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name($($part: impl Display),*) -> String {
            format!($pattern)
        }
    )*};
}

urls! {
    /// The front page. `GET` → `front::show`
    front() = "/";
    /// The design system, in a demo. `GET` → `style::show`
    style() = "/style";
    /// Language, time zone and colours. `GET` → `preferences::show`, `POST` → `preferences::save`
    preferences() = "/preferences";

    /// Finds anything. `GET` → `search::show`
    search() = "/search";

    /// The door. `GET`, `POST` → `door::sign_in_form`, `door::sign_in`
    sign_in() = "/sign-in";
    /// Ends the session. `POST` → `door::sign_out`
    sign_out() = "/sign-out";
    /// Where outsiders join. `GET`, `POST` → `door::sign_up_form`, `door::sign_up`
    sign_up() = "/sign-up";
    /// Where somebody invited comes in. `GET`, `POST` → `door::invitation_form`, `door::accept_invitation`
    invitation(secret) = "/invitation/{secret}";

    /// Tasks. `GET` → `tasks::list`
    tasks() = "/tasks";
    /// Tasks that outsiders may join too.
    open_challenges() = "/tasks?show=open";
    /// Posts a task. `GET`, `POST` → `task_form::new`, `task_form::create`
    task_new() = "/tasks/new";
    /// The same, begun with a template: `template` is a built-in one's name, or an id.
    task_new_with(template) = "/tasks/new?template={template}";
    /// The same, begun with another task.
    task_new_from(handle) = "/tasks/new?from={handle}";
    /// Templates. `GET` → `templates::list`
    templates() = "/templates";
    /// Deletes one. `POST` → `templates::delete`
    template_delete(id) = "/templates/{id}/delete";
    /// A task. `GET` → `task::show`
    task(handle) = "/tasks/{handle}";
    /// Changes a draft. `GET`, `POST` → `task_form::edit`, `task_form::update`
    task_edit(handle) = "/tasks/{handle}/edit";
    /// Publishes a draft. `GET`, `POST` → `task_acts::publish_ask`, `task_acts::publish`
    task_publish(handle) = "/tasks/{handle}/publish";
    /// Throws a draft away. `GET`, `POST` → `task_acts::delete_ask`, `task_acts::delete`
    task_delete(handle) = "/tasks/{handle}/delete";
    /// Adds to the bounty. `GET`, `POST` → `task_acts::boost_ask`, `task_acts::boost`
    task_boost(handle) = "/tasks/{handle}/boost";
    /// States what a result is worth. `GET`, `POST` → `cost::value_ask`, `cost::value`
    task_value(handle) = "/tasks/{handle}/value";
    /// Declares hours. `GET`, `POST` → `cost::effort_ask`, `cost::effort`
    task_effort(handle) = "/tasks/{handle}/effort";
    /// Asks something. `GET`, `POST` → `questions::ask_ask`, `questions::ask`
    task_ask(handle) = "/tasks/{handle}/ask";
    /// Makes something clear. `GET`, `POST` → `questions::clarify_ask`, `questions::clarify`
    task_clarify(handle) = "/tasks/{handle}/clarify";
    /// Answers a question. `GET`, `POST` → `questions::answer_ask`, `questions::answer`
    question_answer(id) = "/questions/{id}/answer";
    /// Moves the deadline. `GET`, `POST` → `task_acts::extend_ask`, `task_acts::extend`
    task_extend(handle) = "/tasks/{handle}/extend";
    /// Proposes to amend its rules. `GET`, `POST` → `amend::ask`, `amend::propose`
    task_amend(handle) = "/tasks/{handle}/amend";
    /// An amendment. `GET` → `amend::show`
    amendment(id) = "/amendments/{id}";
    /// Agrees to it. `POST` → `amend::consent`
    amendment_consent(id) = "/amendments/{id}/consent";
    /// Leaves on it. `GET`, `POST` → `amend::leave_ask`, `amend::leave`
    amendment_leave(id) = "/amendments/{id}/leave";
    /// Takes it back. `GET`, `POST` → `amend::withdraw_ask`, `amend::withdraw`
    amendment_withdraw(id) = "/amendments/{id}/withdraw";
    /// Calls it off. `GET`, `POST` → `task_acts::cancel_ask`, `task_acts::cancel`
    task_cancel(handle) = "/tasks/{handle}/cancel";
    /// Enters the race. `GET`, `POST` → `enter::ask`, `enter::enter`
    task_enter(handle) = "/tasks/{handle}/enter";
    /// Invites people and units. `GET`, `POST` → `invite::ask`, `invite::invite`
    task_invite(handle) = "/tasks/{handle}/invite";
    /// Takes an invitation back. `GET`, `POST` → `invite::revoke_ask`, `invite::revoke`
    task_uninvite(handle) = "/tasks/{handle}/uninvite";
    /// Rules it. `GET`, `POST` → `rule::ask`, `rule::rule`
    task_rule(handle) = "/tasks/{handle}/rule";
    /// Scores a stage of it. `GET`, `POST` → `stage_rule::ask`, `stage_rule::rule`
    task_stage(handle) = "/tasks/{handle}/stage";

    /// The race alone, as a piece of the task's page. `GET` → `live::track`
    task_track(handle) = "/tasks/{handle}/track";
    /// Tells when it has changed (server-sent events). `GET` → `live::listen`
    task_live(handle) = "/tasks/{handle}/live";
    /// The race as a picture for sharing. `GET` → `picture::show`
    task_picture(handle) = "/tasks/{handle}/picture.png";
    /// A race that is over, step by step. `GET` → `replay::show`
    task_replay(handle) = "/tasks/{handle}/replay";
    /// Counts events. `GET`, `POST` → `events::ask`, `events::record`
    task_events(handle) = "/tasks/{handle}/events";
    /// The ballot. `GET`, `POST` → `vote::ask`, `vote::cast`
    task_vote(handle) = "/tasks/{handle}/vote";
    /// The answer key. `GET`, `POST` (multipart) → `board::key_show`, `board::key_upload`
    task_key(handle) = "/tasks/{handle}/key";
    /// Its file. `GET` → `board::key_file`
    task_key_file(handle) = "/tasks/{handle}/key.csv";

    /// Chooses the versions that count. `POST` → `board::choose`
    entry_choose(id) = "/entries/{id}/choose";
    /// The panel and its sheets. `GET` → `panel::show`
    task_panel(handle) = "/tasks/{handle}/panel";
    /// Scores one lane. `GET`, `POST` → `panel_sheet::ask`, `panel_sheet::save`
    task_score(handle, lane) = "/tasks/{handle}/panel/{lane}";
    /// Locks one's sheet. `GET`, `POST` → `panel::lock_ask`, `panel::lock`
    task_lock(handle) = "/tasks/{handle}/lock";
    /// Names one more judge. `GET`, `POST` → `panel::name_ask`, `panel::name_judge`
    task_name_judge(handle) = "/tasks/{handle}/name-judge";

    /// An entry. `GET` → `entry::show`
    entry(id) = "/entries/{id}";
    /// Agrees to one's share. `POST` → `entry::agree`
    entry_agree(id) = "/entries/{id}/agree";
    /// Says no to it. `POST` → `entry::decline`
    entry_decline(id) = "/entries/{id}/decline";
    /// Leaves the race. `GET`, `POST` → `entry::withdraw_ask`, `entry::withdraw`
    entry_withdraw(id) = "/entries/{id}/withdraw";
    /// Changes the crew. `GET`, `POST` → `enter::revise_ask`, `enter::revise`
    entry_crew(id) = "/entries/{id}/crew";
    /// Proposes that two entries ride on as one. `GET`, `POST` → `enter::merge_ask`, `enter::merge`
    entry_merge(id) = "/entries/{id}/merge";
    /// Offers the captaincy. `GET`, `POST` → `crew_acts::hand_over_ask`, `crew_acts::hand_over`
    entry_hand_over(id) = "/entries/{id}/hand-over";
    /// Leaves the crew. `GET`, `POST` → `crew_acts::leave_ask`, `crew_acts::leave`
    entry_leave(id) = "/entries/{id}/leave";
    /// Says that its crew is still at it. `POST` → `entry::check_in`
    entry_check_in(id) = "/entries/{id}/check-in";
    /// Takes it out of the race. `GET`, `POST` → `crew_acts::disqualify_ask`, `crew_acts::disqualify`
    entry_disqualify(id) = "/entries/{id}/disqualify";
    /// Hands in a version. `POST` (multipart) → `submit::submit`
    entry_submit(id) = "/entries/{id}/submit";
    /// Asks the judges for feedback. `GET`, `POST` → `feedback::ask`, `feedback::open`
    entry_feedback(id) = "/entries/{id}/feedback";
    /// Writes to its crew about a version. `GET`, `POST` → `feedback::write_ask`, `feedback::write`
    submission_feedback(id) = "/submissions/{id}/feedback";
    /// Stands aside from scoring it. `GET`, `POST` → `panel::aside_ask`, `panel::aside`
    entry_aside(id) = "/entries/{id}/aside";
    /// Appeals against the ruling. `GET`, `POST` → `appeal::ask`, `appeal::appeal`
    entry_appeal(id) = "/entries/{id}/appeal";
    /// Returns an entry unread. `POST` → `returned::give_back`
    entry_return(id) = "/entries/{id}/return";
    /// Takes that back. `POST` → `returned::take_back`
    entry_take_back(id) = "/entries/{id}/take-back";
    /// Offers a price for a part of it. `GET`, `POST` → `parts::offer_ask`, `parts::offer`
    entry_offer(id) = "/entries/{id}/offer";
    /// Accepts an offer. `GET`, `POST` → `parts::accept_ask`, `parts::accept`
    offer_accept(id) = "/offers/{id}/accept";
    /// Declines it. `GET`, `POST` → `parts::decline_ask`, `parts::decline`
    offer_decline(id) = "/offers/{id}/decline";
    /// Takes it back. `GET`, `POST` → `parts::withdraw_ask`, `parts::withdraw`
    offer_withdraw(id) = "/offers/{id}/withdraw";
    /// Answers an appeal; the query names the task. `GET`, `POST` → `appeal::answer_ask`, `appeal::answer`
    appeal_answer(id, task) = "/appeals/{id}/answer?task={task}";
    /// Appeals again; the query names the task. `GET`, `POST` → `appeal_again::ask`, `appeal_again::appeal`
    appeal_again(id, task) = "/appeals/{id}/again?task={task}";
    /// Answers that; the query names the task. `GET`, `POST` → `appeal_again::answer_ask`,
    /// `appeal_again::answer`
    appeal_answer_again(id, task) = "/appeals/{id}/answer-again?task={task}";
    /// A file of a submission. `GET` → `file::download`
    file(id) = "/files/{id}";

    /// What waits for the asker. `GET` → `work::show`
    my_work() = "/work";

    /// The asker's wallet. `GET` → `wallet::show`
    wallet() = "/wallet";
    /// Sends tokens. `GET`, `POST` → `wallet::send_ask`, `wallet::send`
    wallet_send() = "/wallet/send";
    /// Sends tokens to several. `GET`, `POST` → `split::ask`, `split::send`
    wallet_split() = "/wallet/split";

    /// Units. `GET` → `units::list`
    units() = "/units";
    /// Founds a unit. `GET`, `POST` → `units::new`, `units::create`
    unit_new() = "/units/new";
    /// A unit. `GET` → `units::show`
    unit(slug) = "/units/{slug}";
    /// Its races. `GET` → `rides::of_unit`
    unit_races(slug) = "/units/{slug}/races";
    /// Takes somebody in. `POST` → `units::add`
    unit_add(slug) = "/units/{slug}/add";
    /// Lets somebody go. `POST` → `units::remove`
    unit_remove(slug) = "/units/{slug}/remove";
    /// Names another lead. `POST` → `units::hand_over`
    unit_hand_over(slug) = "/units/{slug}/hand-over";

    /// Programmes. `GET` → `programmes::list`
    programmes() = "/programmes";
    /// Starts a programme. `GET`, `POST` → `programmes::new`, `programmes::create`
    programme_new() = "/programmes/new";
    /// A programme. `GET` → `programmes::show`
    programme(slug) = "/programmes/{slug}";
    /// Lets a manager draw on it. `POST` → `programmes::grant`
    programme_grant(slug) = "/programmes/{slug}/grant";
    /// Ends that. `POST` → `programmes::revoke`
    programme_revoke(slug) = "/programmes/{slug}/revoke";

    /// What bounties brought. `GET` → `insight::show`
    insight() = "/insight";
    /// The flow of a programme's funds. `GET` → `flow::show`
    flow() = "/flow";
    /// The treasury. `GET` → `treasury::show`
    treasury() = "/treasury";
    /// Issues tokens. `GET`, `POST` → `treasury::issue_ask`, `treasury::issue`
    treasury_issue() = "/treasury/issue";
    /// Allocates tokens. `GET`, `POST` → `treasury::allocate_ask`, `treasury::allocate`
    treasury_allocate() = "/treasury/allocate";

    /// A person's page. `GET` → `people::show`
    person(handle) = "/people/{handle}";
    /// Changes one's own name. `POST` → `people::rename`
    profile() = "/profile";
    /// One's own keys. `GET`, `POST` → `keys::show`, `keys::enrol`
    keys() = "/keys";
    /// Revokes one. `GET`, `POST` → `keys::revoke_ask`, `keys::revoke`
    key_revoke(id) = "/keys/{id}/revoke";
    /// Addresses that are told of events. `GET`, `POST` → `webhooks::list`, `webhooks::add`
    webhooks() = "/webhooks";
    /// Those of a unit.
    unit_webhooks(slug) = "/webhooks?of=unit:{slug}";
    /// Those of a programme.
    programme_webhooks(slug) = "/webhooks?of=programme:{slug}";
    /// One of them. `GET` → `webhooks::show`
    webhook(id) = "/webhooks/{id}";
    /// Gives it a new secret. `POST` → `webhooks::rotate`
    webhook_rotate(id) = "/webhooks/{id}/rotate";
    /// Ends it. `POST` → `webhooks::disable`
    webhook_disable(id) = "/webhooks/{id}/disable";
    /// Sends a delivery once more. `POST` → `webhooks::redeliver`
    webhook_redeliver(id) = "/webhooks/{id}/redeliver";
    /// How one wants one's notices. `GET`, `POST` → `notices::show`, `notices::choose`
    notices() = "/notices";
    /// Ends somebody's mails, by a link in them. `GET`, `POST` → `notices::unsubscribe_ask`,
    /// `notices::unsubscribe`
    unsubscribe(token) = "/unsubscribe/{token}";
    /// People and roles. `GET` → `admin::people`
    people() = "/admin/people";
    /// Invites somebody. `POST` → `admin::invite`
    invite() = "/admin/invite";
    /// Erasures. `GET`, `POST` → `erasure::show`, `erasure::request`
    erasures() = "/admin/erasures";
    /// Approves one. `POST` → `erasure::approve`
    approve_erasure() = "/admin/erasures/approve";
    /// Grants or takes a role. `POST` → `admin::roles`
    roles() = "/admin/roles";

    /// The ledger. `GET` → `ledger::show`
    ledger() = "/ledger";
    /// Checks a receipt. `GET`, `POST` → `verify::ask`, `verify::check`
    verify() = "/verify";
    /// Other logs that are anchored here. `GET` → `anchors::show`
    anchors() = "/ledger/anchors";
    /// Follows another log. `GET`, `POST` → `anchors::follow_ask`, `anchors::follow`
    log_follow() = "/ledger/anchors/follow";
    /// Anchors a checkpoint. `GET`, `POST` → `anchors::anchor_ask`, `anchors::anchor`
    log_anchor() = "/ledger/anchors/new";
    /// A record, by its index or its id. `GET` → `record::show`
    record(which) = "/ledger/records/{which}";
    /// Its receipt, as a file. `GET` → `record::receipt`
    receipt(which) = "/ledger/records/{which}/receipt";
    /// An account's newest lines, as a file that proves itself. `GET` → `log::statement`
    statement(account) = "/log/statement/{account}";

    /// An account's history. `GET` → `account::show`
    account(id) = "/ledger/accounts/{id}";
    /// The API. `POST` → `graphql::post`
    graphql() = "/graphql";

    /// Open challenges as a feed (Atom). `GET` → `feed::open`
    feed() = "/feed.atom";
    /// Any list of tasks as a feed. `GET` → `feed::list`
    tasks_feed() = "/tasks.atom";
    /// The map of the site for search engines. `GET` → `feed::map`
    sitemap() = "/sitemap.xml";
    /// What a telephone needs to keep the site like an app. `GET` → `site::manifest`
    manifest() = "/app.webmanifest";
    /// What search engines may look at. `GET` → `site::robots`
    robots() = "/robots.txt";
    /// The icon, where browsers look for it unasked. `GET` → `site::icon`
    favicon() = "/favicon.svg";
    /// Styles, script and icon. `GET` → `assets::serve`
    asset(name) = "/static/{name}";
}

/// Where people reach the pages, without a slash at its end: `https://saima.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base(pub String);

impl Base {
    /// The whole address of a path.
    pub fn of(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// The door, and where to go from there.
pub fn sign_in_then(next: &str) -> String {
    with_query(sign_in(), &[("next", next)])
}

/// `path` with a query; pairs with an empty value are left out.
pub fn with_query(path: String, pairs: &[(&str, &str)]) -> String {
    let mut url = path;
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&encode(name));
        url.push('=');
        url.push_str(&encode(value));
    }
    url
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded_and_empty_pairs_are_left_out() {
        let url = with_query(tasks(), &[("q", "赛马 & co"), ("state", ""), ("page", "2")]);
        assert_eq!(url, "/tasks?q=%E8%B5%9B%E9%A9%AC%20%26%20co&page=2");
    }
}
