import assert from "node:assert/strict";
import { test } from "node:test";
import { parseWebConfig } from "#src/http/web-config/web-config-file.js";
import { TEST_CERTIFICATE as certificate } from "#test/support/test-certificate.js";

const HASH = "$2b$04$AWsNGY7CMKxGFyTMVkyL4.vvsXYbj1Nh.2C2yfYGlAwdVJAGNpB4q";
const PATH = "/etc/alert-digest/web.yaml";

const parse = (text: string) =>
  parseWebConfig(text, PATH, {
    readFile: (path) => {
      const files: Readonly<Record<string, string>> = {
        "/etc/alert-digest/server.pem": certificate.cert,
        "/etc/alert-digest/server.key": certificate.key,
        "/run/ca.pem": certificate.cert,
        "/run/notes.txt": "no certificate",
      };
      const found = files[path];
      if (found === undefined) throw Object.assign(new Error("gone"), { code: "ENOENT" });
      return found;
    },
    fileProblem: (error) => String((error as NodeJS.ErrnoException).code),
  });

const problems = (text: string): readonly string[] => {
  const result = parse(text);
  return result.ok ? [] : result.errors.map(({ where, problem }) => `${where.replace(`${PATH}:`, "")} ${problem}`);
};

test("an empty file asks for nothing", () => {
  for (const text of ["", "# nothing yet\n", "{}"])
    assert.deepEqual(parse(text), { ok: true, value: { tls: undefined, users: new Map(), files: [] } });
});

test("certificates are looked for beside the file, users have bcrypt hashes", () => {
  const result = parse(`tls_server_config:
  cert_file: server.pem
  key_file: server.key
  client_ca_file: /run/ca.pem
  client_auth_type: RequireAndVerifyClientCert
  min_version: TLS13
basic_auth_users:
  prometheus: ${HASH}
`);
  assert.ok(result.ok, JSON.stringify(result));
  const { cert, key, clientCa } = { cert: certificate.cert, key: certificate.key, clientCa: certificate.cert };
  const versions = { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" };
  assert.deepEqual(result.value.tls, { cert, key, clientCa, clientAuth: "RequireAndVerifyClientCert", ...versions });
  assert.deepEqual([...result.value.users], [["prometheus", HASH]]);
  assert.deepEqual(result.value.files, ["/etc/alert-digest/server.pem", "/etc/alert-digest/server.key", "/run/ca.pem"]);
});

test("what is wrong has its line and column, and all of it is told; no hash is quoted", () => {
  assert.deepEqual(
    problems(`tls_server_config:
  cert_file: gone.pem
  key_file: /run/notes.txt
  min_version: TLS10
  client_auth_type: Perhaps
  cipher_suites: [TLS_AES_128_GCM_SHA256]
  certfile: x
basic_auth_users:
  prometheus: secret
  costly: $2b$31$AWsNGY7CMKxGFyTMVkyL4.vvsXYbj1Nh.2C2yfYGlAwdVJAGNpB4q
  "a:b": ${HASH}
http_server_config:
  http2: true
other: 1
`),
    [
      '2:3 file "/etc/alert-digest/gone.pem": ENOENT',
      "3:3 the file has no PEM block",
      '4:3 "TLS10" is not supported',
      '5:3 "Perhaps" is not supported',
      "6:3 cipher_suites is known to Prometheus' exporters and not supported here",
      "7:3 certfile is not known",
      "9:15 no bcrypt hash",
      "10:11 a bcrypt hash with a cost above 16",
      "11:3 a colon in a user's name, which nobody can log in with",
      "12:1 http_server_config is known to Prometheus' exporters and not supported here",
      "14:1 other is not known",
    ],
  );
});

test("TLS needs a certificate and its key, and client_ca_file somebody who is asked", () => {
  assert.deepEqual(problems("tls_server_config:\n  client_ca_file: /run/ca.pem\n"), [
    "2:3 cert_file is missing",
    "2:3 key_file is missing",
    "2:3 client_ca_file is set, and no client is asked for a certificate",
  ]);
  assert.match(
    problems("tls_server_config:\n  cert_file: server.pem\n  key_file: server.pem\n").join(),
    /^2:3 the certificate, the key and client_ca_file do not go together/,
  );
  assert.deepEqual(problems("tls_server_config: yes\nbasic_auth_users: [a]\n"), [
    "1:20 no map of keys and values",
    "1:20 cert_file is missing",
    "1:20 key_file is missing",
    "2:19 no map of keys and values",
  ]);
});
