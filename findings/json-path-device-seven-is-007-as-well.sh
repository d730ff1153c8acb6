#!/usr/bin/env bash
# json-path 2.10.0 (Jayway's, com.jayway.jsonpath, Java), beside jsonpath-rfc9535 1.0.1 (PyPI). Running the few lines below needs a JDK, 17 or newer.
#
# A rule takes the alerts of one device out of a batch: `$[?(@.device == '007')]`. Some devices are numbered, others have a text. json-path's
# README says of == "1 is not equal to '1'", and RFC 9535 (2.3.5.2.2) that a number and a text are never equal, and neither is more than the other.
# Expected: the device with the text "007". Seen: the device with the number 7 as well, as the text is read as a number where the other side
# is one; so too with `in`. And it depends on the order: `@.device == 7` compares as texts, and finds 7 and "7"; `7 == @.device` compares as numbers,
# and finds "007" and "7e0" besides. The order of size has no such rule: a reading of "90" is 90 by ==, and is neither at least nor at most 90.
# So a device gets the alerts of another, with no error. Write ===, which looks at the type first; it is right in both orders.
#
# Output seen (of the devices 7, "7", "007", "7e0", "8", and of the readings 90 and "90"):
#   @.device == '007': json-path [7,"007"], RFC 9535 ["007"]
#   @.device in ['007']: json-path [7,"007"]
#   @.device == 7: json-path [7,"7"], RFC 9535 [7]
#   7 == @.device: json-path [7,"7","007","7e0"], RFC 9535 [7]
#   @.device === 7: json-path [7]
#   7 === @.device: json-path [7]
#   @.value == 90: json-path [90,"90"], RFC 9535 [90]
#   @.value >= 90: json-path [90], RFC 9535 [90]
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>findings</groupId><artifactId>path</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>com.jayway.jsonpath</groupId><artifactId>json-path</artifactId><version>2.10.0</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
  </dependencies>
</project>
END
mvn -B -ntp -Dmaven.repo.local="$tmp/repository" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$tmp/lib" >maven.log 2>&1 || { tail -n 20 maven.log; exit 1; }
cat >alerts.json <<'END'
[
  { "device": 7, "value": 90 },
  { "device": "7", "value": "90" },
  { "device": "007" },
  { "device": "7e0" },
  { "device": "8" }
]
END
cat >filters <<'END'
@.device == '007'
@.device in ['007']
@.device == 7
7 == @.device
@.device === 7
7 === @.device
@.value == 90
@.value >= 90
END
cat >Show.java <<'END'
import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

public class Show {
    public static void main(String[] arguments) throws Exception {
        DocumentContext alerts = JsonPath.parse(new File("alerts.json"));
        for (String filter : Files.readAllLines(Path.of("filters"))) {
            String field = filter.contains("value") ? "value" : "device";
            System.out.println(filter + ": json-path " + alerts.read("$[?(" + filter + ")]." + field));
        }
    }
}
END
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install jsonpath-rfc9535==1.0.1
cat >show.py <<'PY'
import json

import jsonpath_rfc9535

alerts = json.load(open("alerts.json"))
for line in open("filters"):
    condition = line.strip()
    if "===" in condition or " in " in condition:
        print()
    else:
        field = "value" if "value" in condition else "device"
        found = jsonpath_rfc9535.find(f"$[?({condition})].{field}", alerts).values()
        print(", RFC 9535 " + json.dumps(found, separators=(",", ":")))
PY
paste -d '\0' <(java -cp "lib/*" Show.java) <(venv/bin/python show.py) | tee seen
cat >expected <<'TXT'
@.device == '007': json-path [7,"007"], RFC 9535 ["007"]
@.device in ['007']: json-path [7,"007"]
@.device == 7: json-path [7,"7"], RFC 9535 [7]
7 == @.device: json-path [7,"7","007","7e0"], RFC 9535 [7]
@.device === 7: json-path [7]
7 === @.device: json-path [7]
@.value == 90: json-path [90,"90"], RFC 9535 [90]
@.value >= 90: json-path [90], RFC 9535 [90]
TXT
cmp -s seen expected
