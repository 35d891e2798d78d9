//! Who may do what: the only file that names roles, and the only maker of a [`Permit`].
//!
//! Promises: page, API and command line get the same answer, because all of them ask here; a refusal
//! is [`Refusal::NotFound`] for whoever is signed in, whether the thing exists or not, and
//! [`Refusal::Unauthenticated`] for a visitor who asks for more than visitors can have.
//! Must never: read a clock or a database; say yes because of what a front end checked before.
//! The printed table is `tests/golden/policy.txt`.

mod facts;
mod judged;
mod race;
mod scope;

use std::marker::PhantomData;

use crate::actor::{Actor, Asker, PersonKind, Role, names};
use crate::error::{Refusal, Result};
use crate::ids::PersonId;
use crate::race::{Eligible, Who};

pub use facts::{
    Belonging, Door, House, LogAccess, ProgrammeFacts, TemplateFacts, UnitFacts, WalletOwner, WebhookFacts,
};
pub use scope::{TaskScope, task_scope};

pub use judged::{AppealFacts, EntryFacts, SheetFacts};
pub use race::{RaceFacts, VoteFacts};

/// Leave to do one act to one kind of thing. Only [`permit`] makes one, and every function that
/// writes asks for one.
#[derive(Debug, Clone)]
pub struct Permit<S> {
    act: Act,
    by: Option<PersonId>,
    subject: PhantomData<fn() -> S>,
}

impl<S> Permit<S> {
    /// What was permitted.
    pub fn act(&self) -> Act {
        self.act
    }

    /// The person it was permitted to; `None` for the clockwork and for visitors.
    pub fn by(&self) -> Option<PersonId> {
        self.by
    }
}

/// How the asker is tied to the thing, as the thing itself tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tie {
    /// The task has left the draft state.
    Published,
    /// The race is open to outsiders.
    OpenRace,
    /// The rules of entry let this person in.
    Welcome,
    /// The clock of the race has stopped.
    Stopped,
    /// A stage of the race has ended.
    StageEnded,
    /// Posted the task.
    Poster,
    /// Judges the race: named in its rules, or a deputy to whom the decision has passed.
    Judge,
    /// Named in the rules of the race as judge or deputy, whether or not it is their turn.
    Named,
    /// Judged by a panel that scores.
    Panel,
    /// Answered the first appeal.
    Answerer,
    /// Gave the ruling that the appeal is about, or the newest ruling of the race; of a panel, everybody who
    /// locked a sheet.
    Ruler,
    /// May vote by the rules: named there, and no rival, nobody of a rival unit, not the poster.
    Voter,
    /// Rides in some crew of the race, or was asked to.
    Rider,
    /// Has said that they are tied to this entry.
    Conflicted,
    /// The sheets have come to a ruling.
    Ruled,
    /// A version of this entry was opened to the judges.
    Opened,
    /// Has locked a sheet of their own in the same round.
    Locked,
    /// Belongs to the crew of this entry and agreed.
    Crew,
    /// Was asked to join the crew of this entry, to agree to a change of it, or to agree for a unit.
    Asked,
    /// Entered this entry.
    Captain,
    /// Leads the unit, or the unit that entered, or owns the wallet as its lead.
    Lead,
    /// Belongs to the unit.
    UnitMember,
    /// Owns the programme that funds it.
    ProgrammeOwner,
    /// May draw on the programme.
    ProgrammeManager,
    /// The wallet, profile or session is the asker's own.
    Own,
    /// Nobody else is in charge: no programme stands behind it, or its owner is the poster.
    NoProgramme,
    /// It is about the installation as a whole.
    WholeHouse,
    /// The installation shows its whole log to everybody.
    PublicLog,
}

/// A thing that is acted on: tells how a person is tied to it.
pub trait Subject {
    /// Ties that hold for anybody.
    fn always(&self) -> Vec<Tie> {
        Vec::new()
    }
    /// Ties of this person to the thing.
    fn ties(&self, who: &Asker) -> Vec<Tie>;
}

macro_rules! acts {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Everything that can be asked for. Commands bear the name of their GraphQL mutation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Act { $($(#[$doc])* #[doc = $name] $variant,)* }
        names!(Act, $($variant = $name),*);
    };
}

acts! {
    // doors
    SignUp = "signUp",
    SignIn = "signIn",
    SignOut = "signOut",
    RefreshToken = "refreshToken",
    AcceptInvitation = "acceptInvitation",
    UpdateProfile = "updateProfile",
    UpdateMailing = "updateMailing",
    SetPreferences = "setPreferences",
    // keys
    EnrolKey = "enrolKey",
    RevokeKey = "revokeKey",
    SeeKeys = "seeKeys",
    SignIntent = "signIntent",
    // house
    AddPerson = "addPerson",
    InvitePerson = "invitePerson",
    GrantRole = "grantRole",
    RevokeRole = "revokeRole",
    SeePeople = "seePeople",
    RequestErasure = "requestErasure",
    ApproveErasure = "approveErasure",
    SeeInside = "seeInside",
    // units
    SeeUnit = "seeUnit",
    CreateUnit = "createUnit",
    AddUnitMember = "addUnitMember",
    RemoveUnitMember = "removeUnitMember",
    HandOverUnit = "handOverUnit",
    // money
    IssueTokens = "issueTokens",
    AllocateTokens = "allocateTokens",
    CreateProgramme = "createProgramme",
    GrantProgramme = "grantProgramme",
    RevokeProgramme = "revokeProgramme",
    SeeTreasury = "seeTreasury",
    SeeInsight = "seeInsight",
    SeeProgramme = "seeProgramme",
    DrawOnProgramme = "drawOnProgramme",
    SeeWallet = "seeWallet",
    TransferTokens = "transferTokens",
    SplitTokens = "splitTokens",
    SeeJournal = "seeJournal",
    // the log
    SeeTiles = "seeTiles",
    SeeEntryBundles = "seeEntryBundles",
    // tasks
    SeeTask = "seeTask",
    CreateTask = "createTask",
    UpdateTask = "updateTask",
    DeleteDraft = "deleteDraft",
    PublishTask = "publishTask",
    BoostTask = "boostTask",
    ExtendDeadline = "extendDeadline",
    CancelTask = "cancelTask",
    // amendments
    ProposeAmendment = "proposeAmendment",
    WithdrawAmendment = "withdrawAmendment",
    AcceptAmendment = "acceptAmendment",
    AnswerAmendment = "answerAmendment",
    // templates
    SaveTemplate = "saveTemplate",
    DeleteTemplate = "deleteTemplate",
    // questions
    AskQuestion = "askQuestion",
    AnswerQuestion = "answerQuestion",
    ClarifyTask = "clarifyTask",
    // races
    InviteToRace = "inviteToRace",
    UninviteFromRace = "uninviteFromRace",
    AcceptTerms = "acceptTerms",
    EnterRace = "enterRace",
    ReviseCrew = "reviseCrew",
    AgreeToCrew = "agreeToCrew",
    DeclineCrew = "declineCrew",
    MergeEntries = "mergeEntries",
    HandOverEntry = "handOverEntry",
    LeaveCrew = "leaveCrew",
    CheckInEntry = "checkInEntry",
    WithdrawEntry = "withdrawEntry",
    DisqualifyEntry = "disqualifyEntry",
    SubmitWork = "submitWork",
    SeeSubmission = "seeSubmission",
    ReturnUnread = "returnUnread",
    TakeBackReturn = "takeBackReturn",
    SeeSameWork = "seeSameWork",
    // judging
    RuleRace = "ruleRace",
    UploadAnswerKey = "uploadAnswerKey",
    SeeAnswerKey = "seeAnswerKey",
    ChooseVersions = "chooseVersions",
    RuleStage = "ruleStage",
    SeeStageWork = "seeStageWork",
    CastBallot = "castBallot",
    RecordEvents = "recordEvents",
    SaveScores = "saveScores",
    DeclareConflict = "declareConflict",
    LockSheet = "lockSheet",
    NameJudge = "nameJudge",
    SeeSheet = "seeSheet",
    AskFeedback = "askFeedback",
    GiveFeedback = "giveFeedback",
    SeeFeedback = "seeFeedback",
    AppealRuling = "appealRuling",
    AnswerAppeal = "answerAppeal",
    AppealAgain = "appealAgain",
    AnswerAgain = "answerAgain",
    // parts of entries
    OfferForPart = "offerForPart",
    WithdrawOffer = "withdrawOffer",
    AcceptOffer = "acceptOffer",
    DeclineOffer = "declineOffer",
    // costs
    StateValue = "stateValue",
    SeeValue = "seeValue",
    DeclareEffort = "declareEffort",
    // webhooks
    SeeWebhooks = "seeWebhooks",
    AddWebhook = "addWebhook",
    RotateWebhook = "rotateWebhook",
    DisableWebhook = "disableWebhook",
    RedeliverWebhook = "redeliverWebhook",
    // other logs
    FollowLog = "followLog",
    AnchorCheckpoint = "anchorCheckpoint",
    // clockwork
    KeepTime = "keepTime",
    Seal = "seal",
    // the operator's
    StartEpoch = "startEpoch",
    RotateLogKey = "rotateLogKey",
}

/// Asks for leave.
///
/// # Errors
/// [`Refusal::Unauthenticated`] for a visitor, [`Refusal::NotFound`] for everybody else.
pub fn permit<S: Subject>(actor: &Actor, act: Act, subject: &S) -> Result<Permit<S>> {
    if may(actor, act, subject) {
        Ok(Permit { act, by: actor.id(), subject: PhantomData })
    } else if matches!(actor, Actor::Visitor) && !is_look(act) {
        Err(Refusal::Unauthenticated)
    } else {
        Err(Refusal::NotFound)
    }
}

/// The same question where only the answer is wanted: for lists, buttons and `viewerCan`.
pub fn may<S: Subject>(actor: &Actor, act: Act, subject: &S) -> bool {
    let mut standing = Standing { asker: None, ties: subject.always() };
    match actor {
        Actor::Clockwork => return matches!(act, Act::KeepTime | Act::Seal),
        Actor::Operator => return matches!(act, Act::AddPerson | Act::StartEpoch | Act::RotateLogKey),
        Actor::Visitor => {}
        Actor::Person(asker) => {
            standing.ties.extend(subject.ties(asker));
            standing.asker = Some(asker);
        }
    }
    standing.may(act)
}

/// Whether the rules let somebody ride in a race, and why, as far as the policy knows.
pub fn eligible(actor: &Actor, race: &RaceFacts) -> Eligible {
    let mut standing = Standing { asker: None, ties: race.always() };
    if let Actor::Person(asker) = actor {
        standing.ties.extend(race.ties(asker));
        standing.asker = Some(asker);
    }
    standing.why(&race.door.who)
}

/// True for the auditor, who reads what stands behind every record.
pub fn reads_everything(actor: &Actor) -> bool {
    actor.person().is_some_and(|asker| asker.roles.contains(&Role::Auditor))
}

/// Looking at what is not there answers "not found" even to visitors; doing asks them to sign in.
fn is_look(act: Act) -> bool {
    matches!(
        act,
        Act::SeeTask
            | Act::SeeSubmission
            | Act::SeeAnswerKey
            | Act::SeeStageWork
            | Act::SeeUnit
            | Act::SeeProgramme
            | Act::SeeWallet
    )
}

struct Standing<'a> {
    asker: Option<&'a Asker>,
    ties: Vec<Tie>,
}

impl Standing<'_> {
    fn tied(&self, tie: Tie) -> bool {
        self.ties.contains(&tie)
    }

    fn is(&self, role: Role) -> bool {
        self.asker.is_some_and(|asker| asker.roles.contains(&role))
    }

    fn signed_in(&self) -> bool {
        self.asker.is_some()
    }

    fn inside(&self) -> bool {
        self.asker.is_some_and(|asker| asker.kind == PersonKind::Member)
    }

    fn sees_race(&self) -> bool {
        let outsider_may = self.tied(Tie::OpenRace) || self.tied(Tie::Named) || self.tied(Tie::Rider);
        self.tied(Tie::Poster) || (self.tied(Tie::Published) && (self.inside() || outsider_may))
    }

    fn sees_work(&self) -> bool {
        let judging = self.tied(Tie::Judge) || self.tied(Tie::Poster) || self.tied(Tie::ProgrammeOwner);
        let judging = judging || self.is(Role::Auditor) || self.may_vote();
        self.tied(Tie::Crew) || (self.tied(Tie::Stopped) && judging)
    }

    fn may_ride(&self) -> bool {
        let eligible = self.inside() || (self.signed_in() && self.tied(Tie::OpenRace));
        let barred =
            self.tied(Tie::Poster) || self.tied(Tie::Named) || self.is(Role::Auditor) || self.is(Role::Admin);
        eligible && self.tied(Tie::Welcome) && self.tied(Tie::Published) && !barred
    }

    /// The first thing that decides whether somebody can ride, for them to read.
    fn why(&self, who: &Who) -> Eligible {
        match who {
            _ if !self.signed_in() => Eligible::SignIn,
            _ if self.tied(Tie::Poster) => Eligible::Poster,
            _ if self.tied(Tie::Named) => Eligible::Judge,
            _ if self.is(Role::Auditor) || self.is(Role::Admin) => Eligible::Keeper,
            _ if !self.inside() && !self.tied(Tie::OpenRace) => Eligible::NotMember,
            Who::Anybody => Eligible::Anybody,
            Who::Members if self.tied(Tie::Welcome) => Eligible::Member,
            Who::Members => Eligible::NotMember,
            Who::Units(_) if self.tied(Tie::Welcome) => Eligible::OfUnit,
            Who::Units(_) => Eligible::NotOfUnit,
            Who::Invited if self.tied(Tie::Welcome) => Eligible::Invited,
            Who::Invited => Eligible::NotInvited,
        }
    }

    fn may_rule(&self) -> bool {
        // A crew never judges its own race; `Tie::Judge` holds for the poster where the rules say so.
        self.tied(Tie::Published) && self.tied(Tie::Judge) && !self.tied(Tie::Rider)
    }

    fn may_vote(&self) -> bool {
        self.tied(Tie::Published) && self.tied(Tie::Voter) && self.sees_race()
    }

    /// Whether something ties the asker to this entry, so that they don't judge it.
    fn tied_to_entry(&self) -> bool {
        let ties = [Tie::Crew, Tie::Asked, Tie::Captain, Tie::Lead, Tie::UnitMember, Tie::Conflicted];
        ties.into_iter().any(|tie| self.tied(tie))
    }

    /// Who judges for a panel, whatever else they are.
    fn on_panel(&self) -> bool {
        self.tied(Tie::Panel) && self.may_rule()
    }

    fn may_score(&self) -> bool {
        self.on_panel() && !self.tied_to_entry()
    }

    fn may_answer_appeal(&self) -> bool {
        let in_charge = self.tied(Tie::Judge)
            || self.tied(Tie::ProgrammeOwner)
            || (self.tied(Tie::NoProgramme) && self.is(Role::Treasurer));
        in_charge && !self.tied(Tie::Ruler) && !self.tied(Tie::Rider) && self.tied(Tie::Published)
    }

    /// A second appeal goes to somebody who neither ruled nor answered the first.
    fn may_answer_again(&self) -> bool {
        let in_charge = self.tied(Tie::Judge)
            || self.tied(Tie::ProgrammeOwner)
            || self.is(Role::Treasurer)
            || self.is(Role::Auditor);
        let apart = !self.tied(Tie::Ruler) && !self.tied(Tie::Answerer) && !self.tied(Tie::Rider);
        in_charge && apart && self.sees_race() && !self.tied(Tie::Poster)
    }

    fn may(&self, act: Act) -> bool {
        match act {
            Act::SignUp | Act::SignIn | Act::AcceptInvitation | Act::RefreshToken => true,
            Act::SignOut | Act::UpdateProfile | Act::UpdateMailing | Act::SetPreferences => {
                self.tied(Tie::Own)
            }

            Act::EnrolKey | Act::SignIntent => self.tied(Tie::Own),
            Act::RevokeKey => self.tied(Tie::Own) || self.is(Role::Admin),
            Act::SeeKeys => self.tied(Tie::Own) || self.is(Role::Admin) || self.is(Role::Auditor),

            Act::AddPerson | Act::InvitePerson | Act::GrantRole | Act::RevokeRole | Act::SeePeople => {
                self.is(Role::Admin)
            }
            Act::RequestErasure => self.is(Role::Admin),
            Act::ApproveErasure => self.is(Role::Admin) || self.is(Role::Auditor),
            Act::SeeInside | Act::SeeUnit | Act::SeeProgramme | Act::SeeJournal => self.inside(),

            Act::CreateUnit => self.inside(),
            Act::AddUnitMember | Act::RemoveUnitMember | Act::HandOverUnit => {
                self.tied(Tie::Lead) || self.is(Role::Admin)
            }

            Act::IssueTokens | Act::AllocateTokens | Act::CreateProgramme => self.is(Role::Treasurer),
            Act::GrantProgramme | Act::RevokeProgramme => self.is(Role::Treasurer),
            Act::SeeTreasury => self.is(Role::Treasurer) || self.is(Role::Auditor),
            Act::SeeInsight => self.is(Role::Manager) || self.is(Role::Treasurer) || self.is(Role::Auditor),
            Act::DrawOnProgramme => self.is(Role::Manager) && self.tied(Tie::ProgrammeManager),
            Act::SeeWallet => {
                let keeper = self.is(Role::Treasurer) || self.is(Role::Auditor);
                self.tied(Tie::Own) || self.tied(Tie::Lead) || self.tied(Tie::UnitMember) || keeper
            }
            Act::TransferTokens | Act::SplitTokens => self.tied(Tie::Own) || self.tied(Tie::Lead),

            Act::SeeTiles => self.tied(Tie::PublicLog) || self.signed_in(),
            Act::SeeEntryBundles => self.tied(Tie::PublicLog) || self.inside() || self.is(Role::Auditor),

            Act::SeeTask => self.sees_race(),
            Act::CreateTask | Act::SaveTemplate => self.inside(),
            Act::DeleteTemplate => {
                self.tied(Tie::Own) || (self.tied(Tie::WholeHouse) && self.is(Role::Admin))
            }
            Act::UpdateTask | Act::DeleteDraft | Act::PublishTask | Act::ExtendDeadline | Act::CancelTask => {
                self.tied(Tie::Poster)
            }
            Act::BoostTask => self.signed_in() && self.tied(Tie::Published) && self.sees_race(),

            // The poster has the answers.
            Act::AskQuestion => {
                self.signed_in() && self.tied(Tie::Published) && self.sees_race() && !self.tied(Tie::Poster)
            }
            Act::AnswerQuestion | Act::ClarifyTask => self.tied(Tie::Published) && self.tied(Tie::Poster),

            Act::ProposeAmendment | Act::WithdrawAmendment => {
                self.tied(Tie::Published) && self.tied(Tie::Poster)
            }
            // The captain speaks for the crew.
            Act::AnswerAmendment => self.tied(Tie::Captain),

            Act::InviteToRace | Act::UninviteFromRace => self.tied(Tie::Poster),
            Act::EnterRace | Act::AcceptTerms | Act::AcceptAmendment => self.may_ride(),
            Act::AgreeToCrew => self.tied(Tie::Asked) && self.may_ride(),
            Act::DeclineCrew => self.tied(Tie::Asked),
            Act::ReviseCrew | Act::MergeEntries | Act::HandOverEntry | Act::WithdrawEntry => {
                self.tied(Tie::Captain)
            }
            Act::DisqualifyEntry => {
                let in_charge = self.tied(Tie::Poster) || self.tied(Tie::Judge);
                self.tied(Tie::Published) && in_charge && !self.tied(Tie::Rider)
            }
            Act::LeaveCrew | Act::CheckInEntry | Act::SubmitWork | Act::ChooseVersions => {
                self.tied(Tie::Crew)
            }
            Act::SeeSubmission => self.sees_work(),

            Act::ReturnUnread | Act::TakeBackReturn => self.may_rule(),
            Act::SeeSameWork => {
                let judging = self.tied(Tie::Judge) || self.tied(Tie::Poster);
                self.tied(Tie::Stopped) && (judging || self.is(Role::Auditor)) && !self.tied(Tie::Rider)
            }

            Act::CastBallot => self.may_vote(),
            Act::RecordEvents => {
                let counts = self.tied(Tie::Judge) || self.tied(Tie::Poster);
                self.tied(Tie::Published) && counts && !self.tied(Tie::Rider)
            }
            Act::UploadAnswerKey => self.tied(Tie::Poster),
            Act::SeeAnswerKey => {
                let judge = self.tied(Tie::Stopped) && self.tied(Tie::Judge);
                let trusted = self.tied(Tie::Poster) || self.is(Role::Auditor) || judge;
                trusted && !self.tied(Tie::Rider)
            }
            // What a panel's sheets come to is nobody's to say.
            Act::RuleRace => self.may_rule() && !self.tied(Tie::Panel),
            // A stage's cut is any one judge's, of a panel too: its sheets are for the final.
            Act::RuleStage => self.may_rule(),
            Act::AskFeedback | Act::SeeFeedback => self.tied(Tie::Crew),
            Act::GiveFeedback => {
                let judging = self.tied(Tie::Judge) || self.tied(Tie::Poster);
                let apart = !self.tied(Tie::Rider) && !self.tied_to_entry();
                judging && apart && self.tied(Tie::Published) && self.tied(Tie::Opened)
            }
            Act::SaveScores => self.may_score(),
            Act::DeclareConflict | Act::LockSheet => self.on_panel(),
            Act::NameJudge => {
                let in_charge = self.tied(Tie::Poster) || self.tied(Tie::ProgrammeOwner);
                let apart = !self.tied(Tie::Judge) && !self.tied(Tie::Rider);
                self.tied(Tie::Panel) && self.tied(Tie::Published) && in_charge && apart
            }
            Act::SeeSheet => {
                let judge = self.tied(Tie::Judge) && self.tied(Tie::Locked);
                self.tied(Tie::Own) || (self.sees_race() && (self.tied(Tie::Ruled) || judge))
            }
            Act::AppealRuling | Act::AppealAgain => self.tied(Tie::Crew),
            Act::AnswerAgain => self.may_answer_again(),
            // What was handed in before a stage ended is open to whoever judges it; the rest stays sealed.
            Act::SeeStageWork => self.tied(Tie::StageEnded) && self.may_rule(),
            Act::AnswerAppeal => self.may_answer_appeal(),

            // Who may read the work, for the organisation's tokens or one's own; never one's own race.
            Act::OfferForPart => {
                let buys = self.inside() && !self.tied(Tie::Rider) && !self.tied(Tie::Crew);
                buys && self.tied(Tie::Stopped) && self.sees_work() && !self.is(Role::Auditor)
            }
            Act::StateValue => self.tied(Tie::Poster),
            Act::SeeValue => {
                let leads = self.is(Role::Manager) || self.is(Role::Auditor);
                self.tied(Tie::Poster) || (leads && self.sees_race())
            }
            Act::DeclareEffort => {
                let decides = self.tied(Tie::Poster) || self.tied(Tie::Named);
                self.tied(Tie::Published) && (self.tied(Tie::Rider) || decides)
            }
            Act::WithdrawOffer => self.tied(Tie::Own),
            Act::AcceptOffer | Act::DeclineOffer => self.tied(Tie::Captain),

            Act::SeeWebhooks
            | Act::AddWebhook
            | Act::RotateWebhook
            | Act::DisableWebhook
            | Act::RedeliverWebhook => {
                let whole = self.tied(Tie::WholeHouse) && self.is(Role::Admin);
                whole || self.tied(Tie::Lead) || self.tied(Tie::ProgrammeOwner)
            }

            // Which key a log is believed by is for who keeps the keys; what is anchored is proved anyway.
            Act::FollowLog => self.is(Role::Admin),
            Act::AnchorCheckpoint => self.is(Role::Admin) || self.is(Role::Treasurer),

            Act::KeepTime | Act::Seal | Act::StartEpoch | Act::RotateLogKey => false,
        }
    }
}
