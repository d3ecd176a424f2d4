//! What is asked for in the shop, as it is written.

use super::{ShopWalk, TICKET, name};
use anyhow::Context as _;
use flags::Targeting;
use primitives::{Digest, List, Path, Reason, ReleaseClass, Text};
use rollouts::change::{ChangeDraft, ChangeRequest, Effect, EffectTo, FlagSide, MANUAL};
use rollouts::plan::{Nature, PhaseState};

impl ShopWalk<'_> {
    /// A change under the plan as it is, for a reason.
    fn draft(&self, request: ChangeRequest, reason: &str) -> anyhow::Result<ChangeDraft> {
        Ok(ChangeDraft {
            version: 1,
            bundle: self.plan.bundle,
            request,
            class: ReleaseClass::Minor,
            nature: Nature::Feature,
            phase: None,
            sealer: None,
            ticket: None,
            reason: Reason::new(reason).context("a reason that is none")?,
            milestone: None,
            impact: Text::default(),
            features: List::new(),
        })
    }

    /// To have a flag of which nothing is set there serve a variant, with a ticket or without.
    ///
    /// # Errors
    /// When the plan has no such flag or variant.
    pub fn flips(&self, flag: &str, at: &str, variant: &str, ticket: Option<&str>) -> anyhow::Result<ChangeDraft> {
        self.flips_from(flag, at, None, variant, ticket)
    }

    /// The same of a flag that is set there.
    ///
    /// # Errors
    /// When the plan has no such flag or variant.
    pub fn flips_from(
        &self,
        flag: &str,
        at: &str,
        was: Option<&str>,
        variant: &str,
        ticket: Option<&str>,
    ) -> anyhow::Result<ChangeDraft> {
        let found = self.plan.flag(&name(flag)).with_context(|| format!("no flag {flag}"))?;
        let served = |variant: &str| {
            let place = found.place_of(&name(variant)).with_context(|| format!("{flag} has no {variant}"));
            place.map(Targeting::constant)
        };
        let before = FlagSide { targeting: was.map(served).transpose()?, disabled: false };
        let path: Path = at.parse().map_err(anyhow::Error::msg)?;
        let to = EffectTo::Setting(served(variant)?);
        let effect = Effect::Flag { flag: name(flag), path, to, was: before.digest() };
        let request = ChangeRequest::Set { effects: List::truncate_from(vec![effect]) };
        Ok(ChangeDraft { ticket: ticket.map(name), ..self.draft(request, "the season begins")? })
    }

    /// To disable a flag at a path, to contain something.
    ///
    /// # Errors
    /// When that is no path.
    pub fn contains(&self, flag: &str, at: &str) -> anyhow::Result<ChangeDraft> {
        let (flags, cause) = (List::truncate_from(vec![name(flag)]), name("CONTAINMENT"));
        let scope = at.parse::<Path>().map_err(anyhow::Error::msg)?;
        self.draft(ChangeRequest::Disable { flags, scope, cause }, "points are given twice")
    }

    /// To promote an artifact of a phase, with a ticket where the stage asks for one.
    pub(super) fn promotes(&self, to: &str, artifact: Digest, phase: &str) -> anyhow::Result<ChangeDraft> {
        let stage = self.plan.stage(&name(to)).with_context(|| format!("no stage {to}"))?;
        let ticket = stage.ticket.as_ref().map(|_| name(TICKET));
        let request = ChangeRequest::Promote { to: name(to), artifact: Some(artifact) };
        Ok(ChangeDraft { phase: Some(name(phase)), ticket, ..self.draft(request, "it is tested")? })
    }

    /// To go back in a stage.
    pub(super) fn rolls_back(&self, stage: &str) -> anyhow::Result<ChangeDraft> {
        let (trigger, source) = (name(MANUAL), name("telemetry"));
        self.draft(ChangeRequest::Rollback { stage: name(stage), trigger, source }, "tills stand still")
    }

    /// To move a phase on.
    pub(super) fn moves_on(&self, phase: &str, to: PhaseState) -> anyhow::Result<ChangeDraft> {
        self.draft(ChangeRequest::Phase { phase: name(phase), to }, "its list is met")
    }
}
