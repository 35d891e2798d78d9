//! What is checked and decided about persons and doors, without a database.
//!
//! Promises: one address is one person, however it is typed; attempts are counted in whole windows.
//! Must never: await, read a clock, throw dice.

use std::net::{IpAddr, Ipv6Addr};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::tables::invitation;
use crate::actor::{PersonKind, Role};
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::PersonId;
use crate::text;

/// How long a session and a refresh token hold, in seconds.
pub(super) const SIGNED_IN: i64 = 30 * 24 * 3_600;
/// How long an invitation holds, in seconds.
pub(super) const INVITED: i64 = 14 * 24 * 3_600;
/// How long failures to sign in are remembered, in seconds.
pub(super) const WINDOW: i64 = 15 * 60;
/// Failures for one address in one window.
const PER_ADDRESS: i64 = 10;
/// Failures from one client in one window.
const PER_CLIENT: i64 = 60;
/// Sign-ups and invitations tried by one client in one window.
const JOINING: i64 = 60;
/// Characters of a password.
const PASSWORD: std::ops::RangeInclusive<usize> = 10..=128;
/// Characters of a person's name.
const NAME: usize = 80;

/// What is kept of a secret that was handed out.
pub(super) fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// An address as it is kept and compared.
pub(super) fn address(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}

/// An address that could receive mail: printable ASCII, `local@domain.tld`, at most 254 characters
/// (RFC 5321 gives the lengths; quoted local parts and address literals are left out).
pub(super) fn email(problems: &mut Problems, field: &str, text: &str) -> String {
    let address = address(text);
    problems.check(!is_address(&address), field, Code::BadEmail);
    address
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"(),:;<>@[\\]".contains(&byte);
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && local.bytes().all(plain)
        && local.split('.').all(|part| !part.is_empty())
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// A person's name.
pub(super) fn name(problems: &mut Problems, text: &str) -> String {
    text::line(problems, "name", text, NAME)
}

/// A new password: long enough, and not what everybody knows of the person.
pub(super) fn password(problems: &mut Problems, password: &str, email: &str, handle: &str) {
    let same = |known: &str| password.trim().eq_ignore_ascii_case(known);
    let weak = password.chars().count() < *PASSWORD.start() || same(email) || same(handle);
    problems.check(weak, "password", Code::WeakPassword { min: *PASSWORD.start() });
    problems.check(!fits(password), "password", Code::TooLong { max: *PASSWORD.end() });
}

/// Whether a text is short enough to be anybody's password.
pub(super) fn fits(password: &str) -> bool {
    password.chars().count() <= *PASSWORD.end()
}

/// Roles to be granted, sorted: each once, and to members only.
pub(super) fn roles(problems: &mut Problems, kind: PersonKind, wanted: &[Role]) -> Vec<Role> {
    for (index, role) in wanted.iter().enumerate() {
        problems.check(wanted[..index].contains(role), format!("roles.{index}"), Code::Twice);
    }
    problems.check(kind != PersonKind::Member && !wanted.is_empty(), "roles", Code::NotMember);
    let mut roles = wanted.to_vec();
    roles.sort_unstable();
    roles
}

/// Whether `person` may lose the role that `holders` hold.
pub(super) fn may_lose(role: Role, person: PersonId, holders: &[PersonId]) -> Result<()> {
    let last = role == Role::Admin && holders == [person];
    if last { Err(Refusal::on("role", Code::LastAdmin)) } else { Ok(()) }
}

/// Whether an invitation can still be used.
pub(super) fn usable(row: Option<invitation::Model>, now: Moment) -> Result<invitation::Model> {
    row.filter(|row| row.person_id.is_none() && row.expires_at > now.0).ok_or_else(unusable)
}

/// How an invitation that can't be used is refused.
pub(super) fn unusable() -> Refusal {
    Refusal::on("secret", Code::InvitationUnusable)
}

/// Something that attempts are counted by, and how many it bears in one window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Bucket {
    /// Its name in the table.
    pub(super) name: String,
    /// The limit.
    pub(super) limit: i64,
}

/// What sign-ups and invitations are counted by: hashing a password is dear, and so is a flood of people.
pub(super) fn joining(client: &str) -> Bucket {
    Bucket { name: format!("join:{}", network(client)), limit: JOINING }
}

/// What failures to sign in are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Buckets {
    /// By the address that they aim at.
    pub(super) address: String,
    /// By the client that they come from.
    pub(super) client: String,
}

impl Buckets {
    /// The buckets of an attempt at `address` from `client`.
    pub(super) fn of(address: &str, client: &str) -> Self {
        Self {
            address: format!("email:{}", hex::encode(digest(address))),
            client: format!("from:{}", network(client)),
        }
    }

    /// Each bucket with its limit.
    pub(super) fn limits(&self) -> Vec<Bucket> {
        let bucket = |name: &str, limit| Bucket { name: name.to_owned(), limit };
        vec![bucket(&self.address, PER_ADDRESS), bucket(&self.client, PER_CLIENT)]
    }
}

/// Whoever holds an IPv6 address holds its whole /64, so that is what counts as one client. Whatever
/// is not an address counts by its digest: a client must not choose what stands in our tables.
fn network(client: &str) -> String {
    match client.trim().parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Err(_) => hex::encode(digest(client)),
    }
}

/// One more attempt in a bucket of so many `attempts` since then: the bucket's new state, or the
/// refusal with the seconds until its window ends.
pub(super) fn count(bucket: Option<(i64, Moment)>, limit: i64, now: Moment) -> Result<(i64, Moment)> {
    match bucket.filter(|(_, since)| since.plus_seconds(WINDOW) > now) {
        None => Ok((1, now)),
        Some((attempts, since)) if attempts < limit => Ok((attempts + 1, since)),
        Some((_, since)) => {
            let left = since.plus_seconds(WINDOW).seconds_since(now) + 1;
            Err(Refusal::TooMany { retry_after: u64::try_from(left).unwrap_or(1) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(check: impl FnOnce(&mut Problems)) -> Vec<Code> {
        let mut problems = Problems::default();
        check(&mut problems);
        match problems.done() {
            Err(Refusal::Invalid(found)) => found.into_iter().map(|problem| problem.code).collect(),
            _ => Vec::new(),
        }
    }

    fn invitation(expires_at: i64, person_id: Option<uuid::Uuid>) -> invitation::Model {
        invitation::Model {
            id: uuid::Uuid::nil(),
            digest: digest("secret"),
            email: "ada@example.org".into(),
            roles: String::new(),
            invited_by: uuid::Uuid::nil(),
            created_at: 0,
            expires_at,
            person_id,
        }
    }

    #[test]
    fn one_address_is_one_person_however_it_is_typed() {
        let mut problems = Problems::default();
        assert_eq!(email(&mut problems, "email", "  Ada@Example.ORG\n"), "ada@example.org");
        assert_eq!(problems.done(), Ok(()));
        assert_eq!(address(" ADA@example.org "), "ada@example.org");
    }

    #[test]
    fn what_could_not_receive_mail_is_no_address() {
        let long = format!("{}@example.org", "a".repeat(65));
        let longest =
            format!("a@{}.org", ["b".repeat(63), "c".repeat(63), "d".repeat(63), "e".repeat(63)].join("."));
        let bad = [
            "",
            "ada",
            "@example.org",
            "ada@",
            "ada@example",
            "ada@.org",
            "ada@example..org",
            "a b@example.org",
            "ada@exa mple.org",
            "ada@@example.org",
            "ada@example.org\u{0}x",
            ".ada@example.org",
            "ada@-x.org",
            "ädä@example.org",
            "ada,eve@example.org",
            &long,
            &longest,
        ];
        for text in bad {
            assert_eq!(problems(|found| _ = email(found, "email", text)), [Code::BadEmail], "{text}");
        }
        for text in ["a@b.co", "ada.l+tag@mail.example.org", "x_y-z@xn--fiq228c.example"] {
            assert_eq!(problems(|found| _ = email(found, "email", text)), [], "{text}");
        }
    }

    #[test]
    fn a_password_is_long_enough_and_not_what_everybody_knows() {
        let check = |text: &str| problems(|found| password(found, text, "ada@example.org", "ada-lovelace"));
        let weak = Code::WeakPassword { min: 10 };
        assert_eq!(check("ninechars"), std::slice::from_ref(&weak));
        assert_eq!(check("ten chars!"), []);
        assert_eq!(check("零一二三四五六七八九"), []);
        assert_eq!(check("ADA@example.org"), std::slice::from_ref(&weak));
        assert_eq!(check("Ada-Lovelace"), [weak]);
        assert_eq!(check(&"x".repeat(128)), []);
        assert_eq!(check(&"x".repeat(129)), [Code::TooLong { max: 128 }]);
    }

    #[test]
    fn roles_are_for_members_and_each_is_named_once() {
        let check = |kind, wanted: &[Role]| problems(|found| _ = roles(found, kind, wanted));
        assert_eq!(check(PersonKind::Member, &[Role::Admin, Role::Auditor]), []);
        assert_eq!(check(PersonKind::Member, &[Role::Admin, Role::Admin]), [Code::Twice]);
        assert_eq!(check(PersonKind::Contributor, &[Role::Auditor]), [Code::NotMember]);
        assert_eq!(check(PersonKind::Contributor, &[]), []);
    }

    #[test]
    fn the_last_admin_keeps_the_role_and_any_other_role_can_go() {
        let [ada, eve] = [1, 2].map(|number| PersonId(uuid::Uuid::from_u128(number)));
        assert_eq!(may_lose(Role::Admin, ada, &[ada]), Err(Refusal::on("role", Code::LastAdmin)));
        assert_eq!(may_lose(Role::Admin, ada, &[ada, eve]), Ok(()));
        assert_eq!(may_lose(Role::Admin, eve, &[ada]), Ok(()));
        assert_eq!(may_lose(Role::Treasurer, ada, &[ada]), Ok(()));
    }

    #[test]
    fn an_invitation_works_once_and_until_it_runs_out() {
        let now = Moment(100);
        assert!(usable(Some(invitation(101, None)), now).is_ok());
        assert_eq!(usable(Some(invitation(100, None)), now), Err(unusable()));
        assert_eq!(usable(Some(invitation(101, Some(uuid::Uuid::nil()))), now), Err(unusable()));
        assert_eq!(usable(None, now), Err(unusable()));
    }

    #[test]
    fn the_attempt_over_the_limit_waits_until_the_window_ends() {
        let start = Moment(5_000_000);
        let mut bucket = None;
        for attempt in 1..=PER_ADDRESS {
            let now = start.plus_seconds(attempt - 1);
            bucket = Some(count(bucket, PER_ADDRESS, now).unwrap());
            assert_eq!(bucket, Some((attempt, start)));
        }
        let wait = |seconds| count(bucket, PER_ADDRESS, start.plus_seconds(seconds));
        assert_eq!(wait(10), Err(Refusal::TooMany { retry_after: 891 }));
        assert_eq!(wait(WINDOW - 1), Err(Refusal::TooMany { retry_after: 2 }));
        assert_eq!(wait(WINDOW), Ok((1, start.plus_seconds(WINDOW))));
    }

    #[test]
    fn a_bucket_holds_no_address_of_a_person_and_one_network_is_one_client() {
        let buckets = Buckets::of("ada@example.org", "203.0.113.9");
        assert!(!buckets.address.contains("ada"));
        assert_eq!(buckets.client, "from:203.0.113.9");
        let client = |from| Buckets::of("", from).client;
        assert_eq!(client("2001:db8:1:2:3::4"), client("2001:db8:1:2:ffff::"));
        assert_ne!(client("2001:db8:1:2::1"), client("2001:db8:1:3::1"));
        assert_eq!(client("::ffff:203.0.113.9"), "from:203.0.113.9");
        assert_eq!(client(&"x".repeat(9_000)).len(), 69);
    }

    #[test]
    fn a_secret_is_kept_as_its_sha_256() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex::encode(digest("abc")), abc);
    }
}
