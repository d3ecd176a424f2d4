//! What every pallet's words answer to: the faces by which a runtime composes pallets without knowing them.

use crate::State;
use primitives::{
    AccountId, AlertSeverity, Amount, AuditActivity, EntityActivity, Epoch, FactMarks, Mandate, Moment, RecordClass,
    Subject, TrackName,
};

/// A call: what an account asks for.
pub trait Decide {
    /// What a granted call brings.
    type Event;
    /// Why one is refused.
    type Error;

    /// Judges the call of `who`; reads everything, writes nothing.
    ///
    /// # Errors
    /// Why it is refused.
    fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Self::Event, Self::Error>;

    /// How many signatures judging it may verify. They are counted against the block's limit before one of them is.
    fn signatures(&self) -> u32 {
        0
    }

    /// How many rows of state a verdict that it asks may read, or a register that is gone through because of it, as state is: reckoned before
    /// anything is judged, paid for with the fee, and counted against the block's limit. It may be too much and never too little
    /// (ROLLOUTS 3.4).
    fn reads(&self, _state: &State) -> u32 {
        0
    }

    /// The most free tokens that it takes from its sender when it is granted, beside the fee. What may wait for a block behind
    /// it is reckoned from this, so it may be too much and never too little.
    fn most_spent(&self, state: &State) -> Amount;
}

/// A motion: what only governance can do.
pub trait Enact {
    /// What it brings.
    type Event;
    /// Why it cannot be proposed, or is not carried out in the end.
    type Error;

    /// Whether it may be put to the vote `at` a moment, to be carried out at `activation`. Refused here, nothing of it is
    /// stored.
    ///
    /// # Errors
    /// Why it may not.
    fn admit(&self, state: &State, at: Moment, activation: Epoch) -> Result<(), Self::Error>;

    /// Whether an account may say yes to it `at` a moment. It is asked of what the chain itself has put to the vote, before a yes
    /// counts; a no or an abstention always does.
    ///
    /// # Errors
    /// Why it may not.
    fn votable(&self, _state: &State, _at: Moment, _voter: AccountId) -> Result<(), Self::Error> {
        Ok(())
    }

    /// How many rows of state [`votable`](Self::votable) may read, as state is: whoever says yes pays for them.
    fn reads(&self, _state: &State) -> u32 {
        0
    }

    /// What it does, once it passed and its time has come. No signature is verified again: [`admit`](Self::admit) did.
    ///
    /// # Errors
    /// Why it is not carried out after all.
    fn enact(&self, state: &State, at: Moment, mandate: &Mandate) -> Result<Self::Event, Self::Error>;

    /// The tracks it may be decided on, by what it would do to this state, the lowest bar first. They are asked for when it is
    /// proposed and again when it is due.
    fn tracks(&self, state: &State) -> &'static [TrackName];

    /// How many signatures [`admit`](Self::admit) may verify.
    fn signatures(&self) -> u32 {
        0
    }

    /// Its turn among the motions of one epoch; the smaller ones come first.
    fn order(&self) -> u8 {
        0
    }
}

/// An event: what happened.
pub trait Apply {
    /// Writes the effects; cannot refuse, and decides nothing.
    fn apply(&self, state: &mut State, at: Moment);
}

/// A word of a pallet, as people read it. No line of it names a command: what to do is for whoever shows it to say.
pub trait Told {
    /// What it says, in the third person and with amounts grouped, without a full stop. Of a call the predicate of its sender,
    /// such as `sends 5 tokens to ..`; of a motion what it asks, such as `to revoke ..`; of an event or a refusal a clause of its
    /// own.
    fn sentence(&self) -> String;

    /// Its pallet and its name, such as `releases.rebuilt`; of every refusal, its pallet and `refused`.
    fn kind(&self) -> &'static str;

    /// What it concerns, beside whoever asked.
    fn about(&self) -> Vec<Subject>;
}

/// An event, as the audit log has it. It says all of this by itself, so that nobody who writes to the chain has it count for less (REQ-139,
/// REQ-152).
pub trait AuditedEvent {
    /// How bad it is that this happened. Critical is what switched something off or took it back, what a vote was owed for and did not come,
    /// a proven offence, and whoever tried to have something count for less. The least that each can be was written down before
    /// (`tests/golden/severity.txt`), and nothing makes it less.
    fn severity(&self) -> AlertSeverity {
        AlertSeverity::Info
    }

    /// Whether somebody would have had it count for less than it does.
    fn is_downgrade(&self) -> bool {
        false
    }

    /// What it is a record of, by which a plan says for how long it is kept (REQ-156).
    fn record_class(&self) -> RecordClass {
        RecordClass::Audit
    }

    /// What it did, and to what (REQ-154).
    fn activity(&self) -> AuditActivity {
        AuditActivity::Entity(EntityActivity::Other)
    }

    /// Where, in which role and how it was done, as far as it says so (REQ-148).
    fn marks(&self) -> FactMarks {
        FactMarks::default()
    }
}

/// A refusal, as the audit log has it. Each is a record of security.
pub trait AuditedRefusal {
    /// The refusal of another pallet that this one only carries, which says all of the following in its place.
    fn within(&self) -> Option<&dyn AuditedRefusal> {
        None
    }

    /// How bad it is that this was asked for. Critical is a rollback or a phase that somebody with a role asked for, a warning what was
    /// refused to somebody who has a role, or because something stands still. All else is for information, whatever strangers are refused:
    /// they page nobody.
    fn severity(&self) -> AlertSeverity {
        AlertSeverity::Info
    }

    /// The name by which tools know it; it never changes (ROLLOUTS 16). Those that were there before such names have none.
    fn code(&self) -> Option<&'static str> {
        None
    }

    /// Where, in which role and how it was asked for, as far as it says so (REQ-148); all but its code.
    fn marks(&self) -> FactMarks {
        FactMarks::default()
    }
}
