//! The tables of the books and the log. Must never: be read or written outside the market.

pub(crate) mod asset {
    //! A kind of token; code and scale are fixed.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "asset")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub no: i64,
        pub code: String,
        pub scale: i64,
        pub name: String,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod account {
    //! Who holds how much; moves forward only.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub owner: Uuid,
        pub asset: i64,
        pub seq: i64,
        pub debits: i64,
        pub credits: i64,
        pub last_posted_at: i64,
        /// The era of its newest posting.
        pub era: i64,
        /// The number of its first posting in that era.
        pub era_from: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod record {
    //! The canonical bytes, with the columns that they are found by; never changed.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "record")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub posted_at: i64,
        pub subject: Option<Uuid>,
        pub reversed: Option<Uuid>,
        pub made_by: Option<Uuid>,
        pub bytes: Vec<u8>,
        /// How many postings it has.
        pub lines: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod posting {
    //! The lines of records once more, for statements and sums; never changed. An account's are found
    //! era by era ([`super::super::eras`]), never by the account alone: no index begins with it.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "posting")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub record_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line: i64,
        pub account_id: Uuid,
        pub asset: i64,
        pub side: i64,
        pub amount: i64,
        pub seq: i64,
        pub debits: i64,
        pub credits: i64,
        /// The stretch of the log that it was posted in.
        pub era: i64,
        /// The era of the account's posting before this one.
        pub prev_era: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod seal_queue {
    //! Records that wait for their place in the log.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "seal_queue")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub record_id: Uuid,
        pub posted_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod leaf {
    //! Places in the log; never changed.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "leaf")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub idx: i64,
        pub record_id: Uuid,
        pub hash: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod log_head {
    //! The one row that decides who sealed what.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "log_head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub origin: String,
        pub epoch: i64,
        pub size: i64,
        pub root: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod tile {
    //! The tree, 256 hashes a row.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "tile")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub level: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub idx: i64,
        pub hashes: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod checkpoint {
    //! What was signed; never changed.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "checkpoint")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub size: i64,
        pub root: Vec<u8>,
        pub note: String,
        pub signed_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod cosignature {
    //! What witnesses have added to checkpoints; never changed.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "cosignature")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub size: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub witness: String,
        pub line: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod followed_log {
    //! Other logs, with the key that their checkpoints are believed by.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "followed_log")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub origin: String,
        pub verifier_key: String,
        pub url: String,
        pub since: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod anchor {
    //! The records that hold other logs' checkpoints; never changed.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "anchor")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub record_id: Uuid,
        pub origin: String,
        pub size: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod disclosure {
    //! Texts behind commitments, with their salts; may be erased one day.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "disclosure")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub record_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line: i64,
        pub label: String,
        pub salt: Vec<u8>,
        pub data: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod epoch {
    //! The log's epochs; never changed.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "epoch")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub no: i64,
        pub origin: String,
        pub from_size: i64,
        pub from_root: Vec<u8>,
        pub record_id: Option<Uuid>,
        pub reason: String,
        pub at: i64,
        #[sea_orm(has_many)]
        pub keys: HasMany<super::log_key::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod log_key {
    //! The public keys that ever signed the log; retired once, never changed otherwise.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "log_key")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub epoch: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub public_key: Vec<u8>,
        pub from_size: i64,
        pub until_size: Option<i64>,
        pub record_id: Option<Uuid>,
        pub retired_by: Option<Uuid>,
        pub at: i64,
        #[sea_orm(belongs_to, from = "epoch", to = "no")]
        pub of_epoch: HasOne<super::epoch::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
