#!/usr/bin/env bash
# librdkafka 2.16.0 (confluent-kafka 2.16.1 from PyPI), read by kafka-python 3.0.12, at Apache Kafka 4.3.1.
#
# A consumer may leave a string of metadata beside a committed offset. Expected: another client reads the string that was written.
# Seen: librdkafka sends a byte 0 behind it (the length counts it), and takes it away again when it reads: its own users never see
# it. Everybody else does: JSON in the metadata no longer parses, and equal notes differ. It also takes one of the 4,096 characters
# that the broker allows: librdkafka can commit 4,095, kafka-python 4,096.
#
# Output seen:
#   written: '{"at":1}'; read by the same client: '{"at":1}'; read by kafka-python: '{"at":1}\x00'
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
venv/bin/pip -q --disable-pip-version-check install confluent-kafka==2.16.1 kafka-python==3.0.12
cat >show.py <<'END'
import sys

import kafka
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

admin = AdminClient({"bootstrap.servers": sys.argv[1]})
admin.create_topics([NewTopic("t", 1)])["t"].result()
written = '{"at":1}'
consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "g", "enable.auto.commit": False})
consumer.commit(offsets=[TopicPartition("t", 0, 0, written)], asynchronous=False)
same = consumer.committed([TopicPartition("t", 0)], timeout=30)[0].metadata
consumer.close()
other = kafka.KafkaConsumer(bootstrap_servers=sys.argv[1], group_id="g", enable_auto_commit=False)
read = other.committed(kafka.TopicPartition("t", 0), metadata=True).metadata
other.close()
print(f"written: {written!r}; read by the same client: {same!r}; read by kafka-python: {read!r}")
sys.exit(0 if same == written and read == written + "\0" else 1)
END
venv/bin/python show.py "127.0.0.1:$port"
