"""Writes alerts with Confluent's serializers for Python, fastavro and protoc, as their users do, and says what it wrote.

    PYTHONPATH=… python3 confluent-records.py BROKERS REGISTRY_URL TOPIC TIMESTAMP_MS
"""

import datetime
import decimal
import importlib
import io
import json
import pathlib
import struct
import sys
import tempfile

import fastavro
from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaReference, Schema, SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from grpc_tools import protoc

brokers, registry_url, topic, timestamp = sys.argv[1:]
registry = SchemaRegistryClient({"url": registry_url})
producer = Producer({"bootstrap.servers": brokers})
IN_HEADER = {"schema.id.serializer": header_schema_id_serializer}
written = []


def write(device, message, serializer, value, key=None, says=()):
    """`key`: its serializer and its value; without one it is the device, as a text. `says`: what the mail has to say of it."""
    headers = []
    data = serializer(value, SerializationContext(topic, MessageField.VALUE, headers))
    key_data = device.encode()
    if key is not None:
        key_data = key[0](key[1], SerializationContext(topic, MessageField.KEY, headers))
    producer.produce(topic, value=data, key=key_data, headers=headers, partition=0, timestamp=int(timestamp))
    written.append({"device": device, "says": [message, *says]})


def avro(schema, subject, references=(), **conf):
    """A subject of its own for each schema: the registry checks what one subject has before."""
    text = Schema(json.dumps(schema), "AVRO", list(references))
    return AvroSerializer(registry, text, conf={"subject.name.strategy": lambda context, name: f"{topic}-{subject}", **conf})


SEVERITY = {"type": "enum", "name": "Severity", "namespace": "com.example", "symbols": ["info", "critical", "URGENT"]}
BASE = [{"name": "deviceId", "type": "string"}, {"name": "message", "type": "string"}]


def record(*fields):
    return {"type": "record", "name": "Alert", "namespace": "com.example", "fields": [*BASE, *fields]}


FULL = record(
    {"name": "severity", "type": SEVERITY},
    {"name": "value", "type": ["null", "double"], "default": None},
    {"name": "threshold", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
    {"name": "occurredAt", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    {"name": "alertId", "type": "long"},
    {"name": "labels", "type": {"type": "map", "values": "string"}},
)


def full(device, message, severity="critical"):
    return {
        "deviceId": device, "message": message, "severity": severity, "value": 92.5, "threshold": decimal.Decimal("80.25"),
        "occurredAt": datetime.datetime.fromtimestamp(int(timestamp) / 1000, datetime.timezone.utc),
        "alertId": 2**53 + 1, "labels": {"site": "부산"},
    }


def write_avro():
    said = ("Critical", "92.5", "80.25", "부산")
    write("avro-frame", "Avro, ID in the frame", avro(FULL, "full"), full("avro-frame", "Avro, ID in the frame"), says=said)
    write("avro-header", "Avro, GUID in a header", avro(FULL, "full", **IN_HEADER), full("avro-header", "Avro, GUID in a header"), says=said)
    write("avro-unknown", "a symbol nobody knows", avro(FULL, "full"), full("avro-unknown", "a symbol nobody knows", "URGENT"), says=("URGENT",))
    text_key = (AvroSerializer(registry, '"string"'), "avro-key")
    write("avro-key", "a key that is Avro", avro(FULL, "full"), full("avro-key", "a key that is Avro"), text_key, said)
    key = {"type": "record", "name": "Key", "namespace": "com.example", "fields": [{"name": "device_id", "type": "string"}]}
    record_key = (avro(key, "record-key"), {"device_id": "avro-record-key"})
    write("avro-record-key", "a key that is a record", avro(FULL, "full"), full("avro-record-key", "a key that is a record"), record_key, said)
    header_key = (avro(key, "record-key", **IN_HEADER), {"device_id": "avro-header-key"})
    write("avro-header-key", "both in headers", avro(FULL, "full", **IN_HEADER), full("avro-header-key", "both in headers"), header_key, said)

    registry.register_schema(f"{topic}-severity", Schema(json.dumps(SEVERITY), "AVRO"))
    reference = SchemaReference("com.example.Severity", f"{topic}-severity", 1)
    referring = record({"name": "severity", "type": "com.example.Severity"})
    value = {"deviceId": "avro-reference", "message": "refers to a schema", "severity": "critical"}
    write("avro-reference", "refers to a schema", avro(referring, "referring", [reference]), value, says=("Critical",))

    old = record({"name": "gone", "type": "int", "default": 0})
    new = record({"name": "unit", "type": ["null", "string"], "default": None}, {"name": "value", "type": ["null", "float"], "default": None})
    write("evolution", "the old writer", avro(old, "evolution"), {"deviceId": "evolution", "message": "the old writer", "gone": -5})
    newer = {"deviceId": "evolution", "message": "the new writer", "unit": "°C", "value": 41.2}
    write("evolution", "the new writer", avro(new, "evolution"), newer, says=("41.2 °C",))


def write_fastavro():
    """A frame of its own around bytes of fastavro's."""
    schema = record({"name": "severity", "type": ["null", "string"], "default": None})
    number = registry.register_schema(f"{topic}-fastavro", Schema(json.dumps(schema), "AVRO"))

    def serializer(value, _):
        out = io.BytesIO(struct.pack(">bI", 0, number))
        out.seek(0, io.SEEK_END)
        fastavro.schemaless_writer(out, fastavro.parse_schema(schema), value)
        return out.getvalue()

    write("fastavro", "of fastavro", serializer, {"deviceId": "fastavro", "message": "of fastavro", "severity": "critical"}, says=("Critical",))


PROTO = """syntax = "proto3";
package com.example;
import "google/protobuf/timestamp.proto";
message Other { int32 x = 1; }
message Alert {
  enum Severity { SEVERITY_UNSPECIFIED = 0; SEVERITY_INFO = 1; SEVERITY_CRITICAL = 2; }
  string device_id = 1;
  string message = 2;
  Severity severity = 3;
  double value = 4;
  optional double threshold = 5;
  google.protobuf.Timestamp occurred_at = 6;
  int64 alert_id = 7;
  map<string, string> labels = 8;
}
"""


def generated():
    directory = tempfile.mkdtemp()
    path = pathlib.Path(directory)
    (path / "live_alert.proto").write_text(PROTO)
    google = pathlib.Path(protoc.__file__).parent / "_proto"
    if protoc.main(["", f"-I{directory}", f"-I{google}", f"--python_out={directory}", "live_alert.proto"]) != 0:
        raise SystemExit("protoc failed")
    sys.path.insert(0, directory)
    return importlib.import_module("live_alert_pb2")


def write_protobuf():
    module = generated()

    def alert(device, message, **more):
        made = module.Alert(device_id=device, message=message, severity=module.Alert.SEVERITY_CRITICAL, alert_id=2**53 + 1, **more)
        made.occurred_at.FromMilliseconds(int(timestamp))
        made.labels["site"] = "부산"
        return made

    conf = {"use.deprecated.format": False, "subject.name.strategy": lambda context, name: f"{topic}-{context.field}-protobuf"}
    said = ("Critical", "부산")
    framed = ProtobufSerializer(module.Alert, registry, conf)
    write("protobuf-frame", "Protobuf, ID in the frame", framed, alert("protobuf-frame", "Protobuf, ID in the frame", value=92.5, threshold=80), says=(*said, "92.5", "80"))
    write("protobuf-zero", "a value of zero", framed, alert("protobuf-zero", "a value of zero", threshold=-1), says=(*said, "0 (threshold -1)"))
    bare = ProtobufSerializer(module.Alert, registry, {**conf, **IN_HEADER})
    write("protobuf-header", "Protobuf, GUID in a header", bare, alert("protobuf-header", "Protobuf, GUID in a header", value=1), says=said)


def write_json():
    schema = json.dumps({"type": "object", "title": "Alert", "properties": {"deviceId": {"type": "string"}, "message": {"type": "string"}}})
    named = {"subject.name.strategy": lambda context, name: f"{topic}-json"}
    for device, conf in (("json-frame", {}), ("json-header", IN_HEADER)):
        message = f"JSON Schema, {device}"
        value = {"deviceId": device, "message": message, "severity": "critical"}
        write(device, message, JSONSerializer(schema, registry, conf={**named, **conf}), value, says=("Critical",))


write_avro()
write_fastavro()
write_protobuf()
write_json()
if producer.flush(60) > 0:
    raise SystemExit("the broker did not take all records")
print(json.dumps(written, ensure_ascii=False))
