// Asks a node for the values of flags as a service does, with the OpenFeature SDK and its OFREP provider as they are published:
//
//   node server.mjs BASE_URL TOKEN QUESTIONS
//
// QUESTIONS is a JSON list of {key, fallback, context}; the type of the fallback says which method is called. Prints a JSON list of
// {value, reason, variant, errorCode, errorMessage}, one for each.
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// scripts/setup.sh puts the packages into the cache.
const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
const load = createRequire(join(process.env.TB_TEST_NODE || join(cache, "the-block", "node"), "package.json"));
const { OpenFeature } = load("@openfeature/server-sdk");
const { OFREPProvider } = load("@openfeature/ofrep-provider");

const [baseUrl, token, questions] = process.argv.slice(2);
const headers = token ? [["Authorization", `Bearer ${token}`]] : [];
await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }));
const client = OpenFeature.getClient();
const ask = {
  boolean: (q) => client.getBooleanDetails(q.key, q.fallback, q.context),
  string: (q) => client.getStringDetails(q.key, q.fallback, q.context),
  number: (q) => client.getNumberDetails(q.key, q.fallback, q.context),
  object: (q) => client.getObjectDetails(q.key, q.fallback, q.context),
};
const answers = [];
for (const question of JSON.parse(questions)) {
  const { value, reason, variant, errorCode, errorMessage } = await ask[typeof question.fallback](question);
  answers.push({ value, reason, variant, errorCode, errorMessage });
}
console.log(JSON.stringify(answers));
await OpenFeature.close();
