import { type DeviceHashes, type Fault, FIRES } from "./fault.js";
import { type FaultTable, NO_FAULT } from "./fault-table.js";

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

export interface FaultyDevice extends DeviceHashes {
  readonly isFull: boolean;
  readonly faults: readonly FaultFact[];
}

export type FaultFact = Pick<Fault, "type" | "began" | "from" | "heard" | "worst"> & {
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
    const fault = table.get(id);
    const { hash, more } = fault;
    const key = hash * 2 ** 16 + more;
    const device = devices.get(key) ?? { hash, more, isFull, faults: [] };
    device.faults.push(isPast ? overBefore(fault, frontier) : factOf(fault, frontier));
    devices.set(key, device);
  }
  // Whoever reads it hears of them in this order: what is heard of last comes last.
  for (const { faults } of devices.values()) faults.reverse();
  return { devices: [...devices.values()].reverse(), isCut };
};

const factOf = ({ type, began, from, last, overAt, heard, worst }: Fault, frontier: number): FaultFact => {
  const to = overAt === FIRES ? undefined : last;
  return { type, began, from: Math.max(from, frontier), to, heard, worst };
};

/** Nobody asks for it: that it is over is all. */
const overBefore = ({ type, heard, worst }: Fault, frontier: number): FaultFact => {
  return { type, began: undefined, from: frontier, to: frontier, heard, worst };
};
