//! The names behind the ids on a page, fetched once for all of them.
//!
//! Promises: one question to the market for each kind of thing, however many are on the page; whoever the
//! reader may not know is "somebody". Must never: ask for one thing at a time.

use std::collections::HashMap;

use market::award::Payee;
use market::books::AccountOwner;
use market::person::PersonView;
use market::programme::ProgrammeView;
use market::task::{TaskSource, TaskView};
use market::unit::UnitView;
use market::{Market, PersonId, ProgrammeId, TaskId, UnitId};

use super::kit::Link;
use crate::errors::Failure;
use crate::i18n::key;
use crate::urls;
use crate::visit::Visit;

/// What is to be named.
#[derive(Debug, Default)]
pub struct Wanted {
    persons: Vec<PersonId>,
    units: Vec<UnitId>,
    programmes: Vec<ProgrammeId>,
    tasks: Vec<TaskId>,
}

impl Wanted {
    /// Persons.
    pub fn persons(&mut self, ids: impl IntoIterator<Item = PersonId>) -> &mut Self {
        self.persons.extend(ids);
        self
    }

    /// Units.
    pub fn units(&mut self, ids: impl IntoIterator<Item = UnitId>) -> &mut Self {
        self.units.extend(ids);
        self
    }

    /// Programmes.
    pub fn programmes(&mut self, ids: impl IntoIterator<Item = ProgrammeId>) -> &mut Self {
        self.programmes.extend(ids);
        self
    }

    /// Tasks.
    pub fn tasks(&mut self, ids: impl IntoIterator<Item = TaskId>) -> &mut Self {
        self.tasks.extend(ids);
        self
    }

    /// Where a bounty came from.
    pub fn source(&mut self, source: TaskSource) -> &mut Self {
        match source {
            TaskSource::Programme(id) => self.programmes([id]),
            TaskSource::Person(id) => self.persons([id]),
            TaskSource::Unit(id) => self.units([id]),
        }
    }

    /// Whose an account is.
    pub fn owner(&mut self, owner: AccountOwner) -> &mut Self {
        match owner {
            AccountOwner::Programme(id) => self.programmes([id]),
            AccountOwner::Person(id) => self.persons([id]),
            AccountOwner::Unit(id) => self.units([id]),
            AccountOwner::Task(id) => self.tasks([id]),
        }
    }

    /// Whom a payout went to.
    pub fn payee(&mut self, payee: Payee) -> &mut Self {
        match payee {
            Payee::Programme(id) => self.programmes([id]),
            Payee::Person(id) => self.persons([id]),
            Payee::Unit(id) => self.units([id]),
        }
    }

    /// Fetches all of them.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn names(mut self, v: &Visit, market: &Market) -> Result<Names, Failure> {
        let mut names = Names {
            somebody: v.t(key("somebody")).into_owned(),
            some_unit: v.t(key("some-unit")).into_owned(),
            house: market.settings().house.clone(),
            ..Names::default()
        };
        once(&mut self.persons);
        once(&mut self.units);
        once(&mut self.programmes);
        once(&mut self.tasks);
        if !self.persons.is_empty() {
            names.persons = market.persons_by_ids(&v.actor, &self.persons).await?;
        }
        if !self.units.is_empty() {
            names.units = market.units_by_ids(&v.actor, &self.units).await?;
        }
        if !self.programmes.is_empty() {
            names.programmes = market.programmes_by_ids(&v.actor, &self.programmes).await?;
        }
        if !self.tasks.is_empty() {
            names.tasks = market.tasks_by_ids(&v.actor, &self.tasks).await?;
        }
        Ok(names)
    }
}

/// The names, as links.
#[derive(Debug, Default)]
pub struct Names {
    somebody: String,
    some_unit: String,
    house: String,
    persons: HashMap<PersonId, PersonView>,
    units: HashMap<UnitId, UnitView>,
    programmes: HashMap<ProgrammeId, ProgrammeView>,
    tasks: HashMap<TaskId, TaskView>,
}

impl Names {
    /// A person.
    pub fn person(&self, id: PersonId) -> Link {
        or(
            &self.somebody,
            self.persons.get(&id).map(|person| Link::new(&person.name, urls::person(&person.handle))),
        )
    }

    /// A person's handle, if the reader may know them.
    pub fn handle(&self, id: PersonId) -> Option<&str> {
        self.persons.get(&id).map(|person| person.handle.as_str())
    }

    /// A unit; who is outside is not told which.
    pub fn unit(&self, id: UnitId) -> Link {
        or(&self.some_unit, self.units.get(&id).map(|unit| Link::new(&unit.name, urls::unit(&unit.slug))))
    }

    /// A programme; for who is outside it is simply the organisation.
    pub fn programme(&self, id: ProgrammeId) -> Link {
        or(
            &self.house,
            self.programmes
                .get(&id)
                .map(|programme| Link::new(&programme.name, urls::programme(&programme.slug))),
        )
    }

    /// A task.
    pub fn task(&self, id: TaskId) -> Link {
        or(&self.somebody, self.tasks.get(&id).map(|task| Link::new(&task.title, urls::task(&task.handle))))
    }

    /// Where a bounty came from.
    pub fn source(&self, source: TaskSource) -> Link {
        match source {
            TaskSource::Programme(id) => self.programme(id),
            TaskSource::Person(id) => self.person(id),
            TaskSource::Unit(id) => self.unit(id),
        }
    }

    /// Whose an account is.
    pub fn owner(&self, owner: AccountOwner) -> Link {
        match owner {
            AccountOwner::Programme(id) => self.programme(id),
            AccountOwner::Person(id) => self.person(id),
            AccountOwner::Unit(id) => self.unit(id),
            AccountOwner::Task(id) => self.task(id),
        }
    }

    /// Whom a payout went to.
    pub fn payee(&self, payee: Payee) -> Link {
        match payee {
            Payee::Programme(id) => self.programme(id),
            Payee::Person(id) => self.person(id),
            Payee::Unit(id) => self.unit(id),
        }
    }
}

fn or(otherwise: &str, known: Option<Link>) -> Link {
    known.unwrap_or_else(|| Link::new(otherwise, ""))
}

fn once<T: Ord>(ids: &mut Vec<T>) {
    ids.sort_unstable();
    ids.dedup();
}
