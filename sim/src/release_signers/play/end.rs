//! How many keys the roster can do without: in the end they are lost one after the other, and after each it is asked
//! whether those that are left can still have a release voted on.

use super::super::STOPPED;
use super::super::council::build;
use super::super::recount::{Asked, Whose};
use super::super::signed;
use super::{Act, Play, Stopped};
use primitives::{Epoch, ProposalId};
use runtime::Error;
use runtime::testing;

impl Play<'_> {
    /// Loses keys from an epoch on, one in each, until a release is refused for want of signatures.
    pub(super) fn lose_all(&mut self, first: u64, rounds: &[u64]) -> Result<(), Stopped> {
        for (lost, round) in (0u64..).zip(rounds) {
            let now = first + lost;
            self.until(now)?;
            match self.rehearse(now, lost)? {
                Some(Ok(id)) => self.take_back(now, id)?,
                Some(Err(Error::Releases(releases::Error::QuorumMissing { .. }))) => {
                    self.outcome.stopped_with = Some(lost);
                    self.run.happened(&STOPPED);
                    return Ok(());
                }
                Some(Err(_)) | None => return Ok(()),
            }
            let signing = self.signing(now);
            self.council.lose(&signing, *round, u64::MAX);
        }
        Ok(())
    }

    /// Proposes a release with all keys that are left; what came of it, or none where nobody could ask.
    fn rehearse(&mut self, now: u64, number: u64) -> Result<Option<Result<ProposalId, Error>>, Stopped> {
        let record = self.record();
        let keys = self.council.living(&record.signing(Epoch(now)));
        let (build, need) = (build("rehearsal", number), record.roster.threshold);
        let asked = Asked::Build { build, signed: signed::public(&keys), need };
        let motion = testing::approve(signed::release(self.setting, &record.roster, build, &keys));
        self.propose(now, number, motion, Whose::Rehearsal, asked);
        self.block()?;
        Ok(self.rehearsed.take())
    }

    fn take_back(&mut self, now: u64, id: ProposalId) -> Result<(), Stopped> {
        let proposer = self.books.open.get(&id).map(|put| put.proposer);
        let key = self.seats.up(now).find(|seat| Some(seat.account) == proposer).map(|seat| seat.key.clone());
        if let Some(key) = key {
            self.ask(&key, testing::withdraw(id.0), Act::Other);
        }
        self.block()
    }
}
