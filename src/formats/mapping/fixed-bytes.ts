/** Bytes that stand in many records: compared eight at once. */
export class FixedBytes {
  readonly length: number;
  /** The last eight may overlap those before them. No text in JSON has eight zero bytes: two numbers that are equal are the same bytes. */
  readonly #eights: Float64Array;
  /** Where there are less than eight. */
  readonly #bytes: Uint8Array;

  constructor(bytes: Buffer) {
    const { length } = bytes;
    this.length = length;
    this.#eights = Float64Array.from({ length: length < 8 ? 0 : Math.ceil(length / 8) }, (_, index) =>
      bytes.readDoubleLE(Math.min(index * 8, length - 8)),
    );
    this.#bytes = Uint8Array.from(bytes.subarray(0, length < 8 ? length : 0));
  }

  standsAt(view: DataView, at: number): boolean {
    const { length } = this;
    if (at + length > view.byteLength) return false;
    const eights = this.#eights;
    const last = eights.length - 1;
    for (let i = 0; i < last; i++) if (view.getFloat64(at + i * 8, true) !== eights[i]) return false;
    if (last >= 0) return view.getFloat64(at + length - 8, true) === eights[last];
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) if (view.getUint8(at + i) !== bytes[i]) return false;
    return true;
  }
}
