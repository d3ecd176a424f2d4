//! `make demo-pos`: two validators, of which the first answers whoever asks for flags, and the explorer, on loopback; a shop with two
//! tenants under a plan of its own, with services in Node and Python and pages in a browser that ask for its flags.
//!
//! With `ONCE=1` it ends after the walk; else the network keeps running until ctrl-c. `DEMO_DIR` keeps the files. Whoever ends it,
//! however and whenever, ends its nodes and has its folder removed.

use anyhow::Context as _;
use std::path::Path;
use std::time::Duration;
use tests::shop::ShopWalk;
use tests::showing::{Demo, DemoNetwork};

const DEMO: Demo<'_> = Demo {
    folder: "the-block-demo-pos-",
    unfinished: "the shop had gone through its day",
    page: "/rollouts/pos",
    command: "rollout board pos",
};

/// More than the walk takes on the slowest machine that runs this.
const BOUND: Duration = Duration::from_secs(480);

/// Has a shop go through its day in a folder, and leaves the network and the explorer running.
async fn show(dir: &Path) -> anyhow::Result<DemoNetwork> {
    println!("the-block: any organisation's flags, for every OpenFeature SDK\n");
    let tell = |text: &str| println!("{text}");
    let mut shop = ShopWalk::write(dir, &tell)?;
    let explorer = shop.walk(dir).await?;
    println!(
        "\nflags were flipped, contained and audited under the shop's own plan, and the network's own was not touched"
    );
    Ok(DemoNetwork { network: shop.network, explorer })
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let bounded = async |dir: &Path| {
        let shown = tokio::time::timeout(BOUND, show(dir)).await;
        shown.with_context(|| format!("the walk was not over after {} s", BOUND.as_secs()))?
    };
    DEMO.show(bounded).await
}
