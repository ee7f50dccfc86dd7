// Validates an AsyncAPI document by AsyncAPI's own parser, the files it refers to included; prints what is wrong.
const { Parser, fromFile } = require("@asyncapi/parser");

const WORDS = ["error", "warning", "information", "hint"];

async function main(path) {
  const { diagnostics } = await fromFile(new Parser(), path).parse();
  for (const { severity, path: place, message } of diagnostics) {
    console.error(`${WORDS[severity]}: ${place.join(".")}: ${message}`);
  }
  process.exit(diagnostics.some(({ severity }) => severity <= 1) ? 1 : 0);
}

main(process.argv[2]);
