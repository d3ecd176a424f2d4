//! `contract rollout retrospective`: what a plan went through in a quarter, as an explorer has it.

use super::explored::explored;
use super::network_plan;
use crate::answer::CommandAnswer;
use crate::args::rollout::records::RetrospectiveArgs;
use crate::escape;
use crate::failure::{Failure, failed};
use crate::session::Session;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

/// The retrospective as Markdown, or with `--json` as the explorer answers it.
pub async fn retrospective(session: &Session, arguments: RetrospectiveArgs) -> Result<CommandAnswer, Failure> {
    let RetrospectiveArgs { plan, quarter, explorer, markdown, out } = arguments;
    let plan = network_plan(session, plan.as_ref()).await?;
    let path = format!("/retrospectives/{plan}/{quarter}");
    if session.options.json && !markdown && out.is_none() {
        let answer: Value = serde_json::from_slice(&explored(&explorer, path).await?).map_err(failed)?;
        return CommandAnswer::new(&answer, String::new());
    }
    let document = explored(&explorer, format!("{path}/markdown")).await?;
    match out {
        Some(file) => written(&file, &document),
        None => {
            let text = escape::lines(&String::from_utf8_lossy(&document));
            Ok(CommandAnswer { text, ..CommandAnswer::told() })
        }
    }
}

fn written(file: &Path, document: &[u8]) -> Result<CommandAnswer, Failure> {
    let refused = |error: io::Error| {
        failed(format!("the retrospective cannot be written to {}: {error}; name another file", file.display()))
    };
    let mut opened = File::create_new(file).map_err(refused)?;
    let whole = opened.write_all(document).and_then(|()| opened.sync_all());
    whole.inspect_err(|_| drop(std::fs::remove_file(file))).map_err(refused)?;
    let (shown, bytes) = (escape::line(&file.display().to_string()), document.len());
    CommandAnswer::new(
        &json!({ "file": file, "bytes": bytes }),
        format!("The retrospective is in {shown} ({bytes} bytes).\n"),
    )
}
