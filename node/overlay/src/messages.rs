//! What becomes of a message? Published, received, judged.

use super::{
    Cost, MessageVerdict,
    check::{Checked, Judged},
    swarm::Overlay,
};
use libp2p::{
    PeerId,
    gossipsub::{self, MessageAcceptance, MessageId},
};
use std::time::Instant;

/// Messages kept while no peer is there to take them; the oldest gives way.
const UNSENT: usize = 256;

impl Overlay {
    pub(super) fn publish(&mut self, message: Vec<u8>) {
        let topic = self.network.messages();
        match self.swarm.behaviour_mut().gossip.publish(topic, message.clone()) {
            Ok(_) => self.metrics.published(),
            // The network has it: a peer was faster, or this node said it before.
            Err(gossipsub::PublishError::Duplicate) => {}
            Err(gossipsub::PublishError::NoPeersSubscribedToTopic) => self.keep_unsent(message),
            Err(error) => {
                tracing::debug!(%error, "message not gossiped");
                self.metrics.dropped();
            }
        }
    }

    fn keep_unsent(&mut self, message: Vec<u8>) {
        if self.unsent.len() >= UNSENT {
            self.unsent.pop_front();
            self.metrics.dropped();
        }
        self.unsent.push_back(message);
    }

    pub(super) fn send_unsent(&mut self) {
        for message in std::mem::take(&mut self.unsent) {
            self.publish(message);
        }
    }

    pub(super) fn receive(&mut self, from: PeerId, id: MessageId, data: Vec<u8>) {
        self.metrics.received();
        // Whoever speaks this gossip protocol named the network in it; waiting for identify besides would lose the first
        // messages of a new peer.
        if data.len() > self.max_message_bytes {
            self.report(&id, &from, MessageVerdict::Reject);
        } else if !self.checks.submit(id.clone(), from, data) {
            self.metrics.dropped();
            self.report(&id, &from, MessageVerdict::Ignore(Cost::Nothing));
        }
    }

    pub(super) fn settle(&mut self, checked: Checked) {
        self.checks.settle(&checked);
        match checked.judged {
            Judged::Gossiped(id, verdict) => {
                self.report(&id, &checked.from, verdict);
                self.charge(checked.from, verdict);
            }
            Judged::Fetched(verdicts) => self.fetched(checked.from, &verdicts),
        }
    }

    /// Counts what a message was worth against its sender's budget, which alone answers for it.
    pub(super) fn charge(&mut self, from: PeerId, verdict: MessageVerdict) {
        if verdict == MessageVerdict::Ignore(Cost::Much) {
            self.metrics.useless();
        }
        if let Some(overdraft) = self.budgets.count(from, verdict, Instant::now()) {
            self.swarm.behaviour_mut().gossip.set_application_score(&from, overdraft);
            self.judge(from);
        }
    }

    fn report(&mut self, id: &MessageId, from: &PeerId, verdict: MessageVerdict) {
        let acceptance = match verdict {
            MessageVerdict::Accept => MessageAcceptance::Accept,
            MessageVerdict::Ignore(_) => MessageAcceptance::Ignore,
            MessageVerdict::Reject => MessageAcceptance::Reject,
        };
        self.swarm.behaviour_mut().gossip.report_message_validation_result(id, from, acceptance);
        if verdict == MessageVerdict::Reject {
            self.metrics.rejected();
            self.judge(*from);
            self.show();
        }
    }
}
