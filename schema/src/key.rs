//! People's own keys, what is handed out to be signed, and who signed a record.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use market::signing::{Decision, EnrolKey, IntentView, KeyView, RevokeKey, SignatureView};
use market::{Code, IdempotencyKey, KeyId, Problems, Refusal, Result, SignedIntent};

use crate::convert::Form;
use crate::payload::payloads;
use crate::person::Person;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::Ask;
use crate::ruling::RuleRaceInput;
use crate::scalar::{Base64, DateTime, Hash};
use crate::submission::SubmitWorkInput;
use crate::wallet::TransferTokensInput;

/// A key.
pub(crate) struct Key(pub(crate) KeyView);

/// An Ed25519 key of a person's own, which signs what they decide.
#[Object(name = "PersonKey")]
impl Key {
    /// Its name in records: 16 hexadecimal digits.
    async fn key_id(&self) -> String {
        self.0.id.to_string()
    }

    /// Its public half, 64 hexadecimal digits.
    async fn public_key(&self) -> String {
        hex::encode(self.0.public_key)
    }

    /// What its person calls it.
    async fn label(&self) -> &str {
        &self.0.label
    }

    /// Since when it holds.
    async fn enrolled_at(&self) -> DateTime {
        self.0.enrolled_at.into()
    }

    /// The record that enrolled it.
    async fn enrolled_by(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        Record::load(ctx, self.0.enrolled_by).await
    }

    /// Since when it holds no more.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime::from)
    }

    /// When it last signed something.
    async fn used_at(&self) -> DateTime {
        self.0.used_at.into()
    }
}

/// Something said in an intent.
#[derive(SimpleObject)]
pub(crate) struct Said {
    /// Under which name.
    name: String,
    /// What, as text: amounts in minor units, ids and digests in hexadecimal.
    value: String,
}

fn told(decision: &Decision) -> Vec<Said> {
    decision.told().into_iter().map(|(name, value)| Said { name, value }).collect()
}

/// An intent to be signed.
pub(crate) struct Intent(IntentView);

/// What the asker would decide, in the bytes to be signed. Sign `message` by Ed25519 and send `bytes` and the
/// signature as `intent` along with the very same input.
#[Object]
impl Intent {
    /// The name of the act.
    async fn act(&self) -> &str {
        &self.0.decision.act
    }

    /// What exactly.
    #[graphql(complexity = "crate::connection::list_cost(10, child_complexity)")]
    async fn says(&self) -> Vec<Said> {
        told(&self.0.decision)
    }

    /// The bytes: deterministic CBOR.
    async fn bytes(&self) -> Base64 {
        self.0.bytes.as_slice().into()
    }

    /// What to sign: `saima-intent/v1`, a line feed, the ledger's origin, a line feed, the bytes.
    async fn message(&self) -> Base64 {
        self.0.message.as_slice().into()
    }
}

/// Who signed a record.
pub(crate) struct Signature(pub(crate) SignatureView);

/// The signature of a person's own key in a record.
#[Object(name = "RecordSignature")]
impl Signature {
    /// The key, 16 hexadecimal digits.
    async fn key_id(&self) -> String {
        self.0.key.to_string()
    }

    /// The hash of the message that was signed.
    async fn hash(&self) -> Hash {
        (&self.0.hash).into()
    }

    /// The signature.
    async fn signature(&self) -> Base64 {
        self.0.signature.as_slice().into()
    }

    /// Whose key it is; null for those who may not know.
    #[graphql(complexity = "5 + child_complexity")]
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        let key = ctx.market().keys_by_id(ctx.actor(), &[self.0.key]).await?.remove(&self.0.key);
        match key {
            Some(key) => Person::load(ctx, key.person).await,
            None => Ok(None),
        }
    }

    /// What was signed; null where the bytes are not disclosed to the asker. They were checked again just now.
    #[graphql(complexity = "crate::connection::list_cost(10, child_complexity)")]
    async fn says(&self) -> Option<Vec<Said>> {
        self.0.decision.as_ref().map(told)
    }
}

/// What was signed, to be sent with the command.
#[derive(InputObject)]
pub(crate) struct SignedIntentInput {
    /// The bytes of the intent, as they were handed out or made.
    bytes: Base64,
    /// The Ed25519 signature over the message: 64 bytes.
    signature: Base64,
}

impl SignedIntentInput {
    /// Reads what came along, if anything did.
    pub(crate) fn read(signed: Option<Self>, form: &mut Form<'_>) -> Option<SignedIntent> {
        signed.map(|signed| SignedIntent {
            bytes: form.bytes("intent.bytes", &signed.bytes),
            signature: form.bytes("intent.signature", &signed.signature),
        })
    }
}

/// A public key in hexadecimal.
fn public_key(text: &str) -> Result<[u8; 32], Code> {
    let mut key = [0; 32];
    hex::decode_to_slice(text, &mut key).map_err(|_| Code::BadKey)?;
    Ok(key)
}

fn asked_key(text: &str) -> Result<[u8; 32]> {
    public_key(text).map_err(|code| Refusal::on("public_key", code))
}

/// What is handed out to be signed.
#[derive(Default)]
pub(crate) struct KeyQuery;

#[Object]
impl KeyQuery {
    /// What to sign with a new key to enrol it by `enrolKey`.
    async fn enrol_key_intent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The public half of the key, 64 hexadecimal digits.")] public_key: String,
        #[graphql(desc = "What to call it, up to 60 characters.")] label: String,
    ) -> Result<Option<Intent>> {
        let public_key = asked_key(&public_key)?;
        let command = EnrolKey { public_key, label };
        ctx.market().intent(ctx.actor(), public_key, command).await.map(|intent| Some(Intent(intent)))
    }

    /// What to sign for `transferTokens` with this input; its `intent` and `idempotencyKey` say nothing here.
    async fn transfer_tokens_intent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The public half of the key to sign with, 64 hexadecimal digits.")]
        public_key: String,
        #[graphql(desc = "What to send from where to where.")] input: TransferTokensInput,
    ) -> Result<Option<Intent>> {
        let (command, ..) = input.read(Form::of(ctx)?)?;
        let key = asked_key(&public_key)?;
        ctx.market().intent(ctx.actor(), key, command).await.map(|intent| Some(Intent(intent)))
    }

    /// What to sign for `ruleRace` with this input: it says the awards that the ruling comes to.
    async fn rule_race_intent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The public half of the key to sign with, 64 hexadecimal digits.")]
        public_key: String,
        #[graphql(desc = "Which race, and how.")] input: RuleRaceInput,
    ) -> Result<Option<Intent>> {
        let (command, ..) = input.read(Form::of(ctx)?)?;
        let key = asked_key(&public_key)?;
        ctx.market().intent(ctx.actor(), key, command).await.map(|intent| Some(Intent(intent)))
    }

    /// What to sign for `submitWork` with this input; files are named by their digests.
    async fn submit_work_intent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The public half of the key to sign with, 64 hexadecimal digits.")]
        public_key: String,
        #[graphql(desc = "What to hand in.")] input: SubmitWorkInput,
    ) -> Result<Option<Intent>> {
        let (mut work, ..) = input.read(Form::of(ctx)?)?;
        let files = std::mem::take(&mut work.files).into_iter().map(Into::into).collect();
        let key = asked_key(&public_key)?;
        let intent = ctx.market().submission_intent(ctx.actor(), key, work, files).await;
        intent.map(|intent| Some(Intent(intent)))
    }
}

/// Which key to enrol.
#[derive(InputObject)]
pub(crate) struct EnrolKeyInput {
    /// The public half, 64 hexadecimal digits.
    public_key: String,
    /// What to call it, up to 60 characters.
    label: String,
    /// What `enrolKeyIntent` handed out, signed by that key.
    intent: SignedIntentInput,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which key to revoke.
#[derive(InputObject)]
pub(crate) struct RevokeKeyInput {
    /// Its name, 16 hexadecimal digits.
    key_id: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `enrolKey`.
    EnrolKeyPayload {
        /// The record that enrolled it.
        record: Record,
    }

    /// What came of `revokeKey`.
    RevokeKeyPayload {
        /// The record that revoked it.
        record: Record,
    }
}

/// What can be done with keys.
#[derive(Default)]
pub(crate) struct KeyMutation;

#[Object]
impl KeyMutation {
    /// Enrols a key of the asker's own, which signs for itself.
    async fn enrol_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key, signed by itself.")] input: EnrolKeyInput,
    ) -> Result<Option<EnrolKeyPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let signed = SignedIntentInput::read(Some(input.intent), &mut form);
            let found = public_key(&input.public_key);
            form.check(found.is_err(), "public_key", Code::BadKey);
            let public_key = found.unwrap_or_default();
            let command = form.done(EnrolKey { public_key, label: input.label })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let record = ctx.market().run_signed(ctx.actor(), key, command, signed).await?;
            Ok((Record::seen(ctx, record).await?,))
        })
        .await
    }

    /// Revokes a key, for its person and for admins: it signs nothing more, and what it signed still holds.
    async fn revoke_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key.")] input: RevokeKeyInput,
    ) -> Result<Option<RevokeKeyPayload>> {
        answer(async {
            ctx.signed_in()?;
            let mut problems = Problems::default();
            let id = problems.keep("key_id", input.key_id.parse::<KeyId>().map_err(|_| Code::BadId));
            problems.done()?;
            let command = RevokeKey { key: id.ok_or(Refusal::NotFound)? };
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let record = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Record::load(ctx, record).await?.ok_or(Refusal::NotFound)?,))
        })
        .await
    }
}
