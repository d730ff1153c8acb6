#!/usr/bin/env bash
# KafkaJS 2.2.4 (npm), consumer.pause, at Apache Kafka 4.3.1.
#
# A consumer pauses a topic as a whole, and then one of its partitions as well (say, its mail server is down, and a partition's
# buffer is full too). Expected: all stay paused. Seen: the second pause *resumes* every other partition.
#
# Output seen:
#   paused after pausing the topic: 0 1 2
#   paused after pausing partition 0, too: 0
#   records that came from the others: 1 2
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
const topic = "parts"

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] })
  const consumer = kafka.consumer({ groupId: "g" })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const seen = []
  await new Promise((joined) => {
    consumer.on(consumer.events.GROUP_JOIN, joined)
    consumer.run({ eachMessage: async ({ partition }) => void seen.push(partition) })
  })
  const paused = () => consumer.paused().flatMap(({ partitions }) => partitions).sort().join(" ")
  consumer.pause([{ topic }])
  const first = paused()
  console.log(`paused after pausing the topic: ${first}`)
  consumer.pause([{ topic, partitions: [0] }])
  const second = paused()
  console.log(`paused after pausing partition 0, too: ${second}`)

  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [0, 1, 2].map((partition) => ({ partition, value: "x" })) })
  for (let polls = 0; polls < 100 && seen.length < 2; polls++) await new Promise((again) => setTimeout(again, 100))
  const others = seen.sort().join(" ")
  console.log(`records that came from the others: ${others}`)
  process.exit(first === "0 1 2" && second === "0" && others === "1 2" ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port"
