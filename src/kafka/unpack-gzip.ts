import { createUnzip, unzip } from "node:zlib";
import type { Unpacker } from "./unpacker.js";

/** Node.js unpacks it in a thread. */
export const gzip: Unpacker = {
  whole(data, maxBytes) {
    // What the last member says of itself, modulo 2^32 (RFC 1952, 2.3.1). It may lie: the limit below holds all the same.
    const told = data.length >= 18 ? data.readUInt32LE(data.length - 4) : 0;
    if (told > maxBytes) return undefined;
    const options = {
      maxOutputLength: Math.min(Math.max(1, maxBytes), OUTPUT_MAX_BYTES),
      // In one piece, with a byte left over: many small ones cost a call each, and then all are copied while nothing else runs.
      chunkSize: Math.max(CHUNK_BYTES_MIN, Math.min(told, DEFLATE_RATIO_MAX * data.length) + 1),
    };
    return new Promise((resolve, reject) => {
      unzip(data, options, (error, unpacked) => {
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
/** As Node.js has it by default. */
const CHUNK_BYTES_MIN = 16 * 1024;
/** Deflate makes no more of a byte. */
const DEFLATE_RATIO_MAX = 1_032;
