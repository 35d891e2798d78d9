//! Programmes: budgets with a purpose, which managers draw bounties from.
//!
//! Promises: only a treasurer makes one and says who may draw on it; its balance is an account in the
//! books. Must never: let someone draw who has no role for it.

mod commands;
mod queries;
mod rules;
pub(crate) mod tables;

use ledger::Amount;
use serde::Serialize;

pub(crate) use queries::{owner_of, owners_of, views};

use crate::clock::Moment;
use crate::ids::{PersonId, ProgrammeId};

/// A new programme, without a budget yet. For treasurers.
#[derive(Debug, Clone, Serialize)]
pub struct CreateProgramme {
    /// Its name in addresses: 2 to 32 small letters, digits or hyphens.
    pub slug: String,
    /// Its name as shown, at most 80 characters.
    pub name: String,
    /// What the budget is for, at most 1,000 characters.
    pub purpose: String,
    /// The member who answers for it; the asker if nobody is named.
    pub owner: Option<PersonId>,
}

/// Lets a manager draw on the programme. For treasurers; granting twice is granting once.
#[derive(Debug, Clone, Serialize)]
pub struct GrantProgramme {
    /// The programme.
    pub programme: ProgrammeId,
    /// Someone with the role of manager.
    pub manager: PersonId,
}

/// Ends that leave. For treasurers; bounties that were drawn stay where they are.
#[derive(Debug, Clone, Serialize)]
pub struct RevokeProgramme {
    /// The programme.
    pub programme: ProgrammeId,
    /// Who may not draw on it any more.
    pub manager: PersonId,
}

/// A programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgrammeView {
    /// Its id.
    pub id: ProgrammeId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name as shown.
    pub name: String,
    /// What the budget is for.
    pub purpose: String,
    /// Who answers for it.
    pub owner: PersonId,
    /// Who may draw on it, longest first.
    pub managers: Vec<PersonId>,
    /// What is left of the budget.
    pub balance: Amount,
    /// What was drawn for bounties and did not come back.
    pub spent: Amount,
    /// When it was made.
    pub created_at: Moment,
}
