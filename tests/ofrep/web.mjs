// Looks at flags as a page does: the OpenFeature SDK for the web and its OFREP provider as they are published, in the Chromium of this
// machine, in a page of https://shop.example that nothing but this script serves:
//
//   node web.mjs BASE_URL TOKEN KEY [KIND]
//
// KIND is number, or boolean. Prints the value of a flag as a JSON line, and again as often as it changes, without polling; ends with standard input.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

// scripts/setup.sh puts the packages into the cache.
const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
const packages = process.env.TB_TEST_NODE || join(cache, "the-block", "node");
const load = createRequire(join(packages, "package.json"));
const { chromium } = load("playwright-core");

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
  "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"];
// A page over HTTPS, which browsers let ask this machine; the prompt for that is turned off above, since nobody would answer it.
const PAGE = "https://shop.example/";

const modules = join(packages, "node_modules");
const provider = join(modules, "@openfeature/ofrep-web-provider");
const core = createRequire(join(provider, "package.json")).resolve("@openfeature/ofrep-core/package.json");
const files = {
  "@openfeature/core": join(modules, "@openfeature/core/dist/esm/index.js"),
  "@openfeature/web-sdk": join(modules, "@openfeature/web-sdk/dist/esm/index.js"),
  "@openfeature/ofrep-core": join(dirname(core), "index.esm.js"),
  "@openfeature/ofrep-web-provider": join(provider, "index.esm.js"),
};
const imports = Object.fromEntries(Object.keys(files).map((name, at) => [name, `${PAGE}module${at}.js`]));

const [baseUrl, token, key, kind = "number"] = process.argv.slice(2);
const page = `<!doctype html><title>shop</title><script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
  import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";
  import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
  const [baseUrl, token, key, kind] = ${JSON.stringify([baseUrl, token, key, kind])};
  const client = OpenFeature.getClient();
  const ask = { boolean: () => client.getBooleanDetails(key, false), number: () => client.getNumberDetails(key, -1) };
  const show = () => window.shown(JSON.stringify(ask[kind]()));
  client.addHandler(ProviderEvents.Ready, show);
  client.addHandler(ProviderEvents.ConfigurationChanged, show);
  client.addHandler(ProviderEvents.Error, (event) => window.failed(JSON.stringify(event)));
  await OpenFeature.setContext({ targetingKey: "u1" });
  const options = { baseUrl, headers: [["Authorization", "Bearer " + token]], cacheMode: "disabled", pollInterval: -1 };
  await OpenFeature.setProviderAndWait(new OFREPWebProvider(options)).catch((error) => window.failed(String(error)));
</script>`;

const executablePath = process.env.CHROMIUM || BROWSERS.find((path) => existsSync(path));
const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
const context = await browser.newContext();
await context.exposeFunction("shown", (details) => console.log(details));
await context.exposeFunction("failed", (why) => console.error(why));
await context.route(`${PAGE}**`, (route) => {
  const at = Object.values(imports).indexOf(route.request().url());
  const body = at < 0 ? page : readFileSync(Object.values(files)[at], "utf8");
  return route.fulfill({ body, contentType: at < 0 ? "text/html" : "text/javascript" });
});
const opened = await context.newPage();
opened.on("console", (message) => console.error(message.text()));
await opened.goto(PAGE);
process.stdin.on("end", async () => {
  await browser.close();
  process.exit(0);
});
process.stdin.resume();
