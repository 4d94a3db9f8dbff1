// An adapter for the rnnspec conformance suite (SPEC.md, section 17.1): a skeleton to fill in.
//
// It reads one JSON object a line and answers each with one line. Only `start` and `stop` are done; all else is
// answered with `skipped`. Print nothing else on standard output: console.error is for your own words.

import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

const GREETING = {
    name: "my-runtime", // of your runtime
    version: "0.0.1",
    language: "JavaScript",
    formats: ["1.0-draft.3"], // versions of the format that you read
    classes: ["player"], // player, validator, or complete: SPEC.md, 17.2
    levels: ["exact"],
    features: [], // what you can do so far: begin with json and dense
};

/** {result}, {error: {code}} or {skipped: {feature}} for a request. */
function answer(request) {
    switch (request.command) {
        case "start":
            return { result: GREETING };
        case "stop":
            return { result: {} };
        // case "validate": {
        //     const document = Buffer.from(request.document, "base64");
        //     … the findings of your reader; a player answers an error, or { findings: [] }
        // }
        // case "run":
        //     … request.chunks -> { result: { chunks: [{ output, state }] } }
        default:
            // The suite asks only for declared features, and a declared feature must not be skipped.
            return { skipped: { feature: request.command } };
    }
}

for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    // writeSync and not console.log: a pipe takes console.log later, and exit would lose it.
    writeSync(1, `${JSON.stringify({ seq: request.seq, ...answer(request) })}\n`);
    if (request.command === "stop") process.exit(0); // the open input would keep us alive
}
