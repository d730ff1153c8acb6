#!/usr/bin/env bash
# @platformatic/kafka 1.35.0, beside KafkaJS 2.2.4 (npm).
#
# Both hash a record's key with murmur2, as the Java client does. Two producers of one topic ought to write a key to one partition then.
# Expected: the same partition for each key, whatever the number of partitions.
# Seen: the default partitioner of @platformatic/kafka takes the hash as an unsigned number; KafkaJS and Java drop its sign bit. With
# 8 or 16 partitions nobody sees a difference: the rest of a division by a power of two does not depend on that bit. With 6 or 12, half
# of the keys have two partitions, and no order. A second partitioner of the package, `compatibilityPartitioner`, does as Java does.
# A test with a topic of 8 partitions passes for either of them.
#
# Output seen:
#   6 partitions: 487 of 1000 keys elsewhere, 0 with compatibilityPartitioner
#   8 partitions: 0 of 1000 keys elsewhere, 0 with compatibilityPartitioner
#   12 partitions: 487 of 1000 keys elsewhere, 0 with compatibilityPartitioner
#   16 partitions: 0 of 1000 keys elsewhere, 0 with compatibilityPartitioner
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @platformatic/kafka@1.35.0 kafkajs@2.2.4
cat >show.mjs <<'END'
import { compatibilityPartitioner, defaultPartitioner } from "@platformatic/kafka";
import kafkajs from "kafkajs";

const ofKafkaJs = kafkajs.Partitioners.DefaultPartitioner();
let same = true;
for (const count of [6, 8, 12, 16]) {
  const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 1 }));
  const elsewhere = (partitioner) =>
    Array.from({ length: 1000 }, (_, i) => Buffer.from(`device-${i}`)).filter(
      (key) =>
        // The producer takes the rest of this division itself.
        partitioner({ key }, key) % count !== ofKafkaJs({ topic: "alerts", partitionMetadata, message: { key } }),
    ).length;
  const [byDefault, compatible] = [elsewhere(defaultPartitioner), elsewhere(compatibilityPartitioner)];
  console.log(`${count} partitions: ${byDefault} of 1000 keys elsewhere, ${compatible} with compatibilityPartitioner`);
  const isPowerOfTwo = (count & (count - 1)) === 0;
  same &&= compatible === 0 && (isPowerOfTwo ? byDefault === 0 : byDefault > 400);
}
process.exit(same ? 0 : 1);
END
node show.mjs
