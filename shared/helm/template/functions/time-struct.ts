import {
  GO_STRUCT,
  type GoFunction,
  type GoStruct,
  type GoValue,
  goInt,
  type IntKind,
  isStruct,
  type ParamType,
} from '../../../go/value.ts';
import { daysFromCivil } from './calendar.ts';
import { roundDuration } from './duration-round.ts';
import { type Clock, clockOf, formatInstant, type Instant } from './layout.ts';
import { wallToUnix } from './layout-parse.ts';
import { UTC, type Zone } from './zone.ts';

const STRING_LAYOUT = '2006-01-02 15:04:05.999999999 -0700 MST';
const JSON_LAYOUT = '2006-01-02T15:04:05.999999999Z07:00';
const SECOND = 1_000_000_000n;
/** Unix seconds of the first instant of year 1, which is Go's zero time. */
const ZERO_SECONDS = -62_135_596_800;

/** A time.Time as templates see it. */
export class TimeStruct implements GoStruct {
  readonly [GO_STRUCT] = true as const;
  readonly goType = 'time.Time';
  readonly goKind = 'struct';
  readonly instant: Instant;
  readonly #local: Zone;

  constructor(instant: Instant, local: Zone) {
    this.instant = instant;
    this.#local = local;
  }

  field(): undefined {
    return undefined;
  }

  method(name: string): GoFunction | undefined {
    const build = METHODS[name];
    return build === undefined ? undefined : { name, ...build(this, this.#local) };
  }

  format(): string {
    return formatInstant(this.instant, STRING_LAYOUT);
  }

  toValue(): GoValue {
    return formatInstant(this.instant, JSON_LAYOUT);
  }

  /** Go compares instant and location; two times of one zone are the common case. */
  equals(other: GoStruct): boolean {
    return other instanceof TimeStruct && nanosOf(other) === nanosOf(this) && other.instant.zone === this.instant.zone;
  }

  /** The same wall clock rules, another instant. */
  moved(nanoseconds: bigint): TimeStruct {
    return fromNanos(nanosOf(this) + nanoseconds, this.instant.zone, this.#local);
  }
}

/** Go's zero time. */
export function zeroTime(local: Zone): TimeStruct {
  return new TimeStruct({ seconds: ZERO_SECONDS, nanos: 0, zone: UTC }, local);
}

/** Nanoseconds since 1970. */
export function nanosOf(time: TimeStruct): bigint {
  return BigInt(time.instant.seconds) * SECOND + BigInt(time.instant.nanos);
}

/** A time from nanoseconds since 1970. */
export function fromNanos(nanoseconds: bigint, zone: Zone, local: Zone): TimeStruct {
  const rest = ((nanoseconds % SECOND) + SECOND) % SECOND;
  const seconds = Number((nanoseconds - rest) / SECOND);
  return new TimeStruct({ seconds, nanos: Number(rest), zone }, local);
}

type Method = (time: TimeStruct, local: Zone) => { params: readonly ParamType[]; call: GoFunction['call'] };

function clockField(read: (clock: Clock) => number, kind: IntKind = 'int'): Method {
  return (time) => ({ params: [], call: () => goInt(read(clockOf(time.instant)), kind) });
}

function since1970(unit: bigint): Method {
  return (time) => ({
    params: [],
    call: () => {
      const nanos = nanosOf(time);
      const rest = ((nanos % unit) + unit) % unit;
      return goInt((nanos - rest) / unit, 'int64');
    },
  });
}

function comparison(test: (difference: bigint) => GoValue): Method {
  return (time) => ({
    params: ['time.Time'],
    call: (other: GoValue) => test(nanosOf(time) - nanosOf(asTime(other))),
  });
}

function asTime(v: GoValue): TimeStruct {
  return isStruct(v) && v instanceof TimeStruct ? v : zeroTime(UTC);
}

function inZone(pick: (local: Zone) => Zone): Method {
  return (time, local) => ({
    params: [],
    call: () => new TimeStruct({ ...time.instant, zone: pick(local) }, local),
  });
}

function formatted(layout: string): Method {
  return (time) => ({ params: [], call: () => formatInstant(time.instant, layout) });
}

/** Duration since Go's zero time to a multiple, by which times are rounded. */
function rounded(round: (d: bigint, multiple: bigint) => bigint): Method {
  return (time) => ({
    params: ['time.Duration'],
    call: (multiple: number | bigint) => {
      const d = nanosOf(time) - BigInt(ZERO_SECONDS) * SECOND;
      return time.moved(round(d, BigInt(multiple)) - d);
    },
  });
}

const METHODS: Readonly<Record<string, Method>> = {
  Year: clockField((clock) => clock.year),
  Month: clockField((clock) => clock.month, 'time.Month'),
  Day: clockField((clock) => clock.day),
  YearDay: clockField((clock) => clock.yearDay),
  Weekday: clockField((clock) => clock.weekday, 'time.Weekday'),
  Hour: clockField((clock) => clock.hour),
  Minute: clockField((clock) => clock.minute),
  Second: clockField((clock) => clock.second),
  Nanosecond: clockField((clock) => clock.nanos),
  Unix: since1970(SECOND),
  UnixMilli: since1970(1_000_000n),
  UnixMicro: since1970(1_000n),
  UnixNano: since1970(1n),
  String: formatted(STRING_LAYOUT),
  Format: (time) => ({ params: ['string'], call: (layout: string) => formatInstant(time.instant, layout) }),
  UTC: inZone(() => UTC),
  Local: inZone((local) => local),
  IsZero: (time) => ({ params: [], call: () => nanosOf(time) === BigInt(ZERO_SECONDS) * SECOND }),
  After: comparison((difference) => difference > 0n),
  Before: comparison((difference) => difference < 0n),
  Equal: comparison((difference) => difference === 0n),
  Compare: comparison((difference) => goInt(difference > 0n ? 1 : difference < 0n ? -1 : 0)),
  Sub: comparison((difference) => goInt(clampInt64(difference), 'time.Duration')),
  Add: (time) => ({ params: ['time.Duration'], call: (d: number | bigint) => time.moved(BigInt(d)) }),
  AddDate: (time, local) => ({
    params: ['int', 'int', 'int'],
    call: (years: number, months: number, days: number) => {
      const clock = clockOf(time.instant);
      const date = daysFromCivil(clock.year + years, clock.month + months, clock.day + days);
      const wall = date * 86_400 + clock.hour * 3600 + clock.minute * 60 + clock.second;
      return new TimeStruct({ ...time.instant, seconds: wallToUnix(wall, time.instant.zone) }, local);
    },
  }),
  Round: rounded(roundDuration),
  Truncate: rounded((d, multiple) => (multiple <= 0n ? d : d - (((d % multiple) + multiple) % multiple))),
};

function clampInt64(value: bigint): bigint {
  const max = 2n ** 63n - 1n;
  if (value > max) return max;
  return value < -max - 1n ? -max - 1n : value;
}
