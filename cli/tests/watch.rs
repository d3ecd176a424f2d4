//! Watching, against a node with the real rules that makes a block when it is told to.

mod contract;
mod served;

use contract::{Running, contract};
use governance::Choice;
use primitives::BuildHash;
use runtime::testing;
use serde_json::Value;
use served::Served;
use std::sync::mpsc::{self, Receiver};
use unicode_width::UnicodeWidthStr;

const HASH: BuildHash = BuildHash([0xcd; 32]);

/// A served chain with proposal 1 open, and the methods that were answered.
struct Chain {
    served: Served,
    answered: Receiver<&'static str>,
}

impl Chain {
    fn start() -> Self {
        let (told, answered) = mpsc::channel();
        let served = Served::start(move |_, method| {
            // Nobody listens any more when the test ends.
            let _ = told.send(method);
        });
        let vote = testing::release_vote(served.memory.genesis(), HASH, 2);
        served.memory.send(&testing::validator(0), testing::propose(vote));
        served.memory.make_block();
        Self { served, answered }
    }

    /// Waits until a method was answered.
    fn until(&self, method: &str) {
        while self.answered.recv().unwrap() != method {}
    }

    /// A block with the vote of a validator.
    fn vote(&self, validator: u8, choice: Choice, reason: &str) {
        let reason = (!reason.is_empty()).then_some(reason);
        self.served.memory.send(&testing::validator(validator), testing::vote(1, choice, reason));
        self.served.memory.make_block();
    }

    /// A block in which the first `validators` say that they hold the release; those that said so before are refused.
    fn hold(&self, validators: u8) {
        for (who, call) in runtime::testing::held_by(validators, &[HASH]) {
            self.served.memory.send(&who, call);
        }
        self.served.memory.make_block();
    }

    fn watch(&self, extra: &[&str]) -> Running {
        Running::start(&[&["gov", "proposal", "1", "--watch", "--rpc", &self.served.url], extra].concat())
    }
}

#[test]
fn every_change_is_a_line_until_the_proposal_is_activated() {
    let chain = Chain::start();
    let mut watch = chain.watch(&[]);
    assert!(watch.until("\n").contains("UTC  proposal 1 is open; yes 0.0 %"), "{}", watch.seen);
    chain.vote(0, Choice::Yes, "tested\x1b[2J");
    let line = watch.until("\n");
    assert!(line.contains("votes yes with 1,000,000 stake; yes 25.0 %"), "{line}");
    assert!(line.contains(": tested\\u{1b}[2J"), "{line}");
    chain.vote(0, Choice::No, "");
    assert!(watch.until("\n").contains("changes to no"), "{}", watch.seen);
    chain.vote(0, Choice::Yes, "");
    chain.vote(1, Choice::Yes, "");
    chain.hold(1);
    watch.until("25.0 % of the power holds the release (too little)\n");
    chain.hold(2);
    watch.until("50.0 % of the power holds the release (enough)\n");
    chain.served.memory.make_blocks_to(60);
    watch.until("proposal 1 is activated\n");
    let ended = watch.end();
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "", ""));
}

#[test]
fn with_json_every_change_is_the_whole_view_in_one_line() {
    let chain = Chain::start();
    let mut watch = chain.watch(&["--json"]);
    let mut next = || -> Value { serde_json::from_str(&watch.until("\n")).expect("one object a line") };
    assert_eq!(next()["status"], "open");
    chain.served.memory.make_block();
    chain.vote(2, Choice::Abstain, "on the fence");
    let view = next();
    assert_eq!(view["ballots"][0]["reason"], "on the fence", "a block without a change has no line: {view}");
    let once = contract(&["gov", "proposal", "1", "--json", "--rpc", &chain.served.url]);
    assert_eq!(serde_json::from_str::<Value>(&once.stdout).unwrap(), view, "the view is that of one look");
    chain.served.memory.send(&testing::validator(0), testing::withdraw(1));
    chain.served.memory.make_block();
    assert_eq!(next()["status"], "withdrawn");
    let ended = watch.end();
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "", ""));
}

#[test]
fn a_node_that_goes_and_comes_back_is_waited_for_and_nothing_is_missed() {
    let mut chain = Chain::start();
    let mut watch = chain.watch(&[]);
    watch.until("is open");
    chain.served.stop();
    let said = watch.until(" s\n");
    // A connection that was kept ends, or none can be made.
    let gone = said.contains("no node answers at") || said.contains("the connection to");
    assert!(gone && said.contains("asking again in"), "{said}");
    chain.vote(3, Choice::No, "while nobody looked");
    chain.served.serve();
    watch.until(": while nobody looked\n");
    chain.served.memory.make_blocks_to(60);
    watch.until("proposal 1 is rejected: the quorum is not there");
    assert_eq!(watch.end().code, 0, "a conclusion is an answer, whatever it is");
}

#[test]
fn on_a_terminal_the_count_is_drawn_over_itself_and_fits() {
    let chain = Chain::start();
    let mut watch = Running::on_terminal(&["gov", "proposal", "1", "--watch", "--rpc", &chain.served.url]);
    let first = watch.until("nothing else.");
    assert!(first.contains("Nobody has voted yet.") && first.contains("4 validators have not voted"), "{first}");
    assert!(!first.contains("\x1b[1"), "nothing is above it: {first:?}");
    chain.vote(1, Choice::Yes, "a reason of many words, so many that it takes more than one line of sixty columns");
    let second = watch.until("nothing else.");
    let up = second.split_once("\x1b[").and_then(|(_, rest)| rest.split_once('A')).map(|(rows, _)| rows.parse());
    assert_eq!(up, Some(Ok(first.lines().count())), "{second:?}");
    for text in ["\r\x1b[J", "yes", "25.0 %", "a reason of many words", "3 validators have not voted"] {
        assert!(second.contains(text), "{text:?} is missing in {second:?}");
    }
    chain.served.memory.make_blocks_to(60);
    let last = watch.until("Proposal 1 is rejected.");
    for line in watch.seen.lines() {
        let shown = line.rsplit("\x1b[J").next().unwrap_or_default();
        assert!(shown.trim_end().width() <= 60, "{shown:?}");
    }
    assert!(last.contains("it was rejected: the quorum is not there"), "{last}");
    assert_eq!(watch.end().code, 0);
}

#[test]
fn ctrl_c_ends_a_watch_with_130() {
    let chain = Chain::start();
    for extra in [&[][..], &["--json"]] {
        let mut watch = chain.watch(extra);
        watch.until("\n");
        watch.signal("-INT");
        let ended = watch.end();
        assert_eq!((ended.code, ended.stdout.as_str()), (130, ""), "{}", ended.stderr);
        assert!(ended.stderr.contains("`contract gov proposal 1`"), "{}", ended.stderr);
        assert!(!ended.stderr.starts_with("error:"), "{}", ended.stderr);
    }
}

#[test]
fn what_is_not_there_is_not_waited_for() {
    let mut chain = Chain::start();
    let none = contract(&["gov", "proposal", "9", "--watch", "--rpc", &chain.served.url]);
    assert_eq!((none.code, none.stdout.as_str()), (1, ""));
    assert!(none.stderr.contains("there is no proposal 9"), "{}", none.stderr);
    chain.served.stop();
    let nobody = contract(&["gov", "proposal", "1", "--watch", "--rpc", &chain.served.url]);
    assert_eq!(nobody.code, 1);
    assert!(nobody.stderr.contains("no node answers at"), "{}", nobody.stderr);
}

#[test]
fn a_reader_that_has_seen_enough_ends_a_watch() {
    let chain = Chain::start();
    let contract = env!("CARGO_BIN_EXE_contract");
    let line = format!("set -o pipefail; {contract} gov proposal 1 --watch --rpc {} | head -n 1", chain.served.url);
    let head = std::process::Command::new("bash").args(["-c", &line]).stdout(std::process::Stdio::piped()).spawn();
    let mut head = head.unwrap();
    // It notices when it writes the next line, which is when somebody votes.
    let mut first = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(head.stdout.take().unwrap()), &mut first).unwrap();
    assert!(first.contains("proposal 1 is open"), "{first}");
    let mut validators = (0..4).cycle();
    let status = loop {
        if let Some(status) = head.try_wait().unwrap() {
            break status;
        }
        chain.vote(validators.next().unwrap(), Choice::Abstain, "");
    };
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_transaction_is_watched_until_it_is_in_a_block() {
    let chain = Chain::start();
    let transfer = testing::transfer(testing::holder(1).account(), 5);
    let hash = chain.served.memory.send(&testing::holder(0), transfer).to_string();
    let watch = Running::start(&["tx", &hash, "--watch", "--json", "--rpc", &chain.served.url]);
    chain.until("tx.subscribe_status");
    chain.served.memory.make_block();
    let ended = watch.end();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let view: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&view["status"], &view["height"]), (&Value::from("included"), &Value::from(2)), "{view}");

    let unknown = contract(&["tx", &"0".repeat(64), "--watch", "--rpc", &chain.served.url]);
    assert_eq!(unknown.code, 1, "o50: it is not found");
    assert!(unknown.stdout.contains("knows nothing of it"), "{}", unknown.stdout);
}
