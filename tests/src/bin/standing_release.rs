//! A release that passes every check, comes up and answers its operator, and takes part in no block. It is the product's own
//! code in everything but `start`.

use anyhow::Context as _;
use host::config::Home;
use rpc::genesis_file;
use rpc::testing::MemoryNode;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use the_block::commands::{arguments, run};
use the_block::supervise::parent;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if words.get(1).map(String::as_str) != Some("start") {
        return run(arguments());
    }
    match stand_still(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("it cannot even stand still: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Answers over the socket of its home that no block comes, as long as it has a supervisor.
fn stand_still(words: &[String]) -> anyhow::Result<()> {
    let home = words.iter().skip_while(|word| *word != "--home").nth(1).context("no home is named")?;
    let home = Home::at(home);
    let node = Arc::new(MemoryNode::new(genesis_file::read(&home.genesis())?));
    tokio::runtime::Runtime::new()?.block_on(async {
        let _served = rpc::serve_operator(&home.socket(), node, Arc::new(|_, _: Duration, _| ())).await?;
        parent::gone().await;
        Ok(())
    })
}
