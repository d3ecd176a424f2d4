//! How much a block brings, and how much comes of it, as it follows from the numbers of a genesis.

use crate::{Genesis, Limits};
use primitives::{ChainId, Checker};
use rollouts::MOST_OF_GUESTS;
use rollouts::change::READS_OF_AN_EFFECT;
use staking::Offence;

/// The most bytes that the record of a block, or of genesis, can have as JSON. What a node may answer, and a client takes,
/// follows from it.
pub const MOST_RECORD_JSON: u64 = 256 << 20;

/// What one encoded byte of a transaction is at most as JSON: a control character in a text is written as `\u0001`.
const JSON_OF_A_BYTE: u64 = 6;

/// The JSON of a fact without what its transaction said: the longest is that of a ballot which takes stake from as many
/// validators as an account can be bonded to.
const JSON_OF_A_FACT: u64 = 5 << 10;

/// The JSON of what a motion does: the longest is the installation of a plan, whose texts may be escaped and whose many short parts have
/// names in JSON and none in SCALE. That of the approval of nine builds with all their signatures, or of their amendment, is a third.
const JSON_OF_A_MOTION: u64 = 640 << 10;

/// The JSON of what an effect of a change moved, before and afterwards: two settings, of which lists of what is compared grow the most.
const JSON_OF_AN_EFFECT: u64 = 32 << 10;

/// The JSON of a header with its precommits and those for its parent, of an election, and of what an epoch pays.
const JSON_OF_THE_REST: u64 = 128 << 10;

/// How many facts only the gates of a plan bring to the first block of an epoch, at most: that nobody is punished in it; that the block
/// before was attended, what the epoch before pays or that it is dropped, what lapses, and that presence is counted.
const OF_GATES: u64 = 5;

/// What an encoded transaction has beside what its call says, at most: the signature, the network, the account, the lane, three
/// numbers, and which call of which pallet it is.
const BESIDE_A_CALL: u32 = 64 + ChainId::MOST_ENCODED + 32 + 1 + 3 * 8 + 2;

impl Limits {
    /// How many facts the clock may bring to one block: half of what the block holds. So it never keeps transactions out.
    pub fn most_by_clock(&self) -> u32 {
        self.max_block_transactions / 2
    }

    /// How many transactions a block holds beside so many facts of the clock.
    pub fn left_beside(&self, facts: usize) -> u32 {
        self.max_block_transactions.saturating_sub(u32::try_from(facts).unwrap_or(u32::MAX))
    }
}

impl Genesis {
    /// How many who wait an epoch frees, whatever else comes: half of the facts that the clock may bring to all of its blocks, without
    /// those that an election, [gates](OF_GATES) and votes may bring to the first of them. The other half is for those who bear
    /// offences, for plans with their changes and flags, and for the polls of members, which are decided in any block: those of guests
    /// are [bounded](governance::MOST_GUESTS), and those of the network's own plan are as few as its open changes.
    pub(crate) fn freed_an_epoch(&self) -> u64 {
        let all = self.chain.epoch_length.saturating_mul(self.chain.limits.most_by_clock().into());
        all.saturating_sub(self.most_at_once()).saturating_sub(OF_GATES).div_ceil(2)
    }

    /// How many facts an election and votes are counted on to bring to the first block of an epoch: of each live proposal its end,
    /// or what it does and that it did it. Those of [gates](OF_GATES) are not counted: where limits are as tight as they may be, as many
    /// votes are left for the next block.
    fn most_at_once(&self) -> u64 {
        self.most_live_proposals().saturating_mul(2).saturating_add(1)
    }

    /// How many proposals are counted on to be live: the shared places, and one of each validator of a set.
    ///
    /// There can be more for a while, because a validator that left the set keeps its own place until its proposal is concluded.
    /// What a block cannot hold of them waits for the next ones, in order, and freeing waits for it; never the election.
    fn most_live_proposals(&self) -> u64 {
        self.governance.params.most_live(self.staking.params.max_validators)
    }

    /// The most bytes that a record of this chain can have as JSON: that of its fullest block, or that of genesis.
    pub fn most_record_json(&self) -> u64 {
        self.most_block_json().max(self.first_record_json())
    }

    /// The bytes that the record of height 0 has as JSON. No limit of blocks bounds its facts: it has one for each balance and
    /// bond.
    fn first_record_json(&self) -> u64 {
        let facts = serde_json::to_vec(&self.facts()).map_or(usize::MAX, |json| json.len());
        JSON_OF_THE_REST.saturating_add(u64::try_from(facts).unwrap_or(u64::MAX))
    }

    /// The most bytes that the record of a block can have as JSON, with the precommits that decided it. What changes move that transactions
    /// carry out is bounded by the rows that it counts for; what the clock undoes of applications, by how many events those have.
    fn most_block_json(&self) -> u64 {
        let limits = &self.chain.limits;
        let effects = limits.max_block_reads.checked_div(READS_OF_AN_EFFECT).unwrap_or_default();
        let of_guests = u64::try_from(MOST_OF_GUESTS).unwrap_or(u64::MAX);
        [
            JSON_OF_AN_EFFECT.saturating_mul(effects.into()),
            JSON_OF_A_MOTION.saturating_mul(of_guests),
            JSON_OF_A_BYTE.saturating_mul(limits.max_block_bytes.into()),
            JSON_OF_A_FACT.saturating_mul(limits.max_block_transactions.into()),
            JSON_OF_A_MOTION.saturating_mul(self.most_live_proposals()),
            JSON_OF_THE_REST,
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }

    /// The most bytes that a transaction has which proves an offence on this chain. Whoever may bring it must be able to.
    pub fn most_evidence_bytes(&self) -> u32 {
        BESIDE_A_CALL.saturating_add(Offence::most_encoded(self.staking.params.max_validators))
    }

    /// Finds limits within which the clock's work or the proof of an offence does not fit, or whose fullest block no client could
    /// read.
    pub(crate) fn check_bounds(&self, mut checker: Checker<'_>) {
        let (limits, at_once) = (&self.chain.limits, self.most_at_once());
        checker.require(at_once < u64::from(limits.most_by_clock()), "max_block_transactions", || {
            format!(
                "is {}; half of it must be more than the {at_once} facts that an election and {} proposals may bring \
                 at once",
                limits.max_block_transactions,
                self.most_live_proposals()
            )
        });
        let most = self.most_block_json();
        checker.require(most <= MOST_RECORD_JSON, "max_block_bytes", || {
            format!(
                "is {}; with max_block_transactions, max_block_reads and governance.params.max_live_proposals, the record of a block \
                 could have {most} bytes, and at most {MOST_RECORD_JSON} can be answered",
                limits.max_block_bytes
            )
        });
        let evidence = self.most_evidence_bytes();
        checker.require(limits.max_transaction_bytes >= evidence, "max_transaction_bytes", || {
            format!(
                "is {}; the proof against one of {} validators may have {evidence}",
                limits.max_transaction_bytes, self.staking.params.max_validators
            )
        });
    }

    /// Finds more balances and bonds than the record of height 0 can be answered with.
    pub(crate) fn check_first_record(&self, mut checker: Checker<'_>) {
        let bytes = self.first_record_json();
        checker.require(bytes <= MOST_RECORD_JSON, "balances", || {
            format!(
                "are {}, beside {} bonds; the record of genesis would have {bytes} bytes, and at most {MOST_RECORD_JSON} can be \
                 answered",
                self.accounts.balances.len(),
                self.staking.bonds.len()
            )
        });
    }
}

#[cfg(test)]
#[allow(clippy::restriction, reason = "a test may stop where it fails")]
mod tests {
    use super::*;
    use crate::testing::examples::{HASH, approved, ballot, release_vote, roster_record, stages};
    use crate::{Cause, Event, Fact};
    use governance::{LighterBallot, Overridden, Tally};
    use primitives::{
        AccountId, Amount, ChainPosition, Epoch, Height, List, ProposalId, PublicKey, Signature, TransactionHash,
    };
    use primitives::{Text, Timestamp};
    use releases::{Amended, Departure, HeldPower, InstallStage, LongParts, ReleaseAttestation, Roster, RosterRecord};
    use releases::{SignedRoot, StageNodes, StageReport, Standing, Superseded};

    const MUCH: Amount = Amount(u64::MAX);
    const LATE: ChainPosition =
        ChainPosition { height: Height(u64::MAX), epoch: Epoch(u64::MAX), time: Timestamp(u64::MAX) };

    /// The bytes of a fact whose numbers are as long as they can be.
    fn json_of(event: Event) -> u64 {
        let cause = Cause::Transaction {
            hash: TransactionHash([0xff; 32]),
            account: AccountId([0xff; 32]),
            lane: crate::Lane::Wallet,
            fee: MUCH,
            burned: MUCH,
        };
        serde_json::to_vec(&Fact { cause, outcome: Ok(event) }).unwrap().len() as u64
    }

    /// Text that is as long as JSON makes it.
    fn escaped<const MAX: u32>() -> Option<Text<MAX>> {
        Text::new("\u{1}".repeat(MAX as usize))
    }

    #[test]
    fn h04_no_fact_says_more_beside_its_transaction_than_is_counted_for_it() {
        let (validator, lighter) = (AccountId([0xff; 32]), Some(LighterBallot { weight: MUCH, represented: MUCH }));
        let one = Overridden { validator, amount: MUCH, total: MUCH, lighter };
        let overridden = vec![one; staking::MAX_BONDS as usize];
        let (weight, represented, reason) = (MUCH, MUCH, None);
        let (proposal_id, received_at) = (ProposalId(u64::MAX), Timestamp(u64::MAX));
        let number = u64::MAX;
        let ballot = governance::Ballot { proposal_id, number, weight, represented, reason, received_at, ..ballot() };
        let tally = Tally { yes: MUCH, no: MUCH, abstain: MUCH };
        let voted = json_of(Event::Governance(governance::Event::Voted { ballot, tally, overridden, decides: false }));
        assert!(voted <= JSON_OF_A_FACT, "{voted}");
        assert!(voted * 5 / 4 > JSON_OF_A_FACT, "{voted}: much less would do");
        let counted = vec![HeldPower { proposal_id, power: MUCH, total: MUCH }; releases::MAX_COUNTED];
        let in_epoch = List::truncate_from(stages().iter().map(InstallStage::name).collect());
        let report = StageReport { number, stage: InstallStage::Held, at: LATE, in_epoch };
        let [held, staged, booted, healthy, rolled_back, unusable] = [number; 6];
        let nodes = StageNodes { held, staged, booted, healthy, rolled_back, unusable };
        let held = releases::Event::Held { build_hash: HASH, node: validator, report, counted, nodes };
        assert!(json_of(Event::Releases(held)) < voted, "nor a word that a build is held");
        let epochs = List::truncate_from(vec![(Epoch(u64::MAX), MUCH); rewards::MOST_COLLECTED as usize]);
        let collected = rewards::Event::Collected { who: validator, validator, epochs };
        assert!(json_of(Event::Rewards(collected)) < voted, "nor what a delegator collects");
    }

    #[test]
    fn h15_no_loss_says_more_than_is_counted_for_a_fact() {
        let (validator, epoch) = (AccountId([0xff; 32]), Epoch(u64::MAX));
        let waiting = List::truncate_from(vec![(epoch, MUCH); staking::MAX_LOSSES as usize]);
        let loss = staking::Loss { bonded: MUCH, waiting };
        let next = Some(staking::Penalty { oldest: epoch, next: validator, taken: MUCH });
        let punished = json_of(Event::Staking(staking::Event::Punished {
            validator,
            epoch,
            offence: staking::OffenceName::AfterDecision,
            height: Height(u64::MAX),
            reporter: validator,
            loss,
            reward: MUCH,
            from_epoch: epoch,
            remembered_from: epoch,
            leaves_set_of: Some(epoch),
            leaves_candidates_of: Some(epoch),
            jailed_until: epoch,
            next,
        }));
        assert!(punished <= JSON_OF_A_FACT, "{punished}");
    }

    #[test]
    fn h04_no_more_are_promised_an_epoch_than_its_blocks_free_while_votes_and_gates_bring_the_most_they_may() {
        let mut genesis = crate::testing::genesis();
        (genesis.governance.params.max_live_proposals, genesis.staking.params.max_validators) = (2, 4);
        let least = genesis.most_at_once() + 1;
        for most in least..least + 40 {
            genesis.chain.limits.max_block_transactions = u32::try_from(2 * most).unwrap();
            let mut waiting = genesis.most_at_once() + OF_GATES;
            // Plans and offences fill up half of what the clock may bring; the line has the rest.
            let freed = (0..genesis.chain.epoch_length).map(|_| {
                let brought = waiting.min(most);
                waiting -= brought;
                most - brought.max(most / 2)
            });
            let freed: u64 = freed.sum();
            assert!(genesis.freed_an_epoch() <= freed, "{most}: {} and {freed}", genesis.freed_an_epoch());
        }
    }

    #[test]
    fn h04_an_election_and_rewards_of_the_most_validators_and_their_precommits_are_within_what_is_counted_beside_transactions()
     {
        let (account, most) = (AccountId([0xff; 32]), staking::MAX_VALIDATORS as usize);
        let members = vec![staking::Validator { account, power: MUCH }; most];
        let set = staking::ValidatorSet { validators: List::truncate_from(members) };
        let elected = json_of(Event::Staking(staking::Event::Elected {
            epoch: Epoch(u64::MAX),
            validators: set.clone(),
            candidates: set,
            sealer: Some(account),
            remembered_from: Epoch(u64::MAX),
        }));
        let certificate = crate::Certificate {
            height: Height(u64::MAX),
            round: u32::MAX,
            block: primitives::BlockHash([0xff; 32]),
            signatures: List::truncate_from(vec![(account, Signature([0xff; 64])); most]),
        };
        let encoded = parity_scale_codec::Encode::encoded_size(&certificate);
        assert_eq!(encoded, crate::Certificate::MOST_ENCODED as usize);
        let precommits = serde_json::to_vec(&certificate).unwrap().len() as u64;
        let payment =
            rewards::Payment { validator: account, present_ms: u64::MAX, own: MUCH, delegated: MUCH, delegation: MUCH };
        let paid = List::truncate_from(vec![payment; most]);
        let (leader, witness, pool) = (MUCH, MUCH, MUCH);
        let rewarded = rewards::Event::Rewarded { epoch: Epoch(u64::MAX), paid, leader, witness, pool };
        let (rewarded, header) = (json_of(Event::Rewards(rewarded)), 2 << 10);
        let all = elected + 2 * precommits + rewarded + header;
        assert!(all <= JSON_OF_THE_REST, "{elected}, {precommits}, {rewarded}");
        assert!(all * 3 / 2 > JSON_OF_THE_REST, "{all}: much less would do");
    }

    #[test]
    fn h15_the_longest_proof_of_an_offence_has_as_many_bytes_as_its_bound() {
        let mut genesis = crate::testing::genesis();
        genesis.staking.params.max_validators = staking::MAX_VALIDATORS;
        let (account, signature) = (AccountId([0xff; 32]), Signature([0xff; 64]));
        let certificate = crate::Certificate {
            height: Height(u64::MAX),
            round: u32::MAX,
            block: primitives::BlockHash([0xff; 32]),
            signatures: List::truncate_from(vec![(account, signature); staking::MAX_VALIDATORS as usize]),
        };
        let (block, round) = (primitives::BlockHash([0xee; 32]), u32::MAX);
        let offence = staking::Offence::AfterDecision { certificate, validator: account, round, block, signature };
        assert_eq!(offence.signatures(), staking::MAX_OFFENCE_SIGNATURES);
        let payload = crate::Payload {
            chain_id: "n".repeat(32).parse().unwrap(),
            account,
            lane: crate::Lane::Node,
            nonce: u64::MAX,
            expires_at: Height(u64::MAX),
            fee: MUCH,
            call: crate::Call::Staking(staking::Call::Evidence(Box::new(offence))),
        };
        let transaction = crate::Transaction { payload, signature };
        assert_eq!(parity_scale_codec::Encode::encoded_size(&transaction), genesis.most_evidence_bytes() as usize);
    }

    #[test]
    fn h04_the_record_of_genesis_is_counted_as_those_of_blocks_are() {
        let mut genesis = crate::testing::genesis();
        (genesis.governance.params.max_live_proposals, genesis.staking.params.max_validators) = (2, 4);
        let limits = &mut genesis.chain.limits;
        (limits.max_transaction_bytes, limits.max_block_bytes, limits.max_block_transactions) = (1_024, 2_048, 28);
        limits.max_block_reads = crate::LEAST_BLOCK_READS;
        assert_eq!(genesis.most_record_json(), genesis.most_block_json());
        // An endowment has 128 bytes and more in JSON.
        for index in 0..=(genesis.most_block_json() / 128) as u32 {
            let mut account = AccountId([0xff; 32]);
            account.0[..4].copy_from_slice(&index.to_be_bytes());
            genesis.accounts.balances.push(accounts::Endowment { account, balance: Amount(1) });
        }
        let record = genesis.record(primitives::StateRoot([0xff; 32]));
        let json = serde_json::to_vec(&record).unwrap().len() as u64;
        assert!(json > genesis.most_block_json(), "{json} bytes, which no block of this chain has");
        assert!(json <= genesis.most_record_json(), "{json}");
        genesis.check().unwrap();
    }

    #[test]
    fn h04_no_motion_does_more_than_is_counted_for_it() {
        let attestation = ReleaseAttestation { signer: PublicKey([0xff; 32]), signature: Signature([0xff; 64]) };
        let digest = primitives::Digest([0xff; 32]);
        let mut build = approved(Standing::Active);
        build.signatures = List::truncate_from(vec![attestation; releases::MAX_SIGNERS as usize]);
        build.signer_set = List::truncate_from(vec![PublicKey([0xff; 32]); releases::MAX_SIGNERS as usize]);
        build.activated = Some(LATE);
        build.support_end = Some(Epoch(u64::MAX));
        let targets = List::truncate_from(vec![digest; releases::MAX_REVOKED as usize]);
        build.long_parts = LongParts { targets, notes: Some(digest) };
        let mut manifest = release_vote().manifest.brief();
        manifest.signed_root = Some(SignedRoot { root: digest, signatures: build.signatures.clone() });
        (manifest.version, manifest.source_commit) = (escaped(), escaped());
        let components = &mut manifest.components;
        (components.runtime, components.transport, components.storage) = (escaped(), escaped(), escaped());
        build.target.platform = "x".repeat(64).parse().unwrap();
        build.manifest = manifest;
        let superseded = Superseded { build_hash: build.build_hash, by: build.build_hash };
        let count = releases::MAX_REVOKED as usize;
        let amended = Amended {
            proposal_id: ProposalId(u64::MAX),
            at: LATE,
            signature_threshold: u32::MAX,
            signer_set: build.signer_set.clone(),
        };
        let again = releases::ApprovedRelease { amended: Some(amended), ..build.clone() };
        let amended = json_of(Event::Releases(releases::Event::Amended { builds: vec![again; count] }));
        build.amended = None;
        let approved = json_of(Event::Releases(releases::Event::Approved {
            builds: vec![build; count],
            superseded: vec![superseded; count],
            applied_threshold: u32::MAX,
        }));
        let signers = vec![PublicKey([0xff; 32]); releases::MAX_SIGNERS as usize];
        let departed = |signer: &PublicKey| Departure { signer: *signer, from_epoch: Epoch(u64::MAX) };
        let left = List::truncate_from(signers.iter().map(departed).collect());
        let roster = Roster { version: u64::MAX, signers: List::truncate_from(signers), threshold: u32::MAX };
        let record = RosterRecord { roster, since: Some(LATE), left, ..roster_record() };
        let rotated = json_of(Event::Releases(record.into()));
        let most = approved.max(amended);
        assert!(rotated < most && most <= JSON_OF_A_MOTION, "{rotated}, {approved}, {amended}");
    }

    /// As large as an installation may be: most of it escaped text, and as many duties as there can be, which grow the most.
    #[test]
    fn the_installation_of_the_largest_plan_is_within_what_is_counted_for_a_motion() {
        use rollouts::install::{Installation, MOST_INSTALLATION_BYTES};
        use rollouts::plan::{Duty, Missed};
        let mut asked: Installation = crate::testing::examples::installation();
        let check = primitives::Name::new("a").unwrap();
        let duty = Duty { check, within: None, missed: Missed::Restore, or_incident: false };
        let close = List::truncate_from(vec![duty; 32]);
        let mut stage = asked.plan.stages[0].clone();
        stage.close = close.clone();
        asked.plan.stages = List::truncate_from(vec![stage; 8]);
        let mut procedure = asked.plan.procedures[0].clone();
        procedure.close = close;
        asked.plan.procedures = List::truncate_from(vec![procedure; 24]);
        let mut check = asked.plan.checks[0].clone();
        check.text = escaped().unwrap();
        asked.plan.checks = List::truncate_from(vec![check; 256]);
        let encoded = parity_scale_codec::Encode::encoded_size(&asked);
        assert!(encoded > MOST_INSTALLATION_BYTES * 3 / 4, "{encoded}: as large as one may be");
        let (by, deposit, effects) = (Some(AccountId([0xff; 32])), MUCH, List::new());
        let installed = rollouts::Event::Installed { installation: Box::new(asked), by, deposit, effects };
        // As much more as a larger one could have.
        let room = (MOST_INSTALLATION_BYTES.saturating_sub(encoded) as u64).saturating_mul(JSON_OF_A_BYTE);
        let installed = json_of(Event::Rollouts(installed)).saturating_add(room);
        assert!(installed <= JSON_OF_A_MOTION, "{installed}");
    }

    /// A setting as large as one may be, of which JSON says the most: lists of what is yes or no.
    fn largest_targeting() -> flags::Targeting {
        use flags::{Arm, Operand, Rule, RuleNode, Serve, Targeting};
        let asks = |count: usize| {
            let all = List::truncate_from(vec![Operand::Bool(false); count]);
            let nodes = vec![RuleNode::In(primitives::Name::new("a").unwrap(), all)];
            Arm { when: Rule::from(List::truncate_from(nodes)), serve: Serve::Variant(15) }
        };
        let cases = [vec![asks(64); 14], vec![asks(34)]].concat();
        let targeting = Targeting { cases: List::truncate_from(cases), otherwise: Serve::Variant(15) };
        let room = flags::MOST_SETTING_BYTES - 64 - parity_scale_codec::Encode::encoded_size(&targeting);
        assert!(room < 8, "{room} bytes more would do");
        targeting
    }

    fn largest_effect(number: u8) -> rollouts::change::Effected {
        use rollouts::change::{Effected, FlagSide};
        let side = FlagSide { targeting: Some(largest_targeting()), disabled: false };
        let name = |text: String| primitives::Name::new(&text).unwrap();
        let (flag, path) = (name(format!("{}{number:03}", "f".repeat(61))), (0..4).map(|_| name("p".repeat(64))));
        let path = primitives::Path::new(path).unwrap();
        Effected::Flag { flag, path, before: side.clone(), after: side }
    }

    #[test]
    fn no_effect_says_more_than_is_counted_for_one() {
        let json = serde_json::to_vec(&largest_effect(0)).unwrap().len() as u64;
        assert!(json <= JSON_OF_AN_EFFECT, "{json}");
        assert!(json * 5 / 4 > JSON_OF_AN_EFFECT, "{json}: much less would do");
    }

    /// As many effects as one fact may have are undone, beside everything that a change owes.
    #[test]
    fn p08_no_fact_moves_more_than_is_counted_for_a_motion() {
        use rollouts::change::{Effected, MOST_EFFECTED_BYTES};
        let size = |effects: &Vec<Effected>| parity_scale_codec::Encode::encoded_size(effects);
        let mut effects = Vec::new();
        while size(&effects) + size(&vec![largest_effect(0)]) <= MOST_EFFECTED_BYTES {
            effects.push(largest_effect(effects.len() as u8));
        }
        assert!(effects.len() > 16, "a whole emergency is among them");
        let plan = primitives::Name::new(&"p".repeat(64)).unwrap();
        let (check, change) = (plan.clone(), primitives::ChangeId(u64::MAX));
        let (poll, effects, deposit) = (ProposalId(u64::MAX), List::truncate_from(effects), None);
        let reverted = rollouts::Event::Reverted { plan, change, check, poll, effects, deposit };
        let json = json_of(Event::Rollouts(reverted));
        assert!(json <= JSON_OF_A_MOTION, "{json}");
        assert!(json * 5 / 4 > JSON_OF_A_MOTION, "{json}: one fact could say more");
    }

    #[test]
    fn the_largest_change_fits_into_a_transaction() {
        use rollouts::change::{ChangeDraft, ChangeRequest, Effect, EffectTo, Feature, FlagSide, MOST_EFFECTS_BYTES};
        let name = || primitives::Name::new(&"n".repeat(64)).unwrap();
        let path = primitives::Path::new((0..4).map(|_| name())).unwrap();
        let to = EffectTo::Setting(largest_targeting());
        let effect = Effect::Flag { flag: name(), path, to, was: FlagSide::default().digest() };
        let size = parity_scale_codec::Encode::encoded_size(&effect);
        let effects = List::truncate_from(vec![effect; MOST_EFFECTS_BYTES.div_ceil(size)]);
        let feature = Feature { name: name(), risk: flags::Risk::High, flag: Some(name()) };
        let draft = ChangeDraft {
            request: ChangeRequest::Set { effects },
            phase: Some(name()),
            sealer: Some(AccountId([0xff; 32])),
            ticket: Some(name()),
            reason: primitives::Reason::new("r".repeat(1_024)).unwrap(),
            milestone: Some(name()),
            impact: escaped().unwrap(),
            features: List::truncate_from(vec![feature; 16]),
            ..crate::testing::examples::draft()
        };
        let call = rollouts::Call::Submit { plan: name(), acting: name(), change: Box::new(draft) };
        let bytes = parity_scale_codec::Encode::encoded_size(&call) + BESIDE_A_CALL as usize;
        let most = crate::testing::genesis().chain.limits.max_transaction_bytes as usize;
        assert!(bytes <= most, "{bytes} of {most}");
        assert!(bytes > MOST_EFFECTS_BYTES);
    }
}
