//! `contract rollout export`: what is on record about a plan, as a tree of files (REQ-038).
//!
//! The same records are the same bytes, whoever exports them and whenever: what hangs on the newest block, such as how long something
//! has still to go, is left out.

mod folder;
mod pages;
mod records;
mod statement;
mod tree;

use super::explored::explored;
use super::network_plan;
use crate::answer::CommandAnswer;
use crate::args::rollout::records::ExportArgs;
use crate::escape;
use crate::failure::{Failure, failed};
use crate::session::Session;
use folder::{ExportFolder, ExportMark, MARK};
use primitives::Name;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tree::ExportTree;

/// Exports what is on record about a plan.
pub async fn export(session: &Session, arguments: ExportArgs) -> Result<CommandAnswer, Failure> {
    let ExportArgs { plan, out, explorer } = arguments;
    let plan = network_plan(session, plan.as_ref()).await?;
    let mark = ExportMark::new(session.chain_id().await?, plan.clone());
    let folder = ExportFolder::at(&out, &mark)?;
    let mut tree = ExportTree::default();
    tree.json(MARK.to_owned(), &mark)?;
    let mut drills = records::take(session, &plan, &mut tree).await?;
    if let Some(explorer) = &explorer {
        session.say("Reading drills and retrospectives from the explorer\n");
        for playbook in asked::<Playbooks>(explorer, format!("/playbooks/{plan}")).await?.playbooks {
            drills.tried(playbook.playbook.domain, playbook.drills);
        }
        retrospectives(explorer, &plan, &mut tree).await?;
    }
    drills.put(&plan, &mut tree)?;
    let (files, bytes) = tree.size();
    tokio::task::spawn_blocking(move || folder.put(tree)).await.map_err(failed)??;
    let shown = escape::line(&out.display().to_string());
    let text = format!("The records of plan {plan} are in {shown} ({files} files, {bytes} bytes).\n");
    CommandAnswer::new(&json!({ "plan": plan, "folder": out, "files": files, "bytes": bytes }), text)
}

/// The playbooks of a plan, as far as they are read.
#[derive(Deserialize)]
struct Playbooks {
    playbooks: Vec<TriedPlaybook>,
}

#[derive(Deserialize)]
struct TriedPlaybook {
    playbook: NamedPlaybook,
    drills: Vec<Value>,
}

#[derive(Deserialize)]
struct NamedPlaybook {
    domain: Name,
}

/// The quarters of a plan, as far as they are read.
#[derive(Deserialize)]
struct Quarters {
    quarters: Vec<QuarterOfPlan>,
}

#[derive(Deserialize)]
struct QuarterOfPlan {
    quarter: String,
    is_over: bool,
}

async fn asked<T: DeserializeOwned>(explorer: &str, path: String) -> Result<T, Failure> {
    let answer = explored(explorer, path).await?;
    serde_json::from_slice(&answer).map_err(|error| {
        failed(format!(
            "{explorer} answered something else: {error}; see whether an explorer of this version runs there"
        ))
    })
}

/// Those of quarters that are over: what is said of the one that runs is not the same in the next block.
async fn retrospectives(explorer: &str, plan: &Name, tree: &mut ExportTree) -> Result<(), Failure> {
    let quarters = asked::<Quarters>(explorer, format!("/retrospectives/{plan}")).await?.quarters;
    for quarter in quarters.into_iter().filter(|quarter| quarter.is_over) {
        let quarter: primitives::Quarter = quarter.quarter.parse().map_err(failed)?;
        let document = explored(explorer, format!("/retrospectives/{plan}/{quarter}/markdown")).await?;
        tree.put(format!("retrospectives/{quarter}.md"), document)?;
    }
    Ok(())
}
