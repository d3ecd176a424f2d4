//! What is under a name, whatever happens.

use super::*;
use std::os::unix::fs::symlink;

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    (folder, file)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn o22_a_path_is_settled_as_the_system_would_follow_it() {
    let (folder, file) = folder();
    let here = std::env::current_dir().unwrap();
    assert_eq!(settled(Path::new("net/./node0/")).unwrap(), here.join("net/node0"));
    assert_eq!(settled(Path::new("net/../node0")).unwrap(), here.join("node0"));
    assert_eq!(settled(&file).unwrap(), file);
    assert_eq!(settled(Path::new("/../..")).unwrap(), Path::new("/"));
    assert!(settled(Path::new("")).is_err());
    // Up from a link is up from where it leads.
    let inner = folder.path().join("disk/inner");
    fs::create_dir_all(&inner).unwrap();
    let link = folder.path().join("link");
    symlink(&inner, &link).unwrap();
    assert_eq!(settled(&link.join("x")).unwrap(), link.join("x"));
    assert_eq!(settled(&link.join("../x")).unwrap(), inner.canonicalize().unwrap().with_file_name("x"));
}

#[test]
fn a_crash_before_the_rename_leaves_the_old_file_and_no_other_of_its_name() {
    let (folder, file) = folder();
    replace(&file, None, b"old").unwrap();
    let staged = stage(&file, None).unwrap();
    staged.as_file().write_all(b"ne").unwrap();
    // A killed process removes nothing.
    let (_, left) = staged.keep().unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"old");
    let left = left.file_name().unwrap().to_str().unwrap();
    assert!(left.starts_with("file.") && left.ends_with(".part"), "{left}");
    assert_eq!(names(folder.path()), ["file", left], "it is not mistaken for the file");

    replace(&file, None, b"new").unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"new");
    assert_eq!(names(folder.path()), ["file"], "whoever writes the file next cleans up");
}

#[test]
fn nothing_is_removed_but_what_a_killed_process_staged_for_this_very_file() {
    let (folder, file) = folder();
    let others = ["file.backup.part", "file.part", "file.twelve-chars.part", "file2.0123456789ab.part"];
    others.iter().for_each(|other| fs::write(folder.path().join(other), b"precious").unwrap());
    fs::create_dir(folder.path().join("file.0123456789ab.part")).unwrap();
    let before = names(folder.path());
    let alive = stage(&file, None).unwrap();
    alive.as_file().write_all(b"slow").unwrap();
    replace(&file, None, b"fast").unwrap();
    assert_eq!(names(folder.path()).len(), before.len() + 2, "the other one that is being written is there too");
    publish(alive, &file).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"slow");
    let dead = folder.path().join("file.0123456789zZ.part");
    fs::write(&dead, b"dead").unwrap();
    drop(stage(&file, None).unwrap());
    assert!(!dead.exists());
    let after: Vec<String> = names(folder.path()).into_iter().filter(|name| name != "file").collect();
    assert_eq!(after, before);
}

#[test]
fn what_is_given_up_leaves_nothing_behind() {
    let (folder, file) = folder();
    stage(&file, None).unwrap().as_file().write_all(b"half").unwrap();
    assert!(names(folder.path()).is_empty());
    fs::create_dir_all(file.join("full")).unwrap();
    replace(&file, None, b"a folder is not replaced").unwrap_err();
    create_new(&file, None, b"nor overwritten").unwrap_err();
    assert_eq!(names(folder.path()), ["file"]);
}

#[test]
fn a_file_has_the_mode_that_was_asked_for_or_that_of_any_file() {
    let (folder, file) = folder();
    for mode in [0o600, 0o444, 0o664] {
        replace(&file, Some(mode), b"content").unwrap();
        assert_eq!(mode_of(&file), mode);
        let new = folder.path().join(format!("{mode:o}"));
        create_new(&new, Some(mode), b"content").unwrap();
        assert_eq!(mode_of(&new), mode);
    }
    let any = folder.path().join("any");
    File::create(&any).unwrap();
    replace(&file, None, b"content").unwrap();
    assert_eq!(mode_of(&file), mode_of(&any));
}

#[test]
fn a_folder_that_is_not_there_is_not_made() {
    let (folder, file) = folder();
    let path = file.join("below");
    for refused in [replace(&path, None, b"content"), create_new(&path, None, b"content"), sync_folder(&file)] {
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
    assert!(names(folder.path()).is_empty());
}

#[test]
fn nothing_that_is_there_is_overwritten_by_a_new_file() {
    let (folder, file) = folder();
    create_new(&file, None, b"first").unwrap();
    let link = folder.path().join("link");
    symlink("nowhere", &link).unwrap();
    for path in [&file, &link] {
        assert_eq!(create_new(path, None, b"second").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
    assert_eq!(fs::read(&file).unwrap(), b"first");
    assert_eq!(names(folder.path()), ["file", "link"]);
}

#[test]
fn a_link_is_replaced_and_what_it_leads_to_is_not() {
    let (folder, file) = folder();
    let precious = folder.path().join("precious");
    fs::write(&precious, b"precious").unwrap();
    symlink(&precious, &file).unwrap();
    replace(&file, None, b"new").unwrap();
    assert_eq!((fs::read(&file).unwrap(), fs::read(&precious).unwrap()), (b"new".to_vec(), b"precious".to_vec()));
}

#[test]
fn a_folder_is_renamed_with_what_is_in_it_but_not_over_one_that_is_full() {
    let (folder, full) = folder();
    let (from, to) = (folder.path().join("staged"), folder.path().join("store"));
    for path in [&from, &full] {
        fs::create_dir(path).unwrap();
        fs::write(path.join("row"), b"row").unwrap();
    }
    rename_durably(&from, &full).unwrap_err();
    rename_durably(&from, &to).unwrap();
    assert_eq!(fs::read(to.join("row")).unwrap(), b"row");
    assert_eq!(names(folder.path()), ["file", "store"]);
}

#[test]
fn what_is_not_there_is_none_and_what_cannot_be_read_is_an_error() {
    let (folder, file) = folder();
    assert!(if_there(fs::read(&file)).unwrap().is_none());
    fs::write(&file, b"content").unwrap();
    assert_eq!(if_there(fs::read(&file)).unwrap(), Some(b"content".to_vec()));
    assert!(if_there(fs::read(folder.path())).is_err());
}

#[test]
fn a_bare_name_lies_in_the_working_folder() {
    assert_eq!(folder_of(Path::new("name")), Path::new("."));
    assert_eq!(folder_of(Path::new("a/name")), Path::new("a"));
    assert_eq!(folder_of(Path::new("/name")), Path::new("/"));
}

#[test]
fn what_is_asked_for_goes_into_a_device_as_it_is_and_replaces_a_file() {
    let dir = tempfile::tempdir().unwrap();
    write_out(Path::new("/dev/null"), b"bytes").unwrap();
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file(), "a device stays one");
    let file = dir.path().join("ticket");
    for bytes in [&b"first"[..], b"second"] {
        write_out(&file, bytes).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), bytes);
    }
    assert!(write_out(dir.path(), b"bytes").is_err(), "a folder is not replaced");
}

#[test]
fn o06_a_place_where_something_is_mounted_is_known_before_a_rename_fails() {
    let (folder, file) = folder();
    assert!(is_mount_point(Path::new("/proc")) && !is_mount_point(folder.path()) && !is_mount_point(&file));
    let link = folder.path().join("link");
    symlink("/proc", &link).unwrap();
    assert!(is_mount_point(&link), "a link is followed");
    assert_eq!(unescaped(b"/a\\040b\\134c\\"), b"/a b\\c\\");
}
