//! The tables of the outbox.

pub(crate) mod mailing {
    //! How people want their mail; who has no row wants it at once, in English.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "mailing")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
        pub mode: String,
        pub language: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod notice {
    //! One row for each person and event; `facts` is JSON, `due_at` says when to send it.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "notice")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub person_id: Uuid,
        pub kind: String,
        pub facts: String,
        pub at: i64,
        pub digest: bool,
        pub due_at: Option<i64>,
        pub tries: i64,
        pub sent_at: Option<i64>,
        pub trouble: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
