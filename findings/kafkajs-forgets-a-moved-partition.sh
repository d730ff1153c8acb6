#!/usr/bin/env bash
# KafkaJS 2.2.4 (npm), a producer, at two brokers of Apache Kafka 4.3.1.
#
# One `send` has a record for each of a topic's two partitions. Partition 1 has just moved from broker 2 to broker 1, which had led
# partition 0 alone until then. Expected: both records are written, or `send` fails. Seen: `send` resolves, tells of partition 0 only,
# and the record for partition 1 is gone without an error.
#
# The producer asks broker 2, is told that it no longer leads partition 1, reads the topic's leaders anew and tries again. It tries
# only brokers that have not answered yet, though: broker 1 answered for partition 0, so nobody is asked about partition 1 again, and
# that ends the loop as if all were done. An idempotent producer with acks -1 does the same.
#
# Output seen:
#   the send resolved, for partitions 0
#   partition 1 has 1 record of 2
set -euo pipefail
tmp=$(mktemp -d)
brokers=()
finish() {
  for broker in "${brokers[@]}"; do kill -KILL "$broker" && wait "$broker"; done 2>"$tmp/end" || true
  rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' INT TERM
cd "$tmp"

# Two Kafka brokers on free ports; the first is the controller too.
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
read -r port1 port2 controller < <(node -e '
  const servers = [0, 0, 0].map(() => require("net").createServer().listen(0, "127.0.0.1"))
  setTimeout(() => { console.log(...servers.map((one) => one.address().port)); process.exit() }, 100)')
start() {
  local node=$1 port=$2 roles=$3 listeners=$4
  cat >"server$node.properties" <<END
process.roles=$roles
node.id=$node
listeners=$listeners
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:$controller
log.dirs=$tmp/data$node
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
END
  java -cp "lib/*" kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg -c "server$node.properties" >"broker$node.log" 2>&1
  java -Xmx256m -XX:+UseSerialGC -cp "lib/*" kafka.Kafka "server$node.properties" >>"broker$node.log" 2>&1 &
  brokers+=($!)
}
start 1 "$port1" broker,controller "PLAINTEXT://127.0.0.1:$port1,CONTROLLER://127.0.0.1:$controller"
start 2 "$port2" broker "PLAINTEXT://127.0.0.1:$port2"
for port in "$port1" "$port2"; do
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>>broker1.log; do kill -0 "${brokers[@]}"; sleep 0.3; done
done
npm install --silent --no-audit --no-fund kafkajs@2.2.4
cat >show.js <<'END'
const { Kafka, logLevel } = require("kafkajs")
const client = (clientId) =>
  new Kafka({ clientId, brokers: process.argv.slice(2), logLevel: logLevel.NOTHING, retry: { retries: 20 } })
const topic = "moving"

async function leaders(admin) {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => ({ topics: [{ partitions: [] }] }))
  return topics[0].partitions.sort((a, b) => a.partitionId - b.partitionId).map(({ leader }) => leader).join()
}
async function untilLedBy(admin, wanted) {
  while ((await leaders(admin)) !== wanted) await new Promise((done) => setTimeout(done, 100))
}

async function main() {
  // A client of its own: what it reads of the topic's leaders must not reach the producer.
  const admin = client("admin").admin()
  await admin.connect()
  while ((await admin.describeCluster()).brokers.length < 2) await new Promise((done) => setTimeout(done, 100))
  const replicaAssignment = [{ partition: 0, replicas: [1] }, { partition: 1, replicas: [2] }]
  await admin.createTopics({ topics: [{ topic, replicaAssignment }], waitForLeaders: false })
  await untilLedBy(admin, "1,2")

  const producer = client("producer").producer({ idempotent: true })
  await producer.connect()
  const send = (name) =>
    producer.send({ topic, acks: -1, messages: [0, 1].map((partition) => ({ partition, value: `${name}-${partition}` })) })
  await send("before")
  await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment: [{ partition: 1, replicas: [1] }] }] })
  await untilLedBy(admin, "1,1")

  const answer = await send("after")
  console.log(`the send resolved, for partitions ${answer.map(({ partition }) => partition).join(" ")}`)
  const { high } = (await admin.fetchTopicOffsets(topic)).find(({ partition }) => partition === 1)
  console.log(`partition 1 has ${high} record of 2`)
  process.exit(answer.length === 1 && high === "1" ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port1" "127.0.0.1:$port2"
