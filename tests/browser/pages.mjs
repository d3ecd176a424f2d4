// Looks at the explorer's pages as people do, with the Chromium of this machine:
//
//   node pages.mjs BASE_URL OUT_DIR SCENARIO [JSON]
//
// Prints {"ok":true,"screenshots":[...]} as its last line, or what is wrong on standard error, with exit code 1. Nothing here
// sleeps: what has to happen is awaited.
import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// scripts/setup.sh puts the packages into the cache.
const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
const load = createRequire(join(process.env.TB_TEST_NODE || join(cache, "the-block", "node"), "package.json"));
const { chromium } = load("playwright-core");
// What looks for barriers in a page, as a script that is put into it.
const AXE = readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const PATIENCE = 30_000;
const LIVE_PATIENCE = 120_000;
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 375, height: 812 };

// One browser, the server it looks at, and everything that went wrong on any page.
class Visit {
  constructor(browser, base, folder, scenario) {
    Object.assign(this, { browser, base, folder, scenario, wrong: [], screenshots: [] });
  }

  async context(options = {}) {
    const context = await this.browser.newContext({ viewport: WIDE, timezoneId: "UTC", locale: "en-GB", ...options });
    context.setDefaultTimeout(PATIENCE);
    // A violation is said on the console too, and this says which directive.
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) =>
        console.error(`CSP: ${event.violatedDirective} blocked ${event.blockedURI}`),
      );
    });
    return context;
  }

  async page(context) {
    const page = await context.newPage();
    const note = (what) => this.wrong.push(`${page.url()}: ${what}`);
    page.on("console", (message) => message.type() === "error" && note(`console: ${message.text()}`));
    page.on("pageerror", (error) => note(`script: ${error.message}`));
    page.on("dialog", async (dialog) => {
      note(`a dialog opened: ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol !== "data:" && url.origin !== new URL(this.base).origin) note(`asks ${url.origin} for something`);
    });
    return page;
  }

  async open(page, path) {
    const answer = await page.goto(this.base + path, { waitUntil: "load" });
    assert.equal(answer.status(), 200, `${path} answers ${answer.status()}`);
    await this.sound(page, path);
  }

  // What holds for every page in every state.
  async sound(page, path) {
    assert.equal(await page.locator("h1").count(), 1, `${path} has not exactly one h1`);
    assert.notEqual((await page.locator("h1").innerText()).trim(), "", `${path} has an empty h1`);
    const [content, visible] = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.scrollingElement;
      return [scrollWidth, clientWidth];
    });
    assert.ok(content <= visible, `${path} scrolls sideways: ${content} in ${visible} pixels`);
  }

  // Nothing keeps somebody out: by WCAG up to 2.2 A and AA, and what axe has for good practice. Its script is no part of the page, so
  // that the page's own policy does not stop it; and it fetches nothing.
  async accessible(page, path) {
    await page.evaluate(AXE);
    const barriers = await page.evaluate(async () => {
      const { violations } = await window.axe.run(document, { resultTypes: ["violations"], preload: false });
      const places = (nodes) => nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary}`).join("\n  ");
      return violations.map(({ id, help, nodes }) => `${id} (${help})\n  ${places(nodes)}`);
    });
    assert.deepEqual(barriers, [], `${path} has barriers:\n${barriers.join("\n")}`);
  }

  async screenshot(page, name) {
    const file = join(this.folder, `${this.scenario}-${name}.png`);
    await page.screenshot({ path: file, fullPage: true });
    this.screenshots.push(file);
  }

  clean() {
    assert.deepEqual(this.wrong, [], this.wrong.join("\n"));
  }
}

const nameOf = (path) => path.replace(/[0-9a-f]{64}/g, "hash").replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "");
const LISTS = [
  "/releases",
  "/proposals",
  "/rollouts",
  "/changes",
  "/incidents",
  "/reports",
  "/risks",
  "/holds",
  "/signers",
  "/validators",
  "/blocks",
  "/audit",
];
// The quarter that it is now, in UTC.
const quarter = (now = new Date()) => `${now.getUTCFullYear()}-q${1 + Math.floor(now.getUTCMonth() / 3)}`;
// What a plan governs: its board, its changes, its flags and one of them, the nodes, who has its roles, its playbooks, its release notes,
// its retrospectives and an incident; and what only an application has.
const underPlan = ({ plan, flag, changes, application, cases }) => [
  `/rollouts/${plan}`,
  ...changes.map((id) => `/changes/${id}`),
  `/flags/${plan}`,
  `/flags/${plan}/${flag}`,
  `/fleet/${plan}`,
  `/roles/${plan}`,
  `/playbooks/${plan}`,
  `/notes/${plan}`,
  `/retrospectives/${plan}`,
  `/retrospectives/${plan}/${quarter()}`,
  `/incidents/${cases.incident}`,
  `/artifacts/${application}`,
  `/phases/${application}`,
  `/playbooks/${application}`,
];
// Pages of one case, which have no rows.
const ofCases = ({ cases }) => [`/reports/${cases.report}`, `/risks/${cases.risk}`, `/holds/${cases.hold}`];

const hasRows = async (page) => (await page.locator("main tbody tr, main .list > li, main .entries > li").count()) > 0;
const saysSo = async (page) => (await page.locator("main .empty").allInnerTexts()).some((text) => text.trim() !== "");

// Every page loads before anything was decided, and says in words what will stand there.
export async function empty(visit) {
  for (const viewport of [WIDE, NARROW]) {
    const context = await visit.context({ viewport });
    const page = await visit.page(context);
    for (const path of [...LISTS, "/search?q=nothing-is-called-this"]) {
      await visit.open(page, path);
      assert.ok((await hasRows(page)) || (await saysSo(page)), `${path} shows nothing, and does not say so`);
      await visit.screenshot(page, `${nameOf(path)}-${viewport.width}`);
    }
    for (const path of ["/proposals", "/changes", "/incidents", "/search?q=nothing-is-called-this"]) {
      await visit.open(page, path);
      assert.ok(await saysSo(page), `${path} does not say in words that it is empty`);
      await visit.accessible(page, path);
    }
    await context.close();
  }
}

// Every page with data, in light and dark, wide and narrow; keys, the clipboard, and a browser without scripts.
export async function data(visit, { hash, proposal, height, account, governed }) {
  const paths = [
    ...LISTS,
    ...underPlan(governed),
    `/releases/${hash}`,
    `/proposals/${proposal}`,
    `/blocks/${height}`,
    `/audit/proof/${height}/0`,
    `/search?q=${account}`,
    `/audit?account=${account}`,
  ];
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of [WIDE, NARROW]) {
      const context = await visit.context({ viewport, colorScheme });
      const page = await visit.page(context);
      for (const path of paths) {
        await visit.open(page, path);
        assert.ok(await hasRows(page), `${path} shows no rows`);
        if (path === "/releases") await isDrawn(page);
        await visit.accessible(page, path);
        await visit.screenshot(page, `${nameOf(path)}-${colorScheme}-${viewport.width}`);
      }
      for (const path of [...ofCases(governed), "/witnesses"]) {
        await visit.open(page, path);
        await visit.accessible(page, path);
        await visit.screenshot(page, `${nameOf(path)}-${colorScheme}-${viewport.width}`);
      }
      await context.close();
    }
  }
  await byKeyboard(visit);
  await copies(visit, hash);
  await withoutScripts(visit, [...LISTS, ...underPlan(governed), `/releases/${hash}`]);
}

// The chart has a canvas with something on it, and stays within its page.
async function isDrawn(page) {
  const canvas = page.locator(".chart canvas");
  await canvas.waitFor();
  const painted = await canvas.evaluate((element) => {
    const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
    return data.some((value) => value !== 0);
  });
  assert.ok(painted, "the chart is blank");
  const { width } = await canvas.boundingBox();
  assert.ok(width <= page.viewportSize().width, `the chart is ${width} pixels wide`);
}

async function byKeyboard(visit) {
  const context = await visit.context();
  const page = await visit.page(context);
  await visit.open(page, "/releases");
  await page.keyboard.press("Tab");
  const skips = await page.evaluate(() => document.activeElement.matches("a.skip"));
  assert.ok(skips, "the first Tab does not reach the link that skips to the content");
  await page.keyboard.press("Enter");
  assert.equal(new URL(page.url()).hash, "#main", "the skip link leads nowhere");
  const link = page.locator('main tbody tr a[href^="/releases/"]').first();
  const target = await link.getAttribute("href");
  await link.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`**${target}`);
  await visit.sound(page, target);
  await context.close();
}

async function copies(visit, hash) {
  const context = await visit.context({ permissions: ["clipboard-read", "clipboard-write"] });
  const page = await visit.page(context);
  await visit.open(page, `/releases/${hash}`);
  const button = page.locator("main [data-copy]").first();
  const expected = await button.getAttribute("data-copy");
  await button.click();
  // The button says that it is done; only then is it in the clipboard.
  await page.locator("main [data-copy].done").first().waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, expected, "the button copied something else");
  await context.close();
}

async function withoutScripts(visit, paths) {
  const context = await visit.context({ javaScriptEnabled: false });
  const page = await visit.page(context);
  for (const path of paths) {
    await visit.open(page, path);
    assert.ok(await hasRows(page), `${path} has no rows without scripts`);
  }
  await visit.open(page, "/releases");
  await visit.screenshot(page, "releases-without-scripts");
  await filterForm(page).locator('[name="start_epoch"]').fill("0");
  await filterForm(page).locator("button[type=submit]").click();
  await page.waitForURL("**start_epoch=0**");
  assert.ok(await hasRows(page), "the filter of /releases does not work without scripts");

  // Blocks come meanwhile and move their pages; releases stay.
  await visit.open(page, "/releases?page_size=1");
  const first = await rowsOf(page);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Next" }).click();
  await page.waitForURL("**page=1**");
  assert.ok(new URL(page.url()).searchParams.get("page_size") === "1", "the pager forgets the size of a page");
  assert.notDeepEqual(await rowsOf(page), first, "the pager leads to the same rows");
  await context.close();
}

// What strangers wrote, as they wrote it.
const HOSTILE = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"'&", "\u202e"];
const LONG_NOTE = 10_000;

// What strangers wrote is shown as they wrote it, and does nothing.
export async function hostile(visit, { proposal, hash, governed }) {
  const search = `/search?q=${encodeURIComponent(HOSTILE.slice(0, 3).join(" "))}`;
  const under = [...underPlan(governed), ...ofCases(governed)];
  const paths = [...LISTS, ...under, `/proposals/${proposal}`, "/audit?kind=governance.voted", search];
  if (hash) paths.push(`/releases/${hash}`);
  for (const viewport of [WIDE, NARROW]) {
    const context = await visit.context({ viewport });
    const page = await visit.page(context);
    for (const path of paths) {
      await visit.open(page, path);
      await doesNothing(page, path);
      await visit.screenshot(page, `${nameOf(path)}-${viewport.width}`);
    }
    await visit.open(page, `/proposals/${proposal}`);
    const text = await showsAll(page, `/proposals/${proposal}`);
    assert.ok(text.length > LONG_NOTE, `/proposals/${proposal} cuts the note off: ${text.length} characters in all`);
    const { changes, cases, plan } = governed;
    const spoken = [...changes.map((id) => `/changes/${id}`), `/incidents/${cases.incident}`, `/notes/${plan}`];
    for (const path of [...spoken, ...ofCases(governed)]) {
      await visit.open(page, path);
      await showsAll(page, path);
    }
    await visit.open(page, search);
    const found = await page.locator("main").evaluate((main) => main.innerText);
    assert.ok(found.includes("<script>"), "the search does not show what was searched for");
    await context.close();
  }
}

// Every part of it stands in the page, as text.
async function showsAll(page, path) {
  const text = await page.locator("main").evaluate((main) => main.textContent);
  for (const written of HOSTILE) assert.ok(text.includes(written), `${path} does not show ${JSON.stringify(written)}`);
  return text;
}

async function doesNothing(page, path) {
  const wrong = await page.evaluate(() => {
    const own = (script) => script.src.startsWith(`${location.origin}/assets/`) && script.textContent === "";
    const found = [];
    if (![...document.scripts].every(own)) found.push("a script that is not an asset");
    if (document.querySelector("main img, main iframe, main object, main style")) found.push("an element that strangers wrote");
    for (const element of document.querySelectorAll("*")) {
      for (const { name } of element.attributes) if (name.startsWith("on")) found.push(`<${element.localName} ${name}>`);
      const leaves = element.localName === "a" && !/^(\/|#|\?)/.test(element.getAttribute("href"));
      // What an account says is its place may be linked, but is told nothing.
      const toldNothing = element.rel === "nofollow noopener noreferrer" && element.href.startsWith("https://");
      if (leaves && !toldNothing) found.push(`a link to ${element.href}`);
    }
    // A text that turns the direction must not turn what stands beside it.
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const { data, parentElement } = walk.currentNode;
      if (data.includes("\u202e") && !parentElement.closest("bdi, [dir=auto], pre, textarea")) {
        found.push(`<${parentElement.localName} class="${parentElement.className}"> lets a direction out`);
      }
    }
    return found;
  });
  assert.deepEqual(wrong, [], `${path} has ${wrong.join(", ")}`);
}

// A page that is open follows the vote by itself. READY says that it looks; then somebody has to vote.
export async function live(visit, { proposal }) {
  const context = await visit.context();
  const page = await visit.page(context);
  await visit.open(page, `/proposals/${proposal}`);
  await page.locator("#live-state").getByText("live", { exact: true }).waitFor();
  const tally = page.locator('[data-tally="yes"]');
  const before = (await tally.innerText()).trim();
  await page.evaluate(() => {
    window.marker = "the same page";
  });
  await visit.screenshot(page, "before");
  console.log("READY");
  const exactly = new RegExp(`^\\s*${before.replace(/[^0-9]/g, "\\$&")}\\s*$`);
  await page.locator('[data-tally="yes"]').filter({ hasNotText: exactly }).waitFor({ timeout: LIVE_PATIENCE });
  console.log("CHANGED");
  assert.equal(await page.evaluate(() => window.marker), "the same page", "the page was loaded anew");
  await visit.sound(page, `/proposals/${proposal}`);
  await visit.screenshot(page, "after");
  await context.close();
}

const filterForm = (page) => page.locator("main form").filter({ has: page.locator('[name="proposer"]') });
const rowsOf = (page) => page.locator("main table tbody tr").allTextContents();
const RANGE = { start_epoch: "0", end_epoch: "999999", page_size: "10" };

// Filters are in the URL, and come back with it. With `proposer`, also that one, typed in capitals.
export async function filters(visit, { proposer } = {}) {
  const context = await visit.context();
  const page = await visit.page(context);
  const values = proposer ? { ...RANGE, proposer: proposer.toUpperCase() } : RANGE;
  await visit.open(page, "/releases");
  for (const [name, value] of Object.entries(values)) {
    const field = filterForm(page).locator(`[name="${name}"]`);
    if ((await field.evaluate((element) => element.localName)) === "select") await field.selectOption(value);
    else await field.fill(value);
  }
  await filterForm(page).locator("button[type=submit]").click();
  await page.waitForURL("**start_epoch=0**");
  const asked = new URL(page.url()).searchParams;
  for (const [name, value] of Object.entries(values)) assert.equal(asked.get(name), value, `${name} is not in the URL`);
  const releases = () => page.locator('main tbody tr a[href^="/releases/"]').evaluateAll((all) => all.map((a) => a.href));
  const rows = await releases();
  assert.ok(rows.length > 0, "the filter finds nothing");

  await page.reload({ waitUntil: "load" });
  await visit.sound(page, page.url());
  for (const [name, value] of Object.entries(values)) {
    const kept = await filterForm(page).locator(`[name="${name}"]`).inputValue();
    assert.equal(kept.toLowerCase(), value.toLowerCase(), `${name} is forgotten`);
  }
  assert.deepEqual(await releases(), rows, "other rows after loading the page again");
  await visit.screenshot(page, "matching");

  await visit.open(page, "/releases?start_epoch=999998&end_epoch=999999");
  assert.equal((await releases()).length, 0, "releases of epochs that nobody has seen");
  assert.ok(await saysSo(page), "a filter that matches nothing does not say so");
  await visit.screenshot(page, "none");
  await context.close();
}

const SCENARIOS = { empty, data, hostile, live, filters };

async function main([base, folder, scenario, json = "{}"]) {
  const play = SCENARIOS[scenario];
  assert.ok(play, `usage: node pages.mjs BASE_URL OUT_DIR ${Object.keys(SCENARIOS).join("|")} [JSON]`);
  const executablePath = process.env.CHROMIUM || BROWSERS.find(existsSync);
  assert.ok(executablePath, "there is no Chromium; run scripts/setup.sh explorer, or name one in CHROMIUM");
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  try {
    const visit = new Visit(browser, base.replace(/\/$/, ""), folder, scenario);
    await play(visit, JSON.parse(json));
    visit.clean();
    return { ok: true, screenshots: visit.screenshots };
  } finally {
    await browser.close();
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.slice(2)).then(
    (done) => console.log(JSON.stringify(done)),
    (error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
}
