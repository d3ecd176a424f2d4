//! Who answers for a call, a motion, an event or an error: the pallet that it belongs to, and beside it those right of that pallet which it
//! means something to. No pallet knows of those right of it, so they are asked and told here.

use crate::compose::forward;
use crate::{Call, Error, Event, Motion};
use primitives::{AccountId, Amount, Epoch, Mandate, Moment, Subject, TrackName};
use state::{Apply, AuditedEvent, AuditedRefusal, Decide, Enact, State, Told};

impl Decide for Call {
    type Event = Event;
    type Error = Error;

    fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event, Error> {
        // Plans stand right of votes, and one that enters a stage for which this network stands still has new ones wait (ROLLOUTS 7.6).
        if let Call::Governance(governance::Call::Propose { motion, track, .. }) = self
            && !motion.is_never_frozen()
        {
            rollouts::queries::require_thawed(state, at, *track)?;
        }
        let event = forward!(self, Call, call => Event::of(call.decide(state, at, who)?));
        // What contains an incident is a change of its plan that reaches it, and changes stand right of cases (ROLLOUTS 8). Whether
        // whoever says so may is asked first.
        if let Call::Cases(cases::Call::Respond { plan, case, containments, .. }) = self {
            rollouts::queries::require_containment(state, plan, *case, containments)?;
        }
        // And what it stands for is a duty of a change of that plan: nobody speaks for what another plan owes.
        if let Call::Cases(cases::Call::Detect { plan, duty: Some(duty), .. }) = self {
            rollouts::queries::require_duty(state, plan, duty)?;
        }
        Ok(event)
    }

    fn signatures(&self) -> u32 {
        forward!(self, Call, call => call.signatures())
    }

    fn reads(&self, state: &State) -> u32 {
        forward!(self, Call, call => call.reads(state))
    }

    fn most_spent(&self, state: &State) -> Amount {
        forward!(self, Call, call => call.most_spent(state))
    }
}

impl Enact for Motion {
    type Event = Event;
    type Error = Error;

    fn admit(&self, state: &State, at: Moment, activation: Epoch) -> Result<(), Error> {
        forward!(self, Motion, motion => Ok(motion.admit(state, at, activation)?))
    }

    fn votable(&self, state: &State, at: Moment, voter: AccountId) -> Result<(), Error> {
        forward!(self, Motion, motion => Ok(motion.votable(state, at, voter)?))
    }

    fn enact(&self, state: &State, at: Moment, mandate: &Mandate) -> Result<Event, Error> {
        Ok(forward!(self, Motion, motion => Event::of(motion.enact(state, at, mandate)?)))
    }

    fn tracks(&self, state: &State) -> &'static [TrackName] {
        forward!(self, Motion, motion => motion.tracks(state))
    }

    fn signatures(&self) -> u32 {
        forward!(self, Motion, motion => motion.signatures())
    }

    fn reads(&self, state: &State) -> u32 {
        forward!(self, Motion, motion => motion.reads(state))
    }

    fn order(&self) -> u8 {
        forward!(self, Motion, motion => motion.order())
    }
}

impl Apply for Event {
    fn apply(&self, state: &mut State, at: Moment) {
        forward!(self, Event, event => event.apply(state, at));
        match self {
            // What was collected for a bond is forgotten with it, and stake stands left of rewards.
            Event::Staking(staking::Event::Forgotten { who, validator, .. }) => {
                rewards::apply::forgotten(state, who, validator);
            }
            // Who went has no vote any more, and roles stand left of those who count, and of those who wait for somebody to vote.
            Event::Roles(event) => {
                governance::apply::recount(state, at, event.key());
                rollouts::apply::members_changed(state, event.key());
            }
            // A change is told of its poll, because votes stand left of changes.
            Event::Governance(governance::Event::Opened { proposal, .. }) => {
                if let Motion::Rollouts(motion) = &proposal.motion {
                    rollouts::apply::opened(state, motion, proposal.id);
                }
            }
            // A later version is told that its poll has done what it decided, behind that: which of several it was, no installation says.
            Event::Governance(governance::Event::Activated { proposal_id }) => {
                rollouts::apply::carried_out(state, *proposal_id);
            }
            // What an incident stands for is judged again, because incidents stand left of changes too.
            Event::Cases(cases::Event::Detected { plan, duty: Some(duty), .. }) => {
                rollouts::apply::incident_stands(state, at, plan, duty.change);
            }
            _ => {}
        }
    }
}

impl Call {
    /// How it is spoken of.
    pub fn told(&self) -> &dyn Told {
        forward!(self, Call, call => call)
    }
}

impl Event {
    /// How it is spoken of.
    pub fn told(&self) -> &dyn Told {
        forward!(self, Event, event => event)
    }

    /// How the audit log has it.
    pub(crate) fn audited(&self) -> &dyn AuditedEvent {
        forward!(self, Event, event => event)
    }
}

impl Error {
    /// How it is spoken of.
    pub fn told(&self) -> &dyn Told {
        forward!(self, Error, error => error)
    }

    /// How the audit log has it: of one that only carries another, as that one.
    pub(crate) fn audited(&self) -> &dyn AuditedRefusal {
        let mut refusal: &dyn AuditedRefusal = forward!(self, Error, error => error);
        while let Some(within) = refusal.within() {
            refusal = within;
        }
        refusal
    }
}

impl Told for Motion {
    fn sentence(&self) -> String {
        forward!(self, Motion, motion => motion.sentence())
    }

    fn kind(&self) -> &'static str {
        forward!(self, Motion, motion => motion.kind())
    }

    fn about(&self) -> Vec<Subject> {
        forward!(self, Motion, motion => motion.about())
    }
}
