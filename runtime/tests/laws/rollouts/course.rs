//! Where one change stands by what facts told of it, without asking any rule.

use ::rollouts::change::{ChangeRequest, ChangeState, DutyState, EndedWhy, Execution, OwedDuty, SubmittedChange};
use ::rollouts::deadline::ChangeDeadline;
use ::rollouts::plan::Missed;
use primitives::{ChangeId, Epoch, Moment, Name, ProposalId, Timestamp};

/// A change, as far as it has come.
#[derive(Debug, Clone)]
pub struct Course {
    pub change: SubmittedChange,
    pub state: ChangeState,
    pub expires: Option<ChangeDeadline>,
    /// The poll that approved it, and when.
    pub approved: Option<(ProposalId, Moment)>,
    pub not_before: Option<Epoch>,
    /// The window that was announced last.
    pub window: Option<(Timestamp, Timestamp)>,
    pub executed: Option<Moment>,
    /// Whether the freeze or pause is over that it brought.
    pub thawed: bool,
    pub duties: Vec<OwedDuty>,
    pub steps: Vec<Name>,
    /// How many undecided emergencies it counts as.
    pub emergencies: u8,
}

impl Course {
    pub fn begun(change: SubmittedChange, expires: Option<ChangeDeadline>) -> Self {
        Self {
            change,
            state: ChangeState::Open,
            expires,
            approved: None,
            not_before: None,
            window: None,
            executed: None,
            thawed: false,
            duties: Vec::new(),
            steps: Vec::new(),
            emergencies: 0,
        }
    }

    pub fn id(&self) -> ChangeId {
        self.change.id
    }

    pub fn request(&self) -> &ChangeRequest {
        &self.change.asked.request
    }

    pub fn duty(&self, check: &Name) -> Option<&OwedDuty> {
        self.duties.iter().find(|duty| duty.check == *check)
    }

    fn owes_something(&self) -> bool {
        self.duties.iter().any(|duty| !duty.state.is_met())
    }

    pub fn carried_out(&mut self, at: Moment, execution: &Execution) {
        self.state = if execution.closed { ChangeState::Closed } else { ChangeState::Active };
        (self.executed, self.expires) = (Some(at), None);
        (self.duties, self.emergencies) = (execution.duties.to_vec(), execution.emergencies);
    }

    pub fn stepped(&mut self, step: &Name, again: &[OwedDuty]) {
        self.steps.push(step.clone());
        self.duties.retain(|duty| !again.iter().any(|new| new.check == duty.check));
        self.duties.extend(again.iter().cloned());
        if !again.is_empty() {
            self.state = ChangeState::Active;
        }
    }

    pub fn met(&mut self, check: &Name, late: bool, by_vote: bool) {
        self.set_duty(check, if late { DutyState::MetLate } else { DutyState::Met });
        if by_vote || !self.owes_something() {
            self.emergencies = 0;
        }
    }

    pub fn missed(&mut self, check: &Name, then: Missed) {
        self.set_duty(check, DutyState::Overdue);
        if then == Missed::Restore {
            self.reverted(self.change.id);
        }
    }

    fn set_duty(&mut self, check: &Name, state: DutyState) {
        let duty = self.duties.iter_mut().find(|duty| duty.check == *check);
        duty.expect("what is met or missed is owed").state = state;
    }

    pub fn reverted(&mut self, by: ChangeId) {
        self.over(ChangeState::Reverted { by });
    }

    pub fn ended(&mut self, why: EndedWhy) {
        self.over(ChangeState::Ended { why });
    }

    /// It owes nothing any more: what is still owed is met by now, or falls away.
    pub fn closed(&mut self) {
        for duty in &mut self.duties {
            duty.state = if duty.state == DutyState::Overdue { DutyState::MetLate } else { DutyState::Met };
        }
        self.over(ChangeState::Closed);
    }

    fn over(&mut self, how: ChangeState) {
        (self.state, self.expires, self.thawed, self.emergencies) = (how, None, true, 0);
    }

    pub fn thaw(&mut self) {
        self.thawed = true;
        if !self.owes_something() {
            self.emergencies = 0;
        }
    }
}
