//! One node, asked by one user.

use crate::args::Options;
use crate::escape;
use crate::failure::{Failure, coded, failed, usage};
use crate::next_step;
use crate::render::Screen;
use host::config::{Config, Home};
use host::console;
use jsonrpsee::core::client::Error as ClientError;
use primitives::ChainId;
use releases::SigningDomain;
use rpc::SubmitError;
use rpc::api::ChainApiClient as _;
use rpc::client::{CallError, Node};
use rpc::error::RpcRefusal;
use rpc::genesis_file::{self, GenesisFileError};
use runtime::Genesis;
use std::path::PathBuf;

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
        CallError::Status { status: 503, .. } => {
            "; the node of a home on this machine is asked past all others with --home"
        }
        CallError::Broken { url, .. } if url.starts_with("https:") => {
            "; does what listens there speak TLS, with a certificate that this machine trusts? Run the command again, or write \
             http:// where it does not"
        }
        CallError::Broken { .. } => "; run the command again, or ask another node with --rpc",
        CallError::NoSocket { .. } => "; start it, or name another home with --home",
        CallError::SocketRefused { .. } => "; run the command as that user",
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
                Some(refusal) => next_step::after_question(&refusal),
                None => None,
            };
            // What the chain would say has its code in front, whoever says so first.
            let message = match error.refusal() {
                Some(RpcRefusal::Submit(SubmitError::WouldBeRefused(refusal)))
                    if message.ends_with(&refusal.to_string()) =>
                {
                    coded(&refusal)
                }
                _ => message.clone(),
            };
            Failure::Refused { code, message: escape::line(&message), data: data.clone().unwrap_or_default(), next }
        }
        unread @ CallError::NotANode { .. } => Failure::Unread(escape::line(&unread.to_string())),
        other => failed(escape::line(&format!("{other}{}", hint(&other)))),
    }
}

/// Why what a node answered could not be read, where that is because its network knows more than this tool; else what was said before.
pub async fn reread(node: &Node, failure: Failure) -> Failure {
    match (failure, node.require_known().await) {
        (Failure::Unread(_), Err(newer @ CallError::NewerLevel { .. })) => unanswered(newer),
        (failure, _) => failure,
    }
}

impl Session {
    /// Gets ready to ask the node that the options name; nothing is sent yet.
    ///
    /// # Errors
    /// When the address is none, and when the configuration of the home that is to say it cannot be used.
    pub fn open(options: Options, screen: Screen) -> Result<Self, Failure> {
        let node = match socket(&options) {
            Some(socket) => Node::at_socket(&socket).map_err(|error| usage(format!("--home: {error}")))?,
            None => Node::open(&address(&options)?).map_err(|error| usage(format!("--rpc: {error}")))?,
        };
        Ok(Self { node, options, screen })
    }

    /// Gets ready to ask the node of the home over the socket there, whatever its configuration says; nothing is sent yet.
    ///
    /// # Errors
    /// When the path is none.
    pub fn operating(options: Options, screen: Screen) -> Result<Self, Failure> {
        Ok(Self { node: operated(&options)?, options, screen })
    }

    /// The node of the home over the socket there, whichever node is asked otherwise.
    ///
    /// # Errors
    /// When the path is none.
    pub fn operated(&self) -> Result<Node, Failure> {
        operated(&self.options)
    }

    /// Says why the node has no answer.
    pub fn explain(&self, error: ClientError) -> Failure {
        unanswered(self.node.explain(error))
    }

    /// Tells people what is going on, on standard error; scripts are not told.
    pub fn say(&self, text: &str) {
        if !self.options.json {
            console::say(&escape::lines(text));
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

    /// The network that the node is on.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn chain_id(&self) -> Result<ChainId, Failure> {
        let head = self.node.head().await.map_err(|error| self.explain(error))?;
        Ok(head.answer.chain_id)
    }

    /// What the signatures of release signers are bound to: by the genesis of the home that was named, else by the node's.
    ///
    /// # Errors
    /// When there is no such file and the node does not answer.
    pub async fn signing_domain(&self) -> Result<SigningDomain, Failure> {
        let named = if self.options.home.is_some() { self.genesis()? } else { None };
        let genesis = match named {
            Some(genesis) => genesis,
            None => self.node.genesis().await.map_err(|error| self.explain(error))?,
        };
        genesis.signing_domain().ok_or_else(|| {
            failed("this genesis approves no build, so no network can begin with it; get the network's genesis again")
        })
    }

    /// The node's folder, for its socket, genesis and `config/release_signers.txt`: the one that was named, else the working
    /// folder when a node runs there or it has the last of these, else the user's own.
    pub fn home(&self) -> Home {
        home(&self.options)
    }
}

fn operated(options: &Options) -> Result<Node, Failure> {
    Node::at_socket(&home(options).socket()).map_err(|error| usage(format!("--home: {error}")))
}

fn home(options: &Options) -> Home {
    let here = || Home::at(".");
    match &options.home {
        Some(named) => Home::at(named),
        None if here().release_signers().exists() || here().socket().exists() => here(),
        None => Home::of_user().unwrap_or_else(here),
    }
}

/// The socket of the home that was named, where its node has made one that this user sees, and no address was said: nobody who comes to
/// the port takes a place there.
fn socket(options: &Options) -> Option<PathBuf> {
    let of_home = options.home.as_ref().filter(|_| options.rpc.is_none()).map(|home| Home::at(home).socket());
    of_home.filter(|socket| socket.exists())
}

/// Where the node answers: as it was said, else as the home has it that was named, else where one does that nobody configured.
fn address(options: &Options) -> Result<String, Failure> {
    if let Some(url) = &options.rpc {
        return Ok(url.clone());
    }
    let of_home = options.home.as_ref().map(|home| Home::at(home).rpc_url().map_err(usage)).transpose()?;
    Ok(of_home.flatten().unwrap_or_else(|| Config::default().rpc.url()))
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
        let unknown = RpcRefusal::UnknownProposal(primitives::ProposalId(99));
        let (code, message) = (unknown.code(), unknown.to_string());
        let data = Some(serde_json::to_value(&unknown).unwrap());
        assert_eq!(
            unanswered(CallError::Refused { code, message, data }).next_step(),
            Some("list them with `contract gov proposals`")
        );
        let other = CallError::Refused { code: 1, message: "closed".into(), data: None };
        assert_eq!(unanswered(other).next_step(), None);
    }
}
