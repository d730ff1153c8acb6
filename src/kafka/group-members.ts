import type { Admin } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import { instanceIn } from "./sticky-assigner.js";

/** Asks the group every few seconds which instances are its members. */
export class GroupMembers {
  readonly #admin: Pick<Admin, "describeGroups">;
  readonly #groupId: string;
  readonly #isWanted: () => boolean;
  readonly #clock: Clock;
  readonly #log: Logger;
  #instances: ReadonlySet<string> | undefined;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(deps: {
    admin: Pick<Admin, "describeGroups">;
    groupId: string;
    /** Somebody is to be looked for. */
    isWanted: () => boolean;
    clock: Clock;
    log: Logger;
  }) {
    this.#admin = deps.admin;
    this.#groupId = deps.groupId;
    this.#isWanted = deps.isWanted;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** By the names that they give themselves when they join. Undefined: not known. */
  get instances(): ReadonlySet<string> | undefined {
    return this.#instances;
  }

  start(): void {
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  async #look(): Promise<void> {
    if (this.#isWanted()) await this.#ask();
    else this.#instances = undefined;
    if (!this.#closed) this.#cancel = this.#clock.after(LOOK_EVERY_MS, () => void this.#look());
  }

  async #ask(): Promise<void> {
    try {
      const { groups } = await this.#admin.describeGroups([this.#groupId]);
      // While members join, brokers tell nothing of what they say of themselves.
      if (groups[0]?.state !== "Stable") return;
      this.#instances = new Set(groups[0].members.map(({ memberMetadata }) => instanceIn(memberMetadata) ?? ""));
    } catch (error) {
      this.#log.debug({ error: (error as Error).message }, "not known who is in the group");
      this.#instances = undefined;
    }
  }
}

const LOOK_EVERY_MS = 5_000;
