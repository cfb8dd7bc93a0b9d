// node check.mjs FILE...: judges state machines written in YAML. Says what is wrong on stderr, and exits 1 if anything is.
//
// AWS's own language service knows JSONata and the targets of transitions; asl-validator has another schema and finds
// more of what is unreachable. Neither looks into expressions: for that the state machines are run (tests/workflows).
import { readFileSync } from "node:fs";
import asl from "amazon-states-language-service";
import validate from "asl-validator";
import { parse } from "yaml";

const service = asl.getLanguageService({});

async function faults(file) {
  const definition = parse(readFileSync(file, "utf8"));
  const text = JSON.stringify(definition, null, 2);
  const document = asl.TextDocument.create(`file:///${file}.json`, "asl", 1, text);
  const found = await service.doValidation(document, service.parseJSONDocument(document));
  return [
    ...found.map((one) => `${one.message}: ${document.getText(one.range).slice(0, 80)}`),
    ...validate(definition).errors.map((one) => `${one["Error code"]}: ${one.Message}`),
  ];
}

let failed = false;
for (const file of process.argv.slice(2)) {
  for (const fault of await faults(file)) {
    failed = true;
    console.error(`${file}: ${fault}`);
  }
}
process.exit(failed ? 1 : 0);
