import { type Clock, doubledMs, systemClock } from "../runtime/clock.js";
import { rootCause } from "./client.js";

/** A broker that died is taken for dead by its cluster after 9 s (`broker.session.timeout.ms`), and leads until then. */
export const LEADER_PATIENCE_MS = 15_000;

/**
 * Asks about a topic that is known to exist. A broker that has not heard of it yet says that it does not exist, and one whose leader moves is led by nobody: both pass, and
 * nobody who runs a command should meet them. Asks again until `LEADER_PATIENCE_MS` are over, and rejects with the last error then; with any other one at once. `again`
 * says that it is not the first time: what the client knows of the leaders is out of date then.
 */
export const whileLeadersMove = <T>(ask: Ask<T>, clock?: Waiting): Promise<T> => whilePassing(isUnserved, ask, clock);

/** The same of a transactional ID: for as long, its coordinator is gone, or moves, or still ends the transaction before. */
export const whileCoordinatorMoves = <T>(ask: Ask<T>, clock?: Waiting): Promise<T> =>
  whilePassing(isUncoordinated, ask, clock);

type Ask<T> = (again: boolean) => Promise<T>;
type Waiting = Pick<Clock, "elapsed" | "after">;

const whilePassing = async <T>(
  passes: (error: unknown) => boolean,
  ask: Ask<T>,
  clock: Waiting = systemClock,
): Promise<T> => {
  const deadline = clock.elapsed() + LEADER_PATIENCE_MS;
  for (let tries = 1; ; tries++) {
    try {
      return await ask(tries > 1);
    } catch (error) {
      if (!passes(error) || clock.elapsed() >= deadline) throw error;
    }
    await new Promise<void>((resolve) => clock.after(doubledMs(tries, PAUSE_MS.first, PAUSE_MS.most), resolve));
  }
};

/** Of a topic that is there: nobody serves all of it just now. */
export const isUnserved = (error: unknown): boolean => isOneOf(error, UNSERVED);

/** Nobody takes care of the transactional ID just now. */
export const isUncoordinated = (error: unknown): boolean => isOneOf(error, UNCOORDINATED);

const isOneOf = (error: unknown, types: ReadonlySet<string>): boolean => {
  const cause = rootCause(error) as Error & { type?: string };
  return cause.type === undefined ? LEADER_AWAY.has(cause.name) : types.has(cause.type);
};

const UNSERVED: ReadonlySet<string> = new Set([
  "UNKNOWN_TOPIC_OR_PARTITION",
  "LEADER_NOT_AVAILABLE",
  "NOT_LEADER_FOR_PARTITION",
  "REPLICA_NOT_AVAILABLE",
]);
/** As KafkaJS names them, which knows coordinators of groups only. */
const UNCOORDINATED: ReadonlySet<string> = new Set([
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR_FOR_GROUP",
  "GROUP_LOAD_IN_PROGRESS",
  "CONCURRENT_TRANSACTIONS",
]);
/** The one that led is gone, or nobody leads: KafkaJS looks for a broker −1 then. */
const LEADER_AWAY: ReadonlySet<string> = new Set([
  "KafkaJSBrokerNotFound",
  "KafkaJSConnectionError",
  "KafkaJSConnectionClosedError",
]);
const PAUSE_MS = { first: 100, most: 1_000 };
