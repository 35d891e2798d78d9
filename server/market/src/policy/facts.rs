//! What acts are done to, apart from races, and how a person is tied to each.
//!
//! Promises: a thing tells ties and nothing else. Must never: name a role; that is for the policy.

use super::{Subject, Tie};
use crate::actor::{Asker, PersonKind};
use crate::ids::{PersonId, ProgrammeId, UnitId};
use crate::race::Who;

/// The installation as a whole.
#[derive(Debug, Clone, Copy)]
pub struct House;

impl Subject for House {
    fn ties(&self, _: &Asker) -> Vec<Tie> {
        Vec::new()
    }
}

/// How open the log's tiles are, as the operator decided. The newest checkpoint is always public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogAccess {
    /// Hash tiles for whoever is signed in, records for members and auditors.
    #[default]
    Guarded,
    /// Everything for everybody.
    Public,
}

impl std::str::FromStr for LogAccess {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "guarded" => Ok(Self::Guarded),
            "public" => Ok(Self::Public),
            _ => Err("write guarded or public"),
        }
    }
}

impl Subject for LogAccess {
    fn always(&self) -> Vec<Tie> {
        if *self == Self::Public { vec![Tie::PublicLog] } else { Vec::new() }
    }

    fn ties(&self, _: &Asker) -> Vec<Tie> {
        Vec::new()
    }
}

/// Something that belongs to one person: a profile, a session.
#[derive(Debug, Clone, Copy)]
pub struct Belonging(pub PersonId);

impl Subject for Belonging {
    fn ties(&self, who: &Asker) -> Vec<Tie> {
        if who.id == self.0 { vec![Tie::Own] } else { Vec::new() }
    }
}

/// A template.
#[derive(Debug, Clone, Copy)]
pub struct TemplateFacts {
    /// Who saved it.
    pub by: PersonId,
    /// Whether it is for all.
    pub shared: bool,
}

impl Subject for TemplateFacts {
    fn always(&self) -> Vec<Tie> {
        if self.shared { vec![Tie::WholeHouse] } else { Vec::new() }
    }

    fn ties(&self, who: &Asker) -> Vec<Tie> {
        if who.id == self.by { vec![Tie::Own] } else { Vec::new() }
    }
}

/// A unit.
#[derive(Debug, Clone)]
pub struct UnitFacts {
    /// The unit.
    pub id: UnitId,
}

impl Subject for UnitFacts {
    fn ties(&self, who: &Asker) -> Vec<Tie> {
        unit_ties(self.id, who)
    }
}

/// A programme.
#[derive(Debug, Clone)]
pub struct ProgrammeFacts {
    /// The programme.
    pub id: ProgrammeId,
    /// Who answers for it.
    pub owner: PersonId,
}

impl Subject for ProgrammeFacts {
    fn ties(&self, who: &Asker) -> Vec<Tie> {
        let mut ties = Vec::new();
        if who.id == self.owner {
            ties.push(Tie::ProgrammeOwner);
        }
        if who.programmes.contains(&self.id) {
            ties.push(Tie::ProgrammeManager);
        }
        ties
    }
}

/// Whose events an address is told of.
#[derive(Debug, Clone, Copy)]
pub enum WebhookFacts {
    /// All of the installation.
    House,
    /// A unit's.
    Unit(UnitId),
    /// A programme's.
    Programme {
        /// The programme.
        id: ProgrammeId,
        /// Who answers for it.
        owner: PersonId,
    },
}

impl Subject for WebhookFacts {
    fn always(&self) -> Vec<Tie> {
        if matches!(self, Self::House) { vec![Tie::WholeHouse] } else { Vec::new() }
    }

    fn ties(&self, who: &Asker) -> Vec<Tie> {
        match self {
            Self::House => Vec::new(),
            Self::Unit(id) => unit_ties(*id, who),
            Self::Programme { id, owner } => ProgrammeFacts { id: *id, owner: *owner }.ties(who),
        }
    }
}

/// Whose wallet it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum WalletOwner {
    /// A person's.
    Person(PersonId),
    /// A unit's.
    Unit(UnitId),
}

impl Subject for WalletOwner {
    fn ties(&self, who: &Asker) -> Vec<Tie> {
        match self {
            Self::Person(id) if *id == who.id => vec![Tie::Own],
            Self::Person(_) => Vec::new(),
            Self::Unit(id) => unit_ties(*id, who),
        }
    }
}

fn unit_ties(id: UnitId, who: &Asker) -> Vec<Tie> {
    let mut ties = Vec::new();
    if who.leads.contains(&id) {
        ties.push(Tie::Lead);
    }
    if who.units.contains(&id) {
        ties.push(Tie::UnitMember);
    }
    ties
}

/// Who is let into a race.
#[derive(Debug, Clone, Default)]
pub struct Door {
    /// What the rules say.
    pub who: Who,
    /// Who was invited, where that decides.
    pub people: Vec<PersonId>,
    /// Whose members were invited, where that decides.
    pub units: Vec<UnitId>,
}

impl Door {
    /// Whether the rules let this person in.
    pub(super) fn lets_in(&self, who: &Asker) -> bool {
        match &self.who {
            Who::Anybody => true,
            Who::Members => who.kind == PersonKind::Member,
            Who::Units(units) => units.iter().any(|unit| who.units.contains(unit)),
            Who::Invited => {
                self.people.contains(&who.id) || self.units.iter().any(|unit| who.units.contains(unit))
            }
        }
    }
}
