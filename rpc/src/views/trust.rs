//! How trust comes from a block that a verifier knows to the newest one: over the hops that are kept, which everything else joins.

use crate::chain_view::{ChainView, kept, state_of};
use crate::error::{ReadError, RpcRefusal};
use crate::views::MOST_PER_PAGE;
use light::{Anchor, MAX_HOPS, SignedHeader, Unreachable, route};
use primitives::{Height, List};
use runtime::Genesis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// A page of the headers by which trust goes on from a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrustPath {
    /// The headers, ascending. Each is trusted by whoever trusts the one before, the first by whoever trusts the block at `from`.
    #[schemars(length(max = MOST_PER_PAGE))]
    pub hops: Vec<SignedHeader>,
    /// Whether more follow: the next page is that from the height of the last of these. When none follow, a ticket from there has
    /// one header more at most.
    pub more: bool,
}

/// The next headers by which trust goes on from the block at `from`, or from genesis.
///
/// # Errors
/// [`RpcRefusal::NoTrust`] when no headers kept here lead on from `from`, and a store that cannot be read.
pub fn trust_path(view: &dyn ChainView, genesis: &Genesis, from: Height) -> Result<TrustPath, RpcRefusal> {
    let way = Way::from(view, genesis, from)?;
    let hops = way.first(MOST_PER_PAGE as usize)?;
    let more = (hops.len() as u64) < way.length();
    Ok(TrustPath { hops, more })
}

/// The way on from a block.
pub(super) struct Way<'a> {
    view: &'a dyn ChainView,
    /// What whoever knows the block trusts.
    start: Anchor,
    /// What leads from there to the hops.
    joined: Vec<SignedHeader>,
    /// The numbers of the hops from there on.
    hops: RangeInclusive<u64>,
}

impl<'a> Way<'a> {
    /// The way on from the block at `from`.
    pub fn from(view: &'a dyn ChainView, genesis: &Genesis, from: Height) -> Result<Self, RpcRefusal> {
        let (start, mut joined) = known(view, genesis, from)?;
        let here = last(&start, &joined);
        let newest = view.hops()?;
        let Some(first) = view.hop_above(here.height())? else {
            return Ok(Self { view, start, joined, hops: newest.saturating_add(1)..=newest });
        };
        joined.extend(bridge(view, &here, &hop(view, first)?)?);
        Ok(Self { view, start, joined, hops: first..=newest })
    }

    /// The way as far as it leads to an older block: no header from that one on.
    pub fn before(mut self, goal: Height) -> Result<Self, RpcRefusal> {
        self.joined.retain(|header| header.height() < goal);
        if let Some(beyond) = self.view.hop_above(goal.minus(1))? {
            let last = beyond.saturating_sub(1).min(*self.hops.end());
            self.hops = *self.hops.start()..=last;
        }
        Ok(self)
    }

    /// All headers that lead to the newest block. More than a ticket has are not read.
    pub fn to(&self, head: &SignedHeader) -> Result<List<SignedHeader, MAX_HOPS>, RpcRefusal> {
        if self.start.reaches(head) {
            return Ok(List::default());
        }
        let too_far = |reached| RpcRefusal::from(Unreachable::TooFar { reached, to: head.height() });
        if self.length() > u64::from(MAX_HOPS) {
            return Err(too_far(self.reached(MAX_HOPS)?));
        }
        let mut hops = self.first(MAX_HOPS as usize)?;
        let here = last(&self.start, &hops);
        hops.extend(bridge(self.view, &here, head)?);
        List::try_from(hops).map_err(|_| too_far(here.height()))
    }

    /// How many headers lead on, up to the last that is settled.
    fn length(&self) -> u64 {
        let hops = self.hops.end().saturating_add(1).saturating_sub(*self.hops.start());
        hops.saturating_add(self.joined.len() as u64)
    }

    /// The first of them.
    fn first(&self, most: usize) -> Result<Vec<SignedHeader>, RpcRefusal> {
        let hops = self.hops.clone().map(|number| hop(self.view, number));
        self.joined.iter().cloned().map(Ok).chain(hops).take(most).collect()
    }

    /// The height of the `count`th of them, when there are more.
    fn reached(&self, count: u32) -> Result<Height, RpcRefusal> {
        let place = (count as usize).saturating_sub(1);
        match self.joined.get(place) {
            Some(header) => Ok(header.height()),
            None => {
                let number = self.hops.start().saturating_add(place.saturating_sub(self.joined.len()) as u64);
                Ok(hop(self.view, number)?.height())
            }
        }
    }
}

/// Where trust stands after some headers.
fn last(start: &Anchor, headers: &[SignedHeader]) -> Anchor {
    headers.last().map_or_else(|| start.clone(), |header| start.knowing(header))
}

fn hop(view: &dyn ChainView, number: u64) -> Result<SignedHeader, RpcRefusal> {
    let lost = || ReadError::Failed(format!("hop {number} is missing from the store"));
    Ok(view.hop(number)?.ok_or_else(lost)?.trimmed())
}

/// What whoever knows the block at `from` trusts. Where that block is gone, the last of its epoch stands in for it: the validators
/// who decided it are those who are trusted from any block of the epoch on.
fn known(view: &dyn ChainView, genesis: &Genesis, from: Height) -> Result<(Anchor, Vec<SignedHeader>), RpcRefusal> {
    let root = Anchor::genesis(genesis);
    if from == Height(0) {
        return Ok((root, Vec::new()));
    }
    let epoch = from.epoch(root.epoch_length());
    let Some(end) = view.epoch_end(epoch.next().first_height(root.epoch_length()).minus(1))? else {
        let known = signed(view, genesis, from)?;
        return Ok((root.knowing(&known), Vec::new()));
    };
    if end.height() == from {
        return Ok((root.knowing(&end), Vec::new()));
    }
    Ok(match view.header(from)?.zip(view.certificate(from)?) {
        Some((header, certificate)) => {
            (root.knowing(&SignedHeader { header, certificate, validators: end.validators }), Vec::new())
        }
        None => (root.knowing(&end), vec![end.trimmed()]),
    })
}

/// What is between an anchor and a header that lies no further ahead than trust reaches: mostly nothing, or the last end of an
/// epoch before it.
fn bridge(view: &dyn ChainView, here: &Anchor, goal: &SignedHeader) -> Result<Vec<SignedHeader>, RpcRefusal> {
    if here.reaches(goal) {
        return Ok(Vec::new());
    }
    let epoch = goal.height().epoch(here.epoch_length());
    let before = view.epoch_end(epoch.first_height(here.epoch_length()).minus(1))?.map(SignedHeader::trimmed);
    if let Some(before) = before.filter(|before| before.height() > here.height() && here.reaches(before)) {
        return Ok(vec![before]);
    }
    let mut failure = None;
    let ends = view.epoch_ends(here.height()).map_while(|end| end.map_err(|error| failure = Some(error)).ok());
    let hops = route(here, ends.map(SignedHeader::trimmed), goal);
    match failure {
        Some(error) => Err(error.into()),
        None => Ok(hops?),
    }
}

/// A header of any age with its certificate and the validators that decided it: those of the last header of its epoch, where that is kept.
pub(super) fn signed_then(view: &dyn ChainView, genesis: &Genesis, height: Height) -> Result<SignedHeader, ReadError> {
    let length = genesis.chain.epoch_length;
    let end = view.epoch_end(height.epoch(length).next().first_height(length).minus(1))?;
    let Some(end) = end else { return signed(view, genesis, height) };
    if end.height() == height {
        return Ok(end);
    }
    let header = kept(view, height, view.header(height)?)?;
    let certificate = kept(view, height, view.certificate(height)?)?;
    Ok(SignedHeader { header, certificate, validators: end.validators })
}

/// A header with its certificate and, as far back as state remembers them, the validators that decided it.
pub(super) fn signed(view: &dyn ChainView, genesis: &Genesis, height: Height) -> Result<SignedHeader, ReadError> {
    let header = kept(view, height, view.header(height)?)?;
    let certificate = kept(view, height, view.certificate(height)?)?;
    let validators = staking::queries::validator_set(&state_of(view), height.epoch(genesis.chain.epoch_length));
    Ok(SignedHeader { header, certificate, validators })
}
