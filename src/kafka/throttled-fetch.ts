import type { Cluster } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import type { FetchAnswer, FetchRequest, ReadAhead } from "./read-ahead.js";

/** One connection's requests, as KafkaJS keeps them. */
interface RequestQueue {
  /** By the wall clock. */
  throttledUntil: number;
  maybeThrottle(ms: number | null | undefined): void;
}
interface Connection {
  readonly requestQueue: RequestQueue;
}
/** KafkaJS's broker has two connections: one for fetches, one for everything else. */
export interface ThrottledBroker {
  readonly nodeId: string | number | null;
  readonly connectionPool: { readonly pool: readonly Connection[] };
  fetch(request: FetchRequest): Promise<FetchAnswer>;
}

const FETCH_CONNECTION = 1;

/**
 * A quota: the broker answers a fetch at once, with nothing but a time for which it will read nothing more from that connection (KIP-219). KafkaJS
 * then queues the next fetch for so long and does nothing else: no heartbeat, no rejoin, no end when it is to stop. Here such a fetch comes back
 * empty after its usual wait, so that KafkaJS goes round as on a quiet topic. Changes the brokers of this cluster only.
 */
export class ThrottledFetch {
  readonly #clock: Pick<Clock, "now" | "after">;
  readonly #onThrottled: (ms: number) => void;
  readonly #onAnswer: (nodeId: string, answer: FetchAnswer) => void;
  readonly #ahead: ReadAhead;
  readonly #changed = new WeakSet<object>();
  /** Brokers whose last fetch was not sent. */
  readonly #heldBack = new Set<string>();

  constructor(deps: {
    clock: Pick<Clock, "now" | "after">;
    /** `ms`: what one answer asked for. */
    onThrottled: (ms: number) => void;
    onAnswer: (nodeId: string, answer: FetchAnswer) => void;
    ahead: ReadAhead;
  }) {
    this.#clock = deps.clock;
    this.#onThrottled = deps.onThrottled;
    this.#onAnswer = deps.onAnswer;
    this.#ahead = deps.ahead;
  }

  watch(cluster: Pick<Cluster, "findBroker">): void {
    const findBroker = cluster.findBroker.bind(cluster);
    cluster.findBroker = async (which) => {
      const broker = await findBroker(which);
      this.#change(broker as unknown as ThrottledBroker);
      return broker;
    };
  }

  /** Whether the fetch that just ended never left. */
  wasHeldBack(nodeId: string): boolean {
    return this.#heldBack.has(nodeId);
  }

  #change(broker: ThrottledBroker): void {
    if (this.#changed.has(broker)) return;
    this.#changed.add(broker);
    for (const { requestQueue } of broker.connectionPool.pool) {
      const maybeThrottle = requestQueue.maybeThrottle.bind(requestQueue);
      requestQueue.maybeThrottle = (ms) => {
        maybeThrottle(ms);
        if (ms) this.#onThrottled(ms);
      };
    }
    const fetch = broker.fetch.bind(broker);
    const waitMs = (): number =>
      (broker.connectionPool.pool[FETCH_CONNECTION]?.requestQueue.throttledUntil ?? 0) - this.#clock.now();
    broker.fetch = async (request) => {
      const nodeId = String(broker.nodeId);
      const { isExpected, answer: ahead } = this.#ahead.take(nodeId, request);
      const heldBackMs = ahead === undefined ? waitMs() : 0;
      if (heldBackMs > 0) {
        this.#heldBack.add(nodeId);
        await new Promise<void>((resolve) => this.#clock.after(Math.min(heldBackMs, request.maxWaitTime), resolve));
        return { responses: [] };
      }
      this.#heldBack.delete(nodeId);
      const answer = await (ahead ?? fetch(request));
      if (waitMs() <= 0) this.#ahead.answered(nodeId, { request, answer, wasExpected: isExpected }, fetch);
      this.#onAnswer(nodeId, answer);
      return answer;
    };
  }
}
