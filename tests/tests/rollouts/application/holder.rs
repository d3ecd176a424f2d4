//! Those who have the roles of an application's plan, each with a key of its own and a place in which it may act, and what each asks for.

use super::path;
use crate::network::name;
use crate::people::{Asked, text};
use artifacts::ArtifactEntry;
use cases::{Containment, DutyOfChange, Recovery};
use flags::Flag;
use primitives::{
    AccountId, AlertSeverity, CaseId, ChangeId, Digest, List, Name, Reason, ScopePattern, SecretKey, Timestamp,
};
use rollouts::change::ChangeDraft;
use rollouts::statement::Statement;
use runtime::Call;
use tests::opened;

/// Somebody who has a role of an application's plan.
#[derive(Clone)]
pub struct Holder {
    /// What it signs with.
    pub key: SecretKey,
    plan: Name,
    /// The role.
    pub acting: Name,
    /// Where it may act.
    pub scope: ScopePattern,
}

impl Holder {
    /// Somebody with a key that is made from a byte, in a role, where that pattern covers.
    pub fn new(seed: u8, plan: &str, role: &str, scope: &str) -> Self {
        let key = SecretKey::from_seed(&[seed; 32]);
        Self { key, plan: name(plan), acting: name(role), scope: scope.parse().unwrap() }
    }

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

    /// Carries a change out.
    pub fn executes(&self, change: ChangeId) -> Asked {
        self.calls(|plan, acting| rollouts::Call::Execute { plan, acting, change, sealer_proof: None })
    }

    /// Takes a step of a stage.
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

    /// Registers an artifact.
    pub fn registers(&self, artifact: ArtifactEntry) -> Asked {
        let (plan, acting) = (self.plan.clone(), self.acting.clone());
        (self.key.clone(), Call::Artifacts(artifacts::Call::Register { plan, acting, artifact }))
    }

    /// Defines a flag.
    pub fn defines(&self, flag: Flag) -> Call {
        Call::Flags(flags::Call::Define { plan: self.plan.clone(), acting: self.acting.clone(), flag })
    }

    /// Opens an incident.
    pub fn detects(&self, at: &str) -> Asked {
        self.detects_for(at, None)
    }

    /// The same; it stands for a duty of a change, where one is named.
    pub fn detects_for(&self, at: &str, duty: Option<DutyOfChange>) -> Asked {
        let (observation, impact, path) = (text("it is seen"), text("some are reached"), path(at));
        self.of_cases(|plan, acting| cases::Call::Detect {
            plan,
            acting,
            path,
            observation,
            impact,
            report: None,
            duty,
        })
    }

    /// Says how bad an incident is.
    pub fn classifies(&self, case: CaseId, severity: AlertSeverity) -> Asked {
        self.of_cases(|plan, acting| cases::Call::Classify { plan, acting, case, severity, module: name("checkout") })
    }

    /// Says what contains an incident.
    pub fn responds(&self, case: CaseId, containment: Containment) -> Asked {
        let containments = List::truncate_from(vec![containment]);
        self.of_cases(|plan, acting| cases::Call::Respond { plan, acting, case, containments })
    }

    /// Says that an incident is over.
    pub fn resolves(&self, case: CaseId) -> Asked {
        let recovery = Box::new(Recovery {
            statement: text("the artifact before it runs"),
            root_cause: text("a query without its tenant"),
            verification: Digest::blake3(b"verified"),
            public_report: None,
            unfounded: false,
        });
        self.of_cases(|plan, acting| cases::Call::Resolve { plan, acting, case, recovery })
    }

    /// Enters a critical risk of its own role into the register.
    pub fn opens_risk(&self, at: &str) -> Asked {
        let (plan, acting) = (self.plan.as_str(), self.acting.as_str());
        (self.key.clone(), opened::risk(plan, acting, at, acting, "a till could sell twice"))
    }

    /// Says that a risk is lived with until a time.
    pub fn accepts(&self, case: CaseId, review: Timestamp) -> Asked {
        let reason = Reason::new("it is small, and looked at again").unwrap();
        self.of_cases(|plan, acting| cases::Call::Accept { plan, acting, case, review, reason })
    }

    fn calls(&self, call: impl FnOnce(Name, Name) -> rollouts::Call) -> Asked {
        (self.key.clone(), Call::Rollouts(call(self.plan.clone(), self.acting.clone())))
    }

    fn of_cases(&self, call: impl FnOnce(Name, Name) -> cases::Call) -> Asked {
        (self.key.clone(), Call::Cases(call(self.plan.clone(), self.acting.clone())))
    }
}
