const SECOND = 1_000_000_000n;

/** Prints nanoseconds as Go's time.Duration.String: `1h2m3.5s`, `1.5ms`, `0s`. */
export function formatDuration(nanoseconds: number | bigint): string {
  const value = BigInt(nanoseconds);
  if (value === 0n) return '0s';
  const sign = value < 0n ? '-' : '';
  const abs = value < 0n ? -value : value;
  if (abs < 1000n) return `${sign}${abs}ns`;
  if (abs < 1_000_000n) return `${sign}${withFraction(abs, 1000n, 3)}µs`;
  if (abs < SECOND) return `${sign}${withFraction(abs, 1_000_000n, 6)}ms`;
  const minutes = abs / (60n * SECOND);
  const seconds = `${withFraction(abs % (60n * SECOND), SECOND, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  const tail = `${minutes % 60n}m${seconds}`;
  return sign + (hours === 0n ? tail : `${hours}h${tail}`);
}

function withFraction(value: bigint, unit: bigint, digits: number): string {
  const fraction = (value % unit).toString().padStart(digits, '0').replace(/0+$/, '');
  return fraction === '' ? String(value / unit) : `${value / unit}.${fraction}`;
}
