//! Why something is refused that is asked of plans, changes and statements.

mod code;
mod from;
mod going_back;
mod phase;
mod sealer;
mod sentence;

pub use going_back::RollbackFlaw;
pub use phase::PhaseFlaw;
pub use sealer::SealerFlaw;

use crate::change::ChangeState;
use crate::plan::ChangeKind;
use crate::statement::StatementSubject;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, CaseId, ChangeId, Digest, Epoch, List, Name, Path, Pattern, Text, Timestamp};
use sentence::*;
use serde::{Deserialize, Serialize};

/// The first keys of those that a refusal is about, in the order of their list.
pub type FirstKeys = List<Name, 16>;
/// The first accounts of those that a refusal is about.
pub type FirstAccounts = List<AccountId, 8>;

/// Why something was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RolloutsRefusal"))]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// The account may not do that in the role that it acts in, or a role would not be as it has to be.
    #[codec(index = 0)]
    #[error("{0}")]
    Role(Box<roles::Error>),
    /// A flag or segment cannot move so.
    #[codec(index = 1)]
    #[error("{0}")]
    Flag(Box<flags::Error>),
    /// The deposit cannot be held.
    #[codec(index = 2)]
    #[error("the deposit cannot be paid: {0}")]
    Deposit(accounts::Error),
    /// There is no such plan, or it is retired.
    #[codec(index = 3)]
    #[error("there is no plan {plan}, or it is retired; name one that is in force")]
    PlanUnknown {
        /// The plan.
        plan: Name,
    },
    /// A plan has that name, or had it.
    #[codec(index = 4)]
    #[error("plan {plan} is there, or was; amend it by the vote of who owns it, or name yours otherwise")]
    PlanTaken {
        /// The plan.
        plan: Name,
    },
    /// A name that no application's plan has.
    #[codec(index = 5)]
    #[error("{plan} is a name of the network itself; name the plan otherwise")]
    NameReserved {
        /// The plan.
        plan: Name,
    },
    /// A plan contradicts itself.
    #[codec(index = 6)]
    #[error("plan {plan} has {count} mistakes, the first in {field}: {problem}; mend all of them first")]
    PlanInvalid {
        /// The plan.
        plan: Name,
        /// How many mistakes there are.
        count: u32,
        /// Where the first one is, as a profile has it.
        field: Text<160>,
        /// What is wrong there, and what would be right.
        problem: Text<512>,
    },
    /// A change is written against another version of the plan than is in force.
    #[codec(index = 7)]
    #[error(
        "this is for version {asked} of plan {plan}, whose version {current} is in force; write it against \
         that one"
    )]
    PlanVersion {
        /// The plan.
        plan: Name,
        /// The version that was named.
        asked: u32,
        /// The one in force.
        current: u32,
    },
    /// A plan is not the version after the one in force.
    #[codec(index = 8)]
    #[error("version {asked} of plan {plan} cannot be installed, because the next one is {next}; number it so")]
    NotNextVersion {
        /// The plan.
        plan: Name,
        /// The version that was named.
        asked: u32,
        /// The one after that in force.
        next: u32,
    },
    /// A plan of the node would come, or go, without a vote of the stake.
    #[codec(index = 9)]
    #[error(
        "plan {plan} governs this network, so the stake alone installs it, and it is replaced and never \
         retired; propose it on a governance track"
    )]
    StakeOnly {
        /// The plan.
        plan: Name,
    },
    /// A network has one plan of the node.
    #[codec(index = 10)]
    #[error("plan {current} governs this network, and there is one such plan at most; amend that one")]
    NodePlanTaken {
        /// The plan of this network.
        current: Name,
    },
    /// There are as many plans of applications as there can be.
    #[codec(index = 11)]
    #[error("there are {0} plans of applications, as many as there is room for; wait until one is retired")]
    PlansFull(u32),
    /// A plan under which something is live is not retired.
    #[codec(index = 12)]
    #[error("plan {plan} has {live} changes that wait or owe something; have them closed or withdrawn first")]
    StillLive {
        /// The plan.
        plan: Name,
        /// How many.
        live: u32,
    },
    /// A version after the first says why it is there.
    #[codec(index = 13)]
    #[error(
        "version {version} of plan {plan} comes without a document that says what it changes and why; name \
         one with its hash"
    )]
    DocumentMissing {
        /// The plan.
        plan: Name,
        /// The version.
        version: u32,
    },
    /// An installation would move a value that it does not list (REQ-029).
    #[codec(index = 14)]
    #[error(
        "flag {flag:?} would serve {after} instead of {before} {}, and the installation does not list that; \
         list it, so that those who vote see it, or leave the value",
        place(path)
    )]
    MovesInSilence {
        /// The flag.
        flag: Name,
        /// Where.
        path: Path,
        /// The variant that it serves.
        before: Name,
        /// The variant that it would serve.
        after: Name,
    },
    /// An installation lists a move of the quorum's gate.
    #[codec(index = 15)]
    #[error(
        "an installation does not move {flag:?}, by which the validators decide by quorum; have a change do \
         that, with its own vote"
    )]
    QuorumListed {
        /// The gate.
        flag: Name,
    },
    /// The plan has no such stage.
    #[codec(index = 16)]
    #[error("plan {plan} has no stage {stage:?}; name one that it has")]
    StageUnknown {
        /// The plan.
        plan: Name,
        /// The stage.
        stage: Name,
    },
    /// A first installation names no stage, or a later one does.
    #[codec(index = 17)]
    #[error(
        "the first version of a node's plan says which stage stands from then on, and no other version of any \
         plan does; say it there, or leave it out"
    )]
    StartMissing,
    /// A first installation would end that validators decide by quorum.
    #[codec(index = 18)]
    #[error("this network decides by quorum and would not in stage {stage:?}; begin with a stage in which it does")]
    StartSealed {
        /// The stage.
        stage: Name,
    },
    /// An amendment loses, or moves, a stage that stands or was left.
    #[codec(index = 19)]
    #[error(
        "stage {stage:?} stands or was left, and the amendment leaves it out or orders it otherwise; keep \
         those stages as they are, and add after them"
    )]
    StageGone {
        /// The stage.
        stage: Name,
    },
    /// What would begin with a segment begins with an empty one.
    #[codec(index = 20)]
    #[error("segment {segment:?} is empty, and stage {stage:?} limits something to it; name its first members")]
    SegmentEmpty {
        /// The stage.
        stage: Name,
        /// The segment.
        segment: Name,
    },
    /// A stage is not the one that is entered next (REQ-005).
    #[codec(index = 21)]
    #[error("stage {to:?} cannot be entered now, because {}; {}", standing_now(standing), enter_next(next))]
    NotSuccessor {
        /// The stage that was named.
        to: Name,
        /// The last stage that stands.
        standing: Option<Name>,
        /// The one to enter next; none after the last.
        next: Option<Name>,
    },
    /// A demotion names a stage to which nothing can be gone back.
    #[codec(index = 22)]
    #[error("{to:?} is no stage below the last that stands; name one that stands below it")]
    NotBelow {
        /// The stage that was named.
        to: Name,
    },
    /// The plan does not go back (REQ-005).
    #[codec(index = 23)]
    #[error("plan {plan} goes one way, so it does not go back to stage {to:?}; promote forward instead")]
    OneWay {
        /// The plan.
        plan: Name,
        /// The stage that was named.
        to: Name,
    },
    /// A change was written against another bundle (REQ-028).
    #[codec(index = 24)]
    #[error("this names the bundle {asked}, and that in force is {current}; build the change from that one")]
    BundleHash {
        /// What was named.
        asked: Digest,
        /// That of the plan in force.
        current: Digest,
    },
    /// The plan has no such changes.
    #[codec(index = 25)]
    #[error(
        "plan {plan} has no procedure for a change of kind {kind}; ask for one that it has, or have the plan \
         amended"
    )]
    ProcedureMissing {
        /// The plan.
        plan: Name,
        /// The kind.
        kind: ChangeKind,
    },
    /// This network does not carry such changes out yet. Every kind is carried out by now; no other refusal gets its number.
    #[codec(index = 26)]
    #[error(
        "changes of kind {0} are not carried out at the level that this network is at; wait for a release \
         that brings them"
    )]
    KindDormant(ChangeKind),
    /// There is no such change under the plan.
    #[codec(index = 27)]
    #[error("plan {plan} has no change {change}; name one of its changes")]
    ChangeUnknown {
        /// The plan.
        plan: Name,
        /// Which.
        change: ChangeId,
    },
    /// What is asked for cannot be done to a change that stands so.
    #[codec(index = 28)]
    #[error("change {change} is {state}, and this cannot be done to it then; {}", what_may_be_done(*state))]
    NotInState {
        /// Which.
        change: ChangeId,
        /// How it stands.
        state: ChangeState,
    },
    /// A change would move nothing.
    #[codec(index = 29)]
    #[error("this change moves nothing; say what it moves")]
    NoEffect,
    /// The effects of a change are larger than they may be.
    #[codec(index = 30)]
    #[error("the effects of this change have {bytes} bytes and may have {most}; split them over several changes")]
    EffectsTooLarge {
        /// How many they have.
        bytes: u32,
        /// How many they may have.
        most: u32,
    },
    /// A change would move more than one may, with what follows from it.
    #[codec(index = 31)]
    #[error(
        "with what follows from it this change moves {have} things and may move {most}; split it over several \
         changes"
    )]
    TooManyEffects {
        /// How many it moves.
        have: u32,
        /// How many it may move.
        most: u32,
    },
    /// A ticket is asked for (REQ-111).
    #[codec(index = 32)]
    #[error("a change there has a ticket of the form {form}; name the one that it is tracked under")]
    TicketMissing {
        /// The form.
        form: Pattern,
    },
    /// A ticket is of another form than is asked for.
    #[codec(index = 33)]
    #[error("ticket {ticket:?} is not of the form {form}; name the one that the change is tracked under")]
    TicketForm {
        /// What was named.
        ticket: Name,
        /// The form.
        form: Pattern,
    },
    /// A cause is none of the procedure.
    #[codec(index = 34)]
    #[error("{cause:?} is no cause to disable anything by plan {plan}; name one of {}", listed(causes))]
    CauseUnknown {
        /// The plan.
        plan: Name,
        /// What was named.
        cause: Name,
        /// Those that there are.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 16)))]
        causes: FirstKeys,
    },
    /// A trigger or source of a rollback is none of the procedure.
    #[codec(index = 35)]
    #[error("{named:?} is no trigger or source of a rollback by plan {plan}; name one of {}", listed(known))]
    TriggerUnknown {
        /// The plan.
        plan: Name,
        /// What was named.
        named: Name,
        /// Those that there are.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 16)))]
        known: FirstKeys,
    },
    /// No emergency disables that flag.
    #[codec(index = 36)]
    #[error(
        "flag {flag:?} is not for one key to switch off, nor is what it would take along; move it by a change \
         with a vote"
    )]
    NoEmergency {
        /// The flag.
        flag: Name,
    },
    /// An account has as many undecided emergencies as it may.
    #[codec(index = 37)]
    #[error(
        "with this one {have} emergencies of this account wait to be decided, and {most} may; have the \
         earlier ones decided first"
    )]
    TooManyEmergencies {
        /// How many there would be.
        have: u32,
        /// How many there may be.
        most: u32,
    },
    /// As many changes of a plan are open as may be, or are open or active together.
    #[codec(index = 38)]
    #[error(
        "plan {plan} has {most} changes that wait or owe something, as many as there can be; have one carried \
         out, closed or withdrawn first"
    )]
    TooManyOpen {
        /// The plan.
        plan: Name,
        /// How many there can be.
        most: u32,
    },
    /// A feature of high risk is behind no flag (REQ-105).
    #[codec(index = 39)]
    #[error(
        "feature {feature:?} is of high risk and behind no flag of the plan that is still live; name one, or \
         define it first"
    )]
    FlagRequired {
        /// The feature.
        feature: Name,
    },
    /// A promotion relies on a flag that has expired.
    #[codec(index = 40)]
    #[error("flag {flag:?} expired at {at} ms since 1970, and this relies on it; give it a later day, or take it out")]
    StaleFlag {
        /// The flag.
        flag: Name,
        /// When.
        at: Timestamp,
    },
    /// A promotion with a milestone says nothing of its impact.
    #[codec(index = 41)]
    #[error("this is for milestone {0:?} and says nothing of what its users will notice; say it")]
    ImpactMissing(Name),
    /// A list says no.
    #[codec(index = 42)]
    #[error("the list is NO-GO by {}; {}", listed(failed), mend(failed, *of))]
    NoGo {
        /// The first checks that fail, or are missing and mean no.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 16)))]
        failed: FirstKeys,
        /// How many there are.
        of: u16,
    },
    /// A list does not say yes yet.
    #[codec(index = 43)]
    #[error("the list is DEFERRED by {}; {}", listed(missing), mend(missing, *of))]
    Deferred {
        /// The first checks that are not met.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 16)))]
        missing: FirstKeys,
        /// How many there are.
        of: u16,
    },
    /// It is not the time at which something may move there (REQ-013).
    #[codec(index = 44)]
    #[error("nothing moves in window {window:?} now; {}", when_it_opens(opens))]
    OutsideWindow {
        /// The window.
        window: Name,
        /// When it opens next, where that is known.
        opens: Option<Timestamp>,
    },
    /// The window of a stage is not announced, but has its own times.
    #[codec(index = 45)]
    #[error("window {window:?} has times of its own, so nothing is announced for it; carry the change out in it")]
    NotAnnounceable {
        /// The window.
        window: Name,
    },
    /// A window that is announced is longer than it may be, or ends before it begins.
    #[codec(index = 46)]
    #[error("a window there is longer than nothing and at most {longest_ms} ms long; announce one that is")]
    WindowTooLong {
        /// How long one may be.
        longest_ms: u64,
    },
    /// A change was announced as often as it may be.
    #[codec(index = 47)]
    #[error(
        "change {change} was announced {most} times, as often as it can be; carry it out in the latest \
         window, or submit it anew"
    )]
    AnnouncedTwice {
        /// Which.
        change: ChangeId,
        /// How often it can be.
        most: u8,
    },
    /// A window would begin too soon.
    #[codec(index = 48)]
    #[error(
        "a window there begins at {soonest} ms since 1970 at the soonest, and this one at {from}; announce a \
         later one"
    )]
    NoticeTooShort {
        /// When it would begin.
        from: Timestamp,
        /// When it could.
        soonest: Timestamp,
    },
    /// A stage is being entered that others stand still for (REQ-070).
    #[codec(index = 49)]
    #[error("plan {plan} is frozen by change {change}, which enters stage {stage:?}; wait until that has thawed")]
    Frozen {
        /// The plan.
        plan: Name,
        /// Which.
        change: ChangeId,
        /// The stage.
        stage: Name,
    },
    /// Changes are paused there (REQ-071).
    #[codec(index = 50)]
    #[error("changes are paused {} by change {change}; wait until that is closed, or have it closed", place(path))]
    Paused {
        /// Which.
        change: ChangeId,
        /// Where.
        path: Path,
    },
    /// A role would pause again what it paused a moment ago.
    #[codec(index = 51)]
    #[error(
        "{role} paused changes {} and may again {left_ms} ms from now; have another role pause, or wait",
        place(path)
    )]
    PausedLately {
        /// The role.
        role: Name,
        /// Where.
        path: Path,
        /// How long the chain has to run until then.
        left_ms: u64,
    },
    /// Something is owed in that scope, and its time is over.
    #[codec(index = 52)]
    #[error("change {change} still owes {check:?}, whose time is over {}; have that met first", place(path))]
    Overdue {
        /// Which.
        change: ChangeId,
        /// The first duty that is overdue.
        check: Name,
        /// Where that stops others.
        path: Path,
    },
    /// A flag stands otherwise than a change was written against.
    #[codec(index = 53)]
    #[error("flag {flag:?} has moved {} since this was written; write it against what stands there now", place(path))]
    FlagMoved {
        /// The flag.
        flag: Name,
        /// Where.
        path: Path,
    },
    /// A segment has other members than a change was written against.
    #[codec(index = 54)]
    #[error("segment {segment:?} has changed since this was written; write it against who is in it now")]
    SegmentMoved {
        /// The segment.
        segment: Name,
    },
    /// The stake still has time to stop what was decided.
    #[codec(index = 55)]
    #[error(
        "change {change} can be carried out from epoch {from} on, until when the stake can stop it, and it is \
         epoch {now}; wait for that"
    )]
    TooEarly {
        /// Which.
        change: ChangeId,
        /// The first epoch in which it can.
        from: Epoch,
        /// The epoch of this block.
        now: Epoch,
    },
    /// Too few of those who would decide by quorum are there.
    #[codec(index = 56)]
    #[error(
        "validators with {share_percent} percent of the power that would decide are there, and more than 75 \
         are needed; first missing: {}",
        accounts(missing)
    )]
    QuorumAbsent {
        /// How much of the power is there, rounded down.
        share_percent: u8,
        /// The first of those that are not, by power.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<AccountId>", length(max = 8)))]
        missing: FirstAccounts,
    },
    /// Who is to decide blocks alone is not named as it has to be (ROLLOUTS 11).
    #[codec(index = 57)]
    #[error("{0}")]
    Sealer(SealerFlaw),
    /// The stage has no such step, or it is taken.
    #[codec(index = 58)]
    #[error("stage {stage:?} has no step {step:?} that is still to be taken; name one")]
    StepUnknown {
        /// The stage.
        stage: Name,
        /// The step.
        step: Name,
    },
    /// Steps are taken in their order.
    #[codec(index = 59)]
    #[error("step {before:?} comes before {step:?} and is not taken; take it first")]
    StepTooSoon {
        /// The step.
        step: Name,
        /// The one before it.
        before: Name,
    },
    /// A change that owes something is not closed.
    #[codec(index = 60)]
    #[error("change {change} still owes {}; have that met first", listed(owed))]
    DutiesOwed {
        /// Which.
        change: ChangeId,
        /// The first checks that it owes.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 16)))]
        owed: FirstKeys,
    },
    /// Only who submitted a change takes it back.
    #[codec(index = 61)]
    #[error(
        "change {change} was submitted by another account, which alone can take it back; ask that one, or \
         vote against it"
    )]
    NotSubmitter {
        /// Which.
        change: ChangeId,
    },
    /// Nothing of that key is asked.
    #[codec(index = 62)]
    #[error("plan {plan} asks nothing under {key:?}: it is no check, row, signal or step of it; name one that is")]
    CheckUnknown {
        /// The plan.
        plan: Name,
        /// What was named.
        key: Name,
    },
    /// The word on a key belongs to others.
    #[codec(index = 63)]
    #[error("{acting} has no word on {key:?}, which is for {owner}; have that say it")]
    ForeignWord {
        /// The check.
        key: Name,
        /// In which role, or for which segment, it was said.
        acting: Name,
        /// The role or segment whose word it is.
        owner: Name,
    },
    /// A check is answered about something else than it asks about, or about what there is not.
    #[codec(index = 64)]
    #[error("{key:?} is not asked about {about}, or that is not there or not live; say what it is about")]
    WrongSubject {
        /// The check.
        key: Name,
        /// What was named.
        about: Box<StatementSubject>,
    },
    /// A word has to bring the digest of its body.
    #[codec(index = 65)]
    #[error("a word on {key:?} brings the digest of its evidence{}; attach it", of_type(predicate))]
    EvidenceMissing {
        /// The check.
        key: Name,
        /// The type that its body has to have.
        predicate: Option<Text<96>>,
    },
    /// Another commit was looked at than the subject was built from.
    #[codec(index = 66)]
    #[error("this looked at commit {given}, and what it is about was built from {built}; look at that one")]
    OtherCommit {
        /// What was named.
        given: Text<64>,
        /// That of the subject.
        built: Text<64>,
    },
    /// A waiver says no end, or one too far away.
    #[codec(index = 67)]
    #[error("a waiver of {key:?} ends after this block and within {most_days} days; say when")]
    ExpiryMissing {
        /// The check.
        key: Name,
        /// How long it may be.
        most_days: u16,
    },
    /// What is said would count no longer.
    #[codec(index = 68)]
    #[error(
        "what is said on {key:?} would have expired at {at} ms since 1970, before this block; name a later \
         time, or none"
    )]
    AlreadyExpired {
        /// The check.
        key: Name,
        /// When.
        at: Timestamp,
    },
    /// A blocker is waived by nobody (REQ-037), and a vote is not one role's to waive.
    #[codec(index = 69)]
    #[error("{key:?} is a blocker or a vote, which nobody waives; have it met")]
    NeverWaived {
        /// The check.
        key: Name,
    },
    /// Whoever submitted a change waives nothing of it.
    #[codec(index = 70)]
    #[error("a waiver of {key:?} is for somebody who did not submit the change; ask another")]
    WaivedByOneself {
        /// The check.
        key: Name,
    },
    /// A waiver is about one change, and says why.
    #[codec(index = 71)]
    #[error("a waiver of {key:?} is about one change and says why; name that change, and the reason")]
    WaiverScope {
        /// The check.
        key: Name,
    },
    /// A yes on what is not ready.
    #[codec(index = 72)]
    #[error(
        "change {change} is not ready for a yes: {} still missing; have that met first, or vote otherwise",
        listed(missing)
    )]
    NotReady {
        /// Which.
        change: ChangeId,
        /// The first checks that are not met.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 16)))]
        missing: FirstKeys,
    },
    /// Whoever submitted a change would agree to it.
    #[codec(index = 73)]
    #[error(
        "this account submitted change {change}, and by its plan somebody else agrees to it; leave the yes to \
         others"
    )]
    SelfApproval {
        /// Which.
        change: ChangeId,
    },
    /// A vote is bound to another text than the change has.
    #[codec(index = 74)]
    #[error("this is bound to {asked}, and change {change} is {current}; have its own poll decide it")]
    OtherText {
        /// Which.
        change: ChangeId,
        /// What was named.
        asked: Digest,
        /// What the change is known by.
        current: Digest,
    },
    /// A plan's poll is proposed by somebody.
    #[codec(index = 75)]
    #[error("the chain itself opens the poll on {check:?} of change {change}; vote on that one")]
    ChainOpens {
        /// Which.
        change: ChangeId,
        /// The check that asks for the vote.
        check: Name,
    },
    /// A promotion of the node's plan names no build that was approved.
    #[codec(index = 76)]
    #[error("this promotion names no build that is approved; name the one that the stage was tested with")]
    BuildUnknown,
    /// The stake would install the plan of an application.
    #[codec(index = 77)]
    #[error(
        "plan {plan} is of an application, and its first version comes by whoever pays its deposit, not by a vote of the stake; \
         have an account install it"
    )]
    OfApplication {
        /// The plan.
        plan: Name,
    },
    /// The members of a role are named twice, or by a later version.
    #[codec(index = 78)]
    #[error(
        "the members of {role} of plan {plan} are named once, and by its first version alone; leave out what is named again, and \
         change members by themselves"
    )]
    SeatedAgain {
        /// The plan.
        plan: Name,
        /// The role.
        role: Name,
    },
    /// An installation is larger than it may be.
    #[codec(index = 79)]
    #[error(
        "this installation has {bytes} bytes and may have {most}; install the plan with fewer members of its segments, and add the \
         others by a change"
    )]
    InstallationTooLarge {
        /// How many it has.
        bytes: u32,
        /// How many it may have.
        most: u32,
    },
    /// A plan is retired by another account than installed it.
    #[codec(index = 80)]
    #[error("plan {plan} was installed by {installer}, which alone retires it; ask that one")]
    NotInstaller {
        /// The plan.
        plan: Name,
        /// Who installed its first version.
        installer: AccountId,
    },
    /// There is no change of that number, under whatever plan.
    #[codec(index = 81)]
    #[error("there is no change {0}; name one that was submitted")]
    NoSuchChange(ChangeId),
    /// A phase has not come so far, is over, or does not fit (ROLLOUTS 7.6).
    #[codec(index = 82)]
    #[error("{0}")]
    Phase(PhaseFlaw),
    /// Something is not rolled back (ROLLOUTS 7.8).
    #[codec(index = 83)]
    #[error("{0}")]
    Rollback(RollbackFlaw),
    /// An artifact is not there, or does not go there.
    #[codec(index = 84)]
    #[error("{0}")]
    Artifact(Box<artifacts::Error>),
    /// Something is open in that scope (ROLLOUTS 7.4).
    #[codec(index = 85)]
    #[error(
        "incident {case} is open {}, and nothing is promoted there before it is resolved; have it resolved first",
        place(path)
    )]
    IncidentOpen {
        /// Which.
        case: CaseId,
        /// Where.
        path: Path,
    },
    /// A tenant has as many live changes as its share of a plan lets it, or all tenants together have.
    #[codec(index = 86)]
    #[error(
        "{most} changes there wait or owe something, as many as its share lets it have; have one carried out, closed \
         or withdrawn first"
    )]
    ShareFull {
        /// How many it may have.
        most: u32,
    },
    /// A promotion of an artifact names none, or one of a plan that has none does.
    #[codec(index = 87)]
    #[error(
        "a promotion under plan {plan} names an artifact exactly when the plan says what artifacts are like; mend \
         that"
    )]
    ArtifactNamed {
        /// The plan.
        plan: Name,
    },
    /// As many later versions of a plan wait for its owner as may.
    #[codec(index = 88)]
    #[error(
        "{most} versions of plan {plan} wait for the vote of who owns it, as many as there can be; have those decided first"
    )]
    AmendmentsFull {
        /// The plan.
        plan: Name,
        /// How many there can be.
        most: u32,
    },
}
