#!/usr/bin/env bash
# Apache Kafka 4.3.1: `kafka-transactions.sh abort`, with a librdkafka producer (confluent-kafka 2.16.1 from PyPI).
#
# The tool ends "hanging" transactions: it takes a partition and the start offset that its own `describe-producers` lists, and does
# not ask the transaction's coordinator. A transaction that is merely slow is listed just so.
# Expected when somebody aborts a living transaction: its producer is fenced, or its commit fails.
# Seen: the producer goes on writing to the same transaction and commits without an error; the coordinator calls it CompleteCommit.
# The records before the abort are gone and the ones after it are there: half a transaction, and nobody was told.
#
# Output seen:
#   abort: exit code 0
#   commit: no error
#   a reader of committed records gets: second end
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
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
END
mvn -B -ntp -Dmaven.repo.local="$tmp/repository" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$tmp/lib" >maven.log 2>&1 || { tail -n 20 maven.log; exit 1; }
read -r port controller < <(python3 -c '
import socket
servers = [socket.create_server(("127.0.0.1", 0)) for _ in "ab"]
print(*(one.getsockname()[1] for one in servers))')
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
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install confluent-kafka==2.16.1
cat >show.py <<'END'
import subprocess
import sys

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

server = {"bootstrap.servers": sys.argv[1]}
admin = AdminClient(server)
admin.create_topics([NewTopic("slow", 1)])["slow"].result()


def tool(*arguments):
    command = ["java", "-cp", "lib/*", "org.apache.kafka.tools.TransactionsCommand", "--bootstrap-server", sys.argv[1]]
    return subprocess.run([*command, *arguments, "--topic", "slow", "--partition", "0"], capture_output=True, text=True)


producer = Producer({**server, "transactional.id": "t"})
producer.init_transactions()
producer.begin_transaction()
producer.produce("slow", b"first")
producer.flush()
start = tool("describe-producers").stdout.splitlines()[1].split()[-1]
code = tool("abort", "--start-offset", start).returncode
print(f"abort: exit code {code}")
producer.produce("slow", b"second")
producer.flush()
producer.commit_transaction()
print("commit: no error")

plain = Producer(server)
plain.produce("slow", b"end")
plain.flush()
consumer = Consumer({**server, "group.id": "g", "isolation.level": "read_committed"})
consumer.assign([TopicPartition("slow", 0, 0)])
seen = []
while seen[-1:] != ["end"]:
    message = consumer.poll(30)
    if message is None or message.error():
        sys.exit("nothing came")
    seen.append(message.value().decode())
consumer.close()
print("a reader of committed records gets:", *seen)
sys.exit(0 if code == 0 and seen == ["second", "end"] else 1)
END
venv/bin/python show.py "127.0.0.1:$port"
