//! An application under its own plan, beside a network that governs itself: who has the roles of it, what meets its checks, and what its
//! flags serve. The plan is read from `config/profiles` and is exactly as it is there.
#![allow(dead_code, reason = "each story uses a part of it")]

mod holder;
mod said;

pub use holder::Holder;

use crate::founding::Founding;
use crate::network::{HOUR, Network, name};
use crate::people::{Asked, text};
use accounts::Endowment;
use artifacts::{ArtifactStanding, RegisteredArtifact};
use cases::CaseKind;
use flags::{EvaluationContext, Targeting};
use primitives::{Amount, CaseId, ChangeId, Digest, List, Name, Path, Reason, ReleaseClass, Text, Timestamp};
use profiles::Loaded;
use roles::Seat;
use rollouts::change::{ChangeDraft, ChangeRequest, Effect, EffectTo, FlagSide};
use rollouts::install::{Installation, RoleSeats};
use rollouts::plan::{ChangeKind, Nature, PhaseState, Plan};
use rollouts::queries;
use runtime::{Call, Error, Event};
use std::ops::{Deref, DerefMut};

/// What every ticket is called whose form ends with a number.
const TICKET_NUMBER: &str = "41";

/// A path of an application, such as `PROD/t1`.
pub fn path(text: &str) -> Path {
    text.parse().unwrap()
}

/// A network at testnet, and the application beside it.
pub struct Application {
    network: Network,
    /// The plan of the application.
    pub plan: &'static Plan,
    holders: Vec<Holder>,
}

impl Deref for Application {
    type Target = Network;
    fn deref(&self) -> &Network {
        &self.network
    }
}

impl DerefMut for Application {
    fn deref_mut(&mut self) -> &mut Network {
        &mut self.network
    }
}

/// How it begins, and what is asked of it.
impl Application {
    /// The first of those who have its roles installs it, with all of them as members.
    pub fn new(loaded: &'static Loaded, holders: Vec<Holder>) -> Self {
        let mut genesis = Founding::at("testnet").genesis();
        let endow = |holder: &Holder| Endowment { account: holder.account(), balance: Amount(50_000_000) };
        genesis.accounts.balances.extend(holders.iter().map(endow));
        let mut network = Network::new(genesis);
        let installation = Box::new(Installation {
            plan: loaded.plan.clone(),
            document: None,
            stage: None,
            members: members(&holders),
            segments: List::new(),
            moves: List::new(),
        });
        network.granted((holders[0].key.clone(), Call::Rollouts(rollouts::Call::Install { installation })));
        Self { network, plan: &loaded.plan, holders }
    }

    /// The first who has a role.
    pub fn holder(&self, role: &str) -> Holder {
        self.holders.iter().find(|holder| holder.acting.as_str() == role).unwrap().clone()
    }

    /// Where a call of somebody stands that asks for something, under the plan as it is.
    pub fn draft(&self, request: ChangeRequest) -> ChangeDraft {
        ChangeDraft {
            version: 1,
            bundle: self.plan.bundle,
            request,
            class: ReleaseClass::Minor,
            nature: Nature::Feature,
            phase: None,
            sealer: None,
            ticket: None,
            reason: Reason::new("it is time").unwrap(),
            milestone: None,
            impact: Text::default(),
            features: List::new(),
        }
    }

    /// To promote an artifact, with the ticket that the stage asks for.
    pub fn promotes(&self, to: &str, artifact: Digest) -> ChangeDraft {
        let registered = artifacts::queries::artifact(&self.state(), &self.plan.name, &artifact);
        let ticket = self.plan.stage(&name(to)).and_then(|stage| stage.ticket.as_ref());
        ChangeDraft {
            phase: registered.and_then(|registered| registered.artifact.phase),
            ticket: ticket.map(|form| name(&form.as_str().replace("{n}", TICKET_NUMBER))),
            ..self.draft(ChangeRequest::Promote { to: name(to), artifact: Some(artifact) })
        }
    }

    /// To have flags serve something.
    pub fn sets(&self, effects: Vec<Effect>) -> ChangeDraft {
        self.draft(ChangeRequest::Set { effects: List::truncate_from(effects) })
    }

    /// To disable a flag at a path, to contain something.
    pub fn contains(&self, flag: &str, at: &str) -> ChangeDraft {
        let (flags, cause) = (List::truncate_from(vec![name(flag)]), name("CONTAINMENT"));
        self.draft(ChangeRequest::Disable { flags, scope: path(at), cause })
    }

    /// To go back in a stage, because somebody says so.
    pub fn rolls_back(&self, stage: &str) -> ChangeDraft {
        let (trigger, source) = (name("manual"), name("telemetry"));
        self.draft(ChangeRequest::Rollback { stage: name(stage), trigger, source })
    }

    /// To stop changes at a path.
    pub fn pauses(&self, at: Path) -> ChangeDraft {
        self.draft(ChangeRequest::Freeze { scope: at, announcement: text("we count the tills") })
    }

    /// To move a phase on.
    pub fn moves_on(&self, phase: &str, to: PhaseState) -> ChangeDraft {
        self.draft(ChangeRequest::Phase { phase: name(phase), to })
    }

    /// The effect that has a flag serve a variant at a path, written against what stands there.
    pub fn serving(&self, flag: &str, at: Path, variant: &str) -> Effect {
        let place = self.plan.flag(&name(flag)).unwrap().place_of(&name(variant)).unwrap();
        self.moving(flag, at, EffectTo::Setting(Targeting::constant(place)))
    }

    /// The effect that lifts a disabling at exactly that path, written against what stands there.
    pub fn enabling_at(&self, flag: &str, at: &str) -> Effect {
        self.moving(flag, path(at), EffectTo::Enabled)
    }

    /// The effect that does something to a flag at a path, written against what stands there.
    pub fn moving(&self, flag: &str, at: Path, to: EffectTo) -> Effect {
        let (state, plan, flag) = (self.state(), &self.plan.name, name(flag));
        let side = FlagSide {
            targeting: flags::queries::setting(&state, plan, &flag, &at).map(|setting| setting.targeting),
            disabled: flags::queries::disabled(&state, plan, &flag, &at).is_some(),
        };
        Effect::Flag { flag, path: at, to, was: side.digest() }
    }
}

/// What is asked, in a block of its own: so that a call can be written from what stands.
impl Application {
    /// The number of a change that is submitted.
    pub fn submitted(&mut self, asked: Asked) -> ChangeId {
        self.network.submitted(asked)
    }

    /// A call that has to be granted.
    pub fn granted(&mut self, asked: Asked) -> Event {
        self.network.granted(asked)
    }

    /// A call that has to be refused, with that code.
    pub fn refused(&mut self, asked: Asked, expected: &str) -> Error {
        self.network.refused(asked, expected)
    }

    /// Empty blocks up to an hour before a moment, and up to the moment.
    pub fn reach(&mut self, moment: Timestamp) {
        self.network.wait_until(moment.minus(HOUR));
        self.network.wait_until(moment);
    }
}

/// Who has which role, with the places of each.
fn members(holders: &[Holder]) -> List<RoleSeats, 16> {
    let mut members: Vec<(Name, Vec<Seat>)> = Vec::new();
    for holder in holders {
        let seat = Seat { account: holder.account(), scopes: List::truncate_from(vec![holder.scope.clone()]) };
        match members.iter_mut().find(|(role, _)| *role == holder.acting) {
            Some((_, seats)) => seats.push(seat),
            None => members.push((holder.acting.clone(), vec![seat])),
        }
    }
    let of_role = |(role, seats)| RoleSeats { role, seats: List::truncate_from(seats) };
    List::truncate_from(members.into_iter().map(of_role).collect())
}

/// What stands of it.
impl Application {
    /// What a flag serves everybody at a path.
    pub fn served(&self, flag: &str, at: &str) -> String {
        let key = name(flag);
        let context = EvaluationContext::default();
        let found = flags::queries::resolution(&self.state(), &self.plan.name, &key, &path(at), &context).unwrap();
        self.plan.flag(&key).unwrap().variant(found.variant).unwrap().name.to_string()
    }

    /// What is known of an artifact.
    pub fn artifact(&self, digest: Digest) -> RegisteredArtifact {
        artifacts::queries::artifact(&self.state(), &self.plan.name, &digest).unwrap()
    }

    /// What an artifact is taken for.
    pub fn taken_for(&self, digest: Digest) -> ArtifactStanding {
        self.artifact(digest).standing
    }

    /// What stands in a stage.
    pub fn stands_in(&self, stage: &str) -> Option<Digest> {
        artifacts::queries::standing_in(&self.state(), &self.plan.name, &name(stage))
    }

    /// The incidents that are open, in the order in which they came.
    pub fn incidents(&self) -> Vec<CaseId> {
        cases::queries::open(&self.state(), &self.plan.name, CaseKind::Incident).collect()
    }

    /// The risks that are open, in the order in which they came.
    pub fn risks(&self) -> Vec<CaseId> {
        cases::queries::open(&self.state(), &self.plan.name, CaseKind::Risk).collect()
    }

    /// The latest change of a kind that lives.
    pub fn live(&self, kind: ChangeKind) -> Option<ChangeId> {
        let state = self.state();
        let is_of = |id: &ChangeId| queries::change(&state, *id).is_some_and(|change| change.kind() == kind);
        queries::live(&state, &self.plan.name).filter(is_of).last()
    }

    /// What is wrong with the list of a change, by the codes of what is not met.
    pub fn codes(&self, change: ChangeId) -> Vec<String> {
        self.list(change).unmet().map(|finding| finding.code.to_string()).collect()
    }
}
