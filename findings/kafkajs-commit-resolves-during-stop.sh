#!/usr/bin/env bash
# KafkaJS 2.2.4 (npm), consumer.commitOffsets, at Apache Kafka 4.3.1.
#
# A consumer with `autoCommit: false` commits each record after its work, in `eachMessage`. While it works on one, the process is told
# to end and calls `consumer.stop()`, which waits for `eachMessage`.
# Expected: the last record is committed, as `await commitOffsets(...)` went through without an error, and stop() waited for it.
# Seen: from the moment stop() is called, commitOffsets resolves and does nothing. Each orderly restart repeats the record that was in
# work (a mail twice, an order twice), and the code that should prevent it reports success.
#
# Output seen:
#   record 0: commitOffsets resolved; committed 1
#   record 1, during stop: commitOffsets resolved; committed 1
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
const [topic, groupId] = ["orders", "g"]

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic }] })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ value: "first" }, { value: "second" }] })

  const consumer = kafka.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const seen = []
  let stopped
  await new Promise((ended) => {
    consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        const last = message.offset === "1"
        if (last) stopped = consumer.stop()
        const offset = String(Number(message.offset) + 1)
        const answer = await consumer.commitOffsets([{ topic, partition, offset }]).then(() => "resolved", () => "rejected")
        const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] })
        seen.push(`commitOffsets ${answer}; committed ${partitions[0].offset}`)
        if (last) ended()
      },
    })
  })
  await stopped
  const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] })
  console.log(`record 0: ${seen[0]}\nrecord 1, during stop: ${seen[1]}`)
  const same = seen.every((one) => one === "commitOffsets resolved; committed 1") && partitions[0].offset === "1"
  process.exit(same ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port"
