#!/usr/bin/env bash
# KafkaJS 2.2.4 (npm), admin.fetchOffsets, at Apache Kafka 4.3.1.
#
# `admin.fetchOffsets({ groupId, topics, resolveOffsets: true })` asks where a group stands. Expected: a question changes nothing.
# Seen: it *commits*. A group that has never existed exists afterwards, with an offset on each partition; and where the group had
# left metadata beside its offset, the metadata is gone. (An offset of -1, "none", is taken for "the end of the log": the group then
# starts behind everything that is in the topic, `fromBeginning: true` or not.)
#
# Output seen:
#   before: groups none; group "new" at -1
#   after asking: groups known, new; group "new" at 3; group "known" at 1, metadata null
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
const topic = "asked"

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic }] })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: ["one", "two", "three"].map((value) => ({ value })) })

  const at = async (groupId, more = {}) => (await admin.fetchOffsets({ groupId, topics: [topic], ...more }))[0].partitions[0]
  const groups = async () => (await admin.listGroups()).groups.map(({ groupId }) => groupId).sort().join(", ") || "none"
  const before = `before: groups ${await groups()}; group "new" at ${(await at("new")).offset}`
  console.log(before)

  // A group that left metadata beside its offset, as a consumer may with each commit.
  const consumer = kafka.consumer({ groupId: "known" })
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
  if ((await at("known")).metadata !== "mine") process.exit(1)

  await at("new", { resolveOffsets: true })
  await at("known", { resolveOffsets: true })
  const [fresh, known] = [await at("new"), await at("known")]
  const after =
    `after asking: groups ${await groups()}; group "new" at ${fresh.offset}; ` +
    `group "known" at ${known.offset}, metadata ${known.metadata}`
  console.log(after)
  const changed =
    before !== 'before: groups none; group "new" at -1' ||
    after !== 'after asking: groups known, new; group "new" at 3; group "known" at 1, metadata null'
  process.exit(changed ? 1 : 0)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port"
