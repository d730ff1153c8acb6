/**
 * KafkaJS, with a decoder of fetches that is not its own. The one place that loads it: its consumer holds on to its class of a batch when it is
 * loaded, so that the other one has to be there before.
 */

import { createRequire } from "node:module";
import { FetchedBatch } from "./fetched-batch.js";

const require = createRequire(import.meta.url);
const batchModule = require.resolve("kafkajs/src/consumer/batch.js");
require(batchModule);
const loaded = require.cache[batchModule];
if (loaded !== undefined) loaded.exports = FetchedBatch;

export const kafkajs = require("kafkajs") as typeof import("kafkajs");
