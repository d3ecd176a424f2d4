//! `contract gov fetch-release`: from a hash to a verified file, and with `--install` to what is linked and started from there.

use super::place::Place;
use super::release_vote::attested;
use crate::answer::CommandAnswer;
use crate::args::fetch::FetchRelease;
use crate::commands::manifest_file::paired;
use crate::escape;
use crate::failure::{Failure, failed, usage};
use crate::progress::Teller;
use crate::session::Session;
use host::clock::{self, HomeClock};
use host::config::{Config, Home};
use host::console;
use host::provenance::TrustedSigners;
use light::{Anchor, Fork};
use primitives::{Height, Reading};
use releases::Target;
use rpc::api::GovApiClient as _;
use runtime::Genesis;
use serde::Serialize;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::EvidenceFolder;
use update::audit;
use update::release_file::{ReleaseFile, host_platform};
use update::{
    Approval, DownloadedRelease, Fetch, Installer, Journal, Mirror, PeerLot, Prover, RealDisk, Releases, Rules,
    SourceList, UpdateError, ensure_release_authorized, fetch_release, install_release, peer_address,
};

/// What was done.
#[derive(Serialize)]
struct Done<'a> {
    event: &'static str,
    #[serde(flatten)]
    release: &'a ReleaseFile,
    /// Where the file lies.
    path: &'a Path,
    /// The height under which its approval was proven; null when nobody could prove it, which an installation never is.
    proven_at: Option<Height>,
    /// The slot it was installed in.
    installed: Option<char>,
}

/// What the chain says, and how well that is known.
struct Known {
    /// The record, as far as somebody has it.
    target: Option<Target>,
    /// The record, proven.
    proven: Option<(Approval, Height)>,
}

/// Fetches a release, verifies it, and installs it when that is asked for.
///
/// # Errors
/// Whatever kept it from being fetched or installed, each with a code of its own.
pub async fn fetch(session: &Session, arguments: &FetchRelease) -> Result<CommandAnswer, Failure> {
    let fetched = try_to_fetch(session, arguments).await;
    fetched.map_err(|trouble| match trouble {
        Trouble::Other(failure) => failure,
        Trouble::Update(error) => {
            let home = session.home();
            // Where a node has its home, its metrics count what was refused.
            if home.genesis().exists() {
                audit::refused(&Releases::of(&home), arguments.hash, &error);
            }
            update(&error)
        }
    })
}

/// Why it did not work.
enum Trouble {
    /// The update was refused.
    Update(UpdateError),
    /// Anything else.
    Other(Failure),
}

impl From<UpdateError> for Trouble {
    fn from(error: UpdateError) -> Self {
        Trouble::Update(error)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Trouble::Other(failure)
    }
}

async fn try_to_fetch(session: &Session, arguments: &FetchRelease) -> Result<CommandAnswer, Trouble> {
    let hash = arguments.hash;
    let pairs = paired(&arguments.signers, &arguments.signatures, "--signature")?;
    let signatures = attested(hash, &host_platform(), pairs)?;
    let home = session.home();
    let config = config(&home)?;
    let genesis = session.genesis()?;
    if arguments.install && genesis.is_none() {
        return Err(Trouble::Other(usage(format!(
            "{} has no genesis to verify an approval from; name the node's folder with --home",
            home.path().display()
        ))));
    }
    let place = Place::of(home, config, genesis, arguments.install)?;
    let known = ask(session, &place, arguments).await?;
    let proven = known.proven.as_ref().map(|(approval, _)| approval);
    if let Some(approval) = proven
        && let Some(warning) = freeze_warning(&place, approval)?
    {
        session.say(&warning);
    }
    let brought = signatures.iter().map(|one| (one.signer, one.signature)).collect();
    let rules = rules(&place, arguments, brought)?;
    require_allowed(&place, arguments, proven, &rules)?;
    let downloaded = download(session, &place, arguments, &known).await?;
    let installed = match &known.proven {
        Some((approval, _)) if arguments.install => Some(install(session, &place, &downloaded, approval, &rules)?),
        _ => None,
    };
    Ok(done(session, &place.home, &downloaded, known.proven.map(|(_, height)| height), installed)?)
}

/// That the chain may be held back, at half of the age at which nothing is installed any more (T3).
fn freeze_warning(place: &Place, approval: &Approval) -> Result<Option<String>, UpdateError> {
    let looked = place.as_the_node(|| HomeClock::of(&place.home).look())?;
    let reading = looked.unwrap_or_else(|_| Reading::alone(clock::now()));
    Ok(approval.freeze_warning(reading, place.config.update.most_age()))
}

fn config(home: &Home) -> Result<Config, Failure> {
    if home.config().exists() { Config::load(home).map_err(usage) } else { Ok(Config::default()) }
}

/// Asks the node about the release: with a genesis for a proof, else for a hint about size and SHA-256.
async fn ask(session: &Session, place: &Place, arguments: &FetchRelease) -> Result<Known, UpdateError> {
    if let Some(genesis) = &place.genesis {
        let anchor = match place.as_the_node(|| store::anchor_of(&place.home, &place.config, genesis))? {
            Ok(anchor) => anchor,
            Err(mistrust) if arguments.install => {
                return Err(UpdateError::Unproven { hash: arguments.hash, why: mistrust.to_string() });
            }
            Err(mistrust) => {
                session.say(&format!("Nothing but genesis is trusted: {mistrust}"));
                Anchor::genesis(genesis)
            }
        };
        let mut prover = Prover::new(session.node.clone(), anchor);
        match prover.show(arguments.hash).await {
            Ok(shown) => {
                let target = shown.approval.release.as_ref().map(|release| release.target.clone());
                return Ok(Known { target, proven: Some((shown.approval, shown.height)) });
            }
            Err(UpdateError::Forked(fork)) => {
                keep(session, place, genesis, &fork)?;
                return Err(UpdateError::Forked(fork));
            }
            Err(error) if arguments.install => return Err(error),
            Err(error) => session.say(&format!("The approval is not proven: {error}")),
        }
    }
    let hint = session.node.release(arguments.hash).await.ok().map(|detail| detail.release.release.target);
    Ok(Known { target: hint, proven: None })
}

/// Leaves a fork in the home, where the node that runs on it finds it.
fn keep(session: &Session, place: &Place, genesis: &Genesis, fork: &Fork) -> Result<(), UpdateError> {
    if let Err(error) = place.as_the_node(|| EvidenceFolder::of(&place.home, genesis).keep_fork(fork))? {
        session.say(&format!(
            "The proof that the network has forked cannot be kept in {}: {error}",
            place.home.fork().display()
        ));
    }
    Ok(())
}

fn rules(
    place: &Place,
    arguments: &FetchRelease,
    signatures: Vec<(primitives::PublicKey, primitives::Signature)>,
) -> Result<Rules, Failure> {
    let Place { home, config, .. } = place;
    let genesis = place.genesis.as_ref();
    let drift = genesis.map_or(0, |genesis| genesis.chain.consensus.max_clock_drift_ms);
    let fork = || genesis.map_or(Ok(None), |genesis| EvidenceFolder::of(home, genesis).fork());
    let fork = place.as_the_node(fork).map_err(|error| update(&error))?;
    Ok(Rules {
        domain: genesis.and_then(Genesis::signing_domain),
        of_genesis: genesis.map(|genesis| genesis.releases.approved.clone()).unwrap_or_default(),
        said_in_genesis: genesis.map(|genesis| genesis.releases.manifests.clone()).unwrap_or_default(),
        trusted: TrustedSigners::from_env(home).map_err(usage)?,
        signatures,
        most_age: Some(config.update.most_age()),
        drift: Duration::from_millis(drift),
        allow_rollback: arguments.allow_rollback,
        retry_bad: arguments.retry_bad,
        fork: fork.map_err(|error| update(&UpdateError::disk("read", &home.fork())(error)))?,
    })
}

/// Refuses before anything is stored: what is to be installed by every rule of this machine, which the installation asks again;
/// what is only to be looked at by its signatures.
fn require_allowed(
    place: &Place,
    arguments: &FetchRelease,
    proven: Option<&Approval>,
    rules: &Rules,
) -> Result<(), UpdateError> {
    let hash = arguments.hash;
    match proven {
        Some(approval) if arguments.install => {
            let journal = Journal::open(&Releases::of(&place.home))?;
            let reading = place.as_the_node(|| HomeClock::of(&place.home).read(Some(approval.time)))??;
            ensure_release_authorized(hash, approval, rules, &journal, reading).map(drop)
        }
        Some(approval) => {
            approval.require_signed(hash, rules)?;
            rules.require_trusted(hash, approval.release.as_ref())
        }
        None => rules.require_trusted(hash, None),
    }
}

async fn download(
    session: &Session,
    place: &Place,
    arguments: &FetchRelease,
    known: &Known,
) -> Result<DownloadedRelease, Trouble> {
    let Place { home, config, .. } = place;
    let hash = arguments.hash;
    let destination = destination(home, arguments);
    let fetch = match &known.target {
        Some(target) => Fetch::of(target, destination, &config.update),
        None => Fetch::by_hash(hash, destination, &config.update),
    };
    if let Some(held) = place.as_the_node(|| DownloadedRelease::held(home, &fetch))??
        && (arguments.install || held.path == fetch.destination)
    {
        session.say(&format!("{} holds this release already.", held.path.display()));
        return Ok(held);
    }
    place.require_fetches(hash)?;
    let named = arguments.sources.iter().map(|url| Mirror::open(url)).collect::<Result<Vec<_>, _>>().map_err(usage)?;
    let peers = arguments.peers.iter().map(|text| peer_address(text)).collect::<Result<_, _>>().map_err(usage)?;
    let list = SourceList {
        mirrors: named.into_iter().chain(Mirror::from_env().map_err(usage)?).collect(),
        peers,
        ask_peers: !arguments.no_peers,
    };
    let sources =
        list.open(home, config, place.genesis.as_ref(), hash, &mut PeerLot::default()).await.map_err(usage)?;
    let teller = Teller::new(session.options.json);
    let fetched = fetch_release(&fetch, sources, teller.tell()).await;
    teller.finish();
    let downloaded = fetched?;
    // What is installed is given to other nodes too; a file that was asked for at a place stays there.
    Ok(if arguments.install && arguments.dest.is_none() { downloaded.hold(home, config) } else { downloaded })
}

fn destination(home: &Home, arguments: &FetchRelease) -> PathBuf {
    match &arguments.dest {
        Some(named) => named.clone(),
        None if arguments.install => home.staged(arguments.hash),
        None => Path::new("downloads").join(format!("{}.bin", arguments.hash)),
    }
}

fn install(
    session: &Session,
    place: &Place,
    downloaded: &DownloadedRelease,
    approval: &Approval,
    rules: &Rules,
) -> Result<char, UpdateError> {
    let installer = Installer::open(Releases::of(&place.home), &RealDisk)?.confining(place.confinement.clone());
    let tell = Teller::new(session.options.json).tell();
    let reading = place.as_the_node(|| HomeClock::of(&place.home).read(None))??;
    let staged = install_release(&installer, downloaded, approval, rules, reading, &tell)?;
    Ok(staged.slot.letter())
}

fn done(
    session: &Session,
    home: &Home,
    downloaded: &DownloadedRelease,
    proven_at: Option<Height>,
    installed: Option<char>,
) -> Result<CommandAnswer, Failure> {
    let (release, path) = (&downloaded.release, downloaded.path.as_path());
    let done = Done { event: "done", release, path, proven_at, installed };
    if session.options.json {
        // The last of the lines, each an object.
        let line = serde_json::to_string(&done).map_err(failed)?;
        console::print(&format!("{line}\n")).map_err(failed)?;
        return Ok(CommandAnswer::told());
    }
    let proven = match proven_at {
        Some(height) => format!("proven under block {height}"),
        None => "not proven: name the node's folder with --home to verify it".into(),
    };
    let mut fields = vec![
        ("Release", release.build_hash.to_string()),
        ("File", escape::line(&path.display().to_string())),
        ("Size", format!("{} bytes", release.size)),
        ("SHA-256", release.sha256.to_string()),
        ("Approval", proven),
    ];
    if let Some(slot) = installed {
        let command = Releases::of(home).start_command(home);
        fields.push(("Installed", format!("in slot {slot}; a supervisor starts it when it is restarted")));
        fields.push(("To run", escape::line(&command)));
    }
    CommandAnswer::new(&done, session.screen.fields(&fields))
}

/// A refusal with its code, which scripts hold on to.
fn update(error: &UpdateError) -> Failure {
    let code = error.code();
    let message = escape::line(&format!("{error} ({code})"));
    Failure::Refused { code: 1, message, data: json!({ "code": code }), next: None }
}
