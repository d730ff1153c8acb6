import type { Cluster } from "kafkajs";
import type { Clock } from "../runtime/clock.js";

/** One connection's requests, as KafkaJS keeps them. */
interface RequestQueue {
  /** By the wall clock. */
  throttledUntil: number;
  maybeThrottle(ms: number | null | undefined): void;
}
interface Connection {
  readonly requestQueue: RequestQueue;
}
interface FetchRequest {
  readonly maxWaitTime: number;
}
/** KafkaJS's broker has two connections: one for fetches, one for everything else. */
export interface ThrottledBroker {
  readonly nodeId: string | number | null;
  readonly connectionPool: { readonly pool: readonly Connection[] };
  fetch(request: FetchRequest): Promise<unknown>;
}

const FETCH_CONNECTION = 1;

/**
 * A quota: the broker answers a fetch at once, with nothing but a time for which it will read nothing more from that connection (KIP-219). KafkaJS
 * then queues the next fetch for so long and does nothing else: no heartbeat, no rejoin, no end when it is to stop. Here such a fetch comes back
 * empty after its usual wait, so that KafkaJS goes round as on a quiet topic. Changes the brokers of this cluster only.
 */
export class ThrottledFetch {
  readonly #clock: Pick<Clock, "now" | "after">;
  /** `ms`: what one answer asked for. */
  readonly #onThrottled: (ms: number) => void;
  readonly #onAnswer: (nodeId: string, answer: unknown) => void;
  readonly #changed = new WeakSet<object>();
  /** Brokers whose last fetch was not sent. */
  readonly #heldBack = new Set<string>();

  constructor(
    clock: Pick<Clock, "now" | "after">,
    onThrottled: (ms: number) => void,
    onAnswer: (nodeId: string, answer: unknown) => void = () => undefined,
  ) {
    this.#clock = clock;
    this.#onThrottled = onThrottled;
    this.#onAnswer = onAnswer;
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
    broker.fetch = async (request) => {
      const queue = broker.connectionPool.pool[FETCH_CONNECTION]?.requestQueue;
      const waitMs = (queue?.throttledUntil ?? 0) - this.#clock.now();
      const nodeId = String(broker.nodeId);
      if (waitMs <= 0) {
        this.#heldBack.delete(nodeId);
        const answer = await fetch(request);
        this.#onAnswer(nodeId, answer);
        return answer;
      }
      this.#heldBack.add(nodeId);
      await new Promise<void>((resolve) => this.#clock.after(Math.min(waitMs, request.maxWaitTime), resolve));
      return { responses: [] };
    };
  }
}
