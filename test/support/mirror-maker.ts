import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startGuard } from "./guard.js";
import { findJava } from "./java.js";
import { mirrorClassPath } from "./kafka-jars.js";

export interface MirrorMakerOptions {
  /** `host:port` each. */
  readonly source: string;
  readonly target: string;
  readonly topic: string;
  readonly group: string;
  /** More of its properties, for example `replication.policy.class`. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface MirrorMaker {
  /** It copies nothing, and knows nothing of what happens, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** The last lines of its log. */
  tail(): string;
  /** Safe to call twice. */
  close(): Promise<void>;
}

/**
 * A real MirrorMaker 2 in dedicated mode, from one cluster (`source`) to another (`target`): a topic, and the offsets of a group. It looks every second where
 * the default is a minute or more, and keeps one replica, for there is one broker; everything else is as it comes.
 */
export async function startMirrorMaker(options: MirrorMakerOptions): Promise<MirrorMaker> {
  const [java, classPath] = [await findJava(), await mirrorClassPath()];
  const guard = await startGuard("mirror-maker");
  const log = join(guard.directory, "mirror-maker.log");
  try {
    const file = join(guard.directory, "mirror-maker.properties");
    await writeFile(file, propertiesOf(options));
    const flags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"];
    const logging = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn";
    const main = "org.apache.kafka.connect.mirror.MirrorMaker";
    const running = await guard.start(java, [...flags, logging, "-cp", classPath, main, file], {
      cwd: guard.directory,
      logFile: log,
    });
    return {
      freeze: () => running.signal("SIGSTOP"),
      thaw: () => running.signal("SIGCONT"),
      tail: () => readFileSync(log, "utf8").slice(-4_000),
      close: () => guard.close(),
    };
  } catch (error) {
    await guard.close();
    throw error;
  }
}

const propertiesOf = ({ source, target, topic, group, properties = {} }: MirrorMakerOptions): string => {
  const replicas = ["", "checkpoints.topic.", "heartbeats.topic.", "offset-syncs.topic."].map((of) => [
    `${of}replication.factor`,
    "1",
  ]);
  const storage = ["offset", "config", "status"].map((of) => [`${of}.storage.replication.factor`, "1"]);
  const everySecond = ["emit.checkpoints", "sync.group.offsets", "refresh.topics", "refresh.groups"].map((of) => [
    `${of}.interval.seconds`,
    "1",
  ]);
  return Object.entries({
    clusters: "source, target",
    "source.bootstrap.servers": source,
    "target.bootstrap.servers": target,
    "source->target.enabled": "true",
    "target->source.enabled": "false",
    "source->target.topics": topic,
    "source->target.groups": group,
    "source->target.sync.group.offsets.enabled": "true",
    "offset.flush.interval.ms": "1000",
    ...Object.fromEntries([...replicas, ...storage, ...everySecond]),
    ...properties,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
};
