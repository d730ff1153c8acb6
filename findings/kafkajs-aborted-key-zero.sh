#!/usr/bin/env bash
# KafkaJS 2.2.4 (npm), a consumer that reads committed records only, at Apache Kafka 4.3.1.
#
# An aborted transaction holds four records whose keys are the 32-bit integers 1, 0, 2, 3, as Kafka's IntegerSerializer writes them.
# Expected: none of them arrives. Seen: from key 0 on all of them do.
#
# The control record that ends an aborted transaction has a key of version 0 and type 0: four zero bytes. KafkaJS knows that record
# by these four bytes alone and never asks whether the record is a control record, so an ordinary key of 0 "ends" the transaction.
# A commit marker (0, 1) has no such twin: only a device or a partition with the number 0 shows it.
#
# Output seen:
#   delivered: aborted-0 aborted-2 aborted-3 end
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
const topic = "numbered"

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic }] })

  const producer = kafka.producer({ transactionalId: "t", idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const transaction = await producer.transaction()
  const int32 = (number) => Buffer.from(Int32Array.of(number).buffer).reverse()
  await transaction.send({ topic, messages: [1, 0, 2, 3].map((n) => ({ key: int32(n), value: `aborted-${n}` })) })
  await transaction.abort()
  const plain = kafka.producer()
  await plain.connect()
  await plain.send({ topic, messages: [{ value: "end" }] })

  const consumer = kafka.consumer({ groupId: "g", readUncommitted: false })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const seen = []
  await new Promise((ended) => {
    consumer.run({
      eachMessage: async ({ message }) => {
        seen.push(String(message.value))
        if (seen.at(-1) === "end") ended()
      },
    })
  })
  console.log(`delivered: ${seen.join(" ")}`)
  process.exit(seen.join(" ") === "aborted-0 aborted-2 aborted-3 end" ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port"
