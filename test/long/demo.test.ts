/** `npm run demo` as somebody at a terminal sees it, and as a script does. */

import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { type GuardedProcess, startGuard } from "#test/support/guard.js";
import { withAdmin } from "#test/support/kafka-admin.js";
import { type SharedKafka, sharedKafka } from "#test/support/shared-kafka.js";

const MAIN = fileURLToPath(new URL("../demo/main.js", import.meta.url));
/** A terminal is what says that it is one: no program that makes real ones is on every machine. */
const AT_A_TERMINAL = ["--import", "data:text/javascript,process.stdout.isTTY=true"];
const SHORT = ["--seconds", "3", "--window", "2", "--devices", "6", "--rate", "12"];

interface Demo {
  readonly process: GuardedProcess;
  /** All that it has printed. */
  output(): string;
  /** What a line says behind its label. */
  row(label: string): string;
}

interface InboxList {
  readonly total: number;
  readonly mails: readonly { readonly subject: string; readonly severity?: string }[];
}

const json = async <T>(url: string): Promise<T> => (await (await get(url)).json()) as T;

describe("the demo", { concurrency: true }, () => {
  let kafka: SharedKafka;
  before(async () => {
    kafka = await sharedKafka();
  });
  const names = new Set<string>();
  after(async () => {
    const topics = await withAdmin(kafka.brokers, (admin) => admin.listTopics());
    assert.deepEqual(
      topics.filter((topic) => [...names].some((name) => topic.startsWith(name))),
      [],
      "topics that a demo left behind",
    );
  });

  const startDemo = async (t: TestContext, lang: string, ...args: string[]): Promise<Demo> => {
    const guard = await startGuard("demo");
    t.after(() => guard.close());
    let output = "";
    for (const stream of [guard.stdout, guard.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    const { PATH = "", HOME = "", NODE_COMPILE_CACHE = "" } = process.env;
    const env = { PATH, HOME, NODE_COMPILE_CACHE, KAFKA_BROKERS: kafka.brokers, LANG: lang };
    const child = await guard.start(process.execPath, [...AT_A_TERMINAL, MAIN, ...SHORT, ...args], { env });
    const printed = async (what: RegExp): Promise<RegExpExecArray> =>
      eventually(
        `the demo prints ${what}`,
        () => {
          const found = what.exec(output);
          if (found === null) assert.equal(child.exit(), undefined, output);
          return found ?? undefined;
        },
        { seen: () => output },
      );
    const [, unique = ""] = await printed(/(alert-digest-demo-\w+)\.alerts/);
    names.add(unique);
    // The last line that somebody at a terminal waits for, in each language.
    await printed(/README(\.ko)?\.md|Ctrl-C/);
    return {
      process: child,
      output: () => output,
      row: (label) => new RegExp(`^  ${label}  +(.*)$`, "m").exec(output)?.[1] ?? assert.fail(`${label}: ${output}`),
    };
  };

  test("at a terminal it stays up after its books, says what to try, and ends on Ctrl-C", async (t) => {
    const demo = await startDemo(t, "ko_KR.UTF-8");
    assert.match(demo.output(), /첫 메일까지 \d+초/);
    assert.match(demo.output(), /검산: 맞음/);

    const inbox = demo.row("메일 읽기");
    const before = await json<InboxList>(`${inbox}/api/mails`);
    assert.ok(before.total > 0);
    for (const { subject, severity } of before.mails) {
      assert.match(subject, /^\[알림\] /);
      assert.match(severity ?? "", /^(critical|warning|info)$/);
    }
    await eventually("devices go on", async () => (await json<InboxList>(`${inbox}/api/mails`)).total > before.total);

    const page = demo.row("집계 구간 보기");
    const instances = async (): Promise<readonly unknown[]> =>
      (await json<{ instances: readonly unknown[] }>(`${page}api/status`)).instances;
    await eventually("the page of one shows both", async () => (await instances()).length === 2);
    const [pid] = /\d+/.exec(demo.row("인스턴스 멈추기")) ?? [];
    process.kill(Number(pid));
    await eventually("it says that one ended", () => demo.output().includes("인스턴스 2 종료"), {
      seen: demo.output,
    });

    assert.equal(demo.process.exit(), undefined, demo.output());
    demo.process.signal("SIGINT");
    assert.deepEqual(await demo.process.exited(), { code: 0, signal: null }, demo.output());
    assert.match(demo.output(), /다음으로 해 볼 것:[\s\S]*README\.ko\.md/);
  });

  test("with --exit it ends after its books, at a terminal too", async (t) => {
    const demo = await startDemo(t, "en_US.UTF-8", "--exit");
    assert.deepEqual(await demo.process.exited(), { code: 0, signal: null }, demo.output());
    assert.match(demo.output(), /first mails in \d+ s/);
    assert.match(demo.output(), /books: right[\s\S]*What to try next:[\s\S]*README\.md/);
    assert.doesNotMatch(demo.output(), /Everything stays up/);
  });
});
