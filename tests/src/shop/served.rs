//! What services and pages of tenants are served, by providers that nobody here wrote.

use super::{PLAN, ShopMember, ShopWalk};
use crate::http;
use crate::openfeature::{FlagPage, asked_in_node, asked_in_python, has_browser};
use anyhow::{Context as _, ensure};
use serde_json::json;
use std::time::Instant;

/// Whoever asks; tills are told apart by it.
const TILL: &str = "till-7";

impl ShopWalk<'_> {
    /// A tenant flips its flag, its services and its page see it, and the other tenant's see nothing of it.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn serve(&mut self) -> anyhow::Result<()> {
        let flag = "advanced_discounts";
        let [first, second] = self.people.tenants.clone();
        self.step("Services of tenant t1 in Node and Python ask a node for flags, with providers as OpenFeature publishes them");
        let (of_first, of_second) = (self.token(&first, "t1", "server")?, self.token(&second, "t2", "server")?);
        self.services_see(&of_first, flag, false)?;
        self.services_see(&of_second, flag, false)?;
        let pages = self.pages(flag)?;

        self.step("Tenant t1 turns its discounts on, in production: with a change ticket, and for itself alone");
        let without = self.flips(flag, "PROD/t1", "on", None)?;
        self.refused(&first, first.submits(without), "E_TICKET").await?;
        let on = self.flips(flag, "PROD/t1", "on", Some("CHG-12"))?;
        self.refused(&second, second.submits(on.clone()), "E_ROLE").await?;
        let asked = Instant::now();
        let change = self.submitted(&first, on).await?;
        self.tell(&format!("change {change} with ticket CHG-12 is in a block, and carried out by that"));
        if let Some([of_first, _]) = &pages {
            ensure!(of_first.shows()? == json!(true), "the page of t1 shows something else");
            let ms = asked.elapsed().as_millis();
            self.tell(&format!("the page of t1 shows it {ms} ms after it was asked for, by a stream, without polling"));
        }
        self.services_see(&of_first, flag, true)?;

        self.step("Tenant t2 sees nothing of that: not the value, and not the name of its neighbour");
        self.services_see(&of_second, flag, false)?;
        self.is_kept_apart(&of_second, flag)?;
        if let Some([_, of_second]) = &pages {
            let own = self.flips(flag, "PROD/t2", "on", Some("CHG-13"))?;
            self.submitted(&second, own).await?;
            ensure!(of_second.shows()? == json!(true), "the page of t2 shows something else");
            self.tell("the next thing that the page of t2 shows is its own flip");
            ensure!(self.network.nodes[0].metric("flags_streams")? >= 2.0, "the pages hold no streams");
        }
        Ok(())
    }

    /// A page of each tenant, where there is a browser.
    fn pages(&self, flag: &str) -> anyhow::Result<Option<[FlagPage; 2]>> {
        if !has_browser() {
            self.tell("there is no Chromium here, so no page is opened; services alone are shown");
            return Ok(None);
        }
        let [first, second] = &self.people.tenants;
        let open = |member: &ShopMember, tenant: &str| {
            let token = self.token(member, tenant, "client")?;
            let page = FlagPage::open(&self.flags_url(), &token, flag, "boolean")?;
            ensure!(page.shows()? == json!(false), "the page of {tenant} shows something else");
            anyhow::Ok(page)
        };
        let pages = [open(first, "t1")?, open(second, "t2")?];
        self.tell("a page of each tenant is open in Chromium, and shows that discounts are off");
        Ok(Some(pages))
    }

    /// Where flags are asked for.
    pub fn flags_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.network.nodes[0].port + 4)
    }

    /// A token of a tenant in production, for `server` or `client`, issued by `contract`.
    ///
    /// # Errors
    /// When it is not issued.
    pub fn token(&self, issuer: &ShopMember, tenant: &str, audience: &str) -> anyhow::Result<String> {
        let (scope, acting) = (format!("PROD/{tenant}"), issuer.role.to_string());
        let words = ["flags", "token", "--plan", PLAN, "--acting", &acting, "--scope", &scope, "--audience", audience];
        let issued = self.contract()?.json(&[&words[..], &["--key", &issuer.key]].concat())?;
        issued["token"].as_str().map(str::to_owned).context("no token was issued")
    }

    /// Both services get a value, which they would not fall back to.
    pub(super) fn services_see(&self, token: &str, flag: &str, value: bool) -> anyhow::Result<()> {
        let url = self.flags_url();
        let question = json!([{
            "key": flag, "kind": "boolean", "fallback": !value, "context": { "targetingKey": TILL },
        }]);
        let answers =
            [("Node", asked_in_node(&url, token, &question)?), ("Python", asked_in_python(&url, token, &question)?)];
        for (service, said) in &answers {
            let answer = &said[0];
            ensure!(
                answer["value"] == value && answer["errorCode"].is_null(),
                "the service in {service} is served something else: {answer}"
            );
        }
        let reason = answers[0].1[0]["reason"].as_str().unwrap_or_default();
        self.tell(&format!("services in Node and Python are served {flag} = {value} ({reason})"));
        Ok(())
    }

    /// Whoever has a token of t2 is told nothing of t1, and refused what asks for it.
    fn is_kept_apart(&self, token: &str, flag: &str) -> anyhow::Result<()> {
        let url = self.flags_url();
        let foreign = json!([{ "key": flag, "fallback": false, "context": { "targetingKey": TILL, "tenant": "t1" } }]);
        let said = asked_in_node(&url, token, &foreign)?;
        ensure!(said[0]["value"] == json!(false) && !said[0]["errorCode"].is_null(), "t2 asks as t1: {said}");
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str())];
        let body = json!({ "context": { "targetingKey": TILL, "tenant": "t1" } }).to_string();
        let refused = http::post_with(&format!("{url}/ofrep/v1/evaluate/flags/{flag}"), &headers, body.as_bytes())?;
        ensure!(refused.status == 403, "t2 asks as t1, and is answered with {}: {}", refused.status, refused.body);
        let body = json!({ "context": { "targetingKey": TILL } }).to_string();
        let all = http::post_with(&format!("{url}/ofrep/v1/evaluate/flags"), &headers, body.as_bytes())?;
        let says_neighbour = ["PROD/t1", "\"t1\""].iter().any(|word| all.body.contains(word));
        ensure!(all.status == 200 && !says_neighbour, "all flags of t2: {} {}", all.status, all.body);
        self.tell("a context that names t1 is refused with 403, and no answer to t2 has the name of t1");
        Ok(())
    }
}
