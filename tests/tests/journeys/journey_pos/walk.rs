//! The walk that `make demo-pos` takes.

use anyhow::ensure;
use tests::openfeature::has_browser;
use tests::shop::ShopWalk;

#[tokio::test]
async fn a_shop_flips_contains_rolls_back_and_locks_and_openfeatures_providers_see_it() -> anyhow::Result<()> {
    ensure!(has_browser(), "there is no browser, which the pages of the walk need; run scripts/setup.sh test");
    let dir = tempfile::tempdir()?;
    let tell = |text: &str| println!("{text}");
    let mut shop = ShopWalk::write(dir.path(), &tell)?;
    let explorer = shop.walk(dir.path()).await?;
    explorer.stop()?;
    for node in &mut shop.network.nodes {
        assert_eq!(node.stop().await?.code(), Some(0), "{}", node.last_words());
    }
    Ok(())
}
