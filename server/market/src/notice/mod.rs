//! The outbox: what people are told of, written together with what it tells of.
//!
//! Promises: a notice is written in the database transaction of the command that causes it, so none is lost
//! and none tells of what did not happen; who caused it is not told of it; it keeps ids and no text, which
//! is made in the reader's language when it is sent, of what the reader may see then. Sending is at least
//! once, under an id that stays the same. Must never: decide anything, or hold a command up.
//!
//! Where the installation can send nothing, nothing is written.

mod events;
mod mailing;
mod post;
pub(crate) mod tables;

use serde::{Deserialize, Serialize};

use crate::actor::{Role, names};
use crate::clock::Moment;
use crate::ids::{EntryId, NoticeId, PersonId, ProgrammeId, TaskId, UnitId};

pub(crate) use events::{Event, notify, notify_all};
pub use mailing::{Mailing, UpdateMailing};
pub use post::{ClaimMail, Mail, Outcome, RecordMail, SweepNotices, retry_after};

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// A task was published that the reader judges, or whose programme they own.
    TaskPublished,
    /// The deadline of a race was moved.
    TaskExtended,
    /// Somebody asks about the reader's task.
    QuestionAsked,
    /// A question about a race that concerns the reader was answered.
    QuestionAnswered,
    /// The poster of a race that concerns the reader made something clear.
    TaskClarified,
    /// The rules of a race that the reader rides in are to be amended.
    AmendmentProposed,
    /// The captain of the reader's crew answered an amendment.
    AmendmentAnswered,
    /// An amendment is in force.
    AmendmentInForce,
    /// An amendment fell: the rules stay as they were.
    AmendmentFell,
    /// An amendment was taken back.
    AmendmentWithdrawn,
    /// The clock of a race has stopped: a ruling is due.
    TaskClosed,
    /// The works of a race are open and the reader can vote on them.
    VoteOpened,
    /// A race was called off.
    TaskCancelled,
    /// A race ended because nobody submitted.
    TaskExpired,
    /// A race was settled.
    TaskSettled,
    /// Somebody asks the reader to ride in their crew.
    CrewAsked,
    /// Somebody agreed to ride in the reader's crew.
    CrewAgreed,
    /// Somebody declined.
    CrewDeclined,
    /// The reader, or a unit that they lead, is invited to a race.
    RaceInvited,
    /// An invitation to a race was taken back.
    InvitationRevoked,
    /// A lane is free: the reader's entry has waited for it.
    LaneFreed,
    /// Nothing was heard of the reader's entry for long: its crew says that it is still at it.
    CheckInDue,
    /// The clock took the reader's entry out of the race.
    EntryLapsed,
    /// A change of the reader's crew is proposed: agree or decline.
    CrewChangeAsked,
    /// A change of the reader's crew has taken effect.
    CrewChanged,
    /// Somebody left the reader's crew: the others agree anew.
    CrewLeft,
    /// The reader's entry was taken out of the race.
    EntryDisqualified,
    /// One of the reader's crew handed in a version.
    SubmissionReceived,
    /// The reader's entry was returned unread.
    EntryReturned,
    /// That was taken back.
    EntryTakenBack,
    /// A race that the reader rides in was ruled.
    RaceRuled,
    /// A stage of a race has ended: its scores are due.
    StageEnded,
    /// The reader's entry goes on after a stage.
    StagePassed,
    /// The reader's entry was closed at the cut of a stage.
    EntryCut,
    /// A race stopped at the gate of a stage.
    RaceStopped,
    /// A ruling that the reader owes has not come; it is due soon.
    RulingDue,
    /// A decision was overdue and passed on to the deputies.
    DecisionPassed,
    /// Nobody ruled a race: the clock executed what its rules say then.
    RaceDefaulted,
    /// Nobody answered an appeal: the ruling stands.
    AppealStands,
    /// A lane has nobody left who can score it: another judge must be named.
    JudgeWanted,
    /// One more judge was named, the reader or another.
    JudgeNamed,
    /// A crew asks the reader what they think of a version.
    FeedbackAsked,
    /// Somebody wrote to the reader's crew.
    FeedbackGiven,
    /// An appeal waits for the reader's answer.
    AppealFiled,
    /// An appeal was granted: the race is judged again.
    AppealUpheld,
    /// An appeal was turned down.
    AppealRejected,
    /// Somebody offers a price for a part of the reader's entry.
    OfferMade,
    /// An offer of the reader's was accepted.
    OfferAccepted,
    /// An offer of the reader's was declined: its price came back.
    OfferDeclined,
    /// An offer for a part of the reader's entry was withdrawn.
    OfferWithdrawn,
    /// Nobody answered an offer in time: its price went back.
    OfferLapsed,
    /// An award was paid.
    PayoutReceived,
    /// Tokens came back from a race.
    RefundReceived,
    /// Somebody sent or allocated tokens.
    TokensReceived,
    /// Somebody came by the reader's invitation.
    InvitationAccepted,
    /// The reader was granted a role.
    RoleGranted,
    /// The reader lost a role.
    RoleRevoked,
    /// The reader was taken into a unit.
    UnitJoined,
    /// The reader leads a unit from now on.
    UnitLed,
    /// The reader may draw on a programme.
    ProgrammeGranted,
    /// A key of the reader's was enrolled.
    KeyEnrolled,
    /// A key of the reader's was revoked.
    KeyRevoked,
    /// An erasure waits for somebody's approval.
    ErasureAsked,
}

names!(
    Kind,
    TaskPublished = "task.published",
    TaskExtended = "task.extended",
    QuestionAsked = "question.asked",
    QuestionAnswered = "question.answered",
    TaskClarified = "task.clarified",
    AmendmentProposed = "amendment.proposed",
    AmendmentAnswered = "amendment.answered",
    AmendmentInForce = "amendment.in-force",
    AmendmentFell = "amendment.fell",
    AmendmentWithdrawn = "amendment.withdrawn",
    TaskClosed = "task.closed",
    VoteOpened = "vote.opened",
    TaskCancelled = "task.cancelled",
    TaskExpired = "task.expired",
    TaskSettled = "task.settled",
    CrewAsked = "crew.asked",
    CrewAgreed = "crew.agreed",
    CrewDeclined = "crew.declined",
    CheckInDue = "check_in.due",
    EntryLapsed = "entry.lapsed",
    RaceInvited = "race.invited",
    InvitationRevoked = "race.uninvited",
    LaneFreed = "lane.freed",
    CrewChangeAsked = "crew.change_asked",
    CrewChanged = "crew.changed",
    CrewLeft = "crew.left",
    EntryDisqualified = "entry.disqualified",
    SubmissionReceived = "submission.received",
    EntryReturned = "entry.returned",
    EntryTakenBack = "entry.taken-back",
    RaceRuled = "race.ruled",
    StageEnded = "stage.ended",
    StagePassed = "stage.passed",
    EntryCut = "entry.cut",
    RaceStopped = "race.stopped",
    RulingDue = "ruling.due",
    DecisionPassed = "decision.passed",
    RaceDefaulted = "race.defaulted",
    AppealStands = "appeal.stands",
    JudgeWanted = "judge.wanted",
    JudgeNamed = "judge.named",
    FeedbackAsked = "feedback.asked",
    FeedbackGiven = "feedback.given",
    AppealFiled = "appeal.filed",
    AppealUpheld = "appeal.upheld",
    AppealRejected = "appeal.rejected",
    OfferMade = "offer.made",
    OfferAccepted = "offer.accepted",
    OfferDeclined = "offer.declined",
    OfferWithdrawn = "offer.withdrawn",
    OfferLapsed = "offer.lapsed",
    PayoutReceived = "payout.received",
    RefundReceived = "refund.received",
    TokensReceived = "tokens.received",
    InvitationAccepted = "invitation.accepted",
    RoleGranted = "role.granted",
    RoleRevoked = "role.revoked",
    UnitJoined = "unit.joined",
    UnitLed = "unit.led",
    ProgrammeGranted = "programme.granted",
    KeyEnrolled = "key.enrolled",
    KeyRevoked = "key.revoked",
    ErasureAsked = "erasure.asked"
);

/// What it is about, by ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskId>,
    /// The entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryId>,
    /// Who did it; nobody where the clock did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// The programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub programme: Option<ProgrammeId>,
    /// So many minor units of the installation's asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// A deadline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// A role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// A notice, as its reader is told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeView {
    /// Its id: the same however often it is sent.
    pub id: NoticeId,
    /// What it is about.
    pub kind: Kind,
    /// The ids in it.
    pub facts: Facts,
    /// When it happened.
    pub at: Moment,
}

/// When somebody wants their mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailMode {
    /// Each notice at once.
    #[default]
    AtOnce,
    /// All of a day together, at 8 o'clock UTC.
    Daily,
    /// No mail at all.
    Never,
}

names!(MailMode, AtOnce = "at_once", Daily = "daily", Never = "none");

/// In which language somebody wants their mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    ZhCn,
}

names!(Language, En = "en", ZhCn = "zh-CN");
