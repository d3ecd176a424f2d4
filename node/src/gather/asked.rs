//! What is voted on, and what is said of it.

use anyhow::ensure;
use primitives::BuildHash;
use releases::Target;
use runtime::Motion;
use state::State;

/// What a release that is voted on asks for.
pub(super) struct AskedRelease {
    /// The builds, the one that it is named after first.
    pub targets: Vec<Target>,
    /// The level that its manifest states.
    pub level: Option<u32>,
}

/// What open and passed proposals ask for: of a sealed one nothing before it is revealed (T17), and nothing that too few have signed.
/// There are no more proposals than places.
pub(super) fn asked_for(state: &State) -> Vec<AskedRelease> {
    let asked = |id| {
        let proposal = governance::queries::proposal::<Motion>(state, id);
        let Motion::Releases(releases::Motion::Approve(vote)) = &proposal.motion else { return None };
        let targets = releases::queries::asked_for(state, id, proposal.created, vote);
        let level = releases::queries::manifest_of(state, id, vote)?.level;
        Some(AskedRelease { targets, level })
    };
    governance::queries::live(state).filter_map(asked).collect()
}

/// Whether a build knows what is said of it: of one that knows another level it is not said that it is held, because it would run nowhere
/// (ROLLOUTS 3.3). Its file is asked, because nothing is executed that is not approved. Where more than one release names it, one of them
/// has to be right: no other can keep it from being held.
///
/// # Errors
/// When every one says something else.
pub(super) fn require_level(asked: &[AskedRelease], hash: &BuildHash, found: Option<u32>) -> anyhow::Result<()> {
    let names_it = |asked: &&AskedRelease| asked.targets.iter().any(|target| target.build_hash == *hash);
    let said: Vec<Option<u32>> = asked.iter().filter(names_it).map(|asked| asked.level).collect();
    let is_right = said.is_empty() || said.iter().any(|said| said.is_none() || *said == found);
    let levels: Vec<String> = said.iter().flatten().map(u32::to_string).collect();
    let says = found.map_or("none".to_owned(), |level| level.to_string());
    ensure!(
        is_right,
        "it was proposed as one that knows level {}, and its file says {says}, so it would not start; tell its proposer to withdraw it \
         (E_LEVEL)",
        levels.join(" or ")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use light::testing::TestChain;
    use releases::Manifest;
    use runtime::testing::{described, genesis, propose, release_vote, validator};

    const BUILD: BuildHash = BuildHash([1; 32]);

    /// What is asked for where a release says a level of the build.
    fn saying(level: Option<u32>) -> Vec<AskedRelease> {
        let mut chain = TestChain::new(genesis());
        let said = Manifest { level, ..Manifest::default() };
        let vote = described(&chain.genesis, release_vote(&chain.genesis, BUILD, 2), said, &[0, 1]);
        chain.block(&[(validator(0), propose(vote))]);
        asked_for(&chain.state())
    }

    #[test]
    fn h28_a_build_that_knows_another_level_than_its_release_says_is_not_said_to_be_held() {
        let asked = saying(Some(3));
        assert_eq!(asked.iter().map(|asked| asked.level).collect::<Vec<_>>(), [Some(3)]);
        require_level(&asked, &BUILD, Some(3)).unwrap();
        for (found, says) in [(Some(2), "its file says 2"), (Some(4), "its file says 4"), (None, "its file says none")]
        {
            let refused = require_level(&asked, &BUILD, found).unwrap_err().to_string();
            assert!(refused.contains("as one that knows level 3") && refused.contains(says), "{refused}");
        }
        require_level(&asked, &BuildHash([2; 32]), Some(2)).expect("nothing is said of another build");
    }

    #[test]
    fn h28_what_is_not_said_is_not_wrong_and_no_other_release_keeps_a_build_from_being_held() {
        let unsaid = saying(None);
        [None, Some(7)].into_iter().for_each(|found| require_level(&unsaid, &BUILD, found).unwrap());
        let rivals: Vec<AskedRelease> = saying(Some(3)).into_iter().chain(saying(Some(4))).collect();
        require_level(&rivals, &BUILD, Some(4)).unwrap();
        assert!(require_level(&rivals, &BUILD, Some(5)).unwrap_err().to_string().contains("level 3 or 4"));
        require_level(&saying(Some(3)).into_iter().chain(unsaid).collect::<Vec<_>>(), &BUILD, Some(5)).unwrap();
    }
}
