//! The entries of a race as pages call them.
//!
//! Promises: while names are hidden an entry is called by its lane in the reader's language, on every page alike
//! (the market and the API say "Lane 3"). Must never: be gone round; a test sees to it.

use market::race::EntryView;
use market::{EntryId, Market, Result, TaskId};

use crate::i18n::key;
use crate::visit::Visit;

/// All entries of a race.
///
/// # Errors
/// As the market has it: not found, or faults.
pub(super) async fn all(v: &Visit, market: &Market, task: TaskId) -> Result<Vec<EntryView>> {
    let entries = market.entries(&v.actor, task).await?;
    Ok(entries.into_iter().map(|entry| called(v, entry)).collect())
}

/// One entry.
///
/// # Errors
/// As the market has it: not found, or faults.
pub(super) async fn one(v: &Visit, market: &Market, entry: EntryId) -> Result<EntryView> {
    Ok(called(v, market.entry(&v.actor, entry).await?))
}

fn called(v: &Visit, mut entry: EntryView) -> EntryView {
    if entry.hidden {
        entry.name = v.t1(key("entry-lane"), "lane", entry.lane).into_owned();
    }
    entry
}

#[cfg(test)]
mod tests {
    use crate::catalogue_test::files;

    #[test]
    fn no_page_asks_the_market_for_entries_by_itself() {
        for (path, text) in files("src/pages", "rs") {
            let asks = ["market.entries(", "market.entry("].iter().any(|call| text.contains(call));
            let here = path.ends_with("lanes.rs");
            assert!(!asks || here, "{}: lanes::all and lanes::one name them for the reader", path.display());
        }
    }
}
