//! Tokens: issued by the treasurer, moved by their owners, never made or lost on the way.

use std::collections::BTreeMap;

use market::wallet::{AllocateTokens, Destination, IssueTokens, TransferTokens};
use market::{Amount, Page, PersonId, PersonKind, Refusal, Role, UnitId, WalletOwner};
use tests::{World, both};
use uuid::Uuid;

async fn transfer(world: &World, from: &str, to: &str, amount: &str) -> TransferTokens {
    TransferTokens {
        from: WalletOwner::Person(world.person(from).await),
        to: WalletOwner::Person(world.person(to).await),
        amount: world.tokens(amount),
        memo: "for the coffee".to_owned(),
    }
}

/// Numbers that look like chance and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

both! {
    async fn tokens_come_from_the_treasurer_alone(world: &World) {
        world.bring("root", PersonKind::Member, &[Role::Admin, Role::Manager, Role::Auditor]).await;
        let issue = IssueTokens { amount: world.tokens("1"), reason: "because".to_owned() };
        for other in ["root", "ada"] {
            assert_eq!(world.run(other, issue.clone()).await.unwrap_err(), Refusal::NotFound, "{other}");
        }
        world.must(world.treasurer().await, issue).await;
    }

    async fn the_treasury_gives_what_it_has_and_not_more(world: &World) {
        let tess = world.treasurer().await;
        let ada = world.person("ada").await;
        world.must(tess, IssueTokens { amount: world.tokens("10"), reason: "a start".to_owned() }).await;
        let give =
            |amount| AllocateTokens { to: Destination::Person(ada), amount, reason: "a gift".to_owned() };
        let codes = world.refused(tess, give(world.tokens("10.01"))).await;
        assert_eq!(codes, ["amount insufficient-funds"]);
        world.must(tess, give(world.tokens("10"))).await;
        assert_eq!(world.balance("ada").await, "10.00");
    }

    async fn no_more_tokens_exist_than_the_ledger_can_hold(world: &World) {
        let tess = world.treasurer().await;
        let issue = |amount| IssueTokens { amount, reason: "all".to_owned() };
        world.must(tess, issue(Amount::MAX)).await;
        let codes = world.refused(tess, issue(Amount::new(1).unwrap())).await;
        assert!(codes[0].ends_with("amount-too-large"), "{codes:?}");
    }

    async fn a_transfer_moves_exactly_its_amount(world: &World) {
        world.give_person("ada", "10").await;
        let command = transfer(world, "ada", "ben", "3.33").await;
        world.must("ada", command).await;
        assert_eq!(
            (world.balance("ada").await, world.balance("ben").await),
            ("6.67".to_owned(), "3.33".to_owned())
        );
    }

    async fn nobody_spends_what_they_dont_have_or_what_is_not_theirs(world: &World) {
        world.give_person("ada", "10").await;
        let too_much = transfer(world, "ada", "ben", "10.01").await;
        assert_eq!(world.refused("ada", too_much).await, ["amount insufficient-funds"]);
        let hers = transfer(world, "ada", "ben", "1").await;
        for thief in ["ben", "tess"] {
            assert_eq!(world.run(thief, hers.clone()).await.unwrap_err(), Refusal::NotFound, "{thief}");
        }
        assert_eq!(world.balance("ada").await, "10.00");
    }

    async fn a_senseless_transfer_is_refused(world: &World) {
        world.give_person("ada", "10").await;
        let fine = transfer(world, "ada", "ben", "1").await;
        let table = [
            (TransferTokens { amount: world.tokens("0"), ..fine.clone() }, "amount amount-zero"),
            (TransferTokens { to: fine.from, ..fine.clone() }, "to same-wallet"),
            (
                TransferTokens { to: WalletOwner::Person(PersonId(Uuid::from_u128(7))), ..fine.clone() },
                "to no-such-wallet",
            ),
            (
                TransferTokens { to: WalletOwner::Unit(UnitId(Uuid::from_u128(7))), ..fine.clone() },
                "to no-such-wallet",
            ),
            (TransferTokens { memo: "m".repeat(201), ..fine.clone() }, "memo too-long"),
            (TransferTokens { memo: "a\u{7}b".to_owned(), ..fine }, "memo control-characters"),
        ];
        for (command, code) in table {
            assert_eq!(world.refused("ada", command).await, [code]);
        }
    }

    async fn a_memo_is_read_by_both_ends_and_by_nobody_else(world: &World) {
        world.give_person("ada", "10").await;
        let command = transfer(world, "ada", "ben", "1").await;
        let record = world.must("ada", command).await;
        for (who, reads) in [("ada", true), ("ben", true), ("eva", false), ("mia", false)] {
            let seen = world.market.record(&world.actor(who).await, record).await.unwrap();
            let memo = seen.disclosures.iter().any(|text| text.data == b"for the coffee");
            assert_eq!(memo, reads, "{who}");
            assert!(!String::from_utf8_lossy(&seen.bytes).contains("coffee"), "a record holds no text");
        }
    }

    async fn a_statement_is_complete_and_its_balance_runs(world: &World) {
        world.give_person("ada", "10").await;
        for (from, to, amount) in [("ada", "ben", "4"), ("ben", "ada", "1.5"), ("ada", "ben", "7.5")] {
            let command = transfer(world, from, to, amount).await;
            world.must(from, command).await;
        }
        let owner = WalletOwner::Person(world.person("ada").await);
        let ada = world.actor("ada").await;
        let all = world.market.statement(&ada, owner, Page::default()).await.unwrap();
        let mut lines: Vec<_> = all.items.into_iter().map(|(_, line)| line).collect();
        lines.reverse();
        let seqs: Vec<u64> = lines.iter().map(|line| line.seq).collect();
        assert_eq!(seqs, [1, 2, 3, 4], "no gap, no missing line");
        let balances: Vec<String> =
            lines.iter().map(|line| world.market.asset().format(line.balance_after)).collect();
        assert_eq!(balances, ["10.00", "6.00", "7.50", "0.00"]);
        assert_eq!(lines.iter().map(|line| line.credit).collect::<Vec<_>>(), [true, false, true, false]);
    }

    async fn a_statement_reads_the_same_in_pages_of_one_from_either_end(world: &World) {
        world.give_person("ada", "10").await;
        for _ in 0..4 {
            let command = transfer(world, "ada", "ben", "1").await;
            world.must("ada", command).await;
        }
        let owner = WalletOwner::Person(world.person("ada").await);
        let ada = world.actor("ada").await;
        let page = |page| async { world.market.statement(&ada, owner, page).await.unwrap() };
        let whole: Vec<u64> = page(Page::default()).await.items.iter().map(|(_, line)| line.seq).collect();
        assert_eq!(whole, [5, 4, 3, 2, 1], "newest first");
        let (mut forward, mut after) = (Vec::new(), None);
        loop {
            let part = page(Page { first: Some(2), after, ..Page::default() }).await;
            assert_eq!(part.total, 5);
            forward.extend(part.items.iter().map(|(_, line)| line.seq));
            after = part.items.last().map(|(cursor, _)| cursor.clone());
            if !part.has_next {
                break;
            }
        }
        assert_eq!(forward, whole);
        let (mut backward, mut before) = (Vec::new(), None);
        loop {
            let part = page(Page { last: Some(2), before, ..Page::default() }).await;
            let seqs: Vec<u64> = part.items.iter().map(|(_, line)| line.seq).collect();
            backward.splice(0..0, seqs);
            before = part.items.first().map(|(cursor, _)| cursor.clone());
            if !part.has_previous {
                break;
            }
        }
        assert_eq!(backward, whole);
    }

    async fn a_wallet_is_looked_into_by_its_owner_and_the_keepers_alone(world: &World) {
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        let owner = WalletOwner::Person(world.give_person("ada", "10").await);
        for (who, looks) in [("ada", true), ("tess", true), ("aud", true), ("ben", false), ("root", false)] {
            let seen = world.market.wallet(&world.actor(who).await, owner).await;
            assert_eq!(seen.is_ok(), looks, "{who}");
            if !looks {
                assert_eq!(seen.unwrap_err(), Refusal::NotFound, "{who}");
            }
        }
    }

    /// A hundred commands against a model that is a map of balances: every answer and every balance agree.
    async fn the_books_agree_with_a_model_that_fits_on_a_page(world: &World) {
        let names = ["ada", "ben", "cid"];
        let mut model: BTreeMap<&str, u64> = BTreeMap::new();
        let mut dice = Dice(0x5_A13A);
        for name in names {
            world.person(name).await;
            model.insert(name, 0);
        }
        for step in 0..100 {
            let (from, to) = (
                names[usize::try_from(dice.roll(3)).unwrap()],
                names[usize::try_from(dice.roll(3)).unwrap()],
            );
            let minor = dice.roll(400) + 1;
            let amount = Amount::new(minor).unwrap();
            if dice.roll(4) == 0 {
                world
                    .give(
                        Destination::Person(world.person(to).await),
                        &amount.format(world.market.asset().scale),
                    )
                    .await;
                *model.get_mut(to).unwrap() += minor;
            } else {
                let command = TransferTokens { amount, ..transfer(world, from, to, "1").await };
                let expected = if from == to {
                    vec!["to same-wallet"]
                } else if model[from] < minor {
                    vec!["amount insufficient-funds"]
                } else {
                    vec![]
                };
                match world.run(from, command).await {
                    Ok(_) => {
                        assert!(expected.is_empty(), "step {step}");
                        *model.get_mut(from).unwrap() -= minor;
                        *model.get_mut(to).unwrap() += minor;
                    }
                    Err(refusal) => assert_eq!(tests::problem_codes(&refusal), expected, "step {step}"),
                }
            }
        }
        for (name, minor) in model {
            assert_eq!(
                world.balance(name).await,
                Amount::new(minor).unwrap().format(world.market.asset().scale),
                "{name}"
            );
        }
    }
}
