//! What becomes of a message? Published, received, judged.

use super::{
    Cost, MOST_COSIGNATURE_BYTES, MessageVerdict,
    check::{Checked, Judged},
    is_cosignature,
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
        let is_cosignature = is_cosignature(&message);
        let topic = if is_cosignature { self.network.cosignatures() } else { self.network.messages() };
        match self.swarm.behaviour_mut().gossip.publish(topic, message.clone()) {
            Ok(_) => self.metrics.published(),
            // The network has it: a peer was faster, or this node said it before.
            Err(gossipsub::PublishError::Duplicate) => {}
            // A witness tells again, and who is not on the topic wants nothing of it.
            Err(gossipsub::PublishError::NoPeersSubscribedToTopic) if is_cosignature => self.metrics.dropped(),
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

    /// Joins the topic of cosignatures, or leaves it.
    pub(super) fn hear_cosignatures(&mut self, hears: bool) {
        let topic = self.network.cosignatures();
        let gossip = &mut self.swarm.behaviour_mut().gossip;
        if !hears {
            gossip.unsubscribe(&topic);
        } else if let Err(error) = gossip.subscribe(&topic) {
            tracing::warn!(%error, "the topic of cosignatures cannot be joined");
        }
    }

    pub(super) fn receive(&mut self, from: PeerId, id: MessageId, message: gossipsub::Message) {
        self.metrics.received();
        let (data, on_cosignatures) = (message.data, message.topic == self.network.cosignatures().hash());
        let most = if on_cosignatures { MOST_COSIGNATURE_BYTES } else { self.max_message_bytes };
        // Whoever speaks this gossip protocol named the network in it; waiting for identify besides would lose the first
        // messages of a new peer.
        // What is told on the other topic would come to whoever is not on that.
        if data.len() > most || on_cosignatures != is_cosignature(&data) {
            self.report(&id, &from, MessageVerdict::Reject);
        } else if !self.checks.submit(id.clone(), from, data) {
            self.metrics.dropped();
            self.report(&id, &from, MessageVerdict::Ignore(Cost::Nothing));
        }
    }

    pub(super) fn settle(&mut self, checked: Checked) {
        self.checks.settle(&checked);
        let Checked { from, judged, doubtful, .. } = checked;
        for message in doubtful {
            for peer in self.doubts.keep(from, message, Instant::now()) {
                self.charge(peer, MessageVerdict::Ignore(Cost::Much));
            }
        }
        match judged {
            Judged::Gossiped(id, verdict) => {
                self.report(&id, &from, verdict);
                if verdict != MessageVerdict::Ignore(Cost::Much) {
                    self.charge(from, verdict);
                }
            }
            Judged::Fetched(verdicts) => self.fetched(from, &verdicts),
            Judged::Reconsidered(verdicts) => verdicts.into_iter().for_each(|verdict| self.charge(from, verdict)),
        }
    }

    /// Counts what a message was worth against its sender's budget, which alone answers for it. What was of no use when it came is
    /// counted once it was reconsidered.
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
