//! Units: small standing teams with a lead and a wallet of their own.
//!
//! Promises: a unit always has one lead, who is one of its members; only members of the organisation
//! belong to it. Must never: move tokens; the books keep its wallet.

mod commands;
mod queries;
mod rules;
pub(crate) mod tables;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{PersonId, UnitId};
use crate::person::PersonView;

pub use commands::{AddUnitMember, CreateUnit, HandOverUnit, RemoveUnitMember};
pub(crate) use queries::{members_in, name_of, views};

/// A unit, as members of the organisation see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitView {
    /// Its id.
    pub id: UnitId,
    /// Its public handle.
    pub slug: String,
    /// Its name as shown.
    pub name: String,
    /// What it is for; may be empty.
    pub purpose: String,
    /// Who leads it.
    pub lead: PersonId,
    /// Who belongs to it, the lead included, by handle.
    pub members: Vec<PersonView>,
    /// When it was made.
    pub created_at: Moment,
}
