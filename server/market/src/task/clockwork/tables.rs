//! The table `task_edge`. Must never: be read outside the market.

pub(crate) mod task_edge {
    //! What the clock has done with a task, in order.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_edge")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub no: i64,
        pub kind: String,
        pub subject: Uuid,
        pub due_at: i64,
        pub done_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
