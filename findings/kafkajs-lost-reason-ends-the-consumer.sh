#!/usr/bin/env bash
# KafkaJS 2.2.4 (npm), a consumer, at Apache Kafka 4.3.1 behind a proxy that hangs up when it is asked for the coordinator of a group.
#
# The same fault twice: a connection that is closed while an answer is awaited, as by a broker that comes back. KafkaJS marks it as one that may be
# tried again, and where it meets one elsewhere the consumer begins anew. Expected: so it does here. Seen: the consumer ends for good, and says only
# that no coordinator was found.
#
# The coordinator is asked for through a function that asks one broker after another and throws away why each of them failed. When none is left it
# returns null, and for null there is an error of its own, which is never tried again. A missing right on the group ends in the same words.
#
# Output seen:
#   hung up at Heartbeat: begins anew
#   hung up at FindCoordinator: ends for good, KafkaJSGroupCoordinatorNotFound
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
read -r port controller proxy < <(node -e '
  const servers = [0, 0, 0].map(() => require("net").createServer().listen(0, "127.0.0.1"))
  setTimeout(() => { console.log(...servers.map((one) => one.address().port)); process.exit() }, 100)')
cat >server.properties <<END
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$proxy
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
const net = require("net")
const { once } = require("events")
const { Kafka, logLevel } = require("kafkajs")
const [port, proxyPort] = process.argv.slice(2).map(Number)
const API_KEYS = { Heartbeat: 12, FindCoordinator: 10 }
let hangUpAt

/** Each request of KafkaJS comes in one piece here: length, API key. */
const proxy = net.createServer((client) => {
  const broker = net.connect(port, "127.0.0.1")
  client.on("data", (request) => {
    if (request.readInt16BE(4) === hangUpAt) client.destroy()
    else broker.write(request)
  })
  broker.pipe(client)
  for (const [one, other] of [[client, broker], [broker, client]]) one.on("error", () => {}).on("close", () => other.destroy())
})

async function crashAt(name) {
  const consumer = new Kafka({ brokers: [`127.0.0.1:${proxyPort}`], logLevel: logLevel.NOTHING }).consumer({
    groupId: name,
    heartbeatInterval: 200,
  })
  await consumer.connect()
  await consumer.subscribe({ topic: "alerts" })
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
  const crashed = new Promise((resolve) => consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload)))
  if (name === "FindCoordinator") hangUpAt = API_KEYS[name]
  await consumer.run({ eachMessage: async () => {} })
  if (name !== "FindCoordinator") await joined
  hangUpAt = API_KEYS[name]
  const { error, restart } = await crashed
  hangUpAt = undefined
  await consumer.disconnect()
  return `hung up at ${name}: ${restart ? "begins anew" : `ends for good, ${error.name}`}`
}

async function main() {
  proxy.listen(proxyPort, "127.0.0.1")
  await once(proxy, "listening")
  const admin = new Kafka({ brokers: [`127.0.0.1:${proxyPort}`], logLevel: logLevel.NOTHING, retry: { retries: 20 } }).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: "alerts" }] })
  await admin.disconnect()
  const seen = [await crashAt("Heartbeat"), await crashAt("FindCoordinator")]
  console.log(seen.join("\n"))
  process.exit(
    seen[0] === "hung up at Heartbeat: begins anew" &&
      seen[1] === "hung up at FindCoordinator: ends for good, KafkaJSGroupCoordinatorNotFound"
      ? 0
      : 1,
  )
}
main().catch((error) => { console.error(error); process.exit(1) })
END
node show.js "$port" "$proxy"
