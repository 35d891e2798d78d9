//! The first start: asset, mint, treasury, the head of an empty log, its first epoch and its key.
//!
//! Promises: any number of servers may start at once and find or make the same things; an installation
//! told another code, scale or origin than it was made with refuses to start. Must never: change a
//! code, a scale or an origin.

use ledger::{AccountKind, AssetCode, AssetNo, Checkpoint, Scale};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde::Serialize;
use uuid::Uuid;

use super::post::{account, code_and_scale};
use super::tables::{asset, epoch, log_head, log_key};
use super::{ASSET, KeyRing, keys, publish, sealer};
use crate::actor::Actor;
use crate::error::{Refusal, Result};
use crate::market::{AssetView, Settings};
use crate::policy::{Act, House, permit};
use crate::store::{Command, Scope, Store};

/// Makes what is missing and reads what is there.
///
/// # Errors
/// [`Refusal::Fault`] when the settings contradict what the installation was made with.
pub(crate) async fn found(store: &Store, settings: &Settings, ring: Option<&KeyRing>) -> Result<AssetView> {
    let (code, scale) = checked(settings)?;
    let key = ring.and_then(|ring| ring.public().first().map(|key| key.to_bytes().to_vec()));
    let found =
        Found { code, scale, name: settings.asset.name.clone(), origin: settings.origin.clone(), key };
    store.write(&Actor::Clockwork, None, found).await?;
    let row = asset::Entity::find_by_id(i64::from(ASSET.0)).one(store.reads()).await?;
    let row = row.ok_or_else(|| Refusal::fault("the asset is not there"))?;
    let (code, scale) = code_and_scale(&row)?;
    let no = AssetNo(u32::try_from(row.no).map_err(Refusal::fault)?);
    Ok(AssetView { no, code, scale, name: row.name })
}

fn checked(settings: &Settings) -> Result<(AssetCode, Scale)> {
    let code = settings.asset.code.parse().map_err(Refusal::fault)?;
    let scale = Scale::new(settings.asset.scale).map_err(Refusal::fault)?;
    if settings.origin.trim().is_empty() || settings.origin.chars().any(char::is_control) {
        return Err(Refusal::fault("the origin of the log must be one line of text"));
    }
    Ok((code, scale))
}

#[derive(Serialize)]
struct Found {
    code: AssetCode,
    scale: Scale,
    name: String,
    origin: String,
    /// The public key of the log, if this is the first server that holds one.
    key: Option<Vec<u8>>,
}

impl Command for Found {
    type Output = ();
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        permit(asker, Act::KeepTime, &House)?;
        self.asset(scope).await?;
        account(scope, AccountKind::Mint, Uuid::nil()).await?;
        account(scope, AccountKind::Treasury, Uuid::nil()).await?;
        self.log(scope).await?;
        self.first_epoch(scope).await?;
        self.first_key(scope).await
    }
}

impl Found {
    async fn asset(&self, scope: &Scope<'_>) -> Result<()> {
        let no = i64::from(ASSET.0);
        let new = asset::ActiveModel {
            no: Set(no),
            code: Set(self.code.as_str().to_owned()),
            scale: Set(i64::from(self.scale.get())),
            name: Set(self.name.clone()),
            created_at: Set(scope.now.0),
        };
        let there = OnConflict::new().do_nothing().to_owned();
        asset::Entity::insert(new).on_conflict(there).try_insert().exec_without_returning(scope.txn).await?;
        let row = asset::Entity::find_by_id(no).one(scope.txn).await?;
        let row = row.ok_or_else(|| Refusal::fault("another asset has this code already"))?;
        let (code, scale) = code_and_scale(&row)?;
        if code != self.code || scale != self.scale {
            return Err(Refusal::fault(format!(
                "this installation's asset is {code} with {} decimals: its code and scale can't be changed",
                scale.get()
            )));
        }
        if row.name != self.name {
            let mut row = row.into_active_model();
            row.name = Set(self.name.clone());
            row.update(scope.txn).await?;
        }
        Ok(())
    }

    async fn log(&self, scope: &Scope<'_>) -> Result<()> {
        let new = log_head::ActiveModel {
            id: Set(sealer::HEAD),
            origin: Set(self.origin.clone()),
            epoch: Set(1),
            size: Set(0),
            root: Set(ledger::tree::empty_root().to_vec()),
        };
        let there = OnConflict::new().do_nothing().to_owned();
        log_head::Entity::insert(new)
            .on_conflict(there)
            .try_insert()
            .exec_without_returning(scope.txn)
            .await?;
        Ok(())
    }

    async fn first_epoch(&self, scope: &Scope<'_>) -> Result<()> {
        let new = epoch::ActiveModel {
            no: Set(1),
            origin: Set(sealer::head(scope.txn).await?.origin),
            from_size: Set(0),
            from_root: Set(ledger::tree::empty_root().to_vec()),
            record_id: Set(None),
            reason: Set(String::new()),
            at: Set(scope.now.0),
        };
        let there = OnConflict::new().do_nothing().to_owned();
        epoch::Entity::insert(new).on_conflict(there).try_insert().exec_without_returning(scope.txn).await?;
        let first = epoch::Entity::find_by_id(1).one(scope.txn).await?;
        let first = first.ok_or_else(|| Refusal::fault("the log has no first epoch"))?;
        if first.origin == self.origin {
            Ok(())
        } else {
            Err(Refusal::fault(format!(
                "this installation's log is {}: its origin can't be changed",
                first.origin
            )))
        }
    }

    /// Takes the key down as the log's if the log has none. What was signed before keys were taken down must
    /// be its work.
    async fn first_key(&self, scope: &Scope<'_>) -> Result<()> {
        let Some(key) = &self.key else { return Ok(()) };
        if log_key::Entity::find().count(scope.txn).await? > 0 {
            return Ok(());
        }
        if let Some(newest) = publish::newest(scope.txn).await? {
            let known = [keys::named(&self.origin, key)?];
            Checkpoint::open(newest.note.as_bytes(), &known).map_err(|error| {
                Refusal::fault(format!("this server's key is not the one that signed the log: {error}"))
            })?;
        }
        let new = log_key::ActiveModel {
            epoch: Set(1),
            public_key: Set(key.clone()),
            from_size: Set(0),
            until_size: Set(None),
            record_id: Set(None),
            retired_by: Set(None),
            at: Set(scope.now.0),
        };
        let there = OnConflict::new().do_nothing().to_owned();
        log_key::Entity::insert(new)
            .on_conflict(there)
            .try_insert()
            .exec_without_returning(scope.txn)
            .await?;
        Ok(())
    }
}
