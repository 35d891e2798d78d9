//! Whose a wallet, a budget or a payment is.

use async_graphql::{Context, Union};
use market::award::Payee;
use market::books::AccountOwner;
use market::task::TaskSource;
use market::{Result, WalletOwner};

use crate::person::Person;
use crate::programme::Programme;
use crate::task::Task;
use crate::unit::Unit;

/// Whose an account is, or whom a payment came from or went to.
#[derive(Union)]
pub(crate) enum Holder {
    /// A person's wallet.
    Person(Person),
    /// A unit's wallet.
    Unit(Unit),
    /// A programme's budget.
    Programme(Programme),
    /// A task's escrow.
    Task(Box<Task>),
}

/// Whose a wallet is.
#[derive(Union)]
#[graphql(name = "WalletOwner")]
pub(crate) enum Keeper {
    /// A person.
    Person(Person),
    /// A unit, whose lead moves its tokens.
    Unit(Unit),
}

impl Holder {
    /// The holder, or nothing where it is not open to the asker.
    pub(crate) async fn load(ctx: &Context<'_>, owner: impl Into<Owner>) -> Result<Option<Self>> {
        Ok(match owner.into().0 {
            AccountOwner::Person(id) => Person::load(ctx, id).await?.map(Self::Person),
            AccountOwner::Unit(id) => Unit::load(ctx, id).await?.map(Self::Unit),
            AccountOwner::Programme(id) => Programme::load(ctx, id).await?.map(Self::Programme),
            AccountOwner::Task(id) => Task::load(ctx, id).await?.map(|task| Self::Task(Box::new(task))),
        })
    }
}

impl Keeper {
    /// The keeper, or nothing where it is not open to the asker.
    pub(crate) async fn load(ctx: &Context<'_>, owner: WalletOwner) -> Result<Option<Self>> {
        Ok(match owner {
            WalletOwner::Person(id) => Person::load(ctx, id).await?.map(Self::Person),
            WalletOwner::Unit(id) => Unit::load(ctx, id).await?.map(Self::Unit),
        })
    }
}

/// The market's several words for a holder, as one.
pub(crate) struct Owner(AccountOwner);

impl From<AccountOwner> for Owner {
    fn from(owner: AccountOwner) -> Self {
        Self(owner)
    }
}

impl From<TaskSource> for Owner {
    fn from(source: TaskSource) -> Self {
        Self(match source {
            TaskSource::Programme(id) => AccountOwner::Programme(id),
            TaskSource::Person(id) => AccountOwner::Person(id),
            TaskSource::Unit(id) => AccountOwner::Unit(id),
        })
    }
}

impl From<Payee> for Owner {
    fn from(payee: Payee) -> Self {
        Self(match payee {
            Payee::Person(id) => AccountOwner::Person(id),
            Payee::Unit(id) => AccountOwner::Unit(id),
            Payee::Programme(id) => AccountOwner::Programme(id),
        })
    }
}
