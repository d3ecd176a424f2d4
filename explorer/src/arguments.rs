//! What can be typed.

use crate::store::IndexPlace;
use clap::Parser;
use clap::builder::{PathBufValueParser, TypedValueParser};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Follows a node, indexes what its governance decided, and serves it as an API and as pages.
#[derive(Debug, Parser)]
#[command(name = "the-block-explorer", version, after_help = "Exit codes: 0 done, 1 failed, 2 usage or configuration.")]
pub struct ExplorerArguments {
    /// The node to follow; without it, that of TB_RPC, else http://127.0.0.1:26600
    #[arg(long, value_name = "URL", conflicts_with = "state")]
    pub rpc: Option<String>,
    /// Read a node's governance_db on this machine instead, also while the node runs
    #[arg(long, value_name = "DIR", value_parser = typed_path())]
    pub state: Option<PathBuf>,
    /// Where to serve; plain HTTP, so put a proxy with TLS in front of it before others reach it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:26690")]
    pub listen: SocketAddr,
    /// The SQLite file of the index; explorer.sqlite here when nothing else is said
    #[arg(long, value_name = "FILE", value_parser = typed_path())]
    pub db: Option<PathBuf>,
    /// A PostgreSQL database to keep the index in: postgres://USER:PASSWORD@HOST/NAME; without it and --db, DATABASE_URL of
    /// the environment, which nobody sees in a list of processes
    #[arg(long, value_name = "URL", conflicts_with = "db")]
    pub database_url: Option<String>,
    /// Make the index anew from the first block
    #[arg(long)]
    pub rebuild: bool,
    /// The genesis the node must have; without it, that of the first start is held on to
    #[arg(long, value_name = "FILE", value_parser = typed_path())]
    pub genesis: Option<PathBuf>,
    /// Another governance database, for GET /releases?store=NAME; may be repeated
    #[arg(long = "store", value_name = "NAME=DIR", value_parser = named)]
    pub stores: Vec<(String, PathBuf)>,
    /// What to log: error, warn, info, debug, trace, or directives such as sqlx=debug
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log: String,
}

impl ExplorerArguments {
    /// The node to follow where no store is read; `environment` is what TB_RPC says.
    pub fn node(&self, environment: Option<String>) -> String {
        let said = self.rpc.clone().or(environment);
        said.unwrap_or_else(|| "http://127.0.0.1:26600".into())
    }

    /// Where the index is kept; `environment` is what DATABASE_URL says.
    ///
    /// # Errors
    /// A URL of another database, or a working folder that is gone.
    pub fn place(&self, environment: Option<String>) -> Result<IndexPlace, String> {
        if let Some(file) = &self.db {
            return Ok(IndexPlace::File(file.clone()));
        }
        match self.database_url.clone().or(environment) {
            None => settled(Path::new("explorer.sqlite")).map(IndexPlace::File),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(IndexPlace::Server(url))
            }
            // The URL may hold a password.
            Some(_) => Err("DATABASE_URL must begin with postgres://; for SQLite, use --db FILE".into()),
        }
    }
}

fn named(text: &str) -> Result<(String, PathBuf), String> {
    let (name, folder) = text.split_once('=').ok_or("write it as NAME=DIR")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        return Err(format!("{name:?} cannot be a name: use 1 to 64 letters, digits, - and _"));
    }
    if folder.is_empty() {
        return Err(format!("no folder is given for {name:?}; write it as NAME=DIR"));
    }
    Ok((name.into(), settled(Path::new(folder))?))
}

/// How a path is typed: it is settled here, and hangs on no working folder later.
fn typed_path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| settled(&path))
}

fn settled(path: &Path) -> Result<PathBuf, String> {
    let nowhere = |error: io::Error| format!("{} leads nowhere: {error}; write it from / on", path.display());
    files::settled(path).map_err(nowhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(arguments: &[&str]) -> Result<ExplorerArguments, String> {
        let all = std::iter::once(&"the-block-explorer").chain(arguments);
        ExplorerArguments::try_parse_from(all).map_err(|error| error.to_string())
    }

    #[test]
    fn o48_the_node_to_follow_is_typed_or_set() {
        let set = || Some("http://192.0.2.7:26600".to_owned());
        assert_eq!(typed(&[]).unwrap().node(None), "http://127.0.0.1:26600");
        assert_eq!(typed(&[]).unwrap().node(set()), "http://192.0.2.7:26600");
        assert_eq!(typed(&["--rpc", "http://h:1"]).unwrap().node(set()), "http://h:1");
    }

    #[test]
    fn stores_have_plain_names() {
        let arguments = typed(&["--store", "old=/srv/old", "--store", "x_1=/y"]).unwrap();
        assert_eq!(arguments.stores, [("old".into(), "/srv/old".into()), ("x_1".into(), "/y".into())]);
        for bad in ["/srv/old", "../x=/y", "=x", "a=", "a b=/x"] {
            assert!(typed(&["--store", bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn o22_every_path_is_from_the_root_on_once_it_is_typed() {
        let here = std::env::current_dir().unwrap();
        let arguments = typed(&["--state", "net/../db", "--genesis", "./g.json", "--store", "old=x/.."]).unwrap();
        assert_eq!(arguments.state, Some(here.join("db")));
        assert_eq!(arguments.genesis, Some(here.join("g.json")));
        assert_eq!(arguments.stores, [("old".into(), here)]);
    }

    #[test]
    fn an_index_is_a_file_or_a_postgresql_database() {
        let place = |url: &str| typed(&["--database-url", url]).unwrap().place(None);
        let here = |name: &str| -> Result<IndexPlace, String> {
            Ok(IndexPlace::File(std::env::current_dir().unwrap().join(name)))
        };
        assert_eq!(typed(&[]).unwrap().place(None), here("explorer.sqlite"));
        let environment = || Some("postgres://of/environment".to_owned());
        assert_eq!(
            typed(&[]).unwrap().place(environment()),
            Ok(IndexPlace::Server("postgres://of/environment".into()))
        );
        // What is typed goes before what is set.
        assert_eq!(typed(&["--db", "x"]).unwrap().place(environment()), here("x"));
        assert!(typed(&["--db", "x", "--database-url", "postgres://x/y"]).is_err());
        assert_eq!(place("postgres://x/y"), Ok(IndexPlace::Server("postgres://x/y".into())));
        assert!(place("mysql://u:secret@x/y").is_err_and(|error| !error.contains("secret")));
    }
}
