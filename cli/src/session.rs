//! One node, asked by one user.

use crate::args::Options;
use crate::escape;
use crate::failure::{Failure, failed, usage};
use crate::next_step;
use crate::render::Screen;
use host::config::Home;
use jsonrpsee::core::client::Error as ClientError;
use rpc::SubmitError;
use rpc::client::{CallError, Node};
use rpc::error::RpcRefusal;
use rpc::genesis_file::{self, GenesisFileError};
use runtime::Genesis;

/// The node, and how answers are shown.
#[derive(Debug)]
pub struct Session {
    /// The node.
    pub node: Node,
    /// What every command takes.
    pub options: Options,
    /// Where answers are shown.
    pub screen: Screen,
}

/// What to do about a failure whose own sentence does not say it.
fn hint(error: &CallError) -> &'static str {
    match error {
        CallError::NotANode { .. } => "; is --rpc the address of a node of this version?",
        CallError::Broken { .. } => "; run the command again, or ask another node with --rpc",
        _ => "",
    }
}

/// Says why a node has no answer. What it says itself is escaped, because anybody may be the node.
pub fn unanswered(error: CallError) -> Failure {
    match error {
        CallError::Refused { code, ref message, ref data } => {
            // What a node refuses before any block does has the same next step as what a block refuses.
            let next = match error.refusal() {
                Some(RpcRefusal::Submit(SubmitError::WouldBeRefused(refusal))) => next_step::after(&refusal),
                Some(RpcRefusal::NoTrust(_)) => Some(next_step::WHERE_NO_TICKET_LEADS),
                _ => None,
            };
            Failure::Refused { code, message: escape::line(message), data: data.clone().unwrap_or_default(), next }
        }
        other => failed(escape::line(&format!("{other}{}", hint(&other)))),
    }
}

impl Session {
    /// Gets ready to ask the node that the options name; nothing is sent yet.
    ///
    /// # Errors
    /// When the address is none.
    pub fn open(options: Options, screen: Screen) -> Result<Self, Failure> {
        let node = Node::open(&options.rpc).map_err(|error| usage(format!("--rpc: {error}")))?;
        Ok(Self { node, options, screen })
    }

    /// Says why the node has no answer.
    pub fn explain(&self, error: ClientError) -> Failure {
        unanswered(self.node.explain(error))
    }

    /// Tells people what is going on, on standard error; scripts are not told.
    pub fn say(&self, text: &str) {
        if !self.options.json {
            eprintln!("{}", escape::lines(text));
        }
    }

    /// The genesis of the home; none where no file can be read.
    ///
    /// # Errors
    /// When the file is no genesis, or one that no network can begin with.
    pub fn genesis(&self) -> Result<Option<Genesis>, Failure> {
        match genesis_file::read(&self.home().genesis()) {
            Ok(genesis) => Ok(Some(genesis)),
            Err(GenesisFileError::Unreadable { .. }) => Ok(None),
            Err(error) => Err(usage(error)),
        }
    }

    /// The folder whose `config/release_signers.txt` counts: the one that was named, else the working folder when it has the
    /// file, else the user's own.
    pub fn home(&self) -> Home {
        let here = || Home::at(".");
        match &self.options.home {
            Some(named) => Home::at(named),
            None if here().release_signers().exists() => here(),
            None => Home::of_user().unwrap_or_else(here),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_node_refuses_before_a_block_does_has_its_next_step() {
        let missing = releases::Error::QuorumMissing { have: 1, need: 2 };
        let refusal = RpcRefusal::Submit(SubmitError::WouldBeRefused(Box::new(missing.into())));
        let message = refusal.to_string();
        let data = Some(serde_json::to_value(&refusal).unwrap());
        let told = unanswered(CallError::Refused { code: refusal.code(), message, data });
        assert_eq!(told.next_step(), Some("collect more signatures with `contract release sign`"));
        let other = CallError::Refused { code: 1, message: "closed".into(), data: None };
        assert_eq!(unanswered(other).next_step(), None);
    }
}
