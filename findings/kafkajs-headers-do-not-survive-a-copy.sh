#!/usr/bin/env bash
# KafkaJS 2.2.4 (npm), at Apache Kafka 4.3.1; confluent-kafka 2.16.1 (PyPI) writes the records and reads the copies.
#
# A consumer passes records on as it received them, to a retry topic or a dead-letter topic. Headers are a list of names and values;
# a value may be null. Expected: `headers: message.headers` sends what came.
# Seen: KafkaJS gives null for null, but refuses to send it; it makes an object of the list, which puts equal names together and
# numbers first; and a name that every JavaScript object has (constructor, toString) arrives with a function before its value, which
# cannot be sent either. The record that a dead-letter topic should keep is the one that cannot be written to it.
#
# Output seen:
#   [["trace","1"],["hop","x"],["trace","2"]] -> [["trace","1"],["trace","2"],["hop","x"]]
#   [["b","x"],["10","y"],["9","z"]] -> [["9","z"],["10","y"],["b","x"]]
#   [["tenant",null]] -> not sent: Received null
#   [["constructor","plant"]] -> not sent: Received function Object
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
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install confluent-kafka==2.16.1
cat >sent.json <<'END'
[
  [["trace", "1"], ["hop", "x"], ["trace", "2"]],
  [["b", "x"], ["10", "y"], ["9", "z"]],
  [["tenant", null]],
  [["constructor", "plant"]]
]
END
cat >write.py <<'END'
import json
import sys

from confluent_kafka import Producer

producer = Producer({"bootstrap.servers": sys.argv[1]})
for headers in json.load(open("sent.json")):
    producer.produce("alerts", b"v", headers=[(name, value) for name, value in headers])
sys.exit(producer.flush(60))
END
cat >copy.js <<'END'
const { writeFileSync } = require("node:fs")
const { Kafka, logLevel } = require("kafkajs")
const sent = require("./sent.json")
const [, , broker, step] = process.argv
const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry: { retries: 20 } })

async function create() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: "alerts" }, { topic: "copies" }] })
}

async function copy() {
  const producer = kafka.producer()
  await producer.connect()
  const consumer = kafka.consumer({ groupId: "g" })
  await consumer.connect()
  await consumer.subscribe({ topic: "alerts", fromBeginning: true })
  const answers = []
  await new Promise((ended) => {
    consumer.run({
      eachMessage: async ({ message: { value, headers } }) => {
        const sending = producer.send({ topic: "copies", messages: [{ value, headers }] })
        answers.push(await sending.then(() => "sent", (error) => `not sent: ${error.message.split(". ").at(-1)}`))
        if (answers.length === sent.length) ended()
      },
    })
  })
  writeFileSync("answers.json", JSON.stringify(answers))
}

const steps = { create, copy }
steps[step]().then(() => process.exit(0), (error) => { console.error(error); process.exit(1) })
END
cat >read.py <<'END'
import json
import sys

from confluent_kafka import Consumer, TopicPartition

sent, answers = json.load(open("sent.json")), json.load(open("answers.json"))
consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "reader"})
consumer.assign([TopicPartition("copies", 0, 0)])
shown = []
for index, headers in enumerate(sent):
    got = answers[index]
    if got == "sent":
        record = consumer.poll(60)
        got = json.dumps([(name, value.decode()) for name, value in record.headers()], separators=(",", ":"))
    shown.append(f"{json.dumps(headers, separators=(',', ':'))} -> {got}")
consumer.close()
print("\n".join(shown))
expected = [
    '[["trace","1"],["hop","x"],["trace","2"]] -> [["trace","1"],["trace","2"],["hop","x"]]',
    '[["b","x"],["10","y"],["9","z"]] -> [["9","z"],["10","y"],["b","x"]]',
    '[["tenant",null]] -> not sent: Received null',
    '[["constructor","plant"]] -> not sent: Received function Object',
]
sys.exit(0 if shown == expected else 1)
END
node copy.js "127.0.0.1:$port" create
venv/bin/python write.py "127.0.0.1:$port"
node copy.js "127.0.0.1:$port" copy
venv/bin/python read.py "127.0.0.1:$port"
