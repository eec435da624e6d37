/** What went wrong, as far as a caller has to tell. */
export type OciErrorCode =
  | 'url-invalid'
  | 'auth-failed'
  | 'not-found'
  | 'network'
  | 'timeout'
  | 'rate-limited'
  | 'server'
  | 'digest-mismatch'
  | 'too-large'
  | 'protocol';

/** A failure of the registry client. The message names method and URL (without query), never a credential. */
export class OciError extends Error {
  readonly code: OciErrorCode;
  readonly status: number | undefined;

  constructor(code: OciErrorCode, message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'OciError';
    this.code = code;
    this.status = options.status;
  }
}

/** A URL for messages: no user, password, query or fragment (a redirect's query may be a signature). */
export function urlForMessage(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

const MAX_REMOTE_TEXT = 300;

/** The registry's own words from an error body, cut and freed of control characters; '' if there are none. */
export function remoteErrorText(body: Uint8Array): string {
  let text: string;
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
    text = errorEntries(parsed).join('; ');
  } catch {
    text = '';
  }
  const clean = text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return clean.length > MAX_REMOTE_TEXT ? `${clean.slice(0, MAX_REMOTE_TEXT)}…` : clean;
}

function errorEntries(parsed: unknown): string[] {
  if (typeof parsed !== 'object' || parsed === null) return [];
  const errors = (parsed as { errors?: unknown }).errors;
  if (!Array.isArray(errors)) return [];
  return errors.map((entry: unknown) => {
    const { code, message } = (entry ?? {}) as { code?: unknown; message?: unknown };
    return [code, message].filter((part) => typeof part === 'string' && part !== '').join(': ');
  });
}

/** The error for a response that is not a success. */
export function statusError(method: string, url: URL, status: number, body: Uint8Array): OciError {
  const words = remoteErrorText(body);
  const detail = words === '' ? `unexpected status code ${status}` : `${words} (status ${status})`;
  return new OciError(codeOfStatus(status), `${method} ${urlForMessage(url)}: ${detail}`, { status });
}

function codeOfStatus(status: number): OciErrorCode {
  if (status === 401 || status === 403) return 'auth-failed';
  if (status === 404) return 'not-found';
  if (status === 429) return 'rate-limited';
  return status >= 500 ? 'server' : 'protocol';
}
