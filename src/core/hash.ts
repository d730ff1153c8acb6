/** cyrb53, a mixing hash: two rounds of 32 bits, of which 53 fit a number. */
export const hash53 = (text: string): number => {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (low & 0x1fffff) * 2 ** 32 + (high >>> 0);
};

/** FNV-1a of bytes from `from` to `to`, its bits mixed once more: 32 bits, signed. */
export const hash32 = (bytes: Uint8Array, from = 0, to = bytes.length): number => {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) ^ (hash >>> 12);
};

/** Another one of the same bytes, of 16 bits: both together tell bytes apart that one alone would not. */
export const hash16 = (bytes: Uint8Array, from = 0, to = bytes.length): number => {
  let hash = 0x41c6ce57;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 1597334677);
  return (hash ^ (hash >>> 16)) & 0xffff;
};
