/** Prints one result in the form that every benchmark has: `bench NAME key=figure …`, figures without units. */
export function benchLine(name: string, figures: Readonly<Record<string, number>>): void {
  const words = Object.entries(figures).map(([key, value]) => `${key}=${rounded(value)}`);
  console.log(`bench ${name} ${words.join(' ')}`);
}

/** Three decimals below 1, two below 100, else one; integers as they are. */
function rounded(value: number): string {
  if (Number.isInteger(value)) return `${value}`;
  return value.toFixed(Math.abs(value) < 1 ? 3 : Math.abs(value) < 100 ? 2 : 1);
}
