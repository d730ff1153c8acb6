import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;

/** Writes alerts with Apicurio's serializers, and says what it wrote. Arguments: brokers, the registry's URL, topic, timestamp. */
public class ApicurioRecords {
  static final String ALERT = """
      {"type": "record", "name": "Alert", "namespace": "com.example", "fields": [
        {"name": "deviceId", "type": "string"}, {"name": "message", "type": "string"},
        {"name": "severity", "type": {"type": "enum", "name": "Severity", "symbols": ["info", "critical"]}},
        {"name": "value", "type": ["null", "double"], "default": null}]}""";
  static final String JSON = """
      {"$id": "https://example.com/alert.json", "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
       "properties": {"deviceId": {"type": "string"}, "message": {"type": "string"}, "severity": {"type": "string"}}}""";
  static final String AVRO_SERIALIZER = "io.apicurio.registry.serde.avro.AvroKafkaSerializer";
  static final String PROTOBUF_SERIALIZER = "io.apicurio.registry.serde.protobuf.ProtobufKafkaSerializer";
  static final String JSON_SERIALIZER = "io.apicurio.registry.serde.jsonschema.JsonSchemaKafkaSerializer";

  static String registry;
  static String topic;
  static long timestamp;
  static KafkaProducer<byte[], byte[]> producer;
  static final List<Map<String, Object>> written = new ArrayList<>();

  @SuppressWarnings("unchecked")
  static Serializer<Object> serializer(String name, boolean isKey, Map<String, String> settings) throws Exception {
    Map<String, Object> all = new HashMap<>(settings);
    all.put("apicurio.registry.url", registry + "/apis/registry/v3");
    all.put("apicurio.registry.auto-register", "true");
    all.put("apicurio.registry.find-latest", "false");
    Serializer<Object> serializer = (Serializer<Object>) Class.forName(name).getDeclaredConstructor().newInstance();
    serializer.configure(all, isKey);
    return serializer;
  }

  static void write(String device, String message, Serializer<Object> serializer, Object value, byte[] key,
      RecordHeaders headers, String... says) {
    byte[] data = serializer.serialize(topic, headers, value);
    producer.send(new ProducerRecord<>(topic, 0, timestamp, key, data, headers));
    List<String> all = new ArrayList<>(List.of(message));
    all.addAll(List.of(says));
    written.add(Map.of("device", device, "says", all));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static GenericRecord avro(String device, String message) {
    Schema schema = new Schema.Parser().parse(ALERT);
    GenericRecord alert = new GenericData.Record(schema);
    alert.put("deviceId", device);
    alert.put("message", message);
    alert.put("severity", new GenericData.EnumSymbol(schema.getField("severity").schema(), "critical"));
    alert.put("value", 92.5);
    return alert;
  }

  static void writeAvro(String device, String message, Map<String, String> settings) throws Exception {
    write(device, message, serializer(AVRO_SERIALIZER, false, settings), avro(device, message), bytes(device),
        new RecordHeaders(), "Critical", "92.5");
  }

  static Descriptor protobuf(String name) throws Exception {
    DescriptorProto.Builder message = DescriptorProto.newBuilder().setName(name);
    String[] fields = {"device_id", "message", "severity"};
    for (int at = 0; at < fields.length; at++) {
      message.addField(FieldDescriptorProto.newBuilder().setName(fields[at]).setNumber(at + 1)
          .setType(FieldDescriptorProto.Type.TYPE_STRING).setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL));
    }
    DescriptorProto other = DescriptorProto.newBuilder().setName("Other").addField(FieldDescriptorProto.newBuilder()
        .setName("x").setNumber(1).setType(FieldDescriptorProto.Type.TYPE_INT32).setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)).build();
    FileDescriptorProto file = FileDescriptorProto.newBuilder().setName(name.toLowerCase() + ".proto").setPackage("com.example")
        .setSyntax("proto3").addMessageType(other).addMessageType(message).build();
    return FileDescriptor.buildFrom(file, new FileDescriptor[0]).findMessageTypeByName(name);
  }

  /** The name of the message decides how long what stands in front of the value is. */
  static void writeProtobuf(String device, String message, String name, Map<String, String> settings) throws Exception {
    Descriptor type = protobuf(name);
    DynamicMessage alert = DynamicMessage.newBuilder(type).setField(type.findFieldByName("device_id"), device)
        .setField(type.findFieldByName("message"), message).setField(type.findFieldByName("severity"), "critical").build();
    Map<String, String> all = new HashMap<>(settings);
    all.put("apicurio.registry.artifact.artifact-id", topic + "-" + name);
    write(device, message, serializer(PROTOBUF_SERIALIZER, false, all), alert, bytes(device), new RecordHeaders(), "Critical");
  }

  static void writeJson(String device, String message, Map<String, String> settings) throws Exception {
    Map<String, String> all = new HashMap<>(settings);
    all.put("apicurio.registry.artifact.schema.location", "alert.json");
    all.put("apicurio.registry.artifact.artifact-id", topic + "-json");
    Map<String, String> alert = Map.of("deviceId", device, "message", message, "severity", "critical");
    write(device, message, serializer(JSON_SERIALIZER, false, all), new ObjectMapper().valueToTree(alert), bytes(device),
        new RecordHeaders(), "Critical");
  }

  static void writeAll() throws Exception {
    Map<String, String> frame = Map.of();
    Map<String, String> headers = Map.of("apicurio.registry.headers.enabled", "true");
    Map<String, String> global = Map.of("apicurio.registry.headers.enabled", "true", "apicurio.registry.use-id", "globalId");
    Map<String, String> eight = Map.of("apicurio.registry.id-handler", "io.apicurio.registry.serde.Legacy8ByteIdHandler");
    writeAvro("avro-frame", "Avro, content ID in the frame", frame);
    writeAvro("avro-header", "Avro, content ID in a header", headers);
    writeAvro("avro-global", "Avro, global ID in a header", global);
    writeAvro("avro-eight", "Avro, eight bytes of ID", eight);

    Schema key = new Schema.Parser().parse("{\"type\": \"record\", \"name\": \"Key\", \"namespace\": \"com.example\", "
        + "\"fields\": [{\"name\": \"deviceId\", \"type\": \"string\"}]}");
    for (Map<String, String> settings : List.of(frame, headers)) {
      String device = "avro-key-" + settings.size();
      GenericRecord named = new GenericData.Record(key);
      named.put("deviceId", device);
      RecordHeaders own = new RecordHeaders();
      byte[] data = serializer(AVRO_SERIALIZER, true, settings).serialize(topic, own, named);
      write(device, "a key that is Avro, too", serializer(AVRO_SERIALIZER, false, settings),
          avro(device, "a key that is Avro, too"), data, own, "Critical");
    }

    writeProtobuf("protobuf-frame", "Protobuf, content ID in the frame", "Alert", frame);
    writeProtobuf("protobuf-header", "Protobuf, content ID in a header", "Alert", headers);
    writeProtobuf("protobuf-header-8", "Protobuf, a name of eight letters", "AlertMsg", headers);
    writeJson("json-frame", "JSON Schema, content ID in the frame", frame);
    writeJson("json-header", "JSON Schema, content ID in a header", headers);
  }

  public static void main(String[] args) throws Exception {
    registry = args[1];
    topic = args[2];
    timestamp = Long.parseLong(args[3]);
    Files.writeString(Path.of("alert.json"), JSON);
    producer = new KafkaProducer<>(Map.of("bootstrap.servers", args[0]), new ByteArraySerializer(), new ByteArraySerializer());
    writeAll();
    producer.close();
    System.out.println(new ObjectMapper().writeValueAsString(written));
  }
}
