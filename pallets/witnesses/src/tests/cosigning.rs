//! Who cosigns a checkpoint, and when.

use super::*;

#[test]
fn a_witness_cosigns_the_checkpoint_of_this_chain_once_and_word_for_word() {
    let memory = Memory::default();
    let mut chain = Chain::witnessed(&memory);
    chain.until(1);
    chain.register(1).unwrap();
    chain.until(8);
    assert_eq!(chain.cosign(2, 2), Err(Error::UnknownWitness { who: who(2) }));
    assert_eq!(chain.cosign(1, 3), Err(Error::UnknownCheckpoint { epoch: Epoch(3) }));
    let checkpoint = queries::signed_checkpoint(&chain.state, Epoch(2)).unwrap();
    let (timestamp, epoch) = (SIGNED, Epoch(2));
    let bad = Error::BadCosignature { epoch, size: 8, root: tree(8).root() };
    let by_account = secret(2).sign(&cosigned_bytes(timestamp, &checkpoint));
    let of_an_older = cosigned_bytes(timestamp, &queries::signed_checkpoint(&chain.state, Epoch(1)).unwrap());
    let late = secret(1).sign(&cosigned_bytes(timestamp + 1, &checkpoint));
    let plain = secret(1).sign(checkpoint.text().as_bytes());
    for signature in [by_account, secret(1).sign(&of_an_older), late, plain, Signature([0; 64])] {
        let call = Call::Cosign { epoch, timestamp, signature };
        assert_eq!(chain.ask(who(1), &call), Err(bad.clone()));
    }
    let Ok(Event::Cosigned { witness, size, root, cosignature, .. }) = chain.cosign(1, 2) else { panic!("refused") };
    assert_eq!((witness, size, root), (who(1), 8, tree(8).root()));
    assert_eq!(queries::cosignatures(&chain.state, epoch), [(who(1), cosignature.clone())]);
    assert_eq!((cosignature.name, cosignature.key), (name("witness1"), secret(1).public()));
    assert_eq!(chain.cosign(1, 2), Err(Error::Again { who: who(1), epoch }));
    assert!(chain.cosign(1, 1).is_ok(), "an older one that is kept may be vouched for too");
}

#[test]
fn only_who_was_a_witness_when_an_epoch_began_cosigns_it_however_often_places_change_hands() {
    let memory = Memory::default();
    let mut chain = Chain::witnessed(&memory);
    chain.until(LENGTH);
    let most = u8::try_from(MOST_OF_OTHERS).unwrap();
    // Each comes into the place that the one before left, within one epoch, and none of them vouches for what stands already.
    for byte in 1..=BONDED {
        chain.register(byte).unwrap();
        for epoch in 0..=1 {
            let new = Error::TooNew { who: who(byte), epoch: Epoch(epoch), registered: Epoch(1) };
            assert_eq!(chain.cosign(byte, epoch), Err(new));
        }
        if byte > most - 1 && byte < BONDED {
            chain.ask(who(byte), &Call::Retire).unwrap();
        }
    }
    chain.until(2 * LENGTH);
    let cosigned = (1..=BONDED).filter(|byte| chain.cosign(*byte, 2).is_ok()).count();
    assert_eq!(cosigned, usize::from(most), "those who were there when it began");
    chain.ask(who(1), &Call::Retire).unwrap();
    chain.register(1).unwrap();
    let new = Error::TooNew { who: who(1), epoch: Epoch(2), registered: Epoch(2) };
    assert_eq!(chain.cosign(1, 2), Err(new), "whoever comes again is as new as anybody");
    assert_eq!(queries::cosignatures(&chain.state, Epoch(2)).len(), cosigned);
}

#[test]
fn nothing_is_cosigned_without_the_bond_or_by_a_clock_that_is_more_than_an_hour_ahead() {
    let memory = Memory::default();
    let mut chain = Chain::witnessed(&memory);
    chain.until(1);
    (1..=2).for_each(|byte| assert!(chain.register(byte).is_ok()));
    chain.until(LENGTH);
    // Blocks are a second apart from 1970 on.
    let (time, latest) = (LENGTH, LENGTH + MOST_SECONDS_AHEAD);
    for timestamp in [latest + 1, u64::MAX] {
        assert_eq!(chain.cosign_at(1, 1, timestamp), Err(Error::FromTheFuture { timestamp, time }));
    }
    assert!(chain.cosign_at(1, 1, latest).is_ok());
    chain.unbond(2);
    assert_eq!(chain.cosign(2, 1), Err(Error::NoBond { have: Amount(0), need: Amount(BOND) }));
}
