//! Whether this node changes now to a release that lies ready: by what others say of it, and by whose turn it is.

use super::{Candidate, Look, Scout, unanswered};
use host::config::SuperviseSection;
use light::FailedStake;
use primitives::{BuildHash, Timestamp};
use rollout::{Change, Hold, HoldRules, MOST_SILENCE, WaveTurns, distance, may_wait};
use std::time::{Duration, Instant};
use update::audit::Action;
use update::{Approval, Shown, Staged, UpdateError};

impl Scout {
    /// What a look comes to where a release lies ready: it changes if it is its turn; what keeps it from that is said.
    ///
    /// Asking others takes its time, and the turn may be over by then. Turns go by block time alone, which stands still where the chain
    /// does, so it is the newest block that is asked once more, and never a clock.
    pub(super) async fn change(
        &mut self,
        staged: Staged,
        candidate: &Candidate,
        running: &Approval,
    ) -> Result<Look, UpdateError> {
        let Candidate { hash, shown } = candidate;
        let hold = self.hold(*hash, shown, running).await?;
        if !self.is_its_turn(*hash, shown, hold).await? {
            return Ok(Look::Nothing);
        }
        let newest = self.prover.show(*hash).await?;
        self.gate.remember(*hash, &newest);
        if newest.height > shown.height {
            if !says_the_same(&newest.approval, &shown.approval) {
                return Ok(Look::Again);
            }
            if !self.is_its_turn(*hash, &newest, hold).await? {
                return Ok(Look::Nothing);
            }
        }
        Ok(Look::Turn(Box::new(staged)))
    }

    /// Whether it changes by what others say and the time of this block; what keeps it from that is said.
    async fn is_its_turn(&mut self, hash: BuildHash, shown: &Shown, hold: Hold) -> Result<bool, UpdateError> {
        let now = shown.approval.time;
        match Change::of(hold, &self.turns(hash, shown), now) {
            Change::Now => return Ok(true),
            Change::HeldBack { percent, until } => self.hold_back(hash, percent, until, now).await?,
            Change::InWave { wave, at } => {
                self.say(format!("release {hash} is ready; this node changes in wave {wave}, at block time {at}"));
            }
        }
        Ok(false)
    }

    /// What the words of other nodes about a release come to (T20).
    async fn hold(&mut self, hash: BuildHash, shown: &Shown, running: &Approval) -> Result<Hold, UpdateError> {
        if !may_wait(shown.approval.release.as_ref(), running.release.as_ref(), &running.minimum_sequence) {
            return Ok(Hold::No);
        }
        let Some(reports) = self.reports(hash, shown).await? else { return Ok(Hold::No) };
        let since = self.keeper.journal()?.held_back(&hash);
        let SuperviseSection { pause_at_failed_percent, most_hold_s, .. } = self.gate.config.supervise;
        let rules = HoldRules { pause_at_failed_percent, most_hold_ms: most_hold_s.saturating_mul(1000) };
        let hold = Hold::of(rules, reports, since, shown.approval.time);
        if let Hold::Over(percent) = hold {
            self.say(format!(
                "release {hash} failed on {percent} % of the stake and was held back for as long as supervise.most_hold_s \
                 allows; this node tries it by itself"
            ));
        }
        Ok(hold)
    }

    /// Says that a release is held back, and puts it on record where that is news.
    async fn hold_back(
        &mut self,
        hash: BuildHash,
        percent: u128,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), UpdateError> {
        let reason = format!("it failed on {percent} % of the stake");
        if self.keeper.journal()?.held_back(&hash).is_none() {
            self.keeper.change(move |journal| journal.hold_back(hash, now)).await?;
            self.keeper.record(Action::HeldBack { hash, reason: reason.clone() });
        }
        self.say(format!(
            "release {hash} is held back until block time {until}: {reason}; supervise.pause_at_failed_percent says when, \
             supervise.most_hold_s for how long"
        ));
        Ok(())
    }

    /// On how much of the stake a release failed, by the words of the validators under the proven block; none once the node could
    /// not say so for long enough.
    ///
    /// # Errors
    /// Until then, that it does not say so.
    async fn reports(&mut self, hash: BuildHash, shown: &Shown) -> Result<Option<FailedStake>, UpdateError> {
        let asked = self.prover.node().failed_stake(hash, shown.height, shown.state_root, &shown.validators).await;
        let error = match asked {
            Ok(reports) => {
                self.unheard_until = None;
                return Ok(Some(reports));
            }
            Err(error) => error,
        };
        let now = Instant::now();
        if now < *self.unheard_until.get_or_insert(now + MOST_SILENCE) {
            return Err(unanswered(&format!("on how much of the stake release {hash} failed"), error));
        }
        self.say(format!(
            "nobody could say for {} minutes on how much of the stake release {hash} failed ({error}); this node tries it by itself",
            MOST_SILENCE.as_secs() / 60
        ));
        Ok(None)
    }

    /// When this node changes to a release.
    fn turns(&self, hash: BuildHash, shown: &Shown) -> WaveTurns {
        let activated = shown.approval.release.as_ref().and_then(|release| release.activated);
        let begin = activated.map_or(Timestamp(0), |moment| moment.time);
        let between_blocks = Duration::from_millis(self.gate.genesis.chain.consensus.block_time_ms);
        let apart = distance(Duration::from_secs(self.gate.config.supervise.wave_s), between_blocks);
        WaveTurns::of(&shown.validators, &hash, self.account.as_ref(), begin, apart)
    }
}

/// Whether two blocks say the same of a release: what was decided by the one holds by the other, but for the time.
fn says_the_same(one: &Approval, other: &Approval) -> bool {
    (&one.release, &one.minimum_sequence) == (&other.release, &other.minimum_sequence)
}
