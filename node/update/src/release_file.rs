//! What a release artifact is: its hashes, its size, and the platform it runs on.
//!
//! ```
//! let running = std::env::current_exe().unwrap();
//! let artifact = update::release_file::inspect(&running).unwrap();
//! assert_eq!(artifact.build_hash, update::release_file::measure().unwrap());
//! assert_eq!(artifact.platform, Some(update::release_file::host_platform()));
//! ```

use crate::level_mark::MarkFinder;
use object::Endianness;
use object::elf;
use object::read::elf::FileHeader;
use primitives::{BuildHash, Digest};
use releases::{Platform, Target};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// The link that Linux keeps to the file a process was started from, even when that file was renamed or replaced.
const RUNNING: &str = "/proc/self/exe";

/// How much is read before it is hashed, in bytes: enough for every core to have a share.
const CHUNK: usize = 1 << 20;
/// Bytes of the longest header that tells a platform.
const HEADER: usize = 64;

/// What `contract release hash FILE` prints, and what a proposal names for each platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseFile {
    /// The BLAKE3 of the file; equals `b3sum`.
    pub build_hash: BuildHash,
    /// The SHA-256 of the file; equals `sha256sum`.
    pub sha256: Digest,
    /// The size in bytes.
    pub size: u64,
    /// What it runs on; none when the file is not an executable this product knows.
    pub platform: Option<Platform>,
    /// The level that it [says](crate::level_mark) it knows; none where it says nothing, as builds of other software do.
    pub level: Option<u32>,
}

/// Reads a file once, in bounded memory, and says what it is.
///
/// # Errors
/// When the file cannot be opened or read.
pub fn inspect(path: &Path) -> io::Result<ReleaseFile> {
    inspect_reader(File::open(path)?)
}

/// As [`inspect`], of a file that is open, from its beginning: whatever happens to its path meanwhile.
///
/// # Errors
/// When the file cannot be read.
pub fn inspect_open(mut file: &File) -> io::Result<ReleaseFile> {
    file.rewind()?;
    inspect_reader(file)
}

/// Measures the executable that is running, on all cores. The kernel refuses writes to it meanwhile.
///
/// # Errors
/// When `/proc` is not mounted or the file cannot be read; a node that cannot measure itself cannot boot.
pub fn measure() -> io::Result<BuildHash> {
    measure_file(Path::new(RUNNING))
}

/// The BLAKE3 of a file, memory-mapped and on all cores; equals `b3sum`. The file is opened once.
///
/// For files that nobody is writing to: use [`inspect`] for one that may still grow.
///
/// # Errors
/// When the file cannot be opened or read.
pub fn measure_file(path: &Path) -> io::Result<BuildHash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_mmap_rayon(path)?;
    Ok(BuildHash(*hasher.finalize().as_bytes()))
}

/// The BLAKE3 of a file that is open, on all cores: of these very bytes, whatever happens to the path meanwhile.
///
/// # Errors
/// When the file cannot be read.
pub fn measure_open(file: &File) -> io::Result<BuildHash> {
    let (mut hasher, mut chunk, mut at) = (blake3::Hasher::new(), vec![0; CHUNK], 0u64);
    loop {
        let read = file.read_at(&mut chunk, at)?;
        if read == 0 {
            return Ok(BuildHash(*hasher.finalize().as_bytes()));
        }
        hasher.update_rayon(&chunk[..read]);
        at = at.saturating_add(read as u64);
    }
}

/// The platform of a file that is open; none when it is not an executable this product knows.
///
/// # Errors
/// When the file cannot be read.
pub fn platform_of_file(file: &File) -> io::Result<Option<Platform>> {
    let mut start = [0; HEADER];
    let read = file.read_at(&mut start, 0)?;
    Ok(platform_of(start.get(..read).unwrap_or_default()))
}

fn inspect_reader(mut reader: impl Read) -> io::Result<ReleaseFile> {
    let (mut blake3, mut sha256, mut size) = (blake3::Hasher::new(), Sha256::new(), 0u64);
    let (mut chunk, mut platform, mut marks) = (Vec::with_capacity(CHUNK), None, MarkFinder::default());
    loop {
        chunk.clear();
        // A chunk is filled whatever the reader returns at a time, so the first one holds the whole header.
        let read = reader.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
        if read == 0 {
            break;
        }
        if size == 0 {
            platform = platform_of(&chunk);
        }
        size += read as u64;
        rayon::join(|| blake3.update_rayon(&chunk), || rayon::join(|| sha256.update(&chunk), || marks.look(&chunk)));
    }
    let build_hash = BuildHash(*blake3.finalize().as_bytes());
    let (sha256, level) = (Digest(sha256.finalize().into()), marks.level());
    Ok(ReleaseFile { build_hash, sha256, size, platform, level })
}

/// The platform this executable was built for.
pub fn host_platform() -> Platform {
    let here = named(std::env::consts::ARCH, std::env::consts::OS);
    here.unwrap_or_else(|| unreachable!("Rust names it in small letters"))
}

/// The architectures of executables that this product knows.
const ARCHITECTURES: [&str; 7] = ["x86_64", "aarch64", "riscv64", "loongarch64", "s390x", "x86", "arm"];
/// The systems of executables that this product knows.
const SYSTEMS: [&str; 4] = ["linux", "freebsd", "netbsd", "openbsd"];

/// A text that names none of the platforms that there are executables for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no platform that this product knows; write architecture and system, such as x86_64-linux: one of {architectures}, and one \
     of {systems}",
    architectures = ARCHITECTURES.join(", "),
    systems = SYSTEMS.join(", ")
)]
pub struct UnknownPlatform(String);

/// A platform as people type it: blanks around it and in any case, but one of those that an executable can be for.
///
/// # Errors
/// [`UnknownPlatform`].
pub fn typed_platform(text: &str) -> Result<Platform, UnknownPlatform> {
    let unknown = || UnknownPlatform(text.into());
    let platform: Platform = text.trim().to_ascii_lowercase().parse().map_err(|_| unknown())?;
    let named = platform.as_str().split_once('-');
    let is_known = named.is_some_and(|(of, on)| ARCHITECTURES.contains(&of) && SYSTEMS.contains(&on));
    if is_known || platform == host_platform() { Ok(platform) } else { Err(unknown()) }
}

/// Every platform is spelled in one way: by the names of `std::env::consts`.
fn named(architecture: &str, system: &str) -> Option<Platform> {
    format!("{architecture}-{system}").parse().ok()
}

/// Whether a target can run here, by what it says.
pub fn suits_this_machine(target: &Target) -> bool {
    target.platform == host_platform()
}

/// The platform of an ELF executable or shared object, by its header.
fn platform_of(start: &[u8]) -> Option<Platform> {
    if let Ok(header) = elf::FileHeader64::<Endianness>::parse(start) {
        return platform_of_header(header);
    }
    platform_of_header(elf::FileHeader32::<Endianness>::parse(start).ok()?)
}

fn platform_of_header<H: FileHeader<Endian = Endianness>>(header: &H) -> Option<Platform> {
    let endian = header.endian().ok()?;
    if !matches!(header.e_type(endian), elf::ET_EXEC | elf::ET_DYN) {
        return None;
    }
    let machine = (header.e_machine(endian), header.is_class_64(), endian);
    let architecture = match machine {
        (elf::EM_X86_64, true, Endianness::Little) => "x86_64",
        (elf::EM_AARCH64, true, Endianness::Little) => "aarch64",
        (elf::EM_RISCV, true, Endianness::Little) => "riscv64",
        (elf::EM_LOONGARCH, true, Endianness::Little) => "loongarch64",
        (elf::EM_S390, true, Endianness::Big) => "s390x",
        (elf::EM_386, false, Endianness::Little) => "x86",
        (elf::EM_ARM, false, Endianness::Little) => "arm",
        _ => return None,
    };
    // Linux executables carry the System V value, or the GNU one when they use GNU extensions.
    let system = match header.e_ident().os_abi {
        elf::ELFOSABI_SYSV | elf::ELFOSABI_GNU => "linux",
        elf::ELFOSABI_FREEBSD => "freebsd",
        elf::ELFOSABI_NETBSD => "netbsd",
        elf::ELFOSABI_OPENBSD => "openbsd",
        _ => return None,
    };
    named(architecture, system)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level_mark::level_mark;

    #[test]
    fn the_measured_hash_is_that_of_the_running_file() {
        let path = std::env::current_exe().unwrap();
        let whole = blake3::hash(&std::fs::read(path).unwrap());
        assert_eq!(measure().unwrap(), BuildHash(*whole.as_bytes()));
        let open = File::open(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(measure_open(&open).unwrap(), measure().unwrap());
    }

    #[test]
    fn o49_a_platform_is_typed_from_the_list() {
        for known in ["x86_64-linux", "aarch64-linux", "riscv64-linux", "x86-openbsd", host_platform().as_str()] {
            assert_eq!(typed_platform(known).unwrap().as_str(), known);
            assert_eq!(typed_platform(&format!(" {} ", known.to_uppercase())).unwrap().as_str(), known);
        }
        for unknown in ["amiga", "linux", "x86_64", "x86_64-amiga", "amiga-linux", "linux-x86_64", "", "x86_64 linux"] {
            let said = typed_platform(unknown).unwrap_err().to_string();
            assert!(
                said.contains(&format!("{unknown:?} is no platform")) && said.contains("such as x86_64-linux"),
                "{said}"
            );
        }
    }

    /// The 64 bytes of an ELF header, with the fields that the platform is read from.
    fn elf_header(class: u8, data: u8, abi: u8, kind: u16, machine: u16) -> Vec<u8> {
        let mut header = vec![0u8; 64];
        header[..8].copy_from_slice(&[0x7f, b'E', b'L', b'F', class, data, 1, abi]);
        let number = |value: u16| if data == 1 { value.to_le_bytes() } else { value.to_be_bytes() };
        header[16..18].copy_from_slice(&number(kind));
        header[18..20].copy_from_slice(&number(machine));
        header
    }

    fn platform(class: u8, data: u8, abi: u8, kind: u16, machine: u16) -> Option<Platform> {
        inspect_reader(&elf_header(class, data, abi, kind, machine)[..]).unwrap().platform
    }

    #[test]
    fn the_header_tells_the_platform() {
        let named = |text: &str| Some(text.parse::<Platform>().unwrap());
        assert_eq!(platform(2, 1, 0, 3, 62), named("x86_64-linux"));
        assert_eq!(platform(2, 1, 3, 2, 183), named("aarch64-linux"));
        assert_eq!(platform(2, 1, 0, 3, 243), named("riscv64-linux"));
        assert_eq!(platform(2, 2, 0, 3, 22), named("s390x-linux"));
        assert_eq!(platform(1, 1, 0, 3, 40), named("arm-linux"));
        assert_eq!(platform(2, 1, 9, 3, 62), named("x86_64-freebsd"));
        assert_eq!(platform(2, 1, 0, 1, 62), None, "a relocatable object does not run");
        assert_eq!(platform(2, 2, 0, 3, 62), None, "no such machine");
        assert_eq!(platform(2, 1, 77, 3, 62), None, "no such system");
    }

    #[test]
    fn anything_else_has_hashes_but_no_platform() {
        for bytes in [&b""[..], b"\x7fELF", b"#!/bin/sh\n", &[0u8; 100]] {
            let file = inspect_reader(bytes).unwrap();
            assert_eq!((file.platform, file.size, file.level), (None, bytes.len() as u64, None));
            assert_eq!(file.build_hash, BuildHash(*blake3::hash(bytes).as_bytes()));
        }
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(inspect_reader(&b""[..]).unwrap().sha256.to_string(), empty);
    }

    #[test]
    fn chunks_do_not_matter() {
        let mut bytes: Vec<u8> = (0..3 * CHUNK + 7).map(|i| (i % 251) as u8).collect();
        let mark = level_mark(6);
        bytes[2 * CHUNK - 9..][..mark.len()].copy_from_slice(&mark);
        let file = inspect_reader(&bytes[..]).unwrap();
        assert_eq!(file.level, Some(6), "a mark across two chunks");
        assert_eq!(file.build_hash, BuildHash(*blake3::hash(&bytes).as_bytes()));
        assert_eq!(file.sha256, Digest(Sha256::digest(&bytes).into()));
        assert_eq!(file.size, bytes.len() as u64);
    }

    #[test]
    fn this_very_test_is_an_executable_of_this_platform() {
        let file = inspect(&std::env::current_exe().unwrap()).unwrap();
        assert_eq!(file.platform, Some(host_platform()));
        assert_eq!(file.build_hash, measure().unwrap());
    }
}
