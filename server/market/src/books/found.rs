//! The first start: asset, mint, treasury, and the head of an empty log.
//!
//! Promises: any number of servers may start at once and find or make the same things; an installation
//! told another code, scale or origin than it was made with refuses to start. Must never: change a
//! code, a scale or an origin.

use ledger::{AccountKind, AssetCode, AssetNo, Scale};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde::Serialize;
use uuid::Uuid;

use super::post::{account, code_and_scale};
use super::tables::{asset, log_head};
use super::{ASSET, sealer};
use crate::actor::Actor;
use crate::error::{Refusal, Result};
use crate::market::{AssetView, Settings};
use crate::policy::{Act, House, permit};
use crate::store::{Command, Scope, Store};

/// Makes what is missing and reads what is there.
///
/// # Errors
/// [`Refusal::Fault`] when the settings contradict what the installation was made with.
pub(crate) async fn found(store: &Store, settings: &Settings) -> Result<AssetView> {
    let (code, scale) = checked(settings)?;
    let found = Found { code, scale, name: settings.asset.name.clone(), origin: settings.origin.clone() };
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
}

impl Command for Found {
    type Output = ();
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        permit(asker, Act::KeepTime, &House)?;
        self.asset(scope).await?;
        account(scope, AccountKind::Mint, Uuid::nil()).await?;
        account(scope, AccountKind::Treasury, Uuid::nil()).await?;
        self.log(scope).await
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
        let head = sealer::head(scope.txn).await?;
        if head.origin == self.origin {
            Ok(())
        } else {
            Err(Refusal::fault(format!(
                "this installation's log is {}: its origin can't be changed",
                head.origin
            )))
        }
    }
}
