import { isOfThatDayIn } from "../core/alert.js";
import { typeWord } from "../core/faults.js";
import { hash32 } from "../core/hash.js";
import type { WrittenBytes } from "../core/partition-types.js";
import { MAX_TYPE_CHARS } from "../core/window.js";
import type { DecodedAlert, RepairedField } from "../runtime/ports.js";

export const NO_REPAIRS: readonly RepairedField[] = [];

/** Where a text begins that an alert does not have. */
export const NO_PLACE = -1;

const NO_TYPE = typeWord(undefined);

/** What its own form says. It makes texts of its bytes each time somebody asks for them: of most alerts nobody does. */
export class ScannedAlert implements DecodedAlert, WrittenBytes {
  readonly kind = "alert";
  readonly device: Buffer;
  readonly severity: DecodedAlert["severity"];
  readonly status: DecodedAlert["status"];
  readonly repairs: readonly RepairedField[];
  readonly bytes: Buffer;
  readonly memory: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly #typeFrom: number;
  readonly #typeTo: number;
  readonly #occurredFrom: number;
  readonly #occurredTo: number;

  /**
   * Places are those of the texts in `bytes`, between their quotes; they have no escapes. `from` and `to` are places in `memory`, of what is kept without its
   * device; `from` is `NO_PLACE` where that does not stand first.
   */
  constructor(
    device: Buffer,
    severity: DecodedAlert["severity"],
    status: DecodedAlert["status"],
    repairs: readonly RepairedField[],
    bytes: Buffer,
    typeFrom: number,
    typeTo: number,
    occurredFrom: number,
    occurredTo: number,
    memory: Uint8Array,
    from: number,
    to: number,
  ) {
    this.device = device;
    this.severity = severity;
    this.status = status;
    this.repairs = repairs;
    this.bytes = bytes;
    this.#typeFrom = typeFrom;
    this.#typeTo = typeTo;
    this.#occurredFrom = occurredFrom;
    this.#occurredTo = occurredTo;
    this.memory = memory;
    this.from = from;
    this.to = to;
  }

  get written(): WrittenBytes | undefined {
    return this.from === NO_PLACE ? undefined : this;
  }

  get deviceId(): string {
    return this.device.toString();
  }

  get type(): string | undefined {
    return this.#typeFrom === NO_PLACE ? undefined : this.bytes.toString("utf8", this.#typeFrom, this.#typeTo);
  }

  get typeWord(): number {
    if (this.#typeFrom === NO_PLACE) return NO_TYPE;
    // A longer one may be cut where it is counted.
    const isShort = this.#typeTo - this.#typeFrom <= MAX_TYPE_CHARS;
    return isShort ? hash32(this.bytes, this.#typeFrom, this.#typeTo) : typeWord(this.type);
  }

  isOfThatDay(eventTimeMs: number): boolean {
    const from = this.#occurredFrom;
    return from === NO_PLACE || isOfThatDayIn(this.bytes, from, this.#occurredTo, eventTimeMs);
  }

  get occurredAt(): string | undefined {
    return this.#occurredFrom === NO_PLACE
      ? undefined
      : this.bytes.toString("latin1", this.#occurredFrom, this.#occurredTo);
  }
}
