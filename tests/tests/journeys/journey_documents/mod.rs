//! Does what README and `docs/operations` have people type do what it says there? Their lines are read from them and typed on
//! a network of four, in the order of a first day.
//!
//! A line is typed as it stands, with values for its placeholders, in a shell whose folder, home and programs are of this test,
//! once where several documents have it. One that is neither typed here nor among those that [`day::CANNOT`] be fails the test.

mod day;
mod operators;
mod readme;
mod releases;

use day::Day;
use tests::binaries;

#[tokio::test]
async fn every_command_line_of_readme_and_the_operations_documents_does_what_it_says() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut day = Day::begin(dir.path())?;
    let candidate = binaries::variant("the-block", &dir.path().join("candidate"), "0.2.0")?;
    let (network, hash) = readme::followed(&mut day, &candidate).await?;
    operators::run_a_node(&mut day, &network, &hash)?;
    operators::updates(&mut day, &candidate, &hash)?;
    operators::explorer(&mut day)?;
    operators::applications(&mut day)?;
    operators::long_running(&mut day)?;
    operators::containers(&mut day)?;
    operators::debian(&mut day)?;
    releases::provenance(&mut day, &network)?;
    releases::receipts_and_rebuilds(&mut day, &network, &candidate, &hash).await?;
    releases::release_checklist(&mut day, &network).await?;
    releases::rosters_and_lifetimes(&mut day, &network, &candidate, &hash).await?;
    day.end()
}
