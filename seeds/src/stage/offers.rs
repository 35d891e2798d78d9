//! Scenes after a race: offers for parts of entries, and what their captains say.

use market::part::{AcceptOffer, DeclineOffer, OfferForPart};
use market::{Clock as _, Refusal, Result};

use super::Stage;
use crate::story::{OfferTerms, Story};

impl Stage<'_> {
    pub(super) async fn offer(
        &self,
        story: &Story,
        by: &str,
        captain: &str,
        terms: &OfferTerms,
    ) -> Result<()> {
        let offer = OfferForPart {
            entry: self.entry(story, captain)?,
            part: terms.part.to_owned(),
            purpose: terms.purpose.to_owned(),
            price: self.amount(terms.price)?,
            from: self.source(terms.from)?,
            until: self.clock.now().plus_seconds(terms.days * 86_400),
        };
        self.run(by, offer).await
    }

    pub(super) async fn answer_offer(&self, story: &Story, captain: &str, accept: bool) -> Result<()> {
        let found = self.market.offers(&self.actor(captain).await?, self.entry(story, captain)?).await?;
        let offer = found.offers.iter().find(|offer| offer.may_answer).ok_or(Refusal::NotFound)?.id;
        match accept {
            true => self.run(captain, AcceptOffer { offer }).await,
            false => self.run(captain, DeclineOffer { offer }).await,
        }
    }
}
