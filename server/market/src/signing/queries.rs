//! Looking at keys and signatures.

use std::collections::HashMap;

use ledger::{Record, intent};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::tables::person_key;
use super::{KeyId, KeyView, SignatureView};
use crate::actor::Actor;
use crate::books::{RecordView, label, record_id};
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::PersonId;
use crate::market::Market;
use crate::policy::{Act, Belonging, House, may, permit};
use crate::race;

impl Market {
    /// The keys of a person, newest first, revoked ones too. For themselves, admins and auditors.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for everybody else.
    pub async fn keys(&self, asker: &Actor, person: PersonId) -> Result<Vec<KeyView>> {
        permit(asker, Act::SeeKeys, &Belonging(person))?;
        let rows = person_key::Entity::find()
            .filter(person_key::Column::PersonId.eq(person.0))
            .order_by_desc(person_key::Column::EnrolledAt)
            .order_by_asc(person_key::Column::Id)
            .all(self.store().reads())
            .await?;
        rows.into_iter().map(view).collect()
    }

    /// The keys that these names stand for, with whose they are: for members, and everybody's own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys_by_id(&self, asker: &Actor, ids: &[KeyId]) -> Result<HashMap<KeyId, KeyView>> {
        let ids = ids.iter().map(|id| id.0.to_vec());
        let rows = person_key::Entity::find().filter(person_key::Column::Id.is_in(ids));
        let views = rows.all(self.store().reads()).await?.into_iter().map(view);
        // Who must not know whose lane it is doesn't learn it from who signed.
        let hidden = race::hidden_riders(self.store().reads(), asker, self.now()).await?;
        let shown = |key: &KeyView| {
            !hidden.contains(&key.person)
                && (may(asker, Act::SeeKeys, &Belonging(key.person)) || may(asker, Act::SeeInside, &House))
        };
        let views = views.collect::<Result<Vec<_>>>()?;
        Ok(views.into_iter().filter(shown).map(|key| (key.id, key)).collect())
    }

    /// Who signed a record that was shown to the asker: checked anew, against the bytes where they are
    /// disclosed. `None`: only the server attests it.
    ///
    /// # Errors
    /// A fault when the bytes aren't a record.
    pub fn signature(&self, record: &RecordView) -> Result<Option<SignatureView>> {
        let decoded = Record::decode(&record.bytes).map_err(Refusal::fault)?;
        let Some(signed) = decoded.intent else { return Ok(None) };
        let bytes = record.disclosures.iter().find(|text| text.label == label::INTENT);
        let decision =
            bytes.and_then(|text| intent::check(&self.settings().origin, &decoded, &text.data).ok());
        let (key, hash, signature) = (KeyId(signed.key_id), signed.hash, signed.signature);
        Ok(Some(SignatureView { key, hash, signature, decision }))
    }
}

pub(super) fn view(row: person_key::Model) -> Result<KeyView> {
    let odd = |_| Refusal::fault("a key of another length");
    Ok(KeyView {
        id: KeyId(row.id.try_into().map_err(odd)?),
        person: PersonId(row.person_id),
        public_key: row.public_key.try_into().map_err(odd)?,
        label: row.label,
        enrolled_at: Moment(row.enrolled_at),
        enrolled_by: record_id(row.enrolled_by),
        revoked_at: row.revoked_at.map(Moment),
        revoked_by: row.revoked_by.map(record_id),
        used_at: Moment(row.used_at),
    })
}
