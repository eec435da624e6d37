/** Options that every request takes. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

export interface ReadOptions extends CallOptions {
  /** Fetch only metadata (PartialObjectMetadata): cheaper where nothing else is read. */
  metadataOnly?: boolean | undefined;
  resourceVersion?: string | undefined;
}

export interface ListOptions extends ReadOptions {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Page size. Default 500. All pages are read. */
  limit?: number | undefined;
}

export interface WriteOptions extends CallOptions {
  dryRun?: boolean | undefined;
  fieldManager?: string | undefined;
  /** `Strict` refuses unknown and duplicate fields, `Warn` tells of them, `Ignore` drops them. */
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore' | undefined;
  subresource?: string | undefined;
  /** Get only metadata in the answer, where the rest is not read. */
  metadataOnly?: boolean | undefined;
}

export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  force?: boolean | undefined;
}

export interface DeleteOptions extends CallOptions {
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan' | undefined;
  preconditions?: { uid?: string; resourceVersion?: string } | undefined;
  gracePeriodSeconds?: number | undefined;
  dryRun?: boolean | undefined;
}

export interface WatchOptions extends ReadOptions {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** The server ends the watch after this. */
  timeoutSeconds?: number;
  allowBookmarks?: boolean;
  /** Called when the server has accepted the watch. */
  onOpen?: () => void;
}
