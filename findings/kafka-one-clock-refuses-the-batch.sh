#!/usr/bin/env bash
# Apache Kafka 4.3.1, its defaults, with librdkafka 2.16.0 (confluent-kafka 2.16.1) and kafka-python 3.0.12 (both PyPI).
#
# Since 4.0 a broker refuses a record that is stamped more than an hour ahead (`message.timestamp.after.max.ms`). A gateway sends the
# records of many devices, each with its device's time; the clock of one is two hours fast.
# Expected: that one record is refused. Seen: the whole batch is, and which records share a batch is chance (they met within
# `linger.ms`). librdkafka tells the owner of *each* of them that his timestamp is invalid, though it is right; kafka-python says that
# another record was to blame. A producer that gives up on "invalid timestamp", as it cannot get better, loses good records.
#
# Output seen:
#   librdkafka: before INVALID_TIMESTAMP, ahead INVALID_TIMESTAMP, behind INVALID_TIMESTAMP
#   kafka-python: before KafkaError, ahead InvalidTimestampError, behind KafkaError
#   records in the topic: 0
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
import time

import kafka
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

server = {"bootstrap.servers": sys.argv[1]}
admin = AdminClient(server)
admin.create_topics([NewTopic("t", 1)])["t"].result()
now = int(time.time() * 1000)
records = {"before": now, "ahead": now + 2 * 3600 * 1000, "behind": now}

told = {}
producer = Producer({**server, "linger.ms": 500})
for name, at in records.items():
    producer.produce("t", name, timestamp=at, on_delivery=lambda error, _, name=name: told.update({name: error and error.name()}))
producer.flush()
first = ", ".join(f"{name} {told[name]}" for name in records)
print(f"librdkafka: {first}")

producer = kafka.KafkaProducer(bootstrap_servers=sys.argv[1], linger_ms=500)
sent = {name: producer.send("t", name.encode(), timestamp_ms=at) for name, at in records.items()}
for name, one in sent.items():
    try:
        one.get(60)
        told[name] = None
    except Exception as error:
        told[name] = type(error).__name__
producer.close()
second = ", ".join(f"{name} {told[name]}" for name in records)
print(f"kafka-python: {second}")

consumer = Consumer({**server, "group.id": "g"})
end = consumer.get_watermark_offsets(TopicPartition("t", 0), timeout=30)[1]
consumer.close()
print(f"records in the topic: {end}")
same = (
    first == "before INVALID_TIMESTAMP, ahead INVALID_TIMESTAMP, behind INVALID_TIMESTAMP"
    and second == "before KafkaError, ahead InvalidTimestampError, behind KafkaError"
    and end == 0
)
sys.exit(0 if same else 1)
END
venv/bin/python show.py "127.0.0.1:$port"
