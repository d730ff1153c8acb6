/** Sets a name that the data chose: `__proto__` becomes an entry like any other. */
export const assign = (to: Record<string, unknown>, name: string, value: unknown): void => {
  if (name === "__proto__") {
    Object.defineProperty(to, name, { value, enumerable: true, configurable: true, writable: true });
  } else to[name] = value;
};
