//! What the page of a release says became of it: each turn as what it was for this build, with the turns of the votes about it.

use explorer::answers::Milestone;
use explorer::index::IndexStore;
use explorer::store::{Index, IndexHead, IndexPlace};
use explorer::topics::{PreparedBlock, governance as votes, releases as builds, search};
use governance::{Choice, TrackName};
use light::testing::TestChain;
use primitives::{BuildHash, ChainPosition, ProposalId};
use runtime::testing::{genesis, held_by, install, propose, propose_on, release_vote, revoke, validator, vote};
use runtime::{Call, Genesis};

const FIRST: BuildHash = BuildHash([1; 32]);
const SECOND: BuildHash = BuildHash([2; 32]);

struct Network {
    genesis: Genesis,
    chain: TestChain,
}

impl Network {
    fn new() -> Self {
        let mut genesis = genesis();
        genesis.chain.epoch_length = 3;
        Self { chain: TestChain::new(genesis.clone()), genesis }
    }

    /// Proposes something, has all validators vote for it and hold the builds, or nobody, and waits until that has ended.
    fn decide(&mut self, call: Call, builds: &[BuildHash], with_votes: bool) -> ProposalId {
        // Voting ends with an epoch: what is proposed in its last block nobody votes on.
        while !self.chain.height().ends_epoch(self.genesis.chain.epoch_length) {
            self.chain.block(&[]);
        }
        self.chain.block(&[(validator(0), call)]);
        let proposal_id = governance::queries::latest(&self.chain.state());
        if with_votes {
            let votes = (0..4).map(|index| (validator(index), vote(proposal_id.0, Choice::Yes, None)));
            self.chain.block(&votes.chain(held_by(4, builds)).collect::<Vec<_>>());
        }
        // Voting ends an epoch later, and what passed is carried out another one after that.
        self.chain.until(self.chain.height().0 + 12);
        proposal_id
    }

    fn release(&mut self, build: BuildHash, with_votes: bool) -> ProposalId {
        self.decide(propose(release_vote(&self.genesis, build, 3)), &[build], with_votes)
    }

    async fn index(&self, folder: &std::path::Path) -> (IndexStore, Index) {
        let store = IndexStore::open(IndexPlace::File(folder.join("x.sqlite")), false).await.unwrap();
        let mut head = store.begin(&self.genesis).await.unwrap();
        while let Some((record, certificate)) = self.chain.record(head.at.height.next()) {
            let header = &record.header;
            let at = ChainPosition::of(header.height, header.time, self.genesis.chain.epoch_length);
            let next = IndexHead { at, hash: header.hash() };
            store.write([PreparedBlock::new(head, next, record, Some(&certificate)).unwrap()]).await.unwrap();
            head = next;
        }
        let index = Index::new(store.readers(), self.genesis.clone());
        (store, index)
    }
}

fn kinds(milestones: &[Milestone]) -> Vec<&str> {
    milestones.iter().map(|milestone| milestone.kind.as_str()).collect()
}

async fn turns(index: &Index, build: &BuildHash) -> Vec<Milestone> {
    builds::read::release(index, build).await.unwrap().expect("the build was approved").milestones
}

#[tokio::test]
async fn a_release_tells_of_every_vote_about_it_and_what_became_of_it() {
    let mut network = Network::new();
    let failed = network.release(FIRST, false);
    network.release(FIRST, true);
    network.release(SECOND, true);
    let folder = tempfile::tempdir().unwrap();
    let (store, index) = network.index(folder.path()).await;
    let first = turns(&index, &FIRST).await;
    let expected = [
        "governance.proposed",
        "governance.rejected",
        "governance.proposed",
        "governance.passed",
        "releases.approved",
        "governance.activated",
        "releases.superseded",
    ];
    assert_eq!(kinds(&first), expected);
    assert!(first.is_sorted_by_key(|turn| turn.at.height));
    // The proposal that failed tells of itself alone.
    let answer = votes::read::proposal(&index, failed).await.unwrap().expect("it was proposed");
    assert_eq!(kinds(&answer.milestones), ["governance.proposed", "governance.rejected"]);
    store.close().await;
}

#[tokio::test]
async fn a_build_that_came_back_was_reinstated_and_the_other_revoked() {
    let mut network = Network::new();
    network.release(FIRST, true);
    network.release(SECOND, true);
    // What nobody would be left to run in place of is not revoked.
    network.chain.block(&[0, 1, 2, 3].map(|index| (validator(index), install(FIRST))));
    network.decide(propose_on(TrackName::Expedited, revoke(&[SECOND])), &[], true);
    let folder = tempfile::tempdir().unwrap();
    let (store, index) = network.index(folder.path()).await;
    let (first, second) = (turns(&index, &FIRST).await, turns(&index, &SECOND).await);
    assert_eq!(kinds(&first).last(), Some(&"releases.reinstated"), "{first:?}");
    assert_eq!(kinds(&second).last(), Some(&"releases.revoked"), "{second:?}");
    assert!(kinds(&first).contains(&"releases.superseded") && !kinds(&second).contains(&"releases.superseded"));
    store.close().await;
}

#[tokio::test]
async fn o31_a_search_takes_a_hash_or_a_key_as_people_have_it() {
    let mut network = Network::new();
    network.release(FIRST, true);
    let folder = tempfile::tempdir().unwrap();
    let (store, index) = network.index(folder.path()).await;
    for known in [FIRST.to_string(), validator(0).account().to_string(), FIRST.to_string()[..10].to_owned()] {
        let expected = search::read::search(&index, &known).await.unwrap().matches;
        assert!(!expected.is_empty(), "{known}");
        let upper = known.to_uppercase();
        for typed in [format!("0x{known}"), format!("0X{upper}"), format!(" 0x{upper}\t"), upper] {
            assert_eq!(search::read::search(&index, &typed).await.unwrap().matches, expected, "{typed:?}");
        }
    }
    let number = search::read::search(&index, "0x1").await.unwrap().matches;
    assert!(number.is_empty(), "the beginning of a hash is no number of a block: {number:?}");
    store.close().await;
}
