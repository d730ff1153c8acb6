import type { Clock } from "../runtime/clock.js";
import { FaultLimiter } from "../runtime/fault-limiter.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics, RecipientFault } from "../runtime/ports.js";
import type { DatabaseAnswer, DatabaseFailure, LookupRequest, RecipientDatabase } from "./lookup.js";
import { columnsOf, type RowRules, recipientsIn } from "./rows.js";

export interface QueryResult {
  readonly fields: readonly { readonly name: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Asks with the batch statement, and reads what comes back. */
export class QueryDatabase implements RecipientDatabase {
  readonly #sql: string;
  readonly #rowsMax: number;
  readonly #query: (sql: string, values: readonly unknown[]) => Promise<QueryResult>;
  readonly #describe: (error: unknown) => DatabaseFailure;
  readonly #rules: Omit<RowRules, "onFault">;
  readonly #shown: (text: string) => string;
  readonly #metrics: Pick<Metrics, "recipientFault">;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #faults = new FaultLimiter(FAULT_EVERY_MS);

  constructor(deps: {
    sql: string;
    /** Of a device, as in `sql`. */
    rowsMax: number;
    query: (sql: string, values: readonly unknown[]) => Promise<QueryResult>;
    describe: (error: unknown) => DatabaseFailure;
    rules: Omit<RowRules, "onFault">;
    /** What a row says, as the log may show it. */
    shown: (text: string) => string;
    metrics: Pick<Metrics, "recipientFault">;
    clock: Clock;
    log: Logger;
  }) {
    this.#sql = deps.sql;
    this.#rowsMax = deps.rowsMax;
    this.#query = deps.query;
    this.#describe = deps.describe;
    this.#rules = deps.rules;
    this.#shown = deps.shown;
    this.#metrics = deps.metrics;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  async ask(requests: readonly LookupRequest[]): Promise<DatabaseAnswer> {
    try {
      const values = [requests.map(({ deviceId }) => deviceId), requests.map(({ labels }) => labels)];
      return this.#read(requests, await this.#query(this.#sql, values));
    } catch (error) {
      return { kind: "failed", failure: this.#describe(error) };
    }
  }

  #read(requests: readonly LookupRequest[], { fields, rows }: QueryResult): DatabaseAnswer {
    const names = fields.slice(1, -2).map(({ name }) => name);
    const columns = columnsOf(names);
    if (columns === undefined) {
      const detail = `no column is called address or email; it has ${names.join(", ").slice(0, 300)}`;
      return { kind: "failed", failure: { kind: "query", code: undefined, detail } };
    }
    const byRequest: (readonly unknown[])[][] = requests.map(() => []);
    for (const row of rows) {
      const index = Number(row[0]) - 1;
      if (Number(row.at(-1)) <= this.#rowsMax) byRequest[index]?.push(row);
      else this.#fault("many", requests[index]?.deviceId ?? "", { text: `more than ${this.#rowsMax}`, address: "" });
    }
    const recipients = byRequest.map((own, index) => {
      const deviceId = requests[index]?.deviceId ?? "";
      const onFault: RowRules["onFault"] = (fault, found) => this.#fault(fault, deviceId, found);
      return recipientsIn(own, columns, { ...this.#rules, onFault });
    });
    return { kind: "answered", recipients };
  }

  #fault(fault: RecipientFault, deviceId: string, found: { readonly text: string; readonly address: string }): void {
    this.#metrics.recipientFault(fault);
    const told = this.#faults.admit(fault, this.#clock.now());
    if (told === undefined) return;
    const fields = {
      deviceId,
      fault,
      value: this.#shown(found.text.slice(0, 100)).replace(CONTROLS, " "),
      suppressed: told.suppressed,
    };
    if (fault === "address") this.#log.error(fields, "a recipient in the database has no mail address: left out");
    else if (fault === "many")
      this.#log.error(fields, "a device has more recipients in the database than RECIPIENTS_MAX: none of them is told");
    else
      this.#log.warn(
        { ...fields, recipient: this.#shown(found.address) },
        "a recipient in the database has a kind, locale or time zone that is not known: it counts without",
      );
  }
}

const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;
const FAULT_EVERY_MS = 60_000;
