//! The last blocks of epochs: each as it was decided, none missing, and each naming the validators of the next; and those of them
//! that are hops.

use super::Damage;
use crate::db::hops::Hops;
use crate::db::{DbError, StoredHead, View};
use light::SignedHeader;
use primitives::Height;

/// Checks the newest `most` of them.
pub fn check(view: &View<'_>, head: StoredHead, most: u64) -> Result<(), Damage> {
    let length = view.genesis()?.ok_or(DbError::NoGenesis)?.chain.epoch_length;
    let newest = head.height.next().epoch(length).first_height(length).minus(1);
    let earliest = view.earliest()?;
    let mut before: Option<SignedHeader> = None;
    for end in view.epoch_ends(newest.minus(length.saturating_mul(most))) {
        let end = end?;
        alone(&end)?;
        if let Some(before) = &before {
            follows(before, &end, length)?;
        }
        if end.height() >= earliest && view.header(end.height())?.as_ref() != Some(&end.header) {
            return Err(damage(end.height(), "is another block than the headers column has"));
        }
        before = Some(end);
    }
    // Those of heights that an older version of this software has pruned were never written.
    let due = newest > Height(0) && newest >= earliest;
    match before {
        Some(last) if last.height() != newest => Err(damage(newest, "is not the newest that is stored")),
        None if due => Err(damage(newest, "is missing")),
        _ => Ok(()),
    }
}

/// Checks that the hops are those that trust takes over all of them.
pub fn check_hops(view: &View<'_>) -> Result<(), Damage> {
    let mut hops = Hops::begin(&view.genesis()?.ok_or(DbError::NoGenesis)?);
    for end in view.epoch_ends(Height(0)) {
        if let Some((number, height)) = hops.extend(&end?)
            && view.hop_height(number)? != Some(height)
        {
            return Err(Damage::Hop(number));
        }
    }
    let last = view.hops()?;
    if last == hops.taken() { Ok(()) } else { Err(Damage::Hop(last)) }
}

fn damage(height: Height, what: &'static str) -> Damage {
    Damage::EpochEnd { height, what }
}

fn alone(end: &SignedHeader) -> Result<(), Damage> {
    let (certificate, header) = (&end.certificate, &end.header);
    if (certificate.height, certificate.block) != (header.height, header.hash()) {
        return Err(damage(header.height, "has the certificate of another block"));
    }
    if end.validators.hash() != header.validators_hash {
        return Err(damage(header.height, "has other validators than its header names"));
    }
    Ok(())
}

fn follows(before: &SignedHeader, end: &SignedHeader, length: u64) -> Result<(), Damage> {
    if end.height() != before.height().plus(length) {
        return Err(damage(before.height().plus(length), "is missing"));
    }
    if end.header.validators_hash != before.header.next_validators_hash {
        return Err(damage(end.height(), "was decided by others than the epoch before named"));
    }
    Ok(())
}
