import type { Clock } from "../../runtime/clock.js";
import type { Logger } from "../../runtime/log.js";
import type { Judged } from "./answers.js";
import type { RegisteredSchema } from "./fetch-schema.js";
import type { SchemaName } from "./framing.js";
import type { SchemaReader } from "./schema-reader.js";

/** What is known of a schema. `missing` and `unusable` are the records' fault: they say why. */
export type Known =
  | { readonly kind: "reader"; readonly reader: SchemaReader; readonly schema: RegisteredSchema }
  | { readonly kind: "missing"; readonly detail: string }
  | { readonly kind: "unusable"; readonly detail: string };

/** A registry may learn of a schema a moment after its records were written: it is asked again for so long before they are given up. */
export const MISSING_AFTER_MS = 30_000;
/** One that was missing is asked for again after this. */
const MISSING_KEPT_MS = 60_000;
const KNOWN_MAX = 1_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const TELL_EVERY_MS = 60_000;

interface Entry {
  readonly known: Known;
  /** After it, a missing schema is asked for again; the time of a steady clock. */
  readonly until: number;
}

/**
 * Schemas by name. Each is asked for once at a time, until the registry answers: found ones are kept, the oldest are dropped. A registry
 * that cannot answer is waited for without an end.
 */
export class SchemaStore {
  readonly #fetch: (schema: SchemaName) => Promise<Judged<RegisteredSchema>>;
  readonly #compile: (schema: RegisteredSchema) => Promise<SchemaReader>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #entries = new Map<SchemaName, Entry>();
  readonly #asking = new Map<SchemaName, { readonly since: number; readonly done: Promise<void> }>();
  readonly #cancels = new Set<() => void>();
  #closed = false;
  #away = false;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(deps: {
    fetch: (schema: SchemaName) => Promise<Judged<RegisteredSchema>>;
    /** Throws `UnusableSchema`. */
    compile: (schema: RegisteredSchema) => Promise<SchemaReader>;
    clock: Clock;
    log: Logger;
  }) {
    this.#fetch = deps.fetch;
    this.#compile = deps.compile;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** Undefined: it has to be asked for, with `want`. */
  get(schema: SchemaName): Known | undefined {
    const entry = this.#entries.get(schema);
    if (entry === undefined) return undefined;
    // Of those that are kept for good no clock is asked.
    return entry.until === Number.POSITIVE_INFINITY || entry.until > this.#clock.elapsed() ? entry.known : undefined;
  }

  /** Asks for it. Resolves once something is known of it. Never rejects. */
  want(schema: SchemaName): Promise<void> {
    const asking = this.#asking.get(schema);
    if (asking !== undefined) return asking.done;
    const done = this.#ask(schema).finally(() => this.#asking.delete(schema));
    this.#asking.set(schema, { since: this.#clock.elapsed(), done });
    return done;
  }

  /** Schemas that can be used now. */
  get size(): number {
    return this.#entries.size;
  }

  /** For how long the oldest question has waited for its answer, in milliseconds; 0: none waits. */
  get waitingMs(): number {
    const [oldest] = this.#asking.values();
    return oldest === undefined ? 0 : this.#clock.elapsed() - oldest.since;
  }

  close(): void {
    this.#closed = true;
    for (const cancel of [...this.#cancels]) cancel();
  }

  async #ask(schema: SchemaName): Promise<void> {
    let missingSince: number | undefined = this.#entries.has(schema) ? Number.NEGATIVE_INFINITY : undefined;
    for (let waitMs = FIRST_WAIT_MS; !this.#closed; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      const askedAt = this.#clock.elapsed();
      const known = await this.#answer(schema);
      if (this.#closed) return;
      if (known === "missing") {
        missingSince ??= askedAt;
        if (askedAt - missingSince >= MISSING_AFTER_MS) {
          this.#keep(schema, { kind: "missing", detail: `the schema registry has no schema ${schema}` });
          return;
        }
        waitMs = Math.min(waitMs, MISSING_AFTER_MS / 6);
      } else if (known !== "away") {
        this.#keep(schema, known);
        return;
      }
      await this.#wait(waitMs);
    }
  }

  async #answer(schema: SchemaName): Promise<Known | "missing" | "away"> {
    try {
      const judged = await this.#fetch(schema);
      this.#tell(judged, schema);
      if (judged.kind !== "found") return judged.kind;
      const reader = await this.#compile(judged.value);
      return { kind: "reader", reader, schema: judged.value };
    } catch (error) {
      // Of whatever kind: asking again would find the same schema.
      return { kind: "unusable", detail: `schema ${schema}: ${(error as Error).message}` };
    }
  }

  #tell(judged: Judged<unknown>, schema: SchemaName): void {
    if (judged.kind !== "away") {
      if (this.#away) this.#log.info({ schema }, "the schema registry answers again");
      this.#away = false;
      this.#toldAt = Number.NEGATIVE_INFINITY;
      return;
    }
    this.#away = true;
    if (this.#clock.elapsed() - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = this.#clock.elapsed();
    this.#log.warn(
      { schema, why: judged.why },
      "the schema registry cannot answer: records that need it wait, and nothing is lost",
    );
  }

  #keep(schema: SchemaName, known: Known): void {
    if (known.kind !== "reader")
      this.#log.warn({ schema, why: known.detail }, "a schema cannot be used: its records become dead letters");
    const until = known.kind === "missing" ? this.#clock.elapsed() + MISSING_KEPT_MS : Number.POSITIVE_INFINITY;
    this.#entries.delete(schema);
    this.#entries.set(schema, { known, until });
    if (this.#entries.size <= KNOWN_MAX) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#cancels.delete(end);
        cancel();
        resolve();
      };
      const cancel = this.#clock.after(ms, end);
      this.#cancels.add(end);
    });
  }
}
