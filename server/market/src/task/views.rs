//! What front ends are told of a task.

use ledger::{Amount, Hash, RecordId};

use super::{Rules, TaskSource, TaskState, Visibility};
use crate::clock::Moment;
use crate::ids::{PersonId, TaskId};

/// A task as the asker may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskView {
    /// How many events have released parts of the reserve of a growing pot.
    pub grown: u32,
    /// Its id.
    pub id: TaskId,
    /// Its short public handle, as in its address.
    pub handle: String,
    /// One line.
    pub title: String,
    /// What is wanted, Markdown.
    pub brief: String,
    /// What must hold, Markdown.
    pub criteria: String,
    /// Who may see it and join.
    pub visibility: Visibility,
    /// Where it stands now.
    pub state: TaskState,
    /// Who posted it.
    pub poster: PersonId,
    /// Where the first funding came (or shall come) from.
    pub source: TaskSource,
    /// The bounty, boosts included; of a draft the intended one.
    pub bounty: Amount,
    /// What lies in its escrow at this moment.
    pub escrow: Amount,
    /// When the clock stops or stopped.
    pub closes_at: Moment,
    /// When it was written.
    pub created_at: Moment,
    /// When it opened.
    pub published_at: Option<Moment>,
    /// Until when a crew can appeal, once ruled.
    pub appeals_until: Option<Moment>,
    /// When it was settled, cancelled or expired.
    pub ended_at: Option<Moment>,
    /// Who decides now: after silence, the deputies.
    pub judges: Vec<PersonId>,
    /// Until when their ruling is due, while one is and the rules say so.
    pub decision_due: Option<Moment>,
    /// When the decision passed on to the deputies.
    pub passed_at: Option<Moment>,
    /// How many stages have been cut.
    pub stages_done: u32,
    /// The rules.
    pub rules: Rules,
    /// The salted digest of the frozen rules, as committed on the ledger.
    pub rules_digest: Option<Hash>,
    /// The record that holds it.
    pub rules_record: Option<RecordId>,
    /// Entries, withdrawn ones left out.
    pub lanes: u32,
    /// Entries whose whole crew has agreed.
    pub running: u32,
    /// Entries that have handed in something.
    pub submitted: u32,
    /// Who funded it, counted by wallet or budget.
    pub funders: u32,
}

/// One funding of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingView {
    /// The wallet or budget it came from.
    pub source: TaskSource,
    /// Who decided it.
    pub funder: PersonId,
    /// How much.
    pub amount: Amount,
    /// When.
    pub at: Moment,
    /// The record that moved it.
    pub record: RecordId,
}
