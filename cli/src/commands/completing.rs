//! What completes a command line, beside what its shell has by heart: the numbers, hashes, accounts and names that only
//! the node knows.

use super::rollout::network_plan;
use crate::answer::CommandAnswer;
use crate::args::{ContractArgs, Options};
use crate::failure::{Failure, failed};
use crate::render::Screen;
use crate::session::Session;
use clap::{Arg, ArgAction, Command, CommandFactory};
use clap_complete::Shell;
use governance::Status;
use host::threads;
use primitives::Name;
use rollouts::plan::Plan;
use rpc::api::{CaseApiClient as _, ChainApiClient as _, GovApiClient as _, RolloutApiClient as _};
use rpc::views::CaseStateName;
use std::path::PathBuf;
use std::time::Duration;

/// How long somebody who presses a key waits for a node.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many of a kind are offered, the latest ones.
const MOST: u32 = 50;

/// The script of a shell: its own completions, and what asks this program for those that it cannot have.
///
/// # Errors
/// When the script cannot be made.
pub fn script(shell: Shell) -> Result<CommandAnswer, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut ContractArgs::command(), "contract", &mut script);
    let script = String::from_utf8(script).map_err(failed)? + asking(shell);
    CommandAnswer::new(&script.clone(), script)
}

/// How a shell asks; other shells complete what they have by heart.
fn asking(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => {
            r#"
_contract_asked() {
    local known typed line="${COMP_LINE:0:COMP_POINT}"
    if [[ "$2" != -* ]]; then
        # COMP_WORDS has the address of a node in pieces.
        read -ra typed <<<"$line"
        [[ "$line" == *[[:space:]] ]] || typed=("${typed[@]:0:${#typed[@]}-1}")
        known="$("$1" completions --line "${typed[@]:1}" 2>/dev/null)"
        if [[ -n "$known" ]]; then
            COMPREPLY=( $(compgen -W "$known" -- "$2") )
            return 0
        fi
    fi
    _contract "$@"
}
complete -F _contract_asked -o bashdefault -o default contract
"#
        }
        Shell::Zsh => {
            r#"
_contract_asked() {
    local -a known
    if [[ "$PREFIX" != -* ]]; then
        known=(${(f)"$($words[1] completions --line "${(@)words[2,CURRENT-1]}" 2>/dev/null)"})
        if (( $#known )); then
            compadd -a known
            return 0
        fi
    fi
    _contract "$@"
}
compdef _contract_asked contract
"#
        }
        Shell::Fish => {
            r#"
function __contract_asked
    set -l typed (commandline -opc)
    command contract completions --line $typed[2..-1] 2>/dev/null
end
complete -c contract -a '(__contract_asked)'
complete -c contract -l id -x -a '(__contract_asked)'
complete -c contract -l hash -x -a '(__contract_asked)'
complete -c contract -l to -x -a '(__contract_asked)'
complete -c contract -l validator -x -a '(__contract_asked)'
complete -c contract -l proposer -x -a '(__contract_asked)'
complete -c contract -l plan -x -a '(__contract_asked)'
complete -c contract -l change -x -a '(__contract_asked)'
complete -c contract -l stage -x -a '(__contract_asked)'
complete -c contract -l as -x -a '(__contract_asked)'
complete -c contract -l role -x -a '(__contract_asked)'
complete -c contract -l check -x -a '(__contract_asked)'
complete -c contract -l step -x -a '(__contract_asked)'
complete -c contract -l case -x -a '(__contract_asked)'
complete -c contract -l phase -x -a '(__contract_asked)'
complete -c contract -l playbook -x -a '(__contract_asked)'
"#
        }
        _ => "",
    }
}

/// What may come after the words of a line, one a line; nothing where that is not the node's to know, or no node says it soon.
///
/// # Errors
/// When no threads can be had.
pub fn line(options: Options, screen: Screen, words: &[String]) -> Result<CommandAnswer, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = threads::given(runtime).map_err(failed)?;
    let words = apart(words);
    let known = runtime.block_on(async {
        let asked = ask(options, screen, &words);
        tokio::time::timeout(PATIENCE, asked).await.ok().flatten().unwrap_or_default()
    });
    let text = known.iter().map(|word| format!("{word}\n")).collect();
    CommandAnswer::new(&known, text)
}

/// The words of a line, `--name=value` as the two that it says.
fn apart(words: &[String]) -> Vec<String> {
    let both = |word: &String| match word.split_once('=') {
        Some((name, value)) if name.starts_with("--") => vec![name.to_owned(), value.to_owned()],
        _ => vec![word.clone()],
    };
    words.iter().flat_map(both).collect()
}

/// What a node knows that may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// The number of a proposal: of one that takes votes, else of any.
    Proposal { open: bool },
    /// The hash of a build that was approved or is voted on.
    Build,
    /// A validator's account.
    Validator,
    /// The name of a plan.
    Plan,
    /// The number of a change: of one that is not over, else of any.
    Change { live: bool },
    /// The number of a case: of one that is not over, else of any.
    Case { open: bool },
    /// A name that a plan gives.
    OfPlan(PlanPart),
}

/// What a plan names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PlanPart {
    Stage,
    Role,
    Flag,
    /// A check, or a signal.
    Check,
    Step,
    Phase,
    Playbook,
}

impl PlanPart {
    /// The names, in the order of the plan.
    fn names(self, plan: &Plan) -> Vec<&Name> {
        match self {
            PlanPart::Stage => plan.stages.iter().map(|stage| &stage.name).collect(),
            PlanPart::Role => plan.roles.iter().map(|(role, _)| role).collect(),
            PlanPart::Flag => plan.flags.iter().map(|flag| &flag.key).collect(),
            PlanPart::Check => {
                let signals = plan.signals.iter().map(|signal| &signal.key);
                plan.checks.iter().map(|check| &check.key).chain(signals).collect()
            }
            PlanPart::Step => plan.stages.iter().flat_map(|stage| stage.steps.iter()).map(|step| &step.key).collect(),
            PlanPart::Phase => plan.phases.iter().map(|phase| &phase.key).collect(),
            PlanPart::Playbook => plan.playbooks.iter().map(|playbook| &playbook.domain).collect(),
        }
    }
}

impl Wanted {
    /// What the next word of a line is; none where no node knows it.
    fn after(words: &[String]) -> Option<Self> {
        let mut root = ContractArgs::command();
        // What every command takes is there in each.
        root.build();
        let (mut command, mut option, mut places) = (&root, None, 0);
        for word in words {
            if option.take().is_some() {
                continue;
            }
            if let Some(name) = word.strip_prefix("--") {
                let named = command.get_arguments().find(|arg| arg.get_long() == Some(name));
                option = named.filter(|arg| arg.get_action().takes_values());
            } else if let Some(below) = command.find_subcommand(word) {
                (command, places) = (below, 0);
            } else {
                places += 1;
            }
        }
        let next = option.or_else(|| place(command, places))?;
        Self::of(command, next)
    }

    /// What an argument of a command takes.
    fn of(command: &Command, argument: &Arg) -> Option<Self> {
        let value = argument.get_value_names().and_then(|names| names.first()).map(|name| name.as_str());
        match (argument.get_id().as_str(), value) {
            ("id", _) => Some(Wanted::Proposal { open: is_about_open_ones(command) }),
            (_, Some("BLAKE3")) => Some(Wanted::Build),
            (_, Some("ACCOUNT")) => Some(Wanted::Validator),
            (_, Some("PLAN")) => Some(Wanted::Plan),
            (_, Some("CHANGE")) => Some(Wanted::Change { live: is_about_live_ones(command) }),
            (_, Some("STAGE")) => Some(Wanted::OfPlan(PlanPart::Stage)),
            (_, Some("ROLE")) => Some(Wanted::OfPlan(PlanPart::Role)),
            (_, Some("FLAG")) => Some(Wanted::OfPlan(PlanPart::Flag)),
            (_, Some("CHECK")) => Some(Wanted::OfPlan(PlanPart::Check)),
            (_, Some("CASE")) => Some(Wanted::Case { open: command.get_name() != "show" }),
            (_, Some("PHASE")) => Some(Wanted::OfPlan(PlanPart::Phase)),
            (_, Some("PLAYBOOK")) => Some(Wanted::OfPlan(PlanPart::Playbook)),
            (_, Some("STEP")) => Some(Wanted::OfPlan(PlanPart::Step)),
            _ => None,
        }
    }
}

/// The argument that a word in that place is: behind the last one, that one once more, if it takes several.
fn place(command: &Command, place: usize) -> Option<&Arg> {
    let mut all = command.get_positionals();
    let last = command.get_positionals().last().filter(|last| matches!(last.get_action(), ArgAction::Append));
    all.nth(place).or(last)
}

fn is_about_open_ones(command: &Command) -> bool {
    ["vote", "approve-release", "withdraw"].contains(&command.get_name())
}

/// Whether a command does something with a change; only what asks for a change that is over can be about one.
fn is_about_live_ones(command: &Command) -> bool {
    ["withdraw", "announce", "execute", "close", "abort", "simulate"].contains(&command.get_name())
}

/// Asks the node that the line names, else the one that would be asked.
async fn ask(options: Options, screen: Screen, words: &[String]) -> Option<Vec<String>> {
    let wanted = Wanted::after(words)?;
    let named = |option: &str| words.iter().skip_while(|word| *word != option).nth(1).cloned();
    let (rpc, home) = (named("--rpc"), named("--home").map(PathBuf::from));
    let (rpc, home) = (rpc.or(options.rpc.clone()), home.or(options.home.clone()));
    let session = Session::open(Options { rpc, home, ..options }, screen).ok()?;
    let node = &session.node;
    match wanted {
        Wanted::Proposal { open } => {
            let list = node.proposals(open.then_some(Status::Open), Some(0), Some(MOST)).await.ok()?;
            Some(list.entries.iter().map(|proposal| proposal.id.to_string()).collect())
        }
        Wanted::Build => {
            let approved = node.release_history(Some(0), Some(MOST), None, None, None).await.ok()?;
            let voted_on = node.proposals(Some(Status::Open), Some(0), Some(MOST)).await.ok()?;
            let approved = approved.entries.iter().map(|view| view.release.build_hash);
            let all = voted_on.entries.iter().flat_map(|proposal| proposal.builds()).chain(approved);
            Some(all.map(|hash| hash.to_string()).collect())
        }
        Wanted::Validator => {
            let status = node.status().await.ok()?;
            Some(status.validators.validators.iter().map(|validator| validator.account.to_string()).collect())
        }
        Wanted::Plan => {
            let plans = node.rollout_plans(Some(0), Some(MOST)).await.ok()?.answer;
            Some(plans.entries.iter().filter(|plan| !plan.head.retired).map(|plan| plan.name.to_string()).collect())
        }
        Wanted::Change { live } => {
            let plan = named("--plan").and_then(|plan| plan.parse().ok());
            let changes =
                node.rollout_changes(plan, None, None, None, Some(0), Some(MOST), None).await.ok()?.answer.found;
            let asked = changes.entries.iter().filter(|change| !live || change.state.is_live());
            Some(asked.map(|change| change.id.to_string()).collect())
        }
        Wanted::Case { open } => {
            let plan = named("--plan").and_then(|plan| plan.parse().ok());
            let state = open.then_some(CaseStateName::Open);
            let cases = node.case_list(plan, None, state, None, Some(0), Some(MOST), None).await.ok()?.answer.found;
            Some(cases.entries.iter().map(|case| case.id.to_string()).collect())
        }
        Wanted::OfPlan(part) => {
            let plan: Option<Name> = named("--plan").and_then(|plan| plan.parse().ok());
            let plan = network_plan(&session, plan.as_ref()).await.ok()?;
            let in_force = node.rollout_plan(plan).await.ok()?.plan;
            Some(part.names(&in_force).into_iter().map(Name::to_string).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(line: &str) -> Option<Wanted> {
        Wanted::after(&apart(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()))
    }

    #[test]
    fn what_comes_next_is_known_by_the_argument_it_is_for() {
        let (open, any) = (Some(Wanted::Proposal { open: true }), Some(Wanted::Proposal { open: false }));
        assert_eq!(after("gov vote --id"), open);
        assert_eq!(after("gov vote --choice yes --rpc http://h:1 --json --id"), open);
        assert_eq!(after("gov vote --choice=yes --rpc=http://h:1/?a=b --id"), open);
        assert_eq!(after("--rpc=http://h:1 gov proposal"), any);
        assert_eq!(after("gov proposal"), any);
        assert_eq!(after("gov proposal --watch"), any);
        assert_eq!(after("gov propose-cancel --id"), any);
        assert_eq!(after("gov release"), Some(Wanted::Build));
        assert_eq!(after("node pin"), Some(Wanted::Build));
        assert_eq!(after("gov ticket --hash"), Some(Wanted::Build));
        assert_eq!(after("account delegate --validator"), Some(Wanted::Validator));
        assert_eq!(after("rollout board"), Some(Wanted::Plan));
        assert_eq!(after("rollout promote --plan"), Some(Wanted::Plan));
        assert_eq!(after("rollout change"), Some(Wanted::Change { live: false }));
        assert_eq!(after("rollout execute --change"), Some(Wanted::Change { live: true }));
        let part = |part| Some(Wanted::OfPlan(part));
        assert_eq!(after("rollout promote --to"), part(PlanPart::Stage));
        assert_eq!(after("rollout explain --stage"), part(PlanPart::Stage));
        assert_eq!(after("rollout set"), part(PlanPart::Flag));
        assert_eq!(after("rollout disable --cause SAFETY pruning"), part(PlanPart::Flag), "as many as are wanted");
        assert_eq!(after("rollout attest --check"), part(PlanPart::Check));
        assert_eq!(after("rollout step --step"), part(PlanPart::Step));
        assert_eq!(after("rollout close --as"), part(PlanPart::Role));
        assert_eq!(after("rollout phase --phase"), part(PlanPart::Phase));
        assert_eq!(after("rollout drill --playbook"), part(PlanPart::Playbook));
        assert_eq!(after("flags set"), part(PlanPart::Flag));
        assert_eq!(after("incident classify --case"), Some(Wanted::Case { open: true }));
        assert_eq!(after("hold show"), Some(Wanted::Case { open: false }));
        assert_eq!(after("incident respond --rollback"), Some(Wanted::Change { live: false }));
        assert_eq!(after("roles show"), part(PlanPart::Role));
        assert_eq!(after("account transfer --to"), Some(Wanted::Validator));
        let nobodys =
            ["", "gov", "gov vote", "gov proposal 1", "gov vote --choice", "keys show", "send --chain-id", "no"];
        assert!(nobodys.iter().all(|line| after(line).is_none()));
    }
}
