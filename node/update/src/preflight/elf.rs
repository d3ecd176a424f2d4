//! What an ELF executable needs of the system it runs on.

use object::Endianness;
use object::elf;
use object::read::ReadCache;
use object::read::elf::{Dyn as _, FileHeader, ProgramHeader as _};
use std::fs::File;
use std::io;

/// What an executable needs beside itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// Shared libraries, by name.
    pub libraries: Vec<String>,
    /// Where it wants them looked for, beside the system's places.
    pub library_path: Option<String>,
    /// The program loader; none when it needs none.
    pub interpreter: Option<String>,
    /// The least glibc.
    pub glibc: Option<(u32, u32)>,
}

impl Needs {
    /// Reads the headers of an executable.
    ///
    /// # Errors
    /// When the file cannot be read, or is no ELF that holds together.
    pub fn of(file: &File) -> io::Result<Self> {
        let cache = ReadCache::new(file);
        elf::FileHeader64::<Endianness>::parse(&cache).and_then(|header| read(header, &cache)).map_err(io::Error::other)
    }
}

fn read<'a>(header: &'a elf::FileHeader64<Endianness>, data: &'a ReadCache<&File>) -> object::Result<Needs> {
    let endian = header.endian()?;
    let mut needs = Needs::default();
    let segments = header.program_headers(endian, data)?;
    let sections = header.sections(endian, data)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    for segment in segments {
        if let Some(path) = segment.interpreter(endian, data)? {
            needs.interpreter = Some(text(path));
        }
    }
    for entry in segments.iter().filter_map(|segment| segment.dynamic(endian, data).transpose()) {
        read_dynamic(segments, endian, data, entry?, &mut needs)?;
    }
    if let Some((mut wanted, names)) = sections.gnu_verneed(endian, data)? {
        let names = sections.strings(endian, data, names)?;
        while let Some((_, mut versions)) = wanted.next()? {
            while let Some(version) = versions.next()? {
                needs.glibc = needs.glibc.max(glibc_version(version.name(endian, names)?));
            }
        }
    }
    Ok(needs)
}

/// The libraries, as the program loader finds them: by segments, since what says of itself to have no sections is loaded too.
fn read_dynamic(
    segments: &[elf::ProgramHeader64<Endianness>],
    endian: Endianness,
    data: &ReadCache<&File>,
    entries: &[elf::Dyn64<Endianness>],
    needs: &mut Needs,
) -> object::Result<()> {
    let value = |tag| entries.iter().find(|entry| entry.d_tag(endian) == tag).map(|entry| entry.d_val(endian));
    let (address, size) = (value(elf::DT_STRTAB).unwrap_or_default(), value(elf::DT_STRSZ).unwrap_or_default());
    for entry in entries.iter().take_while(|entry| entry.d_tag(endian) != elf::DT_NULL) {
        let tag = entry.d_tag(endian);
        if !matches!(tag, elf::DT_NEEDED | elf::DT_RPATH | elf::DT_RUNPATH) {
            continue;
        }
        let at = address.saturating_add(entry.d_val(endian));
        let most = size.saturating_sub(entry.d_val(endian));
        let found = segments.iter().find_map(|segment| segment.data_range(endian, data, at, most).ok().flatten());
        let bytes = found.and_then(|bytes| bytes.split(|byte| *byte == 0).next()).unwrap_or(b"(unreadable)");
        let name = String::from_utf8_lossy(bytes).into_owned();
        if tag == elf::DT_NEEDED { needs.libraries.push(name) } else { needs.library_path = Some(name) }
    }
    Ok(())
}

/// The numbers of `GLIBC_2.34`; none for anything else.
fn glibc_version(name: &[u8]) -> Option<(u32, u32)> {
    let (major, minor) = std::str::from_utf8(name).ok()?.strip_prefix("GLIBC_")?.split_once('.')?;
    Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?))
}

/// The glibc that this process itself runs on; none on a system with another C library.
pub(super) fn glibc_of_this_system() -> Option<(u32, u32)> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let path =
        maps.lines().filter_map(|line| line.split_whitespace().last()).find(|path| path.ends_with("/libc.so.6"))?;
    let file = File::open(path).ok()?;
    let cache = ReadCache::new(&file);
    let header = elf::FileHeader64::<Endianness>::parse(&cache).ok()?;
    newest_defined(header, &cache).ok()?
}

/// The newest glibc version that a library defines.
fn newest_defined(
    header: &elf::FileHeader64<Endianness>,
    data: &ReadCache<&File>,
) -> object::Result<Option<(u32, u32)>> {
    let endian = header.endian()?;
    let sections = header.sections(endian, data)?;
    let Some((mut defined, names)) = sections.gnu_verdef(endian, data)? else { return Ok(None) };
    let names = sections.strings(endian, data, names)?;
    let mut newest = None;
    while let Some((_, mut versions)) = defined.next()? {
        while let Some(version) = versions.next()? {
            newest = newest.max(glibc_version(version.name(endian, names)?));
        }
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_test_needs_a_glibc_that_is_there() {
        let needs = Needs::of(&File::open(std::env::current_exe().unwrap()).unwrap()).unwrap();
        assert!(needs.libraries.iter().any(|name| name == "libc.so.6"), "{needs:?}");
        assert!(needs.interpreter.as_deref().is_some_and(|path| path.contains("ld-linux")), "{needs:?}");
        let (need, have) = (needs.glibc.unwrap(), glibc_of_this_system().unwrap());
        assert!(need <= have && need.0 == 2, "{need:?} {have:?}");
    }

    #[test]
    fn versions_are_numbers_and_not_text() {
        assert_eq!(glibc_version(b"GLIBC_2.34"), Some((2, 34)));
        assert_eq!(glibc_version(b"GLIBC_2.2.5"), Some((2, 2)));
        assert_eq!(glibc_version(b"GLIBC_PRIVATE"), None);
        assert_eq!(glibc_version(b"GCC_3.0"), None);
        assert!(glibc_version(b"GLIBC_2.9") < glibc_version(b"GLIBC_2.34"));
    }
}
