//! The explorer's index is a fold of the chain's facts: whatever happens, its rows are those that a node answers from state.

mod audited;
mod governed;
mod pages;
mod served;
mod written;

use anyhow::{Context as _, ensure};
use explorer::follow::verify::{Elected, VerificationError, verify};
use explorer::index::IndexStore;
use explorer::store::tenure::Watch;
use explorer::store::{Index, IndexHead, IndexPlace, Readers};
use explorer::topics::PreparedBlock;
use explorer::topics::audit::answer::AuditEntry;
use explorer::topics::audit::query::{AuditOutcome, AuditQuery};
use explorer::topics::audit::read::{audit, audit_within, cursor};
use explorer::topics::governance::read::proposal;
use explorer::topics::releases::read::{ReleaseFilter, history, release};
use explorer::topics::validators::answer::MOST_LATEST;
use explorer::topics::validators::read::validators;
use primitives::{AccountId, Amount, Digest, Epoch, Height, ProposalId, Subject};
use releases::queries::releases;
use rpc::views::{
    BlockPace, Descriptions, HistoryFilter, PageOf, PageRange, ReleaseView, proposal_detail, release_detail,
    release_history,
};
use runtime::{Cause, Certificate, Record};
use state::Told as _;
use std::collections::BTreeSet;
use std::time::Duration;
use tests::forwarder::Forwarder;
use tests::life::Life;
use tests::postgres::Postgres;

/// A life with an index that follows it.
struct Followed {
    life: Life,
    store: IndexStore,
    index: Index,
    head: IndexHead,
    elected: Elected,
}

impl Followed {
    async fn begin(life: Life, place: IndexPlace) -> anyhow::Result<Self> {
        let genesis = life.chain.genesis.clone();
        let store = IndexStore::open(place, false).await?;
        let head = store.begin(&genesis).await?;
        let index = Index::new(store.readers(), genesis.clone());
        let mut elected = Elected::default();
        elected.learn(Epoch(0), genesis.validators());
        elected.learn(Epoch(1), genesis.validators());
        let mut followed = Self { life, store, index, head, elected };
        followed.catch_up().await?;
        Ok(followed)
    }

    fn verified(&self, record: &Record, certificate: &Certificate) -> Result<IndexHead, VerificationError> {
        self.verified_after(&self.head, record, certificate)
    }

    fn verified_after(
        &self,
        before: &IndexHead,
        record: &Record,
        certificate: &Certificate,
    ) -> Result<IndexHead, VerificationError> {
        let chain = &self.life.chain.genesis.chain;
        let epoch = record.header.height.epoch(chain.epoch_length);
        verify(before, chain, &self.elected.of(epoch), record, certificate)
    }

    /// The block after another one, ready to be written; none before there is one.
    fn prepared(&mut self, before: IndexHead) -> anyhow::Result<Option<PreparedBlock>> {
        let Some((record, certificate)) = self.life.chain.record(before.at.height.next()) else { return Ok(None) };
        let head = self.verified_after(&before, &record, &certificate)?;
        self.elected.follow(&record);
        Ok(Some(PreparedBlock::new(before, head, record, Some(&certificate))?))
    }

    /// All blocks after those of the index.
    fn rest(&mut self) -> anyhow::Result<Vec<PreparedBlock>> {
        let (mut before, mut blocks) = (self.head, Vec::new());
        while let Some(block) = self.prepared(before)? {
            before = block.head();
            blocks.push(block);
        }
        Ok(blocks)
    }

    async fn catch_up(&mut self) -> anyhow::Result<()> {
        while let Some(block) = self.prepared(self.head)? {
            let head = block.head();
            self.store.write([block]).await?;
            self.head = head;
        }
        Ok(())
    }

    /// Every page of every kind of question about the history, from the index and from state.
    async fn same_history(&self) -> anyhow::Result<()> {
        let state = self.life.state();
        let proposers: BTreeSet<AccountId> = releases(&state).filter_map(|build| build.proposer).collect();
        let proposers = std::iter::once(None).chain(proposers.into_iter().map(Some)).chain([Some(AccountId([9; 32]))]);
        let now = self.head.at.epoch;
        for proposer in proposers {
            for (start, end) in [(None, None), (Some(now.minus(3)), None), (Some(now.minus(6)), Some(now.minus(2)))] {
                for (page, size) in [(0, 100), (0, 2), (1, 2), (1_000, 3)] {
                    let filter = HistoryFilter { proposer, start_epoch: start, end_epoch: end };
                    let range = PageRange::new(Some(page), Some(size))?;
                    let expected = release_history(&state, now, &filter, range);
                    let asked = ReleaseFilter {
                        list: proposer.map(|who| who.to_string()).unwrap_or_default(),
                        start_epoch: start.unwrap_or_default().0,
                        end_epoch: end.map_or(u64::MAX, |epoch| epoch.0),
                        page,
                        page_size: size,
                    };
                    let found: PageOf<ReleaseView> = serde_json::from_str(&history(&self.index, &asked).await?)?;
                    ensure!(found == expected, "{asked:?} at {}: {found:#?} is not {expected:#?}", self.head.at.height);
                }
            }
        }
        Ok(())
    }

    async fn same_details(&self) -> anyhow::Result<()> {
        let (state, now) = (self.life.state(), self.head.at.epoch);
        for hash in releases(&state).map(|build| build.build_hash) {
            let expected = release_detail(&state, now, &hash);
            let found = release(&self.index, &hash).await?.map(|answer| answer.release);
            ensure!(found == expected, "{hash}: {found:#?} is not {expected:#?}");
        }
        let latest = governance::queries::latest(&state);
        for id in (1..=latest.0).map(ProposalId) {
            let expected = proposal_detail(&state, now, self.pace(), id).context("no such proposal")?;
            let mut found = proposal(&self.index, id).await?.context("no such proposal")?.proposal;
            if expected.not_voted_count.is_none() {
                // The chain forgets who had stake, and how much power nobody used; the index does not.
                (found.not_voted, found.not_voted_count, found.not_holding) = (Vec::new(), None, None);
                let forgotten = expected.proposal.availability.clone().filter(|known| known.total == Amount::ZERO);
                found.proposal.availability = forgotten.or(found.proposal.availability);
                let named: BTreeSet<AccountId> = found.accounts().collect();
                let said = found.described.iter().filter(|said| named.contains(&said.account)).cloned();
                found.described = Descriptions::new(said.collect::<Vec<_>>());
            }
            ensure!(found == expected, "{found:#?} is not {expected:#?}");
        }
        Ok(())
    }

    fn pace(&self) -> BlockPace {
        let genesis = &self.life.chain.genesis;
        let earlier = self.head.at.height.minus(self.head.at.height.0.min(BlockPace::MEASURED));
        let header = earlier.0.checked_sub(1).and_then(|index| self.life.chain.headers.get(index as usize));
        let time = header.map_or(genesis.time, |signed| signed.header.time);
        let chain = &genesis.chain;
        BlockPace::new(self.head.at, Some((earlier, time)), chain.epoch_length, chain.consensus.block_time_ms)
    }

    /// By every filter, and however little is looked at for one answer, the parts of the log are the whole of it.
    async fn log_is_whole(&self, window: u32) -> anyhow::Result<()> {
        let whole = self.walked(&AuditQuery::default(), 100, 10_000).await?;
        let since: usize = self.life.chain.blocks().iter().map(|kept| kept.record.facts.len()).sum();
        let facts = self.life.chain.genesis.facts().len() + since;
        ensure!(whole.len() == facts, "{} entries, {facts} facts", whole.len());
        whole.iter().try_for_each(fields_are_those_of_the_fact)?;
        let account = whole.iter().find_map(|entry| entry.account);
        let queries = [
            AuditQuery { kind: Some("governance.voted".into()), ..Default::default() },
            AuditQuery { outcome: Some(AuditOutcome::Refused), ..Default::default() },
            AuditQuery { account, outcome: Some(AuditOutcome::Granted), ..Default::default() },
            AuditQuery { account, kind: Some("governance.voted".into()), proposal_id: Some(2), ..Default::default() },
            AuditQuery { kind: Some("releases.approved".into()), account, ..Default::default() },
            AuditQuery { proposal_id: Some(1), ..Default::default() },
        ];
        for query in queries {
            let found = self.walked(&query, 3, window).await?;
            let concerns = |entry: &AuditEntry, subject| entry.fact.about().contains(&subject);
            let fits = |entry: &&AuditEntry| {
                query.kind.as_ref().is_none_or(|kind| entry.kind == *kind)
                    && query.account.is_none_or(|account| concerns(entry, Subject::Account(account)))
                    && query.proposal_id.is_none_or(|id| concerns(entry, Subject::Proposal(ProposalId(id))))
                    && query.outcome.is_none_or(|outcome| entry.refused == (outcome == AuditOutcome::Refused))
            };
            let expected: Vec<AuditEntry> = whole.iter().filter(fits).cloned().collect();
            ensure!(found == expected, "{query:?}: {} entries, {} expected", found.len(), expected.len());
            // Whatever names the account or the proposal in a field of its own is among them, unless another filter leaves it out.
            let names = |entry: &&AuditEntry| {
                query.account.is_none_or(|account| entry.account == Some(account))
                    && query.proposal_id.is_none_or(|id| entry.proposal_id == Some(id))
                    && query.kind.as_ref().is_none_or(|kind| entry.kind == *kind)
                    && query.outcome.is_none_or(|outcome| entry.refused == (outcome == AuditOutcome::Refused))
            };
            let missed = whole.iter().filter(names).find(|entry| !found.contains(entry));
            ensure!(missed.is_none(), "{query:?} does not give {missed:?}");
        }
        self.what_no_index_finds_is_looked_for(&whole, window).await
    }

    /// Among so many facts for one answer, however many of them fit; the answers together have all.
    async fn what_no_index_finds_is_looked_for(&self, whole: &[AuditEntry], window: u32) -> anyhow::Result<()> {
        let granted = AuditQuery { outcome: Some(AuditOutcome::Granted), ..Default::default() };
        let part = audit_within(&self.index, &granted, None, 100, window).await?;
        ensure!(part.entries.len() <= window as usize && part.next.is_some(), "{} entries", part.entries.len());
        let found = self.walked(&granted, 3, window).await?;
        let expected: Vec<AuditEntry> = whole.iter().filter(|entry| !entry.refused).cloned().collect();
        ensure!(found == expected, "{} entries, {} expected", found.len(), expected.len());
        Ok(())
    }

    /// Every punishment of the log is counted, and the latest are told of.
    async fn punishments_are_counted(&self) -> anyhow::Result<()> {
        let query = AuditQuery { kind: Some("staking.punished".into()), ..Default::default() };
        let (punished, answer) = (self.walked(&query, 100, 10_000).await?.len(), validators(&self.index).await?);
        ensure!(answer.offence_count == punished as u64, "{} counted, {punished} on record", answer.offence_count);
        ensure!(answer.offences.len() == punished.min(MOST_LATEST), "{} of {punished}", answer.offences.len());
        Ok(())
    }

    async fn walked(&self, query: &AuditQuery, size: u32, window: u32) -> anyhow::Result<Vec<AuditEntry>> {
        let (mut found, mut before) = (Vec::new(), None);
        loop {
            let part = audit_within(&self.index, query, before, size, window).await?;
            found.extend(part.entries);
            let Some(next) = part.next else { return Ok(found) };
            before = Some(cursor(&next).context("next is no cursor")?);
        }
    }

    /// The kinds of facts that were seen.
    async fn kinds(&self) -> anyhow::Result<BTreeSet<&'static str>> {
        let mut kinds = BTreeSet::new();
        for kind in runtime::kinds() {
            let query = AuditQuery { kind: Some(kind.into()), ..Default::default() };
            if !audit(&self.index, &query, None, 1).await?.entries.is_empty() {
                kinds.insert(kind);
            }
        }
        Ok(kinds)
    }
}

/// An entry's own fields: who asked, and the first build and the first proposal that its fact is about.
fn fields_are_those_of_the_fact(entry: &AuditEntry) -> anyhow::Result<()> {
    let asked = match &entry.fact.cause {
        Cause::Transaction { account, .. } => Some(*account),
        Cause::Proposal(_) | Cause::Clock | Cause::Genesis => None,
    };
    let about = entry.fact.about();
    let build = about.iter().find_map(|subject| if let Subject::Build(hash) = subject { Some(*hash) } else { None });
    let proposal = about.iter().find_map(|subject| if let Subject::Proposal(id) = subject { Some(id.0) } else { None });
    let fields = (entry.account, entry.build_hash, entry.proposal_id);
    ensure!(fields == (asked, build, proposal), "{entry:?} has fields that are not its fact's");
    ensure!(
        // No database keeps a NUL in a text.
        entry.kind == entry.fact.kind() && entry.sentence == entry.fact.sentence().replace('\0', "\u{fffd}"),
        "{entry:?} says something else"
    );
    ensure!(entry.refused == entry.fact.outcome.is_err(), "{entry:?} went another way");
    Ok(())
}

async fn lives(seed: u64, blocks: u64, place: IndexPlace) -> anyhow::Result<Followed> {
    let mut followed = Followed::begin(Life::new(seed), place).await?;
    for block in 0..blocks {
        followed.life.block();
        followed.catch_up().await?;
        if block % 10 == 0 {
            followed.same_history().await?;
        }
    }
    followed.same_history().await?;
    followed.same_details().await?;
    followed.pages_are_whole().await?;
    followed.log_is_whole(5).await?;
    followed.punishments_are_counted().await?;
    Ok(followed)
}

#[tokio::test]
async fn rows_are_those_that_a_node_answers_whatever_happens() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut kinds = BTreeSet::new();
    for seed in 0..16 {
        let place = IndexPlace::File(folder.path().join(format!("{seed}.sqlite")));
        let followed = lives(seed, 160, place).await.with_context(|| format!("seed {seed}"))?;
        kinds.extend(followed.kinds().await?);
        followed.store.close().await;
    }
    // No plan of these chains has a member that acts, so nobody has a role by one, and nothing is asked of its members.
    kinds.extend(["roles.member_came", "roles.member_went", "roles.members_set"]);
    kinds.extend(["governance.opened", "governance.decided", "governance.recounted"]);
    // Stories are about it: nobody here advertises and then takes all of its stake back.
    kinds.insert("releases.left_fleet");
    // No level of this software brings a migration.
    kinds.insert("chain.migrated");
    // No plan sets the gates of these chains.
    kinds.insert("staking.unenforced");
    kinds.extend(["witnesses.registered", "witnesses.retired", "witnesses.cosigned"]);
    let counted = ["began", "attended", "dropped", "rewarded", "collected", "lapsed"];
    let counted = counted.map(|event| format!("rewards.{event}"));
    kinds.extend(runtime::kinds().into_iter().filter(|kind| counted.iter().any(|other| other == kind)));
    // What is under a plan is moved by its members alone, and nobody here is one.
    let pallets = ["rollouts.", "flags.", "artifacts.", "cases."];
    let of_plans = |kind: &&str| pallets.iter().any(|pallet| kind.starts_with(pallet));
    let asked_for = ["rollouts.installed", "rollouts.refused", "flags.refused", "artifacts.refused", "cases.refused"];
    kinds.extend(runtime::kinds().into_iter().filter(of_plans).filter(|kind| !asked_for.contains(kind)));
    let missing: Vec<_> = runtime::kinds().into_iter().filter(|kind| !kinds.contains(*kind)).collect();
    ensure!(missing.is_empty(), "what never happened in these lives was not tried: {missing:?}");
    Ok(())
}

#[tokio::test]
async fn postgresql_gives_the_same_rows() -> anyhow::Result<()> {
    let server = Postgres::start()?;
    let followed = lives(1, 120, IndexPlace::Server(server.database("explorer")?)).await?;
    let file = tempfile::tempdir()?;
    let other = Followed::begin(Life::new(1), IndexPlace::File(file.path().join("x.sqlite"))).await?;
    ensure!(other.head.at.height < followed.head.at.height);
    let everything =
        ReleaseFilter { list: String::new(), start_epoch: 0, end_epoch: u64::MAX, page: 0, page_size: 100 };
    let mut other = other;
    while other.life.height() < followed.life.height() {
        other.life.block();
    }
    other.catch_up().await?;
    let texts = (history(&followed.index, &everything).await?, history(&other.index, &everything).await?);
    ensure!(texts.0 == texts.1, "{} is not {}", texts.0, texts.1);
    // It goes on where it stood.
    let Followed { life, store, .. } = followed;
    let (place, head) = (store.place().clone(), store.head().await?);
    store.close().await;
    let again = Followed::begin(life, place).await?;
    ensure!(again.store.head().await? == head);
    again.store.close().await;
    Ok(())
}

#[tokio::test]
async fn what_is_forged_does_not_come_in() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut life = Life::new(3);
    life.blocks(12);
    let mut followed = Followed::begin(life, IndexPlace::File(folder.path().join("x.sqlite"))).await?;
    // A block with facts, so that there is something to forge.
    let (record, certificate) = loop {
        let record = followed.life.block();
        let height = record.header.height;
        if !record.facts.is_empty() {
            break followed.life.chain.record(height).context("no record")?;
        }
        followed.catch_up().await?;
    };
    let height = record.header.height;
    ensure!(followed.verified(&record, &certificate).is_ok());

    let mut fewer = record.clone();
    fewer.facts.pop();
    ensure!(
        matches!(followed.verified(&fewer, &certificate), Err(VerificationError::Facts { height: at, .. }) if at == height)
    );
    let mut rewritten = record.clone();
    rewritten.header.facts_root = Digest([1; 32]);
    ensure!(matches!(followed.verified(&rewritten, &certificate), Err(VerificationError::Header(_))));
    let mut unsigned = certificate.clone();
    unsigned.signatures = primitives::List::truncate_from(certificate.signatures.iter().take(2).copied().collect());
    ensure!(matches!(followed.verified(&record, &unsigned), Err(VerificationError::Header(_))));
    let mut elsewhere = record.clone();
    elsewhere.header.parent = primitives::BlockHash([1; 32]);
    ensure!(matches!(followed.verified(&elsewhere, &certificate), Err(VerificationError::Parent { .. })));
    let mut later = record.clone();
    later.header.height = Height(height.0 + 1);
    ensure!(matches!(followed.verified(&later, &certificate), Err(VerificationError::NotNext { .. })));
    let mut earlier = record.clone();
    earlier.header.time = followed.head.at.time;
    ensure!(matches!(followed.verified(&earlier, &certificate), Err(VerificationError::Time(_))));
    // Validators that nobody elected decide nothing.
    let stranger = staking::ValidatorSet::strongest(
        vec![staking::Validator { account: runtime::testing::holder(0).account(), power: Amount(1) }],
        1,
    );
    let chain = &followed.life.chain.genesis.chain;
    ensure!(verify(&followed.head, chain, &stranger, &record, &certificate).is_err());
    ensure!(verify(&followed.head, chain, &Default::default(), &record, &certificate).is_err());
    Ok(())
}

#[tokio::test]
async fn an_index_of_another_chain_is_not_gone_on_with() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let place = || IndexPlace::File(folder.path().join("x.sqlite"));
    let store = IndexStore::open(place(), false).await?;
    store.begin(&tests::life::small_network()).await?;
    let mut other = tests::life::small_network();
    other.time.0 += 1;
    let refused = store.begin(&other).await.err().context("it was taken")?.to_string();
    ensure!(refused.contains("--rebuild") && refused.contains(&other.hash().to_string()), "{refused}");
    store.close().await;
    let store = IndexStore::open(place(), true).await?;
    ensure!(store.head().await?.is_none(), "a rebuilt index is empty");
    store.begin(&other).await?;
    Ok(())
}

/// Has a store beat as a process does that writes, for as long as the handle is kept.
fn beating(store: &IndexStore) -> tokio::task::JoinHandle<()> {
    let store = store.clone();
    tokio::spawn(async move {
        let mut watch = Watch::default();
        loop {
            // What a test wants to see is what the other one says.
            let _ = store.beat(&mut watch).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
}

async fn one_writes(place: IndexPlace) -> anyhow::Result<()> {
    let store = IndexStore::open(place.clone(), false).await?;
    store.begin(&tests::life::small_network()).await?;
    let beats = beating(&store);
    for rebuild in [false, true] {
        let refused = IndexStore::open(place.clone(), rebuild).await.err().context("two write one index")?.to_string();
        let process = format!("process {}", std::process::id());
        ensure!(refused.contains("another explorer writes") && refused.contains(&process), "{refused}");
        ensure!(refused.contains(&place.to_string()), "{refused}");
    }
    ensure!(store.head().await?.is_some(), "a second one that is to rebuild it empties what another one writes");
    beats.abort();
    store.close().await;
    // Who stopped has left: nobody has to find out that it is gone.
    let named = Readers::open(&place).await?.all("SELECT value FROM meta WHERE name='writer'", Vec::new()).await?;
    ensure!(named.is_empty(), "the index names who has stopped");
    IndexStore::open(place, false).await?.close().await;
    Ok(())
}

#[tokio::test]
async fn o41_the_second_explorer_of_a_file_is_told_of_the_first() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    one_writes(IndexPlace::File(folder.path().join("x.sqlite"))).await
}

#[tokio::test]
async fn o41_the_second_explorer_of_a_server_is_told_of_the_first() -> anyhow::Result<()> {
    let server = Postgres::start()?;
    one_writes(IndexPlace::Server(server.database("explorer")?)).await
}

#[tokio::test]
async fn o28_who_stops_does_not_wait_for_a_database_that_is_gone() -> anyhow::Result<()> {
    let server = Postgres::start()?;
    let name = Forwarder::to(server.port)?;
    let url = server.url.replace(&format!(":{}/", server.port), &format!(":{}/", name.port));
    let store = IndexStore::open(IndexPlace::Server(url), false).await?;
    drop(name);
    // A database that might come is waited for longer.
    tokio::time::timeout(Duration::from_secs(8), store.close()).await.context("it waits for a database that is gone")
}
