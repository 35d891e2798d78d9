//! Deposit of evidence: a record without postings whose text is committed to and kept beside it.

use ledger::RecordKind;
use uuid::Uuid;

use super::{Draft, Evidence, Posted, post};
use crate::error::Result;
use crate::policy::Permit;
use crate::store::Scope;

/// Deposits `data` about `subject` under `label`.
///
/// # Errors
/// When the books refuse the record.
pub(crate) async fn deposit<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    subject: Uuid,
    kind: RecordKind,
    label: &'static str,
    data: Vec<u8>,
) -> Result<Posted> {
    let evidence = vec![Evidence { label, data }];
    post(scope, leave, Draft { kind, moves: Vec::new(), subject: Some(subject), reversed: None, evidence })
        .await
}
