//! What a signature agrees to, in words.

use governance::{Choice, Intervention, TrackName};
use releases::{Manifest, ReleaseVote, Roster, RosterChange, StageName};
use runtime::{Call, Motion, Payload};

/// One sentence for what the payload asks, and one for its terms.
pub fn meaning(payload: &Payload) -> String {
    let Payload { chain_id, account, nonce, expires_at, fee, call } = payload;
    format!(
        "On chain {chain_id}, account {account} will {}. It pays a fee of {fee}, is transaction {nonce} of the account \
         (from 0), and can be in a block up to height {expires_at}.",
        sentence(call)
    )
}

fn sentence(call: &Call) -> String {
    match call {
        Call::Accounts(accounts::Call::Transfer { to, amount }) => format!("send {amount} tokens to {to}"),
        Call::Staking(call) => stake(call),
        Call::Governance(call) => govern(call),
        Call::Releases(call) => of_releases(call),
    }
}

fn of_releases(call: &releases::Call) -> String {
    match call {
        releases::Call::RecordInstall { build_hash, stage } => {
            let because = stage.reason().map(|reason| format!(", because {:?}", reason.as_str())).unwrap_or_default();
            match stage.name() {
                StageName::Booted => format!("put on record that its node has booted build {build_hash}"),
                other => format!("put on record that build {build_hash} is {other} on its node{because}"),
            }
        }
        releases::Call::AttestRebuild { build_hash, source_hash, source_commit } => {
            let commit = source_commit.as_ref().map(|commit| format!(", at commit {:?}", commit.as_str()));
            let source = source_hash.map(|hash| format!(", with source hash {hash}"));
            let from = format!("{}{}", commit.unwrap_or_default(), source.unwrap_or_default());
            format!("put on record that it built {build_hash} from source{from} and got the same bytes")
        }
        releases::Call::Reveal { build_hash, manifest, .. } => {
            format!("reveal what the sealed proposal for build {build_hash} is about{}", version(manifest))
        }
        releases::Call::LeaveRoster { signer, version, .. } => {
            format!("take the key {signer} out of release roster {version}, by that key's own signature, for good")
        }
    }
}

fn stake(call: &staking::Call) -> String {
    match call {
        staking::Call::Bond { amount } => format!("bond {amount} tokens to itself as a validator"),
        staking::Call::Delegate { validator, amount } => format!("bond {amount} tokens to validator {validator}"),
        staking::Call::Unbond { validator, amount } => {
            format!("take {amount} tokens out of its bond to {validator}; they are free after the unbonding period")
        }
    }
}

fn govern(call: &governance::Call<Motion>) -> String {
    match call {
        governance::Call::Propose { motion, track, vote_deadline_epoch, activation_delay } => {
            let deadline = vote_deadline_epoch.map_or("at the soonest".into(), |epoch| format!("at epoch {epoch}"));
            let delay = activation_delay.map_or("the shortest delay".into(), |epochs| format!("{epochs} epochs"));
            format!("propose {}; {}, voting ends {deadline}, activation {delay} later", subject(motion), name(*track))
        }
        governance::Call::Vote { proposal_id, choice, reason } => {
            let reason = reason.as_ref().map(|reason| format!(", because {:?}", reason.as_str())).unwrap_or_default();
            let choice = match choice {
                Choice::Yes => "vote yes on",
                Choice::No => "vote no on",
                Choice::Abstain => "abstain on",
            };
            format!("{choice} proposal {proposal_id} with all its stake{reason}")
        }
        governance::Call::Withdraw { proposal_id } => format!("withdraw its proposal {proposal_id}"),
    }
}

fn subject(motion: &Motion) -> String {
    use releases::Motion::*;
    let motion = match motion {
        Motion::Governance(Intervention::Cancel { proposal_id, reason }) => {
            return format!("to stop proposal {proposal_id} before it is carried out, because {:?}", reason.as_str());
        }
        Motion::Releases(motion) => motion,
    };
    match motion {
        Approve(vote) => release(vote),
        SetRoster(change) => roster(change),
        Revoke { build_hashes, reason } => {
            let builds: Vec<String> = build_hashes.iter().map(ToString::to_string).collect();
            format!("to revoke build {} for good, because {:?}", builds.join(" and "), reason.as_str())
        }
        RaiseMinimumSequence { minimum, reason } => {
            format!("to let no release below {minimum} run, because {:?}", reason.as_str())
        }
        EndSupport { build_hash, epoch } => {
            format!("to end the support of the release with build {build_hash} at epoch {epoch}")
        }
    }
}

fn roster(change: &RosterChange) -> String {
    let Roster { version, signers, threshold } = &change.roster;
    let keys: Vec<String> = signers.iter().map(ToString::to_string).collect();
    let approvals = change.approvals.len();
    format!(
        "roster {version} of {} release signers ({}), of whom {threshold} must sign, with {approvals} approvals",
        keys.len(),
        keys.join(", ")
    )
}

fn release(vote: &ReleaseVote) -> String {
    let version = version(&vote.manifest);
    let sealed =
        if vote.sealed.is_some() { ", sealed: what it is about is revealed before its activation" } else { "" };
    let others = match vote.manifest.other_targets.len() {
        0 => String::new(),
        more => format!(" and {more} more of the same release"),
    };
    let (have, need) = (vote.signatures.len(), vote.signature_threshold);
    format!(
        "to approve build {}{version}{others} for running, with {have} signatures of {need} needed{sealed}",
        vote.build_hash
    )
}

fn version(manifest: &Manifest) -> String {
    manifest.version.as_ref().map(|version| format!(" (version {:?})", version.as_str())).unwrap_or_default()
}

fn name(track: TrackName) -> &'static str {
    match track {
        TrackName::Routine => "routine track",
        TrackName::Expedited => "expedited track",
    }
}

/// A number with its thousands apart, as people read it.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
