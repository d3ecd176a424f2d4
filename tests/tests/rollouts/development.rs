//! The first stage: a network at which none stands enters development, takes the steps of that, and is asked about them before the next
//! (ROLLOUTS 7.5 and 10).

use crate::evidence::BUILD;
use crate::founding::Founding;
use crate::network::Network;
use crate::people::{commander, promotes};
use primitives::ChangeId;
use rollouts::queries::ChangeLabel;

/// All that keeps a network from development where a build is approved and nobody has said anything, in the order of the list.
const UNMET: [&str; 16] = [
    "dev.ci_green",
    "dev.property_tests",
    "dev.provision",
    "dev.telemetry",
    "preflight.config_drift",
    "preflight.consensus_health",
    "preflight.proof_latency",
    "preflight.vrf_participation",
    "preflight.network_churn",
    "preflight.alert_routing",
    "preflight.rollback_assets",
    "preflight.drill",
    "signoff.observability",
    "signoff.provenance",
    "signoff.commander",
    "council.promote",
];

/// What the steps of development need, in their order.
const OF_STEPS: [&str; 6] = [
    "dev.deploy",
    "smoke.pipeline",
    "smoke.observability",
    "baseline.consensus_latency",
    "baseline.proof_queue_depth",
    "baseline.vrf_participation",
];

/// A sealed network where no stage stands, and the first promotion.
fn asked_for_development() -> (Network, ChangeId) {
    let mut network = Founding::before_any_stage().network();
    let build = network.release();
    let change = network.submitted(commander().submits(promotes("development", build)));
    (network, change)
}

#[test]
fn it_is_entered_once_tests_nodes_and_telemetry_are_told_of_beside_what_every_stage_asks() {
    let (mut network, change) = asked_for_development();
    assert_eq!(network.unmet(change), UNMET);
    network.answer(change);
    assert_eq!(network.unmet(change), ["council.promote"]);
}

#[test]
fn before_testnet_each_of_its_steps_is_asked_about_until_it_is_taken_in_its_turn() {
    let (mut network, change) = asked_for_development();
    network.agreed(change);
    network.outwait_stake(change);
    let window = network.window_of("development");
    network.ready_at(change, window);
    network.granted(commander().executes(change));
    assert_eq!(network.standing(), ("development".into(), change));

    let next = network.submitted(commander().submits(promotes("testnet", BUILD)));
    let of_steps = |network: &Network| -> Vec<String> {
        network.unmet(next).into_iter().filter(|key| OF_STEPS.contains(&key.as_str())).collect()
    };
    assert_eq!(of_steps(&network), OF_STEPS);
    network.refused(commander().steps(change, "smoke"), "E_STEP");
    network.refused(commander().steps(change, "deploy"), "E_DEFERRED");
    for (step, left) in [("deploy", 5), ("smoke", 3), ("baseline", 0)] {
        network.take_step(change, step);
        assert_eq!(of_steps(&network), OF_STEPS[OF_STEPS.len() - left..], "after {step}");
    }
    network.closed(change);
    assert_eq!(network.label(change), ChangeLabel::Closed);
}
