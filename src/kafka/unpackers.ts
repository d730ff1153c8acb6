import type { Unpacker } from "./unpacker.js";

/** As the protocol numbers them. Each is loaded at the first batch that needs it. */
const LOADERS: Record<number, () => Promise<Unpacker>> = {
  1: async () => (await import("./unpack-gzip.js")).gzip,
  2: async () => (await import("./unpack-snappy.js")).loadSnappy(),
  3: async () => (await import("./unpack-lz4.js")).loadLz4(),
  4: async () => (await import("./unpack-zstd.js")).loadZstd(),
};

const loaded = new Map<number, Unpacker | Promise<Unpacker>>();

/** Throws at a codec that is not known. */
export const unpackerOf = (codec: number): Unpacker | Promise<Unpacker> => {
  const known = loaded.get(codec);
  if (known !== undefined) return known;
  const load = LOADERS[codec];
  if (load === undefined) throw new Error(`it is compressed by a codec that is not known: ${codec}`);
  const loading = load().then((unpacker) => {
    loaded.set(codec, unpacker);
    return unpacker;
  });
  loaded.set(codec, loading);
  return loading;
};
