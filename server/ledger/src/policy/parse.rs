//! Reading a policy file, line by line.
//!
//! Promises: octets beyond ASCII are taken as they are, so that no name depends on Unicode; a name is
//! known only below the line that defines it, and belongs to one group at most. Must never guess.

use super::{Group, MAX_DEFINED, MAX_FILE, Member, Policy, PolicyError, PolicyLog, PolicyWitness};
use crate::{
    note::{KeyType, VerifierKey},
    text::parse_decimal,
};
use std::collections::HashMap;

/// The name that stands for nobody.
const NONE: &[u8] = b"none";

type Line<T> = Result<T, String>;

/// Reads a whole file.
pub(super) fn policy(file: &[u8]) -> Result<Policy, PolicyError> {
    let wrong = |line: usize, what: String| PolicyError { line, what };
    if file.len() > MAX_FILE {
        return Err(wrong(1, format!("the file has more than {MAX_FILE} bytes")));
    }
    let mut draft = Draft::default();
    let mut rest = file;
    let mut number = 0;
    while !rest.is_empty() {
        number += 1;
        let end = rest.iter().position(|byte| *byte == b'\n');
        let end = end.ok_or_else(|| wrong(number, "it does not end in a line feed".to_owned()))?;
        draft.line(&rest[..end]).map_err(|what| wrong(number, what))?;
        rest = &rest[end + 1..];
    }
    let quorum = draft.quorum.ok_or_else(|| wrong(number + 1, "there is no quorum line".to_owned()))?;
    Ok(Policy { logs: draft.logs, witnesses: draft.witnesses, groups: draft.groups, quorum })
}

/// What was read so far.
#[derive(Default)]
struct Draft {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    /// What each name stands for, and whether it is in a group already.
    names: HashMap<Vec<u8>, (Member, bool)>,
    quorum: Option<Option<Member>>,
}

impl Draft {
    fn line(&mut self, line: &[u8]) -> Line<()> {
        if let Some(byte) = line.iter().find(|byte| !matches!(byte, b'\t' | 0x20..=0x7e | 0x80..)) {
            return Err(format!("the octet {byte:02x} is not allowed"));
        }
        let items: Vec<&[u8]> =
            line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|item| !item.is_empty()).collect();
        match items.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key] => self.log(key, None),
            [b"log", key, url] => self.log(key, Some(url)),
            [b"witness", name, key] => self.witness(name, key, None),
            [b"witness", name, key, url] => self.witness(name, key, Some(url)),
            [b"group", name, needed, members @ ..] if !members.is_empty() => {
                self.group(name, needed, members)
            }
            [b"quorum", name] => self.quorum(name),
            [word @ (b"log" | b"witness" | b"group" | b"quorum"), ..] => {
                Err(format!("a {} line has other parts", shown(word)))
            }
            [word, ..] => Err(format!("nothing begins with `{}`", shown(word))),
        }
    }

    fn log(&mut self, key: &[u8], url: Option<&&[u8]>) -> Line<()> {
        let key = parse_key(key, KeyType::Ed25519, "a log's key has type 01")?;
        if self.logs.iter().any(|log| log.key.public_key() == key.public_key()) {
            return Err("this log's public key stands here twice".to_owned());
        }
        self.logs.push(PolicyLog { key, url: url.map(|url| shown(url)) });
        bounded(self.logs.len(), "logs")
    }

    fn witness(&mut self, name: &[u8], key: &[u8], url: Option<&&[u8]>) -> Line<()> {
        let key = parse_key(key, KeyType::CosignatureV1, "a witness's key has type 04")?;
        if self.witnesses.iter().any(|witness| witness.key.public_key() == key.public_key()) {
            return Err("this witness's public key stands here twice".to_owned());
        }
        self.define(name, Member::Witness(self.witnesses.len()))?;
        self.witnesses.push(PolicyWitness { name: shown(name), key, url: url.map(|url| shown(url)) });
        bounded(self.witnesses.len(), "witnesses")
    }

    fn group(&mut self, name: &[u8], needed: &[u8], members: &[&[u8]]) -> Line<()> {
        let most = members.len();
        let needed = match needed {
            b"any" => 1,
            b"all" => most,
            number => {
                let number = std::str::from_utf8(number).ok().and_then(parse_decimal);
                let number = number.and_then(|number| usize::try_from(number).ok());
                number.filter(|number| (1..=most).contains(number)).ok_or_else(|| {
                    format!("how many are needed is `any`, `all` or a number from 1 to {most}")
                })?
            }
        };
        let members = members.iter().map(|member| self.take(member)).collect::<Line<Vec<Member>>>()?;
        self.define(name, Member::Group(self.groups.len()))?;
        self.groups.push(Group { needed, members });
        bounded(self.groups.len(), "groups")
    }

    fn quorum(&mut self, name: &[u8]) -> Line<()> {
        if self.quorum.is_some() {
            return Err("there is a quorum line already".to_owned());
        }
        let member = if name == NONE { None } else { Some(self.known(name)?.0) };
        self.quorum = Some(member);
        Ok(())
    }

    fn define(&mut self, name: &[u8], what: Member) -> Line<()> {
        if name == NONE {
            return Err("`none` can't be the name of anything".to_owned());
        }
        match self.names.insert(name.to_owned(), (what, false)) {
            None => Ok(()),
            Some(_) => Err(format!("`{}` is defined twice", shown(name))),
        }
    }

    fn known(&mut self, name: &[u8]) -> Line<&mut (Member, bool)> {
        self.names.get_mut(name).ok_or_else(|| format!("`{}` is not defined above", shown(name)))
    }

    /// A member, which no other group may have.
    fn take(&mut self, name: &[u8]) -> Line<Member> {
        let (member, taken) = self.known(name)?;
        if std::mem::replace(taken, true) {
            return Err(format!("`{}` is in a group already", shown(name)));
        }
        Ok(*member)
    }
}

fn parse_key(text: &[u8], wanted: KeyType, otherwise: &str) -> Line<VerifierKey> {
    let text = std::str::from_utf8(text).map_err(|_| "the key is not UTF-8".to_owned())?;
    let key: VerifierKey = text.parse().map_err(|error: crate::note::KeyError| error.to_string())?;
    if key.key_type() == wanted { Ok(key) } else { Err(otherwise.to_owned()) }
}

fn bounded(count: usize, what: &str) -> Line<()> {
    if count <= MAX_DEFINED { Ok(()) } else { Err(format!("more than {MAX_DEFINED} {what}")) }
}

/// Octets for people to read.
fn shown(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}
