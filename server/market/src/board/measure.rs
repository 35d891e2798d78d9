//! Reading keys and predictions and measuring them, off the threads that serve.
//!
//! Promises: bounded in size by what the file store takes and in number by [`AT_ONCE`]; what comes back of a
//! running race depends on the public part alone.

use metric::{Fault, Key, Part, Split};
use tokio::sync::Semaphore;

use super::tables::{self, answer_key};
use super::{MetricRules, rules};
use crate::error::{Code, Refusal, Result};
use crate::market::Market;
use crate::submission::FileInput;
use crate::task::{Judging, Task};

/// How many tables are measured at the same moment.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// What a version that brings these files scores on the public part, and which of them is the table of
/// predictions; nothing where the race is not measured. Whether it is taken, and counts, the command decides: the
/// same version sent again with its key must come to the same command, also when the quota is used up meanwhile.
///
/// # Errors
/// What is wrong with the table.
pub(crate) async fn score(market: &Market, task: &Task, files: &[FileInput]) -> Result<Option<(usize, f64)>> {
    let Judging::Metric(measured) = &task.rules.judging else { return Ok(None) };
    let at = predictions_among(files.iter().map(|file| file.name.as_str()))?;
    let db = market.store().reads();
    let row =
        tables::key_of(db, task.id).await?.ok_or_else(|| Refusal::fault("an open race without its key"))?;
    let key = market.files().read(&row.digest()?).await?;
    let given = files[at].bytes.clone();
    let figures = figures(measured, &row, key, Part::Public, vec![given]).await?;
    match figures.into_iter().next() {
        Some(Ok(figure)) => Ok(Some((at, figure))),
        Some(Err(fault)) => Err(Refusal::on(format!("files.{at}.content"), rules::told(fault))),
        None => Err(Refusal::fault("nothing was measured")),
    }
}

/// Which file is the table of predictions: the only one whose name ends in `.csv`.
pub(super) fn predictions_among<'n>(names: impl Iterator<Item = &'n str>) -> Result<usize> {
    let mut tables = names.enumerate().filter(|(_, name)| name.trim().to_ascii_lowercase().ends_with(".csv"));
    match (tables.next(), tables.next()) {
        (Some((at, _)), None) => Ok(at),
        _ => Err(Refusal::on("files", Code::PredictionsNeeded)),
    }
}

/// Refuses once an entry has had so many versions measured within a day.
pub(super) fn check_quota(measured: &MetricRules, before: u64) -> Result<()> {
    if before >= u64::from(measured.per_day) {
        return Err(Refusal::because(Code::QuotaUsed { max: measured.per_day }));
    }
    Ok(())
}

/// Reads a key and draws its split; answers how many rows it has, and how many of them are public.
pub(super) async fn look_at(
    measured: &MetricRules,
    bytes: Vec<u8>,
    salt: [u8; 32],
) -> Result<Result<(usize, usize), Fault>> {
    let (metric, positive, share) = (measured.metric, measured.positive.clone(), measured.public_share);
    aside(move || {
        let key = Key::read(&bytes, metric, positive.as_deref())?;
        let split = key.split(&salt, share);
        key.check(&split)?;
        Ok((key.rows(), split.public()))
    })
    .await
}

/// What each of these tables of predictions measures on one part.
pub(super) async fn figures(
    measured: &MetricRules,
    row: &answer_key::Model,
    key: Vec<u8>,
    part: Part,
    given: Vec<Vec<u8>>,
) -> Result<Vec<Result<f64, Fault>>> {
    let (metric, positive) = (measured.metric, measured.positive.clone());
    let (salt, share) = (row.drawn_by()?, measured.public_share);
    let measured = aside(move || {
        let key = Key::read(&key, metric, positive.as_deref())?;
        let split: Split = key.split(&salt, share);
        let one = |bytes: Vec<u8>| key.read_predictions(&bytes).map(|read| key.measure(&split, part, &read));
        Ok::<_, Fault>(given.into_iter().map(one).collect())
    });
    // The key was read when it was uploaded.
    measured.await?.map_err(Refusal::fault)
}

/// Runs what may take long where it holds up nobody.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _turn = AT_ONCE.acquire().await.map_err(Refusal::fault)?;
    tokio::task::spawn_blocking(work).await.map_err(Refusal::fault)
}
