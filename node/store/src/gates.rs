//! Gates that act at nodes: whether one is on here (ROLLOUTS 11). No rule of the chain reads these.

use flags::{Gate, Gates};
use primitives::AccountId;
use state::State;

/// Whether a gate is on for the node that acts in the name of an account. One that is limited to a segment is on for its members
/// alone, and so for no node without an account.
pub fn is_on_here(state: &State, gate: Gate, account: Option<&AccountId>) -> bool {
    let gates = Gates::of(state);
    match account {
        Some(account) => gates.is_on_for(state, gate, account),
        None => gates.is_on_for_all(gate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{govern, limit};
    use state::Memory;

    const MEMBER: AccountId = AccountId([1; 32]);
    const OTHER: AccountId = AccountId([2; 32]);

    #[test]
    fn a_limited_gate_is_on_at_the_nodes_of_its_members_and_at_none_without_an_account() {
        let memory = Memory::default();
        let mut state = State::over(&memory);
        let on = |state: &State| {
            [Some(&MEMBER), Some(&OTHER), None].map(|account| is_on_here(state, Gate::Pruning, account))
        };
        assert_eq!(on(&state), [true; 3], "no plan governs this network");
        govern(&mut state, &[Gate::Pruning]);
        assert_eq!(on(&state), [false; 3]);
        limit(&mut state, Gate::Pruning, &MEMBER);
        assert_eq!(on(&state), [true, false, false]);
        govern(&mut state, &[]);
        assert!(is_on_here(&state, Gate::Reconstruction, None));
    }
}
