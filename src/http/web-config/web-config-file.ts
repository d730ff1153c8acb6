/**
 * The text of `HTTP_WEB_CONFIG_FILE` → who may look, or everything that is wrong with it. The format is that of Prometheus' exporters (exporter-toolkit,
 * docs/web-configuration.md); what of it is not supported is an error, since whoever wrote it relies on it. Pure but for the files that it names.
 */

import { dirname, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import { type FileReader, inOrder, type Parsed, readDocument } from "../../yaml-file/document.js";
import {
  CLIENT_AUTH_TYPES,
  type ClientAuthType,
  type TlsSettings,
  type TlsVersion,
  type WebConfig,
} from "./web-config.js";

export interface WebConfigDeps {
  /** The text of a file that it names; throws an error whose `code` says why. */
  readonly readFile: (path: string) => string;
  /** Why a file cannot be read, for people. */
  fileProblem(error: unknown): string;
}

interface Fault {
  readonly path: readonly string[];
  /** The fault is in the key itself. */
  readonly key?: string;
  readonly problem: string;
  readonly expected: string;
  readonly example: string;
}

export const webConfigReader = (deps: WebConfigDeps): FileReader<WebConfig> => ({
  parse: (text, path) => parseWebConfig(text, path, deps),
  unreadable: (path, error) => ({
    where: path,
    problem: deps.fileProblem(error),
    expected: "a readable YAML file",
    example: "/etc/alert-digest/web.yaml",
  }),
});

/** `path`: as errors name the file; what it names is looked for beside it. */
export const parseWebConfig = (text: string, path: string, deps: WebConfigDeps): Parsed<WebConfig> => {
  const read = readDocument(text, path, { what: "the web configuration", example: EXAMPLES.users });
  if (!read.ok) return read;
  const reading = new Reading(dirname(path), deps);
  const config = reading.whole(read.value.data ?? {});
  if (reading.faults.length > 0) return { ok: false, errors: inOrder(read.value, reading.faults) };
  return { ok: true, value: config };
};

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

class Reading {
  readonly faults: Fault[] = [];
  readonly files: string[] = [];
  readonly #directory: string;
  readonly #deps: WebConfigDeps;

  constructor(directory: string, deps: WebConfigDeps) {
    this.#directory = directory;
    this.#deps = deps;
  }

  whole(data: unknown): WebConfig {
    const fields = this.#fields(data, [], "tls_server_config and basic_auth_users", EXAMPLES.users);
    this.#known(fields, [], ["tls_server_config", "basic_auth_users"], ["http_server_config", "rate_limit"]);
    const tls = fields["tls_server_config"] == null ? undefined : this.#tls(fields["tls_server_config"]);
    const users = this.#users(fields["basic_auth_users"] ?? {});
    return { tls, users, files: this.files };
  }

  #users(data: unknown): ReadonlyMap<string, string> {
    const at = ["basic_auth_users"];
    const users = new Map<string, string>();
    const right = { expected: "a bcrypt hash, as htpasswd -nBC 10 USER writes it", example: EXAMPLES.user };
    for (const [user, hash] of Object.entries(this.#fields(data, at, "user: bcrypt hash", EXAMPLES.user))) {
      const path = [...at, user];
      // The hash is not quoted: it may be the password.
      if (typeof hash !== "string" || !BCRYPT.test(hash))
        this.faults.push({ path, problem: "no bcrypt hash", ...right });
      else if (Number(BCRYPT.exec(hash)?.[1]) > COST_MAX)
        this.faults.push({ path, problem: `a bcrypt hash with a cost above ${COST_MAX}`, ...right });
      else if (user.includes(":"))
        this.faults.push({
          path: at,
          key: user,
          problem: "a colon in a user's name, which nobody can log in with",
          ...right,
        });
      else users.set(user, hash);
    }
    return users;
  }

  #tls(data: unknown): TlsSettings | undefined {
    const at = ["tls_server_config"];
    const fields = this.#fields(data, at, "cert_file and key_file", EXAMPLES.cert);
    this.#known(fields, at, TLS_KEYS, TLS_UNSUPPORTED);
    const cert = this.#pem(fields, "cert", true);
    const key = this.#pem(fields, "key", true);
    const clientCa = this.#pem(fields, "client_ca", false);
    const clientAuth = this.#oneOf(fields, "client_auth_type", CLIENT_AUTH) ?? "NoClientCert";
    if ("client_ca_file" in fields && clientAuth === "NoClientCert")
      this.#fault("client_auth_type", "client_ca_file is set, and no client is asked for a certificate", {
        expected: "client_auth_type beside client_ca_file",
        example: "client_auth_type: RequireAndVerifyClientCert",
      });
    const minVersion = this.#oneOf(fields, "min_version", VERSIONS) ?? "TLSv1.2";
    const maxVersion = this.#oneOf(fields, "max_version", VERSIONS) ?? "TLSv1.3";
    if (minVersion > maxVersion)
      this.#fault("min_version", "it is above max_version", {
        expected: "at most max_version",
        example: EXAMPLES.version,
      });
    if (cert === undefined || key === undefined) return undefined;
    const settings = { cert, key, clientCa, clientAuth, minVersion, maxVersion };
    try {
      createSecureContext({ cert, key, ...(clientCa && { ca: clientCa }) });
    } catch (error) {
      const { code = "unknown error" } = error as NodeJS.ErrnoException;
      this.#fault("cert_file", `the certificate, the key and client_ca_file do not go together (${code})`, {
        expected: "PEM of a certificate and of its key",
        example: EXAMPLES.cert,
      });
    }
    return settings;
  }

  /** Of `NAME_file`, or of `NAME` itself. */
  #pem(fields: Fields, name: string, isRequired: boolean): string | undefined {
    const right = {
      expected: "the path of a readable PEM file",
      example: `${name}_file: ${name.replace("_", "-")}.pem`,
    };
    const own = `${name}_file`;
    const given = fields[own];
    if (given == null) {
      if (isRequired) this.#fault(own, `${own} is missing`, right);
      return undefined;
    }
    if (typeof given !== "string" || given === "") return this.#fault(own, `${own} is no path`, right);
    const path = resolve(this.#directory, given);
    this.files.push(path);
    try {
      const text = this.#deps.readFile(path);
      return text.includes("-----BEGIN ") ? text : this.#fault(own, "the file has no PEM block", right);
    } catch (error) {
      return this.#fault(own, `file ${JSON.stringify(path)}: ${this.#deps.fileProblem(error)}`, right);
    }
  }

  #oneOf<T>(fields: Fields, name: string, words: ReadonlyMap<string, T>): T | undefined {
    const given = fields[name];
    if (given == null || given === "") return undefined;
    const value = words.get(String(given));
    const all = [...words.keys()];
    if (value === undefined)
      this.#fault(name, `${JSON.stringify(given)} is not supported`, {
        expected: `one of: ${all.join(", ")}`,
        example: `${name}: ${all.at(-1)}`,
      });
    return value;
  }

  #fields(data: unknown, path: readonly string[], expected: string, example: string): Fields {
    if (isObject(data)) return data;
    this.faults.push({ path, problem: "no map of keys and values", expected, example });
    return {};
  }

  #known(fields: Fields, path: readonly string[], known: readonly string[], unsupported: readonly string[]): void {
    for (const key of Object.keys(fields).filter((name) => !known.includes(name))) {
      const problem = unsupported.includes(key)
        ? `${key} is known to Prometheus' exporters and not supported here`
        : `${key} is not known`;
      const example = path.length === 0 ? EXAMPLES.users : EXAMPLES.cert;
      this.faults.push({ path, key, problem, expected: `one of: ${known.join(", ")}`, example });
    }
  }

  #fault(key: string, problem: string, right: Pick<Fault, "expected" | "example">): undefined {
    this.faults.push({ path: ["tls_server_config"], key, problem, ...right });
  }
}

const BCRYPT = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;
/** Each step more takes twice as long: at 16 seconds. */
const COST_MAX = 16;

const CLIENT_AUTH: ReadonlyMap<string, ClientAuthType> = new Map<string, ClientAuthType>([
  ...CLIENT_AUTH_TYPES.map((type) => [type, type] as const),
  // The exporters' older word.
  ["RequireClientCert", "RequireAnyClientCert"],
]);
const VERSIONS: ReadonlyMap<string, TlsVersion> = new Map([
  ["TLS12", "TLSv1.2"],
  ["TLS13", "TLSv1.3"],
]);

const TLS_KEYS = ["cert_file", "key_file", "client_ca_file", "client_auth_type", "min_version", "max_version"] as const;
const TLS_UNSUPPORTED = [
  "cert",
  "key",
  "client_ca",
  "client_allowed_sans",
  "cipher_suites",
  "curve_preferences",
  "prefer_server_cipher_suites",
];

const EXAMPLES = {
  users: "basic_auth_users:",
  user: "prometheus: $2y$10$KFOs7vXqUx0HhUCPFJ9nZeoyqK6TMCI7gBNMgkBGRKbDsDCtUwz4i",
  cert: "cert_file: server.pem",
  version: "min_version: TLS12",
};
