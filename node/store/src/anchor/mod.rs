//! What a home lets whoever runs on it trust: the head of its store, where trust leads to it.
//!
//! A store is a folder that others may write to, and one that fits together shows nothing: whoever makes one chooses its validators
//! too. So trust begins outside of it, with the last end of an epoch that this home has verified ([`KeptAnchor`]), else with
//! genesis, and walks over the ends of epochs in the store, each trusted by the one before ([`Anchor::step`]), to its head.
//!
//! # Invariants
//! - No certificate is held against validators that its own store names.
//! - A store that does not contain what this home has verified is refused, whoever signed it.

mod kept;
#[cfg(test)]
pub(crate) mod tests;

pub use kept::KeptAnchor;

use crate::db::{Access, DbError, Settings, Store, StoredHead, View, epoch_ends};
use crate::head_of;
use host::config::{Config, Home};
use light::{Anchor, Distrust, SignedHeader};
use primitives::{BlockHash, Height};
use runtime::Genesis;
use state::State;
use std::path::PathBuf;

/// Why a store is not believed, or a snapshot not taken.
#[derive(Debug, thiserror::Error)]
pub enum Mistrust {
    /// The store cannot be read.
    #[error(transparent)]
    Unreadable(#[from] DbError),
    /// What this home remembers of the chain is not what it wrote.
    #[error(
        "{}, which says how far this home has verified the chain, {what}; restore this home's newest backup, or remove the file \
         where the node's key or the network was changed on purpose",
        .file.display()
    )]
    Anchor {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, as it follows its name.
        what: String,
    },
    /// It is another history than the one that this home has verified, or only the beginning of it.
    #[error(
        "this home has verified block {block} of height {height}, by {}, and {found}; restore this home's newest backup, or fill \
         it with `the-block import-state` from a snapshot of height {height} or later; a node that does not vote can also begin anew \
         from genesis, once its store and that file are removed",
        .file.display()
    )]
    Lacks {
        /// What remembers the block.
        file: PathBuf,
        /// The height.
        height: Height,
        /// The block.
        block: BlockHash,
        /// What there is in its place, as a sentence.
        found: String,
    },
    /// The end of an epoch is not there.
    #[error("block {due}, the last of its epoch, is missing in the epochs column, so that no trust leads over it")]
    Missing {
        /// Its height.
        due: Height,
    },
    /// Its certificates lead elsewhere.
    #[error("no trust leads from block {from} to its head: {}", told(.error))]
    Distrust {
        /// Where the walk began.
        from: Height,
        /// Why it ended.
        error: Distrust,
    },
}

/// Walks to the head of a store, and gives the trust in it; where no block is decided yet, or there is no store, the trust that the
/// walk would have begun with.
///
/// # Errors
/// Why the store is not believed.
pub fn trust(store: Option<&Store>, genesis: &Genesis, kept: Option<&KeptAnchor>) -> Result<Anchor, Mistrust> {
    let view = store.map(Store::view);
    let head = view.as_ref().map_or(Ok(None), |view| view.head())?.filter(|head| head.height > Height(0));
    if let Some(kept) = kept {
        require_contained(kept, view.as_ref(), head)?;
    }
    let begin = begin(genesis, kept);
    match (view, head) {
        (Some(view), Some(head)) => walk(&view, genesis, begin, head.height),
        _ => Ok(begin),
    }
}

/// What trust begins with in a home: the last end of an epoch that it has verified, else genesis.
///
/// # Errors
/// When what the home remembers is damaged or forged.
pub fn known_anchor(home: &Home, genesis: &Genesis) -> Result<Anchor, Mistrust> {
    KeptAnchor::read(home, genesis).map(|kept| begin(genesis, kept.as_ref()))
}

/// The anchor of a home: that of its store, else what this home has verified before, else genesis. Of a store that does not hold,
/// nothing is believed.
///
/// # Errors
/// When what the home remembers is damaged or forged. Then its store is not asked, because what would refuse it is not known.
pub fn anchor_of(home: &Home, config: &Config, genesis: &Genesis) -> Result<Anchor, Mistrust> {
    let kept = KeptAnchor::read(home, genesis)?;
    let store = Store::open(home.gov_db(config), Access::ReadOnly, Settings::of(config, Access::ReadOnly));
    let trusted = store.map_err(Mistrust::from).and_then(|store| trust(Some(&store), genesis, kept.as_ref()));
    Ok(trusted.unwrap_or_else(|_| begin(genesis, kept.as_ref())))
}

/// The newest end of an epoch in a store: what a home may [keep](KeptAnchor::move_on) once it trusts the head.
///
/// # Errors
/// When the store cannot be read.
pub fn newest_end(store: &Store, genesis: &Genesis) -> Result<Option<SignedHeader>, DbError> {
    let (view, length) = (store.view(), genesis.chain.epoch_length);
    let Some(head) = view.head()? else { return Ok(None) };
    view.epoch_end(head.height.next().epoch(length).first_height(length).minus(1))
}

/// Where trust begins.
fn begin(genesis: &Genesis, kept: Option<&KeptAnchor>) -> Anchor {
    kept.and_then(|kept| kept.anchor(genesis)).unwrap_or_else(|| Anchor::genesis(genesis))
}

/// The ends of epochs are never pruned, so that what was verified once stays to be found.
fn require_contained(kept: &KeptAnchor, view: Option<&View<'_>>, head: Option<StoredHead>) -> Result<(), Mistrust> {
    let (Some(view), Some(head)) = (view, head) else {
        return Err(kept.lacking("there is no chain in its store".into()));
    };
    if head.height < kept.height() {
        return Err(kept.lacking(format!("its store ends at height {}", head.height)));
    }
    match view.epoch_end(kept.height())? {
        Some(end) if end.header.hash() == kept.block() => Ok(()),
        Some(end) => Err(kept.lacking(format!("its store has {} there", end.header.hash()))),
        None => Err(kept.lacking("its store has nothing there".into())),
    }
}

fn walk(view: &View<'_>, genesis: &Genesis, begin: Anchor, head: Height) -> Result<Anchor, Mistrust> {
    let from = begin.height();
    let distrust = |error: Distrust| Mistrust::Distrust { from, error };
    let mut ends = view.epoch_ends(from.next());
    let mut anchor = begin;
    let due = epoch_ends(genesis.chain.epoch_length).skip_while(|due| *due <= from);
    for due in due.take_while(|due| *due < head) {
        let end = ends.next().transpose()?.filter(|end| end.height() == due).ok_or(Mistrust::Missing { due })?;
        anchor = anchor.step(&end).map_err(distrust)?;
    }
    anchor.step(&signed_head(view, genesis)?).map_err(distrust)
}

/// The head with what is to show that it was decided; nothing of it is verified.
fn signed_head(view: &View<'_>, genesis: &Genesis) -> Result<SignedHeader, DbError> {
    let head = head_of(view, genesis.chain.epoch_length)?;
    let height = head.at.height;
    let missing = || DbError::Damaged(format!("the certificate of height {height} is missing"));
    let certificate = view.certificate(height)?.ok_or_else(missing)?;
    let validators = staking::queries::validator_set(&State::over(view), head.at.epoch);
    Ok(SignedHeader { header: head.header, certificate, validators })
}

/// Why trust ends, without the advice for those who have a ticket.
fn told(error: &Distrust) -> String {
    match error {
        Distrust::Strangers { height, have, total } => {
            format!("only {have} of {total} trusted power signed height {height}, and more than a third is needed")
        }
        other => other.to_string(),
    }
}
