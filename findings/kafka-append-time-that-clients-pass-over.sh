#!/usr/bin/env bash
# @platformatic/kafka 1.35.0 (npm) and kafka-go 0.4.51 (github.com/segmentio/kafka-go), beside KafkaJS 2.2.4 (npm), at Apache Kafka 4.3.1.
#
# A topic has `message.timestamp.type=LogAppendTime`, often chosen since the clocks of devices are not to be trusted: a record's time
# is then the one at which the broker stored it. Expected: that is the time which a consumer gets.
# Seen: Java, librdkafka and KafkaJS give it; @platformatic/kafka and kafka-go give what the producer wrote, as if the topic had no such
# setting. The broker leaves the producer's times in the records and puts its own into the batch, once, with a bit that says so; these
# two clients pass over the bit. Neither tells which of the two it hands out.
#
# Output seen:
#   written with 1 January 2024
#   KafkaJS: now
#   @platformatic/kafka: 2024-01-01T00:00:00.000Z
#   kafka-go: 2024-01-01T00:00:00.000Z
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
npm init -y >npm.log 2>&1
npm install --silent --no-audit --no-fund --ignore-scripts @platformatic/kafka@1.35.0 kafkajs@2.2.4
mkdir go
cd go
export GOPATH="$tmp/gopath" GOCACHE="$tmp/gocache" GOFLAGS=-modcacherw
go mod init findings >>go.log 2>&1
cat >main.go <<'END'
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/segmentio/kafka-go"
)

func main() {
	within, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{os.Args[1]}, Topic: "alerts", Partition: 0})
	record, err := reader.ReadMessage(within)
	if err != nil {
		panic(err)
	}
	fmt.Print(record.Time.UnixMilli())
}
END
{ go get github.com/segmentio/kafka-go@v0.4.51 && go build -o "$tmp/program" .; } >>go.log 2>&1 || { cat go.log; exit 1; }
cd ..
cat >show.mjs <<'END'
import { execFileSync } from "node:child_process"
import { Consumer } from "@platformatic/kafka"
import kafkajs from "kafkajs"

const [broker, ofGo] = process.argv.slice(2)
const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 20 } })
const topic = "alerts"
const written = Date.UTC(2024, 0, 1)
const began = Date.now()
const shown = (time) => (time >= began - 1000 && time <= Date.now() + 1000 ? "now" : new Date(time).toISOString())

const admin = kafka.admin()
await admin.connect()
await admin.createTopics({ topics: [{ topic, configEntries: [{ name: "message.timestamp.type", value: "LogAppendTime" }] }] })
const producer = kafka.producer()
await producer.connect()
await producer.send({ topic, messages: [{ value: "x", timestamp: String(written) }] })

const consumer = kafka.consumer({ groupId: "kafkajs" })
await consumer.connect()
await consumer.subscribe({ topic, fromBeginning: true })
const first = await new Promise((seen) => void consumer.run({ eachMessage: async ({ message }) => seen(message) }))

const other = new Consumer({ groupId: "platformatic", clientId: "platformatic", bootstrapBrokers: [broker] })
const stream = await other.consume({ topics: [topic], mode: "earliest", autocommit: false })
let second
for await (second of stream) break

const third = Number(execFileSync(ofGo, [broker], { encoding: "utf8" }))
const seen = [
  "written with 1 January 2024",
  `KafkaJS: ${shown(Number(first.timestamp))}`,
  `@platformatic/kafka: ${shown(Number(second.timestamp))}`,
  `kafka-go: ${shown(third)}`,
]
console.log(seen.join("\n"))
process.exit(seen.slice(1).join(" ") === [
  "KafkaJS: now",
  "@platformatic/kafka: 2024-01-01T00:00:00.000Z",
  "kafka-go: 2024-01-01T00:00:00.000Z",
].join(" ") ? 0 : 1)
END
node show.mjs "127.0.0.1:$port" "$tmp/program"
