/** Which Node this is and which is needed: an older one would end with a stack trace about a function that it lacks. */

/** `running` as `process.versions.node` has it, `engines` as package.json has it: `>=20.19`. Undefined: it is new enough. */
export const nodeTooOld = (running: string, engines: string): string | undefined => {
  const needed = engines.replace(/^>=\s*/, "");
  const [major = 0, minor = 0] = running.split(".").map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split(".").map(Number);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return undefined;
  return `this is Node ${running}, and ${needed} or newer is needed`;
};
