//! How much anyone may ask in a minute.
//!
//! Promises: each person, and each address that asks without signing in, has a bucket that fills
//! steadily; what a query costs is taken out before it runs, and what there is not enough for does not
//! run. Must never: grow without bound, or read the clock.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use market::{Moment, PersonId};
use schema::RateLimit;

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Payer {
    /// A person, wherever they ask from.
    Person(PersonId),
    /// An address; of version 6 its network of 64 bits, which is what one customer gets.
    Address(IpAddr),
}

impl Payer {
    /// Whoever asks from `address` without signing in.
    pub fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
            address => address,
        })
    }
}

/// Everybody's buckets, in this server's memory.
#[derive(Debug, Default)]
pub struct Buckets(Mutex<HashMap<Payer, Bucket>>);

/// One point of cost, in the unit that buckets are kept in: a bucket for `limit` points gains `limit` such
/// units each microsecond, so it fills in a minute without fractions.
const POINT: i64 = 60_000_000;

/// When there are more buckets than this, full ones are dropped: they are as good as none.
const TIDY: usize = 50_000;

#[derive(Debug, Clone, Copy)]
struct Bucket {
    level: i64,
    limit: u32,
    at: Moment,
}

impl Buckets {
    /// Takes `cost` points out of a bucket for `limit`.
    ///
    /// # Errors
    /// The seconds until there will be enough; nothing was taken.
    pub fn take(&self, payer: Payer, limit: u32, cost: u64, now: Moment) -> Result<RateLimit, u64> {
        let mut buckets = lock(&self.0);
        if buckets.len() > TIDY && !buckets.contains_key(&payer) {
            buckets.retain(|_, bucket| bucket.filled(now).level < bucket.full());
        }
        let bucket = buckets.entry(payer).or_insert_with(|| Bucket::new(limit, now));
        *bucket = Bucket { limit, ..*bucket }.filled(now);
        bucket.take(cost)?;
        Ok(bucket.standing(cost))
    }
}

impl Bucket {
    fn new(limit: u32, now: Moment) -> Self {
        Self { level: i64::from(limit) * POINT, limit, at: now }
    }

    fn full(self) -> i64 {
        i64::from(self.limit) * POINT
    }

    fn rate(self) -> i64 {
        i64::from(self.limit.max(1))
    }

    fn filled(self, now: Moment) -> Self {
        let passed = now.0.saturating_sub(self.at.0).max(0);
        let gain = passed.saturating_mul(self.rate());
        Self { level: self.level.saturating_add(gain).min(self.full()), limit: self.limit, at: now }
    }

    fn take(&mut self, cost: u64) -> Result<(), u64> {
        let cost = i64::try_from(cost).unwrap_or(i64::MAX).saturating_mul(POINT);
        if self.level >= cost {
            self.level -= cost;
            return Ok(());
        }
        let micros = cost.saturating_sub(self.level) / self.rate();
        Err(u64::try_from(micros / 1_000_000).unwrap_or(0) + 1)
    }

    fn standing(self, cost: u64) -> RateLimit {
        RateLimit {
            cost,
            limit: u64::from(self.limit),
            remaining: u64::try_from(self.level / POINT).unwrap_or(0),
            reset_at: Moment(self.at.0.saturating_add((self.full() - self.level) / self.rate())),
        }
    }
}

/// The bucket of one request's asker, as the schema asks for it.
#[derive(Debug)]
pub struct Purse {
    buckets: Arc<Buckets>,
    payer: Payer,
    limit: u32,
    now: Moment,
    standing: Mutex<RateLimit>,
}

impl Purse {
    /// Opens the purse of `payer`, who pays one point for having asked at all.
    ///
    /// # Errors
    /// The seconds to wait when there is not even that.
    pub fn open(buckets: &Arc<Buckets>, payer: Payer, limit: u32, now: Moment) -> Result<Self, u64> {
        let standing = Mutex::new(buckets.take(payer, limit, 1, now)?);
        Ok(Self { buckets: Arc::clone(buckets), payer, limit, now, standing })
    }
}

impl schema::Meter for Purse {
    fn charge(&self, cost: u64) -> Result<(), u64> {
        let taken = self.buckets.take(self.payer, self.limit, cost.saturating_sub(1), self.now)?;
        *lock(&self.standing) = RateLimit { cost: cost.max(1), ..taken };
        Ok(())
    }

    fn standing(&self) -> RateLimit {
        *lock(&self.standing)
    }
}

/// What is locked here is whole at every instant, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use std::net::Ipv4Addr;

    use schema::Meter as _;

    use super::*;

    const NOW: Moment = Moment(1_795_248_000_000_000);

    fn payer(text: &str) -> Payer {
        Payer::at(text.parse().unwrap())
    }

    #[test]
    fn a_bucket_empties_by_cost_and_fills_in_a_minute() {
        let buckets = Buckets::default();
        let ada = payer("192.0.2.1");
        let left = |cost, now| buckets.take(ada, 600, cost, now).map(|standing| standing.remaining);
        assert_eq!(left(590, NOW), Ok(10));
        assert_eq!(left(21, NOW), Err(2), "eleven points are missing, 1.1 seconds");
        assert_eq!(left(10, NOW), Ok(0), "what was refused was not taken");
        assert_eq!(buckets.take(ada, 600, 0, NOW).unwrap().reset_at, NOW.plus_seconds(60));
        assert_eq!(left(0, NOW.plus_seconds(2)), Ok(20));
        assert_eq!(left(0, NOW.plus_seconds(3_600)), Ok(600));
    }

    #[test]
    fn whoever_asks_pays_one_point_and_then_the_rest_of_the_cost() {
        let buckets = Arc::new(Buckets::default());
        let purse = Purse::open(&buckets, payer("192.0.2.1"), 10, NOW).unwrap();
        assert_eq!(purse.standing().remaining, 9);
        purse.charge(0).unwrap();
        assert_eq!((purse.standing().cost, purse.standing().remaining), (1, 9));
        purse.charge(10).unwrap();
        assert_eq!((purse.standing().cost, purse.standing().remaining), (10, 0));
        assert_eq!(Purse::open(&buckets, payer("192.0.2.1"), 10, NOW).unwrap_err(), 7);
    }

    #[test]
    fn everybody_has_their_own_bucket_and_a_network_of_version_6_has_one() {
        let buckets = Buckets::default();
        buckets.take(payer("2001:db8::1"), 600, 600, NOW).unwrap();
        assert!(buckets.take(payer("2001:db8::ffff"), 600, 1, NOW).is_err());
        assert!(buckets.take(payer("2001:db8:0:1::1"), 600, 1, NOW).is_ok());
        assert_eq!(payer("::ffff:192.0.2.1"), payer("192.0.2.1"));
    }

    #[test]
    fn full_buckets_are_dropped_when_there_are_many() {
        let buckets = Buckets::default();
        for number in 0..=u32::try_from(TIDY).unwrap() {
            buckets.take(payer(&Ipv4Addr::from_bits(number).to_string()), 600, 1, NOW).unwrap();
        }
        buckets.take(payer("198.51.100.1"), 600, 1, NOW.plus_seconds(1)).unwrap();
        assert_eq!(lock(&buckets.0).len(), 1);
    }
}
