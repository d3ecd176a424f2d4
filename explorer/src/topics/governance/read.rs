//! Proposals: the list, and one of them with its votes.

use super::answer::{ProposalAnswer, ProposalLine};
use super::{PLACES, place_list, status_list};
use crate::answers::Match;
use crate::store::column::{parsed, typed};
use crate::store::table::{SqlValue, natural};
use crate::store::{Index, QueryError};
use crate::topics::{accounts, audit, blocks, candidates_of, rebuilds, roles, signers};
use governance::{Ballot, Electorate};
use primitives::{AccountId, Amount, BuildHash, Height, ProposalId};
use releases::{Availability, BuildHolders, HeldPower, Manifest};
use rpc::views::{
    BlockPace, DecisionStatus, MOST_PER_PAGE, Missing, PageOf, ProposalDetail, ProposalSubject, ProposalView,
    VoteProgress,
};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use staking::{Validator, ValidatorSet};
use std::collections::{BTreeMap, BTreeSet};

/// A page of proposals: those that take votes first, then those that wait, the latest first of each.
///
/// # Errors
/// The database cannot be read.
pub async fn proposals(
    index: &Index,
    status: Option<DecisionStatus>,
    page: u64,
    page_size: u32,
) -> Result<PageOf<ProposalLine>, QueryError> {
    let lists: Vec<String> = match status {
        None => (0..PLACES).map(place_list).collect(),
        Some(status) => vec![status_list(&status.to_string())],
    };
    let (total, parts) = index.parts_of_page(&lists, page, page_size).await?;
    let (pace, mut entries) = (blocks::read::pace(index).await?, Vec::new());
    for part in parts {
        let (column, value) = match status {
            None => ("place", SqlValue::from(part.list as u64)),
            Some(status) => ("status", status.to_string().into()),
        };
        let sql = format!(
            "SELECT id, status, tally, total, proposal FROM proposals WHERE {column}=$3 AND id<=$1 ORDER BY id DESC LIMIT $2"
        );
        for row in part.rows(index, sql, vec![value]).await? {
            entries.push(line(index, view(index, &row).await?, pace).await?);
        }
    }
    Ok(PageOf { total, page, page_size, entries })
}

async fn line(index: &Index, proposal: ProposalView, pace: BlockPace) -> Result<ProposalLine, QueryError> {
    let (vote_deadline, activation) = proposal.deadlines(pace).unzip();
    Ok(ProposalLine { progress: progress(index, &proposal).await?, vote_deadline, activation, proposal })
}

/// The count of a proposal, and its signatures by the roster that it was made under.
async fn progress(index: &Index, proposal: &ProposalView) -> Result<VoteProgress, QueryError> {
    let under = signers::read::signed_under(index, proposal.created).await?;
    Ok(VoteProgress::of(proposal, &under))
}

/// A proposal as it stands; a sealed one with what was revealed.
async fn view(index: &Index, row: &AnyRow) -> Result<ProposalView, QueryError> {
    let mut proposal: ProposalView = parsed("a proposal", row.get("proposal"))?;
    proposal.status = typed("a status", row.get("status"))?;
    proposal.tally = parsed("a tally", row.get("tally"))?;
    proposal.total = parsed("a weight", row.get("total"))?;
    if let ProposalSubject::Release(release) = &mut proposal.subject
        && release.sealed.is_some()
    {
        let sql = "SELECT manifest FROM revealed WHERE proposal_id=$1";
        let row = index.one(sql, vec![proposal.id.0.into()]).await?;
        let manifest: Option<Manifest> = row.map(|row| parsed("a manifest", row.get(0))).transpose()?;
        release.revealed = manifest.is_some();
        release.manifest = manifest.unwrap_or_default();
    }
    proposal.availability = availability(index, &proposal).await?;
    Ok(proposal)
}

/// How much power holds the release that a proposal asks for; none for other subjects.
async fn availability(index: &Index, proposal: &ProposalView) -> Result<Option<Availability>, QueryError> {
    let builds = proposal.builds();
    if builds.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT build_hash, held FROM held_power WHERE proposal_id=$1";
    let mut held: BTreeMap<BuildHash, HeldPower> = BTreeMap::new();
    for row in index.all(sql, vec![proposal.id.0.into()]).await? {
        held.insert(typed("a build", row.get(0))?, parsed("a power", row.get(1))?);
    }
    let total = match held.values().next() {
        Some(held) => held.total,
        None => electorate(index, proposal).await?.unwrap_or_default().total_power(),
    };
    let holders = |build_hash| {
        let power = held.get(&build_hash).map_or(Amount::ZERO, |held| held.power);
        BuildHolders { build_hash, power }
    };
    let share = index.genesis().releases.params.available_share;
    Ok(Some(Availability::of(share, total, builds.into_iter().map(holders).collect())))
}

/// The validators that have not said that they hold every build of it; none for other subjects.
async fn not_holding(index: &Index, proposal: &ProposalView) -> Result<Option<Vec<Validator>>, QueryError> {
    let builds = proposal.builds();
    if builds.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT node, build_hash FROM holders WHERE proposal_id=$1";
    let mut held: BTreeSet<(AccountId, BuildHash)> = BTreeSet::new();
    for row in index.all(sql, vec![proposal.id.0.into()]).await? {
        held.insert((typed("a node", row.get(0))?, typed("a build", row.get(1))?));
    }
    let Some(set) = electorate(index, proposal).await? else { return Ok(None) };
    let holds = |who: AccountId| builds.iter().all(|build| held.contains(&(who, *build)));
    Ok(Some(set.validators.into_iter().filter(|member| !holds(member.account)).collect()))
}

/// One proposal; none when there is none of this number.
///
/// # Errors
/// The database cannot be read.
pub async fn proposal(index: &Index, id: ProposalId) -> Result<Option<ProposalAnswer>, QueryError> {
    let Some(proposal) = detail(index, id).await? else { return Ok(None) };
    let milestones = audit::read::milestones(index, &[primitives::Subject::Proposal(id)]).await?;
    Ok(Some(ProposalAnswer { proposal, milestones }))
}

/// One proposal with its latest voters, and who has not voted.
pub(crate) async fn detail(index: &Index, id: ProposalId) -> Result<Option<ProposalDetail>, QueryError> {
    let sql = "SELECT id, status, tally, total, proposal FROM proposals WHERE id=$1";
    let Some(row) = index.one(sql, vec![id.0.into()]).await? else { return Ok(None) };
    let proposal = view(index, &row).await?;
    let sql = "SELECT ballot FROM ballots WHERE proposal_id=$1 ORDER BY number DESC LIMIT $2";
    let rows = index.all(sql, vec![id.0.into(), u64::from(MOST_PER_PAGE).into()]).await?;
    let ballots: Vec<Ballot> = rows.iter().map(|row| parsed("a ballot", row.get(0))).collect::<Result<_, _>>()?;
    // Numbers have no gaps.
    let count = ballots.first().map_or(0, |last| last.number);
    let missing = not_voted(index, &proposal).await?;
    let rebuilds = match &proposal.subject {
        ProposalSubject::Release(release) => rebuilds::read::rebuilds(index, &release.build_hash).await?,
        _ => Default::default(),
    };
    let progress = progress(index, &proposal).await?;
    let pace = blocks::read::pace(index).await?;
    let without = not_holding(index, &proposal).await?;
    let detail = ProposalDetail::new(proposal, progress, pace, (count, ballots), missing, without, rebuilds);
    let described = accounts::read::described(index, detail.accounts().collect()).await?;
    Ok(Some(ProposalDetail { described, ..detail }))
}

/// Those without a ballot, by what is missing because of them: of validators of the electorate's epoch their power, less what voted for
/// itself; of members, who could vote when voting ended, one each.
async fn not_voted(index: &Index, proposal: &ProposalView) -> Result<Option<Vec<Missing>>, QueryError> {
    const SQL: &str = "SELECT (SELECT voter FROM ballots WHERE proposal_id=$1 AND voter=$2) AS voter, \
                       (SELECT amount FROM overridden WHERE proposal_id=$1 AND validator=$2) AS amount, \
                       (SELECT power FROM powers WHERE validator=$2 AND epoch<=$3 ORDER BY epoch DESC LIMIT 1) AS power";
    let (Some(epoch), Some(set)) = (proposal.electorate.stake_epoch(), electorate(index, proposal).await?) else {
        return members_without(index, proposal).await;
    };
    let mut missing = Vec::new();
    for account in set.validators.iter().map(|validator| validator.account) {
        let key = vec![proposal.id.0.into(), account.to_string().into(), epoch.0.into()];
        let Some(row) = index.one(SQL, key).await? else { continue };
        if row.get::<Option<&str>, _>("voter").is_some() {
            continue;
        }
        let amount = |what, column: Option<&str>| -> Result<Amount, QueryError> {
            Ok(column.map(|text| parsed(what, text)).transpose()?.unwrap_or_default())
        };
        let power = amount("a power", row.get("power"))?;
        let weight = power.saturating_sub(amount("an amount", row.get("amount"))?);
        if weight > Amount::ZERO {
            missing.push(Missing { account, weight });
        }
    }
    missing.sort_by_key(|missing| (std::cmp::Reverse(missing.weight), missing.account));
    Ok(Some(missing))
}

/// The members of a role that have a vote in a poll and no ballot: now, or as they stood when voting ended.
async fn members_without(index: &Index, proposal: &ProposalView) -> Result<Option<Vec<Missing>>, QueryError> {
    let Electorate::Members { key, version } = &proposal.electorate else { return Ok(None) };
    let id = || vec![proposal.id.0.into()];
    let row = index.one("SELECT ended FROM proposals WHERE id=$1", id()).await?;
    let ended: Option<i64> = row.and_then(|row| row.get("ended"));
    let height = match ended {
        Some(height) => Height(natural(height)),
        None => index.head().await?.at.height,
    };
    let mut voted: BTreeSet<AccountId> = BTreeSet::new();
    for row in index.all("SELECT voter FROM ballots WHERE proposal_id=$1", id()).await? {
        voted.insert(typed("a voter", row.get(0))?);
    }
    let voters = roles::read::voters(index, key, *version, height).await?.into_iter();
    let without = voters.filter(|account| !voted.contains(account));
    Ok(Some(without.map(|account| Missing { account, weight: Electorate::OF_A_MEMBER }).collect()))
}

/// The candidates of the epoch whose stake votes; none where members do.
async fn electorate(index: &Index, proposal: &ProposalView) -> Result<Option<ValidatorSet>, QueryError> {
    match proposal.electorate.stake_epoch() {
        Some(epoch) => Ok(Some(candidates_of(index.readers(), epoch).await?)),
        None => Ok(None),
    }
}

/// The most proposals about one build that are told of with it.
const MOST_PROPOSALS: u64 = 20;

/// The latest proposals that are named after a build.
pub(crate) async fn proposals_of(index: &Index, build: &BuildHash) -> Result<Vec<ProposalId>, QueryError> {
    let sql = "SELECT id FROM proposals WHERE build_hash=$1 ORDER BY id DESC LIMIT $2";
    let rows = index.all(sql, vec![build.to_string().into(), MOST_PROPOSALS.into()]).await?;
    Ok(rows.iter().map(|row| ProposalId(natural(row.get(0)))).collect())
}

/// The proposals that are named after a build, for a search.
pub(crate) async fn found_by_build(index: &Index, hash: &str) -> Result<Vec<Match>, QueryError> {
    let sql = "SELECT id FROM proposals WHERE build_hash=$1 ORDER BY id DESC LIMIT 20";
    let rows = index.all(sql, vec![hash.into()]).await?;
    Ok(rows.iter().map(|row| found(natural(row.get(0)))).collect())
}

/// The proposal with a number, for a search.
pub(crate) async fn found_by_number(index: &Index, number: u64) -> Result<Option<Match>, QueryError> {
    let row = index.one("SELECT 1 FROM proposals WHERE id=$1", vec![number.into()]).await?;
    Ok(row.map(|_| found(number)))
}

fn found(id: u64) -> Match {
    Match::new("proposal", id.to_string(), format!("/proposals/{id}"))
}
