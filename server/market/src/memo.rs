//! What one request has read of a race, kept until it is answered.
//!
//! Promises: while a request is answered, a race that many questions are asked about is read once, and all of them
//! are answered from the same reading; whatever the request writes makes it read anew. Must never: reach a command,
//! which reads inside its own transaction.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::EntityTrait;

use crate::error::Result;
use crate::ids::{EntryId, TaskId};
use crate::market::Market;
use crate::policy::{EntryFacts, RaceFacts};
use crate::race::{self, tables::entry};
use crate::store::must;
use crate::task::{self, Task};

/// A race as it was read, with what the policy needs to know of it.
pub(crate) struct Known {
    pub(crate) task: Task,
    pub(crate) facts: RaceFacts,
}

/// An entry as it was read, with its race and what the policy needs to know of it.
pub(crate) struct KnownEntry {
    pub(crate) race: Arc<Known>,
    pub(crate) row: entry::Model,
    pub(crate) facts: EntryFacts,
}

#[derive(Default)]
struct Read {
    races: HashMap<TaskId, Arc<Known>>,
    entries: HashMap<EntryId, Arc<KnownEntry>>,
}

tokio::task_local! {
    static READ: RefCell<Read>;
}

/// Answers a request; what is read of a race meanwhile is remembered until then.
pub async fn remembering<F: Future>(answering: F) -> F::Output {
    READ.scope(RefCell::default(), answering).await
}

/// Forgets what was read: something was written. Outside of a request there is nothing to forget.
pub(crate) fn forget() {
    let _outside = READ.try_with(|read| *read.borrow_mut() = Read::default());
}

impl Market {
    /// A race, read once for each request.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] when there is none.
    pub(crate) async fn known(&self, id: TaskId) -> Result<Arc<Known>> {
        if let Ok(Some(known)) = READ.try_with(|read| read.borrow().races.get(&id).cloned()) {
            return Ok(known);
        }
        self.know(task::tables::load(self.store().reads(), id).await?).await
    }

    /// The same for a task that was just read.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn know(&self, task: Task) -> Result<Arc<Known>> {
        let facts = task::facts(self.store().reads(), &task, self.now()).await?;
        let known = Arc::new(Known { task, facts });
        let kept = Arc::clone(&known);
        let _outside = READ.try_with(|read| read.borrow_mut().races.insert(kept.task.id, kept));
        Ok(known)
    }

    /// An entry, read once for each request.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] when there is none.
    pub(crate) async fn known_entry(&self, id: EntryId) -> Result<Arc<KnownEntry>> {
        if let Ok(Some(known)) = READ.try_with(|read| read.borrow().entries.get(&id).cloned()) {
            return Ok(known);
        }
        let db = self.store().reads();
        let row = must(entry::Entity::find_by_id(id.0).one(db).await?)?;
        let race = self.known(TaskId(row.task_id)).await?;
        let facts = race::facts_in(db, &race, &row).await?;
        let known = Arc::new(KnownEntry { race, row, facts });
        let kept = Arc::clone(&known);
        let _outside = READ.try_with(|read| read.borrow_mut().entries.insert(id, kept));
        Ok(known)
    }
}
