//! What happens in a future, and to whom it does.

use super::fleet::Fleet;
use super::node::State;
use super::sources::Source;

/// What happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Happens {
    /// A block is due.
    Block,
    /// A scout looks at the chain.
    Look(usize),
    /// Something is over that a node waits for, in a life of it.
    Wakes(usize, u32),
    /// A build that crashes does so, in a life of its node.
    Ends(usize, u32),
    /// A step of staging is done.
    Staged(usize, u64),
    /// A source may have sent a piece.
    Sent(Source),
    /// A node has taken in a piece, in a lane.
    Taken(usize, usize, u64),
    /// The window of a piece is over.
    Window(usize, usize, u64),
    /// A mirror begins to do what it does, or ends it.
    Mirror(usize, bool),
    /// A machine is there again.
    Back(usize),
    /// A release is proposed.
    Propose(usize),
    /// A revocation is proposed.
    Revoke,
    /// It is looked whether all is over.
    Glance,
}

impl Fleet<'_> {
    /// One thing happens. False where a law of the chain is broken, after which nothing means anything.
    pub(super) fn happens(&mut self, happens: Happens) -> bool {
        match happens {
            Happens::Block => return self.block(),
            Happens::Look(n) => self.look(n),
            Happens::Wakes(n, life) if self.nodes[n].life == life => self.wakes(n),
            Happens::Ends(n, life) if self.nodes[n].life == life => self.crashes_by_itself(n),
            Happens::Wakes(..) | Happens::Ends(..) | Happens::Glance => {}
            Happens::Staged(n, serial) => self.staged(n, serial),
            Happens::Sent(source) => self.has_sent(source),
            Happens::Taken(n, lane, serial) => self.has_taken(n, lane, serial),
            Happens::Window(n, lane, serial) => self.window_is_over(n, lane, serial),
            Happens::Mirror(number, begins) => self.mirror_changes(number, begins),
            Happens::Back(n) => self.come_back(n),
            Happens::Propose(number) => {
                self.to_come -= 1;
                self.votes.approve(self.setting, number);
            }
            Happens::Revoke => {
                self.to_come -= 1;
                if let Some(revoke) = self.plan.revoke {
                    self.votes.revoke(self.view.builds[revoke.build].hash);
                }
            }
        }
        true
    }

    fn wakes(&mut self, n: usize) {
        match &self.nodes[n].state {
            State::Waits => self.decide(n),
            State::Runs(_) => self.look_at_process(n),
            State::Moves(moves) => {
                let moves = (**moves).clone();
                self.go_on_moving(n, moves);
            }
            State::Away | State::Still => {}
        }
    }
}
