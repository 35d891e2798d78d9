//! Amounts: their text, their bounds, and how they are shared out.

use ledger::{Amount, AmountError, AssetCode, Scale, split};
use proptest::prelude::*;

fn scale(places: u8) -> Scale {
    Scale::new(places).unwrap()
}

#[test]
fn decimal_text_is_read_as_minor_units() {
    for (text, places, minor) in [
        ("0", 0, 0),
        ("12", 2, 1_200),
        ("12.5", 2, 1_250),
        ("12.50", 2, 1_250),
        ("0.01", 2, 1),
        ("0.000000001", 9, 1),
        ("9223372036854775807", 0, i64::MAX.unsigned_abs()),
        ("92233720368547758.07", 2, i64::MAX.unsigned_abs()),
    ] {
        assert_eq!(Amount::parse(text, scale(places)).map(Amount::minor), Ok(minor), "{text}");
    }
}

#[test]
fn text_that_can_be_taken_in_two_ways_is_refused() {
    let refused = [
        ("", AmountError::Empty),
        ("+1", AmountError::NotDecimal),
        ("-1", AmountError::NotDecimal),
        ("1e3", AmountError::NotDecimal),
        (" 1", AmountError::NotDecimal),
        ("1,000", AmountError::NotDecimal),
        ("1.2.3", AmountError::NotDecimal),
        (".5", AmountError::NotDecimal),
        ("5.", AmountError::NotDecimal),
        ("٣", AmountError::NotDecimal),
        ("\u{ff11}\u{ff12}", AmountError::NotDecimal),
        ("007", AmountError::LeadingZero),
        ("00", AmountError::LeadingZero),
        ("1.234", AmountError::TooManyDecimals(scale(2))),
        ("1.200", AmountError::TooManyDecimals(scale(2))),
        ("92233720368547758.08", AmountError::TooLarge),
        ("99999999999999999999", AmountError::TooLarge),
        ("111111111111111111111111111111111", AmountError::TooLong),
    ];
    for (text, error) in refused {
        assert_eq!(Amount::parse(text, scale(2)), Err(error), "{text}");
    }
    assert_eq!(Amount::parse("1.5", scale(0)), Err(AmountError::TooManyDecimals(scale(0))));
}

#[test]
fn amounts_stay_within_what_a_database_holds() {
    assert_eq!(Amount::new(1 << 63), Err(AmountError::TooLarge));
    assert_eq!(Amount::from_i64(-1), Err(AmountError::Negative));
    assert_eq!(Amount::MAX.as_i64(), i64::MAX);
    assert_eq!(Amount::MAX.checked_add(Amount::from_i64(1).unwrap()), None);
    assert_eq!(Amount::ZERO.checked_sub(Amount::MAX), None);
    assert_eq!(serde_json::to_string(&Amount::MAX).unwrap(), "9223372036854775807");
    assert!(serde_json::from_str::<Amount>("9223372036854775808").is_err());
}

#[test]
fn a_scale_has_at_most_nine_places() {
    assert_eq!(Scale::new(10), Err(AmountError::Scale(10)));
    assert_eq!(scale(9).units(), 1_000_000_000);
}

#[test]
fn asset_codes_are_short_upper_case_words() {
    for good in ["AB", "T0", "TOKENTOKEN12"] {
        assert_eq!(good.parse::<AssetCode>().unwrap().as_str(), good);
    }
    for bad in ["", "A", "1A", "ab", "A-B", "ÄB", "TOKENTOKEN123"] {
        assert_eq!(bad.parse::<AssetCode>(), Err(AmountError::AssetCode), "{bad}");
    }
}

#[test]
fn a_prize_is_shared_by_largest_remainder_and_ties_go_to_the_earlier() {
    let shares = |total, weights: &[u64]| {
        split(Amount::new(total).unwrap(), weights)
            .map(|s| s.into_iter().map(Amount::minor).collect::<Vec<_>>())
    };
    assert_eq!(shares(100, &[1, 1, 1]), Some(vec![34, 33, 33]));
    assert_eq!(shares(101, &[1, 1, 1]), Some(vec![34, 34, 33]));
    assert_eq!(shares(10, &[50, 30, 20]), Some(vec![5, 3, 2]));
    assert_eq!(shares(1, &[1, 2]), Some(vec![0, 1]));
    assert_eq!(shares(5, &[0, 7]), Some(vec![0, 5]));
    assert_eq!(shares(0, &[1, 1]), Some(vec![0, 0]));
    assert_eq!(shares(5, &[0, 0]), None);
    assert_eq!(shares(5, &[]), None);
    let max = i64::MAX.unsigned_abs();
    assert_eq!(shares(max, &[u64::MAX, u64::MAX]), Some(vec![max / 2 + 1, max / 2]));
}

proptest! {
    #[test]
    fn what_is_written_reads_back(minor in 0..=i64::MAX.unsigned_abs(), places in 0_u8..=9) {
        let amount = Amount::new(minor).unwrap();
        prop_assert_eq!(Amount::parse(&amount.format(scale(places)), scale(places)), Ok(amount));
    }

    #[test]
    fn no_text_makes_the_reader_panic_and_what_it_takes_is_one_number(text in "[0-9.+e٣ -]{0,36}", places in 0_u8..=9) {
        if let Ok(amount) = Amount::parse(&text, scale(places)) {
            let trim = |text: &str| match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
                false => text.to_owned(),
            };
            prop_assert_eq!(trim(&amount.format(scale(places))), trim(&text));
        }
    }

    #[test]
    fn shares_add_up_and_are_within_one_of_their_exact_part(
        total in 0..=i64::MAX.unsigned_abs(),
        weights in proptest::collection::vec(prop_oneof![0_u64..10, any::<u64>()], 1..40),
    ) {
        let sum: u128 = weights.iter().map(|w| u128::from(*w)).sum();
        let shares = split(Amount::new(total).unwrap(), &weights);
        prop_assert_eq!(shares.is_none(), sum == 0);
        for (share, weight) in shares.iter().flatten().zip(&weights) {
            let exact = u128::from(total) * u128::from(*weight);
            let times_sum = u128::from(share.minor()) * sum;
            prop_assert!(times_sum.abs_diff(exact) < sum);
        }
        if let Some(shares) = shares {
            prop_assert_eq!(shares.iter().map(|s| s.minor()).sum::<u64>(), total);
        }
    }
}
