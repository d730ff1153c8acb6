import { createUnzip, unzip } from "node:zlib";
import type { Unpacker } from "./unpacker.js";

/** Node.js unpacks it in a thread. */
export const gzip: Unpacker = {
  whole(data, maxBytes) {
    // What the last member says of itself, modulo 2^32 (RFC 1952, 2.3.1). It may lie: the limit below holds all the same.
    if (data.length >= 18 && data.readUInt32LE(data.length - 4) > maxBytes) return undefined;
    return new Promise((resolve, reject) => {
      unzip(data, { maxOutputLength: Math.min(Math.max(1, maxBytes), OUTPUT_MAX_BYTES) }, (error, unpacked) => {
        if (error === null) resolve(unpacked);
        else if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") resolve(undefined);
        else reject(error);
      });
    });
  },

  pieces(data) {
    const stream = createUnzip({ chunkSize: PIECE_BYTES });
    stream.end(data);
    return stream as AsyncIterable<Uint8Array>;
  },
};

/** That Node.js takes. */
const OUTPUT_MAX_BYTES = 2 ** 32 - 1;
const PIECE_BYTES = 128 * 1024;
