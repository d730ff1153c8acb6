import type { MailJob, Undeliverable } from "./mail-job.js";
import type { Digest, MailContent } from "./ports.js";

/**
 * One device's mail that reaches its recipients by several mails: some get it for itself, others in a fleet mail. It is settled when each of them is
 * through; until then those who have it are told of, as with any half-delivered mail.
 */
export class SharedJob {
  readonly #job: MailJob;
  readonly #reached: string[] = [];
  /** How many of them the owner was told of. */
  #told = 0;
  readonly #failures: Undeliverable[] = [];
  #someHaveIt: boolean;
  #parts = 0;
  #through = 0;
  #counts = false;

  /** `someHaveIt`: recipients that no part is for have it already. */
  constructor(job: MailJob, someHaveIt: boolean) {
    this.#job = job;
    this.#someHaveIt = someHaveIt;
  }

  get parts(): number {
    return this.#parts;
  }

  /** All parts are taken before any of them is sent. `counts`: it is a mail of its own. */
  part(addresses: readonly string[], counts: boolean): MailJob {
    const isFirst = this.#parts++ === 0;
    const job = this.#job;
    return {
      owner: job.owner,
      deviceId: job.deviceId,
      windowEnd: job.windowEnd,
      critical: job.critical,
      compose: () => (isFirst ? job.compose() : { ...(job.compose() as Digest), again: true }),
      offsetRuns: () => job.offsetRuns(),
      epochOf: (offset) => job.epochOf?.(offset),
      missing: (recipients) => job.missing(recipients),
      reached: (some) => {
        this.#note(some);
        this.#tell();
      },
      accepted: (content) => {
        this.#note(addresses);
        this.#end(content, counts);
      },
      undeliverable: (content, why, acceptedBySome) => {
        this.#failures.push(why);
        if (acceptedBySome) this.#someHaveIt = true;
        this.#end(content, counts);
      },
    };
  }

  #note(addresses: readonly string[]): void {
    for (const address of addresses) if (!this.#reached.includes(address)) this.#reached.push(address);
    this.#someHaveIt = true;
  }

  #tell(): void {
    if (this.#reached.length > this.#told) this.#job.reached([...this.#reached]);
    this.#told = this.#reached.length;
  }

  #end(content: MailContent, counts: boolean): void {
    this.#counts ||= counts;
    const isLast = ++this.#through === this.#parts;
    const [first, ...others] = this.#failures;
    if (isLast && first === undefined) {
      this.#job.accepted(content, this.#counts);
      return;
    }
    this.#tell();
    if (!isLast || first === undefined) return;
    const recipients = [first, ...others].flatMap((why) => why.recipients);
    const attempts = Math.max(first.attempts, ...others.map((why) => why.attempts));
    this.#job.undeliverable(content, { ...first, recipients, attempts }, this.#someHaveIt, this.#counts);
  }
}
