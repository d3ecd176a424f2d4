//! Blocks that come as ids: what is lacking of them, who is told, and what becomes of one that is another.

use super::*;
use crate::messages::Lacking;
use crate::tests::waiting;
use arc_malachitebft_app_channel::AppMsg;
use primitives::List;

/// The node's pool lacks the transactions at these places.
fn lacks(node: &Node, places: &[usize]) {
    let all: Vec<Transaction> = waiting().collect();
    node.app.lacks.lock().unwrap().extend(places.iter().map(|place| all[*place].hash()));
}

fn asked(places: &[u32]) -> ProposalPart {
    ProposalPart::Lacking(Lacking::Transactions(List::truncate_from(places.to_vec())))
}

fn data(parts: &[Part]) -> Vec<ProposalPart> {
    parts.iter().filter_map(|part| part.content.as_data().cloned()).collect()
}

/// The places of the transactions in some parts, which have nothing else.
fn told(parts: &[Part]) -> Vec<u32> {
    let places = |part: ProposalPart| match part {
        ProposalPart::Filled(filled) => filled.into_inner().into_iter().map(|(place, _)| place),
        other => panic!("{other:?}"),
    };
    data(parts).into_iter().flat_map(places).collect()
}

#[tokio::test]
async fn who_has_all_transactions_asks_for_nothing_and_who_lacks_some_is_told_them() {
    let World { mut proposer, mut other, dir } = world();
    let (_, parts) = proposer.proposes(0).await;
    assert!(is_valid(other.hears(proposer.n, parts.clone()).await));
    assert!(other.streamed().is_empty());

    let third = (1..=4).find(|n| ![proposer.n, other.n].contains(n)).unwrap();
    let mut third = node(third, dir.path());
    lacks(&third, &[0, 7, 999]);
    assert_eq!(third.hears(proposer.n, parts).await, None);
    let question = third.streamed();
    assert_eq!(data(&question), [asked(&[0, 7, 999])]);
    assert_eq!(proposer.hears(third.n, question).await, None);
    let answer = proposer.streamed();
    assert_eq!(told(&answer), [0, 7, 999]);
    assert_eq!(other.hears(proposer.n, answer.clone()).await, None, "for whom it is not, it is nothing");
    assert!(is_valid(third.hears(proposer.n, answer).await));
    assert_eq!((third.validated(), third.app.refused.load(Ordering::SeqCst)), (1, 0));
}

#[tokio::test]
async fn one_answer_serves_all_who_lack_the_same_and_nobody_asks_twice() {
    let World { mut proposer, mut other, dir } = world();
    let third = (1..=4).find(|n| ![proposer.n, other.n].contains(n)).unwrap();
    let mut third = node(third, dir.path());
    lacks(&other, &[3, 4]);
    lacks(&third, &[4, 5]);
    let (_, parts) = proposer.proposes(0).await;
    assert_eq!(other.hears(proposer.n, parts.clone()).await, None);
    assert_eq!(third.hears(proposer.n, parts).await, None);
    let (of_other, of_third) = (other.streamed(), third.streamed());
    proposer.hears(other.n, of_other.clone()).await;
    let first = proposer.streamed();
    proposer.hears(third.n, of_third).await;
    let second = proposer.streamed();
    assert_eq!((told(&first), told(&second)), (vec![3, 4], vec![5]));
    proposer.hears(other.n, of_other).await;
    assert!(proposer.streamed().is_empty(), "asked twice");
    // The answers overtake each other.
    assert_eq!(third.hears(proposer.n, second.clone()).await, None);
    assert!(is_valid(third.hears(proposer.n, first.clone()).await));
    assert!(is_valid(other.hears(proposer.n, [first, second].concat()).await));
}

#[tokio::test]
async fn who_is_told_nothing_or_something_else_asks_for_the_block_and_gets_it_in_chunks_once() {
    let World { mut proposer, mut other, dir: _dir } = world();
    lacks(&other, &[1, 2]);
    other.answers.timeouts.propose = Duration::from_secs(1_000);
    let (_, parts) = proposer.proposes(0).await;
    other.hears(proposer.n, parts).await;
    let question = other.streamed();
    proposer.hears(other.n, question.clone()).await;
    let mut wrong = proposer.streamed();
    let StreamContent::Data(ProposalPart::Filled(filled)) = &mut wrong[0].content else { panic!("nothing is told") };
    filled.iter_mut().for_each(|(_, encoded)| encoded[0] ^= 1);
    assert_eq!(other.hears(proposer.n, wrong).await, None);
    assert!(other.streamed().is_empty(), "one question");

    let now = Instant::now();
    other.answers.ask_for_blocks(now).await;
    assert!(other.streamed().is_empty(), "not before its time");
    other.answers.ask_for_blocks(now + other.answers.timeouts.propose).await;
    let whole = other.streamed();
    assert_eq!(data(&whole), [ProposalPart::Lacking(Lacking::Block)]);
    assert_eq!((&whole[0].stream_id, whole[0].sequence), (&question[0].stream_id, 0));
    proposer.hears(other.n, whole.clone()).await;
    let chunks = proposer.streamed();
    assert!(chunks.len() > 1);
    assert!(data(&chunks).iter().all(|part| matches!(part, ProposalPart::Chunk { .. })));
    proposer.hears(other.n, whole).await;
    assert!(proposer.streamed().is_empty(), "asked twice");
    assert_eq!(other.in_chunks(), 0);
    assert!(is_valid(other.hears(proposer.n, chunks).await));
    assert_eq!(other.in_chunks(), 1);
    other.answers.ask_for_blocks(now + other.answers.timeouts.propose * 9).await;
    assert!(other.streamed().is_empty(), "nothing is lacking any more");
}

#[tokio::test]
async fn h16_who_neither_counts_nor_is_a_validator_is_told_nothing() {
    let World { mut proposer, other, dir: _dir } = world();
    let (_, parts) = proposer.proposes(0).await;
    let about = |part| Part::new(parts[0].stream_id.clone(), 0, StreamContent::Data(part));
    for question in [about(asked(&[1])), about(ProposalPart::Lacking(Lacking::Block))] {
        // A stranger, and one that a neighbour passes on.
        proposer.hears(77, vec![question.clone()]).await;
        proposer.hears_through(other.n, peer(77), vec![question]).await;
        assert!(proposer.streamed().is_empty());
    }
    assert_eq!(proposer.blames(Blame::Unheard), 2);
    proposer.hears(other.n, vec![about(asked(&[1]))]).await;
    assert_eq!(told(&proposer.streamed()), [1], "and takes nobody's place");
}

/// The ids of the node's block of round 0 under the announcement of another, which it has signed.
fn of_another(publisher: &Node, block: &Block, stream: u8) -> Vec<Part> {
    let mut other = block.clone();
    other.header.state_root.0[0] ^= 1;
    ids_in(0, publisher, block, &other, stream)
}

/// The ids of a block in a round, under what the node announces and signs.
fn ids_in(round: u32, publisher: &Node, block: &Block, of: &Block, stream: u8) -> Vec<Part> {
    let (id, encoded) = (StreamId::new(vec![stream].into()), block.encode());
    let announcement = Announcement { round, ..announcement(publisher, block.hash(), &encoded) };
    let announced = announced(publisher, &id, announcement);
    cut_compact(id, announced, &CompactBlock::of(of, publisher.app.ids(of)).encode())
}

#[tokio::test]
async fn h01_ids_of_another_block_than_was_announced_count_as_a_bad_block_and_are_reported() {
    let World { mut proposer, mut other, dir: _dir } = world();
    let (value, parts) = proposer.proposes(0).await;
    let block = proposer.answers.undecided.find(Height(1), value.value.0).unwrap().block.clone();
    let reported = |other: &Node| other.app.refused.load(Ordering::SeqCst);
    assert_eq!(other.hears(proposer.n, of_another(&proposer, &block, 1)).await, None);
    assert_eq!((reported(&other), other.streamed().len()), (1, 0));

    // Ids are looked up once, so the second block is asked for. What is told of it is something else, too.
    let second = of_another(&proposer, &block, 2);
    let (id, announced) = (second[0].stream_id.clone(), data(&second)[0].clone());
    assert_eq!(other.hears(proposer.n, second).await, None);
    assert_eq!((reported(&other), data(&other.streamed())), (1, vec![ProposalPart::Lacking(Lacking::Block)]));
    let chunks = cut(id, announced, &vec![0; block.encoded_size()]);
    assert_eq!(other.hears(proposer.n, chunks).await, None);
    assert_eq!(reported(&other), 2);

    // The third is not looked at, nor is what follows in that round.
    for parts in [of_another(&proposer, &block, 3), parts] {
        assert_eq!(other.hears(proposer.n, parts).await, None);
    }
    assert!(other.streamed().is_empty());
    assert_eq!((reported(&other), other.validated(), other.answers.undecided.at(Height(1)).count()), (2, 0, 0));
}

#[tokio::test]
async fn h16_ids_of_a_later_height_are_looked_up_when_it_begins_and_only_those_of_its_proposer() {
    let World { mut proposer, other: _, dir } = world();
    let (value, _) = proposer.proposes(0).await;
    let block = proposer.answers.undecided.find(Height(1), value.value.0).unwrap().block.clone();
    let (second, another) = turns(&proposer, 2, 0);
    let (mut second, mut another, mut judge) =
        (node(second, dir.path()), node(another, dir.path()), node(5, dir.path()));
    let next = following(&block, &second);
    let hash = next.hash();
    for (publisher, next) in [(&mut another, next.clone()), (&mut second, next)] {
        let parts = publisher.streams(Arc::new(next), 0, Round::Nil).await;
        assert_eq!(judge.hears(publisher.n, parts).await, None);
    }
    assert_eq!(judge.looked_up(), 0);

    let seen = judge.goes_on_after(&block).await;
    assert_eq!(seen.iter().map(|seen| (seen.value.0, seen.validity)).collect::<Vec<_>>(), [(hash, Validity::Valid)]);
    assert_eq!(judge.looked_up(), 1);
    let of_another = (Height(2), 0, another.answers.signatory.address());
    assert_eq!(judge.answers.judged.get(&of_another), Some(&1), "it counts as a bad block");
    assert_eq!(judge.app.refused.load(Ordering::SeqCst), 0, "and accuses nobody whose turn it was");
}

#[tokio::test]
async fn h16_ids_are_looked_up_for_one_block_of_a_height_and_another_is_asked_for_whole() {
    let World { mut proposer, mut other, dir: _dir } = world();
    lacks(&other, &[1]);
    let (value, parts) = proposer.proposes(0).await;
    let block = proposer.answers.undecided.find(Height(1), value.value.0).unwrap().block.clone();
    assert_eq!(other.hears(proposer.n, parts).await, None);
    assert_eq!(data(&other.streamed()), [asked(&[1])]);
    let mut question = Vec::new();
    for _ in 0..3 {
        let again = proposer.streams(block.clone(), 0, Round::Nil).await;
        assert_eq!(other.hears(proposer.n, again).await, None);
        question = other.streamed();
        assert_eq!(data(&question), [ProposalPart::Lacking(Lacking::Block)]);
    }
    assert_eq!(other.looked_up(), 1);
    proposer.hears(other.n, question).await;
    let chunks = proposer.streamed();
    assert!(is_valid(other.hears(proposer.n, chunks).await));
}

#[tokio::test]
async fn h01_ids_in_a_later_round_are_not_looked_up_and_are_reported_and_so_late_nobody_hands_on_by_ids() {
    let World { mut proposer, other: _, dir } = world();
    let (value, _) = proposer.proposes(0).await;
    let block = proposer.answers.undecided.find(Height(1), value.value.0).unwrap().block.clone();
    let (next, mut judge) = (node(turns(&proposer, 1, 1).0, dir.path()), node(5, dir.path()));
    let reported = |judge: &Node| (judge.app.refused.load(Ordering::SeqCst), judge.looked_up());
    assert_eq!(judge.hears(next.n, ids_in(1, &next, &block, &block, 1)).await, None);
    assert_eq!(reported(&judge), (1, 0));

    judge.answers.round = HIDDEN_LOCK_ROUND;
    assert_eq!(judge.hears(next.n, ids_in(0, &next, &block, &block, 2)).await, None);
    assert_eq!(reported(&judge), (1, 0), "out of turn it is refused, and accuses nobody");
    assert_eq!(judge.validated(), 0);
}

#[tokio::test]
async fn whoever_waits_in_vain_asks_by_itself() {
    let World { mut proposer, mut other, dir: _dir } = world();
    lacks(&other, &[1]);
    other.answers.timeouts.propose = Duration::from_millis(4);
    let (_, parts) = proposer.proposes(0).await;
    let Node { mut answers, mut published, .. } = other;
    let (questions, inbox) = mpsc::channel(9);
    let conversation = tokio::spawn(async move { answers.run(inbox).await });
    for part in parts {
        let (reply, verdict) = oneshot::channel();
        let (from, published_by) = (peer(proposer.n), Some(peer(proposer.n)));
        questions.send(AppMsg::ReceivedProposalPart { from, published_by, part, reply }).await.unwrap();
        assert_eq!(verdict.await.unwrap(), None);
    }
    let mut asks = async || published.recv().await.map(|NetworkMsg::PublishProposalPart(part)| part.content);
    assert_eq!(asks().await, Some(StreamContent::Data(asked(&[1]))));
    assert_eq!(asks().await, Some(StreamContent::Data(ProposalPart::Lacking(Lacking::Block))));
    drop(questions);
    conversation.await.unwrap().unwrap();
}
