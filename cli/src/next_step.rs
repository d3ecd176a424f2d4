//! What a user of this tool can do about each refusal of the chain, whose own sentences know no command.

use rpc::SubmitError;
use rpc::error::RpcRefusal;
use runtime::{Error, TxError};

/// The next step where no ticket leads from what a node trusts to the newest block.
pub const WHERE_NO_TICKET_LEADS: &str = "pass --from with the height to which the node has come that will boot, or name nodes in its \
    boot.ticket_sources, from which it fetches the way by itself";

/// The next step where there is no proposal of a number.
const OF_THE_PROPOSALS: &str = "list them with `contract gov proposals`";

/// The next step where there is no case of a number.
const OF_THE_CASES: &str = "list them with `contract incident list`, `contract risk list` or `contract hold list`";

/// The next step after a node had no answer: its own sentences name no command either.
pub fn after_question(refusal: &RpcRefusal) -> Option<&'static str> {
    match refusal {
        RpcRefusal::UnknownProposal(_) => Some(OF_THE_PROPOSALS),
        RpcRefusal::UnknownRelease { proposal: None, .. } => {
            Some("list those that were with `contract gov releases`, what is voted on with `contract gov proposals`")
        }
        RpcRefusal::Submit(SubmitError::Invalid(TxError::CannotPayFee { .. })) => Some(
            "that is the account of the --key; `contract keys show` tells whose key a file is, and `contract account show` what an \
             account has: pass the key of the account that is to act, or send that one tokens with `contract account transfer`",
        ),
        RpcRefusal::Submit(SubmitError::Invalid(TxError::Dormant { .. })) => {
            Some("`contract status` shows the level of the network, and from when on the next one is in force")
        }
        RpcRefusal::Submit(SubmitError::Invalid(TxError::FeeTooLow { .. })) => Some(
            "run the command again: the fee is asked for anew, and one that asks for a verdict follows from what the plan asks by then; \
             `contract gov params` shows what each part costs",
        ),
        RpcRefusal::Submit(SubmitError::Invalid(TxError::TooManyReads { .. })) => Some(
            "`contract rollout explain` shows the list, and `contract gov params` how much of it a block has room for",
        ),
        RpcRefusal::Submit(SubmitError::Known) => Some("see what becomes of it with `contract tx`"),
        RpcRefusal::UnknownPlan(_) => Some("list them with `contract rollout plans`"),
        RpcRefusal::NoPlan => Some("list the plans with `contract rollout plans`, and name one with --plan"),
        RpcRefusal::UnknownChange(_) => Some("list them with `contract rollout changes`"),
        RpcRefusal::UnknownFlag { .. } => Some("list them with `contract flags list`"),
        RpcRefusal::UnknownCase(_) => Some(OF_THE_CASES),
        RpcRefusal::UnknownRole(_) => Some("list them with `contract roles list`"),
        RpcRefusal::NoLog { .. } => {
            Some("`contract witness list` shows whether the tree grows, and of which epoch the newest checkpoint is")
        }
        RpcRefusal::GateOff { .. } => Some("ask a node that keeps all with --rpc, or an explorer"),
        _ => None,
    }
}

/// The next step; none where the refusal says all there is to do.
pub fn after(error: &Error) -> Option<&'static str> {
    match error {
        Error::Accounts(error) => after_accounts(error),
        Error::Staking(error) => after_staking(error),
        Error::Governance(error) => after_governance(error),
        Error::Releases(error) => after_releases(error),
        Error::Roles(error) => after_roles(error),
        Error::Flags(error) => after_flags(error),
        Error::Artifacts(error) => after_artifacts(error),
        Error::Cases(error) => after_cases(error),
        Error::Rollouts(error) => after_rollouts(error),
        Error::Rewards(error) => after_rewards(error),
        Error::Witnesses(error) => after_witnesses(error),
    }
}

fn after_accounts(error: &accounts::Error) -> Option<&'static str> {
    match error {
        accounts::Error::InsufficientBalance { .. } => {
            Some("`contract account show` lists what is free and what is held")
        }
        accounts::Error::BadName(_) => Some("pass another --name, and leave it out to have none"),
        accounts::Error::BadLink(_) => Some("pass another --link, and leave it out to have none"),
        accounts::Error::ZeroAmount => None,
    }
}

fn after_staking(error: &staking::Error) -> Option<&'static str> {
    use staking::Error::*;
    match error {
        Accounts(error) => after_accounts(error),
        UnknownValidator(_) => Some("`contract status --json` lists the validators"),
        BondTooSmall { .. } => Some("lower --amount; `contract account show` lists the bonds"),
        BelowMinimumBond { .. } | BelowMinimumDelegation { .. } => Some("`contract gov params` shows the minimum"),
        TooManyBonds(_) => Some("`contract account show` lists the bonds"),
        GateOff { .. } => Some("nothing is to be done; `contract status` lists the epochs of which nobody is punished"),
        OutOfReach { .. } | NotInSet { .. } | AlreadyPunished { .. } => {
            Some("nothing is to be done; `contract account show` shows whether the validator is jailed")
        }
        NoOffence | NotSigned(_) | Undecided(_) => Some("send what a node keeps in the folder evidence of its home"),
        BondsHeld(_) => Some("send it again in a few blocks"),
        CommissionTooHigh { .. } => Some("pass a lower --percent"),
        NotJailed(_) | StillJailed { .. } => Some("`contract account show` shows until when it is jailed"),
    }
}

fn after_rewards(error: &rewards::Error) -> Option<&'static str> {
    match error {
        rewards::Error::Accounts(error) => after_accounts(error),
        rewards::Error::NothingDue { .. } => {
            Some("`contract rewards due` lists what waits, `contract rewards show` what was paid")
        }
    }
}

fn after_witnesses(error: &witnesses::Error) -> Option<&'static str> {
    use witnesses::Error::*;
    match error {
        GateOff { .. } | Full { .. } => Some("`contract witness list` shows who is one, and whether more are taken"),
        KeyTaken { .. } | UnusableKey { .. } => Some(
            "make a key with `contract keys generate`, register it with --witness-key, and name the file in witness.key of the node",
        ),
        BadProof { .. } => Some(
            "pass the key file with --witness-key, or what `contract witness prove` prints for this account and this network",
        ),
        NameTaken { .. } => Some("`contract witness list` shows what the others are called; pass another --name"),
        NoBond { .. } => Some("bond more with `contract account bond`"),
        UnknownWitness { .. } => Some("become one with `contract witness register`"),
        AlreadyWitness { .. } => Some("`contract witness list` shows it; `contract witness retire` ends it"),
        TooNew { .. } => Some("nothing is to be done; the checkpoint of the next epoch is signed"),
        UnknownCheckpoint { .. } => Some("`contract audit checkpoint` shows the newest"),
        BadCosignature { .. } => {
            Some("sign it again with `contract witness cosign`, by the key that `contract witness list` shows")
        }
        FromTheFuture { .. } => Some("set the clock right, and sign it again with `contract witness cosign`"),
        Again { .. } => Some("nothing is to be done; `contract audit checkpoint` shows it"),
    }
}

fn after_governance(error: &governance::Error) -> Option<&'static str> {
    use governance::Error::*;
    match error {
        Deposit(error) => after_accounts(error),
        NotEligible { .. } => Some("bond more with `contract account bond`, or ask a validator to propose it"),
        TooManyOpen { .. } => Some("`contract gov proposals` lists them"),
        TooManyOfOne(_) => Some("take one back with `contract gov withdraw`, as long as nobody else has voted on it"),
        ExpeditedOnly => Some("pass --track expedited"),
        DeadlineOutOfRange { .. } => Some("pass a --deadline in this range, or leave it out for the soonest"),
        DelayOutOfRange { .. } => Some("pass a --delay in this range, or leave it out for the shortest"),
        UnknownProposal(_) => Some(OF_THE_PROPOSALS),
        NotOpen { .. } | VotingEnded { .. } | NotStoppable { .. } => {
            Some("see what came of it with `contract gov proposal`")
        }
        NoStake(_) => Some("vote with an account that had stake then; `contract account show` lists bonds"),
        NotProposer(_) => Some("sign with the proposer's --key, or vote no"),
        StaysOpen(_) => Some("vote no with `contract gov vote`"),
        NotMember { .. } => Some("`contract gov proposal` shows who has not voted yet"),
        ReasonMissing(_) => Some("pass --reason"),
        OpenedByChain(_) => Some("vote no with `contract gov vote`"),
        PollClosed(_) => Some("see what came of it with `contract gov proposal`"),
        CouncilOnly => None,
    }
}

fn after_releases(error: &releases::Error) -> Option<&'static str> {
    use releases::Error::*;
    match error {
        QuorumMissing { .. } => Some("collect more signatures with `contract release sign`"),
        UnknownSigner(_) | AlreadyLeft { .. } => Some("list the signers with `contract gov signers`"),
        BadSignature { .. } => Some("sign it again with `contract release sign`"),
        BadSignatureFor { .. } => Some("sign it again with `contract release sign --platform`, or with --manifest"),
        ManifestQuorumMissing { .. } => {
            Some("sign what `contract release manifest` prints with `contract release sign --manifest`")
        }
        ManifestMixed { .. } => Some("pass the --manifest that the signers signed"),
        BadManifestSignature { .. } => {
            Some("sign it again with `contract release sign --manifest`, from a manifest for this network")
        }
        TargetsDiffer(_) | ManifestMoved { .. } | LevelNotAmended(_) => {
            Some("`contract gov release HASH` shows what is said")
        }
        LevelTooLow { .. } => {
            Some("`contract release hash` shows the level of a file, `contract status` those of the network")
        }
        SupportNotAmended(_) => Some("propose the end with `contract gov propose-end-of-support`"),
        ThresholdOutOfRange { .. } => Some("pass a --threshold in this range; `contract gov signers` shows it"),
        RosterChanged { .. } | RosterVersion { .. } => Some("`contract gov signers` shows the current roster"),
        NotApproved(_) => Some("list those with `contract gov releases`"),
        BadApproval(_) => Some("sign the change with `contract gov sign-roster`, for this network and version"),
        ApprovalsMissing { .. } => Some("collect more with `contract gov sign-roster`"),
        NothingToRevoke => Some("name at least one with --hash"),
        NotProposed(_) => Some("list those with `contract gov releases` and `contract gov proposals`"),
        NothingSealed(_) => Some("list those with `contract gov proposals`"),
        AlreadyRevealed(_) => Some("`contract gov proposal` shows it"),
        AlreadyAttested { .. } | AlreadyRevoked(_) => {
            Some("nothing is to be done; `contract gov release` or `contract gov proposal` shows it")
        }
        MinimumOutOfRange { .. } => Some("`contract gov releases` lists the releases with their numbers"),
        NotReporter { .. } => Some("bond more with `contract account bond`; it counts from the next epoch on"),
        WouldStrand { .. } => Some("`contract gov release HASH` shows on which nodes a build runs"),
        SupportMoved { .. } | SupportEnded { .. } => Some("`contract gov release HASH` shows the end of support"),
        Unavailable { .. } | AlreadyHeld(_) => Some("`contract gov proposal` shows who holds it, and who does not"),
        WithoutPower(_) => Some("`contract status --json` lists the validators"),
        HoldersMissing { .. } => Some("`contract gov release HASH` shows which nodes have it"),
        HashTaken(_)
        | DuplicateSigner(_)
        | DuplicateTarget(_)
        | SupportEndsTooSoon { .. }
        | RosterUnusable { .. }
        | UnusableKey(_)
        | RosterUnchanged
        | SealedAndOpen(_)
        | SealBroken(_)
        | StillSealed(_)
        | RevealedTooLate(_)
        | StillSecret(_)
        | AlreadyRecorded { .. }
        | AlreadyAdvertised { .. } => None,
    }
}

fn after_roles(error: &roles::Error) -> Option<&'static str> {
    use roles::Error::*;
    match error {
        Role { .. } => {
            Some("`contract roles list` shows what each role may, `contract roles of` which ones an account has")
        }
        UnknownRole(_) => Some("list them with `contract roles list`"),
        AlreadyMember { .. } | NotMember { .. } => Some("`contract roles show` lists its members"),
        LastMember { .. } => Some(
            "let another come with `contract roles appoint`, or have all replaced with `contract roles propose-members`",
        ),
        OutsideScope { .. } | WiderRole { .. } => {
            Some("`contract roles list` shows what each role may, `contract roles show` where its members do")
        }
        Full { .. } => Some("let one go with `contract roles dismiss`"),
        NamedTwice(_) => None,
    }
}

fn after_flags(error: &flags::Error) -> Option<&'static str> {
    use flags::Error::*;
    match error {
        Role(error) => after_roles(error),
        FlagUnknown { .. } => Some("list them with `contract flags list`"),
        Prerequisite { .. } | ShareFull { .. } => Some("`contract flags list` shows what each flag serves"),
        Disabled { .. } => Some("have it enabled there first with `contract flags enable`"),
        FlagTaken { .. } | Fixed { .. } | VariantUnknown { .. } => {
            Some("`contract flags flag` shows what there is; `contract flags edit` changes what is said about it")
        }
        InUse { .. } => Some("`contract flags flag` shows where it is set and where it is disabled"),
        Full { .. } => Some(
            "`contract flags unset` asks for a change that takes a setting away, and `contract flags retire` ends a flag that is in use \
             nowhere",
        ),
        BadPath { .. } => {
            Some("`contract rollout plan --markdown` names the stages of the plan, and the levels below them")
        }
        NoAccount { .. } => Some("`contract keys show` prints the account of a key file"),
        GateUnknown { .. } | GateOfPlan { .. } => {
            Some("`contract rollout board` names the gates, and what each serves")
        }
        RevokesAhead { .. } | AlreadyRevoked { .. } => {
            Some("pass another --before, or leave it out to revoke what was issued before the newest block")
        }
        Incomplete { .. }
        | StaysForEver { .. }
        | AlreadyExpired { .. }
        | VariantTwice { .. }
        | BadSplit { .. }
        | MixedTypes { .. }
        | BadValue { .. }
        | BadRule { .. }
        | SegmentUnknown { .. }
        | GateShape { .. }
        | OffIsTrue { .. }
        | SetTwice { .. }
        | SegmentTwice { .. }
        | MemberTwice { .. } => None,
    }
}

fn after_cases(error: &cases::Error) -> Option<&'static str> {
    use cases::Error::*;
    match error {
        Role(error) => after_roles(error),
        Deposit(error) => after_accounts(error),
        PlanUnknown { .. } => Some("list the plans with `contract rollout plans`"),
        BadPath { .. } => Some("`contract rollout board` shows the stages in their order"),
        OwnerUnknown { .. } => Some("`contract rollout plan --markdown` shows the roles of the plan"),
        CaseUnknown { .. } | OtherKind { .. } | Full { .. } => Some(OF_THE_CASES),
        OtherStep { .. } => {
            Some("`contract incident show`, `contract risk show` and `contract hold show` say what comes next")
        }
        Containment(_) => {
            Some("`contract rollout changes` lists what was carried out; --lock names the incident itself")
        }
        PublicReport { .. } => {
            Some("pass --public-report with its address, and --report-digest with what b3sum prints for it")
        }
        ReviewDate { .. } => Some("pass another --review"),
        Hold(flaw) => after_hold(flaw),
        FieldMissing { .. } => None,
    }
}

fn after_hold(flaw: &cases::HoldFlaw) -> Option<&'static str> {
    use cases::HoldFlaw::*;
    match flaw {
        FromLater { .. } => Some("pass another --from"),
        OverAlready { .. } | TooLong { .. } => Some("pass another --until"),
        WaitsForNobody { .. } | AnotherHold { .. } => Some("`contract hold show` says what it keeps, and until when"),
        OwnHold { .. } => Some("have another member run `contract hold confirm`"),
    }
}

fn after_artifacts(error: &artifacts::Error) -> Option<&'static str> {
    use artifacts::Error::*;
    match error {
        Role(error) => after_roles(error),
        NoRules { .. } => Some("list the plans with `contract rollout plans`"),
        BadName { .. } | Phase { .. } | MetaMissing { .. } | BadMeta { .. } | MetaNotAsked { .. } => {
            Some("`contract rollout plan --markdown` shows what the plan asks of artifacts")
        }
        NoSuchTarget { .. } | ShortTarget { .. } => Some("`contract rollout board` shows the stages in their order"),
        NameTaken { .. } | DigestTaken { .. } | Unknown { .. } | Gone { .. } | Bad { .. } | Full { .. } => {
            Some("list them with `contract rollout artifact list`")
        }
        Needed { .. } => Some("`contract rollout artifact list` shows what each is needed for"),
        NotMarkable { .. } => None,
    }
}

fn after_rollouts(error: &rollouts::Error) -> Option<&'static str> {
    use rollouts::Error::*;
    match error {
        Role(error) => after_roles(error),
        Flag(error) => after_flags(error),
        Deposit(error) => after_accounts(error),
        PlanInvalid { .. } => Some("`contract rollout lint` lists all mistakes of a profile"),
        StakeOnly { .. } => Some("`contract gov proposals` lists what is voted on"),
        PlanUnknown { .. } | PlanTaken { .. } | NodePlanTaken { .. } => Some("list them with `contract rollout plans`"),
        PlanVersion { .. } | BundleHash { .. } => {
            Some("ask for it again: what `contract rollout` asks for is written against the plan that is in force")
        }
        NotNextVersion { .. } => Some("send it again: `contract rollout install` numbers it by what is in force"),
        DocumentMissing { .. } => Some("pass --document with the path and the anchor of the section that says why"),
        MovesInSilence { .. } => Some("list it with --moves FLAG=VARIANT, so that whoever votes sees it"),
        StartMissing => Some("pass --stage with a first version, and leave it out with a later one"),
        StageUnknown { .. } | NotSuccessor { .. } | NotBelow { .. } | OneWay { .. } => {
            Some("`contract rollout board` shows the stages, and which of them stand")
        }
        SeatedAgain { .. } => Some("leave --member out; members come and go with `contract roles`"),
        ChangeUnknown { .. } | NoSuchChange(_) => Some("list them with `contract rollout changes`"),
        NotInState { .. } | OutsideWindow { .. } | TooEarly { .. } | StepUnknown { .. } | StepTooSoon { .. } => {
            Some("`contract rollout change` shows where it stands, and what is next")
        }
        TicketMissing { .. } | TicketForm { .. } => Some("pass another --ticket"),
        CauseUnknown { .. } | TriggerUnknown { .. } => {
            Some("`contract rollout plan --markdown` names those of the plan")
        }
        TooManyEmergencies { .. } | TooManyOpen { .. } | StillLive { .. } => {
            Some("`contract rollout changes` lists them")
        }
        PlansFull(_) => Some("list them with `contract rollout plans`"),
        AmendmentsFull { .. } => Some("list them with `contract gov proposals`"),
        ProcedureMissing { .. } => {
            Some("`contract rollout plan --markdown` shows what the plan has procedures for, and who may ask for each")
        }
        NoEmergency { .. } => {
            Some("ask for that change with `contract rollout set`; `contract roles list` shows who may")
        }
        ArtifactNamed { .. } => Some(
            "pass --artifact where `contract rollout artifact list` lists some, and leave it out where it does not",
        ),
        SelfApproval { .. } => Some("`contract gov proposal` shows who has not voted yet"),
        OtherText { .. } | ChainOpens { .. } => Some("`contract rollout change` shows its polls"),
        AnnouncedTwice { .. } | NotAnnounceable { .. } => {
            Some("`contract rollout change` shows when its window is open")
        }
        FlagRequired { .. } => Some("name the flag with --feature NAME:high:FLAG"),
        StaleFlag { .. } => Some("`contract rollout board` shows until when each flag is meant to be there"),
        ImpactMissing(_) => Some("pass --impact"),
        NoGo { .. } | Deferred { .. } | NotReady { .. } | DutiesOwed { .. } => {
            Some("`contract rollout explain --change` says why, check by check")
        }
        WindowTooLong { .. } | NoticeTooShort { .. } => Some("pass other times with --from and --until"),
        Frozen { .. } | Paused { .. } | PausedLately { .. } | Overdue { .. } => {
            Some("`contract rollout board` shows what is in the way, and until when")
        }
        FlagMoved { .. } | SegmentMoved { .. } => {
            Some("ask for it again, against what stands now; `contract rollout set` asks the node what that is")
        }
        QuorumAbsent { .. } => Some("`contract rollout fleet` shows who advertises what"),
        Sealer(rollouts::SealerFlaw::Missing) => Some("pass --sealer"),
        Sealer(rollouts::SealerFlaw::Needless) => Some("leave --sealer out"),
        Sealer(rollouts::SealerFlaw::NotInSet(_)) => Some("`contract status --json` lists the validators"),
        NotSubmitter { .. } | NotInstaller { .. } => Some("sign with the --key of whoever did"),
        CheckUnknown { .. } | ForeignWord { .. } | NeverWaived { .. } => {
            Some("`contract rollout explain` names the checks, and who owns each")
        }
        WaivedByOneself { .. } => Some("`contract roles show` lists the members of the role that owns the check"),
        WaiverScope { .. } => Some("pass --about change:ID and --reason"),
        WrongSubject { .. } => Some("pass another --about"),
        EvidenceMissing { .. } => Some("pass the body with --statement, or its hash with --digest and --predicate"),
        OtherCommit { .. } => Some("pass another --commit, or leave it out"),
        ExpiryMissing { .. } | AlreadyExpired { .. } => Some("pass another --expires"),
        BuildUnknown => Some("list them with `contract gov releases`"),
        Phase(_) => Some("`contract rollout phases` shows how far each has come, and what it begins and ends with"),
        Rollback(rollouts::RollbackFlaw::Lives { .. }) | ShareFull { .. } => {
            Some("`contract rollout changes` lists them")
        }
        IncidentOpen { .. } => {
            Some("`contract incident show` says what comes next, and `contract roles list` who may do it")
        }
        Rollback(_) => Some("`contract rollout board` shows what stands, and what is in the way"),
        Artifact(error) => after_artifacts(error),
        OfApplication { .. } => Some("run `contract rollout install` with the --key of that account"),
        NameReserved { .. }
        | QuorumListed { .. }
        | StartSealed { .. }
        | StageGone { .. }
        | SegmentEmpty { .. }
        | KindDormant(_)
        | NoEffect
        | EffectsTooLarge { .. }
        | TooManyEffects { .. }
        | Sealer(_)
        | InstallationTooLarge { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::ContractArgs;
    use clap::CommandFactory as _;
    use primitives::{BuildHash, CaseId, ChangeId, Name, ProposalId};
    use runtime::testing::examples;

    /// That what stands between backticks is a command of this tool, with options that it has.
    fn require_commands(said: &str) {
        for typed in said.split('`').skip(1).step_by(2).filter_map(|span| span.strip_prefix("contract ")) {
            let mut command = ContractArgs::command();
            command.build();
            for word in typed.split_whitespace() {
                if let Some(option) = word.strip_prefix("--") {
                    let has = command.get_arguments().any(|argument| argument.get_long() == Some(option));
                    assert!(has, "{typed}: {} has no --{option}", command.get_name());
                } else if let Some(below) = command.find_subcommand(word).cloned() {
                    command = below;
                } else {
                    assert!(!command.has_subcommands(), "{typed}: {} has no command {word}", command.get_name());
                }
            }
        }
    }

    #[test]
    fn every_refusal_says_what_is_to_be_done_itself_or_by_a_command_that_there_is() {
        for error in examples::errors() {
            let (said, next) = (error.to_string(), after(&error));
            assert!(next.is_some() || [';', ':'].iter().any(|end| said.contains(*end)), "{said}");
            require_commands(&said);
            require_commands(next.unwrap_or_default());
        }
    }

    #[test]
    fn whoever_is_refused_for_what_others_may_is_led_to_who_they_are() {
        use rollouts::Error::*;
        let key = Name::new("tested").unwrap();
        for error in [
            SelfApproval { change: ChangeId(7) },
            NeverWaived { key: key.clone() },
            WaivedByOneself { key: key.clone() },
            NoEmergency { flag: key.clone() },
            IncidentOpen { case: CaseId(7), path: primitives::Path::ROOT },
            ProcedureMissing { plan: key, kind: rollouts::plan::ChangeKind::Set },
        ] {
            let error = Error::from(error);
            let next = after(&error).unwrap_or_else(|| panic!("{error}"));
            assert!(next.contains("who") || next.contains("members"), "{next}");
            require_commands(next);
        }
    }

    #[test]
    fn o51_what_a_node_does_not_know_is_said_in_commands_and_not_in_its_methods() {
        let release = RpcRefusal::UnknownRelease { hash: BuildHash([1; 32]), proposal: None };
        let (plan, key) = (Name::new("chain").unwrap(), Name::new("pruning").unwrap());
        let role = roles::RoleKey { plan: plan.clone(), role: key.clone() };
        let about_plans = [
            RpcRefusal::NoPlan,
            RpcRefusal::UnknownPlan(plan.clone()),
            RpcRefusal::UnknownChange(ChangeId(7)),
            RpcRefusal::UnknownFlag { plan, key },
            RpcRefusal::UnknownCase(CaseId(7)),
            RpcRefusal::UnknownRole(role),
        ];
        let others = [RpcRefusal::UnknownProposal(ProposalId(7)), release, RpcRefusal::Submit(SubmitError::Known)];
        for refusal in others.into_iter().chain(about_plans) {
            let (said, next) = (refusal.to_string(), after_question(&refusal).unwrap());
            assert!(next.contains("`contract "), "{next}");
            for method in ["gov.", "tx.", "chain.", "rollout.", "flags.", "roles.", "case."] {
                assert!(!said.contains(method) && !next.contains(method), "{said}; {next}");
            }
        }
    }
}
