//! An account: balance and stake.

use super::names;
use super::screen::{Screen, TableCell, grouped};
use rpc::views::{AccountView, shown_link, shown_name};

/// Draws an account.
pub fn account(screen: &Screen, view: &AccountView) -> String {
    let role = if view.validator { "validator in this epoch" } else { "not a validator in this epoch" };
    let mut fields = vec![("Account", view.account.to_string())];
    fields.extend(shown_name(&view.name).map(|name| ("Name", format!("{name}, by its own word"))));
    fields.extend(shown_link(&view.link).map(|link| ("Link", link.to_owned())));
    fields.extend([
        ("Free", grouped(view.balance.free)),
        ("Held", grouped(view.balance.held)),
        ("Stake", format!("{} in force", grouped(view.stake))),
        ("Power", format!("{}, {role}", grouped(view.power))),
        ("Next nonce", view.next_nonce.to_string()),
    ]);
    // Most accounts have no node.
    if view.balance.node_nonce > 0 {
        fields.push(("Node nonce", view.balance.node_nonce.to_string()));
    }
    if let Some(epoch) = view.jailed_until {
        fields.push(("Jailed", format!("it contradicted itself; from epoch {epoch} on it may come back")));
    }
    let mut text = screen.fields(&fields);
    let bonds: Vec<Vec<TableCell>> = view
        .bonds
        .iter()
        .map(|bond| vec![names::cell(&view.described, &bond.validator), TableCell::number(grouped(bond.amount))])
        .collect();
    if !bonds.is_empty() {
        text += &format!("\n{}", screen.table(&["BONDED TO", "TOKENS"], &bonds, ""));
    }
    let leaving = view.unbonding.iter();
    let leaving: Vec<Vec<TableCell>> = leaving
        .map(|part| {
            let amount = TableCell::number(grouped(part.amount));
            vec![TableCell::number(part.free_epoch), names::cell(&view.described, &part.validator), amount]
        })
        .collect();
    if !leaving.is_empty() {
        text += &format!("\n{}", screen.table(&["FREE FROM EPOCH", "WAS BONDED TO", "TOKENS"], &leaving, ""));
    }
    text
}
