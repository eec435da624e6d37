/** A chart that cannot be loaded or used; the message is Helm's. */
export class ChartError extends Error {
  override readonly name = 'ChartError';
}

/** Values that cannot be read, merged, or that a chart's schema refuses; the message is Helm's. */
export class ValuesError extends Error {
  override readonly name = 'ValuesError';
}

/** A chart's templates that cannot be parsed or executed, or that make manifests that cannot be read; the message is Helm's. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
}

/** A limit of ours (not of Helm) that a chart or a release went over; the message names the limit and its value. */
export class LimitError extends Error {
  override readonly name = 'LimitError';
  /** The limit's name, as the flag that sets it is called. */
  readonly limit: string;
  constructor(limit: string, message: string) {
    super(message);
    this.limit = limit;
  }
}
