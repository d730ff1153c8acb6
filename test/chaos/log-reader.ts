/** Whole topics, read for the books. */

import { readTopic } from "../support/read-topic.js";
import type { AlertInLog, Ledger } from "./books.js";
import { ALERT_ID, BAD_HEADER } from "./traffic.js";

export async function readLog(brokers: string, topic: string): Promise<Pick<Ledger, "alerts" | "badRecords">> {
  const alerts: AlertInLog[] = [];
  const badRecords: string[] = [];
  for (const { partition, offset, value, headers } of await readTopic(brokers, topic)) {
    if (headers.has(BAD_HEADER)) badRecords.push(`${partition}/${offset}`);
    else if (value !== null) {
      const { alertId, deviceId } = JSON.parse(value.toString()) as { alertId: string; deviceId: string };
      alerts.push({ alertId, deviceId, partition, offset });
    }
  }
  return { alerts, badRecords };
}

export async function readDeadLetters(
  brokers: string,
  topic: string,
): Promise<Pick<Ledger, "deadLetterAlerts" | "deadLetterRecords">> {
  const deadLetterAlerts: string[] = [];
  const deadLetterRecords: string[] = [];
  for (const { value, headers } of await readTopic(brokers, topic)) {
    if (headers.get("dead-letter.kind") === "record") {
      deadLetterRecords.push(`${headers.get("dead-letter.partition")}/${headers.get("dead-letter.offset")}`);
    } else deadLetterAlerts.push(...new Set(String(value).match(ALERT_ID) ?? []));
  }
  return { deadLetterAlerts, deadLetterRecords };
}
