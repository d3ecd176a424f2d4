//! Tickets as a verifier meets them: good ones, forged ones, old ones, and those of other networks.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

use accounts::Endowment;
use light::testing::TestChain;
use light::{Anchor, Distrust, HeaderError, SignedHeader, Ticket, TicketError, Trail, route};
use primitives::{AccountId, Amount, BuildHash, ChainId, Height, List, SecretKey, StateRoot};
use proptest::prelude::*;
use releases::queries::Verdict;
use runtime::testing::{self, bond, genesis, holder, unbond, validator};
use runtime::{Call, CertificateError, Genesis, LEVEL};
use staking::GenesisBond;

const FIRST: BuildHash = BuildHash([0xaa; 32]);
const UNKNOWN: BuildHash = BuildHash([1; 32]);

fn refused(ticket: &Ticket, genesis: &Genesis) -> TicketError {
    ticket.verify(&Anchor::genesis(genesis), &FIRST).unwrap_err()
}

/// A chain whose four validators give way, one an epoch, to four others: nobody of genesis is left in the end.
fn replaced() -> TestChain {
    let mut genesis = genesis();
    genesis.staking.params.unbonding_epochs = 20;
    genesis
        .accounts
        .balances
        .extend((4..8).map(|i| Endowment { account: validator(i).account(), balance: Amount(2_000_000) }));
    let mut chain = TestChain::new(genesis);
    for index in 0..4 {
        let old = unbond(validator(index).account(), 1_000_000);
        chain.block(&[(validator(index + 4), bond(1_000_000)), (validator(index), old)]);
        chain.until((u64::from(index) + 1) * 10 + 9);
    }
    chain.until(75);
    chain
}

#[test]
fn a_ticket_shows_from_genesis_alone_that_a_build_is_approved() {
    let mut chain = TestChain::new(genesis());
    chain.until(25);
    let ticket = Ticket::from_bytes(&chain.ticket(FIRST).to_bytes()).unwrap();
    let proven = ticket.verify(&Anchor::genesis(&chain.genesis), &FIRST).unwrap();
    assert_eq!((proven.verdict(), proven.header.height, proven.epoch.0), (Verdict::Approved, Height(25), 2));
    let proven = chain.ticket(UNKNOWN).verify(&Anchor::genesis(&chain.genesis), &UNKNOWN).unwrap();
    assert_eq!(proven.verdict(), Verdict::NotApproved, "and that one is not");
}

#[test]
fn a_ticket_is_no_larger_than_it_must_be() {
    let small = TestChain::new(genesis()).ticket(FIRST).to_bytes().len();
    let hundred = TestChain::of_validators(100).ticket(FIRST).to_bytes().len();
    assert!(small < 4 << 10, "{small} bytes with 4 validators");
    assert!(hundred <= 16 << 10, "{hundred} bytes with 100 validators");
}

#[test]
fn trust_follows_validators_that_change_until_none_of_the_first_is_left() {
    let chain = replaced();
    let first: Vec<AccountId> = chain.genesis.validators().validators.iter().map(|v| v.account).collect();
    let last = &chain.head().validators.validators;
    assert!(last.len() == 4 && last.iter().all(|member| !first.contains(&member.account)));
    let ticket = chain.ticket(FIRST);
    assert!((1..5).contains(&ticket.hops.len()), "{} headers between", ticket.hops.len());
    ticket.verify(&Anchor::genesis(&chain.genesis), &FIRST).unwrap();

    let mut direct = ticket.clone();
    direct.hops = List::default();
    let TicketError::Distrust(Distrust::Strangers { have, .. }) = refused(&direct, &chain.genesis) else { panic!() };
    assert_eq!(have, Amount(0), "nobody known signed it");
    let late = Anchor::at(&chain.genesis, &chain.headers[59]);
    direct.verify(&late, &FIRST).expect("who knows the new validators needs no headers between");
}

#[test]
fn h07_hops_are_settled_as_they_are_taken_and_lead_to_whatever_comes_later() {
    let mut long = TestChain::new(genesis());
    long.until(155);
    for chain in [replaced(), long] {
        let (root, length) = (Anchor::genesis(&chain.genesis), chain.genesis.chain.epoch_length);
        let (mut trail, mut settled) = (Trail::resume(root.clone(), None), Vec::new());
        for (number, head) in chain.headers.iter().enumerate() {
            let ends = chain.headers[..number].iter().filter(|end| end.height().ends_epoch(length));
            let head = head.clone().trimmed();
            let taken = route(&root, ends.cloned().map(SignedHeader::trimmed), &head).unwrap();
            assert!(taken.starts_with(&settled), "height {}: what was taken is not given up", head.height());
            assert!(taken.len() <= settled.len() + 1, "height {}: one epoch's end leads on", head.height());
            root.follow(&settled).unwrap();
            if head.height().ends_epoch(length) {
                settled.extend(trail.extend(&chain.headers[number]));
            }
        }
        assert!(!settled.is_empty(), "this chain takes no hop");
    }
}

#[test]
fn h07_a_way_to_an_old_block_reads_no_header_that_came_after_it() {
    let mut chain = TestChain::new(genesis());
    chain.until(95);
    let (root, goal) = (Anchor::genesis(&chain.genesis), chain.headers[34].clone().trimmed());
    let read = std::cell::Cell::new(0);
    let ends = chain.headers.iter().filter(|end| end.height().ends_epoch(chain.genesis.chain.epoch_length));
    let counted = ends.inspect(|end| read.set(end.height().0)).cloned().map(SignedHeader::trimmed);
    let taken = route(&root, counted, &goal).unwrap();
    root.follow(&taken).unwrap().step(&goal).unwrap();
    assert_eq!((taken.len(), read.get()), (1, 39), "the one that shows that there are no others before");
}

#[test]
fn h07_hops_go_on_from_where_they_were_kept() {
    let chain = replaced();
    let (root, length) = (Anchor::genesis(&chain.genesis), chain.genesis.chain.epoch_length);
    let ends: Vec<_> = chain.headers.iter().filter(|end| end.height().ends_epoch(length)).collect();
    let mut trail = Trail::resume(root.clone(), None);
    let hops: Vec<_> = ends.iter().filter_map(|end| trail.extend(end)).collect();
    for number in 0..ends.len() {
        let taken: Vec<_> = hops.iter().filter(|hop| ends[number].height() > hop.height()).cloned().collect();
        let here = root.follow(&taken).unwrap();
        let mut resumed = Trail::resume(here, Some(ends[number].clone()));
        let later: Vec<_> = ends[number + 1..].iter().filter_map(|end| resumed.extend(end)).collect();
        assert_eq!([taken, later].concat(), hops, "resumed after {}", ends[number].height());
    }
}

#[test]
fn h07_where_the_first_headers_are_lost_the_first_that_is_left_is_a_hop() {
    let mut chain = TestChain::new(genesis());
    chain.until(155);
    let root = Anchor::genesis(&chain.genesis);
    let mut trail = Trail::resume(root.clone(), None);
    let left = chain.headers.iter().filter(|end| end.height() > Height(90));
    let ends = left.filter(|end| end.height().ends_epoch(chain.genesis.chain.epoch_length));
    let hops: Vec<_> = ends.filter_map(|end| trail.extend(end)).collect();
    assert_eq!(hops[0].height(), Height(99));
    assert!(root.step(&hops[0]).is_err(), "it does not lead there from genesis");
    Anchor::at(&chain.genesis, &hops[0]).follow(&hops[1..]).expect("who trusts it goes on from there");
}

#[test]
fn h15_trust_reaches_over_two_thirds_of_the_unbonding_time_so_that_evidence_finds_the_stake() {
    let mut chain = TestChain::new(genesis());
    chain.until(45);
    let ticket = chain.ticket(FIRST);
    assert_eq!(ticket.hops.len(), 1, "four epochs are more than two of the three that stake stays bonded");
    ticket.verify(&Anchor::genesis(&chain.genesis), &FIRST).unwrap();
    let direct = Ticket { hops: List::default(), ..ticket };
    let expired = Distrust::TrustExpired { found: Height(45), trusted: Height(0), period: 2 };
    assert_eq!(refused(&direct, &chain.genesis), TicketError::Distrust(expired));
    // Who signed a second history in the trusted epoch is believed for two more; in the one after them, its stake still answers.
    let mut chain = TestChain::new(genesis());
    chain.until(29);
    assert_eq!(chain.ticket(FIRST).hops.len(), 0);
    chain.until(30);
    let offence = testing::double_vote(&chain.genesis.chain.chain_id, &validator(0), Height(9));
    let evidence = Call::Staking(staking::Call::Evidence(Box::new(offence)));
    let facts = chain.block(&[(holder(0), evidence)]);
    assert!(facts.last().is_some_and(|fact| fact.outcome.is_ok()), "{facts:?}");
}

#[test]
fn t14_a_ticket_of_another_network_is_refused() {
    let mut other = genesis();
    other.chain.chain_id = ChainId::new("the-block-testnet").unwrap();
    let ticket = TestChain::new(other).ticket(FIRST);
    let TicketError::Distrust(Distrust::Header(HeaderError::ForeignChain { found, .. })) = refused(&ticket, &genesis())
    else {
        panic!()
    };
    assert_eq!(found.as_str(), "the-block-testnet");
}

/// A chain of the same name, whose validators are others.
fn of_thieves() -> TestChain {
    let mut forged = genesis();
    let thieves: Vec<SecretKey> = (0..4).map(|index| SecretKey::from_seed(&[index + 50; 32])).collect();
    for (index, thief) in thieves.iter().enumerate() {
        forged.accounts.balances[index].account = thief.account();
        forged.staking.bonds[index] =
            GenesisBond { account: thief.account(), validator: thief.account(), amount: Amount(1_000_000) };
    }
    forged.releases.approved[0].build_hash = UNKNOWN;
    TestChain::with_keys(forged, thieves)
}

#[test]
fn t21_validators_that_nobody_trusts_prove_nothing() {
    let ticket = of_thieves().ticket(UNKNOWN);
    let refused = ticket.verify(&Anchor::genesis(&genesis()), &UNKNOWN).unwrap_err();
    assert!(matches!(refused, TicketError::Distrust(Distrust::Strangers { have: Amount(0), .. })), "{refused}");
}

#[test]
fn t21_each_piece_of_a_ticket_is_held_against_the_others() {
    let chain = TestChain::new(genesis());
    let good = chain.ticket(FIRST);
    let change = |change: &dyn Fn(&mut Ticket)| {
        let mut ticket = good.clone();
        change(&mut ticket);
        refused(&ticket, &chain.genesis)
    };
    use TicketError::*;
    let header = |error| matches!(error, Distrust(light::Distrust::Header(_)));
    assert!(header(change(&|t| t.head.header.state_root = StateRoot([9; 32]))), "the certificate is for another block");
    assert!(header(change(&|t| t.head.validators.validators.pop().map(|_| ()).unwrap())), "another validator set");
    let short = change(&|t| t.head.certificate.signatures.truncate(2));
    let Distrust(light::Distrust::Header(HeaderError::Certificate { error, .. })) = short else { panic!() };
    assert!(matches!(error, CertificateError::TooLittlePower { .. }));
    assert!(matches!(change(&|t| t.approval = chain.proof(b"releases/roster")), OtherKey { .. }));
    assert!(matches!(change(&|t| t.approval.value.as_mut().unwrap()[0] ^= 1), Proof(_)));
    assert!(matches!(change(&|t| t.approval.value = None), Proof(_)));
    assert!(matches!(change(&|t| t.minimum_sequence.value = Some(vec![0; 24])), Proof(_)));
    assert!(matches!(change(&|t| t.levels.value = None), Proof(_)));
    assert!(matches!(change(&|t| t.levels = chain.proof(b"releases/roster")), OtherKey { .. }));
    let refused = good.verify(&Anchor::genesis(&chain.genesis), &UNKNOWN).unwrap_err();
    assert!(matches!(refused, OtherKey { .. }), "the ticket of another build");
}

#[test]
fn of_a_network_above_the_level_of_this_build_nothing_is_read_and_that_is_said() {
    let ticket = |level| {
        let mut genesis = genesis();
        genesis.chain.level = level;
        let chain = TestChain::new(genesis);
        (chain.ticket(FIRST), chain.genesis)
    };
    let (good, here) = ticket(LEVEL);
    let proven = good.verify(&Anchor::genesis(&here), &FIRST).unwrap();
    assert_eq!((proven.level(), proven.verdict()), (LEVEL, Verdict::Approved));
    let (newer, there) = ticket(LEVEL + 1);
    let said = refused(&newer, &there);
    assert_eq!(said, TicketError::NewerLevel { needs: LEVEL + 1, have: LEVEL });
    assert!(said.to_string().ends_with("use a newer build"), "{said}");
}

#[test]
fn a_ticket_from_before_what_is_known_is_stale() {
    let mut chain = TestChain::new(genesis());
    chain.until(5);
    let old = chain.ticket(FIRST);
    chain.until(12);
    let anchor = Anchor::at(&chain.genesis, chain.head());
    let stale = Distrust::Stale { found: Height(5), trusted: Height(12) };
    assert_eq!(old.verify(&anchor, &FIRST), Err(TicketError::Distrust(stale)));
    chain.ticket(FIRST).verify(&anchor, &FIRST).expect("the very head that is known");
}

#[test]
fn t30_another_block_at_a_known_height_is_a_fork() {
    let [mut one, two] = TestChain::forked(&genesis(), 5);
    let anchor = Anchor::at(&one.genesis, one.head());
    let TicketError::Distrust(Distrust::Forked(fork)) = two.ticket(FIRST).verify(&anchor, &FIRST).unwrap_err() else {
        panic!()
    };
    assert_eq!((fork.height(), fork.ours().block), (Height(5), one.head().header.hash()));
    assert!(
        fork.to_string().starts_with("the network has forked: its validators have decided two blocks of height 5, "),
        "{fork}"
    );
    // Each that signed both can be punished for it.
    let mut guilty: Vec<AccountId> = fork.offences().iter().map(staking::Offence::validator).collect();
    let mut signed: Vec<AccountId> = fork.theirs().signatures.iter().map(|(account, _)| *account).collect();
    guilty.sort_unstable();
    signed.sort_unstable();
    assert_eq!(guilty, signed);
    assert_eq!(guilty.len(), 3, "as many as are needed to decide");
    for offence in fork.offences() {
        let evidence = Call::Staking(staking::Call::Evidence(Box::new(offence)));
        let facts = one.block(&[(holder(0), evidence)]);
        assert!(facts.iter().all(|fact| fact.outcome.is_ok()), "{facts:?}");
    }
}

#[test]
fn t30_a_block_by_strangers_at_a_known_height_is_no_fork() {
    let (mut ours, mut forged) = (TestChain::new(genesis()), of_thieves());
    ours.until(5);
    forged.until(5);
    let anchor = Anchor::at(&ours.genesis, ours.head());
    let refused = forged.ticket(UNKNOWN).verify(&anchor, &UNKNOWN).unwrap_err();
    let expected = Distrust::Strangers { height: Height(5), have: Amount(0), total: Amount(4_000_000) };
    assert_eq!(refused, TicketError::Distrust(expected), "who can sign for nobody stops nobody");
}

#[test]
fn a_file_that_is_no_ticket_or_not_all_of_one_is_told_apart() {
    let bytes = TestChain::new(genesis()).ticket(FIRST).to_bytes();
    assert_eq!(Ticket::from_bytes(b"PK\x03\x04"), Err(TicketError::NotATicket));
    assert_eq!(Ticket::from_bytes(&[]), Err(TicketError::NotATicket));
    for cut in 20..bytes.len() {
        assert!(matches!(Ticket::from_bytes(&bytes[..cut]), Err(TicketError::Undecodable(_))), "cut at {cut}");
    }
    let longer = [bytes, vec![0]].concat();
    assert!(matches!(Ticket::from_bytes(&longer), Err(TicketError::Undecodable(_))));
    let huge = vec![0; light::MAX_TICKET_BYTES + 1];
    assert_eq!(Ticket::from_bytes(&huge), Err(TicketError::TooLarge(huge.len())));
}

#[test]
fn a_trimmed_header_still_has_its_two_thirds_and_no_more() {
    let chain = TestChain::new(genesis());
    let trimmed = chain.head().clone().trimmed();
    assert_eq!((chain.head().certificate.signatures.len(), trimmed.certificate.signatures.len()), (4, 3));
    trimmed.verify(&chain.genesis.chain.chain_id).unwrap();
}

/// A verified ticket, and the bytes of one, made once.
fn ticket() -> &'static (TestChain, Vec<u8>) {
    static TICKET: std::sync::LazyLock<(TestChain, Vec<u8>)> = std::sync::LazyLock::new(|| {
        let mut chain = TestChain::new(genesis());
        chain.until(45);
        let bytes = chain.ticket(FIRST).to_bytes();
        (chain, bytes)
    });
    &TICKET
}

proptest! {
    #[test]
    fn no_flipped_bit_makes_a_ticket_say_something_else(at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let (chain, bytes) = ticket();
        let mut bytes = bytes.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let anchor = Anchor::genesis(&chain.genesis);
        let verified = Ticket::from_bytes(&bytes).and_then(|ticket| ticket.verify(&anchor, &FIRST));
        prop_assert!(verified.is_err(), "the bit {bit} of byte {at} says nothing");
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = Ticket::from_bytes(&bytes);
        let _ = Ticket::from_bytes(&[b"the-block/ticket/v1\n".as_slice(), &bytes].concat());
    }
}

/// The headers of a chain and one more thing: what is not asked for stays out of it.
#[test]
fn a_header_of_its_own_chain_verifies_alone() {
    let chain = replaced();
    let verified = chain.headers.iter().map(|signed: &SignedHeader| signed.verify(&chain.genesis.chain.chain_id));
    assert!(verified.into_iter().all(|result| result.is_ok()));
}
