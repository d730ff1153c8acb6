/** What a checkpoint says of the faults of a partition: which devices' types fire, as facts and as a section of its bytes. */

import { SEVERITIES, type Severity } from "./alert.js";
import { type ByteReader, fixed, varint } from "./checkpoint-bytes.js";
import { type DeviceHashes, type Fault, FIRES } from "./fault.js";
import { type FaultTable, NO_FAULT } from "./fault-table.js";

/**
 * How far it is counted above the position, the highest event time, how long before it this is complete (+ 1; 0: always); the types, by their words of 4
 * bytes; then the devices, those heard of last first: 6 bytes, how many faults and whether it is full, and each fault (`addFault`). A device with one fault
 * takes about a dozen bytes. All other numbers are varints.
 *
 * Devices that do not fit into `room` are left out, from the end. Of them nothing is known then, nor of any other that is not here.
 */
export const encodeFaults = (facts: FaultFacts, position: number, room: number): number[] => {
  const { upTo, heardTo, completeFrom } = facts;
  const start: number[] = [];
  varint(start, upTo - position);
  varint(start, heardTo);
  const types = new Map<number, number>();
  const body: number[] = [];
  let isCut = false;
  for (const device of facts.devices.toReversed()) {
    const kept = body.length;
    const known = types.size;
    addDevice(body, device, types, { position, heardTo });
    const size = start.length + HEAD_BYTES + types.size * TYPE_BYTES + body.length;
    isCut = size > room;
    if (!isCut) continue;
    body.length = kept;
    for (const type of [...types.keys()].slice(known)) types.delete(type);
    break;
  }
  varint(start, isCut ? 1 : completeFrom === undefined ? 0 : heardTo - completeFrom + 1);
  varint(start, types.size);
  for (const type of types.keys()) fixed(start, type >>> 0, TYPE_BYTES);
  return start.length + body.length <= room ? [...start, ...body] : [];
};

/** Undefined when it is not whole: then nothing is known. */
export const decodeFaults = (reader: ByteReader, position: number): FaultFacts | undefined => {
  const upTo = position + reader.varint();
  const heardTo = reader.varint();
  const complete = reader.varint();
  const types: number[] = [];
  for (let left = reader.varint(); left > 0 && !reader.overrun; left--) types.push(reader.fixed(TYPE_BYTES) | 0);
  const devices: FaultyDevice[] = [];
  while (!reader.done && !reader.overrun) {
    const [hash, more] = [reader.fixed(4) | 0, reader.fixed(2)];
    const head = reader.varint();
    const faults: FaultFact[] = [];
    for (let left = Math.floor(head / 2); left > 0 && !reader.overrun; left--) {
      const fault = faultOf(reader, types, { position, heardTo });
      if (fault === undefined) return undefined;
      faults.push(fault);
    }
    devices.push({ hash, more, isFull: head % 2 === 1, faults });
  }
  if (reader.overrun || !Number.isSafeInteger(upTo)) return undefined;
  return {
    upTo,
    heardTo,
    completeFrom: complete === 0 ? undefined : heardTo - complete + 1,
    devices: devices.reverse(),
  };
};

interface Origin {
  readonly position: number;
  readonly heardTo: number;
}

const addDevice = (
  out: number[],
  { hash, more, isFull, faults }: FaultyDevice,
  types: Map<number, number>,
  origin: Origin,
): void => {
  fixed(out, hash >>> 0, 4);
  fixed(out, more, 2);
  varint(out, faults.length * 2 + Number(isFull));
  for (const fault of faults) {
    if (!types.has(fault.type)) types.set(fault.type, types.size);
    addFault(out, fault, types.get(fault.type) as number, origin);
  }
};

/** Its type's number, its severity and what is there of it; how long before the highest time it was heard; from where on; when it began; to where. */
const addFault = (
  out: number[],
  { began, from, to, heard, worst }: FaultFact,
  type: number,
  { position, heardTo }: Origin,
): void => {
  const flags = (began === undefined ? 0 : HAS_BEGAN) + (to === undefined ? 0 : IS_OVER);
  varint(out, type * FLAGS + flags + SEVERITIES.indexOf(worst));
  varint(out, heardTo - heard);
  varint(out, from - position);
  // A device's clock may be ahead.
  if (began !== undefined) varint(out, began <= heard ? (heard - began) * 2 : (began - heard) * 2 - 1);
  if (to !== undefined) varint(out, to - from);
};

const faultOf = (
  reader: ByteReader,
  types: readonly number[],
  { position, heardTo }: Origin,
): FaultFact | undefined => {
  const head = reader.varint();
  const type = types[Math.floor(head / FLAGS)];
  const worst: Severity | undefined = SEVERITIES[head % HAS_BEGAN];
  const heard = heardTo - reader.varint();
  const from = position + reader.varint();
  let began: number | undefined;
  if (head & HAS_BEGAN) {
    const distance = reader.varint();
    began = distance % 2 === 0 ? heard - distance / 2 : heard + (distance + 1) / 2;
  }
  const to = head & IS_OVER ? from + reader.varint() : undefined;
  if (type === undefined || worst === undefined) return undefined;
  return Number.isSafeInteger(to ?? from) ? { type, began, from, to, heard, worst } : undefined;
};

const TYPE_BYTES = 4;
/** How long it is complete, and how many types there are. */
const HEAD_BYTES = 8;
/** Of a fault; below them its severity. */
const HAS_BEGAN = 4;
const IS_OVER = 8;
const FLAGS = 16;

/** What a checkpoint says of the faults of a partition. Times in whole seconds since 1970. */
export interface FaultFacts {
  /** Every alert below this offset is counted in it, and none above. */
  readonly upTo: number;
  /** The highest event time of them. */
  readonly heardTo: number;
  /** What is not here was not heard firing after this. Undefined: it was never heard firing. */
  readonly completeFrom: number | undefined;
  readonly devices: readonly FaultyDevice[];
}

interface FaultyDevice extends DeviceHashes {
  readonly isFull: boolean;
  readonly faults: readonly FaultFact[];
}

type FaultFact = Pick<Fault, "type" | "began" | "from" | "heard" | "worst"> & {
  /** The offset of its last alert; undefined: it fires. */
  readonly to: number | undefined;
};

/** What is told of the faults in the table: those heard of last, at most `max`. `isCut`: there are more. `frontier`: below it, nobody asks. */
export const factsOf = (
  table: FaultTable,
  frontier: number,
  max: number,
): { readonly devices: readonly FaultyDevice[]; readonly isCut: boolean } => {
  const devices = new Map<number, FaultyDevice & { readonly faults: FaultFact[] }>();
  let left = max;
  let isCut = false;
  for (let id = table.newest; id !== NO_FAULT && !isCut; id = table.olderThan(id)) {
    const isPast = table.isOver(id) && table.lastOf(id) < frontier;
    const isFull = table.isOfFull(id);
    if (isPast && !isFull) continue;
    isCut = left-- === 0;
    if (isCut) break;
    const { hash, more, type, began, from, last, overAt, heard, worst } = table.get(id);
    const key = hash * 2 ** 16 + more;
    const device = devices.get(key) ?? { hash, more, isFull, faults: [] };
    device.faults.push(
      // Of one that is past nobody asks: that it is over is all.
      isPast
        ? { type, began: undefined, from: frontier, to: frontier, heard, worst }
        : { type, began, from: Math.max(from, frontier), to: overAt === FIRES ? undefined : last, heard, worst },
    );
    devices.set(key, device);
  }
  // Whoever reads it hears of them in this order: what is heard of last comes last.
  for (const { faults } of devices.values()) faults.reverse();
  return { devices: [...devices.values()].reverse(), isCut };
};
