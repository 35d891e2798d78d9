//! Random commands against a small model in memory, on both databases: balances, refusals and repeated
//! commands must agree after every step, and the books must hold at the end.
//!
//! `TEST_MODEL_CASES` and `TEST_MODEL_STEPS` make it longer (12 histories of up to 30 steps otherwise).

use std::collections::BTreeMap;

use market::wallet::{AllocateTokens, Destination, IssueTokens, TransferTokens};
use market::{Amount, IdempotencyKey, RecordId, Refusal, WalletOwner};
use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use tests::{Db, Stage as _, World, problem_codes};
use tokio::runtime::Runtime;

/// Who takes part.
const PEOPLE: [&str; 4] = ["ada", "ben", "cid", "dot"];
/// Keys are few, so that they meet again.
const KEYS: u8 = 25;

/// What somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wish {
    /// The treasurer issues.
    Issue(u64),
    /// The treasurer allocates to somebody.
    Allocate(usize, u64),
    /// The first sends to the second.
    Transfer(usize, usize, u64),
}

impl Wish {
    /// Who asks: a person, or the treasurer.
    fn asker(&self) -> &'static str {
        match self {
            Self::Issue(_) | Self::Allocate(..) => "tess",
            Self::Transfer(from, ..) => PEOPLE[*from],
        }
    }
}

/// What must come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// The how manieth record this is.
    Record(usize),
    Refused(Vec<String>),
    KeyReused,
}

/// The books as a child would keep them.
#[derive(Clone, Debug, Default)]
struct Books {
    treasury: u64,
    wallets: [u64; PEOPLE.len()],
    records: usize,
    /// First outcomes by asker and key.
    remembered: BTreeMap<(&'static str, u8), (Wish, Outcome)>,
    /// What was asked last, and what must come of it.
    last: Option<Outcome>,
}

impl Books {
    fn ask(&mut self, key: u8, wish: &Wish) -> Outcome {
        let name = (wish.asker(), key);
        if let Some((known, outcome)) = self.remembered.get(&name) {
            return if known == wish { outcome.clone() } else { Outcome::KeyReused };
        }
        let outcome = self.decide(wish);
        // Who has too little today may have enough tomorrow; anything else never gets better.
        let may_change = |codes: &Vec<String>| codes.iter().all(|code| code.ends_with("insufficient-funds"));
        if !matches!(&outcome, Outcome::Refused(codes) if may_change(codes)) {
            self.remembered.insert(name, (wish.clone(), outcome.clone()));
        }
        outcome
    }

    fn decide(&mut self, wish: &Wish) -> Outcome {
        let refused =
            |codes: &[&str]| Outcome::Refused(codes.iter().map(|code| (*code).to_owned()).collect());
        let mut wrong = Vec::new();
        if matches!(wish, Wish::Transfer(from, to, _) if from == to) {
            wrong.push("to same-wallet");
        }
        if matches!(wish, Wish::Issue(0) | Wish::Allocate(_, 0) | Wish::Transfer(_, _, 0)) {
            wrong.push("amount amount-zero");
        }
        if !wrong.is_empty() {
            return refused(&wrong);
        }
        let (has, amount) = match wish {
            Wish::Issue(amount) => (u64::MAX, *amount),
            Wish::Allocate(_, amount) => (self.treasury, *amount),
            Wish::Transfer(from, _, amount) => (self.wallets[*from], *amount),
        };
        if amount > has {
            return refused(&["amount insufficient-funds"]);
        }
        match wish {
            Wish::Issue(amount) => self.treasury += amount,
            Wish::Allocate(to, amount) => {
                self.treasury -= amount;
                self.wallets[*to] += amount;
            }
            Wish::Transfer(from, to, amount) => {
                self.wallets[*from] -= amount;
                self.wallets[*to] += amount;
            }
        }
        self.records += 1;
        Outcome::Record(self.records - 1)
    }
}

impl ReferenceStateMachine for Books {
    type State = Self;
    type Transition = (u8, Wish);

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(books: &Self) -> BoxedStrategy<(u8, Wish)> {
        let person = 0..PEOPLE.len();
        let amount = prop_oneof![1 => Just(0), 8 => 1..1_000_u64, 1 => 1_000..100_000_u64];
        let fresh = prop_oneof![
            1 => amount.clone().prop_map(Wish::Issue),
            2 => (person.clone(), amount.clone()).prop_map(|(to, amount)| Wish::Allocate(to, amount)),
            5 => (person.clone(), person, amount).prop_map(|(from, to, amount)| Wish::Transfer(from, to, amount)),
        ];
        let new = (0..KEYS, fresh);
        let known: Vec<(u8, Wish)> =
            books.remembered.iter().map(|((_, key), (wish, _))| (*key, wish.clone())).collect();
        if known.is_empty() {
            new.boxed()
        } else {
            prop_oneof![4 => new, 1 => proptest::sample::select(known)].boxed()
        }
    }

    fn apply(mut books: Self, (key, wish): &(u8, Wish)) -> Self {
        books.last = Some(books.ask(*key, wish));
        books
    }
}

/// The market, and the records it made.
struct Played {
    runtime: Runtime,
    world: Option<World>,
    records: Vec<RecordId>,
}

impl Played {
    fn world(&self) -> &World {
        self.world.as_ref().unwrap()
    }

    fn ask(&self, key: u8, wish: &Wish) -> Result<RecordId, Refusal> {
        let world = self.world();
        self.runtime.block_on(async {
            let asker = world.actor(wish.asker()).await;
            let key = IdempotencyKey::parse(&format!("k{key}")).unwrap();
            let amount = |minor: u64| Amount::new(minor).unwrap();
            let reason = "a step of the model".to_owned();
            match *wish {
                Wish::Issue(minor) => {
                    let command = IssueTokens { amount: amount(minor), reason };
                    world.market.run_once(&asker, key, command).await
                }
                Wish::Allocate(to, minor) => {
                    let to = Destination::Person(world.person(PEOPLE[to]).await);
                    let command = AllocateTokens { to, amount: amount(minor), reason };
                    world.market.run_once(&asker, key, command).await
                }
                Wish::Transfer(from, to, minor) => {
                    let command = TransferTokens {
                        from: WalletOwner::Person(world.person(PEOPLE[from]).await),
                        to: WalletOwner::Person(world.person(PEOPLE[to]).await),
                        amount: amount(minor),
                        memo: String::new(),
                    };
                    world.market.run_once(&asker, key, command).await
                }
            }
        })
    }

    fn balances(&self) -> [u64; PEOPLE.len()] {
        let world = self.world();
        self.runtime.block_on(async {
            let mut balances = [0; PEOPLE.len()];
            for (balance, handle) in balances.iter_mut().zip(PEOPLE) {
                let owner = WalletOwner::Person(world.person(handle).await);
                let wallet = world.market.wallet(&world.actor(handle).await, owner).await.unwrap();
                *balance = wallet.balance.minor();
            }
            balances
        })
    }
}

/// A market on SQLite, or on PostgreSQL.
struct Model<const POSTGRES: bool>;

impl<const POSTGRES: bool> StateMachineTest for Model<POSTGRES> {
    type SystemUnderTest = Played;
    type Reference = Books;

    fn init_test(_: &Books) -> Played {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let world = runtime.block_on(async {
            let world = World::set_up(if POSTGRES { Db::Postgres } else { Db::Sqlite }).await;
            world.treasurer().await;
            for handle in PEOPLE {
                world.person(handle).await;
            }
            world
        });
        Played { runtime, world: Some(world), records: Vec::new() }
    }

    fn apply(mut played: Played, books: &Books, (key, wish): (u8, Wish)) -> Played {
        let came = played.ask(key, &wish);
        match (books.last.as_ref().unwrap(), came) {
            (Outcome::Record(serial), Ok(record)) if *serial == played.records.len() => {
                assert!(!played.records.contains(&record), "a new record has a new id");
                played.records.push(record);
            }
            (Outcome::Record(serial), Ok(record)) => {
                assert_eq!(played.records[*serial], record, "a command asked again has the first answer");
            }
            (Outcome::KeyReused, Err(Refusal::KeyReused)) => {}
            (Outcome::Refused(codes), Err(refusal)) => {
                assert_eq!(*codes, problem_codes(&refusal), "{wish:?}");
            }
            (expected, came) => panic!("{wish:?}: {expected:?} was expected, {came:?} came"),
        }
        played
    }

    fn check_invariants(played: &Played, books: &Books) {
        assert_eq!(played.balances(), books.wallets);
        assert_eq!(played.records.len(), books.records, "nothing else was posted");
    }

    fn teardown(mut played: Played, books: Books) {
        let world = played.world.take().unwrap();
        played.runtime.block_on(async {
            world.must_hold().await;
            let tess = world.actor("tess").await;
            let treasury = world.market.treasury(&tess).await.unwrap();
            assert_eq!(treasury.treasury.minor(), books.treasury);
            assert_eq!(world.market.head(&tess).await.unwrap().size, books.records as u64);
            world.strike().await;
        });
    }
}

fn number(variable: &str, otherwise: u32) -> u32 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn config() -> Config {
    let cases = number("TEST_MODEL_CASES", 12);
    Config { cases, max_shrink_iters: 100, failure_persistence: None, ..Config::default() }
}

fn steps() -> usize {
    usize::try_from(number("TEST_MODEL_STEPS", 30)).unwrap()
}

prop_state_machine! {
    #![proptest_config(config())]

    #[test]
    fn the_market_does_what_the_model_does_on_sqlite(sequential 1..steps() => Model<false>);

    #[test]
    fn the_market_does_what_the_model_does_on_postgres(sequential 1..steps() => Model<true>);
}
