//! `contract flags`.

use super::rollout::{ActingAs, ask_for, network_plan};
use super::{file, keys, proofs};
use crate::answer::CommandAnswer;
use crate::args::flags::{
    DefineFlag, EditFlag, EvaluateArgs, FlagAsked, FlagAtPath, FlagsArgs, FlagsListed, IssueArgs, MovedAt, OneFlag,
    RetireFlag, RevokeTokensArgs, SegmentArgs, SetFlagArgs,
};
use crate::args::rollout::ActingIn;
use crate::args::rollout::asked::{MoveTerms, SetArgs};
use crate::args::{Send, Writing};
use crate::failure::{Failure, usage};
use crate::render::flags as render;
use crate::session::Session;
use crate::submit;
use flags::{Call as FlagsCall, Expiry, FlagEdit, MOST_VARIANTS};
use host::clock;
use host::token::{FlagToken, TokenKind};
use primitives::{List, Name};
use rpc::api::{ChainApiClient as _, FlagsApiClient as _};
use runtime::Call;
use serde::Serialize;

/// The seconds of a day.
const DAY_S: u64 = 24 * 3_600;
/// The grant of whoever defines flags.
const FLAG: &str = "flag";
/// The grant of whoever issues tokens.
const TOKEN: &str = "token";

/// A token that was issued.
#[derive(Debug, Serialize)]
struct IssuedToken {
    /// As it is sent: as a bearer, or as `X-API-Key`.
    token: String,
    /// What it says.
    #[serde(flatten)]
    says: FlagToken,
}

/// Does what was asked about flags.
///
/// # Errors
/// When the key cannot be used, or the node does not answer or does not know what is asked about; and see [`submit::send`].
pub async fn run(command: FlagsArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        FlagsArgs::List(arguments) => list(session, arguments).await,
        FlagsArgs::Flag(arguments) => flag(session, arguments).await,
        FlagsArgs::Evaluate(arguments) => evaluate(session, arguments).await,
        FlagsArgs::Define(arguments) => define(session, &arguments).await,
        FlagsArgs::Edit(arguments) => edit(session, &arguments).await,
        FlagsArgs::Retire(arguments) => retire(session, &arguments).await,
        FlagsArgs::Set(arguments) => set(session, *arguments).await,
        FlagsArgs::Unset(arguments) => at_path(session, *arguments, Moved::Unset).await,
        FlagsArgs::Enable(arguments) => at_path(session, *arguments, Moved::Enabled).await,
        FlagsArgs::Disable(arguments) => ask_for(session, &arguments).await,
        FlagsArgs::Segment(arguments) => segment(session, *arguments).await,
        FlagsArgs::Proof(arguments) => proofs::flag(session, arguments).await,
        FlagsArgs::Verify(arguments) => proofs::verify_flag(session, *arguments),
        FlagsArgs::Token(arguments) => issue(session, *arguments).await,
        FlagsArgs::RevokeTokens(arguments) => revoke(session, &arguments).await,
    }
}

async fn list(session: &Session, arguments: FlagsListed) -> Result<CommandAnswer, Failure> {
    let FlagsListed { plan, scope, audience } = arguments;
    let plan = network_plan(session, plan.as_ref()).await?;
    let view = session.node.flags_list(plan, Some(scope), audience).await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::list(&session.screen, &view))
}

async fn flag(session: &Session, arguments: OneFlag) -> Result<CommandAnswer, Failure> {
    let plan = network_plan(session, arguments.plan.as_ref()).await?;
    let view = session.node.flags_flag(plan, arguments.flag).await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::flag(&session.screen, &view))
}

async fn evaluate(session: &Session, arguments: EvaluateArgs) -> Result<CommandAnswer, Failure> {
    let EvaluateArgs { asked: FlagAsked { flag, plan, scope }, served } = arguments;
    let plan = network_plan(session, plan.as_ref()).await?;
    let view = session.node.flags_evaluate(plan, flag, Some(scope), Some(served.known())).await;
    let view = view.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::evaluation(&session.screen, &view))
}

async fn define(session: &Session, arguments: &Send<DefineFlag>) -> Result<CommandAnswer, Failure> {
    let Send { call: DefineFlag { within, file }, writing } = arguments;
    let flag = file::flag(file)?;
    write(session, writing, within, FLAG, |plan, acting| FlagsCall::Define { plan, acting, flag }).await
}

async fn edit(session: &Session, arguments: &Send<EditFlag>) -> Result<CommandAnswer, Failure> {
    let Send { call, writing } = arguments;
    let EditFlag { flag, within, text, owner, expires, never_expires, high_risk, variants } = call;
    let variants = match variants {
        Some(file) => {
            let added = file::variants(file)?;
            let count = added.len();
            List::try_from(added)
                .map_err(|_| usage(format!("{count} variants are more than the {MOST_VARIANTS} of a flag")))?
        }
        None => List::default(),
    };
    let never = never_expires.then_some(Expiry::Never);
    let edit = FlagEdit {
        text: text.clone(),
        owner: owner.clone(),
        expires: expires.map(Expiry::At).or(never),
        raises_risk: *high_risk,
        variants,
    };
    let key = flag.clone();
    write(session, writing, within, FLAG, |plan, acting| FlagsCall::Edit { plan, acting, key, edit }).await
}

async fn retire(session: &Session, arguments: &Send<RetireFlag>) -> Result<CommandAnswer, Failure> {
    let Send { call: RetireFlag { flag, within }, writing } = arguments;
    let key = flag.clone();
    write(session, writing, within, FLAG, |plan, acting| FlagsCall::Retire { plan, acting, key }).await
}

/// Signs a call in the role that has a grant.
async fn write(
    session: &Session,
    writing: &Writing,
    within: &ActingIn,
    action: &str,
    call: impl FnOnce(Name, Name) -> FlagsCall,
) -> Result<CommandAnswer, Failure> {
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let plan = network_plan(session, within.plan.as_ref()).await?;
    let acting = ActingAs { who: key.account(), plan: &plan, named: within.acting.as_ref() };
    let acting = acting.by_grant(session, action).await?;
    submit::send(session, &key, writing, Call::Flags(call(plan, acting))).await
}

/// What a change does to a flag at a path, beside serving something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moved {
    Unset,
    Enabled,
}

async fn set(session: &Session, arguments: Send<SetFlagArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: SetFlagArgs { flag, variant, only, asked }, writing } = arguments;
    let MovedAt { scope, by } = asked;
    let call = SetArgs { flag: Some(flag), variant: Some(variant), only, scope, ..nothing(by) };
    ask_for(session, &Send { call, writing }).await
}

async fn at_path(session: &Session, arguments: Send<FlagAtPath>, moved: Moved) -> Result<CommandAnswer, Failure> {
    let Send { call: FlagAtPath { flag, asked }, writing } = arguments;
    let MovedAt { scope, by } = asked;
    let (unset, enable) = (moved == Moved::Unset, moved == Moved::Enabled);
    let call = SetArgs { flag: Some(flag), unset, enable, scope, ..nothing(by) };
    ask_for(session, &Send { call, writing }).await
}

async fn segment(session: &Session, arguments: Send<SegmentArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: SegmentArgs { segment, add, remove, present, by }, writing } = arguments;
    let call = SetArgs { segment: Some(segment), add, remove, present, ..nothing(by) };
    ask_for(session, &Send { call, writing }).await
}

/// A change that moves nothing yet.
fn nothing(by: MoveTerms) -> SetArgs {
    SetArgs {
        flag: None,
        variant: None,
        only: None,
        unset: false,
        enable: false,
        scope: None,
        segment: None,
        add: Vec::new(),
        remove: Vec::new(),
        present: Vec::new(),
        by,
    }
}

async fn issue(session: &Session, arguments: IssueArgs) -> Result<CommandAnswer, Failure> {
    let IssueArgs { plan, acting, scope, audience, days, key, passphrase } = arguments;
    let key = keys::read(&key, &passphrase)?;
    let status = session.node.status().await.map_err(|error| session.explain(error))?;
    let iat = clock::now().0 / 1_000;
    let says = FlagToken {
        iss: key.account(),
        sub: plan,
        acting,
        scope,
        aud: audience,
        net: status.genesis_hash,
        typ: TokenKind::Flags,
        iat,
        exp: iat + u64::from(days) * DAY_S,
        nbf: None,
        jti: None,
    };
    let token = says.signed(&key);
    let text = format!("{token}\n");
    CommandAnswer::new(&IssuedToken { token, says }, text)
}

async fn revoke(session: &Session, arguments: &Send<RevokeTokensArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: RevokeTokensArgs { within, account, before }, writing } = arguments;
    let issued_before = match before {
        Some(named) => *named,
        None => session.node.head().await.map_err(|error| session.explain(error))?.answer.time,
    };
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let plan = network_plan(session, within.plan.as_ref()).await?;
    let acting = ActingAs { who: key.account(), plan: &plan, named: within.acting.as_ref() };
    let acting = acting.by_grant(session, TOKEN).await?;
    let account = account.unwrap_or(key.account());
    let call = FlagsCall::RevokeTokens { plan, acting, account, issued_before };
    submit::send(session, &key, writing, Call::Flags(call)).await
}
