//! Who becomes a witness, with which key and name, and who leaves.

use super::*;

#[test]
fn nobody_is_a_witness_while_the_gate_is_off_and_everybody_may_leave() {
    let memory = Memory::default();
    let mut chain = Chain::witnessed(&memory);
    chain.until(1);
    chain.register(1).unwrap();
    chain.turn(Gate::WitnessNetwork, false);
    assert_eq!(chain.register(2), Err(Error::GateOff { who: who(2) }));
    chain.until(LENGTH);
    assert_eq!(chain.cosign(1, 1), Err(Error::GateOff { who: who(1) }));
    assert_eq!(chain.ask(who(1), &Call::Retire), Ok(Event::Retired { witness: who(1) }));
    assert_eq!(chain.ask(who(1), &Call::Retire), Err(Error::UnknownWitness { who: who(1) }));
    assert_eq!(queries::witnesses(&chain.state), []);
}

#[test]
fn a_witness_has_a_bond_and_a_key_of_its_own() {
    let memory = Memory::default();
    let mut chain = Chain::witnessed(&memory);
    let asks = |who, seed| registers(who, "other", &secret(seed));
    let key = secret(1).public();
    assert_eq!(chain.ask(POOR, &asks(POOR, 1)), Err(Error::NoBond { have: Amount(0), need: Amount(BOND) }));
    let weak = PublicKey([0; 32]);
    let of_weak = Call::Register { name: name("weak"), key: weak, proof: Signature([0; 64]) };
    assert_eq!(chain.ask(who(1), &of_weak), Err(Error::UnusableKey { key: weak }));
    let of_account = secret(7).public();
    accounts::apply::give(&mut chain.state, &of_account.into(), Amount(1));
    assert_eq!(chain.ask(who(1), &asks(who(1), 7)), Err(Error::KeyTaken { key: of_account }));
    chain.register(1).unwrap();
    assert_eq!(chain.ask(who(2), &asks(who(2), 1)), Err(Error::KeyTaken { key }));
    let again = Error::AlreadyWitness { who: who(1), key };
    assert_eq!(chain.ask(who(1), &asks(who(1), 9)), Err(again));
    chain.ask(who(1), &Call::Retire).unwrap();
    assert!(chain.ask(who(2), &asks(who(2), 1)).is_ok(), "nobody has it any more");
}

#[test]
fn no_two_witnesses_have_one_name() {
    let memory = Memory::default();
    let mut chain = Chain::witnessed(&memory);
    chain.register(1).unwrap();
    let called_the_same = registers(who(2), "witness1", &secret(2));
    assert_eq!(chain.ask(who(2), &called_the_same), Err(Error::NameTaken { name: name("witness1") }));
    assert!(chain.register(2).is_ok());
    chain.ask(who(1), &Call::Retire).unwrap();
    assert!(chain.ask(who(3), &registers(who(3), "witness1", &secret(3))).is_ok(), "nobody is called so any more");
}

#[test]
fn nobody_registers_a_key_that_another_has() {
    let memory = Memory::default();
    let mut chain = Chain::witnessed(&memory);
    let (key, says) = (secret(1).public(), witness_key_proof(&chain_id(), &who(1)));
    assert_eq!(String::from_utf8(says.clone()).unwrap(), format!("the-block/witness/v1\ntest\n{}", who(1)));
    let of_another = Text::new("another").unwrap();
    for proof in [
        Signature([0; 64]),
        secret(2).sign(&says),
        secret(1).sign(&witness_key_proof(&chain_id(), &who(2))),
        secret(1).sign(&witness_key_proof(&of_another, &who(1))),
        secret(1).sign(&[says.as_slice(), b"\n"].concat()),
    ] {
        let asked = Call::Register { name: name("witness1"), key, proof };
        assert_eq!(chain.ask(who(1), &asked), Err(Error::BadProof { who: who(1), key }));
    }
    assert!(chain.register(1).is_ok());
}

#[test]
fn half_of_the_places_are_for_members_of_segments() {
    let memory = Memory::default();
    let mut chain = Chain::witnessed(&memory);
    let (others, most) = (u8::try_from(MOST_OF_OTHERS).unwrap(), u8::try_from(MOST_WITNESSES).unwrap());
    (1..=others).for_each(|byte| assert!(chain.register(byte).is_ok()));
    assert_eq!(chain.register(others + 1), Err(Error::Full { have: MOST_OF_OTHERS }));
    for byte in others + 1..=most {
        chain.join_cohort(byte);
        let registered = chain.register(byte);
        assert!(matches!(registered, Ok(Event::Registered { is_member: true, .. })), "{registered:?}");
    }
    chain.join_cohort(most + 1);
    assert_eq!(chain.register(most + 1), Err(Error::Full { have: MOST_WITNESSES }));
    chain.ask(who(1), &Call::Retire).unwrap();
    assert!(chain.register(most + 1).is_ok(), "a member takes any place");
}

#[test]
fn who_no_longer_has_the_bond_leaves_in_order_and_at_most_so_many_at_a_time() {
    let memory = Memory::default();
    let mut chain = Chain::witnessed(&memory);
    (1..=4).for_each(|byte| assert!(chain.register(byte).is_ok()));
    assert_eq!(due(&chain.state, 9), []);
    for byte in [3, 2] {
        chain.unbond(byte);
    }
    let retired = |byte| Event::Retired { witness: who(byte) };
    assert_eq!(due(&chain.state, 0), []);
    assert_eq!(due(&chain.state, 1), [retired(2)]);
    assert_eq!(due(&chain.state, 9), [retired(2), retired(3)]);
}
