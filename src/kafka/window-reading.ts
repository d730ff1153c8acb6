import { type EventTime, eventTime, isPossibleTime } from "../core/time.js";
import type { AlertCodec, ArchiveAnswer, ArchivedAlert, ArchiveRequest } from "../runtime/ports.js";
import type { PlainRecord } from "./plain-fetch.js";

/** One window, and how far it has come. */
export class WindowReading {
  readonly request: ArchiveRequest;
  onEnd: () => void = () => undefined;
  why = "";
  ended = false;
  /** Next wanted offset; undefined: all were seen. */
  position: number | undefined;
  readonly #alerts: ArchivedAlert[] = [];
  #beyond = 0;
  #run = 0;
  #bytesRead = 0;
  #bytesKept = 0;

  constructor(request: ArchiveRequest) {
    this.request = request;
    this.position = request.runs[0]?.[0];
  }

  end(why: string): void {
    if (this.ended) return;
    this.ended = true;
    if (why !== "") this.why = this.why === "" ? why : `${why} (${this.why})`;
    this.onEnd();
  }

  /** A copy: what still comes is nobody's any more. */
  answer(): ArchiveAnswer {
    const alerts = [...this.#alerts];
    return { alerts, missing: countOf(this.request.runs) - alerts.length - this.#beyond, beyond: this.#beyond };
  }

  take(records: readonly PlainRecord[], codec: AlertCodec): void {
    const { deviceId, maxBytes, windowEnd } = this.request;
    for (const record of records) {
      const { offset, timestampMs, key, value, headers } = record;
      const bytes = RECORD_OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0);
      this.#bytesRead += bytes;
      if (this.#wanted(offset) && value !== null && this.#isTheOne(record)) {
        const decoded = codec.decode({ key, value, headers });
        if (decoded.kind === "alert" && decoded.deviceId === deviceId) {
          const own = decoded.bytes;
          if (this.#alerts.length >= ROWS_MAX || this.#bytesKept + own.length > maxBytes) {
            this.#full(offset);
            return;
          }
          this.#bytesKept += own.length;
          this.#alerts.push({ offset, eventTime: timeOf(timestampMs, windowEnd), alert: codec.parse(own) });
        }
      }
      if (this.#bytesRead >= BYTES_MAX) {
        this.#full(offset + 1);
        return;
      }
    }
  }

  /** Everything below was seen. */
  moveTo(offset: number): void {
    if (this.ended) return;
    this.#skipTo(offset);
    const run = this.request.runs[this.#run];
    this.position = run === undefined ? undefined : Math.max(run[0], offset);
  }

  #wanted(offset: number): boolean {
    this.#skipTo(offset);
    return (this.request.runs[this.#run]?.[0] ?? Number.POSITIVE_INFINITY) <= offset;
  }

  /** A log that lost its end gives its offsets to other records, maybe of the same device. */
  #isTheOne({ offset, leaderEpoch }: PlainRecord): boolean {
    const wanted = this.request.epochOf(offset);
    if (leaderEpoch < 0 || wanted === undefined || leaderEpoch === wanted) return true;
    this.why = "the log lost its end, and has other records there";
    return false;
  }

  #skipTo(offset: number): void {
    const { runs } = this.request;
    while (this.#run < runs.length && (runs[this.#run]?.[1] ?? 0) < offset) this.#run++;
  }

  /** A limit is reached: what is wanted from `offset` on is not read. */
  #full(offset: number): void {
    this.#skipTo(offset);
    const rest = this.request.runs.slice(this.#run);
    this.#beyond = countOf(rest) - Math.max(0, offset - (rest[0]?.[0] ?? offset));
    this.end(this.#beyond > 0 ? "a limit is reached" : "");
  }
}

const countOf = (runs: ArchiveRequest["runs"]): number =>
  runs.reduce((sum, [first, last]) => sum + last - first + 1, 0);

/** As it was when the record was read first, but where its clock was ahead of ours then, or before 2000: what it was taken for is not known any more. */
const timeOf = (timestampMs: number, windowEnd: EventTime): EventTime =>
  eventTime(isPossibleTime(timestampMs) && timestampMs < windowEnd ? timestampMs : windowEnd - 1);

const ROWS_MAX = 20_000;
/** Of everything that is fetched, other devices' records too, uncompressed. */
const BYTES_MAX = 32 * 1024 * 1024;
/** What a small record takes beside key and value, roughly. */
const RECORD_OVERHEAD = 70;
