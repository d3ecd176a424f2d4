//! `contract flags`.

use super::Send;
use super::keys::{KEY_VARIABLE, PassphraseArgs};
use super::rollout::ActingIn;
use super::rollout::asked::{DisableArgs, MoveTerms};
use super::values::{attribute, block_time, word};
use clap::{Args, Subcommand};
use flags::{Audience, TARGETING_KEY};
use host::token::TokenAudience;
use host::variables::unless_empty;
use primitives::{AccountId, Height, Name, Path, Text, Timestamp};
use rpc::views::{AttributeValue, EvaluationAttributes};
use std::path::PathBuf;

/// The commands on flags. What a flag serves is moved by changes, which the plan's procedures govern, so those ask for one.
#[derive(Debug, Subcommand)]
pub enum FlagsArgs {
    /// List the flags of a plan, with what each serves whoever nothing is known of
    List(FlagsListed),
    /// Show one flag: what it can serve, what is set where and by which change, and where it is disabled
    Flag(OneFlag),
    /// Ask what a flag serves somebody, and why
    Evaluate(EvaluateArgs),
    /// Define a flag; it serves its fallback until a change sets something
    Define(Box<Send<DefineFlag>>),
    /// Change what is said about a flag, and nothing that it serves
    Edit(Box<Send<EditFlag>>),
    /// End a flag of which nothing is set and that nothing names; its key is never used again
    Retire(Box<Send<RetireFlag>>),
    /// Ask for a change that has a flag serve a variant
    Set(Box<Send<SetFlagArgs>>),
    /// Ask for a change that sets nothing at a path any more, so that the path above decides
    Unset(Box<Send<FlagAtPath>>),
    /// Ask for a change that has a flag no longer disabled at exactly that path
    Enable(Box<Send<FlagAtPath>>),
    /// Disable flags in an emergency, with what requires them
    Disable(Box<Send<DisableArgs>>),
    /// Ask for a change of who is in a segment
    Segment(Box<Send<SegmentArgs>>),
    /// Fetch the proof of what a flag serves at a path, as a file
    Proof(FlagProven),
    /// Verify such a file without a node, from the genesis of the home, and say what the flag serves somebody
    Verify(Box<FlagVerified>),
    /// Issue a token with which an application asks nodes for the values of flags; nothing is sent, and the node is asked for its network
    Token(Box<IssueArgs>),
    /// End every token that an account issued for a plan before a time
    RevokeTokens(Box<Send<RevokeTokensArgs>>),
}

/// Which flags are listed.
#[derive(Debug, Clone, Args)]
pub struct FlagsListed {
    /// The plan; without it, that of this network
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// Where, such as PROD/t1; everywhere when it is left out
    #[arg(long, value_name = "PATH", default_value = "", hide_default_value = true)]
    pub scope: Path,
    /// Only those that this audience sees
    #[arg(long, value_parser = word::<Audience>())]
    pub audience: Option<Audience>,
}

/// A flag that is shown.
#[derive(Debug, Clone, Args)]
pub struct OneFlag {
    /// The flag
    #[arg(value_name = "FLAG")]
    pub flag: Name,
    /// The plan; without it, that of this network
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
}

/// A flag, and where it is asked.
#[derive(Debug, Clone, Args)]
pub struct FlagAsked {
    /// The flag
    #[arg(value_name = "FLAG")]
    pub flag: Name,
    /// The plan; without it, that of this network
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// Where, such as PROD/t1; everywhere when it is left out
    #[arg(long, value_name = "PATH", default_value = "", hide_default_value = true)]
    pub scope: Path,
}

/// Somebody, by what is known of them.
#[derive(Debug, Clone, Args)]
pub struct ServedTo {
    /// What shares are drawn by: in a node's plan the account
    #[arg(long, value_name = "KEY")]
    pub targeting_key: Option<String>,
    /// Something else that is known, such as country=DE or beta=true; repeat it
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
    pub attributes: Vec<(String, AttributeValue)>,
}

impl ServedTo {
    /// All that is known of them.
    pub fn known(self) -> EvaluationAttributes {
        let key = self.targeting_key.map(|key| (TARGETING_KEY.to_owned(), AttributeValue::Text(key)));
        EvaluationAttributes(self.attributes.into_iter().chain(key).collect())
    }
}

/// A flag, and somebody who is served.
#[derive(Debug, Clone, Args)]
pub struct EvaluateArgs {
    /// Which flag, and where.
    #[command(flatten)]
    pub asked: FlagAsked,
    /// Whom it serves.
    #[command(flatten)]
    pub served: ServedTo,
}

/// A flag that is proven.
#[derive(Debug, Clone, Args)]
pub struct FlagProven {
    /// Which flag, and where.
    #[command(flatten)]
    pub asked: FlagAsked,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Prove it to a program of yours that trusts the block at this height; `verify` trusts genesis alone
    #[arg(long, value_name = "HEIGHT")]
    pub from: Option<Height>,
}

/// A proof that is verified, and somebody who is served.
#[derive(Debug, Clone, Args)]
pub struct FlagVerified {
    /// The file, as `contract flags proof` wrote it
    #[arg(long, value_name = "FILE")]
    pub ticket: PathBuf,
    /// The flag
    #[arg(value_name = "FLAG")]
    pub flag: Name,
    /// The plan
    #[arg(long, value_name = "PLAN")]
    pub plan: Name,
    /// Where, such as PROD/t1; everywhere when it is left out
    #[arg(long, value_name = "PATH", default_value = "", hide_default_value = true)]
    pub scope: Path,
    /// Whom it serves.
    #[command(flatten)]
    pub served: ServedTo,
}

/// A flag that is defined.
#[derive(Debug, Clone, Args)]
pub struct DefineFlag {
    /// Under which plan, and as what.
    #[command(flatten)]
    pub within: ActingIn,
    /// A file of one flag as JSON, as `contract flags flag --json` has one under flag, at most 1 MiB; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
}

/// What is said about a flag from then on; what is left out stays.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("edited").required(true).multiple(true)
    .args(["text", "owner", "expires", "never_expires", "high_risk", "variants"]))]
pub struct EditFlag {
    /// The flag
    #[arg(value_name = "FLAG")]
    pub flag: Name,
    /// Under which plan, and as what.
    #[command(flatten)]
    pub within: ActingIn,
    /// What it is about; at most 256 bytes
    #[arg(long, value_name = "TEXT")]
    pub text: Option<Text<256>>,
    /// The role that answers for it
    #[arg(long, value_name = "ROLE")]
    pub owner: Option<Name>,
    /// Until when it is meant to be there, such as 2026-12-01T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = block_time)]
    pub expires: Option<Timestamp>,
    /// It is meant to be there for ever; of a gate, a permission or a kill switch
    #[arg(long, conflicts_with = "expires")]
    pub never_expires: bool,
    /// Its risk is high from now on; it is never lowered
    #[arg(long)]
    pub high_risk: bool,
    /// A file of more variants as a JSON list, such as [{"name":"slow","value":{"int":5}}]; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub variants: Option<PathBuf>,
}

/// A flag that ends.
#[derive(Debug, Clone, Args)]
pub struct RetireFlag {
    /// The flag
    #[arg(value_name = "FLAG")]
    pub flag: Name,
    /// Under which plan, and as what.
    #[command(flatten)]
    pub within: ActingIn,
}

/// What a flag serves from then on. What stands there now is asked of the node, so that a change which comes first is noticed.
#[derive(Debug, Clone, Args)]
pub struct SetFlagArgs {
    /// The flag
    #[arg(value_name = "FLAG")]
    pub flag: Name,
    /// Serve this variant
    #[arg(long, value_name = "VARIANT")]
    pub variant: Name,
    /// Serve it to the members of this segment alone; others have what the path above serves, at the root the fallback
    #[arg(long, value_name = "SEGMENT")]
    pub only: Option<Name>,
    /// Where and how it is asked for.
    #[command(flatten)]
    pub asked: MovedAt,
}

/// A flag at a path.
#[derive(Debug, Clone, Args)]
pub struct FlagAtPath {
    /// The flag
    #[arg(value_name = "FLAG")]
    pub flag: Name,
    /// Where and how it is asked for.
    #[command(flatten)]
    pub asked: MovedAt,
}

/// Where something is moved, and what its change says.
#[derive(Debug, Clone, Args)]
pub struct MovedAt {
    /// Where; without it, at the root
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<Path>,
    /// What the change says.
    #[command(flatten)]
    pub by: MoveTerms,
}

/// Who comes into a segment, and who goes.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("moving").required(true).multiple(true).args(["add", "remove"]))]
pub struct SegmentArgs {
    /// The segment
    #[arg(value_name = "SEGMENT")]
    pub segment: Name,
    /// Who comes into it, in a node's plan an account; repeat it
    #[arg(long = "add", value_name = "MEMBER")]
    pub add: Vec<Text<64>>,
    /// Who goes out of it; repeat it
    #[arg(long = "remove", value_name = "MEMBER")]
    pub remove: Vec<Text<64>>,
    /// Who is in it now, so that a change which comes first is noticed; repeat it. Without it, that is asked of the node
    #[arg(long = "present", value_name = "MEMBER")]
    pub present: Vec<Text<64>>,
    /// What the change says.
    #[command(flatten)]
    pub by: MoveTerms,
}

/// A token, and who issues it.
#[derive(Debug, Clone, Args)]
pub struct IssueArgs {
    /// The plan whose flags are asked
    #[arg(long, value_name = "PLAN")]
    pub plan: Name,
    /// The role of the issuer that has the grant `token` there
    #[arg(long, value_name = "ROLE")]
    pub acting: Name,
    /// Where flags are asked, at this path and below, such as PROD/t1; everywhere when it is left out
    #[arg(long, value_name = "PATH", default_value = "", hide_default_value = true)]
    pub scope: Path,
    /// Who asks: server, or client, whose token is in pages and so public
    #[arg(long, value_name = "server|client")]
    pub audience: TokenAudience,
    /// For how many days it is good, at most 400
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=400))]
    pub days: u16,
    /// The key file of the account that issues it
    #[arg(long, value_name = "FILE", env = unless_empty(KEY_VARIABLE), hide_env_values = true)]
    pub key: PathBuf,
    /// Where its passphrase comes from.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
}

/// Tokens that are none any more.
#[derive(Debug, Clone, Args)]
pub struct RevokeTokensArgs {
    /// Under which plan, and as what.
    #[command(flatten)]
    pub within: ActingIn,
    /// Whose; without it, those of the account of the --key
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<AccountId>,
    /// Those that were issued before this time, which has come already; without it, before the newest block
    #[arg(long, value_name = "TIME", value_parser = block_time)]
    pub before: Option<Timestamp>,
}
