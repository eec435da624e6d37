/** The shortest decimal that reads back as `x`, or the exact one rounded: digits d1d2d3… mean 0.d1d2d3… × 10^point. */
export interface Decimal {
  digits: string;
  point: number;
}

/** The shortest digits that read back as the finite, not negative `abs`. */
export function shortestDecimal(abs: number): Decimal {
  if (abs === 0) return { digits: '', point: 0 };
  // JS and Go agree on the shortest digits; only the form of the text differs.
  const [mantissa = '', exponent = '0'] = abs.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

/** The exact digits of `abs`, `prec` of them after the point (f, e) or in all (g), rounded half to even (JS rounds a tie up). */
export function roundedDecimal(abs: number, fmt: 'e' | 'f' | 'g', prec: number): Decimal {
  if (abs === 0) return { digits: '', point: 0 };
  const [numerator, denominator] = ratio(abs);
  const point = decimalPoint(abs, numerator, denominator);
  const wanted = fmt === 'f' ? point + prec : fmt === 'e' ? prec + 1 : Math.max(prec, 1);
  if (wanted < 0) return { digits: '', point };
  const shift = wanted - point;
  const top = shift > 0 ? numerator * 10n ** BigInt(shift) : numerator;
  const bottom = shift < 0 ? denominator * 10n ** BigInt(-shift) : denominator;
  let quotient = top / bottom;
  const twice = (top % bottom) * 2n;
  if (twice > bottom || (twice === bottom && quotient % 2n === 1n)) quotient += 1n;
  if (quotient === 0n) return { digits: '', point };
  const text = quotient.toString();
  // Rounding 9.99 up gives one more digit, or a first digit where there was none.
  return { digits: text.padStart(wanted, '0'), point: point + Math.max(text.length - wanted, 0) };
}

/** A finite positive double as an exact fraction. */
function ratio(abs: number): [bigint, bigint] {
  const [mantissa, exponent] = floatParts(abs);
  return exponent >= 0 ? [mantissa << BigInt(exponent), 1n] : [mantissa, 1n << BigInt(-exponent)];
}

/** Mantissa and binary exponent: x = mantissa × 2^exponent. */
export function floatParts(x: number): [mantissa: bigint, exponent: number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(x));
  const bits = view.getBigUint64(0);
  const raw = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  return raw === 0 ? [fraction, -1074] : [fraction | 0x10000000000000n, raw - 1075];
}

function decimalPoint(abs: number, numerator: bigint, denominator: bigint): number {
  let point = Math.floor(Math.log10(abs)) + 1;
  const below = (p: number) =>
    p >= 0 ? numerator < denominator * 10n ** BigInt(p) : numerator * 10n ** BigInt(-p) < denominator;
  while (!below(point)) point++;
  while (below(point - 1)) point--;
  return point;
}
