import { createRequire } from "node:module";

/**
 * A change of a class of KafkaJS, where nothing that it offers will do. Returns what makes it in the loaded library, the first time that it is called.
 * `module`: of the class, in `kafkajs/src`. `change` gets the class's prototype.
 */
export const changeOfClass = <Class extends object>(
  module: string,
  change: (prototype: Class) => void,
): (() => void) => {
  const changed = new WeakSet<Class>();
  return () => {
    const { prototype } = createRequire(import.meta.url)(`kafkajs/src/${module}`) as { readonly prototype: Class };
    if (changed.has(prototype)) return;
    changed.add(prototype);
    change(prototype);
  };
};
