/** The fields of OCIRepository's spec that resolving and fetching read. */
export interface OciSourceSpec {
  url: string;
  ref?: { tag?: string; semver?: string; semverFilter?: string; digest?: string };
  layerSelector?: { mediaType?: string; operation?: string };
  insecure?: boolean;
  ignore?: string;
  provider?: string;
  verify?: { provider?: string };
}

/** What a reference means at one moment. */
export interface Resolution {
  /** `tag@sha256:…`, or the bare digest for ref.digest. */
  revision: string;
  /** Of the manifest (or index). */
  digest: string;
  tag?: string;
}
