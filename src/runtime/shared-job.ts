import type { MailJob, Undeliverable } from "./mail-job.js";
import type { Digest, MailContent } from "./ports.js";

/** How a part differs from the mail. */
export interface PartKind {
  /** It is a mail of its own. */
  readonly counts: boolean;
  /** It waits for its recipients alone, and the device's next mail does not wait for it. */
  readonly waits?: boolean;
}

export interface MailPart extends MailJob {
  /** Another part tells of its alerts in the records. */
  isAgain(): boolean;
}

/**
 * One mail that reaches its recipients by several: some get a device's for itself and others in a fleet mail, or some have it and others are waited for.
 * It is settled when each of them is through; until then those who have it are told of, as with any half-delivered mail. It is passed once somebody has
 * it and all others are waited for.
 */
export class SharedJob {
  readonly #job: MailJob;
  readonly #reached: string[];
  /** How many of them the owner was told of. */
  #told: number;
  readonly #failures: Undeliverable[] = [];
  #someHaveIt: boolean;
  #parts = 0;
  #through = 0;
  /** Parts that are waited for and not through. */
  #waiting = 0;
  #passed = false;
  #handedOn = false;
  readonly #whenPassed: (() => void)[] = [];
  #counts = false;
  /** Of the parts, the one that is not told of as `again`. */
  #first = 0;
  readonly #isCounted: boolean;
  #isPresumed = false;

  /**
   * `someHaveIt`: recipients that no part is for have it already; `told`: those of whom the owner knows; `isCounted`: a record tells of it, so that
   * all parts are `again`.
   */
  constructor(job: MailJob, someHaveIt: boolean, told: readonly string[] = [], isCounted = someHaveIt) {
    this.#job = job;
    this.#someHaveIt = someHaveIt;
    this.#isCounted = isCounted;
    this.#reached = [...told];
    this.#told = told.length;
  }

  get parts(): number {
    return this.#parts;
  }

  get someHaveIt(): boolean {
    return this.#someHaveIt;
  }

  /** Runs `go` once others have it and nobody waits for those who are still to get it, at once where that is so. */
  whenPassed(go: () => void): void {
    if (this.#isPart) this.#job.whenPassed?.(go);
    else if (this.#passed) go();
    else this.#whenPassed.push(go);
  }

  /** All parts are taken before any of them is sent, or `taken` is called. */
  part(addresses: () => readonly string[], { counts, waits = false }: PartKind): MailPart {
    const index = this.#parts++;
    const job = this.#job;
    const isAgain = (): boolean => this.#isCounted || index !== this.#first;
    let isWaiting = waits;
    if (waits) this.#waiting++;
    const end = (content: MailContent): void => {
      if (isWaiting) this.#waiting--;
      this.#end(content, counts);
    };
    return {
      owner: job.owner,
      deviceId: job.deviceId,
      onlyTo: job.onlyTo,
      windowEnd: job.windowEnd,
      critical: job.critical,
      ...(job.mail === undefined ? {} : { mail: job.mail }),
      isAgain,
      compose: (more) => {
        const content = job.compose(more);
        return isAgain() ? { ...(content as Digest), again: true } : content;
      },
      size: () => job.size(),
      offsetRuns: () => job.offsetRuns(),
      epochOf: (offset) => job.epochOf?.(offset),
      missing: (recipients) => job.missing(recipients),
      reached: (some) => {
        this.#note(some);
        this.#tell();
        this.#perhapsPass();
      },
      passed: () => {
        if (!isWaiting) this.#waiting++;
        isWaiting = true;
        this.#perhapsPass();
      },
      whenPassed: (go) => this.whenPassed(go),
      accepted: (content, _, certainty) => {
        this.#isPresumed ||= certainty === "presumed";
        this.#note(addresses());
        end(content);
      },
      undeliverable: (content, why, acceptedBySome) => {
        this.#failures.push(why);
        if (acceptedBySome) this.#someHaveIt = true;
        end(content);
      },
    };
  }

  /** Whose mail it was is nobody's any more: the first part's recipients have parts of their own now. */
  firstWithdrawn(): void {
    this.#through++;
    this.#first++;
    this.#perhapsPass();
  }

  /** No more parts will be taken. */
  taken(): void {
    this.#perhapsPass();
  }

  #note(addresses: readonly string[]): void {
    for (const address of addresses) if (!this.#reached.includes(address)) this.#reached.push(address);
    this.#someHaveIt = true;
  }

  #tell(): void {
    if (this.#reached.length > this.#told) this.#job.reached([...this.#reached]);
    this.#told = this.#reached.length;
  }

  #perhapsPass(): void {
    if (this.#waiting === 0 || this.#through + this.#waiting < this.#parts) return;
    if (this.#isPart ? this.#handedOn : this.#passed || !this.#someHaveIt) return;
    if (this.#isPart) this.#handedOn = true;
    else this.#passed = true;
    this.#job.passed();
    for (const go of this.#whenPassed.splice(0)) go();
  }

  /** Of a part, and of a fleet mail, only the whole knows whether others have it: it is told that this one waits. */
  get #isPart(): boolean {
    return this.#job.whenPassed !== undefined;
  }

  #end(content: MailContent, counts: boolean): void {
    this.#counts ||= counts;
    const isLast = ++this.#through === this.#parts;
    const [first, ...others] = this.#failures;
    if (isLast && first === undefined) {
      this.#job.accepted(content, this.#counts, this.#isPresumed ? "presumed" : "accepted");
      return;
    }
    this.#tell();
    if (!isLast || first === undefined) {
      this.#perhapsPass();
      return;
    }
    const recipients = [first, ...others].flatMap((why) => why.recipients);
    const attempts = Math.max(first.attempts, ...others.map((why) => why.attempts));
    this.#job.undeliverable(content, { ...first, recipients, attempts }, this.#someHaveIt, this.#counts);
  }
}
