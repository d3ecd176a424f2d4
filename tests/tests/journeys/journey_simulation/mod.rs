//! Is what is simulated what runs? One small plan of each simulation is played in it and by four processes on a network of the same
//! rules, and the facts on chain agree.
//!
//! Compared is what the plan is about, in the words of [`facts`]: what was proposed, voted, decided, installed and punished, in its order,
//! by the numbers of proposals, rosters and builds. Keys, hashes, heights, times, fees and stakes are those of either side: a
//! simulation has epochs, links and machines of its own. A plan has only what can be done to processes on one machine and comes out one
//! way: a restart and not a partition, one offence and not many.

mod double_vote;
mod facts;
mod hostile_motion;
mod rollback;
mod scene;
mod signers;
mod simulated;
