//! Arbitrary values of the types that cross the network or stand in files.

use accounts::Endowment;
use governance::{Choice, TrackName};
use primitives::*;
use proptest::option::of as option;
use proptest::prelude::*;
use releases::{AttestedTarget, Components, Manifest, ReleaseAttestation, ReleaseClass, ReleaseVote, Severity, Target};
use runtime::{Call, Genesis, Motion, Payload, Transaction, testing};
use staking::GenesisBond;

fn text<const MAX: u32>() -> impl Strategy<Value = Text<MAX>> {
    // Every kind of character that JSON must escape, and some of several bytes.
    "[a-z\"\\\\/\u{0}-\u{1f}\u{7f}é\u{2028}🦀]{0,8}".prop_map(|text| Text::new(text).unwrap())
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest)
}

fn account() -> impl Strategy<Value = AccountId> {
    any::<[u8; 32]>().prop_map(AccountId)
}

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![any::<u64>(), Just(0), Just(u64::MAX), Just((1 << 53) + 1)].prop_map(Amount)
}

fn target() -> impl Strategy<Value = Target> {
    (any::<[u8; 32]>(), option(text()), option(digest()), option(any::<u64>()))
        .prop_map(|(hash, platform, sha256, size)| Target { build_hash: BuildHash(hash), platform, sha256, size })
}

fn attestations() -> impl Strategy<Value = List<ReleaseAttestation, 32>> {
    let one = (any::<[u8; 32]>(), any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(signer, r, s)| {
        let signature: [u8; 64] = [r, s].concat().try_into().unwrap();
        ReleaseAttestation { signer: PublicKey(signer), signature: Signature(signature) }
    });
    prop::collection::vec(one, 0..4).prop_map(List::truncate_from)
}

fn manifest() -> impl Strategy<Value = Manifest> {
    let class =
        prop::sample::select(vec![ReleaseClass::Major, ReleaseClass::Minor, ReleaseClass::Patch, ReleaseClass::Hotfix]);
    let severity = prop::sample::select(vec![Severity::Low, Severity::Medium, Severity::High, Severity::Critical]);
    let other = (target(), attestations()).prop_map(|(target, signatures)| AttestedTarget { target, signatures });
    let words = (option(text()), option(text()), option(text()), option(text()), class, severity);
    let numbers = (option(digest()), option(digest()), option(any::<u64>()), option(any::<u64>()));
    let built_on = (option(text()), option(text()), option(text()), option(digest()));
    (words, numbers, built_on, prop::collection::vec(other, 0..3)).prop_map(|(words, numbers, built_on, others)| {
        let (version, platform, source_commit, notes, class, severity) = words;
        let (sha256, sbom_hash, size, end) = numbers;
        let (runtime, transport, storage, updater) = built_on;
        Manifest {
            version,
            class,
            severity,
            platform,
            sha256,
            size,
            other_targets: List::truncate_from(others),
            source_commit,
            sbom_hash,
            components: Components { runtime, transport, storage },
            updater_hash: updater.map(|hash| BuildHash(hash.0)),
            end_of_support_epoch: end.map(Epoch),
            notes,
            ..Manifest::default()
        }
    })
}

fn release_vote() -> impl Strategy<Value = ReleaseVote> {
    let keys = prop::collection::vec(any::<[u8; 32]>(), 0..4);
    (any::<[u8; 32]>(), attestations(), any::<u32>(), keys, manifest(), option(digest())).prop_map(
        |(hash, signatures, signature_threshold, signers, manifest, sealed)| ReleaseVote {
            build_hash: BuildHash(hash),
            signatures,
            signature_threshold,
            signer_set: List::truncate_from(signers.into_iter().map(PublicKey).collect()),
            manifest,
            sealed,
        },
    )
}

fn motion() -> impl Strategy<Value = Motion> {
    use releases::Motion as M;
    let hashes = || prop::collection::vec(any::<[u8; 32]>().prop_map(BuildHash), 0..3).prop_map(List::truncate_from);
    let rotation = (attestations(), any::<u64>(), any::<u32>()).prop_map(|(list, version, threshold)| {
        let approve = |ReleaseAttestation { signer, signature }| releases::RosterApproval { signer, signature };
        let signers = List::truncate_from(list.iter().map(|attestation| attestation.signer).collect());
        let roster = releases::Roster { version, signers, threshold };
        releases::RosterChange { roster, approvals: List::truncate_from(list.into_iter().map(approve).collect()) }
    });
    let of_releases = prop_oneof![
        4 => release_vote().prop_map(|vote| M::Approve(Box::new(vote))),
        1 => rotation.prop_map(|change| M::SetRoster(Box::new(change))),
        1 => (hashes(), text()).prop_map(|(build_hashes, reason)| M::Revoke { build_hashes, reason }),
        1 => (any::<u64>(), text()).prop_map(|(minimum, reason)| M::RaiseMinimumSequence { minimum, reason }),
        1 => (any::<[u8; 32]>(), any::<u64>())
            .prop_map(|(hash, epoch)| M::EndSupport { build_hash: BuildHash(hash), epoch: Epoch(epoch) }),
    ];
    let cancel = (any::<u64>(), text()).prop_map(|(id, reason)| {
        Motion::Governance(governance::Intervention::Cancel { proposal_id: ProposalId(id), reason })
    });
    prop_oneof![6 => of_releases.prop_map(Motion::Releases), 1 => cancel]
}

fn stage() -> impl Strategy<Value = releases::InstallStage> {
    use releases::InstallStage::*;
    prop_oneof![
        prop::sample::select(vec![Staged, Booted, Healthy]),
        text().prop_map(|reason| RolledBack { reason }),
        text().prop_map(|reason| Unusable { reason }),
    ]
}

/// An offence of any kind by anybody, with signatures that are worth nothing.
fn offence() -> impl Strategy<Value = staking::Offence> {
    let signature =
        || (any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(r, s)| Signature([r, s].concat().try_into().unwrap()));
    let vote = || {
        (option(digest()), signature()).prop_map(|(block, signature)| {
            let block = block.map(|hash| BlockHash(hash.0));
            staking::SignedVote { block, signature }
        })
    };
    let proposal = || {
        (digest(), option(any::<u32>()), signature()).prop_map(|(block, pol_round, signature)| {
            staking::SignedProposal { block: BlockHash(block.0), pol_round, signature }
        })
    };
    let place = || (account(), any::<u64>().prop_map(Height), any::<u32>());
    let kind = prop::sample::select(vec![VoteKind::Prevote, VoteKind::Precommit]);
    let votes = (place(), kind, vote(), vote()).prop_map(|((validator, height, round), kind, first, second)| {
        staking::Offence::Votes { validator, height, round, kind, first, second }
    });
    let proposals = (place(), proposal(), proposal()).prop_map(|((validator, height, round), first, second)| {
        staking::Offence::Proposals { validator, height, round, first, second }
    });
    let signatures = prop::collection::vec((account(), signature()), 0..4).prop_map(List::truncate_from);
    let after = (place(), any::<u32>(), digest(), signatures, digest(), signature()).prop_map(
        |((validator, height, round), decided_in, decided, signatures, block, signature)| {
            let certificate =
                runtime::Certificate { height, round: decided_in, block: BlockHash(decided.0), signatures };
            staking::Offence::AfterDecision { certificate, validator, round, block: BlockHash(block.0), signature }
        },
    );
    prop_oneof![votes, proposals, after]
}

fn call() -> impl Strategy<Value = Call> {
    let choice = prop::sample::select(vec![Choice::Yes, Choice::No, Choice::Abstain]);
    let track = prop::sample::select(vec![TrackName::Routine, TrackName::Expedited]);
    let propose = (motion(), track, option(any::<u64>()), option(any::<u64>()));
    let varied = prop_oneof![
        (account(), amount()).prop_map(|(to, amount)| Call::Accounts(accounts::Call::Transfer { to, amount })),
        amount().prop_map(|amount| Call::Staking(staking::Call::Bond { amount })),
        (account(), amount())
            .prop_map(|(validator, amount)| Call::Staking(staking::Call::Delegate { validator, amount })),
        (account(), amount())
            .prop_map(|(validator, amount)| Call::Staking(staking::Call::Unbond { validator, amount })),
        offence().prop_map(|offence| Call::Staking(staking::Call::Evidence(Box::new(offence)))),
        propose.prop_map(|(motion, track, deadline, activation_delay)| {
            let vote_deadline_epoch = deadline.map(Epoch);
            Call::Governance(governance::Call::Propose { motion, track, vote_deadline_epoch, activation_delay })
        }),
        (any::<u64>(), choice, option(text())).prop_map(|(id, choice, reason)| {
            Call::Governance(governance::Call::Vote { proposal_id: ProposalId(id), choice, reason })
        }),
        any::<u64>().prop_map(|id| Call::Governance(governance::Call::Withdraw { proposal_id: ProposalId(id) })),
        (any::<[u8; 32]>(), stage()).prop_map(|(hash, stage)| {
            Call::Releases(releases::Call::RecordInstall { build_hash: BuildHash(hash), stage })
        }),
        (any::<[u8; 32]>(), option(digest()), option(text())).prop_map(|(hash, source_hash, source_commit)| {
            let build_hash = BuildHash(hash);
            Call::Releases(releases::Call::AttestRebuild { build_hash, source_hash, source_commit })
        }),
        (any::<[u8; 32]>(), account(), manifest(), digest()).prop_map(|(hash, proposer, manifest, salt)| {
            let (build_hash, manifest) = (BuildHash(hash), Box::new(manifest));
            Call::Releases(releases::Call::Reveal { build_hash, proposer, manifest, salt })
        }),
        (attestations(), any::<u64>()).prop_filter_map("one signature", |(list, version)| {
            let ReleaseAttestation { signer, signature } = list.first()?.clone();
            Some(Call::Releases(releases::Call::LeaveRoster { signer, version, signature }))
        }),
    ];
    // What is not varied here is tried as its example has it.
    prop_oneof![9 => varied, 1 => prop::sample::select(testing::examples::calls())]
}

pub fn transaction() -> impl Strategy<Value = Transaction> {
    (text(), any::<u64>(), any::<u64>(), amount(), call(), 0..4u8).prop_map(
        |(chain_id, nonce, expires_at, fee, call, index)| {
            let key = testing::validator(index);
            Payload { chain_id, account: key.account(), nonce, expires_at: Height(expires_at), fee, call }.sign(&key)
        },
    )
}

pub fn genesis() -> impl Strategy<Value = Genesis> {
    let endowments = prop::collection::vec((account(), amount()), 0..4);
    let bonds = prop::collection::vec((account(), account(), amount()), 0..4);
    let share = (0..5u32, 5..9u32);
    (text(), any::<u64>(), endowments, bonds, share, prop::collection::vec(target(), 0..3)).prop_map(
        |(chain_id, time, endowments, bonds, share, approved)| {
            let mut genesis = testing::genesis();
            genesis.chain.chain_id = chain_id;
            genesis.time = Timestamp(time);
            genesis.accounts.balances =
                endowments.into_iter().map(|(account, balance)| Endowment { account, balance }).collect();
            genesis.staking.bonds = bonds
                .into_iter()
                .map(|(account, validator, amount)| GenesisBond { account, validator, amount })
                .collect();
            genesis.governance.params.routine.quorum = Fraction::new(share.0, share.1).unwrap();
            genesis.releases.approved = approved;
            genesis
        },
    )
}
