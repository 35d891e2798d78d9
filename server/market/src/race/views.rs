//! What front ends are told of an entry.

use ledger::Amount;

use super::{ChangeView, CrewAnswer, EntryState};
use crate::clock::Moment;
use crate::ids::{EntryId, PersonId, TaskId, UnitId};
use crate::submission::ReturnView;
use crate::task::Score;

/// One of a crew, as shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrewView {
    /// Who.
    pub person: PersonId,
    /// Basis points of the entry's award.
    pub share: u32,
    /// What they said.
    pub answer: CrewAnswer,
}

/// One of an entry's units, as shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitPart {
    /// Which.
    pub unit: UnitId,
    /// Basis points of the entry's award that its own wallet takes.
    pub share: u32,
    /// What its lead said.
    pub answer: CrewAnswer,
}

/// An entry as the asker may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryView {
    /// Its id.
    pub id: EntryId,
    /// The task whose race it runs in.
    pub task: TaskId,
    /// Its lane, from 1.
    pub lane: u32,
    /// Its name; its lane where names are hidden from the asker.
    pub name: String,
    /// Whether it is hidden from the asker who rides in it: then nobody is named.
    pub hidden: bool,
    /// Who speaks for it.
    pub captain: Option<PersonId>,
    /// The units that entered, in the order in which they are paid; the first is the captain's.
    pub units: Vec<UnitPart>,
    /// Where it stands.
    pub state: EntryState,
    /// The stage at which it was closed, if it was.
    pub cut_stage: Option<u32>,
    /// Its crew in order.
    pub crew: Vec<CrewView>,
    /// The change of the crew that is proposed, for those whom it concerns.
    pub change: Option<ChangeView>,
    /// Why it was disqualified.
    pub out_reason: Option<String>,
    /// The entry that it rides on in, once merged.
    pub merged_into: Option<EntryId>,
    /// When it was entered.
    pub entered_at: Moment,
    /// How many versions it has handed in.
    pub submissions: u32,
    /// When the last one came.
    pub last_submitted_at: Option<Moment>,
    /// Its place in the newest ruling, dead heats sharing one.
    pub place: Option<u32>,
    /// Its score in the newest ruling.
    pub score: Option<Score>,
    /// What the newest ruling gives it.
    pub award: Option<Amount>,
    /// The judge's reason.
    pub reason: Option<String>,
    /// Why it was returned unread, if it was.
    pub returned: Option<ReturnView>,
    /// Whether the asker belongs to its crew and agreed.
    pub mine: bool,
    /// Whether the asker is its captain.
    pub captained: bool,
    /// Whether the asker has yet to agree or decline: to a share of their own or of a unit that they lead,
    /// in the crew as it forms or in the change proposed.
    pub asked: bool,
    /// The name of what they are asked to agree to, to be sent back with their answer; `None` when they are asked nothing.
    pub proposal: Option<String>,
    /// Whether the asker may disqualify it now.
    pub may_disqualify: bool,
    /// When something is due that its crew must not miss: by then it says that it is still at it. For its own.
    pub check_in_due: Option<Moment>,
    /// Whether its crew can still change.
    pub unfrozen: bool,
}

impl EntryView {
    /// The shares of an award in the order in which it is split: the units' first, then the crew's.
    pub fn shares(&self) -> Vec<u32> {
        let units = self.units.iter().map(|part| part.share);
        units.chain(self.crew.iter().map(|mate| mate.share)).collect()
    }
}
