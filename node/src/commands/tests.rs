//! What the exit codes of commands tell whoever starts them again.

use super::*;
use crate::network::NetworkPlan;
use crate::node::Identity;
use std::fs;
use std::os::unix::fs::symlink;

/// The exit code with which a home is read: 0 when all of it can be used.
fn code(home: &Path) -> u8 {
    let read =
        read_home(home).and_then(|(home, config, _)| Identity::read(&home, &config).map(|_| ()).map_err(unusable));
    match read {
        Ok(()) => 0,
        Err(Failure::Failed(_)) => 1,
        Err(Failure::Usage(_)) => 2,
        Err(Failure::Refused(_) | Failure::GivenUp(_) | Failure::ReconstructionOff(_)) => {
            panic!("nothing was asked yet")
        }
    }
}

#[test]
fn o09_what_cannot_be_read_is_tried_again_and_what_was_read_and_is_wrong_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("late");
    let home = Home::at(&dir);
    assert_eq!(code(&dir), 1, "a disk that comes late");
    fs::create_dir(&dir).unwrap();
    assert_eq!(code(&dir), 1, "the place of one");
    NetworkPlan::default().write_single(&home, None).unwrap();
    assert_eq!(code(&dir), 0);
    let config = Config::load(&home).unwrap();
    let key = home.validator_key(&config).unwrap();
    let needed = [home.config(), home.genesis(), key, home.node_key()];
    for file in needed.iter().chain([&home.release_signers()]) {
        let aside = file.with_extension("aside");
        let there = files::if_there(fs::rename(file, &aside)).unwrap().is_some();
        assert_eq!(code(&dir), u8::from(needed.contains(file)), "{} is not there", file.display());
        // EIO.
        symlink("/proc/self/mem", file).unwrap();
        assert_eq!(code(&dir), 1, "{} on a disk that fails", file.display());
        fs::remove_file(file).unwrap();
        for wrong in [&b"a typing mistake"[..], b"\xff\xfe\x00"] {
            fs::write(file, wrong).unwrap();
            assert_eq!(code(&dir), 2, "{} with a mistake", file.display());
        }
        fs::remove_file(file).unwrap();
        if there {
            fs::rename(&aside, file).unwrap();
        }
        assert_eq!(code(&dir), 0, "{} is back", file.display());
    }
}

#[test]
fn the_key_of_a_witness_is_none_that_the_node_signs_other_things_with() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, home) = (folder.path().join("home"), Home::at(folder.path().join("home")));
    fs::create_dir(&dir).unwrap();
    NetworkPlan::default().write_single(&home, None).unwrap();
    let mut config = Config::load(&home).unwrap();
    let mut with = |key: &str| {
        config.witness.key = key.into();
        fs::write(home.config(), config.to_text()).unwrap();
        code(&dir)
    };
    assert_eq!([with("config/node.key"), with("config/validator.key")], [2, 2]);
    assert_eq!(with("config/witness.key"), 1, "it is not there");
    host::keys::write(&home.path().join("config/witness.key"), &host::keys::generate()).unwrap();
    assert_eq!((with("config/witness.key"), with("")), (0, 0));
}
