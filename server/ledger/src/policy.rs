//! Policy files: which logs to believe, and whose cosignatures it takes (C2SP tlog-policy).
//!
//! Promises: a file is read to the letter of the specification or refused with its line; the answer
//! depends on the file and the note alone. Must never count a key twice, nor let a log's key vouch for
//! another log.
//!
//! ```text
//! log <vkey> [url]
//! witness <name> <vkey> [url]
//! group <name> any|all|<number> <member>…
//! quorum <name>|none
//! ```

mod parse;

use crate::{
    checkpoint::{Checkpoint, CheckpointError, OpenCheckpoint},
    note::{NoteSignature, Verified, VerifierKey},
};

/// Longest file that is looked at, in bytes.
const MAX_FILE: usize = 256 << 10;
/// Most logs, witnesses or groups of each sort; the specification asks for at least 32.
const MAX_DEFINED: usize = 256;

/// What a policy file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    /// The rules by which groups are met; members stand before their group.
    groups: Vec<Group>,
    quorum: Option<Member>,
}

/// A log that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyLog {
    /// Its key, which carries its origin as its name.
    pub key: VerifierKey,
    /// Where it is, if the file says so.
    pub url: Option<String>,
}

/// A witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyWitness {
    /// What the file calls it; means nothing elsewhere.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where checkpoints are handed in, if the file says so.
    pub url: Option<String>,
}

/// Why a policy file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy: {what}")]
pub struct PolicyError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

/// What a policy says of a checkpoint that one of its logs has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The checkpoint with its signatures.
    pub open: OpenCheckpoint,
    /// Those of the policy's witnesses who have cosigned.
    pub by: Vec<Cosigned>,
    /// Whether they make up the quorum; true without any where the policy asks for none.
    pub quorum: bool,
}

/// A witness's word for a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// What the policy calls the witness.
    pub witness: String,
    /// Its key's id.
    pub key_id: [u8; 4],
    /// When it signed, in seconds since 1970 UTC.
    pub at: u64,
}

/// A group: met when enough of its members are.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    needed: usize,
    members: Vec<Member>,
}

/// What a name of the file stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

impl Standing {
    /// Whether witnesses vouch for the checkpoint, as many as the policy asks for and at least one.
    #[must_use]
    pub const fn is_witnessed(&self) -> bool {
        self.quorum && !self.by.is_empty()
    }
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn parse(file: &[u8]) -> Result<Self, PolicyError> {
        parse::policy(file)
    }

    /// The logs, in the file's order.
    #[must_use]
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The witnesses, in the file's order.
    #[must_use]
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Whether the policy asks for any cosignature at all.
    #[must_use]
    pub const fn asks_for_witnesses(&self) -> bool {
        self.quorum.is_some()
    }

    /// Checks a signed checkpoint: one of the policy's logs must have signed it under its own name.
    /// `logs` are keys of logs that the caller knows from elsewhere. Cosignatures that are missing are no
    /// error: see [`Standing::quorum`].
    ///
    /// # Errors
    /// What [`Checkpoint::open`] refuses, and a checkpoint that only other logs have signed.
    pub fn verify(&self, note: &[u8], logs: &[VerifierKey]) -> Result<Standing, CheckpointError> {
        let open = Checkpoint::open(note, &self.keys(logs))?;
        if open.is_signed_by_its_origin() {
            Ok(self.judge(open))
        } else {
            Err(CheckpointError::NoLogSignature)
        }
    }

    /// Every key that a note may be checked by: `logs`, the policy's logs, and its witnesses.
    #[must_use]
    pub fn keys(&self, logs: &[VerifierKey]) -> Vec<VerifierKey> {
        let own = self.logs.iter().map(|log| &log.key);
        let witnesses = self.witnesses.iter().map(|witness| &witness.key);
        logs.iter().chain(own).chain(witnesses).cloned().collect()
    }

    /// What the policy says of a checkpoint that was opened with [`Policy::keys`].
    #[must_use]
    pub fn judge(&self, open: OpenCheckpoint) -> Standing {
        let by: Vec<Cosigned> = self
            .witnesses
            .iter()
            .filter_map(|witness| {
                let signed = open.verified.iter().find(|by| names(&witness.key, by))?;
                Some(Cosigned { witness: witness.name.clone(), key_id: signed.key_id, at: signed.timestamp? })
            })
            .collect();
        let quorum = self.is_met(|witness| open.verified.iter().any(|by| names(&witness.key, by)));
        Standing { open, by, quorum }
    }

    /// Whether the witnesses for whom `cosigned` holds make up the quorum.
    #[must_use]
    pub fn is_met(&self, cosigned: impl Fn(&PolicyWitness) -> bool) -> bool {
        let signed: Vec<bool> = self.witnesses.iter().map(cosigned).collect();
        let mut met: Vec<bool> = Vec::with_capacity(self.groups.len());
        let holds = |met: &[bool], member: &Member| match *member {
            Member::Witness(at) => signed.get(at).copied().unwrap_or_default(),
            Member::Group(at) => met.get(at).copied().unwrap_or_default(),
        };
        for group in &self.groups {
            let count = group.members.iter().filter(|member| holds(&met, member)).count();
            met.push(count >= group.needed);
        }
        self.quorum.is_none_or(|quorum| holds(&met, &quorum))
    }

    /// The witness whose key a signature line names.
    #[must_use]
    pub fn witness_of(&self, line: &NoteSignature) -> Option<&PolicyWitness> {
        self.witnesses.iter().find(|witness| witness.key.is_named_by(line))
    }
}

fn names(key: &VerifierKey, by: &Verified) -> bool {
    key.name() == by.name && key.id() == by.key_id && key.key_type() == by.key_type
}
