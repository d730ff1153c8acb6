#!/usr/bin/env bash
# @platformatic/kafka 1.35.0 (npm), a consumer that commits by itself (its default, and by time), at Apache Kafka 4.3.1.
#
# A topic holds 100 records. A consumer reads them as a stream, `for await (const record of stream)`, and stops, or dies, while it works
# on the first. The manual: `autocommit: true` commits consumed messages "immediately", a number says how often offsets are committed.
# Expected, as of Java and KafkaJS: what was not handed out yet is not committed; at worst the first record is lost.
# Seen: the offset is 100 while the first record is in work. Everything that the broker's answer held is committed as it goes into the
# stream's buffer. The other 99 records were never given to anybody, and no later consumer of the group gets them. The longer the
# work on a record takes, the more are gone with a restart. With `autocommit: false` and `record.commit()` the offset is right.
#
# Output seen:
#   autocommit true: handed out 1, committed 100, the next one gets 0
#   autocommit 200: handed out 1, committed 100, the next one gets 0
#   autocommit false, record.commit(): handed out 1, committed 1, the next one gets 99
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
npm install --silent --no-audit --no-fund --ignore-scripts @platformatic/kafka@1.35.0 kafkajs@2.2.4
cat >show.mjs <<'END'
import { Consumer } from "@platformatic/kafka"
import kafkajs from "kafkajs"

const [broker] = process.argv.slice(2)
const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 20 } })
const topic = "alerts"
const admin = kafka.admin()
await admin.connect()
await admin.createTopics({ topics: [{ topic }] })
const producer = kafka.producer()
await producer.connect()
await producer.send({ topic, messages: Array.from({ length: 100 }, (_, i) => ({ value: String(i) })) })

async function committed(groupId) {
  const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] })
  return Number(partitions[0].offset)
}

// How many records were handed out, and what was committed while the first was in work.
async function readOne(groupId, autocommit) {
  const consumer = new Consumer({ groupId, clientId: groupId, bootstrapBrokers: [broker] })
  const stream = await consumer.consume({ topics: [topic], mode: "committed", fallbackMode: "earliest", autocommit })
  let [handedOut, offset] = [0, -1]
  for await (const record of stream) {
    handedOut += 1
    if (autocommit === false) await record.commit()
    while ((offset = await committed(groupId)) < 1) await new Promise((next) => setTimeout(next, 100))
    break
  }
  await consumer.close(true)
  return [handedOut, offset]
}

const seen = []
for (const [name, autocommit] of [["true", true], ["200", 200], ["false, record.commit()", false]]) {
  const [handedOut, offset] = await readOne(`group-${autocommit}`, autocommit)
  seen.push(`autocommit ${name}: handed out ${handedOut}, committed ${offset}, the next one gets ${100 - offset}`)
}
console.log(seen.join("\n"))
process.exit(seen.join("\n") === [
  "autocommit true: handed out 1, committed 100, the next one gets 0",
  "autocommit 200: handed out 1, committed 100, the next one gets 0",
  "autocommit false, record.commit(): handed out 1, committed 1, the next one gets 99",
].join("\n") ? 0 : 1)
END
node show.mjs "127.0.0.1:$port"
