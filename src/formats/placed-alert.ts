import { isOfThatDayIn } from "../core/alert.js";
import { typeWord } from "../core/faults.js";
import { hash32 } from "../core/hash.js";
import type { WrittenBytes } from "../core/partition-types.js";
import { MAX_TYPE_CHARS } from "../core/window.js";
import type { DecodedAlert, RepairedField } from "../runtime/ports.js";

export const NO_REPAIRS: readonly RepairedField[] = [];

/** Where a text begins that an alert does not have. */
export const NO_PLACE = -1;

/** What an own form says, by where it stands. Nothing is made of its bytes before somebody asks, and of most alerts nobody does: the core copies what it keeps. */
export class PlacedAlert implements DecodedAlert, WrittenBytes {
  readonly kind = "alert";
  readonly device: WrittenBytes;
  readonly severity: DecodedAlert["severity"];
  readonly status: DecodedAlert["status"];
  readonly repairs: DecodedAlert["repairs"];
  readonly memory: Uint8Array;
  /** Of what is kept. */
  readonly from: number;
  readonly to: number;
  readonly #wholeFrom: number;
  readonly #typeFrom: number;
  readonly #typeTo: number;
  readonly #occurredFrom: number;
  readonly #occurredTo: number;

  /**
   * Places are places in `memory`; texts stand between their quotes, and have no escapes. The whole form ends where what is kept of it ends, and may begin
   * before it.
   */
  constructor(
    device: WrittenBytes,
    severity: DecodedAlert["severity"],
    status: DecodedAlert["status"],
    repairs: DecodedAlert["repairs"],
    memory: Uint8Array,
    wholeFrom: number,
    from: number,
    to: number,
    typeFrom: number,
    typeTo: number,
    occurredFrom: number,
    occurredTo: number,
  ) {
    this.device = device;
    this.severity = severity;
    this.status = status;
    this.repairs = repairs;
    this.memory = memory;
    this.#wholeFrom = wholeFrom;
    this.from = from;
    this.to = to;
    this.#typeFrom = typeFrom;
    this.#typeTo = typeTo;
    this.#occurredFrom = occurredFrom;
    this.#occurredTo = occurredTo;
  }

  get written(): WrittenBytes {
    return this;
  }

  get bytes(): Buffer {
    return this.#part(this.#wholeFrom, this.to);
  }

  get deviceId(): string {
    const { memory, from, to } = this.device;
    return Buffer.from(memory.buffer, memory.byteOffset + from, to - from).toString();
  }

  get type(): string | undefined {
    return this.#typeFrom === NO_PLACE ? undefined : this.#part(this.#typeFrom, this.#typeTo).toString();
  }

  get typeWord(): number {
    const from = this.#typeFrom;
    if (from === NO_PLACE) return NO_TYPE;
    // A longer one may be cut where it is counted.
    const isShort = this.#typeTo - from <= MAX_TYPE_CHARS;
    return isShort ? hash32(this.memory, from, this.#typeTo) : typeWord(this.type);
  }

  isOfThatDay(eventTimeMs: number): boolean {
    const from = this.#occurredFrom;
    return from === NO_PLACE || isOfThatDayIn(this.memory, from, this.#occurredTo, eventTimeMs);
  }

  get occurredAt(): string | undefined {
    const from = this.#occurredFrom;
    return from === NO_PLACE ? undefined : this.#part(from, this.#occurredTo).toString("latin1");
  }

  #part(from: number, to: number): Buffer {
    const { buffer, byteOffset } = this.memory;
    return Buffer.from(buffer, byteOffset + from, to - from);
  }
}

const NO_TYPE = typeWord(undefined);
