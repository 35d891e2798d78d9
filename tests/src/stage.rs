//! Playing a story on a stage that is set up for it and struck afterwards.

use crate::database::Db;

/// Something that a story is played on.
pub trait Stage: Sized + Send {
    /// Sets it up on a fresh database.
    fn set_up(db: Db) -> impl Future<Output = Self>;

    /// What must hold after every story, whatever it was about.
    fn must_hold(&self) -> impl Future<Output = ()>;

    /// Strikes it and takes the database away.
    fn strike(self) -> impl Future<Output = ()>;
}

/// Plays one story from beginning to end, in a runtime of its own.
pub fn play<S: Stage>(db: Db, story: impl AsyncFnOnce(&S)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let stage = S::set_up(db).await;
        story(&stage).await;
        stage.must_hold().await;
        stage.strike().await;
    });
}
