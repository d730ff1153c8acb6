#!/usr/bin/env bash
# KafkaJS 2.2.4 (npm), admin.fetchTopicOffsets, at Apache Kafka 4.3.1.
#
# `fetchTopicOffsets` names its answer `high`, and `high` minus the committed offset is the usual lag. While any producer has a
# transaction open, `high` is the last stable offset and not the high watermark: every record behind the first open one is missing,
# also those of producers without transactions. KafkaJS asks with the isolation level "read committed" and has no option for the other.
# So lag reads 0 exactly while consumers are held back. A consumer's batch of the same library gives the real one as `highWatermark`.
#
# Output seen, six records in the log, the first of them in an open transaction:
#   fetchTopicOffsets: high 0; a batch of the same client: highWatermark 6
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
const topic = "open"

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic }] })
  const producer = kafka.producer({ transactionalId: "t", idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const transaction = await producer.transaction()
  await transaction.send({ topic, messages: [{ value: "open" }] })
  const plain = kafka.producer()
  await plain.connect()
  await plain.send({ topic, messages: Array(5).fill({ value: "plain" }) })

  const [{ high }] = await admin.fetchTopicOffsets(topic)
  const consumer = kafka.consumer({ groupId: "g", readUncommitted: true })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const highWatermark = await new Promise((seen) => {
    consumer.run({ eachBatch: async ({ batch }) => seen(batch.highWatermark) })
  })
  console.log(`fetchTopicOffsets: high ${high}; a batch of the same client: highWatermark ${highWatermark}`)
  process.exit(high === "0" && highWatermark === "6" ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port"
