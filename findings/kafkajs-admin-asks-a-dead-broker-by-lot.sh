#!/usr/bin/env bash
# KafkaJS 2.2.4 (npm), its admin, at three brokers of Apache Kafka 4.3.1.
#
# KafkaJS asks the brokers for metadata one after another, in an order by lot, until one of them answers (`withBroker`): what a broker
# throws is caught, and the next is asked. One of three brokers dies, and its session has not run out: it is still in the metadata.
# Expected: `listTopics` answers each time, since two brokers do, and an admin that is connected to both of them answers at once.
# Seen: it fails whenever the lot puts the dead broker first. Only the question is within that `catch`, not the connection before it.
# With retries the call takes as many pauses as it has bad luck, with none (`retries: 0`) a third of the calls fail, of an old admin as
# of a new one. `describeCluster` has the same loop.
#
# Output seen (the shares are those of a lot):
#   three brokers, connected admin: 0 of 60 listTopics failed
#   two brokers, connected admin: 16 of 60 listTopics failed (KafkaJSConnectionError)
#   two brokers, new admins: 20 of 60 listTopics failed (KafkaJSConnectionError)
#   two brokers, connected admin: 18 of 60 describeCluster failed (KafkaJSConnectionError)
set -euo pipefail
tmp=$(mktemp -d)
brokers=()
finish() {
  for broker in "${brokers[@]}"; do
    kill -9 "$broker" || true
    while kill -0 "$broker"; do sleep 0.1; done
  done 2>"$tmp/end"
  rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' INT TERM
cd "$tmp"

# Three Kafka brokers on free ports; the first is also the controller, and takes an hour to call another dead.
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
read -r -a ports < <(node -e '
  const servers = [0, 0, 0, 0].map(() => require("net").createServer().listen(0, "127.0.0.1"))
  setTimeout(() => { console.log(...servers.map((one) => one.address().port)); process.exit() }, 100)')
start() { # NODE ROLES LISTENERS
  cat >"$1.properties" <<END
process.roles=$2
node.id=$1
listeners=$3
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:${ports[0]}
log.dirs=$tmp/data-$1
broker.session.timeout.ms=3600000
END
  java -cp "lib/*" kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg -c "$1.properties" >"$1.log" 2>&1
  brokers+=("$(java -Xmx256m -XX:+UseSerialGC -cp "lib/*" kafka.Kafka "$1.properties" >>"$1.log" 2>&1 & echo "$!")")
}
start 1 broker,controller "PLAINTEXT://127.0.0.1:${ports[1]},CONTROLLER://127.0.0.1:${ports[0]}"
start 2 broker "PLAINTEXT://127.0.0.1:${ports[2]}"
start 3 broker "PLAINTEXT://127.0.0.1:${ports[3]}"
for i in 1 2 3; do
  until (exec 3<>"/dev/tcp/127.0.0.1/${ports[$i]}") 2>>tries.log; do kill -0 "${brokers[$i - 1]}"; sleep 0.3; done
done
npm install --silent --no-audit --no-fund kafkajs@2.2.4
cat >show.js <<'END'
const { setTimeout: sleep } = require("node:timers/promises")
const { Kafka, logLevel } = require("kafkajs")
const [last, ...brokers] = process.argv.slice(2)
const settings = { brokers, logLevel: logLevel.NOTHING }

async function ready() {
  const admin = new Kafka({ ...settings, retry: { retries: 20 } }).admin()
  await admin.connect()
  while ((await admin.describeCluster()).brokers.length < 3) await sleep(200)
  await admin.disconnect()
}

async function tries(what, call) {
  const failures = []
  for (let i = 0; i < 60; i += 1) await call().catch((error) => failures.push(error.cause?.name ?? error.name))
  const names = [...new Set(failures)]
  console.log(`${what} failed`.replace("of", `${failures.length} of`) + (names.length > 0 ? ` (${names.join(" ")})` : ""))
  return { failed: failures.length, names: names.join(" ") }
}

async function main() {
  await ready()
  const kafka = new Kafka({ ...settings, retry: { retries: 0 } })
  const admin = kafka.admin()
  await admin.connect()
  const before = await tries("three brokers, connected admin: of 60 listTopics", () => admin.listTopics())
  process.kill(Number(last), "SIGKILL")
  await sleep(2000)
  const after = [
    await tries("two brokers, connected admin: of 60 listTopics", () => admin.listTopics()),
    await tries("two brokers, new admins: of 60 listTopics", async () => {
      const fresh = kafka.admin()
      await fresh.connect()
      await fresh.listTopics().finally(() => fresh.disconnect())
    }),
    await tries("two brokers, connected admin: of 60 describeCluster", () => admin.describeCluster()),
  ]
  const { brokers: known } = await new Kafka({ ...settings, retry: { retries: 20 } }).admin().describeCluster()
  const byLot = after.every(({ failed, names }) => failed > 0 && failed < 60 && names === "KafkaJSConnectionError")
  process.exit(before.failed === 0 && byLot && known.length === 3 ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "${brokers[2]}" "127.0.0.1:${ports[1]}" "127.0.0.1:${ports[2]}"
