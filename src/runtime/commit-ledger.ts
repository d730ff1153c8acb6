import type { PendingMail } from "../core/partition.js";
import type { CommitRequest } from "./ports.js";

/** A commit on its way: what its confirmation will mean. */
export interface SentCommit {
  readonly request: CommitRequest;
  /** Commits of its partition up to this one. */
  readonly number: number;
  /** Mails that were accepted when it was made, and so are in it. */
  readonly accepted: number;
  /** It tells the next owner to wait for mails in flight. */
  readonly announces: boolean;
}

/**
 * What of one partition was sent to the group and what of it is confirmed: which mails a crash would repeat, which ones have to wait
 * for a commit, and which commits are own ones when they are read back.
 */
export class CommitLedger {
  #confirmed: CommitRequest | undefined;
  /** Sent since the last confirmed one, and not answered with yes: the group may have any of them. */
  #attempted: CommitRequest[] = [];
  /** Mails accepted, by all or some, and how many of them are in the last confirmed commit. */
  #accepted: number;
  #acceptedConfirmed = 0;
  #announced = false;
  /** Commits sent so far. */
  #sent = 0;
  /** Mails that start once more than `after` commits are confirmed: what a replay has to know for them to be the same. */
  #awaiting: { readonly mail: PendingMail; readonly after: number }[] = [];
  /** What else waits for such a commit. */
  #callbacks: { readonly go: () => void; readonly after: number }[] = [];
  /** Devices whose last mail is through and in no confirmed commit yet, with the commits sent by then, ascending. */
  readonly #unconfirmedDevices = new Map<string, number>();
  readonly #merges: boolean;

  /**
   * `unconfirmed`: mails that this process knows to be accepted, from an earlier ownership, and that no commit has confirmed yet. `merges`: windows of a
   * device may leave as one mail; where they never do, each keeps its own.
   */
  constructor(committed: CommitRequest | undefined, unconfirmed: number, merges: boolean) {
    this.#merges = merges;
    this.#confirmed = committed;
    this.#accepted = unconfirmed;
  }

  /** Offset and checkpoint that the group was last known to have. */
  get confirmed(): CommitRequest | undefined {
    return this.#confirmed;
  }

  /** Mails that were accepted and are in no confirmed commit. */
  get unconfirmed(): number {
    return this.#accepted - this.#acceptedConfirmed;
  }

  /** The last confirmed commit told the next owner to wait for mails in flight. */
  get announced(): boolean {
    return this.#announced;
  }

  /** Mails wait for a commit. */
  get awaitsCommit(): boolean {
    return this.#awaiting.length + this.#callbacks.length > 0;
  }

  /** `confirmed`, or one that was sent since and whose answer never came. */
  isOwn(offset: number | undefined, metadata: string | null): boolean {
    return [this.#confirmed, ...this.#attempted].some(
      (own) => own?.offset === offset && (own?.metadata || null) === (metadata || null),
    );
  }

  /** Remembers a commit as an own one. */
  attempt(request: CommitRequest): CommitRequest {
    this.#attempted = [...this.#attempted, request].slice(-MAX_ATTEMPTED);
    return request;
  }

  /** A commit leaves that covers all mails accepted so far. */
  send(request: CommitRequest, announces: boolean): SentCommit {
    this.attempt(request);
    return { request, number: ++this.#sent, accepted: this.#accepted, announces };
  }

  /** Runs `go` once a commit that is sent from now on is confirmed, or the mails are someone else's. */
  onceConfirmed(go: () => void): void {
    this.#callbacks.push({ go, after: this.#sent });
  }

  /** Returns the mails that waited for it. */
  confirm({ request, number, accepted, announces }: SentCommit): readonly PendingMail[] {
    this.#confirmed = request;
    // Those sent after it stay: its answer may come late.
    this.#attempted = this.#attempted.slice(this.#attempted.lastIndexOf(request) + 1);
    this.#acceptedConfirmed = accepted;
    this.#announced = announces;
    for (const [deviceId, after] of this.#unconfirmedDevices) {
      if (after >= number) break;
      this.#unconfirmedDevices.delete(deviceId);
    }
    if (this.#callbacks.length > 0) this.#call(({ after }) => after < number);
    const awaiting = this.#awaiting;
    this.#awaiting = awaiting.filter(({ after }) => after >= number);
    return awaiting.filter(({ after }) => after < number).map(({ mail }) => mail);
  }

  /** Somebody has a mail. */
  accepted(): void {
    this.#accepted++;
  }

  /** A device's mail is through: its next one waits until a commit tells of this one. */
  deviceSettled(deviceId: string): void {
    if (!this.#merges) return;
    this.#unconfirmedDevices.delete(deviceId);
    this.#unconfirmedDevices.set(deviceId, this.#sent);
  }

  /**
   * Whether a mail has to wait; then `confirm` will return it. For the next commit, when that tells what a replay needs to make the same mail of
   * it. And for the commit of the device's previous one: a replay that knows of neither could put them into one, under the Message-ID of the first.
   */
  mustWait(mail: PendingMail): boolean {
    const after = mail.commitFirst ? this.#sent : this.#unconfirmedDevices.get(mail.deviceId);
    if (after === undefined) return false;
    this.#awaiting.push({ mail, after });
    return true;
  }

  /** The mails that wait are someone else's. */
  forgetWaiting(): void {
    this.#awaiting = [];
    this.#call(() => true);
  }

  #call(which: (callback: { readonly after: number }) => boolean): void {
    const callbacks = this.#callbacks;
    this.#callbacks = callbacks.filter((one) => !which(one));
    for (const one of callbacks.filter(which)) one.go();
  }
}

const MAX_ATTEMPTED = 50;
