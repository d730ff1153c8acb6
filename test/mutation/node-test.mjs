/** Stands for `node:test` in mutation runs: collects the tests of a file, so that they can be run often and in one process. */

const collected = [];

export const test = (name, run) => {
  collected.push({ name, run });
};

/** The tests collected since the last call. */
export const takeTests = () => collected.splice(0);
