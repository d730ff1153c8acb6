import { isIP } from "node:net";

/** Whether a request's `Host` is a name of ours. */
export type HostCheck = (host: string | undefined) => boolean;

/**
 * Without it a page of any name that is made to lead here could read all answers through the browser of whoever opens it (DNS rebinding). An address is
 * no name, so nobody can make one lead here. Who says no `Host` at all (HTTP/1.0) is no browser. `names`: beside `localhost`, in any case.
 */
export const createHostCheck = (names: readonly string[]): HostCheck => {
  const ours = new Set(["localhost", ...names].map(canonical));
  return (host) => {
    if (host === undefined) return true;
    const { name } = /^(?<name>\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(host)?.groups ?? {};
    if (name === undefined) return false;
    return isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0 || ours.has(canonical(name));
  };
};

/** A dot at the end says that the name is whole. */
const canonical = (name: string): string => name.toLowerCase().replace(/\.$/, "");
