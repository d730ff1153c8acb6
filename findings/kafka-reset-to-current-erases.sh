#!/usr/bin/env bash
# Apache Kafka 4.3.1, `kafka-consumer-groups --reset-offsets`; the group's commits come from KafkaJS 2.2.4 (npm).
#
# `--reset-offsets --to-current --execute` sets a group's offsets to what they are. Expected: nothing changes.
# Seen: the metadata that the application left beside the offset is gone, of every partition named. The tool prints the offsets only,
# before and after, also with `--describe`: an application that keeps state in its metadata loses it to a command that looks like none.
#
# Output seen:
#   before: offset 1, metadata mine
#   after --to-current: offset 1, metadata null
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
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.3.1</version></dependency>
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
const { execFileSync } = require("node:child_process")
const { Kafka, logLevel } = require("kafkajs")
const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING, retry: { retries: 20 } })
const [topic, groupId] = ["noted", "g"]

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic }] })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ value: "one" }] })
  const consumer = kafka.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise((committed) => {
    consumer.run({
      autoCommit: false,
      eachBatch: async ({ commitOffsetsIfNecessary }) => {
        await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition: 0, offset: "1", metadata: "mine" }] }] })
        committed()
      },
    })
  })
  await consumer.disconnect()

  const committed = async () => {
    const { offset, metadata } = (await admin.fetchOffsets({ groupId, topics: [topic] }))[0].partitions[0]
    return `offset ${offset}, metadata ${metadata}`
  }
  const before = await committed()
  console.log(`before: ${before}`)
  const tool = ["-cp", "lib/*", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "--bootstrap-server", process.argv[2]]
  execFileSync("java", [...tool, "--group", groupId, "--topic", topic, "--reset-offsets", "--to-current", "--execute"])
  const after = await committed()
  console.log(`after --to-current: ${after}`)
  process.exit(before === "offset 1, metadata mine" && after === "offset 1, metadata null" ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port"
