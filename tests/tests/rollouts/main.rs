//! Does the plan of `config/profiles/chain.toml`, exactly as it is, lead a network from development to mainnet, by real calls in blocks of
//! invented times; and do those of `pos.toml` and `trunk.toml` lead applications beside it (ROLLOUTS 19)?

mod application;
mod attacks;
mod beside_guests;
mod boundaries;
mod deadlines;
mod development;
mod enforcement;
mod evidence;
mod founding;
mod guest;
mod install;
mod journey_emergency;
mod journey_freeze;
mod journey_pause;
mod journey_rewards;
mod journey_witness;
mod made;
mod motions;
mod network;
mod onward;
mod people;
mod pos;
mod promotion;
mod rolled_back;
mod trunk;
mod walk;
