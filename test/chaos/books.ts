/**
 * The books of one phase, kept per alert. Pure. What was produced is read back from the log itself, so an alert that a producer's retry wrote twice is
 * expected twice; what came out is what the mail server took and what the dead-letter topic holds.
 */

export interface AlertInLog {
  readonly alertId: string;
  readonly deviceId: string;
  readonly partition: number;
  readonly offset: number;
}

/** A mail the server took, in the order it took them. */
export interface AcceptedMail {
  readonly messageId: string;
  readonly deviceId: string;
  readonly alertIds: readonly string[];
}

export interface Ledger {
  readonly alerts: readonly AlertInLog[];
  /** Offsets of records that cannot be read, `partition/offset`. */
  readonly badRecords: readonly string[];
  /** Alert IDs whose write the broker had acknowledged. */
  readonly acknowledged: readonly string[];
  readonly mails: readonly AcceptedMail[];
  /** Alert IDs in dead letters, and `partition/offset` of unreadable records there. */
  readonly deadLetterAlerts: readonly string[];
  readonly deadLetterRecords: readonly string[];
}

export interface Account {
  readonly alerts: number;
  readonly mails: number;
  readonly deadLetters: number;
  /** In the log, in no accepted mail and no dead letter. */
  readonly lost: readonly string[];
  /** In more accepted mails than log records. */
  readonly repeated: readonly string[];
  /** Of these: those all of whose mails bear one Message-ID, so that a reader can tell. */
  readonly repeatedSameId: number;
  /** Mails that brought nothing new. */
  readonly repeatedMails: number;
  /** Devices one of whose alerts came, for the first time, after a later one of theirs. */
  readonly outOfOrder: readonly string[];
  /** Acknowledged by the broker, not in the log: the broker's loss, which says nothing of the product. */
  readonly lostByBroker: readonly string[];
  /** In a mail, never produced. */
  readonly unknown: readonly string[];
}

export function account(ledger: Ledger): Account {
  const inLog = new Map<string, AlertInLog[]>();
  for (const alert of ledger.alerts) push(inLog, alert.alertId, alert);
  const holders = new Map<string, AcceptedMail[]>();
  for (const mail of ledger.mails) for (const id of mail.alertIds) push(holders, id, mail);
  const deadAlerts = new Set(ledger.deadLetterAlerts);
  const deadRecords = new Set(ledger.deadLetterRecords);

  const lost = [...inLog.keys()].filter((id) => !holders.has(id) && !deadAlerts.has(id));
  const repeated = [...holders].filter(([id, mails]) => mails.length > (inLog.get(id)?.length ?? 1));
  return {
    alerts: ledger.alerts.length,
    mails: ledger.mails.length,
    deadLetters: ledger.deadLetterAlerts.length + ledger.deadLetterRecords.length,
    lost: [...lost, ...ledger.badRecords.filter((place) => !deadRecords.has(place))],
    repeated: repeated.map(([id]) => id),
    repeatedSameId: repeated.filter(([, mails]) => new Set(mails.map(({ messageId }) => messageId)).size === 1).length,
    repeatedMails: repeatedMails(ledger.mails, inLog),
    outOfOrder: outOfOrder(ledger.mails, inLog),
    lostByBroker: ledger.acknowledged.filter((id) => !inLog.has(id)),
    unknown: [...holders.keys()].filter((id) => !inLog.has(id)),
  };
}

function repeatedMails(mails: readonly AcceptedMail[], inLog: ReadonlyMap<string, readonly AlertInLog[]>): number {
  const seen = new Map<string, number>();
  let count = 0;
  for (const { alertIds } of mails) {
    const isRepeat = (id: string): boolean => (seen.get(id) ?? 0) >= (inLog.get(id)?.length ?? 1);
    if (alertIds.length > 0 && alertIds.every(isRepeat)) count++;
    for (const id of alertIds) seen.set(id, (seen.get(id) ?? 0) + 1);
  }
  return count;
}

/** Looks at first appearances: a repeat of an older mail is a repeat, not a disorder. */
function outOfOrder(mails: readonly AcceptedMail[], inLog: ReadonlyMap<string, readonly AlertInLog[]>): string[] {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  const found = new Set<string>();
  for (const { deviceId, alertIds } of mails) {
    for (const id of alertIds) {
      const alert = inLog.get(id)?.[0];
      if (alert === undefined || seen.has(id)) continue;
      seen.add(id);
      const key = `${alert.partition} ${deviceId}`;
      if (alert.offset < (last.get(key) ?? -1)) found.add(deviceId);
      last.set(key, Math.max(alert.offset, last.get(key) ?? -1));
    }
  }
  return [...found];
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
