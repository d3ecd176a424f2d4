//! What a chain decided, in words that are the same on every network on which the same was done.
//!
//! What many say about one thing, in whatever order blocks take it, is told once, where it comes to count: ballots and holders before the
//! end of their vote, what a node says of builds as the history of that node.

use governance::{Choice, Event as Vote, Intervention};
use primitives::{AccountId, Amount, BuildHash, ProposalId, Subject};
use releases::{Event as Release, StageName};
use runtime::{Event, Fact, Genesis, Motion};
use serde_json::Value;
use staking::Event as Stake;
use state::Told as _;
use std::collections::{BTreeMap, BTreeSet};

/// The last ballot of each voter on a proposal.
pub type Votes = BTreeMap<AccountId, Choice>;

/// All builds by number: 0 is that of genesis, the others are counted as they were proposed first.
struct Builds(Vec<BuildHash>);

impl Builds {
    fn of(genesis: &Genesis, facts: &[Fact]) -> Self {
        let mut builds: Vec<BuildHash> = genesis.releases.approved.iter().map(|target| target.build_hash).collect();
        for event in events(facts) {
            if let Event::Governance(Vote::Proposed(proposal)) = event
                && let Motion::Releases(releases::Motion::Approve(vote)) = &proposal.motion
                && !builds.contains(&vote.build_hash)
            {
                builds.push(vote.build_hash);
            }
        }
        Self(builds)
    }

    fn name(&self, hash: &BuildHash) -> String {
        let number = self.0.iter().position(|known| known == hash);
        number.map_or_else(|| "an unknown build".into(), |number| format!("build {number}"))
    }
}

fn events(facts: &[Fact]) -> impl Iterator<Item = &Event> {
    facts.iter().filter_map(|fact| fact.outcome.as_ref().ok())
}

/// What was decided about proposals, releases and rosters, in its order; `ballots` tells the votes on one proposal.
pub fn decisions(genesis: &Genesis, facts: &[Fact], ballots: impl Fn(&Votes) -> Vec<String>) -> Vec<String> {
    let (votes, held, lines) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    let mut decisions = Decisions { builds: Builds::of(genesis, facts), votes, held, lines };
    for event in events(facts) {
        match event {
            Event::Governance(event) => decisions.of_votes(event, &ballots),
            Event::Releases(event) => decisions.of_releases(event),
            _ => {}
        }
    }
    decisions.lines
}

/// How many voted how.
pub fn counted(votes: &Votes) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for choice in votes.values() {
        *counts.entry(choice.to_string()).or_default() += 1;
    }
    counts.into_iter().map(|(choice, count)| format!("{choice} by {count}")).collect()
}

/// Which side voted how, by however many accounts.
pub fn by_side(honest: &BTreeSet<AccountId>) -> impl Fn(&Votes) -> Vec<String> {
    move |votes: &Votes| {
        let side = |voter: &AccountId| if honest.contains(voter) { "the honest" } else { "the hostile" };
        let lines: BTreeSet<String> = votes.iter().map(|(who, choice)| format!("{choice} by {}", side(who))).collect();
        lines.into_iter().collect()
    }
}

struct Decisions {
    builds: Builds,
    votes: BTreeMap<ProposalId, Votes>,
    /// The builds that somebody holds of those that a proposal asks for.
    held: BTreeSet<(ProposalId, BuildHash)>,
    lines: Vec<String>,
}

impl Decisions {
    fn of_votes(&mut self, event: &Vote<Motion>, ballots: &impl Fn(&Votes) -> Vec<String>) {
        match event {
            Vote::Proposed(proposal) | Vote::Opened { proposal, .. } => {
                let motion = self.motion(&proposal.motion);
                self.lines.push(format!("proposal {} on the {} track: {motion}", proposal.id, proposal.track));
            }
            Vote::Voted { ballot, .. } => {
                self.votes.entry(ballot.proposal_id).or_default().insert(ballot.voter, ballot.choice);
            }
            Vote::Passed { proposal_id, .. } | Vote::Decided { proposal_id, shortfall: None, .. } => {
                self.ends(*proposal_id, "passed", ballots);
            }
            Vote::Rejected { proposal_id, shortfall, .. }
            | Vote::Decided { proposal_id, shortfall: Some(shortfall), .. } => {
                self.ends(*proposal_id, &format!("rejected, for want of: {shortfall:?}"), ballots);
            }
            Vote::Withdrawn { proposal_id, .. } => self.ends(*proposal_id, "withdrawn", ballots),
            Vote::Activated { proposal_id } => self.lines.push(format!("proposal {proposal_id}: carried out")),
            Vote::Cancelled(cancelled) => self.lines.push(format!("proposal {}: cancelled", cancelled.proposal_id)),
            Vote::ParamsSet(_) | Vote::Recounted { .. } => {}
        }
    }

    /// A vote is over: what came to count, and how it ended.
    fn ends(&mut self, id: ProposalId, how: &str, ballots: &impl Fn(&Votes) -> Vec<String>) {
        for (_, build) in self.held.range((id, BuildHash([0; 32]))..=(id, BuildHash([0xff; 32]))) {
            self.lines.push(format!("proposal {id}: {} is held", self.builds.name(build)));
        }
        let votes = self.votes.get(&id).map(ballots).unwrap_or_default();
        self.lines.extend(votes.into_iter().map(|line| format!("proposal {id}: {line}")));
        self.lines.push(format!("proposal {id}: {how}"));
    }

    /// Of which kind a decision is, and about which builds.
    fn of_builds(&self, decided: &Release) -> String {
        let about = decided.about().into_iter().filter_map(|subject| match subject {
            Subject::Build(build) => Some(format!(", {}", self.builds.name(&build))),
            _ => None,
        });
        format!("{}{}", decided.kind(), about.collect::<String>())
    }

    fn motion(&self, motion: &Motion) -> String {
        match motion {
            Motion::Releases(releases::Motion::Approve(vote)) => {
                format!("approve {}", self.builds.name(&vote.build_hash))
            }
            Motion::Releases(releases::Motion::SetRoster(change)) => format!("have roster {}", change.roster.version),
            Motion::Releases(_) => "something else about releases".into(),
            Motion::Governance(Intervention::Cancel { proposal_id, .. }) => format!("stop proposal {proposal_id}"),
            Motion::Roles(_) => "replace the members of a role".into(),
            Motion::Rollouts(_) => "move a plan or a change".into(),
        }
    }

    fn of_releases(&mut self, event: &Release) {
        match event {
            Release::Held { build_hash, counted, .. } => {
                self.held.extend(counted.iter().map(|held| (held.proposal_id, *build_hash)));
            }
            Release::Approved { builds, .. } => {
                for build in builds {
                    let (name, number) = (self.builds.name(&build.build_hash), build.sequence);
                    self.lines.push(format!("{name} is approved as release {number}"));
                }
            }
            Release::SignerLeft { version, .. } => self.lines.push(format!("roster {version}: a key leaves")),
            set if set.kind() == "releases.roster_set" => self.lines.push(set.sentence()),
            // Which keys and epochs it was differs between networks.
            decided if decided.speaker().is_none() => self.lines.push(self.of_builds(decided)),
            _ => {}
        }
    }
}

/// What each node said about builds, every word once and in the order in which it said it first, with how many nodes have that history.
///
/// That a build lies ready is left out: a node that changes at once has something newer to say before a block takes that.
pub fn histories(genesis: &Genesis, facts: &[Fact]) -> Vec<String> {
    let builds = Builds::of(genesis, facts);
    let mut said: BTreeMap<AccountId, Vec<String>> = BTreeMap::new();
    for event in events(facts) {
        let (node, build, stage) = match event {
            Event::Releases(Release::Installed { node, build_hash, .. }) => (node, build_hash, StageName::Booted),
            Event::Releases(Release::Reported { node, build_hash, report, .. }) => {
                (node, build_hash, report.stage.name())
            }
            _ => continue,
        };
        let (word, words) = (format!("{} {stage:?}", builds.name(build)), said.entry(*node).or_default());
        if stage != StageName::Staged && !words.contains(&word) {
            words.push(word);
        }
    }
    let mut counts: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for words in said.into_values() {
        *counts.entry(words).or_default() += 1;
    }
    counts.into_iter().map(|(words, count)| format!("{count} nodes: {}", words.join(", "))).collect()
}

/// What became of validators of whom there are so many at first: punishments, returns, and how many are elected where that changes.
pub fn elections(facts: &[Fact], mut validators: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for event in events(facts) {
        let Event::Staking(event) = event else { continue };
        match event {
            Stake::Punished { validator, reporter, loss, .. } => {
                let by = if reporter == validator { "itself" } else { "another" };
                let loses = if loss.total() > Amount::ZERO { "loses stake" } else { "loses nothing" };
                lines.push(format!("a validator {loses} for what {by} reports"));
            }
            Stake::Unjailed { .. } => lines.push("a validator stands for election again".into()),
            Stake::Elected { validators: set, .. } if set.validators.len() != validators => {
                validators = set.validators.len();
                lines.push(format!("{validators} validators are elected"));
            }
            _ => {}
        }
    }
    lines
}

/// The codes of what the chain refused, such as `releases.quorum_missing`.
pub fn refusals(facts: &[Fact]) -> anyhow::Result<Vec<String>> {
    let refused = facts.iter().filter_map(|fact| fact.outcome.as_ref().err());
    refused.map(|error| Ok(code(&serde_json::to_value(error)?))).collect()
}

/// The code of a refusal in JSON: its pallet and its name.
pub fn code(refusal: &Value) -> String {
    let first = |value: &Value| value.as_object().and_then(|fields| fields.iter().next().map(owned));
    let Some((pallet, rule)) = first(refusal) else { return refusal.to_string() };
    match first(&rule) {
        Some((name, _)) => format!("{pallet}.{name}"),
        None => format!("{pallet}.{}", rule.as_str().unwrap_or_default()),
    }
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}
