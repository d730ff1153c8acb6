/** One line of JSON each. Fields first, as pino has it; never a secret, never a whole alert. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
