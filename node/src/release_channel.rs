//! Whether the operator of a node believes what the chain says about the channel of releases (ROLLOUTS 12.1).

use primitives::Name;
use state::State;

/// That the operator believes in another channel than the one of the stage that stands. Nothing where no plan governs this network, and
/// where none of its stages stands.
pub fn warning(state: &State, believed: &Name) -> Option<String> {
    let plan = rollouts::plans::of_node(state)?;
    let (stage, _) = plan.last_standing(state)?;
    let channel = plan.stage(state, &stage).ok()?.channel;
    (channel != *believed).then(|| {
        format!(
            "rollout.release_channel is {believed}, and the network is at stage {stage}, whose channel is {channel}; others see that \
             this node believes in another one, so name {channel} there and start the node again"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{Amount, Epoch, Height, List, Moment, Timestamp};
    use rollouts::plan::Governs;
    use runtime::testing::examples;
    use state::{Apply as _, Memory};

    #[test]
    fn an_operator_is_told_of_another_channel_than_that_of_the_stage_which_stands() {
        let memory = Memory::default();
        let mut state = State::over(&memory);
        let [mainnet, dev] = ["mainnet", "dev"].map(|channel| Name::new(channel).unwrap());
        assert_eq!(warning(&state, &mainnet), None, "no plan governs this network");
        let mut installation = examples::installation();
        installation.plan.governs = Governs::Node;
        installation.stage = installation.plan.stages.first().map(|stage| stage.name.clone());
        let (installation, effects) = (Box::new(installation), List::new());
        let installed = rollouts::Event::Installed { installation, by: None, deposit: Amount::ZERO, effects };
        installed
            .apply(&mut state, Moment { height: Height(1), epoch: Epoch(0), time: Timestamp(0), running: 0, level: 0 });
        assert!(warning(&state, &mainnet).is_some_and(|said| said.contains("whose channel is dev;")));
        assert_eq!(warning(&state, &dev), None);
    }
}
