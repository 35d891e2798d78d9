//! The installation: its name, its asset, its clock and its limits.

use async_graphql::{Context, Object};

use crate::asset::Asset;
use crate::request::Ask;
use crate::scalar::{DateTime, Long};

/// This installation.
pub(crate) struct House;

/// This installation and the organisation that it serves.
#[Object]
impl House {
    /// The organisation's name.
    async fn name<'a>(&self, ctx: &Context<'a>) -> &'a str {
        &ctx.market().settings().house
    }

    /// What all amounts are counted in.
    async fn asset(&self, ctx: &Context<'_>) -> Asset {
        ctx.market().asset().clone().into()
    }

    /// The time by the clock that every deadline is decided by.
    async fn server_time(&self, ctx: &Context<'_>) -> DateTime {
        ctx.market().now().into()
    }

    /// The most bytes that one file of a submission may have.
    async fn max_file_size(&self, ctx: &Context<'_>) -> Long {
        Long(u64::try_from(ctx.market().settings().max_file).unwrap_or(u64::MAX))
    }

    /// The most files that one submission may have.
    async fn max_files(&self, ctx: &Context<'_>) -> Long {
        Long(u64::try_from(ctx.market().settings().max_files).unwrap_or(u64::MAX))
    }
}

/// The question about the installation.
#[derive(Default)]
pub(crate) struct HouseQuery;

#[Object]
impl HouseQuery {
    /// This installation; open to everybody.
    async fn house(&self) -> House {
        House
    }
}
