import type { Alert } from "../core/alert.js";
import type { HoldId } from "../core/commit-frontier.js";
import type { Effect, Partition } from "../core/partition.js";
import type { EventTime } from "../core/time.js";
import type { Clock } from "./clock.js";
import { laneOf } from "./only-to.js";
import type { AlertCodec, DecodedAlert, Muted, MutedDevice, MutedLog, Mutes, SourceRecord } from "./ports.js";

export interface MutedAlertsDeps {
  readonly topic: string;
  readonly partition: number;
  readonly core: Partition;
  readonly codec: AlertCodec;
  readonly mutes: Mutes;
  /** Where they are put on record; absent: nowhere. */
  readonly mutedLog?: MutedLog | undefined;
  /** Told of each alert that is muted, once. */
  readonly onMuted?: ((muted: Muted) => void) | undefined;
  readonly clock: Clock;
  /** For so long they are added up before they are put on record. */
  readonly everyMs: number;
  /** False: somebody else may own the partition by now, and put the same on record. */
  readonly mayGoOn: () => boolean;
  /** What was held by this is on record, or needs none. */
  readonly settle: (id: HoldId) => void;
}

/**
 * A partition's alerts that nobody is mailed of. They are added up by device and route, put on record every `everyMs`, and settled then: who reads the
 * partition next does not count again what is on record. Where there is no record, each batch's are settled at its end. At most `DEVICES_MAX` sums are kept.
 */
export class MutedAlerts {
  readonly #deps: MutedAlertsDeps;
  #sums = new Map<string, Sums>();
  #hold: HoldId | undefined;
  readonly #writing = new Set<Promise<void>>();
  #cancel: () => void = () => undefined;

  constructor(deps: MutedAlertsDeps) {
    this.#deps = deps;
  }

  /** Being put on record. */
  get writing(): number {
    return this.#writing.size;
  }

  /** Undefined: it is not muted. What somebody wrote back from the dead letters is for its readers. */
  take(record: SourceRecord, decoded: DecodedAlert, eventTime: EventTime): readonly Effect[] | undefined {
    const { mutes, codec, core } = this.#deps;
    const { offset, redrives = 0, onlyTo } = record;
    if (redrives > 0 || onlyTo !== undefined) return undefined;
    let read: Alert | undefined;
    const whole = (): Alert => {
      read ??= codec.parse(decoded.bytes);
      return read;
    };
    const muted = mutes.mutedBy(decoded, eventTime, whole);
    if (muted === undefined) return undefined;
    const device = laneOf(decoded.device, onlyTo);
    const effects = core.step({ kind: "muted", offset, eventTime, hold: this.#hold, device, says: decoded });
    for (const effect of effects)
      if (effect.kind === "muted") {
        this.#add(effect.id, muted, whole(), { offset, eventTime });
        this.#deps.onMuted?.(muted);
      }
    return effects;
  }

  /** Call it after each batch. */
  batchEnded(): void {
    if (this.#deps.mutedLog === undefined) this.#flush();
  }

  /** Nothing more comes: puts on record what there is. Never rejects. */
  async finish(): Promise<void> {
    this.#flush();
    this.#cancel();
    await Promise.all(this.#writing);
  }

  /** The partition is someone else's: they read again what is not on record yet. */
  forget(): void {
    this.#cancel();
    this.#sums.clear();
    this.#hold = undefined;
  }

  #add(
    id: HoldId,
    { how, route }: Muted,
    alert: Alert,
    { offset, eventTime }: { offset: number; eventTime: number },
  ): void {
    if (this.#hold === undefined) {
      this.#hold = id;
      if (this.#deps.mutedLog !== undefined) this.#flushLater();
    }
    const { deviceId, deviceName, severity } = alert;
    const key = `${route.number} ${deviceId}`;
    const sums = this.#sums.get(key) ?? newSums({ deviceId, how, route }, offset, eventTime);
    this.#sums.set(key, sums);
    sums.deviceName = deviceName ?? sums.deviceName;
    sums.lastOffset = offset;
    sums.firstTime = Math.min(sums.firstTime, eventTime);
    sums.lastTime = Math.max(sums.lastTime, eventTime);
    sums.alerts++;
    sums.severities[severity]++;
    if (this.#sums.size >= DEVICES_MAX) this.#flush();
  }

  #flushLater(): void {
    const { clock, everyMs } = this.#deps;
    this.#cancel = clock.after(everyMs, () => this.#flush());
  }

  #flush(): void {
    this.#cancel();
    const id = this.#hold;
    if (id === undefined) return;
    const { topic, partition, mutedLog, clock, settle, mayGoOn } = this.#deps;
    if (!mayGoOn()) {
      this.#flushLater();
      return;
    }
    const at = clock.now();
    const devices = [...this.#sums.values()].map((sums): MutedDevice => ({ ...sums, topic, partition, at }));
    this.#sums = new Map();
    this.#hold = undefined;
    if (mutedLog === undefined) {
      settle(id);
      return;
    }
    const written = mutedLog.muted(devices).then(() => {
      this.#writing.delete(written);
      settle(id);
    });
    this.#writing.add(written);
  }
}

type Sums = { -readonly [K in keyof Omit<MutedDevice, "topic" | "partition" | "at">]: MutedDevice[K] };

const newSums = (what: Pick<Sums, "deviceId" | "how" | "route">, firstOffset: number, time: number): Sums => ({
  ...what,
  deviceName: undefined,
  firstOffset,
  lastOffset: firstOffset,
  firstTime: time,
  lastTime: time,
  alerts: 0,
  severities: { info: 0, warning: 0, critical: 0 },
});

const DEVICES_MAX = 1_000;
