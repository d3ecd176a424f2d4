//! `contract audit`: whether the log hangs together, as a node says; proofs of what is in it; and as files, the log as an explorer has it,
//! and whom a node denied values of flags.

use super::{access_log, explorer_http, proofs};
use crate::answer::CommandAnswer;
use crate::args::audit::{AuditArgs, AuditExport};
use crate::failure::{Failure, failed, usage};
use crate::progress;
use crate::render;
use crate::session::{Session, unanswered};
use host::console;
use primitives::Epoch;
use rpc::api::AuditApiClient as _;
use serde_json::json;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Reads the audit log.
///
/// # Errors
/// A node or an explorer that does not answer, an export that breaks off, a log that was changed, and a file that cannot be written.
pub async fn run(command: AuditArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        AuditArgs::Integrity => {
            let (node, screen) = (&session.node, &session.screen);
            let view = node.audit_integrity().await.map_err(|error| unanswered(node.explain(error)))?;
            let answer = CommandAnswer::new(&view, render::audit(screen, &view))?;
            Ok(answer.found(view.chain_valid))
        }
        AuditArgs::Proof(arguments) => proofs::fact(session, &arguments).await,
        AuditArgs::Verify(arguments) => proofs::verify_fact(session, &arguments),
        AuditArgs::Checkpoint { epoch, note } => checkpoint(session, epoch, note).await,
        AuditArgs::Export(arguments) => {
            let (folder, is_json) = (session.home().web(), session.options.json);
            tokio::task::spawn_blocking(move || export(&arguments, folder, is_json)).await.map_err(failed)?
        }
    }
}

async fn checkpoint(session: &Session, epoch: Option<Epoch>, note: bool) -> Result<CommandAnswer, Failure> {
    let view = session.node.audit_checkpoint(epoch).await.map_err(|error| session.explain(error))?;
    let text = if note { crate::escape::lines(&view.note) } else { render::log::checkpoint(&session.screen, &view) };
    CommandAnswer::new(&view, text)
}

/// Takes an export to where it is to lie. A file that is not whole is not left behind.
fn export(arguments: &AuditExport, folder: PathBuf, is_json: bool) -> Result<CommandAnswer, Failure> {
    let Some(path) = &arguments.out else {
        let mut whole = Vec::new();
        taken(arguments, &folder, &mut whole)?;
        console::print(&String::from_utf8_lossy(&whole)).map_err(failed)?;
        return Ok(CommandAnswer::told());
    };
    let refused = |error: io::Error| {
        failed(format!("the export cannot be written to {}: {error}; name another file", path.display()))
    };
    let file = File::create_new(path).map_err(refused)?;
    let bar = progress::bytes(is_json);
    let written = taken(arguments, &folder, &mut bar.wrap_write(&file)).and_then(|()| {
        file.sync_all().map_err(refused)?;
        Ok(file.metadata().map_err(refused)?.len())
    });
    bar.finish_and_clear();
    let bytes = written.inspect_err(|_| drop(std::fs::remove_file(path)))?;
    let text = format!("The audit log is in {} ({bytes} bytes).\n", crate::escape::line(&path.display().to_string()));
    CommandAnswer::new(&json!({ "file": path, "bytes": bytes }), text)
}

/// Writes an export as it comes.
fn taken(arguments: &AuditExport, folder: &Path, to: &mut dyn Write) -> Result<(), Failure> {
    match &arguments.explorer {
        Some(url) => explorer_http::fetched(url, &arguments.path(), u64::MAX, to).map(|_| ()),
        None if arguments.node => access_log::written(folder, to).map(|_| ()),
        None => Err(usage("name an explorer with --explorer, or take what the node of a home keeps with --node")),
    }
}
