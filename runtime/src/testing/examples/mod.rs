//! One example of each chain type, and of each call, motion, event and refusal: for golden files, schemas and pages to be held
//! against.

mod opened;
mod paid;
mod plans;
mod registered;
mod under_plans;
mod values;
mod vouched;

pub use opened::*;
pub use paid::*;
pub use plans::*;
pub use registered::*;
pub use under_plans::*;
pub use values::*;
pub use vouched::*;

use super::calls::{
    advertise, appoint, attest_rebuild, bond, collect, delegate, describe, dismiss, evidence, fund, propose_for,
    report, resign, reveal, set_commission, set_members, transfer, unbond, unjail, vote, withdraw,
};
use crate::{Call, Error, Event, Motion, testing};
use primitives::{BuildHash, Epoch, List};

/// Each call, at least once.
pub fn calls() -> Vec<Call> {
    let mut calls = vec![
        transfer(WHO, 10),
        bond(10),
        delegate(VALIDATOR, 10),
        unbond(VALIDATOR, 10),
        evidence(two_votes()),
        unjail(),
        set_commission(50_000),
        propose_for(governance::TrackName::Expedited, motion(), Some(Epoch(9)), Some(2)),
        vote(7, governance::Choice::Yes, Some("tested on our side")),
        withdraw(7),
        report(HASH, stages().remove(3)),
        attest_rebuild(HASH, Some(digest()), Some(text("0123abcd"))),
        reveal(HASH, WHO, manifest(), digest()),
        Call::Releases(releases::Call::LeaveRoster { signer: KEY, version: 2, signature: signature() }),
        describe("Acme Validators", "https://acme.example/validators"),
        appoint(role_key(), actor().role, seat()),
        dismiss(role_key(), actor().role, WHO),
        resign(role_key()),
        advertise(advertisement()),
    ];
    calls.extend(calls_of_plans());
    calls.extend(registered::calls_of_artifacts());
    calls.extend(opened::calls_of_cases());
    calls.extend([fund(10), collect(VALIDATOR)]);
    calls.extend(vouched::calls_of_witnesses());
    calls
}

/// One of each motion.
pub fn motions() -> Vec<Motion> {
    use releases::Motion::*;
    let (reason, roster) = (reason("leaks keys"), roster_record().roster);
    let approval = releases::RosterApproval { signer: KEY, signature: signature() };
    let change = releases::RosterChange { roster, approvals: List::truncate_from(vec![approval]) };
    let cancel = governance::Intervention::Cancel { proposal_id: ID, reason: reason.clone() };
    let of_releases = [
        Approve(Box::new(release_vote())),
        SetRoster(Box::new(change)),
        Revoke { build_hashes: List::truncate_from(vec![HASH]), reason: reason.clone() },
        RaiseMinimumSequence { minimum: 3, reason },
        EndSupport { build_hash: HASH, epoch: Epoch(900) },
        Amend { build_hash: HASH, manifest: Box::new(manifest()) },
    ];
    let cancel = std::iter::once(Motion::Governance(cancel));
    let members = set_members(role_key(), vec![seat()]);
    let of_others = cancel.chain(of_releases.map(Motion::Releases)).chain([members]);
    of_others.chain(motions_of_plans()).collect()
}

/// One of each event.
pub fn events() -> Vec<Event> {
    let (proposal_id, tally, amount) = (ID, tally(), TEN);
    let (who, validator, free_epoch, remembered_from) = (WHO, VALIDATOR, Epoch(4), Epoch(1));
    let lighter = Some(governance::LighterBallot { weight: SIXTEEN, represented: TEN });
    let overridden = vec![governance::Overridden { validator, amount, total: SIXTEEN, lighter }];
    let (from_epoch, activation_epoch, genesis) = (Epoch(3), Epoch(103), testing::genesis());
    let (returned, burned) = (governance::DepositEnd::Returned(deposit()), governance::DepositEnd::Burned(deposit()));
    let shortfall = governance::Shortfall::Quorum;
    use governance::Event as Governance;
    let mut events = vec![
        Event::Chain(crate::ChainEvent::Began(genesis.chain.clone())),
        Event::Chain(crate::ChainEvent::Migrated { level: 2, written: 256, done: false }),
        Event::Accounts(accounts::Event::FeesSet(genesis.accounts.fees)),
        Event::Accounts(accounts::Event::Endowed { account: WHO, amount }),
        Event::Accounts(accounts::Event::Transferred { from: VALIDATOR, to: WHO, amount }),
        Event::Accounts(accounts::Event::Described { account: WHO, description: description() }),
        Event::Staking(staking::Event::ParamsSet {
            params: genesis.staking.params,
            chain_id: text("the-block-test"),
            epoch_length: 10,
            most_freed: 12_484,
        }),
        Event::Staking(staking::Event::Bonded { who, validator, amount, from_epoch, remembered_from }),
        Event::Staking(staking::Event::Unbonding { who, validator, amount, from_epoch, free_epoch, remembered_from }),
        Event::Staking(staking::Event::Unbonded { who, validator, amount, free_epoch }),
        Event::Staking(staking::Event::Elected {
            epoch: free_epoch,
            validators: validators(),
            candidates: validators(),
            sealer: None,
            remembered_from,
        }),
        Event::Staking(staking::Event::Forgotten { who, validator, forget_epoch: Epoch(53), with_power: true }),
        Event::Staking(staking::Event::Punished {
            validator,
            epoch: Epoch(1),
            offence: staking::OffenceName::Votes,
            height: AT.height,
            reporter: WHO,
            loss: loss(),
            reward: amount,
            from_epoch,
            remembered_from,
            leaves_set_of: Some(from_epoch),
            leaves_candidates_of: Some(from_epoch),
            jailed_until: Epoch(43),
            next: Some(penalty()),
        }),
        Event::Staking(staking::Event::Slashed {
            who,
            validator,
            epoch: Epoch(1),
            loss: loss(),
            from_epoch,
            remembered_from,
            unlisted: true,
            next: None,
        }),
        Event::Staking(staking::Event::Unjailed { validator }),
        Event::Staking(staking::Event::Unenforced { epoch: Epoch(4) }),
        Event::Staking(staking::Event::CommissionSet { validator, millionths: 50_000, before: 0, from_epoch }),
        Event::Governance(Governance::ParamsSet(genesis.governance.params)),
        Event::Governance(Governance::Proposed(proposal())),
        Event::Governance(Governance::Voted { ballot: ballot(), tally, overridden, decides: false }),
        Event::Governance(Governance::Withdrawn { proposal_id, deposit: returned }),
        Event::Governance(Governance::Passed { proposal_id, tally, activation_epoch, deposit: returned }),
        Event::Governance(Governance::Rejected { proposal_id, tally, shortfall, deposit: burned }),
        Event::Governance(Governance::Activated { proposal_id }),
        Event::Governance(Governance::Cancelled(governance::Cancelled { proposal_id, deposit: Some(returned) })),
        Event::Governance(Governance::Opened { proposal: asked_of_members(), total: TEN }),
        Event::Governance(Governance::Decided { proposal_id, tally, total: TEN, shortfall: Some(shortfall) }),
        Event::Governance(Governance::Recounted { proposal_id, tally, total: TEN }),
        Event::Releases(releases::Event::ParamsSet {
            chain_id: text("the-block-test"),
            level: 1,
            params: genesis.releases.params,
        }),
        Event::Releases(releases::Event::Approved {
            builds: vec![approved(releases::Standing::Active)],
            superseded: vec![releases::Superseded { build_hash: BuildHash([1; 32]), by: HASH }],
            applied_threshold: 2,
        }),
        Event::Releases(releases::Event::Installed {
            build_hash: HASH,
            node: WHO,
            receipt: receipt(),
            report: stage_report(),
            nodes: stage_nodes(),
        }),
        Event::Releases(releases::Event::Reported {
            build_hash: HASH,
            node: WHO,
            report: stage_report(),
            running: Some(HASH),
            nodes: stage_nodes(),
        }),
        Event::Releases(releases::Event::Rebuilt { build_hash: HASH, builder: WHO, rebuild: rebuild() }),
        Event::Releases(releases::Event::Revealed {
            proposal_id,
            build_hash: HASH,
            seal: seal(),
            salt: digest(),
            manifest: Box::new(manifest()),
        }),
        Event::Releases(releases::Event::RosterSet(roster_record())),
        Event::Releases(releases::Event::SignerLeft { version: 2, departure: departure() }),
        Event::Releases(releases::Event::Revoked {
            build_hashes: List::truncate_from(vec![HASH]),
            reason: reason("leaks keys"),
            effective_epoch: Epoch(102),
            reinstated: vec![BuildHash([1; 32])],
        }),
        Event::Releases(releases::Event::MinimumSequenceRaised {
            minimum: minimum_sequence(),
            level: 2,
            reason: reason("leaks keys"),
        }),
        Event::Releases(releases::Event::SupportEnds { build_hashes: vec![HASH], epoch: Epoch(900) }),
        Event::Releases(releases::Event::Held {
            build_hash: HASH,
            node: VALIDATOR,
            report: releases::StageReport::after(None, 5, releases::InstallStage::Held, position()),
            counted: vec![held_power()],
            nodes: stage_nodes(),
        }),
        Event::Releases(releases::Event::Amended { builds: vec![approved(releases::Standing::Active)] }),
        Event::Releases(releases::Event::Advertised { node: VALIDATOR, advertisement: advertisement() }),
        Event::Releases(releases::Event::LeftFleet { nodes: List::truncate_from(vec![VALIDATOR]) }),
        Event::Roles(roles::Event::MemberCame {
            key: role_key(),
            version: 2,
            account: WHO,
            member: member(),
            by: Some(actor()),
        }),
        Event::Roles(roles::Event::MemberWent { key: role_key(), version: 3, account: WHO, by: None }),
        Event::Roles(roles::Event::MembersSet {
            key: role_key(),
            version: 4,
            came: List::truncate_from(vec![roles::Seated { account: WHO, member: member() }]),
            went: List::truncate_from(vec![VALIDATOR]),
            reason: reason("the keys are lost"),
        }),
    ];
    events.extend(events_of_plans());
    events.extend(registered::events_of_artifacts());
    events.extend(opened::events_of_cases());
    events.extend(paid::events_of_rewards());
    events.extend(vouched::events_of_witnesses());
    events
}

/// The events whose parts have more than one form, in each of them.
pub fn event_forms() -> Vec<Event> {
    use releases::{RosterCause, RosterRecord, StageReport};
    let causes = [RosterCause::Proposal(ID), RosterCause::Genesis];
    let rosters = causes.map(|cause| releases::Event::RosterSet(RosterRecord { cause, ..roster_record() }));
    let builds = standings().map(approved).into();
    let approved = releases::Event::Approved { builds, superseded: Vec::new(), applied_threshold: 2 };
    let reported = stages().into_iter().map(|stage| releases::Event::Reported {
        build_hash: HASH,
        node: WHO,
        report: StageReport::after(None, 5, stage, position()),
        running: Some(HASH),
        nodes: stage_nodes(),
    });
    let sealed = staking::Event::Elected {
        epoch: Epoch(4),
        validators: validators(),
        candidates: staking::ValidatorSet::default(),
        sealer: Some(VALIDATOR),
        remembered_from: Epoch(1),
    };
    let of_releases = rosters.into_iter().chain([approved]).chain(reported).map(Event::Releases);
    of_releases.chain([Event::Staking(sealed)]).collect()
}

/// One of each refusal.
pub fn errors() -> Vec<Error> {
    let of_accounts = errors_of_accounts().chain(errors_of_staking());
    of_accounts
        .chain(errors_of_governance())
        .chain(errors_of_releases())
        .chain(errors_of_roles())
        .chain(errors_of_plans())
        .chain(registered::errors_of_artifacts())
        .chain(opened::errors_of_cases())
        .chain(paid::errors_of_rewards())
        .chain(vouched::errors_of_witnesses())
        .collect()
}

fn errors_of_roles() -> impl Iterator<Item = Error> {
    use roles::Error::*;
    let (key, account, acting) = (role_key(), WHO, actor().role);
    let errors = [
        Role {
            plan: key.plan.clone(),
            role: key.role.clone(),
            action: text("promote.submit"),
            scope: Box::new(scope()),
            held_by: List::truncate_from(vec![acting.clone()]),
            insider: true,
        },
        UnknownRole(key.clone()),
        AlreadyMember { key: key.clone(), account },
        NotMember { key: key.clone(), account },
        LastMember { key: key.clone(), left: 0, least: 1 },
        OutsideScope { acting: acting.clone(), scope: scope() },
        WiderRole { key: key.clone(), acting },
        Full { key, places: roles::MOST_MEMBERS },
        NamedTwice(account),
    ];
    errors.into_iter().map(Error::from)
}

fn errors_of_accounts() -> impl Iterator<Item = Error> {
    use accounts::Error::*;
    use accounts::{LinkFlaw, NameFlaw};
    let errors = [
        InsufficientBalance { have: TEN, need: SIXTEEN },
        ZeroAmount,
        BadName(NameFlaw::Character),
        BadName(NameFlaw::Separator),
        BadName(NameFlaw::Identifier),
        BadLink(LinkFlaw::Scheme),
        BadLink(LinkFlaw::Character),
        BadLink(LinkFlaw::Host),
    ];
    errors.into_iter().map(Error::from)
}

fn errors_of_staking() -> impl Iterator<Item = Error> {
    use staking::Error::*;
    let errors = [
        Accounts(accounts::Error::ZeroAmount),
        BelowMinimumBond { have: TEN, need: SIXTEEN },
        UnknownValidator(VALIDATOR),
        TooManyBonds(16),
        BondTooSmall { validator: VALIDATOR, have: TEN, need: SIXTEEN },
        BelowMinimumDelegation { have: TEN, need: SIXTEEN },
        NoOffence,
        OutOfReach { epoch: Epoch(1), oldest: Epoch(2), newest: Epoch(5) },
        NotInSet { validator: VALIDATOR, epoch: Epoch(4) },
        AlreadyPunished { validator: VALIDATOR, epoch: Epoch(4) },
        NotSigned(VALIDATOR),
        Undecided(AT.height),
        BondsHeld(VALIDATOR),
        NotJailed(VALIDATOR),
        StillJailed { until: Epoch(43) },
        GateOff { epoch: Epoch(4) },
        CommissionTooHigh { millionths: 1_000_001, most: staking::WHOLE_COMMISSION },
    ];
    errors.into_iter().map(Error::from)
}

fn errors_of_governance() -> impl Iterator<Item = Error> {
    use governance::Error::*;
    let errors = [
        Deposit(accounts::Error::InsufficientBalance { have: TEN, need: SIXTEEN }),
        NotEligible { have: TEN, need: SIXTEEN },
        TooManyOpen { track: governance::TrackName::Routine, most: 8 },
        TooManyOfOne(2),
        ExpeditedOnly,
        NotStoppable { proposal_id: ID, status: governance::Status::Activated, activation: Epoch(4) },
        DeadlineOutOfRange { asked: Epoch(1), soonest: Epoch(2), latest: Epoch(3) },
        DelayOutOfRange { asked: 9, least: 1, most: 3 },
        UnknownProposal(ID),
        NotOpen { proposal_id: ID, status: governance::Status::Passed },
        VotingEnded { proposal_id: ID, deadline: Epoch(2), now: Epoch(3) },
        NoStake(Epoch(4)),
        NotProposer(WHO),
        StaysOpen(ID),
        NotMember { proposal_id: ID, key: role_key() },
        ReasonMissing(ID),
        CouncilOnly,
        OpenedByChain(ID),
        PollClosed(ID),
    ];
    errors.into_iter().map(Error::from)
}

fn errors_of_releases() -> impl Iterator<Item = Error> {
    use releases::Error::*;
    let errors = [
        QuorumMissing { have: 1, need: 2 },
        UnknownSigner(KEY),
        DuplicateSigner(KEY),
        BadSignature { signer: KEY, build_hash: HASH },
        ThresholdOutOfRange { asked: 0, least: 2, most: 3 },
        RosterChanged { current: 4 },
        HashTaken(HASH),
        DuplicateTarget(HASH),
        SupportEndsTooSoon { end: Epoch(5), soonest: Epoch(7) },
        NotApproved(HASH),
        SealedAndOpen(HASH),
        NothingSealed(HASH),
        SealBroken(HASH),
        AlreadyRevealed(HASH),
        StillSealed(HASH),
        NotProposed(HASH),
        AlreadyAttested { build_hash: HASH, builder: WHO },
        AlreadyRecorded { build_hash: HASH, stage: releases::StageName::RolledBack, epoch: Epoch(6) },
        RosterVersion { asked: 9, next: 3 },
        RosterUnusable { signers: 1, threshold: 2 },
        UnusableKey(KEY),
        RosterUnchanged,
        BadApproval(KEY),
        ApprovalsMissing { side: releases::Side::Old, have: 1, need: 2 },
        ApprovalsMissing { side: releases::Side::New, have: 1, need: 2 },
        AlreadyRevoked(HASH),
        NothingToRevoke,
        WouldStrand { build_hash: HASH, running: TEN, total: SIXTEEN },
        MinimumOutOfRange { asked: 9, least: 2, most: 3 },
        SupportMoved { build_hash: HASH, since: Epoch(6) },
        AlreadyLeft { signer: KEY, from_epoch: Epoch(7) },
        NotReporter { have: TEN, need: SIXTEEN },
        SupportEnded { build_hash: HASH, epoch: Epoch(6) },
        Unavailable { build_hash: HASH, have: TEN, need: SIXTEEN },
        StillSecret(HASH),
        WithoutPower(HASH),
        AlreadyHeld(HASH),
        HoldersMissing { minimum: 3, have: TEN, total: SIXTEEN },
        BadSignatureFor { signer: KEY, build_hash: HASH, platform: testing::platform() },
        ManifestQuorumMissing { build_hash: HASH, have: 1, need: 2 },
        ManifestMixed { build_hash: HASH, signed: digest(), found: seal() },
        BadManifestSignature { signer: KEY, build_hash: HASH },
        TargetsDiffer(HASH),
        SupportNotAmended(HASH),
        ManifestMoved { build_hash: HASH, since: Epoch(6) },
        RevealedTooLate(HASH),
        AlreadyAdvertised { node: WHO, epoch: Epoch(6) },
        LevelTooLow { build_hash: HASH, level: 1, needed: 2 },
        LevelNotAmended(HASH),
    ];
    errors.into_iter().map(Error::from)
}
