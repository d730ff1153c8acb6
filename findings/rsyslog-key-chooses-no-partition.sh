#!/usr/bin/env bash
# rsyslog 8.2302 with omkafka (Debian 12), at Apache Kafka 4.3.1; KafkaJS 2.2.4 (npm) reads.
#
# Eight log lines of two hosts go to a topic of four partitions, each with its host as the record's key. Expected of a Kafka producer:
# the key chooses the partition, so a host's lines stay in one and the hosts spread. Seen: the key is written into the record and
# chooses nothing. By itself omkafka puts everything into partition 0, and the other three stay empty; told that there are four
# (`partitions.number="4"`), it deals the records round, so a host's lines lose their order. Only `partitions.auto="on"`, which does
# not speak of keys, lets the key choose.
#
# Output seen:
#   key alone: partition 0 host1 host2 host1 host2 host1 host2 host1 host2
#   key and partitions.number="4": host1, host2 in 2, 2 partitions
#   key and partitions.auto="on": host1, host2 in 1, 1 partitions
set -euo pipefail
tmp=$(mktemp -d)
broker=
layer=
finish() {
  # unshare passes over milder signals; what it started ends with it.
  if [ -n "$layer" ]; then kill -KILL "$layer" && wait "$layer"; fi 2>"$tmp/end" || true
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

# The packages go into a layer over this machine's files that only these processes see and that goes with them. Needs root, on Debian 12.
cat >inside <<'END'
set -euo pipefail
mount -t tmpfs none "$1"
mkdir "$1/new" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/new,workdir=$1/work" "$1/root"
mount --rbind /dev "$1/root/dev"
mount -t proc proc "$1/root/proc"
printf '#!/bin/sh\nexit 101\n' >"$1/root/usr/sbin/policy-rc.d"
chmod +x "$1/root/usr/sbin/policy-rc.d"
export DEBIAN_FRONTEND=noninteractive
chroot "$1/root" apt-get -qq update >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
chroot "$1/root" apt-get -qq install -y --no-install-recommends "rsyslog=8.2302*" "rsyslog-kafka=8.2302*" >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
cp "$2" "$3" "$1/root/root/"
chroot "$1/root" rsyslogd -n -f /root/rsyslog.conf -i /root/pid
END
for number in 1 2 3 4; do printf 'host1 %s\nhost2 %s\n' "$number" "$number"; done >lines
cat >rsyslog.conf <<END
module(load="omkafka")
module(load="imfile")
input(type="imfile" file="/root/lines" tag="x")
template(name="host" type="string" string="%msg:F,32:1%")
template(name="line" type="string" string="%msg%")
action(type="omkafka" broker="127.0.0.1:$port" topic="alone" dynakey="on" key="host" template="line")
action(type="omkafka" broker="127.0.0.1:$port" topic="number" dynakey="on" key="host" template="line" partitions.number="4")
action(type="omkafka" broker="127.0.0.1:$port" topic="auto" dynakey="on" key="host" template="line" partitions.auto="on")
END
cat >show.js <<'END'
const { Kafka, logLevel } = require("kafkajs")
const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING, retry: { retries: 20 } })
const topics = ["alone", "number", "auto"]

async function create() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 4 })) })
}

async function read() {
  const consumer = kafka.consumer({ groupId: "g" })
  await consumer.connect()
  await consumer.subscribe({ topics, fromBeginning: true })
  const records = []
  await new Promise((ended, failed) => {
    setTimeout(() => failed(new Error(`only ${records.length} records came`)), 240_000)
    consumer.run({
      eachMessage: async ({ topic, partition, message }) => {
        if (records.push({ topic, partition, key: String(message.key) }) === 24) ended()
      },
    })
  })
  const of = (topic) => records.filter((record) => record.topic === topic)
  const spread = (topic) =>
    ["host1", "host2"].map((host) => new Set(of(topic).filter(({ key }) => key === host).map((record) => record.partition)).size)
  const used = [...new Set(of("alone").map((record) => record.partition))]
  const keys = of("alone").map((record) => record.key).join(" ")
  console.log(`key alone: partition ${used} ${keys}`)
  console.log(`key and partitions.number="4": host1, host2 in ${spread("number").join(", ")} partitions`)
  console.log(`key and partitions.auto="on": host1, host2 in ${spread("auto").join(", ")} partitions`)
  const same = String(used) === "0" && keys === Array(4).fill("host1 host2").join(" ") && Math.min(...spread("number")) > 1
  process.exit(same && String(spread("auto")) === "1,1" ? 0 : 1)
}

if (process.argv[3] === "create") create().then(() => process.exit(0))
else read().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "127.0.0.1:$port" create
mkdir layer
unshare --mount --pid --fork --kill-child bash inside "$tmp/layer" "$tmp/lines" "$tmp/rsyslog.conf" >layer.log 2>&1 &
layer=$!
node show.js "127.0.0.1:$port" || { cat layer.log; exit 1; }
