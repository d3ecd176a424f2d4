//! Does the rollback drill pass, and does it notice when a step differs?

use tests::drill::Drill;

#[tokio::test]
async fn t18_the_four_steps_of_the_drill_do_what_the_runbook_says() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let report = Drill::set_up(dir.path()).await?.take().await;
    assert!(report.passed, "{}", report.to_markdown());
    assert_eq!(report.steps.len(), 4);
    assert!(report.to_markdown().starts_with("# Rollback drill: passed"));
    Ok(())
}
