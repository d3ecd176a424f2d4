//! How artifacts are encoded: for good (ROLLOUTS 3.3).

use super::*;
use parity_scale_codec::{Decode, DecodeAll, Encode};
use primitives::Leveled;
use state::{Key, KeyBytes};
use std::fmt::Debug;
use strum::VariantNames;

fn stays<T: Encode + Decode + serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(value: &T) {
    assert_eq!(&T::decode_all(&mut &value.encode()[..]).unwrap(), value);
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
}

#[test]
fn what_is_written_is_read_again_from_scale_and_from_json() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    stays(&register(artifact(1)));
    stays(&mark(1, ArtifactStanding::Bad));
    stays(&make(&mut state, 1, &register(artifact(1))).unwrap());
    promote(&mut state, "PROD", 2);
    stays(&queries::artifact(&state, &name("pos"), &digest(2)).unwrap());
    stays(&queries::rules(&state, &name("pos")).unwrap());
    stays(&make(&mut state, 3, &mark(1, ArtifactStanding::Released)).unwrap());
    stays(&Error::Needed { name: name("a"), by: ArtifactPin::Incident(CaseId(3)) });
    assert_eq!(
        register(artifact(1)).level(),
        0,
        "the whole pallet came with a level, which is said where it is composed"
    );
    let unheard = serde_json::json!({ "name": "a", "digest": digest(1), "phase": null, "meta": [], "plan": "pos" });
    assert!(serde_json::from_value::<ArtifactEntry>(unheard).is_err());
}

#[test]
fn variants_keep_their_numbers() {
    assert_eq!([ArtifactStanding::Candidate, ArtifactStanding::Released].encode(), [0, 3]);
    assert_eq!(ArtifactPin::Stands(name("a")).encode(), [2, b'a', 0]);
    assert_eq!(CasePin::Hold(CaseId(1)).encode(), [1, 1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(register(artifact(1)).encode()[0], 0);
    assert_eq!(mark(1, ArtifactStanding::Bad).encode()[0], 1);
    assert_eq!(Event::VARIANTS, ["artifacts.registered", "artifacts.marked", "artifacts.artifact_released"]);
}

#[test]
fn pins_are_found_under_keys_that_can_be_read_and_sort_as_they_do() {
    let key = crate::storage::PINS.key(&(name("pos"), path("PROD"), CasePin::Hold(CaseId(7))));
    assert_eq!(&key[..], b"artifacts/pins/pos\0PROD\0\0\0\0\0\x01\0\0\0\0\0\0\0\x07");
    let pins = [1, 2, 300].map(|case| CasePin::Incident(CaseId(case)));
    let keys = pins.map(|pin| {
        let mut bytes = KeyBytes::new();
        pin.write(&mut bytes);
        assert_eq!(CasePin::read(&mut &bytes[..]), Some(pin));
        bytes
    });
    assert!(keys.is_sorted() && CasePin::read(&mut &[0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0][..]).is_none());
}
