//! How much memory there is for this process: what the machine has, or less where a group of processes that it is in may have less.
//!
//! Groups lie within groups, and the smallest limit counts. Systems have them in two versions, some in both; what cannot be read is no
//! limit.

use std::fmt;
use std::fs;
use std::path::Path;

/// Where the groups of version 2 are, and what their limits are called.
const UNIFIED: (&[&str], &[&str]) = (&["sys/fs/cgroup", "sys/fs/cgroup/unified"], &["memory.max", "memory.high"]);
/// The same of version 1.
const BY_CONTROLLER: (&[&str], &[&str]) = (&["sys/fs/cgroup/memory"], &["memory.limit_in_bytes"]);
/// What a machine is taken to have that does not tell.
const USUAL: u64 = 2 << 30;

/// How much memory there is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AvailableMemory {
    /// All that the machine has.
    Machine(u64),
    /// What a group may have that this process is in.
    Group(u64),
}

impl AvailableMemory {
    /// What there is for this process.
    pub fn here() -> Self {
        Self::under(Path::new("/"))
    }

    fn under(root: &Path) -> Self {
        let machine = machine(root).unwrap_or(USUAL);
        match group(root).filter(|limit| *limit < machine) {
            Some(limit) => AvailableMemory::Group(limit),
            None => AvailableMemory::Machine(machine),
        }
    }

    /// So many bytes.
    pub fn bytes(self) -> u64 {
        match self {
            AvailableMemory::Machine(bytes) | AvailableMemory::Group(bytes) => bytes,
        }
    }
}

impl fmt::Display for AvailableMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AvailableMemory::Machine(bytes) => write!(f, "{} MiB that this machine has", bytes >> 20),
            AvailableMemory::Group(bytes) => write!(f, "{} MiB that the group of this process may have", bytes >> 20),
        }
    }
}

/// What the machine has.
fn machine(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = total.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The smallest limit of the groups that this process is in.
fn group(root: &Path) -> Option<u64> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    groups.lines().filter_map(|line| limit(root, line)).min()
}

/// The smallest limit of one group and of those around it; `line` is its number, its controllers and its path, between colons.
fn limit(root: &Path, line: &str) -> Option<u64> {
    let mut words = line.splitn(3, ':').skip(1);
    let (controllers, path) = (words.next()?, Path::new(words.next()?.trim_start_matches('/')));
    let (mounts, files) = match controllers {
        "" => UNIFIED,
        some if some.split(',').any(|controller| controller == "memory") => BY_CONTROLLER,
        _ => return None,
    };
    let folders = mounts.iter().flat_map(|mount| path.ancestors().map(move |group| root.join(mount).join(group)));
    let limits = folders.flat_map(|folder| files.iter().map(move |file| fs::read_to_string(folder.join(file))));
    // Version 2 writes "max" where there is none, version 1 a number that no machine has.
    limits.filter_map(|text| text.ok()?.trim().parse().ok()).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A system with a gibibyte, and these files.
    fn system(files: &[(&str, &str)]) -> AvailableMemory {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [("proc/meminfo", "MemTotal:        1048576 kB\nMemFree: 1 kB\n")].iter().chain(files) {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        AvailableMemory::under(root.path())
    }

    #[test]
    fn o35_the_smallest_of_the_machine_and_of_the_groups_around_this_process_counts() {
        let (whole, none) = (AvailableMemory::Machine(1 << 30), "max\n");
        assert_eq!(system(&[]), whole);
        let own = ("proc/self/cgroup", "0::/system.slice/the-block.service\n");
        let (inner, outer) = ("sys/fs/cgroup/system.slice/the-block.service/", "sys/fs/cgroup/system.slice/");
        let max = |folder: &str| format!("{folder}memory.max");
        assert_eq!(system(&[own, (max(inner).as_str(), none), (max(outer).as_str(), none)]), whole);
        assert_eq!(
            system(&[own, (max(inner).as_str(), "419430400\n"), (max(outer).as_str(), none)]),
            AvailableMemory::Group(400 << 20)
        );
        assert_eq!(
            system(&[own, (max(inner).as_str(), none), (max(outer).as_str(), "134217728\n")]),
            AvailableMemory::Group(128 << 20)
        );
        assert_eq!(
            system(&[own, (format!("{inner}memory.high").as_str(), "1048576\n")]),
            AvailableMemory::Group(1 << 20)
        );
        assert_eq!(system(&[own, (max(inner).as_str(), "2147483648\n")]), whole, "more than the machine has");
        // In a container, whose own group is the root that it sees.
        let container = ("proc/self/cgroup", "0::/\n");
        assert_eq!(
            system(&[container, ("sys/fs/cgroup/memory.max", "268435456\n")]),
            AvailableMemory::Group(256 << 20)
        );
    }

    #[test]
    fn o35_groups_of_version_1_are_read_too() {
        let own = ("proc/self/cgroup", "12:cpu,cpuacct:/a\n7:memory:/docker/c0ffee\n0::/\n");
        let file = "sys/fs/cgroup/memory/docker/c0ffee/memory.limit_in_bytes";
        assert_eq!(system(&[own, (file, "9223372036854771712\n")]), AvailableMemory::Machine(1 << 30));
        assert_eq!(system(&[own, (file, "419430400\n")]), AvailableMemory::Group(400 << 20));
        // In a container only the root of the hierarchy is its own.
        let root = "sys/fs/cgroup/memory/memory.limit_in_bytes";
        assert_eq!(system(&[own, (root, "268435456\n")]), AvailableMemory::Group(256 << 20));
        assert_eq!(
            system(&[("proc/self/cgroup", "12:cpu,cpuacct:/\n"), (root, "1\n")]),
            AvailableMemory::Machine(1 << 30)
        );
    }
}
