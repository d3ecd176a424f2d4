//! What people and validators do at random in a network that a plan governs. What comes of it depends on where the chain stands.

use crate::governed::plan::{BUNDLE, COHORT, MINUTE, PLAN, gate_key, list, name, reason_to_amend, text};
use crate::governed::said::*;
use crate::governed::{COMMANDER, Governed, VALIDATORS, person, role_key};
use ::rollouts::change::{ChangeDraft, ChangeProgress, ChangeRequest, Effect, EffectTo, digest_of_members};
use ::rollouts::install::Installation;
use ::rollouts::plan::{ChangeKind, Plan};
use ::rollouts::queries::{NextAct, NextActKind};
use ::rollouts::statement::{StatementOutcome, StatementSubject};
use flags::{Arm, Gate, Rule, RuleNode, Serve, Targeting};
use governance::{Choice, TrackName};
use primitives::{ChangeId, Digest, List, Name, Path, ProposalId, SecretKey, Span, Text};
use runtime::testing::{appoint, cancel, dismiss, propose_on, resign, validator};
use runtime::{Call, Motion};
use state::State;

/// Something that somebody does. What is named by how far back it is, is counted from the latest one.
#[derive(Debug, Clone)]
pub enum Act {
    /// One of the people asks for a change, acting as commander.
    Submit {
        wanted: Wanted,
        by: u8,
        ticket: bool,
    },
    /// Whoever can does what is next about some changes; whoever votes says that.
    Push {
        what: Pushed,
        choice: Choice,
    },
    /// One of the people says something about a change.
    Say {
        key: &'static str,
        back: u64,
        by: u8,
        outcome: StatementOutcome,
    },
    /// One of the people notices something, or that it is well again.
    Alert {
        by: u8,
        outcome: StatementOutcome,
    },
    /// One of the people waives a check of a change.
    Waive {
        key: &'static str,
        back: u64,
        by: u8,
    },
    /// One of the people votes in a poll.
    Vote {
        back: u64,
        by: u8,
        choice: Choice,
    },
    Execute {
        back: u64,
        by: u8,
    },
    Close {
        back: u64,
        by: u8,
    },
    Withdraw {
        back: u64,
        by: u8,
    },
    /// A window so many minutes from now, so many minutes long.
    Announce {
        back: u64,
        notice: u64,
        length: u64,
    },
    /// So many validators want a change ended.
    Abort {
        back: u64,
        votes: u8,
    },
    /// So many validators want a proposal stopped.
    Stop {
        back: u64,
        votes: u8,
    },
    /// So many validators want the plan amended.
    Amend {
        how: Amended,
        votes: u8,
    },
    /// So many validators want the council to be these people.
    Seat {
        people: Vec<u8>,
        votes: u8,
    },
    /// A validator proposes something on the routine track, which a freeze stops.
    ProposeRoutine(u8),
    Resign {
        role: &'static str,
        by: u8,
    },
    Appoint {
        who: u8,
    },
    Dismiss {
        who: u8,
    },
    /// All validators say what they run and know.
    Advertise,
}

/// What a change is to do.
#[derive(Debug, Clone, Copy)]
pub enum Wanted {
    /// To enter the stage after the last that stands.
    Promote,
    /// To enter some stage.
    PromoteTo(usize),
    /// To go back to some stage.
    Demote(usize),
    /// To turn a gate on or off for everybody.
    Turn(Gate, bool),
    /// To have a gate on for the cohort alone.
    Limit(Gate),
    /// To take a validator into the cohort, or out of it.
    Cohort(u8, bool),
    /// To enable everything that is disabled.
    Enable,
    /// To have a validator decide alone.
    Seal(u8),
    Disable(Gate),
    Pause,
}

/// Which changes are pushed.
#[derive(Debug, Clone, Copy)]
pub enum Pushed {
    Latest(u64),
    /// Those that are live, and the one by which the last stage stands.
    All,
}

/// In what the next version of the plan differs.
#[derive(Debug, Clone, Copy)]
pub enum Amended {
    Document,
    /// Ratifications have another time.
    Spans,
    /// A stage that may stand has another name.
    Renamed,
    /// A gate that is on goes off in the last stage.
    Falling,
    /// The second stage has a gate on before.
    Earlier,
}

impl Act {
    /// The calls of the next block, so many milliseconds later.
    pub fn calls(&self, network: &Governed, gap_ms: u64) -> Vec<(SecretKey, Call)> {
        let state = network.state();
        let of = |back: &u64, call: &dyn Fn(ChangeId) -> (SecretKey, Call)| network.change(*back).map(call);
        let by = |index: &u8| person(*index);
        let one = match self {
            Act::Submit { wanted, by, ticket } => {
                wanted.draft(&state, *ticket).map(|change| (person(*by), submit(change)))
            }
            Act::Push { what, choice } => return push(network, gap_ms, *what, *choice),
            Act::Say { key, back, by: index, outcome } => {
                let acting = if *key == "ticket" { "commander" } else { "sre" };
                of(back, &|id| (by(index), states(acting, key, StatementSubject::Change(id), *outcome)))
            }
            Act::Alert { by: index, outcome } => {
                let about = StatementSubject::Scope(Path::ROOT);
                Some((by(index), states("sre", crate::governed::plan::ALERT, about, *outcome)))
            }
            Act::Waive { key, back, by: index } => {
                let until = network.next_moment(gap_ms).time.plus(24 * 60 * MINUTE);
                of(back, &|id| (by(index), waive(key, id, until)))
            }
            Act::Vote { back, by: index, choice } => {
                let poll = governance::queries::latest(&state).minus(*back);
                Some((by(index), ballot(poll, *choice)))
            }
            Act::Execute { back, by: index } => of(back, &|id| (by(index), execute(id, proof(network, gap_ms, id)))),
            Act::Close { back, by: index } => of(back, &|id| (by(index), close(id))),
            Act::Withdraw { back, by: index } => of(back, &|id| (by(index), withdraw(id))),
            Act::Announce { back, notice, length } => {
                let from = network.next_moment(gap_ms).time.plus(notice * MINUTE);
                of(back, &|id| (by(&COMMANDER), announce(id, from, from.plus(length * MINUTE))))
            }
            Act::Abort { back, votes } => {
                let motion = network.change(*back).map(abort);
                return motion.map(|motion| proposed(network, gap_ms, motion, *votes)).unwrap_or_default();
            }
            Act::Stop { back, votes } => {
                let id = governance::queries::latest(&state).minus(*back);
                return proposed(network, gap_ms, cancel(id.0), *votes);
            }
            Act::Amend { how, votes } => return proposed(network, gap_ms, how.motion(&state), *votes),
            Act::Seat { people, votes } => return proposed(network, gap_ms, give("council", people), *votes),
            Act::ProposeRoutine(index) => {
                Some((validator(*index), propose_on(TrackName::Routine, Amended::Document.motion(&state))))
            }
            Act::Resign { role, by: index } => Some((by(index), resign(role_key(role)))),
            Act::Appoint { who } => {
                Some((by(&COMMANDER), appoint(role_key("sre"), name("commander"), crate::governed::seat(*who))))
            }
            Act::Dismiss { who } => {
                Some((by(&COMMANDER), dismiss(role_key("sre"), name("commander"), person(*who).account())))
            }
            Act::Advertise => return advertisements(),
        };
        one.into_iter().collect()
    }
}

/// A motion that the first validator proposes on the expedited track, and so many validators vote for.
fn proposed(network: &Governed, gap_ms: u64, motion: Motion, votes: u8) -> Vec<(SecretKey, Call)> {
    stake_proposes(network.next_proposal(gap_ms), 0, motion, 0..votes)
}

/// What shows that the sealer of a change is alive; of one that names none nothing.
fn proof(network: &Governed, gap_ms: u64, id: ChangeId) -> Option<runtime::Certificate> {
    let change = ::rollouts::queries::change(&network.state(), id)?;
    change.asked.sealer?;
    Some(presence(network, network.next_moment(gap_ms).epoch))
}

fn push(network: &Governed, gap_ms: u64, what: Pushed, choice: Choice) -> Vec<(SecretKey, Call)> {
    let (state, plan) = (network.state(), name(PLAN));
    let ids: Vec<ChangeId> = match what {
        Pushed::Latest(back) => network.change(back).into_iter().collect(),
        Pushed::All => {
            let standing = ::rollouts::queries::standing(&state, &plan).map(|(_, standing)| standing.change);
            let live: Vec<ChangeId> = ::rollouts::queries::live(&state, &plan).collect();
            // Of many the latest are pushed.
            let mut ids: Vec<ChangeId> = live.into_iter().rev().take(6).collect();
            ids.extend(standing.filter(|id| id.0 > 0 && !ids.contains(id)));
            ids
        }
    };
    let at = network.next_moment(gap_ms);
    let acts = |id: &ChangeId| {
        let next = ::rollouts::queries::next_acts(&state, at, *id);
        next.iter().flat_map(|act| done(network, gap_ms, *id, act, choice)).collect::<Vec<_>>()
    };
    ids.iter().flat_map(acts).collect()
}

/// What whoever can does about a change next.
fn done(network: &Governed, gap_ms: u64, id: ChangeId, act: &NextAct, choice: Choice) -> Vec<(SecretKey, Call)> {
    let state = network.state();
    let commander = |call: Call| vec![(person(COMMANDER), call)];
    match (act.what, &act.key) {
        (NextActKind::State, Some(key)) => said(network, id, act, key),
        (NextActKind::Vote, key) => {
            let progress = ::rollouts::queries::progress(&state, id);
            let poll = progress.and_then(|progress| poll_of(&progress, key.as_ref()));
            poll.map(|poll| voted(network, act, poll, choice)).unwrap_or_default()
        }
        (NextActKind::Announce, _) => {
            let from = network.next_moment(gap_ms).time.plus(31 * MINUTE);
            commander(announce(id, from, from.plus(210 * MINUTE)))
        }
        (NextActKind::Execute, _) => commander(execute(id, proof(network, gap_ms, id))),
        (NextActKind::Step, Some(step)) => commander(take_step(id, step)),
        (NextActKind::Close, _) => commander(close(id)),
        (NextActKind::State | NextActKind::Step, None) => Vec::new(),
    }
}

/// The first member of the role that owns a check says that it passed. What cannot be said, such as that nothing is forbidden, is refused.
fn said(network: &Governed, id: ChangeId, act: &NextAct, key: &Name) -> Vec<(SecretKey, Call)> {
    let Some(role) = act.roles.first() else { return Vec::new() };
    let (about, passed) = (StatementSubject::Change(id), StatementOutcome::Passed);
    let speaker = network.members(role).into_iter().next();
    speaker.map(|speaker| (speaker, states(role.as_str(), key.as_str(), about, passed))).into_iter().collect()
}

fn poll_of(progress: &ChangeProgress, key: Option<&Name>) -> Option<ProposalId> {
    let of_duty = || progress.duty(key?)?.poll;
    if progress.state.waits() { progress.poll } else { of_duty() }
}

/// Where nobody is named the stake votes.
fn voted(network: &Governed, act: &NextAct, poll: ProposalId, choice: Choice) -> Vec<(SecretKey, Call)> {
    match act.roles.first() {
        Some(role) => network.members(role).into_iter().map(|member| (member, ballot(poll, choice))).collect(),
        None => stake_votes(poll, 0..VALIDATORS, choice),
    }
}

impl Wanted {
    /// The change as it would be asked for now; none where there is nothing of that kind to ask for.
    pub fn draft(self, state: &State, has_ticket: bool) -> Option<ChangeDraft> {
        let sealer = match self {
            Wanted::Seal(index) => Some(validator(index).account()),
            _ => None,
        };
        let request = self.request(state)?;
        Some(ChangeDraft { sealer, ..draft(state, request, has_ticket) })
    }

    fn request(self, state: &State) -> Option<ChangeRequest> {
        let plan = ::rollouts::plans::current(state, &name(PLAN)).ok()?;
        let set = |effects: Vec<Effect>| ChangeRequest::Set { effects: List::truncate_from(effects) };
        Some(match self {
            Wanted::Promote => {
                let standing = plan.last_standing(state).map(|(stage, _)| stage);
                promote(plan.successor(standing.as_ref())?)
            }
            Wanted::PromoteTo(place) => promote(plan.kept.stages.get(place)?),
            Wanted::Demote(place) => ChangeRequest::Demote { to: plan.kept.stages.get(place)?.clone() },
            Wanted::Turn(gate, on) => set(vec![turns(state, gate, on)]),
            Wanted::Limit(gate) => {
                let when = Rule::from(List::truncate_from(vec![RuleNode::Segment(name(COHORT))]));
                let cases = list([Arm { when, serve: Serve::Variant(0) }]);
                let targeting = Targeting { cases, otherwise: Serve::Variant(1) };
                set(vec![moves(state, &gate_key(gate), EffectTo::Setting(targeting))])
            }
            Wanted::Cohort(index, comes) => set(vec![cohort(state, index, comes)]),
            Wanted::Enable => set(disabled(state).iter().map(|key| moves(state, key, EffectTo::Enabled)).collect()),
            Wanted::Seal(_) => set(vec![turns(state, Gate::MalachiteConsensus, false)]),
            Wanted::Disable(gate) => disable(gate),
            Wanted::Pause => pause(),
        })
    }
}

/// The gates that are disabled.
pub fn disabled(state: &State) -> Vec<Name> {
    let keys = Gate::ALL.iter().map(|gate| gate_key(*gate));
    keys.filter(|key| side(state, key).disabled).collect()
}

fn cohort(state: &State, index: u8, comes: bool) -> Effect {
    let members = flags::queries::segment(state, &name(PLAN), &name(COHORT)).unwrap_or_default();
    let who: Vec<Text<64>> = vec![text(&validator(index).account().to_string())];
    let (add, remove) = if comes { (who, Vec::new()) } else { (Vec::new(), who) };
    let was = digest_of_members(&members);
    Effect::Segment { name: name(COHORT), add: list(add), remove: list(remove), was }
}

impl Amended {
    /// The motion that puts the next version into force.
    pub fn motion(self, state: &State) -> Motion {
        Motion::Rollouts(::rollouts::Motion::Install(Box::new(self.installation(state))))
    }

    /// The next version.
    pub fn installation(self, state: &State) -> Installation {
        let before = ::rollouts::plans::current(state, &name(PLAN)).unwrap();
        Installation {
            plan: self.plan(&before.whole(state)),
            document: Some(reason_to_amend()),
            stage: None,
            members: list([]),
            segments: list([]),
            moves: list([]),
        }
    }

    fn plan(self, before: &Plan) -> Plan {
        let mut plan = Plan { version: before.version + 1, ..before.clone() };
        match self {
            Amended::Document => plan.document.version = text(&format!("1.{}", plan.version)),
            Amended::Spans => {
                let emergencies = [ChangeKind::Disable, ChangeKind::Freeze];
                let of_these = plan.procedures.iter_mut().filter(|procedure| emergencies.contains(&procedure.of));
                of_these.for_each(|procedure| procedure.close[0].within = Some(Span::hours(4)));
            }
            Amended::Renamed => plan.stages[0].name = name("begin"),
            Amended::Falling => set_value(&mut plan, 2, Gate::Pruning, "off"),
            Amended::Earlier => set_value(&mut plan, 1, Gate::WitnessNetwork, "on"),
        }
        // Another text is another bundle.
        if matches!(self, Amended::Earlier) {
            plan.bundle = Digest([BUNDLE.0[0].wrapping_add(u8::try_from(plan.version % 200).unwrap()); 32]);
        }
        plan
    }
}

fn set_value(plan: &mut Plan, stage: usize, gate: Gate, variant: &str) {
    let value = plan.stages[stage].values.iter_mut().find(|(key, _)| *key == gate_key(gate));
    value.expect("every stage says it").1 = name(variant);
}
