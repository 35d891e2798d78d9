//! The asset that amounts are counted in.

use async_graphql::Object;
use market::AssetView;

/// The kind of token that all amounts of this installation are counted in.
pub(crate) struct Asset(AssetView);

/// The kind of token that all amounts of this installation are counted in.
#[Object]
impl Asset {
    /// Its short name, such as `SAI`.
    async fn code(&self) -> &str {
        self.0.code.as_str()
    }

    /// Its name as shown.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How many decimals its amounts have, 0 to 9.
    async fn scale(&self) -> u8 {
        self.0.scale.get()
    }
}

impl From<AssetView> for Asset {
    fn from(view: AssetView) -> Self {
        Self(view)
    }
}
