import type { Happening } from "./scenario.js";

/** What can go wrong in a world, and how often beside each other. Records are always produced. */
export interface Weather {
  readonly name: string;
  /** What holds, as the title of its test. */
  readonly claim: string;
  readonly happenings: Readonly<Partial<Record<Happening["kind"], number>>>;
  /** The server may have a mail without saying so. */
  readonly ambiguous: boolean;
  /** It may fall silent, for so long that mails are presumed to have come. */
  readonly silent?: boolean;
  /** Rebalances may take partitions away from members that stay. */
  readonly claimsLost: boolean;
  /** Buffers of a few alerts, bursts of many. */
  readonly few: boolean;
  /** Only one device, and the dead-letter topic, have trouble. */
  readonly apart: boolean;
  /** One mailbox is full for long; the SMTP server has no other trouble. */
  readonly mailbox?: boolean;
  /** The SMTP server limits recipients and connections, is slow, and refuses us for a while; it refuses no mail. */
  readonly manners?: boolean;
  /** Fetches bring alerts of nearly a megabyte: to take one takes longer than the session. */
  readonly slow?: boolean;
}

const CALM = { ambiguous: false, claimsLost: false, few: false, apart: false };

export const WEATHERS: readonly Weather[] = [
  {
    ...CALM,
    name: "failing",
    claim: "while the SMTP server, commits and dead letters fail, nothing is lost, reordered or mailed twice",
    happenings: { smtp: 3, broker: 2 },
  },
  {
    ...CALM,
    name: "apart",
    claim: "a device whose mails fail, and dead letters that cannot be written, delay no other device",
    happenings: { smtp: 2, broker: 1 },
    apart: true,
  },
  {
    ...CALM,
    name: "mailbox",
    claim:
      "a mailbox that is full for long, over rebalances and crashes, delays nobody else; everybody gets every alert or is in its dead letter, in order and once",
    happenings: { smtp: 3, rebalance: 1, crash: 0.7, join: 0.7 },
    claimsLost: true,
    mailbox: true,
  },
  {
    ...CALM,
    name: "manners",
    claim:
      "a server that limits recipients and connections, is slow, or refuses us for a while, gets every mail in the end: none is given up for it",
    happenings: { smtp: 4, rebalance: 1, join: 0.7, leave: 0.5 },
    claimsLost: true,
    manners: true,
  },
  {
    ...CALM,
    name: "full",
    claim: "buffers that are full pause reading, and nothing is lost or mailed twice",
    happenings: { smtp: 3, broker: 1 },
    few: true,
  },
  {
    ...CALM,
    name: "kept",
    claim: "rebalances that leave a process its partitions repeat no mail",
    happenings: { smtp: 3, broker: 2, rebalance: 3 },
  },
  {
    ...CALM,
    name: "moved",
    claim: "partitions that move, with mails in flight, repeat none of them while the broker answers",
    happenings: { smtp: 3, rebalance: 2, join: 1, leave: 1 },
    claimsLost: true,
  },
  {
    ...CALM,
    name: "moved-failing",
    claim: "partitions that move while commits fail are repeated at most by what was in flight or unconfirmed",
    happenings: { smtp: 3, broker: 3, rebalance: 2, join: 1, leave: 1 },
    claimsLost: true,
    ambiguous: true,
  },
  {
    ...CALM,
    name: "crashes",
    claim: "processes that die at any step lose nothing, keep every device's order, and repeat only what was exposed",
    happenings: { smtp: 3, broker: 1, crash: 2, join: 0.5 },
    ambiguous: true,
    silent: true,
  },
  {
    ...CALM,
    name: "frozen",
    claim:
      "processes that are frozen or cut off, shorter and longer than their session, do not mail from stale windows",
    happenings: { smtp: 2, freeze: 2, cut: 2, join: 1 },
  },
  {
    ...CALM,
    name: "transactions",
    claim:
      "an open transaction holds up nothing but what lies behind it in its partition, and all of that comes into its own windows",
    happenings: { transaction: 3, smtp: 2, crash: 1, join: 0.5, rebalance: 1 },
    ambiguous: true,
    silent: true,
  },
  {
    ...CALM,
    name: "unclean",
    claim:
      "logs that lose their ends, also read ones, and are filled again: nothing that is left in them or comes after is lost",
    happenings: { smtp: 1, "lose-end": 3, crash: 0.5, rebalance: 0.5, join: 0.3 },
  },
  {
    ...CALM,
    name: "mirrored",
    claim:
      "a group that goes on in a mirror, at translated offsets and with the metadata of before, mails every alert that is in no mail",
    happenings: { smtp: 3, mirror: 1, crash: 0.5, join: 0.3 },
    ambiguous: true,
    silent: true,
  },
  {
    ...CALM,
    name: "slow",
    claim:
      "a batch slower than the session puts no member out of its group, over rebalances and crashes, and nothing is lost or mailed twice",
    happenings: { smtp: 2, rebalance: 1.5, join: 1, leave: 0.5, crash: 0.3 },
    claimsLost: true,
    ambiguous: true,
    slow: true,
  },
  {
    name: "all",
    claim: "all of it at once",
    happenings: { smtp: 4, broker: 3, crash: 1, freeze: 1, cut: 1, join: 1, leave: 1, rebalance: 2, transaction: 1 },
    ambiguous: true,
    silent: true,
    claimsLost: true,
    few: false,
    apart: false,
  },
];

export const weatherNamed = (name: string): Weather => {
  const weather = WEATHERS.find((each) => each.name === name);
  if (weather === undefined)
    throw new Error(`no weather ${name}; there are ${WEATHERS.map((each) => each.name).join(", ")}`);
  return weather;
};
