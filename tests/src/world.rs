//! A market of one's own, with people, units, programmes and tokens, all played through commands.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ed25519_dalek::SigningKey;
use market::books::KeyRing;
use market::person::{AddPerson, SignInInput};
use market::programme::{CreateProgramme, GrantProgramme};
use market::unit::{AddUnitMember, CreateUnit};
use market::wallet::{AllocateTokens, Destination, IssueTokens};
use market::{
    Actor, Amount, AssetSettings, Clock as _, Command, CountedIds, Ids, LogAccess, ManualClock, Market,
    MarketConfig, Moment, PersonId, PersonKind, ProgrammeId, Refusal, Result, Role, Settings, UnitId,
    WalletOwner,
};
use time::Duration;
use time::macros::datetime;

use crate::database::{Db, Fresh, Tables};
use crate::stage::Stage;

/// Everybody's password.
pub const PASSWORD: &str = "a horse, a kingdom";

/// A market of one's own.
pub struct World {
    /// The market.
    pub market: Market,
    /// Its clock, which stands still until it is moved.
    pub clock: Arc<ManualClock>,
    /// Its database.
    pub fresh: Fresh,
    people: Mutex<HashMap<String, PersonId>>,
}

impl Stage for World {
    async fn set_up(db: Db) -> Self {
        let fresh = Fresh::make(db).await;
        let clock = Arc::new(ManualClock::new(Self::start()));
        let market = Self::open(&fresh, &clock, Arc::new(CountedIds::default())).await.unwrap();
        Self::around(market, clock, fresh)
    }

    async fn must_hold(&self) {
        self.books_hold().await;
    }

    async fn strike(self) {
        self.market.close().await;
        self.fresh.drop().await;
    }
}

impl World {
    /// When every world begins.
    pub fn start() -> Moment {
        Moment::of(datetime!(2026-11-21 08:00 UTC))
    }

    /// What the market is told about itself.
    pub fn settings() -> Settings {
        Settings {
            house: "Dawn Works".to_owned(),
            origin: "dawn.example/saima".to_owned(),
            asset: AssetSettings { code: "DAWN".to_owned(), scale: 2, name: "Dawn token".to_owned() },
            max_file: 1_024 * 1_024,
            hour_cost: None,
            max_files: 5,
            log_access: LogAccess::default(),
        }
    }

    /// Opens a market on this database. A second one on the same needs ids that the first does not count.
    ///
    /// # Errors
    /// The market's.
    pub async fn open(fresh: &Fresh, clock: &Arc<ManualClock>, ids: Arc<dyn Ids>) -> Result<Market> {
        let settings = Self::settings();
        Market::open::<Tables>(MarketConfig {
            database_url: fresh.url.clone(),
            data_dir: fresh.path().to_owned(),
            settings,
            clock: clock.clone(),
            ids,
            signer: Some(Self::ring()),
        })
        .await
    }

    /// The log's private key, and one that waits for a rotation.
    pub fn ring() -> KeyRing {
        let keys = [7, 8].map(|seed| SigningKey::from_bytes(&[seed; 32]));
        KeyRing::reading(move || Ok(keys.to_vec())).unwrap()
    }

    /// A world around a market that is open already.
    pub fn around(market: Market, clock: Arc<ManualClock>, fresh: Fresh) -> Self {
        Self { market, clock, fresh, people: Mutex::default() }
    }

    /// The present instant of this world.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Moves the clock.
    pub fn wait(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// An amount in major units.
    pub fn tokens(&self, text: &str) -> Amount {
        Amount::parse(text, self.market.asset().scale).unwrap()
    }

    // --- people -----------------------------------------------------------------------------------

    /// Brings in somebody, with the address `<handle>@dawn.example` and the password of all.
    pub async fn bring(&self, handle: &str, kind: PersonKind, roles: &[Role]) -> PersonId {
        let name = handle[..1].to_uppercase() + &handle[1..];
        let person = AddPerson {
            email: format!("{handle}@dawn.example"),
            handle: handle.to_owned(),
            name,
            password: PASSWORD.to_owned(),
            kind,
            roles: roles.to_vec(),
        };
        let id = self.market.add_person(&Actor::Operator, person).await.unwrap();
        self.people.lock().unwrap().insert(handle.to_owned(), id);
        id
    }

    /// Somebody of the house; whoever is not there yet comes as a member without a role.
    pub async fn person(&self, handle: &str) -> PersonId {
        let known = self.people.lock().unwrap().get(handle).copied();
        match known {
            Some(id) => id,
            None => self.bring(handle, PersonKind::Member, &[]).await,
        }
    }

    /// Makes the acquaintance of somebody whom another hand brought in.
    pub async fn meet(&self, handle: &str) {
        let (email, password) = (format!("{handle}@dawn.example"), PASSWORD.to_owned());
        let id =
            self.market.sign_in(SignInInput { email, password, from: "harness".to_owned() }).await.unwrap();
        self.people.lock().unwrap().insert(handle.to_owned(), id);
    }

    /// Somebody from outside.
    pub async fn outsider(&self, handle: &str) -> PersonId {
        self.bring(handle, PersonKind::Contributor, &[]).await
    }

    /// The person as the market knows them at this moment.
    pub async fn actor(&self, handle: &str) -> Actor {
        let id = self.person(handle).await;
        self.market.actor(id).await.unwrap()
    }

    /// Runs a command as this person.
    ///
    /// # Errors
    /// The command's refusals.
    pub async fn run<C: Command>(&self, handle: &str, command: C) -> Result<C::Output> {
        self.market.run(&self.actor(handle).await, command).await
    }

    /// Runs a command as this person; it must succeed.
    #[track_caller]
    pub fn must<C: Command>(&self, handle: &str, command: C) -> impl Future<Output = C::Output> {
        let caller = std::panic::Location::caller();
        async move {
            self.run(handle, command)
                .await
                .unwrap_or_else(|why| panic!("{caller}: {handle} was refused: {why:?}"))
        }
    }

    /// Runs a command as this person; it must be refused for what they can mend. Answers the codes' keys.
    #[track_caller]
    pub fn refused<C: Command>(&self, handle: &str, command: C) -> impl Future<Output = Vec<String>>
    where
        C::Output: std::fmt::Debug,
    {
        let caller = std::panic::Location::caller();
        async move {
            match self.run(handle, command).await {
                Err(Refusal::Invalid(problems)) => problem_codes(&Refusal::Invalid(problems)),
                other => panic!("{caller}: {handle} was not refused for what they can mend: {other:?}"),
            }
        }
    }

    // --- tokens -----------------------------------------------------------------------------------

    /// The treasurer of every world.
    pub async fn treasurer(&self) -> &'static str {
        if !self.people.lock().unwrap().contains_key("tess") {
            self.bring("tess", PersonKind::Member, &[Role::Treasurer]).await;
        }
        "tess"
    }

    /// Issues tokens and allocates them.
    pub async fn give(&self, to: Destination, amount: &str) {
        let treasurer = self.treasurer().await;
        let amount = self.tokens(amount);
        self.must(treasurer, IssueTokens { amount, reason: "for a story".to_owned() }).await;
        self.must(treasurer, AllocateTokens { to, amount, reason: "for a story".to_owned() }).await;
    }

    /// Issues tokens into a person's wallet.
    pub async fn give_person(&self, handle: &str, amount: &str) -> PersonId {
        let person = self.person(handle).await;
        self.give(Destination::Person(person), amount).await;
        person
    }

    /// A programme with a budget, owned by `owner`, from which `manager` may draw.
    pub async fn programme(&self, slug: &str, owner: &str, manager: &str, amount: &str) -> ProgrammeId {
        let treasurer = self.treasurer().await;
        let owner = Some(self.person(owner).await);
        let create = CreateProgramme {
            slug: slug.to_owned(),
            name: format!("Programme {slug}"),
            purpose: "What a story needs.".to_owned(),
            owner,
        };
        let programme = self.must(treasurer, create).await;
        let manager = self.person(manager).await;
        self.must(treasurer, GrantProgramme { programme, manager }).await;
        self.give(Destination::Programme(programme), amount).await;
        programme
    }

    /// A unit with its lead and further members.
    pub async fn unit(&self, slug: &str, lead: &str, members: &[&str]) -> UnitId {
        let create = CreateUnit {
            slug: slug.to_owned(),
            name: format!("Unit {slug}"),
            purpose: "What a story needs.".to_owned(),
            lead: None,
        };
        let unit = self.must(lead, create).await;
        for member in members {
            let person = self.person(member).await;
            self.must(lead, AddUnitMember { unit, person }).await;
        }
        unit
    }

    /// What a person's wallet holds, in major units.
    pub async fn balance(&self, handle: &str) -> String {
        let asker = self.actor(handle).await;
        let owner = WalletOwner::Person(self.person(handle).await);
        let wallet = self.market.wallet(&asker, owner).await.unwrap();
        self.market.asset().format(wallet.balance)
    }

    /// What a unit's wallet holds, in major units, as its lead sees it.
    pub async fn unit_balance(&self, unit: UnitId, lead: &str) -> String {
        let wallet = self.market.wallet(&self.actor(lead).await, WalletOwner::Unit(unit)).await.unwrap();
        self.market.asset().format(wallet.balance)
    }

    // --- what must always hold --------------------------------------------------------------------

    /// Seals everything, then verifies the whole installation: every leaf, tile, checkpoint and balance.
    pub async fn books_hold(&self) {
        self.market.seal_now().await.unwrap();
        let keys = self.market.log_keys(&Actor::Operator).await.unwrap();
        let keys: Vec<_> = keys.into_iter().map(|view| view.key).collect();
        let report = market::books::audit(self.market.store().reads(), &keys, |_, _| {}).await;
        let report = report.unwrap_or_else(|fault| panic!("the books don't hold: {fault}"));
        assert_eq!(report.waiting, 0, "everything is sealed");
        assert_eq!(report.checkpoints, report.signatures, "every checkpoint is signed");
        let origin = &self.market.settings().origin;
        let intents =
            market::signing::audit_intents(self.market.store().reads(), origin, report.signed).await;
        intents.unwrap_or_else(|fault| panic!("what was signed does not hold: {fault}"));

        let treasury = self.market.treasury(&self.actor(self.treasurer().await).await).await.unwrap();
        let parts =
            [treasury.treasury, treasury.programmes, treasury.wallets, treasury.escrow, treasury.retired];
        let sum = parts.into_iter().try_fold(Amount::ZERO, Amount::checked_add).unwrap();
        assert_eq!(sum, treasury.issued, "every token issued is somewhere: {treasury:?}");
        assert_eq!(report.supply, i128::from(treasury.issued.minor()), "the mint owes what was issued");
    }
}

/// The keys of the codes of a refusal, each with its field: `closes_at time-past`.
pub fn problem_codes(refusal: &Refusal) -> Vec<String> {
    let Refusal::Invalid(problems) = refusal else { return vec![format!("{refusal:?}")] };
    let line =
        |problem: &market::Problem| format!("{} {}", problem.field, problem.code.key()).trim().to_owned();
    problems.iter().map(line).collect()
}
