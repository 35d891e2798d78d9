//! Who asks.
//!
//! Promises: every command and query has an [`Actor`] as its first argument, found out once at the
//! edge. Must never: decide anything; that is `policy.rs`.

use serde::{Deserialize, Serialize};

use crate::ids::{PersonId, ProgrammeId, UnitId};
use crate::person::Preferences;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody has signed in.
    Visitor,
    /// A person who has signed in.
    Person(Asker),
    /// The installation's own clock, which executes rules when people stay silent.
    Clockwork,
    /// Whoever holds the machine and runs the command line on it: can bring in people, and look after the
    /// log's keys and epochs; nothing else.
    Operator,
}

/// A signed-in person, with what the policy needs to know of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// Their id.
    pub id: PersonId,
    /// Their public handle.
    pub handle: String,
    /// Their name as shown.
    pub name: String,
    /// Member of the organisation, or contributor from outside.
    pub kind: PersonKind,
    /// Roles granted to them, sorted.
    pub roles: Vec<Role>,
    /// Units that they lead.
    pub leads: Vec<UnitId>,
    /// Units that they belong to, those they lead included.
    pub units: Vec<UnitId>,
    /// Programmes that they may draw on.
    pub programmes: Vec<ProgrammeId>,
    /// How they want to read Saima; decides nothing.
    pub preferences: Preferences,
}

impl Actor {
    /// The person who asks, if one has signed in.
    pub fn person(&self) -> Option<&Asker> {
        match self {
            Self::Person(asker) => Some(asker),
            _ => None,
        }
    }

    /// The id of the person who asks, if one has signed in.
    pub fn id(&self) -> Option<PersonId> {
        self.person().map(|asker| asker.id)
    }
}

/// Where a person stands towards the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonKind {
    /// Belongs to the organisation.
    Member,
    /// Comes from outside; sees open challenges only.
    Contributor,
}

/// A role granted by an admin. Being poster, judge, lead or crew is a tie to one thing, not a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May be granted programmes to draw bounties from.
    Manager,
    /// Issues tokens, grants budgets.
    Treasurer,
    /// Reads everything, changes nothing.
    Auditor,
    /// People, roles, settings, keys; no tokens.
    Admin,
}

macro_rules! names {
    ($type:ty, $($variant:ident = $name:literal),*) => {
        impl $type {
            /// Every value, in order.
            #[allow(dead_code, reason = "not every set of names is listed somewhere")]
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name used in tables, addresses and the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl ::std::str::FromStr for $type {
            type Err = $crate::error::Refusal;
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                match text {
                    $($name => Ok(Self::$variant),)*
                    _ => Err($crate::error::Refusal::because($crate::error::Code::BadChoice)),
                }
            }
        }
    };
}
pub(crate) use names;

names!(PersonKind, Member = "member", Contributor = "contributor");
names!(Role, Manager = "manager", Treasurer = "treasurer", Auditor = "auditor", Admin = "admin");
