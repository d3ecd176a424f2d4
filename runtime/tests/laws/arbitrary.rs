//! Arbitrary values of the types that cross the network or stand in files.

use accounts::Endowment;
use cases::{PublicReport, Recovery};
use governance::{Choice, TrackName};
use primitives::*;
use proptest::option::of as option;
use proptest::prelude::*;
use releases::{Advertisement, AttestedTarget, InstallStage, Manifest, Platform, ReleaseAttestation, ReleaseClass};
use releases::{ReleaseVote, Severity, Target};
use runtime::testing::{self, approve, evidence, examples, propose_for, report, reveal};
use runtime::{Call, Genesis, Lane, Motion, Payload, Transaction};
use staking::GenesisBond;

fn text<const MAX: u32>() -> impl Strategy<Value = Text<MAX>> {
    // Every kind of character that JSON must escape, and some of several bytes.
    "[a-z\"\\\\/\u{0}-\u{1f}\u{7f}é\u{2028}🦀]{0,8}".prop_map(|text| Text::new(text).unwrap())
}

fn reason() -> impl Strategy<Value = Reason> {
    text::<1023>().prop_map(|text| Reason::new(format!("{text}!")).unwrap())
}

fn name() -> impl Strategy<Value = Name> {
    "[A-Za-z0-9][A-Za-z0-9._-]{0,63}".prop_map(|text| Name::new(&text).unwrap())
}

fn role_key() -> impl Strategy<Value = roles::RoleKey> {
    (name(), name()).prop_map(|(plan, role)| roles::RoleKey { plan, role })
}

fn seat() -> impl Strategy<Value = roles::Seat> {
    let level = || prop_oneof![3 => name().prop_map(|name| name.to_string()), 1 => Just("*".to_owned())];
    let scope = (prop::collection::vec(level(), 0..=3), any::<bool>()).prop_map(|(mut levels, is_open)| {
        levels.extend(is_open.then(|| "**".to_owned()));
        levels.join("/").parse::<ScopePattern>().unwrap()
    });
    (account(), prop::collection::vec(scope, 0..=4))
        .prop_map(|(account, scopes)| roles::Seat { account, scopes: List::truncate_from(scopes) })
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest)
}

fn artifact() -> impl Strategy<Value = artifacts::ArtifactEntry> {
    let meta = prop::collection::vec((name(), text()), 0..4).prop_map(List::truncate_from);
    (name(), digest(), option(name()), meta).prop_map(|(name, digest, phase, meta)| artifacts::ArtifactEntry {
        name,
        digest,
        phase,
        meta,
    })
}

fn account() -> impl Strategy<Value = AccountId> {
    any::<[u8; 32]>().prop_map(AccountId)
}

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![any::<u64>(), Just(0), Just(u64::MAX), Just((1 << 53) + 1)].prop_map(Amount)
}

fn platform() -> impl Strategy<Value = Platform> {
    "[a-z0-9_-]{1,64}".prop_map(|text| text.parse::<Platform>().unwrap())
}

fn target() -> impl Strategy<Value = Target> {
    (any::<[u8; 32]>(), platform(), option(digest()), option(any::<u64>()))
        .prop_map(|(hash, platform, sha256, size)| Target { build_hash: BuildHash(hash), platform, sha256, size })
}

fn attestations() -> impl Strategy<Value = List<ReleaseAttestation, 32>> {
    let one = (any::<[u8; 32]>(), any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(signer, r, s)| {
        let signature: [u8; 64] = [r, s].concat().try_into().unwrap();
        ReleaseAttestation { signer: PublicKey(signer), signature: Signature(signature) }
    });
    prop::collection::vec(one, 0..4).prop_map(List::truncate_from)
}

/// Any of what the example says, with words, numbers and targets of every kind.
pub fn manifest() -> impl Strategy<Value = Manifest> {
    let Ok(serde_json::Value::Object(whole)) = serde_json::to_value(examples::manifest()) else { unreachable!() };
    let fields: Vec<_> = whole.into_iter().collect();
    let most = fields.len();
    let said = prop::sample::subsequence(fields, 0..=most).prop_map(|said| {
        serde_json::from_value::<Manifest>(serde_json::Value::Object(said.into_iter().collect())).unwrap()
    });
    let class =
        prop::sample::select(vec![ReleaseClass::Major, ReleaseClass::Minor, ReleaseClass::Patch, ReleaseClass::Hotfix]);
    let severity = prop::sample::select(vec![Severity::Low, Severity::Medium, Severity::High, Severity::Critical]);
    let other = (target(), attestations()).prop_map(|(target, signatures)| AttestedTarget { target, signatures });
    let others = prop::collection::vec(other, 0..3).prop_map(List::truncate_from);
    (said, option(text()), class, severity, option(any::<u64>()), others, option(text())).prop_map(
        |(said, version, class, severity, size, other_targets, notes)| Manifest {
            version,
            class,
            severity,
            size,
            other_targets,
            notes,
            ..said
        },
    )
}

fn release_vote() -> impl Strategy<Value = ReleaseVote> {
    let keys = prop::collection::vec(any::<[u8; 32]>(), 0..4);
    (any::<[u8; 32]>(), platform(), attestations(), any::<u32>(), keys, manifest(), option(digest())).prop_map(
        |(hash, platform, signatures, signature_threshold, signers, manifest, sealed)| ReleaseVote {
            build_hash: BuildHash(hash),
            platform,
            signatures,
            signature_threshold,
            signer_set: List::truncate_from(signers.into_iter().map(PublicKey).collect()),
            manifest,
            sealed,
        },
    )
}

/// One of each motion, and those of them whose words, numbers and lists can be anything.
fn motion() -> impl Strategy<Value = Motion> {
    let hashes = prop::collection::vec(any::<[u8; 32]>().prop_map(BuildHash), 0..3).prop_map(List::truncate_from);
    let rotation = (attestations(), any::<u64>(), any::<u32>()).prop_map(|(list, version, threshold)| {
        let approve = |ReleaseAttestation { signer, signature }| releases::RosterApproval { signer, signature };
        let signers = List::truncate_from(list.iter().map(|attestation| attestation.signer).collect());
        let roster = releases::Roster { version, signers, threshold };
        releases::RosterChange { roster, approvals: List::truncate_from(list.into_iter().map(approve).collect()) }
    });
    let seats = prop::collection::vec(seat(), 0..4).prop_map(List::truncate_from);
    let members = (role_key(), seats, reason())
        .prop_map(|(key, members, reason)| Motion::Roles(roles::Motion::SetMembers { key, members, reason }));
    let of_releases = prop_oneof![
        1 => rotation.prop_map(|change| releases::Motion::SetRoster(Box::new(change))),
        1 => (hashes, reason())
            .prop_map(|(build_hashes, reason)| releases::Motion::Revoke { build_hashes, reason }),
        1 => (any::<u64>(), reason())
            .prop_map(|(minimum, reason)| releases::Motion::RaiseMinimumSequence { minimum, reason }),
        1 => manifest().prop_map(Box::new)
            .prop_map(|manifest| releases::Motion::Amend { build_hash: examples::HASH, manifest }),
    ];
    prop_oneof![
        3 => prop::sample::select(examples::motions()),
        3 => release_vote().prop_map(approve),
        3 => of_releases.prop_map(Motion::Releases),
        1 => members,
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

/// What a node may say of gates that there are and of those that there are not.
fn advertisement() -> impl Strategy<Value = Advertisement> {
    let gates = || any::<u64>();
    (name(), gates(), gates(), gates(), digest(), any::<[u8; 32]>()).prop_map(
        |(channel, gates, known, held, bundle, build)| Advertisement {
            channel,
            gates,
            known,
            held,
            bundle,
            build: BuildHash(build),
        },
    )
}

fn case_recovery() -> impl Strategy<Value = Recovery> {
    (text(), text(), digest(), option((text(), digest())), any::<bool>()).prop_map(
        |(statement, root_cause, verification, report, unfounded)| {
            let public_report = report.map(|(uri, digest)| PublicReport { uri, digest });
            Recovery { statement, root_cause, verification, public_report, unfounded }
        },
    )
}

/// One of each call, and those of them whose words, numbers and motions can be anything.
fn call() -> impl Strategy<Value = Call> {
    let choice = prop::sample::select(vec![Choice::Yes, Choice::No, Choice::Abstain]);
    let track = prop::sample::select(vec![TrackName::Routine, TrackName::Expedited]);
    let proposal = (track, motion(), option(any::<u64>().prop_map(Epoch)), option(any::<u64>()));
    prop_oneof![
        6 => prop::sample::select(examples::calls()),
        1 => (account(), amount()).prop_map(|(to, amount)| Call::Accounts(accounts::Call::Transfer { to, amount })),
        1 => (text(), text()).prop_map(|(name, link)| {
            Call::Accounts(accounts::Call::Describe(accounts::Description { name, link }))
        }),
        1 => offence().prop_map(evidence),
        1 => any::<u32>().prop_map(testing::set_commission),
        1 => any::<u64>().prop_map(testing::fund),
        1 => account().prop_map(testing::collect),
        1 => (role_key(), name(), seat()).prop_map(|(key, acting, seat)| testing::appoint(key, acting, seat)),
        1 => (role_key(), name(), account()).prop_map(|(key, acting, who)| testing::dismiss(key, acting, who)),
        1 => role_key().prop_map(testing::resign),
        1 => (name(), name(), artifact()).prop_map(|(plan, acting, artifact)| {
            Call::Artifacts(artifacts::Call::Register { plan, acting, artifact })
        }),
        1 => (name(), name(), any::<u64>(), case_recovery()).prop_map(|(plan, acting, case, recovery)| {
            Call::Cases(cases::Call::Resolve { plan, acting, case: CaseId(case), recovery: Box::new(recovery) })
        }),
        4 => proposal.prop_map(|(track, motion, deadline, delay)| propose_for(track, motion, deadline, delay)),
        1 => (any::<u64>(), choice, option(reason())).prop_map(|(id, choice, reason)| {
            Call::Governance(governance::Call::Vote { proposal_id: ProposalId(id), choice, reason })
        }),
        1 => text().prop_map(|reason| report(examples::HASH, InstallStage::Unusable { reason })),
        1 => advertisement().prop_map(testing::advertise),
        1 => (account(), manifest(), digest())
            .prop_map(|(proposer, manifest, salt)| reveal(examples::HASH, proposer, manifest, salt)),
    ]
}

pub fn transaction() -> impl Strategy<Value = Transaction> {
    let lane = prop::sample::select(vec![Lane::Wallet, Lane::Node]);
    (text(), lane, any::<u64>(), any::<u64>(), amount(), call(), 0..4u8).prop_map(
        |(chain_id, lane, nonce, expires_at, fee, call, index)| {
            let key = testing::validator(index);
            let (account, expires_at) = (key.account(), Height(expires_at));
            Payload { chain_id, account, lane, nonce, expires_at, fee, call }.sign(&key)
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
            genesis.releases.params.available_share = Fraction::new(share.0, share.1).unwrap();
            genesis.releases.approved = approved;
            genesis
        },
    )
}
