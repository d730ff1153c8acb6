/** Stands for `node:test` in mutation runs: collects the tests of a file, so that they can be run often and in one process. */

const collected = [];

let group = "";

export const test = (name, run) => {
  collected.push({ name: `${group}${name}`, run });
};

export const describe = (name, collect) => {
  const outer = group;
  group = `${outer}${name}: `;
  collect();
  group = outer;
};

/** The tests collected since the last call. */
export const takeTests = () => collected.splice(0);
