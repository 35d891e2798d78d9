//! What a story is made of: a task, and what happens to it, when and by whom.
//!
//! Promises: data only, so that a story reads like one. Must never: do anything.

use market::board::MetricKind;
use market::task::Visibility;

/// An instant of the world: minutes since it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub(crate) i64);

/// A day of the world, from 0, and the time of day at UTC+8, where most of the cast lives.
pub(crate) const fn on(day: i64, hour: i64, minute: i64) -> Time {
    Time(day * 1_440 + (hour - 8) * 60 + minute)
}

/// Where tokens come from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purse {
    /// A programme.
    Programme(&'static str),
    /// The asker's own wallet.
    Own,
    /// The wallet of a unit that the asker leads.
    Unit(&'static str),
}

/// How the bounty becomes prizes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Plan {
    /// All to the first.
    Winner,
    /// Basis points, best place first.
    Shares(&'static [u32]),
    /// Amounts, best place first.
    Amounts(&'static [&'static str]),
    /// So much for each of the first so many that meet the mark.
    Threshold(u32, &'static str),
    /// By points above the mark, with a cap in basis points.
    ByScore(Option<u32>),
    /// So much for each event, and a reserve that each event of another kind releases a part of.
    Metered { per_event: &'static str, reserve: &'static str, released: &'static str, label: &'static str },
}

/// A task and what happens to it.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) key: &'static str,
    pub(crate) poster: &'static str,
    pub(crate) title: &'static str,
    pub(crate) brief: &'static str,
    pub(crate) criteria: &'static str,
    pub(crate) visibility: Visibility,
    pub(crate) purse: Purse,
    pub(crate) bounty: &'static str,
    pub(crate) closes: Time,
    pub(crate) plan: Plan,
    /// The start prize and what is set aside for it.
    pub(crate) start: Option<(&'static str, &'static str)>,
    pub(crate) mark: Option<&'static str>,
    /// None: the poster rules.
    pub(crate) judges: &'static [&'static str],
    pub(crate) max_lanes: Option<u32>,
    pub(crate) appeal_days: u32,
    pub(crate) scenes: Vec<(Time, Scene)>,
}

/// Something that somebody does. An entry goes by its captain.
#[derive(Debug)]
pub(crate) enum Scene {
    /// The poster writes the draft.
    Draft,
    /// The poster says what the result is worth, for all to see.
    Worth { amount: &'static str },
    /// Somebody tells how many hours they spent, riding or judging.
    Spend { by: &'static str, hours: u32 },
    /// The poster lets the server measure, and uploads the answer key.
    Measure { metric: MetricKind, key: &'static str },
    /// The poster writes the draft of a race in stages, with deputies for when the judges stay silent.
    DraftInStages { legs: &'static [Leg], deputies: &'static [&'static str] },
    /// The poster lets members vote, by voice credits if so many are given, for so many days.
    LetVote { credits: Option<u32>, days: u32 },
    /// Somebody votes: captains and votes.
    Cast { by: &'static str, votes: &'static [(&'static str, u32)] },
    /// Events are counted, for an entry or for the pot.
    Count { by: &'static str, captain: Option<&'static str>, count: u32, evidence: &'static str },
    /// The poster writes the draft of a race that the judges score as a blind panel.
    DraftForPanel { rubric: &'static [Criterion], quorum: u32 },
    /// A crew opens its newest version to the judges.
    AskFeedback { captain: &'static str },
    /// A judge writes to a crew about the version that it opened.
    GiveFeedback { by: &'static str, captain: &'static str, body: &'static str },
    /// A judge scores a captain's lane on their own sheet.
    Score { by: &'static str, captain: &'static str, scores: &'static [&'static str], comment: &'static str },
    /// A judge locks their sheet.
    Lock { by: &'static str },
    /// A judge stands aside from a captain's lane.
    StandAside { by: &'static str, captain: &'static str, reason: &'static str },
    /// The poster opens the race.
    Publish,
    /// The poster moves the deadline.
    Extend(Time),
    /// The poster proposes to amend the rules: prizes in basis points, another deadline, and why.
    Amend { shares: &'static [u32], closes: Option<Time>, reason: &'static str },
    /// A captain answers the amendment that is open.
    AnswerAmendment { captain: &'static str, leaves: bool },
    /// The poster calls it off.
    Cancel(&'static str),
    /// Somebody adds to the bounty.
    Boost { by: &'static str, from: Purse, amount: &'static str },
    /// A captain takes a lane. An empty crew is the captain alone.
    Enter {
        captain: &'static str,
        name: &'static str,
        units: &'static [(&'static str, u32)],
        crew: &'static [(&'static str, u32)],
    },
    /// Somebody agrees to ride.
    Agree { who: &'static str, captain: &'static str },
    /// A captain leaves.
    Withdraw { captain: &'static str },
    /// A version is handed in.
    Submit {
        by: &'static str,
        captain: &'static str,
        body: &'static str,
        links: &'static [&'static str],
        files: &'static [Attachment],
    },
    /// The scores of a stage: captain, score, reason.
    RuleStage { by: &'static str, stage: u32, lines: &'static [(&'static str, &'static str, &'static str)] },
    /// A ruling: captain, place, score, reason.
    Rule { by: &'static str, summary: &'static str, lines: &'static [Line] },
    /// A captain objects.
    Appeal { captain: &'static str, grounds: &'static str },
    /// Somebody answers the captain's appeal.
    Answer { by: &'static str, captain: &'static str, uphold: bool, answer: &'static str },
    /// Somebody offers a price for a part of a captain's entry.
    Offer { by: &'static str, captain: &'static str, terms: OfferTerms },
    /// A captain accepts or declines the offer that waits.
    AnswerOffer { captain: &'static str, accept: bool },
    /// Tokens change hands beside the races.
    Transfer { by: &'static str, from: Purse, to: Holder, amount: &'static str, memo: &'static str },
}

/// What is offered for a part of an entry, for so many days.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfferTerms {
    pub(crate) from: Purse,
    pub(crate) price: &'static str,
    pub(crate) days: i64,
    pub(crate) part: &'static str,
    pub(crate) purpose: &'static str,
}

/// A stage of a race.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leg {
    pub(crate) name: &'static str,
    pub(crate) ends: Time,
    /// So many go on.
    pub(crate) keep: u32,
    /// The least score that counts.
    pub(crate) mark: &'static str,
    /// What is set aside for it.
    pub(crate) pot: &'static str,
    /// Basis points of that, best place first.
    pub(crate) shares: &'static [u32],
}

/// Who gets tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Holder {
    /// A person.
    Person(&'static str),
    /// A unit.
    Unit(&'static str),
}

/// A file handed in: name, media type, content.
pub(crate) type Attachment = (&'static str, &'static str, &'static str);
/// A line of a rubric: name, what it means, weight.
pub(crate) type Criterion = (&'static str, &'static str, u32);
/// A line of a ruling: captain, place, score, reason.
pub(crate) type Line = (&'static str, Option<u32>, Option<&'static str>, &'static str);

/// One scene of one story.
pub(crate) struct Step {
    pub(crate) at: Time,
    pub(crate) story: std::rc::Rc<Story>,
    pub(crate) scene: usize,
}

/// All scenes of all stories, as time has them.
pub(crate) fn in_order(stories: Vec<Story>) -> Vec<Step> {
    let mut steps: Vec<Step> = stories
        .into_iter()
        .map(std::rc::Rc::new)
        .flat_map(|story| {
            let times: Vec<Time> = story.scenes.iter().map(|(at, _)| *at).collect();
            times.into_iter().enumerate().map(move |(scene, at)| Step { at, story: story.clone(), scene })
        })
        .collect();
    steps.sort_by_key(|step| step.at);
    steps
}
