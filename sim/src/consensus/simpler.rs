//! Plans that are simpler by one thing: how a failure is made small enough to read.

use super::hazards::Hazards;
use crate::links::LinkRules;

/// The fewest blocks that are still worth a try.
const FEWEST: u64 = 2;

/// The boldest first: fewer blocks, without a kind of thing, without one of them, on links that do no harm.
pub(super) fn simpler(plan: &Hazards) -> Vec<Hazards> {
    let mut plans = shorter(plan);
    plans.extend(without_a_kind(plan));
    plans.extend(without_one(plan));
    plans.extend(with_a_vice_less(plan));
    plans.extend(on_better_links(plan));
    plans.retain(|simpler| simpler != plan);
    plans
}

fn shorter(plan: &Hazards) -> Vec<Hazards> {
    let heights = [plan.heights / 2, plan.heights * 3 / 4, plan.heights.saturating_sub(1)];
    let cut = |heights| Hazards { heights, ..plan.clone() };
    heights.into_iter().filter(|heights| (FEWEST..plan.heights).contains(heights)).map(cut).collect()
}

fn without_a_kind(plan: &Hazards) -> Vec<Hazards> {
    let mut plain = plan.clone();
    plain.clocks.iter_mut().for_each(|clock| (clock.ahead_ms, clock.per_million) = (0, 0));
    vec![
        Hazards { partitions: Vec::new(), ..plan.clone() },
        Hazards { crashes: Vec::new(), ..plan.clone() },
        Hazards { dishonest: Vec::new(), ..plan.clone() },
        Hazards { moves: Vec::new(), ..plan.clone() },
        Hazards { jumps: Vec::new(), ..plan.clone() },
        Hazards { payments_per_million: 0, ..plan.clone() },
        plain,
    ]
}

fn without_one(plan: &Hazards) -> Vec<Hazards> {
    let partitions = without_each(&plan.partitions).map(|partitions| Hazards { partitions, ..plan.clone() });
    let crashes = without_each(&plan.crashes).map(|crashes| Hazards { crashes, ..plan.clone() });
    let dishonest = without_each(&plan.dishonest).map(|dishonest| Hazards { dishonest, ..plan.clone() });
    let moves = without_each(&plan.moves).map(|moves| Hazards { moves, ..plan.clone() });
    partitions.chain(crashes).chain(dishonest).chain(moves).collect()
}

fn without_each<T: Clone>(list: &[T]) -> impl Iterator<Item = Vec<T>> {
    (0..list.len()).map(|gone| {
        let kept = list.iter().enumerate().filter(|(index, _)| *index != gone);
        kept.map(|(_, item)| item.clone()).collect()
    })
}

fn with_a_vice_less(plan: &Hazards) -> Vec<Hazards> {
    let mut plans = Vec::new();
    for (index, dishonest) in plan.dishonest.iter().enumerate().filter(|(_, dishonest)| dishonest.vices.len() > 1) {
        for vices in without_each(&dishonest.vices) {
            let mut simpler = plan.clone();
            if let Some(dishonest) = simpler.dishonest.get_mut(index) {
                dishonest.vices = vices;
            }
            plans.push(simpler);
        }
    }
    plans
}

fn on_better_links(plan: &Hazards) -> Vec<Hazards> {
    let with = |links: LinkRules| Hazards { links, ..plan.clone() };
    vec![
        with(LinkRules { lost_per_million: 0, ..plan.links.clone() }),
        with(LinkRules { twice_per_million: 0, ..plan.links.clone() }),
        with(LinkRules { most_delay_us: plan.links.least_delay_us, ..plan.links.clone() }),
    ]
}
