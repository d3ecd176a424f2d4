//! Witnesses vouch for the tree of blocks: once an epoch each, for what this chain has itself, by keys that sign nothing else, and are paid
//! for it (ROLLOUTS 9 and 11).

use crate::founding::Founding;
use crate::network::{Network, name};
use crate::people::{Asked, stranger};
use accounts::Endowment;
use primitives::{Amount, Digest, Epoch, SecretKey, Signature};
use runtime::testing::{self, bond, register_witness, validator};
use runtime::{Call, Event};
use tlog::{Checkpoint, cosigned_bytes};
use witnesses::{MOST_OF_OTHERS, queries};

/// When everything is signed, in seconds since 1970.
const TIME: u64 = 1_704_067_200;

/// The key of a witness.
fn witness(byte: u8) -> SecretKey {
    SecretKey::from_seed(&[0x80 | byte; 32])
}

fn registers(who: SecretKey, key: &SecretKey, called: &str) -> Asked {
    let call = register_witness(&testing::genesis().chain.chain_id, who.account(), name(called), key);
    (who, call)
}

/// The checkpoint of an epoch, as the chain has it.
fn checkpoint(network: &Network, epoch: u64) -> Checkpoint {
    queries::signed_checkpoint(&network.state(), Epoch(epoch)).unwrap()
}

fn cosigns(who: SecretKey, key: &SecretKey, epoch: u64, checkpoint: &Checkpoint) -> Asked {
    let signature = key.sign(&cosigned_bytes(TIME, checkpoint));
    (who, testing::cosign(Epoch(epoch), TIME, signature))
}

#[test]
fn w03_only_what_this_chain_has_itself_is_cosigned_once_and_by_the_key_that_is_registered() {
    let mut network = Founding::at("mainnet").network();
    network.granted(registers(validator(0), &witness(0), "first"));
    network.begin(2);
    let of_chain = checkpoint(&network, 2);
    let of_another = Checkpoint { root: Digest([7; 32]), ..of_chain.clone() };
    let before = checkpoint(&network, 1);
    for (key, text) in [(witness(1), &of_chain), (witness(0), &of_another), (witness(0), &before)] {
        network.refused(cosigns(validator(0), &key, 2, text), "E_COSIGNATURE");
    }
    network.refused(cosigns(validator(1), &witness(0), 2, &of_chain), "E_WITNESS");
    network.refused(cosigns(validator(0), &witness(0), 90, &of_chain), "E_CHECKPOINT");
    let cosigned = network.granted(cosigns(validator(0), &witness(0), 2, &of_chain));
    let Event::Witnesses(witnesses::Event::Cosigned { size, root, .. }) = cosigned else { panic!("{cosigned:?}") };
    assert_eq!((size, root), (of_chain.size, of_chain.root));
    network.refused(cosigns(validator(0), &witness(0), 2, &of_chain), "E_COSIGNED");
}

#[test]
fn w03_an_epoch_is_cosigned_by_those_who_were_witnesses_when_it_began_and_by_no_clock_that_is_far_ahead() {
    let mut network = Founding::at("mainnet").network();
    network.begin(2);
    network.granted(registers(validator(0), &witness(0), "first"));
    let of_chain = checkpoint(&network, 2);
    let new = network.refused(cosigns(validator(0), &witness(0), 2, &of_chain), "E_WITNESS");
    assert!(new.to_string().contains("since epoch 2"), "{new}");
    network.begin(3);
    let of_chain = checkpoint(&network, 3);
    let late = network.at.time.0 / 1_000 + 2 * 3_600;
    let signature = witness(0).sign(&cosigned_bytes(late, &of_chain));
    network.refused((validator(0), testing::cosign(Epoch(3), late, signature)), "E_COSIGNATURE");
    network.granted(cosigns(validator(0), &witness(0), 3, &of_chain));
}

#[test]
fn w04_no_key_of_an_account_or_of_another_witness_becomes_that_of_a_witness() {
    let mut network = Founding::at("mainnet").network();
    network.refused(registers(validator(0), &validator(1), "account"), "E_WITNESS_KEY");
    network.granted(registers(validator(0), &witness(0), "first"));
    network.refused(registers(validator(1), &witness(0), "second"), "E_WITNESS_KEY");
    network.refused(registers(validator(1), &witness(1), "first"), "E_WITNESS_KEY");
    let proof = Signature([7; 64]);
    let unproven = witnesses::Call::Register { name: name("second"), key: witness(1).public(), proof };
    network.refused((validator(1), Call::Witnesses(unproven)), "E_WITNESS_KEY");
    network.granted(registers(validator(1), &witness(1), "second"));
    network.refused(registers(validator(1), &witness(2), "third"), "E_WITNESS_TAKEN");
}

#[test]
fn w05_nobody_without_a_bond_witnesses_and_nobody_for_whom_the_gate_is_off() {
    let mut network = Founding::at("mainnet").network();
    network.refused(registers(stranger(0).key, &witness(0), "stranger"), "E_WITNESS_BOND");
    let mut sooner = Founding::at("testnet").network();
    sooner.refused(registers(validator(0), &witness(0), "early"), "E_GATE_OFF");
}

#[test]
fn w05_strangers_take_half_of_the_places_and_a_member_of_a_segment_is_taken_all_the_same() {
    let others = u8::try_from(MOST_OF_OTHERS).unwrap();
    let mut genesis = Founding::at("mainnet").segment("canary_witnesses", &[0]).genesis();
    // The first two have tokens already.
    let endow = |index| Endowment { account: stranger(index).account(), balance: Amount(10_000_000) };
    genesis.accounts.balances.extend((2..=others).map(endow));
    let mut network = Network::new(genesis);
    let least = staking::queries::params(&network.state()).minimum_bond;
    let bonds = (0..=others).map(|index| (stranger(index).key, bond(least.0)));
    network.all_granted(&bonds.collect::<Vec<_>>());
    let asks = |index: u8| registers(stranger(index).key, &witness(index), &format!("stranger{index}"));
    network.all_granted(&(0..others).map(asks).collect::<Vec<_>>());
    network.refused(asks(others), "E_FULL");
    let member = network.granted(registers(validator(0), &witness(others + 1), "member"));
    assert!(matches!(member, Event::Witnesses(witnesses::Event::Registered { is_member: true, .. })), "{member:?}");
}

#[test]
fn who_cosigned_the_checkpoint_of_an_epoch_shares_what_it_has_for_witnesses() {
    let mut network = Founding::at("mainnet").network();
    network.granted(registers(validator(0), &witness(0), "first"));
    let paid = |network: &mut Network, epoch: u64| -> u64 {
        let facts = network.begin(epoch + 1);
        let found = facts.into_iter().find_map(|fact| match fact.outcome {
            Ok(Event::Rewards(rewards::Event::Rewarded { epoch: of, witness, .. })) if of == Epoch(epoch) => {
                Some(witness)
            }
            _ => None,
        });
        found.unwrap_or_else(|| panic!("epoch {epoch} is not paid")).0
    };
    network.begin(2);
    assert_eq!(paid(&mut network, 2), 0, "nobody cosigned it");
    let of_chain = checkpoint(&network, 3);
    network.granted(cosigns(validator(0), &witness(0), 3, &of_chain));
    assert!(paid(&mut network, 3) > 0);
}
