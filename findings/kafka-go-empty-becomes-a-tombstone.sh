#!/usr/bin/env bash
# kafka-go 0.4.51 (github.com/segmentio/kafka-go), at Apache Kafka 4.3.1; KafkaJS 2.2.4 (npm) looks at the records.
#
# Kafka tells an empty value from none: an empty one is a value, none deletes the key in a compacted topic (a "tombstone"). The same
# holds for keys (without a key, a record goes to any partition) and for headers. kafka-go writes both, and writes them right.
# Expected: it reads what it writes. Seen: it reads empty ones as nil. A consumer cannot tell "cleared, no text" from "deleted", and a
# program that copies records turns an empty value into a tombstone, which compaction then obeys, and takes the empty key away.
#
# Output seen:
#   written: key "", value "text"; key "device-1", value ""; header ""
#   copied: key null, value "text"; key "device-1", value null; header null
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
mkdir go
cd go
export GOPATH="$tmp/gopath" GOCACHE="$tmp/gocache" GOFLAGS=-modcacherw
go mod init findings >>go.log 2>&1
cat >main.go <<'END'
package main

import (
	"context"
	"os"
	"time"

	"github.com/segmentio/kafka-go"
)

// Copies the first two records of the topic "alerts" into the topic "copies".
func main() {
	within, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{os.Args[1]}, Topic: "alerts", Partition: 0})
	writer := &kafka.Writer{Addr: kafka.TCP(os.Args[1]), Topic: "copies"}
	for range 2 {
		record, err := reader.ReadMessage(within)
		if err != nil {
			panic(err)
		}
		copied := kafka.Message{Key: record.Key, Value: record.Value, Headers: record.Headers}
		if err := writer.WriteMessages(within, copied); err != nil {
			panic(err)
		}
	}
}
END
{ go get github.com/segmentio/kafka-go@v0.4.51 && go build -o "$tmp/program" .; } >>go.log 2>&1 || { cat go.log; exit 1; }
cd ..
cat >show.js <<'END'
const { execFileSync } = require("node:child_process")
const { Kafka, logLevel } = require("kafkajs")
const [broker, copy] = process.argv.slice(2)
const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry: { retries: 20 } })
const shown = (bytes) => (bytes === null ? "null" : JSON.stringify(String(bytes)))

async function read(topic) {
  const consumer = kafka.consumer({ groupId: topic })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const records = []
  await new Promise((ended) => {
    consumer.run({ eachMessage: async ({ message }) => { if (records.push(message) === 2) ended() } })
  })
  await consumer.disconnect()
  const pairs = records.map(({ key, value }) => `key ${shown(key)}, value ${shown(value)}`)
  return `${pairs.join("; ")}; header ${shown(records[1].headers.note)}`
}

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: "alerts" }, { topic: "copies" }] })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({
    topic: "alerts",
    messages: [{ key: "", value: "text" }, { key: "device-1", value: "", headers: { note: "" } }],
  })
  const written = await read("alerts")
  execFileSync(copy, [broker], { stdio: "inherit" })
  const copied = await read("copies")
  console.log(`written: ${written}\ncopied: ${copied}`)
  const same =
    written === 'key "", value "text"; key "device-1", value ""; header ""' &&
    copied === 'key null, value "text"; key "device-1", value null; header null'
  process.exit(same ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port" "$tmp/program"
