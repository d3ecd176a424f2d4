//! Effects of a change put together: each flag once at a path, each segment once.

use super::{Effected, MOST_EFFECTS};
use primitives::{List, Text};

/// Effects with later ones of the same change, with what was before the first and what is after the last; an index over the facts has
/// them so as well.
pub fn merged(earlier: &[Effected], later: &[Effected]) -> List<Effected, MOST_EFFECTS> {
    let mut all = earlier.to_vec();
    for effect in later {
        match all.iter_mut().find(|known| is_about_the_same(known, effect)) {
            Some(known) => merge(known, effect),
            None => all.push(effect.clone()),
        }
    }
    List::truncate_from(all)
}

fn is_about_the_same(one: &Effected, other: &Effected) -> bool {
    match (one, other) {
        (Effected::Flag { flag, path, .. }, Effected::Flag { flag: other, path: place, .. }) => {
            flag == other && path == place
        }
        (Effected::Segment { name, .. }, Effected::Segment { name: other, .. }) => name == other,
        _ => false,
    }
}

fn merge(known: &mut Effected, later: &Effected) {
    match (known, later) {
        (Effected::Flag { after, .. }, Effected::Flag { after: latest, .. }) => *after = latest.clone(),
        (Effected::Segment { added, removed, .. }, Effected::Segment { added: came, removed: went, .. }) => {
            // Who came and went again did neither, and who went and came again stayed.
            let came_first = without(added, went).into_iter().chain(without(came, removed)).collect();
            let went_first = without(removed, came).into_iter().chain(without(went, added)).collect();
            (*added, *removed) = (List::truncate_from(came_first), List::truncate_from(went_first));
        }
        _ => {}
    }
}

fn without(members: &[Text<64>], others: &[Text<64>]) -> Vec<Text<64>> {
    members.iter().filter(|member| !others.contains(member)).cloned().collect()
}
