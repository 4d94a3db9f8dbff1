/** The net in a Worker. */

import { golden } from "./golden.js";

addEventListener("message", ({ data: { bytes, tokens } }) => postMessage(golden(bytes, tokens)));
