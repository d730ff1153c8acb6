#!/usr/bin/env bash
# Apache Kafka 4.3.1, MirrorMaker 2 (org.apache.kafka:connect-mirror) with `sync.group.offsets.enabled`; KafkaJS 2.2.4 (npm) commits.
#
# MirrorMaker copies a topic and the offsets of its groups to another cluster. Offsets differ there (transaction markers are not
# copied), so it translates them. Expected of the metadata beside an offset, which nobody but the application can read: it is left
# out, or the application is told that it is in another log now. Seen: it is copied word for word beside the *translated* offset, in a
# commit that looks like the application's own. Whatever it says about offsets is about another log.
#
# Output seen (source and target are one cluster here, the copied topic has its usual prefix):
#   source: topic orders, offset 4, metadata settled:2
#   target: topic source.orders, offset 2, metadata settled:2; records there: 2
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
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-mirror</artifactId><version>4.3.1</version></dependency>
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
cat >mirror.properties <<END
clusters=source, target
source.bootstrap.servers=127.0.0.1:$port
target.bootstrap.servers=127.0.0.1:$port
source->target.enabled=true
target->source.enabled=false
source->target.topics=orders
source->target.groups=g
source->target.sync.group.offsets.enabled=true
replication.factor=1
checkpoints.topic.replication.factor=1
heartbeats.topic.replication.factor=1
offset-syncs.topic.replication.factor=1
offset.storage.replication.factor=1
config.storage.replication.factor=1
status.storage.replication.factor=1
emit.checkpoints.interval.seconds=1
sync.group.offsets.interval.seconds=1
refresh.topics.interval.seconds=1
refresh.groups.interval.seconds=1
offset.flush.interval.ms=1000
END
cat >show.js <<'END'
const { spawn } = require("node:child_process")
const { openSync } = require("node:fs")
const { Kafka, logLevel } = require("kafkajs")
const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING, retry: { retries: 20 } })
const [topic, groupId] = ["orders", "g"]

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic }] })
  const producer = kafka.producer({ transactionalId: "t", idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  // Offsets 0 and 2; a marker behind each.
  for (const value of ["one", "two"]) {
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ value }] })
    await transaction.commit()
  }
  const consumer = kafka.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise((committed) => {
    consumer.run({
      autoCommit: false,
      eachBatch: async ({ commitOffsetsIfNecessary }) => {
        const partitions = [{ partition: 0, offset: "4", metadata: "settled:2" }]
        await commitOffsetsIfNecessary({ topics: [{ topic, partitions }] })
        committed()
      },
    })
  })
  await consumer.disconnect()

  const log = openSync("mirror.log", "w")
  const java = ["-Xmx256m", "-XX:+UseSerialGC", "-cp", "lib/*", "org.apache.kafka.connect.mirror.MirrorMaker", "mirror.properties"]
  const mirror = spawn("java", java, { stdio: ["ignore", log, log] })
  process.on("exit", () => mirror.kill("SIGKILL"))
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1))
  const committed = async (of) => (await admin.fetchOffsets({ groupId, topics: [of] }))[0].partitions[0]
  const there = `source.${topic}`
  let copy = { offset: "-1" }
  for (let looks = 0; looks < 240 && copy.offset !== "2"; looks++) {
    await new Promise((again) => setTimeout(again, 500))
    if ((await admin.listTopics()).includes(there)) copy = await committed(there)
  }
  const [{ high }] = await admin.fetchTopicOffsets(there)
  const original = await committed(topic)
  const lines = [
    `source: topic ${topic}, offset ${original.offset}, metadata ${original.metadata}`,
    `target: topic ${there}, offset ${copy.offset}, metadata ${copy.metadata}; records there: ${high}`,
  ]
  console.log(lines.join("\n"))
  const same =
    lines[0] === "source: topic orders, offset 4, metadata settled:2" &&
    lines[1] === "target: topic source.orders, offset 2, metadata settled:2; records there: 2"
  process.exit(same ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port"
