#!/usr/bin/env bash
# @opentelemetry/instrumentation-kafkajs 0.32.0 with KafkaJS 2.2.4 (npm), at Apache Kafka 4.3.1.
#
# A gateway sends its records with the same few headers, written down once and given to each of them; KafkaJS only reads them.
# The instrumentation adds to each record a header `traceparent` that names the span of its sending, so that the consumer's span
# continues it. Expected: each record continues its own. Seen: it writes the header into the object that the program handed over. Where
# records share that object, all of them carry the trace of the last one: its trace holds the work of all, and the other spans end at
# the producer. The program's own object has changed as well: what it sends later, or compares, has a header that it never set.
# Records whose headers are written out one by one are right, so nothing shows while one tries it out.
#
# Output seen:
#   headers of their own: 3 records, each in the trace of its own span
#   shared headers: 3 records, all in the trace of the last span
#   the program's object afterwards: source, traceparent
set -euo pipefail
tmp=$(mktemp -d)
broker=
finish() {
  if [ -n "$broker" ]; then kill "$broker" && wait "$broker"; fi 2>"$tmp/end" || true
  rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' INT TERM
cd "$tmp"

# One Kafka broker on a free port.
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>findings</groupId><artifactId>broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
END
mvn -B -ntp -Dmaven.repo.local="$tmp/repository" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$tmp/lib" >maven.log 2>&1 || { tail -n 20 maven.log; exit 1; }
read -r port controller < <(node -e '
  const servers = [0, 0].map(() => require("net").createServer().listen(0, "127.0.0.1"))
  setTimeout(() => { console.log(...servers.map((one) => one.address().port)); process.exit() }, 100)')
cat >server.properties <<END
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:$controller
log.dirs=$tmp/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
END
java -cp "lib/*" kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg -c server.properties >broker.log 2>&1
java -Xmx256m -XX:+UseSerialGC -cp "lib/*" kafka.Kafka server.properties >>broker.log 2>&1 &
broker=$!
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>>broker.log; do kill -0 "$broker"; sleep 0.3; done
npm init -y >npm.log 2>&1
npm install --silent --no-audit --no-fund kafkajs@2.2.4 @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-node@2.12.1 \
  @opentelemetry/instrumentation-kafkajs@0.32.0
cat >show.js <<'END'
const { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-node")
const { KafkaJsInstrumentation } = require("@opentelemetry/instrumentation-kafkajs")
const exporter = new InMemorySpanExporter()
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
provider.register()
const instrumentation = new KafkaJsInstrumentation()
instrumentation.setTracerProvider(provider)
instrumentation.enable()
const { Kafka, logLevel } = require("kafkajs")
const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING, retry: { retries: 20 } })

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: "own" }, { topic: "shared" }] })
  const producer = kafka.producer()
  await producer.connect()
  const shared = { source: "gateway" }
  const values = ["1", "2", "3"]
  await producer.send({ topic: "own", messages: values.map((value) => ({ value, headers: { source: "gateway" } })) })
  await producer.send({ topic: "shared", messages: values.map((value) => ({ value, headers: shared })) })

  const traces = { own: [], shared: [] }
  const consumer = kafka.consumer({ groupId: "g" })
  await consumer.connect()
  await consumer.subscribe({ topics: ["own", "shared"], fromBeginning: true })
  let left = 6
  await new Promise((ended) => {
    consumer.run({
      eachMessage: async ({ topic, message }) => {
        traces[topic].push(String(message.headers.traceparent).split("-")[1])
        if (--left === 0) ended()
      },
    })
  })
  const spansOf = (topic) =>
    exporter.getFinishedSpans().filter(({ name }) => name === `send ${topic}`).map((span) => span.spanContext().traceId)
  const told = (topic) => {
    const spans = spansOf(topic)
    if (String(traces[topic]) === String(spans)) return "each in the trace of its own span"
    return traces[topic].every((trace) => trace === spans.at(-1)) ? "all in the trace of the last span" : "otherwise"
  }
  const seen = [
    `headers of their own: ${traces.own.length} records, ${told("own")}`,
    `shared headers: ${traces.shared.length} records, ${told("shared")}`,
    `the program's object afterwards: ${Object.keys(shared).join(", ")}`,
  ]
  console.log(seen.join("\n"))
  process.exit(seen.join("\n") === [
    "headers of their own: 3 records, each in the trace of its own span",
    "shared headers: 3 records, all in the trace of the last span",
    "the program's object afterwards: source, traceparent",
  ].join("\n") ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port"
