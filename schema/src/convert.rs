//! Reading inputs: ids, amounts, times, scores and bytes, with every problem on its own field.
//!
//! Promises: a form hears of all its problems at once; a value that could not be read never reaches the
//! market, because [`Form::done`] is the only way out. Must never: check what the market checks.

use async_graphql::{Context, ID};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use market::task::Source;
use market::wallet::Destination;
use market::{
    Amount, Asker, Code, Moment, PersonId, Problems, ProgrammeId, Result, Scale, UnitId, WalletOwner,
};

use crate::id::{Global, split};
use crate::request::Ask;
use crate::scalar;

/// An input being read by a signed-in person. What can't be read is noted, and a stand-in goes on.
pub(crate) struct Form<'a> {
    asker: &'a Asker,
    scale: Scale,
    problems: Problems,
}

impl<'a> Form<'a> {
    /// A form of the person who asks.
    ///
    /// # Errors
    /// [`market::Refusal::Unauthenticated`] for a visitor.
    pub(crate) fn of(ctx: &Context<'a>) -> Result<Self> {
        Ok(Self { asker: ctx.signed_in()?, scale: ctx.market().asset().scale, problems: Problems::default() })
    }

    /// `value` if nothing was noted.
    pub(crate) fn done<T>(self, value: T) -> Result<T> {
        self.problems.done().map(|()| value)
    }

    /// An id of one type.
    pub(crate) fn id<T: Global>(&mut self, field: &str, id: &ID) -> T {
        let found = T::local(id).ok_or(Code::BadId);
        self.problems.keep(field, found).unwrap_or(T::STAND_IN)
    }

    /// Several ids of one type: problems on `field.0`, `field.1`, …
    pub(crate) fn ids<T: Global>(&mut self, field: &str, ids: &[ID]) -> Vec<T> {
        ids.iter().enumerate().map(|(at, id)| self.id(&format!("{field}.{at}"), id)).collect()
    }

    /// The wallet of a person or a unit, named by either or by itself.
    pub(crate) fn wallet(&mut self, field: &str, id: &ID) -> WalletOwner {
        self.problems.keep(field, wallet_owner(id).ok_or(Code::BadId)).unwrap_or(WalletOwner::STAND_IN)
    }

    /// Where a bounty comes from: a programme, a unit, or the asker.
    pub(crate) fn source(&mut self, field: &str, id: &ID) -> Source {
        let found = if let Some(programme) = ProgrammeId::local(id) {
            Ok(Source::Programme(programme))
        } else if let Some(unit) = UnitId::local(id) {
            Ok(Source::Unit(unit))
        } else {
            match PersonId::local(id) {
                Some(person) if person == self.asker.id => Ok(Source::Person),
                Some(_) => Err(Code::BadChoice),
                None => Err(Code::BadId),
            }
        };
        self.problems.keep(field, found).unwrap_or(Source::Person)
    }

    /// Where the treasury gives tokens to: a programme, a unit or a person.
    pub(crate) fn destination(&mut self, field: &str, id: &ID) -> Destination {
        let programme = ProgrammeId::local(id).map(Destination::Programme);
        let unit = || UnitId::local(id).map(Destination::Unit);
        let found = programme.or_else(unit).or_else(|| PersonId::local(id).map(Destination::Person));
        let stand_in = Destination::Person(PersonId::STAND_IN);
        self.problems.keep(field, found.ok_or(Code::BadId)).unwrap_or(stand_in)
    }

    /// An amount in major units.
    pub(crate) fn amount(&mut self, field: &str, text: &scalar::TokenAmount) -> Amount {
        let found = read_amount(&text.0, self.scale);
        self.problems.keep(field, found).unwrap_or(Amount::ZERO)
    }

    /// An instant.
    pub(crate) fn moment(&mut self, field: &str, text: &scalar::DateTime) -> Moment {
        let found = Moment::parse_rfc3339(&text.0).ok_or(Code::BadTime);
        self.problems.keep(field, found).unwrap_or(Moment(0))
    }

    /// A score, if one is given.
    pub(crate) fn score(&mut self, field: &str, text: Option<&scalar::Score>) -> Option<market::task::Score> {
        text.and_then(|text| self.problems.keep(field, market::task::Score::parse(&text.0)))
    }

    /// Bytes in base64.
    pub(crate) fn bytes(&mut self, field: &str, text: &scalar::Base64) -> Vec<u8> {
        let found = STANDARD.decode(&text.0).map_err(|_| Code::BadBase64);
        self.problems.keep(field, found).unwrap_or_default()
    }

    /// Hashes in hexadecimal: problems on `field.0`, `field.1`, …
    pub(crate) fn hashes(&mut self, field: &str, hashes: &[scalar::Hash]) -> Vec<[u8; 32]> {
        let read = |text: &str| {
            let mut hash = [0; 32];
            hex::decode_to_slice(text, &mut hash).map(|()| hash).map_err(|_| Code::BadHash)
        };
        let each = hashes.iter().enumerate();
        each.filter_map(|(at, hash)| self.problems.keep(format!("{field}.{at}"), read(&hash.0))).collect()
    }

    /// Notes a problem when `wrong`.
    pub(crate) fn check(&mut self, wrong: bool, field: &str, code: Code) {
        self.problems.check(wrong, field, code);
    }
}

/// The wallet that an id of a person, a unit or a wallet names.
pub(crate) fn wallet_owner(id: &str) -> Option<WalletOwner> {
    match split(id)?.0.as_str() {
        PersonId::TYPE => PersonId::local(id).map(WalletOwner::Person),
        UnitId::TYPE => UnitId::local(id).map(WalletOwner::Unit),
        _ => WalletOwner::local(id),
    }
}

fn read_amount(text: &str, scale: Scale) -> Result<Amount, Code> {
    Amount::parse(text, scale).map_err(|_| Code::BadAmount { decimals: scale.get() })
}
