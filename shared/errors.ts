/** A setting of the operator that cannot be used: the process says so and stops. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The text of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of a Node error, such as ENOENT; undefined for others. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
