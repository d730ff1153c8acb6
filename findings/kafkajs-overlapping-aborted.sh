#!/usr/bin/env bash
# KafkaJS 2.2.4 (npm), a consumer that reads committed records only, at Apache Kafka 4.3.1.
#
# Two transactions overlap on one partition: A writes offset 0, B writes 1 and 2, A writes 3. Then B aborts, and A after it.
# Expected: none of the four arrives. Seen: A's first record arrives, read from the very beginning of the log.
#
# A broker lists aborted transactions in the order in which they *ended*: B (first offset 1), then A (first offset 0). KafkaJS takes
# the list for sorted by first offset, looks only at its head, and takes one entry off for each record: at offset 0 the head is B,
# which has not begun, so A is not looked for. Kafka's own consumer sorts the list itself.
# The same happens to a consumer that starts at offset 2 when A ends before B: two have begun, one is taken off, B's record arrives.
#
# Output seen:
#   from 0, ends in the order B, A: A0 end
#   from 2, ends in the order A, B: B2 end
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
npm install --silent --no-audit --no-fund kafkajs@2.2.4
cat >show.js <<'END'
const { Kafka, logLevel } = require("kafkajs")
const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING, retry: { retries: 20 } })

async function transactional(transactionalId) {
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  return producer
}

async function read(topic, offset) {
  const consumer = kafka.consumer({ groupId: topic, readUncommitted: false })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const seen = []
  await new Promise((ended) => {
    consumer.run({
      autoCommit: false,
      eachMessage: async ({ message }) => {
        seen.push(String(message.value))
        if (seen.at(-1) === "end") ended()
      },
    })
    consumer.seek({ topic, partition: 0, offset })
  })
  await consumer.disconnect()
  return seen.join(" ")
}

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: "b-first" }, { topic: "a-first" }] })
  const [a, b, plain] = [await transactional("a"), await transactional("b"), kafka.producer()]
  await plain.connect()

  async function overlap(topic, order) {
    const open = { A: await a.transaction(), B: await b.transaction() }
    for (const value of ["A0", "B1", "B2", "A3"]) await open[value[0]].send({ topic, messages: [{ value }] })
    for (const name of order) await open[name].abort()
    await plain.send({ topic, messages: [{ value: "end" }] })
  }
  await overlap("b-first", ["B", "A"])
  await overlap("a-first", ["A", "B"])
  const lines = [
    `from 0, ends in the order B, A: ${await read("b-first", "0")}`,
    `from 2, ends in the order A, B: ${await read("a-first", "2")}`,
  ]
  console.log(lines.join("\n"))
  process.exit(lines[0].endsWith("A: A0 end") && lines[1].endsWith("B: B2 end") ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port"
