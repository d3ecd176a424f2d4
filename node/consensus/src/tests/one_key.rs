//! One validator key: on two nodes, and on one that may not sign with it yet or any more.

use super::*;

/// Four validators, the key of one of which is on two nodes.
#[tokio::test(flavor = "multi_thread")]
async fn h15_the_chain_hears_of_a_key_that_signs_on_two_nodes_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let ports = free_ports::<5>();
    let twice = 4;
    let apps: Vec<Arc<Memory>> =
        [1, 2, 3, twice, twice].into_iter().map(|n| Memory::new(n, &[(0, &[1, 2, 3, 4])])).collect();
    let mut handles = Vec::new();
    for (n, app) in (1..).zip(&apps) {
        let key = if n == 5 { secret(twice) } else { secret(n) };
        // Nobody waits between blocks, so that both begin a height with the same vote, and each proposes before it hears the other.
        let target_block_time = Duration::from_millis(1);
        let config = ConsensusConfig { target_block_time, ..config(n, dir.path(), ports[usize::from(n) - 1], &ports) };
        handles.push(start(config, key, node_key(n), app.clone()).await.unwrap());
    }
    let heard =
        |app: &Memory| app.offences.lock().unwrap().iter().any(|one| one.validator() == secret(twice).account());
    while !apps[..3].iter().any(|app| heard(app)) {
        let height = apps[0].head().0;
        assert!(height < 60, "nobody noticed");
        apps[0].reaches(height + 1).await;
    }
    let goal = apps[0].head().0 + 3;
    for app in &apps[..3] {
        app.reaches(goal).await;
        let others = app.offences.lock().unwrap().iter().any(|one| one.validator() != secret(twice).account());
        assert!(!others, "nobody else contradicted itself");
    }
    assert_eq!(apps[0].certified(goal), apps[1].certified(goal));
    for handle in handles {
        // A node whose key is used elsewhere too may have given up.
        let _ = timeout(PATIENCE, handle.stop()).await.expect("consensus stops");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn o26_an_engine_that_cannot_listen_again_ends_consensus_instead_of_waiting_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let [port] = free_ports();
    let app = Memory::new(1, &[(0, &[1])]);
    let handle = node(1, dir.path(), port, &[], &app).await;
    app.reaches(2).await;
    // Somebody takes the port once the engine that signs has left it: when the one that follows asks whether it is to sign, which is before
    // it listens.
    *app.wanted.lock().unwrap() = Some(port);
    app.signs(Signing { from: None, ..Signing::ALWAYS });
    let error = timeout(PATIENCE, handle).await.expect("it is noticed").unwrap_err();
    assert!(error.to_string().contains("cannot listen again"), "{error:#}");
    assert!(app.taken.lock().unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn o25_of_two_nodes_with_one_key_one_ends_its_signing_before_they_contradict_each_other_and_follows() {
    let dir = tempfile::tempdir().unwrap();
    let ports = free_ports::<5>();
    let apps: Vec<_> = [1, 2, 3, 4, 4].map(|n| Memory::new(n, &[(0, &[1, 2, 3, 4])])).into();
    // What its key signs from the second height on is its own, or a twin's.
    apps.iter().for_each(|app| app.signs(Signing { own_from: Some(Height(2)), shows: true, ..Signing::ALWAYS }));
    let mut handles = nodes(dir.path(), &ports, &apps[..4]).await;
    for app in &apps[..4] {
        app.reaches(3).await;
    }
    // The fifth of the configured peers has the key of the fourth.
    let twin = start(config(5, dir.path(), ports[4], &ports), secret(4), node_key(5), apps[4].clone());
    handles.push(twin.await.unwrap());
    // Whoever knows first shows the key no more, so that the other may never come to know, and signs on alone.
    let mut twins = [apps[3].twins.subscribe(), apps[4].twins.subscribe()];
    let [one, other] = twins.each_mut().map(|twins| twins.wait_for(|twins| !twins.is_empty()));
    let first = async {
        tokio::select! { known = one => known.is_ok(), known = other => known.is_ok() }
    };
    assert!(timeout(PATIENCE, first).await.expect("one of the two knows"));
    let at = apps[0].head();
    for app in &apps {
        app.reaches(at.0 + 10).await;
        assert!(app.offences.lock().unwrap().is_empty(), "nobody contradicts itself");
    }
    assert!(apps[..3].iter().all(|app| app.twins.borrow().is_empty()), "the others have no twin");
    stop_all(handles).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn o26_a_key_that_has_to_wait_follows_and_signs_from_the_height_it_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let ports = free_ports::<4>();
    let apps: Vec<_> = [1, 2, 3, 4].map(|n| Memory::new(n, &[(0, &[1, 2, 3, 4])])).into();
    apps[3].signs(Signing { from: Some(Height(6)), ..Signing::ALWAYS });
    let handles = nodes(dir.path(), &ports, &apps).await;
    let me = secret(4).account();
    let signed = |height: usize| {
        let blocks = apps[0].blocks.lock().unwrap();
        blocks.get(height - 1).is_some_and(|(_, certificate)| certificate.signatures.iter().any(|(by, _)| *by == me))
    };
    apps[3].reaches(5).await;
    // Its signature is in one of the blocks to come: not in each, because three of four are enough.
    let mut height = 6;
    while !(6..=height).any(signed) {
        height += 1;
        apps[0].reaches(height as u64).await;
        assert!(height < 100, "it does not sign");
    }
    assert!(!(1..6).any(signed), "it signed before");
    stop_all(handles).await;
}
