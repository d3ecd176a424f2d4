//! Who may say what about what (ROLLOUTS 7.3): what a statement is about exists and is live, its key is asked there, and its speaker is
//! whom that asks.

pub(crate) mod evidence;
pub(crate) mod key;
pub(crate) mod speaker;
pub(crate) mod subject;
pub(crate) mod waiver;
