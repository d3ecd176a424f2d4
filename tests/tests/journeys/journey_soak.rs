//! Is anything lost when validators are killed at random moments? A tenth of `make soak`.

use tests::soak::Soak;

#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_of_random_validators_under_transfers_lose_nothing_and_all_come_back() -> anyhow::Result<()> {
    let soak = Soak { kills: 10, seed: rand::random() };
    println!("seed {}", soak.seed);
    let dir = tempfile::tempdir()?;
    let endured = soak.endure(dir.path(), &|said| println!("{said}")).await?;
    println!("{endured:?}");
    assert_eq!(endured.alone + endured.with_supervisor, soak.kills);
    assert!(endured.blocks > u64::from(soak.kills), "the chain went on: {endured:?}");
    Ok(())
}
