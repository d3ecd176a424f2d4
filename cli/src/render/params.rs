//! The rules that governance runs by.

use super::screen::{Screen, TableCell, grouped};
use governance::{GovernanceParams, MOST_PLACES_OF_ONE, Track, TrackName};
use rpc::views::ParamsView;

/// Draws the rules.
pub fn params(screen: &Screen, view: &ParamsView) -> String {
    let tracks = [("routine", &view.governance.routine), ("expedited", &view.governance.expedited)];
    let rows: Vec<Vec<TableCell>> = tracks.iter().map(|(name, rules)| track(name, rules)).collect();
    let header = ["TRACK", "QUORUM", "SUPPORT", "VOTING EPOCHS", "DELAY EPOCHS", "DEPOSIT"];
    format!("{}\n{}", screen.table(&header, &rows, ""), screen.fields(&fields(view)))
}

fn track(name: &str, rules: &Track) -> Vec<TableCell> {
    vec![
        TableCell::text(name),
        TableCell::text(rules.quorum),
        TableCell::text(rules.support),
        TableCell::text(format!("{} to {}", rules.least_window, rules.most_window)),
        TableCell::text(format!("{} to {}", rules.least_delay, rules.most_delay)),
        TableCell::number(grouped(rules.deposit)),
    ]
}

/// How many proposals can be live, and who has a place of its own.
fn places(rules: &GovernanceParams) -> String {
    let [routine, expedited] = [TrackName::Routine, TrackName::Expedited].map(|track| rules.places(track));
    format!(
        "at most {routine} routine and {expedited} expedited open or passed, {MOST_PLACES_OF_ONE} of one account; beside them \
         one expedited of each validator"
    )
}

fn fields(view: &ParamsView) -> Vec<(&'static str, String)> {
    let (chain, staking, fees) = (&view.chain, &view.staking, &view.fees);
    let penalties = &staking.penalties;
    vec![
        ("Chain", chain.chain_id.to_string()),
        ("Epoch", format!("{}, of {} blocks each", view.epoch, chain.epoch_length)),
        ("Proposers", format!("validators, and holders of {} bonded tokens", grouped(view.governance.proposer_stake))),
        ("Proposals", places(&view.governance)),
        ("Releases", releases(view)),
        ("Reports", format!("by validators, and holders of {} bonded tokens", grouped(view.releases.reporter_stake))),
        ("To pass", format!("{} of the validators' power must hold a release", view.releases.available_share)),
        ("Notice", format!("{} epochs before a build stops", view.releases.notice_epochs)),
        (
            "Validators",
            format!("at most {}, own bond {} or more", staking.max_validators, grouped(staking.minimum_bond)),
        ),
        ("Delegations", format!("{} or more to a validator", grouped(staking.minimum_delegation))),
        ("Unbonding", format!("{} epochs", staking.unbonding_epochs)),
        (
            "Contradictions",
            format!(
                "cost {} of the own stake and {} of each delegation, and {} epochs; {} of it is for whoever proves one",
                penalties.own_share, penalties.delegated_share, penalties.jail_epochs, penalties.reward_share
            ),
        ),
        ("Fee", format!("{} and {} for each byte, burned", grouped(fees.base), grouped(fees.per_byte))),
        (
            "Verdicts",
            format!(
                "{} for each row that one may read, burned; a block has room for {}",
                grouped(fees.per_read),
                chain.limits.max_block_reads
            ),
        ),
        ("Signatures", format!("each inside a call counts as {} bytes of a fee", chain.limits.weight(0, 1))),
        ("Transaction", format!("at most {} bytes", chain.limits.max_transaction_bytes)),
    ]
}

/// How many there are, and which may run now and later.
fn releases(view: &ParamsView) -> String {
    let ahead = view.minimum_sequence_ahead.iter();
    let ahead: String = ahead.map(|step| format!(", {} from epoch {}", step.sequence, step.effective_epoch)).collect();
    format!("{} so far, at least {}{ahead} may run", view.latest_sequence, view.minimum_sequence)
}
