import { formatDuration } from '../../../go/duration.ts';
import { parseInt64 } from '../../../go/strconv.ts';
import { type GoFunction, GoInt, type GoValue } from '../../../go/value.ts';
import { wrapInt64 } from './cast.ts';
import { effect, pure, withAliases } from './define.ts';
import { parseDuration } from './duration-parse.ts';
import { roundDuration } from './duration-round.ts';
import type { FunctionHost } from './host.ts';
import { formatInstant } from './layout.ts';
import { parseInstant } from './layout-parse.ts';
import { fromNanos, nanosOf, TimeStruct, zeroTime } from './time-struct.ts';
import { loadZone, UTC, type Zone } from './zone.ts';

const SECOND = 1_000_000_000n;
const DATE_LAYOUT = '2006-01-02';

/** Sprig's dates. What is neither a time nor an int counts as now. */
export function dateFunctions(host: FunctionHost): GoFunction[] {
  const clock = new HostClock(host);
  const format = (layout: string, v: GoValue, zone: string) => formatIn(clock, layout, v, zone);
  const modified = (change: string, time: TimeStruct) => time.moved(parseDuration(change));
  return [
    effect('now', [], () => clock.now()),
    effect('date', ['string', 'any'], (layout: string, v: GoValue) => format(layout, v, 'Local')),
    ...withAliases(effect('dateInZone', ['string', 'any', 'string'], format), 'date_in_zone'),
    effect('htmlDate', ['any'], (v: GoValue) => format(DATE_LAYOUT, v, 'Local')),
    effect('htmlDateInZone', ['any', 'string'], (v: GoValue, zone: string) => format(DATE_LAYOUT, v, zone)),
    ...withAliases(effect('mustDateModify', ['string', 'time.Time'], modified), 'must_date_modify'),
    ...withAliases(
      effect('dateModify', ['string', 'time.Time'], (change: string, time: TimeStruct) =>
        orElse(() => modified(change, time), time),
      ),
      'date_modify',
    ),
    effect('mustToDate', ['string', 'string'], (layout: string, s: string) => clock.parse(layout, s)),
    effect('toDate', ['string', 'string'], (layout: string, s: string) =>
      orElse(() => clock.parse(layout, s), zeroTime(clock.local)),
    ),
    effect('unixEpoch', ['time.Time'], (time: TimeStruct) => String(time.instant.seconds)),
    effect('ago', ['any'], (v: GoValue) => ago(clock, v)),
    pure('duration', ['any'], (v: GoValue) => formatDuration(wrapInt64(secondsOf(v) * SECOND))),
    effect('durationRound', ['any'], (v: GoValue) => coarse(durationOf(clock, v))),
  ];
}

class HostClock {
  readonly #host: FunctionHost;

  constructor(host: FunctionHost) {
    this.#host = host;
  }

  get local(): Zone {
    return loadZone(this.#host.timeZone) ?? UTC;
  }

  now(): TimeStruct {
    return fromNanos(BigInt(this.#host.now().getTime()) * 1_000_000n, this.local, this.local);
  }

  at(seconds: number): TimeStruct {
    return new TimeStruct({ seconds, nanos: 0, zone: this.local }, this.local);
  }

  parse(layout: string, text: string): TimeStruct {
    return new TimeStruct(parseInstant(layout, text, this.local), this.local);
  }

  /** An argument as a time: ints of the given kinds are Unix seconds, anything unknown is now. */
  read(v: GoValue, kinds: readonly string[]): TimeStruct {
    if (v instanceof TimeStruct) return v;
    return v instanceof GoInt && kinds.includes(v.kind) ? this.at(Number(v.value)) : this.now();
  }
}

function orElse<T>(run: () => T, otherwise: T): T {
  try {
    return run();
  } catch {
    return otherwise;
  }
}

function formatIn(clock: HostClock, layout: string, v: GoValue, zone: string): string {
  const { instant } = clock.read(v, ['int', 'int32', 'int64']);
  const named = zone === 'Local' ? clock.local : loadZone(zone);
  return formatInstant({ ...instant, zone: named ?? UTC }, layout);
}

function ago(clock: HostClock, v: GoValue): string {
  const passed = nanosOf(clock.now()) - nanosOf(clock.read(v, ['int', 'int64']));
  return formatDuration(roundDuration(passed, SECOND));
}

/** Texts and int64s are seconds; everything else, an int too, is zero. */
function secondsOf(v: GoValue): bigint {
  if (typeof v === 'string') return parseInt64(v, 10) ?? 0n;
  return v instanceof GoInt && v.kind === 'int64' ? BigInt(v.value) : 0n;
}

function durationOf(clock: HostClock, v: GoValue): bigint {
  if (typeof v === 'string') return orElse(() => parseDuration(v), 0n);
  if (v instanceof TimeStruct) return nanosOf(clock.now()) - nanosOf(v);
  return v instanceof GoInt && v.kind === 'int64' ? BigInt(v.value) : 0n;
}

const HOUR = 3600n * SECOND;
const SPANS: readonly [bigint, string][] = [
  [365n * 24n * HOUR, 'y'],
  [30n * 24n * HOUR, 'mo'],
  [24n * HOUR, 'd'],
  [HOUR, 'h'],
  [60n * SECOND, 'm'],
  [SECOND, 's'],
];

/** A duration in the largest unit that it is more than one of. */
function coarse(d: bigint): string {
  const size = d < 0n ? -d : d;
  const span = SPANS.find(([unit]) => size > unit);
  return span === undefined ? '0s' : `${size / span[0]}${span[1]}`;
}
