//! Refusals as data.
//!
//! Promises: whatever Saima refuses, it refuses with one [`Refusal`]; what a person can mend names
//! the field, a stable code and the numbers that matter. Must never: tell whether a thing exists to
//! someone who may not see it; carry a secret or a database text to the asker.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The result of every command and query.
pub type Result<T, E = Refusal> = std::result::Result<T, E>;

/// Why something was not done. The order is the order of precedence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The asker must sign in first (or the sign-in has ended).
    Unauthenticated,
    /// The thing does not exist, or the asker may not know or do it: one answer for all.
    NotFound,
    /// The idempotency key was used before with another input.
    KeyReused,
    /// Too many attempts; try again after so many seconds.
    TooMany {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// What the asker can mend, at least one problem.
    Invalid(Vec<Problem>),
    /// Our fault. The text is for the log only.
    Fault(String),
}

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The input field it belongs to in snake case (`closes_at`, `crew.0.share`), or empty for the whole.
    pub field: String,
    /// What is wrong.
    pub code: Code,
}

impl Refusal {
    /// A refusal with one problem on `field`.
    pub fn on(field: impl Into<String>, code: Code) -> Self {
        Self::Invalid(vec![Problem { field: field.into(), code }])
    }

    /// A refusal of the whole with one problem.
    pub fn because(code: Code) -> Self {
        Self::on("", code)
    }

    /// A fault of ours: logged at the edge, never shown.
    pub fn fault(why: impl fmt::Display) -> Self {
        Self::Fault(why.to_string())
    }

    /// True when the same command can never succeed later, so that the refusal itself is kept as the
    /// outcome of its idempotency key.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Invalid(problems) => problems.iter().any(|problem| problem.code.is_final()),
            _ => false,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthenticated => f.write_str("Sign in first."),
            Self::NotFound => f.write_str("There is no such thing, or it is not open to you."),
            Self::KeyReused => f.write_str(
                "This idempotency key was used before with another input: make a new key for a new command.",
            ),
            Self::TooMany { retry_after } => {
                write!(f, "Too many attempts: try again in {retry_after} seconds.")
            }
            Self::Invalid(problems) => {
                for (index, problem) in problems.iter().enumerate() {
                    if index > 0 {
                        f.write_str(" ")?;
                    }
                    write!(f, "{}", problem.code)?;
                }
                Ok(())
            }
            Self::Fault(_) => f.write_str("Something went wrong on our side; nothing was changed."),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<sea_orm::DbErr> for Refusal {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Fault(error.to_string())
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self::Fault(error.to_string())
    }
}

/// Collects problems so that a form hears of all of them at once.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a problem on `field`.
    pub fn add(&mut self, field: impl Into<String>, code: Code) {
        self.0.push(Problem { field: field.into(), code });
    }

    /// Notes a problem when `wrong`.
    pub fn check(&mut self, wrong: bool, field: impl Into<String>, code: Code) {
        if wrong {
            self.add(field, code);
        }
    }

    /// Keeps the value of `result`, or its problem on `field`.
    pub fn keep<T>(&mut self, field: impl Into<String>, result: Result<T, Code>) -> Option<T> {
        result.map_err(|code| self.add(field, code)).ok()
    }

    /// Refuses if anything was noted.
    pub fn done(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.0)) }
    }
}

macro_rules! codes {
    ($($(#[$attribute:meta])* $name:ident $({ $($field:ident: $type:ty),* })? = $key:literal, $final:literal, $text:literal;)*) => {
        /// What is wrong, with the numbers that matter. `key` is stable: it names the message in the
        /// catalogues and, in upper case, the code in the API.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Code {
            $(#[doc = $text] $(#[$attribute])* $name $({
                $(#[doc = "A number or text that the message names."] $field: $type),*
            })?,)*
        }

        impl Code {
            /// Every key, for the tests of the catalogues.
            pub const KEYS: &'static [&'static str] = &[$($key),*];

            /// The stable name, in kebab case.
            pub fn key(&self) -> &'static str {
                match self { $(Self::$name $({ $($field: _),* })? => $key,)* }
            }

            /// The values that the message names, by name.
            pub fn values(&self) -> Vec<(&'static str, String)> {
                match self { $(Self::$name $({ $($field),* })? => vec![$($((stringify!($field), $field.to_string())),*)?],)* }
            }

            fn is_final(&self) -> bool {
                match self { $(Self::$name $({ $($field: _),* })? => $final,)* }
            }
        }

        impl fmt::Display for Code {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$name $({ $($field),* })? => write!(f, $text $($(, $field = $field)*)?),)* }
            }
        }
    };
}

codes! {
    // any field
    Required = "required", true, "This is needed.";
    TooLong { max: usize } = "too-long", true, "Use at most {max} characters.";
    TooShort { min: usize } = "too-short", true, "Use at least {min} characters.";
    TooManyItems { max: usize } = "too-many-items", true, "Give at most {max}.";
    OutOfRange { min: String, max: String } = "out-of-range", true, "Choose a value from {min} to {max}.";
    ControlCharacters = "control-characters", true, "Remove control characters from the text.";
    BadId = "bad-id", true, "This is not an id that Saima gave out.";
    BadChoice = "bad-choice", true, "Choose one of the values offered.";
    NoSuchPerson = "no-such-person", false, "Nobody here goes by that handle, or they can't be named here.";
    Twice = "twice", true, "This is named twice.";
    Taken = "taken", false, "This name is taken: choose another.";
    // amounts, times, addresses
    BadAmount { decimals: u8 } = "bad-amount", true, "Write a plain number with at most {decimals} decimals, such as 12 or 0.5, without signs or separators.";
    AmountZero = "amount-zero", true, "The amount must be more than zero.";
    AmountTooLarge = "amount-too-large", true, "The amount is larger than the ledger can hold.";
    BadTime = "bad-time", true, "Write the time as in 2026-12-31T18:00:00Z.";
    TimePast = "time-past", false, "Choose a time that is still to come.";
    TimeTooFar { days: i64 } = "time-too-far", true, "Choose a time within the next {days} days.";
    BadEmail = "bad-email", true, "Write an e-mail address such as name@example.org.";
    BadHandle = "bad-handle", true, "Use 2 to 32 small letters, digits or hyphens, starting with a letter.";
    BadWebhook = "bad-webhook", true, "Write an address that starts with https:// and has no password in it.";
    WebhookDisabled = "webhook-disabled", true, "This address is not told any more: add it anew.";
    BadLink = "bad-link", true, "Write a link that starts with https:// or http://.";
    // people and doors
    WeakPassword { min: usize } = "weak-password", true, "Use a password of at least {min} characters that is not your address or handle.";
    WrongPassword = "wrong-password", false, "The address and the password don't match.";
    InvitationUnusable = "invitation-unusable", true, "This invitation was used, has run out, or was never given: ask for a new one.";
    TokenUnusable = "token-unusable", true, "This refresh token is not valid any more: sign in again.";
    LastAdmin = "last-admin", false, "At least one admin must remain.";
    ErasureAsked = "erasure-asked", false, "This was asked for already: somebody else can approve it.";
    SecondPerson = "second-person", false, "Somebody else must approve this: not who asked, and not whom it is about.";
    NotMember = "not-member", false, "Only members of the organisation can have this.";
    AlreadyMember = "already-member", false, "This person is already a member of the unit.";
    LeadStays = "lead-stays", false, "The lead can't leave the unit: name another lead first.";
    // money
    InsufficientFunds { available: String } = "insufficient-funds", false, "There is not enough: {available} is available.";
    SameWallet = "same-wallet", true, "Choose another wallet than the one it comes from.";
    NoSuchWallet = "no-such-wallet", false, "There is no such wallet.";
    // tasks and rules
    BadShares { sum: u64 } = "bad-shares", true, "The shares must sum to 100 %: they sum to {sum} basis points of 10000.";
    PrizesOverBounty = "prizes-over-bounty", true, "The prizes together are more than the bounty.";
    PrizesOverPot = "prizes-over-pot", true, "The prizes together are more than the start pool leaves of the bounty.";
    StartPoolTooSmall = "start-pool-too-small", true, "Set aside enough for one start prize at least.";
    StartPoolTooLarge = "start-pool-too-large", true, "The start pool must leave some of the bounty for the prizes.";
    MarkNeeded = "mark-needed", true, "This plan pays those who meet a mark: set one.";
    PrizesNotDescending = "prizes-not-descending", true, "A better place must not be paid less than a worse one.";
    TemplatesFull { max: u32 } = "templates-full", false, "You have {max} templates: delete one first.";
    NotDraft = "not-draft", true, "Only a draft can be changed or published.";
    NotOpen = "not-open", true, "The race is not open any more.";
    DeadlinePassed = "deadline-passed", true, "The deadline has passed.";
    DeadlineShortened = "deadline-shortened", false, "A deadline can only be moved to a later time.";
    NotCancellable = "not-cancellable", true, "Somebody has submitted, so the race can't be cancelled any more.";
    NotYetClosed = "not-yet-closed", false, "The race is still running: wait for the deadline.";
    NotJudging = "not-judging", false, "The task is not waiting for a ruling.";
    NotYetOpen = "not-yet-open", false, "The race has not opened yet: wait for its start.";
    StageOver = "stage-over", true, "A stage of this race is over: no more lanes are taken.";
    StagesOutOfOrder = "stages-out-of-order", true, "Each stage, with the time for its scores, must end before the next one and before the deadline.";
    StagePotsTooLarge = "stage-pots-too-large", true, "The stages must leave some of the bounty for the end.";
    DecisionOverdue { task: String } = "decision-overdue", false, "A decision of yours is overdue: rule “{task}” first.";
    DecisionLate = "decision-late", false, "The time for this decision is over: now the clock carries out what the rules say.";
    NotProvisional = "not-provisional", false, "There is no provisional ruling.";
    // amendments
    AmendmentOpen = "amendment-open", false, "An amendment of this race is open: it must be decided or taken back first.";
    AmendmentOver = "amendment-over", true, "This amendment is decided already.";
    AmendmentUnseen = "amendment-unseen", false, "The rules of this race are to be amended: read how, and say that you ride under either.";
    AmendNothing = "amend-nothing", true, "This changes nothing.";
    AmendFixed = "amend-fixed", true, "This can't be changed once the race is open, not even by consent.";
    AmendStartPool = "amend-start-pool", false, "Whoever leaves is paid from the start pool: it must hold enough for all who are asked.";
    AmendTooLate = "amend-too-late", true, "Entrants have a day for their answer at least, and the race or its stage ends before that.";
    AmendRider = "amend-rider", false, "Somebody named here rides in this race.";
    // entries and submissions
    LanesFull { max: u32 } = "lanes-full", false, "All {max} lanes are taken.";
    AlreadyRiding = "already-riding", false, "This person already rides in a crew of this race.";
    MayNotRide = "may-not-ride", false, "This person can't ride in this race.";
    CaptainMissing = "captain-missing", true, "The crew must name yourself.";
    EntryNotForming = "entry-not-forming", false, "The crew is fixed: this can't be changed any more.";
    EntryNotRunning = "entry-not-running", false, "The entry is not running: everybody in the crew must agree first.";
    EntryWithdrawn = "entry-withdrawn", true, "The entry was withdrawn.";
    EntryCut = "entry-cut", true, "The entry was closed at the cut of a stage.";
    WaitingNeedsCap = "waiting-needs-cap", true, "A waiting list needs a cap on lanes: set one.";
    NotInvited = "not-invited", false, "There is no invitation to take back.";
    TermsNotAccepted = "terms-not-accepted", false, "Accept the terms of this race first.";
    EntryMerged = "entry-merged", true, "The entry rides on in another lane.";
    EntryDisqualified = "entry-disqualified", false, "The entry was disqualified.";
    CrewFrozen = "crew-frozen", true, "Crews are fixed by now.";
    CaptainStays = "captain-stays", false, "Hand the captaincy over first, or withdraw the entry.";
    UnitInRace = "unit-in-race", false, "This unit is in another entry of this race.";
    NothingToAgree = "nothing-to-agree", false, "There is nothing here for you to agree to.";
    ProposalChanged = "proposal-changed", false, "What was proposed has changed meanwhile: look at it again.";
    EmptySubmission = "empty-submission", true, "Hand in a text, a link or a file.";
    FileTooLarge { max: usize } = "file-too-large", true, "A file may have at most {max} bytes.";
    FileEmpty = "file-empty", true, "The file is empty.";
    BadFileName = "bad-file-name", true, "Give the file a plain name without slashes, at most 120 characters.";
    BadBase64 = "bad-base64", true, "The content must be standard base64.";
    FileMissing { pattern: String } = "file-missing", true, "Hand in a file named {pattern}.";
    AlreadyReturned = "already-returned", false, "This entry was returned already.";
    NotReturned = "not-returned", true, "This entry was not returned.";
    QuestionAnswered = "question-answered", true, "This question was answered already.";
    QuestionsWait { max: u32 } = "questions-wait", false, "{max} questions of yours wait for an answer: wait for one.";
    QuestionsFull { max: u32 } = "questions-full", false, "There are {max} questions on this task, and no room for more.";
    VersionsFull { max: u32 } = "versions-full", false, "An entry may hand in at most {max} versions.";
    // keys and what they sign
    BadKey = "bad-key", true, "A public key is 32 bytes of Ed25519, written as 64 hexadecimal digits.";
    KeyKnown = "key-known", true, "This key was enrolled before: make a new one.";
    KeyRevoked = "key-revoked", true, "This key was revoked already.";
    KeyUnusable = "key-unusable", true, "This key is not one of yours, or it was revoked.";
    BadIntent = "bad-intent", true, "The signature does not hold over what was signed for this ledger.";
    IntentDiffers = "intent-differs", false, "What was signed is not what is asked for: look at it again and sign it anew.";
    IntentExpired = "intent-expired", true, "What was signed has run out: sign it anew.";
    IntentUsed = "intent-used", true, "What was signed was carried out before.";
    // rulings and appeals
    EntryNotRuled = "entry-not-ruled", true, "Every entry that has submitted needs a line.";
    EntryNotInRace = "entry-not-in-race", true, "This entry has not submitted in this race.";
    ScoreNeeded = "score-needed", true, "The rules decide by scores: give every placed entry a score.";
    ScoresAgainstPlaces = "scores-against-places", true, "A better place must not have a lower score.";
    DeadHeatScores = "dead-heat-scores", true, "Scores decide what is paid here: entries on one place need the same score.";
    BadScore = "bad-score", true, "Give a score from 0 to 100 with at most two decimals.";
    BadPlace = "bad-place", true, "A place is a whole number from 1 on.";
    AppealWindowClosed = "appeal-window-closed", true, "The time for appeals is over.";
    AlreadyAppealed = "already-appealed", false, "Your entry has already appealed against this ruling.";
    AlreadyAnswered = "already-answered", true, "This appeal has been answered.";
    // measured races
    BadGain { decimals: u8 } = "bad-gain", true, "Write the gain as a plain number such as 0.001, with at most {decimals} decimals.";
    MetricWithoutScale = "metric-without-scale", true, "This measure has no fixed scale, so no mark and no plan by scores can be used with it: choose places.";
    NotMeasured = "not-measured", true, "The server does not measure this race.";
    KeyNeeded = "key-needed", false, "Upload the answer key first: after every change of measure, positive class or public part it is needed anew.";
    RuledByClock = "ruled-by-clock", false, "The clock rules this race by its rules; a person only after an upheld appeal.";
    PredictionsNeeded = "predictions-needed", true, "Hand in exactly one file of predictions whose name ends in .csv.";
    QuotaUsed { max: u32 } = "quota-used", false, "{max} versions were measured in the last 24 hours: wait until the first of them is a day old.";
    TableUnreadable { line: u64 } = "table-unreadable", true, "Line {line} is not a row of comma-separated values in UTF-8.";
    TableHead { wanted: String } = "table-head", true, "The first line must name the columns: {wanted}";
    TableFields { line: u64, found: usize, wanted: usize } = "table-fields", true, "Line {line} has {found} fields instead of {wanted}.";
    TableEmpty = "table-empty", true, "The table has no rows.";
    TableTooLong { max: usize } = "table-too-long", true, "The table may have at most {max} rows.";
    TooManyClasses { max: usize } = "too-many-classes", true, "There may be at most {max} classes: for numbers choose a measure of numbers.";
    TableText { line: u64, column: usize } = "table-text", true, "Line {line}, column {column}: write 1 to 100 characters.";
    TableNumber { line: u64, column: usize } = "table-number", true, "Line {line}, column {column}: write a plain number.";
    TableLikelihood { line: u64, column: usize } = "table-likelihood", true, "Line {line}, column {column}: write a number from 0 to 1.";
    TableSum { line: u64 } = "table-sum", true, "Line {line}: the likelihoods of all classes must sum to 1.";
    TableClass { line: u64, column: usize } = "table-class", true, "Line {line}, column {column}: this is none of the classes.";
    TablePart { line: u64, column: usize } = "table-part", true, "Line {line}, column {column}: write public or private.";
    TableTwice { line: u64, id: String } = "table-twice", true, "Line {line}: the id {id} comes twice.";
    TableUnknown { count: usize, first: String } = "table-unknown", true, "{count} ids are not asked for: {first}";
    TableMissing { count: usize, first: String } = "table-missing", true, "{count} ids are missing: {first}";
    KeyClasses { found: usize } = "key-classes", true, "This measure wants two classes (f1 exactly two), and the key has {found}.";
    KeyPositive { class: String } = "key-positive", true, "The positive class {class} does not occur in the key.";
    KeyPart = "key-part", false, "The public and the private part each need rows, and for this measure rows of every class: try again, add rows, or give a split of your own.";
    // votes
    NoSuchUnit = "no-such-unit", false, "There is no such unit.";
    VoteWithoutScores = "vote-without-scores", true, "A vote gives places and no scores: choose a plan by places, and no mark.";
    VoteClosed = "vote-closed", true, "Nobody can vote on this any more.";
    OneVote = "one-vote", true, "You have one vote for one entry.";
    CreditsSpent { cost: u64, credits: u32 } = "credits-spent", true, "These votes cost {cost} of {credits} credits: so many votes cost their square.";
    // events
    ReserveTooSmall = "reserve-too-small", true, "Set aside enough for one event at least.";
    ReserveTooLarge = "reserve-too-large", true, "The reserve must leave some of the bounty for the prizes.";
    NotMetered = "not-metered", true, "The plan does not pay entries by events.";
    NotGrowing = "not-growing", true, "The pot does not grow with events: name the entry.";
    PotSpent { left: u64 } = "pot-spent", false, "The rules pay for {left} more events.";
    BadRubric = "bad-rubric", true, "Write each criterion on a line of its own, as name | weight | what it means.";
    SheetLocked = "sheet-locked", true, "Your sheet is locked: it can't be changed any more.";
    SheetIncomplete { lanes: String } = "sheet-incomplete", false, "These lanes still lack a score or a comment: {lanes}.";
    NothingToScore = "nothing-to-score", false, "There is no lane that you can score.";
    ConflictDeclared = "conflict-declared", false, "You have stood aside from this lane already.";
    JudgeNotNeeded = "judge-not-needed", false, "Every lane has a judge who can score it: nobody else can be named.";
    MayNotJudge = "may-not-judge", false, "This person can't score the lanes that lack a judge.";
    CriterionNeeded = "criterion-needed", true, "Say which criterion is scored again, for every entry.";
    NoFeedback = "no-feedback", false, "The rules of this race have no feedback while it runs.";
    FeedbackAsked = "feedback-asked", false, "This version is open to the judges already.";
    FeedbackFull = "feedback-full", false, "This crew has been written to as often as can be.";
    NotTurnedDown = "not-turned-down", false, "Only an appeal that was turned down can be made again.";
    NobodyToAnswer = "nobody-to-answer", false, "Nobody is left who neither ruled nor answered: the answer stands.";
    // parts of entries
    OfferTooEarly = "offer-too-early", false, "The race is not settled yet: wait until its ruling is final.";
    OfferForWinner = "offer-for-winner", true, "This entry won: the prize has paid for it.";
    OfferForNothing = "offer-for-nothing", false, "This entry has left the race or has handed in nothing.";
    OffersOpen { max: u32 } = "offers-open", false, "{max} offers wait for this crew: wait until one is answered.";
    OffersFull { max: u32 } = "offers-full", false, "There were {max} offers in this race, and there is no room for more.";
    OfferEnded = "offer-ended", true, "This offer is not open any more.";
    // other logs
    BadVerifierKey = "bad-verifier-key", true, "This is not the public key of a log: write it as name+id+key.";
    UnknownLog = "unknown-log", false, "This log is not followed here: an admin names its key first.";
    BadCheckpoint = "bad-checkpoint", true, "This is not a signed checkpoint: paste it whole, with its last line feed.";
    BadHash = "bad-hash", true, "Write each hash as 64 hexadecimal digits, or in base64 with one on each line.";
    BadSignature = "bad-signature", false, "The key that is known of this log has not signed this.";
    BadProof { from: u64 } = "bad-proof", false, "The proof that this log continues the one of {from} records does not hold.";
    AlreadyAnchored { size: u64 } = "already-anchored", false, "A checkpoint of {size} records is anchored already: anchor a newer one.";
}
