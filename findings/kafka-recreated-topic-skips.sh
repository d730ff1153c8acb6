#!/usr/bin/env bash
# Apache Kafka 4.3.1, its Java consumer of the same version, and librdkafka 2.16.0 (confluent-kafka 2.16.1 from PyPI).
# (Compiling the few lines below needs a JDK, 17 or newer.)
#
# A group has read a topic to its end, at 5. The topic is deleted and made anew under its name, and eight records are written, before
# the consumers ask again (they stand still meanwhile, as in a long pause of their machine). The broker drops the group's committed
# offset with the topic, the new topic has another id, which clients know, and `auto.offset.reset` is "earliest".
# Expected: they read the new topic from its beginning, or say that something is wrong. Seen: both go on at 5, the position in the
# topic that is gone. The first five records are never delivered, without an error, and 8 is committed, so a restart does not bring
# them either. It is a race: librdkafka began at 0 when it asked while the new topic was still empty. (Java: the classic protocol.)
#
# Output seen:
#   committed in the new topic: Java none, librdkafka none
#   Java: 0:old-1 1:old-2 2:old-3 3:old-4 4:old-5 5:new-6 6:new-7 7:new-8; committed 8
#   librdkafka: 0:old-1 1:old-2 2:old-3 3:old-4 4:old-5 5:new-6 6:new-7 7:new-8; committed 8
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
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
END
java -cp "lib/*" kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg -c server.properties >broker.log 2>&1
java -Xmx256m -XX:+UseSerialGC -cp "lib/*" kafka.Kafka server.properties >>broker.log 2>&1 &
broker=$!
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>>broker.log; do kill -0 "$broker"; sleep 0.3; done
python3 -m venv venv
npm install --silent --no-audit --no-fund kafkajs@2.2.4
venv/bin/pip -q --disable-pip-version-check install confluent-kafka==2.16.1
cat >Reader.java <<'END'
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;

public class Reader {
    public static void main(String[] arguments) {
        String text = "org.apache.kafka.common.serialization.StringDeserializer";
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(Map.of(
            "bootstrap.servers", arguments[0], "group.id", "java", "auto.offset.reset", "earliest",
            "auto.commit.interval.ms", "100", "key.deserializer", text, "value.deserializer", text));
        consumer.subscribe(List.of("topic"));
        while (true) {
            consumer.poll(Duration.ofMillis(100)).forEach(record -> System.out.println(record.offset() + ":" + record.value()));
        }
    }
}
END
cat >reader.py <<'END'
import sys

from confluent_kafka import Consumer

settings = {"group.id": "librdkafka", "auto.offset.reset": "earliest", "auto.commit.interval.ms": 100}
consumer = Consumer({"bootstrap.servers": sys.argv[1], **settings})
consumer.subscribe(["topic"])
while True:
    record = consumer.poll(0.1)
    if record is not None and not record.error():
        print(f"{record.offset()}:{record.value().decode()}", flush=True)
END
cat >show.js <<'END'
const { spawn } = require("node:child_process")
const { openSync, readFileSync } = require("node:fs")
const { setTimeout } = require("node:timers/promises")
const { Kafka, logLevel } = require("kafkajs")

const broker = process.argv[2]
const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry: { retries: 20 } })
const topic = "topic"
const commands = {
  Java: ["java", "-cp", "lib/*", "Reader.java", broker],
  librdkafka: ["venv/bin/python", "reader.py", broker],
}
const names = Object.keys(commands)
const readers = []
process.on("exit", () => { for (const reader of readers) reader.kill("SIGKILL") })
process.on("SIGTERM", () => process.exit(1))

async function main() {
  const [admin, producer] = [kafka.admin(), kafka.producer()]
  await Promise.all([admin.connect(), producer.connect()])
  const create = () => admin.createTopics({ topics: [{ topic }] })
  const write = (name, count) =>
    producer.send({ topic, messages: Array.from({ length: count }, (_, index) => ({ value: `${name}-${index + 1}` })) })
  const offset = async (name) => {
    const asked = admin.fetchOffsets({ groupId: name.toLowerCase(), topics: [topic] })
    return asked.then(([{ partitions }]) => partitions[0]?.offset, () => "no answer yet")
  }
  const until = async (wanted) => {
    for (const end = Date.now() + 60_000; Date.now() < end; await setTimeout(100)) {
      if ((await Promise.all(names.map(offset))).every((one) => one === wanted)) return
    }
    throw new Error(`the groups did not get to ${wanted}: ${names.map((name) => readFileSync(`${name}.out`, "utf8"))}`)
  }

  await create()
  await write("old", 5)
  for (const [name, [program, ...rest]] of Object.entries(commands)) {
    readers.push(spawn(program, rest, { stdio: ["ignore", openSync(`${name}.out`, "w"), openSync(`${name}.err`, "w")] }))
  }
  await until("5")
  for (const reader of readers) reader.kill("SIGSTOP")
  await admin.deleteTopics({ topics: [topic] })
  while (!(await create())) await setTimeout(100)
  await until("-1")
  console.log(`committed in the new topic: ${names.map((name) => `${name} none`).join(", ")}`)
  await write("new", 8)
  for (const reader of readers) reader.kill("SIGCONT")
  await until("8")
  const seen = names.map((name) => readFileSync(`${name}.out`, "utf8").trim().split("\n").join(" "))
  names.forEach((name, index) => console.log(`${name}: ${seen[index]}; committed 8`))
  const expected = "0:old-1 1:old-2 2:old-3 3:old-4 4:old-5 5:new-6 6:new-7 7:new-8"
  process.exit(seen.every((one) => one === expected) ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port"
