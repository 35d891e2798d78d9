//! Language, time zone and colours, as somebody wants them on every machine of theirs.
//!
//! Promises: what is not chosen stays with the browser; mails follow the language that is chosen here, until another
//! is chosen for them. Must never: keep a time zone that the IANA database does not name.

use jiff::tz::TimeZone;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::tables::{self, person};
use crate::actor::{Actor, names};
use crate::error::{Code, Problems, Refusal, Result};
use crate::notice::Language;
use crate::notice::tables::mailing;
use crate::policy::{Act, Belonging, permit};
use crate::store::{Command, Scope};

/// No name in the database of time zones is longer.
const LONGEST: usize = 64;

/// How somebody wants to read Saima; what is nothing is as the browser asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// In which language.
    pub language: Option<Language>,
    /// In which time zone: a name of the IANA database, such as `Asia/Shanghai`.
    pub time_zone: Option<String>,
    /// In which colours.
    pub theme: Option<Theme>,
}

/// Colours that somebody chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

names!(Theme, Light = "light", Dark = "dark");

/// Chooses all of the asker's own preferences anew.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetPreferences(pub Preferences);

impl Command for SetPreferences {
    type Output = Preferences;
    const ACT: Act = Act::SetPreferences;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Preferences> {
        let me = asker.id().ok_or(Refusal::Unauthenticated)?;
        let leave = permit(asker, Self::ACT, &Belonging(me))?;
        let mut problems = Problems::default();
        let chosen =
            Preferences { time_zone: zone(&mut problems, self.0.time_zone.as_deref()), ..self.0.clone() };
        problems.done()?;
        let known = person::Entity::find_by_id(me.0).one(scope.txn).await?.ok_or(Refusal::Unauthenticated)?;
        let before = preferences(&known)?.language;
        tables::prefer(scope, &leave, me.0, &chosen).await?;
        if let Some(language) = chosen.language.filter(|language| Some(*language) != before) {
            mailing::Entity::update_many()
                .col_expr(mailing::Column::Language, Expr::value(language.as_str()))
                .filter(mailing::Column::PersonId.eq(me.0))
                .exec(scope.txn)
                .await?;
        }
        Ok(chosen)
    }
}

/// What a person chose.
pub(crate) fn preferences(row: &person::Model) -> Result<Preferences> {
    Ok(Preferences {
        language: row.language.as_deref().map(str::parse).transpose()?,
        time_zone: row.time_zone.clone(),
        theme: row.theme.as_deref().map(str::parse).transpose()?,
    })
}

/// The zone as the database spells it.
fn zone(problems: &mut Problems, typed: Option<&str>) -> Option<String> {
    let typed = typed.map(str::trim).filter(|typed| !typed.is_empty())?;
    // People write the name as they read it: with a space.
    let name = typed.replace(' ', "_");
    let known = (name.len() <= LONGEST && name.is_ascii()).then(|| TimeZone::get(&name).ok()).flatten();
    let spelled = known.and_then(|zone| zone.iana_name().map(str::to_owned));
    if spelled.is_none() {
        problems.add("time_zone", Code::BadChoice);
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_one_that_the_database_names_however_it_is_typed() {
        let read = |typed: &str| {
            let mut problems = Problems::default();
            let zone = zone(&mut problems, Some(typed));
            problems.done().is_ok().then_some(zone)
        };
        assert_eq!(read("Asia/Shanghai"), Some(Some("Asia/Shanghai".to_owned())));
        assert_eq!(read(" america/new york "), Some(Some("America/New_York".to_owned())));
        assert_eq!(read("  "), Some(None), "nothing is as the browser has it");
        for wrong in ["Mars/Base", "../../etc/passwd", "+08:00", &"x".repeat(65), "上海"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
