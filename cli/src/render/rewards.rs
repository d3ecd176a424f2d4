//! Who was there, what was paid for it, and what waits.

use super::screen::{Screen, TableCell, grouped};
use primitives::Amount;
use rpc::views::{EpochPresence, EpochRewards, RewardsDue};

/// Draws who was there in an epoch, and what one paid.
pub fn epoch(screen: &Screen, presence: &EpochPresence, rewards: &EpochRewards) -> String {
    let lasted = presence.ms.map_or("it is over".into(), |ms| format!("{ms} ms so far"));
    let rows = presence.validators.iter().map(|validator| {
        vec![
            TableCell::hash(validator.account),
            TableCell::number(grouped(validator.power)),
            TableCell::number(validator.present_ms),
            TableCell::text(if validator.paid { "yes" } else { "no" }),
        ]
    });
    let header = ["VALIDATOR", "POWER", "PRESENT (MS)", "PAID"];
    let there = screen.table(&header, &rows.collect::<Vec<_>>(), "No presence was counted in this epoch.");
    let fields = screen.fields(&[
        ("Presence", format!("of epoch {}: {lasted}", presence.epoch)),
        ("Pool", grouped(rewards.pool)),
        ("To collect", grouped(rewards.to_collect)),
        ("An epoch pays", format!("at most {}", grouped(rewards.params.per_epoch))),
    ]);
    format!("{fields}\n{there}\n{}", paid(screen, rewards))
}

fn paid(screen: &Screen, rewards: &EpochRewards) -> String {
    let payments = rewards.paid.iter().flat_map(|paid| &paid.payments);
    let rows = payments.map(|payment| {
        vec![
            TableCell::hash(payment.validator),
            TableCell::number(grouped(payment.own)),
            TableCell::number(grouped(payment.delegated)),
            TableCell::number(payment.present_ms),
        ]
    });
    let header = ["VALIDATOR", "PAID OUT", "FOR DELEGATORS", "PRESENT (MS)"];
    let nothing = format!("Epoch {} paid nothing, or is not over.", rewards.epoch);
    screen.table(&header, &rows.collect::<Vec<_>>(), &nothing)
}

/// Draws what an account can collect.
pub fn due(screen: &Screen, view: &RewardsDue) -> String {
    let rows = view.due.iter().map(|due| vec![TableCell::hash(due.validator), TableCell::number(grouped(due.amount))]);
    let table = screen.table(&["VALIDATOR", "TO COLLECT"], &rows.collect::<Vec<_>>(), "Nothing waits for it.");
    let all: Amount = view.due.iter().map(|due| due.amount).sum();
    let fields = screen.fields(&[
        ("Account", view.account.to_string()),
        ("To collect", grouped(all)),
        ("Of epochs", format!("{} and later; what is of an earlier one is back in the pool", view.oldest)),
    ]);
    format!("{fields}\n{table}")
}
