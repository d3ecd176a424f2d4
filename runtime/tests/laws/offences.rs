//! H15: what contradicting itself costs a validator, over random calls with proofs that are good, forged, mirrored, repeated and
//! flipped in a bit; counted from raw storage and by no question that the rules ask.

use crate::actions::{ACCOUNTS, first_height, small_network, who};
use crate::cells::{BONDS, BURNED, PENALTIES, UNBONDING};
use crate::checks::Memo;
use crate::network::{Done, Network, bond, contradiction, delegate, evidence, transfer, unbond, unjail};
use crate::storms::{CROWD, STAKE, WRITES_OF_A_FACT, WRITES_OF_A_FRAME, blown, crowded, gusts};
use parity_scale_codec::{DecodeAll, Encode};
use primitives::{
    AccountId, Amount, BlockHash, ChainId, Epoch, Fraction, Height, List, SecretKey, Signature, VoteKind,
    proposal_payload, vote_payload,
};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use runtime::testing::{holder, validator};
use runtime::{Call, Cause, Certificate, Event};
use staking::{Loss, Offence, SignedProposal, SignedVote};
use state::{Memory, State};
use std::collections::{BTreeMap, BTreeSet};

/// How long tokens wait here: several acts are within reach at once, and together they cost more than there was.
const REACH: u64 = 4;

/// How somebody contradicts itself.
#[derive(Debug, Clone, Copy)]
enum Form {
    Votes,
    ForNoBlock,
    Proposals,
    AfterDecision,
    /// After what nobody but itself decided, which is no decision.
    AfterNone,
}

/// What becomes of the proof before it is sent.
#[derive(Debug, Clone)]
enum Fate {
    Good,
    /// Its two messages change places.
    Mirrored,
    /// The signatures are another's.
    Forged,
    /// One bit of it.
    Flipped(Index, u8),
}

#[derive(Debug, Clone)]
enum Step {
    Transfer(usize, u64),
    Bond(u64),
    Delegate(usize, u64),
    Unbond(usize, u64),
    UnbondAll(usize),
    Unjail,
    Prove { liar: usize, back: u64, form: Form, fate: Fate },
}

fn step() -> impl Strategy<Value = Step> {
    let form = prop::sample::select(vec![
        Form::Votes,
        Form::ForNoBlock,
        Form::Proposals,
        Form::AfterDecision,
        Form::AfterNone,
    ]);
    let fate = prop_oneof![
        6 => Just(Fate::Good),
        1 => Just(Fate::Mirrored),
        1 => Just(Fate::Forged),
        2 => (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Fate::Flipped(at, bit)),
    ];
    let account = 0..ACCOUNTS;
    prop_oneof![
        1 => (account.clone(), 1..1_000u64).prop_map(|(to, amount)| Step::Transfer(to, amount)),
        1 => (1_000..500_000u64).prop_map(Step::Bond),
        3 => (0..4usize, 1..200_000u64).prop_map(|(to, amount)| Step::Delegate(to, amount)),
        3 => (0..4usize, 1..200_000u64).prop_map(|(from, amount)| Step::Unbond(from, amount)),
        2 => (0..4usize).prop_map(Step::UnbondAll),
        2 => Just(Step::Unjail),
        4 => (0..5usize, 0..REACH + 2, form, fate)
            .prop_map(|(liar, back, form, fate)| Step::Prove { liar, back, form, fate }),
    ]
}

fn blocks() -> impl Strategy<Value = Vec<Vec<(usize, Step)>>> {
    prop::collection::vec(prop::collection::vec((0..ACCOUNTS, step()), 0..7), 1..40)
}

/// What a validator signs, by the key of whoever signs.
fn offence(network: &Network, form: Form, liar: AccountId, key: &SecretKey, height: Height) -> Offence {
    let chain = &network.genesis.chain.chain_id;
    let [one, other] = [BlockHash([1; 32]), BlockHash([2; 32])];
    let vote = |kind, round, block| SignedVote {
        block,
        signature: key.sign(&vote_payload(chain, kind, height, round, block)),
    };
    let of_votes = |blocks: [Option<BlockHash>; 2]| {
        let votes = blocks.map(|block| vote(VoteKind::Precommit, 1, block));
        Offence::of_votes(liar, height, 1, VoteKind::Precommit, votes).unwrap()
    };
    match form {
        Form::Votes => of_votes([Some(other), Some(one)]),
        Form::ForNoBlock => of_votes([Some(one), None]),
        Form::Proposals => {
            let proposal = |block, pol_round| SignedProposal {
                block,
                pol_round,
                signature: key.sign(&proposal_payload(chain, height, 2, block, pol_round)),
            };
            Offence::of_proposals(liar, height, 2, [proposal(one, None), proposal(other, Some(1))]).unwrap()
        }
        Form::AfterDecision | Form::AfterNone => {
            let set =
                staking::queries::validator_set(&network.state(), height.epoch(network.genesis.chain.epoch_length));
            let is_counted = |who: &AccountId| matches!(form, Form::AfterDecision) || *who == liar;
            let members = (0..4).map(validator).filter(|key| set.power_of(&key.account()).is_some());
            let members = members.filter(|key| is_counted(&key.account()));
            let payload = vote_payload(chain, VoteKind::Precommit, height, 0, Some(one));
            let signatures = members.map(|key| (key.account(), key.sign(&payload))).collect();
            let certificate = Certificate { height, round: 0, block: one, signatures: List::truncate_from(signatures) };
            let signature = vote(VoteKind::Precommit, 3, Some(other)).signature;
            Offence::AfterDecision { certificate, validator: liar, round: 3, block: other, signature }
        }
    }
}

/// The proof as it is sent; none where a flipped bit leaves no proof at all.
fn spoiled(offence: Offence, fate: &Fate) -> Option<Offence> {
    match fate {
        Fate::Good | Fate::Forged => Some(offence),
        Fate::Mirrored => Some(mirrored(offence)),
        Fate::Flipped(at, bit) => {
            let mut bytes = offence.encode();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            Offence::decode_all(&mut &bytes[..]).ok()
        }
    }
}

fn mirrored(offence: Offence) -> Offence {
    match offence {
        Offence::Votes { validator, height, round, kind, first, second } => {
            Offence::Votes { validator, height, round, kind, first: second, second: first }
        }
        Offence::Proposals { validator, height, round, first, second } => {
            Offence::Proposals { validator, height, round, first: second, second: first }
        }
        Offence::AfterDecision { certificate, validator, round, block, signature } => Offence::AfterDecision {
            round: certificate.round,
            certificate: Certificate { round, block, ..certificate.clone() },
            validator,
            block: certificate.block,
            signature,
        },
    }
}

/// The call that a step asks for, and whether it may not be granted because it was spoiled.
fn call(network: &Network, asking: AccountId, step: &Step) -> (Call, bool) {
    let state = network.state();
    let call = match step {
        Step::Transfer(to, amount) => transfer(who(*to).account(), *amount),
        Step::Bond(amount) => bond(*amount),
        Step::Delegate(to, amount) => delegate(who(*to).account(), *amount),
        Step::Unbond(from, amount) => unbond(who(*from).account(), *amount),
        Step::UnbondAll(from) => {
            let from = who(*from).account();
            unbond(from, staking::queries::bonded(&state, &asking, &from).0)
        }
        Step::Unjail => unjail(),
        Step::Prove { liar, back, form, fate } => {
            let (account, height) = (who(*liar).account(), first_height(network, *back));
            let key = if matches!(fate, Fate::Forged) { holder(2) } else { who(*liar) };
            let Some(offence) = spoiled(offence(network, *form, account, &key, height), fate) else {
                return (unjail(), false);
            };
            return (evidence(offence), !matches!(fate, Fate::Good));
        }
    };
    (call, false)
}

/// What each account has with each validator, bonded or waiting.
fn stakes(state: &State) -> BTreeMap<(AccountId, AccountId), i128> {
    let mut stakes = BTreeMap::new();
    let mut add = |who: AccountId, validator: AccountId, amount: Amount| {
        *stakes.entry((who, validator)).or_default() += i128::from(amount.0);
    };
    for (who, bonds) in BONDS.iter(state) {
        bonds.iter().for_each(|bond| add(who, bond.validator, bond.history.latest()));
    }
    UNBONDING.iter(state).for_each(|((_, validator, who), amount)| add(who, validator, amount));
    stakes.retain(|_, amount| *amount != 0);
    stakes
}

/// Two messages of one height that contradict each other, both signed by whom they are said to be by: found out anew.
fn convicts(chain: &ChainId, offence: &Offence) -> bool {
    let signed =
        |validator: &AccountId, payload: &[u8], signature: &Signature| validator.key().verify(payload, signature);
    match offence {
        Offence::Votes { validator, height, round, kind, first, second } => {
            let holds = |vote: &SignedVote| {
                signed(validator, &vote_payload(chain, *kind, *height, *round, vote.block), &vote.signature)
            };
            first.block != second.block && holds(first) && holds(second)
        }
        Offence::Proposals { validator, height, round, first, second } => {
            let holds = |one: &SignedProposal| {
                let payload = proposal_payload(chain, *height, *round, one.block, one.pol_round);
                signed(validator, &payload, &one.signature)
            };
            first.block != second.block && holds(first) && holds(second)
        }
        Offence::AfterDecision { certificate, validator, round, block, signature } => {
            let Certificate { height, round: decided_in, block: decided, signatures } = certificate;
            let precommit = |round, block| vote_payload(chain, VoteKind::Precommit, *height, round, Some(block));
            let counted = signatures.iter().any(|(account, signature)| {
                account == validator && signed(account, &precommit(*decided_in, *decided), signature)
            });
            counted
                && block != decided
                && round > decided_in
                && signed(validator, &precommit(*round, *block), signature)
        }
    }
}

/// What one account had at stake with one validator, and lost of it.
#[derive(Default)]
struct Risk {
    /// In force in the epoch before each act that it bore.
    before: BTreeMap<Epoch, u64>,
    /// For each act.
    lost: BTreeMap<Epoch, u64>,
    /// Bonded, by the epoch from which it is in force.
    came: BTreeMap<Epoch, u64>,
}

impl Risk {
    /// From any act on and up to any other, no more is lost than there was before the first, or came until the last.
    fn covers_all_losses(&self) {
        for (first, before) in &self.before {
            for (last, _) in self.before.range(*first..) {
                let sum = |of: &BTreeMap<Epoch, u64>| of.range(*first..=*last).map(|(_, amount)| *amount).sum::<u64>();
                let (lost, most) = (sum(&self.lost), before + sum(&self.came));
                assert!(lost <= most, "{lost} lost for acts of epochs {first} to {last}, of {most} at stake");
            }
        }
    }
}

/// What came up so far, and what may not come up again.
#[derive(Default)]
struct Offences {
    memo: Memo,
    /// Every act that was punished.
    punished: BTreeSet<(AccountId, Epoch)>,
    /// Everybody who bore one.
    bore: BTreeSet<(AccountId, AccountId, Epoch)>,
    /// What every account answers with to every validator.
    risks: BTreeMap<(AccountId, AccountId), Risk>,
    /// What came up, so that no law holds of nothing.
    seen: BTreeSet<String>,
}

impl Offences {
    fn check(&mut self, before: &Memory, network: &Network, done: &Done, spoiled: &[bool]) {
        let (before, after) = (State::over(before), network.state());
        let mut stakes_by_facts = stakes(&before);
        let mut burned = 0;
        for fact in &done.executed.facts {
            if let Cause::Transaction { burned: fee, .. } = &fact.cause {
                burned += fee.0;
            }
            let mut book = |who: &AccountId, validator: &AccountId, amount: i128| {
                *stakes_by_facts.entry((*who, *validator)).or_default() += amount;
            };
            match &fact.outcome {
                Ok(Event::Staking(staking::Event::Bonded { who, validator, amount, from_epoch, .. })) => {
                    book(who, validator, amount.0.into());
                    *self.risks.entry((*who, *validator)).or_default().came.entry(*from_epoch).or_default() += amount.0;
                }
                Ok(Event::Staking(staking::Event::Unbonded { who, validator, amount, .. })) => {
                    book(who, validator, -i128::from(amount.0));
                }
                Ok(Event::Staking(staking::Event::Punished { validator, epoch, loss, reward, reporter, .. })) => {
                    assert!(self.punished.insert((*validator, *epoch)), "one act, one punishment");
                    assert!(reporter != validator || reward.0 == 0, "whoever reports itself gets nothing for it");
                    assert!(*epoch >= network.epoch().minus(REACH) && *epoch <= network.epoch());
                    self.lost_no_more_than(network, validator, validator, *epoch, loss, Fraction::THIRD);
                    self.no_more_than_was_at_stake(network, validator, validator, *epoch, loss);
                    book(validator, validator, -i128::from(loss.total().0));
                    burned += loss.total().0 - reward.0;
                    self.saw("lost at once", loss);
                }
                Ok(Event::Staking(staking::Event::Slashed { who, validator, epoch, loss, .. })) => {
                    assert!(matches!(fact.cause, Cause::Clock) && self.punished.contains(&(*validator, *epoch)));
                    assert!(self.bore.insert((*who, *validator, *epoch)), "nobody bears one act twice");
                    let share = network.genesis.staking.params.penalties.delegated_share;
                    self.lost_no_more_than(network, who, validator, *epoch, loss, share);
                    self.no_more_than_was_at_stake(network, who, validator, *epoch, loss);
                    book(who, validator, -i128::from(loss.total().0));
                    burned += loss.total().0;
                    self.saw("lost by the clock", loss);
                }
                Ok(_) => {}
                Err(error) => {
                    self.seen.insert(crate::name(error));
                }
            }
        }
        stakes_by_facts.retain(|_, amount| *amount != 0);
        assert_eq!(
            stakes(&after),
            stakes_by_facts,
            "stake falls by what its owner frees and by what facts say it lost"
        );
        let counted = BURNED.get_or_default(&after).0 - BURNED.get_or_default(&before).0;
        assert_eq!(counted, burned, "what is burned is what facts say");
        self.by_two_signatures(network, done, spoiled);
        self.memo.check(network);
    }

    /// Whatever was punished, the transaction that asked for it brings two contradicting signatures.
    fn by_two_signatures(&self, network: &Network, done: &Done, spoiled: &[bool]) {
        for ((transaction, outcome), spoiled) in done.transactions.iter().zip(done.outcomes()).zip(spoiled) {
            let Call::Staking(staking::Call::Evidence(offence)) = &transaction.payload.call else { continue };
            if let Ok(event) = &outcome {
                assert!(matches!(event, Event::Staking(staking::Event::Punished { .. })), "{event:?}");
                assert!(convicts(&network.genesis.chain.chain_id, offence), "{offence:?}");
            }
            assert!(!spoiled || outcome.is_err(), "{offence:?} is worth nothing");
        }
    }

    /// The share of what was in force in the epoch of the act, or in the one before, by whose stake the set was elected.
    fn lost_no_more_than(
        &self,
        network: &Network,
        who: &AccountId,
        validator: &AccountId,
        epoch: Epoch,
        loss: &Loss,
        share: Fraction,
    ) {
        let state = network.state();
        let at = |epoch| staking::queries::bond_at(&state, who, validator, epoch);
        let most = share.of(at(epoch).max(at(epoch.minus(1))));
        assert!(loss.total() <= most, "{who} lost {loss:?} and had {most} to lose");
    }

    /// All acts of a bond together take no more than was at stake in them.
    fn no_more_than_was_at_stake(
        &mut self,
        network: &Network,
        who: &AccountId,
        validator: &AccountId,
        epoch: Epoch,
        loss: &Loss,
    ) {
        let state = network.state();
        let before = staking::queries::bond_at(&state, who, validator, epoch.minus(1)).0;
        let risk = self.risks.entry((*who, *validator)).or_default();
        risk.before.insert(epoch, before);
        *risk.lost.entry(epoch).or_default() += loss.total().0;
        risk.covers_all_losses();
        let acts = risk.lost.values().filter(|lost| **lost > 0).count();
        let came_later = risk.came.keys().any(|came| *came > epoch);
        if loss.total() > Amount::ZERO && acts > 2 && came_later {
            self.seen.insert("lost for several acts, beside what came later".into());
        }
    }

    fn saw(&mut self, what: &str, loss: &Loss) {
        for (where_from, amount) in [("bond", loss.bonded), ("waiting", loss.waiting.iter().map(|(_, a)| *a).sum())] {
            if amount > Amount::ZERO {
                self.seen.insert(format!("{what}: {where_from}"));
            }
        }
    }

    fn play(&mut self, blocks: Vec<Vec<(usize, Step)>>) {
        let mut genesis = small_network();
        genesis.staking.params.unbonding_epochs = REACH;
        let mut network = Network::new(genesis);
        (self.memo, self.punished, self.bore, self.risks) = Default::default();
        for steps in blocks {
            let (mut calls, mut spoiled) = (Vec::new(), Vec::new());
            for (index, step) in &steps {
                let key = who(*index);
                let (call, is_spoiled) = call(&network, key.account(), step);
                calls.push((key, call));
                spoiled.push(is_spoiled);
            }
            let before = network.memory().clone();
            let done = network.block(&calls);
            self.check(&before, &network, &done, &spoiled);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn h15_no_stake_falls_but_by_its_owner_or_by_two_signatures_and_no_act_is_punished_twice(blocks in blocks()) {
        Offences::default().play(blocks);
    }
}

/// The law means something only where it is broken by all that might break it.
#[test]
fn h15_the_random_proofs_punish_and_are_refused_in_every_way() {
    let (mut runner, mut offences) = (TestRunner::deterministic(), Offences::default());
    for _ in 0..60 {
        offences.play(blocks().new_tree(&mut runner).unwrap().current());
    }
    for wanted in [
        "lost at once: bond",
        "lost at once: waiting",
        "lost by the clock: bond",
        "lost by the clock: waiting",
        "already_punished",
        "not_signed",
        "out_of_reach",
        "not_in_set",
        "undecided",
        "still_jailed",
        "lost for several acts, beside what came later",
    ] {
        assert!(offences.seen.contains(wanted), "{wanted} never came up: {:?}", offences.seen);
    }
    assert!(offences.seen.iter().any(|seen| seen.contains("no_offence")), "{:?}", offences.seen);
}

/// H4's bounds hold for those who bear an offence: a few in each block, and whoever wants to leave meanwhile waits.
#[test]
fn h15_a_crowd_bears_an_offence_a_few_in_a_block_and_nobody_leaves_before_all_have() {
    let mut genesis = crowded();
    // Longer than it takes until all have borne it.
    genesis.staking.params.unbonding_epochs = 5;
    let mut network = Network::new(genesis);
    let liar = validator(0).account();
    network.until(1);
    let height = network.ledger.head().at.height;
    // Half of the crowd leaves right after the act.
    let leaving: Vec<_> = CROWD.step_by(2).map(|index| (holder(index), unbond(liar, STAKE))).collect();
    network.full_block(&leaving);
    network.full_block(&[(holder(2), contradiction(&network, 0, height))]);
    let of_crowd = |index: u8| holder(index).account();
    let lost_of = |network: &Network, index: u8| {
        let state = network.state();
        let bonded = staking::queries::bonded(&state, &of_crowd(index), &liar).0;
        let waiting: u64 = UNBONDING
            .iter(&state)
            .filter(|((_, validator, who), _)| *who == of_crowd(index) && *validator == liar)
            .map(|(_, amount)| amount.0)
            .sum();
        STAKE - bonded - waiting
    };
    // A half for transactions, and a half of the rest for who waits elsewhere.
    let (half, quarter) = parts(&network);
    let (mut sweeping, mut fullest) = (0, 0);
    while PENALTIES.iter(&network.state()).next().is_some() {
        let last = CROWD.end - 1;
        let done = network.full_block(&[(holder(last), unbond(liar, 1))]);
        let facts = &done.executed.facts;
        let slashed =
            facts.iter().filter(|fact| matches!(&fact.outcome, Ok(Event::Staking(staking::Event::Slashed { .. }))));
        let by_clock = facts.iter().filter(|fact| matches!(fact.cause, Cause::Clock)).count();
        let most = facts.len() * WRITES_OF_A_FACT + WRITES_OF_A_FRAME;
        assert!(by_clock <= half && done.executed.writes.len() <= most);
        fullest = fullest.max(slashed.count());
        sweeping += 1;
        let held = PENALTIES.iter(&network.state()).next().is_some();
        assert!(!held || freed_of(&done, liar) == 0, "nothing of it ripens");
        let refused: Result<Event, runtime::Error> = Err(staking::Error::BondsHeld(liar).into());
        assert!(!held || done.outcomes() == [refused], "nothing moves");
    }
    assert!(sweeping >= 3 && fullest == quarter, "{sweeping} blocks, {fullest} at once");
    for index in CROWD.take(CROWD.len() - 1) {
        assert_eq!(lost_of(&network, index), STAKE / 20, "holder {index}");
    }
}

/// What the clock may bring to a block, and how much of that for offences.
fn parts(network: &Network) -> (usize, usize) {
    let most = network.genesis.chain.limits.max_block_transactions as usize;
    (most / 2, most / 4)
}

/// How many were freed whose tokens had strengthened a validator.
fn freed_of(done: &Done, of: AccountId) -> usize {
    let freed = |fact: &&runtime::Fact| {
        let Ok(Event::Staking(staking::Event::Unbonded { validator, .. })) = &fact.outcome else { return false };
        *validator == of
    };
    done.executed.facts.iter().filter(freed).count()
}

/// A validator has all its acts proven when those who left are about to be freed, so that the crowd bears them for epochs.
#[test]
fn h15_whatever_is_borne_who_waits_elsewhere_is_free_in_the_epoch_that_was_promised() {
    let (mut network, mut memo) = (Network::new(crowded()), Memo::default());
    let [liar, other] = [0, 1].map(|index| validator(index).account());
    let leave = |index: u8| [liar, other].map(|to| (holder(index), unbond(to, STAKE)));
    let mut leaving: Vec<(SecretKey, Call)> = CROWD.flat_map(leave).collect();
    let mut asked = |network: &mut Network, asked: &[(SecretKey, Call)]| {
        let done = network.full_block(asked);
        memo.check(network);
        done
    };
    while !leaving.is_empty() || network.epoch() < Epoch(3) {
        let taken = asked(&mut network, &leaving).transactions.len();
        leaving.drain(..taken);
    }
    let epochs = network.epoch().0 - 2..=network.epoch().0;
    let heights = epochs.map(|epoch| Epoch(epoch).first_height(network.genesis.chain.epoch_length));
    let proofs: Vec<_> = heights.map(|height| (holder(2), contradiction(&network, 0, height))).collect();
    let done = asked(&mut network, &proofs);
    assert!(done.outcomes().iter().all(Result::is_ok), "{:?}", done.outcomes());

    let (half, quarter) = parts(&network);
    let (begun, mut freed) = (network.epoch(), 0);
    while PENALTIES.iter(&network.state()).next().is_some() {
        let done = asked(&mut network, &[]);
        let by_clock = done.executed.facts.iter().filter(|fact| matches!(fact.cause, Cause::Clock));
        let (mut all, mut borne) = (0, 0);
        for fact in by_clock {
            all += 1;
            borne += usize::from(matches!(&fact.outcome, Ok(Event::Staking(staking::Event::Slashed { .. }))));
        }
        assert!(all <= half && borne <= quarter, "{borne} of {all}");
        let held = PENALTIES.iter(&network.state()).next().is_some();
        assert!(!held || freed_of(&done, liar) == 0, "nothing of it ripens");
        freed += freed_of(&done, other);
    }
    assert!(network.epoch() > begun.plus(3), "it was borne from epoch {begun} to {}", network.epoch());
    assert!(freed >= CROWD.len() / 2, "{freed} were freed meanwhile");
    // What stood still is freed once nobody bears anything, without keeping others.
    for _ in 0..CROWD.len() {
        asked(&mut network, &[]);
    }
    let now = network.epoch();
    assert_eq!(UNBONDING.iter(&network.state()).filter(|((free_epoch, ..), _)| *free_epoch < now).count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn h15_ripening_goes_on_within_an_epoch_whatever_penalties_are_pending(
        blocks in prop::collection::vec((gusts(), prop::option::of((0..3u8, 0..3u64))), 1..40)
    ) {
        let (mut network, mut memo) = (Network::new(crowded()), Memo::default());
        for (gusts, proof) in blocks {
            let prove = |(liar, back)| (holder(2), contradiction(&network, liar, first_height(&network, back)));
            let mut asked: Vec<_> = proof.map(prove).into_iter().collect();
            asked.extend(gusts.into_iter().map(|gust| blown(&network, gust)));
            network.full_block(&asked);
            memo.check(&network);
        }
        for _ in 0..60 {
            network.full_block(&[]);
            memo.check(&network);
        }
    }
}
