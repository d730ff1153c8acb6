import { describeEvent } from "./describe.js";
import { type Event, type Scenario, scenarioOf } from "./scenario.js";
import { shrink } from "./shrink.js";
import type { Weather } from "./weathers.js";
import { type Sabotage, World } from "./world.js";

export interface Run {
  /** Undefined: everything held. */
  readonly failure: Error | undefined;
  readonly steps: number;
  readonly repeats: number;
  readonly earlyMails: number;
  readonly heldMails: number;
  /** Alerts that a recipient is presumed to have. */
  readonly presumed: number;
}

/** One world from its beginning to its end. Bugs inside timers and promises of the product count as its failure. */
export const simulate = async (scenario: Scenario, sabotage?: Sabotage, trace?: string[]): Promise<Run> => {
  const world = new World(scenario, sabotage, trace);
  const onBug = (error: unknown): void => world.fail(error);
  process.on("uncaughtException", onBug);
  process.on("unhandledRejection", onBug);
  let failure: Error | undefined;
  try {
    await world.run();
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  } finally {
    process.off("uncaughtException", onBug);
    process.off("unhandledRejection", onBug);
  }
  const { steps, repeats, earlyMails, heldMails, presumed } = world;
  return { failure, steps, repeats, earlyMails, heldMails, presumed };
};

const TRIES = 600;
const LAST_LINES = 40;

/** The scenario with as few and as small events as still break the same guarantee. */
export const shortest = async (scenario: Scenario, sabotage?: Sabotage): Promise<Scenario> => {
  const { failure } = await simulate(scenario, sabotage);
  const kind = kindOf(failure);
  const events = await shrink<Event>(
    scenario.events,
    async (candidate) => kindOf((await simulate({ ...scenario, events: candidate }, sabotage)).failure) === kind,
    smallerEvents,
    TRIES,
  );
  return { ...scenario, events };
};

/** What a failing seed prints: the guarantee, the command that runs it again, the shortest list of events, and what then happened. */
export const report = async (seed: number, weather: Weather, sabotage?: Sabotage): Promise<string> => {
  const scenario = scenarioOf(seed, weather);
  const small = await shortest(scenario, sabotage);
  const trace: string[] = [];
  const { failure } = await simulate(small, sabotage, trace);
  return [
    failure?.message ?? "It does not fail again: something in it hangs on more than its seed.",
    "",
    `Rerun: SEED=${seed} WEATHER=${weather.name} npm run test:simulation`,
    "",
    `With ${JSON.stringify(small.options, (_, value) => (value === Number.POSITIVE_INFINITY ? "never" : value))}`,
    `it takes ${small.events.length} of ${scenario.events.length} events:`,
    ...small.events.map(describeEvent),
    "",
    trace.length > LAST_LINES ? `What happened, the last ${LAST_LINES} of ${trace.length} lines:` : "What happened:",
    ...trace.slice(-LAST_LINES),
    "",
    failure?.stack ?? "",
  ].join("\n");
};

/** Failures of one guarantee are the same one; all others are told apart by their first words. */
const kindOf = (failure: Error | undefined): string | undefined =>
  failure === undefined ? undefined : (/^G\d/.exec(failure.message)?.[0] ?? failure.message.slice(0, 30));

const smallerEvents = (event: Event): readonly Event[] => {
  const candidates: Event[] = [];
  if (event.steps > 0) candidates.push({ ...event, steps: 0 });
  if (event.kind === "records" && event.records.length > 1) {
    const half = event.records.length >> 1;
    candidates.push(
      { ...event, records: event.records.slice(0, half) },
      { ...event, records: event.records.slice(half) },
    );
    candidates.push({ ...event, records: event.records.slice(1) });
  } else if (event.kind === "lose-end") {
    if (event.lost > 1) candidates.push({ ...event, lost: event.lost >> 1 });
    if (event.records.length > 0) candidates.push({ ...event, records: event.records.slice(1) });
  } else if (event.kind === "smtp") {
    const { mood } = event;
    for (const name of ["deferred", "refused", "partly", "ambiguous", "lies"] as const)
      if (mood[name] > 0) candidates.push({ ...event, mood: { ...mood, [name]: 0 } });
    if (mood.silent) candidates.push({ ...event, mood: { ...mood, silent: false } });
    if (mood.down) candidates.push({ ...event, mood: { ...mood, down: false } });
    if (mood.slowestMs > 10) candidates.push({ ...event, mood: { ...mood, slowestMs: 10 } });
  } else if (event.kind === "broker") {
    const { mood } = event;
    for (const name of ["commitFails", "commitAnswerLost", "readFails", "deadLetterFails"] as const)
      if (mood[name] > 0) candidates.push({ ...event, mood: { ...mood, [name]: 0 } });
  }
  return candidates;
};
