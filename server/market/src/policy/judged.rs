//! What is judged within a race: entries, sheets and appeals, and who is tied to them.
//!
//! Must never: name a role.

use super::{RaceFacts, Subject, Tie};
use crate::actor::Asker;
use crate::ids::{PersonId, UnitId};

/// An entry, within its race.
#[derive(Debug, Clone)]
pub struct EntryFacts {
    /// The race that it runs in.
    pub race: RaceFacts,
    /// Who entered it.
    pub captain: PersonId,
    /// The units that entered.
    pub units: Vec<UnitId>,
    /// Those of the crew who agreed.
    pub crew: Vec<PersonId>,
    /// Those who have not answered yet whether they ride, or agree to a change.
    pub asked: Vec<PersonId>,
    /// The units whose leads have not answered yet.
    pub asked_units: Vec<UnitId>,
    /// Judges who have said that they are tied to it.
    pub conflicted: Vec<PersonId>,
    /// Whether a version of it was opened to the judges.
    pub opened: bool,
}

impl EntryFacts {
    /// Whether this person has yet to answer, for themselves or for a unit that they lead.
    pub fn asks(&self, who: &Asker) -> bool {
        self.asked.contains(&who.id) || self.asked_units.iter().any(|unit| who.leads.contains(unit))
    }
}

impl Subject for EntryFacts {
    fn always(&self) -> Vec<Tie> {
        let mut ties = self.race.always();
        if self.opened {
            ties.push(Tie::Opened);
        }
        ties
    }

    fn ties(&self, who: &Asker) -> Vec<Tie> {
        let mut ties = self.race.ties(who);
        let facts = [
            (self.captain == who.id, Tie::Captain),
            (self.crew.contains(&who.id), Tie::Crew),
            (self.asks(who), Tie::Asked),
            (self.conflicted.contains(&who.id), Tie::Conflicted),
            (self.units.iter().any(|unit| who.leads.contains(unit)), Tie::Lead),
            (self.units.iter().any(|unit| who.units.contains(unit)), Tie::UnitMember),
        ];
        ties.extend(facts.into_iter().filter_map(|(holds, tie)| holds.then_some(tie)));
        ties
    }
}

/// An appeal, within its race.
#[derive(Debug, Clone)]
pub struct AppealFacts {
    /// The race.
    pub race: RaceFacts,
    /// Who answered it the first time.
    pub answered_by: Option<PersonId>,
}

impl Subject for AppealFacts {
    fn always(&self) -> Vec<Tie> {
        self.race.always()
    }

    fn ties(&self, who: &Asker) -> Vec<Tie> {
        let mut ties = self.race.ties(who);
        if self.answered_by == Some(who.id) {
            ties.push(Tie::Answerer);
        }
        ties
    }
}

/// A sheet of a panel, within its race.
#[derive(Debug, Clone)]
pub struct SheetFacts {
    /// The race that it scores.
    pub race: RaceFacts,
    /// Whose it is.
    pub judge: PersonId,
    /// Whether the sheets of its round have come to a ruling.
    pub ruled: bool,
    /// Who has locked a sheet in its round.
    pub locked: Vec<PersonId>,
}

impl Subject for SheetFacts {
    fn always(&self) -> Vec<Tie> {
        let mut ties = self.race.always();
        if self.ruled {
            ties.push(Tie::Ruled);
        }
        ties
    }

    fn ties(&self, who: &Asker) -> Vec<Tie> {
        let mut ties = self.race.ties(who);
        let facts = [(self.judge == who.id, Tie::Own), (self.locked.contains(&who.id), Tie::Locked)];
        ties.extend(facts.into_iter().filter_map(|(holds, tie)| holds.then_some(tie)));
        ties
    }
}
