//! A network that the plan of `config/profiles/chain.toml` governs, and its index: after each block every change, every gate and the fleet
//! stand there where the chain has them.

use accounts::Endowment;
use anyhow::{Context as _, ensure};
use explorer::index::IndexStore;
use explorer::store::{Index, IndexHead, IndexPlace};
use explorer::topics::roles::read::roles_of_plan;
use explorer::topics::rollouts::read;
use explorer::topics::{PreparedBlock, artifacts, cases};
use flags::{Gate, Gates};
use governance::Choice;
use light::testing::TestChain;
use primitives::{
    AccountId, Amount, BuildHash, CaseId, ChainPosition, ChangeId, Digest, List, Moment, Name, Path, ProposalId,
    Reason, ReleaseClass, SecretKey, Text,
};
use releases::Advertisement;
use rollouts::change::{ChangeDraft, ChangeRequest, Effect, EffectTo, FlagSide, OwedDuty};
use rollouts::plan::Nature;
use rollouts::plans;
use rollouts::queries;
use rollouts::statement::{Statement, StatementOutcome, StatementSubject};
use rollouts::verdict::FindingState;
use runtime::testing::{advertise, genesis, validator, vote};
use runtime::{Call, Genesis, moment_of};
use std::collections::BTreeSet;
use tempfile::TempDir;
use tests::explorer::repository;
use tests::opened;
use the_block::governed_start::{CouncilKey, GovernedStart};

/// What the plan is called.
const PLAN: &str = "chain";
/// The build that genesis approves.
const BUILD: BuildHash = BuildHash([0xaa; 32]);
/// Why things are asked for here: it breaks a page that does not escape it.
pub const REASON: &str = "it is <b>odd</b>";

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// A chain, who has the roles of its plan, and the index that follows it.
pub struct GovernedChain {
    pub chain: TestChain,
    pub index: Index,
    pub head: IndexHead,
    pub folder: TempDir,
    council: Vec<CouncilKey>,
    store: IndexStore,
}

impl GovernedChain {
    /// Of a genesis without a plan.
    pub async fn without_a_plan() -> anyhow::Result<Self> {
        Self::over(genesis(), Vec::new()).await
    }

    /// Under the plan, where testnet stands.
    pub async fn at_testnet() -> anyhow::Result<Self> {
        let root = repository();
        let start = GovernedStart::read(&root.join("config/profiles/chain.toml"), &root, Some(name("testnet")), None)?;
        let (mut genesis, council) = (genesis(), start.council());
        let validators: Vec<AccountId> = (0..4).map(|index| validator(index).account()).collect();
        genesis.rollouts = Some(Box::new(start.genesis(&validators, &council)?));
        let endow = |member: &CouncilKey| Endowment { account: member.key.account(), balance: Amount(10_000_000) };
        genesis.accounts.balances.extend(council.iter().map(endow));
        Self::over(genesis, council).await
    }

    async fn over(genesis: Genesis, council: Vec<CouncilKey>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let store = IndexStore::open(IndexPlace::File(folder.path().join("x.sqlite")), false).await?;
        let head = store.begin(&genesis).await?;
        let index = Index::new(store.readers(), genesis.clone());
        let mut governed = Self { chain: TestChain::new(genesis), index, head, folder, council, store };
        governed.catch_up().await?;
        Ok(governed)
    }

    /// One more block, in which nothing is refused.
    async fn block(&mut self, asked: &[(SecretKey, Call)]) -> anyhow::Result<()> {
        let facts = self.chain.block(asked);
        let refused = facts.iter().find(|fact| fact.outcome.is_err());
        ensure!(refused.is_none(), "{refused:?}");
        self.catch_up().await?;
        self.same_changes().await.with_context(|| format!("after block {}", self.head.at.height))?;
        self.same_cases().await.with_context(|| format!("after block {}", self.head.at.height))?;
        self.same_gates().await.with_context(|| format!("after block {}", self.head.at.height))
    }

    async fn catch_up(&mut self) -> anyhow::Result<()> {
        let length = self.chain.genesis.chain.epoch_length;
        while let Some((record, certificate)) = self.chain.record(self.head.at.height.next()) {
            let at = ChainPosition::of(record.header.height, record.header.time, length);
            let head = IndexHead { at, hash: record.header.hash() };
            self.store.write([PreparedBlock::new(self.head, head, record, Some(&certificate))?]).await?;
            self.head = head;
        }
        Ok(())
    }

    /// Changes the index as somebody else would who can write to its database.
    pub async fn tamper(&self, statement: &str) -> anyhow::Result<()> {
        sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&self.store.writer()).await?;
        Ok(())
    }

    /// Closes the index.
    pub async fn close(self) {
        self.store.close().await;
    }

    fn at(&self) -> Moment {
        moment_of(&self.chain.state(), self.head.at.height, self.head.at.time)
    }

    /// Every change: where it stands, what that is called, what it moved and what it owes.
    async fn same_changes(&self) -> anyhow::Result<()> {
        let (state, at) = (self.chain.state(), self.at());
        for id in (1..=queries::latest(&state).0).map(ChangeId) {
            let found = read::change(&self.index, id).await?.context("no such change")?;
            let progress = queries::progress(&state, id).context("no such change on chain")?;
            let label = queries::label(&state, at, id).context("no such change on chain")?;
            let (stands, called) = (found.summary.state, found.summary.label);
            ensure!((stands, called) == (progress.state, label), "change {id} is {stands}, {called}, and not {label}");
            let duties: Vec<&OwedDuty> = found.duties.iter().map(|line| &line.duty).collect();
            ensure!(duties == progress.duties.iter().collect::<Vec<_>>(), "change {id} owes {duties:?}");
            ensure!(found.effects == progress.effects.to_vec(), "change {id} moved {:?}", found.effects);
            let polls: BTreeSet<ProposalId> = found.polls.iter().map(|poll| poll.proposal.id).collect();
            let of_duties = progress.duties.iter().filter_map(|duty| duty.poll);
            let asked: BTreeSet<ProposalId> = progress.poll.into_iter().chain(of_duties).collect();
            ensure!(polls == asked, "change {id} has the polls {polls:?}, and not {asked:?}");
        }
        Ok(())
    }

    /// Every case: how far it has come, and what was said about it.
    async fn same_cases(&self) -> anyhow::Result<()> {
        let state = self.chain.state();
        for id in (1..::cases::queries::next_id(&state).0).map(CaseId) {
            let found = cases::read::case(&self.index, id).await?.context("no such case")?.entry;
            let head = ::cases::queries::case(&state, id).context("no such case on chain")?;
            let (stands, expected) =
                ((found.step, found.since, found.severity), (head.step, head.since, head.severity));
            ensure!(stands == expected, "case {id} stands {stands:?}, and not {expected:?}");
            let body = ::cases::queries::body(&state, id);
            ensure!(body.as_ref() == Some(&found.body), "case {id} says {:?}, and not {body:?}", found.body);
        }
        Ok(())
    }

    /// What gates serve, and how much of the power sees them so.
    async fn same_gates(&self) -> anyhow::Result<()> {
        let (state, at) = (self.chain.state(), self.at());
        let (gates, plan) = (Gates::of(&state), plans::of_node(&state).context("no plan governs the chain")?);
        let listed = read::flags(&self.index, &name(PLAN)).await?.context("no such plan")?;
        for line in &listed.flags {
            let gate = Gate::named(&line.flag.key).context("a flag that is no gate")?;
            let (found, expected) = (line.now.is_on_for_all, gates.is_on_for_all(gate));
            ensure!(found == expected, "{gate} is {found} for all");
        }
        ensure!(listed.flags.len() == Gate::ALL.len(), "{} flags", listed.flags.len());
        let (fleet, seen) =
            (read::fleet(&self.index, &name(PLAN)).await?.context("no fleet")?, queries::fleet(&state, at, &plan));
        let next = (fleet.next.context("no next stage")?, seen.next.context("no next stage on chain")?);
        for (found, expected) in [(fleet.current, seen.current), next, (fleet.bundle, seen.bundle)] {
            let found = (found.power, found.total, found.of - found.nodes);
            let drifting = u32::try_from(expected.drifting.len())?;
            ensure!(found == (expected.power, expected.total, drifting), "{found:?} is not {expected:?}");
        }
        Ok(())
    }

    /// The key of the first who has a role.
    fn key(&self, role: &str) -> SecretKey {
        self.members(role).remove(0)
    }

    fn members(&self, role: &str) -> Vec<SecretKey> {
        let of_role = self.council.iter().filter(|member| member.role == name(role));
        of_role.map(|member| member.key.clone()).collect()
    }

    /// A call about the plan, in a role, by the first who has it.
    fn asks(&self, role: &str, call: impl FnOnce(Name, Name) -> rollouts::Call) -> (SecretKey, Call) {
        (self.key(role), Call::Rollouts(call(name(PLAN), name(role))))
    }

    /// A promotion is for a milestone, and says what users will notice.
    fn submits(&self, role: &str, request: ChangeRequest) -> (SecretKey, Call) {
        let milestone = matches!(request, ChangeRequest::Promote { .. }).then(|| name("autumn"));
        let impact = if milestone.is_some() { Text::new(REASON).unwrap() } else { Text::default() };
        let change = Box::new(ChangeDraft {
            version: 1,
            bundle: self.bundle(),
            request,
            class: ReleaseClass::Minor,
            nature: Nature::Feature,
            phase: None,
            sealer: None,
            ticket: None,
            reason: Reason::new(REASON).unwrap(),
            milestone,
            impact,
            features: List::new(),
        });
        self.asks(role, |plan, acting| rollouts::Call::Submit { plan, acting, change })
    }

    fn bundle(&self) -> Digest {
        self.chain.genesis.rollouts.as_ref().map_or(Digest([0; 32]), |rollouts| rollouts.plan.bundle)
    }

    fn states(&self, role: &str, key: &str, change: ChangeId, outcome: StatementOutcome) -> (SecretKey, Call) {
        let digest = (outcome == StatementOutcome::Passed).then(|| Digest::blake3(key.as_bytes()));
        let word = Statement::new(name(key), StatementSubject::Change(change), outcome);
        let statement = Box::new(Statement { digest, reason: Text::new(REASON).unwrap(), ..word });
        self.asks(role, |plan, acting| rollouts::Call::State { plan, acting, statement })
    }

    /// What a node says that it runs, in the name of its validator.
    fn says(&self, index: u8, gates: u64) -> (SecretKey, Call) {
        let said = Advertisement {
            channel: name("testnet"),
            gates,
            known: u64::MAX,
            held: 0,
            bundle: self.bundle(),
            build: BUILD,
        };
        (validator(index), advertise(said))
    }

    /// The effect that lifts what disables a gate, written against what stands.
    fn enabling(&self, gate: &str) -> Effect {
        let (state, plan, flag) = (self.chain.state(), name(PLAN), name(gate));
        let side = FlagSide {
            targeting: flags::queries::setting(&state, &plan, &flag, &Path::ROOT).map(|setting| setting.targeting),
            disabled: flags::queries::disabled(&state, &plan, &flag, &Path::ROOT).is_some(),
        };
        Effect::Flag { flag, path: Path::ROOT, to: EffectTo::Enabled, was: side.digest() }
    }

    /// The poll on what a change owes.
    fn poll_of(&self, change: ChangeId) -> u64 {
        let progress = queries::progress(&self.chain.state(), change).unwrap();
        progress.owed().find_map(|duty| duty.poll).unwrap().0
    }

    /// An emergency that is ratified and closed, a promotion to which somebody says no, a change that enables the gate again, and a
    /// pause: changes 1 to 4, of which the last three are under way.
    pub async fn live(&mut self) -> anyhow::Result<()> {
        let (flags, scope) = (List::truncate_from(vec![name("pruning")]), Path::ROOT);
        let disable = ChangeRequest::Disable { flags, scope, cause: name("SAFETY") };
        self.block(&[self.submits("release_commander", disable)]).await?;
        let (emergency, promotion) = (ChangeId(1), ChangeId(2));
        // Two see what the chain has, one has not heard of the emergency, and one says nothing.
        let gates = Gates::of(&self.chain.state()).on;
        let stale = gates | (1 << Gate::Pruning as u32);
        self.block(&[self.says(0, gates), self.says(1, gates), self.says(2, stale)]).await?;
        let poll = self.poll_of(emergency);
        let mut votes = Vec::new();
        for member in self.members("governance_council").into_iter().take(2) {
            votes.push((member, vote(poll, Choice::Yes, Some(REASON))));
        }
        votes.push(self.states("sre_lead", "mitigation", emergency, StatementOutcome::Passed));
        // It is the council's to say.
        ensure!(self.chain.block(&votes).iter().filter(|fact| fact.outcome.is_err()).count() == 1);
        self.catch_up().await?;
        self.block(&[self.states("governance_council", "mitigation", emergency, StatementOutcome::Passed)]).await?;
        self.block(&[]).await?;
        let close = |plan, acting| rollouts::Call::Close { plan, acting, change: emergency };
        let close = self.asks("release_commander", close);
        let promote = ChangeRequest::Promote { to: name("canary"), artifact: Some(Digest(BUILD.0)) };
        self.block(&[close, self.submits("release_commander", promote)]).await?;
        let enable = ChangeRequest::Set { effects: List::truncate_from(vec![self.enabling("pruning")]) };
        let denied = self.states("sre_lead", "signoff.observability", promotion, StatementOutcome::Failed);
        self.block(&[denied, self.submits("release_commander", enable)]).await?;
        let pause = ChangeRequest::Freeze { scope: Path::ROOT, announcement: Text::new(REASON).unwrap() };
        self.block(&[self.submits("sre_lead", pause)]).await?;
        self.block(&[]).await
    }
}

impl GovernedChain {
    /// An application with an artifact, whose playbook was tried; it has no change.
    pub async fn guest(&mut self) -> anyhow::Result<()> {
        let owner = self.key("governance_council");
        self.block(&[(owner.clone(), opened::application(owner.account()))]).await?;
        self.block(&[(owner.clone(), opened::artifact()), (owner.clone(), opened::drill("began"))]).await?;
        self.block(&[(owner, opened::drill("ended"))]).await
    }

    /// A report that is taken up by an incident, which a change contains, then a risk and a hold: cases 1 to 4.
    pub async fn cases(&mut self) -> anyhow::Result<()> {
        let (sre, steward) = (self.key("sre_lead"), self.key("security_steward"));
        let (report, incident) = (CaseId(1), CaseId(2));
        self.block(&[(validator(0), opened::report(PLAN, REASON))]).await?;
        self.block(&[(sre.clone(), opened::incident(PLAN, "sre_lead", report, REASON))]).await?;
        self.block(&[(sre.clone(), opened::classified(PLAN, "sre_lead", incident))]).await?;
        self.block(&[(sre, opened::contained(PLAN, "sre_lead", incident, ChangeId(1)))]).await?;
        self.block(&[(steward.clone(), opened::risk(PLAN, "security_steward", "", "sre_lead", REASON))]).await?;
        let until = self.head.at.time.plus(86_400_000);
        self.block(&[(steward, opened::hold(PLAN, "security_steward", until, REASON))]).await
    }
}

#[tokio::test]
async fn cases_and_artifacts_stand_in_the_index_where_the_chain_has_them() -> anyhow::Result<()> {
    let mut governed = GovernedChain::at_testnet().await?;
    governed.guest().await?;
    governed.live().await?;
    governed.cases().await?;
    let (state, shop) = (governed.chain.state(), name(opened::APPLICATION));
    let query = artifacts::query::ArtifactsQuery::default();
    let listed = artifacts::read::artifacts(&governed.index, &shop, &query, 20).await?.context("no such plan")?;
    ensure!(listed.page.total == 1 && listed.stages.len() == 1, "{listed:?}");
    for line in &listed.page.entries {
        let digest = line.registered.artifact.digest;
        let expected = ::artifacts::queries::artifact(&state, &shop, &digest);
        ensure!(expected.as_ref() == Some(&line.registered), "{line:?} is not {expected:?}");
        ensure!(line.pins == ::artifacts::queries::pins(&state, &shop, &digest), "{line:?}");
    }
    let tried = read::playbooks(&governed.index, &shop).await?.context("no such plan")?;
    let drilled: Vec<Option<FindingState>> = tried.playbooks.iter().map(|line| line.state).collect();
    ensure!(drilled == [Some(FindingState::Met)], "{tried:?}");
    let phases = read::phases(&governed.index, &shop).await?.context("no such plan")?.phases;
    ensure!(phases.len() == 1 && phases[0].standing.is_none(), "{phases:?}");
    governed.close().await;
    Ok(())
}

#[tokio::test]
async fn what_a_plan_governs_stands_in_the_index_after_each_block_where_the_chain_has_it() -> anyhow::Result<()> {
    let mut governed = GovernedChain::at_testnet().await?;
    governed.live().await?;
    let latest = queries::latest(&governed.chain.state());
    ensure!(latest == ChangeId(4), "{latest} changes");
    let board = read::board(&governed.index, &name(PLAN)).await?.context("no such plan")?;
    let ids = |changes: &[rpc::views::ChangeSummary]| changes.iter().map(|change| change.id.0).collect::<Vec<_>>();
    ensure!(ids(&board.live) == [4, 3, 2], "{:?} are under way", ids(&board.live));
    ensure!(ids(&board.emergencies) == [4] && board.overdue.is_empty(), "{board:?}");
    ensure!(board.pauses.len() == 1 && board.freeze.is_none() && board.sealer.is_none(), "{board:?}");
    let stage = queries::standing(&governed.chain.state(), &name(PLAN)).map(|(stage, _)| stage);
    ensure!(board.plan.stage == stage && stage == Some(name("testnet")), "{stage:?}");

    let roles = roles_of_plan(&governed.index, &name(PLAN)).await?.context("no such plan")?.roles;
    for role in &roles {
        let found: BTreeSet<AccountId> = role.members.iter().map(|stay| stay.account).collect();
        let keys = governed.members(role.name.as_str());
        let expected: BTreeSet<AccountId> = keys.iter().map(SecretKey::account).collect();
        ensure!(found == expected, "{} has the members {found:?}", role.name);
    }
    ensure!(roles.len() == 4, "{} roles", roles.len());
    governed.close().await;
    Ok(())
}
