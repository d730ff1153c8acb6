/** Devices as they should be, and when each of their alerts was mailed. */

import { seededRandom } from "#tools/simulator/random.js";
import { type Account, type AlertInLog, account } from "../chaos/books.js";
import type { Sink } from "../chaos/sink.js";
import { startTraffic, type Traffic } from "../chaos/traffic.js";
import type { Figures } from "./figures.js";
import type { AbuseOptions } from "./options.js";
import { nameOf, ORDINARY, type World } from "./world.js";

export interface Ordinary {
  readonly traffic: Traffic;
  /** Of what was mailed to their reader. */
  account(sink: Sink): Account;
}

export async function startOrdinary(
  options: AbuseOptions,
  { setup, sink, figures, signal }: World & { readonly figures: Figures; readonly signal: AbortSignal },
): Promise<Ordinary> {
  const alerts: AlertInLog[] = [];
  const traffic = await startTraffic({
    ...{ brokers: setup.brokers, topic: setup.topic, devices: options.devices, rate: options.rate },
    ...{ badRecords: false, random: seededRandom(options.seed + 1), signal },
    onMade: ({ alertId, deviceId, madeMs }) => {
      figures.made(alertId, madeMs);
      // Serials ascend as offsets do, and a device has one partition.
      alerts.push({ alertId, deviceId, partition: 0, offset: alerts.length });
    },
  });
  sink.begin((alertId, atMs) => {
    traffic.settled(alertId);
    figures.mailed(alertId, atMs);
  });
  return {
    traffic,
    account: ({ mails }) =>
      account({
        ...{ alerts, acknowledged: traffic.acknowledged },
        mails: mails.filter(({ to }) => nameOf(to[0]) === ORDINARY),
        ...{ badRecords: [], deadLetterAlerts: [], deadLetterRecords: [] },
      }),
  };
}
