//! The change that is proposed for a crew, as its page shows it.

use market::race::{ChangeKind, ChangeView, EntryView};

use super::entry::answer;
use super::kit::{Badge, Link};
use super::names::{Names, Wanted};
use crate::format::{self, When};
use crate::i18n::key;
use crate::urls;
use crate::visit::Visit;

/// A change, and who still has to agree.
#[derive(Debug, Clone)]
pub struct ChangeBlock {
    /// The key of what it does.
    pub title: &'static str,
    /// Who proposed it.
    pub by: Link,
    /// When.
    pub at: When,
    /// The entry that rides on, for those of the one that would close.
    pub rides_on: Option<Link>,
    /// Who must agree.
    pub parts: Vec<PartRow>,
}

/// One who must agree.
#[derive(Debug, Clone)]
pub struct PartRow {
    /// Who.
    pub who: Link,
    /// The share that they would take; nothing when they would leave.
    pub share: Option<String>,
    /// What they said.
    pub badge: Badge,
}

/// Whom the page must name for it.
pub(super) fn wanted(change: &ChangeView, wanted: &mut Wanted) {
    wanted.persons(change.parts.iter().filter_map(|part| part.person));
    wanted.persons([change.by]).units(change.parts.iter().filter_map(|part| part.unit));
}

/// The change of `entry`, if one is open that the reader may see.
pub(super) fn block(v: &Visit, names: &Names, entry: &EntryView) -> Option<ChangeBlock> {
    let change = entry.change.as_ref()?;
    let parts = change.parts.iter().map(|part| PartRow {
        who: match (part.person, part.unit) {
            (Some(person), _) => names.person(person),
            (None, Some(unit)) => names.unit(unit),
            (None, None) => Link::new("", ""),
        },
        share: part.share.map(format::percent),
        badge: answer(part.answer),
    });
    Some(ChangeBlock {
        title: match change.kind {
            ChangeKind::Crew => key("change-crew"),
            ChangeKind::Merge => key("change-merge"),
            ChangeKind::Captain => key("change-captain"),
        },
        by: names.person(change.by),
        at: v.when(change.at),
        rides_on: (change.entry != entry.id)
            .then(|| Link::new(v.t(key("change-rides-on")), urls::entry(change.entry))),
        parts: parts.collect(),
    })
}

#[cfg(test)]
pub(super) fn sample(v: &Visit) -> ChangeBlock {
    use market::race::CrewAnswer;
    let part = |who: &str, share: Option<u32>, said| PartRow {
        who: Link::new(who, urls::person("x")),
        share: share.map(format::percent),
        badge: answer(said),
    };
    ChangeBlock {
        title: key("change-merge"),
        by: Link::new("Ada <b>", urls::person("ada")),
        at: v.when(v.now.plus_seconds(-600)),
        rides_on: Some(Link::new(v.t(key("change-rides-on")), urls::entry(3))),
        parts: vec![
            part("Ada", Some(6_000), CrewAnswer::Agreed),
            part("Ben & Co", Some(4_000), CrewAnswer::Asked),
            part("陈伟", None, CrewAnswer::Asked),
        ],
    }
}
