import { type ByteReader, varint } from "./bytes.js";
import type { EpochStart } from "./leader-epochs.js";

/** How far the first one lies below the position, and above it (one of them is 0), and its epoch; then differences of offsets and epochs. */
export const encodeEpochs = (starts: readonly EpochStart[], position: number): number[] => {
  const out: number[] = [];
  const [first, ...others] = starts;
  if (first === undefined) return out;
  varint(out, Math.max(0, position - first.offset));
  varint(out, Math.max(0, first.offset - position));
  varint(out, first.epoch);
  let before = first;
  for (const start of others) {
    varint(out, start.offset - before.offset);
    varint(out, start.epoch - before.epoch);
    before = start;
  }
  return out;
};

/** Undefined where it cannot be read. */
export const decodeEpochs = (reader: ByteReader, position: number): EpochStart[] | undefined => {
  let offset = position - reader.varint() + reader.varint();
  let epoch = reader.varint();
  const starts: EpochStart[] = [{ epoch, offset }];
  while (!reader.done && !reader.overrun) {
    const [offsets, epochs] = [reader.varint(), reader.varint()];
    offset += offsets;
    epoch += epochs;
    if (epochs === 0) return undefined;
    starts.push({ epoch, offset });
  }
  const isWhole = !reader.overrun && offset >= 0 && Number.isSafeInteger(offset) && epoch <= EPOCH_MAX;
  return isWhole && (starts[0] as EpochStart).offset >= 0 ? starts : undefined;
};

/** An int32. */
const EPOCH_MAX = 0x7fffffff;
