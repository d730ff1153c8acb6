"""Writes schema-records.json anew: records as other clients write them, with their schemas and what they say.

    python3 -m venv /tmp/golden
    /tmp/golden/bin/pip install 'confluent-kafka[avro,protobuf,json]==2.16.1' grpcio-tools==1.85.1
    /tmp/golden/bin/python test/golden/schema-records.py > test/golden/schema-records.json
"""

import base64
import datetime
import decimal
import importlib
import io
import json
import pathlib
import random
import sys
import tempfile
import uuid

import fastavro
from confluent_kafka.schema_registry import SchemaRegistryClient, Schema, SchemaReference, header_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from grpc_tools import protoc

registry = SchemaRegistryClient.new_client({"url": "mock://"})
records = []


def schema_of(schema):
    references = [
        {"name": r.name, **schema_of(registry.get_version(r.subject, r.version).schema)}
        for r in (schema.references or [])
    ]
    return {"type": schema.schema_type or "AVRO", "text": schema.schema_str, "references": references}


def add(name, serializer, value, expected, topic, schema=None, headers=None):
    context = SerializationContext(topic, MessageField.VALUE, headers if headers is not None else [])
    data = serializer(value, context)
    found = schema or registry.get_latest_version(f"{topic}-value").schema
    records.append(
        {
            "name": name,
            "schema": schema_of(found),
            "value": data.hex(),
            "headers": {key: value.hex() for key, value in (headers or [])},
            "expected": expected,
        }
    )


SEVERITY = {"type": "enum", "name": "Severity", "namespace": "com.example", "symbols": ["info", "URGENT", "critical"]}
ALERT = {
    "type": "record",
    "name": "Alert",
    "namespace": "com.example",
    "fields": [
        {"name": "deviceId", "type": "string"},
        {"name": "message", "type": "string"},
        {"name": "severity", "type": SEVERITY},
        {"name": "value", "type": ["null", "double"], "default": None},
        {"name": "threshold", "type": ["float", "string", "null"]},
        {"name": "occurredAt", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}]},
        {"name": "labels", "type": {"type": "map", "values": "string"}},
        {"name": "count", "type": "long"},
        {"name": "parents", "type": {"type": "array", "items": "Alert"}, "default": []},
        {"name": "raw", "type": {"type": "fixed", "name": "Raw", "size": 3}},
    ],
}


def avro():
    serializer = AvroSerializer(registry, json.dumps(ALERT))
    child = {
        "deviceId": "b", "message": "", "severity": "info", "value": None, "threshold": None, "occurredAt": None,
        "labels": {}, "count": -1, "parents": [], "raw": b"\x00\x00\x00",
    }
    alert = {
        "deviceId": "보일러-7", "message": "Water too hot 🔥", "severity": "URGENT", "value": 92.5, "threshold": 41.2,
        "occurredAt": datetime.datetime(2026, 11, 21, 0, 0, 12, 345000, datetime.timezone.utc),
        "labels": {"site": "서울", "__proto__": "x"}, "count": 2**53 + 1, "parents": [child], "raw": b"\x01\x02\x03",
    }
    said_child = {**child, "raw": "AAAA"}
    said = {
        **alert, "occurredAt": "2026-11-21T00:00:12.345Z", "count": "9007199254740993", "parents": [said_child], "raw": "AQID",
    }
    add("avro: unions, an enum, a map, an array of itself, a long beyond 2^53", serializer, alert, said, "avro")
    headers = []
    bare = AvroSerializer(registry, json.dumps(ALERT), conf={"schema.id.serializer": header_schema_id_serializer})
    add("avro: the schema's GUID in a header", bare, alert, said, "avro-header", headers=headers)


LOGICAL = {
    "timestampMicros": ("long", "timestamp-micros", datetime.datetime(2026, 11, 21, 8, 30, 0, 123456, datetime.timezone.utc), "2026-11-21T08:30:00.123456Z"),
    "before1970": ("long", "timestamp-millis", datetime.datetime(1969, 12, 31, 23, 59, 59, 999000, datetime.timezone.utc), "1969-12-31T23:59:59.999Z"),
    "localMillis": ("long", "local-timestamp-millis", datetime.datetime(2026, 11, 21, 8, 30), "2026-11-21T08:30:00.000"),
    "date": ("int", "date", datetime.date(2026, 11, 21), "2026-11-21"),
    "timeMillis": ("int", "time-millis", datetime.time(8, 30, 0, 123000), "08:30:00.123"),
    "timeMicros": ("long", "time-micros", datetime.time(8, 30, 0, 123456), "08:30:00.123456"),
    "uuid": ("string", "uuid", uuid.UUID("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
}


def logical():
    fields = [{"name": n, "type": {"type": t, "logicalType": l}} for n, (t, l, _, _) in LOGICAL.items()]
    decimals = {"price": ("12.345", 3), "debt": ("-0.007", 3), "whole": ("-129", 0)}
    for name, (_, scale) in decimals.items():
        fields.append({"name": name, "type": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": scale}})
    fixed = {"type": "fixed", "name": "D", "size": 6, "logicalType": "decimal", "precision": 12, "scale": 2}
    fields.append({"name": "fixed", "type": fixed})
    schema = {"type": "record", "name": "Logical", "fields": fields}
    value = {n: v for n, (_, _, v, _) in LOGICAL.items()}
    said = {n: s for n, (_, _, _, s) in LOGICAL.items()}
    for name, (text, _) in decimals.items():
        value[name] = decimal.Decimal(text)
        said[name] = text
    value["fixed"], said["fixed"] = decimal.Decimal("-1234.50"), "-1234.50"
    add("avro: logical types", AvroSerializer(registry, json.dumps(schema)), value, said, "logical")


def references():
    registry.register_schema("severity", Schema(json.dumps(SEVERITY), "AVRO"))
    place = {"type": "record", "name": "Place", "namespace": "com.example", "fields": [{"name": "worst", "type": "com.example.Severity"}]}
    to_severity = SchemaReference("com.example.Severity", "severity", 1)
    registry.register_schema("place", Schema(json.dumps(place), "AVRO", [to_severity]))
    schema = {
        "type": "record", "name": "Referring",
        "fields": [{"name": "deviceId", "type": "string"}, {"name": "place", "type": "com.example.Place"}],
    }
    referring = Schema(json.dumps(schema), "AVRO", [SchemaReference("com.example.Place", "place", 1)])
    value = {"deviceId": "a", "place": {"worst": "critical"}}
    add("avro: references of references", AvroSerializer(registry, referring), value, value, "referring")


def evolution():
    """Old and new writers of one subject: each is read by its own schema."""
    base = [{"name": "deviceId", "type": "string"}, {"name": "message", "type": "string"}]
    old = {"type": "record", "name": "E", "fields": [*base, {"name": "gone", "type": "int"}]}
    new = {"type": "record", "name": "E", "fields": [*reversed(base), {"name": "added", "type": ["null", "string"], "default": None}]}
    for name, schema, value in (
        ("avro: evolution, the old writer", old, {"deviceId": "a", "message": "m", "gone": -5}),
        ("avro: evolution, the new writer", new, {"deviceId": "a", "message": "m", "added": "x"}),
    ):
        add(name, AvroSerializer(registry, json.dumps(schema)), value, value, "evolving", Schema(json.dumps(schema), "AVRO"))


PROTO = """syntax = "proto3";
package com.example;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";

message Other { int32 x = 1; }

enum Severity {
  SEVERITY_UNSPECIFIED = 0;
  SEVERITY_WARNING = 1;
  SEVERITY_CRITICAL = 2;
}

message Alert {
  message Inner { string text = 1; Inner inner = 2; }
  map<string, string> labels = 7;
  string device_id = 1;
  string message = 2;
  Severity severity = 3;
  double value = 4;
  optional double threshold = 5;
  google.protobuf.Timestamp occurred_at = 6;
  Inner inner = 8;
  repeated int32 packed = 9;
  int64 big = 10;
  sint64 negative = 11;
  fixed64 fixed = 12;
  bytes raw = 13;
  google.protobuf.DoubleValue wrapped = 14;
  google.protobuf.Struct details = 15;
  google.protobuf.Duration lasted = 16;
  oneof kind { string type = 17; int32 code = 18; }
  map<int32, Inner> numbered = 19;
  float temperature = 20;
  uint32 count = 21;
  bool muted = 22;
  repeated string texts = 23;
  int32 small = 24;
}
"""
PROTO_2 = """syntax = "proto2";
message Old { required string device_id = 1; optional string message = 2 [default = "none"]; repeated int32 plain = 3; }
"""


def generated(source, name):
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory)
        (path / f"{name}.proto").write_text(source)
        google = pathlib.Path(protoc.__file__).parent / "_proto"
        if protoc.main(["", f"-I{directory}", f"-I{google}", f"--python_out={directory}", f"{name}.proto"]) != 0:
            raise SystemExit(f"protoc failed on {name}.proto")
        sys.path.insert(0, directory)
        return importlib.import_module(f"{name}_pb2")


def protobuf():
    module = generated(PROTO, "golden_alert")
    alert = module.Alert(
        device_id="보일러-7", message="Water too hot", severity=module.SEVERITY_CRITICAL, value=92.5, packed=[1, -1, 300],
        big=2**53 + 1, negative=-(2**62), fixed=2**64 - 1, raw=b"\x01\x02\x03", type="TEMPERATURE_HIGH", temperature=41.2,
        count=4294967295, muted=True, texts=["a", ""], small=-7,
    )
    alert.labels.update({"site": "서울", "": "empty"})
    alert.occurred_at.FromDatetime(datetime.datetime(2026, 11, 21, 0, 0, 12, 345000))
    alert.inner.inner.text = "deep"
    alert.wrapped.value = 0.0
    alert.details.update({"a": [1, None, {"b": True}]})
    alert.lasted.FromTimedelta(datetime.timedelta(seconds=-1, milliseconds=-500))
    alert.numbered[-3].text = "x"
    said = {
        "deviceId": "보일러-7", "message": "Water too hot", "severity": "CRITICAL", "value": 92.5,
        "packed": [1, -1, 300], "big": "9007199254740993", "negative": "-4611686018427387904",
        "fixed": "18446744073709551615", "raw": "AQID", "type": "TEMPERATURE_HIGH", "temperature": 41.2,
        "count": 4294967295, "muted": True, "texts": ["a", ""], "small": -7, "labels": {"site": "서울", "": "empty"},
        "occurredAt": "2026-11-21T00:00:12.345Z", "inner": {"text": "", "inner": {"text": "deep"}}, "wrapped": 0,
        "details": {"a": [1, None, {"b": True}]}, "lasted": "-1.5s", "numbered": {"-3": {"text": "x"}},
    }
    conf = {"use.deprecated.format": False}
    source = Schema(PROTO, "PROTOBUF")
    add("protobuf: every kind of field, as .proto text", ProtobufSerializer(module.Alert, registry, conf), alert, said, "proto", source)
    add("protobuf: every kind of field, as a descriptor in base64", ProtobufSerializer(module.Alert, registry, conf), alert, said, "proto")
    headers = []
    bare = ProtobufSerializer(module.Alert, registry, {**conf, "schema.id.serializer": header_schema_id_serializer})
    add("protobuf: GUID and message indexes in a header", bare, alert, said, "proto-header", source, headers)
    zeros = {"deviceId": "", "message": "", "value": 0, "big": 0, "negative": 0, "fixed": 0, "raw": "", "temperature": 0, "count": 0, "muted": False, "small": 0}
    add("protobuf: zero values of proto3, which are not on the wire", ProtobufSerializer(module.Alert, registry, conf), module.Alert(), zeros, "proto", source)
    add("protobuf: the first message", ProtobufSerializer(module.Other, registry, conf), module.Other(x=5), {"x": 5}, "other", source)
    unknown = module.Alert(severity=77)
    add("protobuf: an enum's number without a name", ProtobufSerializer(module.Alert, registry, conf), unknown, {**zeros, "severity": "77"}, "proto", source)
    nested = module.Alert.Inner(text="x")
    add("protobuf: a nested message, which is no guess", ProtobufSerializer(module.Alert.Inner, registry, conf), nested, None, "nested", source)
    old = generated(PROTO_2, "golden_old").Old(device_id="a", plain=[1, 2])
    add("protobuf: proto2", ProtobufSerializer(type(old), registry, conf), old, {"deviceId": "a", "plain": [1, 2]}, "old", Schema(PROTO_2, "PROTOBUF"))


def json_schema():
    schema = json.dumps({"type": "object", "title": "Alert", "properties": {"deviceId": {"type": "string"}}})
    value = {"deviceId": "a", "message": "뜨거움", "value": 1.5}
    add("json: the text behind the frame", JSONSerializer(schema, registry), value, value, "json")


def random_avro():
    """Random schemas and values, by fastavro: bytes are base64, everything else is what it is."""
    source = random.Random(7)
    for number in range(60):
        made = Made(source)
        schema = made.record(0)
        value, said = made.value(schema, {})
        out = io.BytesIO()
        fastavro.schemaless_writer(out, fastavro.parse_schema(json.loads(json.dumps(schema))), value)
        text = {"type": "AVRO", "text": json.dumps(schema), "references": []}
        records.append({"name": f"fastavro: random record {number}", "schema": text, "value": "0000000007" + out.getvalue().hex(), "headers": {}, "expected": said})


class Made:
    def __init__(self, source):
        self.source = source
        self.names = 0

    def name(self):
        self.names += 1
        return f"N{self.names}"

    def record(self, depth):
        fields = [{"name": f"f{i}", "type": self.type(depth + 1)} for i in range(self.source.randint(1, 5))]
        return {"type": "record", "name": self.name(), "fields": fields}

    def type(self, depth):
        simple = ["null", "boolean", "int", "long", "double", "string", "bytes"]
        choice = self.source.randint(0, 12 if depth < 4 else 6)
        if choice < 7:
            return simple[choice]
        if choice == 7:
            return {"type": "array", "items": self.type(depth + 1)}
        if choice == 8:
            return {"type": "map", "values": self.type(depth + 1)}
        if choice == 9:
            return {"type": "enum", "name": self.name(), "symbols": ["A", "B", "C"]}
        if choice == 10:
            return {"type": "fixed", "name": self.name(), "size": self.source.randint(1, 9)}
        if choice == 11:
            return ["null", self.source.choice(["string", "long", "boolean"])]
        return self.record(depth)

    def value(self, schema, _):
        r = self.source
        if isinstance(schema, list):
            return (None, None) if r.random() < 0.5 else self.value(schema[1], _)
        kind = schema if isinstance(schema, str) else schema["type"]
        if kind == "null":
            return None, None
        if kind == "boolean":
            return (r.random() < 0.5,) * 2
        if kind == "int":
            return (r.randint(-(2**31), 2**31 - 1),) * 2
        if kind == "long":
            n = r.randint(-(2**63), 2**63 - 1) >> r.randint(0, 62)
            return n, n if abs(n) < 2**53 else str(n)
        if kind == "double":
            return (r.uniform(-1e9, 1e9),) * 2
        if kind == "string":
            return (r.choice(["", "a", "보일러", "x" * r.randint(0, 200), "🔥\u0000"]),) * 2
        if kind in ("bytes", "fixed"):
            data = r.randbytes(schema["size"] if kind == "fixed" else r.randint(0, 20))
            return data, base64.b64encode(data).decode()
        if kind == "array":
            pairs = [self.value(schema["items"], _) for _i in range(r.randint(0, 3))]
            return [a for a, _b in pairs], [b for _a, b in pairs]
        if kind == "map":
            pairs = {f"k{i}": self.value(schema["values"], _) for i in range(r.randint(0, 3))}
            return {k: a for k, (a, _b) in pairs.items()}, {k: b for k, (_a, b) in pairs.items()}
        if kind == "enum":
            return (r.choice(schema["symbols"]),) * 2
        pairs = {f["name"]: self.value(f["type"], _) for f in schema["fields"]}
        return {k: a for k, (a, _b) in pairs.items()}, {k: b for k, (_a, b) in pairs.items()}


avro()
logical()
references()
evolution()
protobuf()
json_schema()
random_avro()
print(json.dumps(records, ensure_ascii=False, indent=1))
