//! H6: what an answer reads, and how large it is, does not grow with what strangers can add to state.

use super::*;
use governance::{
    Ballot, Choice, Deposit, DepositEnd, Electorate, Place, Proposal, Shortfall, Status, Tally, TrackName,
};
use primitives::{AccountId, Amount, BuildHash, Epoch, Fraction, Height, Moment, ProposalId, Span, Text, Timestamp};
use releases::{InstallStage, Receipt, RosterRecord, Severity, StageNodes, StageReport, Standing, Superseded};
use runtime::Motion;
use runtime::testing::{approve, attest_rebuild, cancel, examples, genesis, release_vote, validator};
use serde::Serialize;
use state::{Apply, Backend, Decide, Memory, State, StateEntry};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};

const FIRST: BuildHash = BuildHash([0xaa; 32]);
const ONE: ProposalId = ProposalId(1);
/// Releases in the history of both states: governance alone makes them.
const RELEASES: u64 = 300;

fn at(height: u64) -> Moment {
    let ms = height * 1_000;
    Moment { height: Height(height), epoch: Epoch(height / 10), time: Timestamp(ms), running: ms, level: 0 }
}

fn account(number: u64) -> AccountId {
    let mut bytes = [0x77; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    AccountId(bytes)
}

fn long<const MAX: u32>() -> Text<MAX> {
    Text::new("x".repeat(MAX as usize)).unwrap()
}

/// A state in which so many nodes, builders and voters have said all they can about one build and one proposal, and a hundredth
/// as many proposals have ended.
fn crowd(many: u64) -> Memory {
    let mut memory = genesis().build();
    let writes = {
        let mut state = State::over(&memory);
        propose(&mut state, ONE);
        (1..=many).for_each(|number| speak(&mut state, number));
        (2..=many / 100).map(ProposalId).for_each(|id| reject(&mut state, id));
        release(&mut state, 2..=RELEASES, Severity::Critical);
        state.into_writes()
    };
    memory.commit(writes);
    memory
}

fn propose(state: &mut State, id: ProposalId) {
    let genesis = genesis();
    let rules = genesis.governance.params.routine.rules();
    let proposal = Proposal {
        id,
        motion: approve(release_vote(&genesis, BuildHash([0xbb; 32]), 2)),
        proposer: validator(0).account(),
        track: TrackName::Routine,
        rules,
        place: Place::Shared,
        electorate: Electorate::Stake { epoch: Epoch(0), total: Amount(4_000_000) },
        created: at(5),
        created_epoch: Epoch(0),
        vote_deadline_epoch: Epoch(9),
        activation_epoch: Epoch(10),
        closes_at: None,
    };
    governance::Event::Proposed(proposal).apply(state, at(5));
}

fn reject(state: &mut State, id: ProposalId) {
    propose(state, id);
    let deposit = DepositEnd::Returned(Deposit { account: validator(0).account(), amount: Amount(1_000) });
    let (tally, shortfall) = (Tally::default(), Shortfall::Quorum);
    governance::Event::<Motion>::Rejected { proposal_id: id, tally, shortfall, deposit }.apply(state, at(90));
}

/// One more node that booted the first build and took it back, which is also a builder and a voter.
fn speak(state: &mut State, number: u64) {
    let (who, when) = (account(number), at(10 + number));
    let said = when.position();
    let nodes = StageNodes { rolled_back: number - 1, ..StageNodes::default() };
    let booted = StageReport::after(None, number, InstallStage::Booted, said);
    let failed = InstallStage::RolledBack { reason: long() };
    let report = StageReport::after(Some(booted.clone()), number, failed, said);
    let events = [
        releases::Event::Installed {
            build_hash: FIRST,
            node: who,
            receipt: Receipt { first: said, last: said, count: 1 },
            nodes: StageNodes { booted: 1, ..nodes },
            report: booted,
        },
        releases::Event::Reported {
            build_hash: FIRST,
            node: who,
            running: None,
            nodes: StageNodes { rolled_back: number, ..nodes },
            report,
        },
    ];
    events.iter().for_each(|event| event.apply(state, when));
    for build_hash in [BuildHash([0xbb; 32]), FIRST] {
        let granted = attest_rebuild(build_hash, None, Some(long())).decide(state, when, who).unwrap();
        granted.apply(state, when);
    }
    let description = accounts::Description { name: long(), link: long() };
    accounts::Event::Described { account: who, description }.apply(state, when);
    let ballot = Ballot {
        proposal_id: ONE,
        voter: who,
        number,
        choice: Choice::Yes,
        weight: Amount(1),
        represented: Amount(0),
        reason: Some(long::<1024>().to_string().parse().unwrap()),
        received_at: when.time,
    };
    let (tally, overridden) = (Tally::default(), Vec::new());
    governance::Event::<Motion>::Voted { ballot, tally, overridden, decides: false }.apply(state, when);
}

/// Releases of some numbers that each take the place of the one before, by two proposers.
fn release(state: &mut State, numbers: RangeInclusive<u64>, severity: Severity) {
    let hash = |sequence: u64| if sequence == 1 { FIRST } else { BuildHash(account(sequence).0) };
    for sequence in numbers {
        let (build_hash, epoch) = (hash(sequence), Epoch(sequence));
        let mut build = examples::approved(Standing::Active);
        build.target.build_hash = build_hash;
        build.manifest.severity = severity;
        let build = releases::ApprovedRelease {
            build_hash,
            sequence,
            proposer: Some(validator((sequence % 2) as u8).account()),
            activated_epoch: epoch,
            ..build
        };
        let superseded = vec![Superseded { build_hash: hash(sequence - 1), by: build_hash }];
        let approved = releases::Event::Approved { builds: vec![build], superseded, applied_threshold: 2 };
        approved.apply(state, at(sequence * 10));
    }
}

/// State that counts what is read of it.
struct Counting<'m> {
    memory: &'m Memory,
    reads: AtomicU64,
    bytes: AtomicU64,
}

impl Counting<'_> {
    fn count(&self, bytes: usize) {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Backend for Counting<'_> {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        let value = self.memory.read(key);
        self.count(value.as_ref().map_or(0, Vec::len));
        value
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        Box::new(self.memory.scan(prefix, from).inspect(move |(key, value)| self.count(key.len() + value.len())))
    }
}

/// What an answer cost: reads, bytes read, bytes answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cost {
    reads: u64,
    bytes: u64,
    answer: u64,
}

fn cost<T: Serialize>(memory: &Memory, ask: impl FnOnce(&State) -> T) -> Cost {
    let counting = Counting { memory, reads: AtomicU64::new(0), bytes: AtomicU64::new(0) };
    let answer = serde_json::to_vec(&ask(&State::over(&counting))).unwrap().len() as u64;
    Cost { reads: counting.reads.into_inner(), bytes: counting.bytes.into_inner(), answer }
}

/// Every answer that is made of what nodes, builders, voters and proposers said, each as its dearest page.
fn costs(memory: &Memory) -> Vec<(&'static str, Cost)> {
    const NOW: Epoch = Epoch(1);
    let go_on = || Ok(());
    let range = |page| PageRange::new(Some(page), Some(MOST_PER_PAGE)).unwrap();
    let pace = || BlockPace::new(at(10).position(), None, 10, 1_000);
    let history =
        |filter: HistoryFilter, page| cost(memory, move |state| release_history(state, NOW, &filter, range(page)));
    let within = HistoryFilter { start_epoch: Some(Epoch(20)), end_epoch: Some(Epoch(250)), ..Default::default() };
    let of_one = HistoryFilter { proposer: Some(validator(0).account()), ..within.clone() };
    let all = HistoryFilter::default;
    let nodes = |page| cost(memory, move |state| release_nodes(state, &FIRST, range(page)));
    let builders = |page| cost(memory, move |state| PageOf::read(rebuilds(state, &FIRST, range(page), go_on)));
    let voters = |page| cost(memory, move |state| PageOf::read(ballots(state, ONE, range(page), go_on)));
    let listed =
        |status, page| cost(memory, move |state| PageOf::read(proposals(state, NOW, status, range(page), go_on)));
    vec![
        ("gov.release_history", history(all(), 0)),
        ("gov.release_history, the last page", history(all(), 2)),
        ("gov.release_history, within epochs", history(within, 1)),
        ("gov.release_history, of one proposer", history(of_one, 0)),
        ("gov.release", cost(memory, |state| release_detail(state, NOW, &FIRST))),
        ("gov.release_nodes", nodes(0)),
        ("gov.release_nodes, in the middle", nodes(5)),
        ("gov.release_advice", cost(memory, |state| advice(state, NOW, FIRST))),
        ("gov.rebuilds", builders(0)),
        ("gov.rebuilds, in the middle", builders(5)),
        ("gov.proposals", listed(None, 0)),
        ("gov.proposals, open", listed(Some(Status::Open), 0)),
        ("gov.proposals, rejected", listed(Some(Status::Rejected), 0)),
        ("gov.proposal", cost(memory, |state| proposal_detail(state, NOW, pace(), ONE))),
        ("gov.ballots", voters(0)),
        ("gov.ballots, in the middle", voters(5)),
        ("gov.roster_history", cost(memory, |state| rosters(state, range(0)))),
        ("gov.release_signers", cost(memory, |state| signers(state, NOW))),
        ("gov.params", cost(memory, |state| governance_params(state, NOW))),
        ("account.get", cost(memory, |state| super::account(state, NOW, account(7), None))),
    ]
}

#[test]
fn h06_no_answer_reads_or_says_more_because_more_was_said() {
    const FEW: u64 = 20_000;
    const MANY: u64 = 100_000;
    let (few, many) = (costs(&crowd(FEW)), costs(&crowd(MANY)));
    for ((name, few), (_, many)) in few.into_iter().zip(many) {
        assert_eq!(few.reads, many.reads, "{name}: {few:?}, and with five times as much {many:?}");
        // Numbers in them have more digits.
        assert!(many.bytes <= few.bytes + few.bytes / 50, "{name}: {few:?}, and with five times as much {many:?}");
        assert!(many.answer <= few.answer + few.answer / 50, "{name}: {few:?}, and with five times as much {many:?}");
        assert!(many.reads <= 1_200 && many.bytes <= 1 << 20 && many.answer <= 1 << 20, "{name}: {many:?}");
    }
}

/// So many releases and rosters that came after the first.
fn old(since: u64) -> Memory {
    let mut memory = genesis().build();
    let writes = {
        let mut state = State::over(&memory);
        propose(&mut state, ONE);
        release(&mut state, 2..=since, Severity::Low);
        for version in 2..=since {
            let roster = releases::Roster { version, ..releases::queries::roster(&state) };
            let (since, cause) = (Some(at(10 + version).position()), releases::RosterCause::Proposal(ONE));
            let record = RosterRecord { roster, since, cause, left: Default::default() };
            releases::Event::from(record).apply(&mut state, at(10 + version));
        }
        state.into_writes()
    };
    memory.commit(writes);
    memory
}

#[test]
fn h06_what_is_old_is_not_answered_by_going_through_all_that_came_since() {
    let pace = || BlockPace::new(at(10).position(), None, 10, 1_000);
    let costs = |since| {
        let memory = old(since);
        let of_build = cost(&memory, |state| advice(state, Epoch(1), FIRST));
        let of_proposal = cost(&memory, |state| proposal_detail(state, Epoch(1), pace(), ONE));
        [of_build.reads, of_proposal.reads]
    };
    let ([few_builds, few_rosters], [builds, rosters]) = (costs(300), costs(2_400));
    assert_eq!(builds, few_builds, "beyond so many, none is read");
    // Eight times as many are halved three times more.
    assert!(rosters <= few_rosters + 3, "{rosters} and {few_rosters}");
}

#[test]
fn how_urgent_the_release_to_run_instead_is_counts_however_many_came_before_it() {
    let memory = genesis().build();
    let mut state = State::over(&memory);
    release(&mut state, 2..=400, Severity::Low);
    assert_eq!(advice(&state, Epoch(1), FIRST).severity, Some(Severity::Low));
    release(&mut state, 401..=401, Severity::Critical);
    let urgent = advice(&state, Epoch(1), FIRST);
    assert_eq!((urgent.severity, urgent.upgrade_to), (Some(Severity::Critical), Some(BuildHash(account(401).0))));
}

#[test]
fn h06_totals_are_those_of_all_and_pages_together_name_everybody() {
    let memory = crowd(250);
    let state = State::over(&memory);
    let range = |page| PageRange::new(Some(page), Some(100)).unwrap();
    let detail = release_detail(&state, Epoch(1), &FIRST).unwrap();
    assert_eq!((detail.release.install_count, detail.release.install_times.len()), (250, 100));
    assert_eq!(detail.release.last_install_ts, Some(at(260).time));
    assert_eq!((detail.uptake.rolled_back.nodes, detail.uptake.failed_stake), (250, Amount(0)));
    assert_eq!((detail.installs.len(), detail.stages.len()), (100, 100));
    assert_eq!((detail.rebuild_count, detail.rebuilds.len()), (250, 100));
    assert_eq!((detail.stages[0].node, detail.rebuilds[0].builder), (account(250), account(1)));
    let pages = |page| release_nodes(&state, &FIRST, range(page));
    let named: Vec<AccountId> = (0..4).flat_map(|page| pages(page).entries).map(|report| report.stage.node).collect();
    assert_eq!(named, (1..=250).rev().map(account).collect::<Vec<_>>());
    assert_eq!([0, 3].map(|page| pages(page).total), [250, 250]);

    let pace = BlockPace::new(at(10).position(), None, 10, 1_000);
    let detail = proposal_detail(&state, Epoch(1), pace, ONE).unwrap();
    assert_eq!((detail.ballot_count, detail.ballots.len(), detail.ballots[0].voter), (250, 100, account(250)));
    assert_eq!((detail.not_voted.len(), detail.not_voted_count), (4, Some(4)), "the validators, who did not vote");
    let pages = |page| PageOf::read(ballots(&state, ONE, range(page), || Ok(())));
    let named: Vec<u64> = (0..4).flat_map(|page| pages(page).entries).map(|ballot| ballot.number).collect();
    assert_eq!(named, (1..=250).rev().collect::<Vec<_>>());
}

/// The chain asks three members, and one of them answers.
#[test]
fn what_members_are_asked_is_listed_while_it_is_open_and_names_those_who_have_not_voted() {
    let memory = genesis().build();
    let mut state = State::over(&memory);
    let (key, members) = (examples::role_key(), [1, 2, 3].map(account));
    roles::apply::write_role(&mut state, &key, &examples::role(), roles::MOST_VOTERS);
    for account in members {
        roles::apply::seat(&mut state, &key, &roles::Seat { account, scopes: Default::default() });
    }
    let rules = |guest| governance::PollRules::Members {
        key: key.clone(),
        share: Fraction::TWO_THIRDS,
        within: Some(Span::days(7)),
        guest,
    };
    for guest in [false, true] {
        governance::open(&state, at(5), account(9), cancel(1), rules(guest)).apply(&mut state, at(5));
    }
    let reason = Some(examples::reason("read it"));
    let vote = governance::Call::<Motion>::Vote { proposal_id: ONE, choice: Choice::No, reason };
    vote.decide(&state, at(6), members[0]).unwrap().apply(&mut state, at(6));
    let pace = BlockPace::new(at(6).position(), None, 10, 1_000);
    let detail = proposal_detail(&state, Epoch(0), pace, ONE).unwrap();
    assert_eq!((detail.vote_deadline, detail.activation), (None, None));
    assert_eq!((detail.proposal.total, detail.progress.electorate), (Amount(3), Amount(3)));
    let mut silent: Vec<AccountId> = detail.not_voted.iter().map(|missing| missing.account).collect();
    silent.sort();
    assert_eq!((silent, detail.not_voted_weight), (members[1..].to_vec(), Amount(2)));
    assert_eq!((detail.progress.support_needed, detail.progress.shortfall), (Amount(2), Some(Shortfall::Support)));
    let until = "until it is decided, or the chain has run for 7 d since";
    assert_eq!(detail.proposal.open_until().as_deref(), Some(until));
    let listed = |status| {
        let go_on = || Ok(());
        let page = PageOf::read(proposals(&state, Epoch(0), status, PageRange::FIRST, go_on));
        page.entries.into_iter().map(|proposal| proposal.id.0).collect::<Vec<_>>()
    };
    assert_eq!((listed(None), listed(Some(Status::Open))), (vec![2, 1], vec![1]), "guests' are found by number");
}
