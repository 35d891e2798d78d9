//! A race, and who is tied to it.
//!
//! Must never: name a role.

use super::{Door, Subject, Tie};
use crate::actor::{Asker, PersonKind};
use crate::ids::{PersonId, UnitId};
use crate::vote::Voters;

/// A task and its race.
#[derive(Debug, Clone)]
pub struct RaceFacts {
    /// Who is let in.
    pub door: Door,
    /// Whether it has left the draft state.
    pub published: bool,
    /// Whether outsiders may join.
    pub open: bool,
    /// Whether the clock has stopped.
    pub stopped: bool,
    /// Whether a stage has ended.
    pub stage_ended: bool,
    /// Who posted it.
    pub poster: PersonId,
    /// Who may rule now: the poster, the judges that the rules name, or after silence the deputies.
    pub judges: Vec<PersonId>,
    /// Everybody whom the rules name to decide, deputies too.
    pub named: Vec<PersonId>,
    /// Whether a panel judges it.
    pub panel: bool,
    /// Who gave the newest ruling; of a panel, everybody who locked a sheet.
    pub rulers: Vec<PersonId>,
    /// Who answers for the programme behind it.
    pub programme_owner: Option<PersonId>,
    /// Everybody who rides in a crew or was asked to, withdrawn entries left out.
    pub riders: Vec<PersonId>,
    /// Who may vote, where a vote decides.
    pub vote: Option<VoteFacts>,
}

/// Who may vote on a race.
#[derive(Debug, Clone)]
pub struct VoteFacts {
    /// Whom the rules name.
    pub voters: Voters,
    /// The units for which somebody rides: their people are rivals.
    pub riding_units: Vec<UnitId>,
}

impl RaceFacts {
    fn is_voter(&self, who: &Asker) -> bool {
        let Some(vote) = &self.vote else { return false };
        let of =
            |units: &[UnitId]| units.iter().any(|unit| who.units.contains(unit) || who.leads.contains(unit));
        let named = match &vote.voters {
            Voters::Everyone => true,
            Voters::Members => who.kind == PersonKind::Member,
            Voters::Units(units) => of(units),
        };
        named && self.poster != who.id && !self.riders.contains(&who.id) && !of(&vote.riding_units)
    }
}

impl Subject for RaceFacts {
    fn always(&self) -> Vec<Tie> {
        let facts = [
            (self.published, Tie::Published),
            (self.open, Tie::OpenRace),
            (self.stopped, Tie::Stopped),
            (self.stage_ended, Tie::StageEnded),
            (self.panel, Tie::Panel),
            (self.programme_owner.is_none_or(|owner| owner == self.poster), Tie::NoProgramme),
        ];
        facts.into_iter().filter_map(|(holds, tie)| holds.then_some(tie)).collect()
    }

    fn ties(&self, who: &Asker) -> Vec<Tie> {
        let facts = [
            (self.poster == who.id, Tie::Poster),
            (self.judges.contains(&who.id), Tie::Judge),
            (self.named.contains(&who.id), Tie::Named),
            (self.rulers.contains(&who.id), Tie::Ruler),
            (self.programme_owner == Some(who.id), Tie::ProgrammeOwner),
            (self.riders.contains(&who.id), Tie::Rider),
            (self.is_voter(who), Tie::Voter),
            (self.door.lets_in(who), Tie::Welcome),
        ];
        facts.into_iter().filter_map(|(holds, tie)| holds.then_some(tie)).collect()
    }
}
