//! The changes that are asked for: from arguments to a draft against the plan that is in force.

use super::{ActingAs, network_plan, set};
use crate::answer::CommandAnswer;
use crate::args::Send;
use crate::args::rollout::asked::{
    ChangeTerms, DemoteArgs, DisableArgs, FreezeArgs, PhaseArgs, PromoteArgs, RollbackArgs, SetArgs,
};
use crate::commands::keys;
use crate::failure::{Failure, failed, usage};
use crate::session::Session;
use crate::submit;
use clap::Args;
use primitives::{Digest, List, Name, ReleaseClass, Text};
use rollouts::change::{ChangeDraft, ChangeRequest};
use rollouts::plan::Nature;
use rpc::api::RolloutApiClient as _;
use runtime::Call;
use std::io::Read as _;
use std::path::Path;

/// Bytes of a bundle at most: as many as a profile may have.
const MOST_BYTES: u64 = profiles::strict::MOST_BYTES as u64;

/// Arguments that ask for a change.
pub trait AsksForChange {
    /// What every change says.
    fn terms(&self) -> &ChangeTerms;

    /// What is asked for, against what stands under the plan.
    ///
    /// # Errors
    /// Arguments that ask for nothing, and when the node does not answer.
    async fn request(&self, session: &Session, plan: &Name) -> Result<ChangeRequest, Failure>;

    /// What this kind of change says besides.
    ///
    /// # Errors
    /// More than a change can say.
    fn said(&self, draft: ChangeDraft) -> Result<ChangeDraft, Failure>;
}

/// Submits a change.
///
/// # Errors
/// Arguments that make none, and everything [`submit::send`] refuses.
pub async fn submit<C: Args + AsksForChange>(session: &Session, arguments: &Send<C>) -> Result<CommandAnswer, Failure> {
    let Send { call, writing } = arguments;
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let within = &call.terms().within;
    let plan = network_plan(session, within.plan.as_ref()).await?;
    let change = Box::new(draft(session, &plan, call).await?);
    let acting = ActingAs { who: key.account(), plan: &plan, named: within.acting.as_ref() };
    let acting = acting.by_grant(session, &format!("{}.submit", change.request.kind())).await?;
    submit::send(session, &key, writing, Call::Rollouts(rollouts::Call::Submit { plan, acting, change })).await
}

async fn draft(session: &Session, plan: &Name, asked: &impl AsksForChange) -> Result<ChangeDraft, Failure> {
    let terms = asked.terms();
    let in_force = session.node.rollout_plan(plan.clone()).await.map_err(|error| session.explain(error))?;
    let bundle = terms.bundle.as_deref().map(bundle_hash).transpose()?;
    asked.said(ChangeDraft {
        version: in_force.summary.head.version,
        bundle: bundle.unwrap_or(in_force.plan.bundle),
        request: asked.request(session, plan).await?,
        class: ReleaseClass::Minor,
        nature: Nature::Fix,
        phase: None,
        sealer: None,
        ticket: terms.ticket.clone(),
        reason: terms.reason.clone(),
        milestone: None,
        impact: Text::default(),
        features: List::default(),
    })
}

/// What `b3sum` prints for a bundle.
fn bundle_hash(file: &Path) -> Result<Digest, Failure> {
    let shown = file.display();
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file);
    let read = opened.and_then(|opened| opened.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|error| usage(format!("--bundle: {shown} cannot be read: {error}; name the bundle's file")))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(usage(format!("--bundle: {shown} is larger than {MOST_BYTES} bytes, so it is no bundle")));
    }
    Ok(Digest::blake3(&bytes))
}

impl AsksForChange for PromoteArgs {
    fn terms(&self) -> &ChangeTerms {
        &self.terms
    }

    async fn request(&self, _session: &Session, _plan: &Name) -> Result<ChangeRequest, Failure> {
        Ok(ChangeRequest::Promote { to: self.to.clone(), artifact: self.artifact })
    }

    fn said(&self, draft: ChangeDraft) -> Result<ChangeDraft, Failure> {
        let features = List::try_from(self.features.clone()).map_err(|_| {
            let (have, most) = (self.features.len(), rollouts::change::MOST_FEATURES);
            usage(format!("{have} --feature are more than the {most} that a change names; promote in two changes"))
        })?;
        Ok(ChangeDraft {
            class: self.class,
            nature: self.nature,
            phase: self.phase.clone(),
            sealer: self.sealer,
            milestone: self.milestone.clone(),
            impact: self.impact.clone().unwrap_or_default(),
            features,
            ..draft
        })
    }
}

impl AsksForChange for DemoteArgs {
    fn terms(&self) -> &ChangeTerms {
        &self.by.terms
    }

    async fn request(&self, _session: &Session, _plan: &Name) -> Result<ChangeRequest, Failure> {
        Ok(ChangeRequest::Demote { to: self.to.clone() })
    }

    fn said(&self, draft: ChangeDraft) -> Result<ChangeDraft, Failure> {
        Ok(ChangeDraft { class: self.by.class, sealer: self.by.sealer, ..draft })
    }
}

impl AsksForChange for SetArgs {
    fn terms(&self) -> &ChangeTerms {
        &self.by.terms
    }

    async fn request(&self, session: &Session, plan: &Name) -> Result<ChangeRequest, Failure> {
        let effect = set::effect(session, plan, self).await?;
        let effects = List::try_from(vec![effect]).map_err(|_| failed("a change with one effect is too large"))?;
        Ok(ChangeRequest::Set { effects })
    }

    fn said(&self, draft: ChangeDraft) -> Result<ChangeDraft, Failure> {
        Ok(ChangeDraft { class: self.by.class, sealer: self.by.sealer, ..draft })
    }
}

impl AsksForChange for DisableArgs {
    fn terms(&self) -> &ChangeTerms {
        &self.terms
    }

    async fn request(&self, _session: &Session, _plan: &Name) -> Result<ChangeRequest, Failure> {
        let flags = List::try_from(self.flags.clone()).map_err(|_| {
            let (have, most) = (self.flags.len(), rollouts::change::DISABLE_FLAGS);
            usage(format!("{have} flags are more than the {most} that one change disables; name fewer"))
        })?;
        Ok(ChangeRequest::Disable { flags, scope: self.scope.clone().unwrap_or_default(), cause: self.cause.clone() })
    }

    fn said(&self, draft: ChangeDraft) -> Result<ChangeDraft, Failure> {
        Ok(draft)
    }
}

impl AsksForChange for FreezeArgs {
    fn terms(&self) -> &ChangeTerms {
        &self.terms
    }

    async fn request(&self, _session: &Session, _plan: &Name) -> Result<ChangeRequest, Failure> {
        let scope = self.scope.clone().unwrap_or_default();
        Ok(ChangeRequest::Freeze { scope, announcement: self.announcement.clone() })
    }

    fn said(&self, draft: ChangeDraft) -> Result<ChangeDraft, Failure> {
        Ok(draft)
    }
}

impl AsksForChange for RollbackArgs {
    fn terms(&self) -> &ChangeTerms {
        &self.terms
    }

    async fn request(&self, _session: &Session, _plan: &Name) -> Result<ChangeRequest, Failure> {
        let Self { stage, trigger, source, .. } = self;
        Ok(ChangeRequest::Rollback { stage: stage.clone(), trigger: trigger.clone(), source: source.clone() })
    }

    fn said(&self, draft: ChangeDraft) -> Result<ChangeDraft, Failure> {
        Ok(draft)
    }
}

impl AsksForChange for PhaseArgs {
    fn terms(&self) -> &ChangeTerms {
        &self.terms
    }

    async fn request(&self, _session: &Session, _plan: &Name) -> Result<ChangeRequest, Failure> {
        Ok(ChangeRequest::Phase { phase: self.phase.clone(), to: self.to })
    }

    fn said(&self, draft: ChangeDraft) -> Result<ChangeDraft, Failure> {
        Ok(draft)
    }
}
