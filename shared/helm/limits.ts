/** What a chart's archive may hold. Sizes in bytes. */
export interface ArchiveLimits {
  /** The compressed archive itself. */
  readonly maxArchiveBytes: number;
  /** All files together, unpacked (Helm's own limit is 100 MiB). */
  readonly maxUnpackedBytes: number;
  /** Files in the archive. */
  readonly maxEntries: number;
  /** Charts within charts within charts. */
  readonly maxChartDepth: number;
}

/** What a render may use. */
export interface RenderLimits {
  /** Milliseconds of wall time for one render. */
  readonly maxRenderMillis: number;
  /** Bytes (UTF-16 units) of rendered output of all templates together. */
  readonly maxOutputBytes: number;
  /** Nested includes of one name (Helm's own limit is 1000). */
  readonly maxIncludeDepth: number;
}

/** Above what any real chart is known to need: kube-prometheus-stack unpacks to 6 MB in 350 files. */
export const defaultArchiveLimits: ArchiveLimits = {
  maxArchiveBytes: 32 * 1024 * 1024,
  maxUnpackedBytes: 100 * 1024 * 1024,
  maxEntries: 20_000,
  maxChartDepth: 16,
};

/** Above what any real chart is known to need: the largest of the corpus render in well under a second to 5 MB. */
export const defaultRenderLimits: RenderLimits = {
  maxRenderMillis: 30_000,
  maxOutputBytes: 64 * 1024 * 1024,
  maxIncludeDepth: 1000,
};
