import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

/** The levels of `--log-level`, as Flux's controllers name them. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The forms of `--log-encoding`. */
export const LOG_ENCODINGS = ['json', 'console'] as const;
export type LogEncoding = (typeof LOG_ENCODINGS)[number];

/**
 * A logger that writes one line an event to standard error: JSON with `level`, `ts`, `logger` and `msg` as Flux's controllers
 * write, or, for people at a terminal, `console`.
 */
export function createLogger(
  component: string,
  level: LogLevel = 'info',
  encoding: LogEncoding = 'json',
  stream?: DestinationStream,
): Logger {
  const out = stream ?? destination({ dest: 2, sync: true });
  return pino(
    {
      level,
      base: { logger: component },
      timestamp: () => stdTimeFunctions.isoTime().replace('"time"', '"ts"'),
      formatters: { level: (label) => ({ level: label }) },
    },
    encoding === 'console' ? consoleStream(out) : out,
  );
}

function consoleStream(out: DestinationStream): DestinationStream {
  return { write: (line: string) => out.write(formatLine(line)) };
}

function formatLine(line: string): string {
  const { level, ts, logger, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const details = Object.keys(rest).length === 0 ? '' : `\t${JSON.stringify(rest)}`;
  return `${ts}\t${String(level).toUpperCase()}\t${logger}\t${msg ?? ''}${details}\n`;
}
