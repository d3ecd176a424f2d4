//! Malachite's own metrics and logs.

/// What to keep of Malachite's logs in a filter such as `info`, comma-separated. Its network reports as errors what is no
/// more than a peer that is away, or a network of one.
pub const LOG_FILTER: &str = "arc_malachitebft_network=off,arc_malachitebft_discovery=off,\
    arc_malachitebft_engine=warn,arc_malachitebft_core_consensus=warn,arc_malachitebft_sync=warn";

/// Malachite's metrics as Prometheus text, without the closing `# EOF`, so that it can stand among other metrics. They
/// start with `malachitebft_` and carry the node's moniker.
pub fn metrics_text() -> String {
    let mut text = String::new();
    arc_malachitebft_app::metrics::export(&mut text);
    text.truncate(text.trim_end_matches("# EOF\n").len());
    text
}
