#!/usr/bin/env bash
# cloudevents 10.0.0 and KafkaJS 2.2.4 (npm), at Apache Kafka 4.3.1.
#
# The CloudEvents SDK has a binding for Kafka (`Kafka.binary`, `Kafka.structured`, `Kafka.toEvent`), and KafkaJS is the plain
# JavaScript client. Expected: what the one makes the other sends, and what the other receives the one reads.
# Seen: in binary mode, the binding's usual one, KafkaJS cannot send it: headers that the event lacks are there with `undefined`, and
# the value is an object and not bytes. And in neither mode does `Kafka.toEvent` read a record that KafkaJS received: KafkaJS gives
# header values as Buffers, the SDK calls `startsWith` on them. Both need a few lines between them, which no type asks for.
#
# Output seen:
#   send binary: The "string" argument must be of type string or an instance of Buffer or ArrayBuffer. Received an instance of Object
#   send structured: sent
#   toEvent of the record as received: startsWith is not a function
#   toEvent with its headers as strings: id 1
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
npm install --silent --no-audit --no-fund kafkajs@2.2.4 cloudevents@10.0.0
cat >show.js <<'END'
const { CloudEvent, Kafka: Binding } = require("cloudevents")
const { Kafka, logLevel } = require("kafkajs")
const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING, retry: { retries: 20 } })
const topic = "events"
const lines = []
const say = (line) => { console.log(line); lines.push(line) }

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic }] })
  const producer = kafka.producer()
  await producer.connect()
  const event = new CloudEvent({ id: "1", source: "/plant", type: "alert", subject: "device-1", data: { value: 85 } })
  for (const mode of ["binary", "structured"]) {
    const sent = producer.send({ topic, messages: [Binding[mode](event)] })
    say(`send ${mode}: ${await sent.then(() => "sent", (error) => error.message)}`)
  }

  const consumer = kafka.consumer({ groupId: "g" })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const message = await new Promise((seen) => void consumer.run({ eachMessage: async ({ message }) => seen(message) }))
  try {
    say(`toEvent of the record as received: id ${Binding.toEvent(message).id}`)
  } catch (error) {
    say(`toEvent of the record as received: ${error.message.replace(/^.*(startsWith)/, "$1")}`)
  }
  const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]))
  say(`toEvent with its headers as strings: id ${Binding.toEvent({ ...message, headers }).id}`)
  const changed =
    !lines[0].includes("must be of type string") || lines[1] !== "send structured: sent" ||
    !lines[2].endsWith("startsWith is not a function") || !lines[3].endsWith("id 1")
  process.exit(changed ? 1 : 0)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port"
