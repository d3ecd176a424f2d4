//! What the registry lists, and a whole chain folded without a database.

use super::{
    PreparedBlock, accounts, artifacts, audit, blocks, cases, governance, rebuilds, releases, rewards, roles, rollouts,
    schema, signers, validators, witnesses,
};
use crate::store::IndexHead;
use crate::store::memory::MemoryRows;
use crate::store::table::{COUNTS, META, Row, Table};
use ::governance::Choice;
use ::releases::queries::release;
use light::testing::TestChain;
use primitives::{BuildHash, ChainPosition, Height, SecretKey, StateRoot};
use rpc::views::{HistoryFilter, PageRange, ReleaseView, release_history};
use runtime::testing::{genesis, held_by, install, propose, release_vote, validator, vote};
use runtime::{Call, Certificate, Genesis, Record};
use std::collections::BTreeSet;

const TABLES: [&Table; 61] = [
    &META,
    &COUNTS,
    &blocks::BLOCKS,
    &audit::FACTS,
    &audit::SUBJECTS,
    &audit::TURNS,
    &audit::HOLDS,
    &audit::RETENTIONS,
    &accounts::DESCRIPTIONS,
    &releases::RELEASES,
    &releases::MINIMUM,
    &releases::LISTS,
    &releases::INSTALLS,
    &releases::STAGES,
    &releases::STAGE_NODES,
    &rebuilds::REBUILDS,
    &governance::PROPOSALS,
    &governance::BALLOTS,
    &governance::OVERRIDDEN,
    &governance::REVEALED,
    &governance::HELD_POWER,
    &governance::HOLDERS,
    &signers::ROSTERS,
    &signers::SIGNER_KEYS,
    &validators::ELECTIONS,
    &validators::POWERS,
    &validators::OFFENCES,
    &validators::UNENFORCED,
    &validators::JAILED,
    &validators::RUNNING,
    &validators::HEARD,
    &validators::ADVERTISED,
    &roles::ROLES,
    &roles::MEMBERS,
    &cases::CASES,
    &cases::TURNS,
    &cases::QUARTERS,
    &artifacts::RULES,
    &artifacts::ARTIFACTS,
    &artifacts::STAGES,
    &rollouts::PLANS,
    &rollouts::VERSIONS,
    &rollouts::STANDINGS,
    &rollouts::CHANGES,
    &rollouts::MILESTONES,
    &rollouts::TURNS,
    &rollouts::STATEMENTS,
    &rollouts::PHASES,
    &rollouts::DRILLS,
    &rollouts::MARKS,
    &rollouts::FLAGS,
    &rollouts::SETTINGS,
    &rollouts::MOVES,
    &rollouts::SPANS,
    &rollouts::SEGMENTS,
    &rewards::EPOCHS,
    &rewards::REWARDS,
    &rewards::ATTENDED,
    &witnesses::WITNESSES,
    &witnesses::CHECKPOINTS,
    &witnesses::COSIGNATURES,
];

/// The lines of a table in the schema.
fn described(table: &Table) -> String {
    let (start, schema) = (format!("CREATE TABLE {} (\n", table.name), schema());
    let rest = schema.split_once(&start).unwrap_or_else(|| panic!("the schema has no {}", table.name)).1;
    rest.split_once("\n)").unwrap().0.to_owned()
}

#[test]
fn every_table_has_the_columns_that_are_written_to_it() {
    for table in TABLES {
        let lines = described(table);
        let columns: BTreeSet<&str> = lines.lines().filter_map(|line| line.split_whitespace().next()).collect();
        for column in table.columns {
            assert!(columns.contains(column), "{} has no {column}", table.name);
        }
    }
}

#[test]
fn every_table_of_the_schema_is_written_by_somebody() {
    let made = schema().lines().filter(|line| line.starts_with("CREATE TABLE ")).count();
    assert_eq!(made, TABLES.len());
}

/// A chain whose index is rows in memory.
struct Indexed {
    genesis: Genesis,
    chain: TestChain,
    rows: MemoryRows,
    head: IndexHead,
}

impl Indexed {
    async fn begin() -> Self {
        let mut genesis = genesis();
        genesis.chain.epoch_length = 3;
        let at = ChainPosition::of(Height(0), genesis.time, genesis.chain.epoch_length);
        let chain = TestChain::new(genesis.clone());
        let first = genesis.record(StateRoot([0; 32]));
        let head = IndexHead { at, hash: first.header.hash() };
        let mut indexed = Self { genesis, chain, rows: MemoryRows::default(), head };
        indexed.fold(head, first, None).await;
        indexed.catch_up().await;
        indexed
    }

    async fn fold(&mut self, head: IndexHead, record: Record, certificate: Option<&Certificate>) {
        let block = PreparedBlock::new(self.head, head, record, certificate).unwrap();
        block.fold(&mut self.rows).await.unwrap();
        self.head = head;
    }

    async fn catch_up(&mut self) {
        while let Some((record, certificate)) = self.chain.record(self.head.at.height.next()) {
            let header = &record.header;
            let at = ChainPosition::of(header.height, header.time, self.genesis.chain.epoch_length);
            let head = IndexHead { at, hash: header.hash() };
            self.fold(head, record, Some(&certificate)).await;
        }
    }

    /// One more block, after which every release stands in the rows as a node would answer it from state.
    async fn block(&mut self, calls: &[(SecretKey, Call)]) {
        self.chain.block(calls);
        self.catch_up().await;
        let range = PageRange::new(None, Some(100)).unwrap();
        let expected = release_history(&self.chain.state(), self.head.at.epoch, &HistoryFilter::default(), range);
        assert_eq!(self.history(), expected.entries, "after block {}", self.head.at.height);
    }

    /// The releases as the index answers them where there is no minimum, the latest first.
    fn history(&self) -> Vec<ReleaseView> {
        const NO_INSTALL: &str = r#""install_times":[],"install_count":0,"last_install_ts":null"#;
        let rows = self.rows.columns(&releases::RELEASES, &["entry", "verdict", "installs"]);
        let release = |row: &Row| {
            let (entry, verdict) = (row[0].text().unwrap(), row[1].text().unwrap());
            let installs = row[2].text().unwrap_or(NO_INSTALL);
            serde_json::from_str(&format!("{{{entry},\"verdict\":{verdict},{installs}}}")).unwrap()
        };
        rows.iter().rev().map(release).collect()
    }

    /// Proposes builds in one block, has everybody vote for them and hold them, and waits until they may run.
    async fn release(&mut self, bytes: &[u8]) {
        let build = |byte: &u8| BuildHash([*byte; 32]);
        let vote_for = |byte| propose(release_vote(&self.genesis, build(byte), 3));
        let proposals: Vec<_> = bytes.iter().map(|byte| (validator(0), vote_for(byte))).collect();
        // Voting ends with an epoch: what is proposed in its last block nobody votes on.
        while !self.head.at.height.ends_epoch(self.genesis.chain.epoch_length) {
            self.block(&[]).await;
        }
        let before = ::governance::queries::latest(&self.chain.state()).0;
        self.block(&proposals).await;
        let ids = (before + 1..).take(bytes.len());
        let votes = ids.flat_map(|id| (0..4).map(move |index| (validator(index), vote(id, Choice::Yes, None))));
        let builds: Vec<_> = bytes.iter().map(build).collect();
        self.block(&votes.chain(held_by(4, &builds)).collect::<Vec<_>>()).await;
        let until = self.head.at.height.plus(20);
        while bytes.iter().any(|byte| release(&self.chain.state(), &build(byte)).is_none()) {
            assert!(self.head.at.height < until, "the release does not come");
            self.block(&[]).await;
        }
    }

    /// Where proposals stand: number and status.
    fn proposals(&self) -> Vec<Row> {
        self.rows.columns(&governance::PROPOSALS, &["id", "status"])
    }
}

fn stands(id: u64, status: &str) -> Row {
    vec![id.into(), status.into()]
}

#[tokio::test]
async fn a_chain_that_is_folded_in_memory_stands_where_its_state_does() {
    let mut indexed = Indexed::begin().await;
    let install = |byte: u8| install(BuildHash([byte; 32]));
    indexed.block(&[(validator(1), install(0xaa)), (validator(2), install(0xaa))]).await;
    indexed.release(&[1]).await;
    indexed.block(&[(validator(1), install(1))]).await;
    indexed.release(&[2]).await;
    let statuses: Vec<String> = indexed.history().iter().map(|release| release.status.to_string()).collect();
    assert_eq!(statuses, ["activated", "superseded", "superseded"]);
    assert_eq!(indexed.proposals(), [stands(1, "superseded"), stands(2, "activated")]);
}

/// Each is carried out before the next is: what the second supersedes has its activation on record by then.
#[tokio::test]
async fn of_two_releases_that_one_block_approves_the_first_is_superseded_and_so_is_its_proposal() {
    let mut indexed = Indexed::begin().await;
    indexed.release(&[1, 2]).await;
    let history = indexed.history();
    assert_eq!(history[0].release.activated, history[1].release.activated, "in one block");
    assert_eq!(indexed.proposals(), [stands(1, "superseded"), stands(2, "activated")]);
}
