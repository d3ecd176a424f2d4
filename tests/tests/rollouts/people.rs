//! Who acts in the stories, each with a key of its own, and what each asks for.
#![allow(dead_code, reason = "each story uses a part of it")]

use crate::network::{PLAN, chain_plan, name};
use governance::Choice;
use primitives::{
    AccountId, ChangeId, Digest, List, Name, Path, ProposalId, Reason, ReleaseClass, SecretKey, Text, Timestamp,
};
use rollouts::change::{ChangeDraft, ChangeRequest, Effect};
use rollouts::check::Ask;
use rollouts::plan::Nature;
use rollouts::statement::{Statement, StatementOutcome, StatementSubject};
use runtime::Call;
use runtime::testing::{validator, vote};

/// A call, and the key of the account that asks for it.
pub type Asked = (SecretKey, Call);

/// Somebody who acts in a role of the plan, or speaks for its own node in a segment.
#[derive(Clone)]
pub struct Person {
    /// What it signs with.
    pub key: SecretKey,
    /// The role, or the segment.
    pub acting: Name,
}

/// A person of a role, whose key is made from a byte that no validator, signer or holder of the small network has.
fn person(seed: u8, role: &str) -> Person {
    Person { key: SecretKey::from_seed(&[seed; 32]), acting: name(role) }
}

/// The one release commander.
pub fn commander() -> Person {
    person(51, "release_commander")
}

/// The one SRE lead.
pub fn sre_lead() -> Person {
    person(52, "sre_lead")
}

/// The one security steward.
pub fn steward() -> Person {
    person(53, "security_steward")
}

/// A member of the council, from 0.
pub fn member(index: u8) -> Person {
    person(index.wrapping_add(61), "governance_council")
}

/// Somebody who has tokens and no role, from 0; acts as a commander all the same.
pub fn stranger(index: u8) -> Person {
    person(index.wrapping_add(81), "release_commander")
}

/// Validator `index` as one of those who could be elected.
pub fn node(index: u8) -> Person {
    node_of("validators", index)
}

/// Validator `index` as a member of a segment.
pub fn node_of(segment: &str, index: u8) -> Person {
    Person { key: validator(index), acting: name(segment) }
}

impl Person {
    /// Its account.
    pub fn account(&self) -> AccountId {
        self.key.account()
    }

    /// The same person in another role.
    pub fn acting_as(&self, role: &str) -> Self {
        Self { acting: name(role), ..self.clone() }
    }

    /// Asks for a change.
    pub fn submits(&self, change: ChangeDraft) -> Asked {
        self.calls(|plan, acting| rollouts::Call::Submit { plan, acting, change: Box::new(change) })
    }

    /// Takes a change back.
    pub fn withdraws(&self, change: ChangeId) -> Asked {
        self.calls(|plan, acting| rollouts::Call::Withdraw { plan, acting, change })
    }

    /// Announces the window of a change: from the first moment on, and before the second.
    pub fn announces(&self, change: ChangeId, from: Timestamp, until: Timestamp) -> Asked {
        let text = text("it is carried out then");
        self.calls(|plan, acting| rollouts::Call::Announce { plan, acting, change, from, until, text })
    }

    /// Carries a change out that names no sealer.
    pub fn executes(&self, change: ChangeId) -> Asked {
        self.calls(|plan, acting| rollouts::Call::Execute { plan, acting, change, sealer_proof: None })
    }

    /// Carries a change out that names a sealer, with the certificate that shows that this one is alive.
    pub fn executes_with(&self, change: ChangeId, proof: runtime::Certificate) -> Asked {
        let sealer_proof = Some(Box::new(proof));
        self.calls(|plan, acting| rollouts::Call::Execute { plan, acting, change, sealer_proof })
    }

    /// Takes a step of the stage that stands by a change.
    pub fn steps(&self, change: ChangeId, step: &str) -> Asked {
        self.calls(|plan, acting| rollouts::Call::Step { plan, acting, change, step: name(step) })
    }

    /// Closes a change.
    pub fn closes(&self, change: ChangeId) -> Asked {
        self.calls(|plan, acting| rollouts::Call::Close { plan, acting, change })
    }

    /// States something.
    pub fn states(&self, statement: Statement) -> Asked {
        self.calls(|plan, acting| rollouts::Call::State { plan, acting, statement: Box::new(statement) })
    }

    /// Votes in a poll, with a reason.
    pub fn votes(&self, poll: ProposalId, choice: Choice) -> Asked {
        (self.key.clone(), vote(poll.0, choice, Some("read it")))
    }

    /// Votes in a poll, and does not say why.
    pub fn votes_without_a_word(&self, poll: ProposalId, choice: Choice) -> Asked {
        (self.key.clone(), vote(poll.0, choice, None))
    }

    /// A call about the plan, in the role.
    fn calls(&self, call: impl FnOnce(Name, Name) -> rollouts::Call) -> Asked {
        (self.key.clone(), Call::Rollouts(call(name(PLAN), self.acting.clone())))
    }
}

/// A text that fits.
pub fn text<const MOST: u32>(text: &str) -> Text<MOST> {
    Text::new(text).unwrap()
}

/// A change of the first version of the plan.
pub fn draft(request: ChangeRequest) -> ChangeDraft {
    ChangeDraft {
        version: 1,
        bundle: chain_plan().plan.bundle,
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

/// To enter a stage, tested with a build.
pub fn promotes(to: &str, build: primitives::BuildHash) -> ChangeDraft {
    draft(ChangeRequest::Promote { to: name(to), artifact: Some(Digest(build.0)) })
}

/// To go back to a stage; with who decides blocks alone then, where that ends the quorum.
pub fn demotes(to: &str, sealer: Option<AccountId>) -> ChangeDraft {
    ChangeDraft { sealer, ..draft(ChangeRequest::Demote { to: name(to) }) }
}

/// To move what flags serve, and who is in segments.
pub fn sets(effects: Vec<Effect>) -> ChangeDraft {
    draft(ChangeRequest::Set { effects: List::truncate_from(effects) })
}

/// To disable flags everywhere, for a cause.
pub fn disables(flags: &[&str], cause: &str) -> ChangeDraft {
    let flags = List::truncate_from(flags.iter().map(|flag| name(flag)).collect());
    draft(ChangeRequest::Disable { flags, scope: Path::ROOT, cause: name(cause) })
}

/// To pause changes everywhere.
pub fn pauses() -> ChangeDraft {
    draft(ChangeRequest::Freeze { scope: Path::ROOT, announcement: text("we look into it") })
}

/// That a check is well, with the hash of a body of the type that the check asks for.
pub fn passed(key: &str, about: StatementSubject) -> Statement {
    let asked = chain_plan().plan.checks.iter().find(|check| check.key.as_str() == key).map(|check| &check.ask);
    let predicate = match asked {
        Some(Ask::Word { predicate: Some(predicate), .. }) => predicate.clone(),
        _ => Text::default(),
    };
    let digest = Some(Digest::blake3(key.as_bytes()));
    Statement { predicate, digest, ..Statement::new(name(key), about, StatementOutcome::Passed) }
}

/// That a check is not well, or under a signal that something was noticed.
pub fn failed(key: &str, about: StatementSubject) -> Statement {
    Statement::new(name(key), about, StatementOutcome::Failed)
}

/// That a check need not be met by a change, until a block time.
pub fn waived(key: &str, change: ChangeId, until: Timestamp) -> Statement {
    let (expires, reason) = (Some(until), text("known, and small"));
    let passed = passed(key, StatementSubject::Change(change));
    Statement { outcome: StatementOutcome::Waived, expires, reason, ..passed }
}
