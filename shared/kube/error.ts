/** One cause in an API server's Status, such as a field that did not validate. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** The `details` of an API server's Status. */
export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** A `kind: Status` body of the API server. */
export interface Status {
  kind?: string;
  status?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: StatusDetails;
}

// What a status code means when the body has no Status (a proxy's answer, for one).
const REASON_OF_CODE: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** A refusal by the API server. The message is the API server's own; `reason` is a Kubernetes StatusReason. */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly details: StatusDetails;

  constructor(status: number, reason: string, message: string, details: StatusDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KubeError';
    this.status = status;
    this.reason = reason;
    this.details = details;
  }

  get causes(): readonly StatusCause[] {
    return this.details.causes ?? [];
  }
  get isNotFound(): boolean {
    return this.reason === 'NotFound' || (this.status === 404 && this.reason === '');
  }
  get isAlreadyExists(): boolean {
    return this.reason === 'AlreadyExists';
  }
  /** The resourceVersion or a server-side apply field was changed by another. */
  get isConflict(): boolean {
    return this.reason === 'Conflict';
  }
  get isForbidden(): boolean {
    return this.status === 403;
  }
  get isUnauthorized(): boolean {
    return this.status === 401;
  }
  get isInvalid(): boolean {
    return this.status === 422;
  }
  get isBadRequest(): boolean {
    return this.status === 400;
  }
  /** The resourceVersion is too old: list again. */
  get isGone(): boolean {
    return this.status === 410 || this.reason === 'Expired' || this.reason === 'Gone';
  }
  /** The API server has not caught up with the resourceVersion asked for. */
  get isResourceVersionTooLarge(): boolean {
    return (
      this.status === 504 &&
      (this.causes.some((cause) => cause.reason === 'ResourceVersionTooLarge') ||
        this.message.includes('Too large resource version'))
    );
  }
  get isTooManyRequests(): boolean {
    return this.status === 429;
  }
}

/** A request that got no answer (connection refused or lost, time-out). `cause` is the transport's error. */
export class KubeConnectionError extends Error {
  /** Whether the request surely did not reach the API server. */
  readonly notSent: boolean;

  constructor(message: string, notSent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KubeConnectionError';
    this.notSent = notSent;
  }
}

/** Makes a KubeError of a Status; `code` is used where the Status has none. `what` names the request for bodies without a message. */
export function errorFromStatus(code: number, status: Status, what: string): KubeError {
  const httpCode = status.code ?? code;
  const reason = status.reason ?? REASON_OF_CODE[httpCode] ?? '';
  return new KubeError(httpCode, reason, status.message ?? `${what}: HTTP ${httpCode}`, status.details ?? {});
}

/** Makes a KubeError of a response's body, which may be a Status, plain text, or empty. */
export function errorFromBody(code: number, body: string, what: string): KubeError {
  const status = parseStatus(body);
  if (status !== undefined) {
    return errorFromStatus(code, status, what);
  }
  const text = body.trim().slice(0, 512);
  return new KubeError(
    code,
    REASON_OF_CODE[code] ?? '',
    text === '' ? `${what}: HTTP ${code}` : `${what}: HTTP ${code}: ${text}`,
  );
}

function parseStatus(body: string): Status | undefined {
  if (!body.startsWith('{')) {
    return undefined;
  }
  try {
    const parsed = JSON.parse(body) as Status;
    return parsed.kind === 'Status' ? parsed : undefined;
  } catch {
    return undefined;
  }
}
