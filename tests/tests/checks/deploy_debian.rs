//! The Debian package: what it is made of is there, and its scripts do what they say, again and again.

use anyhow::{Context as _, ensure};
use cargo_metadata::MetadataCommand;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tests::binaries;
use tests::explorer::repository;

const PROGRAMS: [&str; 3] = ["the-block", "contract", "the-block-explorer"];
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];
/// How a home is known in the system's memory, and how another one is.
const ID: &str = "0123456789abcdef0123456789abcdef";
const OTHER_ID: &str = "fedcba9876543210fedcba9876543210";

/// What node/Cargo.toml says of the package.
fn metadata() -> anyhow::Result<Value> {
    let manifest = repository().join("Cargo.toml");
    let options = ["--locked".to_string()];
    let workspace = MetadataCommand::new().manifest_path(manifest).no_deps().other_options(options).exec()?;
    let node = workspace.packages.into_iter().find(|package| package.name.as_str() == "the_block");
    let deb = node.context("no package the_block")?.metadata["deb"].clone();
    ensure!(deb.is_object(), "node/Cargo.toml has no [package.metadata.deb]");
    Ok(deb)
}

/// Its files: from where, where to, with which mode.
fn assets(deb: &Value) -> anyhow::Result<Vec<[String; 3]>> {
    Ok(serde_json::from_value(deb["assets"].clone())?)
}

/// The programs in a folder of their own, as a release is.
fn release(folder: &Path) -> anyhow::Result<PathBuf> {
    let release = folder.join("release");
    PROGRAMS.iter().try_for_each(|name| binaries::copied(name, &release).map(drop))?;
    Ok(release)
}

fn package(arguments: &[&str]) -> anyhow::Result<Output> {
    let output = Command::new(repository().join("scripts/package.sh")).args(arguments).output()?;
    ensure!(output.status.success(), "package.sh {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output)
}

/// The files that a source of the list stands for; a `*` stands for what a name may hold there.
fn found(source: &str, target: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let path = match source.strip_prefix("target/") {
        Some(built) => target.join(built),
        None => repository().join("node").join(source),
    };
    let name = path.file_name().context("a folder")?.to_string_lossy().into_owned();
    let Some((before, after)) = name.split_once('*') else { return Ok(vec![path]) };
    let mut found = Vec::new();
    for entry in fs::read_dir(path.parent().context("no folder")?)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(before) && name.ends_with(after) && entry.file_type()?.is_file() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// The files of a kind that the package puts into a folder.
fn put_into(assets: &[[String; 3]], folder: &str, target: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let sources = assets.iter().filter(|[_, to, _]| Path::new(to) == Path::new(folder));
    let files: Vec<Vec<PathBuf>> = sources.map(|[source, ..]| found(source, target)).collect::<anyhow::Result<_>>()?;
    Ok(files.concat())
}

#[test]
fn everything_that_the_package_names_is_there_once_it_is_laid_out() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (release, target) = (release(folder.path())?, folder.path().join("target"));
    let text = |path: &Path| path.display().to_string();
    package(&["--lay-out", &text(&target), "--binaries", &text(&release)])?;
    let assets = assets(&metadata()?)?;
    for [source, to, mode] in &assets {
        let files = found(source, &target)?;
        ensure!(!files.is_empty(), "{source} stands for nothing");
        let missing: Vec<_> = files.iter().filter(|file| !file.is_file()).collect();
        ensure!(missing.is_empty(), "{missing:?} of {source} are not there");
        ensure!(!to.starts_with('/') && !to.starts_with("usr/local"), "{to} is no place of a package");
        ensure!(u32::from_str_radix(mode, 8).is_ok_and(|mode| mode & 0o022 == 0), "{source} has mode {mode}");
    }

    // The programs are those that were given, to the byte, because a chain approves their hash.
    for program in PROGRAMS {
        let laid_out = put_into(&assets, "usr/bin", &target)?.into_iter().find(|path| path.ends_with(program));
        let laid_out = laid_out.with_context(|| format!("{program} is not in usr/bin"))?;
        ensure!(fs::read(laid_out)? == fs::read(release.join(program))?, "{program} is another");
    }
    // The units start what the package has; all else of them is what stands in deploy/.
    let units = put_into(&assets, "usr/lib/systemd/system", &target)?;
    ensure!(units.len() == 2, "{units:?}");
    for unit in units {
        let name = unit.file_name().context("no name")?.to_owned();
        let written = fs::read_to_string(repository().join("deploy").join(&name))?;
        let packaged = fs::read_to_string(&unit)?;
        let start =
            packaged.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/")).context("no ExecStart")?;
        let program = start.split_whitespace().next().unwrap_or_default();
        ensure!(PROGRAMS.contains(&program), "{name:?} starts {program}");
        let settings = written.find("[Unit]").and_then(|at| written.get(at..)).context("no [Unit]")?;
        assert_eq!(packaged, settings.replace("/usr/local/bin/", "/usr/bin/"), "{name:?}");
    }
    // Each command that has a page in `man`, and each program that completes, by the names that shells look for.
    ensure!(put_into(&assets, "usr/share/man/man1", &target)?.len() > 20, "pages are missing");
    for (folder, names) in [
        ("usr/share/bash-completion/completions", ["the-block", "contract"]),
        ("usr/share/zsh/vendor-completions", ["_the-block", "_contract"]),
        ("usr/share/fish/vendor_completions.d", ["the-block.fish", "contract.fish"]),
    ] {
        let files = put_into(&assets, folder, &target)?;
        ensure!(names.iter().all(|name| files.iter().any(|file| file.ends_with(name))), "{folder}: {files:?}");
    }
    Ok(())
}

#[test]
fn users_folders_and_settings_are_those_of_the_units() -> anyhow::Result<()> {
    let deb = metadata()?;
    let assets = assets(&deb)?;
    let to = |wanted: &str| assets.iter().find(|[_, to, _]| to == wanted).map(|[source, ..]| source.as_str());
    assert_eq!(to("usr/lib/sysusers.d/the-block.conf"), Some("../deploy/the-block.sysusers.conf"));
    assert_eq!(to("usr/lib/tmpfiles.d/the-block.conf"), Some("../deploy/the-block.tmpfiles.conf"));
    // Whatever is in /etc is the operator's once it is there; and the explorer's may hold a password.
    let conffiles: Vec<String> = serde_json::from_value(deb["conf-files"].clone())?;
    for [source, to, mode] in assets.iter().filter(|[_, to, _]| to.starts_with("etc/")) {
        ensure!(conffiles.contains(&format!("/{to}")), "an upgrade would write over {to}");
        ensure!(mode == "600", "{source} has mode {mode}");
        let unit = fs::read_to_string(repository().join("deploy/the-block-explorer.service"))?;
        ensure!(unit.contains(&format!("EnvironmentFile=-/{to}")), "nobody reads {to}");
        let set = fs::read_to_string(repository().join("node").join(source))?;
        ensure!(set.lines().all(|line| line.is_empty() || line.starts_with('#')), "the package sets {set}");
    }
    ensure!(!conffiles.is_empty(), "no settings");
    Ok(())
}

/// A folder in which the scripts run as if it were the root, with programs that write down what they are told.
struct Prefix(tempfile::TempDir);

impl Prefix {
    fn new() -> anyhow::Result<Self> {
        let prefix = Self(tempfile::tempdir()?);
        fs::create_dir_all(prefix.path("bin"))?;
        for program in ["systemd-sysusers", "systemd-tmpfiles", "systemctl", "deb-systemd-invoke", "userdel"] {
            prefix.program(program, "")?;
        }
        Ok(prefix)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    /// A program that is written down, and then does something.
    fn program(&self, name: &str, then: &str) -> anyhow::Result<()> {
        let told = self.path("told").display().to_string();
        let draft = self.path("draft");
        fs::write(&draft, format!("#!/bin/sh\necho \"{name} $*\" >>'{told}'\n{then}\n"))?;
        binaries::put(&draft, &self.path("bin").join(name))
    }

    /// Runs a script of the package in the prefix; what it said, and what it told others since the last one.
    fn run(&self, script: &str, arguments: &[&str]) -> anyhow::Result<(String, Vec<String>)> {
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new("sh")
            .arg(repository().join("deploy/debian").join(script))
            .args(arguments)
            .env("DPKG_ROOT", self.0.path())
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .output()?;
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        ensure!(output.status.success(), "{script} {arguments:?}: {said}");
        let told = fs::read_to_string(self.path("told")).unwrap_or_default();
        fs::write(self.path("told"), "")?;
        let root = self.0.path().display().to_string();
        Ok((said, told.lines().map(|line| line.replace(&root, "ROOT")).collect()))
    }

    /// A home as a validator leaves it.
    fn home(&self) -> anyhow::Result<PathBuf> {
        let home = self.path("var/lib/the-block");
        for folder in
            "artifacts boot consensus evidence governance_db overlay releases run staging web witness".split(' ')
        {
            fs::create_dir_all(home.join(folder))?;
            fs::write(home.join(folder).join("file"), folder)?;
        }
        fs::create_dir_all(home.join("config"))?;
        fs::write(home.join("config/config.toml"), "")?;
        // As the home's mark is written, and what the system's memory has of it beside that of another home.
        fs::write(home.join("consensus/origin.json"), format!(r#"{{"id":"{ID}","key":"ab","starts":1}}"#))?;
        fs::create_dir_all(self.path("dev/shm"))?;
        for id in [ID, OTHER_ID] {
            fs::write(self.path("dev/shm").join(format!("the-block-{id}")), "")?;
        }
        // Under whatever name.
        host::keys::write(&home.join("config/mine.pem"), &host::keys::generate())?;
        Ok(home)
    }
}

#[test]
fn scripts_are_for_every_shell_of_debian_and_refuse_what_they_do_not_know() -> anyhow::Result<()> {
    let folder = repository().join("deploy/debian");
    for script in SCRIPTS {
        let path = folder.join(script);
        let text = fs::read_to_string(&path)?;
        ensure!(text.starts_with("#!/bin/sh\n") && text.contains("\nset -e\n"), "{script} goes on after a failure");
        ensure!(fs::metadata(&path)?.permissions().mode() & 0o111 == 0o111, "{script} cannot be executed");
        let read = Command::new("sh").arg("-n").arg(&path).output()?;
        ensure!(read.status.success(), "{script}: {}", String::from_utf8_lossy(&read.stderr));
        let odd = Prefix::new()?.run(script, &["odd"]).map(drop);
        ensure!(odd.is_err_and(|error| error.to_string().contains("odd is unknown")), "{script} takes anything");
    }
    // And the list is whole: what lies there besides are files of the package.
    for entry in fs::read_dir(&folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let known = SCRIPTS.contains(&name.as_str()) || name == "explorer.env";
        ensure!(known, "{name} is a script that no test runs, or no file of the package");
    }
    Ok(())
}

#[test]
fn installing_makes_users_and_folders_and_starts_nothing() -> anyhow::Result<()> {
    let prefix = Prefix::new()?;
    let makes = ["systemd-sysusers --root=ROOT the-block.conf", "systemd-tmpfiles --root=ROOT --create the-block.conf"];
    let (said, told) = prefix.run("postinst", &["configure", ""])?;
    assert_eq!(told, makes);
    ensure!(said.contains("debian.md"), "who installs it is not told what is next: {said}");
    // Again, and as an upgrade: the same, and no word.
    assert_eq!(prefix.run("postinst", &["configure", ""])?.1, makes);
    assert_eq!(prefix.run("postinst", &["configure", "0.0.9-1"])?, (String::new(), makes.map(str::to_owned).to_vec()));
    for argument in ["abort-upgrade", "abort-remove", "abort-deconfigure"] {
        assert_eq!(prefix.run("postinst", &[argument])?, (String::new(), vec![]), "{argument}");
    }
    // A folder that cannot be made keeps the package from nothing, and is not passed over.
    prefix.program("systemd-tmpfiles", "exit 73")?;
    ensure!(prefix.run("postinst", &["configure", "0.0.9-1"])?.0.contains("does not start before"), "nothing is said");
    prefix.program("systemd-sysusers", "exit 1")?;
    ensure!(prefix.run("postinst", &["configure", ""]).is_err(), "it is installed without its users");
    Ok(())
}

#[test]
fn an_upgrade_stops_nothing_and_removing_leaves_what_was_written() -> anyhow::Result<()> {
    let prefix = Prefix::new()?;
    let home = prefix.home()?;
    let listed = |folder: &Path| -> anyhow::Result<usize> { Ok(fs::read_dir(folder)?.count()) };
    let before = listed(&home)?;
    assert_eq!(prefix.run("prerm", &["upgrade", "0.2.0-1"])?.1, [""; 0]);
    assert_eq!(prefix.run("postrm", &["upgrade", "0.2.0-1"])?.1, [""; 0]);
    let (_, told) = prefix.run("prerm", &["remove"])?;
    let disabled = "systemctl --root=ROOT --quiet --no-reload disable the-block.service the-block-explorer.service";
    assert_eq!(told, [disabled], "in a prefix nothing runs that could be stopped");
    assert_eq!(prefix.run("postrm", &["remove"])?.1, [""; 0]);
    assert_eq!(listed(&home)?, before);
    Ok(())
}

#[test]
fn purging_keeps_keys_with_what_they_signed_and_otherwise_nothing() -> anyhow::Result<()> {
    let prefix = Prefix::new()?;
    let home = prefix.home()?;
    let (lib, settings) = (prefix.path("var/lib"), prefix.path("etc/the-block"));
    fs::create_dir_all(lib.join("private/the-block-explorer"))?;
    symlink("private/the-block-explorer", lib.join("the-block-explorer"))?;
    fs::create_dir_all(&settings)?;

    let (said, told) = prefix.run("postrm", &["purge"])?;
    assert_eq!(told, [""; 0], "the files have no owner any more");
    ensure!(said.contains("has keys") && said.contains("rm -rf"), "{said}");
    let mut left: Vec<String> = fs::read_dir(&home)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<anyhow::Result<_>>()?;
    left.sort();
    assert_eq!(left, ["boot", "config", "consensus", "evidence", "witness"]);
    ensure!(home.join("consensus/file").is_file() && home.join("config/mine.pem").is_file(), "a key signs anew");
    assert_eq!(fs::read_dir(&lib)?.count(), 2, "the index, and what leads to it, are still there");
    ensure!(!settings.exists(), "an empty folder stays");

    // A key elsewhere has signed as well, and what cannot be read may be one.
    fs::remove_file(home.join("config/mine.pem"))?;
    fs::write(home.join("config/config.toml"), "[validator]\nkey = \"/run/secrets/validator.key\"\n")?;
    ensure!(prefix.run("postrm", &["purge"])?.0.contains("or names them"), "the record of a key elsewhere goes");
    fs::write(home.join("config/config.toml"), "[validator]\nkey = \"config/validator.key\"\n")?;
    symlink("/nowhere/validator.key", home.join("config/validator.key"))?;
    ensure!(prefix.run("postrm", &["purge"])?.0.contains("has keys"), "the record of a key that is away goes");

    let remembered = |id: &str| prefix.path("dev/shm").join(format!("the-block-{id}")).exists();
    ensure!(remembered(ID), "what shows a snapshot of a home that has keys goes");

    // The operator takes the key away.
    fs::remove_file(home.join("config/validator.key"))?;
    let (said, told) = prefix.run("postrm", &["purge"])?;
    assert_eq!(said, "");
    assert_eq!(told, ["userdel --prefix ROOT the-block-node", "userdel --prefix ROOT the-block"]);
    ensure!(!home.exists(), "the home stays without a key");
    ensure!(!remembered(ID) && remembered(OTHER_ID), "the memory of this home stays, or that of another goes");
    // And once more, where nothing is left.
    assert_eq!(prefix.run("postrm", &["purge"])?.0, "");
    Ok(())
}

/// Where setup.sh puts cargo-deb, or the path has it.
fn has_cargo_deb() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let tools = binaries::cache().join("tools/bin");
    std::env::split_paths(&path).chain([tools]).any(|folder| folder.join("cargo-deb").is_file())
}

#[test]
fn the_package_holds_the_programs_to_the_byte_where_cargo_deb_is_there() -> anyhow::Result<()> {
    if !has_cargo_deb() {
        eprintln!("cargo-deb is not there (scripts/setup.sh package), so that no package is made");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let release = release(folder.path())?;
    let text = |path: &Path| path.display().to_string();
    let made = package(&["--out", &text(&folder.path().join("out")), "--binaries", &text(&release), "--fast"])?;
    let deb = String::from_utf8(made.stdout)?.trim().to_owned();
    let told = |arguments: &[&str]| -> anyhow::Result<String> {
        let output = Command::new("dpkg-deb").args(arguments).output().context("cannot run dpkg-deb")?;
        ensure!(output.status.success(), "dpkg-deb {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    };
    assert_eq!(told(&["--field", &deb, "Package"])?.trim(), "the-block");
    ensure!(told(&["--field", &deb, "Depends"])?.contains("libc6"), "nobody says on what the programs depend");
    let control = text(&folder.path().join("control"));
    told(&["--control", &deb, &control])?;
    assert_eq!(fs::read_to_string(Path::new(&control).join("conffiles"))?.trim(), "/etc/the-block/explorer.env");
    for script in SCRIPTS {
        let (packaged, written) = (Path::new(&control).join(script), repository().join("deploy/debian").join(script));
        ensure!(fs::read(packaged)? == fs::read(written)?, "{script} is another");
    }
    let listed = told(&["--contents", &deb])?;
    for path in ["systemd/system/the-block.service", "share/man/man1/contract.1", "etc/the-block/explorer.env"] {
        ensure!(listed.contains(path), "{path} is missing:\n{listed}");
    }
    Ok(())
}
