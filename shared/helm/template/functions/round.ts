/** Sprig's round: up where the fraction that is left reaches `from`, else down; negative numbers so too. */
export function roundFloat(value: number, places: number, from: number): number {
  const power = powerOfTen(Number(places));
  const scaled = power * value;
  const fraction = scaled - Math.trunc(scaled);
  const rounded = fraction >= from ? Math.ceil(scaled) : Math.floor(scaled);
  return rounded / power;
}

/** math.Pow(10, n): exact up to 22, beyond that by repeated squaring with the error that Go's has. */
function powerOfTen(n: number): number {
  const size = Math.abs(n);
  if (size > 400) return n > 0 ? Number.POSITIVE_INFINITY : 0;
  // 10 is 0.625 × 2^4: mantissa and exponent go apart, as in Go, so that nothing overflows on the way.
  let mantissa = 1;
  let exponent = 0;
  let base = 0.625;
  let baseExponent = 4;
  for (let i = size; i > 0; i = Math.floor(i / 2)) {
    if (i % 2 === 1) {
      mantissa *= base;
      exponent += baseExponent;
    }
    base *= base;
    baseExponent *= 2;
    if (base < 0.5) {
      base *= 2;
      baseExponent--;
    }
  }
  if (n < 0) return (1 / mantissa) * 2 ** Math.max(-exponent, -1000) * 2 ** Math.min(1000 - exponent, 0);
  return exponent > 1023 ? mantissa * 2 ** 1023 * 2 ** (exponent - 1023) : mantissa * 2 ** exponent;
}
