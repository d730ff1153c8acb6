import { createServer, type TLSSocket } from "node:tls";
import type { Secure } from "../connections.js";
import type { TlsSettings } from "./web-config.js";

/** TLS as the settings ask for it. Whoever does not come through the handshake is closed, and nothing is told. */
export const secureWith = ({ cert, key, clientCa, clientAuth, minVersion, maxVersion }: TlsSettings): Secure => {
  /** By the other side's address and port: the server does not say which connection a TLS socket stands on. */
  const waiting = new Map<string, (socket: TLSSocket) => void>();
  const server = createServer({
    cert,
    key,
    ...(clientCa !== undefined && { ca: clientCa }),
    minVersion,
    maxVersion,
    requestCert: clientAuth !== "NoClientCert",
    rejectUnauthorized: clientAuth === "RequireAndVerifyClientCert",
    ALPNProtocols: ["http/1.1"],
  });
  server.on("secureConnection", (socket) => {
    const ready = waiting.get(peerOf(socket));
    const isGiven = socket.getPeerX509Certificate?.() !== undefined;
    const isLacking = clientAuth === "RequireAnyClientCert" && !isGiven;
    const isForeign = clientAuth === "VerifyClientCertIfGiven" && isGiven && !socket.authorized;
    if (ready === undefined || isLacking || isForeign) socket.destroy();
    else ready(socket);
  });
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return (raw, ready) => {
    const peer = peerOf(raw);
    waiting.set(peer, ready);
    raw.once("close", () => waiting.delete(peer));
    server.emit("connection", raw);
  };
};

const peerOf = ({ remoteAddress, remotePort }: Pick<TLSSocket, "remoteAddress" | "remotePort">): string =>
  `${remoteAddress} ${remotePort}`;
