#!/usr/bin/env bash
# KafkaJS 2.2.4 (npm), producer.send, at Apache Kafka 4.3.1.
#
# A topic gets a second partition, and a producer that knew the topic before writes a record to it, by number. Expected: the record is
# written, or send rejects (librdkafka and Java's client refuse or ask for the metadata anew). Seen: send *resolves*, with an empty
# list, and the record is nowhere. A second record of the same call, for the old partition, is written. It stays so until the metadata
# is five minutes old (metadataMaxAge). A partition that no topic ever had is taken in the same way.
#
# Output seen:
#   send to partitions 0 and 1 resolved with: 0
#   send to partition 1 alone resolved with: nothing
#   records of the topic: 1 0
#   a new producer's send to partition 1 resolved with: 1
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
const topic = "alerts"

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ partition: 0, value: "before" }] })
  const before = Number((await admin.fetchTopicOffsets(topic))[0].offset)

  await admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] })
  const known = async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length
  while ((await known()) < 2) await new Promise((again) => setTimeout(again, 100))

  const written = async (one, partitions) =>
    (await one.send({ topic, messages: partitions.map((partition) => ({ partition, value: "after" })) }))
      .map(({ partition }) => partition).join(" ") || "nothing"
  const both = await written(producer, [0, 1])
  console.log(`send to partitions 0 and 1 resolved with: ${both}`)
  const alone = await written(producer, [1])
  console.log(`send to partition 1 alone resolved with: ${alone}`)
  const ends = (await admin.fetchTopicOffsets(topic)).sort((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset))
  const records = [ends[0] - before, ends[1]].join(" ")
  console.log(`records of the topic: ${records}`)

  const other = kafka.producer()
  await other.connect()
  const anew = await written(other, [1])
  console.log(`a new producer's send to partition 1 resolved with: ${anew}`)
  process.exit(both === "0" && alone === "nothing" && records === "1 0" && anew === "1" ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port"
