#!/usr/bin/env bash
# KafkaJS 2.2.4 (npm), a consumer with `autoCommit: false`, at Apache Kafka 4.3.1.
#
# The group's committed offset is not in the log (here: above its end; as often, below its beginning after retention).
# Expected of `autoCommit: false`: nothing is committed that the application did not commit.
# Seen: KafkaJS commits by itself, and what it commits is no offset: -2 ("earliest"; -1, "latest", without `fromBeginning`), and the
# metadata is gone. The broker takes it, tools print it as the group's offset, and every later start resolves it anew.
#
# Output seen:
#   committed before: 1000, metadata mine
#   committed after: -2, metadata null; the application committed nothing
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
const [topic, groupId] = ["left", "g"]

async function once(eachBatch) {
  const consumer = kafka.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise((done) => {
    consumer.run({ autoCommit: false, eachBatch: async (payload) => done(await eachBatch(payload)) })
  })
  await consumer.disconnect()
}

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic }] })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ value: "one" }] })
  const committed = async () => {
    const { offset, metadata } = (await admin.fetchOffsets({ groupId, topics: [topic] }))[0].partitions[0]
    return `${offset}, metadata ${metadata}`
  }

  await once(({ commitOffsetsIfNecessary }) =>
    commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition: 0, offset: "1000", metadata: "mine" }] }] }),
  )
  const before = await committed()
  console.log(`committed before: ${before}`)
  await once(() => undefined)
  const after = await committed()
  console.log(`committed after: ${after}; the application committed nothing`)
  process.exit(before === "1000, metadata mine" && after === "-2, metadata null" ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port"
