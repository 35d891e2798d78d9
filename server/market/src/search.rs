//! One search for everything that has a name: tasks, people, units and programmes, and records by their number.
//!
//! Promises: finds nothing but what the asker's own pages show, and a bounded number of each; words in any order,
//! whatever their case. Must never: count what it does not show.

use ledger::RecordId;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, IntoColumnRef, LikeExpr};
use sea_orm::{Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::actor::Actor;
use crate::books::RecordView;
use crate::error::{Refusal, Result};
use crate::market::Market;
use crate::page::Page;
use crate::person::PersonView;
use crate::person::tables::person;
use crate::policy::{Act, House, may};
use crate::programme::ProgrammeView;
use crate::programme::tables::programme;
use crate::task::{TaskFilter, TaskView};
use crate::unit::UnitView;
use crate::unit::tables::unit;

/// Most things of one kind that are answered.
const MOST: u32 = 10;
/// Most words that are looked at.
const WORDS: usize = 8;

/// What was found, as the asker may see it.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Tasks by their titles, newest first; at most 10.
    pub tasks: Vec<TaskView>,
    /// People by name or handle, in the order of handles; at most 10.
    pub people: Vec<PersonView>,
    /// Units by name or slug, in the order of slugs; at most 10. For members.
    pub units: Vec<UnitView>,
    /// Programmes by name or slug, in the order of slugs; at most 10. For members.
    pub programmes: Vec<ProgrammeView>,
    /// The record with this place in the log, or this id.
    pub record: Option<RecordView>,
}

impl Found {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        let none = self.tasks.is_empty() && self.people.is_empty() && self.units.is_empty();
        none && self.programmes.is_empty() && self.record.is_none()
    }
}

impl Market {
    /// Everything that has these words in its name, or nothing where there are none. A number, perhaps with a
    /// `#` before it, and a record's id also find a record.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search(&self, asker: &Actor, text: &str) -> Result<Found> {
        if words(text).next().is_none() {
            return Ok(Found::default());
        }
        let db = self.store().reads();
        let most = u64::from(MOST);
        let filter = TaskFilter { search: Some(text.to_owned()), ..TaskFilter::default() };
        let page = Page { first: Some(MOST), ..Page::default() };
        let tasks = self.tasks(asker, &filter, &page).await?.items;
        let people = person::Entity::find()
            .filter(crate::person::in_sight(asker))
            .filter(matching(&[person::Column::Name, person::Column::Handle], text))
            .order_by_asc(person::Column::Handle)
            .limit(most);
        let mut found = Found {
            tasks: tasks.into_iter().map(|(_, task)| task).collect(),
            people: crate::person::views(db, asker, people.all(db).await?).await?,
            record: self.record_named(asker, text.trim()).await?,
            ..Found::default()
        };
        if may(asker, Act::SeeUnit, &House) {
            let units = unit::Entity::find()
                .filter(matching(&[unit::Column::Name, unit::Column::Slug], text))
                .order_by_asc(unit::Column::Slug)
                .limit(most);
            found.units = crate::unit::views(db, asker, units.all(db).await?).await?;
        }
        if may(asker, Act::SeeProgramme, &House) {
            let programmes = programme::Entity::find()
                .filter(matching(&[programme::Column::Name, programme::Column::Slug], text))
                .order_by_asc(programme::Column::Slug)
                .limit(most);
            found.programmes = crate::programme::views(db, programmes.all(db).await?).await?;
        }
        Ok(found)
    }

    async fn record_named(&self, asker: &Actor, text: &str) -> Result<Option<RecordView>> {
        let found = if let Ok(index) = text.strip_prefix('#').unwrap_or(text).parse::<u64>() {
            self.record_by_index(asker, index).await
        } else if let Ok(id) = text.parse::<Uuid>() {
            self.record(asker, RecordId::from_bytes(*id.as_bytes())).await
        } else {
            return Ok(None);
        };
        match found {
            Ok(record) => Ok(Some(record)),
            Err(Refusal::NotFound | Refusal::Unauthenticated) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

/// The words that are looked for; no name holds a control character.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).take(WORDS)
}

/// Every word stands in one of these columns, in any case of letters.
pub(crate) fn matching<C: IntoColumnRef + Clone>(columns: &[C], text: &str) -> Condition {
    let mut all = Condition::all();
    for word in words(text) {
        let pattern = format!("%{}%", escaped(&word.to_lowercase()));
        let stands = |column: &C| {
            Expr::expr(Func::lower(Expr::col(column.clone())))
                .like(LikeExpr::new(pattern.clone()).escape('\\'))
        };
        all = all.add(columns.iter().map(stands).fold(Condition::any(), Condition::add));
    }
    all
}

fn escaped(word: &str) -> String {
    word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
