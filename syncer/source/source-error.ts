/** Reasons of a source's FetchFailed (and SourceVerified) condition, as Flux writes them for an OCIRepository. */
export type SourceReason =
  | 'AuthenticationFailed'
  | 'URLInvalid'
  | 'ReadOperationFailed'
  | 'OCIArtifactPullFailed'
  | 'OCIArtifactLayerOperationFailed'
  | 'VerificationError';

/** A source that could not be resolved or fetched. `stalled`: only a change of the object helps. The message is the condition's. */
export class SourceError extends Error {
  readonly reason: SourceReason;
  readonly stalled: boolean;

  constructor(reason: SourceReason, message: string, options: { stalled?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SourceError';
    this.reason = reason;
    this.stalled = options.stalled === true;
  }
}

/** Runs one step and gives its failures the reason and the words of that step; SourceErrors pass as they are. */
export async function asSourceError<T>(reason: SourceReason, context: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new SourceError(reason, `${context}: ${detail}`, { cause: error });
  }
}
