//! Notices as mail: plain text in the reader's language.
//!
//! Promises: names and titles are fetched when the mail is made, as the reader may see them then; nothing of
//! them breaks the lines of a mail. Must never: send anything, or put a secret into a mail besides the link
//! that ends the mails.

use std::fmt::Write as _;

use fluent_bundle::FluentValue;
use market::notice::{Kind, Mail, NoticeView};
use market::{Actor, Amount, Market, Refusal, Result, Role};

use crate::i18n::{self, Locale, key};
use crate::zone::Zone;
use crate::{format, urls};

/// Most characters of a subject.
const SUBJECT: usize = 160;

/// A mail as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Lines of text.
    pub body: String,
}

/// One notice in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What happened.
    pub text: String,
    /// The path to look at it.
    pub path: String,
}

/// Makes a mail. `base` is the site's address without a slash at its end, `stop` where the mails are ended.
///
/// # Errors
/// When the database fails.
pub async fn letter(market: &Market, mail: &Mail, base: &str, stop: &str) -> Result<Letter> {
    let reader = market.actor(mail.person).await?;
    let locale = Locale::of(mail.language);
    let zone = mail.time_zone.as_deref().and_then(Zone::named).unwrap_or_else(Zone::utc);
    let house = &market.settings().house;
    let mut body = String::new();
    let mut subject = String::new();
    for notice in &mail.notices {
        let told = told(market, &reader, (locale, &zone), notice).await?;
        let at = format::exact(locale, &zone, notice.at);
        // Writing to a string cannot fail.
        let _ = write!(body, "{}\n{base}{}\n{at}\n\n", told.text, told.path);
        if subject.is_empty() {
            subject = told.text;
        }
    }
    if mail.digest {
        let count = mail.notices.len();
        subject = i18n::text(locale, key("mail-digest"), &[("count", count.into())]).into_owned();
    }
    let choose = format!("{base}{}", urls::notices());
    let foot = i18n::text(
        locale,
        key("mail-foot"),
        &[
            ("house", FluentValue::from(house.as_str())),
            ("choose", choose.into()),
            ("stop", FluentValue::from(stop)),
        ],
    );
    let _ = write!(body, "-- \n{foot}\n");
    let subject = format!("[{house}] {subject}").chars().take(SUBJECT).collect();
    Ok(Letter { subject, body })
}

/// A notice in words, as this reader may know it at this moment.
///
/// # Errors
/// When the database fails.
pub async fn told(
    market: &Market,
    reader: &Actor,
    (locale, zone): (Locale, &Zone),
    notice: &NoticeView,
) -> Result<Told> {
    let facts = &notice.facts;
    let word = |key: &'static str| i18n::text(locale, key, &[]).into_owned();
    let task = match facts.task {
        Some(id) => seen(market.task(reader, id).await)?,
        None => None,
    };
    let who = match facts.person {
        Some(id) => seen(market.person(reader, id).await)?.map(|person| person.name),
        None => None,
    };
    let (unit, programme) =
        (named_unit(market, reader, notice).await?, named_programme(market, reader, notice).await?);
    let amount = facts.amount.and_then(|minor| Amount::new(minor).ok()).map_or_else(String::new, |amount| {
        format!("{} {}", market.asset().format(amount), market.asset().code)
    });
    let until = facts.until.map_or_else(String::new, |at| format::exact(locale, zone, at));
    let role = facts.role.map_or_else(String::new, |role| word(role_key(role)));
    let title = task.as_ref().map_or_else(|| word(key("notice-some-task")), |task| task.title.clone());
    let path = path(notice, task.map(|task| task.handle), unit.as_ref(), programme.as_ref());
    let group = unit.or(programme).map_or_else(|| word(key("some-unit")), |(name, _)| name);
    let text = i18n::text(
        locale,
        message(notice.kind),
        &[
            ("task", title.into()),
            ("who", who.unwrap_or_else(|| word(key("somebody"))).into()),
            ("amount", amount.into()),
            ("until", until.into()),
            ("role", role.into()),
            ("group", group.into()),
        ],
    );
    // A line of a mail stays one line, whatever a title holds.
    let text = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    Ok(Told { text, path })
}

async fn named_unit(
    market: &Market,
    reader: &Actor,
    notice: &NoticeView,
) -> Result<Option<(String, String)>> {
    let Some(id) = notice.facts.unit else { return Ok(None) };
    let found = seen(market.units_by_ids(reader, &[id]).await)?.and_then(|mut units| units.remove(&id));
    Ok(found.map(|unit| (unit.name, urls::unit(unit.slug))))
}

async fn named_programme(
    market: &Market,
    reader: &Actor,
    notice: &NoticeView,
) -> Result<Option<(String, String)>> {
    let Some(id) = notice.facts.programme else { return Ok(None) };
    let found = seen(market.programmes_by_ids(reader, &[id]).await)?.and_then(|mut all| all.remove(&id));
    Ok(found.map(|programme| (programme.name, urls::programme(programme.slug))))
}

/// Where to look: at the entry, the task, the group, or the place of the reader's own that it is about.
fn path(
    notice: &NoticeView,
    task: Option<String>,
    unit: Option<&(String, String)>,
    programme: Option<&(String, String)>,
) -> String {
    match notice.kind {
        Kind::KeyEnrolled | Kind::KeyRevoked => return urls::keys(),
        Kind::ErasureAsked => return urls::erasures(),
        Kind::InvitationAccepted => return urls::people(),
        Kind::TokensReceived | Kind::RoleGranted | Kind::RoleRevoked if unit.or(programme).is_none() => {
            return if notice.facts.role.is_some() { urls::front() } else { urls::wallet() };
        }
        _ => {}
    }
    match (notice.facts.entry, task, unit.or(programme)) {
        (Some(entry), Some(_), _) => urls::entry(entry),
        (_, Some(handle), _) => urls::task(handle),
        (_, None, Some((_, url))) => url.clone(),
        _ => urls::my_work(),
    }
}

fn message(kind: Kind) -> &'static str {
    match kind {
        Kind::TaskPublished => key("notice-task-published"),
        Kind::TaskExtended => key("notice-task-extended"),
        Kind::AmendmentProposed => key("notice-amendment-proposed"),
        Kind::AmendmentAnswered => key("notice-amendment-answered"),
        Kind::AmendmentInForce => key("notice-amendment-in-force"),
        Kind::AmendmentFell => key("notice-amendment-fell"),
        Kind::AmendmentWithdrawn => key("notice-amendment-withdrawn"),
        Kind::TaskClosed => key("notice-task-closed"),
        Kind::VoteOpened => key("notice-vote-opened"),
        Kind::TaskCancelled => key("notice-task-cancelled"),
        Kind::TaskExpired => key("notice-task-expired"),
        Kind::TaskSettled => key("notice-task-settled"),
        Kind::CrewAsked => key("notice-crew-asked"),
        Kind::CrewAgreed => key("notice-crew-agreed"),
        Kind::CrewDeclined => key("notice-crew-declined"),
        Kind::CheckInDue => key("notice-check-in-due"),
        Kind::EntryLapsed => key("notice-entry-lapsed"),
        Kind::RaceInvited => key("notice-race-invited"),
        Kind::InvitationRevoked => key("notice-race-uninvited"),
        Kind::LaneFreed => key("notice-lane-freed"),
        Kind::CrewChangeAsked => key("notice-crew-change-asked"),
        Kind::CrewChanged => key("notice-crew-changed"),
        Kind::CrewLeft => key("notice-crew-left"),
        Kind::EntryDisqualified => key("notice-entry-disqualified"),
        Kind::SubmissionReceived => key("notice-submission-received"),
        Kind::QuestionAsked => key("notice-question-asked"),
        Kind::QuestionAnswered => key("notice-question-answered"),
        Kind::TaskClarified => key("notice-task-clarified"),
        Kind::EntryReturned => key("notice-entry-returned"),
        Kind::EntryTakenBack => key("notice-entry-taken-back"),
        Kind::RaceRuled => key("notice-race-ruled"),
        Kind::StageEnded => key("notice-stage-ended"),
        Kind::StagePassed => key("notice-stage-passed"),
        Kind::EntryCut => key("notice-entry-cut"),
        Kind::RaceStopped => key("notice-race-stopped"),
        Kind::RulingDue => key("notice-ruling-due"),
        Kind::DecisionPassed => key("notice-decision-passed"),
        Kind::RaceDefaulted => key("notice-race-defaulted"),
        Kind::AppealStands => key("notice-appeal-stands"),
        Kind::FeedbackAsked => key("notice-feedback-asked"),
        Kind::FeedbackGiven => key("notice-feedback-given"),
        Kind::JudgeWanted => key("notice-judge-wanted"),
        Kind::JudgeNamed => key("notice-judge-named"),
        Kind::AppealFiled => key("notice-appeal-filed"),
        Kind::AppealUpheld => key("notice-appeal-upheld"),
        Kind::AppealRejected => key("notice-appeal-rejected"),
        Kind::OfferMade => key("notice-offer-made"),
        Kind::OfferAccepted => key("notice-offer-accepted"),
        Kind::OfferDeclined => key("notice-offer-declined"),
        Kind::OfferWithdrawn => key("notice-offer-withdrawn"),
        Kind::OfferLapsed => key("notice-offer-lapsed"),
        Kind::PayoutReceived => key("notice-payout-received"),
        Kind::RefundReceived => key("notice-refund-received"),
        Kind::TokensReceived => key("notice-tokens-received"),
        Kind::InvitationAccepted => key("notice-invitation-accepted"),
        Kind::RoleGranted => key("notice-role-granted"),
        Kind::RoleRevoked => key("notice-role-revoked"),
        Kind::UnitJoined => key("notice-unit-joined"),
        Kind::UnitLed => key("notice-unit-led"),
        Kind::ProgrammeGranted => key("notice-programme-granted"),
        Kind::KeyEnrolled => key("notice-key-enrolled"),
        Kind::KeyRevoked => key("notice-key-revoked"),
        Kind::ErasureAsked => key("notice-erasure-asked"),
    }
}

fn role_key(role: Role) -> &'static str {
    crate::pages::people::role(role)
}

/// What is not there, or not open to the reader any more, has no name.
fn seen<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(thing) => Ok(Some(thing)),
        Err(Refusal::Fault(why)) => Err(Refusal::Fault(why)),
        Err(_) => Ok(None),
    }
}
