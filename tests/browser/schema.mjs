// Holds JSON against a schema: `node schema.mjs SCHEMA_FILE [--each] < answer.json`. Exit 1 with every error that is found.
//
// `--each` validates every element of an array. The schema itself is read strictly: a keyword that is not known is an error.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// scripts/setup.sh puts the packages into the cache.
const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
const load = createRequire(join(process.env.TB_TEST_NODE || join(cache, "the-block", "node"), "package.json"));
const Ajv = load("ajv").default;
const addFormats = load("ajv-formats").default;

const MOST_ERRORS = 20;

const fail = (...lines) => {
  console.error(lines.join("\n"));
  process.exit(1);
};

const read = (what, text) => {
  try {
    return JSON.parse(text);
  } catch (error) {
    return fail(`${what} is not JSON: ${error.message}`);
  }
};

const [file, each] = process.argv.slice(2);
if (!file || (each !== undefined && each !== "--each")) fail("usage: node schema.mjs SCHEMA_FILE [--each] < answer.json");
const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true });
addFormats(ajv);
const validate = ajv.compile(read(file, readFileSync(file, "utf8")));
const answer = read("the input", readFileSync(0, "utf8"));
if (each && !Array.isArray(answer)) fail("the input is not an array");

const wrong = (each ? answer : [answer]).flatMap((document, index) => {
  if (validate(document)) return [];
  const place = each ? `[${index}]` : "";
  const extra = (params) => params.additionalProperty ?? params.allowedValues ?? params.allowedValue;
  return validate.errors.map(({ instancePath, message, params }) => {
    const what = extra(params) === undefined ? "" : `: ${JSON.stringify(extra(params))}`;
    return `${place}${instancePath || "/"} ${message}${what}`;
  });
});
if (wrong.length > 0) fail(`${wrong.length} errors`, ...wrong.slice(0, MOST_ERRORS));
