//! Bringing together what is frozen and what somebody typed into a form that shows less.
//!
//! Promises: a pure function; what the form showed and nobody changed stays as it is, to the second and the minor unit.
//! Must never: decide whether a change may be made.

use serde_json::{Map, Value};

use crate::error::Result;
use crate::task::Rules;

/// The rules that were typed, except where they are what the form had shown: there the rules as they are. A form rounds
/// to minutes and hours, and has room for some plans only.
///
/// # Errors
/// A fault, where parts of the two don't fit together.
pub fn merged(now: &Rules, shown: &Rules, typed: &Rules) -> Result<Rules> {
    let json = |rules: &Rules| serde_json::to_value(rules);
    Ok(serde_json::from_value(merge(&json(now)?, &json(shown)?, &json(typed)?))?)
}

fn merge(now: &Value, shown: &Value, typed: &Value) -> Value {
    if shown == typed {
        return now.clone();
    }
    match (now, shown, typed) {
        (Value::Object(now), Value::Object(shown), Value::Object(typed)) if same_kind(now, typed) => {
            let names = now.keys().chain(typed.keys().filter(|name| !now.contains_key(*name)));
            let part = |all: &Map<String, Value>, name: &str| all.get(name).cloned().unwrap_or_default();
            let parts = names
                .map(|name| (name.clone(), merge(&part(now, name), &part(shown, name), &part(typed, name))));
            Value::Object(parts.filter(|(_, value)| !value.is_null()).collect())
        }
        (Value::Array(now), Value::Array(shown), Value::Array(typed))
            if now.len() == shown.len() && shown.len() == typed.len() =>
        {
            let parts = now.iter().zip(shown).zip(typed);
            Value::Array(parts.map(|((now, shown), typed)| merge(now, shown, typed)).collect())
        }
        _ => typed.clone(),
    }
}

/// One of several kinds is an object with one field, named by its kind: two kinds have no parts in common.
fn same_kind(now: &Map<String, Value>, typed: &Map<String, Value>) -> bool {
    now.len() != 1 || typed.len() != 1 || now.keys().eq(typed.keys())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{PrizePlan, Silence};
    use ledger::Amount;

    #[test]
    fn what_a_form_rounds_and_nobody_changed_stays_as_it_is() {
        let now = Rules {
            appeal_seconds: 3_700,
            silence: Some(Silence { ruling_seconds: 7_300, ..Silence::default() }),
            departed: Amount::new(7).ok(),
            ..Rules::default()
        };
        let shown = Rules {
            appeal_seconds: 3_600,
            silence: Some(Silence { ruling_seconds: 7_200, ..Silence::default() }),
            departed: None,
            ..Rules::default()
        };
        let typed = Rules { plan: PrizePlan::WinnerTakesAll, max_lanes: Some(3), ..shown.clone() };
        let wanted = Rules { plan: PrizePlan::WinnerTakesAll, max_lanes: Some(3), ..now.clone() };
        assert_eq!(merged(&now, &shown, &typed).unwrap(), wanted);
        let longer = Silence { ruling_seconds: 10_800, ..Silence::default() };
        let typed = Rules { silence: Some(longer), ..shown.clone() };
        assert_eq!(merged(&now, &shown, &typed).unwrap().silence.unwrap().ruling_seconds, 10_800);
        assert_eq!(merged(&now, &shown, &shown).unwrap(), now);
        let without = Rules { silence: None, ..shown.clone() };
        assert_eq!(merged(&now, &shown, &without).unwrap().silence, None);
    }

    #[test]
    fn another_kind_of_plan_takes_nothing_over_from_the_old_one() {
        let now = Rules { plan: PrizePlan::Proportional { cap: Some(1) }, ..Rules::default() };
        let prize = Amount::new(5).unwrap();
        let typed = Rules { plan: PrizePlan::Threshold { places: 2, prize }, ..Rules::default() };
        assert_eq!(merged(&now, &now, &typed).unwrap(), typed);
    }
}
