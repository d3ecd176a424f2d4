//! Where a node keeps its files.

use super::{Config, ConfigError};
use crate::variables::{self, GOV_DB_VARIABLE};
use primitives::BuildHash;
use std::path::{Path, PathBuf};

/// The folder in the user's own that is the home when none is named.
const DEFAULT: &str = ".the_block";

/// A node's folder; everything it reads and writes is below it, except what the configuration places elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home(PathBuf);

impl Home {
    /// The home at a path, which need not exist yet. It is [settled](files::settled) here, so that nothing later hangs on the working
    /// folder.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        // What is relative to a folder that is gone leads nowhere, and is not found as it stands.
        Self(files::settled(&path).unwrap_or(path))
    }

    /// `~/.the_block`; none when the user has no folder.
    pub fn of_user() -> Option<Self> {
        std::env::home_dir()
            .filter(|folder| !folder.as_os_str().is_empty())
            .map(|folder| Self::at(folder.join(DEFAULT)))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The operator's settings.
    pub fn config(&self) -> PathBuf {
        self.0.join("config/config.toml")
    }

    /// The URL of its node for programs on this machine, as its configuration has it; none where it has none.
    ///
    /// # Errors
    /// A configuration that cannot be used.
    pub fn rpc_url(&self) -> Result<Option<String>, ConfigError> {
        if !self.config().exists() {
            return Ok(None);
        }
        Config::load(self).map(|config| Some(config.rpc.url()))
    }

    /// The network's first state, the same file for every node of a network.
    pub fn genesis(&self) -> PathBuf {
        self.0.join("config/genesis.json")
    }

    /// The key that `init` writes for voting; [`validator_key`](Self::validator_key) is the one in use.
    pub fn default_validator_key(&self) -> PathBuf {
        self.0.join("config/validator.key")
    }

    /// The key this node votes with; none when it only follows.
    pub fn validator_key(&self, config: &Config) -> Option<PathBuf> {
        let key = &config.validator.key;
        (!key.as_os_str().is_empty()).then(|| self.0.join(key))
    }

    /// The key this node cosigns the log with; none where it is no witness.
    pub fn witness_key(&self, config: &Config) -> Option<PathBuf> {
        let key = &config.witness.key;
        (!key.as_os_str().is_empty()).then(|| self.0.join(key))
    }

    /// The key that is this node's identity in the overlay; worth nothing on chain.
    pub fn node_key(&self) -> PathBuf {
        self.0.join("config/node.key")
    }

    /// The provenance signers this operator trusts, when the environment names none.
    pub fn release_signers(&self) -> PathBuf {
        self.0.join("config/release_signers.txt")
    }

    /// The bundle of stages that the node was set up by; none where its operator names none.
    pub fn bundle(&self, config: &Config) -> Option<PathBuf> {
        let bundle = &config.rollout.bundle;
        (!bundle.as_os_str().is_empty()).then(|| self.0.join(bundle))
    }

    /// The governance store: `TB_GOV_DB_PATH`, relative to the working folder of the start, else the configured one.
    pub fn gov_db(&self, config: &Config) -> PathBuf {
        self.gov_db_from(config, variables::path(GOV_DB_VARIABLE))
    }

    fn gov_db_from(&self, config: &Config, variable: Option<PathBuf>) -> PathBuf {
        variable.unwrap_or_else(|| self.0.join(&config.storage.gov_db))
    }

    /// The ticket this build was last started by, for starts before the node has caught up.
    pub fn ticket(&self) -> PathBuf {
        self.0.join("boot/ticket")
    }

    /// The last end of an epoch that this home has verified; from there trust goes on at the next start.
    pub fn anchor(&self) -> PathBuf {
        self.0.join("boot/anchor")
    }

    /// The latest time that was seen in this home, over restarts.
    pub fn clock(&self) -> PathBuf {
        self.0.join("boot/clock.toml")
    }

    /// The releases that were fetched and installed here.
    pub fn releases(&self) -> PathBuf {
        self.0.join("releases")
    }

    /// The socket over which the operator asks the running node, and acts on it.
    pub fn socket(&self) -> PathBuf {
        self.0.join(rpc::OPERATOR_SOCKET)
    }

    /// The overlay's peers, over restarts.
    pub fn overlay_peers(&self) -> PathBuf {
        self.0.join("overlay/peers.json")
    }

    /// The release artifacts this node holds.
    pub fn artifacts(&self) -> PathBuf {
        self.0.join("artifacts")
    }

    /// Where artifacts are fetched to before they are installed.
    pub fn staging(&self) -> PathBuf {
        self.0.join("staging")
    }

    /// Where the artifact of a build is fetched to.
    pub fn staged(&self, hash: BuildHash) -> PathBuf {
        self.staging().join(format!("{hash}.bin"))
    }

    /// Where a node fetches builds to while they are voted on; nobody else fetches to there.
    pub fn ahead(&self) -> PathBuf {
        self.0.join("staging/ahead")
    }

    /// The folders that are the node's own, in which alone it writes; that of a witness only where it has the key of one. All else of a home
    /// is its supervisor's or its operator's.
    pub fn of_the_node(&self, config: &Config) -> Vec<PathBuf> {
        let own = ["artifacts", "boot", "consensus", "evidence", "overlay", "run", "staging", "web"];
        let own = own.into_iter().map(|name| self.0.join(name)).chain([self.gov_db(config)]);
        own.chain(self.witness_key(config).map(|_| self.0.join("witness"))).collect()
    }

    /// What is known against validators and is not on chain yet.
    pub fn evidence(&self) -> PathBuf {
        self.0.join("evidence")
    }

    /// The two decisions of one height by which this home knows that the network has forked; removed by its operator.
    pub fn fork(&self) -> PathBuf {
        self.0.join("evidence/fork.json")
    }

    /// What the node keeps of who asked it for values of flags, and was denied them.
    pub fn web(&self) -> PathBuf {
        self.0.join("web")
    }

    /// What this node cosigned last, outside of its store: an older store does not have it vouch for another log.
    pub fn cosigned(&self) -> PathBuf {
        self.0.join("witness/latest")
    }

    /// The sentences of codes in other languages, a file each, where the operator has put some.
    pub fn locales(&self) -> PathBuf {
        self.0.join("config/locales")
    }

    /// The folder of consensus' own files.
    pub fn consensus(&self) -> PathBuf {
        self.0.join("consensus")
    }

    /// Where the system holds files in memory, outside of every home and of every disk.
    pub fn system_memory(&self) -> PathBuf {
        "/dev/shm".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_is_where_the_variable_then_the_configuration_says() {
        let (home, mut config) = (Home::at("/home/node0"), Config::default());
        assert_eq!(home.gov_db_from(&config, None), Path::new("/home/node0/governance_db"));
        assert_eq!(home.gov_db_from(&config, Some("/fast/db".into())), Path::new("/fast/db"));
        config.storage.gov_db = "/big/db".into();
        assert_eq!(home.gov_db_from(&config, None), Path::new("/big/db"));
    }

    #[test]
    fn o22_a_home_is_where_it_was_named_wherever_the_process_goes() {
        let (here, folder) = (std::env::current_dir().unwrap(), tempfile::tempdir().unwrap());
        assert_eq!(Home::at("net/node0").config(), here.join("net/node0/config/config.toml"));
        assert_eq!(Home::at("./net/../node0").path(), here.join("node0"));
        let inner = folder.path().join("disk/inner");
        std::fs::create_dir_all(&inner).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&inner, &link).unwrap();
        // A link stays one, and what is beside the place that it leads to is found there, also once the link is gone.
        assert_eq!(Home::at(link.join("node0")).path(), link.join("node0"));
        let beside = Home::at(link.join("../node0"));
        std::fs::remove_file(link).unwrap();
        assert_eq!(beside.path(), folder.path().canonicalize().unwrap().join("disk/node0"));
        assert!(Home::of_user().is_none_or(|home| home.path().is_absolute()));
    }

    #[test]
    fn h20_what_a_node_writes_lies_in_its_own_folders_and_what_its_supervisor_writes_does_not() {
        let (home, mut config) = (Home::at("/home/node0"), Config::default());
        let cosigned = home.cosigned();
        assert!(!home.of_the_node(&config).iter().any(|folder| cosigned.starts_with(folder)), "it is no witness");
        config.witness.key = "config/witness.key".into();
        let own = home.of_the_node(&config);
        let is_own = |path: &PathBuf| own.iter().any(|folder| path.starts_with(folder));
        let written = [
            home.ticket(),
            home.anchor(),
            home.clock(),
            home.socket(),
            home.overlay_peers(),
            home.artifacts(),
            home.staging(),
            home.ahead(),
            home.fork(),
            home.consensus(),
            home.web(),
            cosigned,
            home.gov_db(&config),
        ];
        assert!(written.iter().all(is_own), "{written:?}");
        let kept = [
            home.path().to_path_buf(),
            home.config(),
            home.genesis(),
            home.release_signers(),
            home.releases(),
            home.node_key(),
            home.default_validator_key(),
            home.path().join("config/witness.key"),
        ];
        assert!(!kept.iter().any(is_own), "{kept:?}");
    }

    #[test]
    fn an_empty_validator_key_means_that_the_node_only_follows() {
        let (home, mut config) = (Home::at("h"), Config::default());
        assert_eq!(home.validator_key(&config), Some(home.default_validator_key()));
        config.validator.key = PathBuf::new();
        assert_eq!(home.validator_key(&config), None);
    }
}
