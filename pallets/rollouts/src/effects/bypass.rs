//! Whether what is served from now on bypasses what is enforced otherwise, which is on record as that (REQ-112).

use crate::change::{Effected, FlagSide};
use flags::{DefinedFlag, Serve, Targeting};
use primitives::Name;
use state::State;

/// Whether something that moved has anybody served a variant of its flag that bypasses.
pub(crate) fn bypasses(state: &State, plan: &Name, effects: &[Effected]) -> bool {
    effects.iter().any(|effect| match effect {
        Effected::Flag { flag, after: FlagSide { targeting: Some(targeting), .. }, .. } => {
            let defined = flags::queries::flag(state, plan, flag);
            defined.is_some_and(|DefinedFlag { flag, .. }| served(targeting).any(|place| flag.bypass.contains(&place)))
        }
        Effected::Flag { .. } | Effected::Segment { .. } => false,
    })
}

/// The places of the variants that a targeting serves to anybody.
fn served(targeting: &Targeting) -> impl Iterator<Item = u8> {
    let all = targeting.cases.iter().map(|arm| &arm.serve).chain([&targeting.otherwise]);
    all.flat_map(|serve| match serve {
        Serve::Variant(place) => vec![*place],
        Serve::Split(weights) => weights.iter().map(|(place, _)| *place).collect(),
        Serve::Inherit => Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flags::{Audience, Expiry, Flag, FlagKind, Risk, Value, Variant};
    use primitives::{Epoch, Height, List, Moment, Path, Text, Timestamp};
    use state::Memory;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    /// What is enforced, unless its second variant is served.
    fn enforcement() -> Flag {
        let variant = |key: &str, on: bool| Variant { name: name(key), value: Value::Bool(on) };
        Flag {
            key: name("risk_enforcement"),
            kind: FlagKind::Permission,
            variants: List::truncate_from(vec![variant("on", true), variant("off", false)]),
            fallback: 0,
            off: 0,
            owner: name("OWNER"),
            expires: Expiry::Never,
            risk: Risk::High,
            audience: Audience::Server,
            emergency: false,
            requires: List::default(),
            bypass: List::truncate_from(vec![1]),
            salt: name("salt"),
            text: Text::default(),
        }
    }

    fn moved(otherwise: Serve) -> Effected {
        let side = |targeting| FlagSide { targeting, disabled: false };
        let targeting = Targeting { cases: List::default(), otherwise };
        let (flag, path) = (name("risk_enforcement"), Path::ROOT);
        Effected::Flag { flag, path, before: side(None), after: side(Some(targeting)) }
    }

    #[test]
    fn req_112_a_variant_that_bypasses_is_on_record_as_that_also_where_only_some_get_it() {
        let memory = Memory::default();
        let (mut state, plan) = (State::over(&memory), name("pos"));
        let at = Moment { height: Height(1), epoch: Epoch(0), time: Timestamp(1), running: 0, level: 1 };
        flags::apply::define_flags_of_plan(&mut state, at, &plan, &[enforcement()]);
        let split = |weights: Vec<(u8, u32)>| Serve::Split(List::truncate_from(weights));
        for (serve, expected) in [
            (Serve::Variant(1), true),
            (split(vec![(0, 99), (1, 1)]), true),
            (Serve::Variant(0), false),
            (split(vec![(0, 1)]), false),
            (Serve::Inherit, false),
        ] {
            assert_eq!(bypasses(&state, &plan, &[moved(serve.clone())]), expected, "{serve:?}");
        }
        assert!(!bypasses(&state, &name("other"), &[moved(Serve::Variant(1))]), "another plan has no such flag");
    }
}
