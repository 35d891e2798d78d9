//! What can be offered for which entry. No database, no clock.

use ledger::Amount;

use super::{LONGEST_DAYS, OfferForPart};
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::race::EntryState;
use crate::task::TaskState;
use crate::text;

/// What decides whether a part of an entry can be bought.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) task: TaskState,
    pub(super) entry: EntryState,
    /// Whether it has handed in anything.
    pub(super) handed: bool,
    /// Its place in the ruling that counts.
    pub(super) place: Option<u32>,
}

/// The texts of an offer, tidied.
pub(super) fn check(offer: &OfferForPart, now: Moment) -> Result<(String, String)> {
    let mut problems = Problems::default();
    let part = text::prose(&mut problems, "part", &offer.part, 500);
    let purpose = text::prose(&mut problems, "purpose", &offer.purpose, 500);
    problems.check(offer.price == Amount::ZERO, "price", Code::AmountZero);
    problems.check(offer.until <= now, "until", Code::TimePast);
    let far = offer.until > now.plus_seconds(LONGEST_DAYS * 86_400);
    problems.check(far, "until", Code::TimeTooFar { days: LONGEST_DAYS });
    problems.done()?;
    Ok((part, purpose))
}

/// Whether parts of this entry can be bought: the race is settled, and it rode to the end or to a cut, with work to
/// show, without winning.
pub(super) fn check_entry(standing: Standing) -> Result<()> {
    if standing.task != TaskState::Settled {
        return Err(Refusal::because(Code::OfferTooEarly));
    }
    if !matches!(standing.entry, EntryState::Running | EntryState::Cut) || !standing.handed {
        return Err(Refusal::because(Code::OfferForNothing));
    }
    if standing.place == Some(1) {
        return Err(Refusal::because(Code::OfferForWinner));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::EntryId;
    use crate::task::Source;

    const LOSER: Standing =
        Standing { task: TaskState::Settled, entry: EntryState::Running, handed: true, place: Some(2) };

    fn offer() -> OfferForPart {
        OfferForPart {
            entry: EntryId(uuid::Uuid::nil()),
            part: " The loader. ".to_owned(),
            purpose: "For the next gateway.".to_owned(),
            price: Amount::ZERO.checked_add(Amount::MAX).unwrap_or(Amount::ZERO),
            from: Source::Person,
            until: Moment(0).plus_seconds(60),
        }
    }

    #[test]
    fn whatever_lost_can_be_sold_once_the_ruling_is_final() {
        assert!(check_entry(LOSER).is_ok());
        assert!(check_entry(Standing { entry: EntryState::Cut, place: None, ..LOSER }).is_ok());
        for task in [TaskState::Open, TaskState::Judging, TaskState::Provisional, TaskState::Expired] {
            let refused = check_entry(Standing { task, ..LOSER });
            assert_eq!(refused, Err(Refusal::because(Code::OfferTooEarly)), "{task:?}");
        }
    }

    #[test]
    fn a_winner_and_whoever_has_nothing_to_show_cannot() {
        let first = check_entry(Standing { place: Some(1), ..LOSER });
        assert_eq!(first, Err(Refusal::because(Code::OfferForWinner)));
        let nothing = Err(Refusal::because(Code::OfferForNothing));
        assert_eq!(check_entry(Standing { handed: false, ..LOSER }), nothing);
        for entry in [EntryState::Withdrawn, EntryState::Disqualified, EntryState::Merged, EntryState::Lapsed]
        {
            assert_eq!(check_entry(Standing { entry, ..LOSER }), nothing, "{entry:?}");
        }
    }

    #[test]
    fn an_offer_says_what_for_what_price_and_until_when() {
        let now = Moment(0);
        assert_eq!(check(&offer(), now).map(|(part, _)| part), Ok("The loader.".to_owned()));
        let codes = |offer: OfferForPart| match check(&offer, now) {
            Err(Refusal::Invalid(problems)) => {
                problems.into_iter().map(|one| format!("{} {}", one.field, one.code.key())).collect()
            }
            other => vec![format!("{other:?}")],
        };
        let long = "x".repeat(501);
        let empty =
            OfferForPart { part: " ".into(), purpose: long, price: Amount::ZERO, until: now, ..offer() };
        assert_eq!(
            codes(empty),
            ["part required", "purpose too-long", "price amount-zero", "until time-past"]
        );
        let far = OfferForPart { until: now.plus_seconds(90 * 86_400 + 1), ..offer() };
        assert_eq!(codes(far), ["until time-too-far"]);
    }
}
