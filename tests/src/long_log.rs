//! A log of a length that a test needs.

use market::wallet::TransferTokens;
use market::{Actor, Amount, WalletOwner};

use crate::world::World;

impl World {
    /// Lets the smallest amounts pass from ada to bob until so many records are sealed and signed.
    pub async fn grow_log(&self, size: u64) {
        let cent = Amount::new(1).unwrap();
        let from = WalletOwner::Person(self.give_person("ada", "1000").await);
        let to = WalletOwner::Person(self.person("bob").await);
        self.market.seal_now().await.unwrap();
        let sealed = self.market.head(&Actor::Visitor).await.unwrap().size;
        for _ in sealed..size {
            self.must("ada", TransferTokens { from, to, amount: cent, memo: String::new() }).await;
        }
        self.market.seal_now().await.unwrap();
    }

    /// The bytes of every sealed record, by its place, as ada reads them.
    pub async fn all_records(&self) -> Vec<Vec<u8>> {
        let ada = self.actor("ada").await;
        let size = self.market.head(&ada).await.unwrap().size;
        let mut records = Vec::new();
        for index in 0..size {
            records.push(self.market.record_by_index(&ada, index).await.unwrap().bytes);
        }
        records
    }
}
