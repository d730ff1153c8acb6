/** Files that others write and that are read whole. One without an end, such as a device, must not hang or fill the process. */

import { closeSync, constants, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";

/** Of a file with settings: a template, a certificate, routes. */
const SETTINGS_BYTES_MAX = 16 * 1024 * 1024;

export class FileTooLarge extends Error {
  override readonly name = "FileTooLarge";
  readonly code = "EFBIG";

  constructor(bytesMax: number) {
    super(`it has more than ${sizeOf(bytesMax)}, or no end`);
  }
}

/**
 * As text, without a byte order mark: UTF-8, or UTF-16 where the mark says so. Throws `FileTooLarge`, or the system's error; a pipe is waited for, as a
 * shell's `<(command)` needs it.
 */
export const readBoundedSync = (path: string, bytesMax = SETTINGS_BYTES_MAX): string => {
  const file = openSync(path, "r");
  try {
    const read = new Bytes(bytesMax);
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const bytes = readSync(file, chunk);
      if (bytes === 0) return read.text();
      read.add(chunk.subarray(0, bytes));
    }
  } finally {
    closeSync(file);
  }
};

/** The same. Rejects with `FileTooLarge`, or with the system's error; a pipe that nobody writes to is empty. */
export const readBounded = async (path: string, bytesMax = SETTINGS_BYTES_MAX): Promise<string> => {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const read = new Bytes(bytesMax);
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES);
      if (bytesRead === 0) return read.text();
      read.add(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
};

class Bytes {
  readonly #max: number;
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > this.#max) throw new FileTooLarge(this.#max);
    this.#chunks.push(chunk);
  }

  /** The decoder drops the mark itself. */
  text(): string {
    const bytes = Buffer.concat(this.#chunks);
    return new TextDecoder(encodingOf(bytes)).decode(bytes);
  }
}

/** By the byte order mark: PowerShell and editors of Windows write one, and UTF-16 too. */
const encodingOf = ([first, second]: Buffer): string => {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
};

const CHUNK_BYTES = 64 * 1024;

const sizeOf = (bytes: number): string => (bytes < 1024 * 1024 ? `${bytes / 1024} KiB` : `${bytes / 1024 / 1024} MiB`);
